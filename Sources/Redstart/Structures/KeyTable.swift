internal import Glibc

/// The table of a database's keys.
typealias KeyTable = HashTable<Record>

typealias Entry = TableEntry<Record>

/// Giving records their values. A record moves to another block only where its size class changes.
extension HashTable where Element == Record {
    /// Adds a key with inline bytes.
    @inline(__always)
    func insertInline(
        _ key: Bytes, _ hash: UInt64, _ value: Bytes, _ kind: UInt8, deadlineRoom: Bool
    ) -> Record {
        let record = Record.make(slabs, key: key, inlineCount: value.count, deadlineRoom: deadlineRoom)
        record.storeInline(value, kind)
        insert(record, hash)
        return record
    }

    /// Adds a key with an integer.
    @inline(__always)
    func insertInteger(_ key: Bytes, _ hash: UInt64, _ value: Int, _ kind: UInt8, deadlineRoom: Bool) -> Record {
        let record = Record.make(slabs, key: key, inlineCount: 0, deadlineRoom: deadlineRoom)
        record.storeInteger(value, kind)
        insert(record, hash)
        return record
    }

    /// Adds a key with an object.
    func insertObject(
        _ key: Bytes, _ hash: UInt64, _ object: StoredObject, _ kind: UInt8, deadlineRoom: Bool
    ) -> Record {
        let record = Record.make(slabs, key: key, inlineCount: 0, deadlineRoom: deadlineRoom)
        record.storeObject(object, kind)
        insert(record, hash)
        return record
    }

    /// Replaces the value by inline bytes, which must not be the record's own.
    @inline(__always)
    func setInline(_ entry: inout Entry, _ value: Bytes, _ kind: UInt8, deadlineRoom: Bool) {
        let record = entry.record
        let blockBytes = record.byteCount
        record.freeValue(slabs)
        let room = deadlineRoom || record.hasDeadlineRoom
        let keptBytes = (room ? 24 : 16) &+ record.keyCount &+ value.count
        if room == record.hasDeadlineRoom, Slabs.capacity(keptBytes) == Slabs.capacity(blockBytes) {
            return record.storeInline(value, kind)
        }
        let moved = Record.make(slabs, key: record.key, inlineCount: value.count, deadlineRoom: deadlineRoom)
        moved.storeInline(value, kind)
        adopt(&entry, moved, blockBytes)
    }

    /// Replaces the value by an object.
    func setObject(_ entry: inout Entry, _ object: StoredObject, _ kind: UInt8) {
        let record = entry.record
        let blockBytes = record.byteCount
        record.freeValue(slabs)
        let moved = Record.make(slabs, key: record.key, inlineCount: 0, deadlineRoom: record.hasDeadlineRoom)
        moved.storeObject(object, kind)
        adopt(&entry, moved, blockBytes)
    }

    /// Replaces the value by an integer.
    @inline(__always)
    func setInteger(_ entry: inout Entry, _ value: Int, _ kind: UInt8, deadlineRoom: Bool) {
        let record = entry.record
        let blockBytes = record.byteCount
        record.freeValue(slabs)
        let room = deadlineRoom || record.hasDeadlineRoom
        let keptBytes = (room ? 24 : 16) &+ record.keyCount
        if room == record.hasDeadlineRoom, Slabs.capacity(keptBytes) == Slabs.capacity(blockBytes) {
            return record.storeInteger(value, kind)
        }
        let moved = Record.make(slabs, key: record.key, inlineCount: 0, deadlineRoom: deadlineRoom)
        moved.storeInteger(value, kind)
        adopt(&entry, moved, blockBytes)
    }

    /// Puts `moved` in the place of the entry's record, whose value is gone or taken over.
    @inline(__always)
    private func adopt(_ entry: inout Entry, _ moved: Record, _ oldBytes: Int) {
        let old = entry.record
        moved.access = old.access
        if moved.hasDeadlineRoom { moved.storeDeadline(old.deadline) }
        entry.replace(with: moved)
        unsafe slabs.deallocate(old.address, oldBytes)
    }

