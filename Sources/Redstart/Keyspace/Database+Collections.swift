/// What the collections have in common: finding one of a type, changing it inline, and its end.
///
/// A small collection lies inline in its record. `inline` lends it for changes, which may move the record: whoever
/// goes on with the entry takes it back from there. Over the thresholds of the settings it becomes an object, with
/// `convert`.
/// A collection is never empty: `removeEmptied` ends it.
extension Database {
    /// The value at `key`, which has to be of that type, for a command that reads: counts a hit or a miss, and the use.
    @inline(__always)
    func read(_ key: Key, as type: ValueType) throws(ReplyError) -> Record? {
        guard let record = read(key) else { return nil }
        guard record.type == type else { throw .wrongType }
        return record
    }

    /// The same, for a command that writes.
    @inline(__always)
    func write(_ key: Key, as type: ValueType) throws(ReplyError) -> Entry? {
        guard let entry = write(key) else { return nil }
        guard entry.record.type == type else { throw .wrongType }
        return entry
    }

    /// The inline value of `entry`, to be changed.
    @inline(__always)
    func inline(_ entry: Entry) -> InlineBytes { InlineBytes(entry, in: table) }

    /// Puts an object in the place of an inline value; key, deadline and use stay.
    func convert(_ entry: inout Entry, to object: StoredObject, _ kind: UInt8) {
        table.setObject(&entry, object, kind)
    }

    /// Removes a collection that has no elements any more. To be called after the event of what emptied it.
    func removeEmptied(_ entry: Entry, _ key: Key) {
        remove(entry, key.hash)
        notify(key.bytes, .generic, "del")
    }
}
