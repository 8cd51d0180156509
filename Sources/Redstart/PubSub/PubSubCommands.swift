extension Command {
    static let pubsub: [Command] = [
        Command(
            "PSUBSCRIBE", .atLeast(2), [.pubsub, .noScript, .loading, .stale],
            arguments: .pattern("pattern").multiple,
            group: .pubsub, since: "2.0.0",
            complexity: """
                O(N) where N is the number of patterns to subscribe to.
                """,
            summary: "Subscribes to the channels whose names match patterns.",
            run: subscribePatterns),
        Command(
            "PUBLISH", .exactly(3), [.pubsub, .loading, .stale, .fast, .mayReplicate],
            arguments: .string("channel"),
            .string("message"),
            group: .pubsub, since: "2.0.0",
            complexity: """
                O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total \
                number of subscribed patterns (by any client).
                """,
            summary: "Sends a message to all who subscribed to a channel.",
            run: publish),
        Command(
            "PUBSUB", .atLeast(2), [], group: .pubsub, since: "2.8.0",
            summary: "Holds the commands that look at subscriptions.",
            subcommands: [
                Command(
                    "HELP", .exactly(2), [.loading, .stale],
                    group: .pubsub, since: "6.2.0", complexity: "O(1)",
                    summary: "Explains the subcommands of PUBSUB.",
                    categories: [],
                    run: help),
                Command(
                    "CHANNELS", .atLeast(2), [.pubsub, .loading, .stale],
                    arguments: .pattern("pattern").optional,
                    group: .pubsub, since: "2.8.0",
                    complexity: """
                        O(N) where N is the number of active channels, and assuming constant time pattern matching \
                        (relatively short channels and patterns)
                        """,
                    summary: "Lists the channels that somebody subscribed to by name.",
                    run: channels),
                Command(
                    "SHARDNUMSUB", .atLeast(2), [.pubsub, .loading, .stale],
                    arguments: .string("shardchannel").optional.multiple,
                    group: .pubsub, since: "7.0.0",
                    complexity: """
                        O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels
                        """,
                    summary: "Counts the subscribers of shard channels.",
                    run: shardSubscriberCounts),
                Command(
                    "NUMPAT", .exactly(2), [.pubsub, .loading, .stale],
                    group: .pubsub, since: "2.8.0", complexity: "O(1)",
                    summary: "Counts the different patterns that clients subscribed to.",
                    run: patternCount),
                Command(
                    "NUMSUB", .atLeast(2), [.pubsub, .loading, .stale],
                    arguments: .string("channel").optional.multiple,
                    group: .pubsub, since: "2.8.0",
                    complexity: """
                        O(N) for the NUMSUB subcommand, where N is the number of requested channels
                        """,
                    summary: "Counts the subscribers of channels, those by pattern left out.",
                    run: subscriberCounts),
                Command(
                    "SHARDCHANNELS", .atLeast(2), [.pubsub, .loading, .stale],
                    arguments: .pattern("pattern").optional,
                    group: .pubsub, since: "7.0.0",
                    complexity: """
                        O(N) where N is the number of active shard channels, and assuming constant time pattern \
                        matching (relatively short shard channels).
                        """,
                    summary: "Lists the shard channels that somebody subscribed to.",
                    run: shardChannels),
            ]),
        Command(
            "PUNSUBSCRIBE", .atLeast(1), [.pubsub, .noScript, .loading, .stale],
            arguments: .pattern("pattern").optional.multiple,
            group: .pubsub, since: "2.0.0",
            complexity: """
                O(N) where N is the number of patterns to unsubscribe.
                """,
            summary: "Ends subscriptions to patterns: those named, or all.",
            run: unsubscribePatterns),
        Command(
            "SPUBLISH", .exactly(3), [.pubsub, .loading, .stale, .fast, .mayReplicate], keys: .key([.notKey]),
            arguments: .string("shardchannel"),
            .string("message"),
            group: .pubsub, since: "7.0.0",
            complexity: """
                O(N) where N is the number of clients subscribed to the receiving shard channel.
                """,
            summary: "Sends a message to all who subscribed to a shard channel.",
            run: publishToShard),
        Command(
            "SSUBSCRIBE", .atLeast(2), [.pubsub, .noScript, .loading, .stale], keys: .keys([.notKey]),
            arguments: .string("shardchannel").multiple,
            group: .pubsub, since: "7.0.0",
            complexity: """
                O(N) where N is the number of shard channels to subscribe to.
                """,
            summary: "Subscribes to shard channels.",
            run: subscribeShardChannels),
        Command(
            "SUBSCRIBE", .atLeast(2), [.pubsub, .noScript, .loading, .stale],
            arguments: .string("channel").multiple,
            group: .pubsub, since: "2.0.0",
            complexity: """
                O(N) where N is the number of channels to subscribe to.
                """,
            summary: "Subscribes to channels.",
            run: subscribe),
        Command(
            "SUNSUBSCRIBE", .atLeast(1), [.pubsub, .noScript, .loading, .stale], keys: .keys([.notKey]),
            arguments: .string("shardchannel").optional.multiple,
            group: .pubsub, since: "7.0.0",
            complexity: """
                O(N) where N is the number of shard channels to unsubscribe.
                """,
            summary: "Ends subscriptions to shard channels: those named, or all.",
            run: unsubscribeShardChannels),
        Command(
            "UNSUBSCRIBE", .atLeast(1), [.pubsub, .noScript, .loading, .stale],
            arguments: .string("channel").optional.multiple,
            group: .pubsub, since: "2.0.0",
            complexity: """
                O(N) where N is the number of channels to unsubscribe.
                """,
            summary: "Ends subscriptions to channels: those named, or all.",
            run: unsubscribe),
    ]
}

