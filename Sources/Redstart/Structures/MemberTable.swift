internal import Glibc

/// The table of a large hash's fields, of a large set's members, or of a sorted set's members with their scores.
typealias MemberTable = HashTable<Member>

/// A member and its value, if members have one, in one block of memory with as little around them as can be.
///
///     0  what follows  1 byte: whether lengths are long, whether there is a value, whether there is a deadline
///     1  member        1 byte, or 4: its length
///        value         1 byte, or 8: its length; only with a value
///        deadline      8 bytes; only with a deadline
///        the member's bytes, the value's bytes
///
/// Both lengths are long where one of them does not fit a byte. A score is a value of 8 bytes.
@safe struct Member: TableElement {
    let address: UnsafeMutableRawPointer

    private static let isLong: UInt8 = 1
    private static let hasValue: UInt8 = 2
    private static let hasDeadline: UInt8 = 4

    @inline(__always)
    init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

    @inline(__always)
    private var flags: UInt8 { unsafe address.load(as: UInt8.self) }

    /// Where the lengths end.
    @inline(__always)
    private static func lengthsEnd(_ flags: UInt8) -> Int {
        let hasValue = flags & Member.hasValue != 0
        return flags & isLong == 0 ? (hasValue ? 3 : 2) : (hasValue ? 13 : 5)
    }

    @inline(__always)
    private static func keyOffset(_ flags: UInt8) -> Int {
        lengthsEnd(flags) &+ (flags & hasDeadline != 0 ? 8 : 0)
    }

    @inline(__always)
    private static func keyCount(_ flags: UInt8, _ address: UnsafeMutableRawPointer) -> Int {
        flags & isLong == 0
            ? unsafe Int(address.load(fromByteOffset: 1, as: UInt8.self))
            : unsafe Int((address + 1).loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    private static func valueCount(_ flags: UInt8, _ address: UnsafeMutableRawPointer) -> Int {
        if flags & hasValue == 0 { return 0 }
        return flags & isLong == 0
            ? unsafe Int(address.load(fromByteOffset: 2, as: UInt8.self))
            : unsafe (address + 5).loadUnaligned(as: Int.self)
    }

    /// The member itself.
    @inline(__always)
    var key: Bytes {
        let flags = flags
        return unsafe Bytes(address + Member.keyOffset(flags), Member.keyCount(flags, address))
    }

    /// The member's value; empty where it has none.
    @inline(__always)
    var value: Bytes {
        let flags = flags
        let keyCount = unsafe Member.keyCount(flags, address)
        return unsafe Bytes(address + Member.keyOffset(flags) + keyCount, Member.valueCount(flags, address))
    }

    /// When the member ends, in milliseconds; `Record.noDeadline` if never.
    @inline(__always)
    var deadline: Int64 {
        let flags = flags
        guard flags & Member.hasDeadline != 0 else { return Record.noDeadline }
        return unsafe (address + Member.lengthsEnd(flags)).loadUnaligned(as: Int64.self)
    }

    /// A value of 8 bytes as a number: a score.
    @inline(__always)
    var number: Double {
        get {
            let value = value
            assert(value.count == 8)
            return unsafe Double(bitPattern: value.base.loadUnaligned(as: UInt64.self))
        }
        nonmutating set {
            let value = value
            precondition(value.count == 8)
            unsafe UnsafeMutableRawPointer(mutating: value.base).storeBytes(of: newValue.bitPattern, as: UInt64.self)
        }
    }

    /// The size of the block.
    @inline(__always)
    var byteCount: Int {
        let flags = flags
        return unsafe Member.keyOffset(flags) &+ Member.keyCount(flags, address) &+ Member.valueCount(flags, address)
    }

    /// What the block takes in its slab.
    @inline(__always)
    var blockBytes: Int { Slabs.capacity(byteCount) }

    @inline(__always)
    func free(_ slabs: Slabs) { unsafe slabs.deallocate(address, byteCount) }

    // MARK: - Making

    /// The flags that a member of this shape has.
    @inline(__always)
    private static func flags(_ key: Int, _ value: Int?, hasDeadline: Bool) -> UInt8 {
        (key > 255 || value ?? 0 > 255 ? isLong : 0) | (value == nil ? 0 : Member.hasValue)
            | (hasDeadline ? Member.hasDeadline : 0)
    }

    /// A block with lengths, deadline and member; the value's bytes are still to be written.
    @inline(__always)
    fileprivate static func make(_ slabs: Slabs, _ key: Bytes, valueCount: Int?, deadline: Int64) -> Member {
        let flags = flags(key.count, valueCount, hasDeadline: deadline != Record.noDeadline)
        let offset = keyOffset(flags)
        let address = unsafe slabs.allocate(offset &+ key.count &+ (valueCount ?? 0))
        let member = unsafe Member(address)
        unsafe address.storeBytes(of: flags, as: UInt8.self)
        member.storeLengths(flags, key.count, valueCount ?? 0)
        if deadline != Record.noDeadline { member.storeDeadline(deadline) }
        unsafe memcpy(address + offset, key.base, key.count)
        return member
    }

    @inline(__always)
    private func storeLengths(_ flags: UInt8, _ key: Int, _ value: Int) {
        if flags & Member.isLong == 0 {
            unsafe address.storeBytes(of: UInt8(truncatingIfNeeded: key), toByteOffset: 1, as: UInt8.self)
            if flags & Member.hasValue == 0 { return }
            unsafe address.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: 2, as: UInt8.self)
        } else {
            unsafe address.storeBytes(of: UInt32(key), toByteOffset: 1, as: UInt32.self)
            if flags & Member.hasValue != 0 { unsafe address.storeBytes(of: value, toByteOffset: 5, as: Int.self) }
        }
    }

    /// Needs room for a deadline.
    @inline(__always)
    fileprivate func storeDeadline(_ deadline: Int64) {
        unsafe (address + Member.lengthsEnd(flags)).storeBytes(of: deadline, as: Int64.self)
    }

    @inline(__always)
    fileprivate func storeValue(_ value: Bytes) {
        let place = self.value
        assert(place.count == value.count)
        unsafe memcpy(UnsafeMutableRawPointer(mutating: place.base), value.base, value.count)
    }

    /// Gives the value another length in place, if the block has room for it and the lengths keep their form.
    @inline(__always)
    fileprivate func resizeValue(_ count: Int) -> Bool {
        let flags = flags
        let keyCount = unsafe Member.keyCount(flags, address)
        guard Member.flags(keyCount, count, hasDeadline: flags & Member.hasDeadline != 0) == flags,
            Slabs.capacity(Member.keyOffset(flags) &+ keyCount &+ count) == blockBytes
        else { return false }
        storeLengths(flags, keyCount, count)
        return true
    }
}

/// Changing members. Each of these keeps `blockBytes`, which is why members are put in and taken out by no other way.
extension HashTable where Element == Member {
    /// Adds a member that is known to be absent. Members of a set have no value.
    @inline(__always)
    @discardableResult
    func insert(
        _ member: Bytes, _ hash: UInt64, value: Bytes? = nil, deadline: Int64 = Record.noDeadline
    ) -> Member {
        let made = Member.make(slabs, member, valueCount: value?.count, deadline: deadline)
        if let value { made.storeValue(value) }
        blockBytes &+= made.blockBytes
        insert(made, hash)
        return made
    }

