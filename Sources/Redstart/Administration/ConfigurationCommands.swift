extension Command {
    static let configuration: [Command] = []
}
