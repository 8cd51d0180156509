/// One command of a run, and on which of the run's connections it is sent.
struct Exchange {
    /// 0 speaks RESP2 at first, 1 RESP3.
    var connection: Int
    var words: [Bytes]
    /// The commands that the words, a script, will call; empty where they are the command.
    var inner: [[Bytes]] = []
    /// Whether the script answers a list of replies, even to one command.
    var isList = false

    /// The line of a case file that sends it.
    var line: String {
        if words == [ConversationGenerator.departure] { return "@\(connection + 1) disconnect" }
        return "@\(connection + 1)> " + Text.words(words)
    }
}

/// A reply that differs, or two states that do.
struct Difference {
    /// The command's place in the run; for states, the run's end.
    let place: Int
    let words: [Bytes]
    let oracle: String
    let server: String

    /// The same for differences that look alike, so that each is told once.
    var signature: String {
        func plain(_ text: String) -> String {
            String(text.split(separator: "\n").first ?? "").filter { !$0.isNumber }.prefix(60).description
        }
        return String(words.first ?? []).lowercased() + " / " + plain(oracle) + " / " + plain(server)
    }
}

/// The server under test and the oracle, doing the same things.
final class Duel {
    let server: ServerUnderTest
    let oracle: ServerUnderTest
    private let explained: ExplainedDifferences
    private let comparesEvents: Bool
    /// Where connections talk to each other.
    let conversation: Conversation?
    private var connections: [[Connection]] = []
    private var listeners: [EventListener] = []
    private(set) var commandsSent = 0
    /// What MULTI has queued on each connection; nil outside of a transaction.
    private var queued: [[Exchange]?] = [nil, nil]
    /// The settings of this run, on both.
    var settings: [Setting] = [] {
        didSet { settingsAreSet = false }
    }
    private var settingsAreSet = true
    /// The words of commands that one has refused and the other has not, since events were compared: whether a key
    /// among them was missed, one alone can tell.
    private var excused: Set<Bytes> = []
    /// How long to wait for a reply, in milliseconds.
    var patience = 10_000

    struct Setting: Equatable {
        var name: String
        var value: String
    }

    init(
        server: ServerUnderTest, oracle: ServerUnderTest, explained: ExplainedDifferences,
        comparesEvents: Bool = false, isConversation: Bool = false
    ) {
        conversation = isConversation ? Conversation([server, oracle], explained) : nil
        self.comparesEvents = comparesEvents
        self.server = server
        self.oracle = oracle
        self.explained = explained
    }

    /// Empties both, gives them the settings of the run, and opens fresh connections.
    func begin() throws(Failure) {
        queued = [nil, nil]
        if !settingsAreSet {
            for side in [server, oracle] {
                try side.restoreSettings()
                // One may lack a setting that the other has.
                for setting in settings { _ = try side.ask("CONFIG", "SET", setting.name, setting.value) }
            }
            settingsAreSet = true
        }
        for pair in connections { for connection in pair { connection.close() } }
        connections = []
        for listener in listeners { listener.close() }
        listeners = []
        if let conversation {
            for side in [server, oracle] { try side.flush() }
            return try conversation.begin()
        }
        for side in [server, oracle] {
            try side.flush()
            connections.append([try side.connect(version: 2), try side.connect(version: 3)])
            if comparesEvents { listeners.append(try EventListener(side)) }
        }
    }

    /// Sends a run to both, in pipelines, and returns the first reply that differs.
    func run(_ exchanges: ArraySlice<Exchange>) -> Difference? {
        if let conversation {
            commandsSent += exchanges.count
            return conversation.run(exchanges)
        }
        var start = exchanges.startIndex
        while start < exchanges.endIndex {
            let connection = exchanges[start].connection
            var end = start
            var bytes: Bytes = []
            while end < exchanges.endIndex, exchanges[end].connection == connection, bytes.count < 60000 {
                Wire.append(exchanges[end].words, to: &bytes)
                end += 1
            }
            if let difference = runPipeline(exchanges[start..<end], bytes, connection) { return difference }
            if comparesEvents, let difference = compareEvents(after: exchanges[start..<end]) { return difference }
            start = end
        }
        return nil
    }

    private func runPipeline(_ exchanges: ArraySlice<Exchange>, _ bytes: Bytes, _ connection: Int) -> Difference? {
        commandsSent += exchanges.count
        for side in connections { side[connection].send(bytes) }
        let ours = replies(connections[0][connection], exchanges.count)
        let theirs = replies(connections[1][connection], exchanges.count)
        for (offset, exchange) in exchanges.enumerated() {
            let place = exchanges.startIndex + offset
            guard offset < ours.ends.count, offset < theirs.ends.count else {
                if ours.ends.count == theirs.ends.count { return nil }
                return Difference(
                    place: place, words: exchange.words, oracle: theirs.failure ?? "(a reply)",
                    server: ours.failure ?? "(a reply)")
            }
            let left = ours.slice(offset)
            let right = theirs.slice(offset)
            let queue = follow(exchange, Bytes(left))
            if left == right { continue }
            guard case .reply(let mine, _) = ReplyReader.read(Bytes(left), at: 0),
                case .reply(let other, _) = ReplyReader.read(Bytes(right), at: 0)
            else { continue }
            if accepts(exchange, oracle: other, server: mine) { continue }
            if let queue, accepts(queue, oracle: other, server: mine) { continue }
            return Difference(
                place: place, words: exchange.words, oracle: PatternText.lines(other).joined(separator: "\n"),
                server: PatternText.lines(mine).joined(separator: "\n"))
        }
        return nil
    }

