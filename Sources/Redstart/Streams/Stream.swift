/// A log of entries in the order of their IDs, and the groups that read it.
///
/// Entries lie packed in blocks (`EntryBlock`), which begin a new one where Redis begins a node of its stream; that is
/// seen from outside, by approximate trimming. A tree orders the blocks by the ID that each was begun with. So adding
/// touches only the last block, finding an ID costs O(log n), and trimming drops whole blocks.
final class Stream: StoredObject {
    /// What a block may hold; `stream-node-max-bytes` and `-entries`. Zero means no limit.
    struct BlockLimits {
        var bytes = 4_096
        var entries = 100
    }

    /// No block and no entry may be larger than this, in bytes.
    static let mostBytes = 1 << 30

    /// How many entries there are.
    private(set) var count = 0
    /// The greatest ID ever given.
    private(set) var lastID = EntryID.zero
    /// The ID of the first entry, zero where there is none.
    private(set) var firstID = EntryID.zero
    /// The greatest ID that XDEL took out.
    private(set) var maxDeletedID = EntryID.zero
    /// How many entries were ever added.
    private(set) var entriesAdded = 0
    /// By name.
    private(set) var groups: [StreamGroup] = []

    private let blocks: BTree<EntryBlockReference>
    private var lastBlock: EntryBlock?
    private var blockBytes = 0
    let keyspace: Keyspace
    private var slabs: Slabs { keyspace.slabs }

    init(_ keyspace: Keyspace) {
        self.keyspace = keyspace
        blocks = BTree(countedBy: keyspace.slabs)
    }

    deinit {
        let remains = BuriedStream(blocks, groups, keyspace.slabs)
        if remains.elements > Graveyard.leastElements { keyspace.graveyard.bury(remains) }
    }

    override var encoding: StaticString { "stream" }

    override var byteCount: Int {
        groups.reduce(Stream.headerBytes + blockBytes + blocks.bytes) { $0 + $1.byteCount }
    }

    /// What the object itself takes.
    private static let headerBytes = 208

    override func copy() -> StoredObject {
        let copy = Stream(keyspace)
        copy.count = count
        copy.lastID = lastID
        copy.firstID = firstID
        copy.maxDeletedID = maxDeletedID
        copy.entriesAdded = entriesAdded
        var cursor = blocks.cursor(at: 0)
        while let reference = cursor.next() {
            copy.insert(EntryBlock(slabs, copying: reference.block))
        }
        copy.groups = groups.map { $0.copy() }
        return copy
    }

    // MARK: - Adding

    /// The ID of an entry that is added at `moment` and leaves the choice to the server. Nil after the last possible.
    func nextID(at moment: UInt64) -> EntryID? {
        lastID.milliseconds < moment ? EntryID(milliseconds: moment, sequence: 0) : lastID.next
    }

    /// Adds an entry, whose ID must be greater than the last. `sourceBytes` is the length of its fields and values.
    @inline(__always)
    func append(_ id: EntryID, _ source: some EntrySource, sourceBytes: Int, _ limits: BlockLimits) {
        assert(lastID < id)
        if var block = lastBlock, hasRoom(block, for: sourceBytes, limits) {
            let before = block
            let bytesBefore = block.byteCount
            block.append(id, source, sourceBytes: sourceBytes, slabs)
            if block != before { replaceLast(block, bytesBefore: bytesBefore) }
        } else {
            begin(id, source, sourceBytes: sourceBytes)
        }
        if count == 0 { firstID = id }
        count &+= 1
        entriesAdded &+= 1
        lastID = id
    }

    @inline(__always)
    private func hasRoom(_ block: EntryBlock, for bytes: Int, _ limits: BlockLimits) -> Bool {
        if limits.entries > 0, block.count &+ block.removed >= limits.entries { return false }
        let weight = block.weight &+ bytes
        return weight < Stream.mostBytes && (limits.bytes <= 0 || weight < limits.bytes)
    }

    @inline(never)
    private func begin(_ id: EntryID, _ source: some EntrySource, sourceBytes: Int) {
        if var last = lastBlock {
            let before = last
            let bytesBefore = last.byteCount
            last.trim(slabs)
            if last != before { replaceLast(last, bytesBefore: bytesBefore) }
        }
        var block = EntryBlock(slabs, id, source, sourceBytes: sourceBytes)
        block.append(id, source, sourceBytes: sourceBytes, slabs)
        insert(block)
    }

