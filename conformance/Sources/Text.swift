/// Bytes as readable text and back: the quoting of case files, which is redis-cli's with one addition, `\{x*1000}` for
/// a run of equal bytes.
enum Text {
    /// Runs at least this long are written as a run.
    private static let shortestRun = 48

    static func quote(_ bytes: Bytes) -> String {
        "\"" + escape(bytes, quotes: true) + "\""
    }

    /// A word of a command: bare where that is unmistakable, otherwise quoted.
    static func word(_ bytes: Bytes) -> String {
        let special: Bytes = Array("\"'\\$#".utf8)
        let isPlain = !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && !special.contains($0) }
        return isPlain && bytes.count < shortestRun ? String(decoding: bytes, as: UTF8.self) : quote(bytes)
    }

    static func words(_ words: [Bytes]) -> String { words.map(word).joined(separator: " ") }

    static func escape(_ bytes: Bytes, quotes: Bool = false) -> String {
        var text = ""
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            var end = index + 1
            while end < bytes.count && bytes[end] == byte { end += 1 }
            if end - index >= shortestRun {
                text += "\\{" + escapeOne(byte, quotes: quotes) + "*\(end - index)}"
                index = end
            } else {
                text += escapeOne(byte, quotes: quotes)
                index += 1
            }
        }
        return text
    }

    private static func escapeOne(_ byte: UInt8, quotes: Bool) -> String {
        switch byte {
        case 0x0A: return "\\n"
        case 0x0D: return "\\r"
        case 0x09: return "\\t"
        case 0x5C: return "\\\\"
        case 0x22 where quotes: return "\\\""
        case 0x20..<0x7F: return String(UnicodeScalar(byte))
        default:
            let digits = String(byte, radix: 16)
            return "\\x" + (digits.count == 1 ? "0" : "") + digits
        }
    }

    /// Undoes `escape`.
    static func unescape(_ text: some Collection<UInt8>) throws(Failure) -> Bytes {
        let source = Bytes(text)
        var result: Bytes = []
        var index = 0
        while index < source.count { try unescapeOne(source, &index, into: &result) }
        return result
    }

    private static func unescapeOne(_ source: Bytes, _ index: inout Int, into result: inout Bytes) throws(Failure) {
        guard source[index] == 0x5C else {
            result.append(source[index])
            index += 1
            return
        }
        guard index + 1 < source.count else { throw Failure("a backslash at the end") }
        let letter = source[index + 1]
        index += 2
        switch letter {
        case 0x6E: result.append(10)
        case 0x72: result.append(13)
        case 0x74: result.append(9)
        case 0x61: result.append(7)
        case 0x62: result.append(8)
        case 0x78:
            guard index + 2 <= source.count,
                let byte = UInt8(String(decoding: source[index..<(index + 2)], as: UTF8.self), radix: 16)
            else { throw Failure("\\x needs two hexadecimal digits") }
            result.append(byte)
            index += 2
        case 0x7B:
            var one: Bytes = []
            try unescapeOne(source, &index, into: &one)
            guard index < source.count, source[index] == 0x2A, let byte = one.first,
                let close = source[index...].firstIndex(of: 0x7D),
                let count = Int(String(decoding: source[(index + 1)..<close], as: UTF8.self))
            else { throw Failure("a run is written \\{x*1000}") }
            result.append(contentsOf: repeatElement(byte, count: count))
            index = close + 1
        default: result.append(letter)
        }
    }

    /// Splits a line into words at blanks, with "…" (escapes) and '…' (none but \').
    static func split(_ line: Bytes) throws(Failure) -> [Bytes] {
        var words: [Bytes] = []
        var index = 0
        while true {
            while index < line.count && line[index] == 0x20 { index += 1 }
            guard index < line.count else { return words }
            words.append(try nextWord(line, &index))
        }
    }

    private static func nextWord(_ line: Bytes, _ index: inout Int) throws(Failure) -> Bytes {
        var word: Bytes = []
        while index < line.count && line[index] != 0x20 {
            let quote = line[index]
            guard quote == 0x22 || quote == 0x27 else {
                word.append(quote)
                index += 1
                continue
            }
            index += 1
            while true {
                guard index < line.count else { throw Failure("an unbalanced quote") }
                if line[index] == quote { break }
                if quote == 0x22 {
                    try unescapeOne(line, &index, into: &word)
                } else {
                    if line[index] == 0x5C, index + 1 < line.count, line[index + 1] == 0x27 { index += 1 }
                    word.append(line[index])
                    index += 1
                }
            }
            index += 1
        }
        return word
    }

    /// Puts values in the place of `${name}`; a name that `value` does not know stays.
    static func substitute(_ word: Bytes, _ value: (String) -> String?) -> Bytes {
        guard word.contains(0x24) else { return word }
        var result: Bytes = []
        var index = 0
        while index < word.count {
            if word[index] == 0x24, index + 1 < word.count, word[index + 1] == 0x7B,
                let close = word[index...].firstIndex(of: 0x7D),
                let found = value(String(decoding: word[(index + 2)..<close], as: UTF8.self))
            {
                result.append(contentsOf: found.utf8)
                index = close + 1
            } else {
                result.append(word[index])
                index += 1
            }
        }
        return result
    }

    /// Whether `bytes` match a pattern in which `*` stands for anything and `?` for one byte; a backslash takes the
    /// meaning from the byte behind it.
    static func matches(_ pattern: Bytes, _ bytes: Bytes) -> Bool {
        var star: (pattern: Int, bytes: Int)?
        var (at, position) = (0, 0)
        while position < bytes.count {
            if at < pattern.count, pattern[at] == 0x2A {
                star = (at, position)
                at += 1
            } else if at + 1 < pattern.count, pattern[at] == 0x5C, pattern[at + 1] == bytes[position] {
                at += 2
                position += 1
            } else if at < pattern.count, pattern[at] != 0x5C,
                pattern[at] == 0x3F || pattern[at] == bytes[position]
            {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.bytes + 1)
                (at, position) = (last.pattern + 1, last.bytes + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == 0x2A }
    }

    static func isLess(_ left: Bytes, _ right: Bytes) -> Bool { left.lexicographicallyPrecedes(right) }
}

extension String {
    var bytes: Bytes { Bytes(utf8) }
    init(_ bytes: Bytes) { self = String(decoding: bytes, as: UTF8.self) }

    var trimmed: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
