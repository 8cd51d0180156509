internal import Glibc

/// The one source of chance of an engine: with the same seed, the same choices.
/// xoshiro256** (D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018).
final class RandomSource: RandomNumberGenerator {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var fourth: UInt64 = 0

    init(seed: UInt64) { self.seed(seed) }

    /// A seed nobody can guess.
    static var entropy: UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// Starts the sequence that belongs to `seed`. The state is filled by SplitMix64, as the authors advise.
    func seed(_ seed: UInt64) {
        var state = seed
        func split() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        first = split()
        second = split()
        third = split()
        fourth = split()
    }

    func next() -> UInt64 {
        let scaled = second &* 5
        let result = (scaled << 7 | scaled >> 57) &* 9
        let shifted = second << 17
        third ^= first
        fourth ^= second
        second ^= third
        first ^= fourth
        third ^= shifted
        fourth = fourth << 45 | fourth >> 19
        return result
    }

    /// A number from 0 up to, not including, `bound`; each equally likely.
    func below(_ bound: Int) -> Int {
        var generator = self
        return Int.random(in: 0..<max(bound, 1), using: &generator)
    }
}
