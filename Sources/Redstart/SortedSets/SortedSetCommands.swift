extension Command {
    static let sortedSets: [Command] = [
        Command(
            "ZADD", .atLeast(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            .oneOf(
                "condition",
                .token("NX", name: "nx"),
                .token("XX", name: "xx")
            ).optional.since("3.0.2"),
            .oneOf(
                "comparison",
                .token("GT", name: "gt"),
                .token("LT", name: "lt")
            ).optional.since("6.2.0"),
            .token("CH", name: "change").optional.since("3.0.2"),
            .token("INCR", name: "increment").optional.since("3.0.2"),
            .block(
                "data",
                .double("score"),
                .string("member")
            ).multiple,
            group: .sortedSet, since: "1.2.0",
            complexity: """
                O(log(N)) for each item added, where N is the number of elements in the sorted set.
                """,
            summary: "Adds members with their scores, or changes the scores of those that are there.",
            run: add),
        Command(
            "ZCARD", .exactly(2), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            group: .sortedSet, since: "1.2.0", complexity: "O(1)",
            summary: "Counts the members of a sorted set.",
            run: count),
        Command(
            "ZINCRBY", .exactly(4), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .integer("increment"),
            .string("member"),
            group: .sortedSet, since: "1.2.0",
            complexity: """
                O(log(N)) where N is the number of elements in the sorted set.
                """,
            summary: "Adds a number to the score of a member.",
            run: increment),
        Command(
            "ZMSCORE", .atLeast(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member").multiple,
            group: .sortedSet, since: "6.2.0",
            complexity: """
                O(N) where N is the number of members being requested.
                """,
            summary: "Answers the scores of several members.",
            run: scores),
        Command(
            "ZRANDMEMBER", .atLeast(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .block(
                "options",
                .integer("count"),
                .token("WITHSCORES", name: "withscores").optional
            ).optional,
            group: .sortedSet, since: "6.2.0", complexity: "O(N) where N is the number of members returned",
            summary: "Draws members at random.",
            tips: ["nondeterministic_output"],
            run: drawMembers),
        Command(
            "ZRANK", .atLeast(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member"),
            .token("WITHSCORE", name: "withscore").optional,
            group: .sortedSet, since: "2.0.0", complexity: "O(log(N))",
            summary: "Answers how many members come before a member.",
            run: rank),
        Command(
            "ZREM", .atLeast(3), [.write, .fast], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .string("member").multiple,
            group: .sortedSet, since: "1.2.0",
            complexity: """
                O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to \
                be removed.
                """,
            summary: "Removes members.",
            run: remove),
        Command(
            "ZREVRANK", .atLeast(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member"),
            .token("WITHSCORE", name: "withscore").optional,
            group: .sortedSet, since: "2.0.0", complexity: "O(log(N))",
            summary: "Answers how many members come after a member.",
            run: reverseRank),
        Command(
            "ZSCAN", .atLeast(3), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("cursor"),
            .pattern("pattern", token: "MATCH").optional,
            .integer("count", token: "COUNT").optional,
            group: .sortedSet, since: "2.8.0",
            complexity: """
                O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor \
                to return back to 0. N is the number of elements inside the collection.
                """,
            summary: "Walks over the members of a sorted set, a few at a time.",
            tips: ["nondeterministic_output"],
            run: scan),
        Command(
            "ZSCORE", .exactly(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member"),
            group: .sortedSet, since: "1.2.0", complexity: "O(1)",
            summary: "Answers the score of a member.",
            run: score),
    ]
}

extension ReplyError {
    fileprivate static let onlyNewOrExisting = ReplyError(
        line: "ERR XX and NX options at the same time are not compatible")
    fileprivate static let incompatibleRules = ReplyError(
        line: "ERR GT, LT, and/or NX options at the same time are not compatible")
    fileprivate static let incrementsOnePair = ReplyError(
        line: "ERR INCR option supports a single increment-element pair")
}

extension Arguments {
    /// A score: any number but NaN.
    @inline(__always)
    mutating func score() throws(ReplyError) -> Double {
        guard let score = NumberText.double(try next()) else { throw .notFloat }
        return score
    }
}

// MARK: - Adding

private func add(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    var rules = ScoreRules()
    var countsChanges = false
    while let word = call.arguments.peek, let rule = rule(word, &countsChanges) {
        call.arguments.skip()
        rules.formUnion(rule)
    }
    let words = call.arguments.left
    guard words > 0, words & 1 == 0 else { throw .syntax }
    if rules.isSuperset(of: [.onlyNew, .onlyExisting]) { throw .onlyNewOrExisting }
    if rules.isSuperset(of: [.greater, .less])
        || rules.contains(.onlyNew) && !rules.isDisjoint(with: [.greater, .less])
    {
        throw .incompatibleRules
    }
    if rules.contains(.increments), words > 2 { throw .incrementsOnePair }
    try add(&call, key, rules, countsChanges: countsChanges)
}

/// What an option of ZADD says; nil where the word is none, and the first score.
@inline(__always)
private func rule(_ word: Bytes, _ countsChanges: inout Bool) -> ScoreRules? {
    // Scores begin with a digit or a sign: most calls end here.
    guard let first = word.isEmpty ? nil : word[0], first >= UInt8(ascii: "A") else { return nil }
    if word.matches("NX") { return .onlyNew }
    if word.matches("XX") { return .onlyExisting }
    if word.matches("GT") { return .greater }
    if word.matches("LT") { return .less }
    if word.matches("INCR") { return .increments }
    guard word.matches("CH") else { return nil }
    countsChanges = true
    return []
}

private func increment(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    // Redis reads the words of ZADD here, too: an option makes the number of them wrong.
    var countsChanges = false
    if let word = call.arguments.peek, rule(word, &countsChanges) != nil { throw .syntax }
    try add(&call, key, .increments, countsChanges: false)
}

/// Adds the pairs of scores and members that are left.
private func add(
    _ call: inout Call, _ key: Key, _ rules: ScoreRules, countsChanges: Bool
) throws(ReplyError) {
    let start = call.arguments.position
    // All scores are looked at before anything changes.
    var score = 0.0
    while !call.arguments.isEmpty {
        score = try call.arguments.score()
        call.arguments.skip()
    }
    let pairs = (call.arguments.position - start) / 2
    let increments = rules.contains(.increments)

    let database = call.database
    var editor: SortedSetEditor
    if rules.contains(.onlyExisting) {
        guard let existing = try database.sortedSetToEdit(key) else {
            return increments ? call.reply.null() : call.reply.integer(0)
        }
        editor = existing
    } else {
        editor = try database.sortedSetToFill(key, first: call.arguments[start + 1])
    }
    var added = 0
    var updated = 0
    var result: Double?
    var ahead = Lookahead(step: 2)
    for pair in 0..<pairs {
        ahead.ask(call.arguments, at: start + pair * 2 + 1, in: editor.entry.record.memberTable)
        if pairs > 1, let parsed = NumberText.double(call.arguments[start + pair * 2]) { score = parsed }
        switch try editor.add(call.arguments[start + pair * 2 + 1], score, rules) {
        case .added(let score):
            added += 1
            result = score
        case .updated(let score):
            updated += 1
            result = score
        case .unchanged(let score): result = score
        case .refused: break
        }
    }
    if added + updated > 0 {
        database.changed(key.bytes, .sortedSet, increments ? "zincr" : "zadd", changes: added + updated)
    }
    guard increments else { return call.reply.integer(countsChanges ? added + updated : added) }
    if let result { call.reply.double(result) } else { call.reply.null() }
}

// MARK: - Single members

private func count(_ call: inout Call) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    call.reply.integer(set?.count ?? 0)
}

private func score(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let member = try call.arguments.next()
    guard let set = try call.database.sortedSet(key), let score = set.score(of: member, call.engine.hash(member))
    else { return call.reply.null() }
    call.reply.double(score)
}

private func scores(_ call: inout Call) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    call.reply.array(call.arguments.left)
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: set?.memberTable)
        let member = try call.arguments.next()
        if let score = set?.score(of: member, call.engine.hash(member)) {
            call.reply.double(score)
        } else {
            call.reply.null()
        }
    }
}

private func rank(_ call: inout Call) throws(ReplyError) { try answerRank(&call, reversed: false) }

private func reverseRank(_ call: inout Call) throws(ReplyError) { try answerRank(&call, reversed: true) }

private func answerRank(_ call: inout Call, reversed: Bool) throws(ReplyError) {
    let key = try call.key()
    let member = try call.arguments.next()
    var withScore = false
    if !call.arguments.isEmpty {
        guard call.arguments.left == 1 else { throw .wrongArity(call.engine.commands.fullNames[call.command]) }
        guard call.arguments.take("WITHSCORE") else { throw .syntax }
        withScore = true
    }
    guard let set = try call.database.sortedSet(key), let found = set.rank(of: member, call.engine.hash(member)) else {
        return withScore ? call.reply.nullArray() : call.reply.null()
    }
    let rank = reversed ? set.count - 1 - found.rank : found.rank
    guard withScore else { return call.reply.integer(rank) }
    call.reply.array(2)
    call.reply.integer(rank)
    call.reply.double(found.score)
}

private func remove(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let database = call.database
    guard var editor = try database.sortedSetToEdit(key) else { return call.reply.integer(0) }
    var removed = 0
    var isEmpty = false
    var ahead = Lookahead()
    while !call.arguments.isEmpty, !isEmpty {
        ahead.ask(call.arguments, at: call.arguments.position, in: editor.entry.record.memberTable)
        guard editor.remove(try call.arguments.next()) else { continue }
        removed += 1
        isEmpty = editor.set.count == 0
    }
    if removed > 0 {
        database.changed(key.bytes, .sortedSet, "zrem", changes: removed)
        if isEmpty { database.removeEmptied(editor.entry, key) }
    }
    call.reply.integer(removed)
}

// MARK: - Drawing

private func drawMembers(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard !call.arguments.isEmpty else {
        guard let set = try call.database.sortedSet(key) else { return call.reply.null() }
        let rank = call.engine.random.below(set.count)
        return set.forEach(in: rank..<rank + 1) { call.reply.bulk($0.member) }
    }
    let count = try call.arguments.drawCount()
    let withScores = call.arguments.take("WITHSCORES")
    guard call.arguments.isEmpty else { throw .syntax }
    if withScores, count.magnitude > UInt(Int.max / 2) { throw .tooManyPairs }
    guard let set = try call.database.sortedSet(key), count != 0 else { return call.reply.array(0) }

    let reply = call.reply
    let drawn = count < 0 ? -count : min(count, set.count)
    let bounds = RepetitiveReply(call)
    reply.pairs(drawn, withScores: withScores)
    if count < 0 {
        drawRepeatedly(set, drawn, call.engine.random) { member in
            reply.pair(member, withScores: withScores)
            return bounds.hasRoom
        }
        bounds.finish()
    } else {
        drawDistinct(set, drawn, call.engine.random) { reply.pair($0, withScores: withScores) }
    }
}

/// Draws so many members, one after the other, each as likely as the others; no more of them once `body` answers false.
private func drawRepeatedly(
    _ set: SortedSet, _ times: Int, _ random: RandomSource, _ body: (ScoredMember) -> Bool
) {
    switch set {
    case .ordered(let object):
        for _ in 0..<times {
            guard let member = object.members.randomElement(random) else { return }
            guard body(ScoredMember(member: .bytes(member.key), score: member.number)) else { return }
        }
    case .packed:
        var members: [ScoredMember] = []
        set.forEach { members.append($0) }
        for _ in 0..<times {
            guard body(members[random.below(members.count)]) else { return }
        }
    }
}

/// Draws so many different members, each choice as likely as any other.
private func drawDistinct(_ set: SortedSet, _ wanted: Int, _ random: RandomSource, _ body: (ScoredMember) -> Void) {
    switch set {
    case .ordered(let object):
        object.members.drawDistinct(wanted, random) {
            body(ScoredMember(member: .bytes($0.key), score: $0.number))
        }
    case .packed:
        // One after the other is taken with the chance that the rest of the draw needs.
        var left = set.count
        var missing = wanted
        set.forEach { member in
            if random.below(left) < missing {
                missing -= 1
                body(member)
            }
            left -= 1
        }
    }
}

// MARK: - ZSCAN

private func scan(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let cursor = try call.arguments.scanCursor()
    guard let set = try call.database.sortedSet(key) else {
        call.reply.array(2)
        call.reply.bulk(integer: 0)
        return call.reply.array(0)
    }
    var count = 10
    var pattern: Bytes?
    while !call.arguments.isEmpty {
        if call.arguments.take("NOVALUES") { throw .noValuesElsewhere }
        guard call.arguments.left > 1 else { throw .syntax }
        if call.arguments.take("COUNT") {
            count = try call.arguments.integer()
            guard count > 0 else { throw .syntax }
        } else if call.arguments.take("MATCH") {
            pattern = try call.arguments.next()
        } else {
            throw .syntax
        }
    }
    call.reply.array(2)
    switch set {
    case .packed: scanPacked(set, pattern, call.reply)
    case .ordered(let object): scan(object, cursor, count: count, pattern, call.reply)
    }
}

private func scanPacked(_ set: SortedSet, _ pattern: Bytes?, _ reply: ReplyWriter) {
    reply.bulk(integer: 0)
    let mark = reply.beginArray()
    var found = 0
    set.forEach { member in
        if let pattern, !member.member.withBytes({ Glob.matches(pattern, $0) }) { return }
        reply.bulk(member.member)
        reply.bulk(double: member.score)
        found += 1
    }
    reply.finish(mark, array: found * 2)
}

/// The scores of a large set are printed by ZSCAN alone with seventeen digits, as in Redis.
private func scan(
    _ object: OrderedMembers, _ start: UInt64, count: Int, _ pattern: Bytes?, _ reply: ReplyWriter
) {
    var found: [Member] = []
    let cursor = object.members.scan(start, count: count) { member in
        if let pattern, !Glob.matches(pattern, member.key) { return }
        found.append(member)
    }
    reply.bulk(integer: Int(cursor))
    reply.array(found.count * 2)
    for member in found {
        reply.bulk(member.key)
        NumberText.withGeneralText(of: member.number) { reply.bulk($0) }
    }
}

// MARK: - Replies

extension ReplyWriter {
    /// The header of so many members. With scores each of them is a pair in RESP3, and two elements in RESP2.
    @inline(__always)
    func pairs(_ count: Int, withScores: Bool) { array(withScores && !isRESP3 ? count * 2 : count) }

    /// The same where the number is known only now: see `beginArray`.
    func finish(_ mark: Int, pairs count: Int, withScores: Bool) {
        finish(mark, array: withScores && !isRESP3 ? count * 2 : count)
    }

    @inline(__always)
    func pair(_ member: ScoredMember, withScores: Bool) {
        guard withScores else { return bulk(member.member) }
        if isRESP3 { array(2) }
        bulk(member.member)
        double(member.score)
    }
}
