extension Command {
    static let debugging: [Command] = [
        Command(
            "DEBUG", .atLeast(2), [.admin, .noScript, .loading, .stale, .protected],
            group: .server, since: "1.0.0", complexity: "Depends on subcommand.",
            summary: "Holds the aids for debugging, off by default.",
            isInternal: true,
            run: debug)
    ]
}

/// One of DEBUG's subcommands. They are no commands of their own: COMMAND does not list them.
private struct Subcommand {
    let name: StaticString
    /// How many words may follow the name.
    let words: ClosedRange<Int>
    let explanation: [StaticString]
    let run: Handler

    init(_ name: StaticString, _ words: ClosedRange<Int>, help: [StaticString] = [], run: @escaping Handler) {
        self.name = name
        self.words = words
        self.explanation = help
        self.run = run
    }

    static let all: [Subcommand] = [
        Subcommand(
            "CHANGE-REPL-ID", 0...0,
            help: ["CHANGE-REPL-ID", "    Give the data set another replication ID."],
            run: changeReplicationID),
        Subcommand(
            "DIGEST", 0...0,
            help: ["DIGEST", "    Answer a digest of all data: equal data, equal digest."],
            run: digest),
        Subcommand(
            "DIGEST-VALUE", 0...Int.max,
            help: ["DIGEST-VALUE <key> [<key> ...]", "    Answer a digest of each value."],
            run: digestValue),
        Subcommand(
            "ERROR", 1...1,
            help: ["ERROR <string>", "    Answer an error with this text."],
            run: answerError),
        Subcommand("HELP", 0...0, run: help),
        Subcommand(
            "HTSTATS", 1...1,
            help: ["HTSTATS <dbid>", "    Tell how full the tables of a database are."],
            run: tableStatistics),
        Subcommand(
            "HTSTATS-KEY", 1...1,
            help: ["HTSTATS-KEY <key>", "    Tell how full the table is that holds a value."],
            run: valueTableStatistics),
        Subcommand(
            "LISTPACK", 1...1,
            help: ["LISTPACK <key>", "    Print the elements of a value whose encoding is listpack."],
            run: printListpack),
        Subcommand(
            "LOG", 1...1,
            help: ["LOG <message>", "    Write a message to the server's log."],
            run: log),
        Subcommand(
            "OBJECT", 1...1,
            help: ["OBJECT <key>", "    Tell how a value is stored."],
            run: describeObject),
        Subcommand(
            "POPULATE", 1...3,
            help: [
                "POPULATE <count> [<prefix>] [<size>]",
                "    Make <count> strings at key:<number>, or <prefix>:<number>, those that are not there yet.",
            ],
            run: populate),
        Subcommand(
            "PROTOCOL", 1...1,
            help: [
                "PROTOCOL <type>",
                "    Answer an example of a type: string, integer, double, bignum, null, array, set, map,",
                "    attrib, push, verbatim, true or false.",
            ],
            run: protocolExample),
        Subcommand(
            "QUICKLIST", 1...2,
            help: [
                "QUICKLIST <key> [<0|1>]",
                "    Print the shape of a list whose encoding is quicklist, with 1 its elements, too.",
            ],
            run: printQuicklist),
        Subcommand(
            "SET-ACTIVE-EXPIRE", 1...1,
            help: [
                "SET-ACTIVE-EXPIRE <0|1>",
                "    With 0, keys whose time has come are removed only when somebody asks for them.",
            ],
            run: setActiveExpiry),
        Subcommand(
            "SLEEP", 1...1,
            help: ["SLEEP <seconds>", "    Hold the whole server up. Fractions are fine."],
            run: sleep),
        Subcommand(
            "STRINGMATCH-LEN", 2...2,
            help: ["STRINGMATCH-LEN <pattern> <string>", "    Whether a glob pattern matches a string: 1 or 0."],
            run: matchString),
    ]
}

private func debug(_ call: inout Call) throws(ReplyError) {
    let name = try call.arguments.next()
    for subcommand in Subcommand.all where name.matches(subcommand.name) {
        guard subcommand.words.contains(call.arguments.left) else { break }
        return try subcommand.run(&call)
    }
    throw ReplyError(
        "ERR unknown subcommand or wrong number of arguments for '", quoting: name, most: 128, "'. Try DEBUG HELP.")
}

private func help(_ call: inout Call) {
    call.reply.help("DEBUG", Subcommand.all.flatMap { $0.explanation })
}

// MARK: - Data

private func digest(_ call: inout Call) {
    call.reply.simple(line: Digest(call.engine.databases).text)
}

