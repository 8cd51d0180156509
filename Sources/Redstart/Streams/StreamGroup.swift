/// An entry that was delivered to a consumer and not acknowledged yet.
struct PendingEntry: BitwiseCopyable, Comparable {
    let id: EntryID
    /// In milliseconds of the engine's clock.
    var deliveredAt: Int64
    /// The consumer's number in its group.
    var consumer: UInt32
    /// `StreamGroup.deliveries` tells what does not fit.
    fileprivate var deliveries: UInt32

    fileprivate init(id: EntryID, deliveredAt: Int64, consumer: UInt32) {
        self.id = id
        self.deliveredAt = deliveredAt
        self.consumer = consumer
        deliveries = 0
    }

    /// Something to look for.
    init(probe id: EntryID) { self.init(id: id, deliveredAt: 0, consumer: 0) }

    static func < (left: PendingEntry, right: PendingEntry) -> Bool { left.id < right.id }
}

/// Who reads a stream as one of a group.
final class StreamConsumer {
    let name: [UInt8]
    /// Its number in the group, for `PendingEntry`.
    let number: UInt32
    /// When it last tried to get entries, and when it last got some; milliseconds, the latter -1 if never.
    var seenAt: Int64
    var activeAt: Int64 = -1
    /// The IDs of the entries that are pending for it.
    let pending: BTree<EntryID>

    init(_ name: [UInt8], number: UInt32, seenAt: Int64, _ keyspace: Keyspace) {
        self.name = name
        self.number = number
        self.seenAt = seenAt
        pending = BTree(countedBy: keyspace.slabs)
    }
}

/// A group of consumers who share a stream's entries, each of which is delivered to one of them.
///
/// What is pending is in two orders: all of the group's entries by ID, with consumer, time and count, and the IDs alone
/// by consumer. Both are counted trees, so that a look, an acknowledgement and the counts cost O(log n) at most.
final class StreamGroup {
    let name: [UInt8]
    /// Up to where entries were delivered.
    var lastID: EntryID
    /// How many entries were delivered, nil where that is not known.
    var entriesRead: Int?
    let pending: BTree<PendingEntry>
    /// By name.
    private(set) var consumers: [StreamConsumer] = []
    private var byNumber: [StreamConsumer?] = []
    private var freeNumbers: [UInt32] = []
    /// Counts of deliveries that are beyond what a `PendingEntry` holds: somebody set them so.
    private var largeCounts: [EntryID: Int] = [:]
    private let keyspace: Keyspace

    init(_ name: [UInt8], lastID: EntryID, entriesRead: Int?, _ keyspace: Keyspace) {
        self.name = name
        self.lastID = lastID
        self.entriesRead = entriesRead
        self.keyspace = keyspace
        pending = BTree(countedBy: keyspace.slabs)
    }

    func copy() -> StreamGroup {
        let copy = StreamGroup(name, lastID: lastID, entriesRead: entriesRead, keyspace)
        copy.byNumber = Array(repeating: nil, count: byNumber.count)
        copy.freeNumbers = freeNumbers
        copy.largeCounts = largeCounts
        for consumer in consumers {
            let other = StreamConsumer(consumer.name, number: consumer.number, seenAt: consumer.seenAt, keyspace)
            other.activeAt = consumer.activeAt
            var cursor = consumer.pending.cursor(at: 0)
            while let id = cursor.next() { other.pending.insert(id) }
            copy.consumers.append(other)
            copy.byNumber[Int(other.number)] = other
        }
        var cursor = pending.cursor(at: 0)
        while let entry = cursor.next() { copy.pending.insert(entry) }
        return copy
    }

    /// The memory of the group and its consumers, in bytes.
    var byteCount: Int {
        consumers.reduce(StreamGroup.headerBytes + name.count + pending.bytes) {
            $0 + StreamGroup.consumerBytes + $1.name.count + $1.pending.bytes
        }
    }

    private static let headerBytes = 176
    private static let consumerBytes = 136

    // MARK: - Consumers

    func consumer(_ name: Bytes) -> StreamConsumer? {
        let place = consumers.place(of: name, \.name)
        return place.isThere ? consumers[place.index] : nil
    }

    /// The consumer with that number, which must be in use.
    func consumer(number: UInt32) -> StreamConsumer {
        guard let consumer = byNumber[Int(number)] else { preconditionFailure("an entry pending for nobody") }
        return consumer
    }

    /// Adds a consumer of a name that no other has.
    func makeConsumer(_ name: Bytes, at moment: Int64) -> StreamConsumer {
        let place = consumers.place(of: name, \.name)
        assert(!place.isThere)
        let number = freeNumbers.popLast() ?? UInt32(byNumber.count)
        if number == byNumber.count { byNumber.append(nil) }
        let consumer = StreamConsumer(Array(name), number: number, seenAt: moment, keyspace)
        byNumber[Int(number)] = consumer
        consumers.insert(consumer, at: place.index)
        return consumer
    }

