extension Command {
    static let administration: [Command] = []
}
