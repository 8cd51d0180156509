/// Changes within a string. They keep its deadline and make it `raw` in the words of OBJECT ENCODING.
extension Database {
    /// Appends to the string of `entry`, and answers how long it is then.
    @inline(__always)
    func append(_ suffix: Bytes, to entry: inout Entry) -> Int {
        if entry.record.form == .integer { spellOut(&entry) }
        table.append(suffix, to: &entry, ValueKind.rawString)
        return entry.record.bytes.count
    }

    /// Overwrites the string of `entry` from `offset` on, and answers how long it is then. Where the string is shorter
    /// it is lengthened, with zero bytes up to the offset.
    @inline(__always)
    func overwrite(_ entry: inout Entry, at offset: Int, with patch: Bytes) -> Int {
        if entry.record.form == .integer { spellOut(&entry) }
        table.overwrite(&entry, at: offset, with: patch, ValueKind.rawString)
        return entry.record.bytes.count
    }

    /// Makes a string of `patch` with `offset` zero bytes before it, at a key that does not exist.
    func insertString(_ key: Key, _ patch: Bytes, at offset: Int) -> Int {
        setBytes(key, .empty, kind: ValueKind.rawString)
        guard var entry = find(key) else { return 0 }
        return overwrite(&entry, at: offset, with: patch)
    }

    /// The string of `found`, or of a new key where that is nil, to be changed in place. It gets `count` bytes at
    /// least; new ones are zero.
    func writableBytes(_ key: Key, _ found: consuming Entry?, atLeast count: Int) -> MutableBytes {
        var entry: Entry
        if let found {
            entry = found
        } else {
            setBytes(key, .empty, kind: ValueKind.rawString)
            guard let made = find(key) else { preconditionFailure("a key that was just made is gone") }
            entry = made
        }
        if entry.record.form == .integer { spellOut(&entry) }
        if entry.record.bytes.count < count {
            table.growBuffer(&entry, to: count, ValueKind.rawString)
        } else {
            entry.record.kind = ValueKind.rawString
        }
        return table.mutableBytes(entry)
    }

    /// Makes the result of `operation` the string at `key`, in place of whatever is there, which may be one of the
    /// sources. A large one is written where the old value is, if it fits.
    func setResult(_ key: Key, of operation: BitOperation, _ sources: inout ByteSources) {
        let count = sources.longest
        if let entry = find(key), let buffer = table.bufferToReplace(entry, count), sources.moveToFront(buffer) {
            operation.write(sources, to: buffer)
            setBuffer(key, buffer)
        } else {
            let buffer = table.makeBuffer(count)
            operation.write(sources, to: buffer)
            setBuffer(key, buffer)
        }
    }

    /// Turns a number into its digits.
    private func spellOut(_ entry: inout Entry) {
        let room = entry.record.hasDeadlineRoom
        NumberText.withText(of: entry.record.integer) { digits in
            table.setInline(&entry, digits, ValueKind.rawString, deadlineRoom: room)
        }
    }
}
