/// What the source is made of.
enum Token: UInt8 {
    // In the order of their texts below.
    case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, `if`, `in`, local, `nil`, not, or, `repeat`
    case `return`, then, `true`, until, `while`
    case concatenate, dots, equal, greaterOrEqual, lessOrEqual, notEqual, number, endOfSource, name, string
    // A byte that stands for itself.
    case character

    static let texts: [StaticString] = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not",
        "or", "repeat", "return", "then", "true", "until", "while", "..", "...", "==", ">=", "<=", "~=", "<number>",
        "<eof>", "<name>", "<string>",
    ]
    static let reservedCount = 21
}

/// Cuts the source into tokens.
struct Lexer: ~Copyable {
    private let state: LuaState
    private let source: LuaBytes
    let chunkName: LuaBytes
    private var position = 0
    private var buffer = ByteBuffer(capacity: 64)

    private(set) var line = 1
    /// The line of the token before the current one.
    private(set) var lastLine = 1
    private(set) var current: Lexeme
    private var ahead: Lexeme?

    /// A token and what comes with it.
    struct Lexeme {
        var token: Token
        var character: UInt8 = 0
        var number = 0.0
        var text: LuaString
        /// Where it begins and ends in the source.
        var start = 0
        var end = 0
    }

    init(_ state: LuaState, _ source: LuaBytes, name: LuaBytes) {
        self.state = state
        self.source = source
        chunkName = name
        current = Lexeme(token: .endOfSource, text: state.emptyString)
    }

    mutating func advance() throws(LuaError) {
        lastLine = line
        if let next = ahead {
            current = next
            ahead = nil
        } else {
            current = try scan()
        }
    }

    /// The kind of the token after the current one.
    mutating func peek() throws(LuaError) -> Token {
        let next = try scan()
        ahead = next
        return next.token
    }

    /// Whether the token that has been looked at is this character.
    func nextIs(_ character: UInt8) -> Bool { ahead?.character == character }

    // MARK: - Errors

    /// `chunk:line: message near 'token'`
    func error(_ message: String, near lexeme: Lexeme) -> LuaError {
        error(message, near: shown(lexeme))
    }

    func error(_ message: String) -> LuaError { error(message, near: current) }

    func error(_ message: String, near text: String?) -> LuaError {
        let near = text.map { " near '\($0)'" } ?? ""
        return LuaError(state.string("\(state.chunkName(chunkName)):\(line): \(message)\(near)"))
    }

    /// A token as messages show it; C ends it at a zero.
    private func shown(_ lexeme: Lexeme) -> String? {
        switch lexeme.token {
        case .name, .number: return source[lexeme.start..<lexeme.end].upToZero.exactText
        case .string:
            let opening = source[lexeme.start]
            guard opening == UInt8(ascii: "[") else {
                let quote = LuaBytesText.text(opening)
                return (lexeme.text.bytes.firstIndex(of: 0) == nil)
                    ? quote + lexeme.text.bytes.exactText + quote : quote + lexeme.text.bytes.upToZero.exactText
            }
            return source[lexeme.start..<lexeme.end].upToZero.exactText
        case .character:
            if lexeme.character == 0 { return nil }
            let isControl = lexeme.character < 32 || lexeme.character == 127
            return isControl ? "char(\(lexeme.character))" : LuaBytesText.text(lexeme.character)
        default: return "\(Token.texts[Int(lexeme.token.rawValue)])"
        }
    }

    /// What has been read of a string that never ends.
    private func unfinished(_ start: Int) -> String {
        LuaBytesText.text(source[start]) + buffer.bytes.upToZero.exactText
    }

    // MARK: - Scanning

    @inline(__always)
    private func byte(_ offset: Int = 0) -> UInt8 {
        position + offset < source.count ? source[position + offset] : 0
    }

    private var isAtEnd: Bool { position >= source.count }

    /// Whether there is one of these bytes. A zero counts as one, as the end of C's string of them does.
    private func isOneOf(_ bytes: StaticString, _ offset: Int = 0) -> Bool {
        guard position + offset < source.count else { return false }
        let found = byte(offset)
        return found == 0 || LuaBytes(bytes).firstIndex(of: found) != nil
    }

    private mutating func scan() throws(LuaError) -> Lexeme {
        while true {
            guard !isAtEnd else { return lexeme(.endOfSource, position) }
            let start = position
            let first = byte()
            switch first {
            case 10, 13: try endLine()
            case 32, 9, 11, 12: position += 1
            case UInt8(ascii: "-"):
                guard byte(1) == UInt8(ascii: "-") else { return single(first) }
                position += 2
                try skipComment()
            case UInt8(ascii: "["):
                guard let level = longBracket() else { return single(first) }
                guard level >= 0 else { throw error("invalid long string delimiter", near: from(start)) }
                return try longString(level, start, isComment: false)
            case UInt8(ascii: "="): return double(UInt8(ascii: "="), .equal)
            case UInt8(ascii: "<"): return double(UInt8(ascii: "="), .lessOrEqual)
            case UInt8(ascii: ">"): return double(UInt8(ascii: "="), .greaterOrEqual)
            case UInt8(ascii: "~"): return double(UInt8(ascii: "="), .notEqual)
            case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted(first)
            case UInt8(ascii: "."):
                if isOneOf(".", 1) {
                    let isDots = isOneOf(".", 2)
                    position += isDots ? 3 : 2
                    return lexeme(isDots ? .dots : .concatenate, start)
                }
                if byte(1).isDigit { return try numeral() }
                return single(first)
            default:
                if first.isDigit { return try numeral() }
                if first.isLetter || first == UInt8(ascii: "_") { return word() }
                return single(first)
            }
        }
    }