private func digestValue(_ call: inout Call) throws(ReplyError) {
    call.reply.array(call.arguments.left)
    while !call.arguments.isEmpty {
        let entry = call.database.find(try call.key())
        call.reply.simple(line: (entry.map { Digest($0.record) } ?? Digest()).text)
    }
}

private func describeObject(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.find(try call.key())?.record else { throw .noSuchKey }
    call.reply.simple(
        line: "Value at:\(record.addressText) refcount:\(call.engine.references(to: record)) "
            + "encoding:\(record.encoding) serializedlength:\(record.serializedCount) "
            + "lru:\(record.access) lru_seconds_idle:\(call.engine.keyspace.idleSeconds(record))")
}

extension Record {
    /// How many bytes the value takes in a snapshot, not compressed.
    var serializedCount: Int {
        if type == .sortedSet { return SortedSet(self).serializedCount }
        switch string {
        case .integer(let value):
            if Int(Int8(truncatingIfNeeded: value)) == value { return 2 }
            if Int(Int16(truncatingIfNeeded: value)) == value { return 3 }
            if Int(Int32(truncatingIfNeeded: value)) == value { return 5 }
            return 1 + Decimal.digits(value)
        case .bytes(let bytes): return Record.serializedCount(bytes.count)
        }
    }

    /// The same for a string of that length.
    fileprivate static func serializedCount(_ count: Int) -> Int {
        (count < 64 ? 1 : count < 16_384 ? 2 : 5) + count
    }
}

extension SortedSet {
    fileprivate var serializedCount: Int {
        switch self {
        case .packed(let list): return Record.serializedCount(list.listpackBytes)
        case .ordered(let object):
            var sum = Record.serializedCount(object.count) - object.count
            object.members.forEach { sum += Record.serializedCount($0.key.count) + 8 }
            return sum
        }
    }
}

