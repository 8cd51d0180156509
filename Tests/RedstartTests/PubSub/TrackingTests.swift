import Testing

@testable import Redstart

@Suite struct CLIENT_TRACKING {
    let reader = Session()
    let writer: Session

    init() {
        writer = Session(reader.engine, address: "127.0.0.1:2")
        reader.answer("HELLO 3")
    }

    private func invalid(_ keys: String...) -> String {
        let list = keys.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        return ">2\r\n$10\r\ninvalidate\r\n*\(keys.count)\r\n\(list)"
    }

    @Test func `tells once what was read and changed`() {
        #expect(reader.answer("CLIENT TRACKING ON") == "+OK\r\n")
        reader.answer("MGET a b")
        writer.answer("SET a 1")
        #expect(reader.read() == invalid("a"))
        writer.answer("SET a 2")
        #expect(reader.read() == "")
        writer.answer("MSET a 1 b 2")
        #expect(reader.read() == invalid("b"))
    }

    @Test(arguments: [UInt64(61), 62])
    func `broadcasts to whoever wants a prefix, as clients come and go`(_ seed: UInt64) {
        let random = RandomSource(seed: seed)
        let session = Session()
        let others = (0..<30).map { _ in Session(session.engine) }
        for other in others { other.answer("HELLO 3") }
        var wanted: [Set<String>] = Array(repeating: [], count: others.count)
        let prefixes = ["a", "b", "c1", "c2", "c33", "d:", "d;", "zz"]
        for _ in 0..<2_000 {
            let number = random.below(others.count)
            let prefix = prefixes[random.below(prefixes.count)]
            if random.below(4) == 0 {
                others[number].answer("CLIENT TRACKING OFF")
                wanted[number] = []
            } else if random.below(2) == 0 {
                // The same again is an overlap, and refused.
                others[number].answer("CLIENT TRACKING ON BCAST PREFIX \(prefix)")
                wanted[number].insert(prefix)
            }
            session.answer("SET \(prefix)x v")
            session.engine.broadcastInvalidations()
            for (other, wants) in zip(others, wanted) {
                #expect(other.read().contains("invalidate") == wants.contains(prefix))
            }
            #expect(session.engine.tracking.prefixes.count == wanted.reduce(into: Set()) { $0.formUnion($1) }.count)
        }
    }

    @Test func `one who reads a key twice is told once`() {
        let session = Session()
        let others = (0..<5).map { _ in Session(session.engine) }
        for other in others { other.answer("HELLO 3\r\nCLIENT TRACKING ON") }
        for number in [3, 0, 4, 3, 1, 0, 3, 2, 4] { others[number].answer("GET k") }
        #expect(session.engine.tracking.itemCount == 5)
        session.answer("SET k v")
        for other in others {
            #expect(other.read() == ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n")
        }
        #expect(session.engine.tracking.itemCount == 0)
    }

    @Test(arguments: ["DEL a", "RENAME a c", "EXPIRE a 10", "MOVE a 1", "APPEND a x", "COPY b a REPLACE"])
    func `every kind of change counts`(_ line: String) {
        writer.answer("MSET a 1 b 1")
        reader.answer("CLIENT TRACKING ON")
        reader.answer("GET a")
        writer.answer(line)
        #expect(reader.read() == invalid("a"))
    }

    @Test func `one's own change comes after the reply`() {
        reader.answer("CLIENT TRACKING ON")
        reader.answer("GET a")
        #expect(reader.answer("SET a 1") == "+OK\r\n" + invalid("a"))
        reader.answer("GET a")
        reader.answer("MULTI")
        reader.answer("SET a 1")
        reader.answer("GET a")
        #expect(reader.answer("EXEC") == "*2\r\n+OK\r\n$1\r\n1\r\n" + invalid("a"))
    }

    @Test func `NOLOOP leaves out one's own`() {
        reader.answer("CLIENT TRACKING ON NOLOOP")
        reader.answer("GET a")
        #expect(reader.answer("SET a 1") == "+OK\r\n")
        writer.answer("SET a 2")
        #expect(reader.read() == "")
    }