// MARK: - Subscribing

private func subscribe(_ call: inout Call) throws(ReplyError) {
    try subscribe(&call, .channel)
}

private func subscribePatterns(_ call: inout Call) throws(ReplyError) {
    try subscribe(&call, .pattern)
}

private func subscribeShardChannels(_ call: inout Call) throws(ReplyError) {
    try subscribe(&call, .shardChannel)
}

private func subscribe(_ call: inout Call, _ kind: TopicKind) throws(ReplyError) {
    // Redis lets old commands into transactions, where they should not be.
    guard call.mayBlock || kind != .shardChannel && call.client.flags.contains(.multi) else {
        throw .cannotSubscribe(call.engine.commands.fullNames[call.command].uppercased())
    }
    while !call.arguments.isEmpty { call.engine.subscribe(call.client, try call.arguments.next(), kind, call.reply) }
}

private func unsubscribe(_ call: inout Call) throws(ReplyError) {
    try unsubscribe(&call, .channel)
}

private func unsubscribePatterns(_ call: inout Call) throws(ReplyError) {
    try unsubscribe(&call, .pattern)
}

private func unsubscribeShardChannels(_ call: inout Call) throws(ReplyError) {
    try unsubscribe(&call, .shardChannel)
}

private func unsubscribe(_ call: inout Call, _ kind: TopicKind) throws(ReplyError) {
    if call.arguments.isEmpty { return call.engine.unsubscribeAll(call.client, kind, call.reply) }
    while !call.arguments.isEmpty { call.engine.unsubscribe(call.client, try call.arguments.next(), kind, call.reply) }
}

// MARK: - Publishing

private func publish(_ call: inout Call) throws(ReplyError) {
    let channel = try call.arguments.next()
    let message = try call.arguments.next()
    call.reply.integer(call.engine.publish(channel, message, call.engine.hash(channel)))
}

private func publishToShard(_ call: inout Call) throws(ReplyError) {
    let channel = try call.arguments.next()
    let message = try call.arguments.next()
    call.reply.integer(call.engine.publish(channel, message, call.engine.hash(channel), .shardChannel))
}

// MARK: - Looking

private func channels(_ call: inout Call) throws(ReplyError) {
    try list(&call, .channel)
}

private func shardChannels(_ call: inout Call) throws(ReplyError) {
    try list(&call, .shardChannel)
}

private func list(_ call: inout Call, _ kind: TopicKind) throws(ReplyError) {
    guard call.arguments.count <= 3 else {
        throw ReplyError(
            "ERR unknown subcommand or wrong number of arguments for '", quoting: call.arguments[1], most: 128,
            "'. Try PUBSUB HELP.")
    }
    let pattern = call.arguments.peek
    let found = call.engine.pubsub.topics(kind).filter { topic in
        guard let pattern else { return true }
        return topic.name.withBytes { Glob.matches(pattern, $0) }
    }
    call.reply.array(found.count)
    for topic in found { call.reply.bulk(topic.name) }
}

private func subscriberCounts(_ call: inout Call) throws(ReplyError) {
    try countSubscribers(&call, .channel)
}

private func shardSubscriberCounts(_ call: inout Call) throws(ReplyError) {
    try countSubscribers(&call, .shardChannel)
}

private func countSubscribers(_ call: inout Call, _ kind: TopicKind) throws(ReplyError) {
    let engine = call.engine
    call.reply.array(call.arguments.left * 2)
    while !call.arguments.isEmpty {
        let name = try call.arguments.next()
        call.reply.bulk(name)
        call.reply.integer(engine.pubsub.find(name, engine.hash(name), kind)?.subscriptions.count ?? 0)
    }
}

private func patternCount(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(call.engine.pubsub.count(.pattern))
}

private func help(_ call: inout Call) throws(ReplyError) {
    call.reply.help(
        "PUBSUB",
        [
            "CHANNELS [<pattern>]", "    List the channels with subscribers, or those of them that match a pattern.",
            "NUMPAT", "    Count the different patterns that clients subscribed to.",
            "NUMSUB [<channel> ...]", "    Count the subscribers of channels, without those by pattern.",
            "SHARDCHANNELS [<pattern>]", "    List the shard channels with subscribers, or those that match a pattern.",
            "SHARDNUMSUB [<shardchannel> ...]", "    Count the subscribers of shard channels.",
        ])
}
