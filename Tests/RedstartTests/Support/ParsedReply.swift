/// A reply in RESP3, read back, for tests that look at its parts.
enum ParsedReply: Equatable {
    case null
    case text(String)
    case error(String)
    case integer(Int)
    case boolean(Bool)
    case array([ParsedReply])
    case set([ParsedReply])
    case map([Pair])

    struct Pair: Equatable {
        let key: ParsedReply
        let value: ParsedReply
    }

    /// Nil unless `text` is exactly one whole reply.
    init?(_ text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let reply = reader.reply(), reader.position == reader.bytes.count else { return nil }
        self = reply
    }

    var string: String? { if case .text(let text) = self { text } else { nil } }

    var number: Int? { if case .integer(let number) = self { number } else { nil } }

    /// The elements of an array or a set.
    var elements: [ParsedReply] {
        switch self {
        case .array(let elements), .set(let elements): elements
        default: []
        }
    }

    /// The value in a map at a key that is text.
    subscript(key: String) -> ParsedReply? {
        guard case .map(let pairs) = self else { return nil }
        return pairs.first { $0.key == .text(key) }?.value
    }

    var keys: [String] {
        guard case .map(let pairs) = self else { return [] }
        return pairs.compactMap { $0.key.string }
    }
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func reply() -> ParsedReply? {
        guard let line = line(), let type = line.first else { return nil }
        let rest = String(line.dropFirst())
        switch type {
        case "+": return .text(rest)
        case "-": return .error(rest)
        case ":": return Int(rest).map { .integer($0) }
        case "#": return .boolean(rest == "t")
        case "_": return .null
        case "$", "=": return Int(rest).flatMap { bulk($0) }
        case "*": return Int(rest).flatMap { replies($0) }.map { .array($0) }
        case "~": return Int(rest).flatMap { replies($0) }.map { .set($0) }
        case "%": return Int(rest).flatMap { replies($0 * 2) }.map { .map(ParsedReply.pairs($0)) }
        default: return nil
        }
    }

    private mutating func line() -> String? {
        guard let end = bytes[position...].firstIndex(of: 13) else { return nil }
        defer { position = end + 2 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    private mutating func bulk(_ count: Int) -> ParsedReply? {
        guard count >= 0 else { return .null }
        guard position + count + 2 <= bytes.count else { return nil }
        defer { position += count + 2 }
        return .text(String(decoding: bytes[position..<position + count], as: UTF8.self))
    }

    private mutating func replies(_ count: Int) -> [ParsedReply]? {
        var replies: [ParsedReply] = []
        for _ in 0..<max(0, count) {
            guard let next = reply() else { return nil }
            replies.append(next)
        }
        return replies
    }
}

extension ParsedReply {
    fileprivate static func pairs(_ replies: [ParsedReply]) -> [Pair] {
        stride(from: 0, to: replies.count - 1, by: 2).map { Pair(key: replies[$0], value: replies[$0 + 1]) }
    }
}
