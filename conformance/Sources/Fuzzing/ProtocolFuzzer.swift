/// Sends what no client should: malformed and truncated frames, giant lengths, mutated pipelines, on many connections,
/// with departures in the middle. The server may answer what it likes; it must go on serving.
final class ProtocolFuzzer {
    private let host: String
    private let port: Int
    private var chance: Chance
    private var connections: [Connection] = []
    private let connectionLimit: Int
    private var sentBytes = 0
    private var opened = 0
    /// Scripts, if these are to be sent instead.
    private var scripts: ScriptInput?

    init(host: String, port: Int, seed: Int, connections: Int, sendsScripts: Bool = false) {
        scripts = sendsScripts ? ScriptInput(seed: seed) : nil
        self.host = host
        self.port = port
        connectionLimit = connections
        chance = Chance(seed: seed)
    }

    /// Runs for so long; throws when the server no longer answers.
    func run(seconds: Int) throws(Failure) {
        if scripts != nil { try configure(ScriptInput.settings) }
        let end = Clock.milliseconds + seconds * 1000
        var nextCheck = Clock.milliseconds + 1000
        var steps = 0
        while Clock.milliseconds < end {
            try step()
            steps += 1
            if Clock.milliseconds >= nextCheck {
                try check()
                nextCheck = Clock.milliseconds + 1000
            }
        }
        for connection in connections { connection.close(abruptly: chance.percent(50)) }
        connections = []
        try check()
        Output.line("\(steps) steps, \(opened) connections, \(sentBytes) bytes sent; the server still answers")
    }

    private func check() throws(Failure) {
        let connection = try Connection(host: host, port: port)
        defer { connection.close() }
        var reply = try connection.ask("PING")
        let end = Clock.milliseconds + ProtocolFuzzer.patience
        while reply.string.hasPrefix("BUSY"), Clock.milliseconds < end {
            _ = try connection.ask("SCRIPT", "KILL")
            _ = try connection.ask("FUNCTION", "KILL")
            reply = try connection.ask("PING")
        }
        guard reply.string == "PONG" || reply.string.hasPrefix("NOAUTH") else {
            throw Failure("PING is answered with \(PatternText.lines(reply)[0])")
        }
    }

    /// How long a script that is to end may take to do so, in milliseconds.
    private static let patience = 20_000

    private func configure(_ commands: [[String]]) throws(Failure) {
        let connection = try Connection(host: host, port: port)
        defer { connection.close() }
        for words in commands { _ = try connection.ask(words: words) }
    }

    private func step() throws(Failure) {
        if connections.count < connectionLimit && (connections.isEmpty || chance.percent(20)) {
            connections.append(try Connection(host: host, port: port))
            opened += 1
        }
        let index = chance.below(connections.count)
        let connection = connections[index]
        let bytes = payload()
        sentBytes += bytes.count
        var isAlive = true
        if chance.percent(30), bytes.count > 2 {
            // In two pieces, so that the parser stops anywhere.
            let cut = 1 + chance.below(bytes.count - 1)
            isAlive = connection.send(Bytes(bytes[..<cut])) && connection.send(Bytes(bytes[cut...]))
        } else {
            isAlive = connection.send(bytes)
        }
        // Mostly the replies are read away; sometimes they pile up.
        if chance.percent(80) {
            while connection.receive(waiting: 0) { connection.position = connection.input.count }
        }
        if !isAlive || connection.isClosed || chance.percent(3) {
            connection.close(abruptly: chance.percent(50))
            connections.remove(at: index)
        }
    }

    // MARK: What is sent

    private func payload() -> Bytes {
        if let bytes = scripts?.payload() { return bytes }
        switch chance.below(10) {
        case 0: return noise()
        case 1: return header()
        case 2: return inline()
        case 3, 4: return truncated(pipeline())
        case 5, 6, 7: return mutated(pipeline())
        default: return pipeline()
        }
    }

    private func noise() -> Bytes {
        (0..<(1 + chance.below(300))).map { _ in UInt8(chance.below(256)) }
    }

