import Testing

@testable import Redstart

/// Bytes that are no command, and limits on those that are one: what is answered, and that the connection closes.
@Suite struct ProtocolErrors {
    private static let long = String(repeating: "1", count: 65_536)

    @Test(arguments: [
        ("*abc\r\nPING\r\n", "invalid multibulk length"),
        ("*\r\n", "invalid multibulk length"),
        ("*+1\r\n", "invalid multibulk length"),
        ("*01\r\n", "invalid multibulk length"),
        ("* 1\r\n", "invalid multibulk length"),
        ("*1\n$4\r\nPING\r\n", "invalid multibulk length"),
        ("*2147483648\r\n", "invalid multibulk length"),
        ("*-99999999999999999999999\r\n", "invalid multibulk length"),
        ("*" + long, "too big mbulk count string"),
        ("*1\r\n:4\r\nPING\r\n", "expected '$', got ':'"),
        ("*1\r\nPING\r\n", "expected '$', got 'P'"),
        ("*1\r\n\r\n", "expected '$', got ' '"),
        ("*1\r\n$abc\r\n", "invalid bulk length"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$\r\n", "invalid bulk length"),
        ("*1\r\n$04\r\nPING\r\n", "invalid bulk length"),
        ("*1\r\n$4\nPING\r\n", "invalid bulk length"),
        ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\n$" + long, "too big bulk count string"),
        ("PING \"a\r\n", "unbalanced quotes in request"),
        ("PING 'a'b\r\n", "unbalanced quotes in request"),
        (String(repeating: "P", count: 65_537), "too big inline request"),
    ])
    func `close the connection, after what was before them`(_ bytes: String, _ reason: String) throws {
        let server = try LiveServer()
        let client = try server.connect()
        #expect(client.line("PING\r\n") == "+PONG\r\n")
        #expect(client.last("PING\r\n" + bytes) == "+PONG\r\n-ERR Protocol error: \(reason)\r\n")
        #expect(server.inspect { $0.clients.count } == 0)
        #expect(server.inspect { $0.statistics.errors } == ["ERR": 1])
    }

    @Test(arguments: [
        "\r\n", "\n\n", "   \r\n", "*0\r\n", "*-1\r\n", "*-9223372036854775808\r\n", "*1\rx$4\r\nPING\r\n", "PING\n",
        "*1\r\n$4\r\nPINGxx",
    ])
    func `are not these`(_ bytes: String) throws {
        let server = try LiveServer()
        let reply = bytes.contains("PING") ? "+PONG\r\n$3\r\nend\r\n" : "$3\r\nend\r\n"
        #expect(try server.connect().answer(bytes + "ECHO end\r\n", like: reply) == reply)
    }

    @Test(arguments: [
        ("ECHO \"a\\x41\\n\"", "$3\r\naA\n\r\n"), ("ECHO 'a\\'b'", "$3\r\na'b\r\n"),
        ("ECHO a\"b c\"", "$4\r\nab c\r\n"),
        ("  ECHO   \t x  ", "$1\r\nx\r\n"), ("\u{0b}ECHO \u{0c}x\u{0c}y", "$3\r\nx\u{0c}y\r\n"),
    ])
    func `words in quotes are one word`(_ line: String, _ reply: String) throws {
        let server = try LiveServer()
        let twice = line + "\r\n" + line + "\n"
        #expect(try server.connect().answer(twice, like: reply + reply) == reply + reply)
    }

    @Test(arguments: ["*1\r\n\0\r\n", "\0PING\r\n", "PING\0\r\nPING\r\n", "*1\0\r\n"])
    func `a zero byte hides the end of its line`(_ bytes: String) throws {
        let server = try LiveServer()
        let client = try server.connect()
        client.send(bytes)
        #expect(!client.hears(within: 50))
        #expect(server.inspect { $0.clients.count } == 1)
    }

    @Test(arguments: ["POST / HTTP/1.1\r\nPING\r\n", "PING\r\npost x\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n"])
    func `HTTP closes the connection without a word`(_ bytes: String) throws {
        let server = try LiveServer()
        #expect(try server.connect().last(bytes) == "")
    }

    @Test(arguments: [
        (["FOO"], "ERR unknown command 'FOO', with args beginning with: "),
        (["a\r\nb"], "ERR unknown command 'a  b', with args beginning with: "),
        (["FOO", "a", "b c"], "ERR unknown command 'FOO', with args beginning with: 'a' 'b c' "),
        (["GE\0T", "x\0y"], "ERR unknown command 'GE', with args beginning with: 'x' "),
        ([""], "ERR unknown command '', with args beginning with: "),
    ])
    func `an unknown command is quoted`(_ words: [String], _ line: String) {
        #expect(Session().call(words: words.map { Array($0.utf8) }) == "-\(line)\r\n")
    }

    @Test(arguments: [(124, "'a' "), (125, ""), (126, "")])
    func `at most 128 bytes of an unknown command are quoted`(_ count: Int, _ rest: String) {
        let word = String(repeating: "z", count: count)
        let name = String(repeating: "n", count: 200)
        let reply = "-ERR unknown command '\(name.prefix(128))', with args beginning with: '\(word)' \(rest)\r\n"
        #expect(Session().call(name, word, "abc") == reply)
    }
}

@Suite struct UnauthenticatedLimits {
    @Test(arguments: [
        ("*11\r\n", "unauthenticated multibulk length"),
        ("*1\r\n$16385\r\n", "unauthenticated bulk length"),
        ("*2147483648\r\n", "invalid multibulk length"),
    ])
    func `close the connection`(_ bytes: String, _ reason: String) throws {
        let server = try LiveServer { $0.requirePass = "secret" }
        #expect(try server.connect().last(bytes) == "-ERR Protocol error: \(reason)\r\n")
        let client = try server.connect()
        client.send("*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n*11\r\n$4\r\nMGET\r\n")
        client.send((0..<10).map { "$1\r\n\($0)\r\n" }.joined())
        #expect(client.read(10).hasPrefix("+OK\r\n"))
    }
}
