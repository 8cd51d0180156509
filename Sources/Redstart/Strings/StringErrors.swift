/// What the commands of strings refuse with.
extension ReplyError {
    static let offsetOutOfRange = ReplyError(line: "ERR offset is out of range")
    static let stringTooLong = ReplyError(line: "ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    static let overflow = ReplyError(line: "ERR increment or decrement would overflow")
    static let decrementOverflow = ReplyError(line: "ERR decrement would overflow")
    static let notFinite = ReplyError(line: "ERR increment would produce NaN or Infinity")
    static let notStrings = ReplyError(line: "ERR The specified keys must contain string values")
    static let lengthAndIndexes = ReplyError(
        line: "ERR If you want both the length and indexes, please just use IDX.")
    static let subsequenceTooLong = ReplyError(line: "ERR String too long for LCS")
    static let subsequenceMemory = ReplyError(
        line: "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")

    static func invalidExpireTime(_ command: String) -> ReplyError {
        ReplyError(line: "ERR invalid expire time in '\(command)' command")
    }
}
