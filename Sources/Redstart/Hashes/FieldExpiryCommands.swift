extension Command {
    static let fieldExpiry: [Command] = [
        Command(
            "HEXPIRE", .atLeast(6), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .integer("seconds"),
            fieldExpireCondition,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Ends the life of fields so many seconds from now.",
            run: expire),
        Command(
            "HEXPIREAT", .atLeast(6), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .unixTime("unix-time-seconds"),
            fieldExpireCondition,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Ends the life of fields at a second of Unix time.",
            run: expireAt),
        Command(
            "HEXPIRETIME", .atLeast(5), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Answers at which second of Unix time the life of fields ends.",
            run: expireTime),
        Command(
            "HPERSIST", .atLeast(5), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Takes the deadlines of fields away.",
            run: persist),
        Command(
            "HPEXPIRE", .atLeast(6), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .integer("milliseconds"),
            fieldExpireCondition,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Ends the life of fields so many milliseconds from now.",
            run: expireMilliseconds),
        Command(
            "HPEXPIREAT", .atLeast(6), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .unixTime("unix-time-milliseconds"),
            fieldExpireCondition,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Ends the life of fields at a millisecond of Unix time.",
            run: expireAtMilliseconds),
        Command(
            "HPEXPIRETIME", .atLeast(5), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Answers at which millisecond of Unix time the life of fields ends.",
            run: expireTimeMilliseconds),
        Command(
            "HPTTL", .atLeast(5), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Answers how many milliseconds fields have left.",
            run: timeToLiveMilliseconds),
        Command(
            "HTTL", .atLeast(5), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            fieldNames,
            group: .hash, since: "7.4.0", complexity: "O(N) where N is the number of specified fields",
            summary: "Answers how many seconds fields have left.",
            run: timeToLive),
    ]

    private static let fieldExpireCondition = Argument.oneOf(
        "condition",
        .token("NX", name: "nx"),
        .token("XX", name: "xx"),
        .token("GT", name: "gt"),
        .token("LT", name: "lt")
    ).optional

    private static let fieldNames = Argument.block(
        "fields", token: "FIELDS",
        .integer("numfields"),
        .string("field").multiple)
}

extension ReplyError {
    fileprivate static let negativeExpireTime = ReplyError(line: "ERR invalid expire time, must be >= 0")
    fileprivate static let missingFields = ReplyError(
        line: "ERR Mandatory argument FIELDS is missing or not at the right position")
    fileprivate static let tooFewFields = ReplyError(line: "ERR Parameter `numFields` should be greater than 0")
    fileprivate static let fieldsNotPositive = ReplyError(line: "ERR Number of fields must be a positive integer")
    fileprivate static let fieldsDoNotMatch = ReplyError(
        line: "ERR The `numfields` parameter must match the number of arguments")
}

extension Arguments {
    /// Takes `FIELDS` and the number of fields, which must be that of the words left; those are left to take.
    fileprivate mutating func beginFields(orThrow error: ReplyError) throws(ReplyError) {
        guard take("FIELDS") else { throw .missingFields }
        let count = try integer(orThrow: error)
        guard count > 0 else { throw error }
        guard count == left else { throw .fieldsDoNotMatch }
    }
}

/// What the commands answer for each field.
private enum FieldAnswer {
    static let noField = -2
    static let noDeadline = -1
    static let refused = 0
    static let done = 1
    static let removed = 2
}

// MARK: - Setting

/// What the deadline that a field has must be, for it to get another.
private enum FieldExpireCondition {
    case none, absent, present, later, earlier

    init(_ arguments: inout Arguments) {
        if arguments.take("NX") {
            self = .absent
        } else if arguments.take("XX") {
            self = .present
        } else if arguments.take("GT") {
            self = .later
        } else if arguments.take("LT") {
            self = .earlier
        } else {
            self = .none
        }
    }

    /// Having no deadline counts as one that never comes.
    func allows(_ new: Int64, instead old: Int64) -> Bool {
        switch self {
        case .none: true
        case .absent: old == Record.noDeadline
        case .present: old != Record.noDeadline
        case .later: new > old
        case .earlier: new < old
        }
    }
}

/// The last moment at which a field can end, in milliseconds: Redis keeps 46 bits of it.
private let latestFieldDeadline = 1 << 46 - 1

private func expire(_ call: inout Call) throws(ReplyError) {
    try setDeadlines(&call, since: Int(call.now), unit: 1_000)
}

private func expireMilliseconds(_ call: inout Call) throws(ReplyError) {
    try setDeadlines(&call, since: Int(call.now), unit: 1)
}

private func expireAt(_ call: inout Call) throws(ReplyError) {
    try setDeadlines(&call, since: 0, unit: 1_000)
}

private func expireAtMilliseconds(_ call: inout Call) throws(ReplyError) {
    try setDeadlines(&call, since: 0, unit: 1)
}

