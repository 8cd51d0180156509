import Testing

@testable import Redstart

@Suite struct AUTH {
    @Test(arguments: [
        ("AUTH", "-ERR wrong number of arguments for 'auth' command\r\n"),
        ("AUTH a b c", "-ERR syntax error\r\n"),
        (
            "AUTH a",
            "-ERR AUTH <password> called without any password configured for the default user. Are you sure your "
                + "configuration is correct?\r\n"
        ),
        ("AUTH default anything", "+OK\r\n"),
        ("AUTH nobody x", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
    ])
    func `answers without a password set`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test(arguments: [
        ("AUTH secret", "+OK\r\n"),
        ("AUTH default secret", "+OK\r\n"),
        ("AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("AUTH secretsecret", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("AUTH \"\"", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("AUTH nobody secret", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("AUTH DEFAULT secret", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("GET x", "-NOAUTH Authentication required.\r\n"),
        ("PING", "-NOAUTH Authentication required.\r\n"),
        ("CLIENT ID", "-NOAUTH Authentication required.\r\n"),
        ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
        ("FOO", "-ERR unknown command 'FOO', with args beginning with: \r\n"),
        ("CLIENT FOO", "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n"),
        ("RESET", "+RESET\r\n"),
        ("QUIT", "+OK\r\n"),
    ])
    func `answers with a password set`(_ line: String, _ reply: String) {
        #expect(Session(password: "secret").answer(line) == reply)
    }

    @Test func `a wrong password later changes nothing`() {
        let session = Session(password: "secret")
        session.answer("AUTH secret")
        session.answer("AUTH wrong")
        #expect(session.answer("PING") == "+PONG\r\n")
        #expect(session.engine.statistics.authenticationDenied == 1)
    }

    @Test func `who is in stays in when a password is set, and who is not comes in when it is removed`() {
        let early = Session()
        early.engine.settings.requirePass = "secret"
        let late = Session(early.engine)
        #expect(early.answer("PING") == "+PONG\r\n")
        #expect(late.answer("PING") == "-NOAUTH Authentication required.\r\n")
        early.engine.settings.requirePass = ""
        #expect(late.answer("PING") == "+PONG\r\n")
    }

    @Test func `refusals are counted`() {
        let session = Session(password: "secret")
        session.answer("PING")
        session.answer("AUTH wrong")
        let counters = session.engine.commandStatistics.counters
        let ping = session.engine.commands.find(Bytes("PING")) ?? -1
        let auth = session.engine.commands.find(Bytes("AUTH")) ?? -1
        #expect((counters[ping].calls, counters[ping].rejected, counters[ping].failed) == (0, 1, 0))
        #expect((counters[auth].calls, counters[auth].rejected, counters[auth].failed) == (1, 0, 1))
        #expect(session.engine.statistics.errors == ["NOAUTH": 1, "WRONGPASS": 1])
    }
}
