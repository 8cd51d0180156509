internal import Glibc

/// Bytes in which a part can be replaced by one of another length: an inline value of a record, or a block of its own.
protocol SplicedBytes {
    /// What they are now. Good until the next change.
    var bytes: Bytes { get }

    /// Takes `removing` bytes at `offset` away, and makes room there for `inserting`, which the caller then writes to
    /// the address that it gets.
    mutating func splice(at offset: Int, removing: Int, inserting: Int) -> UnsafeMutableRawPointer
}

/// The inline value of a record that is being changed. The record may move: `entry` is what refers to it afterwards.
struct InlineBytes: SplicedBytes {
    let table: KeyTable
    var entry: Entry

    @inline(__always)
    init(_ entry: Entry, in table: KeyTable) {
        self.table = table
        self.entry = entry
    }

    @inline(__always)
    var bytes: Bytes { entry.record.bytes }

    @inline(__always)
    mutating func splice(at offset: Int, removing: Int, inserting: Int) -> UnsafeMutableRawPointer {
        unsafe table.splice(&entry, at: offset, removing: removing, inserting: inserting)
    }
}

/// Bytes in a block of their own, with room to grow: a node of a large list. It belongs to whoever made it, who frees
/// it.
@safe struct PackedBlock: SplicedBytes {
    // The block: count and capacity in 32 bits each, then the bytes.
    private(set) var address: UnsafeMutableRawPointer
    private let slabs: Slabs

    private static let headerBytes = 8

    /// A block of its own that holds an empty `PackedList`, with room for so many bytes.
    init(_ slabs: Slabs, capacity: Int = 0) {
        self.init(slabs, PackedList.empty, capacity: capacity)
    }

    /// A block that holds a copy of `bytes`, with room for `capacity` if that is more.
    init(_ slabs: Slabs, _ bytes: Bytes, capacity: Int = 0) {
        self.slabs = slabs
        let room = PackedBlock.room(for: max(bytes.count, capacity))
        unsafe address = slabs.allocate(PackedBlock.headerBytes + room)
        unsafe address.storeBytes(of: UInt32(room), toByteOffset: 4, as: UInt32.self)
        unsafe address.storeBytes(of: UInt32(bytes.count), as: UInt32.self)
        unsafe memcpy(address + PackedBlock.headerBytes, bytes.base, bytes.count)
    }

    /// The block that is at `address`: for who keeps no more than that.
    @inline(__always)
    init(_ slabs: Slabs, at address: UnsafeMutableRawPointer) {
        self.slabs = slabs
        unsafe self.address = address
    }

    func free() { unsafe slabs.deallocate(address, byteCount) }

    @inline(__always)
    private var count: Int { unsafe Int(address.load(as: UInt32.self)) }

    @inline(__always)
    private var capacity: Int { unsafe Int(address.load(fromByteOffset: 4, as: UInt32.self)) }

    @inline(__always)
    private var byteCount: Int { PackedBlock.headerBytes &+ capacity }

    /// The memory that the block takes.
    var blockBytes: Int { Slabs.capacity(byteCount) }

    @inline(__always)
    var bytes: Bytes { unsafe Bytes(address + PackedBlock.headerBytes, count) }

    @inline(__always)
    var list: PackedList { PackedList(bytes) }

    private static func room(for bytes: Int) -> Int { Slabs.capacity(headerBytes + bytes) - headerBytes }

    @inline(__always)
    mutating func splice(at offset: Int, removing: Int, inserting: Int) -> UnsafeMutableRawPointer {
        let count = count
        let newCount = count &- removing &+ inserting
        precondition(offset >= 0 && removing >= 0 && offset &+ removing <= count && newCount <= Int(UInt32.max) / 2)
        if newCount > capacity { grow(newCount) }
        let start = unsafe address + PackedBlock.headerBytes + offset
        unsafe memmove(start + inserting, start + removing, count &- offset &- removing)
        unsafe address.storeBytes(of: UInt32(truncatingIfNeeded: newCount), as: UInt32.self)
        return unsafe start
    }

    /// Half as much again, so that what is appended to again and again is not copied each time.
    @inline(never)
    private mutating func grow(_ needed: Int) {
        resize(PackedBlock.room(for: needed + min(needed / 2, 1 << 20)))
    }

    /// Gives back the room that the block does not need now.
    mutating func trim() {
        let room = PackedBlock.room(for: count)
        if room < capacity { resize(room) }
    }

    private mutating func resize(_ room: Int) {
        unsafe address = slabs.reallocate(address, byteCount, to: PackedBlock.headerBytes + room)
        unsafe address.storeBytes(of: UInt32(room), toByteOffset: 4, as: UInt32.self)
    }
}

