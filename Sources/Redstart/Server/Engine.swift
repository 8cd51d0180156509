internal import Glibc

/// All state of one server. It lives on the loop's thread and is touched by nobody else; several run in one process.
final class Engine {
    let settings: Settings
    let clock = EngineClock()
    let random: RandomSource
    /// Whether chance was given a seed. Then nothing that a client can see may hang on durations either.
    private(set) var isRepeatable: Bool
    let statistics = Statistics()
    let keyspace: Keyspace
    let hash: KeyHash
    let commands = CommandTable(Command.all)
    let commandStatistics: CommandStatistics
    let log: ServerLog
    let startedAt: Timestamp
    /// 40 hexadecimal digits that name this run.
    let runID: String
    private(set) var replicationID: String
    let ticks = Ticks()

    let databases: LazyArray<Database>
    private(set) var clients: [Int: Client] = [:]
    private var lastClientID = 0
    /// Clients that the loop has to look at: output from elsewhere, to be closed, to go on.
    private var needingAttention: [Client] = []
    /// Clients that waited and go on, in the order in which they were served.
    private var goingOn: [Client] = []
    private(set) var someNeedAttention = false
    /// How many clients have more output waiting than they may for long.
    var clientsOverSoftLimit = 0

    /// Whether any command has to pass more than the everyday gates.
    var hasGates = false
    /// Whether `maxmemory-clients` sets a limit.
    private(set) var limitsClientMemory = false
    var monitors = ClientList()
    var pause = Pause()
    /// Clients whose next command waits for the end of the pause, in their order.
    var pausedClients = ClientList()
    let evictionPool = EvictionPool()
    var eviction = EvictionState()
    /// Settings that the hot path reads, taken over by `settingsChanged`.
    private(set) var tracksLatency = true
    /// How long a string may become, and a word from a client: `proto-max-bulk-len`, as far as a list and this machine
    /// can hold it.
    private(set) var maxBulkBytes = 512 << 20
    private static let longestString = min(PackedList.longestElement, ProcessFigures.systemMemory)
    /// Over this a command's duration is looked at: the lower of the two limits below, all in ticks.
    private(set) var slowTicks: UInt64 = .max
    private(set) var slowLogTicks: UInt64 = .max
    private(set) var latencyTicks: UInt64 = .max
    private var turnTicks: UInt64 = .max
    private(set) var patienceTicks: UInt64 = 0
    /// How much output may wait for a client, by its class.
    var mostOutput = Int.max
    var mostOutputSubscribed = Int.max
    /// How long a script may run before others are told that it does.
    private(set) var busyTicks: UInt64 = .max
    /// The client whose command runs now, if it may get messages that are not replies: those wait for the reply.
    var executing: Client?
    let ownMessages = ReplyWriter()
    var pubsub = PubSub()
    let messages = MessageBuffers()
    /// Where the name of a keyspace event's channel is put together.
    let channelBuffer = ReplyWriter()
    let tracking = TrackingTable()
    let watchTable = WatchTable()
    /// A transaction that is over, for the next one.
    var spareTransaction: Transaction?
    /// Whether the command at hand is an EXEC that ran its transaction.
    var ranTransaction = false
    let scripts = Scripts()
    let functions: Functions
    /// The script or function that runs now.
    var runningScript: RunningScript?
    /// Whether memory was short when the command that runs now was let through.
    var isOutOfMemory = false
    let slowLog = SlowLog()
    let latencyMonitor = LatencyMonitor()
    /// Clients whose FLUSHALL or FLUSHDB is to be answered when all of it is freed.
    var flushWaiters = Queue<FlushWaiter>()
    var hasFlushWaiters = false
    /// Set when the loop is to end, with the exit status.
    var shutdown: Int32?
    /// When clients that wait give up: moments, and the clients' numbers.
    private let timeouts = BTree<Deadline>()
    var timeoutCount: Int { timeouts.count }
    /// While clients whose keys became ready are being served: what they make ready in turn is served behind them.
    var isServingWaiters = false
    /// The ports and paths in use, as INFO tells them.
    var listeners: [String] = []
    var port = 0
    /// Opens the TCP sockets that the settings ask for in place of those in use; false if they cannot be had.
    var listenAnew: (() -> Bool)?
    /// Gives everybody but this client a turn in the middle of its command.
    var serveOthers: ((Client) -> Void)?
    var busyScript = BusyScript()
    /// The file that the settings were read from, by its whole path; empty if there is none.
    var configurationFile = ""

