/// What several connections do to each other: they wait for keys and fill them, subscribe and publish, let themselves
/// be told of what changes, leave and come back.
struct ConversationGenerator {
    static let connections = 4
    /// The word that stands for the end of a connection, in place of a command.
    static let departure = "(disconnect)".bytes

    private var commands: CommandGenerator

    init(_ commands: CommandGenerator) {
        self.commands = commands
        self.commands.wait = "0".bytes
        self.commands.spoilsWaiting = false
    }

    /// The next steps; `waiting` are the connections that wait for something.
    mutating func next(waiting: Set<Int>) -> [Exchange] {
        let free = (0..<Self.connections).filter { !waiting.contains($0) }
        guard !free.isEmpty else {
            return [Exchange(connection: commands.chance.below(Self.connections), words: [Self.departure])]
        }
        // Now and then one that waits says more: it is heard when the waiting is over.
        let connection =
            commands.chance.percent(3) ? commands.chance.below(Self.connections) : commands.chance.pick(free)
        return words().map { Exchange(connection: connection, words: $0) }
    }

    private mutating func words() -> [[Bytes]] {
        switch commands.chance.below(100) {
        case 0..<25: return data()
        case 25..<42: return waiting()
        case 42..<58: return [fill()]
        case 58..<74: return [channels()]
        case 74..<84: return [tracking()]
        case 84..<89: return [other()]
        case 89..<94: return [read()]
        default: return transaction()
        }
    }

    private mutating func data() -> [[Bytes]] { commands.data(waiting: false).map(Self.withOneStream) }

    private mutating func waiting() -> [[Bytes]] { commands.data(waiting: true).map(Self.withOneStream) }

    /// Of streams only one is read: before 7.2 nothing but the one that woke a reader was.
    private static func withOneStream(_ words: [Bytes]) -> [Bytes] {
        guard let place = words.firstIndex(where: { String($0).uppercased() == "STREAMS" }) else { return words }
        let keys = words.count - place - 1
        guard keys > 2 else { return words }
        return words[...(place + 1)] + [words[place + 1 + keys / 2]]
    }

    private mutating func pick(_ words: [String]) -> String { commands.chance.pick(words) }

    private mutating func line(_ text: String) -> [Bytes] { text.split(separator: " ").map { Bytes($0.utf8) } }

    private mutating func client() -> String { "${id\(1 + commands.chance.below(Self.connections))}" }

    /// Something that others may wait for.
    private mutating func fill() -> [Bytes] {
        let number = 1 + commands.chance.below(3)
        switch commands.chance.below(12) {
        case 0..<4: return line("\(pick(["LPUSH", "RPUSH"])) l\(number) \(pick(["a", "a b", "a b c d"]))")
        case 4..<6: return line("ZADD z\(number) \(pick(["1 a", "1 a 2 b", "3 c 2 b 1 a"]))")
        case 6..<9: return line("XADD x\(number) * \(pick(["a 1", "b 2"]))").map { $0 == [0x2A] ? id() : $0 }
        case 9: return line("XGROUP \(pick(["CREATE", "CREATE", "DESTROY"])) x\(number) g $ MKSTREAM")
        case 10: return line("RENAME \(pick(["l1 l2", "l2 l3", "z1 z2", "x1 x2", "s1 l1"]))")
        default: return line("\(pick(["DEL", "SET"])) \(pick(["l1", "z1", "x1", "x2"])) v")
        }
    }

    private mutating func id() -> Bytes { "\(20 + commands.chance.below(20))-*".bytes }

    private mutating func read() -> [Bytes] {
        line(
            pick(["GET k1", "MGET k1 k2 k3", "LRANGE l1 0 -1", "ZCARD z1", "HGETALL nokey", "XLEN x1", "EXISTS l1 z1"]))
    }

    // MARK: Channels

    private static let names = [
        "c1", "c1", "c2", "d", "c1 c2", "c1 c1", "__redis__:invalidate", "__redis__:invalidate", "__keyevent@0__:set",
        "__keyspace@0__:l1",
    ]

    private static let patterns = [
        "c*", "?1", "[cd]1", "*", "c* ?1", "__keyevent@0__:*", "__key*@*__:*", "__keyspace@0__:[lz]?",
    ]

