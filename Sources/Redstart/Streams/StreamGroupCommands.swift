extension Command {
    static let streamGroups: [Command] = [
        Command(
            "XACK", .atLeast(4), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .string("group"),
            .string("id").multiple,
            group: .stream, since: "5.0.0", complexity: "O(1) for each message ID processed.",
            summary: "Says that entries are done with, which were pending for a consumer of a group.",
            run: acknowledge),
        Command(
            "XGROUP", .atLeast(2), [],
            group: .stream, since: "5.0.0",
            summary: "Makes, changes and removes consumer groups.",
            subcommands: [
                Command(
                    "CREATECONSUMER", .exactly(5), [.write, .denyOOM], keys: .key([.readWrite, .insert], at: 2),
                    arguments: .key,
                    .string("group"),
                    .string("consumer"),
                    group: .stream, since: "6.2.0", complexity: "O(1)",
                    summary: "Adds a consumer to a group.",
                    run: createConsumer),
                Command(
                    "CREATE", .atLeast(5), [.write, .denyOOM], keys: .key([.readWrite, .insert], at: 2),
                    arguments: .key,
                    .string("group"),
                    .oneOf("id-selector", .string("id"), .token("$", name: "new-id")),
                    .token("MKSTREAM", name: "mkstream").optional,
                    .integer("entriesread", token: "ENTRIESREAD").display("entries-read").optional,
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Makes a consumer group, to be given the entries after an ID.",
                    run: createGroup),
                Command(
                    "HELP", .exactly(2), [.loading, .stale],
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Explains the subcommands.",
                    run: help),
                Command(
                    "DELCONSUMER", .exactly(5), [.write], keys: .key([.readWrite, .delete], at: 2),
                    arguments: .key,
                    .string("group"),
                    .string("consumer"),
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Removes a consumer, and what is pending for it, from a group.",
                    run: deleteConsumer),
                Command(
                    "DESTROY", .exactly(4), [.write], keys: .key([.readWrite, .delete], at: 2),
                    arguments: .key,
                    .string("group"),
                    group: .stream, since: "5.0.0",
                    complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
                    summary: "Removes a consumer group.",
                    run: destroyGroup),
                Command(
                    "SETID", .atLeast(5), [.write], keys: .key([.readWrite, .update], at: 2),
                    arguments: .key,
                    .string("group"),
                    .oneOf("id-selector", .string("id"), .token("$", name: "new-id")),
                    .integer("entriesread", token: "ENTRIESREAD").display("entries-read").optional,
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Sets up to which ID a group was given entries.",
                    run: setGroupID),
            ]),
    ]
}

private func acknowledge(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let name = try call.arguments.next()
    guard let stream = try call.stream(key), let group = stream.group(name) else { return call.reply.integer(0) }
    // All IDs must be right before any counts.
    let first = call.arguments.position
    while !call.arguments.isEmpty { _ = try call.arguments.streamID() }
    call.arguments.move(to: first)

    var acknowledged = 0
    while !call.arguments.isEmpty {
        if group.acknowledge(try call.arguments.streamID()) { acknowledged += 1 }
    }
    if acknowledged > 0 { call.database.changedBeside(changes: acknowledged) }
    call.reply.integer(acknowledged)
}

// MARK: - XGROUP

private func help(_ call: inout Call) {
    call.reply.help(
        "XGROUP",
        [
            "CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <count>]",
            "    Make a group that is given the entries after <id>, or those from now on. MKSTREAM makes",
            "    the stream too, if it is not there. ENTRIESREAD says how many entries are before <id>.",
            "CREATECONSUMER <key> <group> <consumer>",
            "    Add a consumer to a group.",
            "DELCONSUMER <key> <group> <consumer>",
            "    Remove a consumer; answer how many entries were pending for it.",
            "DESTROY <key> <group>",
            "    Remove a group.",
            "SETID <key> <group> <id|$> [ENTRIESREAD <count>]",
            "    Set after which ID a group is given entries.",
        ])
}

/// What CREATE and SETID take behind the group's name.
private struct GroupOptions {
    /// `$` or an ID, which is read once it is known that there is a stream.
    let id: Bytes
    var makesStream = false
    var entriesRead: Int?
    /// Whether there are more words than there can be without saying anything twice.
    let repeats: Bool

