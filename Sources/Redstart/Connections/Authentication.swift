/// Who a client is, and how it becomes nobody again.
extension Engine {
    /// Lets a client in by a user's name and password. There is one user, `default`; without `requirepass` any
    /// password is right for it.
    func authenticate(_ client: Client, user: Bytes, password: Bytes) throws(ReplyError) {
        let expected = settings.requirePass.bytes
        guard user == Bytes("default"), expected.isEmpty || Engine.areEqual(expected, password) else {
            statistics.authenticationDenied += 1
            throw .wrongPassword
        }
        client.user = "default"
        client.flags.insert(.authenticated)
    }

    /// Compares in a time that does not tell how much of the password was right.
    private static func areEqual(_ expected: [UInt8], _ given: Bytes) -> Bool {
        var difference = expected.count ^ given.count
        for index in 0..<given.count { difference |= Int(expected[index % expected.count] ^ given[index]) }
        return difference == 0
    }

    /// Makes a client what it was when it connected; the library's name stays, for it is still the same library.
    func reset(_ client: Client) {
        if client.flags.contains(.monitor) {
            monitors.remove(client)
            updateGates()
        }
        endTransaction(client)
        dropSubscriptions(client)
        stopTracking(client)
        client.flags.subtract([
            .monitor, .replyOff, .replySkipNext, .noTouch, .noEvict, .readOnly, .authenticated,
        ])
        if settings.requirePass.isEmpty { client.flags.insert(.authenticated) }
        keyspace.touchesKeys = true
        client.user = "default"
        client.name = []
        client.database = 0
        client.reply.isRESP3 = false
    }
}

extension ReplyError {
    static let wrongPassword = ReplyError(line: "WRONGPASS invalid username-password pair or user is disabled.")
    static let noPassword = ReplyError(
        line: "ERR AUTH <password> called without any password configured for the default user. "
            + "Are you sure your configuration is correct?")
    static let helloUnauthenticated = ReplyError(
        line: "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH "
            + "<user> <pass> option can be used to authenticate the client and select the RESP protocol version at "
            + "the same time")
    static let protocolNotInteger = ReplyError(line: "ERR Protocol version is not an integer or out of range")
    static let unsupportedProtocol = ReplyError(line: "NOPROTO unsupported protocol version")
    static let invalidClientName = ReplyError(
        line: "ERR Client names cannot contain spaces, newlines or special characters.")
    static let databaseOutOfRange = ReplyError(line: "ERR DB index is out of range")
    static let notInt32 = ReplyError(
        line: "ERR value is out of range, value must between -2147483648 and 2147483647")
}

extension Client {
    /// Whether a name can be shown in CLIENT LIST: no spaces, no control characters, nothing beyond ASCII.
    static func isValidAttribute(_ text: Bytes) -> Bool {
        for index in 0..<text.count where text[index] < 33 || text[index] > 126 { return false }
        return true
    }
}
