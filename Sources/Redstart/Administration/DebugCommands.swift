extension Command {
    static let debugging: [Command] = []
}
