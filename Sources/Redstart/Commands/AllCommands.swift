extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] =
        connection + client
        + strings + stringSetting + stringNumbers + stringComparison
        + bitmaps + hyperLogLogs
        + keys + expiry + scanning + waiting + configuration + introspection + information
        + flushing + administration + monitoring + debugging
}
