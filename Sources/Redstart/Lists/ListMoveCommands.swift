extension Command {
    /// What takes elements off lists for other lists, off the first of several lists, or waits for them.
    static let listMoves: [Command] = [
        Command(
            "BLMOVE", .exactly(6), [.write, .denyOOM, .blocking],
            keys: .key([.readWrite, .access, .delete]), .key([.readWrite, .insert], at: 2),
            arguments: .key("source", spec: 0),
            .key("destination", spec: 1),
            .oneOf(
                "wherefrom",
                .token("LEFT", name: "left"),
                .token("RIGHT", name: "right")),
            .oneOf(
                "whereto",
                .token("LEFT", name: "left"),
                .token("RIGHT", name: "right")),
            .double("timeout"),
            group: .list, since: "6.2.0", complexity: "O(1)",
            summary: "Moves an element from one end of a list to an end of another, waiting until there is one.",
            run: blockingMove),
        Command(
            "BLMPOP", .atLeast(5), [.write, .blocking, .movableKeys],
            keys: .counted([.readWrite, .access, .delete], at: 2),
            arguments: .double("timeout"),
            .integer("numkeys"),
            .key.multiple,
            .oneOf(
                "where",
                .token("LEFT", name: "left"),
                .token("RIGHT", name: "right")),
            .integer("count", token: "COUNT").optional,
            group: .list, since: "7.0.0",
            complexity: """
                O(N+M) where N is the number of provided keys and M is the number of elements returned.
                """,
            summary: "Takes elements off the first of several lists that has any, waiting until one has.",
            run: blockingPopMany),
        Command(
            "BLPOP", .atLeast(3), [.write, .blocking],
            keys: .keys([.readWrite, .access, .delete], through: -2),
            arguments: .key.multiple,
            .double("timeout"),
            group: .list, since: "2.0.0", complexity: "O(N) where N is the number of provided keys.",
            summary: "Takes the first element off the first of several lists that has one, waiting until one has.",
            run: blockingLeftPop),
        Command(
            "BRPOP", .atLeast(3), [.write, .blocking],
            keys: .keys([.readWrite, .access, .delete], through: -2),
            arguments: .key.multiple,
            .double("timeout"),
            group: .list, since: "2.0.0", complexity: "O(N) where N is the number of provided keys.",
            summary: "Takes the last element off the first of several lists that has one, waiting until one has.",
            run: blockingRightPop),
        Command(
            "BRPOPLPUSH", .exactly(4), [.write, .denyOOM, .blocking],
            keys: .key([.readWrite, .access, .delete]), .key([.readWrite, .insert], at: 2),
            arguments: .key("source", spec: 0),
            .key("destination", spec: 1),
            .double("timeout"),
            group: .list, since: "2.2.0", complexity: "O(1)",
            summary: "Moves the last element of a list to the front of another, waiting until there is one.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`BLMOVE` with the `RIGHT` and `LEFT` arguments"),
            run: blockingRotate),
        Command(
            "LMOVE", .exactly(5), [.write, .denyOOM],
            keys: .key([.readWrite, .access, .delete]), .key([.readWrite, .insert], at: 2),
            arguments: .key("source", spec: 0),
            .key("destination", spec: 1),
            .oneOf(
                "wherefrom",
                .token("LEFT", name: "left"),
                .token("RIGHT", name: "right")),
            .oneOf(
                "whereto",
                .token("LEFT", name: "left"),
                .token("RIGHT", name: "right")),
            group: .list, since: "6.2.0", complexity: "O(1)",
            summary: "Moves an element from one end of a list to an end of another.",
            run: move),
        Command(
            "LMPOP", .atLeast(4), [.write, .movableKeys],
            keys: .counted([.readWrite, .access, .delete], at: 1),
            arguments: .integer("numkeys"),
            .key.multiple,
            .oneOf(
                "where",
                .token("LEFT", name: "left"),
                .token("RIGHT", name: "right")),
            .integer("count", token: "COUNT").optional,
            group: .list, since: "7.0.0",
            complexity: """
                O(N+M) where N is the number of provided keys and M is the number of elements returned.
                """,
            summary: "Takes elements off the first of several lists that has any.",
            run: popMany),
        Command(
            "RPOPLPUSH", .exactly(3), [.write, .denyOOM],
            keys: .key([.readWrite, .access, .delete]), .key([.readWrite, .insert], at: 2),
            arguments: .key("source", spec: 0),
            .key("destination", spec: 1),
            group: .list, since: "1.2.0", complexity: "O(1)",
            summary: "Moves the last element of a list to the front of another.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`LMOVE` with the `RIGHT` and `LEFT` arguments"),
            run: rotate),
    ]
}

extension ReplyError {
    fileprivate static let numberOfKeysNotPositive = ReplyError(line: "ERR numkeys should be greater than 0")
    fileprivate static let countNotPositive = ReplyError(line: "ERR count should be greater than 0")
}

extension Call {
    /// The next word as an end of a list.
    fileprivate mutating func listEnd() throws(ReplyError) -> ListEnd {
        if arguments.take("LEFT") { return .left }
        guard arguments.take("RIGHT") else { throw .syntax }
        return .right
    }

    /// Waits for a list at one of the keys, the words `keys`, or answers that there is none where it may not wait.
    fileprivate func wait(forListAt keys: Range<Int>, until deadline: Int64?) {
        guard mayBlock else { return reply.nullArray() }
        wait(for: .list, keys: keys, until: deadline) { $0.reply.nullArray() }
    }

