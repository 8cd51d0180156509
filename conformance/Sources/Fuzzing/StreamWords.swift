/// Words for stream commands: IDs that meet, few groups and consumers. No ID is the clock's, which two servers never
/// read alike.
extension CommandGenerator {
    /// A word for an argument of that name; nil where any will do.
    mutating func streamWord(_ name: String, of command: String) -> Bytes? {
        switch name {
        case "group": return chance.pick(["g", "g", "g", "h", "nogroup"]).bytes
        case "consumer": return chance.pick(["c1", "c2", "c3"]).bytes
        case "min-idle-time": return chance.pick(["0", "0", "0", "3600000", "-1"]).bytes
        case "ms": return chance.pick(["0", "1000000", "5000000"]).bytes
        case "start", "end": return range()
        case "threshold": return chance.percent(50) ? String(chance.below(12)).bytes : streamID()
        case "field": return chance.pick(["a", "b", "field", "name"]).bytes
        case "id" where command == "xadd": return newID()
        case "id" where command == "xreadgroup": return chance.percent(70) ? ">".bytes : streamID()
        case "id" where command == "xread": return chance.percent(20) ? "$".bytes : streamID()
        case "id", "lastid", "last-id", "max-deleted-id": return streamID()
        case "milliseconds" where !spoilsWaiting: return wait
        case "milliseconds": return chance.pick(["1", "3", "-1", "x"]).bytes
        default: return nil
        }
    }

    private mutating func streamID() -> Bytes {
        switch chance.below(20) {
        case 0: return "18446744073709551615-18446744073709551615".bytes
        case 1: return chance.pick(["0", "0-0", "-", "5-", "-5", "007-1", "5-*", "+5-1"]).bytes
        case 2: return String(chance.below(40)).bytes
        default: return "\(chance.below(40))-\(chance.below(4))".bytes
        }
    }

    /// Mostly one that comes after the last.
    private mutating func newID() -> Bytes {
        chance.percent(75) ? "\(20 + chance.below(20))-*".bytes : streamID()
    }

    private mutating func range() -> Bytes {
        switch chance.below(10) {
        case 0..<3: return chance.pick(["-", "+"]).bytes
        case 3, 4: return "(".bytes + streamID()
        default: return streamID()
        }
    }

    /// Makes the consumers that a command names: since 7.2 it makes them itself also where there is nothing to read or
    /// to claim.
    static func consumers(of words: [Bytes]) -> [[Bytes]] {
        func maker(_ key: Bytes, _ group: Bytes, _ consumer: Bytes) -> [Bytes] {
            ["XGROUP".bytes, "CREATECONSUMER".bytes, key, group, consumer]
        }
        let names = words.map { String($0).uppercased() }
        if ["XCLAIM", "XAUTOCLAIM"].contains(names[0]), words.count > 3 {
            return [maker(words[1], words[2], words[3])]
        }
        guard names[0] == "XREADGROUP", let streams = names.firstIndex(of: "STREAMS") else { return [] }
        let keys = words[(streams + 1)...].prefix((words.count - streams - 1) / 2)
        return names.indices.filter { names[$0] == "GROUP" && $0 + 2 < words.count }.flatMap { place in
            keys.map { maker($0, words[place + 1], words[place + 2]) }
        }
    }
}
