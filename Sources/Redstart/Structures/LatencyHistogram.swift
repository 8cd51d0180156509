/// Counts durations in buckets whose width grows with the duration, so that any percentile is known to two significant
/// digits in constant memory (G. Tene, HdrHistogram). 1 nanosecond to 1 second; longer ones count as the longest.
///
/// A handle on memory that its owner frees: copying it counts no references.
@safe struct LatencyHistogram: BitwiseCopyable {
    private static let subBuckets = 256
    private static let halfBits = 7
    private static let longest: UInt64 = 1_000_000_000
    /// Buckets up to the end of the doubling that the longest duration is in.
    private static let size = index(1 << 30 - 1) + 1

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

    private static func lowest(_ index: Int) -> UInt64 { index == 0 ? 0 : highest(index - 1) + 1 }

    @inline(__always)
    func record(_ nanoseconds: UInt64) {
        unsafe counts[LatencyHistogram.index(min(nanoseconds, LatencyHistogram.longest))] &+= 1
        unsafe counts[LatencyHistogram.size] &+= 1
    }

    /// The duration in nanoseconds that so many percent of the recorded ones do not exceed; for 0 the least.
    func percentile(_ percent: Double) -> UInt64 {
        let wanted = max(1, Int((percent / 100 * Double(total)).rounded(.up)))
        var seen = 0
        for index in 0..<LatencyHistogram.size where count(index) > 0 {
            seen += count(index)
            guard seen >= wanted else { continue }
            return percent == 0 ? LatencyHistogram.lowest(index) : LatencyHistogram.highest(index)
        }
        return 0
    }

    /// How many durations were no longer than a power of two of nanoseconds, from 1,024 on; only those powers at which
    /// the count grows. Counted are whole buckets, whose upper ends are told.
    var powersOfTwo: [(nanoseconds: UInt64, count: Int)] {
        var steps: [(nanoseconds: UInt64, count: Int)] = []
        var seen = 0
        var told = 0
        var index = 0
        var power: UInt64 = 1_024
        while told < total, index < LatencyHistogram.size {
            let last = min(LatencyHistogram.index(power), LatencyHistogram.size - 1)
            while index <= last {
                seen += count(index)
                index += 1
            }
            if seen > told { steps.append((LatencyHistogram.highest(last), seen)) }
            told = seen
            power *= 2
        }
        return steps
    }
}
