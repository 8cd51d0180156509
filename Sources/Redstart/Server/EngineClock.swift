/// A moment of the engine's time, counted from 1970.
public struct Timestamp: Comparable, Hashable, Sendable, BitwiseCopyable {
    /// Microseconds since the beginning of 1970, UTC.
    public var microseconds: Int64

    /// A moment by its microseconds since 1970.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// A moment by its milliseconds since 1970; as late as can be where that is beyond counting.
    public init(milliseconds: Int64) {
        let (scaled, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        microseconds = overflow ? (milliseconds < 0 ? .min : .max) : scaled
    }

    /// Milliseconds since 1970: the unit of deadlines.
    public var milliseconds: Int64 { microseconds / 1_000 }

    /// Seconds since 1970.
    public var seconds: Int64 { microseconds / 1_000_000 }

    /// Whether one moment comes before another.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The moment so much later; as late as can be where that is beyond counting.
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, carry) = microseconds.addingReportingOverflow(scaled)
        let (total, last) = sum.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !overflow, !carry, !last else { return Timestamp(microseconds: seconds < 0 ? .min : .max) }
        return Timestamp(microseconds: total)
    }
}

/// The one source of time of an engine: the system's, read once a turn, or one that a test moves by hand.
///
/// Every deadline (of a key, of a blocked client) is a moment on this clock; nothing counts down. So moving it
/// forward is all there is to "fast forward".
final class EngineClock {
    private(set) var now: Timestamp
    /// `now` in milliseconds: what deadlines are compared with.
    private(set) var milliseconds: Int64
    private(set) var isFrozen = false

    init() {
        now = SystemTime.now
        milliseconds = now.milliseconds
    }

    /// Reads the system's clock, unless a test holds this one.
    func refresh() {
        if !isFrozen { set(SystemTime.now) }
    }

    /// Holds the clock at `moment`, by default where it is.
    func freeze(at moment: Timestamp? = nil) {
        isFrozen = true
        if let moment { set(moment) }
    }

    /// Follows the system's clock again.
    func resume() {
        isFrozen = false
        refresh()
    }

    private func set(_ moment: Timestamp) {
        now = moment
        milliseconds = moment.milliseconds
    }
}
