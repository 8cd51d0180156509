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
        /// As DEBUG DIGEST-VALUE answers.
        var digest = ""

        func isSame(as oracle: Entry, _ encodings: Set<String>) -> Bool {
            type == oracle.type && value == oracle.value
                && (encoding == oracle.encoding || encodings.contains(type + " " + oracle.encoding + " " + encoding))
                && (expiry == oracle.expiry || expiry > 0 && oracle.expiry > 0 && abs(expiry - oracle.expiry) < 3000)
        }
    }

    static func take(_ server: ServerUnderTest, digests: Bool) throws(Failure) -> [Identity: Entry] {
        let connection = try server.connect(version: 2)
        defer { connection.close() }
        var state: [Identity: Entry] = [:]
        let info = try connection.ask("INFO", "keyspace").string
        for line in info.split(separator: "\r\n") where line.hasPrefix("db") {
            guard let database = Int(line.dropFirst(2).prefix { $0.isNumber }) else { continue }
            _ = try connection.ask("SELECT", String(database))
            let keys = try connection.ask("KEYS", "*").items.map(\.text)
            for key in keys {
                var entry = try entry(connection, key)
                if digests { entry.digest = try digest(connection, key) }
                state[Identity(database: database, key: key)] = entry
            }
        }
        return state
    }

    private static func digest(_ connection: Connection, _ key: Bytes) throws(Failure) -> String {
        connection.send(Wire.command(["DEBUG".bytes, "DIGEST-VALUE".bytes, key]))
        guard case .reply(let reply) = connection.nextReply() else { throw Failure("no answer to the state dump") }
        return reply.items.first?.string ?? ""
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
        // Since 7.2 scores are printed as short as can be.
        case "zset":
            entry.value = reply.pairs.map { member, score in
                text(member) + " " + (Double(score.string).map { "\($0)" } ?? score.string)
            }.joined(separator: "\n")
        default: entry.value = text(reply)
        }
        return entry
    }
}
