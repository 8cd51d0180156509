/// A Swift source taken apart, so that a rule about code does not trip over a comment, nor one about string literals
/// over code. Lines and columns stay where they are: what does not belong is replaced by spaces.
struct SwiftText {
    /// The code: comments blank, string literals empty between their quotes. Interpolated code stays.
    private(set) var code: [Character] = []
    /// The contents of the string literals alone.
    private(set) var literals: [Character] = []
    /// The whole text.
    let all: [Character]

    init(_ text: String) {
        all = Array(text)
        code.reserveCapacity(all.count)
        literals.reserveCapacity(all.count)
        var position = 0
        readCode(&position, until: nil)
    }

    var codeLines: [Substring] { String(code).split(separator: "\n", omittingEmptySubsequences: false) }
    var literalLines: [Substring] { String(literals).split(separator: "\n", omittingEmptySubsequences: false) }
    var lines: [Substring] { String(all).split(separator: "\n", omittingEmptySubsequences: false) }

    private func isAt(_ position: Int, _ text: String) -> Bool {
        all[min(position, all.count)...].starts(with: text)
    }

    private mutating func take(_ position: inout Int, asCode: Bool, asLiteral: Bool = false) {
        let character = all[position]
        let blank: Character = character.isNewline ? "\n" : " "
        code.append(asCode ? character : blank)
        literals.append(asLiteral ? character : blank)
        position += 1
    }

    /// Reads code up to the parenthesis that ends an interpolation, or to the end of the file.
    private mutating func readCode(_ position: inout Int, until end: Character?) {
        var depth = 0
        while position < all.count {
            if isAt(position, "//") {
                while position < all.count, !all[position].isNewline { take(&position, asCode: false) }
            } else if isAt(position, "/*") {
                readBlockComment(&position)
            } else if isAt(position, "#\"") || all[position] == "\"" {
                readLiteral(&position)
            } else {
                if all[position] == "(" { depth += 1 }
                if all[position] == ")" {
                    if depth == 0, end == ")" { return }
                    depth -= 1
                }
                take(&position, asCode: true)
            }
        }
    }

    private mutating func readBlockComment(_ position: inout Int) {
        while position < all.count, !isAt(position, "*/") { take(&position, asCode: false) }
        for _ in 0..<2 where position < all.count { take(&position, asCode: false) }
    }

    private mutating func readLiteral(_ position: inout Int) {
        let isRaw = all[position] == "#"
        if isRaw { take(&position, asCode: true) }
        let quote = isAt(position, "\"\"\"") ? "\"\"\"" : "\""
        for _ in quote { take(&position, asCode: true) }
        while position < all.count, !isAt(position, quote + (isRaw ? "#" : "")) {
            if !isRaw, isAt(position, "\\(") {
                for _ in 0..<2 { take(&position, asCode: false) }
                readCode(&position, until: ")")
                if position < all.count { take(&position, asCode: false) }
            } else if !isRaw, all[position] == "\\", position + 1 < all.count {
                for _ in 0..<2 { take(&position, asCode: false, asLiteral: true) }
            } else {
                take(&position, asCode: false, asLiteral: true)
            }
        }
        for _ in quote + (isRaw ? "#" : "") where position < all.count { take(&position, asCode: true) }
    }
}

extension SwiftText {
    struct Function {
        let name: String
        /// Counted from 1.
        let line: Int
        let lineCount: Int
    }

    /// The functions and initializers that have a body, with its length from the declaration to the closing brace.
    var functions: [Function] {
        var functions: [Function] = []
        var line = 1
        for position in code.indices {
            if code[position] == "\n" { line += 1 }
            guard let keyword = ["func", "init", "deinit"].first(where: { isWord($0, at: position) }) else { continue }
            guard let end = bodyEnd(position + keyword.count) else { continue }
            let name = String(code[position...].prefix { $0 != "(" && $0 != "{" && $0 != "\n" })
            let lines = code[position...end].count { $0 == "\n" } + 1
            functions.append(Function(name: name, line: line, lineCount: lines))
        }
        return functions
    }

    private func isWord(_ word: String, at position: Int) -> Bool {
        guard code[position] == word.first, code[position...].starts(with: word) else { return false }
        let before = position == 0 ? " " : code[position - 1]
        let after = position + word.count < code.count ? code[position + word.count] : " "
        return !before.isLetter && !before.isNumber && before != "_" && before != "." && before != "`"
            && !after.isLetter && !after.isNumber && after != "_" && after != ":"
    }

    /// The brace that closes the body of a declaration whose signature begins at `start`; nil if it has no body.
    private func bodyEnd(_ start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for position in start..<code.count {
            switch code[position] {
            case "(", "[": parentheses += 1
            case ")", "]": parentheses -= 1
            case "{": braces += 1
            case "}":
                braces -= 1
                if braces < 0 { return nil }
                if braces == 0, parentheses == 0 { return position }
            case "\n" where braces == 0 && parentheses == 0 && isDeclaration(position + 1): return nil
            default: break
            }
        }
        return nil
    }

    /// Whether the line at `position` begins something new: the declaration before had no body.
    private func isDeclaration(_ position: Int) -> Bool {
        let line = code[min(position, code.count)...].prefix { $0 != "\n" }.drop { $0 == " " }
        return line.isEmpty || ["func ", "var ", "let ", "init(", "case "].contains { line.starts(with: $0) }
    }
}
