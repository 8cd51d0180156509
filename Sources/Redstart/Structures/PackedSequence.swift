internal import Glibc

/// How much goes into one block of a `PackedSequence`.
struct PackedLimit: BitwiseCopyable, Equatable {
    /// What a block's elements may take, as `PackedList.listpackBytes` counts.
    var bytes: Int
    /// How many elements a block may have.
    var entries: Int

    @inline(__always)
    func isExceeded(bytes: Int, entries: Int) -> Bool { bytes > self.bytes || entries > self.entries }

    /// Whether a block takes one more element of that length.
    @inline(__always)
    func admits(_ list: PackedList, _ valueBytes: Int) -> Bool {
        !isExceeded(bytes: list.listpackBytes &+ valueBytes &+ PackedLimit.mostAround, entries: list.count &+ 1)
    }

    /// What an element takes besides its bytes, at the most that matters.
    private static let mostAround = 8
}

/// A long sequence of strings: packed blocks, and an index that counts.
///
/// The index is two levels deep: groups of up to 256 blocks, and for each block its address and the number of its
/// elements. So the place of an element is found by adding up the counts of groups, then of the blocks in one of them:
/// a few cache lines in a row, where a tree would have a miss for each level. A million short elements make 3,000
/// blocks in a dozen groups. Nothing here walks elements but within the one block that is meant.
///
/// Blocks are filled up to a limit at both ends; in the middle they are split, and joined again where two fit in one.
/// Those that were filled and left behind are made smaller until somebody looks at them (`PackedCompression`).
@safe class PackedSequence: StoredObject {
    /// A block: where it is, and how many elements it has.
    @unsafe private struct Node {
        var address: UnsafeMutableRawPointer
        var count: Int32
        /// Whether the block is in its short form: see `PackedCompression`.
        var isShort: Bool
    }

    @unsafe private struct Group {
        var nodes: UnsafeMutablePointer<Node>
        var used: Int
        var capacity: Int
        /// The elements in all its blocks.
        var count: Int
    }

    /// The place of a block in the index. It holds until blocks come or go.
    struct Place: Equatable {
        fileprivate var group: Int
        fileprivate var node: Int

        static let first = Place(group: 0, node: 0)
    }

    final let slabs: Slabs
    final let limit: PackedLimit
    private final let graveyard: Graveyard
    private final var groups: UnsafeMutablePointer<Group>
    private final var groupCount = 0
    private final var groupCapacity = 0
    /// How many elements there are.
    private(set) final var count = 0
    private(set) final var blockCount = 0
    /// The memory that the blocks take.
    private final var blockBytes = 0

    private static let mostNodes = 256
    private static let nodeBytes = unsafe MemoryLayout<Node>.stride
    private static let groupBytes = unsafe MemoryLayout<Group>.stride

    /// A sequence of one block, which it takes over.
    init(_ block: PackedBlock, _ slabs: Slabs, _ graveyard: Graveyard, limit: PackedLimit) {
        self.slabs = slabs
        self.graveyard = graveyard
        self.limit = limit
        groupCapacity = 1
        unsafe groups = slabs.allocate(PackedSequence.groupBytes).assumingMemoryBound(to: Group.self)
        super.init()
        addGroup(at: 0)
        insertNode(block, at: .first)
    }

    /// A copy of another one.
    init(copying other: PackedSequence) {
        slabs = other.slabs
        graveyard = other.graveyard
        limit = other.limit
        groupCapacity = other.groupCount
        let bytes = groupCapacity * PackedSequence.groupBytes
        unsafe groups = slabs.allocate(bytes).assumingMemoryBound(to: Group.self)
        super.init()
        for group in 0..<other.groupCount {
            addGroup(at: group)
            for node in unsafe 0..<other.groups[group].used {
                let source = other.block(at: Place(group: group, node: node))
                insertNode(PackedBlock(slabs, source.bytes), at: Place(group: group, node: node))
            }
        }
    }

    deinit {
        let buried = blockCount > PackedSequence.leastBuried ? BuriedBlocks(slabs) : nil
        for group in 0..<groupCount {
            for node in unsafe 0..<groups[group].used {
                let block = unsafe PackedBlock(slabs, at: groups[group].nodes[node].address)
                if let buried { buried.add(block) } else { block.free() }
            }
            unsafe freeNodes(groups[group])
        }
        unsafe slabs.deallocate(groups, groupCapacity * PackedSequence.groupBytes)
        if let buried { graveyard.bury(buried) }
    }

    /// With more blocks than this they are freed over turns.
    private static let leastBuried = 16

