/// What all databases of one engine share.
final class Keyspace {
    let clock: EngineClock
    let statistics: Statistics
    let slabs: Slabs
    let hash: KeyHash
    let random: RandomSource

    /// Whether reading a key counts as using it (`CLIENT NO-TOUCH` says no).
    var touchesKeys = true
    /// Whether `Record.access` holds a frequency instead of a time; follows `maxmemory-policy`.
    var countsFrequency = false
    var lfuLogFactor = 10
    var lfuDecayMinutes = 1
    /// How many fields a small hash has at the most (`hash-max-listpack-entries`), how many elements that makes without
    /// deadlines, and how long fields and values may be (`hash-max-listpack-value`).
    private(set) var hashListEntries = 512
    private(set) var hashListElements = 1_024
    var hashListValueBytes = 64
    /// Up to how many members, and up to what length of each, a sorted set is packed.
    var sortedSetEntryLimit = 128
    var sortedSetValueLimit = 64
    /// Whether keys disappear by themselves when their time comes (`DEBUG SET-ACTIVE-EXPIRE`).
    var expiresActively = true
    /// While clients' writes are paused nothing expires or is evicted.
    var isFrozen = false
    /// Up to where sets stay small.
    var setLimits = SetLimits()
    /// What was flushed, and large values that ended, to be freed a part each turn.
    let graveyard = Graveyard()
    /// How much fits a small list, and a block of a large one; follows `list-max-listpack-size`.
    var listLimit = PackedLimit(listSetting: -2)
    /// The clients that wait for keys. Every way in which a key appears, changes its type or ends tells it.
    let waiters = Waiters()
    /// What a block of a stream's entries may hold; follows `stream-node-max-bytes` and `-entries`.
    var streamBlockLimits = Stream.BlockLimits()
    /// Told of every keyspace event, in order: class, name, key, number of the database.
    var onEvent: ((EventClass, StaticString, Bytes, Int) -> Void)? { didSet { updateObservation() } }
    /// Told of every key that changed, whatever the change was called: key, number of the database, and whether it went
    /// because its time had come.
    var onTouch: ((Bytes, Int, Bool) -> Void)?
    /// Publishes an event to whoever subscribed to it.
    var publishEvent: ((EventClass, StaticString, Bytes, Int) -> Void)?
    /// Whether events are to be published: `notify-keyspace-events`.
    var publishesEvents = false { didSet { if publishesEvents != oldValue { updateObservation() } } }
    /// Whether transactions hang on keys.
    var isWatched = false { didSet { updateObservation() } }
    /// Whether clients hold values of keys.
    var isTracked = false { didSet { if isTracked != oldValue { updateObservation() } } }
    /// Whether anybody wants to know of any change: all that a change looks at when nobody does.
    private(set) var isObserved = false
    /// The numbers of the databases that hold something, or lately did, ascending: there is nothing to be done between
    /// turns in the others.
    private(set) var inhabited: [Int] = []

    init(clock: EngineClock, statistics: Statistics, random: RandomSource) {
        self.clock = clock
        self.statistics = statistics
        self.random = random
        slabs = Slabs()
        hash = KeyHash(first: random.next(), second: random.next())
    }

    func setHashListEntries(_ entries: Int) {
        hashListEntries = entries
        hashListElements = entries > .max / 2 ? .max : entries * 2
    }
    private func updateObservation() {
        isObserved = onEvent != nil || isWatched || isTracked || publishesEvents
    }

    // MARK: - Databases

    func addInhabited(_ number: Int) {
        inhabited.insert(number, at: inhabited.place { $0 < number })
    }

    func removeInhabited(_ number: Int) {
        let place = inhabited.place { $0 < number }
        if place < inhabited.count, inhabited[place] == number { inhabited.remove(at: place) }
    }

