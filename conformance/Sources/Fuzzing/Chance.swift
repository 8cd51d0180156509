/// The fuzzers' source of chance: the same seed gives the same run.
struct Chance {
    private var state: UInt64

    /// The seed is mixed first: otherwise all seeds would begin at different places of one run.
    init(seed: Int) {
        state = UInt64(bitPattern: Int64(seed))
        state = next()
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(max(1, limit))) }

    mutating func percent(_ likelihood: Int) -> Bool { below(100) < likelihood }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}
