extension Command {
    static let hashes: [Command] = [
        Command(
            "HDEL", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .string("field").multiple,
            group: .hash, since: "2.0.0", complexity: "O(N) where N is the number of fields to be removed.",
            summary: "Takes fields out of a hash.",
            run: deleteFields),
        Command(
            "HEXISTS", .exactly(3), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            .string("field"),
            group: .hash, since: "2.0.0", complexity: "O(1)",
            summary: "Answers whether a hash has a field.",
            run: exists),
        Command(
            "HGET", .exactly(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("field"),
            group: .hash, since: "2.0.0", complexity: "O(1)",
            summary: "Answers the value of a field.",
            run: get),
        Command(
            "HGETALL", .exactly(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .hash, since: "2.0.0", complexity: "O(N) where N is the size of the hash.",
            summary: "Answers all fields of a hash with their values.",
            tips: ["nondeterministic_output_order"],
            run: getAll),
        Command(
            "HINCRBY", .exactly(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .string("field"),
            .integer("increment"),
            group: .hash, since: "2.0.0", complexity: "O(1)",
            summary: "Adds a whole number to the number in a field, which begins at 0.",
            run: incrementBy),
        Command(
            "HINCRBYFLOAT", .exactly(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .string("field"),
            .double("increment"),
            group: .hash, since: "2.6.0", complexity: "O(1)",
            summary: "Adds a number with decimals to the number in a field, which begins at 0.",
            run: incrementByFloat),
        Command(
            "HKEYS", .exactly(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .hash, since: "2.0.0", complexity: "O(N) where N is the size of the hash.",
            summary: "Answers the names of all fields of a hash.",
            tips: ["nondeterministic_output_order"],
            run: listFields),
        Command(
            "HLEN", .exactly(2), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            group: .hash, since: "2.0.0", complexity: "O(1)",
            summary: "Counts the fields of a hash.",
            run: length),
        Command(
            "HMGET", .atLeast(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("field").multiple,
            group: .hash, since: "2.0.0", complexity: "O(N) where N is the number of fields being requested.",
            summary: "Answers the values of several fields.",
            run: getMany),
        Command(
            "HMSET", .atLeast(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .block(
                "data",
                .string("field"),
                .string("value")
            ).multiple,
            group: .hash, since: "2.0.0", complexity: "O(N) where N is the number of fields being set.",
            summary: "Sets several fields to values.",
            deprecated: Deprecation(since: "4.0.0", replacement: "`HSET` with multiple field-value pairs"),
            run: setMany),
        Command(
            "HSET", .atLeast(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .block(
                "data",
                .string("field"),
                .string("value")
            ).multiple,
            group: .hash, since: "2.0.0",
            complexity: """
                O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called \
                with multiple field/value pairs.
                """,
            summary: "Sets fields to values, and counts those that are new.",
            run: set),
        Command(
            "HSETNX", .exactly(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("field"),
            .string("value"),
            group: .hash, since: "2.0.0", complexity: "O(1)",
            summary: "Sets a field to a value unless there is such a field.",
            run: setIfAbsent),
        Command(
            "HSTRLEN", .exactly(3), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            .string("field"),
            group: .hash, since: "3.2.0", complexity: "O(1)",
            summary: "Counts the bytes of the value of a field.",
            run: valueLength),
        Command(
            "HVALS", .exactly(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .hash, since: "2.0.0", complexity: "O(N) where N is the size of the hash.",
            summary: "Answers the values of all fields of a hash.",
            tips: ["nondeterministic_output_order"],
            run: listValues),
    ]
}

extension ReplyError {
    fileprivate static let hashValueNotInteger = ReplyError(line: "ERR hash value is not an integer")
    fileprivate static let hashValueNotFloat = ReplyError(line: "ERR hash value is not a float")
    fileprivate static let notFiniteIncrement = ReplyError(line: "ERR value is NaN or Infinity")
}

// MARK: - Reading

private func get(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let field = try call.arguments.next()
    guard let record = try call.database.read(key, as: .hash), let value = record.field(field, call.now) else {
        return call.reply.null()
    }
    call.reply.bulk(value)
}

private func getMany(_ call: inout Call) throws(ReplyError) {
    let record = try call.database.read(try call.key(), as: .hash)
    call.reply.array(call.arguments.left)
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: record?.memberTable)
        let field = try call.arguments.next()
        if let value = record?.field(field, call.now) { call.reply.bulk(value) } else { call.reply.null() }
    }
}

private func exists(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let field = try call.arguments.next()
    let value = try call.database.read(key, as: .hash)?.field(field, call.now)
    call.reply.integer(value == nil ? 0 : 1)
}

private func valueLength(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let field = try call.arguments.next()
    call.reply.integer(try call.database.read(key, as: .hash)?.field(field, call.now)?.count ?? 0)
}

private func length(_ call: inout Call) throws(ReplyError) {
    guard let record = try call.database.read(try call.key(), as: .hash) else { return call.reply.integer(0) }
    // Where nothing expires by itself, what is dead counts too, as in Redis.
    call.reply.integer(record.fieldCount(call.database.keyspace.expiresActively ? call.now : .min))
}

private func getAll(_ call: inout Call) throws(ReplyError) {
    guard let record = try call.database.read(try call.key(), as: .hash) else { return call.reply.map(0) }
    let reply = call.reply
    reply.map(record.fieldCount(call.now))
    record.forEachField(call.now) { field, value, _ in
        reply.bulk(field)
        reply.bulk(value)
    }
}

private func listFields(_ call: inout Call) throws(ReplyError) {
    guard let record = try call.database.read(try call.key(), as: .hash) else { return call.reply.array(0) }
    let reply = call.reply
    reply.array(record.fieldCount(call.now))
    record.forEachField(call.now) { field, _, _ in reply.bulk(field) }
}

private func listValues(_ call: inout Call) throws(ReplyError) {
    guard let record = try call.database.read(try call.key(), as: .hash) else { return call.reply.array(0) }
    let reply = call.reply
    reply.array(record.fieldCount(call.now))
    record.forEachField(call.now) { _, value, _ in reply.bulk(value) }
}

// MARK: - Changing

private func set(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(try setPairs(&call))
}

private func setMany(_ call: inout Call) throws(ReplyError) {
    _ = try setPairs(&call)
    call.reply.ok()
}

/// Sets all pairs of field and value; returns how many fields are new.
@inline(__always)
private func setPairs(_ call: inout Call) throws(ReplyError) -> Int {
    guard call.arguments.count & 1 == 0 else {
        throw .wrongArity(call.engine.commands.fullNames[call.command].lowercased())
    }
    let key = try call.key()
    let database = call.database
    let first = call.arguments.position
    let added: Int
    if var entry = try database.hash(key) {
        added = database.setFields(&entry, key, call.arguments, from: first)
    } else {
        added = database.makeHash(key, call.arguments, from: first)
    }
    database.changed(key.bytes, .hash, "hset", changes: call.arguments.left / 2)
    return added
}

private func setIfAbsent(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let field = try call.arguments.next()
    let value = try call.arguments.next()
    let database = call.database
    let found = try database.hash(key)
    guard found?.record.field(field, call.now) == nil else { return call.reply.integer(0) }
    var entry = found ?? database.makeHash(key)
    _ = database.setField(&entry, key, field, value)
    database.changed(key.bytes, .hash, "hset")
    call.reply.integer(1)
}

private func deleteFields(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let database = call.database
    guard var entry = try database.hash(key) else { return call.reply.integer(0) }
    var removed = 0
    var isEmpty = false
    var ahead = Lookahead()
    while !call.arguments.isEmpty, !isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: entry.record.memberTable)
        let field = try call.arguments.next()
        guard database.removeField(&entry, key, field) else { continue }
        removed += 1
        isEmpty = database.isEmptyHash(entry.record)
    }
    if removed > 0 {
        database.changed(key.bytes, .hash, "hdel", changes: removed)
        if isEmpty { database.removeEmptied(entry, key) }
    }
    call.reply.integer(removed)
}

private func incrementBy(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let field = try call.arguments.next()
    let increment = try call.arguments.integer()
    let database = call.database
    let found = try database.hash(key)
    var value = 0
    switch found?.record.field(field, call.now) {
    case nil: break
    case .integer(let integer): value = integer
    case .bytes(let bytes):
        guard let integer = Int(strict: bytes) else { throw .hashValueNotInteger }
        value = integer
    }
    let (sum, overflow) = value.addingReportingOverflow(increment)
    guard !overflow else { throw .overflow }
    var entry = found ?? database.makeHash(key)
    NumberText.withText(of: sum) { text in
        _ = database.setField(&entry, key, field, text, keepsDeadline: true)
    }
    database.changed(key.bytes, .hash, "hincrby")
    call.reply.integer(sum)
}

private func incrementByFloat(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let field = try call.arguments.next()
    guard let increment = NumberText.longDouble(try call.arguments.next()) else { throw .notFloat }
    guard increment.isFinite else { throw .notFiniteIncrement }
    let database = call.database
    let found = try database.hash(key)
    var value: LongDouble = 0
    switch found?.record.field(field, call.now) {
    case nil: break
    case .integer(let integer): value = LongDouble(integer)
    case .bytes(let bytes):
        guard let number = NumberText.longDouble(bytes) else { throw .hashValueNotFloat }
        value = number
    }
    let sum = value + increment
    guard sum.isFinite else { throw .notFinite }
    var entry = found ?? database.makeHash(key)
    let reply = call.reply
    NumberText.withFixedText(of: sum) { text in
        _ = database.setField(&entry, key, field, text, keepsDeadline: true)
        reply.bulk(text)
    }
    database.changed(key.bytes, .hash, "hincrbyfloat")
}