    private mutating func channels() -> [Bytes] {
        switch commands.chance.below(20) {
        case 0..<5: return line("SUBSCRIBE \(pick(Self.names))")
        case 5..<7: return line("PSUBSCRIBE \(pick(Self.patterns))")
        case 7: return line("SSUBSCRIBE \(pick(["c1", "s1", "s1 s2"]))")
        case 8: return line("UNSUBSCRIBE \(pick(["", "c1", "c1 c2 nosuch"]))")
        case 9: return line("PUNSUBSCRIBE \(pick(["", "c*", "* nosuch"]))")
        case 10: return line("SUNSUBSCRIBE \(pick(["", "s1", "s1 nosuch"]))")
        case 11..<15: return line("PUBLISH \(pick(["c1", "c1", "c2", "d", "nosuch"])) \(pick(["hello", "1"]))")
        case 15: return line("SPUBLISH \(pick(["c1", "s1", "s2"])) hello")
        case 16: return line("PUBSUB \(pick(["CHANNELS", "SHARDCHANNELS"])) \(pick(["", "*1", "c?"]))")
        case 17: return line("PUBSUB \(pick(["NUMSUB c1 c2 nosuch", "SHARDNUMSUB s1 s2", "NUMPAT"]))")
        default: return line("PING \(pick(["", "x"]))")
        }
    }

    // MARK: Tracking, and the connections themselves

    private mutating func tracking() -> [Bytes] {
        switch commands.chance.below(12) {
        case 0..<2: return line("CLIENT TRACKING OFF")
        case 2: return line("CLIENT CACHING \(pick(["YES", "NO"]))")
        case 3: return line("CLIENT \(pick(["TRACKINGINFO", "GETREDIR"]))")
        default:
            var text = "CLIENT TRACKING ON"
            if commands.chance.percent(35) { text += " REDIRECT \(client())" }
            if commands.chance.percent(40) { text += " BCAST" }
            if commands.chance.percent(25) { text += " PREFIX \(pick(["k", "l", "z1", "k PREFIX l", "l PREFIX l1"]))" }
            if commands.chance.percent(15) { text += " OPTIN" }
            if commands.chance.percent(15) { text += " OPTOUT" }
            if commands.chance.percent(25) { text += " NOLOOP" }
            return line(text)
        }
    }

    private mutating func other() -> [Bytes] {
        switch commands.chance.below(14) {
        case 0..<3: return line("CLIENT UNBLOCK \(client()) \(pick(["", "TIMEOUT", "ERROR", "nosuch"]))")
        case 3: return line("CLIENT KILL ID \(client())")
        case 4: return line("CLIENT KILL TYPE pubsub")
        case 5, 6: return [Self.departure]
        case 7: return line("RESET")
        case 8: return line("HELLO \(pick(["2", "3", "4", ""]))")
        case 9: return line("QUIT")
        case 10: return line("SELECT \(pick(["0", "0", "1"]))")
        case 11: return line("SWAPDB 0 1")
        default:
            return line(pick(["FLUSHALL", "FLUSHDB", "CLIENT NO-EVICT ON", "COPY l1 l2", "SORT l1 ALPHA STORE l2"]))
        }
    }

    private mutating func transaction() -> [[Bytes]] {
        var words: [[Bytes]] = []
        if commands.chance.percent(40) { words.append(line("WATCH \(pick(["k1", "l1", "z1 x1"]))")) }
        if commands.chance.percent(30) { return words.isEmpty ? [line(pick(["UNWATCH", "EXEC", "DISCARD"]))] : words }
        words.append(line("MULTI"))
        for _ in 0..<1 + commands.chance.below(4) {
            switch commands.chance.below(6) {
            case 0:
                // The end of all subscriptions comes in the order of a hash table.
                let line = channels()
                if line.count > 1 { words.append(line) }
            case 1: words.append(tracking())
            case 2: words += waiting()
            case 3: words += data()
            default: words.append(fill())
            }
        }
        words.append(line(commands.chance.percent(90) ? "EXEC" : "DISCARD"))
        return words
    }
}
