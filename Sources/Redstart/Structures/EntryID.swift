/// What entries that come one after the other are ordered by: a moment, and a number within it.
struct EntryID: Comparable, Hashable, BitwiseCopyable, Sendable {
    var milliseconds: UInt64
    var sequence: UInt64

    static let zero = EntryID(milliseconds: 0, sequence: 0)
    static let max = EntryID(milliseconds: .max, sequence: .max)

    @inline(__always)
    static func < (left: EntryID, right: EntryID) -> Bool {
        left.milliseconds == right.milliseconds
            ? left.sequence < right.sequence : left.milliseconds < right.milliseconds
    }

    /// The least one that is greater; nil after the last.
    var next: EntryID? {
        if sequence < .max { return EntryID(milliseconds: milliseconds, sequence: sequence + 1) }
        return milliseconds < .max ? EntryID(milliseconds: milliseconds + 1, sequence: 0) : nil
    }

    /// The greatest one that is less; nil before the first.
    var previous: EntryID? {
        if sequence > 0 { return EntryID(milliseconds: milliseconds, sequence: sequence - 1) }
        return milliseconds > 0 ? EntryID(milliseconds: milliseconds - 1, sequence: .max) : nil
    }

    /// The bytes that both begin with, of the sixteen that order them.
    func commonBytes(_ other: EntryID) -> Int {
        let high = milliseconds ^ other.milliseconds
        if high != 0 { return high.leadingZeroBitCount / 8 }
        let low = sequence ^ other.sequence
        return low == 0 ? 16 : 8 + low.leadingZeroBitCount / 8
    }
}
