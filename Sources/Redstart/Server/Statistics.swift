/// What a server counts: INFO's figures. CONFIG RESETSTAT sets most of them back.
///
/// Each is counted where it happens, by a plain addition; what can be derived is derived when somebody asks.
final class Statistics {
    /// Changes to the data since the last save.
    var dirty = 0
    var commandsProcessed = 0
    var connectionsReceived = 0
    var rejectedConnections = 0
    var keyspaceHits = 0
    var keyspaceMisses = 0
    var expiredKeys = 0
    /// Fields of hashes, likewise: INFO's `expired_subkeys`.
    var expiredFields = 0
    /// The time that went into removing keys whose time had come, and how often there was too little of it in a turn.
    var expiryTicks: UInt64 = 0
    var expiryCutShort = 0
    var evictedKeys = 0
    /// How long more was in use than may be, while keys were being evicted.
    var evictionExceededTicks: UInt64 = 0
    /// Since when there has been more in use than may be, in ticks; known when one command's share of the work was not
    /// enough, or nothing was left that may go.
    var evictionExceededSince: UInt64?
    var evictedClients = 0
    var evictedScripts = 0
    var errorReplies = 0
    var netInputBytes = 0
    var netOutputBytes = 0
    var readsProcessed = 0
    var writesProcessed = 0
    var queryBufferDisconnections = 0
    var outputBufferDisconnections = 0
    var lazyFreedObjects = 0
    var loopCycles = 0
    var loopTicks: UInt64 = 0
    var peakMemory = 0
    var authenticationDenied = 0
    /// Replies by error code: INFO errorstats.
    var errors: [String: Int] = [:]
    /// Whether there were more codes than a server has: scripts make them up.
    private var hasTooManyErrors = false
    private var samples = Queue<Sample>()

    private static let errorCodeLimit = 128

    func countError(_ code: String) {
        guard !hasTooManyErrors else { return }
        errors[code, default: 0] += 1
        guard errors.count > Statistics.errorCodeLimit else { return }
        errors = ["ERRORSTATS_DISABLED": 1]
        hasTooManyErrors = true
    }

    func reset() {
        hasTooManyErrors = false
        commandsProcessed = 0
        connectionsReceived = 0
        rejectedConnections = 0
        keyspaceHits = 0
        keyspaceMisses = 0
        expiredKeys = 0
        expiredFields = 0
        expiryTicks = 0
        expiryCutShort = 0
        evictedKeys = 0
        evictionExceededTicks = 0
        evictionExceededSince = nil
        evictedClients = 0
        evictedScripts = 0
        errorReplies = 0
        netInputBytes = 0
        netOutputBytes = 0
        readsProcessed = 0
        writesProcessed = 0
        queryBufferDisconnections = 0
        outputBufferDisconnections = 0
        lazyFreedObjects = 0
        loopCycles = 0
        loopTicks = 0
        authenticationDenied = 0
        errors = [:]
        samples.removeAll()
    }

    // MARK: - Rates

    /// What was counted up to a moment.
    private struct Sample {
        let nanoseconds: UInt64
        let commands: Int
        let input: Int
        let output: Int
        let cycles: Int
        let loopTicks: UInt64
    }

    /// What happened lately, in a second.
    struct Rates {
        var commands = 0.0
        var inputBytes = 0.0
        var outputBytes = 0.0
        var cycles = 0.0
        /// The average time of a turn.
        var ticksPerCycle = 0.0
    }

    /// Rates are those of the last 1.6 seconds, as in Redis; before the start nothing was done.
    private static let window: UInt64 = 1_600_000_000

    private func current(_ now: UInt64) -> Sample {
        Sample(
            nanoseconds: now, commands: commandsProcessed, input: netInputBytes, output: netOutputBytes,
            cycles: loopCycles, loopTicks: loopTicks)
    }

    /// Keeps what was counted up to `now`, the system's monotonic time. An idle server takes no samples: nothing
    /// changes.
    func sample(_ now: UInt64) {
        let start = now - min(now, Statistics.window)
        // One sample from before the window stays, for the counts at its beginning.
        while samples.count > 1, let second = samples.second, second.nanoseconds <= start { samples.removeFirst() }
        samples.append(current(now))
    }

    func rates(_ now: UInt64) -> Rates {
        let start = now - min(now, Statistics.window)
        var first: Sample?
        for sample in samples.all where first == nil || sample.nanoseconds <= start { first = sample }
        guard let first else { return Rates() }
        let last = current(now)
        let seconds = Double(Statistics.window) / 1e9
        let cycles = last.cycles - first.cycles
        return Rates(
            commands: Double(last.commands - first.commands) / seconds,
            inputBytes: Double(last.input - first.input) / seconds,
            outputBytes: Double(last.output - first.output) / seconds,
            cycles: Double(cycles) / seconds,
            ticksPerCycle: Double(last.loopTicks - first.loopTicks) / Double(max(cycles, 1)))
    }
}

extension Engine {
    /// Run about ten times a second while the server has something to do.
    func sample(_ monotonicNanoseconds: UInt64) {
        notePeakMemory()
        statistics.sample(monotonicNanoseconds)
    }
}
