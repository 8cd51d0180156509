/// Several connections to each of two servers, that wait for, wake and tell each other things. Commands go one by one,
/// and after each it is compared what every connection hears.
final class Conversation {
    private let sides: [ServerUnderTest]
    private let explained: ExplainedDifferences
    private var talks: [[Talk]] = []
    private var controls: [Connection] = []
    private var memories: [Memory] = []
    /// Whether a client does not want to hear of its own changes.
    private var hasNoLoop = false
    /// Whether both did different things for a reason: what follows cannot be compared.
    private(set) var isOver = false

    /// One connection, and the number that its server knows it by.
    private struct Talk {
        var connection: Connection
        var id = ""
        var isOpen = true
    }

    /// What was said on a connection and has no answer yet.
    private struct Memory {
        var unanswered: [[Bytes]] = []
        /// What MULTI has queued.
        var queued: [[Bytes]]?
        var isWaiting = false
    }

    init(_ sides: [ServerUnderTest], _ explained: ExplainedDifferences) {
        self.sides = sides
        self.explained = explained
    }

    /// The connections that wait for something.
    var waiting: Set<Int> { Set(memories.indices.filter { memories[$0].isWaiting }) }

    /// Opens fresh connections; every event is told to who asks for it.
    func begin() throws(Failure) {
        for talk in talks.joined() { talk.connection.close() }
        for control in controls { control.close() }
        talks = []
        controls = []
        hasNoLoop = false
        isOver = false
        memories = Array(repeating: Memory(), count: ConversationGenerator.connections)
        for side in sides {
            let control = try side.connect(version: 2)
            _ = try control.ask("CONFIG", "SET", "notify-keyspace-events", "AKE")
            _ = try control.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0")
            controls.append(control)
            talks.append([])
        }
        try alignNumbers()
        for index in 0..<ConversationGenerator.connections {
            for side in sides.indices { talks[side].append(try Self.open(sides[side], index)) }
        }
    }

    /// Connects to the server that has numbered fewer clients until both have numbered as many: replies and messages
    /// tell the numbers.
    private func alignNumbers() throws(Failure) {
        func number(_ side: Int) throws(Failure) -> Int {
            let connection = try sides[side].connect(version: 2)
            defer { connection.close() }
            return try connection.ask("CLIENT", "ID").number ?? 0
        }
        var ours = try number(0)
        var theirs = try number(1)
        while ours != theirs {
            if ours < theirs { ours = try number(0) } else { theirs = try number(1) }
        }
    }

    /// Every other connection speaks RESP3.
    private static func open(_ side: ServerUnderTest, _ index: Int) throws(Failure) -> Talk {
        let connection = try side.connect(version: 2)
        let id = try connection.ask("CLIENT", "ID").string
        if index % 2 == 1 { _ = try connection.ask("HELLO", "3") }
        return Talk(connection: connection, id: id)
    }

    func run(_ exchanges: ArraySlice<Exchange>) -> Difference? {
        for place in exchanges.indices where !isOver {
            do throws(Failure) {
                if let difference = try step(exchanges[place], place) { return difference }
            } catch {
                return Difference(
                    place: place, words: exchanges[place].words, oracle: "(goes on)", server: error.description)
            }
        }
        return nil
    }

    private func step(_ exchange: Exchange, _ place: Int) throws(Failure) -> Difference? {
        let speaker = exchange.connection
        for side in sides.indices { try say(exchange, side) }
        memories[speaker].unanswered.append(exchange.words)
        for side in sides.indices { try letAllBeTold(side) }
        hasNoLoop = hasNoLoop || exchange.words.contains("NOLOOP".bytes)
        var heard: [(ours: [Reply], theirs: [Reply])] = []
        for index in talks[0].indices { heard.append((try hear(0, index), Messages.hoisted(try hear(1, index)))) }
        let name = name(exchange.words)
        let served = heard.indices.filter { index in
            index != speaker && heard[index].ours.contains { !Messages.isMessage($0) }
        }
        isOver = served.contains { looksAgain($0, heard[$0].ours, heard[$0].theirs, exchange) }
        for index in talks[0].indices where !isOver {
            var (ours, theirs) = heard[index]
            // Since 7.2 a client that waited acts in its own name, which counts where somebody does not want his own
            // changes, where keys come as SWAPDB brings them, which invalidates nothing, and where a transaction turned
            // tracking on after its own changes.
            if !served.isEmpty, hasNoLoop || ["SWAPDB", "EXEC"].contains(name) {
                ours.removeAll { Messages.isInvalidation($0) }
                theirs.removeAll { Messages.isInvalidation($0) }
            }
            // What a client that is ended has not read yet is lost at the oracle, and here only if it cannot be sent.
            let isEnded = index != speaker && !talks[0][index].isOpen && !talks[1][index].isOpen
            if !isEnded, let difference = compare(ours, theirs, index, exchange, place) { return difference }
            if !talks[0][index].isOpen { memories[index] = Memory() }
        }
        return nil
    }

