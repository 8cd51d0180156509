/// What can hold the server up, by the names under which LATENCY tells it.
enum LatencyEvent: String, CaseIterable {
    case command
    case fastCommand = "fast-command"
    case expireCycle = "expire-cycle"
    case evictionCycle = "eviction-cycle"
}

/// The spikes that were seen: for each event the worst of each second in which there was one, the latest 160.
final class LatencyMonitor {
    struct Sample {
        /// In seconds since 1970.
        let time: Int64
        var milliseconds: Int
    }

    struct Series {
        fileprivate(set) var samples = Queue<Sample>()
        /// The worst since the last reset.
        fileprivate(set) var worst = 0
    }

    private static let mostSamples = 160

    /// Of the events that happened.
    private(set) var series: [LatencyEvent: Series] = [:]

    /// The events that happened, in the order in which they are declared.
    var events: [LatencyEvent] { LatencyEvent.allCases.filter { series[$0] != nil } }

    func add(_ event: LatencyEvent, _ milliseconds: Int, at time: Int64) {
        var known = series[event] ?? Series()
        known.worst = max(known.worst, milliseconds)
        if let last = known.samples.last, last.time == time {
            let worst = max(last.milliseconds, milliseconds)
            known.samples.replaceLast(with: Sample(time: time, milliseconds: worst))
        } else {
            known.samples.append(Sample(time: time, milliseconds: milliseconds))
            if known.samples.count > LatencyMonitor.mostSamples { known.samples.removeFirst() }
        }
        series[event] = known
    }

    /// Forgets what is known of an event; false if that is nothing.
    func remove(_ event: LatencyEvent) -> Bool { series.removeValue(forKey: event) != nil }
}

extension Engine {
    /// Notes how long something took, where that is longer than `latency-monitor-threshold`.
    @inline(__always)
    func noteLatency(_ event: LatencyEvent, _ elapsed: UInt64) {
        if elapsed >= latencyTicks { noteSpike(event, elapsed) }
    }

    @inline(never)
    private func noteSpike(_ event: LatencyEvent, _ elapsed: UInt64) {
        latencyMonitor.add(event, Int(ticks.nanoseconds(elapsed) / 1_000_000), at: clock.now.seconds)
    }
}
