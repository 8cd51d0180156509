import Testing

@testable import Redstart

/// Fields that end by themselves, among keys that do.
@Suite struct ActiveFieldExpiryTests {
    private static func session(large: Bool) -> Session {
        let session = Session()
        if large { session.answer("CONFIG SET hash-max-listpack-entries 0") }
        return session
    }

    @Test(arguments: [false, true]) func `fields and keys end in the order of their deadlines`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        var expected: [(moment: Int64, line: String)] = []
        let start = session.engine.clock.milliseconds
        for index in 0..<1_000 {
            let database = index % 16
            session.client.database = database
            let delay = Int64(index * 389 % 1_000 + 1)
            if index % 4 == 0 {
                session.answer("SET key:\(index) 1 PX \(delay)")
                expected.append((start + delay, "\(database):expired key:\(index)"))
            } else {
                // Ten hashes in each database, which keep one field.
                let key = "hash:\(index % 10)"
                session.answer("HSET \(key) stays 1 field:\(index) \(index)")
                session.answer("HPEXPIRE \(key) \(delay) FIELDS 1 field:\(index)")
                expected.append((start + delay, "\(database):hexpired \(key)"))
            }
        }
        expected.sort { $0.moment < $1.moment }
        let events = session.events
        session.advance(milliseconds: 300)
        session.advance(milliseconds: 700)
        #expect(events.lines == expected.map { $0.line })
        #expect(events.moments == expected.map { $0.moment })
        #expect(session.engine.statistics.expiredFields == 750)
        #expect(session.engine.databases.allSatisfy { $0.fieldDeadlines.count == 0 })
    }

    @Test(arguments: [false, true]) func `the key goes with its last field`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        session.answer("HSET h a 1 b 2 c 3")
        session.answer("HPEXPIRE h 10 FIELDS 2 a b")
        session.answer("HPEXPIRE h 20 FIELDS 1 c")
        let events = session.events
        session.advance(milliseconds: 9)
        #expect(events.take() == [])
        session.advance(milliseconds: 1)
        #expect(events.take() == ["0:hexpired h"])
        #expect(session.answer("HGETALL h") == "*2\r\n$1\r\nc\r\n$1\r\n3\r\n")
        session.advance(milliseconds: 10)
        #expect(events.take() == ["0:hexpired h", "0:del h"])
        #expect(session.engine.databases[0].table.count == 0)
        #expect(events.takeDirty() == 0)
    }

    @Test(arguments: [false, true]) func `nobody sees a dead field that was not removed yet`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        // More than one command takes out.
        session.answer("CONFIG SET hash-max-listpack-entries \(large ? 0 : 5_000)")
        for index in 0..<1_000 {
            session.answer("HSET h f\(index) 1")
            session.answer("HPEXPIRE h 10 FIELDS 1 f\(index)")
        }
        session.answer("HSET h alive 1")
        session.sleep(milliseconds: 10)
        session.engine.keyspace.isFrozen = true
        #expect(session.engine.databases[0].find(session.key("h"))?.record.fieldCount(.min) == 1_001)
        session.expect([
            ("HLEN h", ":1\r\n"),
            ("HGETALL h", "*2\r\n$5\r\nalive\r\n$1\r\n1\r\n"),
            ("HKEYS h", "*1\r\n$5\r\nalive\r\n"),
            ("HVALS h", "*1\r\n$1\r\n1\r\n"),
            ("HGET h f1", "$-1\r\n"),
            ("HMGET h f1 alive", "*2\r\n$-1\r\n$1\r\n1\r\n"),
            ("HEXISTS h f999", ":0\r\n"),
            ("HTTL h FIELDS 1 f1", "*1\r\n:-2\r\n"),
            ("HRANDFIELD h", "$5\r\nalive\r\n"),
            ("HRANDFIELD h 5", "*1\r\n$5\r\nalive\r\n"),
            ("HRANDFIELD h -2", "*2\r\n$5\r\nalive\r\n$5\r\nalive\r\n"),
        ])
        session.engine.keyspace.isFrozen = false
        #expect(session.answer("HLEN h") == ":1\r\n")
        #expect(session.engine.databases[0].find(session.key("h"))?.record.fieldCount(.min) ?? 0 < 500)
    }

    @Test(arguments: [false, true]) func `a hash whose fields are all due is gone for everybody`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        for key in ["h", "g"] {
            session.answer("HSET \(key) a 1 b 2")
            session.answer("HPEXPIRE \(key) 10 FIELDS 2 a b")
        }
        session.sleep(milliseconds: 10)
        #expect(session.engine.databases[0].table.count == 2)
        session.expect([
            ("DBSIZE", ":0\r\n"),
            ("KEYS *", "*0\r\n"),
            ("RANDOMKEY", "$-1\r\n"),
        ])
        let events = session.events
        session.expect([
            ("EXISTS h", ":0\r\n"),
            ("HSET g c 1", ":1\r\n"),
            ("HGETALL g", "*2\r\n$1\r\nc\r\n$1\r\n1\r\n"),
        ])
        let ofRandomKey = ["0:hexpired h", "0:del h", "0:keymiss h"]
        #expect(events.take().filter { !$0.contains(" h") || !ofRandomKey.contains($0) }.contains("0:hset g"))
    }

    @Test(arguments: [false, true]) func `a field that is set again after its time is new`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        session.answer("HSET h a 5 b 2")
        session.answer("HPEXPIRE h 10 FIELDS 1 a")
        session.sleep(milliseconds: 10)
        let events = session.events
        session.expect([
            ("HINCRBY h a 1", ":1\r\n"),
            ("HTTL h FIELDS 1 a", "*1\r\n:-1\r\n"),
        ])
        #expect(events.take() == ["0:hexpired h", "0:hincrby h"])
    }

    @Test func `a mass of fields ends over turns`() {
        let session = ActiveFieldExpiryTests.session(large: true)
        for index in 0..<20_000 {
            session.answer("HSET h f\(index) 1")
            session.answer("HPEXPIRE h \(10 + index % 2) FIELDS 1 f\(index)")
        }
        session.answer("HSET h alive 1")
        session.sleep(milliseconds: 20)
        var turns = 0
        while session.engine.workBetweenTurns(), turns < 20_000 { turns += 1 }
        #expect(turns > 0)
        #expect(session.engine.statistics.expiredFields == 20_000)
        #expect(session.answer("HGETALL h") == "*2\r\n$5\r\nalive\r\n$1\r\n1\r\n")
        #expect(session.engine.nextWakeup == nil)
    }

    @Test func `while expiry is off fields stay until somebody asks`() {
        let session = Session()
        session.answer("HSET h a 1 b 2")
        session.answer("HPEXPIRE h 10 FIELDS 1 a")
        session.engine.keyspace.expiresActively = false
        session.advance(milliseconds: 10)
        let events = session.events
        #expect(session.engine.workBetweenTurns() == false && events.take() == [])
        #expect(session.answer("HGET h a") == "$-1\r\n")
        #expect(events.take() == ["0:hexpired h"])
    }

    @Test(arguments: [false, true]) func `deadlines follow a hash, or end with it`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        let (first, second) = (session.engine.databases[0], session.engine.databases[1])
        func make(_ key: String) {
            session.answer("HSET \(key) a 1 b 2")
            session.answer("HPEXPIRE \(key) 1000 FIELDS 1 a")
        }
        make("h")
        session.answer("COPY h c")
        #expect(first.fieldDeadlines.count == 2)
        session.answer("RENAME c r")
        session.answer("MOVE r 1")
        #expect(first.fieldDeadlines.count == 1 && second.fieldDeadlines.count == 1)
        #expect(session.answer("INFO keyspace").contains("db1:keys=1,expires=0,avg_ttl=0,subexpiry=1\r\n"))
        session.answer("SWAPDB 0 1")
        #expect(session.engine.databases[0].fieldDeadlines.count == 1)
        let ends = ["SET h x", "SET h x KEEPTTL", "MSET h x", "DEL h", "UNLINK h", "HDEL h a", "HPERSIST h FIELDS 1 a"]
        for command in ends {
            session.answer("DEL h")
            make("h")
            session.answer(command)
            #expect(session.engine.databases[0].fieldDeadlines.count == 1, "\(command)")
        }
        session.answer("HSET target a 1")
        make("h")
        session.answer("RENAME target h")
        session.answer("HSET source a 1")
        make("h")
        session.answer("COPY source h REPLACE")
        #expect(session.engine.databases[0].fieldDeadlines.count == 1)
        session.answer("FLUSHALL")
        #expect(session.engine.databases.allSatisfy { $0.fieldDeadlines.count == 0 && $0.hashEnds.count == 0 })
        #expect(session.engine.nextWakeup == nil)
    }

    /// Whatever happens to hashes, their fields and their own deadlines, the indexes say how many are alive.
    @Test(arguments: [false, true]) func `dead hashes are counted without looking at them`(_ large: Bool) {
        let session = ActiveFieldExpiryTests.session(large: large)
        let seed = UInt64.random(in: 0 ... .max)
        print("deadlines of hashes and fields, seed \(seed)")
        var chance = SeededChance(seed: seed)
        func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }
        func key() -> String { "h\(below(30))" }
        func field() -> String { "f\(below(3))" }
        for round in 0..<4_000 {
            switch below(16) {
            case 0...3: session.answer("HSET \(key()) \(field()) 1")
            case 4...7: session.answer("HPEXPIRE \(key()) \(1 + below(30)) FIELDS 3 f0 f1 f2")
            case 8: session.answer("HPEXPIRE \(key()) \(1 + below(30)) FIELDS 1 \(field())")
            case 9: session.answer("PEXPIRE \(key()) \(1 + below(30))")
            case 10: session.answer("PERSIST \(key())")
            case 11: session.answer("HPERSIST \(key()) FIELDS 1 \(field())")
            case 12: session.answer("HDEL \(key()) \(field())")
            case 13: session.answer(["COPY \(key()) \(key()) REPLACE", "SET \(key()) x", "MOVE \(key()) 1"][below(3)])
            case 14: session.answer(["RENAME \(key()) \(key())", "SWAPDB 0 1", "DEL \(key())"][below(3)])
            default: session.sleep(milliseconds: Int64(below(6)))
            }
            if below(40) == 0 { while session.engine.workBetweenTurns() {} }
            if below(1_000) == 0 { session.answer("FLUSHDB") }
            for database in session.engine.databases {
                var alive = 0
                var perishable = 0
                var ending = 0
                database.table.forEach { record in
                    let isPerishable = record.kind == ValueKind.hashWithDeadlines
                    if isPerishable, record.lastFieldDeadline != Record.noDeadline { ending += 1 }
                    guard !database.isDue(record) else { return }
                    alive += 1
                    if isPerishable, record.nextFieldDeadline != Record.noDeadline { perishable += 1 }
                }
                #expect(database.count == alive, "round \(round)")
                #expect(database.hashEnds.count == ending, "round \(round)")
                guard database.deadlines.first?.time ?? .max > session.engine.clock.milliseconds else { continue }
                #expect(database.perishableCount == perishable, "round \(round)")
            }
        }
    }

    @Test func `INFO counts what ended`() {
        let session = Session()
        session.answer("HSET h a 1 b 2 c 3")
        session.answer("HPEXPIRE h 10 FIELDS 2 a b")
        session.advance(milliseconds: 10)
        let info = session.answer("INFO stats")
        #expect(info.contains("\r\nexpired_subkeys:2\r\n") && info.contains("\r\nexpired_keys:0\r\n"))
    }
}

extension Session {
    fileprivate func key(_ name: StaticString) -> Key { Key(bytes: Bytes(name), hash: engine.hash(Bytes(name))) }
}
