extension Command {
    static let hashScanning: [Command] = [
        Command(
            "HRANDFIELD", .atLeast(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .block(
                "options",
                .integer("count"),
                .token("WITHVALUES", name: "withvalues").optional
            ).optional,
            group: .hash, since: "6.2.0", complexity: "O(N) where N is the number of fields returned",
            summary: "Draws fields of a hash, with their values if asked for.",
            tips: ["nondeterministic_output"],
            run: randomFields),
        Command(
            "HSCAN", .atLeast(3), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("cursor"),
            .pattern("pattern", token: "MATCH").optional,
            .integer("count", token: "COUNT").optional,
            .token("NOVALUES", name: "novalues").optional,
            group: .hash, since: "2.8.0",
            complexity: """
                O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor \
                to return back to 0. N is the number of elements inside the collection.
                """,
            summary: "Walks through the fields of a hash, some with each call.",
            tips: ["nondeterministic_output"],
            run: scan),
    ]
}

// MARK: - HRANDFIELD

private func randomFields(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.count > 2 else { return try randomField(&call) }
    let key = try call.key()
    let count = try call.arguments.drawCount()
    let withValues = call.arguments.take("WITHVALUES")
    guard call.arguments.isEmpty else { throw .syntax }
    guard !withValues || count.magnitude <= UInt(Int.max / 2) else { throw .tooManyPairs }
    guard let record = try call.database.read(key, as: .hash) else { return call.reply.array(0) }

    let answer = DrawnFields(reply: call.reply, withValues: withValues)
    let random = call.engine.random
    if count < 0 {
        let bounds = RepetitiveReply(call)
        answer.begin(-count)
        record.drawFields(-count, random, call.now) { field, value in
            answer.add(field, value)
            return bounds.hasRoom
        }
        bounds.finish()
    } else {
        answer.begin(min(count, record.fieldCount(call.now)))
        record.drawDistinctFields(count, random, call.now) { answer.add($0, $1) }
    }
}

private func randomField(_ call: inout Call) throws(ReplyError) {
    guard let record = try call.database.read(try call.key(), as: .hash) else { return call.reply.null() }
    let reply = call.reply
    record.drawFields(1, call.engine.random, call.now) { field, _ in
        reply.bulk(field)
        return true
    }
}

/// What HRANDFIELD answers with a count: fields, or with their values in a flat array, which RESP3 makes pairs.
private struct DrawnFields {
    let reply: ReplyWriter
    let withValues: Bool

    func begin(_ count: Int) { reply.array(withValues && !reply.isRESP3 ? count * 2 : count) }

    func add(_ field: StringValue, _ value: StringValue) {
        if withValues, reply.isRESP3 { reply.array(2) }
        reply.bulk(field)
        if withValues { reply.bulk(value) }
    }
}

// MARK: - HSCAN

private func scan(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let cursor = try call.arguments.scanCursor()
    guard let record = try call.database.read(key, as: .hash) else { return call.reply.emptyScan() }
    let options = try MemberScanOptions(&call.arguments, mayLeaveValuesOut: true)

    let now = call.now
    var found: [(field: StringValue, value: StringValue)] = []
    var next: UInt64 = 0
    if let hash = record.object(as: LargeHash.self) {
        next = hash.table.scan(cursor, count: options.count) { member in
            guard member.deadline > now, options.matches(.bytes(member.key)) else { return }
            found.append((.bytes(member.key), .bytes(member.value)))
        }
    } else {
        record.forEachField(now) { field, value, _ in
            if options.matches(field) { found.append((field, value)) }
        }
    }
    call.reply.array(2)
    call.reply.bulk(integer: Int(next))
    call.reply.array(options.withValues ? found.count * 2 : found.count)
    for (field, value) in found {
        call.reply.bulk(field)
        if options.withValues { call.reply.bulk(value) }
    }
}