    @Test func `a flush makes all invalid`() {
        reader.answer("CLIENT TRACKING ON")
        reader.answer("GET a")
        writer.answer("FLUSHALL")
        #expect(reader.read() == ">2\r\n$10\r\ninvalidate\r\n_\r\n")
        writer.answer("SET a 1")
        #expect(reader.read() == "")
    }

    @Test func `a key that expires is told of`() {
        writer.answer("SET a 1 PX 10")
        reader.answer("CLIENT TRACKING ON NOLOOP")
        reader.answer("GET a")
        reader.engine.advance(to: Timestamp(microseconds: reader.engine.clock.now.microseconds + 20_000))
        #expect(reader.read() == invalid("a"))
    }

    @Test func `broadcasts by prefix, once a turn`() {
        reader.answer("CLIENT TRACKING ON BCAST PREFIX us PREFIX x NOLOOP")
        writer.answer("MSET user2 1 other 1 user1 1 x 1")
        reader.answer("SET user3 1")
        #expect(reader.read() == "")
        reader.engine.broadcastInvalidations()
        #expect(reader.read() == invalid("user1", "user2") + invalid("x"))
        writer.answer("SET other 1")
        reader.engine.broadcastInvalidations()
        #expect(reader.read() == "")
    }

    @Test func `OPTIN tracks what was asked for`() {
        reader.answer("CLIENT TRACKING ON OPTIN")
        reader.answer("GET a")
        #expect(reader.answer("CLIENT CACHING YES") == "+OK\r\n")
        reader.answer("GET b")
        reader.answer("GET c")
        writer.answer("MSET a 1 b 1 c 1")
        #expect(reader.read() == invalid("b"))
        reader.answer("CLIENT CACHING YES")
        reader.answer("MULTI")
        reader.answer("GET a")
        reader.answer("GET b")
        reader.answer("EXEC")
        reader.answer("GET c")
        writer.answer("MSET a 1 b 1 c 1")
        #expect(reader.read() == invalid("a") + invalid("b"))
    }

    @Test func `OPTOUT tracks all but what was excepted`() {
        reader.answer("CLIENT TRACKING ON OPTOUT")
        reader.answer("CLIENT CACHING NO")
        reader.answer("GET a")
        reader.answer("GET b")
        writer.answer("MSET a 1 b 1")
        #expect(reader.read() == invalid("b"))
    }

    @Test func `another client may get the messages`() {
        let id = writer.client.id
        writer.answer("SUBSCRIBE __redis__:invalidate")
        let other = Session(reader.engine, address: "127.0.0.1:3")
        #expect(other.answer("CLIENT TRACKING ON REDIRECT \(id)") == "+OK\r\n")
        #expect(other.answer("CLIENT GETREDIR") == ":\(id)\r\n")
        other.answer("GET a")
        reader.answer("SET a 1")
        let head = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
        #expect(writer.read() == head + "*1\r\n$1\r\na\r\n")
        reader.answer("FLUSHALL")
        #expect(writer.read() == head + "$-1\r\n")
    }

    @Test func `a transaction that ends tracking sends first where its messages went`() {
        let other = Session(reader.engine, address: "127.0.0.1:3")
        other.answer("HELLO 3")
        reader.answer("CLIENT TRACKING ON REDIRECT \(other.client.id)")
        reader.answer("GET a")
        reader.answer("MULTI")
        reader.answer("INCR a")
        reader.answer("CLIENT TRACKING OFF")
        #expect(reader.answer("EXEC") == "*2\r\n:1\r\n+OK\r\n")
        #expect(other.read() == invalid("a"))
        #expect(reader.read() == "")
    }