    /// Makes room for a deadline where there is none yet; the value stays as it is.
    func makeDeadlineRoom(_ entry: inout Entry) {
        let record = entry.record
        guard !record.hasDeadlineRoom else { return }
        let oldBytes = record.byteCount
        adopt(&entry, duplicate(record, key: record.key, deadlineRoom: true), oldBytes)
    }

    /// The same value under another key, in a new block. A buffer or an object changes hands: it belongs to both
    /// records until one of their blocks is freed without its value.
    private func duplicate(_ record: Record, key: Bytes, deadlineRoom: Bool) -> Record {
        let inline = record.form == .inline
        let copy = Record.make(
            slabs, key: key, inlineCount: inline ? record.bytes.count : 0, deadlineRoom: deadlineRoom)
        if inline {
            copy.storeInline(record.bytes, record.kind)
        } else {
            copy.setTag(record.form, record.kind)
            copy.payload = record.payload
        }
        return copy
    }

    /// Takes the entry out of the table and frees record and value.
    @inline(__always)
    func delete(_ entry: Entry, _ hash: UInt64) {
        let record = entry.record
        remove(entry, hash)
        record.free(slabs)
    }

    /// Moves the entry's value under `key`, which is absent from `target`; deadline and access go with it.
    func move(_ entry: Entry, _ hash: UInt64, to key: Bytes, in target: KeyTable) -> Record {
        let record = entry.record
        let hasDeadline = record.deadline != Record.noDeadline
        let moved = duplicate(record, key: key, deadlineRoom: hasDeadline)
        moved.access = record.access
        if hasDeadline { moved.storeDeadline(record.deadline) }
        remove(entry, hash)
        unsafe slabs.deallocate(record.address, record.byteCount)
        target.insert(moved, target.hash(key))
        return moved
    }

    // MARK: - Inline values that change

    /// Takes `removing` bytes at `offset` out of an inline value, and makes room there for `inserting`, which the
    /// caller then writes to the address that it gets. Where that takes a block of another size the record moves.
    @inline(__always)
    func splice(
        _ entry: inout Entry, at offset: Int, removing: Int, inserting: Int
    ) -> UnsafeMutableRawPointer {
        let record = entry.record
        let value = record.bytes
        precondition(record.form == .inline && offset >= 0 && removing >= 0 && offset &+ removing <= value.count)
        let change = inserting &- removing
        let oldBytes = record.byteCount
        guard Slabs.capacity(oldBytes &+ change) == Slabs.capacity(oldBytes) else {
            return unsafe moveSplicing(&entry, at: offset, removing: removing, inserting: inserting)
        }
        let start = unsafe UnsafeMutableRawPointer(mutating: value.base) + offset
        unsafe memmove(start + inserting, start + removing, value.count &- offset &- removing)
        record.payload = UInt64(truncatingIfNeeded: value.count &+ change)
        return unsafe start
    }

    private func moveSplicing(
        _ entry: inout Entry, at offset: Int, removing: Int, inserting: Int
    ) -> UnsafeMutableRawPointer {
        let record = entry.record
        let value = record.bytes
        let count = value.count &+ inserting &- removing
        let moved = Record.make(slabs, key: record.key, inlineCount: count, deadlineRoom: record.hasDeadlineRoom)
        moved.setTag(.inline, record.kind)
        moved.payload = UInt64(truncatingIfNeeded: count)
        let start = unsafe UnsafeMutableRawPointer(mutating: moved.bytes.base)
        unsafe memcpy(start, value.base, offset)
        unsafe memcpy(start + offset + inserting, value.base + offset + removing, value.count &- offset &- removing)
        adopt(&entry, moved, record.byteCount)
        return unsafe start + offset
    }