    private func insert(_ block: EntryBlock) {
        blocks.insert(EntryBlockReference(base: block.base, block: block))
        lastBlock = block
        blockBytes += block.byteCount
    }

    /// The last block has moved.
    private func replaceLast(_ block: EntryBlock, bytesBefore: Int) {
        blocks.update(EntryBlockReference(base: block.base, block: block))
        lastBlock = block
        blockBytes += block.byteCount - bytesBefore
    }

    // MARK: - Removing

    /// Takes the entry with that ID out; false if there is none. It does not say that anybody deleted it.
    func remove(_ id: EntryID) -> Bool {
        guard let block = block(of: id), let index = block.index(of: id) else { return false }
        block.remove(at: index)
        count -= 1
        if block.count == 0 { drop(block) }
        if id == firstID { firstID = firstEntryID }
        return true
    }

    /// Notes that an entry was deleted for good, wherever it was.
    func noteDeleted(_ id: EntryID) { maxDeletedID = max(maxDeletedID, id) }

    /// The block that would hold that ID.
    private func block(of id: EntryID) -> EntryBlock? {
        if let lastBlock, lastBlock.base <= id { return lastBlock }
        var cursor = blocks.cursor { $0.base <= id }
        return cursor.previous()?.block
    }

    private func drop(_ block: EntryBlock) {
        blocks.remove(EntryBlockReference(base: block.base, block: block))
        blockBytes -= block.byteCount
        if block == lastBlock { lastBlock = blocks.last?.block }
        block.free(slabs)
    }

    private var firstEntryID: EntryID { blocks.first.map { $0.block.id(at: 0) } ?? .zero }

    /// Drops the oldest entries as `trim` says, and answers how many.
    func trim(_ trim: StreamTrim) -> Int {
        var trimmed = 0
        while let block = blocks.first?.block, trim.wantsMore(count, firstID) {
            let entries = block.count
            if trim.limit > 0, trimmed + entries > trim.limit { break }
            if trim.coversBlock(count, entries, block.last) {
                drop(block)
                count -= entries
                trimmed += entries
            } else {
                guard !trim.isApproximate else { break }
                let amount = trim.amount(count, in: block)
                trimmed += amount
                count -= amount
                if amount == entries { drop(block) } else { block.removeFirst(amount) }
                firstID = firstEntryID
                if amount < entries { break }
            }
            firstID = firstEntryID
        }
        return trimmed
    }

    // MARK: - Counters

    /// XSETID: what counts as given, added and deleted so far.
    func setCounters(lastID: EntryID, entriesAdded: Int?, maxDeletedID: EntryID?) {
        self.lastID = lastID
        if let entriesAdded { self.entriesAdded = entriesAdded }
        if let maxDeletedID, maxDeletedID != .zero { self.maxDeletedID = maxDeletedID }
    }

    /// Where an entry with that ID stands among all ever added, if that can be told without counting. The counters wrap
    /// around, as in Redis: XSETID and XGROUP set them to anything.
    func rankEverAdded(_ id: EntryID) -> Int? {
        if entriesAdded == 0 { return 0 }
        if count == 0, id <= lastID { return entriesAdded }
        if id == lastID { return entriesAdded }
        guard id < lastID else { return nil }
        guard maxDeletedID == .zero || maxDeletedID < firstID else { return nil }
        if id < firstID { return entriesAdded &- count }
        return id == firstID ? entriesAdded &- count &+ 1 : nil
    }

    /// Whether an entry from `id` on may have been deleted.
    func mayHaveGaps(from id: EntryID) -> Bool {
        count > 0 && maxDeletedID != .zero && firstID <= maxDeletedID && id <= maxDeletedID
    }

    /// Notes that a group was given an entry.
    @inline(__always)
    func noteRead(_ id: EntryID, by group: StreamGroup) {
        guard group.lastID < id else { return }
        group.lastID = id
        if let read = group.entriesRead, !mayHaveGaps(from: id) {
            group.entriesRead = read &+ 1
        } else {
            group.entriesRead = rankEverAdded(id)
        }
    }

    /// How many entries a group has yet to read, if that can be told without counting.
    func lag(of group: StreamGroup) -> Int? {
        if entriesAdded == 0 { return 0 }
        if let read = group.entriesRead, !mayHaveGaps(from: group.lastID) { return entriesAdded &- read }
        return rankEverAdded(group.lastID).map { entriesAdded &- $0 }
    }

