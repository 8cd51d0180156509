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
    }

    private static let size = 16
    private let candidates = FixedArray(
        repeating: Candidate(score: 0, hash: 0, database: 0), count: EvictionPool.size)
    private(set) var count = 0

    /// Takes a candidate in, in order, if it is better than the worst or there is room.
    func offer(_ candidate: Candidate) {
        var position = 0
        while position < count, candidates[position].score < candidate.score { position += 1 }
        for index in 0..<count where candidates[index].hash == candidate.hash { return }
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

extension Engine {
    /// Frees memory until there is less in use than `maxmemory`, by its policy. False if that cannot be.
    /// Bounded in time: what is left goes on between turns, while commands are let through.
    func makeRoom() -> Bool {
        guard usedMemory > settings.maxMemory else { return true }
        guard settings.maxMemoryPolicy != .noEviction, !keyspace.isFrozen else { return freeBuriedForRoom() }
        let start = Ticks.now
        let limit = ticks.ticks(nanoseconds: evictionNanoseconds)
        var evicted = 0
        while usedMemory > settings.maxMemory {
            guard evictOne() else { return freeBuriedForRoom() }
            evicted += 1
            if evicted % 16 == 0, Ticks.now &- start > limit {
                isEvicting = true
                return true
            }
        }
        return true
    }

    /// Flushed keys that are not freed yet count as used: they go first, before anybody is refused.
    private func freeBuriedForRoom() -> Bool {
        while usedMemory > settings.maxMemory, !keyspace.graveyard.isEmpty { _ = keyspace.freeBuried(budget: 1_000) }
        return usedMemory <= settings.maxMemory
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

    /// The index of deadlines knows the next one of all: no need to guess.
    private func evictFirstDeadline() -> Bool {
        var best: (database: Database, deadline: Deadline)?
        for database in databases {
            guard let first = database.deadlines.first else { continue }
            if let known = best, known.deadline.time <= first.time { continue }
            best = (database, first)
        }
        guard let best else { return false }
        return best.database.evict(hash: best.deadline.hash)
    }

    /// Databases take turns.
    private func evictRandom(_ draw: (Database) -> Record?) -> Bool {
        for _ in databases {
            nextEvicted = (nextEvicted + 1) % databases.count
            let database = databases[nextEvicted]
            if let record = draw(database) { return database.evict(hash: hash(record.key)) }
        }
        return false
    }

    private func evictBest(_ draw: (Database) -> Record?) -> Bool {
        // A candidate may be gone, or have been used since: the pool is topped up and asked until one is there.
        for _ in 0..<64 {
            var found = false
            for (number, database) in databases.enumerated() where database.table.count > 0 {
                for _ in 0..<settings.maxMemorySamples {
                    guard let record = draw(database) else { break }
                    found = true
                    evictionPool.offer(
                        EvictionPool.Candidate(score: score(record), hash: hash(record.key), database: number))
                }
            }
            while let candidate = evictionPool.takeBest() {
                guard candidate.database < databases.count,
                    let record = databases[candidate.database].table.find(hash: candidate.hash)?.record,
                    score(record) >= candidate.score
                else { continue }
                if databases[candidate.database].evict(hash: candidate.hash) { return true }
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
