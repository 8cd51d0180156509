/// Makes commands out of their declarations, most of them valid, on few keys so that they meet.
struct CommandGenerator {
    private let commands: [DeclaredCommand]
    /// Those that act on data: what a transaction is made of.
    private let dataCommands: [DeclaredCommand]
    private let explained: ExplainedDifferences
    private let knowsTransactions: Bool
    var chance: Chance
    /// For how long commands wait, in seconds. What waits without a transaction, in a run that is being shortened, must
    /// not wait long.
    var wait = "0.01".bytes
    /// Whether commands that wait are also sent with words that are wrong.
    var spoilsWaiting = true
    /// How many keys the command at work has, for what comes once for each of them.
    private var keyCount = 1

    private static let dataGroups: Set<String> = [
        "string", "list", "set", "hash", "sorted-set", "stream", "bitmap", "hyperloglog", "geo", "generic",
    ]

    init(_ commands: [DeclaredCommand], _ explained: ExplainedDifferences, seed: Int, knowsTransactions: Bool) {
        self.commands = commands
        self.explained = explained
        self.knowsTransactions = knowsTransactions
        dataCommands = commands.filter { command in
            CommandGenerator.dataGroups.contains(command.group) && !explained.rules(for: command.name).isAlone
        }
        chance = Chance(seed: seed)
    }

    /// The next command, and what must be sent around it to keep both servers alike and at work: one that waits is
    /// sent in a transaction, where it does not.
    mutating func next() -> [[Bytes]] {
        if knowsTransactions, !dataCommands.isEmpty, chance.percent(3) {
            var words: [[Bytes]] = [["MULTI".bytes]]
            for _ in 0..<1 + chance.below(4) { words += command(chance.pick(dataCommands)) }
            return words + [[(chance.percent(95) ? "EXEC" : "DISCARD").bytes]]
        }
        if chance.percent(1) { return [[chance.pick(Self.garbage), chance.pick(Self.garbage)]] }
        let picked = chance.pick(commands)
        let rules = explained.rules(for: picked.name)
        // FLUSHALL and its like would leave the other commands little to work on.
        if rules.isRare && !chance.percent(8) { return next() }
        let words = command(picked)
        guard picked.isBlocking, knowsTransactions else { return words }
        return [["MULTI".bytes]] + words + [["EXEC".bytes]]
    }

    /// A command that acts on data, or, where there are such, one that waits.
    mutating func data(waiting: Bool) -> [[Bytes]] {
        let picked = waiting ? dataCommands.filter(\.isBlocking) : dataCommands
        return picked.isEmpty ? [["PING".bytes]] : command(chance.pick(picked))
    }

    private mutating func command(_ command: DeclaredCommand) -> [[Bytes]] {
        let rules = explained.rules(for: command.name)
        keyCount = 1
        var words = command.words.map { randomCase($0) }
        var arguments: [Bytes] = []
        append(command.arguments, to: &arguments, command)
        FieldCounts.correct(&arguments, command, &chance)
        if chance.percent(22), spoilsWaiting || !command.isBlocking { mutate(&arguments, command) }
        arguments.removeAll { word in rules.without.contains(String(word).uppercased()) }
        lengthen(&arguments, command)
        if chance.percent(1), words.count > 1 { words[1] = chance.pick(Self.garbage) }
        words += arguments
        let all = prepared(words, command)
        guard rules.forgets, words.count > 1 else { return all }
        return all + [["DEL".bytes, words[1]]]
    }

    /// What must be sent before a command, and the command.
    private mutating func prepared(_ words: [Bytes], _ command: DeclaredCommand) -> [[Bytes]] {
        if command.group == "stream" { return Self.consumers(of: words) + [words] }
        guard command.name.hasPrefix("z") else { return [words] }
        let isByName = command.isLexical
        guard isByName || words.contains(where: { String($0).uppercased() == "BYLEX" }) else { return [words] }
        return lexical(words, keyAt: command.name == "zrangestore" ? 2 : 1)
    }

