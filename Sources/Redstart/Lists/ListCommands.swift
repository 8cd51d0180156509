extension Command {
    static let lists: [Command] = [
        Command(
            "LINDEX", .exactly(3), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("index"),
            group: .list, since: "1.0.0",
            complexity: """
                O(N) where N is the number of elements to traverse to get to the element at index. This makes \
                asking for the first or the last element of the list O(1).
                """,
            summary: "Answers the element at an index.",
            run: index),
        Command(
            "LINSERT", .exactly(5), [.write, .denyOOM],
            keys: .key([.readWrite, .insert]),
            arguments: .key,
            .oneOf(
                "where",
                .token("BEFORE", name: "before"),
                .token("AFTER", name: "after")),
            .string("pivot"),
            .string("element"),
            group: .list, since: "2.2.0",
            complexity: """
                O(N) where N is the number of elements to traverse before seeing the value pivot. This means that \
                inserting somewhere on the left end on the list (head) can be considered O(1) and inserting \
                somewhere on the right end (tail) is O(N).
                """,
            summary: "Puts an element before or after another one.",
            run: insert),
        Command(
            "LLEN", .exactly(2), [.readonly, .fast],
            keys: .key([.readOnly]),
            arguments: .key,
            group: .list, since: "1.0.0", complexity: "O(1)",
            summary: "Counts the elements of a list.",
            run: length),
        Command(
            "LPOP", .atLeast(2), [.write, .fast],
            keys: .key([.readWrite, .access, .delete]),
            arguments: .key,
            .integer("count").optional.since("6.2.0"),
            group: .list, since: "1.0.0",
            complexity: """
                O(N) where N is the number of elements returned
                """,
            summary: "Takes the first elements off a list.",
            run: leftPop),
        Command(
            "LPOS", .atLeast(3), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("element"),
            .integer("rank", token: "RANK").optional,
            .integer("num-matches", token: "COUNT").optional,
            .integer("len", token: "MAXLEN").optional,
            group: .list, since: "6.0.6",
            complexity: """
                O(N) where N is the number of elements in the list, for the average case. When searching for \
                elements near the head or the tail of the list, or when the MAXLEN option is provided, the command \
                may run in constant time.
                """,
            summary: "Finds the indices of elements with a value.",
            run: position),
        Command(
            "LPUSH", .atLeast(3), [.write, .denyOOM, .fast],
            keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("element").multiple,
            group: .list, since: "1.0.0",
            complexity: """
                O(1) for each element added, so O(N) to add N elements when the command is called with multiple \
                arguments.
                """,
            summary: "Puts elements in front of a list, and makes it if there is none.",
            run: leftPush),
        Command(
            "LPUSHX", .atLeast(3), [.write, .denyOOM, .fast],
            keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("element").multiple,
            group: .list, since: "2.2.0",
            complexity: """
                O(1) for each element added, so O(N) to add N elements when the command is called with multiple \
                arguments.
                """,
            summary: "Puts elements in front of a list that exists.",
            run: leftPushExisting),
        Command(
            "LRANGE", .exactly(4), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("start"),
            .integer("stop"),
            group: .list, since: "1.0.0",
            complexity: """
                O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or \
                TAIL) for large lists; and N is the number of elements in the specified range.
                """,
            summary: "Answers the elements in a range of indices.",
            run: range),
        Command(
            "LREM", .exactly(4), [.write],
            keys: .key([.readWrite, .delete]),
            arguments: .key,
            .integer("count"),
            .string("element"),
            group: .list, since: "1.0.0",
            complexity: """
                O(N+M) where N is the length of the list and M is the number of elements removed.
                """,
            summary: "Removes elements with a value, from either end on.",
            run: remove),
        Command(
            "LSET", .exactly(4), [.write, .denyOOM],
            keys: .key([.readWrite, .update]),
            arguments: .key,
            .integer("index"),
            .string("element"),
            group: .list, since: "1.0.0",
            complexity: """
                O(N) where N is the length of the list. Setting either the first or the last element of the list is \
                O(1).
                """,
            summary: "Replaces the element at an index.",
            run: set),
        Command(
            "LTRIM", .exactly(4), [.write],
            keys: .key([.readWrite, .delete]),
            arguments: .key,
            .integer("start"),
            .integer("stop"),
            group: .list, since: "1.0.0",
            complexity: """
                O(N) where N is the number of elements to be removed by the operation.
                """,
            summary: "Keeps the elements in a range of indices and removes the others.",
            run: trim),
        Command(
            "RPOP", .atLeast(2), [.write, .fast],
            keys: .key([.readWrite, .access, .delete]),
            arguments: .key,
            .integer("count").optional.since("6.2.0"),
            group: .list, since: "1.0.0",
            complexity: """
                O(N) where N is the number of elements returned
                """,
            summary: "Takes the last elements off a list.",
            run: rightPop),
        Command(
            "RPUSH", .atLeast(3), [.write, .denyOOM, .fast],
            keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("element").multiple,
            group: .list, since: "1.0.0",
            complexity: """
                O(1) for each element added, so O(N) to add N elements when the command is called with multiple \
                arguments.
                """,
            summary: "Puts elements behind a list, and makes it if there is none.",
            run: rightPush),
        Command(
            "RPUSHX", .atLeast(3), [.write, .denyOOM, .fast],
            keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("element").multiple,
            group: .list, since: "2.2.0",
            complexity: """
                O(1) for each element added, so O(N) to add N elements when the command is called with multiple \
                arguments.
                """,
            summary: "Puts elements behind a list that exists.",
            run: rightPushExisting),
    ]
}