    /// Since 7.2 a client that waited for several keys looks at them again, in their order: also at one that is of
    /// another type by now, and, where several were filled at once, not first at the one that was filled first.
    private func looksAgain(_ index: Int, _ ours: [Reply], _ theirs: [Reply], _ exchange: Exchange) -> Bool {
        guard memories[index].isWaiting,
            let server = ours.first(where: { !Messages.isMessage($0) }),
            let oracle = theirs.first(where: { !Messages.isMessage($0) }), server != oracle, !oracle.isError
        else { return false }
        if server.isError { return server.string.hasPrefix("WRONGTYPE ") }
        let fillsSeveral = ["EXEC", "SWAPDB"].contains(name(exchange.words)) || memories.contains(where: movesOn)
        return fillsSeveral && server.items.first != oracle.items.first
    }

    private func name(_ words: [Bytes]) -> String { words.first.map { String($0).uppercased() } ?? "" }

    /// Whether it waits to move an element to another list, whose waiters are woken in turn.
    private func movesOn(_ memory: Memory) -> Bool {
        memory.isWaiting && memory.unanswered.first.map { ["BLMOVE", "BRPOPLPUSH"].contains(name($0)) } ?? false
    }

    private func say(_ exchange: Exchange, _ side: Int) throws(Failure) {
        let index = exchange.connection
        if exchange.words == [ConversationGenerator.departure] {
            talks[side][index].connection.close()
            talks[side][index].isOpen = false
            return
        }
        if !talks[side][index].isOpen {
            talks[side][index] = try Self.open(sides[side], index)
            memories[index] = Memory()
        }
        let ids = talks[side].map(\.id)
        let words = exchange.words.map { word in
            Text.substitute(word) { name in Int(name.dropFirst(2)).map { ids[$0 - 1] } }
        }
        talks[side][index].connection.send(Wire.command(words))
    }

    /// What one connection did has reached all others when the server has answered another one a few times.
    private func letAllBeTold(_ side: Int) throws(Failure) {
        for _ in 0..<3 {
            controls[side].send("PING\r\n".bytes)
            guard case .reply = controls[side].nextReply() else {
                throw Failure("\(side == 0 ? "the server" : "the oracle") does not answer PING")
            }
        }
    }

    /// All that has arrived on a connection.
    private func hear(_ side: Int, _ index: Int) throws(Failure) -> [Reply] {
        guard talks[side][index].isOpen else { return [] }
        let connection = talks[side][index].connection
        while connection.receive(waiting: 0) {}
        var replies: [Reply] = []
        while connection.position < connection.input.count {
            guard case .reply(let reply) = connection.nextReply(waiting: 2000) else {
                throw Failure("half a reply, or none")
            }
            replies.append(reply)
        }
        if connection.isClosed {
            connection.close()
            talks[side][index].isOpen = false
            replies.append(Reply(kind: .simple, text: "(closed)".bytes))
        }
        return replies
    }

    // MARK: Comparing

    private func compare(
        _ ours: [Reply], _ theirs: [Reply], _ index: Int, _ exchange: Exchange, _ place: Int
    ) -> Difference? {
        let isSwap = name(exchange.words) == "SWAPDB"
        let isSame = ours == theirs || isSame(ours, theirs, index, wokenInAnyOrder: isSwap)
        note(ours, index)
        if isSame { return nil }
        func text(_ replies: [Reply]) -> String {
            replies.isEmpty ? "(nothing)" : replies.flatMap { PatternText.lines($0) }.joined(separator: "\n")
        }
        return Difference(
            place: place, words: exchange.words, oracle: "connection \(index + 1): " + text(theirs),
            server: "connection \(index + 1): " + text(ours))
    }

    private func isSame(_ ours: [Reply], _ theirs: [Reply], _ index: Int, wokenInAnyOrder: Bool) -> Bool {
        let messages = (Messages.inOrder(ours), Messages.inOrder(theirs))
        // The keys that SWAPDB brings are found, and the clients that a broadcast reaches, in the order of a table.
        let isUnordered = wokenInAnyOrder || messages.0.contains { $0.contains("tracking-redir-broken") }
        guard messages.0 == messages.1 || isUnordered && messages.0.sorted() == messages.1.sorted()
        else { return false }
        let answers = (ours.filter { !Messages.isMessage($0) }, theirs.filter { !Messages.isMessage($0) })
        guard answers.0.count == answers.1.count else { return false }
        let memory = memories[index]
        return zip(answers.0, answers.1).allSatisfy { server, oracle in
            if server == oracle { return true }
            if memory.unanswered.contains(where: { explained.accepts($0, oracle: oracle, server: server) }) {
                return true
            }
            guard let queued = memory.queued else { return false }
            return explained.accepts(queue: queued, oracle: oracle, server: server)
        }
    }