    /// A command that takes members by their order alone, with a sorted set of equal scores before it: with others
    /// what it does depends on the layout, and on chance.
    private mutating func lexical(_ words: [Bytes], keyAt place: Int) -> [[Bytes]] {
        let key = "y1".bytes
        var members: [Bytes] = ["ZADD".bytes, key]
        for _ in 0..<1 + chance.below(8) { members += ["0".bytes, chance.pick(Self.members)] }
        var words = words
        if words.count > place { words[place] = key }
        return [["DEL".bytes, key], members, words]
    }

    private mutating func randomCase(_ word: Bytes) -> Bytes {
        switch chance.below(10) {
        case 0: return word.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 }
        case 1:
            return word.map { byte in
                let isLetter = byte >= 0x41 && byte <= 0x5A || byte >= 0x61 && byte <= 0x7A
                return isLetter && chance.percent(50) ? byte ^ 32 : byte
            }
        default: return word
        }
    }

    // MARK: Following the declaration

    private mutating func append(_ arguments: [Argument], to words: inout [Bytes], _ command: DeclaredCommand) {
        var required: [[Bytes]] = []
        var counts: Int?
        for argument in arguments {
            if argument.isOptional && !chance.percent(35) { continue }
            var piece: [Bytes] = []
            append(argument, to: &piece, command)
            if argument.name == "numkeys" {
                counts = required.count
            } else if argument.type == "key", let place = counts.take(), chance.percent(90) {
                required[place] = [String(piece.count).bytes]
            }
            required.append(piece)
        }
        // Options may come in any order; sometimes also what may not.
        if chance.percent(15), required.count > 2 {
            let first = 1 + chance.below(required.count - 1)
            let second = 1 + chance.below(required.count - 1)
            required.swapAt(first, second)
        }
        for piece in required { words += piece }
    }

    private mutating func append(_ argument: Argument, to words: inout [Bytes], _ command: DeclaredCommand) {
        var repetitions = 1
        if argument.isMultiple && chance.percent(60) { repetitions = 1 + chance.below(3) }
        // A weight for each key, and an ID for each stream.
        if argument.isMultiple, ["weight", "id"].contains(argument.name), chance.percent(90) { repetitions = keyCount }
        if argument.type == "key" { keyCount = repetitions }
        for repetition in 0..<repetitions {
            if let token = argument.token, repetition == 0 || argument.repeatsToken { words.append(randomCase(token)) }
            switch argument.type {
            case "pure-token": continue
            case "oneof":
                guard !argument.children.isEmpty else { continue }
                append(chance.pick(argument.children), to: &words, command)
            case "block": append(argument.children, to: &words, command)
            default: words.append(value(argument, command))
            }
        }
    }

    // MARK: Spoiling it

    private mutating func mutate(_ words: inout [Bytes], _ command: DeclaredCommand) {
        for _ in 0..<(chance.percent(75) ? 1 : 2) {
            let place = chance.below(words.count + 1)
            let isInside = place < words.count
            switch chance.below(9) {
            case 0 where isInside: words.remove(at: place)
            case 1 where isInside: words.insert(words[place], at: chance.below(words.count + 1))
            case 2 where isInside: words.swapAt(place, chance.below(words.count))
            case 3 where isInside: words[place] = chance.pick(Self.garbage)
            case 4 where isInside: words[place] = chance.pick(Self.badIntegers)
            case 5 where !command.tokens.isEmpty: words.insert(randomCase(chance.pick(command.tokens)), at: place)
            case 6: words.append(string())
            case 7 where isInside: words.removeSubrange(place...)
            default: if isInside { words[place] = chance.pick(Self.integers) }
            }
        }
    }

    /// Makes times to live long: no key may expire during a run, since both servers would have to let it go between the
    /// same two commands.
    private func lengthen(_ words: inout [Bytes], _ command: DeclaredCommand) {
        let always = ["expire", "pexpire", "setex", "psetex"].contains(command.name)
        for index in words.indices.dropFirst() {
            let before = String(words[index - 1]).uppercased()
            guard always && index == 1 || before == "EX" || before == "PX" else { continue }
            if let time = Int(String(words[index])), time > 0, time < 100_000 {
                words[index] += Array("00000".utf8)
            }
        }
    }
}
