extension Command {
    static let information: [Command] = []
}
