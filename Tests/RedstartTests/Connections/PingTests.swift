import Testing

@testable import Redstart

@Suite struct PING {
    @Test(arguments: [
        ("PING", "+PONG\r\n"),
        ("PING hello", "$5\r\nhello\r\n"),
        ("ping \"two words\"", "$9\r\ntwo words\r\n"),
        ("PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }
}