    /// The same, for an element to be moved: where that may not wait, it has another form of nothing.
    fileprivate func wait(forSource deadline: Int64?) {
        guard mayBlock else { return reply.null() }
        wait(for: .list, keys: 1..<2, until: deadline) { $0.reply.nullArray() }
    }
}

// MARK: - From list to list

private func move(_ call: inout Call) throws(ReplyError) {
    let source = try call.key()
    let target = try call.key()
    let from = try call.listEnd()
    let to = try call.listEnd()
    if !(try moveElement(&call, source, from, target, to)) { call.reply.null() }
}

private func rotate(_ call: inout Call) throws(ReplyError) {
    let source = try call.key()
    let target = try call.key()
    if !(try moveElement(&call, source, .right, target, .left)) { call.reply.null() }
}

/// Moves an element from an end of one list to an end of another, or of the same, and answers it. False if there is
/// none.
private func moveElement(
    _ call: inout Call, _ source: Key, _ from: ListEnd, _ target: Key, _ to: ListEnd
) throws(ReplyError) -> Bool {
    let database = call.database
    guard var list = try ListEditor(database, source) else { return false }
    let existing = try ListEditor(database, target)

    var value: [UInt8] = []
    var isInteger = false
    list.pop(from) { element in
        if case .integer = element { isInteger = true }
        value = element.array
    }
    value.withBytes { bytes in
        // Looked up again where it is the same list, or may have been moved by what was taken out.
        var receiver: ListEditor
        if source.bytes == target.bytes {
            receiver = list
        } else if existing != nil, let entry = database.find(target) {
            receiver = ListEditor(database, target, entry)
        } else {
            receiver = .make(database, target)
        }
        // Redis does not count the digits of a number.
        receiver.prepare(bytes: isInteger ? 0 : bytes.count, count: 1)
        receiver.push(PackedValue(bytes), bytes: bytes.count, to)
        call.reply.bulk(bytes)
    }
    database.notify(target.bytes, .list, to.pushEvent)
    database.changed(source.bytes, .list, from.popEvent)
    if let entry = database.find(source) {
        var list = ListEditor(database, source, entry)
        list.settle()
    }
    return true
}

private func blockingMove(_ call: inout Call) throws(ReplyError) {
    let source = try call.key()
    let target = try call.key()
    let from = try call.listEnd()
    let to = try call.listEnd()
    let deadline = try call.timeout()
    if !(try moveElement(&call, source, from, target, to)) { call.wait(forSource: deadline) }
}

private func blockingRotate(_ call: inout Call) throws(ReplyError) {
    let source = try call.key()
    let target = try call.key()
    let deadline = try call.timeout()
    if !(try moveElement(&call, source, .right, target, .left)) { call.wait(forSource: deadline) }
}

// MARK: - Off the first of several lists

private func blockingLeftPop(_ call: inout Call) throws(ReplyError) { try blockingPop(&call, .left) }

private func blockingRightPop(_ call: inout Call) throws(ReplyError) { try blockingPop(&call, .right) }

private func blockingPop(_ call: inout Call, _ end: ListEnd) throws(ReplyError) {
    let keys = 1..<call.arguments.count - 1
    call.arguments.move(to: keys.upperBound)
    let deadline = try call.timeout()
    call.arguments.move(to: 1)
    for _ in keys {
        let key = try call.key()
        guard var list = try ListEditor(call.database, key) else { continue }
        call.reply.array(2)
        call.reply.bulk(key.bytes)
        list.pop(end) { call.reply.bulk($0) }
        call.database.changed(key.bytes, .list, end.popEvent)
        list.settle()
        return
    }
    call.wait(forListAt: keys, until: deadline)
}

private func popMany(_ call: inout Call) throws(ReplyError) {
    let request = try PopRequest(&call)
    if !(try request.serve(&call)) { call.reply.nullArray() }
}

private func blockingPopMany(_ call: inout Call) throws(ReplyError) {
    let deadline = try call.timeout()
    let request = try PopRequest(&call)
    if !(try request.serve(&call)) { call.wait(forListAt: request.keys, until: deadline) }
}

/// What LMPOP and BLMPOP ask for.
private struct PopRequest {
    let keys: Range<Int>
    private let end: ListEnd
    private var count = 1

    init(_ call: inout Call) throws(ReplyError) {
        let number = try call.arguments.integer(orThrow: .numberOfKeysNotPositive)
        guard number > 0 else { throw .numberOfKeysNotPositive }
        // The end comes behind the keys.
        guard number < call.arguments.left else { throw .syntax }
        keys = call.arguments.position..<call.arguments.position + number
        call.arguments.skip(number)
        end = try call.listEnd()
        var isCounted = false
        while !call.arguments.isEmpty {
            guard !isCounted, call.arguments.left > 1, call.arguments.take("COUNT") else { throw .syntax }
            count = try call.arguments.integer(orThrow: .countNotPositive)
            guard count > 0 else { throw .countNotPositive }
            isCounted = true
        }
    }

    /// Answers with the elements of the first list that has any. False if there is none.
    func serve(_ call: inout Call) throws(ReplyError) -> Bool {
        call.arguments.move(to: keys.lowerBound)
        for _ in keys {
            let key = try call.key()
            guard var list = try ListEditor(call.database, key) else { continue }
            call.reply.array(2)
            call.reply.bulk(key.bytes)
            list.popElements(count, end, call.reply)
            return true
        }
        return false
    }
}