    /// Keeps what a transaction has queued; answers it when it is to be executed.
    private func follow(_ exchange: Exchange, _ reply: Bytes) -> [Exchange]? {
        let name = exchange.words.first.map { String($0).uppercased() }
        switch name {
        case "MULTI": if queued[exchange.connection] == nil { queued[exchange.connection] = [] }
        case "DISCARD", "RESET": queued[exchange.connection] = nil
        case "EXEC": return queued[exchange.connection].take()
        default: if reply == "+QUEUED\r\n".bytes { queued[exchange.connection]?.append(exchange) }
        }
        return nil
    }

    private func excuse(_ words: [Bytes], oracle: Reply, server: Reply) {
        if oracle.isError != server.isError { excused.formUnion(words.dropFirst()) }
    }

    /// Whether two replies of EXEC are the same as far as can be asked, command by command.
    private func accepts(_ queue: [Exchange], oracle: Reply, server: Reply) -> Bool {
        guard oracle.kind == .array, server.kind == .array, oracle.items.count == queue.count,
            server.items.count == queue.count
        else { return false }
        return queue.indices.allSatisfy { index in
            accepts(queue[index], oracle: oracle.items[index], server: server.items[index])
        }
    }

    /// The same for one command, or for a script's calls.
    private func accepts(_ exchange: Exchange, oracle: Reply, server: Reply) -> Bool {
        if oracle == server { return true }
        guard let first = exchange.inner.first else {
            excuse(exchange.words, oracle: oracle, server: server)
            return explained.accepts(exchange.words, oracle: oracle, server: server)
        }
        for words in exchange.inner { excuse(words, oracle: oracle, server: server) }
        if exchange.isList, oracle.kind == .array, server.kind == .array {
            return oracle.items.count == server.items.count
                && zip(oracle.items, server.items).enumerated().allSatisfy { index, pair in
                    index < exchange.inner.count
                        && accepts(calling: exchange.inner[index], oracle: pair.0, server: pair.1)
                }
        }
        return accepts(calling: first, oracle: oracle, server: server)
    }

    /// The same for the call of a command within a script.
    private func accepts(calling words: [Bytes], oracle: Reply, server: Reply) -> Bool {
        explained.accepts(
            words, oracle: ScriptWrapping.plain(oracle, of: words), server: ScriptWrapping.plain(server, of: words))
    }

    /// Compares what was told of a pipeline's effects.
    private func compareEvents(after exchanges: ArraySlice<Exchange>) -> Difference? {
        guard let last = exchanges.last else { return nil }
        do throws(Failure) {
            defer { excused = [] }
            let known = Set(excused.map { "keymiss " + Text.quote($0) })
            func isKnown(_ event: String) -> Bool { known.contains { event.hasSuffix($0) } }
            let ours = try listeners[0].take().filter { !isKnown($0) }
            let theirs = try listeners[1].take().filter { !isKnown($0) }
            guard ours != theirs else { return nil }
            let first = zip(ours, theirs).prefix { $0 == $1 }.count
            return Difference(
                place: exchanges.endIndex - 1, words: last.words,
                oracle: "event " + (first < theirs.count ? theirs[first] : "(none)"),
                server: "event " + (first < ours.count ? ours[first] : "(none)"))
        } catch {
            return Difference(
                place: exchanges.endIndex - 1, words: last.words, oracle: "events", server: error.description)
        }
    }

    private struct Replies {
        var bytes: Bytes = []
        var ends: [Int] = []
        var failure: String?

        func slice(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }
    }

    private func replies(_ connection: Connection, _ count: Int) -> Replies {
        do throws(Failure) {
            let (bytes, ends) = try connection.rawReplies(count, waiting: patience)
            return Replies(bytes: bytes, ends: ends)
        } catch {
            return Replies(bytes: connection.input, ends: connection.lastEnds, failure: "(\(error))")
        }
    }

    /// Compares everything that both hold.
    func compareStates(after place: Int) throws(Failure) -> Difference? {
        let digests = server.allowsDebug && oracle.allowsDebug
        let ours = try StateDump.take(server, digests: digests)
        let theirs = try StateDump.take(oracle, digests: digests)
        for (database, key) in Set(ours.keys).union(theirs.keys).sorted(by: <).map({ ($0.database, $0.key) }) {
            let identity = StateDump.Identity(database: database, key: key)
            let (left, right) = (ours[identity], theirs[identity])
            if let left, let right, left.isSame(as: right, explained.encodings) { continue }
            return Difference(
                place: place, words: ["state".bytes], oracle: describe(identity, right),
                server: describe(identity, left))
        }
        return compareDigests(ours, theirs, place)
    }

    /// Each has digests of its own; what has to be alike is which keys have equal ones.
    private func compareDigests(
        _ ours: [StateDump.Identity: StateDump.Entry], _ theirs: [StateDump.Identity: StateDump.Entry], _ place: Int
    ) -> Difference? {
        var pairs: [String: String] = [:]
        var reverse: [String: String] = [:]
        for (identity, entry) in ours.sorted(by: { $0.key < $1.key }) {
            guard let other = theirs[identity] else { continue }
            let partner = pairs[entry.digest, default: other.digest]
            let own = reverse[other.digest, default: entry.digest]
            guard partner == other.digest, own == entry.digest else {
                return Difference(
                    place: place, words: ["digest".bytes], oracle: describe(identity, other) + "\n" + other.digest,
                    server: describe(identity, entry) + "\n" + entry.digest)
            }
            pairs[entry.digest] = other.digest
            reverse[other.digest] = entry.digest
        }
        return nil
    }

    private func describe(_ identity: StateDump.Identity, _ entry: StateDump.Entry?) -> String {
        "database \(identity.database), key \(Text.quote(identity.key)): "
            + (entry.map { "\($0.type) \($0.encoding), expires \($0.expiry)\n\($0.value)" } ?? "(none)")
    }
}
