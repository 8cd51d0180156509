/// One section being played: its connections, and what was captured so far.
final class Dialogue {
    enum Verdict {
        case passed
        case skipped
        case differing(String)
    }

    private let server: ServerUnderTest
    private let version: Int
    private var connections: [Int: Connection] = [:]
    private var captures: [String: String] = [:]
    /// How long `(nothing)` waits before it believes.
    private let quietMilliseconds = 80

    init(_ server: ServerUnderTest, version: Int) throws(Failure) {
        self.server = server
        self.version = version
        try server.flush()
    }

    func finish() {
        for connection in connections.values { connection.close() }
    }

    /// What arrived without being expected, once the section is over.
    func leftovers() -> [String] {
        connections.keys.sorted().compactMap { number in
            guard let connection = connections[number], !connection.isClosed else { return nil }
            guard case .reply(let reply) = connection.nextReply(waiting: 0) else { return nil }
            return "@\(number) got more than was expected:\n" + PatternText.lines(reply).joined(separator: "\n")
        }
    }

    private func connection(_ number: Int) throws(Failure) -> Connection {
        if let connection = connections[number] { return connection }
        let connection = try server.connect(version: version)
        connections[number] = connection
        return connection
    }

    /// The protocol that a connection speaks now.
    func protocolVersion(_ number: Int) -> Int { connections[number]?.protocolVersion ?? version }

    private func value(_ name: String) -> String? {
        if let found = captures[name] { return found }
        if name == "host" { return server.host }
        if name == "port" { return String(server.port) }
        if name.hasPrefix("addr"), let number = Int(name.dropFirst(4)) {
            return (try? connection(number))?.localAddress
        }
        guard name.hasPrefix("now") else { return nil }
        var rest = name.dropFirst(3)
        let isFine = rest.hasPrefix("_ms")
        if isFine { rest = rest.dropFirst(3) }
        guard rest.isEmpty || rest.hasPrefix("+") || rest.hasPrefix("-"), let shift = rest.isEmpty ? 0 : Int(rest)
        else { return nil }
        let now = Clock.wallMilliseconds
        return String((isFine ? now : now / 1000) + shift)
    }

    /// Does what the step says, without reading replies. A command that is to wait has reached the server before others
    /// send theirs: a new connection's first might come later than those, and so might what the network holds back.
    func act(_ step: CaseFile.Step, expecting patterns: [Pattern]) throws(Failure) {
        let waits = patterns.contains { if case .later = $0 { true } else { false } }
        if waits, connections[step.connection] == nil {
            _ = try connection(step.connection).ask("HELLO", String(version))
        }
        try act(step)
        if waits { try connection(step.connection).awaitDelivery() }
    }

    private func act(_ step: CaseFile.Step) throws(Failure) {
        switch step.action {
        case .send(let words):
            try connection(step.connection).send(Wire.command(words.map { Text.substitute($0, value) }))
        case .raw(let bytes):
            try connection(step.connection).send(Text.substitute(bytes, value))
        case .read: break
        case .sleep(let time): Clock.sleep(milliseconds: time)
        case .disconnect:
            connections[step.connection]?.close()
            connections[step.connection] = nil
        case .reconnect:
            connections[step.connection]?.close()
            connections[step.connection] = try server.connect(version: version)
        }
    }

    /// The next thing to arrive on the step's connection.
    func next(
        _ step: CaseFile.Step, waiting milliseconds: Int = Connection.patience
    ) throws(Failure) -> Connection.Arrival {
        let connection = try connection(step.connection)
        let arrival = connection.nextReply(waiting: milliseconds)
        if case .reply(let reply) = arrival { follow(connection, step.words, reply) }
        return arrival
    }

    /// Notes when a command changed the connection's protocol.
    private func follow(_ connection: Connection, _ words: [Bytes], _ reply: Reply) {
        guard let name = words.first.map({ String($0).uppercased() }), !reply.isError else { return }
        if name == "RESET" { connection.protocolVersion = 2 }
        if name == "HELLO", words.count > 1, let version = Int(String(words[1])) {
            connection.protocolVersion = version
        }
    }

    /// Plays one step and judges what came.
    func play(_ step: CaseFile.Step, _ patterns: [Pattern]) throws(Failure) -> Verdict {
        try act(step, expecting: patterns)
        var problems: [String] = []
        for pattern in patterns {
            if case .later = pattern { continue }
            if case .nothing = pattern {
                if case .reply(let reply) = try next(step, waiting: quietMilliseconds) {
                    problems.append("nothing was expected, but got:\n" + shown(.reply(reply)))
                }
                continue
            }
            let arrival = try next(step)
            if !accepts(pattern, arrival, step.connection) {
                problems.append(shown(arrival))
            }
        }
        return problems.isEmpty ? .passed : .differing(problems.joined(separator: "\n"))
    }

    func accepts(_ pattern: Pattern, _ arrival: Connection.Arrival, _ number: Int) -> Bool {
        switch (pattern, arrival) {
        case (.closed, .closed): return true
        case (_, .reply(let reply)):
            var matcher = Matcher(version: protocolVersion(number), captures: captures, value: value)
            guard matcher.matches(pattern, reply) else { return false }
            captures = matcher.captures
            return true
        default: return false
        }
    }

    private func shown(_ arrival: Connection.Arrival) -> String {
        switch arrival {
        case .reply(let reply): PatternText.lines(reply).joined(separator: "\n")
        case .closed: "(closed)"
        case .nothing: "(nothing within \(Connection.patience / 1000) s)"
        case .malformed(let why): "(not a reply: \(why))"
        }
    }
}
