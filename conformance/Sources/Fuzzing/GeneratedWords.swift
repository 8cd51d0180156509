/// Words for the arguments of commands: few keys, members and numbers, so that they meet.
extension CommandGenerator {
    /// A word for an argument, by its type and its name.
    mutating func value(_ argument: Argument, _ command: DeclaredCommand) -> Bytes {
        if argument.type != "key", chance.percent(60) {
            let word =
                command.group == "stream"
                ? streamWord(argument.name, of: command.name) : Self.special(argument, command, &chance)
            if let word { return word }
        }
        switch argument.type {
        case "key": return key(command.group)
        case "integer": return integer(argument.name)
        case "unix-time": return integer(argument.name.contains("milli") ? "unix-milliseconds" : "unix-seconds")
        case "double": return double(argument.name)
        case "pattern": return chance.pick(Self.patterns)
        default: return text(argument.name, command)
        }
    }

    private mutating func text(_ name: String, _ command: DeclaredCommand) -> Bytes {
        switch name {
        case "cursor": return chance.percent(90) ? [0x30] : integer("")
        case "db", "index", "index1", "index2": return integer(name)
        case "type": return chance.pick(["string", "list", "hash", "set", "zset", "stream", "nosuch"]).bytes
        case "member", "member1", "member2", "field", "element", "pivot":
            return chance.percent(70) ? chance.pick(Self.members) : string()
        case "min", "max", "start", "stop", "end":
            if command.group == "stream" { return chance.pick(Self.streamIDs) }
            return chance.percent(90) ? chance.pick(Self.borders) : string()
        case "id", "lastid", "last-id", "max-deleted-id": return chance.pick(Self.streamIDs)
        case "group", "consumer": return chance.percent(90) ? chance.pick(["g", "h", "c"]).bytes : string()
        case "threshold": return chance.percent(70) ? String(chance.below(8)).bytes : chance.pick(Self.streamIDs)
        case "min-idle-time": return chance.percent(90) ? "0".bytes : chance.pick(Self.badIntegers)
        case "encoding": return chance.pick(Self.bitTypes)
        default: return string()
        }
    }

    private mutating func double(_ name: String) -> Bytes {
        switch name {
        case "timeout": return spoilsWaiting && chance.percent(10) ? chance.pick(Self.badTimeouts) : wait
        case "longitude", "latitude": return chance.percent(95) ? chance.pick(Self.degrees) : string()
        case "radius", "width", "height": return chance.percent(90) ? chance.pick(Self.distances) : string()
        case "min", "max": return chance.percent(90) ? chance.pick(Self.borders) : string()
        default: return chance.percent(80) ? chance.pick(Self.doubles) : string()
        }
    }

    private mutating func key(_ group: String) -> Bytes {
        let own: String
        switch group {
        case "list": own = "l"
        case "hash": own = "h"
        case "set": own = "s"
        case "sorted-set", "sorted_set": own = chance.pick(["z", "z", "z", "z", "s", "g"])
        case "geo": own = chance.pick(["g", "g", "g", "z"])
        case "stream": own = "x"
        case "hyperloglog": own = "p"
        case "string", "bitmap": own = "k"
        default: own = chance.pick(Self.families)
        }
        switch chance.below(100) {
        case 0..<80: return Bytes((own + String(1 + chance.below(3))).utf8)
        case 80..<90: return Bytes((chance.pick(Self.families) + "1").utf8)
        case 90..<93: return []
        case 93..<95: return [0, 0xFF]
        default: return "nokey".bytes
        }
    }

    mutating func integer(_ name: String) -> Bytes {
        if chance.percent(6) { return chance.pick(Self.badIntegers) }
        switch name {
        case "seconds": return chance.pick(Self.seconds)
        case "milliseconds": return chance.pick(Self.milliseconds)
        case "unix-seconds", "unix-time-seconds": return chance.pick(Self.unixSeconds)
        case "unix-milliseconds", "unix-time-milliseconds": return chance.pick(Self.unixMilliseconds)
        case "db", "index", "index1", "index2", "destination-db", "db-index":
            return chance.percent(85) ? String(chance.below(3)).bytes : chance.pick(Self.integers)
        case "offset": return chance.percent(85) ? String(chance.below(60)).bytes : chance.pick(Self.farOffsets)
        case "start", "end", "stop", "count", "len", "min-match-len", "rank":
            if chance.percent(70) { return String(chance.below(30) - 12).bytes }
            return chance.pick(Self.integers)
        case "weight": return chance.percent(80) ? chance.pick(Self.doubles) : chance.pick(Self.integers)
        default:
            if chance.percent(40) { return String(chance.below(12)).bytes }
            return chance.pick(Self.integers)
        }
    }