/// Keys that exist are left as they are, and a size of 0 is each value's own. Nothing is counted as a change.
private func populate(_ call: inout Call) throws(ReplyError) {
    let notPositive = ReplyError(line: "ERR value is out of range, must be positive")
    let count = try call.arguments.integer(orThrow: notPositive)
    let prefix = call.arguments.isEmpty ? Bytes("key") : try call.arguments.next()
    let size = call.arguments.isEmpty ? 0 : try call.arguments.integer(orThrow: notPositive)
    guard count >= 0, size >= 0 else { throw notPositive }
    guard size <= call.engine.maxBulkBytes else {
        throw ReplyError(line: "ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    }

    let start = Array(prefix) + [UInt8(ascii: ":")]
    for number in 0..<count {
        let name = start + Array(String(number).utf8)
        var value = Array("value:\(number)".utf8)
        if size > 0 { value = Array(value.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - value.count)) }
        name.withBytes { name in
            let key = Key(bytes: name, hash: call.engine.hash(name))
            if call.database.find(key) == nil { value.withBytes { call.database.setBytes(key, $0) } }
        }
    }
    call.reply.ok()
}

private func setActiveExpiry(_ call: inout Call) throws(ReplyError) {
    call.engine.keyspace.expiresActively = try call.arguments.next().leadingInt32 != 0
    call.reply.ok()
}

// MARK: - Tables

private func tableStatistics(_ call: inout Call) throws(ReplyError) {
    let index = try call.arguments.integer()
    guard call.engine.databases.indices.contains(index) else { throw ReplyError(line: "ERR Out of range database") }
    let database = call.engine.databases[index]
    var text = "[Dictionary HT]\n"
    let arrays = database.table.occupancies()
    for (number, occupancy) in arrays.enumerated() where number > 0 || occupancy.records > 0 {
        text += describe(occupancy, number)
    }
    if database.table.count == 0 { text += emptyTable }
    text += "[Expires HT]\n"
    // Deadlines are kept in order, in a tree: each has a place of its own.
    let deadlines = database.deadlines.count
    text += deadlines == 0 ? emptyTable : describe(Occupancy(counts: [0, deadlines]), 0)
    call.reply.verbatim(Array(text.utf8))
}

private let emptyTable = """
    Hash table 0 stats (main hash table):
    No stats available for empty dictionaries

    """

/// A bucket counts as a slot, the records in it as its chain.
private func describe(_ occupancy: Occupancy, _ number: Int) -> String {
    let used = occupancy.buckets - occupancy.counts[0]
    let average = hundredths(occupancy.records, used)
    var text = """
        Hash table \(number) stats (\(number == 0 ? "main hash table" : "rehashing target")):
         table size: \(occupancy.buckets)
         number of elements: \(occupancy.records)
         different slots: \(used)
         max chain length: \(occupancy.counts.lastIndex { $0 > 0 } ?? 0)
         avg chain length (counted): \(average)
         avg chain length (computed): \(average)
         Chain length distribution:

        """
    for (length, slots) in occupancy.counts.enumerated() where slots > 0 {
        text += "   \(length): \(slots) (\(hundredths(slots * 100, occupancy.buckets))%)\n"
    }
    return text
}

/// A quotient with two decimals.
private func hundredths(_ dividend: Int, _ divisor: Int) -> String {
    guard divisor > 0 else { return "0.00" }
    let (whole, rest) = ((dividend * 200 + divisor) / (divisor * 2)).quotientAndRemainder(dividingBy: 100)
    return "\(whole).\(rest / 10)\(rest % 10)"
}

private func valueTableStatistics(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.find(try call.key())?.record else { throw .noSuchKey }
    guard let table = record.memberTable else {
        throw ReplyError(line: "ERR The value stored at the specified key is not represented using an hash table")
    }
    let text = table.occupancies().enumerated().map { describe($1, $0) }.joined()
    call.reply.verbatim(Array(text.utf8))
}

// MARK: - Server

private func changeReplicationID(_ call: inout Call) {
    call.engine.log.warning("Changing replication IDs after receiving DEBUG change-repl-id")
    call.engine.changeReplicationID()
    call.reply.ok()
}

private func log(_ call: inout Call) throws(ReplyError) {
    call.engine.log.warning("DEBUG LOG: \(String(try call.arguments.next()))")
    call.reply.ok()
}

/// What is no number counts as zero, as in C.
private func sleep(_ call: inout Call) throws(ReplyError) {
    let seconds = try call.arguments.next().leadingDouble
    if seconds > 0, seconds < Double(Int32.max) {
        SystemTime.sleep(seconds)
    }
    // A transaction is one moment, however long it takes.
    if !call.client.flags.contains(.denyBlocking) { call.engine.clock.refresh() }
    call.reply.ok()
}

// MARK: - Protocol

private func matchString(_ call: inout Call) throws(ReplyError) {
    let pattern = try call.arguments.next()
    let text = try call.arguments.next()
    call.reply.integer(Glob.matches(pattern, text, ignoringCase: false) ? 1 : 0)
}

private func answerError(_ call: inout Call) throws(ReplyError) {
    throw ReplyError(line: String(try call.arguments.next()))
}

private func protocolExample(_ call: inout Call) throws(ReplyError) {
    let type = try call.arguments.next()
    let reply = call.reply
    if type.matches("string") {
        reply.bulk(Bytes("Hello World"))
    } else if type.matches("integer") {
        reply.integer(12_345)
    } else if type.matches("double") {
        reply.double(text: Array("3.141".utf8))
    } else if type.matches("bignum") {
        reply.bigNumber("1234567999999999999999999999999999999")
    } else if type.matches("null") {
        reply.null()
    } else if type.matches("array") {
        reply.array(3)
        for number in 0..<3 { reply.integer(number) }
    } else if type.matches("set") {
        reply.set(3)
        for number in 0..<3 { reply.integer(number) }
    } else if type.matches("map") {
        reply.map(3)
        for number in 0..<3 {
            reply.integer(number)
            reply.boolean(number == 1)
        }
    } else if type.matches("attrib") {
        attributeExample(reply)
    } else if type.matches("push") {
        try pushExample(reply)
    } else if type.matches("verbatim") {
        reply.verbatim(Array("This is a verbatim\nstring".utf8))
    } else if type.matches("true") || type.matches("false") {
        reply.boolean(type.matches("true"))
    } else {
        throw ReplyError(
            line: "ERR Wrong protocol type name. Please use one of the following: "
                + "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
    }
}

private func attributeExample(_ reply: ReplyWriter) {
    if reply.isRESP3 {
        reply.attribute(1)
        reply.bulk(Bytes("key-popularity"))
        reply.array(2)
        reply.bulk(Bytes("key:123"))
        reply.integer(90)
    }
    reply.bulk(Bytes("Some real reply following the attribute"))
}

private func pushExample(_ reply: ReplyWriter) throws(ReplyError) {
    guard reply.isRESP3 else { throw ReplyError(line: "ERR RESP2 is not supported by this command") }
    reply.push(2)
    reply.bulk(Bytes("server-cpu-usage"))
    reply.integer(42)
    reply.bulk(Bytes("Some real reply following the push reply"))
}

// MARK: - Numbers as C reads them

extension Bytes {
    /// The number at the beginning; 0 where there is none.
    fileprivate var leadingDouble: Double {
        let start = leadingSpaces
        for end in stride(from: min(count, start + 40), to: start, by: -1) {
            if let value = NumberText.double(self[start..<end]) { return value }
        }
        return 0
    }
}
