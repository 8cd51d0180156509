import Testing

@testable import Redstart

@Suite struct TIME {
    @Test func `answers seconds and microseconds of the engine's clock`() {
        let session = Session()
        session.engine.clock.freeze(at: Timestamp(microseconds: 1_700_000_000_000_042))
        #expect(session.answer("TIME") == "*2\r\n$10\r\n1700000000\r\n$2\r\n42\r\n")
        #expect(session.answer("TIME x") == "-ERR wrong number of arguments for 'time' command\r\n")
    }
}

@Suite struct ROLE {
    @Test(arguments: [
        ("ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"),
        ("ROLE x", "-ERR wrong number of arguments for 'role' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }
}

@Suite struct LOLWUT {
    @Test(arguments: [
        ("LOLWUT VERSION 99", "$17\r\nRedis ver. 7.4.1\n\r\n"),
        ("LOLWUT VERSION", "$17\r\nRedis ver. 7.4.1\n\r\n"),
        ("LOLWUT 1 2 3", "$17\r\nRedis ver. 7.4.1\n\r\n"),
        ("LOLWUT VERSION x", "-ERR value is not an integer or out of range\r\n"),
        ("LOLWUT VERSION 5 x", "-ERR value is not an integer or out of range\r\n"),
        ("LOLWUT VERSION 6 1 x", "-ERR value is not an integer or out of range\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test(arguments: ["LOLWUT", "LOLWUT VERSION 5", "LOLWUT VERSION 5 10 2 2", "LOLWUT version 6"])
    func `shows a bird above the version`(_ line: String) {
        let art = Session().answer(line)
        #expect(art.contains("(o )"))
        #expect(art.hasSuffix("\nRedis ver. 7.4.1\n\r\n"))
    }

    @Test func `is verbatim text in RESP3`() {
        let session = Session()
        session.client.reply.isRESP3 = true
        #expect(session.answer("LOLWUT VERSION 99") == "=21\r\ntxt:Redis ver. 7.4.1\n\r\n")
    }
}

@Suite struct MODULE {
    private static let refusal = """
        -ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a \
        local connection, otherwise you need to set this option in the configuration file, and then restart the server.\
        \r\n
        """

    @Test(arguments: [
        ("MODULE", "-ERR wrong number of arguments for 'module' command\r\n"),
        ("MODULE LIST", "*0\r\n"),
        ("MODULE LIST x", "-ERR wrong number of arguments for 'module|list' command\r\n"),
        ("MODULE LOAD", "-ERR wrong number of arguments for 'module|load' command\r\n"),
        ("MODULE LOAD x", MODULE.refusal),
        ("MODULE LOADEX x", MODULE.refusal),
        ("MODULE UNLOAD x", MODULE.refusal),
        ("MODULE NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try MODULE HELP.\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `counts what it refuses as rejected`() throws {
        let session = Session()
        session.answer("MODULE LOAD x")
        let id = try #require(session.engine.commands.find(fullName: Bytes("MODULE|LOAD")))
        #expect(session.engine.commandStatistics.counters[id].rejected == 1)
        #expect(session.engine.commandStatistics.counters[id].calls == 0)
    }

    @Test func `explains itself`() {
        #expect(Session().answer("MODULE HELP").hasPrefix("*11\r\n+MODULE <subcommand> "))
    }
}

@Suite struct SHUTDOWN {
    @Test(arguments: [
        ("SHUTDOWN BAD", "-ERR syntax error\r\n"),
        ("SHUTDOWN SAVE NOSAVE", "-ERR syntax error\r\n"),
        ("SHUTDOWN NOSAVE SAVE", "-ERR syntax error\r\n"),
        ("SHUTDOWN SAVE NOSAVE NOW", "-ERR syntax error\r\n"),
        ("SHUTDOWN NOW NOW BAD", "-ERR syntax error\r\n"),
        ("SHUTDOWN ABORT NOW", "-ERR syntax error\r\n"),
        ("SHUTDOWN FORCE ABORT", "-ERR syntax error\r\n"),
        ("SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n"),
        ("SHUTDOWN SAVE", "-ERR Errors trying to SHUTDOWN. Check logs.\r\n"),
    ])
    func `refuses`(_ line: String, _ reply: String) {
        let session = Session()
        #expect(session.answer(line) == reply)
        #expect(session.engine.shutdown == nil)
    }

    @Test(arguments: [
        "SHUTDOWN", "SHUTDOWN NOSAVE", "shutdown nosave now force", "SHUTDOWN NOW NOW", "SHUTDOWN SAVE FORCE",
    ])
    func `ends the server without an answer`(_ line: String) {
        let session = Session()
        #expect(session.answer(line) == "")
        #expect(session.engine.shutdown == 0)
        #expect(session.client.isStopped)
    }
}