    /// Gives an inline value another length; what is new at its end is not initialized.
    func resizeInline(_ entry: inout Entry, to count: Int) {
        let old = entry.record.bytes.count
        let kept = min(old, count)
        _ = unsafe splice(&entry, at: kept, removing: old &- kept, inserting: count &- kept)
    }

    /// Puts the bytes of a buffer into the record itself, for what is changed by `splice`.
    func makeInline(_ entry: inout Entry) {
        let record = entry.record
        guard record.form == .buffer else { return }
        let value = record.bytes
        let moved = Record.make(
            slabs, key: record.key, inlineCount: value.count, deadlineRoom: record.hasDeadlineRoom)
        moved.storeInline(value, record.kind)
        record.freeValue(slabs)
        adopt(&entry, moved, record.byteCount)
    }

    // MARK: - Bytes that change

    /// Sets the length of a value of bytes, in a buffer of its own; new bytes are zero.
    func growBuffer(_ entry: inout Entry, to count: Int, _ kind: UInt8) {
        let record = entry.record
        let oldCapacity = record.form == .buffer ? record.bufferCapacity : record.bytes.count
        let old = stretch(&entry, to: count, kind)
        // Where a mapping was made or extended its new pages are zero; to write to them would take memory, and time.
        let capacity = entry.record.bufferCapacity
        let isFresh = capacity > oldCapacity && Slabs.isMapped(16 + capacity)
        let end = isFresh ? min(count, oldCapacity) : count
        if end > old { unsafe memset(entry.record.buffer + 16 + old, 0, end - old) }
    }

    /// A buffer of `count` bytes of any content, which belongs to no key before it is passed to `setBuffer` or
    /// `insertBuffer`.
    func makeBuffer(_ count: Int) -> MutableBytes {
        let capacity = Slabs.capacity(16 + count) - 16
        let buffer = unsafe slabs.allocate(16 + capacity)
        unsafe buffer.storeBytes(of: count, as: Int.self)
        unsafe buffer.storeBytes(of: capacity, toByteOffset: 8, as: Int.self)
        return unsafe MutableBytes(buffer + 16, count)
    }

    /// The entry's own buffer, if it has one that `count` bytes fill well: to be overwritten, and passed to
    /// `setBuffer`. Until then the value is not to be read.
    func bufferToReplace(_ entry: Entry, _ count: Int) -> MutableBytes? {
        let record = entry.record
        guard record.form == .buffer, count <= record.bufferCapacity, count >= record.bufferCapacity / 2 else {
            return nil
        }
        return unsafe MutableBytes(record.buffer + 16, count)
    }

    /// Replaces the value by a buffer that `makeBuffer` made, or by its own with other content.
    func setBuffer(_ entry: inout Entry, _ bytes: MutableBytes, _ kind: UInt8) {
        let record = entry.record
        let buffer = unsafe bytes.base - 16
        if record.form == .buffer, unsafe record.buffer == buffer {
            unsafe buffer.storeBytes(of: bytes.count, as: Int.self)
            record.kind = kind
            return
        }
        let blockBytes = record.byteCount
        record.freeValue(slabs)
        let moved = Record.make(slabs, key: record.key, inlineCount: 0, deadlineRoom: record.hasDeadlineRoom)
        unsafe moved.storeBuffer(buffer, kind)
        adopt(&entry, moved, blockBytes)
    }

    /// A buffer for a copy of `value`: the entry's own, if it fits.
    func makeBuffer(_ entry: Entry?, copying value: Bytes) -> MutableBytes {
        let buffer = entry.flatMap { bufferToReplace($0, value.count) } ?? makeBuffer(value.count)
        unsafe memcpy(buffer.base, value.base, value.count)
        return buffer
    }

