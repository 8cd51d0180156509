extension Command {
    static let streamPending: [Command] = [
        Command(
            "XAUTOCLAIM", .atLeast(6), [.write, .fast], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .string("group"),
            .string("consumer"),
            .string("min-idle-time"),
            .string("start"),
            .integer("count", token: "COUNT").optional,
            .token("JUSTID", name: "justid").optional,
            group: .stream, since: "6.2.0", complexity: "O(1) if COUNT is small.",
            summary: "Makes entries that were pending for too long another consumer's, from an ID on.",
            tips: ["nondeterministic_output"],
            run: claimAutomatically),
        Command(
            "XCLAIM", .atLeast(6), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .string("group"),
            .string("consumer"),
            .string("min-idle-time"),
            .string("id").multiple,
            .integer("ms", token: "IDLE").optional,
            .unixTime("unix-time-milliseconds", token: "TIME").optional,
            .integer("count", token: "RETRYCOUNT").optional,
            .token("FORCE", name: "force").optional,
            .token("JUSTID", name: "justid").optional,
            .string("lastid", token: "LASTID").optional,
            group: .stream, since: "5.0.0",
            complexity: "O(log N) with N being the number of messages in the PEL of the consumer group.",
            summary: "Makes entries that are pending another consumer's, by their IDs.",
            tips: ["nondeterministic_output"],
            run: claim),
        Command(
            "XPENDING", .atLeast(3), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("group"),
            .block(
                "filters",
                .integer("min-idle-time", token: "IDLE").optional.since("6.2.0"),
                .string("start"),
                .string("end"),
                .integer("count"),
                .string("consumer").optional
            ).optional,
            group: .stream, since: "5.0.0",
            complexity: """
                O(N) with N being the number of elements returned, so asking for a small fixed number of entries \
                per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE \
                filter. When the command returns just the summary and the list of consumers is small, it runs in \
                O(1) time; otherwise, an additional O(N) time for iterating every consumer.
                """,
            summary: "Answers what is pending in a group: in sum by consumer, or entry by entry.",
            tips: ["nondeterministic_output"],
            run: pending),
    ]
}

extension Call {
    /// The group that the next two words name, for a command that reads.
    fileprivate mutating func group() throws(ReplyError) -> (key: Key, stream: Stream, group: StreamGroup) {
        let key = try key()
        let name = try arguments.next()
        guard let stream = try stream(key), let group = stream.group(name) else {
            throw .noGroup(name, at: key.bytes)
        }
        return (key, stream, group)
    }

    /// For how long something was left alone.
    @inline(__always)
    fileprivate func idle(since moment: Int64) -> Int64 {
        let (idle, overflow) = now.subtractingReportingOverflow(moment)
        return overflow ? .max : max(0, idle)
    }
}

// MARK: - XPENDING

private func pending(_ call: inout Call) throws(ReplyError) {
    let count = call.arguments.count
    if count == 3 { return try answerSummary(&call) }
    guard count >= 6, count <= 9 else { throw .syntax }

    call.arguments.skip(2)
    var leastIdle: Int64 = 0
    if call.arguments.take("IDLE") {
        leastIdle = Int64(try call.arguments.integer())
        guard count >= 8 else { throw .syntax }
    }
    let range = call.arguments.position
    call.arguments.skip(2)
    let most = max(0, try call.arguments.integer())
    let consumerName = call.arguments.peek
    call.arguments.move(to: range)
    let start = try call.arguments.rangeStart()
    let end = try call.arguments.rangeEnd()

    call.arguments.move(to: 1)
    let (_, _, group) = try call.group()
    let mark = call.reply.beginArray()
    var answered = 0
    if let consumerName {
        if let consumer = group.consumer(consumerName) {
            var cursor = consumer.pending.cursor(before: start)
            while answered < most, let id = cursor.next(), id <= end {
                guard let entry = group.pending.find(PendingEntry(probe: id)) else { continue }
                if answer(call, group, entry, leastIdle) { answered += 1 }
            }
        }
    } else {
        var cursor = group.pending.cursor(before: PendingEntry(probe: start))
        while answered < most, let entry = cursor.next(), entry.id <= end {
            if answer(call, group, entry, leastIdle) { answered += 1 }
        }
    }
    call.reply.finish(mark, array: answered)
}

