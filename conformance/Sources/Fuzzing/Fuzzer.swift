/// The differential fuzzer: the same random commands to the server under test and to the oracle.
final class Fuzzer {
    private let duel: Duel
    private var generator: CommandGenerator
    private var conversation: ConversationGenerator
    private let seed: Int
    private let limit: Int
    private let maximum: Int
    /// How often a difference of this look was met.
    private var seen: [String: Int] = [:]
    private var vanished = 0

    /// Commands on one connection before the other has its turn.
    private let turnLength: Int
    /// Whether commands are put into scripts, by what is known of them.
    private let scripts: ExplainedDifferences?
    /// Commands between two emptyings of the servers.
    private let roundLength = 4000
    /// Commands between two comparisons of the states.
    private var stateInterval: Int { duel.conversation == nil ? 2000 : 100 }

    init(
        _ duel: Duel, _ generator: CommandGenerator, seed: Int, commands: Int, maximumDifferences: Int,
        turnLength: Int = 200, scripts: ExplainedDifferences? = nil
    ) {
        self.scripts = scripts
        self.turnLength = turnLength
        self.duel = duel
        self.generator = generator
        conversation = ConversationGenerator(generator)
        self.seed = seed
        limit = commands
        maximum = maximumDifferences
    }

    var differences: Int { seen.count }

    func run() throws(Failure) {
        let start = Clock.milliseconds
        var sent = 0
        var lastReport = start
        while sent < limit, seen.count < maximum {
            sent += try round(limit - sent)
            let now = Clock.milliseconds
            if now - lastReport > 10000 {
                lastReport = now
                Output.line("… \(sent) commands, \(sent * 1000 / max(1, now - start))/s, \(seen.count) differences")
            }
        }
        let elapsed = max(1, Clock.milliseconds - start)
        // Both get their settings back.
        duel.settings = []
        try duel.begin()
        Output.line(
            "seed \(seed): \(sent) commands in \(elapsed / 1000).\(elapsed % 1000 / 100) s "
                + "(\(sent * 1000 / elapsed)/s), \(seen.count) differences, \(vanished) that could not be repeated")
        for (signature, count) in seen.sorted(by: { $0.key < $1.key }) where count > 1 {
            Output.line("  met \(count) times: \(signature)")
        }
    }

    /// One run from an emptied server; how many commands it took.
    private func round(_ left: Int) throws(Failure) -> Int {
        duel.settings = Thresholds.some(&generator.chance)
        try duel.begin()
        var history: [Exchange] = []
        while history.count < min(duel.conversation == nil ? roundLength : roundLength / 10, left) {
            let begin = history.count
            if let talk = duel.conversation {
                history += conversation.next(waiting: talk.waiting)
            } else {
                appendTurn(to: &history)
            }
            if let difference = duel.run(history[begin...]) {
                try report(difference, history, comparingStates: false)
                return history.count
            }
            if duel.conversation?.isOver == true { return history.count }
            if history.count / stateInterval != begin / stateInterval,
                let difference = try duel.compareStates(after: history.count)
            {
                try report(difference, history, comparingStates: true)
                return history.count
            }
        }
        return history.count
    }

    private func appendTurn(to history: inout [Exchange]) {
        let connection = generator.chance.percent(50) ? 1 : 0
        for _ in 0..<turnLength {
            for words in generator.next() { history.append(exchange(words, connection)) }
        }
    }

    private func exchange(_ words: [Bytes], _ connection: Int) -> Exchange {
        guard let scripts else { return Exchange(connection: connection, words: words) }
        return ScriptWrapping.wrap(words, connection, scripts, &generator.chance)
    }

    /// Keeps a run that ended a server, so that it can be played again.
    private func save(_ run: [Exchange]) throws(Failure) {
        let path = "fuzz-\(seed).cases"
        let lines = ["== the run that ended the server, seed \(seed)"] + run.map(\.line)
        try Files.write((lines.joined(separator: "\n") + "\n").bytes, to: path)
        Output.line("a server is gone; the \(run.count) commands before are in \(path), the last of them:")
        for exchange in run.suffix(20) { Output.line("  " + exchange.line) }
    }

