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

/// Queues and streams of an embedded server whose time a test moves: nothing here waits for real time to pass.
@Suite struct MessagingClockTests {
    @Test(arguments: [
        ("BLPOP none other 60", "*-1\r\n"),
        ("BRPOP none 60", "*-1\r\n"),
        ("BLMOVE none other LEFT RIGHT 60", "*-1\r\n"),
        ("BLMPOP 60 1 none LEFT", "*-1\r\n"),
        ("BZPOPMIN none 60", "*-1\r\n"),
        ("XREAD BLOCK 60000 STREAMS none $", "*-1\r\n"),
        ("XREADGROUP GROUP g c BLOCK 60000 STREAMS s >", "*-1\r\n"),
    ])
    func `who waits for an element is answered at the moment its time is over`(line: String, reply: String) throws {
        let server = try Server()
        server.clock.freeze()
        let client = try RawClient(port: server.port)
        client.call("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
        client.send("PING\r\n\(line)\r\n")
        #expect(client.reply() == "+PONG\r\n")
        server.clock.advance(by: .milliseconds(59_999))
        #expect(!client.hears(within: 20))
        server.clock.advance(by: .milliseconds(1))
        #expect(client.reply() == reply)
        #expect(client.call("PING") == "+PONG\r\n")
    }

    @Test func `who waits without end outlasts a year, and hears what comes then`() throws {
        let server = try Server()
        server.clock.set(to: Timestamp(milliseconds: 1_700_000_000_000))
        let (worker, reader, writer) = (
            try RawClient(port: server.port), try RawClient(port: server.port), try RawClient(port: server.port)
        )
        worker.send("PING\r\nBLPOP jobs 0\r\n")
        #expect(worker.reply() == "+PONG\r\n")
        reader.send("PING\r\nXREAD BLOCK 0 STREAMS events $\r\n")
        #expect(reader.reply() == "+PONG\r\n")
        server.clock.advance(by: .seconds(365 * 86_400))
        #expect(!worker.hears(within: 20))
        #expect(!reader.hears(within: 20))
        writer.call("RPUSH", "jobs", "job")
        #expect(worker.reply() == "*2\r\n$4\r\njobs\r\n$3\r\njob\r\n")
        #expect(writer.call("XADD", "events", "*", "f", "v") == "$15\r\n1731536000000-0\r\n")
        #expect(
            reader.reply() == "*1\r\n*2\r\n$6\r\nevents\r\n*1\r\n*2\r\n$15\r\n1731536000000-0\r\n"
                + "*2\r\n$1\r\nf\r\n$1\r\nv\r\n")
    }

    @Test func `a pending entry is as old as the clock says, and is taken over not a moment too early`() throws {
        let server = try Server()
        server.clock.set(to: Timestamp(milliseconds: 1_700_000_000_000))
        let client = try RawClient(port: server.port)
        client.call("XADD", "s", "1-0", "f", "v")
        client.call("XGROUP", "CREATE", "s", "g", "0")
        client.call("XREADGROUP", "GROUP", "g", "dies", "STREAMS", "s", ">")
        server.clock.advance(by: .milliseconds(59_999))
        #expect(
            client.call("XPENDING", "s", "g", "-", "+", "10")
                == "*1\r\n*4\r\n$3\r\n1-0\r\n$4\r\ndies\r\n:59999\r\n:1\r\n")
        #expect(client.call("XPENDING", "s", "g", "IDLE", "60000", "-", "+", "10") == "*0\r\n")
        #expect(
            client.call("XAUTOCLAIM", "s", "g", "lives", "60000", "0", "JUSTID")
                == "*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n")
        server.clock.advance(by: .milliseconds(1))
        #expect(
            client.call("XAUTOCLAIM", "s", "g", "lives", "60000", "0", "JUSTID")
                == "*3\r\n$3\r\n0-0\r\n*1\r\n$3\r\n1-0\r\n*0\r\n")
        // Whoever takes an entry over is given its full time with it.
        server.clock.advance(by: .milliseconds(40_000))
        #expect(
            client.call("XPENDING", "s", "g", "-", "+", "10")
                == "*1\r\n*4\r\n$3\r\n1-0\r\n$5\r\nlives\r\n:40000\r\n:1\r\n")
        #expect(client.call("XCLAIM", "s", "g", "third", "60000", "1-0") == "*0\r\n")
        server.clock.advance(by: .milliseconds(20_000))
        #expect(client.call("XCLAIM", "s", "g", "third", "60000", "1-0", "JUSTID") == "*1\r\n$3\r\n1-0\r\n")
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
