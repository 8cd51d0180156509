extension Command {
    static let introspection: [Command] = []
}
