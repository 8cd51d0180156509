import Testing

@testable import Redstart

@Suite struct Databases {
    private struct Expected {
        var value: String
        var deadline: Int64?
    }

    /// Time goes on in two ways: with what is due removed as it comes, and without, as while a turn of the loop lasts.
    @Test(arguments: [UInt64(21), 22])
    func `hold the keys whose time has not come, whatever is done to them`(_ seed: UInt64) {
        let session = Session()
        let random = RandomSource(seed: seed)
        let database = session.engine.databases[0]
        var model: [String: Expected] = [:]
        for step in 1...15_000 {
            let now = session.engine.clock.milliseconds
            let key = "key:\(random.below(200))"
            let value = String(repeating: "v", count: random.below(80))
            let milliseconds = Int64(1 + random.below(400))
            switch random.below(12) {
            case 0, 1:
                session.call("SET", key, value)
                model[key] = Expected(value: value)
            case 2, 3:
                session.call("SET", key, value, "PX", String(milliseconds))
                model[key] = Expected(value: value, deadline: now + milliseconds)
            case 4:
                session.call("SET", key, value, "KEEPTTL")
                model[key] = Expected(value: value, deadline: model[key]?.deadline)
            case 5:
                session.call("GETEX", key, "PX", String(milliseconds))
                model[key]?.deadline = now + milliseconds
            case 6:
                session.call("GETEX", key, "PERSIST")
                model[key]?.deadline = nil
            case 7:
                session.call("APPEND", key, value)
                model[key, default: Expected(value: "")].value += value
            case 8:
                session.call("GETDEL", key)
                model[key] = nil
            case 9:
                session.call("SET", key, value, "PXAT", "1")
                model[key] = nil
            case 10:
                session.engine.clock.freeze(at: Timestamp(microseconds: (now + milliseconds / 40) * 1_000))
            default:
                session.engine.advance(to: Timestamp(microseconds: (now + milliseconds / 20) * 1_000))
            }
            let moment = session.engine.clock.milliseconds
            model = model.filter { ($0.value.deadline ?? .max) > moment }
            let expected = model[key].map { "$\($0.value.utf8.count)\r\n\($0.value)\r\n" } ?? "$-1\r\n"
            if session.call("GET", key) != expected { Issue.record("\(key) at step \(step)") }
            if database.count != model.count { Issue.record("\(database.count) keys at step \(step)") }
            let deadlines = model.values.count { $0.deadline != nil }
            if database.deadlineCount != deadlines { Issue.record("\(deadlines) deadlines at step \(step)") }
            if step % 3_000 == 0 { database.table.checkInvariants() }
        }
    }

    @Test func `keep a large collection what it is when it is stored`() {
        let session = Session()
        let large = String(repeating: "x", count: 3 << 20)
        session.answer("CONFIG SET zset-max-listpack-value 100000000 set-max-listpack-value 100000000")
        session.call("ZADD", "z", "1", large)
        session.call("SADD", "s", large)
        #expect(session.answer("ZUNIONSTORE zd 1 z") == ":1\r\n" && session.answer("SUNIONSTORE sd s") == ":1\r\n")
        #expect(session.answer("TYPE zd") == "+zset\r\n" && session.answer("TYPE sd") == "+set\r\n")
        #expect(session.answer("ZCARD zd") == ":1\r\n" && session.answer("SCARD sd") == ":1\r\n")
    }

