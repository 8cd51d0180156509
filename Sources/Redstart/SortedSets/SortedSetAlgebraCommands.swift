extension Command {
    static let sortedSetAlgebra: [Command] = [
        Command(
            "ZDIFF", .atLeast(3), [.readonly, .movableKeys], keys: .counted([.readOnly, .access], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .token("WITHSCORES", name: "withscores").optional,
            group: .sortedSet, since: "6.2.0",
            complexity: """
                O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the \
                size of the first set, and K is the size of the result set.
                """,
            summary: "Answers the members of the first sorted set that no other one has.",
            run: difference),
        Command(
            "ZDIFFSTORE", .atLeast(4), [.write, .denyOOM, .movableKeys],
            keys: .key([.overwrite, .update]), .counted([.readOnly, .access], at: 2),
            arguments: .key("destination", spec: 0),
            .integer("numkeys"),
            .key("key", spec: 1).multiple,
            group: .sortedSet, since: "6.2.0",
            complexity: """
                O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the \
                size of the first set, and K is the size of the result set.
                """,
            summary: "Makes the members of the first sorted set that no other one has a sorted set of their own.",
            run: storeDifference),
        Command(
            "ZINTER", .atLeast(3), [.readonly, .movableKeys], keys: .counted([.readOnly, .access], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .integer("weight", token: "WEIGHTS").optional.multiple,
            .oneOf(
                "aggregate", token: "AGGREGATE",
                .token("SUM", name: "sum"),
                .token("MIN", name: "min"),
                .token("MAX", name: "max")
            ).optional,
            .token("WITHSCORES", name: "withscores").optional,
            group: .sortedSet, since: "6.2.0",
            complexity: """
                O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of \
                input sorted sets and M being the number of elements in the resulting sorted set.
                """,
            summary: "Answers the members that several sorted sets have in common.",
            run: intersection),
        Command(
            "ZINTERCARD", .atLeast(3), [.readonly, .movableKeys], keys: .counted([.readOnly, .access], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .integer("limit", token: "LIMIT").optional,
            group: .sortedSet, since: "7.0.0",
            complexity: """
                O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted \
                sets.
                """,
            summary: "Counts the members that several sorted sets have in common.",
            run: countIntersection),
        Command(
            "ZINTERSTORE", .atLeast(4), [.write, .denyOOM, .movableKeys],
            keys: .key([.overwrite, .update]), .counted([.readOnly, .access], at: 2),
            arguments: .key("destination", spec: 0),
            .integer("numkeys"),
            .key("key", spec: 1).multiple,
            .integer("weight", token: "WEIGHTS").optional.multiple,
            .oneOf(
                "aggregate", token: "AGGREGATE",
                .token("SUM", name: "sum"),
                .token("MIN", name: "min"),
                .token("MAX", name: "max")
            ).optional,
            group: .sortedSet, since: "2.0.0",
            complexity: """
                O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of \
                input sorted sets and M being the number of elements in the resulting sorted set.
                """,
            summary: "Makes the members that several sorted sets have in common a sorted set of their own.",
            run: storeIntersection),
        Command(
            "ZUNION", .atLeast(3), [.readonly, .movableKeys], keys: .counted([.readOnly, .access], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .integer("weight", token: "WEIGHTS").optional.multiple,
            .oneOf(
                "aggregate", token: "AGGREGATE",
                .token("SUM", name: "sum"),
                .token("MIN", name: "min"),
                .token("MAX", name: "max")
            ).optional,
            .token("WITHSCORES", name: "withscores").optional,
            group: .sortedSet, since: "6.2.0",
            complexity: """
                O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number \
                of elements in the resulting sorted set.
                """,
            summary: "Answers the members of any of several sorted sets.",
            run: union),
        Command(
            "ZUNIONSTORE", .atLeast(4), [.write, .denyOOM, .movableKeys],
            keys: .key([.overwrite, .update]), .counted([.readOnly, .access], at: 2),
            arguments: .key("destination", spec: 0),
            .integer("numkeys"),
            .key("key", spec: 1).multiple,
            .integer("weight", token: "WEIGHTS").optional.multiple,
            .oneOf(
                "aggregate", token: "AGGREGATE",
                .token("SUM", name: "sum"),
                .token("MIN", name: "min"),
                .token("MAX", name: "max")
            ).optional,
            group: .sortedSet, since: "2.0.0",
            complexity: """
                O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number \
                of elements in the resulting sorted set.
                """,
            summary: "Makes the members of any of several sorted sets a sorted set of their own.",
            run: storeUnion),
    ]
}

extension ReplyError {
    fileprivate static let weightNotFloat = ReplyError(line: "ERR weight value is not a float")
    fileprivate static let negativeLimit = ReplyError(line: "ERR LIMIT can't be negative")

    fileprivate static func needsInput(_ command: String) -> ReplyError {
        ReplyError(line: "ERR at least 1 input key is needed for '\(command)' command")
    }
}

/// What one key of several brings in: the members of a sorted set with their scores, or those of a set, each of which
/// has the score 1.
private struct AlgebraInput {
    enum Members {
        case none
        case sorted(SortedSet)
        case plain(SetView)
    }

    let members: Members
    var weight = 1.0

    init(_ record: Record?) throws(ReplyError) {
        switch record?.type {
        case nil: members = .none
        case .sortedSet: members = record.map { .sorted(SortedSet($0)) } ?? .none
        case .set: members = record.map { .plain(SetView($0)) } ?? .none
        default: throw .wrongType
        }
    }

    var count: Int {
        switch members {
        case .none: 0
        case .sorted(let set): set.count
        case .plain(let set): set.count
        }
    }

    /// The score of a member, with its weight: NaN for infinity times zero.
    @inline(__always)
    func score(of member: Bytes, _ hash: UInt64) -> Double? {
        switch members {
        case .none: nil
        case .sorted(let set): set.score(of: member, hash).map { $0 * weight }
        case .plain(let set): set.contains(member, hash: hash) ? weight : nil
        }
    }

    /// The table of its members, if it has one.
    var table: MemberTable? {
        switch members {
        case .none: nil
        case .sorted(let set): set.memberTable
        case .plain(let set): set.memberTable
        }
    }

    /// Visits every member with its hash and its weighted score, where infinity times zero is zero, until `body`
    /// answers false. `ahead` is called with the hashes of a table's members some members before.
    @inline(__always)
    func walk(_ keyspace: Keyspace, ahead: (UInt64) -> Void, _ body: (Bytes, UInt64, Double) -> Bool) {
        if let table {
            let isPlain = if case .plain = members { true } else { false }
            table.walk(ahead: ahead) { body($0.key, $1, isPlain ? weight : weighted($0.number)) }
            return
        }
        switch members {
        case .none: break
        case .sorted(let set):
            var cursor = set.cursor(at: 0)
            while let next = cursor.next() {
                guard next.member.withBytes({ body($0, keyspace.hash($0), weighted(next.score)) }) else { return }
            }
        case .plain(let set): set.walk { $0.withBytes { body($0, keyspace.hash($0), weight) } }
        }
    }

    @inline(__always)
    private func weighted(_ score: Double) -> Double {
        if weight == 1 { return score }
        let product = score * weight
        return product.isNaN ? 0 : product
    }
}

/// How the scores of a member of several inputs become one.
private enum Aggregate {
    case sum, least, greatest

    @inline(__always)
    func callAsFunction(_ known: Double, _ next: Double) -> Double {
        switch self {
        case .sum:
            // Both infinities together count as zero, and so does all that was added up to what is not a number.
            let sum = known + next
            return sum.isNaN ? 0 : sum
        case .least: return next < known ? next : known
        case .greatest: return next > known ? next : known
        }
    }
}

private enum Operation { case union, intersection, difference }

/// A call of one of these commands, read.
private struct AlgebraQuery {
    var inputs: [AlgebraInput] = []
    var aggregate = Aggregate.sum
    var withScores = false
    var limit = 0

    /// Reads the keys, and their values, which is before Redis looks at the options.
    init(_ call: inout Call) throws(ReplyError) {
        let count = try call.arguments.integer()
        guard count >= 1 else { throw .needsInput(call.engine.commands.fullNames[call.command]) }
        guard count <= call.arguments.left else { throw .syntax }
        inputs.reserveCapacity(count)
        for _ in 0..<count {
            inputs.append(try AlgebraInput(call.database.read(try call.key())))
        }
    }

    mutating func readOptions(
        _ arguments: inout Arguments, combines: Bool, answers: Bool
    ) throws(ReplyError) {
        while !arguments.isEmpty {
            if combines, arguments.left > inputs.count, arguments.take("WEIGHTS") {
                for index in inputs.indices {
                    guard let weight = NumberText.double(try arguments.next()) else { throw .weightNotFloat }
                    inputs[index].weight = weight
                }
            } else if combines, arguments.left > 1, arguments.take("AGGREGATE") {
                if arguments.take("SUM") {
                    aggregate = .sum
                } else if arguments.take("MIN") {
                    aggregate = .least
                } else if arguments.take("MAX") {
                    aggregate = .greatest
                } else {
                    throw .syntax
                }
            } else if answers, arguments.take("WITHSCORES") {
                withScores = true
            } else {
                throw .syntax
            }
        }
    }

    mutating func readLimit(_ arguments: inout Arguments) throws(ReplyError) {
        while !arguments.isEmpty {
            guard arguments.left > 1, arguments.take("LIMIT") else { throw .syntax }
            limit = try arguments.integer(orThrow: .negativeLimit)
            guard limit >= 0 else { throw .negativeLimit }
        }
    }

    /// Puts the smallest input first. Scores are added up in this order, and sums depend on it.
    private mutating func sortInputs() {
        // The order of equal ones has to stay.
        let order = inputs.enumerated().map { ($1.count, $0) }.sorted { $0 < $1 }
        inputs = order.map { inputs[$0.1] }
    }

    // MARK: - Operations

    mutating func run(_ operation: Operation, _ keyspace: Keyspace) -> SortedSetBuilder {
        let builder = SortedSetBuilder(keyspace)
        switch operation {
        case .union:
            sortInputs()
            builder.reserve(inputs.last?.count ?? 0)
            unite(into: builder, keyspace)
        case .intersection:
            sortInputs()
            walkFirst(keyspace) { member, hash, first, others in
                var score = first
                for other in others {
                    guard let next = other.score(of: member, hash) else { return true }
                    score = aggregate(score, next)
                }
                builder.insert(member, hash, score)
                return true
            }
        case .difference:
            walkFirst(keyspace) { member, hash, score, others in
                for other in others where other.score(of: member, hash) != nil { return true }
                builder.insert(member, hash, score)
                return true
            }
        }
        return builder
    }

    private func unite(into builder: SortedSetBuilder, _ keyspace: Keyspace) {
        for input in inputs {
            let isFirst = builder.count == 0
            input.walk(keyspace, ahead: { builder.prefetch($0) }) { member, hash, score in
                if !isFirst, let known = builder.find(member, hash) {
                    known.number = aggregate(known.number, score)
                } else {
                    builder.insert(member, hash, score)
                }
                return true
            }
        }
    }

    /// How many members all inputs have, or the limit if that is less.
    mutating func countCommon(_ keyspace: Keyspace) -> Int {
        sortInputs()
        let limit = limit == 0 ? Int.max : limit
        var count = 0
        walkFirst(keyspace) { member, hash, _, others in
            for other in others where other.score(of: member, hash) == nil { return true }
            count += 1
            return count < limit
        }
        return count
    }

    /// Visits the members of the first input, to look for them in the others, until `body` answers false.
    @inline(__always)
    private func walkFirst(
        _ keyspace: Keyspace, _ body: (Bytes, UInt64, Double, ArraySlice<AlgebraInput>) -> Bool
    ) {
        let others = inputs.dropFirst()
        let table = others.first?.table
        inputs[0].walk(keyspace, ahead: { table?.prefetchRecord($0) }) { body($0, $1, $2, others) }
    }
}

// MARK: - Answering

private func union(_ call: inout Call) throws(ReplyError) { try answer(&call, .union) }

private func intersection(_ call: inout Call) throws(ReplyError) { try answer(&call, .intersection) }

private func difference(_ call: inout Call) throws(ReplyError) { try answer(&call, .difference) }

private func answer(_ call: inout Call, _ operation: Operation) throws(ReplyError) {
    var query = try AlgebraQuery(&call)
    try query.readOptions(&call.arguments, combines: operation != .difference, answers: true)
    let builder = query.run(operation, call.engine.keyspace)
    call.reply.pairs(builder.count, withScores: query.withScores)
    for ranked in builder.sorted() {
        let member = ScoredMember(member: .bytes(ranked.key), score: ranked.score)
        call.reply.pair(member, withScores: query.withScores)
    }
}

private func countIntersection(_ call: inout Call) throws(ReplyError) {
    var query = try AlgebraQuery(&call)
    try query.readLimit(&call.arguments)
    call.reply.integer(query.countCommon(call.engine.keyspace))
}

// MARK: - Storing

private func storeUnion(_ call: inout Call) throws(ReplyError) { try store(&call, .union, "zunionstore") }

private func storeIntersection(_ call: inout Call) throws(ReplyError) {
    try store(&call, .intersection, "zinterstore")
}

private func storeDifference(_ call: inout Call) throws(ReplyError) {
    try store(&call, .difference, "zdiffstore")
}

private func store(_ call: inout Call, _ operation: Operation, _ event: StaticString) throws(ReplyError) {
    let target = try call.key()
    var query = try AlgebraQuery(&call)
    try query.readOptions(&call.arguments, combines: operation != .difference, answers: false)
    let builder = query.run(operation, call.engine.keyspace)
    let count = builder.count
    call.database.store(builder, at: target, event)
    call.reply.integer(count)
}