    // MARK: - Blocks, as XINFO tells them

    var blockCount: Int { blocks.count }

    /// How many nodes a radix tree of the blocks' IDs has that puts runs of bytes without a branch in one node: what
    /// Redis keeps its blocks in. It walks over all blocks.
    var radixNodeCount: Int {
        guard var previous = blocks.first?.base else { return 1 }
        // The depths at which the way to the last ID branches. A branch counts, with the run that leads on from it to
        // that ID, when the way has left it.
        var branches: [Int] = []
        var nodes = 0
        // The run, if there is one, between a branch (or the root) and what is below it.
        func run(from upper: Int?, to depth: Int) -> Int { depth > (upper.map { $0 + 1 } ?? 0) ? 1 : 0 }
        var cursor = blocks.cursor(at: 1)
        while let next = cursor.next() {
            let depth = previous.commonBytes(next.base)
            nodes += 1
            var lower = 16
            while let branch = branches.last, branch > depth {
                branches.removeLast()
                nodes += run(from: branch, to: lower) + 1
                lower = branch
            }
            nodes += run(from: depth, to: lower)
            if branches.last != depth { branches.append(depth) }
            previous = next.base
        }
        var lower = 16
        while let branch = branches.popLast() {
            nodes += run(from: branch, to: lower) + 1
            lower = branch
        }
        return nodes + run(from: nil, to: lower) + 1
    }

    // MARK: - Reading

    /// The entry with that ID.
    func entry(_ id: EntryID) -> LogEntry? {
        guard let block = block(of: id), let index = block.index(of: id) else { return nil }
        return block.entry(at: index)
    }

    /// Whether there is an entry that comes after `id`.
    @inline(__always)
    func hasEntry(after id: EntryID) -> Bool {
        guard let lastBlock else { return false }
        return id < lastBlock.id(at: lastBlock.count - 1)
    }

    var firstEntry: LogEntry? { blocks.first.map { $0.block.entry(at: 0) } }

    var lastEntry: LogEntry? { lastBlock.map { $0.entry(at: $0.count - 1) } }

    /// Walks over entries one way. It holds until the stream changes.
    struct Walk {
        fileprivate var cursor: BTree<EntryBlockReference>.Cursor
        fileprivate var block: EntryBlock?
        fileprivate var index = 0
        fileprivate let start: EntryID
        fileprivate let end: EntryID

        /// The next entry, upwards.
        @inline(__always)
        mutating func next() -> LogEntry? {
            while let current = block {
                if index < current.count {
                    let entry = current.entry(at: index)
                    index &+= 1
                    return entry.id <= end ? entry : nil
                }
                block = cursor.next()?.block
                index = 0
            }
            return nil
        }

        /// The next entry, downwards.
        @inline(__always)
        mutating func previous() -> LogEntry? {
            while let current = block {
                if index > 0 {
                    index &-= 1
                    let entry = current.entry(at: index)
                    return start <= entry.id ? entry : nil
                }
                block = cursor.previous()?.block
                index = block?.count ?? 0
            }
            return nil
        }
    }

    /// Upwards from the first entry that is not less than `start`, to the last that is not greater than `end`.
    @inline(__always)
    func walk(from start: EntryID, through end: EntryID) -> Walk {
        var cursor = blocks.cursor { $0.base <= start }
        var block = cursor.previous()?.block
        if block == nil {
            block = cursor.next()?.block
        } else {
            _ = cursor.next()
        }
        return Walk(cursor: cursor, block: block, index: block?.countBefore(start) ?? 0, start: start, end: end)
    }

    /// Visits all entries.
    func forEach(_ body: (LogEntry) -> Void) {
        var walk = walk(from: .zero, through: .max)
        while let entry = walk.next() { body(entry) }
    }

    /// Downwards from the last entry that is not greater than `end`, to the first that is not less than `start`.
    func walkBack(from end: EntryID, through start: EntryID) -> Walk {
        var cursor = blocks.cursor { $0.base <= end }
        let block = cursor.previous()?.block
        let index = block.map { block in end.next.map { block.countBefore($0) } ?? block.count } ?? 0
        return Walk(cursor: cursor, block: block, index: index, start: start, end: end)
    }

    // MARK: - Groups

    /// Where the group of that name is, or would be.
    private func place(_ name: Bytes) -> (index: Int, isThere: Bool) { groups.place(of: name, \.name) }