    @Test func `do not copy a large string for a deadline or a name`() throws {
        let session = Session()
        let engine = session.engine
        let large = Array(repeating: UInt8(ascii: "x"), count: 3 << 20)
        func address(_ name: StaticString, _ database: Int = 0) throws -> UInt {
            let key = Bytes(name)
            let found = try #require(engine.databases[database].find(Key(bytes: key, hash: engine.hash(key))))
            #expect(found.record.bytes.count == large.count)
            return unsafe UInt(bitPattern: found.record.bytes.base)
        }
        func set(_ more: String...) -> String {
            session.call(words: [Array("SET".utf8), [107], large] + more.map { Array($0.utf8) })
        }
        #expect(set() == "+OK\r\n")
        let first = try address("k")
        #expect(session.answer("OBJECT ENCODING k") == "$3\r\nraw\r\n")
        #expect(session.answer("PEXPIRE k 100000") == ":1\r\n")
        #expect(session.answer("PERSIST k") == ":1\r\n")
        #expect(session.answer("RENAME k a-longer-name") == "+OK\r\n")
        #expect(try address("a-longer-name") == first)
        #expect(session.answer("RENAME a-longer-name k") == "+OK\r\n")
        #expect(session.answer("MOVE k 1") == ":1\r\n")
        #expect(try address("k", 1) == first)
        session.answer("SELECT 1")
        // Another value of that length goes to the same place, with its own deadline.
        #expect(set("PX", "5000") == "+OK\r\n")
        #expect(try address("k", 1) == first)
        #expect(session.answer("PTTL k") == ":5000\r\n")
        #expect(set("KEEPTTL") == "+OK\r\n")
        #expect(session.answer("PTTL k") == ":5000\r\n")
        #expect(session.answer("COPY k j DB 0") == ":1\r\n")
        #expect(try address("j") != first)
        #expect(session.answer("SET k v") == "+OK\r\n")
        #expect(set("EX", "7") == "+OK\r\n")
        #expect(session.answer("TTL k") == ":7\r\n")
        #expect(set() == "+OK\r\n")
        #expect(session.answer("TTL k") == ":-1\r\n")
        session.answer("FLUSHALL")
        while engine.workBetweenTurns() {}
        #expect(engine.keyspace.slabs.allocatedBytes == 0)
    }

    @Test func `are made when they are first used`() {
        let settings = Settings()
        settings.databases = 2_000_000
        let session = Session(Engine(settings: settings, log: .silent(), seed: 1))
        #expect(session.answer("SELECT 2000000") == "-ERR DB index is out of range\r\n")
        #expect(session.answer("SELECT 1999999") == "+OK\r\n")
        #expect(session.answer("SET k v") == "+OK\r\n")
        #expect(session.answer("SWAPDB 1999999 7") == "+OK\r\n")
        #expect(session.answer("DBSIZE") == ":0\r\n")
        #expect(session.answer("COPY k j DB 9") == ":0\r\n")
        #expect(session.answer("SELECT 7") == "+OK\r\n")
        #expect(session.answer("GET k") == "$1\r\nv\r\n")
        #expect(session.answer("INFO keyspace").contains("db7:keys=1,"))
        #expect(session.answer("FLUSHALL") == "+OK\r\n")
        #expect(session.answer("MEMORY STATS").hasPrefix("*"))
        #expect(session.engine.databases.map(\.index) == [0, 7, 9, 1_999_999])
    }

    @Test(arguments: [UInt64(31), 32])
    func `are counted among the inhabited while anything is to be done in them`(_ seed: UInt64) {
        let session = Session()
        let (engine, random) = (session.engine, RandomSource(seed: seed))
        let statements = [
            "SET k v", "SET k v PX 5", "DEL k", "MOVE k 9", "COPY k j DB 12", "RENAME k j", "FLUSHDB", "FLUSHALL",
            "HSET h f v", "HPEXPIRE h 3 FIELDS 1 f", "SWAPDB 9 12", "SWAPDB 0 3", "SWAPDB 3 3", "DEL h j",
        ]
        for step in 1...5_000 {
            session.client.database = random.below(16)
            session.answer(statements[random.below(statements.count)])
            if random.below(4) == 0 { session.advance(milliseconds: 2) }
            if random.below(4) == 0 { engine.leaveAbandonedDatabases() }
            let inhabited = engine.keyspace.inhabited
            if inhabited != Set(inhabited).sorted() { Issue.record("\(inhabited) at step \(step)") }
            for database in engine.databases where !inhabited.contains(database.index) {
                if database.table.count > 0 || database.nextDeadline != nil {
                    Issue.record("\(database.index) is not among \(inhabited) at step \(step)")
                }
            }
        }
        session.answer("FLUSHALL")
        engine.leaveAbandonedDatabases()
        #expect(engine.keyspace.inhabited.isEmpty)
    }
}
