/// What is done `hz` times a second, and not at all while nothing happens: an idle server sleeps.
final class Housekeeping {
    private static let clientPeriod: UInt64 = 1_000_000_000
    private var lastRun = Ticks.now
    private var period: UInt64 = 0
    private var lastClientRun = Ticks.monotonicNanoseconds
    /// Whether anything happened since the last run.
    private var isActive = false
    private static let leastTrimmed = 32 << 20
    /// The most that the buffers of clients held since the heap was last trimmed, in bytes.
    private var mostHeld = 0

    /// How long the loop may sleep, in milliseconds; -1 without end.
    func timeout(_ engine: Engine) -> Int32 {
        var wait = Int64.max
        if !engine.clock.isFrozen, let next = engine.nextWakeup {
            // A day is far enough to look ahead, and far from what overflows.
            let milliseconds = min(next - engine.clock.milliseconds, 86_400_000)
            let begun = engine.clock.now.microseconds % 1_000
            wait = max(0, (milliseconds * 1_000 - begun + 999) / 1_000)
        }
        if isActive { wait = min(wait, Int64(1_000 / engine.settings.hz)) }
        if engine.needsClientCron { wait = min(wait, 1_000) }
        return wait == .max ? -1 : Int32(min(wait, 60_000))
    }

    /// Runs what is due at the time `now` in ticks; `didWork` says that the turn had something to do.
    func run(_ loop: EventLoop, at now: UInt64, didWork: Bool) {
        if didWork { isActive = true }
        let engine = loop.engine
        guard now &- lastRun >= period, isActive || engine.needsClientCron else { return }
        lastRun = now
        run(loop)
        period = engine.ticks.ticks(nanoseconds: 1_000_000_000 / UInt64(engine.settings.hz))
    }

    @inline(never)
    private func run(_ loop: EventLoop) {
        let engine = loop.engine
        let now = Ticks.monotonicNanoseconds
        isActive = false
        engine.ticks.calibrate()
        engine.settingsChanged()
        engine.sample(now)
        engine.limitTrackedKeys()
        loop.listenAgain()
        if engine.needsClientCron, now &- lastClientRun >= Housekeeping.clientPeriod {
            lastClientRun = now
            for connection in loop.allConnections where engine.isOverdue(connection.client) { loop.close(connection) }
        }
        engine.leaveAbandonedDatabases()
        trimHeap(engine)
        // How far a table has moved decides which key a random number names.
        guard engine.settings.activeRehashing, !engine.isRepeatable else { return }
        for number in engine.keyspace.inhabited {
            let table = engine.databases[made: number].table
            if table.isMigrating { table.migrate(buckets: 1_000) }
        }
    }

    /// What buffers leave free in the heap stays with the process as long as anything lives above it. Once the clients
    /// have held much less than before from one run to the next, the system has it back; where buffers come and go
    /// all the time, they would only have to be faulted in again.
    private func trimHeap(_ engine: Engine) {
        let most = engine.mostClientMemory
        engine.mostClientMemory = engine.clientMemory
        mostHeld = max(mostHeld, most)
        if mostHeld - most >= Housekeeping.leastTrimmed {
            mostHeld = most
            ProcessFigures.trimHeap()
        } else if mostHeld - engine.clientMemory >= Housekeeping.leastTrimmed {
            // The next run decides, also if nothing happens until then.
            isActive = true
        }
    }
}
