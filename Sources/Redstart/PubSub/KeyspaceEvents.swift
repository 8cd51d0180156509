/// Which keyspace events are published, and where: the letters of `notify-keyspace-events`.
struct EventClasses: OptionSet, BitwiseCopyable, Sendable {
    let rawValue: UInt16

    /// To `__keyspace@<database>__:<key>`, the event being the message.
    static let toKeyspace = EventClasses(rawValue: 1 << 14)
    /// To `__keyevent@<database>__:<event>`, the key being the message.
    static let toKeyEvent = EventClasses(rawValue: 1 << 15)

    /// The classes in the order in which CONFIG prints them. `d` is for types that modules make: there are none.
    private static let letters = Array("g$lshzxetdn".utf8)
    private static let missed = EventClasses(rawValue: 1 << 11)
    /// What `A` stands for: neither `n` nor `m`.
    private static let usual = EventClasses(rawValue: 1 << 10 - 1)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ letters: [UInt8]) throws(SettingError) {
        self = []
        for letter in letters {
            if letter == UInt8(ascii: "A") {
                formUnion(.usual)
            } else if letter == UInt8(ascii: "K") {
                insert(.toKeyspace)
            } else if letter == UInt8(ascii: "E") {
                insert(.toKeyEvent)
            } else if let known = EventClasses(letter: letter) {
                insert(known)
            } else {
                throw SettingError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
            }
        }
    }

    private init?(letter: UInt8) {
        if letter == UInt8(ascii: "m") {
            self = .missed
        } else if let index = EventClasses.letters.firstIndex(of: letter) {
            self.init(rawValue: 1 << index)
        } else {
            return nil
        }
    }

    /// The canonical form. With `A`, new keys are not named: so it is in Redis.
    var text: String {
        var text = ""
        if isSuperset(of: .usual) {
            text = "A"
        } else {
            for (index, letter) in EventClasses.letters.enumerated() where rawValue & 1 << index != 0 {
                text.unicodeScalars.append(UnicodeScalar(letter))
            }
        }
        if contains(.toKeyspace) { text += "K" }
        if contains(.toKeyEvent) { text += "E" }
        if contains(.missed) { text += "m" }
        return text
    }

    /// Whether any event is published at all.
    var isActive: Bool { !isDisjoint(with: [.toKeyspace, .toKeyEvent]) && rawValue & 0xFFF != 0 }

    func includes(_ eventClass: EventClass) -> Bool {
        EventClasses(letter: eventClass.rawValue).map { contains($0) } ?? false
    }
}

extension Engine {
    /// Publishes a keyspace event.
    func publishEvent(_ eventClass: EventClass, _ event: StaticString, _ key: Bytes, _ database: Int) {
        let classes = settings.notifiedEvents
        guard classes.includes(eventClass), !pubsub.isEmpty else { return }
        if classes.contains(.toKeyspace) { publishEvent("__keyspace@", database, key, Bytes(event)) }
        if classes.contains(.toKeyEvent) { publishEvent("__keyevent@", database, Bytes(event), key) }
    }

    private func publishEvent(_ prefix: StaticString, _ database: Int, _ subject: Bytes, _ message: Bytes) {
        let channel = channelBuffer
        channel.discard()
        channel.raw(prefix)
        NumberText.withText(of: database) { channel.raw($0) }
        channel.raw("__:")
        channel.raw(subject)
        let name = channel.pendingBytes
        _ = publish(name, message, hash(name))
        channel.discard()
        if channel.capacity > 4_096 { channel.release() }
    }
}
