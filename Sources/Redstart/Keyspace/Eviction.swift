/// The best candidates for eviction that were seen in recent samples, the best one last.
///
/// A sample of a few keys is rarely where the oldest key is; keeping the best of many samples comes close to a true LRU
/// or LFU order. Source: https://redis.io/docs/latest/develop/reference/eviction/ (approximated LRU).
final class EvictionPool {
    struct Candidate: BitwiseCopyable {
        /// The higher, the sooner it goes.
        var score: UInt32
        var hash: UInt64
        var database: Int

        func isSameKey(as other: Candidate) -> Bool { hash == other.hash && database == other.database }
    }

    private static let size = 16
    private let candidates = FixedArray(
        repeating: Candidate(score: 0, hash: 0, database: 0), count: EvictionPool.size)
    private(set) var count = 0

    /// Takes a candidate in, in order, if it is better than the worst or there is room.
    func offer(_ candidate: Candidate) {
        var position = 0
        while position < count, candidates[position].score < candidate.score { position += 1 }
        for index in 0..<count where candidates[index].isSameKey(as: candidate) { return }
        if count < EvictionPool.size {
            for index in stride(from: count, to: position, by: -1) { candidates[index] = candidates[index - 1] }
            candidates[position] = candidate
            count += 1
        } else if position > 0 {
            for index in 0..<position - 1 { candidates[index] = candidates[index + 1] }
            candidates[position - 1] = candidate
        }
    }

    func takeBest() -> Candidate? {
        guard count > 0 else { return nil }
        count -= 1
        return candidates[count]
    }

    func removeAll() { count = 0 }
}

/// How eviction stands at the moment.
struct EvictionState {
    /// The limit and the policy for which the rest holds.
    var maxMemory = 0
    var policy = EvictionPolicy.noEviction
    /// Whether it ran out of time, or is to begin, and goes on between turns.
    var isDue = false
    /// The database from which a random key was taken last.
    var lastDatabase = 0
}

extension Engine {
    /// Frees memory until there is no more in use than `maxmemory`, by its policy. False if that cannot be.
    /// Bounded in time: what is left goes on between turns, while commands are let through.
    func makeRoom() -> Bool {
        guard usedMemory > settings.maxMemory else { return noteRoom() }
        // While writes are paused nothing may change; they are not refused either, for who knows what is then.
        guard !keyspace.isFrozen else { return true }
        let start = Ticks.now
        defer { noteLatency(.evictionCycle, Ticks.now &- start) }
        // With a seed the same keys go, however fast the machine is.
        let limit = isRepeatable ? .max : ticks.ticks(nanoseconds: evictionNanoseconds)
        var steps = 0
        while usedMemory > settings.maxMemory {
            // What is on its way out gives its memory back before another key has to go.
            if !keyspace.graveyard.isEmpty {
                _ = keyspace.freeBuried(budget: Engine.freedPerStep)
            } else if !evictOne() {
                statistics.evictionExceededSince = statistics.evictionExceededSince ?? start
                return false
            }
            steps += 1
            if steps % Engine.evictionSteps == 0, Ticks.now &- start > limit {
                eviction.isDue = true
                statistics.evictionExceededSince = statistics.evictionExceededSince ?? start
                return true
            }
        }
        return noteRoom()
    }

    /// Keys that are evicted, or parts of one that are freed, between two looks at the time.
    private static let evictionSteps = 16
    private static let freedPerStep = 100

    /// There is room, or none to be had: the time of too much in use is over.
    private func noteRoom() -> Bool {
        guard let since = statistics.evictionExceededSince else { return true }
        statistics.evictionExceededTicks &+= Ticks.now &- since
        statistics.evictionExceededSince = nil
        return true
    }

    /// A lower limit is enforced from now on, whether or not commands come. What was learnt under another policy is of
    /// no use.
    func evictionSettingsChanged() {
        if eviction.policy != settings.maxMemoryPolicy {
            eviction.policy = settings.maxMemoryPolicy
            evictionPool.removeAll()
        }
        guard eviction.maxMemory != settings.maxMemory else { return }
        eviction.maxMemory = settings.maxMemory
        eviction.isDue = settings.maxMemory > 0 && usedMemory > settings.maxMemory
    }

    /// How long one command may be held up: half a millisecond at the default tenacity, more above it.
    private var evictionNanoseconds: UInt64 {
        let tenacity = settings.evictionTenacity
        if tenacity <= 10 { return UInt64(50_000 * max(tenacity, 1)) }
        if tenacity >= 100 { return .max / 4 }
        var limit = 500_000.0
        for _ in 10..<tenacity { limit *= 1.15 }
        return UInt64(limit)
    }

    private func evictOne() -> Bool {
        switch settings.maxMemoryPolicy {
        case .noEviction: false
        case .volatileTTL: evictFirstDeadline()
        case .allKeysRandom: evictRandom { $0.randomRecord() }
        case .volatileRandom: evictRandom { $0.randomRecordWithDeadline() }
        case .allKeysLRU, .allKeysLFU: evictBest { $0.randomRecord() }
        case .volatileLRU, .volatileLFU: evictBest { $0.randomRecordWithDeadline() }
        }
    }

    /// The index of deadlines knows the next ones of all: no need to guess. Of those that end at the same moment any
    /// may go: would the first always go, a key that comes before the others among them could never stay.
    private func evictFirstDeadline() -> Bool {
        var best: (database: Database, time: Int64)?
        for number in keyspace.inhabited {
            guard let first = databases[number].deadlines.first else { continue }
            if let best, best.time <= first.time { continue }
            best = (databases[number], first.time)
        }
        guard let (database, time) = best else { return false }
        let same = database.deadlines.count(through: Deadline(time: time, hash: .max))
        return database.evict(hash: database.deadlines.element(at: keyspace.random.below(same)).hash)
    }

    /// Databases take turns.
    private func evictRandom(_ draw: (Database) -> Record?) -> Bool {
        let inhabited = keyspace.inhabited
        let next = inhabited.place { $0 <= eviction.lastDatabase }
        for step in inhabited.indices {
            let number = inhabited[(next + step) % inhabited.count]
            guard let record = draw(databases[number]) else { continue }
            eviction.lastDatabase = number
            return databases[number].evict(hash: hash(record.key))
        }
        return false
    }

    private func evictBest(_ draw: (Database) -> Record?) -> Bool {
        // A candidate may be gone, or have been used since: the pool is topped up and asked until one is there.
        for _ in 0..<64 {
            var found = false
            for number in keyspace.inhabited {
                let database = databases[number]
                for _ in 0..<min(settings.maxMemorySamples, database.table.count) {
                    guard let record = draw(database) else { break }
                    found = true
                    evictionPool.offer(
                        EvictionPool.Candidate(score: score(record), hash: hash(record.key), database: number))
                }
            }
            while let candidate = evictionPool.takeBest() {
                let database = databases[candidate.database]
                guard let record = database.table.find(hash: candidate.hash)?.record,
                    score(record) >= candidate.score,
                    !settings.maxMemoryPolicy.isVolatile || record.deadline != Record.noDeadline
                else { continue }
                if database.evict(hash: candidate.hash) { return true }
            }
            if !found { return false }
        }
        return false
    }

    /// How little a key is needed: idle seconds, or how far its frequency is from the highest.
    private func score(_ record: Record) -> UInt32 {
        guard keyspace.countsFrequency else { return UInt32(keyspace.idleSeconds(record)) }
        let frequency = Frequency(record.access, now: keyspace.minutes, decayMinutes: keyspace.lfuDecayMinutes)
        return 255 - frequency.counter
    }
}