    private func report(_ difference: Difference, _ history: [Exchange], comparingStates: Bool) throws(Failure) {
        if seen[difference.signature] != nil {
            seen[difference.signature, default: 0] += 1
            return
        }
        let run = Array(history.prefix(comparingStates ? history.count : difference.place + 1))
        var shrinker = Shrinker(duel, comparingStates: comparingStates)
        let shrunk: ([Exchange], Difference)?
        do throws(Failure) {
            shrunk = try shrinker.shrink(run)
        } catch {
            try save(run)
            throw Failure("seed \(seed): \(error)")
        }
        guard let (short, found) = shrunk else {
            vanished += 1
            let last = run.last.map { $0.line } ?? ""
            Output.line("could not be repeated: \(last)")
            Output.line("  oracle \(difference.oracle)\n  server \(difference.server)\n")
            if vanished > 50 { throw Failure("too many differences that cannot be repeated") }
            return
        }
        seen[difference.signature, default: 0] += 1
        if found.signature != difference.signature {
            seen[found.signature, default: 0] += 1
            if seen[found.signature, default: 0] > 1 { return }
        }
        Output.line("difference \(seen.count), seed \(seed), shrunk from \(run.count) to \(short.count) commands:")
        for setting in duel.settings { Output.line("  > CONFIG SET \(setting.name) \(setting.value)") }
        for exchange in short { Output.line("  " + exchange.line) }
        func block(_ text: String) -> String {
            text.split(separator: "\n").prefix(40).map { "      " + $0 }.joined(separator: "\n")
        }
        Output.line("    oracle\n\(block(found.oracle))\n    server\n\(block(found.server))\n")
    }
}

/// Finds the shortest run that still shows a difference. Each try starts from emptied servers.
struct Shrinker {
    private let duel: Duel
    private let comparingStates: Bool
    private var triesLeft = 1500
    /// When to be content with what was found, in milliseconds: a run that waits takes long to be tried.
    private let end = Clock.milliseconds + 20_000

    init(_ duel: Duel, comparingStates: Bool) {
        self.duel = duel
        self.comparingStates = comparingStates
    }

    private mutating func attempt(_ run: [Exchange]) throws(Failure) -> Difference? {
        triesLeft -= 1
        if Clock.milliseconds > end { triesLeft = 0 }
        // Without its MULTI a command waits.
        duel.patience = 500
        defer { duel.patience = 10_000 }
        try duel.begin()
        if let difference = duel.run(run[...]) { return difference }
        return comparingStates ? try duel.compareStates(after: run.count) : nil
    }

    /// Nil when the run shows no difference when repeated.
    mutating func shrink(_ whole: [Exchange]) throws(Failure) -> ([Exchange], Difference)? {
        var first: Difference?
        for _ in 0..<3 where first == nil { first = try attempt(whole) }
        guard var found = first else { return nil }
        var run = Array(whole.prefix(found.place + 1))

        var chunk = max(1, run.count / 2)
        while triesLeft > 0 {
            var start = 0
            var removedAny = false
            while start < run.count, triesLeft > 0 {
                var candidate = run
                candidate.removeSubrange(start..<min(start + chunk, run.count))
                if let difference = try attempt(candidate) {
                    run = Array(candidate.prefix(difference.place + 1))
                    found = difference
                    removedAny = true
                } else {
                    start += chunk
                }
            }
            if chunk == 1 && !removedAny { break }
            chunk = max(1, chunk / 2)
        }
        try simplify(&run, &found)
        return (run, found)
    }

    /// Drops words and shortens them, where the difference stays.
    private mutating func simplify(_ run: inout [Exchange], _ found: inout Difference) throws(Failure) {
        for index in run.indices.reversed() {
            var word = 1
            while index < run.count, word < run[index].words.count, triesLeft > 0 {
                var candidate = run
                candidate[index].words.remove(at: word)
                if let difference = try attempt(candidate), difference.place >= min(index, run.count - 1) {
                    run = Array(candidate.prefix(difference.place + 1))
                    found = difference
                    continue
                }
                if run[index].words[word].count > 3 {
                    candidate = run
                    candidate[index].words[word] = "a".bytes
                    if let difference = try attempt(candidate), difference.place >= min(index, run.count - 1) {
                        run = Array(candidate.prefix(difference.place + 1))
                        found = difference
                    }
                }
                word += 1
            }
        }
    }
}
