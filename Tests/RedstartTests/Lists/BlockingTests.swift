import Testing

@testable import Redstart

/// Clients that wait for lists: what the order is, what wakes them, and what becomes of them.
@Suite struct BlockingTests {
    private let session = Session()

    private func others(_ count: Int) -> [Session] { (0..<count).map { _ in Session(session.engine) } }

    private static func popped(_ key: String, _ value: String) -> String {
        "*2\r\n$\(key.utf8.count)\r\n\(key)\r\n$\(value.utf8.count)\r\n\(value)\r\n"
    }

    @Test func `who came first is served first, one for each element`() {
        let others = others(3)
        for other in others { #expect(other.answer("BLPOP k 0") == "") }
        session.answer("RPUSH k a b")
        #expect(others.map { $0.read() } == [Self.popped("k", "a"), Self.popped("k", "b"), ""])
        session.answer("RPUSH k c d")
        #expect(others[2].read() == Self.popped("k", "c"))
        #expect(session.answer("LLEN k") == ":1\r\n")
    }

    @Test(arguments: [
        ["RPUSH k a"], ["RPUSH other a", "RENAME other k"], ["RPUSH other a", "RENAMENX other k"],
        ["RPUSH other a", "COPY other k"], ["RPUSH other a", "LMOVE other k LEFT LEFT"],
        ["RPUSH other a", "SORT other ALPHA STORE k"], ["SELECT 1", "RPUSH k a", "MOVE k 0"],
        ["SELECT 1", "RPUSH k a", "SWAPDB 0 1"], ["SELECT 1", "RPUSH k a", "COPY k k DB 0"],
        ["MULTI", "RPUSH k a", "EXEC"], ["SET k x", "RPUSH other a", "RENAME other k"],
        ["SET k x", "RPUSH other a", "SORT other ALPHA STORE k"], ["LPUSH k a", "RPUSH k a"],
        ["SET k x", "DEL k", "RPUSH k a"], ["SET k x", "COPY k other", "LPUSH src a", "COPY src k REPLACE"],
    ])
    func `is woken by whatever makes the key a list`(_ lines: [String]) {
        let other = Session(session.engine)
        #expect(other.answer("BRPOP none k none 0") == "")
        for line in lines.dropLast() { session.answer(line) }
        if lines != ["LPUSH k a", "RPUSH k a"] { #expect(other.read() == "") }
        session.answer(lines[lines.count - 1])
        #expect(other.read() == Self.popped("k", "a") || lines == ["LPUSH k a", "RPUSH k a"])
        #expect(!other.client.flags.contains(.blocked))
        #expect(other.answer("PING").hasSuffix("+PONG\r\n"))
    }

    @Test func `a chain of moves is followed to its end`() {
        let others = others(4)
        others[0].answer("BLMOVE a b LEFT RIGHT 0")
        others[1].answer("BLMOVE b c LEFT RIGHT 0")
        others[2].answer("BRPOPLPUSH c d 0")
        others[3].answer("HELLO 3")
        others[3].answer("BLMPOP 0 2 none d LEFT COUNT 5")
        session.answer("RPUSH a x")
        #expect(others[0..<3].map { $0.read() } == ["$1\r\nx\r\n", "$1\r\nx\r\n", "$1\r\nx\r\n"])
        #expect(others[3].read() == "*2\r\n$1\r\nd\r\n*1\r\n$1\r\nx\r\n")
        #expect(session.answer("DBSIZE") == ":0\r\n")
    }

    @Test func `the first of its keys that has something is taken, not the first that came`() {
        let other = Session(session.engine)
        other.answer("BLPOP a b 0")
        for line in ["MULTI", "RPUSH b 2", "RPUSH a 1", "EXEC"] { session.answer(line) }
        #expect(other.read() == Self.popped("a", "1"))
    }

    @Test func `timeouts are moments on the one clock`() {
        let others = others(3)
        others[0].answer("BLPOP k 0.5")
        others[1].answer("HELLO 3")
        others[1].answer("BLMOVE k l LEFT LEFT 0.25")
        others[2].answer("BLPOP k 0")
        session.advance(milliseconds: 250)
        #expect(others.map { $0.read() } == ["", "_\r\n", ""])
        session.advance(milliseconds: 249)
        #expect(others[0].read() == "")
        session.advance(milliseconds: 1)
        #expect(others[0].read() == "*-1\r\n")
        session.answer("RPUSH k a b")
        #expect(others.map { $0.read() } == ["", "", Self.popped("k", "a")])
    }

    @Test func `a client that is gone takes nothing with it`() {
        let others = others(2)
        others[0].answer("BLPOP k 0")
        others[1].answer("BLPOP k 0")
        session.engine.kill(others[0].client)
        session.answer("RPUSH k a")
        #expect(others.map { $0.read() } == ["", Self.popped("k", "a")])
    }

    @Test func `the error of one does not keep the next one waiting`() {
        let others = others(2)
        session.answer("SET s x")
        others[0].answer("BRPOPLPUSH k s 0")
        others[1].answer("BLPOP k 0")
        session.answer("RPUSH k a")
        #expect(others[0].read() == "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
        #expect(others[1].read() == Self.popped("k", "a"))
        #expect(session.answer("INFO commandstats").contains("cmdstat_brpoplpush:calls=1,"))
    }

    @Test func `ten thousand wait, and leave when they are told to`() {
        let others = others(10_000)
        for (index, other) in others.enumerated() { other.answer("BLPOP all own:\(index) 0") }
        #expect(session.answer("INFO clients").contains("blocked_clients:10000\r\ntracking_clients"))
        #expect(session.answer("INFO clients").contains("total_blocking_keys:10001\r\n"))
        session.answer("RPUSH own:7777 x")
        #expect(others[7_777].read() == Self.popped("own:7777", "x"))
        session.answer("RPUSH all y")
        #expect(others[0].read() == Self.popped("all", "y"))
        for other in others.reversed() { session.answer("CLIENT UNBLOCK \(other.client.id)") }
        #expect(session.answer("INFO clients").contains("total_blocking_keys:0\r\n"))
        #expect(session.answer("RPUSH all z") == ":1\r\n")
    }

    @Test func `what is popped for them is told as if they had just asked`() {
        let other = Session(session.engine)
        let events = session.events
        other.answer("BLPOP k 0")
        session.answer("RPUSH k a b")
        #expect(events.take() == ["0:new k", "0:rpush k", "0:lpop k"])
        #expect(events.takeDirty() == 3)
    }

    @Test func `the list says what it is: a listpack until it is too large, and again when it is small`() {
        session.answer("CONFIG SET list-max-listpack-size 6")
        session.answer("RPUSH k 1 2 3 4 5 6")
        #expect(session.answer("OBJECT ENCODING k") == "$8\r\nlistpack\r\n")
        session.answer("LINSERT k BEFORE none x")
        #expect(session.answer("OBJECT ENCODING k") == "$9\r\nquicklist\r\n")
        session.answer("LTRIM k 0 2")
        #expect(session.answer("OBJECT ENCODING k") == "$8\r\nlistpack\r\n")
        session.answer("RPUSH k \(String(repeating: "x", count: 8_192))")
        #expect(session.answer("OBJECT ENCODING k") == "$9\r\nquicklist\r\n")
        session.answer("RPOP k")
        #expect(session.answer("LRANGE k 0 -1") == "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n")
        #expect(session.answer("OBJECT ENCODING k") == "$8\r\nlistpack\r\n")
    }
}

@Suite struct WaitingClients {
    @Test func `go on in the order in which they were served, also if messages reached a later one first`() throws {
        let server = try LiveServer()
        let (first, second, other) = (try server.connect(), try server.connect(), try server.connect())
        #expect(other.call("CONFIG", "SET", "notify-keyspace-events", "KA") == "+OK\r\n")
        first.send("BRPOP k 0\r\nRPUSH order first\r\n")
        #expect(second.call("HELLO", "3").first == "%")
        #expect(second.call("PSUBSCRIBE", "*").first == ">")
        second.send("BRPOP k 0\r\nRPUSH order second\r\n")
        while server.inspect({ engine in engine.clients.values.count { $0.flags.contains(.blocked) } }) < 2 {}
        #expect(other.call("RPUSH", "k", "a", "b") == ":2\r\n")
        #expect(other.call("LRANGE", "order", "0", "-1") == "*2\r\n$5\r\nfirst\r\n$6\r\nsecond\r\n")
    }

    /// The event that serving the first causes is too much output for the second.
    @Test func `may be sent away while the line is served`() {
        let session = Session()
        let key = String(repeating: "k", count: 600_000)
        session.answer("CONFIG SET notify-keyspace-events KEA")
        session.answer("CONFIG SET client-output-buffer-limit \"pubsub 500kb 0 0\"")
        let (first, second) = (Session(session.engine), Session(session.engine))
        first.call("BLPOP", key, "0")
        second.answer("HELLO 3")
        second.answer("SUBSCRIBE __keyevent@0__:lpop")
        second.call("BLPOP", key, "0")
        session.call("RPUSH", key, "x")
        #expect(first.read().hasSuffix("\r\n$1\r\nx\r\n"))
        #expect(second.client.flags.contains(.closeNow))
        #expect(session.answer("PING") == "+PONG\r\n")
    }
}
