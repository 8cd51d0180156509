/// Decides whether the loop lets requests gather for a moment before it looks for more.
///
/// Many clients that send their commands in pipelines wait for throughput, not for a reply. A server that is quicker
/// than they are finds one of them at a time, and wakes, looks and answers for each alone. A moment later it finds
/// several, and the first reply wakes the other side for all of them: what network cards do with interrupts (Mogul,
/// Ramakrishnan: "Eliminating Receive Livelock in an Interrupt-Driven Kernel", TOCS 1997). Whether it gets no less done
/// is measured, by windows with and without: clients that would only wait are served at once as ever, and so is
/// everybody who sends a few commands at a time.
struct Coalescing {
    /// How long they gather, in seconds; the system adds the slack of its timers, 50 µs.
    static let seconds = 50e-6

    /// What each client of a turn sent, on average, for the turn to count.
    private static let pipeline = 8
    /// So many ready clients are enough to go on with at once.
    private static let enough = 32
    /// Fewer than this were not worth the wait, on average; so many waits tell.
    private static let least = 4
    private static let waitsThatTell = 16
    private static let requestsPerWindow = 512
    /// A window this long is one of clients that take their time.
    private static let longestWindowMicroseconds = 20_000
    /// The windows that are compared, every second one with waits: the best of each kind, since the others tell of
    /// the machine's other work.
    private static let trials = 6
    /// How long a verdict holds, in windows: one against waiting the longer, the more often it was given.
    private static let windowsPerVerdict = 1_024
    private static let shortestRest = 64
    private static let longestRest = 8_192
    /// So many windows in a row that cost more or less by an eighth are of another load than the verdict.
    private static let strangeWindows = 4

    private var commandsBefore = 0
    private var ran = 0
    private var window = Window()
    private var isGathering = false
    private var hasGathered = false
    private var trial = 0
    /// The ticks of 1,024 commands in the best windows compared.
    private var (bestWithout, bestWith) = (UInt64.max, UInt64.max)
    /// For how many windows the last verdict still holds; 0 while windows are compared.
    private var windowsLeft = 0
    private var strange = 0
    private var rest = Coalescing.shortestRest

    /// What happened while some hundred requests were served.
    private struct Window {
        var start: UInt64 = 0
        var requests = 0
        var commands = 0
        var waits = 0
        var gathered = 0

        var paid: Bool { gathered >= waits * Coalescing.least }
        var isHopeless: Bool { waits == Coalescing.waitsThatTell && !paid }
    }

    /// Takes note of a turn that found `requests`, with `commands` run since the server began; whether it counts.
    @inline(__always)
    mutating func counts(_ requests: Int, commands: Int) -> Bool {
        ran = commands &- commandsBefore
        commandsBefore = commands
        return requests > 0 && ran >= requests &* Coalescing.pipeline
    }

    /// Whether to wait after such a turn. `now` is in ticks.
    @inline(never)
    mutating func waits(after requests: Int, _ ticks: Ticks, now: UInt64) -> Bool {
        if hasGathered {
            window.waits += 1
            window.gathered += requests
        }
        window.requests += requests
        window.commands += ran
        if window.requests >= Coalescing.requestsPerWindow || window.isHopeless { endWindow(ticks, now) }
        hasGathered = isGathering && requests < Coalescing.enough
        return hasGathered
    }

    private mutating func endWindow(_ ticks: Ticks, _ now: UInt64) {
        let ended = window
        window = Window(start: now)
        if isGathering, !ended.paid { return decide(false) }
        let taken = now &- ended.start
        guard taken <= ticks.ticks(microseconds: Coalescing.longestWindowMicroseconds) else {
            if windowsLeft == 0 || isGathering { compareAnew() }
            return
        }
        let cost = (taken &<< 10) / UInt64(ended.commands)
        if windowsLeft > 0 { return hold(cost) }
        if isGathering { bestWith = min(bestWith, cost) } else { bestWithout = min(bestWithout, cost) }
        trial += 1
        isGathering = trial % 2 == 1
        // What windows vary by anyway is not held against it: it spares work.
        if trial == Coalescing.trials { decide(bestWith <= bestWithout + bestWithout / 32) }
    }

    /// Goes by the last verdict until it has run out, or the load has become another.
    private mutating func hold(_ cost: UInt64) {
        windowsLeft -= 1
        let usual = isGathering ? bestWith : bestWithout
        strange = cost / 9 > usual / 8 || cost / 7 < usual / 8 ? strange + 1 : 0
        if strange == Coalescing.strangeWindows { rest = Coalescing.shortestRest }
        if strange == Coalescing.strangeWindows || windowsLeft == 0 { compareAnew() }
    }

    private mutating func compareAnew() {
        (isGathering, trial, windowsLeft) = (false, 0, 0)
        (bestWithout, bestWith) = (.max, .max)
    }

    private mutating func decide(_ pays: Bool) {
        isGathering = pays
        strange = 0
        windowsLeft = pays ? Coalescing.windowsPerVerdict : rest
        rest = pays ? Coalescing.shortestRest : min(2 * rest, Coalescing.longestRest)
    }
}
