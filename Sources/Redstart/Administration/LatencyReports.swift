/// The delays of one event as a picture of characters: a column a sample, its age below.
struct LatencyGraph {
    private static let columns = 80
    private static let rows = 4
    /// A row has three heights; below the top of a column it is filled.
    private static let heights: [Character] = ["_", "o", "#"]
    private static let filling: Character = "|"

    private let event: LatencyEvent
    private let samples: [LatencyMonitor.Sample]
    private let worst: Int
    private let now: Int64

    init(_ event: LatencyEvent, _ series: LatencyMonitor.Series, now: Int64) {
        self.event = event
        samples = Array(series.samples.all)
        worst = series.worst
        self.now = now
    }

    var text: String {
        let high = samples.map(\.milliseconds).max() ?? 0
        let low = samples.map(\.milliseconds).min() ?? 0
        var text = "\(event.rawValue) - high \(high) ms, low \(low) ms (all time high \(worst) ms)\n"
        text += String(repeating: "-", count: LatencyGraph.columns) + "\n"
        for start in stride(from: 0, to: samples.count, by: LatencyGraph.columns) {
            if start > 0 { text += "\n" }
            let part = samples[start..<min(start + LatencyGraph.columns, samples.count)]
            text += picture(part, high, low) + labels(part)
        }
        return text
    }

    private func picture(_ part: ArraySlice<LatencyMonitor.Sample>, _ high: Int, _ low: Int) -> String {
        let steps = LatencyGraph.rows * LatencyGraph.heights.count
        let levels = part.map { min(steps - 1, ($0.milliseconds - low) * steps / max(high - low, 1)) }
        var text = ""
        for row in (0..<LatencyGraph.rows).reversed() {
            for level in levels {
                let (top, height) = level.quotientAndRemainder(dividingBy: LatencyGraph.heights.count)
                text.append(row > top ? " " : row < top ? LatencyGraph.filling : LatencyGraph.heights[height])
            }
            text += "\n"
        }
        return text
    }

    /// The ages, written downwards after an empty row.
    private func labels(_ part: ArraySlice<LatencyMonitor.Sample>) -> String {
        let ages = part.map { Array(age(of: $0)) }
        let height = ages.map(\.count).max() ?? 0
        var text = String(repeating: " ", count: ages.count) + "\n"
        for row in 0..<height {
            for age in ages { text.append(row < age.count ? age[row] : " ") }
            text += "\n"
        }
        return text
    }

    private func age(of sample: LatencyMonitor.Sample) -> String {
        let seconds = max(0, now - sample.time)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3_600 { return "\(seconds / 60)m" }
        if seconds < 86_400 { return "\(seconds / 3_600)h" }
        return "\(seconds / 86_400)d"
    }
}

extension Engine {
    /// What LATENCY DOCTOR says.
    var latencyReport: String {
        guard settings.latencyThresholdMilliseconds > 0 else {
            return "Delays are not being watched on this server. 'CONFIG SET latency-monitor-threshold <milliseconds>' "
                + "begins to note what takes at least that long.\n"
        }
        let events = latencyMonitor.events
        guard !events.isEmpty else {
            return "No delay of \(settings.latencyThresholdMilliseconds) ms or more was noted on this server.\n"
        }
        var report = "There were delays on this server:\n\n"
        for (number, event) in events.enumerated() {
            guard let series = latencyMonitor.series[event] else { continue }
            report += "\(number + 1). \(event.rawValue): \(describe(series))\n"
        }
        report += "\nWhat may help:\n\n"
        for advice in latencyAdvice(events) { report += "- \(advice)\n" }
        return report
    }

    private func describe(_ series: LatencyMonitor.Series) -> String {
        let samples = Array(series.samples.all)
        guard let first = samples.first else { return "" }
        let average = samples.reduce(0) { $0 + $1.milliseconds } / samples.count
        let deviation = samples.reduce(0) { $0 + abs($1.milliseconds - average) } / samples.count
        let period = Double(max(0, clock.now.seconds - first.time)) / Double(samples.count)
        return "\(samples.count) latency spikes (average \(average)ms, mean deviation \(deviation)ms, "
            + "period \(InfoText.fixed(period, 2)) sec). Worst all time event \(series.worst)ms."
    }

    private func latencyAdvice(_ events: [LatencyEvent]) -> [String] {
        var advice: [String] = []
        if events.contains(.command) || events.contains(.fastCommand) {
            let (product, isTooLarge) = settings.latencyThresholdMilliseconds.multipliedReportingOverflow(by: 1_000)
            let threshold = isTooLarge ? .max : product
            if settings.slowLogMicroseconds < 0 || settings.slowLogMicroseconds > threshold {
                advice.append(
                    "The slow log keeps only commands that are slower than the delays noted here. "
                        + "'CONFIG SET slowlog-log-slower-than \(threshold)' makes it keep these too.")
            }
            advice.append("SLOWLOG GET tells which commands took long. Many of them can be split in smaller ones.")
        }
        if events.contains(.fastCommand) {
            advice.append(
                "Commands that should be quick were not: look whether the machine is busy with something else, "
                    + "or swaps.")
        }
        if events.contains(.expireCycle) {
            advice.append("Many keys end at the same moment: add a little chance to their times to live.")
        }
        if events.contains(.evictionCycle) {
            advice.append("Keys are evicted to keep within 'maxmemory': allow more memory, or store less.")
        }
        return advice
    }
}
