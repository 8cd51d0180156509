/// A dialogue recorded from a real server of the release to match, one JSON object a line.
struct Transcript {
    struct Line {
        var number: Int
        var connection: String
        var words: [Bytes]?
        var sleep: Int?
        var isLater: Bool
        /// The raw replies by protocol; a key without a value means that nothing arrived.
        var replies: [Int: Bytes?] = [:]
    }

    let path: String
    var lines: [Line] = []

    var family: String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return "transcript " + (name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name)
    }

    init(path: String) throws(Failure) {
        self.path = path
        for (index, text) in try Files.read(path).split(separator: 10).enumerated() {
            guard case .object(let members) = try JSON.parse(Bytes(text)) else {
                throw Failure("\(path):\(index + 1): not an object")
            }
            var line = Line(number: index + 1, connection: "", isLater: false)
            if let name = members["on"]?.bytes { line.connection = String(name) }
            line.words = members["send"]?.list?.compactMap { $0.bytes }
            if case .number(let time) = members["sleep_ms"] { line.sleep = Int(time) }
            if case .boolean(true) = members["later"] { line.isLater = true }
            for version in [2, 3] {
                guard let reply = members["resp\(version)"] else { continue }
                line.replies[version] = .some(reply.bytes)
            }
            lines.append(line)
        }
    }

    func isRecorded(in version: Int) -> Bool { lines.contains { $0.replies[version] != nil } }
    var hasSeveralConnections: Bool { lines.contains { !$0.connection.isEmpty } }
}

extension Replay {
    mutating func run(_ transcript: Transcript) throws(Failure) {
        for version in versions where transcript.isRecorded(in: version) {
            if let recorded = Version("7.2"), server.version < recorded {
                skip("a transcript of 7.4")
                for line in transcript.lines where line.replies[version] != nil { count(transcript.family, .skipped) }
                continue
            }
            var run = TranscriptRun(transcript: transcript, server: server, version: version)
            try run.play(&self)
        }
    }
}

/// One transcript being replayed in one protocol.
private struct TranscriptRun {
    let transcript: Transcript
    let server: ServerUnderTest
    let version: Int
    private var connections: [String: Connection] = [:]
    /// What commands that the server lacks would have changed; lines that mention it cannot be judged.
    private var unknown: Set<Bytes> = []
    private var isSpoiled = false
    /// Whether anything was missing so far: a difference behind it may come from that, and is no verdict.
    private var isIncomplete = false
    private var lastWords: [String: [Bytes]] = [:]

    init(transcript: Transcript, server: ServerUnderTest, version: Int) {
        self.transcript = transcript
        self.server = server
        self.version = version
    }

    mutating func play(_ replay: inout Replay) throws(Failure) {
        try server.flush()
        for line in transcript.lines {
            if let time = line.sleep { Clock.sleep(milliseconds: time) }
            if isSpoiled || line.words?.contains(where: { unknown.contains($0) }) == true {
                if line.replies[version] != nil { replay.count(transcript.family, .skipped) }
                continue
            }
            if let words = line.words {
                lastWords[line.connection] = words
                let connection = try connection(line.connection)
                connection.send(Wire.command(words))
                if line.replies[version] == nil { connection.awaitDelivery() }
            }
            guard let expected = line.replies[version] else { continue }
            try judge(line, expected, &replay)
        }
        for connection in connections.values { connection.close() }
        try server.restoreSettings()
    }

    private mutating func connection(_ name: String) throws(Failure) -> Connection {
        if let connection = connections[name] { return connection }
        let connection = try server.connect(version: version)
        connections[name] = connection
        return connection
    }

    private mutating func judge(_ line: Transcript.Line, _ expected: Bytes?, _ replay: inout Replay) throws(Failure) {
        let connection = try connection(line.connection)
        let words = lastWords[line.connection] ?? []
        guard let expected else {
            if case .reply(let reply) = connection.nextReply(waiting: 150) {
                differ(line, "(nothing)", PatternText.lines(reply).joined(separator: "\n"), &replay)
            } else {
                replay.count(transcript.family, .passed)
            }
            return
        }
        var position = 0
        var verdict = Dialogue.Verdict.passed
        while position < expected.count, case .reply(let wanted, let end) = ReplyReader.read(expected, at: position) {
            position = end
            let arrival = connection.nextReply()
            if case .reply(let got) = arrival {
                if isMissing(got) && !isMissing(wanted) {
                    verdict = .skipped
                    spoil(line, words, wanted)
                } else if !Masking.equal(words, expected: wanted, got: got) {
                    verdict = .differing(PatternText.lines(got).joined(separator: "\n"))
                }
            } else {
                verdict = .differing("(nothing, or the connection closed)")
                connections[line.connection] = nil
            }
            if case .differing = verdict, isIncomplete { verdict = .skipped }
            if case .differing(let got) = verdict {
                return differ(line, PatternText.lines(wanted).joined(separator: "\n"), got, &replay)
            }
        }
        replay.count(transcript.family, verdict)
        // The recorder came back on a new connection after QUIT.
        if words.first.map({ String($0).uppercased() }) == "QUIT" { connections[line.connection] = nil }
    }

    private func isMissing(_ reply: Reply) -> Bool {
        guard reply.isError else { return false }
        return reply.string.hasPrefix("ERR unknown command") || reply.string.hasSuffix("has only its default")
            || reply.string.hasPrefix("ERR Invalid command specified")
            || reply.string.hasPrefix("ERR DEBUG command not allowed")
            || reply.string.hasPrefix("ERR unknown subcommand")
    }

    private mutating func spoil(_ line: Transcript.Line, _ words: [Bytes], _ wanted: Reply) {
        isIncomplete = true
        if transcript.hasSeveralConnections { isSpoiled = true }
        guard !wanted.isError, words.count > 1 else { return }
        unknown.insert(words[1])
        if String(words[0]).uppercased() == "BITOP", words.count > 2 { unknown.insert(words[2]) }
    }

    private func differ(_ line: Transcript.Line, _ expected: String, _ got: String, _ replay: inout Replay) {
        replay.count(transcript.family, .differing(got))
        replay.detail(
            "\(transcript.path):\(line.number) RESP\(version)", line.words.map(Text.words) ?? "(later)", expected, got)
    }
}