    /// Whether the process is the server's own: then it may change what belongs to the process as a whole.
    var ownsProcess = true

    init(settings: Settings, log: ServerLog, seed: UInt64? = nil) {
        self.settings = settings
        self.log = log
        random = RandomSource(seed: seed ?? RandomSource.entropy)
        isRepeatable = seed != nil
        keyspace = Keyspace(clock: clock, statistics: statistics, random: random)
        hash = keyspace.hash
        functions = Functions(hash: hash)
        commandStatistics = CommandStatistics(count: commands.commands.count)
        startedAt = clock.now
        runID = Engine.hexadecimal(random, 40)
        replicationID = Engine.hexadecimal(random, 40)
        let keyspace = keyspace
        databases = LazyArray(count: settings.databases) { Database($0, keyspace) }
        settingsChanged()
        keyspace.publishEvent = { [unowned self] in publishEvent($0, $1, $2, $3) }
        keyspace.onTouch = { [unowned self] key, database, died in
            if self.keyspace.isWatched { touchWatches(hash(key), database, died: died) }
            if self.keyspace.isTracked { invalidate(key, died: died) }
        }
    }

    private static func hexadecimal(_ random: RandomSource, _ digits: Int) -> String {
        String((0..<digits).map { _ in Character(UnicodeScalar(Array("0123456789abcdef".utf8)[random.below(16)])) })
    }

    /// Gives the data set a new name: nobody can take it for the one before.
    func changeReplicationID() { replicationID = Engine.hexadecimal(random, 40) }

    /// Derives what is kept ready for the hot path from the settings.
    func settingsChanged() {
        tracksLatency = settings.tracksLatency
        limitsOfOutputChanged()
        maxBulkBytes = min(settings.maxBulkBytes, Engine.longestString)
        keyspace.countsFrequency = settings.maxMemoryPolicy.isLFU
        keyspace.lfuLogFactor = settings.lfuLogFactor
        keyspace.lfuDecayMinutes = settings.lfuDecayMinutes
        keyspace.listLimit = PackedLimit(listSetting: settings.listMaxListpackSize)
        keyspace.setLimits = settings.setLimits
        keyspace.setHashListEntries(settings.hashListEntries)
        keyspace.hashListValueBytes = settings.hashListValueBytes
        keyspace.streamBlockLimits = Stream.BlockLimits(
            bytes: settings.streamBlockBytes, entries: settings.streamBlockEntries)
        keyspace.sortedSetEntryLimit = settings.sortedSetMaxListpackEntries
        keyspace.sortedSetValueLimit = settings.sortedSetMaxListpackValue
        let micros = settings.slowLogMicroseconds
        slowLogTicks = micros < 0 ? .max : ticks.ticks(microseconds: micros)
        let millis = settings.latencyThresholdMilliseconds
        latencyTicks = millis <= 0 ? .max : ticks.ticks(milliseconds: millis)
        slowTicks = min(slowLogTicks, latencyTicks)
        let patience = settings.busyReplyThresholdMilliseconds
        busyTicks = patience <= 0 ? .max : ticks.ticks(milliseconds: patience)
        keyspace.publishesEvents = settings.notifiedEvents.isActive
        turnTicks = ticks.ticks(nanoseconds: Engine.turnNanoseconds)
        patienceTicks = ticks.ticks(nanoseconds: Patience.nanoseconds)
        limitsClientMemory = settings.maxMemoryClients != 0
        evictionSettingsChanged()
        updateGates()
    }

    func updateGates() {
        hasGates = settings.maxMemory > 0 || pause.isActive || !monitors.isEmpty || busyScript.isBusy
        if settings.maxMemory == 0 { isOutOfMemory = false }
    }

    /// Starts the sequence of choices that belongs to `seed`; from then on nothing depends on how fast the machine is.
    func seed(_ seed: UInt64) {
        random.seed(seed)
        evictionPool.removeAll()
        isRepeatable = true
    }

    // MARK: - Clients

    func addClient(descriptor: Int32, address: String, localAddress: String) -> Client {
        lastClientID += 1
        let client = Client(
            id: lastClientID, descriptor: descriptor, address: address, localAddress: localAddress, now: clock.now)
        if settings.requirePass.isEmpty { client.flags.insert(.authenticated) }
        clients[client.id] = client
        limitOutput(of: client)
        // What a client has selected was made.
        _ = databases[client.database]
        return client
    }

