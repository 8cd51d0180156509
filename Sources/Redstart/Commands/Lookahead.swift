/// Asks memory for what the coming words of a command will be looked up as: keys, or members of a collection.
///
/// In a table too large for the processor's caches every look-up waits for memory twice, for the bucket and for the
/// record. Those of sixteen words, asked for together, come in the time of one.
struct Lookahead {
    /// Up to which word it asked.
    private var end = 0
    /// How far it is from one such word to the next.
    private let step: Int

    private static let most = 16

    init(step: Int = 1) { self.step = step }

    /// To be called before the word at `position` is looked up in `table`.
    @inline(__always)
    mutating func ask(
        _ arguments: Arguments, at position: Int, in table: @autoclosure () -> HashTable<some TableElement>?
    ) {
        guard position >= end, arguments.count &- position > step else { return }
        if let table = table(), table.count > EventLoop.largeTable {
            end = Lookahead.ask(arguments, position, step, table)
        } else {
            end = position &+ Lookahead.most &* step
        }
    }

    /// To be called before the next word, a key, is looked up.
    @inline(__always)
    mutating func askForKeys(_ call: borrowing Call) {
        ask(call.arguments, at: call.arguments.position, in: call.database.table)
    }

    @inline(never)
    private static func ask(
        _ arguments: Arguments, _ position: Int, _ step: Int, _ table: HashTable<some TableElement>
    ) -> Int {
        var hashes = InlineArray<16, UInt64>(repeating: 0)
        let count = min(most, (arguments.count - position + step - 1) / step)
        for index in 0..<count {
            hashes[index] = table.hash(arguments[position + index * step])
            table.prefetchBucket(hashes[index])
        }
        for index in 0..<count { table.prefetchRecord(hashes[index]) }
        return position + count * step
    }
}
