/// One command of a run, and on which of the run's connections it is sent.
struct Exchange {
    /// 0 speaks RESP2 at first, 1 RESP3.
    var connection: Int
    var words: [Bytes]

    /// The line of a case file that sends it.
    var line: String { "@\(connection + 1)> " + Text.words(words) }
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
    private var connections: [[Connection]] = []
    private var listeners: [EventListener] = []
    private(set) var commandsSent = 0

    init(
        server: ServerUnderTest, oracle: ServerUnderTest, explained: ExplainedDifferences, comparesEvents: Bool = false
    ) {
        self.comparesEvents = comparesEvents
        self.server = server
        self.oracle = oracle
        self.explained = explained
    }

    /// Empties both and opens fresh connections.
    func begin() throws(Failure) {
        for pair in connections { for connection in pair { connection.close() } }
        connections = []
        for listener in listeners { listener.close() }
        listeners = []
        for side in [server, oracle] {
            try side.flush()
            connections.append([try side.connect(version: 2), try side.connect(version: 3)])
            if comparesEvents { listeners.append(try EventListener(side)) }
        }
    }

    /// Sends a run to both, in pipelines, and returns the first reply that differs.
    func run(_ exchanges: ArraySlice<Exchange>) -> Difference? {
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
            if left == right { continue }
            guard case .reply(let mine, _) = ReplyReader.read(Bytes(left), at: 0),
                case .reply(let other, _) = ReplyReader.read(Bytes(right), at: 0)
            else { continue }
            if explained.accepts(exchange.words, oracle: other, server: mine) { continue }
            return Difference(
                place: place, words: exchange.words, oracle: PatternText.lines(other).joined(separator: "\n"),
                server: PatternText.lines(mine).joined(separator: "\n"))
        }
        return nil
    }

    /// Compares what was told of a pipeline's effects.
    private func compareEvents(after exchanges: ArraySlice<Exchange>) -> Difference? {
        guard let last = exchanges.last else { return nil }
        do throws(Failure) {
            let ours = try listeners[0].take()
            let theirs = try listeners[1].take()
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
            let (bytes, ends) = try connection.rawReplies(count, waiting: 10000)
            return Replies(bytes: bytes, ends: ends)
        } catch {
            return Replies(bytes: connection.input, ends: connection.lastEnds, failure: "(\(error))")
        }
    }

    /// Compares everything that both hold.
    func compareStates(after place: Int) throws(Failure) -> Difference? {
        let ours = try StateDump.take(server)
        let theirs = try StateDump.take(oracle)
        for (database, key) in Set(ours.keys).union(theirs.keys).sorted(by: <).map({ ($0.database, $0.key) }) {
            let identity = StateDump.Identity(database: database, key: key)
            let (left, right) = (ours[identity], theirs[identity])
            if let left, let right, left.isSame(as: right, explained.encodings) { continue }
            return Difference(
                place: place, words: ["state".bytes], oracle: describe(identity, right),
                server: describe(identity, left))
        }
        return nil
    }

    private func describe(_ identity: StateDump.Identity, _ entry: StateDump.Entry?) -> String {
        "database \(identity.database), key \(Text.quote(identity.key)): "
            + (entry.map { "\($0.type) \($0.encoding), expires \($0.expiry)\n\($0.value)" } ?? "(none)")
    }
}

/// Everything a server holds, as far as commands can tell.
enum StateDump {
    struct Identity: Hashable, Comparable {
        let database: Int
        let key: Bytes

        static func < (left: Identity, right: Identity) -> Bool {
            left.database == right.database ? Text.isLess(left.key, right.key) : left.database < right.database
        }
    }

    struct Entry {
        var type = ""
        var encoding = ""
        /// As PEXPIRETIME answers.
        var expiry = 0
        var value = ""

        func isSame(as oracle: Entry, _ encodings: Set<String>) -> Bool {
            type == oracle.type && value == oracle.value
                && (encoding == oracle.encoding || encodings.contains(oracle.encoding + " " + encoding))
                && (expiry == oracle.expiry || expiry > 0 && oracle.expiry > 0 && abs(expiry - oracle.expiry) < 3000)
        }
    }

    static func take(_ server: ServerUnderTest) throws(Failure) -> [Identity: Entry] {
        let connection = try server.connect(version: 2)
        defer { connection.close() }
        var state: [Identity: Entry] = [:]
        let info = try connection.ask("INFO", "keyspace").string
        for line in info.split(separator: "\r\n") where line.hasPrefix("db") {
            guard let database = Int(line.dropFirst(2).prefix { $0.isNumber }) else { continue }
            _ = try connection.ask("SELECT", String(database))
            let keys = try connection.ask("KEYS", "*").items.map(\.text)
            for key in keys {
                state[Identity(database: database, key: key)] = try entry(connection, key)
            }
        }
        return state
    }

    private static func entry(_ connection: Connection, _ key: Bytes) throws(Failure) -> Entry {
        connection.send(
            Wire.command(["TYPE".bytes, key]) + Wire.command(["OBJECT".bytes, "ENCODING".bytes, key])
                + Wire.command(["PEXPIRETIME".bytes, key]))
        var replies: [Reply] = []
        for _ in 0..<3 {
            guard case .reply(let reply) = connection.nextReply() else { throw Failure("no answer to the state dump") }
            replies.append(reply)
        }
        var entry = Entry(type: replies[0].string, encoding: replies[1].string, expiry: replies[2].number ?? 0)
        let read: [Bytes]
        switch entry.type {
        case "string": read = ["GET".bytes, key]
        case "list": read = ["LRANGE".bytes, key, "0".bytes, "-1".bytes]
        case "set": read = ["SMEMBERS".bytes, key]
        case "hash": read = ["HGETALL".bytes, key]
        case "zset": read = ["ZRANGE".bytes, key, "0".bytes, "-1".bytes, "WITHSCORES".bytes]
        case "stream": read = ["XRANGE".bytes, key, "-".bytes, "+".bytes]
        default: return entry
        }
        connection.send(Wire.command(read))
        guard case .reply(let reply) = connection.nextReply() else { throw Failure("no answer to the state dump") }
        func text(_ reply: Reply) -> String { PatternText.lines(reply).joined(separator: "\n") }
        switch entry.type {
        case "set": entry.value = reply.items.map(text).sorted().joined(separator: "\n")
        case "hash": entry.value = reply.pairs.map { text($0) + " = " + text($1) }.sorted().joined(separator: "\n")
        default: entry.value = text(reply)
        }
        return entry
    }
}
