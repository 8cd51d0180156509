extension Command {
    static let scanning: [Command] = []
}
