/// Stream IDs as words, and the options that several stream commands share.
extension EntryID {
    /// `milliseconds-sequence`, or the milliseconds alone, with `sequence` for the rest.
    init?(_ word: Bytes, sequence missing: UInt64) {
        guard let (time, rest) = EntryID.split(word) else { return nil }
        var sequence = missing
        if let rest {
            guard let number = NumberText.lenientUnsignedInteger(rest) else { return nil }
            sequence = number
        }
        self.init(milliseconds: time, sequence: sequence)
    }

    /// The milliseconds, and what stands behind the dash, if there is one.
    fileprivate static func split(_ word: Bytes) -> (time: UInt64, rest: Bytes?)? {
        guard word.count <= longestWord else { return nil }
        let text = word.upToZero
        let dash = text.firstIndex(of: UInt8(ascii: "-"))
        guard let time = plain(text[0..<(dash ?? text.count)]) else { return nil }
        return (time, dash.map { text[$0 + 1..<text.count] })
    }

    /// Nearly all numbers are nothing but digits.
    @inline(__always)
    private static func plain(_ digits: Bytes) -> UInt64? {
        NumberText.unsignedInteger(digits) ?? NumberText.lenientUnsignedInteger(digits)
    }

    private static let longestWord = 127
}

/// The ID that XADD is to give.
enum RequestedID {
    /// `*`: the server chooses.
    case automatic
    /// `1-*`: the server chooses the number within the millisecond.
    case within(UInt64)
    case exact(EntryID)

    init(_ word: Bytes) throws(ReplyError) {
        if word.count == 1, word[0] == UInt8(ascii: "*") {
            self = .automatic
            return
        }
        guard let (time, rest) = EntryID.split(word) else { throw .invalidStreamID }
        if let rest, rest.count == 1, rest[0] == UInt8(ascii: "*") {
            self = .within(time)
            return
        }
        guard let id = EntryID(word, sequence: 0) else { throw .invalidStreamID }
        self = .exact(id)
    }
}

extension Arguments {
    /// An ID that is no `-` and no `+`.
    @inline(__always)
    mutating func streamID() throws(ReplyError) -> EntryID {
        guard let id = EntryID(try next(), sequence: 0) else { throw .invalidStreamID }
        return id
    }

    /// Where a range begins: an ID, `-`, `+`, or with a parenthesis what comes after an ID.
    mutating func rangeStart() throws(ReplyError) -> EntryID {
        let word = try next()
        let (id, isExclusive) = try Arguments.bound(word, sequence: 0)
        guard isExclusive else { return id }
        guard let next = id.next else { throw .invalidStreamStart }
        return next
    }

    mutating func rangeEnd() throws(ReplyError) -> EntryID {
        let word = try next()
        let (id, isExclusive) = try Arguments.bound(word, sequence: .max)
        guard isExclusive else { return id }
        guard let previous = id.previous else { throw .invalidStreamEnd }
        return previous
    }

    private static func bound(_ word: Bytes, sequence: UInt64) throws(ReplyError) -> (EntryID, isExclusive: Bool) {
        if word.count > 1, word[0] == UInt8(ascii: "(") {
            guard let id = EntryID(word[1..<word.count], sequence: sequence) else { throw .invalidStreamID }
            return (id, true)
        }
        if word.count == 1, word[0] == UInt8(ascii: "-") { return (.zero, false) }
        if word.count == 1, word[0] == UInt8(ascii: "+") { return (.max, false) }
        guard let id = EntryID(word, sequence: sequence) else { throw .invalidStreamID }
        return (id, false)
    }
}

/// MAXLEN or MINID with what belongs to it, as XADD and XTRIM take it; options in any order.
struct TrimArguments {
    private(set) var trim: StreamTrim?
    private var limit: Int?