/// Answers a pending entry, unless it was delivered too lately.
private func answer(_ call: Call, _ group: StreamGroup, _ entry: PendingEntry, _ leastIdle: Int64) -> Bool {
    let idle = call.idle(since: entry.deliveredAt)
    guard idle >= leastIdle else { return false }
    let reply = call.reply
    reply.array(4)
    reply.bulk(entry.id)
    reply.bulk(group.consumer(number: entry.consumer).name)
    reply.integer(Int(idle))
    reply.integer(group.deliveries(entry))
    return true
}

private func answerSummary(_ call: inout Call) throws(ReplyError) {
    let (_, _, group) = try call.group()
    let reply = call.reply
    reply.array(4)
    reply.integer(group.pending.count)
    guard let first = group.pending.first, let last = group.pending.last else {
        reply.null()
        reply.null()
        return reply.nullArray()
    }
    reply.bulk(first.id)
    reply.bulk(last.id)
    let mark = reply.beginArray()
    var answered = 0
    for consumer in group.consumers where consumer.pending.count > 0 {
        reply.array(2)
        reply.bulk(consumer.name)
        reply.bulk(integer: consumer.pending.count)
        answered += 1
    }
    reply.finish(mark, array: answered)
}

// MARK: - XCLAIM

/// What XCLAIM takes behind the IDs, in any order.
private struct ClaimOptions {
    var deliveredAt: Int64
    var deliveries: Int?
    var lastID: EntryID?
    var isForced = false
    var answersIDs = false

    init(_ call: inout Call) throws(ReplyError) {
        let now = call.now
        deliveredAt = now
        while !call.arguments.isEmpty {
            if call.arguments.take("FORCE") {
                isForced = true
            } else if call.arguments.take("JUSTID") {
                answersIDs = true
            } else if call.arguments.left > 1, call.arguments.take("IDLE") {
                let idle = try call.arguments.integer(orThrow: .invalidClaimArgument("IDLE option", of: "XCLAIM"))
                deliveredAt = now &- Int64(idle)
            } else if call.arguments.left > 1, call.arguments.take("TIME") {
                deliveredAt = Int64(
                    try call.arguments.integer(orThrow: .invalidClaimArgument("TIME option", of: "XCLAIM")))
            } else if call.arguments.left > 1, call.arguments.take("RETRYCOUNT") {
                let count = try call.arguments.integer(
                    orThrow: .invalidClaimArgument("RETRYCOUNT option", of: "XCLAIM"))
                deliveries = count < 0 ? nil : count
            } else if call.arguments.left > 1, call.arguments.take("LASTID") {
                lastID = try call.arguments.streamID()
            } else {
                throw .unknownClaimOption(call.arguments[call.arguments.position])
            }
        }
        // What was not delivered yet was delivered just now.
        if deliveredAt < 0 || deliveredAt > now { deliveredAt = now }
    }
}

private func claim(_ call: inout Call) throws(ReplyError) {
    let (key, stream, group) = try call.group()
    let consumerName = try call.arguments.next()
    let leastIdle = max(
        0, try call.arguments.integer(orThrow: .invalidClaimArgument("min-idle-time", of: "XCLAIM")))
    let ids = call.arguments.position
    while let word = call.arguments.peek, EntryID(word, sequence: 0) != nil { call.arguments.skip() }
    let options = try ClaimOptions(&call)
    call.arguments.move(to: ids)

    if let lastID = options.lastID, group.lastID < lastID {
        group.lastID = lastID
        call.database.changedBeside(changes: 1)
    }
    let consumer = call.consumer(consumerName, of: group, key)
    let mark = call.reply.beginArray()
    var claimed = 0
    while let word = call.arguments.peek, let id = EntryID(word, sequence: 0) {
        call.arguments.skip()
        let pending = group.pending.find(PendingEntry(probe: id))
        guard let entry = stream.entry(id) else {
            // An entry that was deleted is nobody's any more.
            if pending != nil {
                _ = group.acknowledge(id)
                call.database.changedBeside(changes: 1)
            }
            continue
        }
        guard pending != nil || options.isForced else { continue }
        if let pending, leastIdle > 0, call.now &- pending.deliveredAt < Int64(leastIdle) { continue }
        let before = pending.map { group.deliveries($0) } ?? 1
        let deliveries = options.deliveries ?? (options.answersIDs ? before : before &+ 1)
        group.set(id, consumer, deliveredAt: options.deliveredAt, deliveries: deliveries)
        consumer.activeAt = call.now
        if options.answersIDs { call.reply.bulk(id) } else { call.reply.entry(entry) }
        call.database.changedBeside(changes: 1)
        claimed += 1
    }
    call.reply.finish(mark, array: claimed)
}

