extension Command {
    static let strings: [Command] = [
        Command(
            "APPEND", .exactly(3), [.write, .denyOOM, .fast], keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("value"),
            group: .string, since: "2.0.0",
            complexity: """
                O(1). The amortized time complexity is O(1) assuming the appended value is small and the already \
                present value is of any size, since the dynamic string library used by Redis will double the free \
                space available on every reallocation.
                """,
            summary: "Adds bytes to the end of a string, which begins empty.",
            run: append),
        Command(
            "GET", .exactly(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Answers the string at a key.",
            run: get),
        Command(
            "GETDEL", .exactly(2), [.write, .fast], keys: .key([.readWrite, .access, .delete]),
            arguments: .key,
            group: .string, since: "6.2.0", complexity: "O(1)",
            summary: "Answers the string at a key, and deletes the key.",
            run: getAndDelete),
        Command(
            "GETRANGE", .exactly(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("start"),
            .integer("end"),
            group: .string, since: "2.4.0",
            complexity: """
                O(N) where N is the length of the returned string. The complexity is ultimately determined by the \
                returned length, but because creating a substring from an existing string is very cheap, it can be \
                considered O(1) for small strings.
                """,
            summary: "Answers part of a string, from one position through another.",
            run: getRange),
        Command(
            "GETSET", .exactly(3), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .string("value"),
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Sets a key to a string, and answers the string that was there.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`SET` with the `!GET` argument"),
            run: getAndSet),
        Command(
            "MGET", .atLeast(2), [.readonly, .fast], keys: .keys([.readOnly, .access]),
            arguments: .key.multiple,
            group: .string, since: "1.0.0", complexity: "O(N) where N is the number of keys to retrieve.",
            summary: "Answers the strings at several keys.",
            tips: ["request_policy:multi_shard"],
            run: getMany),
        Command(
            "MSET", .atLeast(3), [.write, .denyOOM], keys: .keys([.overwrite, .update], step: 2),
            arguments: .block("data", .key, .string("value")).multiple,
            group: .string, since: "1.0.1", complexity: "O(N) where N is the number of keys to set.",
            summary: "Sets several keys to strings, all at once.",
            tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
            run: setMany),
        Command(
            "MSETNX", .atLeast(3), [.write, .denyOOM], keys: .keys([.overwrite, .insert], step: 2),
            arguments: .block("data", .key, .string("value")).multiple,
            group: .string, since: "1.0.1", complexity: "O(N) where N is the number of keys to set.",
            summary: "Sets several keys to strings, all at once, unless one of them exists.",
            run: setManyIfAbsent),
        Command(
            "SETRANGE", .exactly(4), [.write, .denyOOM], keys: .key([.readWrite, .update]),
            arguments: .key,
            .integer("offset"),
            .string("value"),
            group: .string, since: "2.2.0",
            complexity: """
                O(1), not counting the time taken to copy the new string in place. Usually, this string is very \
                small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of \
                the value argument.
                """,
            summary: "Overwrites part of a string, from an offset on.",
            run: setRange),
        Command(
            "STRLEN", .exactly(2), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            group: .string, since: "2.2.0", complexity: "O(1)",
            summary: "Counts the bytes of a string.",
            run: length),
        Command(
            "SUBSTR", .exactly(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("start"),
            .integer("end"),
            group: .string, since: "1.0.0",
            complexity: """
                O(N) where N is the length of the returned string. The complexity is ultimately determined by the \
                returned length, but because creating a substring from an existing string is very cheap, it can be \
                considered O(1) for small strings.
                """,
            summary: "Answers part of a string: the old name of GETRANGE.",
            deprecated: Deprecation(since: "2.0.0", replacement: "`GETRANGE`"),
            run: getRange),
    ]
}

// MARK: - Reading

private func get(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard let value = try call.database.string(key) else { return call.reply.null() }
    call.reply.bulk(value)
}

private func getMany(_ call: inout Call) throws(ReplyError) {
    call.reply.array(call.arguments.left)
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.askForKeys(call)
        if let record = call.database.read(try call.key()), record.type == .string {
            call.reply.bulk(record.string)
        } else {
            call.reply.null()
        }
    }
}

private func getRange(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let start = try call.arguments.integer()
    let end = try call.arguments.integer()
    guard let value = try call.database.string(key) else { return call.reply.bulk(.empty) }
    let reply = call.reply
    value.withBytes { reply.bulk($0[Range(start, through: end, of: $0.count)]) }
}

extension Range<Int> {
    /// The positions from `start` through `end` of a string of `count` bytes or bits. Negative ones count from the
    /// string's end; one before its beginning is its beginning, also for `end`.
    @inline(__always)
    init(_ start: Int, through end: Int, of count: Int) {
        guard start >= 0 || end >= 0 || start <= end else {
            self = 0..<0
            return
        }
        self.init(clamping: start, through: end, of: count)
    }

    /// The same, where a range of which both ends lie before the string's beginning is its first element.
    @inline(__always)
    init(clamping start: Int, through end: Int, of count: Int) {
        let first = Swift.max(0, start < 0 ? start + count : start)
        let last = Swift.min(count - 1, Swift.max(0, end < 0 ? end + count : end))
        self = first <= last ? first..<last + 1 : 0..<0
    }
}

private func length(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    call.reply.integer(try call.database.string(key)?.count ?? 0)
}

// MARK: - Reading and changing

private func getAndDelete(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard let entry = call.database.readEntry(key) else { return call.reply.null() }
    guard entry.record.type == .string else { throw .wrongType }
    call.reply.bulk(entry.record.string)
    call.database.remove(entry, key.hash)
    call.database.changed(key.bytes, .generic, "del")
}

private func getAndSet(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let value = try call.arguments.next()
    // The old value is written before the new one takes its memory.
    if let old = try call.database.string(key) { call.reply.bulk(old) } else { call.reply.null() }
    call.database.setString(key, value)
    call.database.changed(key.bytes, .string, "set")
}

// MARK: - Setting

private func setMany(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left % 2 == 0 else { throw .wrongArity("mset") }
    try setPairs(&call)
    call.reply.ok()
}

private func setManyIfAbsent(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left % 2 == 0 else { throw .wrongArity("msetnx") }
    let first = call.arguments.position
    var ahead = Lookahead(step: 2)
    while !call.arguments.isEmpty {
        ahead.askForKeys(call)
        guard call.database.write(try call.key()) == nil else { return call.reply.integer(0) }
        call.arguments.skip()
    }
    call.arguments.move(to: first)
    try setPairs(&call)
    call.reply.integer(1)
}

@inline(__always)
private func setPairs(_ call: inout Call) throws(ReplyError) {
    var ahead = Lookahead(step: 2)
    while !call.arguments.isEmpty {
        ahead.askForKeys(call)
        let key = try call.key()
        call.database.setString(key, try call.arguments.next())
        call.database.changed(key.bytes, .string, "set")
    }
}

// MARK: - Changing a part

private func append(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let suffix = try call.arguments.next()
    guard var entry = try call.database.writableString(key) else {
        call.database.setString(key, suffix)
        call.database.changed(key.bytes, .string, "append")
        return call.reply.integer(suffix.count)
    }
    try checkLength(entry.record.string.count, suffix.count, call)
    let count = call.database.append(suffix, to: &entry)
    call.database.changed(key.bytes, .string, "append")
    call.reply.integer(count)
}

private func setRange(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let offset = try call.arguments.integer()
    let patch = try call.arguments.next()
    guard offset >= 0 else { throw .offsetOutOfRange }

    var found = try call.database.writableString(key)
    // An empty patch makes no key, and lengthens nothing.
    guard !patch.isEmpty else { return call.reply.integer(found?.record.string.count ?? 0) }
    try checkLength(offset, patch.count, call)

    let count: Int
    if var entry = found.take() {
        count = call.database.overwrite(&entry, at: offset, with: patch)
    } else {
        count = call.database.insertString(key, patch, at: offset)
    }
    call.database.changed(key.bytes, .string, "setrange")
    call.reply.integer(count)
}

/// A string may become as long as a client could send it.
@inline(__always)
private func checkLength(_ count: Int, _ more: Int, _ call: borrowing Call) throws(ReplyError) {
    let (sum, overflow) = count.addingReportingOverflow(more)
    guard !overflow, sum <= call.engine.maxBulkBytes else { throw .stringTooLong }
}