    private static let lengths = [
        "-1", "-2", "0", "1", "3", "16", "1048577", "536870912", "536870913", "2147483647", "2147483648",
        "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "99999999999999999999999", "",
        "abc", "+3", " 3", "3 ", "03", "0x3", "1e3", "-", "-0",
    ]

    /// The beginning of a request, with a length that may be anything.
    private func header() -> Bytes {
        var bytes: Bytes = []
        bytes.append(chance.percent(50) ? 0x2A : chance.pick(Array("$+-:*%~>,(=!#_|\0\r\n".utf8)))
        bytes += chance.pick(Self.lengths).utf8
        bytes += chance.pick(["\r\n", "\n", "\r", "", "\r\r\n", "\n\r"]).utf8
        if chance.percent(60) {
            bytes.append(chance.percent(80) ? 0x24 : UInt8(chance.below(256)))
            bytes += chance.pick(Self.lengths).utf8
            bytes += chance.pick(["\r\n", "\r\n", "\n", ""]).utf8
        }
        if chance.percent(2) { bytes += repeatElement(UInt8(0x31), count: 70000) }
        return bytes
    }

    private func inline() -> Bytes {
        let pieces = ["PING", "SET", "GET", "k", "\"", "'", "\\", "\\x", "\\xf", "\"a b\"", "'", " ", "\t", "\0", "é"]
        var bytes: Bytes = []
        for _ in 0..<(1 + chance.below(8)) { bytes += chance.pick(pieces).utf8 + (chance.percent(70) ? [0x20] : []) }
        if chance.percent(2) { bytes += repeatElement(UInt8(0x78), count: 70000) }
        return bytes + chance.pick(["\r\n", "\n", "\r", ""]).utf8
    }

    private static let commands: [[String]] = [
        ["PING"], ["PING", "x"], ["ECHO", "hello"], ["SET", "k", "v"], ["GET", "k"], ["INCR", "n"],
        ["APPEND", "a", "xyz"],
        ["SETRANGE", "r", "100", "x"], ["MSET", "a", "1", "b", "2"], ["MGET", "a", "b", "c"], ["DEL", "a"],
        ["EXPIRE", "k", "100"], ["SCAN", "0"], ["KEYS", "*"], ["HELLO", "3"], ["HELLO", "2"], ["CLIENT", "INFO"],
        ["COMMAND", "INFO", "get"], ["COMMAND", "DOCS", "get"], ["INFO"], ["CONFIG", "GET", "*"], ["SELECT", "1"],
        ["LCS", "a", "k"], ["OBJECT", "ENCODING", "k"], ["RESET"], ["FLUSHALL"], ["NOSUCH", "x"], [""],
        ["GETRANGE", "k", "0", "-1"],
    ]

    private func pipeline() -> Bytes {
        var bytes: Bytes = []
        for _ in 0..<(1 + chance.below(chance.percent(5) ? 300 : 8)) {
            var words = chance.pick(Self.commands).map(\.bytes)
            if chance.percent(10) { words.append(noise()) }
            if chance.percent(1) { words.append(Bytes(repeating: 0x79, count: 20000 + chance.below(100_000))) }
            Wire.append(words, to: &bytes)
        }
        return bytes
    }

    private func truncated(_ bytes: Bytes) -> Bytes { Bytes(bytes.prefix(chance.below(bytes.count))) }

    private func mutated(_ original: Bytes) -> Bytes {
        var bytes = original
        for _ in 0..<(1 + chance.below(4)) where !bytes.isEmpty {
            let place = chance.below(bytes.count)
            switch chance.below(6) {
            case 0: bytes[place] = UInt8(chance.below(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(chance.below(256)), at: place)
            case 3: bytes.insert(contentsOf: chance.pick(Self.lengths).utf8, at: place)
            case 4: bytes[place] ^= UInt8(1 << chance.below(8))
            default:
                let end = min(bytes.count, place + chance.below(20))
                let piece = bytes[place..<end]
                bytes.insert(contentsOf: piece, at: chance.below(bytes.count))
            }
        }
        return bytes
    }
}