    init(_ call: inout Call, isCreate: Bool) throws(ReplyError) {
        id = try call.arguments.next()
        while !call.arguments.isEmpty {
            if isCreate, call.arguments.take("MKSTREAM") {
                makesStream = true
            } else if call.arguments.left > 1, call.arguments.take("ENTRIESREAD") {
                let count = try call.arguments.integer()
                guard count >= -1 else { throw .negativeEntriesRead }
                entriesRead = count < 0 ? nil : count
            } else {
                throw .unknownStreamOption(call.arguments[1], of: "XGROUP")
            }
        }
        let mostWords = isCreate ? 8 : 7
        repeats = call.arguments.count > mostWords
    }

    /// The least and the greatest ID, which SETID takes by these names.
    var edge: EntryID? {
        guard id.count == 1 else { return nil }
        return id[0] == UInt8(ascii: "-") ? .zero : id[0] == UInt8(ascii: "+") ? .max : nil
    }

    func lastID(_ stream: Stream?) throws(ReplyError) -> EntryID {
        if id.count == 1, id[0] == UInt8(ascii: "$") { return stream?.lastID ?? .zero }
        guard let id = EntryID(id, sequence: 0) else { throw .invalidStreamID }
        return id
    }
}

private func createGroup(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let name = try call.arguments.next()
    let options = try GroupOptions(&call, isCreate: true)
    let found = try call.writableStream(key)
    guard found != nil || options.makesStream else { throw .groupNeedsKey }
    guard !options.repeats else { throw .unknownStreamOption(call.arguments[1], of: "XGROUP") }
    let lastID = try options.lastID(found)

    let stream = found ?? call.makeStream(key)
    guard stream.makeGroup(name, lastID: lastID, entriesRead: options.entriesRead) != nil else { throw .groupExists }
    call.reply.ok()
    // A group is nothing that WATCH looks at, a new stream is.
    if found == nil { call.database.touched(key.bytes) }
    call.database.changedBeside(key.bytes, .stream, "xgroup-create")
}

/// The stream and the group that the next two words name.
private func groupToChange(
    _ call: inout Call
) throws(ReplyError) -> (key: Key, stream: Stream, name: Bytes, group: StreamGroup?) {
    let key = try call.key()
    let name = try call.arguments.next()
    guard let stream = try call.writableStream(key) else { throw .groupNeedsKey }
    return (key, stream, name, stream.group(name))
}

private func setGroupID(_ call: inout Call) throws(ReplyError) {
    let first = call.arguments.position
    call.arguments.skip(2)
    let options = try GroupOptions(&call, isCreate: false)
    call.arguments.move(to: first)
    let (key, stream, name, found) = try groupToChange(&call)
    guard let group = found else { throw .noGroup(name, in: key.bytes) }
    guard !options.repeats else { throw .unknownStreamOption(call.arguments[1], of: "XGROUP") }
    if let edge = options.edge { group.lastID = edge } else { group.lastID = try options.lastID(stream) }
    group.entriesRead = options.entriesRead
    call.reply.ok()
    call.database.changedBeside(key.bytes, .stream, "xgroup-setid")
}

private func destroyGroup(_ call: inout Call) throws(ReplyError) {
    let (key, stream, name, _) = try groupToChange(&call)
    guard stream.removeGroup(name) else { return call.reply.integer(0) }
    call.reply.integer(1)
    call.database.changedBeside(key.bytes, .stream, "xgroup-destroy")
    call.database.lostPart(key)
}

private func createConsumer(_ call: inout Call) throws(ReplyError) {
    let (key, _, name, found) = try groupToChange(&call)
    guard let group = found else { throw .noGroup(name, in: key.bytes) }
    let consumer = try call.arguments.next()
    guard group.consumer(consumer) == nil else { return call.reply.integer(0) }
    _ = group.makeConsumer(consumer, at: call.now)
    call.reply.integer(1)
    call.database.changedBeside(key.bytes, .stream, "xgroup-createconsumer")
}

private func deleteConsumer(_ call: inout Call) throws(ReplyError) {
    let (key, _, name, found) = try groupToChange(&call)
    guard let group = found else { throw .noGroup(name, in: key.bytes) }
    guard let consumer = group.consumer(try call.arguments.next()) else { return call.reply.integer(0) }
    call.reply.integer(group.removeConsumer(consumer))
    call.database.changedBeside(key.bytes, .stream, "xgroup-delconsumer")
}
