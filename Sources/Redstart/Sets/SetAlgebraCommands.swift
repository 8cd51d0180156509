extension Command {
    static let setAlgebra: [Command] = [
        Command(
            "SDIFF", .atLeast(2), [.readonly], keys: .keys([.readOnly, .access]),
            arguments: .key.multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N) where N is the total number of elements in all given sets.
                """,
            summary: "Answers the members of the first set that none of the others has.",
            tips: ["nondeterministic_output_order"],
            run: difference),
        Command(
            "SDIFFSTORE", .atLeast(3), [.write, .denyOOM],
            keys: .key([.overwrite, .update]),
            .keys([.readOnly, .access], from: 2),
            arguments: .key("destination", spec: 0),
            .key("key", spec: 1).multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N) where N is the total number of elements in all given sets.
                """,
            summary: "Stores the members of the first set that none of the others has.",
            run: storeDifference),
        Command(
            "SINTER", .atLeast(2), [.readonly], keys: .keys([.readOnly, .access]),
            arguments: .key.multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
                """,
            summary: "Answers the members that all sets have.",
            tips: ["nondeterministic_output_order"],
            run: intersection),
        Command(
            "SINTERCARD", .atLeast(3), [.readonly, .movableKeys], keys: .counted([.readOnly, .access], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .integer("limit", token: "LIMIT").optional,
            group: .set, since: "7.0.0",
            complexity: """
                O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
                """,
            summary: "Counts the members that all sets have, up to a limit.",
            run: countIntersection),
        Command(
            "SINTERSTORE", .atLeast(3), [.write, .denyOOM],
            keys: .key([.overwrite, .update]),
            .keys([.readOnly, .access], from: 2),
            arguments: .key("destination", spec: 0),
            .key("key", spec: 1).multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
                """,
            summary: "Stores the members that all sets have.",
            run: storeIntersection),
        Command(
            "SUNION", .atLeast(2), [.readonly], keys: .keys([.readOnly, .access]),
            arguments: .key.multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N) where N is the total number of elements in all given sets.
                """,
            summary: "Answers the members that any of several sets has.",
            tips: ["nondeterministic_output_order"],
            run: union),
        Command(
            "SUNIONSTORE", .atLeast(3), [.write, .denyOOM],
            keys: .key([.overwrite, .update]),
            .keys([.readOnly, .access], from: 2),
            arguments: .key("destination", spec: 0),
            .key("key", spec: 1).multiple,
            group: .set, since: "1.0.0",
            complexity: """
                O(N) where N is the total number of elements in all given sets.
                """,
            summary: "Stores the members that any of several sets has.",
            run: storeUnion),
    ]
}

extension ReplyError {
    fileprivate static let noKeys = ReplyError(line: "ERR numkeys should be greater than 0")
    fileprivate static let tooManyKeys = ReplyError(line: "ERR Number of keys can't be greater than number of args")
    fileprivate static let negativeLimit = ReplyError(line: "ERR LIMIT can't be negative")
}

// MARK: - Keys

extension Call {
    /// The sets at the next `count` keys, nil where there is no key.
    fileprivate mutating func sets(_ count: Int) throws(ReplyError) -> [SetView?] {
        var sets: [SetView?] = []
        sets.reserveCapacity(count)
        for _ in 0..<count { sets.append(try database.readSet(try key())) }
        return sets
    }

    fileprivate mutating func sets() throws(ReplyError) -> [SetView?] { try sets(arguments.left) }

    /// Stores a result under `key`, or deletes the key where the result is empty, and answers how many members it has.
    fileprivate func store(
        _ result: inout SetBuilder, at key: Key, _ event: StaticString, ordersIntegers: Bool = false
    ) {
        let count = result.count
        guard count > 0 else {
            result.discard()
            return storeNothing(at: key)
        }
        result.store(at: key, in: database, ordersIntegers: ordersIntegers)
        database.changed(key.bytes, .set, event)
        reply.integer(count)
    }

    fileprivate func storeNothing(at key: Key) {
        if let entry = database.find(key) {
            database.remove(entry, key.hash)
            database.changed(key.bytes, .generic, "del")
        }
        reply.integer(0)
    }
}

// MARK: - Intersection

private func intersection(_ call: inout Call) throws(ReplyError) {
    let reply = call.reply
    guard let sieve = sieve(of: try call.sets()) else { return reply.set(0) }
    let mark = reply.beginArray()
    var found = 0
    sieve.walk { member, _ in
        reply.bulk(member)
        found &+= 1
        return true
    }
    reply.finish(mark, set: found)
}

/// Nil where one of the sets is missing: then they have nothing in common.
private func sieve(of sets: [SetView?]) -> SetSieve? {
    let present = sets.compactMap { $0 }
    return present.count == sets.count ? SetSieve.shared(present) : nil
}

private func storeIntersection(_ call: inout Call) throws(ReplyError) {
    let target = try call.key()
    guard let sieve = sieve(of: try call.sets()) else { return call.storeNothing(at: target) }
    var beginsAsIntegers = false
    if case .integers = sieve.source.layout { beginsAsIntegers = true }
    let database = call.database
    var result = SetBuilder(database.keyspace, asIntegers: beginsAsIntegers)
    let hash = database.keyspace.hash
    sieve.walk { member, memberHash in
        if beginsAsIntegers {
            result.add(member)
        } else {
            result.append(member, memberHash, hash)
        }
        return true
    }
    call.store(&result, at: target, "sinterstore", ordersIntegers: true)
}

extension SetBuilder {
    @inline(__always)
    fileprivate mutating func append(_ member: StringValue, _ memberHash: UInt64, _ hash: KeyHash) {
        switch member {
        case .bytes(let bytes): append(bytes, hash: memberHash == 0 ? hash(bytes) : memberHash)
        case .integer: member.array.withBytes { bytes in append(bytes, hash: hash(bytes)) }
        }
    }
}

private func countIntersection(_ call: inout Call) throws(ReplyError) {
    let count = try call.arguments.integer(orThrow: .noKeys)
    guard count > 0 else { throw .noKeys }
    guard count <= call.arguments.left else { throw .tooManyKeys }
    let keys = call.arguments.position
    call.arguments.skip(count)
    var limit = 0
    while !call.arguments.isEmpty {
        guard call.arguments.left > 1, call.arguments.take("LIMIT") else { throw .syntax }
        limit = try call.arguments.integer(orThrow: .negativeLimit)
        guard limit >= 0 else { throw .negativeLimit }
    }
    call.arguments.move(to: keys)

    guard let sieve = sieve(of: try call.sets(count)) else { return call.reply.integer(0) }
    var found = 0
    sieve.walk { _, _ in
        found &+= 1
        return found != limit
    }
    call.reply.integer(found)
}

// MARK: - Union

private func union(_ call: inout Call) throws(ReplyError) {
    let sets = try call.sets().compactMap { $0 }
    let keyspace = call.database.keyspace
    let reply = call.reply
    let seen = MemberTable(keyspace.slabs, keyspace.hash)
    let mark = reply.beginArray()
    for set in sets {
        set.forEach { member in
            member.withBytes { bytes in
                let hash = seen.hash(bytes)
                guard seen.find(bytes, hash) == nil else { return }
                seen.insert(bytes, hash)
                reply.bulk(bytes)
            }
        }
    }
    reply.finish(mark, set: seen.count)
    keyspace.graveyard.bury(seen)
}

private func storeUnion(_ call: inout Call) throws(ReplyError) {
    let target = try call.key()
    let sets = try call.sets()
    var result = SetBuilder(call.database.keyspace, asIntegers: true)
    for case .some(let set) in sets {
        set.forEach { result.add($0) }
    }
    call.store(&result, at: target, "sunionstore")
}

// MARK: - Difference

/// What a difference has to do.
private enum Difference {
    case nothing
    /// Look every member of the first set up in the others.
    case sieve(SetSieve)
    /// Copy the first set, and take the members of the others out of it.
    case removal(SetView, [SetView])

    /// Whichever looks at fewer members. A look-up that fails in one set goes on to the next, one that does not ends,
    /// hence the half.
    init(_ call: inout Call) throws(ReplyError) {
        let first = call.arguments.position
        let all = try call.sets()
        guard case .some(let source) = all[0] else {
            self = .nothing
            return
        }
        for index in 1..<max(1, all.count) where call.arguments[first + index] == call.arguments[first] {
            self = .nothing
            return
        }
        let others = all.dropFirst().compactMap { $0 }
        let lookUps = source.count * (others.count + 1) / 2
        let removals = others.reduce(source.count) { $0 + $1.count }
        self = lookUps <= removals ? .sieve(.difference(source, without: others)) : .removal(source, others)
    }

    /// The copy of the first set, without the others' members.
    static func remove(_ others: [SetView], from source: SetView, _ keyspace: Keyspace) -> SetBuilder {
        var result = SetBuilder(keyspace, asIntegers: true)
        source.forEach { result.add($0) }
        for other in others {
            other.walk { member in
                result.remove(member)
                return result.count > 0
            }
            if result.count == 0 { break }
        }
        return result
    }
}

private func difference(_ call: inout Call) throws(ReplyError) {
    let reply = call.reply
    switch try Difference(&call) {
    case .nothing: reply.set(0)
    case .sieve(let sieve):
        let mark = reply.beginArray()
        var found = 0
        sieve.walk { member, _ in
            reply.bulk(member)
            found &+= 1
            return true
        }
        reply.finish(mark, set: found)
    case .removal(let source, let others):
        var result = Difference.remove(others, from: source, call.database.keyspace)
        reply.set(result.count)
        result.view.forEach { reply.bulk($0) }
        result.discard()
    }
}

private func storeDifference(_ call: inout Call) throws(ReplyError) {
    let target = try call.key()
    let keyspace = call.database.keyspace
    switch try Difference(&call) {
    case .nothing: call.storeNothing(at: target)
    case .sieve(let sieve):
        var result = SetBuilder(keyspace, asIntegers: true)
        sieve.walk { member, _ in
            result.add(member)
            return true
        }
        call.store(&result, at: target, "sdiffstore")
    case .removal(let source, let others):
        var result = Difference.remove(others, from: source, keyspace)
        call.store(&result, at: target, "sdiffstore")
    }
}
