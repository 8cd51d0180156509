internal import Glibc

/// The fields and values that an entry is made of.
protocol EntrySource {
    /// How many fields, and as many values.
    var fieldCount: Int { get }
    func field(_ index: Int) -> Bytes
    func value(_ index: Int) -> Bytes
}

/// Consecutive entries in one block of memory, each an ID with fields and values.
///
///     0  base       16 bytes: the ID that the block was begun with; others are told by their distance to it
///    16  last       16 bytes: the greatest ID that was ever in here
///    32  capacity   4 bytes: the size of the whole block
///    36  used       4 bytes: where the entries end
///    40  count      4 bytes: how many entries there are
///    44  first      4 bytes: how many slots at the beginning have no entry any more
///    48  removed    4 bytes: how many entries were taken out
///    52  shared     4 bytes: how many fields the first entry had
///    56  entries    4 bytes: where the entries begin
///    60  weight     4 bytes: see `weight`
///    64  the first entry's field names, then the entries; free room; a slot for each entry, from the end downwards
///
/// An entry with the same fields as the first holds only values. Slots (2 bytes, 4 in large blocks) say where entries
/// begin, so that one is found by halving, taken out by closing the gap between slots, and read in either direction.
/// The bytes of what was taken out stay until the whole block goes.
@safe struct EntryBlock: BitwiseCopyable, Equatable {
    private(set) var address: UnsafeMutableRawPointer

    private static let headerBytes = 64
    /// Over this capacity a slot needs 4 bytes.
    private static let mostNarrowBytes = 65_535
    /// What a value may take besides its own bytes.
    private static let valueOverhead = 5
    /// What an entry may take besides its values: ID, number of fields, slot, and room to write beyond the end.
    private static let entryOverhead = 40

    @inline(__always)
    static func == (left: EntryBlock, right: EntryBlock) -> Bool { unsafe left.address == right.address }

    // MARK: - Header

    @inline(__always)
    private func word(_ offset: Int) -> Int { unsafe Int(address.load(fromByteOffset: offset, as: UInt32.self)) }

