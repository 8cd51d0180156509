extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] =
        connection + client + strings + keys + expiry + scanning + configuration + introspection + information
        + flushing + administration + monitoring + debugging
}
