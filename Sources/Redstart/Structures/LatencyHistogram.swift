/// Counts durations in buckets whose width grows with the duration, so that any percentile is known to two significant
/// digits in constant memory (G. Tene, HdrHistogram). 1 nanosecond to 1 second; longer ones count as the longest.
///
/// A handle on memory that its owner frees: copying it counts no references.
@safe struct LatencyHistogram: BitwiseCopyable {
    private static let subBuckets = 256
    private static let halfBits = 7
    private static let longest: UInt64 = 1_000_000_000
    private static let size = index(longest) + 1

    /// The buckets, and behind them the total.
    private let counts: UnsafeMutablePointer<UInt32>

    /// An empty one, on memory of its own.
    init() {
        unsafe counts = .allocate(capacity: LatencyHistogram.size + 1)
        unsafe counts.initialize(repeating: 0, count: LatencyHistogram.size + 1)
    }

    func free() { unsafe counts.deallocate() }

    /// How many durations were recorded.
    var total: Int { unsafe Int(counts[LatencyHistogram.size]) }

    private func count(_ index: Int) -> Int { unsafe Int(counts[index]) }

    @inline(__always)
    private static func index(_ value: UInt64) -> Int {
        let bits = 64 &- (value | UInt64(subBuckets &- 1)).leadingZeroBitCount
        let shift = bits &- (halfBits &+ 1)
        return shift &<< halfBits &+ Int(truncatingIfNeeded: value &>> UInt64(shift))
    }

    /// The largest duration that counts in the same bucket as those at `index`.
    private static func highest(_ index: Int) -> UInt64 {
        guard index >= subBuckets else { return UInt64(index) }
        let shift = index >> halfBits - 1
        let position = index - shift << halfBits
        return UInt64(position + 1) << UInt64(shift) - 1
    }

    @inline(__always)
    func record(_ nanoseconds: UInt64) {
        unsafe counts[LatencyHistogram.index(min(nanoseconds, LatencyHistogram.longest))] &+= 1
        unsafe counts[LatencyHistogram.size] &+= 1
    }

    /// The duration in nanoseconds that so many percent of the recorded ones do not exceed.
    func percentile(_ percent: Double) -> UInt64 {
        let wanted = max(1, Int((percent / 100 * Double(total)).rounded(.up)))
        var seen = 0
        for index in 0..<LatencyHistogram.size where count(index) > 0 {
            seen += count(index)
            if seen >= wanted { return LatencyHistogram.highest(index) }
        }
        return 0
    }

    /// How many of the durations lie at or below `nanoseconds`, counted in whole buckets.
    func count(through nanoseconds: UInt64) -> Int {
        var seen = 0
        for index in 0..<LatencyHistogram.size where count(index) > 0 {
            if LatencyHistogram.highest(index) > nanoseconds { break }
            seen += count(index)
        }
        return seen
    }

    var maximum: UInt64 {
        for index in (0..<LatencyHistogram.size).reversed() where count(index) > 0 {
            return LatencyHistogram.highest(index)
        }
        return 0
    }
}
