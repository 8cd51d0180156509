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

    /// Turns a number into its digits.
    private func spellOut(_ entry: inout Entry) {
        let room = entry.record.hasDeadlineRoom
        NumberText.withText(of: entry.record.integer) { digits in
            table.setInline(&entry, digits, ValueKind.rawString, deadlineRoom: room)
        }
    }
}