extension ReplyError {
    static let positionRankZero = ReplyError(
        line: "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
            + "or use negative to start from the end of the list")
    fileprivate static let rankOutOfRange = ReplyError(
        line: "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
    fileprivate static let negativeCount = ReplyError(line: "ERR COUNT can't be negative")
    fileprivate static let negativeMaximum = ReplyError(line: "ERR MAXLEN can't be negative")
    fileprivate static let notPositive = ReplyError(line: "ERR value is out of range, must be positive")
}

// MARK: - Pushing

private func leftPush(_ call: inout Call) throws(ReplyError) { try push(&call, .left, makes: true) }

private func rightPush(_ call: inout Call) throws(ReplyError) { try push(&call, .right, makes: true) }

private func leftPushExisting(_ call: inout Call) throws(ReplyError) { try push(&call, .left, makes: false) }

private func rightPushExisting(_ call: inout Call) throws(ReplyError) { try push(&call, .right, makes: false) }

@inline(__always)
private func push(_ call: inout Call, _ end: ListEnd, makes: Bool) throws(ReplyError) {
    let key = try call.key()
    guard let entry = try call.database.write(key, as: .list) else {
        guard makes else { return call.reply.integer(0) }
        var list = ListEditor.make(call.database, key)
        return push(&call, key, &list, end)
    }
    // The usual case, without what an editor needs.
    if call.arguments.left == 1, let large = entry.record.object(as: QuickList.self), large.isQuick {
        let word = call.arguments[call.arguments.position]
        if end == .left {
            large.prepend(PackedValue(word), bytes: word.count)
        } else {
            large.append(PackedValue(word), bytes: word.count)
        }
        call.database.changed(key.bytes, .list, end.pushEvent)
        return call.reply.integer(large.count)
    }
    var list = ListEditor(call.database, key, entry)
    push(&call, key, &list, end)
}

private func push(_ call: inout Call, _ key: Key, _ list: inout ListEditor, _ end: ListEnd) {
    let added = call.arguments.left
    let first = call.arguments.position
    var bytes = 0
    for index in first..<call.arguments.count { bytes &+= call.arguments[index].count }
    list.prepare(bytes: bytes, count: added)
    for index in first..<call.arguments.count {
        let word = call.arguments[index]
        list.push(PackedValue(word), bytes: word.count, end)
    }
    call.database.changed(key.bytes, .list, end.pushEvent, changes: added)
    call.reply.integer(list.count)
}

// MARK: - Popping

private func leftPop(_ call: inout Call) throws(ReplyError) { try pop(&call, .left) }

private func rightPop(_ call: inout Call) throws(ReplyError) { try pop(&call, .right) }

@inline(__always)
private func pop(_ call: inout Call, _ end: ListEnd) throws(ReplyError) {
    let key = try call.key()
    guard call.arguments.isEmpty else { return try popSeveral(&call, key, end) }
    guard let entry = try call.database.write(key, as: .list) else { return call.reply.null() }

    // The usual case, without what an editor needs.
    if let large = entry.record.object(as: QuickList.self), large.isQuick, large.blockCount > 2 {
        let place = end == .left ? large.firstPlace : large.lastPlace
        let element = large.list(at: place).element(at: end)
        call.reply.bulk(element.value)
        large.remove(element.offset..<element.end, count: 1, at: place)
        return call.database.changed(key.bytes, .list, end.popEvent)
    }
    var list = ListEditor(call.database, key, entry)
    list.pop(end) { call.reply.bulk($0) }
    call.database.changed(key.bytes, .list, end.popEvent)
    list.settle()
}

private func popSeveral(_ call: inout Call, _ key: Key, _ end: ListEnd) throws(ReplyError) {
    guard call.arguments.left == 1 else { throw .wrongArity(end == .left ? "lpop" : "rpop") }
    let count = try call.arguments.integer(orThrow: .notPositive)
    guard count >= 0 else { throw .notPositive }
    guard var list = try ListEditor(call.database, key) else { return call.reply.nullArray() }

    guard count > 0 else { return call.reply.array(0) }
    list.popElements(count, end, call.reply)
}

extension ListEditor {
    /// Takes up to `count` elements off an end, answers them as an array, and ends the list with the last of them.
    mutating func popElements(_ count: Int, _ end: ListEnd, _ reply: ReplyWriter) {
        let taken = min(count, self.count)
        reply.array(taken)
        if end == .left {
            var reader = ListReader(entry.record, from: 0)
            for _ in 0..<taken { if let element = reader.next() { reply.bulk(element.value) } }
            remove(0..<taken)
        } else {
            let last = self.count
            var reader = ListReader(entry.record, from: last - 1)
            for _ in 0..<taken { if let element = reader.previous() { reply.bulk(element.value) } }
            remove(last - taken..<last)
        }
        database.changed(key.bytes, .list, end.popEvent, changes: taken)
        settle()
    }
}

// MARK: - Looking

private func length(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(try call.database.read(try call.key(), as: .list)?.listCount ?? 0)
}

private func index(_ call: inout Call) throws(ReplyError) {
    guard let record = try call.database.read(try call.key(), as: .list) else { return call.reply.null() }
    let index = try call.arguments.integer()
    guard let index = resolve(index, record.listCount) else { return call.reply.null() }

    var reader = ListReader(record, from: index)
    if let element = reader.next() { call.reply.bulk(element.value) }
}

/// An index from either end as one from the first element; nil if there is no such element.
@inline(__always)
private func resolve(_ index: Int, _ count: Int) -> Int? {
    let resolved = index < 0 ? index &+ count : index
    return resolved >= 0 && resolved < count ? resolved : nil
}

/// The elements from one index to another, each from either end, as far as there are such.
@inline(__always)
private func resolve(_ start: Int, _ stop: Int, _ count: Int) -> Range<Int> {
    let first = max(0, start < 0 ? start &+ count : start)
    let last = min(count &- 1, stop < 0 ? stop &+ count : stop)
    return first <= last ? first..<last &+ 1 : 0..<0
}

private func range(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let start = try call.arguments.integer()
    let stop = try call.arguments.integer()
    guard let record = try call.database.read(key, as: .list) else { return call.reply.array(0) }

    let indices = resolve(start, stop, record.listCount)
    call.reply.array(indices.count)
    guard !indices.isEmpty else { return }
    var reader = ListReader(record, from: indices.lowerBound)
    for _ in indices {
        guard let element = reader.next() else { break }
        call.reply.bulk(element.value)
    }
}

/// The options of LPOS.
private struct PositionOptions {
    var rank = 1
    /// Nil for the first match alone, not in an array; 0 for all.
    var count: Int?
    /// How many elements may be compared; 0 for all.
    var most = 0

