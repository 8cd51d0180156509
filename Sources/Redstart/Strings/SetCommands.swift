extension Command {
    static let stringSetting: [Command] = [
        Command(
            "GETEX", .atLeast(2), [.write, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .oneOf(
                "expiration",
                .integer("seconds", token: "EX"),
                .integer("milliseconds", token: "PX"),
                .unixTime("unix-time-seconds", token: "EXAT"),
                .unixTime("unix-time-milliseconds", token: "PXAT"),
                .token("PERSIST", name: "persist")
            ).optional,
            group: .string, since: "6.2.0", complexity: "O(1)",
            summary: "Answers the string at a key, and gives the key another deadline or takes it away.",
            run: getAndExpire),
        Command(
            "PSETEX", .exactly(4), [.write, .denyOOM], keys: .key([.overwrite, .update]),
            arguments: .key,
            .integer("milliseconds"),
            .string("value"),
            group: .string, since: "2.6.0", complexity: "O(1)",
            summary: "Sets a key to a string that lasts for some milliseconds.",
            deprecated: Deprecation(since: "2.6.12", replacement: "`SET` with the `PX` argument"),
            run: setForMilliseconds),
        Command(
            "SET", .atLeast(3), [.write, .denyOOM],
            keys: .key([.readWrite, .access, .update, .variable]),
            arguments: .key,
            .string("value"),
            .oneOf(
                "condition",
                .token("NX", name: "nx"),
                .token("XX", name: "xx")
            ).optional.since("2.6.12"),
            .token("GET", name: "get").optional.since("6.2.0"),
            .oneOf(
                "expiration",
                .integer("seconds", token: "EX").since("2.6.12"),
                .integer("milliseconds", token: "PX").since("2.6.12"),
                .unixTime("unix-time-seconds", token: "EXAT").since("6.2.0"),
                .unixTime("unix-time-milliseconds", token: "PXAT").since("6.2.0"),
                .token("KEEPTTL", name: "keepttl").since("6.0.0")
            ).optional,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Sets a key to a string, whatever was there, on conditions and with a deadline if asked.",
            findKeys: keysOfSet,
            run: set),
        Command(
            "SETEX", .exactly(4), [.write, .denyOOM], keys: .key([.overwrite, .update]),
            arguments: .key,
            .integer("seconds"),
            .string("value"),
            group: .string, since: "2.0.0", complexity: "O(1)",
            summary: "Sets a key to a string that lasts for some seconds.",
            deprecated: Deprecation(since: "2.6.12", replacement: "`SET` with the `EX` argument"),
            run: setForSeconds),
        Command(
            "SETNX", .exactly(3), [.write, .denyOOM, .fast], keys: .key([.overwrite, .insert]),
            arguments: .key,
            .string("value"),
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Sets a key to a string unless it exists.",
            deprecated: Deprecation(since: "2.6.12", replacement: "`SET` with the `NX` argument"),
            run: setIfAbsent),
    ]
}

// MARK: - Options

/// What SET and GETEX are told of the key's deadline. The last of several of one kind counts; two kinds do not go
/// together. The amount is read only when all options are known to be right.
private struct Expiration {
    enum Form { case unchanged, keep, persist, seconds, milliseconds, secondsAt, millisecondsAt }

    private(set) var form = Form.unchanged
    private var amount = Bytes.empty

    /// Takes one of the options that give a time.
    @inline(__always)
    mutating func takeTime(_ arguments: inout Arguments) throws(ReplyError) -> Bool {
        if arguments.take("EX") {
            try become(.seconds)
        } else if arguments.take("PX") {
            try become(.milliseconds)
        } else if arguments.take("EXAT") {
            try become(.secondsAt)
        } else if arguments.take("PXAT") {
            try become(.millisecondsAt)
        } else {
            return false
        }
        amount = try arguments.next()
        return true
    }

    mutating func become(_ new: Form) throws(ReplyError) {
        guard form == .unchanged || form == new else { throw .syntax }
        form = new
    }

    /// The moment that was asked for, if one was.
    @inline(__always)
    func deadline(_ call: Call) throws(ReplyError) -> Int64? {
        switch form {
        case .unchanged, .keep, .persist: nil
        case .seconds: try moment(amount, inSeconds: true, after: call.now, call)
        case .milliseconds: try moment(amount, inSeconds: false, after: call.now, call)
        case .secondsAt: try moment(amount, inSeconds: true, after: 0, call)
        case .millisecondsAt: try moment(amount, inSeconds: false, after: 0, call)
        }
    }
}

/// Reads so much time after `base`, which must be more than none and countable in milliseconds.
@inline(__always)
private func moment(
    _ amount: Bytes, inSeconds: Bool, after base: Int64, _ call: Call
) throws(ReplyError) -> Int64 {
    guard let time = Int(strict: amount) else { throw .notInteger }
    let (milliseconds, overflow) = Int64(time).multipliedReportingOverflow(by: inSeconds ? 1_000 : 1)
    let (moment, carry) = milliseconds.addingReportingOverflow(base)
    guard time > 0, !overflow, !carry else {
        throw .invalidExpireTime(call.engine.commands.fullNames[call.command])
    }
    return min(moment, Record.latestDeadline)
}

private struct SetOptions {
    enum Condition { case always, absent, present }

    private(set) var condition = Condition.always
    private(set) var answersOld = false
    private(set) var expiration = Expiration()

    init(_ arguments: inout Arguments) throws(ReplyError) {
        while !arguments.isEmpty {
            if try expiration.takeTime(&arguments) {
                continue
            } else if arguments.take("NX") {
                try require(.absent)
            } else if arguments.take("XX") {
                try require(.present)
            } else if arguments.take("GET") {
                answersOld = true
            } else if arguments.take("KEEPTTL") {
                try expiration.become(.keep)
            } else {
                throw .syntax
            }
        }
    }

    private mutating func require(_ new: Condition) throws(ReplyError) {
        guard condition == .always || condition == new else { throw .syntax }
        condition = new
    }

    func allow(isPresent: Bool) -> Bool {
        switch condition {
        case .always: true
        case .absent: !isPresent
        case .present: isPresent
        }
    }
}

// MARK: - SET and its relatives

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
    let options = try SetOptions(&call.arguments)
    let deadline = try options.expiration.deadline(call)

    if options.answersOld {
        // The old value is written before the new one takes its memory.
        if let old = try call.database.string(key) { call.reply.bulk(old) } else { call.reply.null() }
    }
    if options.condition != .always, !options.allow(isPresent: call.database.write(key) != nil) {
        if !options.answersOld { call.reply.null() }
        return
    }
    if let deadline {
        setUntil(deadline, &call, key, value)
    } else {
        call.database.setString(key, value, deadline: options.expiration.form == .keep ? .keep : .none)
        call.database.changed(key.bytes, .string, "set")
    }
    if !options.answersOld { call.reply.ok() }
}