    /// Adds a member with a score; it is known to be absent.
    @inline(__always)
    @discardableResult
    func insert(_ member: Bytes, _ hash: UInt64, number: Double) -> Member {
        let made = Member.make(slabs, member, valueCount: 8, deadline: Record.noDeadline)
        made.number = number
        blockBytes &+= made.blockBytes
        insert(made, hash)
        return made
    }

    /// Gives a member another value, which must not be of the member itself. Its deadline stays. The member may move.
    @inline(__always)
    func setValue(_ entry: inout TableEntry<Member>, _ value: Bytes) {
        if !entry.record.resizeValue(value.count) {
            let deadline = entry.record.deadline
            replace(&entry, Member.make(slabs, entry.record.key, valueCount: value.count, deadline: deadline))
        }
        entry.record.storeValue(value)
    }

    /// Gives a member that has a value another deadline, or none with `Record.noDeadline`. The member may move.
    func setDeadline(_ entry: inout TableEntry<Member>, _ deadline: Int64) {
        let old = entry.record.deadline
        guard old != deadline else { return }
        if old != Record.noDeadline, deadline != Record.noDeadline { return entry.record.storeDeadline(deadline) }
        let value = entry.record.value
        let made = Member.make(slabs, entry.record.key, valueCount: value.count, deadline: deadline)
        made.storeValue(value)
        replace(&entry, made)
    }

    @inline(__always)
    private func replace(_ entry: inout TableEntry<Member>, _ made: Member) {
        let old = entry.record
        blockBytes &+= made.blockBytes &- old.blockBytes
        entry.replace(with: made)
        old.free(slabs)
    }

    /// Takes a member out and frees it.
    @inline(__always)
    func delete(_ entry: TableEntry<Member>, _ hash: UInt64) {
        let member = entry.record
        remove(entry, hash)
        blockBytes &-= member.blockBytes
        member.free(slabs)
        // No idle turn looks at this table, as one does at a database's: so many that even one that has to grow first
        // is small before it is empty.
        if isShrinking { migrate(buckets: 4) }
    }

    /// What the table and all its members take, in bytes.
    var totalBytes: Int { tableBytes + blockBytes }
}
