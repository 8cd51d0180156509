import Testing

@testable import Redstart

@Suite struct SLOWLOG {
    /// A session whose every command is logged.
    private func session() -> Session {
        let session = Session()
        session.engine.settings.slowLogMicroseconds = 0
        session.engine.settingsChanged()
        return session
    }

    @Test(arguments: [
        ("SLOWLOG", "-ERR wrong number of arguments for 'slowlog' command\r\n"),
        ("SLOWLOG FOO", "-ERR unknown subcommand 'FOO'. Try SLOWLOG HELP.\r\n"),
        ("SLOWLOG GET", "*0\r\n"),
        ("SLOWLOG GET 0", "*0\r\n"),
        ("SLOWLOG GET -1", "*0\r\n"),
        ("SLOWLOG GET -2", "-ERR count should be greater than or equal to -1\r\n"),
        ("SLOWLOG GET x", "-ERR count should be greater than or equal to -1\r\n"),
        ("SLOWLOG GET 99999999999999999999", "-ERR count should be greater than or equal to -1\r\n"),
        (
            "SLOWLOG GET 1 2",
            "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.\r\n"
        ),
        ("SLOWLOG LEN", ":0\r\n"),
        ("SLOWLOG LEN x", "-ERR wrong number of arguments for 'slowlog|len' command\r\n"),
        ("SLOWLOG RESET", "+OK\r\n"),
        ("SLOWLOG RESET x", "-ERR wrong number of arguments for 'slowlog|reset' command\r\n"),
        ("slowlog help x", "-ERR wrong number of arguments for 'slowlog|help' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `an entry tells when, how long, what and who`() {
        let session = session()
        session.client.name = Array("fred".utf8)
        session.answer("SET a b")
        let words = session.answer("SLOWLOG GET 1").split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(words[0...3] == ["*1", "*6", ":0", ":1700000000"])
        #expect(words[4].first == ":" && Int(words[4].dropFirst()) != nil)
        #expect(
            words[5...] == ["*3", "$3", "SET", "$1", "a", "$1", "b", "$11", "127.0.0.1:1", "$4", "fred", ""])
    }

    @Test func `long commands and long words are cut`() {
        let session = session()
        session.answer("MGET " + (0..<40).map(String.init).joined(separator: " "))
        session.answer("SET k " + String(repeating: "z", count: 140))
        session.answer("SET k " + String(repeating: "z", count: 128))
        let entries = session.engine.slowLog.latest(10)
        #expect(entries[0].words[2].count == 128)
        #expect(entries[1].words[2] == Array((String(repeating: "z", count: 128) + "... (12 more bytes)").utf8))
        session.answer("MSET " + (0..<40).map(String.init).joined(separator: " "))
        let words = session.engine.slowLog.latest(1)[0].words
        #expect(words.count == 32 && words[31] == Array("... (10 more arguments)".utf8))
    }

    @Test func `the oldest entries give way, and numbers go on after RESET`() {
        let session = session()
        session.engine.settings.slowLogLength = 2
        for _ in 0..<3 { session.answer("PING") }
        #expect(session.engine.slowLog.latest(9).map(\.id) == [2, 1])
        session.answer("SLOWLOG RESET")
        #expect(session.engine.slowLog.latest(9).map(\.id) == [3])
        #expect(session.answer("SLOWLOG LEN") == ":1\r\n")
        session.engine.settings.slowLogLength = 0
        session.answer("PING")
        #expect(session.engine.slowLog.count == 0)
    }

    @Test func `refused commands are not logged, nor any without a threshold`() {
        let session = session()
        session.answer("NOSUCH")
        session.answer("GET")
        #expect(session.engine.slowLog.count == 0)
        session.engine.settings.slowLogMicroseconds = -1
        session.engine.settingsChanged()
        session.answer("PING")
        #expect(session.engine.slowLog.count == 0)
    }
}