    /// Forgets a client that is gone.
    func removeClient(_ client: Client) {
        unblock(client)
        endTransaction(client)
        dropSubscriptions(client)
        stopTracking(client)
        if client.overSoftLimitSince != nil { clientsOverSoftLimit -= 1 }
        client.overSoftLimitSince = nil
        pausedClients.remove(client)
        account(client, 0)
        clients[client.id] = nil
        monitors.remove(client)
        updateGates()
    }

    /// Makes the loop look at a client by the end of the turn.
    func attend(_ client: Client) {
        guard !client.flags.contains(.attention) else { return }
        client.flags.insert(.attention)
        needingAttention.append(client)
        someNeedAttention = true
    }

    /// Disconnects a client of whom others ask it: it is gone for everybody at once, its socket by the end of the turn.
    func kill(_ client: Client) {
        client.flags.insert(.closeNow)
        removeClient(client)
        attend(client)
    }

    func takeAttention() -> [Client] {
        guard someNeedAttention else { return [] }
        let clients = goingOn.isEmpty ? needingAttention : goingOn + needingAttention
        needingAttention.removeAll(keepingCapacity: true)
        goingOn.removeAll(keepingCapacity: true)
        someNeedAttention = false
        for client in clients { client.flags.remove(.attention) }
        return clients
    }

    // MARK: - Waiting clients

    /// Makes a client wait, its further commands with it. At `deadline` (never, if nil) `onTimeout` answers for it.
    func block(_ client: Client, until deadline: Int64?, onTimeout: @escaping (Client) -> Void) {
        client.flags.insert(.blocked)
        client.wantsAnswer = !client.isMute
        client.onTimeout = onTimeout
        client.blockedUntil = deadline
        if let deadline { timeouts.insert(Deadline(time: deadline, hash: UInt64(client.id))) }
    }

    /// Lets a client that waited go on.
    func unblock(_ client: Client) {
        guard client.flags.contains(.blocked) else { return }
        client.flags.remove(.blocked)
        client.lastInteraction = clock.now
        if let command = client.lastCommand, !client.flags.contains(.closeNow) { record(command, client.blockedTicks) }
        if let deadline = client.blockedUntil {
            _ = timeouts.remove(Deadline(time: deadline, hash: UInt64(client.id)))
        }
        client.blockedUntil = nil
        client.onTimeout = nil
        client.awaitedGrave = nil
        leaveLines(client)
        client.flags.insert(.attention)
        goingOn.append(client)
        someNeedAttention = true
    }

    /// Answers for the clients whose time to wait is over.
    func fireTimeouts() {
        while let first = timeouts.first, first.time <= clock.milliseconds {
            guard let client = clients[Int(first.hash)] else {
                _ = timeouts.popFirst()
                continue
            }
            giveUp(client)
        }
    }

    /// Moves the engine's clock to `target`, through every deadline on the way: each fires at its own moment.
    func advance(to target: Timestamp) {
        clock.freeze()
        while let next = nextWakeup, next <= target.milliseconds {
            clock.freeze(at: max(clock.now, Timestamp(microseconds: next * 1_000)))
            fireDue()
        }
        clock.freeze(at: target)
        fireDue()
        guard needsClientCron else { return }
        for client in clients.values.sorted(by: { $0.id < $1.id }) where isOverdue(client) { kill(client) }
    }

    /// All that is due now, in order; not bounded.
    private func fireDue() {
        fireTimeouts()
        endPauseIfDue()
        _ = expireDue(all: true)
        serveWaiters()
    }

    func endPauseIfDue() {
        guard pause.isActive, clock.milliseconds >= pause.until else { return }
        endPause()
    }

    /// Lets the commands that waited for the end of a pause go on.
    func endPause() {
        let waiting = pausedClients
        pausedClients = ClientList()
        pause = Pause()
        keyspace.isFrozen = false
        updateGates()
        for client in waiting {
            client.flags.remove(.paused)
            client.argumentBytes = 0
            attend(client)
        }
    }

    /// Makes commands wait until a moment. A pause that is on already becomes no shorter and no milder; while it lasts
    /// nothing expires and nothing is evicted.
    func startPause(until end: Int64, writesOnly: Bool) {
        if pause.isActive {
            pause.until = max(pause.until, end)
            pause.writesOnly = pause.writesOnly && writesOnly
        } else if end > clock.milliseconds {
            pause = Pause(until: end, isActive: true, writesOnly: writesOnly)
        }
        keyspace.isFrozen = pause.isActive
        updateGates()
    }

