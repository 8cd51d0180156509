/// The keys that clients watch. A key is known by its hash alone, which has 64 bits and a secret: should two keys ever
/// share one, a transaction fails that need not have.
///
/// A watch is a number in one array, linked to the next of its bucket and to the next of its client: watching and
/// forgetting allocate nothing.
final class WatchTable {
    private struct Watch {
        var client: Client?
        var hash: UInt64
        /// The number of its database: SWAPDB does not take watches along.
        var database: Int
        /// The client's next one.
        var sibling: Int
        /// The next one of the bucket, or of those that are free, and the one before in the bucket.
        var next: Int
        var previous = WatchTable.none
        /// Whether the key's time had come when it was watched, without its having gone: its going is then no change.
        var wasDead: Bool
    }

    static let none = -1

    private var watches: ContiguousArray<Watch> = []
    private var buckets: ContiguousArray<Int> = []
    private var firstFree = WatchTable.none
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// How many different keys are watched.
    private(set) var keyCount = 0

    @inline(__always)
    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count &- 1) }

    /// Adds a watch in front of the client's others, unless it is one of them. Returns whether it was added.
    func insert(_ client: Client, _ hash: UInt64, _ database: Int, wasDead: Bool) -> Bool {
        if has(client, hash, database) { return false }
        if count >= buckets.count { grow() }
        if !isWatched(hash, database) { keyCount += 1 }
        let bucket = bucket(hash)
        let watch = Watch(
            client: client, hash: hash, database: database, sibling: client.firstWatch, next: buckets[bucket],
            wasDead: wasDead)
        var number = firstFree
        if number == WatchTable.none {
            number = watches.count
            watches.append(watch)
        } else {
            firstFree = watches[number].next
            watches[number] = watch
        }
        lead(bucket, number)
        client.firstWatch = number
        client.registeredBytes += WatchTable.watchMemory
        count += 1
        return true
    }

    /// Whether a client watches a key already. The client's watches and the key's are walked side by side: whichever
    /// ends first has told, so that watching thousands of keys takes no longer for each.
    private func has(_ client: Client, _ hash: UInt64, _ database: Int) -> Bool {
        var own = client.firstWatch
        guard own != WatchTable.none else { return false }
        var other = buckets[bucket(hash)]
        while own != WatchTable.none, other != WatchTable.none {
            if watches[own].hash == hash, watches[own].database == database { return true }
            let watch = watches[other]
            if watch.hash == hash, watch.database == database, watch.client === client { return true }
            own = watches[own].sibling
            other = watch.next
        }
        return false
    }

    private func isWatched(_ hash: UInt64, _ database: Int) -> Bool {
        guard !buckets.isEmpty else { return false }
        var number = buckets[bucket(hash)]
        while number != WatchTable.none {
            if watches[number].hash == hash, watches[number].database == database { return true }
            number = watches[number].next
        }
        return false
    }

    @inline(never)
    private func grow() {
        buckets = ContiguousArray(repeating: WatchTable.none, count: max(16, buckets.count * 4))
        for number in watches.indices where watches[number].client != nil {
            let bucket = bucket(watches[number].hash)
            watches[number].next = buckets[bucket]
            watches[number].previous = WatchTable.none
            lead(bucket, number)
        }
    }

    /// Puts a watch in front of the others of its bucket.
    private func lead(_ bucket: Int, _ number: Int) {
        if buckets[bucket] != WatchTable.none { watches[buckets[bucket]].previous = number }
        buckets[bucket] = number
    }

    /// Forgets all that a client watches.
    func removeAll(of client: Client) {
        var number = client.firstWatch
        client.firstWatch = WatchTable.none
        while number != WatchTable.none {
            let sibling = watches[number].sibling
            unlink(number)
            if !isWatched(watches[number].hash, watches[number].database) { keyCount -= 1 }
            watches[number].client = nil
            client.registeredBytes -= WatchTable.watchMemory
            watches[number].next = firstFree
            firstFree = number
            count -= 1
            number = sibling
        }
        if count == 0, watches.count > WatchTable.keptWatches {
            (watches, buckets, firstFree) = ([], [], WatchTable.none)
        }
    }

    private func unlink(_ number: Int) {
        let (previous, next) = (watches[number].previous, watches[number].next)
        if next != WatchTable.none { watches[next].previous = previous }
        if previous != WatchTable.none {
            watches[previous].next = next
        } else {
            buckets[bucket(watches[number].hash)] = next
        }
    }

    /// A table that was larger than this is freed when nothing is watched any more.
    private static let keptWatches = 1_024
    /// What a watch takes, in bytes.
    static let watchMemory = MemoryLayout<Watch>.stride + MemoryLayout<Int>.stride

    /// Those who watch a key that changed. One that only went because its time had come long before is no change to
    /// those who watched it dead; from now on it is not there for them either.
    func takeConcerned(_ hash: UInt64, _ database: Int, died: Bool) -> [Client] {
        guard count > 0 else { return [] }
        var concerned: [Client] = []
        var number = buckets[bucket(hash)]
        while number != WatchTable.none {
            let watch = watches[number]
            if watch.hash == hash, watch.database == database, let client = watch.client {
                if died, watch.wasDead {
                    watches[number].wasDead = false
                } else {
                    concerned.append(client)
                }
            }
            number = watch.next
        }
        return concerned
    }

    /// Those who watch a key of a database to which the condition applies, given its hash and whether it was dead.
    func concerned(_ database: Int, _ condition: (UInt64, Bool) -> Bool) -> [Client] {
        watches.filter { $0.database == database && $0.client != nil && condition($0.hash, $0.wasDead) }
            .compactMap(\.client)
    }

    /// Visits a client's watches until one satisfies the condition, given hash, database and whether it was dead.
    func contains(_ client: Client, where condition: (UInt64, Int, Bool) -> Bool) -> Bool {
        var number = client.firstWatch
        while number != WatchTable.none {
            let watch = watches[number]
            if condition(watch.hash, watch.database, watch.wasDead) { return true }
            number = watch.sibling
        }
        return false
    }

    func count(of client: Client) -> Int {
        var number = client.firstWatch
        var count = 0
        while number != WatchTable.none {
            count += 1
            number = watches[number].sibling
        }
        return count
    }
}

