internal import Glibc

/// All state of one server. It lives on the loop's thread and is touched by nobody else; several run in one process.
final class Engine {
    let settings: Settings
    let clock = EngineClock()
    let random: RandomSource
    let statistics = Statistics()
    let keyspace: Keyspace
    let hash: KeyHash
    let commands = CommandTable(Command.all)
    let commandStatistics: CommandStatistics
    let log: ServerLog
    let startedAt: Timestamp
    /// 40 hexadecimal digits that name this run.
    let runID: String
    let replicationID: String
    var ticks = Ticks()

    var databases: [Database]
    private(set) var clients: [Int: Client] = [:]
    private var lastClientID = 0
    /// Clients that the loop has to look at: output from elsewhere, to be closed, to go on.
    private(set) var needingAttention: [Client] = []
    /// How many clients have more output waiting than they may for long.
    var clientsOverSoftLimit = 0

    /// Whether any command has to pass more than the everyday gates.
    var hasGates = false
    var monitors: [Client] = []
    /// The words of the command at hand that are not to be shown to others.
    var redactedWords: [Int] = []
    var pause = Pause()
    let evictionPool = EvictionPool()
    /// Whether eviction ran out of time and goes on between turns.
    var isEvicting = false
    /// The database from which a random key was evicted last.
    var nextEvicted = 0
    /// Over this a command's duration goes to the slow log, in ticks.
    var slowTicks: UInt64 = .max
    /// Set when the loop is to end, with the exit status.
    var shutdown: Int32?
    /// When clients that wait give up: moments, and the clients' numbers.
    private let timeouts = BTree<Deadline>()
    /// The ports and paths in use, as INFO tells them.
    var listeners: [String] = []
    var port = 0

    init(settings: Settings, log: ServerLog, seed: UInt64? = nil) {
        self.settings = settings
        self.log = log
        random = RandomSource(seed: seed ?? RandomSource.entropy)
        keyspace = Keyspace(clock: clock, statistics: statistics, random: random)
        hash = keyspace.hash
        commandStatistics = CommandStatistics(count: commands.commands.count)
        startedAt = clock.now
        runID = Engine.hexadecimal(random, 40)
        replicationID = Engine.hexadecimal(random, 40)
        let keyspace = keyspace
        databases = (0..<settings.databases).map { Database($0, keyspace) }
        settingsChanged()
    }

    private static func hexadecimal(_ random: RandomSource, _ digits: Int) -> String {
        String((0..<digits).map { _ in Character(UnicodeScalar(Array("0123456789abcdef".utf8)[random.below(16)])) })
    }

    /// Derives what is kept ready for the hot path from the settings.
    func settingsChanged() {
        keyspace.countsFrequency = settings.maxMemoryPolicy.isLFU
        keyspace.lfuLogFactor = settings.lfuLogFactor
        keyspace.lfuDecayMinutes = settings.lfuDecayMinutes
        let micros = settings.slowLogMicroseconds
        slowTicks = micros < 0 ? .max : ticks.ticks(nanoseconds: UInt64(micros) * 1_000)
        updateGates()
    }

    func updateGates() {
        hasGates = settings.maxMemory > 0 || pause.isActive || !monitors.isEmpty
    }

    // MARK: - Clients

    func addClient(descriptor: Int32, address: String, localAddress: String) -> Client {
        lastClientID += 1
        let client = Client(
            id: lastClientID, descriptor: descriptor, address: address, localAddress: localAddress, now: clock.now)
        if settings.requirePass.isEmpty { client.flags.insert(.authenticated) }
        clients[client.id] = client
        return client
    }

    /// Forgets a client that is gone.
    func removeClient(_ client: Client) {
        unblock(client)
        if client.overSoftLimitSince != nil { clientsOverSoftLimit -= 1 }
        client.overSoftLimitSince = nil
        if client.flags.contains(.paused) { pause.waiting.removeAll { $0 === client } }
        account(client, 0)
        clients[client.id] = nil
        monitors.removeAll { $0 === client }
        updateGates()
    }

    /// Makes the loop look at a client by the end of the turn.
    func attend(_ client: Client) {
        guard !client.flags.contains(.attention) else { return }
        client.flags.insert(.attention)
        needingAttention.append(client)
    }

    /// Disconnects a client of whom others ask it: it is gone for everybody at once, its socket by the end of the turn.
    func kill(_ client: Client) {
        client.flags.insert(.closeNow)
        removeClient(client)
        attend(client)
    }