    /// Removes a consumer and gives up what is pending for it; answers how many entries that was.
    func removeConsumer(_ consumer: StreamConsumer) -> Int {
        let place = consumer.name.withBytes { consumers.place(of: $0, \.name) }
        guard place.isThere else { return 0 }
        let count = consumer.pending.count
        var cursor = consumer.pending.cursor(at: 0)
        while let id = cursor.next() {
            if !largeCounts.isEmpty { largeCounts[id] = nil }
            pending.remove(PendingEntry(probe: id))
        }
        consumer.pending.removeAll()
        consumers.remove(at: place.index)
        byNumber[Int(consumer.number)] = nil
        freeNumbers.append(consumer.number)
        return count
    }

    // MARK: - Pending entries

    /// Notes that an entry was delivered to `consumer` for the first time, also where it was another's before.
    @inline(__always)
    func deliver(_ id: EntryID, to consumer: StreamConsumer, at moment: Int64) {
        var entry = PendingEntry(id: id, deliveredAt: moment, consumer: consumer.number)
        entry.deliveries = 1
        if let last = pending.last, id <= last.id {
            guard pending.find(entry) == nil else { return redeliver(entry, to: consumer) }
        }
        pending.insert(entry)
        consumer.pending.insert(id)
    }

    @inline(never)
    private func redeliver(_ entry: PendingEntry, to consumer: StreamConsumer) {
        set(entry, consumer, deliveries: 1)
    }

    /// Makes an entry pending for `consumer`, whose it is from now on.
    func set(_ id: EntryID, _ consumer: StreamConsumer, deliveredAt: Int64, deliveries: Int) {
        set(PendingEntry(id: id, deliveredAt: deliveredAt, consumer: consumer.number), consumer, deliveries: deliveries)
    }

    private func set(_ entry: PendingEntry, _ consumer: StreamConsumer, deliveries: Int) {
        var entry = entry
        let isLarge = deliveries < 0 || deliveries >= Int(UInt32.max)
        if isLarge || !largeCounts.isEmpty { largeCounts[entry.id] = isLarge ? deliveries : nil }
        entry.deliveries = isLarge ? .max : UInt32(deliveries)
        guard let old = pending.find(entry) else {
            pending.insert(entry)
            consumer.pending.insert(entry.id)
            return
        }
        pending.update(entry)
        guard old.consumer != entry.consumer else { return }
        self.consumer(number: old.consumer).pending.remove(entry.id)
        consumer.pending.insert(entry.id)
    }

    /// Notes that a pending entry was delivered once more to whom it is pending for.
    func deliverAgain(_ id: EntryID, at moment: Int64) {
        guard var entry = pending.find(PendingEntry(probe: id)) else { return }
        entry.deliveredAt = moment
        set(entry, consumer(number: entry.consumer), deliveries: deliveries(entry) &+ 1)
    }

    /// How often an entry was delivered.
    @inline(__always)
    func deliveries(_ entry: PendingEntry) -> Int {
        entry.deliveries == .max ? largeCounts[entry.id] ?? Int(entry.deliveries) : Int(entry.deliveries)
    }

    /// Takes an entry off; false if it was not pending.
    @inline(__always)
    func acknowledge(_ id: EntryID) -> Bool {
        guard let entry = pending.take(PendingEntry(probe: id)) else { return false }
        consumer(number: entry.consumer).pending.remove(id)
        if !largeCounts.isEmpty { largeCounts[id] = nil }
        return true
    }

    // MARK: - The end

    /// About how many elements there are to free.
    var elements: Int { 1 + consumers.count + pending.count / 16 }

    /// Frees about `budget` elements of a group that nobody sees any more, and takes what that cost from the budget;
    /// true when only the group itself is left.
    func dismantle(_ budget: inout Int) -> Bool {
        guard StreamGroup.free(pending, &budget) else { return false }
        while budget > 0, let consumer = consumers.last {
            guard StreamGroup.free(consumer.pending, &budget) else { return false }
            byNumber[Int(consumer.number)] = nil
            consumers.removeLast()
        }
        return consumers.isEmpty
    }

    /// A leaf is a dozen times the size of an element; a tree without any costs half as much.
    private static func free(_ tree: BTree<some BitwiseCopyable & Comparable>, _ budget: inout Int) -> Bool {
        tree.discardAll()
        let isDone = tree.freeDiscarded(limit: budget / 8 + 1)
        budget = isDone ? budget - 4 : 0
        return isDone
    }

    // MARK: - Invariants

    /// Both orders hold the same entries, and every consumer is where it belongs. Costs O(n log n).
    func checkInvariants() {
        pending.checkInvariants()
        var owned = 0
        for (consumer, next) in zip(consumers, consumers.dropFirst()) {
            precondition(consumer.name.withBytes { name in next.name.withBytes { name.compare($0) } } < 0)
        }
        for consumer in consumers {
            consumer.pending.checkInvariants()
            precondition(byNumber[Int(consumer.number)] === consumer, "a consumer has another's number")
            owned += consumer.pending.count
            var cursor = consumer.pending.cursor(at: 0)
            while let id = cursor.next() {
                precondition(
                    pending.find(PendingEntry(probe: id))?.consumer == consumer.number, "an entry is another's")
            }
        }
        precondition(owned == pending.count, "an entry is nobody's")
        precondition(byNumber.count == consumers.count + freeNumbers.count, "a number is lost")
        for id in largeCounts.keys { precondition(pending.find(PendingEntry(probe: id)) != nil) }
    }
}
