/// Bytes that are no command: the connection is told so, and cannot go on.
enum ProtocolError {
    case wordCount, wordCountTooLong, unauthenticatedWordCount
    case wordLength, wordLengthTooLong, unauthenticatedWordLength
    case noWordLength(UInt8)
    case inlineTooLong, unbalancedQuotes

    var reply: ReplyError {
        let what =
            switch self {
            case .wordCount: "invalid multibulk length"
            case .unauthenticatedWordCount: "unauthenticated multibulk length"
            case .unauthenticatedWordLength: "unauthenticated bulk length"
            case .unbalancedQuotes: "unbalanced quotes in request"
            case .noWordLength: "expected '$', got '"
            default: reason
            }
        var line = Array("ERR Protocol error: \(what)".utf8)
        if case .noWordLength(let byte) = self { line += [byte, UInt8(ascii: "'")] }
        return ReplyError(bytes: line)
    }

    /// What the log calls it.
    var reason: String {
        switch self {
        case .wordCount: "invalid mbulk count"
        case .wordCountTooLong: "too big mbulk count string"
        case .unauthenticatedWordCount: "unauth mbulk count"
        case .wordLength: "invalid bulk length"
        case .wordLengthTooLong: "too big bulk count string"
        case .unauthenticatedWordLength: "unauth bulk length"
        case .noWordLength: "expected $ but got something else"
        case .inlineTooLong: "too big inline request"
        case .unbalancedQuotes: "unbalanced quotes in inline request"
        }
    }

    /// The log's line about a client that sent `bytes`, most of which are left out where they are many.
    func logLine(_ client: String, _ bytes: Bytes) -> String {
        func printable(_ part: Bytes) -> String {
            String(decoding: [UInt8](part).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
        }
        let shown = 64
        let text =
            bytes.count < 2 * shown
            ? "'\(printable(bytes))'"
            : "'\(printable(bytes[0..<shown]))' (... more \(bytes.count - 2 * shown) bytes ...) "
                + "'\(printable(bytes[bytes.count - shown..<bytes.count]))'"
        return "Protocol error (\(reason)) from client: \(client). Query buffer during protocol error: \(text)"
    }
}
