/// The commands that took long, the latest ones: what SLOWLOG shows.
final class SlowLog {
    struct Entry {
        let id: Int
        /// In seconds since 1970.
        let time: Int64
        let microseconds: UInt64
        /// Shortened, and without secrets.
        let words: [[UInt8]]
        let address: String
        let name: [UInt8]
    }

    /// Longer commands and words are cut, so that a huge one does not stay in memory.
    private static let mostWords = 32
    private static let longestWord = 128

    private var entries = Queue<Entry>()
    private var nextID = 0

    var count: Int { entries.count }

    /// The latest first.
    func latest(_ count: Int) -> [Entry] { Array(entries.all.reversed().prefix(count)) }

    func removeAll() { entries.removeAll() }

    /// Adds a command, and lets go of the oldest beyond `length`.
    func add(_ words: [[UInt8]], _ microseconds: UInt64, _ client: Client, _ time: Int64, length: Int) {
        // Commands that a script called came from nowhere.
        let address = client.id == 0 ? "?:0" : client.address
        entries.append(
            Entry(
                id: nextID, time: time, microseconds: microseconds, words: words, address: address,
                name: client.name))
        nextID += 1
        while entries.count > max(length, 0) { entries.removeFirst() }
    }

    /// The words as an entry holds them; `word` gives the one at a position.
    static func shorten(_ count: Int, _ word: (Int) -> Bytes) -> [[UInt8]] {
        guard count > mostWords else { return (0..<count).map { shorten(word($0)) } }
        let left = count - mostWords + 1
        return (0..<mostWords - 1).map { shorten(word($0)) } + [Array("... (\(left) more arguments)".utf8)]
    }

    /// A word as an entry holds it: of a large one only the beginning is copied.
    private static func shorten(_ word: Bytes) -> [UInt8] {
        guard word.count > longestWord else { return Array(word) }
        return Array(word[0..<longestWord]) + Array("... (\(word.count - longestWord) more bytes)".utf8)
    }
}

extension Engine {
    /// Notes a command that took longer than one of the limits, `slowlog-log-slower-than` or
    /// `latency-monitor-threshold`.
    @inline(never)
    func noteSlow(_ call: Call, _ elapsed: UInt64) {
        let flags = commands.gate(call.command).flags
        noteLatency(flags.contains(.fast) ? .fastCommand : .command, elapsed)
        guard elapsed >= slowLogTicks, !flags.contains(.skipSlowLog) else { return }
        let secrets = call.secrets
        let words = SlowLog.shorten(call.arguments.count) { index in
            secrets.contains(index) ? Bytes("(redacted)") : call.arguments[index]
        }
        noteSlow(words, of: call.client, elapsed)
    }

    func noteSlow(_ words: [[UInt8]], of client: Client, _ elapsed: UInt64) {
        slowLog.add(
            words, ticks.nanoseconds(elapsed) / 1_000, client, clock.now.seconds, length: settings.slowLogLength)
    }
}
