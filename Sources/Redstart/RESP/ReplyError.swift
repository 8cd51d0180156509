/// What a command answers when it refuses: the whole error line, code word first.
struct ReplyError: Error, Equatable {
    let line: String

    init(line: String) { self.line = line }

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

    static func protocolError(_ what: String) -> ReplyError {
        ReplyError(line: "ERR Protocol error: \(what)")
    }

    static func expectedDollar(_ byte: UInt8) -> ReplyError {
        protocolError("expected '$', got '\(Character(UnicodeScalar(byte)))'")
    }

    /// The whole reply, for a connection that has no writer.
    var wireBytes: [UInt8] { Array("-\(line)\r\n".utf8) }

    /// The first word of the line: what INFO's errorstats count by.
    var code: Substring { line.prefix { $0 != " " } }
}
