extension Command {
    static let streams: [Command] = [
        Command(
            "XADD", .atLeast(5), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .token("NOMKSTREAM", name: "nomkstream").optional.since("6.2.0"),
            trimBlock(countSince: "6.2.0").optional,
            .oneOf("id-selector", .token("*", name: "auto-id"), .string("id")),
            .block("data", .string("field"), .string("value")).multiple,
            group: .stream, since: "5.0.0",
            complexity: "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
            summary: "Adds an entry to a stream, and trims the stream if asked to.",
            tips: ["nondeterministic_output"],
            run: add),
        Command(
            "XDEL", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .string("id").multiple,
            group: .stream, since: "5.0.0",
            complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
            summary: "Removes entries from a stream, and says how many were there.",
            run: delete),
        Command(
            "XLEN", .exactly(2), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            group: .stream, since: "5.0.0", complexity: "O(1)",
            summary: "Counts the entries of a stream.",
            run: length),
        Command(
            "XRANGE", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("start"),
            .string("end"),
            .integer("count", token: "COUNT").optional,
            group: .stream, since: "5.0.0", complexity: rangeComplexity("being returned"),
            summary: "Answers the entries between two IDs.",
            run: range),
        Command(
            "XREVRANGE", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("end"),
            .string("start"),
            .integer("count", token: "COUNT").optional,
            group: .stream, since: "5.0.0", complexity: rangeComplexity("returned"),
            summary: "Answers the entries between two IDs, the newest first.",
            run: reverseRange),
        Command(
            "XSETID", .atLeast(3), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .string("last-id"),
            .integer("entries-added", token: "ENTRIESADDED").optional.since("7.0.0"),
            .string("max-deleted-id", token: "MAXDELETEDID").optional.since("7.0.0"),
            group: .stream, since: "5.0.0", complexity: "O(1)",
            summary: "Sets what a stream takes for its last ID, and its counters.",
            run: setID),
        Command(
            "XTRIM", .atLeast(4), [.write], keys: .key([.readWrite, .delete]),
            arguments: .key,
            trimBlock(countSince: "6.2.0"),
            group: .stream, since: "5.0.0",
            complexity: """
                O(N), with N being the number of evicted entries. Constant times are very small however, since \
                entries are organized in macro nodes containing multiple entries that can be released with a single \
                deallocation.
                """,
            summary: "Removes the oldest entries of a stream, down to a count or up to an ID.",
            tips: ["nondeterministic_output"],
            run: trim),
    ]

    private static func trimBlock(countSince version: StaticString) -> Argument {
        .block(
            "trim",
            .oneOf("strategy", .token("MAXLEN", name: "maxlen"), .token("MINID", name: "minid").since(version)),
            .oneOf("operator", .token("=", name: "equal"), .token("~", name: "approximately")).optional,
            .string("threshold"),
            .integer("count", token: "LIMIT").optional.since(version))
    }

    private static func rangeComplexity(_ what: StaticString) -> StaticString {
        what.utf8CodeUnitCount == 8
            ? """
            O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 \
            elements with COUNT), you can consider it O(1).
            """
            : """
            O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the \
            first 10 elements with COUNT), you can consider it O(1).
            """
    }
}

// MARK: - Adding

private func add(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    var trimming = TrimArguments()
    var makesStream = true
    while try trimming.take(&call.arguments) || call.arguments.take("NOMKSTREAM", orSkip: &makesStream) {}
    let limits = call.database.keyspace.streamBlockLimits
    let requested = call.arguments.isEmpty ? RequestedID.automatic : try RequestedID(try call.arguments.next())
    try trimming.finish(blockEntries: limits.entries)
    guard call.arguments.left >= 2, call.arguments.left % 2 == 0 else { throw .wrongArity("xadd") }
    if case .exact(.zero) = requested { throw .streamIDZero }

    let found = try call.writableStream(key)
    guard found != nil || makesStream else { return call.reply.null() }
    let id = try choose(requested, found, UInt64(clamping: call.now))
    let fields = ArgumentFields(call.arguments)
    let bytes = fields.byteCount
    guard bytes <= Stream.mostBytes else { throw .streamEntryTooLarge }

    let stream = found ?? call.makeStream(key)
    stream.append(id, fields, sourceBytes: bytes, limits)
    if found != nil { call.database.grew(key) }
    call.reply.bulk(id)
    call.database.changed(key.bytes, .stream, "xadd")
    if let trim = trimming.trim, stream.trim(trim) > 0 { call.database.notify(key.bytes, .stream, "xtrim") }
}

