extension Command {
    static let flushing: [Command] = []
}