extension Engine {
    /// Makes a client's next transaction fail if `key` changes before it.
    @inline(__always)
    func watch(_ key: Key, _ database: Database, _ client: Client) {
        guard !client.flags.contains(.dirtyWatch) else { return }
        let isDead = database.mayHoldDead && database.isDead(hash: key.hash)
        _ = watchTable.insert(client, key.hash, database.index, wasDead: isDead)
        if !keyspace.isWatched { keyspace.isWatched = true }
    }

    /// Forgets what a client watches, and what became of it.
    @inline(__always)
    func unwatch(_ client: Client) {
        client.flags.remove(.dirtyWatch)
        if client.firstWatch != WatchTable.none { dropWatches(client) }
    }

    private func dropWatches(_ client: Client) {
        watchTable.removeAll(of: client)
        if watchTable.isEmpty { keyspace.isWatched = false }
    }

    /// A watched key changed: there is no point in watching any more.
    private func dirty(_ client: Client) {
        client.flags.insert(.dirtyWatch)
        dropWatches(client)
    }

    /// Notes that a key changed, or that it died.
    func touchWatches(_ hash: UInt64, _ database: Int, died: Bool) {
        for client in watchTable.takeConcerned(hash, database, died: died) { dirty(client) }
    }

    /// Notes that all keys of a database go, or come to be those of `other`.
    func touchWatches(of database: Database, replacedBy other: Database?) {
        guard keyspace.isWatched else { return }
        let concerned = watchTable.concerned(database.index) { hash, wasDead in
            let was = database.has(hash: hash) && !wasDead
            let comes = other.map { $0.has(hash: hash) && !$0.isDead(hash: hash) } ?? false
            return was || comes
        }
        for client in concerned { dirty(client) }
    }

    /// Whether a key that a client watches died since without anybody's having removed it.
    @inline(__always)
    func hasDeadWatch(_ client: Client) -> Bool {
        guard client.firstWatch != WatchTable.none else { return false }
        return watchTable.contains(client) { hash, database, wasDead in
            !wasDead && databases[database].mayHoldDead && databases[database].isDead(hash: hash)
        }
    }
}
