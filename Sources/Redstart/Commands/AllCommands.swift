extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] =
        connection + client
        + strings + stringSetting + stringNumbers + stringComparison
        + keys + expiry + scanning + waiting + configuration + introspection + information
        + transactions
        + pubsub
        + flushing + administration + monitoring + debugging
}
