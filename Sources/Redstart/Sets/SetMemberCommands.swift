extension Command {
    static let sets: [Command] = [
        Command(
            "SADD", .atLeast(3), [.write, .denyOOM, .fast], keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("member").multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(1) for each element added, so O(N) to add N elements when the command is called with multiple \
                arguments.
                """,
            summary: "Adds members to a set, which begins empty.",
            run: add),
        Command(
            "SCARD", .exactly(2), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            group: .set, since: "1.0.0", complexity: "O(1)",
            summary: "Counts the members of a set.",
            run: count),
        Command(
            "SISMEMBER", .exactly(3), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            .string("member"),
            group: .set, since: "1.0.0", complexity: "O(1)",
            summary: "Tells whether a set has a member.",
            run: contains),
        Command(
            "SMEMBERS", .exactly(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .set, since: "1.0.0", complexity: "O(N) where N is the set cardinality.",
            summary: "Answers all members of a set.",
            tips: ["nondeterministic_output_order"],
            run: members),
        Command(
            "SMISMEMBER", .atLeast(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member").multiple,
            group: .set, since: "6.2.0",
            complexity: """
                O(N) where N is the number of elements being checked for membership
                """,
            summary: "Tells of each of several members whether a set has it.",
            run: containsEach),
        Command(
            "SMOVE", .exactly(4), [.write, .fast],
            keys: .key([.readWrite, .access, .delete]),
            .key([.readWrite, .insert], at: 2),
            arguments: .key("source", spec: 0),
            .key("destination", spec: 1),
            .string("member"),
            group: .set, since: "1.0.0", complexity: "O(1)",
            summary: "Moves a member from one set to another.",
            run: move),
        Command(
            "SPOP", .atLeast(2), [.write, .fast], keys: .key([.readWrite, .access, .delete]),
            arguments: .key,
            .integer("count").optional.since("3.2.0"),
            group: .set, since: "1.0.0",
            complexity: """
                Without the count argument O(1), otherwise O(N) where N is the value of the passed count.
                """,
            summary: "Takes members drawn at random out of a set, and answers them.",
            tips: ["nondeterministic_output"],
            run: pop),
        Command(
            "SRANDMEMBER", .atLeast(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("count").optional.since("2.6.0"),
            group: .set, since: "1.0.0",
            complexity: """
                Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.
                """,
            summary: "Answers members of a set drawn at random.",
            tips: ["nondeterministic_output"],
            run: randomMembers),
        Command(
            "SREM", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .string("member").multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N) where N is the number of members to be removed.
                """,
            summary: "Takes members out of a set.",
            run: remove),
        Command(
            "SSCAN", .atLeast(3), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("cursor"),
            .pattern("pattern", token: "MATCH").optional,
            .integer("count", token: "COUNT").optional,
            group: .set, since: "2.8.0",
            complexity: """
                O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor \
                to return back to 0. N is the number of elements inside the collection.
                """,
            summary: "Walks through the members of a set, some with each call.",
            tips: ["nondeterministic_output"],
            run: scan),
    ]
}

extension ReplyError {
    fileprivate static let countNotPositive = ReplyError(line: "ERR value is out of range, must be positive")
}

// MARK: - Changing

private func add(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let database = call.database
    let count = call.arguments.left
    var entry: Entry
    if let found = try database.write(key, as: .set) {
        entry = found
        database.prepareSet(&entry, forMembers: count)
    } else {
        entry = database.insertSet(key, for: call.arguments[call.arguments.position], about: count)
    }
    var added = 0
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: entry.record.memberTable)
        if database.addMember(try call.arguments.next(), to: &entry) { added &+= 1 }
    }
    if added > 0 { database.changed(key.bytes, .set, "sadd", changes: added) }
    call.reply.integer(added)
}

private func remove(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let database = call.database
    guard var entry = try database.write(key, as: .set) else { return call.reply.integer(0) }
    var removed = 0
    var isEmptied = false
    var ahead = Lookahead()
    while !isEmptied, !call.arguments.isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: entry.record.memberTable)
        if database.removeMember(try call.arguments.next(), from: &entry) {
            removed &+= 1
            isEmptied = database.isEmptiedSet(entry)
        }
    }
    if removed > 0 { database.changed(key.bytes, .set, "srem", changes: removed) }
    if isEmptied { database.removeEmptied(entry, key) }
    call.reply.integer(removed)
}

