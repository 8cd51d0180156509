/// Splits a line into words as inline commands and configuration files do: double quotes with escapes (`\n`, `\xff`),
/// single quotes in which only `\'` is special, spaces elsewhere.
enum QuotedWords {
    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte >= 9 && byte <= 13 }

    /// Whether a byte ends a word. Vertical tabs and form feeds are spaces between words, yet no end of one, as in
    /// Redis.
    static func endsWord(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    /// The words, or nil where quotes are not balanced or a closing one is followed by something else than a space.
    static func split(_ text: Bytes) -> [[UInt8]]? {
        var words: [[UInt8]] = []
        var index = 0
        while true {
            while index < text.count, isSpace(text[index]) { index += 1 }
            guard index < text.count else { return words }
            var word: [UInt8] = []
            characters: while index < text.count, !endsWord(text[index]) {
                switch text[index] {
                case 34:
                    guard doubleQuoted(text, &index, &word) else { return nil }
                case 39:
                    guard singleQuoted(text, &index, &word) else { return nil }
                default:
                    word.append(text[index])
                    index += 1
                    continue
                }
                // A closing quote ends the word.
                guard index == text.count || isSpace(text[index]) else { return nil }
                break characters
            }
            words.append(word)
        }
    }

    /// Appends a word in double quotes, so that `split` reads it back and people can read it too.
    static func append(_ word: Bytes, to line: inout [UInt8]) {
        line.append(34)
        for index in 0..<word.count {
            switch word[index] {
            case 34, 92: line += [92, word[index]]
            case 10: line += [92, UInt8(ascii: "n")]
            case 13: line += [92, UInt8(ascii: "r")]
            case 9: line += [92, UInt8(ascii: "t")]
            case 7: line += [92, UInt8(ascii: "a")]
            case 8: line += [92, UInt8(ascii: "b")]
            case 32...126: line.append(word[index])
            default: line += [92, UInt8(ascii: "x"), digit(word[index] >> 4), digit(word[index] & 15)]
            }
        }
        line.append(34)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    private static func doubleQuoted(_ text: Bytes, _ index: inout Int, _ word: inout [UInt8]) -> Bool {
        index += 1
        while index < text.count, text[index] != 34 {
            if text[index] == 92, index + 3 < text.count, text[index + 1] == UInt8(ascii: "x"),
                let high = hexadecimal(text[index + 2]), let low = hexadecimal(text[index + 3])
            {
                word.append(high << 4 | low)
                index += 4
            } else if text[index] == 92, index + 1 < text.count {
                word.append(escaped(text[index + 1]))
                index += 2
            } else {
                word.append(text[index])
                index += 1
            }
        }
        index += 1
        return index <= text.count
    }

    private static func singleQuoted(_ text: Bytes, _ index: inout Int, _ word: inout [UInt8]) -> Bool {
        index += 1
        while index < text.count, text[index] != 39 {
            if text[index] == 92, index + 1 < text.count, text[index + 1] == 39 { index += 1 }
            word.append(text[index])
            index += 1
        }
        index += 1
        return index <= text.count
    }

    private static func escaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "t"): 9
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "a"): 7
        default: byte
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