    init(_ arguments: inout Arguments) throws(ReplyError) {
        while !arguments.isEmpty {
            guard arguments.left > 1 else { throw .syntax }
            if arguments.take("RANK") {
                rank = try arguments.integer()
                guard rank != .min else { throw .rankOutOfRange }
                guard rank != 0 else { throw .positionRankZero }
            } else if arguments.take("COUNT") {
                let value = try arguments.integer(orThrow: .negativeCount)
                guard value >= 0 else { throw .negativeCount }
                count = value
            } else if arguments.take("MAXLEN") {
                most = try arguments.integer(orThrow: .negativeMaximum)
                guard most >= 0 else { throw .negativeMaximum }
            } else {
                throw .syntax
            }
        }
    }
}

private func position(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let wanted = WantedElement(try call.arguments.next())
    let options = try PositionOptions(&call.arguments)
    let record = try call.database.read(key, as: .list)

    guard let record else { return options.count == nil ? call.reply.null() : call.reply.array(0) }
    let length = record.listCount
    let mark = options.count == nil ? 0 : call.reply.beginArray()
    let most = options.count == 0 ? Int.max : options.count ?? 1
    let compared = options.most == 0 ? length : min(options.most, length)
    var skipped = options.rank.magnitude - 1
    var found = 0
    var reader = ListReader(record, from: options.rank > 0 ? 0 : length - 1)
    for step in 0..<compared {
        guard found < most, let element = options.rank > 0 ? reader.next() : reader.previous() else { break }
        guard wanted.matches(element.value) else { continue }
        if skipped > 0 {
            skipped -= 1
            continue
        }
        call.reply.integer(options.rank > 0 ? step : length - 1 - step)
        found += 1
    }
    if options.count != nil { return call.reply.finish(mark, array: found) }
    if found == 0 { call.reply.null() }
}

// MARK: - Changing

private func set(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard var list = try ListEditor(call.database, key) else { throw .noSuchKey }
    let index = try call.arguments.integer()
    let value = try call.arguments.next()

    list.prepare(bytes: value.count, count: 1)
    guard let index = resolve(index, list.count) else { throw .outOfRange }
    list.replace(index, with: PackedValue(value), bytes: value.count)
    list.settle()
    call.database.changed(key.bytes, .list, "lset")
    call.reply.ok()
}

private func insert(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let isAfter = call.arguments.take("AFTER")
    guard isAfter || call.arguments.take("BEFORE") else { throw .syntax }
    let pivot = WantedElement(try call.arguments.next())
    let value = try call.arguments.next()
    guard var list = try ListEditor(call.database, key) else { return call.reply.integer(0) }

    list.prepare(bytes: value.count, count: 1)
    guard let index = list.firstIndex(of: pivot) else { return call.reply.integer(-1) }
    list.insert(PackedValue(value), bytes: value.count, isAfter ? .after : .before, of: index)
    call.database.changed(key.bytes, .list, "linsert")
    call.reply.integer(list.count)
}

private func remove(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let count = try call.arguments.integer()
    let wanted = WantedElement(try call.arguments.next())
    guard var list = try ListEditor(call.database, key) else { return call.reply.integer(0) }

    let most = count == 0 ? Int.max : Int(clamping: count.magnitude)
    let removed = list.removeAll(wanted, most: most, backwards: count < 0)
    if removed > 0 {
        call.database.changed(key.bytes, .list, "lrem", changes: removed)
        list.settle()
    }
    call.reply.integer(removed)
}

private func trim(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let start = try call.arguments.integer()
    let stop = try call.arguments.integer()
    guard var list = try ListEditor(call.database, key) else { return call.reply.ok() }

    let length = list.count
    let kept = resolve(start, stop, length)
    if kept.isEmpty {
        list.remove(0..<length)
    } else {
        list.remove(kept.upperBound..<length)
        list.remove(0..<kept.lowerBound)
    }
    call.database.changed(key.bytes, .list, "ltrim", changes: length - kept.count)
    list.settle()
    call.reply.ok()
}
