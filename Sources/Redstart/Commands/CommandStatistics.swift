/// What one server counts of each command, by the command's number.
final class CommandStatistics {
    struct Counters: BitwiseCopyable {
        var calls = 0
        var ticks: UInt64 = 0
        var rejected = 0
        var failed = 0
    }

    let counters: FixedArray<Counters>
    let histograms: FixedArray<LatencyHistogram?>

    init(count: Int) {
        counters = FixedArray(repeating: Counters(), count: count)
        histograms = FixedArray(repeating: nil, count: count)
    }

    deinit { reset() }

    @inline(__always)
    func record(_ id: CommandID, ticks: UInt64, nanoseconds: UInt64, tracksLatency: Bool) {
        counters[id].calls &+= 1
        counters[id].ticks &+= ticks
        guard tracksLatency else { return }
        if let histogram = histograms[id] { histogram.record(nanoseconds) } else { first(id, nanoseconds) }
    }

    @inline(never)
    private func first(_ id: CommandID, _ nanoseconds: UInt64) {
        let histogram = LatencyHistogram()
        histogram.record(nanoseconds)
        histograms[id] = histogram
    }

    /// The time of all commands.
    var totalTicks: UInt64 { (0..<counters.count).reduce(0) { $0 &+ counters[$1].ticks } }

    func resetHistogram(_ id: CommandID) {
        histograms[id]?.free()
        histograms[id] = nil
    }

    func reset() {
        for id in 0..<counters.count {
            counters[id] = Counters()
            resetHistogram(id)
        }
    }
}