// MARK: - XAUTOCLAIM

/// For more Redis gets no memory, of which it takes 16 bytes for each beforehand.
private let mostClaims = 1 << 43

private func claimAutomatically(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let groupName = try call.arguments.next()
    let consumerName = try call.arguments.next()
    // A key that is missing is told as missed also where a word behind it is wrong.
    let record = call.database.read(key)
    let leastIdle = max(
        0, try call.arguments.integer(orThrow: .invalidClaimArgument("min-idle-time", of: "XAUTOCLAIM")))
    let start = try call.arguments.rangeStart()
    var most = 100
    var answersIDs = false
    while !call.arguments.isEmpty {
        if call.arguments.left > 1, call.arguments.take("COUNT") {
            most = try call.arguments.integer(orThrow: .claimCount)
            guard most > 0, most <= Int.max / 16 else { throw .claimCount }
        } else if call.arguments.take("JUSTID") {
            answersIDs = true
        } else {
            throw .syntax
        }
    }
    guard record == nil || record?.type == .stream else { throw .wrongType }
    guard let stream = record?.object as? Stream, let group = stream.group(groupName) else {
        throw .noGroup(groupName, at: key.bytes)
    }
    guard most <= mostClaims else { throw .claimMemory }
    let consumer = call.consumer(consumerName, of: group, key)
    answerClaims(
        call, stream, group, consumer, from: start, leastIdle: Int64(leastIdle), most: most, answersIDs: answersIDs)
}

/// Looks at up to ten times as many pending entries as it may claim, and answers where to go on.
private func answerClaims(
    _ call: Call, _ stream: Stream, _ group: StreamGroup, _ consumer: StreamConsumer, from start: EntryID,
    leastIdle: Int64, most: Int, answersIDs: Bool
) {
    let reply = call.reply
    let now = call.now
    reply.array(3)
    let end = reply.count
    let mark = reply.beginArray()
    var deleted: [EntryID] = []
    var claimed = 0
    var looks = most > Int.max / 10 ? Int.max : most * 10
    var left = most
    var next: EntryID?
    var cursor = group.pending.cursor(before: PendingEntry(probe: start))
    while let pending = cursor.next() {
        guard left > 0, looks > 0 else {
            next = pending.id
            break
        }
        looks -= 1
        guard let entry = stream.entry(pending.id) else {
            deleted.append(pending.id)
            left -= 1
            continue
        }
        if leastIdle > 0, now &- pending.deliveredAt < leastIdle { continue }
        let deliveries = group.deliveries(pending) &+ (answersIDs ? 0 : 1)
        group.set(pending.id, consumer, deliveredAt: now, deliveries: deliveries)
        if answersIDs { reply.bulk(pending.id) } else { reply.entry(entry) }
        claimed += 1
        left -= 1
    }
    for id in deleted { _ = group.acknowledge(id) }
    reply.finish(mark, array: claimed)
    reply.insert(next ?? .zero, at: end)
    if claimed > 0 { consumer.activeAt = now }
    if claimed + deleted.count > 0 { call.database.changedBeside(changes: claimed + deleted.count) }
    reply.array(deleted.count)
    for id in deleted { reply.bulk(id) }
}
