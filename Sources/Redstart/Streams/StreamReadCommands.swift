extension Command {
    static let streamReading: [Command] = [
        Command(
            "XREAD", .atLeast(4), [.readonly, .blocking, .movableKeys], keys: streamKeys(from: 1),
            arguments: .integer("count", token: "COUNT").optional,
            .integer("milliseconds", token: "BLOCK").optional,
            .block("streams", token: "STREAMS", .key.multiple, .string("id").multiple),
            group: .stream, since: "5.0.0", complexity: "",
            summary: "Answers the entries of several streams that come after an ID, and waits for some if asked to.",
            run: read),
        Command(
            "XREADGROUP", .atLeast(7), [.write, .blocking, .movableKeys], keys: streamKeys(from: 4),
            arguments: .block("group-block", token: "GROUP", .string("group"), .string("consumer")),
            .integer("count", token: "COUNT").optional,
            .integer("milliseconds", token: "BLOCK").optional,
            .token("NOACK", name: "noack").optional,
            .block("streams", token: "STREAMS", .key.multiple, .string("id").multiple),
            group: .stream, since: "5.0.0",
            complexity: """
                For each stream mentioned: O(M) with M being the number of elements returned. If M is constant \
                (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other \
                side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on \
                the stream getting new data.
                """,
            summary: "Answers entries for a consumer of a group: new ones, or those that are pending for it.",
            run: readGroup),
    ]

    private static func streamKeys(from index: Int) -> KeySpec {
        KeySpec(
            [.readOnly, .access], begin: .keyword("STREAMS", startFrom: index),
            find: .range(last: -1, step: 1, limit: 2))
    }
}

/// The words of XREAD and XREADGROUP before the keys, options in any order.
private struct ReadArguments {
    var group: Bytes?
    var consumer = Bytes.empty
    var count = Int.max
    /// How long to wait, in milliseconds, 0 without end; nil if not at all.
    var block: Int64?
    var keepsNothing = false
    /// The words that are keys; as many IDs follow them.
    var keys = 0..<0

    init(_ arguments: inout Arguments, isGroup: Bool) throws(ReplyError) {
        while keys.isEmpty {
            if arguments.left > 1, arguments.take("BLOCK") {
                let milliseconds = try arguments.integer(orThrow: .timeoutNotInteger)
                guard milliseconds >= 0 else { throw .timeoutNegative }
                block = Int64(milliseconds)
            } else if arguments.left > 1, arguments.take("COUNT") {
                let value = try arguments.integer()
                count = value > 0 ? value : .max
            } else if arguments.left > 1, arguments.take("STREAMS") {
                guard arguments.left % 2 == 0 else { throw .unbalancedStreams(isGroup) }
                keys = arguments.position..<arguments.position + arguments.left / 2
            } else if arguments.left > 2, arguments.take("GROUP") {
                guard isGroup else { throw .onlyForGroups("GROUP") }
                group = try arguments.next()
                consumer = try arguments.next()
            } else if arguments.take("NOACK") {
                guard isGroup else { throw .onlyForGroups("NOACK") }
                keepsNothing = true
            } else {
                throw .syntax
            }
        }
        guard !isGroup || group != nil else { throw .missingGroup }
    }

    /// The key of the stream with that number.
    func key(_ stream: Int, _ call: Call) -> Key {
        let word = call.arguments[keys.lowerBound + stream]
        return Key(bytes: word, hash: call.engine.hash(word))
    }

    /// The ID that goes with it.
    @inline(__always)
    func id(_ stream: Int, _ arguments: Arguments) -> Bytes { arguments[keys.upperBound + stream] }
}

extension Bytes {
    @inline(__always)
    fileprivate func isOnly(_ byte: UInt8) -> Bool { count == 1 && self[0] == byte }
}

extension ReplyWriter {
    /// What a stream has to tell begins.
    @inline(__always)
    fileprivate func stream(_ key: Bytes) {
        if !isRESP3 { array(2) }
        bulk(key)
    }

    /// So many streams had something to tell since `mark`.
    @inline(__always)
    fileprivate func finish(_ mark: Int, streams: Int) {
        if isRESP3 { finish(mark, map: streams) } else { finish(mark, array: streams) }
    }
}

// MARK: - XREAD

private func read(_ call: inout Call) throws(ReplyError) {
    let words = try ReadArguments(&call.arguments, isGroup: false)
    let deadline = try words.block.map(call.deadline)
    // All words must be right before any stream answers. Both looks at a key count as a hit or a miss.
    for index in 0..<words.keys.count {
        _ = try start(words.id(index, call.arguments), try call.stream(words.key(index, call)))
    }

    let mark = call.reply.beginArray()
    var answered = 0
    for index in 0..<words.keys.count {
        let key = words.key(index, call)
        let word = words.id(index, call.arguments)
        guard let stream = try call.stream(key), let after = try start(word, stream), stream.hasEntry(after: after),
            let from = after.next
        else { continue }
        call.reply.stream(key.bytes)
        call.reply.entries(
            stream.walk(from: from, through: .max), most: word.isOnly(UInt8(ascii: "+")) ? 1 : words.count)
        answered += 1
    }
    guard answered == 0 else { return call.reply.finish(mark, streams: answered) }
    waitForEntries(call, words, until: deadline)
}