    mutating func string() -> Bytes {
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

    // MARK: - Pools

    // No number lies between 1,000 and 512 MB: as an offset it would make both servers fill memory.
    static let integers: [Bytes] = [
        "0", "1", "2", "3", "5", "7", "10", "15", "16", "100", "255", "256", "1000", "-1", "-2", "-3", "-10", "-100",
        "-1000", "2147483647", "-2147483648", "2147483648", "4294967296", "9223372036854775806",
        "9223372036854775807", "-9223372036854775807", "-9223372036854775808",
    ].map(\.bytes)

    static let badIntegers: [Bytes] = [
        "", "abc", "1.5", " 1", "1 ", "+1", "01", "-0", "0x10", "1e3", "9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "-", "1\0",
    ].map(\.bytes)

    // Nothing that ends during a run: both servers would have to expire it between the same two commands.
    static let seconds: [Bytes] = [
        "100", "1000", "3600", "86400", "100000", "0", "-1", "-100", "9223370000000000", "9223372036854775",
        "9223372036854776", "9223372036854775807", "-9223372036854775808",
    ].map(\.bytes)

    static let milliseconds: [Bytes] = [
        "100000", "200000", "1000000", "86400000", "0", "-1", "-100000", "9223370000000000000", "9223372036854775807",
        "-9223372036854775808",
    ].map(\.bytes)

    static let unixSeconds: [Bytes] = [
        "33177117420", "33177117421", "33177117419", "1", "0", "-1", "9223372036854775", "9223372036854776",
        "9223372036854775807",
    ].map(\.bytes)

    static let unixMilliseconds: [Bytes] = [
        "33177117420000", "33177117420001", "33177117419999", "33177117420500", "1", "0", "-1",
        "9223372036854775807",
    ].map(\.bytes)

    static let farOffsets: [Bytes] = [
        "-1", "-100", "536870912", "4294967296", "9223372036854775807", "-9223372036854775808", "536870911000",
    ].map(\.bytes)

    static let doubles: [Bytes] = [
        "0", "1", "-1", "1.5", "-1.5", "3.0e3", "0.1", "0.2", "1e10", "1e17", "1e-10", "123456789.123456789",
        "3.333333333333333333", "1e100", "1e308", "1e-300", "1e400", "inf", "-inf", "+inf", "nan", "-0", "0x10",
        "5.", ".5", "1e", "", " 1", "1 ", "1,5",
    ].map(\.bytes)

    static let patterns: [Bytes] = [
        "*", "k*", "?1", "[kl]1", "[^k]*", "nokey", "", "k[1-2]", "\\k1", "*1*", "[", "k\\", "[a-", "k[]", "**", "K*",
    ].map(\.bytes)

    static let garbage: [Bytes] = [
        [], [0], "abc".bytes, "*".bytes, "\r\n".bytes, "(nil)".bytes, [0xFF, 0xFE], "é".bytes, "NX".bytes, "EX".bytes,
        "GET".bytes, "COUNT".bytes, "-".bytes, "+".bytes, "a b".bytes, Bytes(repeating: 0x78, count: 200),
    ]

    private static let families = ["k", "k", "l", "h", "s", "z", "x", "p", "g"]

    static let members: [Bytes] = [
        "a", "b", "c", "d", "e", "f", "g", "aa", "ab", "1", "2", "3", "4", "5", "10", "-1", "100", "70000", "member:1",
        "",
    ].map(\.bytes)

    private static let borders: [Bytes] = [
        "0", "1", "2", "3", "-1", "-2", "5", "10", "(1", "(2", "(0", "-inf", "+inf", "inf", "(inf", "(-inf", "1.5",
        "-", "+", "[a", "(a", "[c", "(c", "[", "(", "[1", "a", "nan", "((1", "1e3",
    ].map(\.bytes)

    private static let streamIDs: [Bytes] = [
        "0", "1", "2", "3", "5", "0-0", "0-1", "1-1", "1-2", "2-1", "3-3", "5-*", "1-*", "7", "8-1", "9", "-", "+", "$",
        ">", "(1", "(1-1", "(-", "18446744073709551615", "18446744073709551615-18446744073709551615", "a", "1-", "1-a",
        "-1", "",
    ].map(\.bytes)

    private static let degrees: [Bytes] = [
        "0", "1", "2", "-1", "13.361389", "15.087269", "38.115556", "37.502669", "-122.27", "37.8", "85", "-85",
        "180", "-180", "85.05112878", "85.06", "181", "0.000001", "90",
    ].map(\.bytes)

    private static let distances: [Bytes] = [
        "0", "1", "10", "100", "200", "500", "1000", "100000", "0.5", "20000", "1e10", "-1", "inf", "nan",
    ].map(\.bytes)

    private static let badTimeouts: [Bytes] = ["-1", "abc", "", "inf", "nan", "1e400", "99999999999999999999"].map(
        \.bytes)

    private static let bitTypes: [Bytes] = [
        "u1", "u2", "u8", "i8", "u16", "i16", "u32", "i32", "u63", "i64", "u64", "i65", "u0", "x8", "i5", "u7", "",
    ].map(\.bytes)
}
