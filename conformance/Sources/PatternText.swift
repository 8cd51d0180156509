/// The written form of replies and patterns, one line an element, elements of an aggregate two spaces deeper.
enum PatternText {
    // MARK: Writing

    /// A reply in the form that case files use.
    static func lines(_ reply: Reply, indent: String = "") -> [String] {
        switch reply.kind {
        case .simple: return [indent + "+" + line(reply.text)]
        case .error: return [indent + "-" + line(reply.text)]
        case .integer: return [indent + ":" + Text.escape(reply.text)]
        case .bulk: return [indent + Text.quote(reply.text)]
        case .bulkError: return [indent + "!" + Text.quote(reply.text)]
        case .verbatim:
            let format = String(reply.text.prefix(3).map { $0 })
            return [indent + "=" + format + ":" + Text.quote(Bytes(reply.text.dropFirst(4)))]
        case .double: return [indent + "," + Text.escape(reply.text)]
        case .bigNumber: return [indent + "(big " + Text.escape(reply.text) + ")"]
        case .boolean: return [indent + (reply.text == [0x74] ? "(true)" : "(false)")]
        case .null, .nilBulk: return [indent + "(nil)"]
        case .nilArray: return [indent + "(nil array)"]
        case .array, .map, .set, .push, .attribute:
            let pairs = reply.kind == .map || reply.kind == .attribute
            let count = pairs ? reply.items.count / 2 : reply.items.count
            let sign = String(UnicodeScalar(reply.kind.rawValue))
            return [indent + sign + String(count)]
                + reply.items.flatMap { lines($0, indent: indent + "  ") }
        }
    }

    /// Where two replies to the same command differ in a scalar, only its type.
    static func lines(_ reply: Reply, varyingAs other: Reply, indent: String = "") -> [String] {
        guard reply != other else { return lines(reply, indent: indent) }
        guard reply.kind == other.kind, reply.items.count == other.items.count, !reply.items.isEmpty else {
            let name = kinds.first { $0.value == reply.kind && reply.kind == other.kind }?.key
            return [indent + "(any" + (name.map { " " + $0 } ?? "") + ")"]
        }
        return [lines(reply, indent: indent)[0]]
            + zip(reply.items, other.items).flatMap { lines($0, varyingAs: $1, indent: indent + "  ") }
    }

    /// The text of a simple string or an error; a blank at the end must be seen.
    private static func line(_ text: Bytes) -> String {
        text.last == 0x20 ? Text.escape(Bytes(text.dropLast())) + "\\x20" : Text.escape(text)
    }

    /// The lines of a case file that expect these two replies: written once where RESP2's follows from RESP3's.
    static func lines(resp2: Reply?, _ version2: Int, resp3: Reply?, _ version3: Int) -> [String] {
        guard let resp3 else { return resp2.map { lines($0).map { "2| " + $0 } } ?? [] }
        guard let resp2 else { return lines(resp3).map { "3| " + $0 } }
        var common = resp3
        // Only RESP2 tells a null array from a null bulk string; keep its word.
        if version3 == 3, resp3.kind == .null, resp2.kind == .nilArray { common = resp2 }
        let text = lines(common)
        if let pattern = try? parse(text) {
            var matcher2 = Matcher(version: version2)
            var matcher3 = Matcher(version: version3)
            if matcher2.matches(pattern, resp2) && matcher3.matches(pattern, resp3) { return text }
        }
        return lines(resp2).map { "2| " + $0 } + lines(resp3).map { "3| " + $0 }
    }

    // MARK: Reading

    /// The pattern that these lines write.
    static func parse(_ lines: [String]) throws(Failure) -> Pattern {
        var index = 0
        let pattern = try parse(lines, &index, depth: 0)
        guard index == lines.count else { throw Failure("'\(lines[index])' is not part of the reply above it") }
        return pattern
    }

    /// The patterns of several replies, one after the other.
    static func parseAll(_ lines: [String]) throws(Failure) -> [Pattern] {
        var index = 0
        var patterns: [Pattern] = []
        while index < lines.count { patterns.append(try parse(lines, &index, depth: 0)) }
        return patterns
    }

    private static func depth(_ line: String) -> Int { line.utf8.prefix { $0 == 0x20 }.count }

    private static func parse(_ lines: [String], _ index: inout Int, depth: Int) throws(Failure) -> Pattern {
        let line = lines[index]
        guard Self.depth(line) == depth else { throw Failure("'\(line)' is indented wrongly") }
        index += 1
        var body = String(line.dropFirst(depth))
        var name: String?
        if let capture = body.range(of: ") as ") {
            name = String(body[capture.upperBound...])
            body = String(body[..<capture.lowerBound]) + ")"
        }
        let pattern = try parseOne(body, lines, &index, depth: depth)
        guard let name else { return pattern }
        return .captured(pattern, as: name)
    }

