/// Makes commands out of their declarations, most of them valid, on few keys so that they meet.
struct CommandGenerator {
    private let commands: [DeclaredCommand]
    private let explained: ExplainedDifferences
    var chance: Chance

    init(_ commands: [DeclaredCommand], _ explained: ExplainedDifferences, seed: Int) {
        self.commands = commands
        self.explained = explained
        chance = Chance(seed: seed)
    }

    /// The next command, and what must be sent after it to keep both servers alike.
    mutating func next() -> [[Bytes]] {
        if chance.percent(1) { return [[chance.pick(Self.garbage), chance.pick(Self.garbage)]] }
        let command = chance.pick(commands)
        let rules = explained.rules(for: command.name)
        // FLUSHALL and its like would leave the other commands little to work on.
        if rules.isRare && !chance.percent(8) { return next() }
        var words = command.words.map { randomCase($0) }
        var arguments: [Bytes] = []
        append(command.arguments, to: &arguments, command)
        if chance.percent(22) { mutate(&arguments, command) }
        arguments.removeAll { word in rules.without.contains(String(word).uppercased()) }
        lengthen(&arguments, command)
        if chance.percent(1), words.count > 1 { words[1] = chance.pick(Self.garbage) }
        words += arguments
        guard rules.forgets, words.count > 1 else { return [words] }
        return [words, ["DEL".bytes, words[1]]]
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
        for argument in arguments {
            if argument.isOptional && !chance.percent(35) { continue }
            var piece: [Bytes] = []
            append(argument, to: &piece, command)
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

    private mutating func value(_ argument: Argument, _ command: DeclaredCommand) -> Bytes {
        if let word = Self.special(argument, command, &chance) { return word }
        switch argument.type {
        case "key": return key(command.group)
        case "integer": return integer(argument.name)
        case "unix-time": return integer(argument.name.contains("milli") ? "unix-milliseconds" : "unix-seconds")
        case "double": return chance.percent(70) ? chance.pick(Self.doubles) : string()
        case "pattern": return chance.pick(Self.patterns)
        default:
            switch argument.name {
            case "cursor": return chance.percent(90) ? [0x30] : integer("")
            case "db", "index", "index1", "index2": return integer(argument.name)
            case "type": return chance.pick(["string", "list", "hash", "nosuch"]).bytes
            default: return string()
            }
        }
    }

    private mutating func key(_ group: String) -> Bytes {
        let own: String
        switch group {
        case "list": own = "l"
        case "hash": own = "h"
        case "set": own = "s"
        case "sorted-set", "sorted_set", "geo": own = "z"
        case "stream": own = "x"
        case "string", "bitmap", "hyperloglog": own = "k"
        default: own = chance.pick(["k", "k", "k", "l", "h", "s", "z", "x"])
        }
        switch chance.below(100) {
        case 0..<80: return Bytes((own + String(1 + chance.below(3))).utf8)
        case 80..<90: return Bytes((chance.pick(["k", "l", "h", "s", "z", "x"]) + "1").utf8)
        case 90..<93: return []
        case 93..<95: return [0, 0xFF]
        default: return "nokey".bytes
        }
    }

    private mutating func integer(_ name: String) -> Bytes {
        if chance.percent(6) { return chance.pick(Self.badIntegers) }
        switch name {
        case "seconds": return chance.pick(Self.seconds)
        case "milliseconds": return chance.pick(Self.milliseconds)
        case "unix-seconds", "unix-time-seconds": return chance.pick(Self.unixSeconds)
        case "unix-milliseconds", "unix-time-milliseconds": return chance.pick(Self.unixMilliseconds)
        case "db", "index", "index1", "index2", "destination-db", "db-index":
            return chance.percent(85) ? String(chance.below(3)).bytes : chance.pick(Self.integers)
        case "offset": return chance.percent(85) ? String(chance.below(60)).bytes : chance.pick(Self.farOffsets)
        case "start", "end", "stop", "count", "len", "min-match-len":
            if chance.percent(70) { return String(chance.below(30) - 12).bytes }
            return chance.pick(Self.integers)
        default:
            if chance.percent(40) { return String(chance.below(12)).bytes }
            return chance.pick(Self.integers)
        }
    }

    private mutating func string() -> Bytes {
        switch chance.below(100) {
        case 0..<25: return chance.pick(["a", "b", "ab", "abc", "hello", "world"]).bytes
        case 25..<45: return String(chance.below(400) - 100).bytes
        case 45..<60: return chance.pick(Self.integers)
        case 60..<70: return chance.pick(Self.doubles)
        case 70..<90:
            let length = chance.percent(20) ? chance.pick([43, 44, 45, 63, 64, 65, 128, 300]) : chance.below(20)
            let alphabet: Bytes = Array("abcxyz01".utf8)
            return (0..<length).map { _ in alphabet[chance.below(alphabet.count)] }
        case 90..<94: return (0..<chance.below(20)).map { _ in UInt8(chance.below(256)) }
        case 94..<97: return []
        default: return chance.pick(Self.garbage)
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

    // MARK: Pools

    // No number lies between 1,000 and 512 MB: as an offset it would make both servers fill memory.
    private static let integers: [Bytes] = [
        "0", "1", "2", "3", "5", "7", "10", "15", "16", "100", "255", "256", "1000", "-1", "-2", "-3", "-10", "-100",
        "-1000", "2147483647", "-2147483648", "2147483648", "4294967296", "9223372036854775806",
        "9223372036854775807", "-9223372036854775807", "-9223372036854775808",
    ].map(\.bytes)

    private static let badIntegers: [Bytes] = [
        "", "abc", "1.5", " 1", "1 ", "+1", "01", "-0", "0x10", "1e3", "9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "-", "1\0",
    ].map(\.bytes)

    // Nothing that ends during a run: both servers would have to expire it between the same two commands.
    private static let seconds: [Bytes] = [
        "100", "1000", "3600", "86400", "100000", "0", "-1", "-100", "9223370000000000", "9223372036854775",
        "9223372036854776", "9223372036854775807", "-9223372036854775808",
    ].map(\.bytes)

    private static let milliseconds: [Bytes] = [
        "100000", "200000", "1000000", "86400000", "0", "-1", "-100000", "9223370000000000000", "9223372036854775807",
        "-9223372036854775808",
    ].map(\.bytes)

    private static let unixSeconds: [Bytes] = [
        "33177117420", "33177117421", "33177117419", "1", "0", "-1", "9223372036854775", "9223372036854776",
        "9223372036854775807",
    ].map(\.bytes)

    private static let unixMilliseconds: [Bytes] = [
        "33177117420000", "33177117420001", "33177117419999", "33177117420500", "1", "0", "-1",
        "9223372036854775807",
    ].map(\.bytes)

    private static let farOffsets: [Bytes] = [
        "-1", "-100", "536870912", "4294967296", "9223372036854775807", "-9223372036854775808", "536870911000",
    ].map(\.bytes)

    private static let doubles: [Bytes] = [
        "0", "1", "-1", "1.5", "-1.5", "3.0e3", "0.1", "0.2", "1e10", "1e17", "1e-10", "123456789.123456789",
        "3.333333333333333333", "1e100", "1e308", "1e-308", "1e400", "inf", "-inf", "+inf", "nan", "-0", "0x10",
        "5.", ".5", "1e", "", " 1", "1 ", "1,5",
    ].map(\.bytes)

    private static let patterns: [Bytes] = [
        "*", "k*", "?1", "[kl]1", "[^k]*", "nokey", "", "k[1-2]", "\\k1", "*1*", "[", "k\\", "[a-", "k[]", "**", "K*",
    ].map(\.bytes)

    private static let garbage: [Bytes] = [
        [], [0], "abc".bytes, "*".bytes, "\r\n".bytes, "(nil)".bytes, [0xFF, 0xFE], "é".bytes, "NX".bytes, "EX".bytes,
        "GET".bytes, "COUNT".bytes, "-".bytes, "+".bytes, "a b".bytes, Bytes(repeating: 0x78, count: 200),
    ]
}
