extension Command {
    static let expiry: [Command] = []
}