/// Editing a `PackedList`. Offsets are those of elements; `end` is that behind the last.
extension SplicedBytes {
    @inline(__always)
    var list: PackedList { PackedList(bytes) }

    @inline(__always)
    private mutating func setCount(_ count: Int) {
        precondition(count >= 0 && count <= PackedList.mostElements)
        unsafe UnsafeMutableRawPointer(mutating: bytes.base).storeBytes(
            of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
    }

    /// Puts an element before the one at `offset`. `value` must not be of the list itself.
    @inline(__always)
    mutating func insert(_ value: PackedValue, at offset: Int) {
        let count = list.count
        let gap = unsafe splice(at: offset, removing: 0, inserting: value.byteCount)
        unsafe value.write(to: gap)
        setCount(count &+ 1)
    }

    /// Puts two elements before the one at `offset`, the second behind the first.
    @inline(__always)
    mutating func insert(_ first: PackedValue, _ second: PackedValue, at offset: Int) {
        let count = list.count
        let gap = unsafe splice(at: offset, removing: 0, inserting: first.byteCount &+ second.byteCount)
        unsafe second.write(to: first.write(to: gap))
        setCount(count &+ 2)
    }

    /// Puts three elements before the one at `offset`, in their order.
    mutating func insert(_ first: PackedValue, _ second: PackedValue, _ third: PackedValue, at offset: Int) {
        let count = list.count
        let bytes = first.byteCount + second.byteCount + third.byteCount
        let gap = unsafe splice(at: offset, removing: 0, inserting: bytes)
        unsafe third.write(to: second.write(to: first.write(to: gap)))
        setCount(count + 3)
    }

    /// Puts `count` elements that were taken from a list, as the bytes they had there, before the one at `offset`, and
    /// one more behind them.
    mutating func insert(raw elements: Bytes, count added: Int, _ last: PackedValue, at offset: Int) {
        let count = list.count
        let gap = unsafe splice(at: offset, removing: 0, inserting: elements.count + last.byteCount)
        unsafe memcpy(gap, elements.base, elements.count)
        unsafe last.write(to: gap + elements.count)
        setCount(count + added + 1)
    }

    /// Appends `added` elements of `byteCount` bytes together, `next` naming one after the other.
    @inline(__always)
    mutating func append(_ added: Int, byteCount: Int, _ next: (Int) -> PackedValue) {
        let count = list.count
        var gap = unsafe splice(at: list.end, removing: 0, inserting: byteCount)
        for index in 0..<added { unsafe gap = next(index).write(to: gap) }
        setCount(count &+ added)
    }

    @inline(__always)
    mutating func append(_ value: PackedValue) { insert(value, at: list.end) }

    @inline(__always)
    mutating func prepend(_ value: PackedValue) { insert(value, at: list.start) }

    /// Puts `value` in the place of an element. It must not be of the list itself.
    @inline(__always)
    mutating func replace(_ element: PackedList.Element, with value: PackedValue) {
        let gap = unsafe splice(at: element.offset, removing: element.byteCount, inserting: value.byteCount)
        unsafe value.write(to: gap)
    }

    /// Takes away the `count` elements that lie in the bytes `range`.
    @inline(__always)
    mutating func remove(_ range: Range<Int>, count removed: Int) {
        let count = list.count
        _ = unsafe splice(at: range.lowerBound, removing: range.count, inserting: 0)
        setCount(count &- removed)
    }

    @inline(__always)
    mutating func remove(_ element: PackedList.Element) {
        remove(element.offset..<element.end, count: 1)
    }

    /// Appends `count` elements that another list has in its bytes `range`; for splitting and joining.
    mutating func append(_ other: PackedList, _ range: Range<Int>, count added: Int) {
        let count = list.count
        let part = other.bytes[range]
        let gap = unsafe splice(at: list.end, removing: 0, inserting: part.count)
        unsafe memcpy(gap, part.base, part.count)
        setCount(count + added)
    }

    /// The same, before the first element.
    mutating func prepend(_ other: PackedList, _ range: Range<Int>, count added: Int) {
        let count = list.count
        let part = other.bytes[range]
        let gap = unsafe splice(at: list.start, removing: 0, inserting: part.count)
        unsafe memcpy(gap, part.base, part.count)
        setCount(count + added)
    }

    /// Puts other bytes in the place of all that there are. They must not be of these themselves.
    mutating func replaceAll(with other: Bytes) {
        let gap = unsafe splice(at: 0, removing: bytes.count, inserting: other.count)
        unsafe memcpy(gap, other.base, other.count)
    }
}