    private func freeNodes(_ group: Group) {
        unsafe slabs.deallocate(group.nodes, group.capacity * PackedSequence.nodeBytes)
    }

    final var memoryBytes: Int {
        var bytes = blockBytes + Slabs.capacity(groupCapacity * PackedSequence.groupBytes)
        for group in 0..<groupCount {
            unsafe bytes += Slabs.capacity(groups[group].capacity * PackedSequence.nodeBytes)
        }
        return bytes + 128
    }

    override var byteCount: Int { memoryBytes }

    // MARK: - Places

    final var firstPlace: Place { .first }

    @inline(__always)
    final var lastPlace: Place {
        unsafe Place(group: groupCount &- 1, node: groups[groupCount &- 1].used &- 1)
    }

    @inline(__always)
    final func place(after place: Place) -> Place? {
        if unsafe place.node &+ 1 < groups[place.group].used { return Place(group: place.group, node: place.node &+ 1) }
        return place.group &+ 1 < groupCount ? Place(group: place.group &+ 1, node: 0) : nil
    }

    @inline(__always)
    final func place(before place: Place) -> Place? {
        if place.node > 0 { return Place(group: place.group, node: place.node &- 1) }
        guard place.group > 0 else { return nil }
        return unsafe Place(group: place.group &- 1, node: groups[place.group &- 1].used &- 1)
    }

    /// The block at `place`, as it was before it was made short, and from now on.
    @inline(__always)
    private final func block(at place: Place) -> PackedBlock {
        let node = unsafe node(place)
        if unsafe node.pointee.isShort { unsafe expand(node) }
        return unsafe PackedBlock(slabs, at: node.pointee.address)
    }

    @inline(__always)
    private final func node(_ place: Place) -> UnsafeMutablePointer<Node> {
        precondition(place.group >= 0 && place.group < groupCount)
        let group = unsafe groups[place.group]
        unsafe precondition(place.node >= 0 && place.node < group.used)
        return unsafe group.nodes + place.node
    }

    /// How many elements the block at `place` has, without looking at it.
    @inline(__always)
    final func elementCount(at place: Place) -> Int { unsafe Int(node(place).pointee.count) }

    /// The elements in the block at `place`. Good until the sequence changes.
    @inline(__always)
    final func list(at place: Place) -> PackedList { block(at: place).list }

    /// The block with the element that has `index` elements before it, and the element's index in there; `index` must
    /// be in `0..<count`.
    final func find(_ index: Int) -> (place: Place, index: Int) {
        precondition(index >= 0 && index < count)
        var group = 0
        var left = index
        if index < count / 2 {
            while unsafe left >= groups[group].count {
                unsafe left &-= groups[group].count
                group &+= 1
            }
        } else {
            group = groupCount &- 1
            unsafe left = count &- groups[group].count
            while left > index {
                group &-= 1
                unsafe left &-= groups[group].count
            }
            left = index &- left
        }
        let nodes = unsafe groups[group].nodes
        var node = 0
        while unsafe left >= Int(nodes[node].count) {
            unsafe left &-= Int(nodes[node].count)
            node &+= 1
        }
        return (Place(group: group, node: node), left)
    }

    // MARK: - Changing blocks

    /// Changes the block at `place`, to which `change` elements come. It must not become empty.
    @inline(__always)
    final func edit(_ place: Place, by change: Int, _ body: (inout PackedBlock) -> Void) {
        var block = block(at: place)
        let node = unsafe node(place)
        let bytesBefore = block.blockBytes
        body(&block)
        unsafe node.pointee.address = block.address
        unsafe node.pointee.count &+= Int32(truncatingIfNeeded: change)
        unsafe groups[place.group].count &+= change
        count &+= change
        blockBytes &+= block.blockBytes &- bytesBefore
        assert(block.list.count > 0)
    }

    /// Takes elements out of the block at `place`, as many as `body` answers. True if the block went with the last.
    @inline(__always)
    final func editRemoving(_ place: Place, _ body: (inout PackedBlock) -> Int) -> Bool {
        var block = block(at: place)
        let node = unsafe node(place)
        let bytesBefore = block.blockBytes
        let removed = body(&block)
        unsafe node.pointee.address = block.address
        unsafe node.pointee.count &-= Int32(truncatingIfNeeded: removed)
        unsafe groups[place.group].count &-= removed
        count &-= removed
        blockBytes &+= block.blockBytes &- bytesBefore
        guard block.list.count == 0 else { return false }
        takeNode(place).free()
        return true
    }