    func group(_ name: Bytes) -> StreamGroup? {
        let place = place(name)
        return place.isThere ? groups[place.index] : nil
    }

    /// Makes a group; nil if there is one of that name.
    func makeGroup(_ name: Bytes, lastID: EntryID, entriesRead: Int?) -> StreamGroup? {
        let place = place(name)
        guard !place.isThere else { return nil }
        let group = StreamGroup(Array(name), lastID: lastID, entriesRead: entriesRead, keyspace)
        groups.insert(group, at: place.index)
        return group
    }

    /// Ends the group of that name; false if there is none.
    func removeGroup(_ name: Bytes) -> Bool {
        let place = place(name)
        guard place.isThere else { return false }
        let remains = BuriedStream(nil, [groups.remove(at: place.index)], slabs)
        if remains.elements > Graveyard.leastElements { keyspace.graveyard.bury(remains) }
        return true
    }

    // MARK: - Invariants

    /// Blocks and their order, and everything that is counted. Costs O(n).
    func checkInvariants() {
        blocks.checkInvariants()
        var entries = 0
        var bytes = 0
        var last: EntryBlock?
        var cursor = blocks.cursor(at: 0)
        while let reference = cursor.next() {
            reference.block.checkInvariants()
            precondition(reference.base == reference.block.base && reference.block.count > 0, "a block is misplaced")
            precondition(last.map { $0.last < reference.base } ?? true, "blocks overlap")
            entries += reference.block.count
            bytes += reference.block.byteCount
            last = reference.block
        }
        precondition(entries == count && bytes == blockBytes && last == lastBlock, "a stream miscounts")
        precondition(firstID == firstEntryID && (lastEntry?.id ?? .zero) <= lastID, "an edge is misplaced")
        for (group, next) in zip(groups, groups.dropFirst()) {
            precondition(group.name.withBytes { name in next.name.withBytes { name.compare($0) } } < 0)
        }
        for group in groups { group.checkInvariants() }
    }
}

extension Array {
    /// Where, in an array ordered by names, the element of that name is, or would be.
    func place(of name: Bytes, _ path: KeyPath<Element, [UInt8]>) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let order = self[middle][keyPath: path].withBytes { $0.compare(name) }
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}

/// Down to what a stream is trimmed.
struct StreamTrim {
    enum Threshold {
        case count(Int)
        case id(EntryID)
    }

    var threshold: Threshold
    /// Whether only whole blocks go.
    var isApproximate = false
    /// How many entries may go at most, 0 if any number.
    var limit = 0

    func wantsMore(_ count: Int, _ first: EntryID) -> Bool {
        switch threshold {
        case .count(let most): count > most
        case .id(let least): first < least
        }
    }

    /// Whether all of a block goes that begins the stream.
    func coversBlock(_ count: Int, _ entries: Int, _ last: EntryID) -> Bool {
        switch threshold {
        case .count(let most): count - entries >= most
        case .id(let least): last < least
        }
    }

    /// How many entries of the first block go.
    func amount(_ count: Int, in block: EntryBlock) -> Int {
        switch threshold {
        case .count(let most): count - most
        case .id(let least): block.countBefore(least)
        }
    }
}

/// What is left of a stream, or of one of its groups.
final class BuriedStream: Remains {
    private let blocks: BTree<EntryBlockReference>?
    private var groups: [StreamGroup]
    private let slabs: Slabs
    /// About how many elements there are to free.
    let elements: Int

    /// To look at hundreds of thousands of groups would take as long as to free them: of so many, each counts as one.
    private static let mostLookedAt = 64

    init(_ blocks: BTree<EntryBlockReference>?, _ groups: [StreamGroup], _ slabs: Slabs) {
        self.blocks = blocks
        self.groups = groups
        self.slabs = slabs
        let looksAt = groups.count <= BuriedStream.mostLookedAt
        elements = (blocks?.count ?? 0) + (looksAt ? groups.reduce(0) { $0 + $1.elements } : groups.count)
    }

    deinit { _ = free(budget: .max) }

    var objectCount: Int { 1 }

    func free(budget: Int) -> Bool {
        var left = budget
        while left > 0, let group = groups.last {
            if group.dismantle(&left) { groups.removeLast() }
        }
        guard groups.isEmpty, let blocks else { return groups.isEmpty }
        while left > 0, let first = blocks.popFirst() {
            first.block.free(slabs)
            left -= 4
        }
        return blocks.isEmpty
    }
}
