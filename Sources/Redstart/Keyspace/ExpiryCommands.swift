extension Command {
    static let expiry: [Command] = [
        Command(
            "EXPIRE", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .integer("seconds"),
            expireCondition,
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Ends a key's life so many seconds from now.",
            run: expire),
        Command(
            "EXPIREAT", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .unixTime("unix-time-seconds"),
            expireCondition,
            group: .generic, since: "1.2.0", complexity: "O(1)",
            summary: "Ends a key's life at a second of Unix time.",
            run: expireAt),
        Command(
            "EXPIRETIME", .exactly(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .generic, since: "7.0.0", complexity: "O(1)",
            summary: "Answers at which second of Unix time a key's life ends.",
            run: expireTime),
        Command(
            "PEXPIRE", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .integer("milliseconds"),
            expireCondition,
            group: .generic, since: "2.6.0", complexity: "O(1)",
            summary: "Ends a key's life so many milliseconds from now.",
            run: expireMilliseconds),
        Command(
            "PEXPIREAT", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .unixTime("unix-time-milliseconds"),
            expireCondition,
            group: .generic, since: "2.6.0", complexity: "O(1)",
            summary: "Ends a key's life at a millisecond of Unix time.",
            run: expireAtMilliseconds),
        Command(
            "PEXPIRETIME", .exactly(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .generic, since: "7.0.0", complexity: "O(1)",
            summary: "Answers at which millisecond of Unix time a key's life ends.",
            run: expireTimeMilliseconds),
        Command(
            "PTTL", .exactly(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .generic, since: "2.6.0", complexity: "O(1)",
            summary: "Answers how many milliseconds a key has left.",
            tips: ["nondeterministic_output"],
            run: timeToLiveMilliseconds),
        Command(
            "TTL", .exactly(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Answers how many seconds a key has left.",
            tips: ["nondeterministic_output"],
            run: timeToLive),
    ]

    private static let expireCondition = Argument.oneOf(
        "condition",
        .token("NX", name: "nx"),
        .token("XX", name: "xx"),
        .token("GT", name: "gt"),
        .token("LT", name: "lt")
    ).optional.since("7.0.0")
}

extension ReplyError {
    fileprivate static let absentAndOther = ReplyError(
        line: "ERR NX and XX, GT or LT options at the same time are not compatible")
    fileprivate static let laterAndEarlier = ReplyError(
        line: "ERR GT and LT options at the same time are not compatible")
}

// MARK: - Setting

/// What the deadline that a key has must be, for it to get another.
private struct ExpireCondition: OptionSet {
    let rawValue: UInt8

    static let absent = ExpireCondition(rawValue: 1)
    static let present = ExpireCondition(rawValue: 2)
    static let later = ExpireCondition(rawValue: 4)
    static let earlier = ExpireCondition(rawValue: 8)

    /// Reads all words that are left.
    init(_ arguments: inout Arguments) throws(ReplyError) {
        self = []
        while !arguments.isEmpty {
            if arguments.take("NX") {
                insert(.absent)
            } else if arguments.take("XX") {
                insert(.present)
            } else if arguments.take("GT") {
                insert(.later)
            } else if arguments.take("LT") {
                insert(.earlier)
            } else {
                throw ReplyError("ERR Unsupported option ", quoting: try arguments.next(), "")
            }
        }
        if contains(.absent), self != .absent { throw .absentAndOther }
        if isSuperset(of: [.later, .earlier]) { throw .laterAndEarlier }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Having no deadline counts as one that never comes, except for `present`.
    func allows(_ new: Int64, instead old: Int64) -> Bool {
        if contains(.absent), old != Record.noDeadline { return false }
        if contains(.present), old == Record.noDeadline { return false }
        if contains(.later), new <= old { return false }
        if contains(.earlier), new >= old { return false }
        return true
    }
}

private func expire(_ call: inout Call) throws(ReplyError) {
    try setDeadline(&call, since: call.now, unit: 1_000)
}

private func expireMilliseconds(_ call: inout Call) throws(ReplyError) {
    try setDeadline(&call, since: call.now, unit: 1)
}

private func expireAt(_ call: inout Call) throws(ReplyError) {
    try setDeadline(&call, since: 0, unit: 1_000)
}

private func expireAtMilliseconds(_ call: inout Call) throws(ReplyError) {
    try setDeadline(&call, since: 0, unit: 1)
}

private func setDeadline(_ call: inout Call, since base: Int64, unit: Int) throws(ReplyError) {
    let key = try call.key()
    let position = call.arguments.position
    call.arguments.skip()
    let condition = try ExpireCondition(&call.arguments)
    call.arguments.move(to: position)
    let (span, spanOverflow) = try call.arguments.integer().multipliedReportingOverflow(by: unit)
    let (moment, momentOverflow) = Int64(span).addingReportingOverflow(base)
    guard !spanOverflow, !momentOverflow else {
        let name = call.engine.commands.fullNames[call.command]
        throw ReplyError(line: "ERR invalid expire time in '\(name)' command")
    }
    let deadline = min(moment, Record.latestDeadline)

    let database = call.database
    guard var entry = database.write(key), condition.allows(deadline, instead: entry.record.deadline) else {
        return call.reply.integer(0)
    }
    if deadline <= call.now {
        database.remove(entry, key.hash)
        database.changed(key.bytes, .generic, "del")
    } else {
        database.setDeadline(&entry, key.hash, deadline)
        database.changed(key.bytes, .generic, "expire")
    }
    call.reply.integer(1)
}

// MARK: - Asking

private func expireTime(_ call: inout Call) throws(ReplyError) {
    try answerDeadline(&call) { deadline, _ in roundedSeconds(deadline) }
}

private func expireTimeMilliseconds(_ call: inout Call) throws(ReplyError) {
    try answerDeadline(&call) { deadline, _ in Int(deadline) }
}

private func timeToLive(_ call: inout Call) throws(ReplyError) {
    try answerDeadline(&call) { deadline, now in roundedSeconds(deadline - now) }
}

private func timeToLiveMilliseconds(_ call: inout Call) throws(ReplyError) {
    try answerDeadline(&call) { deadline, now in Int(deadline - now) }
}

/// To the nearest second; a half goes up.
private func roundedSeconds(_ milliseconds: Int64) -> Int {
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
    return Int(seconds) + (rest >= 500 ? 1 : 0)
}

@inline(__always)
private func answerDeadline(_ call: inout Call, _ answer: (Int64, Int64) -> Int) throws(ReplyError) {
    guard let record = call.database.peek(try call.key()) else { return call.reply.integer(-2) }
    switch record.deadline {
    case Record.noDeadline: call.reply.integer(-1)
    // The last deadline stands for the one after it too, the last of Redis.
    case Record.latestDeadline: call.reply.integer(answer(.max, call.now))
    case let deadline: call.reply.integer(answer(deadline, call.now))
    }
}
