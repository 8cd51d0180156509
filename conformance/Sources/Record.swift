/// Writes into a case file what a real server answers, and leaves everything else as it is: comments, titles, looser
/// expectations, and what is marked for a later release than the server's.
struct Record {
    let server: ServerUnderTest

    /// What a step brought in one protocol, and the protocol it was then read in.
    private struct Take {
        var arrivals: [Connection.Arrival] = []
        var version = 2
        /// Replies that contradicted the expectation they met.
        var contradictions: [Reply] = []
    }

    func run(_ path: String) throws(Failure) {
        let file = try CaseFile(path: path)
        var replacements: [Int: [String]] = [:]
        for section in file.sections {
            if let reason = server.reasonToSkip(section) {
                Output.line("\(path):\(section.line + 1) kept as it is: \(reason)")
                continue
            }
            do throws(Failure) {
                try record(section, file, &replacements)
            } catch {
                try server.restoreSettings()
                throw Failure("\(path):\(section.line + 1) (\(section.title)): \(error)")
            }
        }
        var output: [String] = []
        var skipping = 0
        for (index, line) in file.lines.enumerated() {
            if index < skipping { continue }
            output.append(line)
            for section in file.sections {
                for step in section.steps where step.line == index {
                    guard let replacement = replacements[index] else { continue }
                    output += replacement
                    skipping = step.expected.upperBound
                }
            }
        }
        try Files.write(output.joined(separator: "\n").bytes, to: path)
    }

    private func record(
        _ section: CaseFile.Section, _ file: CaseFile, _ replacements: inout [Int: [String]]
    ) throws(Failure) {
        var takes: [Int: [Int: Take]] = [:]
        var again: [Int: [Int: Take]] = [:]
        for version in [2, 3] where section.onlyVersion == nil || section.onlyVersion == version {
            takes[version] = try play(section, file, version)
            again[version] = try play(section, file, version)
        }
        for step in section.steps {
            if let since = step.since, server.version < since { continue }
            let version = section.onlyVersion ?? 2
            let old = try file.patterns(step, version: version)
            if old.contains(where: { $0.isLoose }) {
                warnIfBroken(file, step, takes)
                continue
            }
            let two = takes[2]?[step.line]
            let three = takes[3]?[step.line]
            var lines = written(two, three)
            if let loosened = loosen(step, section.onlyVersion ?? 3, takes, again) { lines = loosened }
            replacements[step.line] = lines
        }
    }

    private func play(_ section: CaseFile.Section, _ file: CaseFile, _ version: Int) throws(Failure) -> [Int: Take] {
        let dialogue = try Dialogue(server, version: version)
        var takes: [Int: Take] = [:]
        for step in section.steps {
            let patterns = try file.patterns(step, version: version)
            try dialogue.act(step, expecting: patterns)
            var take = Take()
            switch step.action {
            case .send, .read:
                for index in 0..<max(1, patterns.count) {
                    if index < patterns.count, case .later = patterns[index] { continue }
                    var wait = 1000
                    if index < patterns.count, case .nothing = patterns[index] { wait = 80 }
                    let arrival = try dialogue.next(step, waiting: wait)
                    take.arrivals.append(arrival)
                    if index < patterns.count, !dialogue.accepts(patterns[index], arrival, step.connection),
                        let reply = reply(arrival)
                    {
                        take.contradictions.append(reply)
                    }
                    if case .closed = arrival { break }
                }
            case .raw:
                var isOver = false
                while !isOver {
                    let arrival = try dialogue.next(step, waiting: 100)
                    if case .nothing = arrival { break }
                    take.arrivals.append(arrival)
                    if case .reply = arrival { continue }
                    isOver = true
                }
            default: continue
            }
            take.version = dialogue.protocolVersion(step.connection)
            takes[step.line] = take
        }
        if section.changesSettings { try server.restoreSettings() }
        for leftover in dialogue.leftovers() { Output.line("\(file.path):\(section.line + 1) \(leftover)") }
        dialogue.finish()
        return takes
    }

    private func warnIfBroken(_ file: CaseFile, _ step: CaseFile.Step, _ takes: [Int: [Int: Take]]) {
        for (version, byLine) in takes {
            for reply in byLine[step.line]?.contradictions ?? [] {
                Output.line("\(file.path):\(step.line + 1) RESP\(version): kept, but the server answers")
                Output.line(PatternText.lines(reply).joined(separator: "\n"))
            }
        }
    }

    private func written(_ two: Take?, _ three: Take?) -> [String] {
        var lines: [String] = []
        let count = max(two?.arrivals.count ?? 0, three?.arrivals.count ?? 0)
        for index in 0..<count {
            let left = two.flatMap { index < $0.arrivals.count ? $0.arrivals[index] : nil }
            let right = three.flatMap { index < $0.arrivals.count ? $0.arrivals[index] : nil }
            if let line = special(right ?? left) {
                lines.append(line)
            } else if three == nil || two == nil {
                // The section is for one protocol alone: no prefixes.
                if case .reply(let reply) = left ?? right { lines += PatternText.lines(reply) }
            } else {
                lines += PatternText.lines(
                    resp2: reply(left), two?.version ?? 2, resp3: reply(right), three?.version ?? 3)
            }
        }
        if count == 0, two != nil || three != nil { lines.append("(nothing)") }
        return lines
    }

    private func reply(_ arrival: Connection.Arrival?) -> Reply? {
        if case .reply(let reply) = arrival { return reply }
        return nil
    }

    private func special(_ arrival: Connection.Arrival?) -> String? {
        switch arrival {
        case .closed: "(closed)"
        case .nothing: "(later)"
        case .malformed(let why): "# the server sent \(why)"
        default: nil
        }
    }

    /// A looser expectation where two runs of the same section got different numbers or texts, and for times to live.
    private func loosen(
        _ step: CaseFile.Step, _ version: Int, _ takes: [Int: [Int: Take]], _ again: [Int: [Int: Take]]
    ) -> [String]? {
        guard let first = takes[version]?[step.line], let second = again[version]?[step.line],
            first.arrivals.count == 1, second.arrivals.count == 1,
            let left = reply(first.arrivals[0]), let right = reply(second.arrivals[0])
        else { return nil }
        let name = step.words.first.map { String($0).uppercased() } ?? ""
        if left.kind == .integer, let number = left.number, number > 0 {
            if name == "TTL" { return ["(integer \(number - 2)..\(number + 1))"] }
            if name == "PTTL" { return ["(integer \(max(0, number - 1500))..\(number + 500))"] }
            if isNow(number) { return ["(any integer)"] }
        }
        if isUnordered(name, left), left.items.count > 1, left.items.count == right.items.count {
            let lines = PatternText.lines(left)
            return [lines[0] + " any order"] + lines.dropFirst()
        }
        guard left != right else { return nil }
        Output.line("varies: \(Text.words(step.words))")
        return PatternText.lines(left, varyingAs: right)
    }

    /// Whether the number is a moment within ten minutes of now, in seconds or milliseconds.
    private func isNow(_ number: Int) -> Bool {
        let now = Clock.wallMilliseconds
        return abs(number - now) < 600_000 || abs(number - now / 1000) < 600
    }

    private func isUnordered(_ name: String, _ reply: Reply) -> Bool {
        reply.kind == .set || reply.kind == .array && name == "KEYS" || reply.kind == .map && name == "HGETALL"
    }
}
