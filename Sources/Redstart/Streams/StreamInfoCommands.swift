extension Command {
    static let streamInformation: [Command] = [
        Command(
            "XINFO", .atLeast(2), [],
            group: .stream, since: "5.0.0",
            summary: "Tells about streams, their groups and consumers.",
            subcommands: [
                Command(
                    "GROUPS", .exactly(3), [.readonly], keys: .key([.readOnly, .access], at: 2),
                    arguments: .key,
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Tells about the groups of a stream.",
                    run: groups),
                Command(
                    "STREAM", .atLeast(3), [.readonly], keys: .key([.readOnly, .access], at: 2),
                    arguments: .key,
                    .block("full-block", .token("FULL", name: "full"), .integer("count", token: "COUNT").optional)
                        .optional,
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Tells about a stream.",
                    run: stream),
                Command(
                    "HELP", .exactly(2), [.loading, .stale],
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Explains the subcommands.",
                    run: help),
                Command(
                    "CONSUMERS", .exactly(4), [.readonly], keys: .key([.readOnly, .access], at: 2),
                    arguments: .key,
                    .string("group"),
                    group: .stream, since: "5.0.0", complexity: "O(1)",
                    summary: "Tells about the consumers of a group.",
                    tips: ["nondeterministic_output"],
                    run: consumers),
            ])
    ]
}

private func help(_ call: inout Call) {
    call.reply.help(
        "XINFO",
        [
            "CONSUMERS <key> <group>",
            "    Tell about the consumers of a group.",
            "GROUPS <key>",
            "    Tell about the groups of a stream.",
            "STREAM <key> [FULL [COUNT <count>]]",
            "    Tell about a stream; with FULL also what is in it and in its groups, up to <count> of each.",
        ])
}

extension Call {
    fileprivate mutating func streamToTell() throws(ReplyError) -> (key: Key, stream: Stream) {
        let key = try key()
        guard let stream = try stream(key) else { throw .noSuchKey }
        return (key, stream)
    }
}

extension ReplyWriter {
    fileprivate func pair(_ name: StaticString, _ value: Int) {
        bulk(name)
        integer(value)
    }

    fileprivate func pair(_ name: StaticString, _ value: Int?) {
        bulk(name)
        if let value { integer(value) } else { null() }
    }

    fileprivate func pair(_ name: StaticString, _ value: EntryID) {
        bulk(name)
        bulk(value)
    }

    fileprivate func pair(_ name: StaticString, _ value: [UInt8]) {
        bulk(name)
        bulk(value)
    }

    fileprivate func pair(_ name: StaticString, _ value: LogEntry?) {
        bulk(name)
        if let value { entry(value) } else { null() }
    }
}

// MARK: - Groups and consumers

private func groups(_ call: inout Call) throws(ReplyError) {
    let (_, stream) = try call.streamToTell()
    let reply = call.reply
    reply.array(stream.groups.count)
    for group in stream.groups {
        reply.map(6)
        reply.pair("name", group.name)
        reply.pair("consumers", group.consumers.count)
        reply.pair("pending", group.pending.count)
        reply.pair("last-delivered-id", group.lastID)
        reply.pair("entries-read", group.entriesRead)
        reply.pair("lag", stream.lag(of: group))
    }
}

private func consumers(_ call: inout Call) throws(ReplyError) {
    let (key, stream) = try call.streamToTell()
    let name = try call.arguments.next()
    guard let group = stream.group(name) else { throw .noGroup(name, in: key.bytes) }
    let reply = call.reply
    reply.array(group.consumers.count)
    for consumer in group.consumers {
        reply.map(4)
        reply.pair("name", consumer.name)
        reply.pair("pending", consumer.pending.count)
        reply.pair("idle", Int(max(0, call.now &- consumer.seenAt)))
        reply.pair("inactive", consumer.activeAt < 0 ? -1 : Int(max(0, call.now &- consumer.activeAt)))
    }
}

// MARK: - The stream

private func stream(_ call: inout Call) throws(ReplyError) {
    let (_, stream) = try call.streamToTell()
    let most = try fullCount(&call)
    let reply = call.reply
    reply.map(most == nil ? 10 : 9)
    reply.pair("length", stream.count)
    reply.pair("radix-tree-keys", stream.blockCount)
    reply.pair("radix-tree-nodes", stream.radixNodeCount)
    reply.pair("last-generated-id", stream.lastID)
    reply.pair("max-deleted-entry-id", stream.maxDeletedID)
    reply.pair("entries-added", stream.entriesAdded)
    reply.pair("recorded-first-entry-id", stream.firstID)
    if let most {
        answerEntries(reply, stream, most: most)
        answerGroups(reply, stream, most: most)
    } else {
        reply.pair("groups", stream.groups.count)
        reply.pair("first-entry", stream.firstEntry)
        reply.pair("last-entry", stream.lastEntry)
    }
}

/// How many of each are asked for with FULL; nil without.
private func fullCount(_ call: inout Call) throws(ReplyError) -> Int? {
    guard !call.arguments.isEmpty else { return nil }
    let subcommand = call.arguments[1]
    guard call.arguments.take("FULL") else { throw .unknownStreamOption(subcommand, of: "XINFO") }
    guard !call.arguments.isEmpty else { return 10 }
    guard call.arguments.left == 2, call.arguments.take("COUNT") else {
        throw .unknownStreamOption(subcommand, of: "XINFO")
    }
    let count = try call.arguments.integer()
    return count == 0 ? .max : count < 0 ? 10 : count
}

private func answerEntries(_ reply: ReplyWriter, _ stream: Stream, most: Int) {
    reply.bulk("entries")
    reply.entries(stream.walk(from: .zero, through: .max), most: most)
}

private func answerGroups(_ reply: ReplyWriter, _ stream: Stream, most: Int) {
    reply.bulk("groups")
    reply.array(stream.groups.count)
    for group in stream.groups {
        reply.map(7)
        reply.pair("name", group.name)
        reply.pair("last-delivered-id", group.lastID)
        reply.pair("entries-read", group.entriesRead)
        reply.pair("lag", stream.lag(of: group))
        reply.pair("pel-count", group.pending.count)
        reply.bulk("pending")
        reply.array(min(most, group.pending.count))
        var cursor = group.pending.cursor(at: 0)
        var left = most
        while left > 0, let entry = cursor.next() {
            reply.array(4)
            reply.bulk(entry.id)
            reply.bulk(group.consumer(number: entry.consumer).name)
            reply.integer(Int(entry.deliveredAt))
            reply.integer(group.deliveries(entry))
            left -= 1
        }
        reply.bulk("consumers")
        reply.array(group.consumers.count)
        for consumer in group.consumers { answerConsumer(reply, group, consumer, most: most) }
    }
}

private func answerConsumer(_ reply: ReplyWriter, _ group: StreamGroup, _ consumer: StreamConsumer, most: Int) {
    reply.map(5)
    reply.pair("name", consumer.name)
    reply.pair("seen-time", Int(consumer.seenAt))
    reply.pair("active-time", Int(consumer.activeAt))
    reply.pair("pel-count", consumer.pending.count)
    reply.bulk("pending")
    reply.array(min(most, consumer.pending.count))
    var cursor = consumer.pending.cursor(at: 0)
    var left = most
    while left > 0, let id = cursor.next(), let entry = group.pending.find(PendingEntry(probe: id)) {
        reply.array(3)
        reply.bulk(id)
        reply.integer(Int(entry.deliveredAt))
        reply.integer(group.deliveries(entry))
        left -= 1
    }
}