    /// The place of the block that took the place of one that went; nil if that was the last.
    final func standing(_ place: Place) -> Place? {
        if place.group < groupCount, unsafe place.node < groups[place.group].used { return place }
        return place.group + 1 < groupCount && place.node > 0 ? Place(group: place.group + 1, node: 0) : nil
    }

    /// Puts a block before the one at `place`, or at the end where `place` is behind the last one of its group; returns
    /// its place.
    @discardableResult
    final func insertNode(_ block: PackedBlock, at place: Place) -> Place {
        var place = place
        if unsafe groups[place.group].used == PackedSequence.mostNodes { place = splitGroup(place) }
        let group = unsafe groups + place.group
        if unsafe group.pointee.used == group.pointee.capacity { unsafe growNodes(group) }
        let nodes = unsafe group.pointee.nodes
        let behind = unsafe group.pointee.used &- place.node
        unsafe memmove(nodes + place.node + 1, nodes + place.node, behind &* PackedSequence.nodeBytes)
        let added = block.list.count
        unsafe nodes[place.node] = unsafe Node(
            address: block.address, count: Int32(truncatingIfNeeded: added), isShort: false)
        unsafe group.pointee.used &+= 1
        unsafe group.pointee.count &+= added
        count &+= added
        blockCount &+= 1
        blockBytes &+= block.blockBytes
        return place
    }

    /// Makes `block` the only one.
    final func plantNode(_ block: PackedBlock) {
        precondition(groupCount == 0)
        addGroup(at: 0)
        insertNode(block, at: .first)
    }

    final func insertNode(_ block: PackedBlock, after place: Place) -> Place {
        insertNode(block, at: Place(group: place.group, node: place.node + 1))
    }

    /// Takes the block at `place` out and hands it over; one that was not looked at may be in its short form.
    final func takeNode(_ place: Place) -> PackedBlock {
        let block = unsafe PackedBlock(slabs, at: node(place).pointee.address)
        let group = unsafe groups + place.group
        let nodes = unsafe group.pointee.nodes
        let removed = unsafe Int(nodes[place.node].count)
        let behind = unsafe group.pointee.used &- place.node &- 1
        unsafe memmove(nodes + place.node, nodes + place.node + 1, behind &* PackedSequence.nodeBytes)
        unsafe group.pointee.used &-= 1
        unsafe group.pointee.count &-= removed
        count &-= removed
        blockCount &-= 1
        blockBytes &-= block.blockBytes
        if unsafe group.pointee.used == 0 { removeGroup(place.group) }
        return block
    }

    /// Removes `number` blocks, from the one at `first` on; many are freed over turns.
    final func removeNodes(from first: Place, _ number: Int) {
        let buried = number > PackedSequence.leastBuried ? BuriedBlocks(slabs) : nil
        // Backwards, so that little is moved and the places before stay good.
        var place = first
        for _ in 1..<max(number, 1) { place = self.place(after: place) ?? place }
        for left in stride(from: number, to: 0, by: -1) {
            let previous = self.place(before: place)
            let block = takeNode(place)
            if let buried { buried.add(block) } else { block.free() }
            guard left > 1, let previous else { break }
            place = previous
        }
        if let buried { graveyard.bury(buried) }
    }

    // MARK: - Short blocks

    /// Makes the block at `place` smaller, if that is worth it, until it is looked at again.
    final func shorten(_ place: Place) {
        let node = unsafe node(place)
        guard unsafe !node.pointee.isShort else { return }
        let block = unsafe PackedBlock(slabs, at: node.pointee.address)
        let list = block.list
        unsafe withUnsafeTemporaryAllocation(byteCount: list.bytes.count, alignment: 8) { room in
            guard let target = room.baseAddress, let count = unsafe list.compress(to: target) else { return }
            let short = unsafe PackedBlock(slabs, Bytes(target, count))
            blockBytes &+= short.blockBytes &- block.blockBytes
            block.free()
            unsafe node.pointee.address = short.address
            unsafe node.pointee.isShort = true
        }
    }

    @inline(never)
    private final func expand(_ node: UnsafeMutablePointer<Node>) {
        let short = unsafe PackedBlock(slabs, at: node.pointee.address)
        let count = PackedList.expandedBytes(short.bytes)
        var block = PackedBlock(slabs, .empty, capacity: count)
        let target = unsafe block.splice(at: 0, removing: 0, inserting: count)
        unsafe PackedList.expand(short.bytes, to: target)
        blockBytes &+= block.blockBytes &- short.blockBytes
        short.free()
        unsafe node.pointee.address = block.address
        unsafe node.pointee.isShort = false
    }