    /// Keeps what a connection still waits for.
    private func note(_ replies: [Reply], _ index: Int) {
        var memory = memories[index]
        defer { memories[index] = memory }
        var answers = replies.filter { !Messages.isMessage($0) }[...]
        if answers.isEmpty && !replies.isEmpty { memory.unanswered.removeAll { Messages.isSubscription($0) } }
        while let answer = answers.popFirst(), !memory.unanswered.isEmpty {
            let words = memory.unanswered.removeFirst()
            switch words.first.map({ String($0).uppercased() }) {
            case "MULTI": if memory.queued == nil, !answer.isError { memory.queued = [] }
            case "EXEC", "DISCARD", "RESET": memory.queued = nil
            default: if answer.string == "QUEUED" { memory.queued?.append(words) }
            }
        }
        memory.isWaiting = !memory.unanswered.isEmpty
    }
}

/// Messages among what a connection hears: what comes without being asked for.
private enum Messages {
    private static let kinds: Set<String> = [
        "message", "pmessage", "smessage", "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe",
        "sunsubscribe",
    ]

    static func isMessage(_ reply: Reply) -> Bool {
        if reply.kind == .push { return true }
        return reply.kind == .array && reply.items.count > 2 && kinds.contains(reply.items[0].string)
    }

    static func isInvalidation(_ reply: Reply) -> Bool {
        guard isMessage(reply), reply.items.count > 1 else { return false }
        return ["invalidate", "tracking-redir-broken"].contains(reply.items[0].string)
            || reply.items[0].string == "message" && reply.items[1].string == "__redis__:invalidate"
    }

    /// Before 7.2 messages to the client that a command works for come in the middle of its reply, and count for none
    /// of the reply's elements: they are put before it.
    static func hoisted(_ replies: [Reply]) -> [Reply] {
        var parts: [Part] = []
        for reply in replies { append(reply, to: &parts) }
        var rest = parts[...]
        var result: [Reply] = []
        while !rest.isEmpty {
            var messages: [Reply] = []
            guard let whole = next(&rest, &messages) else { return result + messages }
            result += messages + [whole]
        }
        return result
    }

    /// Whether it belongs to no reply: what confirms a subscription is the element of a reply.
    private static func isApart(_ reply: Reply) -> Bool {
        isMessage(reply) && !(reply.items.first?.string.hasSuffix("subscribe") ?? false)
    }

    /// A message, a scalar, or the beginning of so many elements.
    private struct Part {
        var reply: Reply
        var elements = 0
        var isApart = false
    }

    private static func append(_ reply: Reply, to parts: inout [Part]) {
        guard !isApart(reply), !reply.items.isEmpty else {
            return parts.append(Part(reply: reply, isApart: isApart(reply)))
        }
        parts.append(Part(reply: Reply(kind: reply.kind), elements: reply.items.count))
        for item in reply.items { append(item, to: &parts) }
    }

    private static func next(_ parts: inout ArraySlice<Part>, _ messages: inout [Reply]) -> Reply? {
        while let part = parts.popFirst() {
            guard !part.isApart else {
                messages.append(part.reply)
                continue
            }
            var reply = part.reply
            for _ in 0..<part.elements {
                guard let item = next(&parts, &messages) else { break }
                reply.items.append(item)
            }
            return reply
        }
        return nil
    }

    static func isSubscription(_ words: [Bytes]) -> Bool {
        words.first.map { String($0).lowercased().hasSuffix("subscribe") } ?? false
    }

    /// The messages as lines. What tells of a change and what makes it invalid are apart, since their order differs
    /// from command to command.
    static func inOrder(_ replies: [Reply]) -> [String] {
        // Since 7.2 a transaction's messages to its own client follow what confirms the end of a subscription in it.
        let kinds = replies.map { reply in isInvalidation(reply) ? 0 : isApart(reply) ? 1 : 2 }
        return (0..<3).flatMap { kind in lines(replies.indices.filter { kinds[$0] == kind }.map { replies[$0] }) }
    }

    /// Those that come in the order of a hash table are put in order: one message as it comes by several patterns, and
    /// the end of all subscriptions.
    private static func lines(_ replies: [Reply]) -> [String] {
        var lines: [String] = []
        var run: [String] = []
        var runKind = ""
        for reply in replies where isMessage(reply) {
            let texts = reply.items.map { PatternText.lines($0).joined(separator: " ") }
            let kind: String
            let text: String
            switch reply.items.first?.string {
            case "pmessage":
                kind = "pmessage " + texts.dropFirst(2).joined(separator: " ")
                text = texts[1]
            case "unsubscribe", "punsubscribe", "sunsubscribe":
                kind = texts[0]
                text = texts[1]
                // The numbers must count down whatever the names' order.
                lines.append("then " + texts[2])
            default:
                kind = ""
                text = texts.joined(separator: " ")
            }
            if kind.isEmpty || kind != runKind {
                lines += run.sorted()
                run = []
            }
            runKind = kind
            run.append(kind + " " + text)
        }
        return lines + run.sorted()
    }
}
