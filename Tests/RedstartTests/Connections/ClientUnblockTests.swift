import Testing

@testable import Redstart

@Suite struct CLIENT_UNBLOCK {
    @Test(arguments: [
        ("CLIENT UNBLOCK", "-ERR wrong number of arguments for 'client|unblock' command\r\n"),
        ("CLIENT UNBLOCK x", "-ERR value is not an integer or out of range\r\n"),
        ("CLIENT UNBLOCK 9223372036854775808", "-ERR value is not an integer or out of range\r\n"),
        ("CLIENT UNBLOCK -1", ":0\r\n"),
        ("CLIENT UNBLOCK 1", ":0\r\n"),
        ("CLIENT UNBLOCK 99", ":0\r\n"),
        ("CLIENT UNBLOCK x foo", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"),
        (
            "CLIENT UNBLOCK 99 TIMEOUT x",
            "-ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.\r\n"
        ),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test(arguments: [
        ("", ":0\r\n"), ("TIMEOUT", ":0\r\n"), ("timeout", ":0\r\n"),
        ("ERROR", "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"),
    ])
    func `ends a wait in either way`(_ reason: String, _ reply: String) {
        let session = Session()
        let waiting = Session(session.engine)
        #expect(waiting.answer("WAIT 1 1000") == "")
        #expect(session.answer("CLIENT UNBLOCK \(waiting.client.id) \(reason)") == ":1\r\n")
        #expect(waiting.read() == reply)
        #expect(session.answer("CLIENT UNBLOCK \(waiting.client.id) \(reason)") == ":0\r\n")
        session.advance(milliseconds: 2_000)
        #expect(waiting.read() == "")
        #expect(waiting.answer("PING") == "+PONG\r\n")
    }

    @Test func `who wants no reply gets none`() {
        let session = Session()
        let waiting = Session(session.engine)
        waiting.answer("CLIENT REPLY SKIP")
        #expect(waiting.answer("WAIT 1 1000") == "")
        session.answer("CLIENT UNBLOCK \(waiting.client.id) ERROR")
        #expect(waiting.read() == "")
        #expect(waiting.answer("PING") == "+PONG\r\n")
    }
}