    private static func parseOne(
        _ body: String, _ lines: [String], _ index: inout Int, depth: Int
    ) throws(Failure) -> Pattern {
        guard let sign = body.utf8.first else { throw Failure("an empty line in a reply") }
        let rest = String(body.dropFirst())
        switch sign {
        case 0x2B: return .scalar(.simple, try Text.unescape(rest.utf8))
        case 0x2D: return .scalar(.error, try Text.unescape(rest.utf8))
        case 0x3A: return .scalar(.integer, try Text.unescape(rest.utf8))
        case 0x2C: return .scalar(.double, try Text.unescape(rest.utf8))
        case 0x22: return .scalar(.bulk, try quoted(body))
        case 0x21: return .scalar(.bulkError, try quoted(rest))
        case 0x3D: return .scalar(.verbatim, Bytes(rest.utf8.prefix(4)) + (try quoted(String(rest.dropFirst(4)))))
        case 0x28: return try parseParenthesis(body, lines, &index, depth: depth)
        case 0x2A, 0x25, 0x7E, 0x3E, 0x7C:
            guard let kind = Reply.Kind(rawValue: sign) else { break }
            return try parseAggregate(kind, rest, lines, &index, depth: depth)
        default: break
        }
        throw Failure("'\(body)' is not a reply")
    }

    private static func quoted(_ text: String) throws(Failure) -> Bytes {
        let words = try Text.split(text.bytes)
        guard words.count == 1, text.hasPrefix("\"") else { throw Failure("'\(text)' is not one quoted string") }
        return words[0]
    }

    private static func parseAggregate(
        _ kind: Reply.Kind, _ rest: String, _ lines: [String], _ index: inout Int, depth: Int
    ) throws(Failure) -> Pattern {
        var items: [Pattern] = []
        while index < lines.count && Self.depth(lines[index]) > depth {
            items.append(try parse(lines, &index, depth: depth + 2))
        }
        let words = rest.split(separator: " ", maxSplits: 1).map(String.init)
        let perItem = kind == .map || kind == .attribute ? 2 : 1
        if rest == "each" || rest == "contains" {
            guard !items.isEmpty, items.count % perItem == 0 else { throw Failure("'\(rest)' needs elements below") }
            return rest == "each" ? .each(kind, items) : .aggregate(kind, items, .contains)
        }
        guard let head = words.first, let count = Int(head), words.count == 1 || words[1] == "any order" else {
            throw Failure("'\(rest)' is not a number of elements")
        }
        guard items.count == count * perItem else {
            throw Failure("\(count) elements are announced and \(items.count / perItem) written")
        }
        return .aggregate(kind, items, words.count == 1 ? .given : .any)
    }

    private static let kinds: [String: Reply.Kind] = [
        "simple": .simple, "error": .error, "integer": .integer, "bulk": .bulk, "double": .double, "array": .array,
        "map": .map, "set": .set, "push": .push, "verbatim": .verbatim, "boolean": .boolean,
    ]

    private static func parseParenthesis(
        _ body: String, _ lines: [String], _ index: inout Int, depth: Int
    ) throws(Failure) -> Pattern {
        guard body.hasSuffix(")") else { throw Failure("'\(body)' does not end with a parenthesis") }
        let words = String(body.dropFirst().dropLast()).split(separator: " ", maxSplits: 2).map(String.init)
        switch words {
        case ["nil"]: return .null(array: false)
        case ["nil", "array"]: return .null(array: true)
        case ["true"]: return .scalar(.boolean, [0x74])
        case ["false"]: return .scalar(.boolean, [0x66])
        case ["any"]: return .any(.every)
        case ["any", "nil"]: return .any(.null)
        case ["closed"]: return .closed
        case ["nothing"]: return .nothing
        case ["later"]: return .later
        default: break
        }
        guard words.count >= 2 else { throw Failure("'\(body)' is not known") }
        if words[0] == "big" { return .scalar(.bigNumber, try Text.unescape(words[1].utf8)) }
        if words[0] == "any", let kind = kinds[words[1]] { return .any(.one(kind)) }
        guard let kind = kinds[words[0]] else { throw Failure("'\(body)' is not known") }
        if words[1] == "lines" || words[1] == "with" {
            var globs: [Bytes] = []
            while index < lines.count && Self.depth(lines[index]) > depth {
                globs.append(String(lines[index].dropFirst(depth + 2)).bytes)
                index += 1
            }
            return .lines(kind, globs, inOrder: words[1] == "lines")
        }
        if words[1] == "like", words.count == 3 { return .like(kind, try glob(words[2])) }
        let limits = words[1].split(separator: "..", omittingEmptySubsequences: false).map { Double(String($0)) }
        guard limits.count == 2, let low = limits[0], let high = limits[1] else {
            throw Failure("'\(body)' is not known")
        }
        return .range(kind, low, high)
    }

    /// A quoted glob. A star that stands for itself is written `\\\\*`.
    private static func glob(_ text: String) throws(Failure) -> Bytes {
        guard text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count >= 2 else {
            throw Failure("a glob is written in quotes")
        }
        return try Text.unescape(text.utf8.dropFirst().dropLast())
    }
}

extension String {
    /// The first place of `text` in this string.
    func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
