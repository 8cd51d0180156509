/// Decides whether the loop looks for events a moment longer before it falls asleep.
///
/// To fall asleep and to be woken costs the server some microseconds, and the client that wakes it about as many. Who
/// goes on within that time is better looked for than slept for: looking as long as sleeping would cost is at most
/// twice as dear as knowing the future (Karlin, Li, Manasse, Owicki: "Empirical Studies of Competitive Spinning for a
/// Shared-Memory Multiprocessor", SOSP 1991). Where it did not pay lately, because clients take their time or share
/// this CPU, the loop falls asleep at once, and tries again now and then.
struct Patience {
    /// How long to look.
    static let nanoseconds: UInt64 = 2_500

    private var credit = Patience.trial
    /// How many times more to fall asleep at once.
    private var rest = 0

    private static let trial = 2
    private static let most = 32
    /// One time in three is enough: what it saves the client counts as well.
    private static let gain = 2
    private static let longestRest = 100

    /// Whether to look before this sleep.
    mutating func looks() -> Bool {
        if rest == 0 { return true }
        rest -= 1
        return false
    }

    /// Takes note of whether there was something.
    mutating func note(found: Bool) {
        credit = found ? min(credit + Patience.gain, Patience.most) : credit - 1
        guard credit == 0 else { return }
        credit = Patience.trial
        rest = Patience.longestRest
    }
}
