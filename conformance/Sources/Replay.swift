/// Replays case files and transcripts, and tells where the server answers otherwise.
struct Replay {
    struct Tally {
        var cases = 0
        var passed = 0
        var differing = 0
        var skipped = 0
    }

    let server: ServerUnderTest
    let versions: [Int]
    var tallies: [String: Tally] = [:]
    var order: [String] = []
    private var reasons: [String: Int] = [:]
    private var shownDetails = 0
    let detailLimit: Int

    init(_ server: ServerUnderTest, versions: [Int], detailLimit: Int) {
        self.server = server
        self.versions = versions
        self.detailLimit = detailLimit
    }

    var differences: Int { tallies.values.reduce(0) { $0 + $1.differing } }

    mutating func count(_ family: String, _ verdict: Dialogue.Verdict) {
        if tallies[family] == nil { order.append(family) }
        var tally = tallies[family] ?? Tally()
        tally.cases += 1
        switch verdict {
        case .passed: tally.passed += 1
        case .skipped: tally.skipped += 1
        case .differing: tally.differing += 1
        }
        tallies[family] = tally
    }

    mutating func skip(_ reason: String) { reasons[reason, default: 0] += 1 }

    // MARK: Case files

    mutating func run(_ file: CaseFile) throws(Failure) {
        for version in versions {
            for section in file.sections where section.onlyVersion == nil || section.onlyVersion == version {
                do throws(Failure) {
                    try run(section, file, version)
                } catch {
                    try server.restoreSettings()
                    throw Failure("\(file.path):\(section.line + 1) (\(section.title)): \(error)")
                }
            }
        }
    }

    private mutating func run(_ section: CaseFile.Section, _ file: CaseFile, _ version: Int) throws(Failure) {
        if let reason = server.reasonToSkip(section) {
            skip(reason)
            for step in section.steps where !step.expected.isEmpty { count(file.family, .skipped) }
            return
        }
        let dialogue = try Dialogue(server, version: version)
        for step in section.steps {
            let patterns = try file.patterns(step, version: version)
            let verdict = try dialogue.play(step, patterns)
            guard !step.expected.isEmpty else { continue }
            if let since = step.since, server.version < since {
                skip("since \(since)")
                count(file.family, .skipped)
                continue
            }
            count(file.family, verdict)
            if case .differing(let got) = verdict {
                explain(file, section, step, version, got)
            }
        }
        for leftover in dialogue.leftovers() {
            count(file.family, .differing(leftover))
            Output.line("\(file.path):\(section.line + 1) RESP\(version) \(section.title)\n  \(leftover)\n")
        }
        dialogue.finish()
        if section.changesSettings { try server.restoreSettings() }
    }

    private mutating func explain(
        _ file: CaseFile, _ section: CaseFile.Section, _ step: CaseFile.Step, _ version: Int, _ got: String
    ) {
        let other = version == 2 ? "3| " : "2| "
        let expected = file.lines[step.expected].filter { !$0.hasPrefix(other) }.joined(separator: "\n")
        detail(
            "\(file.path):\(step.line + 1) RESP\(version) \(section.title)", file.lines[step.line], expected, got)
    }

    mutating func detail(_ place: String, _ command: String, _ expected: String, _ got: String) {
        shownDetails += 1
        if shownDetails > detailLimit { return }
        func block(_ text: String) -> String {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "      " + $0 }
            let rest = lines.count > 40 ? ["      … \(lines.count - 40) more lines"] : []
            return (lines.prefix(40) + rest).joined(separator: "\n")
        }
        Output.line("\(place)\n  \(command)\n    expected\n\(block(expected))\n    got\n\(block(got))\n")
    }

    // MARK: The table

    func printTable() {
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        if shownDetails > detailLimit { Output.line("… \(shownDetails - detailLimit) more differences not shown\n") }
        let width = max(12, order.map(\.count).max() ?? 0)
        func row(_ name: String, _ cells: [String]) {
            let left = name + String(repeating: " ", count: max(0, width - name.count))
            Output.line(left + cells.map { pad($0, 11) }.joined())
        }
        row("family", ["cases", "passed", "differing", "skipped"])
        var total = Tally()
        for name in order {
            guard let tally = tallies[name] else { continue }
            row(name, [tally.cases, tally.passed, tally.differing, tally.skipped].map(String.init))
            total.cases += tally.cases
            total.passed += tally.passed
            total.differing += tally.differing
            total.skipped += tally.skipped
        }
        row("total", [total.cases, total.passed, total.differing, total.skipped].map(String.init))
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
            Output.line("skipped: \(reason) (\(count))")
        }
    }
}