/// The ID that an entry gets.
@inline(__always)
private func choose(_ requested: RequestedID, _ stream: Stream?, _ now: UInt64) throws(ReplyError) -> EntryID {
    let last = stream?.lastID ?? .zero
    guard last < .max else { throw .streamExhausted }
    switch requested {
    case .automatic:
        if last.milliseconds < now { return EntryID(milliseconds: now, sequence: 0) }
        guard let next = last.next else { throw .streamExhausted }
        return next
    case .within(let time):
        if last.milliseconds < time { return EntryID(milliseconds: time, sequence: 0) }
        guard last.milliseconds == time else { throw .streamIDTooSmall }
        // Redis' own word for there being no further ID in this millisecond.
        guard last.sequence < .max else { throw .streamEntryTooLarge }
        return EntryID(milliseconds: time, sequence: last.sequence + 1)
    case .exact(let id):
        guard last < id else { throw .streamIDTooSmall }
        return id
    }
}

extension Arguments {
    /// Takes a word that switches something off.
    fileprivate mutating func take(_ token: StaticString, orSkip isOn: inout Bool) -> Bool {
        guard take(token) else { return false }
        isOn = false
        return true
    }
}

// MARK: - Removing

private func delete(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard let stream = try call.writableStream(key) else { return call.reply.integer(0) }
    let first = call.arguments.position
    while !call.arguments.isEmpty { _ = try call.arguments.streamID() }
    call.arguments.move(to: first)

    var deleted = 0
    while !call.arguments.isEmpty {
        let id = try call.arguments.streamID()
        guard stream.remove(id) else { continue }
        stream.noteDeleted(id)
        deleted += 1
    }
    if deleted > 0 { call.database.changed(key.bytes, .stream, "xdel", changes: deleted) }
    call.reply.integer(deleted)
}

private func trim(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    var trimming = TrimArguments()
    while !call.arguments.isEmpty {
        guard try trimming.take(&call.arguments) else { throw .syntax }
    }
    try trimming.finish(blockEntries: call.database.keyspace.streamBlockLimits.entries, isTrimCommand: true)
    guard let stream = try call.writableStream(key), let trim = trimming.trim else { return call.reply.integer(0) }

    let trimmed = stream.trim(trim)
    if trimmed > 0 { call.database.changed(key.bytes, .stream, "xtrim", changes: trimmed) }
    call.reply.integer(trimmed)
}

// MARK: - Reading

private func length(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    call.reply.integer(try call.stream(key)?.count ?? 0)
}

private func range(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let start = try call.arguments.rangeStart()
    let end = try call.arguments.rangeEnd()
    guard let (stream, most) = try streamAndCount(&call, key) else { return }
    call.reply.entries(stream.walk(from: start, through: end), most: most)
}

private func reverseRange(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    // The start is read first, although it is the second word: its errors come first.
    let first = call.arguments.position
    call.arguments.skip()
    let start = try call.arguments.rangeStart()
    call.arguments.move(to: first)
    let end = try call.arguments.rangeEnd()
    call.arguments.skip()
    guard let (stream, most) = try streamAndCount(&call, key) else { return }
    var walk = stream.walkBack(from: end, through: start)
    let mark = call.reply.beginArray()
    var count = 0
    while count < most, let entry = walk.previous() {
        call.reply.entry(entry)
        count &+= 1
    }
    call.reply.finish(mark, array: count)
}

/// What XRANGE and its kin read, and how many entries at most; nil if that is nothing, which is answered then.
private func streamAndCount(_ call: inout Call, _ key: Key) throws(ReplyError) -> (stream: Stream, count: Int)? {
    var count = Int.max
    while !call.arguments.isEmpty {
        guard call.arguments.left > 1, call.arguments.take("COUNT") else { throw .syntax }
        count = max(0, try call.arguments.integer())
    }
    guard let stream = try call.stream(key) else {
        call.reply.array(0)
        return nil
    }
    guard count > 0 else {
        call.reply.nullArray()
        return nil
    }
    return (stream, count)
}

// MARK: - Counters

private func setID(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let id = try call.arguments.streamID()
    var added: Int?
    var deleted: EntryID?
    while !call.arguments.isEmpty {
        if call.arguments.left > 1, call.arguments.take("ENTRIESADDED") {
            let count = try call.arguments.integer()
            guard count >= 0 else { throw .negativeEntriesAdded }
            added = count
        } else if call.arguments.left > 1, call.arguments.take("MAXDELETEDID") {
            let greatest = try call.arguments.streamID()
            guard greatest <= id else { throw .setIDBelowGivenDeleted }
            deleted = greatest
        } else {
            throw .syntax
        }
    }
    guard let stream = try call.writableStream(key) else { throw .noSuchKey }
    guard stream.maxDeletedID <= id else { throw .setIDBelowDeleted }
    if let last = stream.lastEntry {
        guard last.id <= id else { throw .setIDBelowEntries }
        if let added, added < stream.count { throw .setIDFewerAdded }
    }
    stream.setCounters(lastID: id, entriesAdded: added, maxDeletedID: deleted)
    call.reply.ok()
    call.database.changedBeside(key.bytes, .stream, "xsetid")
}
