/// What a case file expects as a reply: exact bytes, or a looser description.
///
/// Patterns are written for RESP3. A RESP2 connection is held to what Redis makes of that reply for RESP2 clients (a
/// map becomes a flat array, a double a bulk string, and so on), so most cases are written once.
indirect enum Pattern {
    enum Order { case given, any, contains }
    enum Kinds {
        case every
        case one(Reply.Kind)
        case null
    }

    case scalar(Reply.Kind, Bytes)
    case null(array: Bool)
    case aggregate(Reply.Kind, [Pattern], Order)
    /// Any number of elements, each like the pattern; for a map two patterns, for its keys and its values.
    case each(Reply.Kind, [Pattern])
    case any(Kinds)
    case range(Reply.Kind, Double, Double)
    case like(Reply.Kind, Bytes)
    /// A text whose lines match these; all in order, or each somewhere.
    case lines(Reply.Kind, [Bytes], inOrder: Bool)
    /// What the reply says is kept under the name, for `${name}` in later commands.
    case captured(Pattern, as: String)
    /// The server closes the connection.
    case closed
    /// Nothing arrives for a while.
    case nothing
    /// The reply comes, if at all, later.
    case later

    /// Whether the pattern is more than the reply's own bytes, so that recording must keep it.
    var isLoose: Bool {
        switch self {
        case .scalar, .null: false
        case .aggregate(_, let items, let order): order != .given || items.contains { $0.isLoose }
        default: true
        }
    }
}

extension Reply.Kind {
    /// The type that a RESP2 client sees.
    func seen(by version: Int) -> Reply.Kind {
        guard version == 2 else { return self }
        switch self {
        case .map, .set, .push: return .array
        case .double, .bigNumber, .verbatim: return .bulk
        case .boolean: return .integer
        case .bulkError: return .error
        default: return self
        }
    }
}

/// Compares replies with patterns, and collects what patterns capture.
struct Matcher {
    /// The protocol that the pattern is to be read for; nil when it says the wire's own types.
    var version: Int?
    var captures: [String: String] = [:]
    /// What `${name}` stands for in a glob, where it is no capture.
    var value: (String) -> String? = { _ in nil }

    private func substituted(_ glob: Bytes) -> Bytes {
        Text.substitute(glob) { captures[$0] ?? value($0) }
    }

    private func kind(_ kind: Reply.Kind) -> Reply.Kind { kind.seen(by: version ?? 3) }

    mutating func matches(_ pattern: Pattern, _ reply: Reply) -> Bool {
        switch pattern {
        case .scalar(let kind, let text):
            if kind == .boolean && self.kind(kind) == .integer {
                return reply == Reply(kind: .boolean, text: text).inRESP2()
            }
            return reply.kind == self.kind(kind) && reply.text == text
        case .null(let array):
            if version == 3 { return reply.kind == .null }
            return reply.kind == (array ? .nilArray : .nilBulk)
        case .aggregate(let kind, let items, let order):
            guard reply.kind == self.kind(kind) else { return false }
            return matchItems(items, reply.items, order, stride: kind == .map ? 2 : 1)
        case .each(let kind, let patterns):
            guard reply.kind == self.kind(kind), reply.items.count % patterns.count == 0 else { return false }
            for (index, item) in reply.items.enumerated() {
                guard matches(patterns[index % patterns.count], item) else { return false }
            }
            return true
        case .any(let kinds): return matches(kinds, reply)
        case .range(let kind, let low, let high):
            guard reply.kind == self.kind(kind), let value = Double(reply.string) else { return false }
            return value >= low && value <= high
        case .like(let kind, let glob):
            return reply.kind == self.kind(kind) && Text.matches(substituted(glob), reply.text)
        case .lines(let kind, let globs, let inOrder):
            return reply.kind == self.kind(kind) && matchLines(globs, reply.text, inOrder: inOrder)
        case .captured(let inner, let name):
            guard matches(inner, reply) else { return false }
            captures[name] = reply.string
            return true
        case .closed, .nothing, .later: return false
        }
    }

    private func matches(_ kinds: Pattern.Kinds, _ reply: Reply) -> Bool {
        switch kinds {
        case .every: true
        case .null: reply.isNull
        case .one(let kind): reply.kind == self.kind(kind)
        }
    }

    private mutating func matchItems(
        _ patterns: [Pattern], _ replies: [Reply], _ order: Pattern.Order, stride: Int
    ) -> Bool {
        if order != .contains && patterns.count != replies.count { return false }
        if order == .given {
            for (pattern, reply) in zip(patterns, replies) {
                guard matches(pattern, reply) else { return false }
            }
            return true
        }
        var free = Set(Swift.stride(from: 0, to: replies.count - stride + 1, by: stride))
        for start in Swift.stride(from: 0, to: patterns.count, by: stride) {
            let place = free.sorted().first { position in
                var trial = self
                return (0..<stride).allSatisfy {
                    trial.matches(patterns[start + $0], replies[position + $0])
                }
            }
            guard let place else { return false }
            for offset in 0..<stride { _ = matches(patterns[start + offset], replies[place + offset]) }
            free.remove(place)
        }
        return true
    }

    private func matchLines(_ written: [Bytes], _ text: Bytes, inOrder: Bool) -> Bool {
        let globs = written.map { substituted($0) }
        var lines = text.split(separator: 10, omittingEmptySubsequences: false).map { Bytes($0) }
        for index in lines.indices where lines[index].last == 13 { lines[index].removeLast() }
        if inOrder {
            if lines.last?.isEmpty == true { lines.removeLast() }
            return lines.count == globs.count && zip(globs, lines).allSatisfy { Text.matches($0, $1) }
        }
        return globs.allSatisfy { glob in lines.contains { Text.matches(glob, $0) } }
    }
}