/// After which ID a stream is read; nil where that is what comes from now on.
private func start(_ word: Bytes, _ stream: Stream?) throws(ReplyError) -> EntryID? {
    if word.isOnly(UInt8(ascii: "$")) { return nil }
    if word.isOnly(UInt8(ascii: "+")) { return stream?.lastEntry?.id.previous ?? .zero }
    if word.isOnly(UInt8(ascii: ">")) { throw .newIDOutsideGroup }
    guard let id = EntryID(word, sequence: 0) else { throw .invalidStreamID }
    return id
}

private func waitForEntries(_ call: Call, _ words: ReadArguments, until deadline: Int64??) {
    guard let deadline, call.mayBlock else { return call.reply.nullArray() }
    // What is new is new as of now, also when the command comes again.
    var replacing: [Int: [UInt8]] = [:]
    for index in 0..<words.keys.count where words.id(index, call.arguments).isOnly(UInt8(ascii: "$")) {
        let last = call.database.lastStreamID(words.key(index, call))
        replacing[words.keys.upperBound + index] = Array("\(last.milliseconds)-\(last.sequence)".utf8)
    }
    call.wait(for: .stream, keys: words.keys, until: deadline, replacing: replacing) { $0.reply.nullArray() }
}

extension Database {
    /// The last ID given in the stream at `key`; zero where there is none. It does not count as a use of the key.
    fileprivate func lastStreamID(_ key: Key) -> EntryID {
        (find(key)?.record.object as? Stream)?.lastID ?? .zero
    }
}

// MARK: - XREADGROUP

private func readGroup(_ call: inout Call) throws(ReplyError) {
    let words = try ReadArguments(&call.arguments, isGroup: true)
    guard let groupName = words.group else { throw .missingGroup }
    let deadline = try words.block.map(call.deadline)
    for index in 0..<words.keys.count {
        let key = words.key(index, call)
        guard try call.stream(key)?.group(groupName) != nil else {
            throw .noGroup(groupName, at: key.bytes, " in XREADGROUP with GROUP option")
        }
        _ = try history(words.id(index, call.arguments))
    }

    let mark = call.reply.beginArray()
    var answered = 0
    for index in 0..<words.keys.count {
        let key = words.key(index, call)
        guard let stream = try call.stream(key), let group = stream.group(groupName) else { continue }
        let consumer = call.consumer(words.consumer, of: group, key)
        if let after = try history(words.id(index, call.arguments)) {
            call.reply.stream(key.bytes)
            answerHistory(call, stream, group, consumer, after: after, most: words.count)
        } else if stream.hasEntry(after: group.lastID) {
            call.reply.stream(key.bytes)
            deliver(call, stream, group, words.keepsNothing ? nil : consumer, most: words.count)
            call.database.changedBeside(changes: 1)
        } else {
            continue
        }
        answered += 1
    }
    guard answered == 0 else { return call.reply.finish(mark, streams: answered) }
    guard let deadline, call.mayBlock else { return call.reply.nullArray() }
    call.wait(for: .stream, keys: words.keys, until: deadline, watchesEnd: true) { $0.reply.nullArray() }
}

/// The ID after which what is pending for a consumer is asked for; nil where it is new entries that are.
private func history(_ word: Bytes) throws(ReplyError) -> EntryID? {
    if word.isOnly(UInt8(ascii: ">")) { return nil }
    if word.isOnly(UInt8(ascii: "$")) { throw .meaninglessID("$") }
    if word.isOnly(UInt8(ascii: "+")) { throw .meaninglessID("+") }
    guard let id = EntryID(word, sequence: 0) else { throw .invalidStreamID }
    // Redis takes the greatest of all IDs for the same as `>`.
    return id == .max ? nil : id
}

extension Call {
    /// The consumer of that name, made if there is none; this counts as an attempt of his.
    func consumer(_ name: Bytes, of group: StreamGroup, _ key: Key) -> StreamConsumer {
        if let consumer = group.consumer(name) {
            consumer.seenAt = now
            return consumer
        }
        let consumer = group.makeConsumer(name, at: now)
        database.changedBeside(key.bytes, .stream, "xgroup-createconsumer")
        return consumer
    }
}

/// Answers the entries that the group was not given yet. They become pending for `consumer`, if there is one.
private func deliver(
    _ call: Call, _ stream: Stream, _ group: StreamGroup, _ consumer: StreamConsumer?, most: Int
) {
    guard let from = group.lastID.next else { return call.reply.array(0) }
    let now = call.now
    var walk = stream.walk(from: from, through: .max)
    let mark = call.reply.beginArray()
    var count = 0
    while count < most, let entry = walk.next() {
        call.reply.entry(entry)
        stream.noteRead(entry.id, by: group)
        if let consumer { group.deliver(entry.id, to: consumer, at: now) }
        count &+= 1
    }
    if count > 0 { consumer?.activeAt = now }
    call.reply.finish(mark, array: count)
}

/// Answers what is pending for a consumer, which counts as another delivery. Of entries that were deleted only the ID
/// is left.
private func answerHistory(
    _ call: Call, _ stream: Stream, _ group: StreamGroup, _ consumer: StreamConsumer, after: EntryID, most: Int
) {
    let mark = call.reply.beginArray()
    var count = 0
    var cursor = consumer.pending.cursor(after: after)
    while count < most, let id = cursor.next() {
        if let entry = stream.entry(id) {
            call.reply.entry(entry)
            group.deliverAgain(id, at: call.now)
        } else {
            call.reply.array(2)
            call.reply.bulk(id)
            call.reply.nullArray()
        }
        count += 1
    }
    call.reply.finish(mark, array: count)
}
