internal import Glibc

/// Giving records their values. A record moves to another block only where its size class changes.
extension KeyTable {
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
        record.freeValue(slabs)
        unsafe slabs.deallocate(record.address, record.byteCount)
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

    // MARK: - Bytes that change

    /// Sets the length of a value of bytes, in a buffer of its own; new bytes are zero.
    func growBuffer(_ entry: inout Entry, to count: Int, _ kind: UInt8) {
        let old = stretch(&entry, to: count, kind)
        if count > old { unsafe memset(entry.record.buffer + 16 + old, 0, count - old) }
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
        moved.setTag(.buffer, kind)
        moved.payload = UInt64(UInt(bitPattern: buffer))
        adopt(&entry, moved, record.byteCount)
        return old.count
    }

    /// Half as much again, at most 1 MB ahead, and all that the block has anyway.
    private static func bufferCapacity(_ count: Int) -> Int {
        Slabs.capacity(16 + count + min(count / 2, 1 << 20)) - 16
    }
}
