extension Command {
    static let sortedSetPops: [Command] = [
        Command(
            "ZMPOP", .atLeast(4), [.write, .movableKeys], keys: .counted([.readWrite, .access, .delete], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .oneOf(
                "where",
                .token("MIN", name: "min"),
                .token("MAX", name: "max")),
            .integer("count", token: "COUNT").optional,
            group: .sortedSet, since: "7.0.0",
            complexity: """
                O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the \
                sorted set, and M being the number of elements popped.
                """,
            summary: "Takes members out of the first of several sorted sets that has any.",
            run: popFromFirst),
        Command(
            "ZPOPMAX", .atLeast(2), [.write, .fast], keys: .key([.readWrite, .access, .delete]),
            arguments: .key,
            .integer("count").optional,
            group: .sortedSet, since: "5.0.0",
            complexity: """
                O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of \
                elements popped.
                """,
            summary: "Takes out the members with the highest scores.",
            run: popHighest),
        Command(
            "ZPOPMIN", .atLeast(2), [.write, .fast], keys: .key([.readWrite, .access, .delete]),
            arguments: .key,
            .integer("count").optional,
            group: .sortedSet, since: "5.0.0",
            complexity: """
                O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of \
                elements popped.
                """,
            summary: "Takes out the members with the lowest scores.",
            run: popLowest),
    ]
}

extension ReplyError {
    fileprivate static let countNegative = ReplyError(line: "ERR value is out of range, must be positive")
    fileprivate static let numberOfKeysNotPositive = ReplyError(line: "ERR numkeys should be greater than 0")
    fileprivate static let countNotPositive = ReplyError(line: "ERR count should be greater than 0")
}

/// The end of a sorted set that members are taken from.
enum SortedSetEnd {
    case lowest, highest

    fileprivate var event: StaticString { self == .lowest ? "zpopmin" : "zpopmax" }
}

extension SortedSetEditor {
    /// Takes up to `count` members out at one end, the outermost first; `body` sees them before they go. Names the
    /// event, and ends the set where nothing is left of it.
    @inline(__always)
    mutating func pop(_ end: SortedSetEnd, _ count: Int, at key: Key, _ body: (ScoredMember) -> Void) {
        let total = set.count
        let ranks = end == .lowest ? 0..<min(count, total) : max(0, total - count)..<total
        set.forEach(in: ranks, reversed: end == .highest, body)
        remove(ranks)
        database.changed(key.bytes, .sortedSet, end.event, changes: ranks.count)
        if ranks.count == total { database.removeEmptied(entry, key) }
    }
}

// MARK: - One key

private func popLowest(_ call: inout Call) throws(ReplyError) { try pop(&call, .lowest) }

private func popHighest(_ call: inout Call) throws(ReplyError) { try pop(&call, .highest) }

private func pop(_ call: inout Call, _ end: SortedSetEnd) throws(ReplyError) {
    let key = try call.key()
    var count = 1
    let isCounted = !call.arguments.isEmpty
    if isCounted {
        guard call.arguments.left == 1 else { throw .syntax }
        count = try call.arguments.integer(orThrow: .countNegative)
        guard count >= 0 else { throw .countNegative }
    }
    guard var editor = try call.database.sortedSetToEdit(key), count > 0 else { return call.reply.array(0) }

    let reply = call.reply
    if isCounted {
        reply.pairs(min(count, editor.set.count), withScores: true)
        editor.pop(end, count, at: key) { reply.pair($0, withScores: true) }
    } else {
        reply.array(2)
        editor.pop(end, 1, at: key) {
            reply.bulk($0.member)
            reply.double($0.score)
        }
    }
}

// MARK: - The first of several keys

private func popFromFirst(_ call: inout Call) throws(ReplyError) {
    let keys = try PopQuery(&call)
    for position in keys.positions {
        call.arguments.move(to: position)
        let key = try call.key()
        guard var editor = try call.database.sortedSetToEdit(key) else { continue }
        return answer(&editor, key, keys, call.reply)
    }
    call.reply.nullArray()
}

private func answer(_ editor: inout SortedSetEditor, _ key: Key, _ query: PopQuery, _ reply: ReplyWriter) {
    reply.array(2)
    reply.bulk(key.bytes)
    reply.array(min(query.count, editor.set.count))
    editor.pop(query.end, query.count, at: key) {
        reply.array(2)
        reply.bulk($0.member)
        reply.double($0.score)
    }
}

/// What ZMPOP and BZMPOP ask for, from their number of keys on.
private struct PopQuery {
    let positions: Range<Int>
    let end: SortedSetEnd
    var count = 1

    init(_ call: inout Call) throws(ReplyError) {
        let keys = try call.arguments.integer(orThrow: .numberOfKeysNotPositive)
        guard keys > 0 else { throw .numberOfKeysNotPositive }
        let first = call.arguments.position
        guard keys < call.arguments.left else { throw .syntax }
        positions = first..<first + keys
        call.arguments.skip(keys)
        if call.arguments.take("MIN") {
            end = .lowest
        } else if call.arguments.take("MAX") {
            end = .highest
        } else {
            throw .syntax
        }
        guard !call.arguments.isEmpty else { return }
        guard call.arguments.left == 2, call.arguments.take("COUNT") else { throw .syntax }
        count = try call.arguments.integer(orThrow: .countNotPositive)
        guard count > 0 else { throw .countNotPositive }
    }
}
