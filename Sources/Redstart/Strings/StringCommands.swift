extension Command {
    static let strings: [Command] = [
        Command("GET", .exactly(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Answers the string at a key.",
            run: get),
        Command("INCR", .exactly(2), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Adds one to the number at a key, which begins at 0.",
            run: increment),
        Command("MSET", .atLeast(3), [.write, .denyOOM], keys: .keys([.overwrite, .update], step: 2),
            arguments: .block("data", .key, .string("value")).multiple,
            group: .string, since: "1.0.1", complexity: "O(N) where N is the number of keys to set.",
            summary: "Sets several keys to strings, all at once.",
            tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
            run: setMany),
        Command("SET", .atLeast(3), [.write, .denyOOM],
            keys: .key([.readWrite, .access, .update, .variable]),
            arguments: .key,
            .string("value"),
            .oneOf("condition",
                .token("NX", name: "nx"),
                .token("XX", name: "xx")).optional.since("2.6.12"),
            .token("GET", name: "get").optional.since("6.2.0"),
            .oneOf("expiration",
                .integer("seconds", token: "EX").since("2.6.12"),
                .integer("milliseconds", token: "PX").since("2.6.12"),
                .unixTime("unix-time-seconds", token: "EXAT").since("6.2.0"),
                .unixTime("unix-time-milliseconds", token: "PXAT").since("6.2.0"),
                .token("KEEPTTL", name: "keepttl").since("6.0.0")).optional,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Sets a key to a string, whatever was there, on conditions and with a deadline if asked.",
            run: set),
    ]
}

// MARK: - Reading

private func get(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard let value = try call.database.string(key) else { return call.reply.null() }
    call.reply.bulk(value)
}

// MARK: - Setting

/// What SET and its relatives are asked for.
private struct SetOptions {
    enum Condition { case always, absent, present }

    var condition = Condition.always
    var answersOld = false
    var deadline = DeadlineChange.none
}

private func set(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let value = try call.arguments.next()
    if call.arguments.isEmpty {
        call.database.setString(key, value)
        call.database.changed(key.bytes, .string, "set")
        return call.reply.ok()
    }
    try setWithOptions(&call, key, value)
}

@inline(never)
private func setWithOptions(_ call: inout Call, _ key: Key, _ value: Bytes) throws(ReplyError) {
    var options = SetOptions()
    while !call.arguments.isEmpty {
        if call.arguments.take("NX"), options.condition != .present {
            options.condition = .absent
        } else if call.arguments.take("XX"), options.condition != .absent {
            options.condition = .present
        } else if call.arguments.take("GET") {
            options.answersOld = true
        } else {
            throw .syntax
        }
    }
    call.database.setString(key, value, deadline: options.deadline)
    call.database.changed(key.bytes, .string, "set")
    call.reply.ok()
}

private func setMany(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left % 2 == 0 else { throw .wrongArity("mset") }
    while !call.arguments.isEmpty {
        let key = try call.key()
        call.database.setString(key, try call.arguments.next())
        call.database.changed(key.bytes, .string, "set")
    }
    call.reply.ok()
}

// MARK: - Numbers

private func increment(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    try add(1, to: key, &call)
}

private func add(_ increment: Int, to key: Key, _ call: inout Call) throws(ReplyError) {
    guard var entry = try call.database.writableString(key) else {
        call.database.setInteger(key, increment)
        call.database.changed(key.bytes, .string, "incrby")
        return call.reply.integer(increment)
    }
    let value: Int
    switch entry.record.string {
    case .integer(let integer): value = integer
    case .bytes(let bytes):
        guard let integer = Int(strict: bytes) else { throw .notInteger }
        value = integer
    }
    let (sum, overflow) = value.addingReportingOverflow(increment)
    guard !overflow else { throw ReplyError(line: "ERR increment or decrement would overflow") }
    call.database.setInteger(&entry, key, sum)
    call.database.changed(key.bytes, .string, "incrby")
    call.reply.integer(sum)
}
