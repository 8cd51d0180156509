extension Command {
    static let sortedSetRanges: [Command] = [
        Command(
            "ZCOUNT", .exactly(4), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .double("min"),
            .double("max"),
            group: .sortedSet, since: "2.0.0",
            complexity: """
                O(log(N)) with N being the number of elements in the sorted set.
                """,
            summary: "Counts the members with scores between two bounds.",
            run: countByScore),
        Command(
            "ZLEXCOUNT", .exactly(4), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("min"),
            .string("max"),
            group: .sortedSet, since: "2.8.9",
            complexity: """
                O(log(N)) with N being the number of elements in the sorted set.
                """,
            summary: "Counts the members between two bounds by their bytes.",
            run: countByBytes),
        Command(
            "ZRANGE", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("start"),
            .string("stop"),
            .oneOf(
                "sortby",
                .token("BYSCORE", name: "byscore"),
                .token("BYLEX", name: "bylex")
            ).optional.since("6.2.0"),
            .token("REV", name: "rev").optional.since("6.2.0"),
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional.since("6.2.0"),
            .token("WITHSCORES", name: "withscores").optional,
            group: .sortedSet, since: "1.2.0",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                returned.
                """,
            summary: "Answers the members of a range: of ranks, of scores, or of bytes.",
            run: range),
        Command(
            "ZRANGEBYLEX", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("min"),
            .string("max"),
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            group: .sortedSet, since: "2.8.9",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can \
                consider it O(log(N)).
                """,
            summary: "Answers the members between two bounds by their bytes.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`ZRANGE` with the `BYLEX` argument"),
            run: rangeByBytes),
        Command(
            "ZRANGEBYSCORE", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .double("min"),
            .double("max"),
            .token("WITHSCORES", name: "withscores").optional.since("2.0.0"),
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            group: .sortedSet, since: "1.0.5",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can \
                consider it O(log(N)).
                """,
            summary: "Answers the members with scores between two bounds.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`ZRANGE` with the `BYSCORE` argument"),
            run: rangeByScore),
        Command(
            "ZRANGESTORE", .atLeast(5), [.write, .denyOOM],
            keys: .key([.overwrite, .update]), .key([.readOnly, .access], at: 2),
            arguments: .key("dst", spec: 0),
            .key("src", spec: 1),
            .string("min"),
            .string("max"),
            .oneOf(
                "sortby",
                .token("BYSCORE", name: "byscore"),
                .token("BYLEX", name: "bylex")
            ).optional,
            .token("REV", name: "rev").optional,
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            group: .sortedSet, since: "6.2.0",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                stored into the destination key.
                """,
            summary: "Makes the members of a range a sorted set of their own.",
            run: storeRange),
        Command(
            "ZREMRANGEBYLEX", .exactly(4), [.write], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .string("min"),
            .string("max"),
            group: .sortedSet, since: "2.8.9",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                removed by the operation.
                """,
            summary: "Removes the members between two bounds by their bytes.",
            run: removeByBytes),
        Command(
            "ZREMRANGEBYRANK", .exactly(4), [.write], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .integer("start"),
            .integer("stop"),
            group: .sortedSet, since: "2.0.0",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                removed by the operation.
                """,
            summary: "Removes the members between two ranks.",
            run: removeByRank),
        Command(
            "ZREMRANGEBYSCORE", .exactly(4), [.write], keys: .key([.readWrite, .delete]),
            arguments: .key,
            .double("min"),
            .double("max"),
            group: .sortedSet, since: "1.2.0",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                removed by the operation.
                """,
            summary: "Removes the members with scores between two bounds.",
            run: removeByScore),
        Command(
            "ZREVRANGE", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("start"),
            .integer("stop"),
            .token("WITHSCORES", name: "withscores").optional,
            group: .sortedSet, since: "1.2.0",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                returned.
                """,
            summary: "Answers the members between two ranks that are counted from the end.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`ZRANGE` with the `REV` argument"),
            run: reverseRange),
        Command(
            "ZREVRANGEBYLEX", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("max"),
            .string("min"),
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            group: .sortedSet, since: "2.8.9",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can \
                consider it O(log(N)).
                """,
            summary: "Answers the members between two bounds by their bytes, the last first.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`ZRANGE` with the `REV` and `BYLEX` arguments"),
            run: reverseRangeByBytes),
        Command(
            "ZREVRANGEBYSCORE", .atLeast(4), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .double("max"),
            .double("min"),
            .token("WITHSCORES", name: "withscores").optional,
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            group: .sortedSet, since: "2.2.0",
            complexity: """
                O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements \
                being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can \
                consider it O(log(N)).
                """,
            summary: "Answers the members with scores between two bounds, the greatest first.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`ZRANGE` with the `REV` and `BYSCORE` arguments"),
            run: reverseRangeByScore),
    ]
}

extension ReplyError {
    fileprivate static let limitNeedsOrder = ReplyError(
        line: "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
    fileprivate static let noScoresByBytes = ReplyError(
        line: "ERR syntax error, WITHSCORES not supported in combination with BYLEX")
}

/// What a command of the ZRANGE family asks for.
private struct RangeQuery {
    enum Order { case rank, score, bytes }

    /// Nil until the options say: by rank, if they do not.
    var order: Order?
    var isReversed: Bool?
    var withScores = false
    var offset = 0
    var limit = -1

    init(_ order: Order? = nil, isReversed: Bool? = nil) {
        self.order = order
        self.isReversed = isReversed
    }

    mutating func readOptions(_ arguments: inout Arguments, answers: Bool) throws(ReplyError) {
        while !arguments.isEmpty {
            if answers, arguments.take("WITHSCORES") {
                withScores = true
            } else if arguments.left > 2, arguments.take("LIMIT") {
                offset = try arguments.integer()
                limit = try arguments.integer()
            } else if isReversed == nil, arguments.take("REV") {
                isReversed = true
            } else if order == nil, arguments.take("BYLEX") {
                order = .bytes
            } else if order == nil, arguments.take("BYSCORE") {
                order = .score
            } else {
                throw .syntax
            }
        }
        if limit != -1, order ?? .rank == .rank { throw .limitNeedsOrder }
        if withScores, order == .bytes { throw .noScoresByBytes }
    }
}

/// The range itself.
private enum RangeBounds {
    case ranks(Int, Int)
    case scores(ScoreRange)
    case bytes(LexicalRange)

    init(_ query: RangeQuery, _ first: Bytes, _ second: Bytes) throws(ReplyError) {
        let isReversed = query.isReversed ?? false
        let (least, greatest) = isReversed ? (second, first) : (first, second)
        switch query.order ?? .rank {
        case .rank:
            guard let start = Int(strict: first), let stop = Int(strict: second) else { throw .notInteger }
            self = .ranks(start, stop)
        case .score: self = .scores(try ScoreRange(least, greatest))
        case .bytes: self = .bytes(try LexicalRange(least, greatest))
        }
    }
}

/// The ranks between two that are counted from the end where they are negative, among `count`.
private func resolve(_ start: Int, _ stop: Int, _ count: Int) -> Range<Int> {
    let first = max(start < 0 ? start &+ count : start, 0)
    let last = min(stop < 0 ? stop &+ count : stop, count - 1)
    return first > last || first >= count ? 0..<0 : first..<last + 1
}

// MARK: - Answering

private func range(_ call: inout Call) throws(ReplyError) { try answer(&call, RangeQuery()) }

private func reverseRange(_ call: inout Call) throws(ReplyError) {
    try answer(&call, RangeQuery(.rank, isReversed: true))
}

private func rangeByScore(_ call: inout Call) throws(ReplyError) {
    try answer(&call, RangeQuery(.score, isReversed: false))
}

private func reverseRangeByScore(_ call: inout Call) throws(ReplyError) {
    try answer(&call, RangeQuery(.score, isReversed: true))
}

private func rangeByBytes(_ call: inout Call) throws(ReplyError) {
    try answer(&call, RangeQuery(.bytes, isReversed: false))
}

private func reverseRangeByBytes(_ call: inout Call) throws(ReplyError) {
    try answer(&call, RangeQuery(.bytes, isReversed: true))
}

private func answer(_ call: inout Call, _ query: RangeQuery) throws(ReplyError) {
    var query = query
    let key = try call.key()
    let first = try call.arguments.next()
    let second = try call.arguments.next()
    try query.readOptions(&call.arguments, answers: true)
    let bounds = try RangeBounds(query, first, second)

    let reply = call.reply
    let withScores = query.withScores
    guard let set = try call.database.sortedSet(key) else { return reply.array(0) }
    if case .ranks(let start, let stop) = bounds {
        let ranks = resolve(start, stop, set.count)
        let isReversed = query.isReversed ?? false
        reply.pairs(ranks.count, withScores: withScores)
        return set.forEach(in: isReversed ? mirror(ranks, set.count) : ranks, reversed: isReversed) {
            reply.pair($0, withScores: withScores)
        }
    }
    let mark = reply.beginArray()
    var found = 0
    visit(set, query, bounds) {
        reply.pair($0, withScores: withScores)
        found += 1
    }
    reply.finish(mark, pairs: found, withScores: withScores)
}

/// Ranks counted from the other end.
private func mirror(_ ranks: Range<Int>, _ count: Int) -> Range<Int> {
    count - ranks.upperBound..<count - ranks.lowerBound
}

/// Visits the members that a query asks for, in its order.
@inline(__always)
private func visit(
    _ set: SortedSet, _ query: RangeQuery, _ bounds: RangeBounds, _ body: (ScoredMember) -> Void
) {
    let isReversed = query.isReversed ?? false
    let limit = query.limit < 0 ? Int.max : query.limit
    switch bounds {
    case .ranks(let start, let stop):
        let ranks = resolve(start, stop, set.count)
        set.forEach(in: isReversed ? mirror(ranks, set.count) : ranks, reversed: isReversed, body)
    case .scores(let range):
        if query.offset < 0 { return }
        set.forEach(in: range, reversed: isReversed, offset: query.offset, limit: limit, body)
    case .bytes(let range):
        if query.offset < 0 { return }
        set.forEach(in: range, reversed: isReversed, offset: query.offset, limit: limit, body)
    }
}

private func storeRange(_ call: inout Call) throws(ReplyError) {
    let target = try call.key()
    let source = try call.key()
    let first = try call.arguments.next()
    let second = try call.arguments.next()
    var query = RangeQuery()
    try query.readOptions(&call.arguments, answers: false)
    let bounds = try RangeBounds(query, first, second)

    let builder = SortedSetBuilder(call.engine.keyspace)
    if let set = try call.database.sortedSet(source) {
        visit(set, query, bounds) { pair in
            pair.member.withBytes { builder.insert($0, builder.hash($0), pair.score) }
        }
    }
    let count = builder.count
    call.database.store(builder, at: target, "zrangestore")
    call.reply.integer(count)
}

extension Database {
    /// Puts what a STORE command found in the place of its target, or removes that where nothing was found.
    func store(_ builder: SortedSetBuilder, at key: Key, _ event: StaticString) {
        guard builder.count > 0 else {
            guard let entry = write(key) else { return }
            remove(entry, key.hash)
            return changed(key.bytes, .generic, "del")
        }
        setSortedSet(key, builder)
        changed(key.bytes, .sortedSet, event)
    }
}

// MARK: - Counting

private func countByScore(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let range = try ScoreRange(try call.arguments.next(), try call.arguments.next())
    call.reply.integer(try call.database.sortedSet(key)?.ranks(range).count ?? 0)
}

private func countByBytes(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let range = try LexicalRange(try call.arguments.next(), try call.arguments.next())
    call.reply.integer(try call.database.sortedSet(key)?.ranks(range).count ?? 0)
}

// MARK: - Removing

private func removeByRank(_ call: inout Call) throws(ReplyError) {
    try remove(&call, RangeQuery(.rank), "zremrangebyrank")
}

private func removeByScore(_ call: inout Call) throws(ReplyError) {
    try remove(&call, RangeQuery(.score), "zremrangebyscore")
}

private func removeByBytes(_ call: inout Call) throws(ReplyError) {
    try remove(&call, RangeQuery(.bytes), "zremrangebylex")
}

private func remove(_ call: inout Call, _ query: RangeQuery, _ event: StaticString) throws(ReplyError) {
    let key = try call.key()
    let bounds = try RangeBounds(query, try call.arguments.next(), try call.arguments.next())
    let database = call.database
    guard var editor = try database.sortedSetToEdit(key) else { return call.reply.integer(0) }
    let ranks: Range<Int>
    switch bounds {
    case .ranks(let start, let stop): ranks = resolve(start, stop, editor.set.count)
    case .scores(let range): ranks = editor.set.ranks(range)
    case .bytes(let range): ranks = editor.set.ranks(range)
    }
    editor.remove(ranks)
    if !ranks.isEmpty {
        database.changed(key.bytes, .sortedSet, event, changes: ranks.count)
        if editor.set.count == 0 { database.removeEmptied(editor.entry, key) }
    }
    call.reply.integer(ranks.count)
}
