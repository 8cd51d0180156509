import Testing

@testable import Redstart

@Suite struct CLIENT_PAUSE {
    @Test(arguments: [
        ("CLIENT PAUSE", "-ERR wrong number of arguments for 'client|pause' command\r\n"),
        ("CLIENT PAUSE 0 ALL", "+OK\r\n"),
        ("CLIENT PAUSE 9223372036854775807", "+OK\r\n"),
        ("CLIENT PAUSE bad", "-ERR timeout is not an integer or out of range\r\n"),
        ("CLIENT PAUSE 99999999999999999999", "-ERR timeout is not an integer or out of range\r\n"),
        ("CLIENT PAUSE -1", "-ERR timeout is negative\r\n"),
        ("CLIENT PAUSE 1 foo", "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"),
        ("CLIENT PAUSE abc foo", "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"),
        (
            "CLIENT PAUSE 1 WRITE x",
            "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.\r\n"
        ),
        ("CLIENT UNPAUSE", "+OK\r\n"),
        ("CLIENT UNPAUSE x", "-ERR wrong number of arguments for 'client|unpause' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `writes wait, reads and errors do not, and all go on in their order`() throws {
        let server = try LiveServer()
        let (client, first, second) = (try server.connect(), try server.connect(), try server.connect())
        #expect(client.line("CLIENT PAUSE 100000 WRITE\r\n") == "+OK\r\n")
        first.send("PING\r\nSET k first\r\nPING\r\n")
        #expect(first.line() == "+PONG\r\n")
        while server.inspect({ $0.pausedClients.count != 1 }) {}
        second.send("GETSET k second\r\nPING\r\n")
        while server.inspect({ $0.pausedClients.count != 2 }) {}
        #expect(client.line("GET k\r\n") == "$-1\r\n")
        #expect(client.line("SET k\r\n").hasPrefix("-ERR wrong number"))
        #expect(client.line("FOO\r\n").hasPrefix("-ERR unknown command"))
        #expect(!first.hears(within: 50) && !second.hears(within: 1))
        #expect(server.inspect { $0.commandStatistics.counters[$0.commands.find(Bytes("SET")) ?? 0].calls } == 0)
        #expect(client.line("CLIENT UNPAUSE\r\n") == "+OK\r\n")
        #expect(first.read(12) == "+OK\r\n+PONG\r\n")
        #expect(second.read(18) == "$5\r\nfirst\r\n+PONG\r\n")
    }

    /// They change nothing that a reader sees, but what they do is told to replicas.
    @Test(arguments: ["PFCOUNT h", "PUBLISH c m", "SPUBLISH c m", "SORT l", "GEORADIUS g 1 1 1 km"])
    func `some that are no writes wait with them`(_ line: String) throws {
        let session = Session()
        let other = Session(session.engine)
        session.answer("CLIENT PAUSE 100000 WRITE")
        #expect(other.answer(line) == "")
        #expect(session.engine.pausedClients.count == 1)
    }

    @Test func `all commands wait, also that which would end it, until the time is over`() throws {
        let server = try LiveServer()
        let (client, other, watcher) = (try server.connect(), try server.connect(), try server.connect())
        #expect(watcher.line("MONITOR\r\n") == "+OK\r\n")
        #expect(client.line("CLIENT PAUSE 300\r\n") == "+OK\r\n")
        other.send("CLIENT UNPAUSE\r\nPING\r\n")
        #expect(client.line("FOO\r\n").hasPrefix("-ERR unknown command"))
        client.send("PING\r\n")
        #expect(!other.hears(within: 100))
        // Redis counts those who watch as replicas, which no pause holds.
        #expect(watcher.line("PING\r\n") == "+PONG\r\n")
        #expect(other.read(12) == "+OK\r\n+PONG\r\n")
        #expect(client.line() == "+PONG\r\n")
    }

    @Test func `a second pause makes it no shorter and no milder`() {
        let session = Session()
        let now = session.engine.clock.milliseconds
        session.answer("CLIENT PAUSE 700 WRITE")
        #expect(session.engine.pause.writesOnly && session.engine.pause.until == now + 700)
        session.answer("CLIENT PAUSE 10 ALL")
        #expect(!session.engine.pause.writesOnly && session.engine.pause.until == now + 700)
    }

    @Test func `nothing expires meanwhile, yet nobody sees what is dead`() {
        let session = Session()
        session.answer("SET k v PX 100")
        session.answer("CLIENT PAUSE 600 WRITE")
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(200)))
        #expect(session.answer("GET k") == "$-1\r\n")
        #expect(session.engine.databases[0].table.count == 1)
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(600)))
        #expect(session.engine.databases[0].table.count == 0)
        #expect(session.engine.statistics.expiredKeys == 1)
    }
}

@Suite struct CLIENT_REPLY {
    @Test(arguments: [
        ("CLIENT REPLY", "-ERR wrong number of arguments for 'client|reply' command\r\n"),
        ("CLIENT REPLY BAD", "-ERR syntax error\r\n"),
        ("CLIENT REPLY ON", "+OK\r\n"),
        ("CLIENT REPLY OFF", ""),
        ("CLIENT REPLY SKIP", ""),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test(arguments: [
        (["CLIENT REPLY OFF", "PING", "CLIENT REPLY ON", "PING"], "+OK\r\n+PONG\r\n"),
        (["CLIENT REPLY SKIP", "PING", "PING"], "+PONG\r\n"),
        (["CLIENT REPLY SKIP", "CLIENT REPLY SKIP", "PING", "PING"], "+PONG\r\n"),
        (["CLIENT REPLY SKIP", "CLIENT REPLY ON", "PING", "PING"], "+OK\r\n+PONG\r\n+PONG\r\n"),
        (["CLIENT REPLY SKIP", "CLIENT REPLY OFF", "PING", "CLIENT REPLY ON", "PING"], "+OK\r\n+PONG\r\n"),
        (["CLIENT REPLY OFF", "CLIENT REPLY SKIP", "PING", "PING", "CLIENT REPLY ON"], "+OK\r\n"),
        (["CLIENT REPLY SKIP", "FOO", "PING"], "+PONG\r\n"),
        (["CLIENT REPLY SKIP", "CLIENT REPLY", "PING"], "+PONG\r\n"),
        (["CLIENT REPLY SKIP", "CLIENT REPLY FOO", "PING"], "+PONG\r\n"),
        (["CLIENT REPLY OFF", "CLIENT REPLY FOO", "PING", "CLIENT REPLY ON", "PING"], "+OK\r\n+PONG\r\n"),
        (["CLIENT REPLY SKIP", "", "PING", "PING"], "+PONG\r\n+PONG\r\n"),
        (["CLIENT REPLY SKIP", "*0", "PING", "PING"], "+PONG\r\n+PONG\r\n"),
        (["CLIENT REPLY OFF", "HELLO 3", "CLIENT REPLY ON", "GET x"], "+OK\r\n_\r\n"),
    ])
    func `is silent where it was asked to be`(_ lines: [String], _ reply: String) throws {
        let server = try LiveServer()
        let client = try server.connect()
        let all = lines.map { $0 + "\r\n" }.joined()
        #expect(client.answer(all, like: reply) == reply)
        #expect(client.line("ECHO end\r\n") == "$3\r\n")
    }

    @Test func `not even bytes that are no command are answered`() throws {
        let server = try LiveServer()
        #expect(try server.connect().last("CLIENT REPLY OFF\r\n*x\r\n") == "")
        #expect(server.inspect { $0.statistics.errorReplies } == 1)
    }
}
