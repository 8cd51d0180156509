/// Digests of the data, for DEBUG DIGEST and DIGEST-VALUE: equal for equal data, however it came about and however it
/// is encoded.
extension Digest {
    /// Everything in all databases. An empty server's is all zeros.
    init(_ databases: some Sequence<Database>) {
        self.init()
        for database in databases {
            database.forEach { record in
                var digest = Digest(record.key)
                digest.append(Digest(record))
                digest.append(Array(String(database.index).utf8))
                insert(digest)
            }
        }
    }

    /// A value, and whether it has a deadline.
    init(_ record: Record) {
        self.init()
        append(Bytes(record.type.name))
        switch record.type {
        case .string: record.string.withBytes { append($0) }
        // Where the order of elements means nothing, they are taken in with `insert`.
        case .hash:
            record.forEachField(.min) { field, value, deadline in
                var digest = Digest()
                field.withBytes { digest.append($0) }
                value.withBytes { digest.append($0) }
                if deadline != Record.noDeadline { digest.append(Bytes("deadline")) }
                insert(digest)
            }
        case .list:
            var reader = ListReader(record, from: 0)
            while let element = reader.next() { element.value.withBytes { append($0) } }
        case .stream: (record.object as? Stream)?.forEach { append($0) }
        case .set: insert(SetView(record))
        case .sortedSet:
            SortedSet(record).forEachUnordered { member, score in
                var digest = member.withBytes { Digest($0) }
                NumberText.withText(of: score + 0) { digest.append($0) }
                insert(digest)
            }
        }
        if record.deadline != Record.noDeadline { append(Bytes("deadline")) }
    }

    private mutating func append(_ entry: LogEntry) {
        var entry = entry
        append(Array("\(entry.id.milliseconds)-\(entry.id.sequence)".utf8))
        for _ in 0..<entry.fieldCount {
            let (field, value) = entry.next()
            field.withBytes { append($0) }
            value.withBytes { append($0) }
        }
    }

    private mutating func append(_ bytes: [UInt8]) { bytes.withBytes { append($0) } }

    private mutating func insert(_ set: SetView) {
        set.forEach { member in insert(member.withBytes { Digest($0) }) }
    }
}
