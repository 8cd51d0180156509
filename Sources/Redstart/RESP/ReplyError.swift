/// What a command answers when it refuses: the whole error line, code word first.
struct ReplyError: Error, Equatable {
    let line: String
    /// The same line where it has bytes in it that a client sent: those need not be text.
    let bytes: [UInt8]?

    init(line: String) {
        self.line = line
        bytes = nil
    }

    init(bytes: [UInt8]) {
        line = bytes.withBytes { String($0) }
        self.bytes = bytes
    }

    /// A line that quotes a word of the client's, as Redis does: up to its first zero byte, and no more than `most`;
    /// line breaks at its end go, those within become spaces when it is written.
    init(_ before: String, quoting word: Bytes, most: Int = .max, _ after: String = "'") {
        let text = word.upToZero
        var bytes = Array(before.utf8)
        bytes.append(text[0..<min(text.count, most)])
        bytes += Array(after.utf8)
        while let last = bytes.last, last == UInt8(ascii: "\r") || last == UInt8(ascii: "\n") { bytes.removeLast() }
        self.init(bytes: bytes)
    }

    static let syntax = ReplyError(line: "ERR syntax error")
    static let notInteger = ReplyError(line: "ERR value is not an integer or out of range")
    static let notFloat = ReplyError(line: "ERR value is not a valid float")
    static let wrongType = ReplyError(
        line: "WRONGTYPE Operation against a key holding the wrong kind of value")
    static let noSuchKey = ReplyError(line: "ERR no such key")
    static let outOfRange = ReplyError(line: "ERR index out of range")
    static let noAuthentication = ReplyError(line: "NOAUTH Authentication required.")
    static let outOfMemory = ReplyError(line: "OOM command not allowed when used memory > 'maxmemory'.")

    static func wrongArity(_ command: String) -> ReplyError {
        ReplyError(line: "ERR wrong number of arguments for '\(command)' command")
    }

    /// A command that a setting keeps off: `enable-debug-command`, `enable-module-command`.
    static func notAllowed(_ command: String, setting: String) -> ReplyError {
        let advice = "otherwise you need to set this option in the configuration file, and then restart the server."
        return ReplyError(
            line: "ERR \(command) command not allowed. If the enable-\(setting)-command option is set to \"local\", "
                + "you can run it from a local connection, " + advice)
    }

    /// The whole reply, for a connection that has no writer.
    var wireBytes: [UInt8] { Array("-\(line)\r\n".utf8) }

    /// The first word of the line, if it is short and there are more: what INFO's errorstats count by, without what has
    /// a meaning there.
    var code: String {
        let head = line.utf8.prefix(31)
        guard let end = head.firstIndex(where: { [0x20, 0x0D, 0x0A].contains($0) }) else { return "ERR" }
        return String(line[..<end].map { $0 == ":" || $0 == "#" ? "_" : $0 })
    }
}