    // MARK: - Work between commands

    /// Does a bounded part of what was left over: expiry, freeing, growing tables. True if there is more of it.
    func workBetweenTurns() -> Bool {
        let start = Ticks.now
        let expired = statistics.expiredKeys + statistics.expiredFields
        var more = expireDue()
        if statistics.expiredKeys + statistics.expiredFields != expired {
            let spent = Ticks.now &- start
            statistics.expiryTicks &+= spent
            if more { statistics.expiryCutShort += 1 }
            noteLatency(.expireCycle, spent)
        }
        for number in keyspace.inhabited {
            let table = databases[made: number].table
            guard table.isShrinking else { continue }
            repeat {
                table.migrate(buckets: Engine.shrinkingStep)
            } while table.isShrinking && Ticks.now &- start < turnTicks / 2
            if table.isShrinking { more = true }
        }
        if !freeFlushed(until: start &+ turnTicks) { more = true }
        if eviction.isDue {
            eviction.isDue = false
            if settings.maxMemory > 0 { _ = makeRoom() }
            if eviction.isDue { more = true }
        }
        serveWaiters()
        return more
    }

    /// Databases in which nothing is left to be done need not be looked at any more.
    func leaveAbandonedDatabases() {
        for number in keyspace.inhabited { databases[made: number].moveOutIfAbandoned() }
    }

    /// Frees what was flushed until the turn's time is over; true if nothing is left.
    func freeFlushed(until end: UInt64) -> Bool {
        while !keyspace.graveyard.isEmpty {
            _ = keyspace.freeBuried(budget: Engine.freeingStep)
            if Ticks.now >= end { break }
        }
        if hasFlushWaiters { answerFlushes() }
        while keyspace.slabs.pendingBytes > 0 {
            keyspace.slabs.releasePending(bytes: Engine.releaseStep)
            if Ticks.now >= end { break }
        }
        return keyspace.graveyard.isEmpty && keyspace.slabs.pendingBytes == 0
    }

    /// What the work between commands may take in a turn: what a client waits longer because of it. The last step may
    /// go over it by a tenth of a millisecond, so that in all it stays below a half.
    private static let turnNanoseconds: UInt64 = 400_000
    /// Buckets that are moved out of a table that became too large, most of them empty, between two looks at the time.
    private static let shrinkingStep = 64
    /// Flushed keys that are freed between two looks: a few microseconds' work.
    private static let freeingStep = 16
    /// Memory that is returned to the system between two looks, in bytes: 256 pages.
    private static let releaseStep = 1 << 20

    /// The next moment at which the loop has to wake up by itself, in milliseconds of the clock.
    var nextWakeup: Int64? {
        var next = timeouts.first?.time
        if keyspace.expiresActively, !keyspace.isFrozen {
            for number in keyspace.inhabited {
                if let deadline = databases[made: number].nextDeadline { next = min(next ?? deadline, deadline) }
            }
        }
        if pause.isActive { next = min(next ?? pause.until, pause.until) }
        return next
    }

    // MARK: - Memory

    /// Roughly what the data, the tables and the clients' buffers hold, in bytes. A few additions: with `maxmemory` it
    /// is asked for before every command.
    var usedMemory: Int { Engine.baseMemory + dataMemory + clientMemory }

    /// Notes what is in use now where it is more than ever before.
    func notePeakMemory() { statistics.peakMemory = max(statistics.peakMemory, usedMemory) }

    /// What an empty server holds.
    static let baseMemory = 900_000

    var dataMemory: Int {
        keyspace.slabs.allocatedBytes + keyspace.slabs.otherBytes + scripts.cache.memory
            + functions.libraries.memory
    }

    /// The buffers of clients, in bytes; kept by the loop.
    var clientMemory = 0
    /// The most that they held since the loop last kept house.
    var mostClientMemory = 0
}

/// CLIENT PAUSE: until when commands wait, and which.
struct Pause {
    var until: Int64 = 0
    var isActive = false
    var writesOnly = true

    /// Whether a command with these flags has to wait.
    func holds(_ flags: CommandFlags) -> Bool { !writesOnly || !flags.isDisjoint(with: [.write, .mayReplicate]) }
}