    private func lexeme(_ token: Token, _ start: Int) -> Lexeme {
        Lexeme(token: token, text: state.emptyString, start: start, end: position)
    }

    private mutating func single(_ character: UInt8) -> Lexeme {
        position += 1
        return Lexeme(token: .character, character: character, text: state.emptyString)
    }

    private mutating func double(_ second: UInt8, _ token: Token) -> Lexeme {
        let start = position
        guard byte(1) == second else { return single(byte()) }
        position += 2
        return lexeme(token, start)
    }

    private func from(_ start: Int) -> String { source[start..<min(position, source.count)].exactText }

    /// A line ends with CR, LF, or both in either order.
    private mutating func endLine() throws(LuaError) {
        let first = byte()
        position += 1
        if !isAtEnd, byte() != first, byte() == 10 || byte() == 13 { position += 1 }
        line += 1
        if line >= Int(Int32.max) - 2 { throw error("chunk has too many lines") }
    }

    private mutating func skipComment() throws(LuaError) {
        if byte() == UInt8(ascii: "["), !isAtEnd {
            let start = position
            if let level = longBracket(), level >= 0 {
                _ = try longString(level, start, isComment: true)
                return
            }
        }
        while !isAtEnd, byte() != 10, byte() != 13 { position += 1 }
    }

    /// After `[`: the level of a long bracket and its position behind it; -1 if it is malformed; nil if it is none.
    private mutating func longBracket() -> Int? {
        var index = position + 1
        while index < source.count, source[index] == UInt8(ascii: "=") { index += 1 }
        let level = index - position - 1
        if index < source.count, source[index] == UInt8(ascii: "[") {
            position = index + 1
            return level
        }
        if level == 0 { return nil }
        position = index
        return -1
    }

    private mutating func longString(_ level: Int, _ start: Int, isComment: Bool) throws(LuaError) -> Lexeme {
        buffer.removeAll()
        if !isAtEnd, byte() == 10 || byte() == 13 { try endLine() }
        while true {
            guard !isAtEnd else {
                throw error(isComment ? "unfinished long comment" : "unfinished long string", near: "<eof>")
            }
            let next = byte()
            if next == UInt8(ascii: "]"), closes(level) {
                position += level + 2
                break
            }
            if next == 10 || next == 13 {
                try endLine()
                buffer.append(10)
            } else {
                buffer.append(next)
                position += 1
            }
        }
        var result = lexeme(.string, start)
        if !isComment { result.text = state.makeString(buffer.bytes) }
        return result
    }

    private func closes(_ level: Int) -> Bool {
        for offset in 0..<level where byte(1 + offset) != UInt8(ascii: "=") { return false }
        return byte(1 + level) == UInt8(ascii: "]")
    }

    private mutating func word() -> Lexeme {
        let start = position
        while !isAtEnd, byte().isLetter || byte().isDigit || byte() == UInt8(ascii: "_") { position += 1 }
        let text = state.makeString(source[start..<position])
        if let reserved = text.reserved { return lexeme(reserved, start) }
        var result = lexeme(.name, start)
        result.text = text
        return result
    }

    private mutating func numeral() throws(LuaError) -> Lexeme {
        let start = position
        while byte().isDigit || byte() == UInt8(ascii: ".") { position += 1 }
        if isOneOf("eE") {
            position += 1
            if isOneOf("+-") { position += 1 }
        }
        while byte().isLetter || byte().isDigit || byte() == UInt8(ascii: "_") { position += 1 }
        var result = lexeme(.number, start)
        guard let number = Lua.number(from: source[start..<position].upToZero) else {
            throw error("malformed number", near: result)
        }
        result.number = number
        return result
    }

    private mutating func quoted(_ quote: UInt8) throws(LuaError) -> Lexeme {
        let start = position
        position += 1
        buffer.removeAll()
        while true {
            guard !isAtEnd else { throw error("unfinished string", near: "<eof>") }
            let next = byte()
            if next == quote { break }
            switch next {
            case 10, 13: throw error("unfinished string", near: unfinished(start))
            case UInt8(ascii: "\\"): try escape(start)
            default:
                buffer.append(next)
                position += 1
            }
        }
        position += 1
        var result = lexeme(.string, start)
        result.text = state.makeString(buffer.bytes)
        return result
    }

    private mutating func escape(_ start: Int) throws(LuaError) {
        position += 1
        guard !isAtEnd else { return }
        let next = byte()
        if next == 10 || next == 13 {
            try endLine()
            buffer.append(10)
            return
        }
        if next.isDigit {
            var code = 0
            var digits = 0
            while digits < 3, byte().isDigit {
                code = code * 10 + Int(byte() - 48)
                position += 1
                digits += 1
            }
            guard code < 256 else { throw error("escape sequence too large", near: unfinished(start)) }
            buffer.append(UInt8(code))
            return
        }
        position += 1
        switch next {
        case UInt8(ascii: "a"): buffer.append(7)
        case UInt8(ascii: "b"): buffer.append(8)
        case UInt8(ascii: "f"): buffer.append(12)
        case UInt8(ascii: "n"): buffer.append(10)
        case UInt8(ascii: "r"): buffer.append(13)
        case UInt8(ascii: "t"): buffer.append(9)
        case UInt8(ascii: "v"): buffer.append(11)
        default: buffer.append(next)
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 48 < 10 }
    var isLetter: Bool { (self | 0x20) &- 97 < 26 }
}

/// Bytes as text, one at a time.
enum LuaBytesText {
    static func text(_ byte: UInt8) -> String {
        Unicode.Scalar(byte < 0x80 ? UInt32(byte) : 0x10FF00 + UInt32(byte)).map { String(Character($0)) } ?? "?"
    }
}
