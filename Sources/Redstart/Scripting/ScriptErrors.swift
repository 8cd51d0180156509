extension ReplyError {
    static let noScript = ReplyError(line: "NOSCRIPT No matching script. Please use EVAL.")
    static let negativeKeyCount = ReplyError(line: "ERR Number of keys can't be negative")
    static let keyCountTooLarge = ReplyError(line: "ERR Number of keys can't be greater than number of args")
    static let writeFlagInReadOnlyCommand = ReplyError(
        line: "ERR Can not execute a script with write flag using *_ro command.")
}

/// What a script is told that calls a command it may not call, or not so.
enum ScriptCallError {
    static let noCommand: StaticString = "ERR Please specify at least one argument for this redis lib call"
    static let notWords: StaticString = "ERR Lua redis lib command arguments must be strings or integers"
    static let unknown: StaticString = "ERR Unknown Redis command called from script"
    static let arity: StaticString = "ERR Wrong number of args calling Redis command from script"
    static let noScript: StaticString = "ERR This Redis command is not allowed from script"
    static let readOnly: StaticString = "ERR Write commands are not allowed from read-only scripts."
    static let outOfMemory: StaticString = "OOM command not allowed when used memory > 'maxmemory'."
    static let inactive: StaticString = "ERR redis.call/pcall can only be called inside a script invocation"
}