    @Test func `a redirection that leads nowhere is told of`() {
        reader.answer("CLIENT TRACKING ON REDIRECT \(writer.client.id)")
        reader.answer("GET a")
        reader.engine.kill(writer.client)
        let reply = reader.answer("SET a 1")
        #expect(reply == "+OK\r\n>2\r\n$21\r\ntracking-redir-broken\r\n:\(writer.client.id)\r\n")
        #expect(reader.answer("CLIENT TRACKINGINFO").contains("broken_redirect"))
        #expect(reader.answer("CLIENT INFO").contains(" flags=tR "))
    }

    @Test func `no more keys are kept than a setting says`() {
        reader.answer("CLIENT TRACKING ON")
        reader.answer("CONFIG SET tracking-table-max-keys 10")
        for key in 0..<30 { reader.answer("GET key\(key)") }
        reader.engine.limitTrackedKeys()
        #expect(reader.engine.tracking.keys.count == 10)
        #expect(reader.engine.tracking.itemCount == 10)
        #expect(reader.read().split(separator: "invalidate").count == 21)
    }

    @Test func `a client that leaves costs nothing more`() {
        reader.answer("CLIENT TRACKING ON BCAST PREFIX a")
        #expect(writer.answer("INFO stats").contains("\r\ntracking_total_prefixes:1\r\n"))
        reader.engine.kill(reader.client)
        #expect(!reader.engine.keyspace.isObserved)
        #expect(writer.answer("INFO clients").contains("\r\ntracking_clients:0\r\n"))
    }

    private static let mode =
        "before disabling tracking for this client, and then re-enabling it with a different mode."

    @Test(arguments: [
        ("MAYBE", "ERR syntax error"),
        ("ON REDIRECT 99", "ERR The client ID you want redirect to does not exist"),
        ("ON REDIRECT x", "ERR value is not an integer or out of range"),
        ("ON PREFIX a", "ERR PREFIX option requires BCAST mode to be enabled"),
        ("ON BCAST OPTIN", "ERR OPTIN and OPTOUT are not compatible with BCAST"),
        ("ON OPTIN OPTOUT", "ERR You can't specify both OPTIN mode and OPTOUT mode"),
        (
            "ON BCAST PREFIX a PREFIX ab",
            "ERR Prefix 'a' overlaps with another provided prefix 'ab'. Prefixes for a single client must not overlap."
        ),
    ])
    func `refuses`(_ options: String, _ reply: String) {
        #expect(reader.answer("CLIENT TRACKING \(options)") == "-\(reply)\r\n")
        #expect(reader.answer("CLIENT TRACKINGINFO").contains("off"))
    }

    @Test(arguments: [
        ("ON BCAST", "ON", "BCAST mode on/off"), ("ON OPTIN", "ON OPTOUT", "OPTIN/OPTOUT mode"),
        ("ON OPTIN", "ON BCAST", "BCAST mode on/off"),
    ])
    func `does not switch`(_ first: String, _ second: String, _ what: String) {
        reader.answer("CLIENT TRACKING \(first)")
        let reply = reader.answer("CLIENT TRACKING \(second)")
        #expect(reply == "-ERR You can't switch \(what) \(CLIENT_TRACKING.mode)\r\n")
    }
}

@Suite struct CLIENT_CACHING {
    let session = Session()

    @Test func `needs a mode to be an exception from`() {
        let needed =
            "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
        #expect(session.answer("CLIENT CACHING YES") == "-ERR \(needed)\r\n")
        session.answer("CLIENT TRACKING ON OPTIN")
        let reply = "-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.\r\n"
        #expect(session.answer("CLIENT CACHING NO") == reply)
        #expect(session.answer("CLIENT CACHING MAYBE") == "-ERR syntax error\r\n")
        #expect(session.answer("CLIENT CACHING YES") == "+OK\r\n")
        #expect(session.answer("CLIENT TRACKINGINFO").contains("caching-yes"))
    }
}

@Suite struct CLIENT_GETREDIR {
    let session = Session()

    @Test func `tells whether there is tracking at all`() {
        #expect(session.answer("CLIENT GETREDIR") == ":-1\r\n")
        session.answer("CLIENT TRACKING ON")
        #expect(session.answer("CLIENT GETREDIR") == ":0\r\n")
    }
}
