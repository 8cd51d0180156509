/// A server to talk to, and the tools' own connection to it.
final class ServerUnderTest {
    let host: String
    let port: Int
    private var admin: Connection
    /// The release that INFO reports.
    let version: Version
    /// The settings as they were when the tools began, to come back to.
    private let settings: [Bytes: Bytes]
    private var known: [String: Bool] = [:]

    init(host: String, port: Int) throws(Failure) {
        self.host = host
        self.port = port
        let admin = try Connection(host: host, port: port)
        self.admin = admin
        let info = try admin.ask("INFO", "server").string
        let line = info.split(separator: "\r\n").first { $0.hasPrefix("redis_version:") }
        version = line.flatMap { Version(String($0.dropFirst(14))) } ?? Version(parts: [7, 4])
        settings = Self.settings(try admin.ask("CONFIG", "GET", "*"))
    }

    private static func settings(_ reply: Reply) -> [Bytes: Bytes] {
        Dictionary(reply.pairs.map { ($0.text, $1.text) }) { first, _ in first }
    }

    func connect(version: Int) throws(Failure) -> Connection {
        let connection = try Connection(host: host, port: port)
        if version == 3 {
            let reply = try connection.ask("HELLO", "3")
            guard reply.kind == .map else { throw Failure("HELLO 3 is answered with \(PatternText.lines(reply)[0])") }
            connection.protocolVersion = 3
        }
        return connection
    }

    /// Asks over the tools' own connection, which is made anew when a case has had it killed.
    func ask(_ words: String...) throws(Failure) -> Reply {
        let command = Wire.command(words.map { $0.bytes })
        for _ in 0..<2 {
            admin.send(command)
            if case .reply(let reply) = admin.nextReply(waiting: 60000) { return reply }
            admin = try Connection(host: host, port: port)
        }
        throw Failure("the server does not answer \(words.joined(separator: " "))")
    }

    /// Empties the server, and what it remembers of slow commands.
    func flush() throws(Failure) {
        let reply = try ask("FLUSHALL")
        guard !reply.isError else { throw Failure("FLUSHALL: \(reply.string)") }
        _ = try ask("SLOWLOG", "RESET")
        _ = try ask("LATENCY", "RESET")
    }

    /// Sets every setting that a section changed back to what it was.
    func restoreSettings() throws(Failure) {
        for (name, value) in Self.settings(try ask("CONFIG", "GET", "*")) where settings[name] != value {
            guard let before = settings[name] else { continue }
            _ = try ask("CONFIG", "SET", String(name), String(before))
        }
    }

    /// Whether the server has this command at all; a subcommand is written `CLIENT|UNBLOCK`.
    func has(_ command: String) -> Bool {
        if let known = known[command] { return known }
        let words = command.split(separator: "|").map(String.init)
        let reply = words.count > 1 ? try? ask(words[0], words[1]) : try? ask(command)
        let found = reply.map { !$0.isError || !$0.string.lowercased().hasPrefix("err unknown ") } ?? false
        known[command] = found
        return found
    }

    /// Whether the server lists the command, named as in `config|get`.
    func knows(_ name: String) -> Bool {
        guard let reply = try? ask("COMMAND", "INFO", name) else { return false }
        return reply.items.first.map { !$0.isNull } ?? false
    }

    var allowsDebug: Bool {
        guard let reply = try? ask("DEBUG", "SLEEP", "0") else { return false }
        return !reply.isError
    }

    /// Why the section is not for this server, or nil.
    func reasonToSkip(_ section: CaseFile.Section) -> String? {
        if let since = section.since, version < since { return "since \(since)" }
        if let missing = section.commands.first(where: { !has($0) }) { return "no \(missing)" }
        if section.needsDebug && !allowsDebug { return "no DEBUG" }
        if section.refusesDebug && allowsDebug { return "DEBUG is enabled" }
        return nil
    }
}
