extension Command {
    static let keys: [Command] = []
}
