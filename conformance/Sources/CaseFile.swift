/// One file of cases: sections, each a dialogue from an emptied server on fresh connections. See conformance/README.md
/// for the format.
struct CaseFile {
    let path: String
    /// The file's lines, as they are; steps refer to them by index so that recording can replace replies in place.
    let lines: [String]
    var sections: [Section] = []

    /// The command family, which is the file's name.
    var family: String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".cases") ? String(name.dropLast(6)) : name
    }

    struct Section {
        let title: String
        let line: Int
        var since: Version?
        /// Commands without which the section is skipped.
        var commands: [String] = []
        var needsDebug = false
        /// The section is for servers that refuse DEBUG.
        var refusesDebug = false
        /// The only protocol the section is for.
        var onlyVersion: Int?
        var steps: [Step] = []

        var changesSettings: Bool {
            steps.contains { step in
                guard case .send(let words) = step.action, words.count > 1 else { return false }
                return String(words[0]).uppercased() == "CONFIG" && String(words[1]).uppercased() == "SET"
            }
        }
    }

    struct Step {
        enum Action {
            case send([Bytes])
            case raw(Bytes)
            case read
            case sleep(Int)
            case disconnect
            case reconnect
        }

        let action: Action
        let connection: Int
        let line: Int
        let since: Version?
        /// The lines that expect replies: an index range of the file's lines.
        var expected: Range<Int>

        var words: [Bytes] {
            if case .send(let words) = action { return words }
            return []
        }
    }

    init(path: String) throws(Failure) {
        self.path = path
        let text = String(try Files.read(path))
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        do throws(Failure) {
            try parse()
        } catch {
            throw Failure("\(path): \(error)")
        }
    }

    /// What a step expects of a server that speaks this protocol.
    func patterns(_ step: Step, version: Int) throws(Failure) -> [Pattern] {
        let other = version == 2 ? "3| " : "2| "
        let own = version == 2 ? "2| " : "3| "
        var text: [String] = []
        for line in lines[step.expected] where !line.hasPrefix(other) {
            text.append(line.hasPrefix(own) ? String(line.dropFirst(3)) : line)
        }
        do throws(Failure) {
            return try PatternText.parseAll(text)
        } catch {
            throw Failure("\(path):\(step.line + 1): \(error)")
        }
    }

    private mutating func parse() throws(Failure) {
        var since: Version?
        for index in lines.indices {
            let line = lines[index]
            if line.hasPrefix("== ") {
                sections.append(Section(title: String(line.dropFirst(3)), line: index))
            } else if line.hasPrefix("#") {
                try parseDirective(line, &since)
            } else if line.isEmpty {
                continue
            } else if let step = try parseStep(line, index, since) {
                guard !sections.isEmpty else { throw Failure("line \(index + 1): a step before the first section") }
                sections[sections.count - 1].steps.append(step)
                since = nil
            } else {
                guard let section = sections.indices.last, let step = sections[section].steps.indices.last,
                    sections[section].steps[step].expected.upperBound == index
                else { throw Failure("line \(index + 1): a reply without a command") }
                let begin = sections[section].steps[step].expected.lowerBound
                sections[section].steps[step].expected = begin..<(index + 1)
            }
        }
    }

    private mutating func parseDirective(_ line: String, _ since: inout Version?) throws(Failure) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 3, words[0] == "#", let section = sections.indices.last else { return }
        let isHead = sections[section].steps.isEmpty
        switch words[1] {
        case "since":
            guard words.count == 3, let version = Version(words[2]) else { return }
            if isHead && since == nil && sections[section].since == nil && isFirstLine(of: section, line) {
                sections[section].since = version
            } else {
                since = version
            }
        case "requires" where isHead:
            for word in words.dropFirst(2) {
                switch word {
                case "debug": sections[section].needsDebug = true
                case "no-debug": sections[section].refusesDebug = true
                default: sections[section].commands.append(word)
                }
            }
        case "resp" where isHead && words.count == 3: sections[section].onlyVersion = Int(words[2])
        default: return
        }
    }

    /// Whether the directive stands directly below the title, among other directives at most.
    private func isFirstLine(of section: Int, _ line: String) -> Bool {
        var index = sections[section].line + 1
        while index < lines.count && lines[index].hasPrefix("# ") {
            if lines[index] == line { return true }
            index += 1
        }
        return false
    }

    private func parseStep(_ line: String, _ index: Int, _ since: Version?) throws(Failure) -> Step? {
        var connection = 1
        var body = line
        if line.hasPrefix("@") {
            let digits = line.dropFirst().prefix { $0.isNumber }
            guard let number = Int(digits) else { throw Failure("line \(index + 1): a connection is @1, @2, …") }
            connection = number
            body = String(line.dropFirst(1 + digits.count)).trimmed
        }
        let action: Step.Action
        do throws(Failure) {
            guard let found = try parseAction(body) else { return nil }
            action = found
        } catch {
            throw Failure("line \(index + 1): \(error)")
        }
        return Step(
            action: action, connection: connection, line: index, since: since, expected: (index + 1)..<(index + 1))
    }

    private func parseAction(_ body: String) throws(Failure) -> Step.Action? {
        if body.hasPrefix("> ") { return .send(try Text.split(String(body.dropFirst(2)).bytes)) }
        if body.hasPrefix("raw ") {
            return .raw(try Text.split(String(body.dropFirst(4)).bytes).flatMap { $0 })
        }
        if body.hasPrefix("sleep "), let time = Int(body.dropFirst(6)) { return .sleep(time) }
        switch body {
        case "<": return .read
        case "disconnect": return .disconnect
        case "reconnect": return .reconnect
        default: return nil
        }
    }
}

/// A release number, such as 7.0.15.
struct Version: Comparable, CustomStringConvertible {
    let parts: [Int]

    init(parts: [Int]) { self.parts = parts }

    init?(_ text: String) {
        parts = text.split(separator: ".").compactMap { Int($0) }
        guard !parts.isEmpty else { return nil }
    }

    var description: String { parts.map(String.init).joined(separator: ".") }

    static func < (left: Version, right: Version) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }
}
