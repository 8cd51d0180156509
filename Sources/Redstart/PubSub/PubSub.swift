/// What one can subscribe to.
enum TopicKind: Int {
    case channel, pattern, shardChannel
}

/// A channel or a pattern that somebody subscribed to.
final class Topic: Named {
    let name: [UInt8]
    let hash: UInt64
    let kind: TopicKind
    var next: Topic?
    var subscriptions: ContiguousArray<Subscription> = []
    /// Where a pattern is among the patterns.
    fileprivate var position = 0

    init(_ name: Bytes, _ hash: UInt64, _ kind: TopicKind) {
        self.name = Array(name)
        self.hash = hash
        self.kind = kind
    }
}

/// A client's subscription to a topic. They own each other until it ends, at the latest with the client.
final class Subscription {
    let client: Client
    let topic: Topic
    /// When it was made, so that all of a client's can be ended in order.
    let serial: Int
    fileprivate var position = 0

    /// What one takes with its places among the client's and the topic's, roughly, in bytes.
    static let memory = 128

    init(_ client: Client, _ topic: Topic, _ serial: Int) {
        self.client = client
        self.topic = topic
        self.serial = serial
    }
}

/// What a client subscribed to, by kind.
struct Subscriptions {
    private var topics: [[ObjectIdentifier: Subscription]] = [[:], [:], [:]]

    func count(_ kind: TopicKind) -> Int { topics[kind.rawValue].count }

    var isEmpty: Bool { topics.allSatisfy(\.isEmpty) }

    /// What a confirmation tells: channels and patterns count together, shard channels by themselves.
    func confirmedCount(_ kind: TopicKind) -> Int {
        kind == .shardChannel ? count(.shardChannel) : count(.channel) + count(.pattern)
    }

    func subscription(to topic: Topic) -> Subscription? { topics[topic.kind.rawValue][ObjectIdentifier(topic)] }

    /// Those of a kind, the oldest first.
    func all(_ kind: TopicKind) -> [Subscription] { topics[kind.rawValue].values.sorted { $0.serial < $1.serial } }

    mutating func insert(_ subscription: Subscription) {
        let topic = subscription.topic
        topics[topic.kind.rawValue][ObjectIdentifier(topic)] = subscription
    }

    mutating func remove(_ subscription: Subscription) {
        let topic = subscription.topic
        topics[topic.kind.rawValue][ObjectIdentifier(topic)] = nil
    }
}

/// The first bytes of a pattern that stand for themselves: most channels are told apart by them, in one comparison.
private struct PatternStart {
    private let start: UInt64
    private let mask: UInt64

    init(_ pattern: [UInt8]) {
        let special = Array("*?[\\".utf8)
        let literal = pattern.prefix { !special.contains($0) }.prefix(8)
        var start: UInt64 = 0
        var mask: UInt64 = 0
        for (index, byte) in literal.enumerated() {
            start |= UInt64(byte) << (8 * index)
            mask |= 0xFF << (8 * UInt64(index))
        }
        self.start = start
        self.mask = mask
    }

    @inline(__always)
    func mayMatch(_ beginning: UInt64) -> Bool { beginning & mask == start }

    /// The first bytes of a channel; zeros where it is shorter.
    static func beginning(_ channel: Bytes) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<min(8, channel.count) { value |= UInt64(channel[index]) << (8 * UInt64(index)) }
        return value
    }
}

/// All subscriptions of an engine. A message is encoded once for each protocol and appended to whoever gets it.
struct PubSub {
    private var tables: [NameTable<Topic>] = [NameTable(), NameTable(), NameTable()]
    private var patterns: ContiguousArray<Topic> = []
    private var patternStarts: ContiguousArray<PatternStart> = []
    private var lastSerial = 0

    func count(_ kind: TopicKind) -> Int { tables[kind.rawValue].count }

    @inline(__always)
    func find(_ name: Bytes, _ hash: UInt64, _ kind: TopicKind) -> Topic? { tables[kind.rawValue].find(name, hash) }

    func topics(_ kind: TopicKind) -> [Topic] { tables[kind.rawValue].all }

    var isEmpty: Bool { tables.allSatisfy(\.isEmpty) }

    /// The patterns that match a channel.
    @inline(__always)
    func forEachMatch(_ channel: Bytes, _ body: (Topic) -> Void) {
        guard !patterns.isEmpty else { return }
        let beginning = PatternStart.beginning(channel)
        // Who gets a message may have to go because of it, which changes the list.
        let (patterns, starts) = (patterns, patternStarts)
        for index in patterns.indices where starts[index].mayMatch(beginning) {
            let topic = patterns[index]
            if topic.name.withBytes({ Glob.matches($0, channel) }) { body(topic) }
        }
    }

    /// False if the client is subscribed already.
    mutating func subscribe(_ client: Client, _ name: Bytes, _ hash: UInt64, _ kind: TopicKind) -> Bool {
        let topic = find(name, hash, kind) ?? insert(Topic(name, hash, kind))
        guard client.subscriptions.subscription(to: topic) == nil else { return false }
        lastSerial += 1
        let subscription = Subscription(client, topic, lastSerial)
        subscription.position = topic.subscriptions.count
        topic.subscriptions.append(subscription)
        client.subscriptions.insert(subscription)
        client.registeredBytes += Subscription.memory
        return true
    }

    private mutating func insert(_ topic: Topic) -> Topic {
        tables[topic.kind.rawValue].insert(topic)
        if topic.kind == .pattern {
            topic.position = patterns.count
            patterns.append(topic)
            patternStarts.append(PatternStart(topic.name))
        }
        return topic
    }

    mutating func end(_ subscription: Subscription) {
        let topic = subscription.topic
        subscription.client.subscriptions.remove(subscription)
        subscription.client.registeredBytes -= Subscription.memory
        if let last = topic.subscriptions.popLast(), last !== subscription {
            topic.subscriptions[subscription.position] = last
            last.position = subscription.position
        }
        if topic.subscriptions.isEmpty { remove(topic) }
    }

    private mutating func remove(_ topic: Topic) {
        tables[topic.kind.rawValue].remove(topic)
        guard topic.kind == .pattern else { return }
        if let last = patterns.popLast(), let start = patternStarts.popLast(), last !== topic {
            patterns[topic.position] = last
            patternStarts[topic.position] = start
            last.position = topic.position
        }
    }
}