    // MARK: - Groups

    private final func addGroup(at index: Int) {
        if groupCount == groupCapacity {
            let bytes = groupCapacity * PackedSequence.groupBytes
            let moved = unsafe slabs.reallocate(groups, bytes, to: 2 * bytes)
            unsafe groups = moved.assumingMemoryBound(to: Group.self)
            groupCapacity *= 2
        }
        unsafe memmove(
            groups + index + 1, groups + index, (groupCount - index) * PackedSequence.groupBytes)
        let capacity = 4
        let nodes = unsafe slabs.allocate(capacity * PackedSequence.nodeBytes).assumingMemoryBound(to: Node.self)
        unsafe groups[index] = unsafe Group(nodes: nodes, used: 0, capacity: capacity, count: 0)
        groupCount += 1
    }

    private final func removeGroup(_ index: Int) {
        unsafe freeNodes(groups[index])
        unsafe memmove(
            groups + index, groups + index + 1, (groupCount - index - 1) * PackedSequence.groupBytes)
        groupCount -= 1
    }

    private final func growNodes(_ group: UnsafeMutablePointer<Group>) {
        let capacity = unsafe group.pointee.capacity
        let bytes = capacity * PackedSequence.nodeBytes
        let moved = unsafe slabs.reallocate(group.pointee.nodes, bytes, to: 2 * bytes)
        unsafe group.pointee.nodes = moved.assumingMemoryBound(to: Node.self)
        unsafe group.pointee.capacity = capacity * 2
    }

    /// Makes room in a full group; returns where `place` is then. At an end of the sequence a new group begins, so that
    /// what grows there leaves full groups behind.
    private final func splitGroup(_ place: Place) -> Place {
        let index = place.group
        if place.node == PackedSequence.mostNodes {
            if index + 1 < groupCount, unsafe groups[index + 1].used < PackedSequence.mostNodes {
                return Place(group: index + 1, node: 0)
            }
            addGroup(at: index + 1)
            return Place(group: index + 1, node: 0)
        }
        addGroup(at: place.node == 0 ? index : index + 1)
        if place.node == 0 { return Place(group: index, node: 0) }
        let kept = place.node
        let moved = PackedSequence.mostNodes - kept
        while unsafe groups[index + 1].capacity < moved { unsafe growNodes(groups + index + 1) }
        unsafe memcpy(groups[index + 1].nodes, groups[index].nodes + kept, moved * PackedSequence.nodeBytes)
        var count = 0
        for node in 0..<moved { unsafe count += Int(groups[index + 1].nodes[node].count) }
        unsafe groups[index + 1].used = moved
        unsafe groups[index + 1].count = count
        unsafe groups[index].used = kept
        unsafe groups[index].count -= count
        return place
    }

    // MARK: - Invariants

    /// The counts add up, no block and no group is empty, and every block is in order. Debug builds only.
    final func checkInvariants() {
        #if DEBUG
        var (elements, blocks, bytes) = (0, 0, 0)
        for group in 0..<groupCount {
            let used = unsafe groups[group].used
            unsafe precondition(used > 0 && used <= groups[group].capacity && used <= PackedSequence.mostNodes)
            var inGroup = 0
            for node in 0..<used {
                let block = block(at: Place(group: group, node: node))
                block.list.checkInvariants()
                unsafe precondition(block.list.count == Int(groups[group].nodes[node].count) && block.list.count > 0)
                inGroup += block.list.count
                bytes += block.blockBytes
            }
            unsafe precondition(inGroup == groups[group].count, "a group does not add up")
            elements += inGroup
            blocks += used
        }
        precondition(elements == count && blocks == blockCount && bytes == blockBytes, "the blocks do not add up")
        #endif
    }
}

/// Blocks of a sequence that ended, or was cut.
@safe final class BuriedBlocks: Remains {
    private var addresses: [UnsafeMutableRawPointer] = unsafe []
    private let slabs: Slabs
    /// A block takes as much as some dozens of members.
    private(set) var elements = 0

    init(_ slabs: Slabs) { self.slabs = slabs }

    /// To be called before they are buried.
    func add(_ block: PackedBlock) {
        unsafe addresses.append(block.address)
        elements += 64
    }

    var objectCount: Int { 1 }

    func free(budget: Int) -> Bool {
        for _ in 0..<budget / 8 + 1 {
            guard let address = unsafe addresses.popLast() else { return true }
            unsafe PackedBlock(slabs, at: address).free()
        }
        return unsafe addresses.isEmpty
    }

    deinit { _ = free(budget: .max / 2) }
}
