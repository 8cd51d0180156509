import Testing

@testable import Redstart

/// A server's time, held and moved by a test.
@Suite struct ServerClockTests {
    @Test func `a frozen clock stands still, and a resumed one goes on`() throws {
        let server = try Server()
        server.clock.freeze()
        let moment = server.clock.now
        let client = try RawClient(port: server.port)
        client.call("SET", "k", "v", "PX", "1")
        for _ in 0..<1_000 { client.call("PING") }
        #expect(client.call("PTTL", "k") == ":1\r\n")
        #expect(server.clock.now == moment)
        server.clock.resume()
        let deadline = Timestamp(milliseconds: moment.milliseconds + 1)
        while server.clock.now < deadline {}
        #expect(client.call("GET", "k") == "$-1\r\n")
    }

    @Test func `a key ends when its time has come, not before`() throws {
        let server = try Server()
        let client = try RawClient(port: server.port)
        server.clock.set(to: Timestamp(milliseconds: 1_700_000_000_000))
        client.call("SET", "session", "ada", "EX", "1800")
        server.clock.advance(by: .milliseconds(1_799_999))
        #expect(server.inspect { $0[0].keys } == ["session"])
        #expect(client.call("PTTL", "session") == ":1\r\n")
        server.clock.advance(by: .microseconds(999))
        #expect(server.inspect { $0[0].keys } == ["session"])
        server.clock.advance(by: .microseconds(1))
        #expect(server.inspect { $0[0].keys } == [])
        #expect(client.call("TIME") == "*2\r\n$10\r\n1700001800\r\n$1\r\n0\r\n")
    }

    @Test func `who waits is answered when the time is over`() throws {
        let server = try Server()
        server.clock.freeze()
        let (first, second) = (try RawClient(port: server.port), try RawClient(port: server.port))
        first.send("PING\r\nWAIT 1 5000\r\nSET after wait\r\n")
        second.send("PING\r\nWAIT 1 6000\r\n")
        #expect(first.reply() == "+PONG\r\n")
        #expect(second.reply() == "+PONG\r\n")
        server.clock.advance(by: .milliseconds(4_999))
        #expect(!first.hears(within: 50))
        server.clock.advance(by: .milliseconds(1))
        #expect(first.reply() == ":0\r\n")
        #expect(first.reply() == "+OK\r\n")
        #expect(!second.hears(within: 50))
        server.clock.advance(by: .seconds(1))
        #expect(second.reply() == ":0\r\n")
    }

    @Test func `who has been idle for too long is disconnected, who waits is not`() throws {
        let server = try Server(["timeout": "60"])
        let (idle, waiting) = (try RawClient(port: server.port), try RawClient(port: server.port))
        server.clock.freeze()
        #expect(idle.call("PING") == "+PONG\r\n")
        waiting.send("PING\r\nWAIT 1 100000\r\n")
        #expect(waiting.reply() == "+PONG\r\n")
        server.clock.advance(by: .seconds(60))
        #expect(idle.call("PING") == "+PONG\r\n")
        server.clock.advance(by: .seconds(61))
        #expect(idle.readToEnd() == "")
        #expect(waiting.reply() == ":0\r\n")
    }

    @Test func `a clock that goes back undoes nothing`() throws {
        let server = try Server()
        let client = try RawClient(port: server.port)
        server.clock.freeze()
        let moment = server.clock.now
        client.call("SET", "k", "v", "EX", "10")
        client.call("SET", "stays", "v", "EX", "1000")
        server.clock.advance(by: .seconds(11))
        server.clock.set(to: moment)
        #expect(client.call("GET", "k") == "$-1\r\n")
        #expect(client.call("TTL", "stays") == ":1000\r\n")
        server.clock.advance(by: .seconds(-500))
        #expect(client.call("TTL", "stays") == ":1500\r\n")
    }

    @Test func `goes to the ends of time unharmed`() throws {
        let server = try Server()
        let client = try RawClient(port: server.port)
        client.call("SET", "k", "v", "PXAT", "9223372036854775807")
        client.call("SET", "short", "v", "EX", "1")
        server.clock.advance(by: .seconds(Int64.max))
        #expect(server.inspect { $0[0].keys } == ["k"])
        #expect(client.call("PING") == "+PONG\r\n")
        server.clock.set(to: Timestamp(microseconds: .min))
        #expect(client.call("SET", "new", "v", "EX", "1") == "+OK\r\n")
        #expect(client.call("PING") == "+PONG\r\n")
    }
}

/// What becomes due while the clock is moved, seen from within.
@Suite struct AdvanceTests {
    @Test func `everything due happens in its order and at its own moment`() throws {
        let session = Session()
        let engine = session.engine
        let start = engine.clock.milliseconds
        var events: [String] = []
        engine.keyspace.onEvent = { [unowned engine] _, event, key, database in
            guard event.description == "expired" else { return }
            events.append("\(String(key)) in \(database) at \(engine.clock.milliseconds - start)")
        }
        for (key, database, lifetime) in [("a", 0, 300), ("b", 3, 100), ("c", 0, 200), ("d", 5, 100), ("e", 0, 901)] {
            session.client.database = database
            session.call("SET", key, "v", "PX", String(lifetime))
        }
        let waiting = Session(engine)
        waiting.answer("WAIT 1 250")
        let onTimeout = waiting.client.onTimeout
        waiting.client.onTimeout = { [unowned engine] client in
            events.append("answered at \(engine.clock.milliseconds - start)")
            onTimeout?(client)
        }
        engine.advance(to: engine.clock.now.advanced(by: .milliseconds(900)))
        #expect(
            events == [
                "b in 3 at 100", "d in 5 at 100", "c in 0 at 200", "answered at 250", "a in 0 at 300",
            ])
        #expect(engine.clock.milliseconds == start + 900)
        #expect(waiting.read() == ":0\r\n")
        #expect(engine.databases[0].count == 1)
    }

    @Test func `a hundred thousand keys are gone when the clock has moved`() {
        let session = Session()
        for number in 0..<100_000 { session.call("SET", "k\(number)", "v", "PX", String(1 + number % 1_000)) }
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(500)))
        #expect(session.engine.databases[0].count == 50_000)
        #expect(session.engine.databases[0].table.count == 50_000)
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(500)))
        #expect(session.engine.databases[0].table.count == 0)
    }
}
