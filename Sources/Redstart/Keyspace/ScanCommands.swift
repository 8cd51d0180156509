extension Command {
    static let scanning: [Command] = [
        Command(
            "KEYS", .exactly(2), [.readonly],
            arguments: .pattern("pattern"),
            group: .generic, since: "1.0.0",
            complexity: """
                O(N) with N being the number of keys in the database, under the assumption that the key names in \
                the database and the given pattern have limited length.
                """,
            summary: "Lists all keys that match a pattern.",
            categories: [.dangerous, .keyspace],
            tips: ["request_policy:all_shards", "nondeterministic_output_order"],
            run: listKeys),
        Command(
            "SCAN", .atLeast(2), [.readonly],
            arguments: .integer("cursor"),
            .pattern("pattern", token: "MATCH").optional,
            .integer("count", token: "COUNT").optional,
            .string("type", token: "TYPE").optional.since("6.0.0"),
            group: .generic, since: "2.8.0",
            complexity: """
                O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor \
                to return back to 0. N is the number of elements inside the collection.
                """,
            summary: "Walks through the keys of the database, some with each call.",
            tips: ["nondeterministic_output", "request_policy:special", "response_policy:special"],
            run: scan),
    ]
}

extension ReplyError {
    fileprivate static let invalidCursor = ReplyError(line: "ERR invalid cursor")
}

private func listKeys(_ call: inout Call) throws(ReplyError) {
    let pattern = try call.arguments.next()
    let isEverything = pattern == Bytes("*")
    let reply = call.reply
    let mark = reply.beginArray()
    var found = 0
    call.database.forEach { record in
        guard isEverything || Glob.matches(pattern, record.key) else { return }
        reply.bulk(record.key)
        found += 1
    }
    reply.finish(mark, array: found)
}

// MARK: - SCAN

/// What a key has to be like to be answered.
private struct ScanFilter {
    enum Kind {
        case any
        case only(ValueType)
        /// Redis 7 takes a type that it does not know, and finds no key of it.
        case unknown
    }

    var pattern: Bytes?
    var kind = Kind.any

    func matches(_ record: Record) -> Bool {
        switch kind {
        case .any: true
        case .only(let type): record.type == type
        case .unknown: false
        }
    }
}

private func scan(_ call: inout Call) throws(ReplyError) {
    let cursor = try call.arguments.scanCursor()
    var count = 10
    let filter = try scanFilter(&call.arguments, &count)

    let database = call.database
    var found: [Bytes] = []
    var dead: [[UInt8]] = []
    let next = database.scan(cursor, count: count) { record in
        if let pattern = filter.pattern, !Glob.matches(pattern, record.key) { return }
        if database.isDue(record) {
            dead.append(Array(record.key))
        } else if filter.matches(record) {
            found.append(record.key)
        }
    }
    call.reply.array(2)
    call.reply.bulk(integer: Int(next))
    call.reply.array(found.count)
    for key in found { call.reply.bulk(key) }
    // Like any look at a dead key this one removes it, which tells where keys do not expire by themselves.
    for key in dead { key.withBytes { _ = database.find(Key(bytes: $0, hash: call.engine.hash($0))) } }
}

private func scanFilter(_ arguments: inout Arguments, _ count: inout Int) throws(ReplyError) -> ScanFilter {
    var filter = ScanFilter()
    while !arguments.isEmpty {
        guard arguments.left > 1 else { throw .syntax }
        if arguments.take("COUNT") {
            count = try arguments.integer()
            guard count > 0 else { throw .syntax }
        } else if arguments.take("MATCH") {
            let pattern = try arguments.next()
            filter.pattern = pattern == Bytes("*") ? nil : pattern
        } else if arguments.take("TYPE") {
            let name = try arguments.next()
            let type = ValueType.allCases.first { name.matches($0.name) }
            filter.kind = type.map { .only($0) } ?? .unknown
        } else {
            throw .syntax
        }
    }
    return filter
}

extension Arguments {
    /// A cursor as Redis reads it: digits of a number that 64 bits hold, after a sign if need be; a negative number wraps
    /// around, and a zero byte ends it. Since 7.4 it may not be empty.
    mutating func scanCursor() throws(ReplyError) -> UInt64 {
        var isNegative = false
        var digits = try next().upToZero
        if !digits.isEmpty, digits[0] == UInt8(ascii: "+") || digits[0] == UInt8(ascii: "-") {
            isNegative = digits[0] == UInt8(ascii: "-")
            digits = digits[1..<digits.count]
        }
        guard !digits.isEmpty else { throw .invalidCursor }
        var cursor: UInt64 = 0
        for index in 0..<digits.count {
            let digit = digits[index] &- UInt8(ascii: "0")
            let (product, productOverflow) = cursor.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(digit))
            guard digit < 10, !productOverflow, !sumOverflow else { throw .invalidCursor }
            cursor = sum
        }
        return isNegative ? 0 &- cursor : cursor
    }
}
