extension Command {
    static let client: [Command] = []
}
