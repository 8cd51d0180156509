import Testing

@testable import Redstart

/// `maxmemory`: what goes when there is no room, and what is refused.
@Suite struct EvictionTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    /// A session whose engine has a policy, and no limit yet.
    private func session(_ policy: EvictionPolicy, seed: UInt64? = 1) -> Session {
        let engine = Engine(settings: Settings(), log: .silent(), seed: seed)
        engine.clock.freeze(at: EvictionTests.start)
        engine.settings.maxMemoryPolicy = policy
        engine.settingsChanged()
        return Session(engine)
    }

    /// Allows the engine so much more than it uses now.
    private func limit(_ session: Session, to bytes: Int) {
        session.engine.settings.maxMemory = session.engine.usedMemory + bytes
        session.engine.settingsChanged()
    }

    private func keys(_ session: Session, _ database: Int = 0) -> Set<String> {
        var keys: Set<String> = []
        session.engine.databases[database].forEach { keys.insert(String($0.key)) }
        return keys
    }

    private static let oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

    // MARK: - Every policy

    @Test(arguments: EvictionPolicy.allCases.filter { $0 != .noEviction })
    func `stays within the limit`(_ policy: EvictionPolicy) {
        let session = session(policy)
        limit(session, to: 100_000)
        for number in 0..<5_000 {
            let reply = session.call("SET", "key:\(number)", String(repeating: "x", count: 50), "EX", "1000")
            #expect(reply == "+OK\r\n")
            // The limit is looked at before a command, so one may go over it, and let the table grow.
            #expect(session.engine.usedMemory <= session.engine.settings.maxMemory + 20_000)
        }
        let evicted = session.engine.statistics.evictedKeys
        #expect(evicted > 3_000)
        #expect(session.engine.databases[0].count == 5_000 - evicted)
    }

    @Test(arguments: [EvictionPolicy.allKeysLRU, .allKeysRandom, .volatileTTL])
    func `large values give their memory back before others have to go`(_ policy: EvictionPolicy) {
        let session = session(policy)
        for key in 0..<20 {
            for part in 0..<20 {
                let fields = (0..<50).flatMap { ["field:\(part * 50 + $0)", "value"] }
                _ = session.call(words: (["HSET", "hash:\(key)"] + fields).map { Array($0.utf8) })
            }
            _ = session.call("EXPIRE", "hash:\(key)", "1000")
        }
        session.engine.settings.maxMemory = session.engine.usedMemory * 9 / 10
        session.engine.settingsChanged()
        for _ in 0..<5 { #expect(session.call("SET", "q", "1") == "+OK\r\n") }
        #expect((14...20).contains(session.engine.databases[0].count))
    }

    @Test func `of keys that end at the same moment any may go, and the last one has its time`() {
        let session = session(.volatileTTL)
        limit(session, to: 100_000)
        var stayed = 0
        for number in 0..<5_000 {
            _ = session.call("SET", "key:\(number)", String(repeating: "x", count: 50), "PXAT", "4000000000000")
            if number > 3_000, session.call("EXISTS", "key:\(number - 100)") == ":1\r\n" { stayed += 1 }
        }
        #expect(stayed > 1_600)
    }

    @Test(arguments: [EvictionPolicy.allKeysLRU, .allKeysRandom])
    func `a table that was left growing does not take the room of all keys`(_ policy: EvictionPolicy) {
        let session = session(policy)
        let engine = session.engine
        let table = engine.databases[0].table
        var keys = 0
        while keys < 100_000 || !table.isMigrating || table.bits < table.oldBits {
            session.call("SET", "key:\(keys)", "x")
            keys += 1
        }
        engine.settings.maxMemory = engine.usedMemory - (table.tableBytes - table.oldTableBytes) / 2 - keys * 24
        engine.settingsChanged()
        for number in 0..<200 { #expect(session.call("SET", "new:\(number)", "y") == "+OK\r\n") }
        #expect(engine.databases[0].count > keys / 20)
        session.call("EVAL", "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('DEL', key) end", "0")
        while engine.workBetweenTurns() {}
        #expect(table.tableBytes < 1_024)
    }

    @Test func `the time of too much in use counts also where nothing may go`() {
        let session = session(.noEviction)
        session.call("SET", "k", String(repeating: "x", count: 100_000))
        limit(session, to: -50_000)
        #expect(session.call("SET", "k", "x") == EvictionTests.oom)
        #expect(session.engine.statistics.evictionExceededSince != nil)
        session.call("CONFIG", "RESETSTAT")
        #expect(session.engine.statistics.evictionExceededSince == nil)
        #expect(session.call("SET", "k", "x") == EvictionTests.oom)
        #expect(session.engine.statistics.evictionExceededSince != nil)
        session.call("DEL", "k")
        #expect(session.call("SET", "k", "x") == "+OK\r\n")
        #expect(session.engine.statistics.evictionExceededSince == nil)
    }

    @Test(arguments: [EvictionPolicy.volatileLRU, .volatileLFU, .volatileRandom, .volatileTTL])
    func `leaves keys without a TTL alone`(_ policy: EvictionPolicy) {
        let session = session(policy)
        for number in 0..<500 { session.call("SET", "stays:\(number)", String(repeating: "x", count: 50)) }
        for number in 0..<500 { session.call("SET", "goes:\(number)", "y", "EX", "\(1_000 + number)") }
        limit(session, to: 0)
        var refused = 0
        for number in 0..<500 {
            let reply = session.call("APPEND", "stays:\(number)", String(repeating: "z", count: 500))
            if reply == EvictionTests.oom { refused += 1 }
        }
        #expect(refused > 0)
        #expect(keys(session) == Set((0..<500).map { "stays:\($0)" }))
        #expect(session.call("GET", "stays:499") != EvictionTests.oom)
    }

    @Test(arguments: EvictionPolicy.allCases.filter { $0 != .noEviction })
    func `tells of each key that went, and of its database`(_ policy: EvictionPolicy) {
        let session = session(policy)
        var events: [String] = []
        session.engine.keyspace.onEvent = { eventClass, event, key, database in
            if eventClass == .evicted { events.append("\(event) \(String(key)) \(database)") }
        }
        for (database, name) in [(0, "a"), (7, "b")] {
            session.client.database = database
            for number in 0..<200 { session.call("SET", "\(name)\(number)", "v", "EX", "1000") }
        }
        let dirty = session.engine.statistics.dirty
        let before = [keys(session, 0), keys(session, 7)]
        limit(session, to: -5_000)
        session.answer("PING")
        let gone =
            before[0].subtracting(keys(session, 0)).map { "evicted \($0) 0" }
            + before[1].subtracting(keys(session, 7)).map { "evicted \($0) 7" }
        #expect(!gone.isEmpty)
        #expect(Set(events) == Set(gone))
        #expect(events.count == session.engine.statistics.evictedKeys)
        #expect(session.engine.statistics.dirty == dirty)
    }

    // MARK: - Refusals

    @Test func `refuses what needs memory, and nothing else`() {
        let session = session(.noEviction)
        session.call("SET", "k", "v")
        limit(session, to: -1)
        for line in ["SET a b", "APPEND k x", "INCR n", "MSET a b c d", "SETRANGE k 1 x", "GETSET k x"] {
            #expect(session.answer(line) == EvictionTests.oom)
        }
        #expect(session.answer("GET k") == "$1\r\nv\r\n")
        #expect(session.answer("EXPIRE k 100") == ":1\r\n")
        #expect(session.answer("SET a") == "-ERR wrong number of arguments for 'set' command\r\n")
        #expect(session.answer("DEL k") == ":1\r\n")
        limit(session, to: 10_000)
        #expect(session.answer("SET a b") == "+OK\r\n")
        #expect(session.engine.statistics.evictedKeys == 0)
    }

    @Test func `while writes are paused nothing goes and nothing is refused`() {
        let session = session(.allKeysRandom)
        for number in 0..<100 { session.call("SET", "k\(number)", "v") }
        limit(session, to: -1_000)
        session.engine.keyspace.isFrozen = true
        #expect(session.call("SET", "k1", "w") == "+OK\r\n")
        #expect(keys(session).count == 100)
        session.engine.keyspace.isFrozen = false
        #expect(session.call("SET", "k1", "w") == "+OK\r\n")
        #expect(keys(session).count < 100)
    }

    @Test func `flushed keys are freed before anybody is refused`() {
        let session = session(.noEviction)
        for number in 0..<5_000 { session.call("SET", "k\(number)", String(repeating: "x", count: 100), "EX", "9") }
        limit(session, to: 0)
        _ = session.engine.databases[0].flush()
        #expect(session.call("SET", "k", "v") == "+OK\r\n")
        session.engine.settings.maxMemory -= 300_000
        session.engine.settingsChanged()
        #expect(session.call("SET", "k", "w") == "+OK\r\n")
    }

    // MARK: - Choices

    @Test func `volatile-ttl takes what would end first, over all databases`() {
        let session = session(.volatileTTL)
        for number in 0..<300 {
            session.client.database = number % 3
            session.call("SET", "k\(number)", "v", "PX", "\(1_000_000 + number * 7_919 % 300)")
        }
        let inOrder = (0..<300).sorted { $0 * 7_919 % 300 < $1 * 7_919 % 300 }.map { "k\($0)" }
        var evicted: [String] = []
        session.engine.keyspace.onEvent = { eventClass, _, key, _ in
            if eventClass == .evicted { evicted.append(String(key)) }
        }
        limit(session, to: -6_000)
        session.answer("PING")
        #expect(evicted.count > 50)
        #expect(evicted == Array(inOrder.prefix(evicted.count)))
    }

    @Test(arguments: [EvictionPolicy.allKeysLRU, .volatileLRU])
    func `LRU keeps what was used lately`(_ policy: EvictionPolicy) {
        let session = session(policy)
        for number in 0..<2_000 { session.call("SET", "k\(number)", "value", "EX", "10000000") }
        for second in 0..<200 {
            session.engine.clock.freeze(at: EvictionTests.start.advanced(by: .seconds(1_000 + second)))
            for number in 0..<5 { session.call("GET", "k\(second * 5 + number)") }
        }
        limit(session, to: -40_000)
        session.answer("PING")
        let kept = (0..<1_000).count { keys(session).contains("k\($0)") }
        let gone = session.engine.statistics.evictedKeys
        #expect(gone > 400)
        // Chance alone would have taken half of them from those used lately.
        #expect(Double(1_000 - kept) < 0.1 * Double(gone))
    }

    @Test(arguments: [EvictionPolicy.allKeysLFU, .volatileLFU])
    func `LFU keeps what is used often`(_ policy: EvictionPolicy) {
        let session = session(policy)
        for number in 0..<2_000 { session.call("SET", "k\(number)", "value", "EX", "10000000") }
        for _ in 0..<30 { for number in 0..<1_000 { session.call("GET", "k\(number)") } }
        for number in 1_000..<2_000 { session.call("GET", "k\(number)") }
        limit(session, to: -40_000)
        session.answer("PING")
        let kept = (0..<1_000).count { keys(session).contains("k\($0)") }
        let gone = session.engine.statistics.evictedKeys
        #expect(gone > 400)
        #expect(Double(1_000 - kept) < 0.1 * Double(gone))
    }

    @Test func `a random key is each key with the same chance`() {
        var survivals = [Int](repeating: 0, count: 100)
        for seed in 0..<200 {
            let session = session(.allKeysRandom, seed: UInt64(seed))
            for number in 0..<100 { session.call("SET", "k\(number)", "v") }
            limit(session, to: -800)
            session.answer("PING")
            let keys = keys(session)
            for number in 0..<100 where keys.contains("k\(number)") { survivals[number] += 1 }
        }
        let expected = Double(survivals.reduce(0, +)) / 100
        let chiSquared = survivals.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 99 degrees of freedom: 200 is out of reach for chance alone.
        #expect(chiSquared < 200)
    }

    @Test func `what lost its TTL since it was looked at stays`() {
        let session = session(.volatileLRU)
        for number in 0..<20 { session.call("SET", "k\(number)", "v", "EX", "1000") }
        session.engine.clock.freeze(at: EvictionTests.start.advanced(by: .seconds(100)))
        limit(session, to: -1)
        session.answer("PING")
        #expect(session.engine.evictionPool.count > 0)
        for number in 0..<20 { session.call("PERSIST", "k\(number)") }
        let before = keys(session)
        limit(session, to: -100)
        session.answer("PING")
        #expect(keys(session) == before)
    }

    @Test func `the same key of two databases is two candidates`() {
        let pool = EvictionPool()
        pool.offer(EvictionPool.Candidate(score: 1, hash: 5, database: 0))
        pool.offer(EvictionPool.Candidate(score: 2, hash: 5, database: 1))
        pool.offer(EvictionPool.Candidate(score: 3, hash: 5, database: 1))
        #expect(pool.count == 2)
        for score in 10..<40 {
            pool.offer(EvictionPool.Candidate(score: UInt32(score), hash: UInt64(score), database: 0))
        }
        #expect((24..<40).reversed().allSatisfy { pool.takeBest()?.score == UInt32($0) })
        #expect(pool.takeBest()?.score == nil)
    }

    // MARK: - When

    @Test func `a lower limit is enforced without waiting for a command`() {
        let session = session(.allKeysRandom)
        for number in 0..<5_000 { session.call("SET", "k\(number)", String(repeating: "x", count: 100)) }
        #expect(session.call("CONFIG", "SET", "maxmemory", "\(session.engine.usedMemory - 300_000)") == "+OK\r\n")
        while session.engine.workBetweenTurns() {}
        #expect(session.engine.usedMemory <= session.engine.settings.maxMemory)
        #expect(session.engine.statistics.evictedKeys > 1_000)
    }

    @Test func `no command is held up for long`() {
        let session = session(.allKeysLRU, seed: nil)
        for number in 0..<50_000 { session.call("SET", "k\(number)", String(repeating: "x", count: 100)) }
        limit(session, to: -5_000_000)
        session.engine.eviction.isDue = false
        #expect(session.answer("SET k v") == "+OK\r\n")
        #expect(session.engine.eviction.isDue)
        #expect(session.engine.statistics.evictionExceededSince != nil)
        #expect(session.engine.usedMemory > session.engine.settings.maxMemory)
        while session.engine.workBetweenTurns() {}
        #expect(session.engine.usedMemory <= session.engine.settings.maxMemory)
        #expect(session.engine.statistics.evictionExceededSince == nil)
        #expect(session.engine.statistics.evictionExceededTicks > 0)
    }
}

/// What is in use, as `maxmemory` and INFO count it.
@Suite struct UsedMemory {
    private func sumOfParts(_ engine: Engine) -> Int {
        var bytes = Engine.baseMemory + engine.clientMemory
        for database in engine.databases {
            bytes += database.overheadBytes
            database.table.forEach { bytes += $0.totalByteCount }
        }
        return bytes
    }

    @Test func `is the sum of all blocks, tables and trees, at any time`() {
        let session = Session()
        let engine = session.engine
        let empty = engine.usedMemory
        #expect(empty == sumOfParts(engine))
        for number in 0..<20_000 {
            let value = String(repeating: "x", count: number * 37 % 300)
            if number % 3 == 0 {
                session.call("SET", "k\(number)", value, "EX", "\(100 + number)")
            } else {
                session.call("APPEND", "k\(number % 5_000)", value)
            }
            if number % 7 == 0 { session.call("DEL", "k\(number / 2)") }
            if number % 1_000 == 0 { #expect(engine.usedMemory == sumOfParts(engine)) }
        }
        session.call("SET", "large", String(repeating: "x", count: 3_000_000))
        #expect(engine.usedMemory == sumOfParts(engine))
        for number in 0..<20_000 { session.call("DEL", "k\(number)", "large") }
        #expect(engine.databases[0].count == 0)
        engine.databases[0].table.migrate(buckets: .max)
        #expect(engine.usedMemory == sumOfParts(engine))
        #expect(engine.usedMemory - empty < 65_536)
    }

    @Test func `holds what was flushed until it is freed`() {
        let session = Session()
        let engine = session.engine
        let empty = engine.usedMemory
        for number in 0..<20_000 { session.call("SET", "k\(number)", "value", "EX", "\(100 + number)") }
        let full = engine.usedMemory
        #expect(full - empty > 1_200_000)
        _ = engine.databases[0].flush()
        #expect(full - engine.usedMemory < 20_000)
        while engine.workBetweenTurns() {}
        #expect(engine.usedMemory == sumOfParts(engine))
        #expect(engine.usedMemory - empty < 4_096)
    }
}

/// The counter behind LFU.
@Suite struct FrequencyTests {
    private func session(logFactor: Int, decayMinutes: Int) -> Session {
        let session = Session()
        session.engine.settings.maxMemoryPolicy = .allKeysLFU
        session.engine.settings.lfuLogFactor = logFactor
        session.engine.settings.lfuDecayMinutes = decayMinutes
        session.engine.settingsChanged()
        return session
    }

    private func frequency(_ session: Session) -> Int {
        Int(session.answer("OBJECT FREQ k").dropFirst().dropLast()) ?? -1
    }

    private func wait(_ session: Session, minutes: Int) {
        session.engine.advance(to: session.engine.clock.now.advanced(by: .seconds(60 * minutes)))
    }

    @Test func `starts at five and grows by one a use where the factor is nought`() {
        let session = session(logFactor: 0, decayMinutes: 1)
        session.answer("SET k 0")
        #expect(frequency(session) == 5)
        session.answer("GET k")
        #expect(frequency(session) == 6)
        session.answer("INCR k")
        #expect(frequency(session) == 7)
        session.answer("SET k v")
        #expect(frequency(session) == 8)
        session.answer("TYPE k")
        #expect(frequency(session) == 8)
        for _ in 0..<300 { session.answer("GET k") }
        #expect(frequency(session) == 255)
    }

    @Test func `loses one for every minute without a use`() {
        let session = session(logFactor: 0, decayMinutes: 1)
        session.answer("SET k v")
        for _ in 0..<5 { session.answer("GET k") }
        wait(session, minutes: 3)
        #expect(frequency(session) == 7)
        session.answer("GET k")
        #expect(frequency(session) == 8)
        wait(session, minutes: 100)
        #expect(frequency(session) == 0)
    }

    @Test(arguments: [(0, 10), (5, 8), (10, 9)])
    func `loses as the setting says`(_ decayMinutes: Int, _ frequency: Int) {
        let session = session(logFactor: 0, decayMinutes: decayMinutes)
        session.answer("SET k v")
        for _ in 0..<5 { session.answer("GET k") }
        wait(session, minutes: 10)
        #expect(self.frequency(session) == frequency)
    }

    /// Redis' documentation: https://redis.io/docs/latest/develop/reference/eviction/ has these figures in a table.
    @Test(arguments: [
        (1, 100, 15...22), (1, 1_000, 42...56), (10, 100, 8...13), (10, 1_000, 15...22), (100, 1_000, 8...13),
    ])
    func `grows with the logarithm of the uses`(_ factor: Int, _ uses: Int, _ expected: ClosedRange<Int>) {
        let session = session(logFactor: factor, decayMinutes: 1)
        session.answer("SET k v")
        for _ in 0..<uses { session.answer("GET k") }
        #expect(expected.contains(frequency(session)))
    }
}
