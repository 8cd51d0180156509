/// A key that a client watches. It is known by its hash alone, which has 64 bits and a secret: should two keys ever
/// share one, a transaction fails that need not have.
final class Watch {
    unowned let client: Client
    /// The number of its database: SWAPDB does not take watches along.
    let database: Int
    let hash: UInt64
    /// Whether the key's time had come when it was watched, without its having gone: its going is then no change.
    var wasDead: Bool
    fileprivate var next: Watch?

    init(_ client: Client, _ database: Int, _ hash: UInt64, wasDead: Bool) {
        self.client = client
        self.database = database
        self.hash = hash
        self.wasDead = wasDead
    }
}

/// All watched keys of an engine, found by hash: buckets of chains.
struct WatchTable {
    private var buckets: ContiguousArray<Watch?> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count &- 1) }

    mutating func insert(_ watch: Watch) {
        if count >= buckets.count { grow() }
        count += 1
        link(watch)
    }

    private mutating func link(_ watch: Watch) {
        let index = bucket(watch.hash)
        watch.next = buckets[index]
        buckets[index] = watch
    }

    private mutating func grow() {
        let old = buckets
        buckets = ContiguousArray(repeating: nil, count: max(16, old.count * 4))
        for var chain in old {
            while let watch = chain {
                chain = watch.next
                link(watch)
            }
        }
    }

    mutating func remove(_ watch: Watch) {
        let index = bucket(watch.hash)
        var previous: Watch?
        var current = buckets[index]
        while let found = current {
            if found === watch {
                if let previous { previous.next = watch.next } else { buckets[index] = watch.next }
                watch.next = nil
                count -= 1
                return
            }
            previous = found
            current = found.next
        }
    }

    /// Those who watch a key.
    func watches(_ hash: UInt64, _ database: Int) -> [Watch] {
        guard count > 0 else { return [] }
        var found: [Watch] = []
        var current = buckets[bucket(hash)]
        while let watch = current {
            if watch.hash == hash, watch.database == database { found.append(watch) }
            current = watch.next
        }
        return found
    }

    /// How many different keys are watched.
    var keyCount: Int { Set(all.map { WatchedKey(database: $0.database, hash: $0.hash) }).count }

    private struct WatchedKey: Hashable {
        let database: Int
        let hash: UInt64
    }

    /// All of them, in no order.
    var all: [Watch] {
        var found: [Watch] = []
        for var chain in buckets {
            while let watch = chain {
                found.append(watch)
                chain = watch.next
            }
        }
        return found
    }
}

extension Engine {
    /// Makes a client's next transaction fail if `key` changes before it.
    func watch(_ key: Key, _ database: Database, _ client: Client) {
        guard !client.flags.contains(.dirtyWatch) else { return }
        guard !client.watches.contains(where: { $0.hash == key.hash && $0.database == database.index }) else { return }
        let watch = Watch(client, database.index, key.hash, wasDead: database.isDead(hash: key.hash))
        client.watches.append(watch)
        watchTable.insert(watch)
        keyspace.isWatched = true
    }

    /// Forgets what a client watches, and what became of it.
    func unwatch(_ client: Client) {
        client.flags.remove(.dirtyWatch)
        dropWatches(client)
    }

    private func dropWatches(_ client: Client) {
        guard !client.watches.isEmpty else { return }
        for watch in client.watches { watchTable.remove(watch) }
        client.watches.removeAll(keepingCapacity: client.watches.count <= 8)
        keyspace.isWatched = !watchTable.isEmpty
    }

    /// A watched key changed: there is no point in watching any more.
    private func dirty(_ client: Client) {
        client.flags.insert(.dirtyWatch)
        dropWatches(client)
    }

    /// Notes that a key changed. One that only went because its time had come long before is no change to those who
    /// watched it dead.
    func touchWatches(_ hash: UInt64, _ database: Int, died: Bool) {
        for watch in watchTable.watches(hash, database) {
            if died, watch.wasDead {
                watch.wasDead = false
            } else {
                dirty(watch.client)
            }
        }
    }

    /// Notes that all keys of a database go, or come to be those of `other`.
    func touchWatches(of database: Database, replacedBy other: Database?) {
        guard keyspace.isWatched else { return }
        for watch in watchTable.all where watch.database == database.index {
            let was = database.has(hash: watch.hash) && !watch.wasDead
            let comes = other.map { $0.has(hash: watch.hash) && !$0.isDead(hash: watch.hash) } ?? false
            if was || comes { dirty(watch.client) }
        }
    }

    /// Whether a key that a client watches died since without anybody's having removed it.
    func hasDeadWatch(_ client: Client) -> Bool {
        client.watches.contains { !$0.wasDead && databases[$0.database].isDead(hash: $0.hash) }
    }
}