    @inline(__always)
    private func setWord(_ offset: Int, _ value: Int) {
        unsafe address.storeBytes(of: UInt32(truncatingIfNeeded: value), toByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    var base: EntryID {
        get { unsafe address.load(as: EntryID.self) }
        nonmutating set { unsafe address.storeBytes(of: newValue, as: EntryID.self) }
    }

    /// The greatest ID that was ever in the block, whether or not its entry is still there.
    @inline(__always)
    private(set) var last: EntryID {
        get { unsafe address.load(fromByteOffset: 16, as: EntryID.self) }
        nonmutating set { unsafe address.storeBytes(of: newValue, toByteOffset: 16, as: EntryID.self) }
    }

    /// The size of the whole block.
    @inline(__always)
    private(set) var byteCount: Int {
        get { word(32) }
        nonmutating set { setWord(32, newValue) }
    }

    @inline(__always)
    private var used: Int {
        get { word(36) }
        nonmutating set { setWord(36, newValue) }
    }

    /// How many entries there are.
    @inline(__always)
    private(set) var count: Int {
        get { word(40) }
        nonmutating set { setWord(40, newValue) }
    }

    @inline(__always)
    private var first: Int {
        get { word(44) }
        nonmutating set { setWord(44, newValue) }
    }

    /// How many entries were taken out.
    @inline(__always)
    private(set) var removed: Int {
        get { word(48) }
        nonmutating set { setWord(48, newValue) }
    }

    @inline(__always)
    private var sharedFields: Int { word(52) }

    /// What the same entries would take as a listpack (https://github.com/antirez/listpack), which is what the limits
    /// of a block are told in.
    @inline(__always)
    var weight: Int { word(60) + ListpackWeight.of(count) + ListpackWeight.of(removed) }

    // MARK: - Making

    /// An empty block for entries from `id` on, most of them with the fields of `source`.
    init(_ slabs: Slabs, _ id: EntryID, _ source: some EntrySource, sourceBytes: Int) {
        let fields = source.fieldCount
        let room = sourceBytes + EntryBlock.valueOverhead * 2 * fields + EntryBlock.entryOverhead
        let capacity = Slabs.capacity(EntryBlock.headerBytes + room + sourceBytes / 2 + fields)
        unsafe address = slabs.allocate(capacity)
        unsafe memset(address, 0, EntryBlock.headerBytes)
        base = id
        last = id
        byteCount = capacity
        setWord(52, fields)
        var position = EntryBlock.headerBytes
        var weight = ListpackWeight.header + ListpackWeight.of(fields)
        for index in 0..<fields {
            let field = source.field(index)
            reserve(position + field.count + EntryBlock.valueOverhead, slabs)
            position = write(field, at: position)
            weight += ListpackWeight.of(field)
        }
        used = position
        setWord(56, position)
        setWord(60, weight)
    }

    /// A copy of the block in the least memory.
    init(_ slabs: Slabs, copying other: EntryBlock) {
        let capacity = other.leastCapacity
        unsafe address = slabs.allocate(capacity)
        unsafe memcpy(address, other.address, other.used)
        byteCount = capacity
        copySlots(from: other)
    }

    func free(_ slabs: Slabs) { unsafe slabs.deallocate(address, byteCount) }

    private var leastCapacity: Int {
        let narrow = Slabs.capacity(used + 2 * (first + count))
        return narrow <= EntryBlock.mostNarrowBytes ? narrow : Slabs.capacity(used + 4 * (first + count))
    }

    /// Gives back the room that a block does not need to which nothing is added any more.
    mutating func trim(_ slabs: Slabs) {
        let capacity = leastCapacity
        if capacity < byteCount { resize(capacity, slabs) }
    }

    /// Makes sure that the block is as large as `needed`, slots not counted.
    @inline(__always)
    private mutating func reserve(_ needed: Int, _ slabs: Slabs) {
        if needed + slotBytes * (first + count + 1) > byteCount { grow(needed, slabs) }
    }

    @inline(never)
    private mutating func grow(_ needed: Int, _ slabs: Slabs) {
        let total = needed + 4 * (first + count + 1)
        resize(Slabs.capacity(max(total, byteCount + min(byteCount, 1 << 20))), slabs)
    }

    private mutating func resize(_ capacity: Int, _ slabs: Slabs) {
        let old = self
        unsafe address = slabs.allocate(capacity)
        unsafe memcpy(address, old.address, old.used)
        byteCount = capacity
        copySlots(from: old)
        old.free(slabs)
    }

    // MARK: - Slots

    @inline(__always)
    private var slotBytes: Int { byteCount <= EntryBlock.mostNarrowBytes ? 2 : 4 }

    @inline(__always)
    private func offset(slot: Int) -> Int {
        let capacity = byteCount
        if capacity <= EntryBlock.mostNarrowBytes {
            return unsafe Int((address + capacity - 2 * (slot + 1)).loadUnaligned(as: UInt16.self))
        }
        return unsafe Int((address + capacity - 4 * (slot + 1)).loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    private func setOffset(_ offset: Int, slot: Int) {
        let capacity = byteCount
        if capacity <= EntryBlock.mostNarrowBytes {
            let value = UInt16(truncatingIfNeeded: offset)
            unsafe (address + capacity - 2 * (slot + 1)).storeBytes(of: value, as: UInt16.self)
        } else {
            let value = UInt32(truncatingIfNeeded: offset)
            unsafe (address + capacity - 4 * (slot + 1)).storeBytes(of: value, as: UInt32.self)
        }
    }

    private func copySlots(from other: EntryBlock) {
        let slots = first + count
        if slotBytes == other.slotBytes {
            let bytes = slotBytes * slots
            unsafe memcpy(address + byteCount - bytes, other.address + other.byteCount - bytes, bytes)
        } else {
            for slot in 0..<slots { setOffset(other.offset(slot: slot), slot: slot) }
        }
    }

    // MARK: - Adding

    /// Adds an entry behind the last. `sourceBytes` is the length of all its fields and values. The block may move.
    @inline(__always)
    mutating func append(_ id: EntryID, _ source: some EntrySource, sourceBytes: Int, _ slabs: Slabs) {
        let fields = source.fieldCount
        let room = sourceBytes &+ EntryBlock.valueOverhead &* 2 &* fields &+ EntryBlock.entryOverhead
        reserve(used &+ room, slabs)
        let start = used
        let shares = sharesFields(source)
        var weight = word(60)
        var position = write(id, sharesFields: shares, at: start, &weight)
        if !shares {
            position = writeCount(fields, at: position)
            weight += ListpackWeight.of(fields)
        }
        for index in 0..<fields {
            if !shares { position = writeValue(source.field(index), at: position, &weight) }
            position = writeValue(source.value(index), at: position, &weight)
        }
        weight += ListpackWeight.of(shares ? fields + 3 : 2 * fields + 4)
        setWord(60, weight)
        used = position
        setOffset(start, slot: first &+ count)
        count &+= 1
        last = id
    }

    /// Whether the fields of `source` are those of the first entry.
    @inline(__always)
    private func sharesFields(_ source: some EntrySource) -> Bool {
        guard source.fieldCount == sharedFields else { return false }
        var names = sharedNames
        for index in 0..<source.fieldCount {
            guard case .bytes(let name) = names.next(), name == source.field(index) else { return false }
        }
        return true
    }

    @inline(__always)
    private func put(_ byte: UInt8, at position: Int) {
        unsafe address.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
    }

    /// The ID: how many bytes the distances take and whether the fields are shared in one byte, then the distances.
    @inline(__always)
    private func write(_ id: EntryID, sharesFields: Bool, at position: Int, _ weight: inout Int) -> Int {
        let base = base
        let time = id.milliseconds &- base.milliseconds
        let number = time == 0 ? id.sequence &- base.sequence : id.sequence
        let timeBytes = (71 &- time.leadingZeroBitCount) &>> 3
        // The number has three bits: eight bytes are told as seven.
        var numberBytes = (71 &- number.leadingZeroBitCount) &>> 3
        let lengths = UInt8(truncatingIfNeeded: timeBytes &<< 3 | min(numberBytes, 7))
        if numberBytes == 7 { numberBytes = 8 }
        put((sharesFields ? 0x80 : 0) | lengths, at: position)
        unsafe address.storeBytes(of: time, toByteOffset: position &+ 1, as: UInt64.self)
        unsafe address.storeBytes(of: number, toByteOffset: position &+ 1 &+ timeBytes, as: UInt64.self)
        weight += 2 + ListpackWeight.of(Int(truncatingIfNeeded: time))
        weight += ListpackWeight.of(Int(truncatingIfNeeded: id.sequence &- base.sequence))
        return position &+ 1 &+ timeBytes &+ numberBytes
    }

    @inline(__always)
    private func writeCount(_ count: Int, at position: Int) -> Int {
        guard count >= 0xFF else {
            put(UInt8(truncatingIfNeeded: count), at: position)
            return position + 1
        }
        put(0xFF, at: position)
        unsafe address.storeBytes(
            of: UInt32(truncatingIfNeeded: count), toByteOffset: position + 1, as: UInt32.self)
        return position + 5
    }

    /// A value: an integer where that is what it reads as and is shorter.
    @inline(__always)
    private func writeValue(_ value: Bytes, at position: Int, _ weight: inout Int) -> Int {
        let count = value.count
        if count > 0, count <= 20, value[0] &- 48 < 10 || value[0] == UInt8(ascii: "-"),
            let integer = Int(strict: value)
        {
            weight += ListpackWeight.of(integer)
            if count > 2 {
                let bits = 65 &- (integer ^ (integer &>> 63)).leadingZeroBitCount
                let bytes = (bits &+ 7) &>> 3
                put(PackedEntryValue.integers &+ UInt8(truncatingIfNeeded: bytes), at: position)
                unsafe address.storeBytes(of: integer, toByteOffset: position &+ 1, as: Int.self)
                return position &+ 1 &+ bytes
            }
        } else {
            weight += ListpackWeight.of(length: count)
        }
        return write(value, at: position)
    }

    @inline(__always)
    private func write(_ bytes: Bytes, at position: Int) -> Int {
        let count = bytes.count
        var start = position &+ 1
        if count < Int(PackedEntryValue.shortLength) {
            put(UInt8(truncatingIfNeeded: count), at: position)
        } else if count <= 0xFFFF {
            put(PackedEntryValue.shortLength, at: position)
            unsafe address.storeBytes(
                of: UInt16(truncatingIfNeeded: count), toByteOffset: position &+ 1, as: UInt16.self)
            start = position &+ 3
        } else {
            put(PackedEntryValue.longLength, at: position)
            unsafe address.storeBytes(
                of: UInt32(truncatingIfNeeded: count), toByteOffset: position &+ 1, as: UInt32.self)
            start = position &+ 5
        }
        unsafe memcpy(address + start, bytes.base, count)
        return start &+ count
    }

    // MARK: - Removing

    /// Takes out the first `amount` entries.
    func removeFirst(_ amount: Int) {
        assert(amount <= count)
        first += amount
        count -= amount
        removed += amount
    }

    /// Takes out the entry at `index`.
    func remove(at index: Int) {
        assert(index >= 0 && index < count)
        if index == 0 { return removeFirst(1) }
        let bytes = slotBytes
        let end = unsafe address + byteCount - bytes * (first + count)
        unsafe memmove(end + bytes, end, bytes * (count - 1 - index))
        count -= 1
        removed += 1
    }

    // MARK: - Reading

    /// The field names of the first entry.
    @inline(__always)
    private var sharedNames: EntryValues { unsafe EntryValues(address + EntryBlock.headerBytes) }

    /// The entry at `index`, which must be in `0..<count`.
    @inline(__always)
    func entry(at index: Int) -> LogEntry {
        assert(index >= 0 && index < count)
        var position = unsafe UnsafeRawPointer(address) + offset(slot: first &+ index)
        let (id, shares) = unsafe readID(&position)
        var fields = sharedFields
        if !shares {
            fields = unsafe Int(position.load(as: UInt8.self))
            unsafe position += 1
            if fields == 0xFF {
                fields = unsafe Int(position.loadUnaligned(as: UInt32.self))
                unsafe position += 4
            }
        }
        return unsafe LogEntry(
            id: id, fieldCount: fields, names: shares ? sharedNames : nil, values: EntryValues(position))
    }

    @inline(__always)
    func id(at index: Int) -> EntryID {
        var position = unsafe UnsafeRawPointer(address) + offset(slot: first &+ index)
        return unsafe readID(&position).id
    }

    @inline(__always)
    private func readID(_ position: inout UnsafeRawPointer) -> (id: EntryID, sharesFields: Bool) {
        let lengths = unsafe Int(position.load(as: UInt8.self))
        let timeBytes = (lengths &>> 3) & 15
        let numberBytes = lengths & 7 == 7 ? 8 : lengths & 7
        unsafe position += 1 &+ timeBytes
        // Eight bytes that end where the number ends: there is a header before every entry, but nothing need be behind.
        let time = unsafe (position - 8).loadUnaligned(as: UInt64.self) >> UInt64(64 &- 8 &* timeBytes)
        unsafe position += numberBytes
        let number = unsafe (position - 8).loadUnaligned(as: UInt64.self) >> UInt64(64 &- 8 &* numberBytes)
        let base = base
        let id = EntryID(
            milliseconds: base.milliseconds &+ time, sequence: time == 0 ? base.sequence &+ number : number)
        return (id, lengths & 0x80 != 0)
    }

    /// How many entries come before `id`.
    @inline(__always)
    func countBefore(_ id: EntryID) -> Int {
        if id <= base { return 0 }
        if last < id { return count }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) &>> 1
            if self.id(at: middle) < id { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The position of the entry with that ID.
    func index(of id: EntryID) -> Int? {
        let index = countBefore(id)
        return index < count && self.id(at: index) == id ? index : nil
    }

    // MARK: - Invariants

    /// IDs ascend, entries lie one behind the other within the block, and nothing overlaps the slots. Costs O(n).
    func checkInvariants() {
        precondition(used + slotBytes * (first + count) <= byteCount, "entries reach into the slots")
        precondition(byteCount == Slabs.capacity(byteCount), "a block wastes room")
        var previous: EntryID?
        var end = word(56)
        for index in 0..<count {
            precondition(offset(slot: first + index) >= end, "entries overlap")
            var entry = entry(at: index)
            precondition(previous.map { $0 < entry.id } ?? (base <= entry.id), "IDs do not ascend")
            for _ in 0..<entry.fieldCount { _ = entry.next() }
            end = unsafe entry.values.position - UnsafeRawPointer(address)
            previous = entry.id
        }
        precondition(end <= used && previous.map { $0 <= last } ?? true, "an entry ends beyond the last")
    }
}

/// An entry of a block: its ID, and its fields and values one after the other. It holds until the block changes.
@safe struct LogEntry {
    let id: EntryID
    let fieldCount: Int
    fileprivate var names: EntryValues?
    fileprivate var values: EntryValues

    /// The next field and its value.
    @inline(__always)
    mutating func next() -> (field: StringValue, value: StringValue) {
        let field = names?.next() ?? values.next()
        return (field, values.next())
    }
}

/// How a value begins: with its length, or with how many bytes an integer takes.
private enum PackedEntryValue {
    /// Two bytes of length follow. What is less is a length itself.
    static let shortLength: UInt8 = 0xF0
    /// Four bytes of length follow.
    static let longLength: UInt8 = 0xF1
    /// So much less than the first byte is how many bytes follow, from 1 to 8.
    static let integers: UInt8 = 0xF1
}

/// Values that lie one behind the other.
@safe private struct EntryValues {
    fileprivate var position: UnsafeRawPointer

    @inline(__always)
    init(_ position: UnsafeRawPointer) { unsafe self.position = position }

    @inline(__always)
    mutating func next() -> StringValue {
        let first = unsafe position.load(as: UInt8.self)
        unsafe position += 1
        var count = Int(first)
        if first > PackedEntryValue.longLength {
            let bytes = Int(first &- PackedEntryValue.integers)
            unsafe position += bytes
            let value = unsafe (position - 8).loadUnaligned(as: Int.self)
            return .integer(value &>> (64 &- 8 &* bytes))
        }
        if first == PackedEntryValue.shortLength {
            count = unsafe Int(position.loadUnaligned(as: UInt16.self))
            unsafe position += 2
        } else if first == PackedEntryValue.longLength {
            count = unsafe Int(position.loadUnaligned(as: UInt32.self))
            unsafe position += 4
        }
        defer { unsafe position += count }
        return unsafe .bytes(Bytes(position, count))
    }
}

/// What elements take in a listpack, in bytes.
enum ListpackWeight {
    /// The listpack's own header and end, and the zero that ends the shared field names.
    static let header = 9

    @inline(__always)
    static func of(_ bytes: Bytes) -> Int {
        if bytes.count <= 20, let integer = Int(strict: bytes) { return of(integer) }
        return of(length: bytes.count)
    }

    @inline(__always)
    static func of(_ integer: Int) -> Int {
        if integer >= 0, integer < 128 { return 2 }
        let bits = 65 &- (integer ^ (integer &>> 63)).leadingZeroBitCount
        if bits <= 13 { return 3 }
        if bits <= 16 { return 4 }
        if bits <= 24 { return 5 }
        return bits <= 32 ? 6 : 10
    }

    @inline(__always)
    static func of(length: Int) -> Int {
        let bytes = length &+ (length < 64 ? 1 : length < 4_096 ? 2 : 5)
        if bytes < 128 { return bytes &+ 1 }
        return bytes &+ (bytes < 16_384 ? 2 : bytes < 2_097_152 ? 3 : bytes < 268_435_456 ? 4 : 5)
    }
}

/// Where a block lies in the order of blocks.
struct EntryBlockReference: BitwiseCopyable, Comparable {
    let base: EntryID
    var block: EntryBlock

    @inline(__always)
    static func < (left: EntryBlockReference, right: EntryBlockReference) -> Bool { left.base < right.base }
}