    /// Adds a key with a buffer that `makeBuffer` made.
    func insertBuffer(
        _ key: Bytes, _ hash: UInt64, _ bytes: MutableBytes, _ kind: UInt8, deadlineRoom: Bool = false
    ) -> Record {
        let record = Record.make(slabs, key: key, inlineCount: 0, deadlineRoom: deadlineRoom)
        unsafe record.storeBuffer(bytes.base - 16, kind)
        insert(record, hash)
        return record
    }

    /// The value's bytes, to be changed in place.
    @inline(__always)
    func mutableBytes(_ entry: Entry) -> MutableBytes {
        let bytes = entry.record.bytes
        return unsafe MutableBytes(UnsafeMutableRawPointer(mutating: bytes.base), bytes.count)
    }

    /// Appends to a value of bytes. `suffix` must not be the value itself.
    @inline(__always)
    func append(_ suffix: Bytes, to entry: inout Entry, _ kind: UInt8) {
        guard !suffix.isEmpty else {
            entry.record.kind = kind
            return
        }
        let old = stretch(&entry, to: entry.record.bytes.count &+ suffix.count, kind)
        unsafe memcpy(entry.record.buffer + 16 + old, suffix.base, suffix.count)
    }

    /// Overwrites a value of bytes from `offset` on and lengthens it as needed, with zero bytes up to the offset.
    /// `patch` must not be the value itself.
    @inline(__always)
    func overwrite(_ entry: inout Entry, at offset: Int, with patch: Bytes, _ kind: UInt8) {
        let end = offset &+ patch.count
        if end > entry.record.bytes.count {
            growBuffer(&entry, to: end, kind)
        } else {
            entry.record.kind = kind
        }
        unsafe memcpy(UnsafeMutableRawPointer(mutating: entry.record.bytes.base) + offset, patch.base, patch.count)
    }

    /// Gives a value of bytes the length `count`, in a buffer of its own, and answers the length it had. What is new is
    /// not initialized. Capacity grows ahead of need, so that a value appended to again and again is not copied each
    /// time.
    @inline(__always)
    private func stretch(_ entry: inout Entry, to count: Int, _ kind: UInt8) -> Int {
        let record = entry.record
        guard record.form == .buffer else { return makeBuffer(&entry, count, kind) }
        var buffer = unsafe record.buffer
        let old = unsafe buffer.load(as: Int.self)
        let capacity = unsafe buffer.load(fromByteOffset: 8, as: Int.self)
        if count > capacity {
            let wanted = KeyTable.bufferCapacity(count)
            unsafe buffer = slabs.reallocate(buffer, 16 + capacity, to: 16 + wanted)
            unsafe buffer.storeBytes(of: wanted, toByteOffset: 8, as: Int.self)
            record.payload = UInt64(UInt(bitPattern: buffer))
        }
        unsafe buffer.storeBytes(of: count, as: Int.self)
        record.kind = kind
        return old
    }

    @inline(never)
    private func makeBuffer(_ entry: inout Entry, _ count: Int, _ kind: UInt8) -> Int {
        let record = entry.record
        assert(record.form == .inline)
        let old = record.bytes
        let wanted = KeyTable.bufferCapacity(count)
        let buffer = unsafe slabs.allocate(16 + wanted)
        unsafe buffer.storeBytes(of: count, as: Int.self)
        unsafe buffer.storeBytes(of: wanted, toByteOffset: 8, as: Int.self)
        let kept = min(old.count, count)
        unsafe memcpy(buffer + 16, old.base, kept)
        let moved = Record.make(slabs, key: record.key, inlineCount: 0, deadlineRoom: record.hasDeadlineRoom)
        unsafe moved.storeBuffer(buffer, kind)
        adopt(&entry, moved, record.byteCount)
        return old.count
    }

    /// Half as much again, at most 1 MB ahead, and all that the block has anyway.
    private static func bufferCapacity(_ count: Int) -> Int {
        Slabs.capacity(16 + count + min(count / 2, 1 << 20)) - 16
    }
}