private func move(_ call: inout Call) throws(ReplyError) {
    let source = try call.key()
    let target = try call.key()
    let member = try call.arguments.next()
    let database = call.database
    guard let found = database.write(source) else { return call.reply.integer(0) }
    guard found.record.type == .set else { throw .wrongType }
    _ = try database.write(target, as: .set)
    // Looked up again, for a target whose time has come is removed by looking at it.
    guard var entry = database.find(source) else { return call.reply.integer(0) }
    if source.bytes == target.bytes {
        return call.reply.integer(SetView(entry.record).contains(member) ? 1 : 0)
    }

    guard database.removeMember(member, from: &entry) else { return call.reply.integer(0) }
    database.changed(source.bytes, .set, "srem")
    if database.isEmptiedSet(entry) { database.removeEmptied(entry, source) }
    var destination = database.find(target) ?? database.insertSet(target, for: member, about: 1)
    if database.addMember(member, to: &destination) { database.changed(target.bytes, .set, "sadd") }
    call.reply.integer(1)
}

// MARK: - Drawing

private func pop(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard call.arguments.isEmpty else { return try popMany(&call, key) }
    let database = call.database
    let reply = call.reply
    guard var entry = try database.write(key, as: .set) else { return reply.null() }
    database.popMember(&entry) { reply.bulk($0) }
    database.changed(key.bytes, .set, "spop")
    if database.isEmptiedSet(entry) { database.removeEmptied(entry, key) }
}

private func popMany(_ call: inout Call, _ key: Key) throws(ReplyError) {
    guard call.arguments.left == 1 else { throw .syntax }
    let wanted = try call.arguments.integer(orThrow: .countNotPositive)
    guard wanted >= 0 else { throw .countNotPositive }
    let database = call.database
    let reply = call.reply
    guard var entry = try database.write(key, as: .set), wanted > 0 else { return reply.set(0) }

    let set = SetView(entry.record)
    guard wanted < set.count else {
        reply.set(set.count)
        set.forEach { reply.bulk($0) }
        database.changed(key.bytes, .set, "spop", changes: set.count)
        return database.removeEmptied(entry, key)
    }
    reply.set(wanted)
    database.popMembers(wanted, &entry) { reply.bulk($0) }
    database.changed(key.bytes, .set, "spop", changes: wanted)
}

private func randomMembers(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let random = call.database.keyspace.random
    let reply = call.reply
    guard !call.arguments.isEmpty else {
        guard let set = try call.database.readSet(key) else { return reply.null() }
        return reply.bulk(set.randomMember(random))
    }
    guard call.arguments.left == 1 else { throw .syntax }
    let wanted = try call.arguments.drawCount()
    guard let set = try call.database.readSet(key), wanted != 0 else { return reply.array(0) }

    guard wanted < 0 else {
        reply.array(min(wanted, set.count))
        if wanted >= set.count {
            set.forEach { reply.bulk($0) }
        } else {
            set.drawDistinct(wanted, random) { reply.bulk($0) }
        }
        return
    }
    let bounds = RepetitiveReply(call)
    reply.array(-wanted)
    for _ in 0..<(-wanted) {
        reply.bulk(set.randomMember(random))
        guard bounds.hasRoom else { break }
    }
    bounds.finish()
}

// MARK: - Reading

private func count(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    call.reply.integer(try call.database.readSet(key)?.count ?? 0)
}

private func contains(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let member = try call.arguments.next()
    guard let set = try call.database.readSet(key) else { return call.reply.integer(0) }
    call.reply.integer(set.contains(member) ? 1 : 0)
}

private func containsEach(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let set = try call.database.readSet(key)
    call.reply.array(call.arguments.left)
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: set?.memberTable)
        let member = try call.arguments.next()
        call.reply.integer(set?.contains(member) ?? false ? 1 : 0)
    }
}

private func members(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let reply = call.reply
    guard let set = try call.database.readSet(key) else { return reply.set(0) }
    reply.set(set.count)
    set.forEach { reply.bulk($0) }
}

private func scan(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let cursor = try call.arguments.scanCursor()
    guard let set = try call.database.readSet(key) else { return call.reply.emptyScan() }
    let options = try MemberScanOptions(&call.arguments)
    answerScan(set, cursor, options, call.reply)
}

/// A small set is answered whole, whatever the cursor says, as in Redis.
private func answerScan(_ set: SetView, _ cursor: UInt64, _ options: MemberScanOptions, _ reply: ReplyWriter) {
    reply.array(2)
    if case .table(let members) = set.layout {
        var found: [Member] = []
        let next = members.scan(cursor, count: options.count) { if options.matches($0.key) { found.append($0) } }
        reply.bulk(integer: Int(next))
        reply.array(found.count)
        for member in found { reply.bulk(member.key) }
        return
    }
    reply.bulk(integer: 0)
    let mark = reply.beginArray()
    var found = 0
    set.forEach { member in
        guard options.matches(member) else { return }
        reply.bulk(member)
        found += 1
    }
    reply.finish(mark, array: found)
}