    /// What SWAPDB makes of them.
    func swapInhabited(_ first: Int, _ second: Int) {
        inhabited = inhabited.map { $0 == first ? second : $0 == second ? first : $0 }.sorted()
    }

    // MARK: - Use of keys

    /// The clock of `Record.access` for LRU: seconds, 24 bits, which go round after 194 days.
    @inline(__always)
    var accessClock: UInt32 { UInt32(truncatingIfNeeded: clock.milliseconds / 1_000) & 0xFF_FFFF }

    /// Notes that a key was used.
    @inline(__always)
    func touch(_ record: Record) {
        guard touchesKeys else { return }
        record.access = countsFrequency ? frequencyAfterUse(record.access) : accessClock
    }

    @inline(__always)
    func initialAccess() -> UInt32 { countsFrequency ? Frequency.initial(minutes) : accessClock }

    /// What a key has that got a new value: that is a use of it, whoever did it.
    @inline(__always)
    func accessAfterReplacement(_ access: UInt32) -> UInt32 {
        countsFrequency ? frequencyAfterUse(access) : accessClock
    }

    var minutes: UInt32 { UInt32(truncatingIfNeeded: clock.milliseconds / 60_000) & 0xFFFF }

    @inline(never)
    private func frequencyAfterUse(_ access: UInt32) -> UInt32 {
        var frequency = Frequency(access, now: minutes, decayMinutes: lfuDecayMinutes)
        frequency.increment(random: random, logFactor: lfuLogFactor)
        return frequency.access(minutes)
    }

    /// How often a key is used, as of now; for when `countsFrequency`.
    func frequency(_ record: Record) -> Int {
        Int(Frequency(record.access, now: minutes, decayMinutes: lfuDecayMinutes).counter)
    }

    /// How long ago a key was used, in seconds.
    func idleSeconds(_ record: Record) -> Int {
        Int((accessClock &- record.access) & 0xFF_FFFF)
    }

    // MARK: - Freeing over turns

    /// Frees about `budget` keys or elements of what was flushed or ended; true when there is nothing left.
    func freeBuried(budget: Int) -> Bool {
        statistics.lazyFreedObjects += graveyard.free(budget: budget)
        return graveyard.isEmpty
    }
}

/// The classes of keyspace events, by the letters of `notify-keyspace-events`.
enum EventClass: UInt8 {
    case generic = 103  // g
    case string = 36  // $
    case list = 108  // l
    case set = 115  // s
    case hash = 104  // h
    case sortedSet = 122  // z
    case stream = 116  // t
    case expired = 120  // x
    case evicted = 101  // e
    case new = 110  // n
    case missed = 109  // m
}

/// How often a key is used, in 24 bits: 16 bits of minutes when it was last decayed, 8 bits of a counter that grows
/// ever more slowly. Source: https://redis.io/docs/latest/develop/reference/eviction/ (the new LFU mode).
struct Frequency {
    /// A new key starts here, so that it is not the first to go.
    private static let initialCounter: UInt32 = 5

    private(set) var counter: UInt32

    static func initial(_ minutes: UInt32) -> UInt32 { minutes << 8 | initialCounter }

    /// The counter in `access`, less one for every `decayMinutes` since it was last looked at.
    init(_ access: UInt32, now: UInt32, decayMinutes: Int) {
        let elapsed = Int((now &- access >> 8) & 0xFFFF)
        let periods = decayMinutes > 0 ? elapsed / decayMinutes : 0
        counter = UInt32(max(0, Int(access & 0xFF) - periods))
    }

    mutating func increment(random: RandomSource, logFactor: Int) {
        guard counter < 255 else { return }
        let base = Double(max(0, Int(counter) - Int(Frequency.initialCounter)))
        let chance = 1 / (base * Double(logFactor) + 1)
        if Double(random.next() >> 11) * 0x1p-53 < chance { counter += 1 }
    }

    func access(_ minutes: UInt32) -> UInt32 { minutes << 8 | counter }
}