    /// Takes the next words if they are one of these options. Each of them needs a word after it.
    mutating func take(_ arguments: inout Arguments) throws(ReplyError) -> Bool {
        guard arguments.left > 1 else { return false }
        if arguments.take("MAXLEN") {
            let isApproximate = try begin(&arguments)
            let count = try arguments.integer()
            guard count >= 0 else { throw .negativeMaxLen }
            trim = StreamTrim(threshold: .count(count), isApproximate: isApproximate)
            return true
        }
        if arguments.take("MINID") {
            let isApproximate = try begin(&arguments)
            trim = StreamTrim(threshold: .id(try arguments.streamID()), isApproximate: isApproximate)
            return true
        }
        if arguments.take("LIMIT") {
            let value = try arguments.integer()
            guard value >= 0 else { throw .negativeTrimLimit }
            limit = value
            return true
        }
        return false
    }

    /// `~` or `=`, where a threshold is still to come.
    private func begin(_ arguments: inout Arguments) throws(ReplyError) -> Bool {
        guard trim == nil else { throw .twoTrimStrategies }
        guard arguments.left > 1 else { return false }
        if arguments.take("~") { return true }
        _ = arguments.take("=")
        return false
    }

    /// Completes what was taken, for a stream whose blocks hold so many entries.
    mutating func finish(blockEntries: Int, isTrimCommand: Bool = false) throws(ReplyError) {
        if let limit, limit > 0, trim == nil { throw .limitWithoutStrategy }
        guard !isTrimCommand || trim != nil else { throw .trimWithoutStrategy }
        guard trim?.isApproximate == true else {
            if limit != nil { throw .limitWithoutTilde }
            return
        }
        trim?.limit = limit ?? TrimArguments.defaultLimit(blockEntries)
    }

    /// How many entries an approximate trim takes at most when nothing was said.
    private static func defaultLimit(_ blockEntries: Int) -> Int {
        let (limit, overflow) = blockEntries.multipliedReportingOverflow(by: 100)
        if limit == 0 { return 10_000 }
        return overflow ? 1_000_000 : min(limit, 1_000_000)
    }
}

/// The fields and values at the end of XADD's words.
struct ArgumentFields: EntrySource {
    private let arguments: Arguments
    private let start: Int
    let fieldCount: Int

    init(_ arguments: Arguments) {
        self.arguments = arguments
        start = arguments.position
        fieldCount = arguments.left / 2
    }

    @inline(__always)
    func field(_ index: Int) -> Bytes { arguments[start &+ 2 &* index] }

    @inline(__always)
    func value(_ index: Int) -> Bytes { arguments[start &+ 2 &* index &+ 1] }

    /// The length of all fields and values.
    @inline(__always)
    var byteCount: Int {
        var sum = 0
        for index in start..<start &+ 2 &* fieldCount { sum &+= arguments[index].count }
        return sum
    }
}

extension Call {
    /// The stream at `key`, for a command that reads.
    @inline(__always)
    func stream(_ key: Key) throws(ReplyError) -> Stream? {
        guard let record = try database.read(key, as: .stream) else { return nil }
        return record.object as? Stream
    }

    /// The same, for a command that writes.
    @inline(__always)
    func writableStream(_ key: Key) throws(ReplyError) -> Stream? {
        guard let entry = try database.write(key, as: .stream) else { return nil }
        return entry.record.object as? Stream
    }

    /// Makes an empty stream at `key`, where nothing is.
    func makeStream(_ key: Key) -> Stream {
        let stream = Stream(database.keyspace)
        database.setObject(key, stream, ValueKind.stream)
        return stream
    }
}

extension ReplyWriter {
    /// An entry: its ID, and its fields and values.
    @inline(__always)
    func entry(_ entry: LogEntry) {
        var entry = entry
        array(2)
        bulk(entry.id)
        array(entry.fieldCount &* 2)
        for _ in 0..<entry.fieldCount {
            let (field, value) = entry.next()
            bulk(field)
            bulk(value)
        }
    }

    /// The entries of a walk upwards, `most` at most.
    @inline(__always)
    func entries(_ walk: Stream.Walk, most: Int) {
        var walk = walk
        let mark = beginArray()
        var count = 0
        while count < most, let next = walk.next() {
            entry(next)
            count &+= 1
        }
        finish(mark, array: count)
    }
}