private func setDeadlines(_ call: inout Call, since base: Int, unit: Int) throws(ReplyError) {
    let key = try call.key()
    let database = call.database
    let found = try database.hash(key)
    let span = try call.arguments.integer()
    guard span >= 0 else { throw .negativeExpireTime }
    guard span <= latestFieldDeadline / unit, span * unit <= latestFieldDeadline - base else {
        throw .invalidExpireTime(call.engine.commands.fullNames[call.command].lowercased())
    }
    let deadline = Int64(span * unit + base)
    let condition = FieldExpireCondition(&call.arguments)
    try call.arguments.beginFields(orThrow: .tooFewFields)

    call.reply.array(call.arguments.left)
    var changes = FieldChanges(deadline: deadline, condition: condition, now: call.now)
    guard var entry = found else {
        while !call.arguments.isEmpty {
            call.arguments.skip()
            call.reply.integer(FieldAnswer.noField)
        }
        return
    }
    database.makePerishable(&entry)
    while !call.arguments.isEmpty {
        let field = try call.arguments.next()
        call.reply.integer(changes.apply(&entry, key, field, database))
    }
    changes.finish(entry, key, database)
}

/// What HEXPIRE and its like do to one field after the other.
private struct FieldChanges {
    let deadline: Int64
    let condition: FieldExpireCondition
    let now: Int64
    private var changed = 0
    private var removed = 0

    init(deadline: Int64, condition: FieldExpireCondition, now: Int64) {
        self.deadline = deadline
        self.condition = condition
        self.now = now
    }

    mutating func apply(_ entry: inout Entry, _ key: Key, _ field: Bytes, _ database: Database) -> Int {
        guard let old = entry.record.fieldDeadline(field, now) else { return FieldAnswer.noField }
        guard condition.allows(deadline, instead: old) else { return FieldAnswer.refused }
        guard deadline > now else {
            _ = database.removeField(&entry, key, field)
            database.keyspace.statistics.expiredFields += 1
            removed += 1
            return FieldAnswer.removed
        }
        database.setFieldDeadline(&entry, key, field, deadline)
        changed += 1
        return FieldAnswer.done
    }

    func finish(_ entry: Entry, _ key: Key, _ database: Database) {
        guard changed + removed > 0 else { return }
        // All fields get the same moment, which has come or has not.
        database.changed(key.bytes, .hash, removed > 0 ? "hexpired" : "hexpire", changes: changed + removed)
        if database.isEmptyHash(entry.record) { database.removeEmptied(entry, key) }
    }
}

private func persist(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let database = call.database
    let found = try database.hash(key)
    try call.arguments.beginFields(orThrow: .fieldsNotPositive)
    call.reply.array(call.arguments.left)
    var persisted = 0
    while !call.arguments.isEmpty {
        let field = try call.arguments.next()
        guard var entry = try database.hash(key), let deadline = entry.record.fieldDeadline(field, call.now) else {
            call.reply.integer(FieldAnswer.noField)
            continue
        }
        guard deadline != Record.noDeadline else {
            call.reply.integer(FieldAnswer.noDeadline)
            continue
        }
        database.setFieldDeadline(&entry, key, field, Record.noDeadline)
        persisted += 1
        call.reply.integer(FieldAnswer.done)
    }
    if found != nil, persisted > 0 { database.changed(key.bytes, .hash, "hpersist") }
}

// MARK: - Asking

private func expireTime(_ call: inout Call) throws(ReplyError) {
    try answerDeadlines(&call) { deadline, _ in fullSeconds(deadline) }
}

private func expireTimeMilliseconds(_ call: inout Call) throws(ReplyError) {
    try answerDeadlines(&call) { deadline, _ in Int(deadline) }
}

private func timeToLive(_ call: inout Call) throws(ReplyError) {
    try answerDeadlines(&call) { deadline, now in fullSeconds(deadline - now) }
}

private func timeToLiveMilliseconds(_ call: inout Call) throws(ReplyError) {
    try answerDeadlines(&call) { deadline, now in Int(deadline - now) }
}

/// A second that has begun counts; unlike with the deadlines of keys, which are rounded.
private func fullSeconds(_ milliseconds: Int64) -> Int { Int(milliseconds + 999) / 1_000 }

@inline(__always)
private func answerDeadlines(_ call: inout Call, _ answer: (Int64, Int64) -> Int) throws(ReplyError) {
    let record = try call.database.read(try call.key(), as: .hash)
    try call.arguments.beginFields(orThrow: .fieldsNotPositive)
    call.reply.array(call.arguments.left)
    while !call.arguments.isEmpty {
        let field = try call.arguments.next()
        switch record?.fieldDeadline(field, call.now) {
        case nil: call.reply.integer(FieldAnswer.noField)
        case Record.noDeadline: call.reply.integer(FieldAnswer.noDeadline)
        case let deadline?: call.reply.integer(answer(deadline, call.now))
        }
    }
}
