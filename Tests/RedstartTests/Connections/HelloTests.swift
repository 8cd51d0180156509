import Testing

@testable import Redstart

@Suite struct HELLO {
    private static let resp2 =
        "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.1\r\n"
        + "$5\r\nproto\r\n:2\r\n" + rest
    private static let resp3 =
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.1\r\n"
        + "$5\r\nproto\r\n:3\r\n" + rest
    private static let rest =
        "$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
        + "$7\r\nmodules\r\n*0\r\n"
    private static let unauthenticated =
        "-NOAUTH HELLO must be called with the client already authenticated, "
        + "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select "
        + "the RESP protocol version at the same time\r\n"

    @Test(arguments: [
        ("HELLO", resp2),
        ("HELLO 2", resp2),
        ("HELLO 3", resp3),
        ("HELLO 3 AUTH default x", resp3),
        ("HELLO 3 SETNAME a AUTH default x setname b", resp3),
        ("HELLO 1", "-NOPROTO unsupported protocol version\r\n"),
        ("HELLO 4", "-NOPROTO unsupported protocol version\r\n"),
        ("HELLO -1", "-NOPROTO unsupported protocol version\r\n"),
        ("HELLO 03", "-ERR Protocol version is not an integer or out of range\r\n"),
        ("HELLO abc", "-ERR Protocol version is not an integer or out of range\r\n"),
        ("HELLO 99999999999999999999", "-ERR Protocol version is not an integer or out of range\r\n"),
        ("HELLO AUTH default x", "-ERR Protocol version is not an integer or out of range\r\n"),
        ("HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"),
        ("HELLO 3 AUTH", "-ERR Syntax error in HELLO option 'AUTH'\r\n"),
        ("HELLO 3 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'\r\n"),
        ("HELLO 3 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n"),
        ("HELLO 3 SETNAME a FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"),
        (
            "HELLO 2 SETNAME \"a b\"",
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        ),
        ("HELLO 3 AUTH nobody x", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test(arguments: [
        ("HELLO", unauthenticated),
        ("HELLO 3", unauthenticated),
        ("HELLO 3 SETNAME x", unauthenticated),
        ("HELLO 5", "-NOPROTO unsupported protocol version\r\n"),
        ("HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"),
        ("HELLO 3 AUTH default wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("HELLO 3 AUTH default secret", resp3),
        ("HELLO 2 AUTH default wrong AUTH default secret", resp2),
    ])
    func `answers with a password set`(_ line: String, _ reply: String) {
        #expect(Session(password: "secret").answer(line) == reply)
    }

    @Test(arguments: ["HELLO 3 SETNAME a AUTH nobody x", "HELLO 3 SETNAME a FOO", "HELLO 4 SETNAME a"])
    func `does nothing when part of it is wrong`(_ line: String) {
        let session = Session()
        session.answer(line)
        #expect(session.answer("CLIENT GETNAME") == "$-1\r\n")
    }

    @Test func `the protocol stays until it is changed`() {
        let session = Session()
        session.answer("HELLO 3 SETNAME me")
        #expect(session.answer("HELLO") == Self.resp3)
        #expect(session.answer("GET nothing") == "_\r\n")
        #expect(session.answer("HELLO 4") == "-NOPROTO unsupported protocol version\r\n")
        #expect(session.answer("GET nothing") == "_\r\n")
        #expect(session.answer("HELLO 2") == Self.resp2)
        #expect(session.answer("GET nothing") == "$-1\r\n")
        #expect(session.answer("CLIENT GETNAME") == "$2\r\nme\r\n")
    }
}
