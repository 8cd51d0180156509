/// What bitmaps, HyperLogLogs and places on earth need beside the pools of all: types of fields, degrees, few members.
extension CommandGenerator {
    /// A word for an argument of these families; nil where the pools of all will do.
    static func special(_ argument: Argument, _ command: DeclaredCommand, _ chance: inout Chance) -> Bytes? {
        guard chance.percent(92) else { return nil }
        switch (command.group, argument.name) {
        case ("bitmap", "encoding"):
            let width = chance.percent(40) ? chance.pick([1, 2, 8, 16, 31, 32, 63, 64, 0]) : 1 + chance.below(64)
            return "\(chance.pick(["u", "i"]))\(width)".bytes
        case ("bitmap", "offset"):
            return "\(chance.percent(30) && command.name.hasPrefix("bitfield") ? "#" : "")\(chance.below(300))".bytes
        case ("bitmap", "bit"),
            ("bitmap", "value") where command.name == "setbit":
            return "\(chance.below(2))".bytes
        case ("geo", "longitude"): return degrees(chance.pick([180, 180, 20, 1]), &chance)
        case ("geo", "latitude"): return degrees(chance.pick([85, 85, 20, 1]), &chance)
        case ("geo", "member"), ("geo", "member1"), ("geo", "member2"): return "m\(chance.below(12))".bytes
        case ("geo", "radius"), ("geo", "width"), ("geo", "height"):
            return "\(chance.below(chance.pick([10, 1_000, 100_000])))".bytes
        case ("geo", "count"): return "\(1 + chance.below(6))".bytes
        default: return nil
        }
    }

    private static func degrees(_ most: Int, _ chance: inout Chance) -> Bytes {
        let whole = chance.below(2 * most) - most
        return "\(whole).\(chance.below(1_000_000))".bytes
    }
}