    func takeAttention() -> [Client] {
        guard !needingAttention.isEmpty else { return [] }
        let clients = needingAttention
        needingAttention.removeAll(keepingCapacity: true)
        for client in clients { client.flags.remove(.attention) }
        return clients
    }

    // MARK: - Waiting clients

    /// Makes a client wait, its further commands with it. At `deadline` (never, if nil) `onTimeout` answers for it.
    func block(_ client: Client, until deadline: Int64?, onTimeout: @escaping (Client) -> Void) {
        client.flags.insert(.blocked)
        client.onTimeout = onTimeout
        client.blockedUntil = deadline
        if let deadline { timeouts.insert(Deadline(time: deadline, hash: UInt64(client.id))) }
    }

    /// Lets a client that waited go on.
    func unblock(_ client: Client) {
        guard client.flags.contains(.blocked) else { return }
        client.flags.remove(.blocked)
        if let deadline = client.blockedUntil {
            _ = timeouts.remove(Deadline(time: deadline, hash: UInt64(client.id)))
        }
        client.blockedUntil = nil
        client.onTimeout = nil
        attend(client)
    }

    /// Answers for the clients whose time to wait is over.
    func fireTimeouts() {
        while let first = timeouts.first, first.time <= clock.milliseconds {
            guard let client = clients[Int(first.hash)] else {
                _ = timeouts.popFirst()
                continue
            }
            let onTimeout = client.onTimeout
            unblock(client)
            onTimeout?(client)
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
    }

    /// All that is due now, in order; not bounded.
    private func fireDue() {
        fireTimeouts()
        endPauseIfDue()
        guard keyspace.expiresActively, !keyspace.isFrozen else { return }
        for database in databases { while database.expireDue(budget: .max) {} }
    }

    func endPauseIfDue() {
        guard pause.isActive, clock.milliseconds >= pause.until else { return }
        endPause()
    }

    /// Lets the commands that waited for the end of a pause go on.
    func endPause() {
        let waiting = pause.waiting
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
        var more = false
        if keyspace.expiresActively, !keyspace.isFrozen {
            for database in databases where database.expireDue(budget: Engine.expiryBudget) { more = true }
        }
        if !keyspace.graveyard.isEmpty, !keyspace.freeBuried(budget: Engine.freeingBudget) { more = true }
        if keyspace.slabs.pendingBytes > 0 {
            keyspace.slabs.releasePending(bytes: Engine.releaseBudget)
            if keyspace.slabs.pendingBytes > 0 { more = true }
        }
        if isEvicting {
            isEvicting = false
            _ = makeRoom()
            if isEvicting { more = true }
        }
        return more
    }

    /// Keys that a turn removes because their time has come: about a tenth of a millisecond's work.
    private static let expiryBudget = 500
    /// Flushed keys that a turn frees.
    private static let freeingBudget = 2_000
    /// Freed memory that a turn returns to the system, in bytes: 1,000 pages.
    private static let releaseBudget = 4 << 20

    /// The next moment at which the loop has to wake up by itself, in milliseconds of the clock.
    var nextWakeup: Int64? {
        var next = timeouts.first?.time
        if keyspace.expiresActively, !keyspace.isFrozen {
            for database in databases {
                if let deadline = database.nextDeadline { next = min(next ?? deadline, deadline) }
            }
        }
        if pause.isActive { next = min(next ?? pause.until, pause.until) }
        return next
    }

    // MARK: - Memory

    /// Roughly what the data, the tables and the clients' buffers hold, in bytes.
    var usedMemory: Int { Engine.baseMemory + dataMemory + clientMemory }

    /// What an empty server holds.
    static let baseMemory = 900_000

    var dataMemory: Int {
        databases.reduce(keyspace.slabs.allocatedBytes) { $0 + $1.overheadBytes }
            + keyspace.graveyard.reduce(0) { $0 + $1.tableBytes }
    }

    /// The buffers of clients, in bytes; kept by the loop.
    var clientMemory = 0
}

/// CLIENT PAUSE: until when commands wait, and which.
struct Pause {
    var until: Int64 = 0
    var isActive = false
    var writesOnly = true
    /// Clients whose next command waits for the end, in their order.
    var waiting: [Client] = []

    /// Whether a command with these flags has to wait.
    func holds(_ flags: CommandFlags) -> Bool { !writesOnly || !flags.isDisjoint(with: [.write, .mayReplicate]) }
}
