/// A reply as it came over the wire: its type, its own bytes, and its elements. Nothing is interpreted, so two replies
/// are equal exactly when their bytes are.
typealias Bytes = [UInt8]

struct Reply: Equatable {
    enum Kind: UInt8 {
        case simple = 0x2B
        case error = 0x2D
        case integer = 0x3A
        case bulk = 0x24
        case array = 0x2A
        case null = 0x5F
        case boolean = 0x23
        case double = 0x2C
        case bigNumber = 0x28
        case bulkError = 0x21
        case verbatim = 0x3D
        case map = 0x25
        case set = 0x7E
        case push = 0x3E
        case attribute = 0x7C
        /// RESP2's `$-1`; it has no type byte of its own.
        case nilBulk = 0
        /// RESP2's `*-1`.
        case nilArray = 1
    }

    var kind: Kind
    var text: Bytes = []
    /// The elements of an aggregate; a map's keys and values alternate.
    var items: [Reply] = []

    var isError: Bool { kind == .error || kind == .bulkError }
    var isNull: Bool { kind == .null || kind == .nilBulk || kind == .nilArray }

    /// The number that an integer or a bulk string of digits holds.
    var number: Int? { Int(String(decoding: text, as: UTF8.self)) }

    /// The text of a scalar, for messages and lookups.
    var string: String { String(decoding: text, as: UTF8.self) }

    /// What a RESP2 client gets where a RESP3 client gets this: Redis' own rule, applied at every level.
    func inRESP2() -> Reply {
        let elements = items.map { $0.inRESP2() }
        switch kind {
        case .map, .set, .push: return Reply(kind: .array, items: elements)
        case .double, .bigNumber, .verbatim: return Reply(kind: .bulk, text: text)
        case .boolean: return Reply(kind: .integer, text: text == [0x74] ? [0x31] : [0x30])
        case .null: return Reply(kind: .nilBulk)
        case .bulkError: return Reply(kind: .error, text: text)
        default: return Reply(kind: kind, text: text, items: elements)
        }
    }
}

/// Why the conformance tools cannot go on: a file that does not parse, a server that is not there.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Reads replies from bytes that arrive in pieces.
struct ReplyReader {
    enum Outcome {
        case reply(Reply, end: Int)
        case incomplete
        case malformed(String)
    }

    /// The reply that begins at `start`, if all of it is there.
    static func read(_ bytes: Bytes, at start: Int, depth: Int = 0) -> Outcome {
        guard depth < 64 else { return .malformed("a reply nested too deeply") }
        guard start < bytes.count else { return .incomplete }
        guard let kind = Reply.Kind(rawValue: bytes[start]), bytes[start] > 1 else {
            return .malformed("a reply begins with byte \(bytes[start])")
        }
        guard let lineEnd = endOfLine(bytes, from: start + 1) else { return .incomplete }
        let line = Bytes(bytes[(start + 1)..<lineEnd])
        switch kind {
        case .bulk, .bulkError, .verbatim:
            return readBulk(kind, line, bytes, at: lineEnd + 2)
        case .array, .map, .set, .push, .attribute:
            return readAggregate(kind, line, bytes, at: lineEnd + 2, depth: depth)
        default:
            return .reply(Reply(kind: kind, text: line), end: lineEnd + 2)
        }
    }

    private static func readBulk(_ kind: Reply.Kind, _ line: Bytes, _ bytes: Bytes, at body: Int) -> Outcome {
        guard let length = count(line) else { return .malformed("a bad bulk length") }
        if length < 0 {
            return kind == .bulk ? .reply(Reply(kind: .nilBulk), end: body) : .malformed("a negative length")
        }
        guard bytes.count >= body + length + 2 else { return .incomplete }
        guard bytes[body + length] == 13, bytes[body + length + 1] == 10 else {
            return .malformed("a bulk string without its line end")
        }
        return .reply(Reply(kind: kind, text: Bytes(bytes[body..<(body + length)])), end: body + length + 2)
    }

    private static func readAggregate(
        _ kind: Reply.Kind, _ line: Bytes, _ bytes: Bytes, at body: Int, depth: Int
    ) -> Outcome {
        guard let length = count(line) else { return .malformed("a bad aggregate length") }
        if length < 0 {
            return kind == .array ? .reply(Reply(kind: .nilArray), end: body) : .malformed("a negative length")
        }
        var position = body
        var items: [Reply] = []
        for _ in 0..<(kind == .map || kind == .attribute ? 2 * length : length) {
            switch read(bytes, at: position, depth: depth + 1) {
            case .reply(let item, let end):
                items.append(item)
                position = end
            case .incomplete: return .incomplete
            case .malformed(let why): return .malformed(why)
            }
        }
        return .reply(Reply(kind: kind, items: items), end: position)
    }

    /// Where the reply that begins at `start` ends, without building it: what the fuzzer needs to cut a pipeline's
    /// answers apart. Nil while part of it is missing.
    static func end(of bytes: Bytes, at start: Int) throws(Failure) -> Int? {
        var position = start
        var pending = 1
        while pending > 0 {
            guard position < bytes.count, let lineEnd = endOfLine(bytes, from: position + 1) else { return nil }
            pending -= 1
            let type = bytes[position]
            let body = lineEnd + 2
            switch type {
            case 0x24, 0x21, 0x3D:
                guard let length = count(bytes[(position + 1)..<lineEnd]) else { throw Failure("a bad bulk length") }
                position = length < 0 ? body : body + length + 2
            case 0x2A, 0x7E, 0x3E, 0x25, 0x7C:
                guard let length = count(bytes[(position + 1)..<lineEnd]) else { throw Failure("a bad array length") }
                let elements = type == 0x25 || type == 0x7C ? 2 * length : length
                pending += max(0, elements)
                position = body
            default:
                guard Reply.Kind(rawValue: type) != nil, type > 1 else {
                    throw Failure("a reply begins with byte \(type)")
                }
                position = body
            }
            if position > bytes.count { return nil }
        }
        return position
    }

    private static func endOfLine(_ bytes: Bytes, from start: Int) -> Int? {
        var position = start
        while position + 1 < bytes.count {
            if bytes[position] == 13, bytes[position + 1] == 10 { return position }
            position += 1
        }
        return nil
    }

    private static func count(_ digits: some Collection<UInt8>) -> Int? {
        var value = 0
        var negative = false
        guard !digits.isEmpty else { return nil }
        for (index, byte) in digits.enumerated() {
            if index == 0, byte == 0x2D, digits.count > 1 {
                negative = true
                continue
            }
            guard byte >= 0x30, byte <= 0x39, value < 1 << 40 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return negative ? -value : value
    }
}
