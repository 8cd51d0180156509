/// Hears the keyspace events of one server, in order.
final class EventListener {
    private let listener: Connection
    private let control: Connection
    private static let mark = "fuzzer:mark"

    init(_ server: ServerUnderTest) throws(Failure) {
        // Every class but `n`: whether a value that replaces another is a new key differs from release to release.
        _ = try server.ask("CONFIG", "SET", "notify-keyspace-events", "EAm")
        // A key whose time has come already would go at once or a moment later.
        _ = try server.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        listener = try server.connect(version: 2)
        control = try server.connect(version: 2)
        _ = try listener.ask("PSUBSCRIBE", "__keyevent@*")
        _ = try listener.ask("SUBSCRIBE", Self.mark)
    }

    /// The events since the last call: the channel, then the key.
    func take() throws(Failure) -> [String] {
        _ = try control.ask("PUBLISH", Self.mark, "")
        var events: [String] = []
        while true {
            guard case .reply(let message) = listener.nextReply() else { throw Failure("no events arrive any more") }
            let words = message.items.map(\.text)
            guard words.count == 4 else { return events }
            events.append("\(String(words[2])) \(Text.quote(words[3]))")
        }
    }

    func close() {
        listener.close()
        control.close()
    }
}
