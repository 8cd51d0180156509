extension Command {
    static let flushing: [Command] = [
        Command(
            "FLUSHALL", .atLeast(1), [.write],
            arguments: .oneOf(
                "flush-type",
                .token("ASYNC", name: "async").since("4.0.0"),
                .token("SYNC", name: "sync").since("6.2.0")
            ).optional,
            group: .server, since: "1.0.0",
            complexity: "O(N) where N is the total number of keys in all databases",
            summary: "Removes every key of every database.",
            categories: [.dangerous, .keyspace],
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: flushAll),
        Command(
            "FLUSHDB", .atLeast(1), [.write],
            arguments: .oneOf(
                "flush-type",
                .token("ASYNC", name: "async").since("4.0.0"),
                .token("SYNC", name: "sync").since("6.2.0")
            ).optional,
            group: .server, since: "1.0.0",
            complexity: "O(N) where N is the number of keys in the selected database",
            summary: "Removes every key of the selected database.",
            categories: [.dangerous, .keyspace],
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: flushDatabase),
        Command(
            "SWAPDB", .exactly(3), [.write, .fast],
            arguments: .integer("index1"),
            .integer("index2"),
            group: .server, since: "4.0.0",
            complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.",
            summary: "Exchanges two databases, for all clients at once.",
            categories: [.dangerous, .keyspace],
            run: swapDatabases),
    ]
}

// MARK: - Flushing

private func flushAll(_ call: inout Call) throws(ReplyError) {
    let waits = try waitsForFreeing(&call)
    var removed = 0
    for database in call.engine.databases {
        call.engine.touchWatches(of: database, replacedBy: nil)
        removed += database.flush()
    }
    call.engine.invalidateAll()
    answer(&call, removed, waits: waits)
}

private func flushDatabase(_ call: inout Call) throws(ReplyError) {
    let waits = try waitsForFreeing(&call)
    call.engine.touchWatches(of: call.database, replacedBy: nil)
    let removed = call.database.flush()
    call.engine.invalidateAll()
    answer(&call, removed, waits: waits)
}

/// Whether the answer is to come only when the memory is free: SYNC, which is also the default unless a setting says
/// otherwise.
private func waitsForFreeing(_ call: inout Call) throws(ReplyError) -> Bool {
    if call.arguments.isEmpty { return !call.engine.settings.lazyUserFlush }
    let isSync = call.arguments.take("SYNC")
    guard isSync || call.arguments.take("ASYNC"), call.arguments.isEmpty else { throw .syntax }
    return isSync
}

private func answer(_ call: inout Call, _ removed: Int, waits: Bool) {
    let engine = call.engine
    // What was deleted before is waited for as well: whoever flushes may look at the memory next.
    guard waits, removed > 0 || !engine.keyspace.graveyard.isEmpty, call.mayBlock else { return call.reply.ok() }
    // What is soon freed is freed now: the usual case in a test's set-up, which need not wait for another turn.
    let start = Ticks.now
    _ = engine.freeFlushed(until: start &+ engine.ticks.ticks(nanoseconds: 200_000))
    let last = engine.keyspace.graveyard.buried
    guard engine.keyspace.graveyard.freed < last else { return call.reply.ok() }
    engine.flushWaiters.append(
        FlushWaiter(
            client: call.client, lastGrave: last, words: call.arguments.copies, startTicks: start,
            wantsReply: call.client.flags.isDisjoint(with: [.replyOff, .replySkip])))
    engine.hasFlushWaiters = true
    engine.block(call.client, until: nil) { $0.reply.ok() }
    call.client.awaitedGrave = last
}

/// A client that flushed a lot and waits until it is freed; everybody else goes on meanwhile, as in Redis 7.4.
struct FlushWaiter {
    let client: Client
    /// The last of the tables that it waits for, counted as the graveyard does.
    let lastGrave: Int
    let words: [[UInt8]]
    let startTicks: UInt64
    /// Whether its CLIENT REPLY mode was such when it asked.
    let wantsReply: Bool
}

extension Engine {
    /// Answers the flushes whose tables are gone, and lets their clients go on.
    func answerFlushes() {
        while let waiter = flushWaiters.first, waiter.lastGrave <= keyspace.graveyard.freed {
            flushWaiters.removeFirst()
            let client = waiter.client
            // It may have left, or have been told to stop waiting.
            guard client.awaitedGrave == waiter.lastGrave else { continue }
            // The work was done meanwhile, so here the time of waiting counts. Nobody else was held up: no spike.
            client.blockedTicks = Ticks.now &- waiter.startTicks
            if client.blockedTicks >= slowLogTicks { noteSlow(waiter.words, of: client, client.blockedTicks) }
            if waiter.wantsReply { client.reply.ok() }
            unblock(client)
        }
        hasFlushWaiters = !flushWaiters.isEmpty
    }
}

// MARK: - Exchanging

private func swapDatabases(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    let first = try number(&call, orThrow: .invalidFirstDatabase)
    let second = try number(&call, orThrow: .invalidSecondDatabase)
    guard engine.databases.indices.contains(first), engine.databases.indices.contains(second) else {
        throw .databaseOutOfRange
    }
    engine.statistics.dirty &+= 1
    call.reply.ok()
    // A database that takes its own place is not another one for those who watch or wait.
    guard first != second else { return }
    engine.touchWatches(of: engine.databases[first], replacedBy: engine.databases[second])
    engine.touchWatches(of: engine.databases[second], replacedBy: engine.databases[first])
    engine.databases.swapAt(first, second)
    engine.databases[first].index = first
    engine.databases[second].index = second
    engine.keyspace.swapInhabited(first, second)
    engine.keyspace.waiters.databaseChanged(first)
    engine.keyspace.waiters.databaseChanged(second)
    // Its candidates are known by their database's number.
    engine.evictionPool.removeAll()
    call.database = engine.databases[call.client.database]
}

/// A database's number, which like in Redis has to fit 32 bits before its range is looked at.
private func number(_ call: inout Call, orThrow error: ReplyError) throws(ReplyError) -> Int {
    let value = try call.arguments.integer(orThrow: error)
    guard Int32(exactly: value) != nil else { throw error }
    return value
}

extension ReplyError {
    fileprivate static let invalidFirstDatabase = ReplyError(line: "ERR invalid first DB index")
    fileprivate static let invalidSecondDatabase = ReplyError(line: "ERR invalid second DB index")
}
