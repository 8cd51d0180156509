extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] = connection + strings
}