/// A deadline that has passed is no exception: the key is set, and expires.
@inline(__always)
private func setUntil(_ deadline: Int64, _ call: inout Call, _ key: Key, _ value: Bytes) {
    call.database.setString(key, value, deadline: .at(deadline))
    call.database.changed(key.bytes, .string, "set")
    call.database.notify(key.bytes, .generic, "expire")
}

private func setForSeconds(_ call: inout Call) throws(ReplyError) {
    try setForTime(&call, inSeconds: true)
}

private func setForMilliseconds(_ call: inout Call) throws(ReplyError) {
    try setForTime(&call, inSeconds: false)
}

private func setForTime(_ call: inout Call, inSeconds: Bool) throws(ReplyError) {
    let key = try call.key()
    let deadline = try moment(try call.arguments.next(), inSeconds: inSeconds, after: call.now, call)
    setUntil(deadline, &call, key, try call.arguments.next())
    call.reply.ok()
}

private func setIfAbsent(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard call.database.write(key) == nil else { return call.reply.integer(0) }
    call.database.setString(key, try call.arguments.next())
    call.database.changed(key.bytes, .string, "set")
    call.reply.integer(1)
}

// MARK: - GETEX

private func getAndExpire(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    var expiration = Expiration()
    while !call.arguments.isEmpty {
        if try expiration.takeTime(&call.arguments) { continue }
        guard call.arguments.take("PERSIST") else { throw .syntax }
        try expiration.become(.persist)
    }

    guard var entry = call.database.readEntry(key) else { return call.reply.null() }
    guard entry.record.type == .string else { throw .wrongType }
    let deadline = try expiration.deadline(call)

    call.reply.bulk(entry.record.string)
    if let deadline, deadline <= call.now {
        call.database.remove(entry, key.hash)
        call.database.changed(key.bytes, .generic, "del")
    } else if let deadline {
        call.database.setDeadline(&entry, key.hash, deadline)
        call.database.changed(key.bytes, .generic, "expire")
    } else if expiration.form == .persist, entry.record.deadline != Record.noDeadline {
        call.database.setDeadline(&entry, key.hash, Record.noDeadline)
        call.database.changed(key.bytes, .generic, "persist")
    }
}
