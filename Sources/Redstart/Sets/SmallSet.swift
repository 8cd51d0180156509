/// Up to where sets stay small: a copy of the settings.
struct SetLimits {
    /// `set-max-intset-entries`.
    var integers = 512
    /// `set-max-listpack-entries`.
    var entries = 128
    /// `set-max-listpack-value`.
    var valueBytes = 64

    /// Beyond this many bytes a set is not small, whatever the settings say.
    private static let mostBytes = 1 << 30

    /// Whether that many integers may lie in order.
    @inline(__always)
    func admits(integers count: Int) -> Bool { count <= integers && count <= SetLimits.mostBytes / 8 }

    /// Whether a packed list of `count` members and `bytes` may take one more.
    @inline(__always)
    func admits(_ member: Bytes, count: Int, bytes: Int) -> Bool {
        count < entries && member.count <= valueBytes && bytes &+ member.count <= SetLimits.mostBytes
    }

    /// Whether a set of integers may take a first member that is none, as a packed list.
    func admits(_ member: Bytes, _ integers: IntegerSet) -> Bool {
        let count = integers.count
        guard count > 0 else { return admits(member, count: 0, bytes: 0) }
        // The longest are at the ends.
        let longest = max(Decimal.digits(integers[0]), Decimal.digits(integers[count - 1]))
        return longest <= valueBytes && admits(member, count: count, bytes: count * 22)
    }
}

/// What became of a member that a small set should take.
enum SmallInsertion {
    case inserted
    case present
    /// The set now has as many integers as it must not have: it becomes a table.
    case outgrown
    /// The set cannot take it as it is: it becomes a packed list first.
    case needsList
    /// The same: it becomes a table first.
    case needsTable
}

extension SplicedBytes {
    /// Adds a member to integers in order.
    @inline(__always)
    mutating func insertAmongIntegers(_ member: Bytes, _ limits: SetLimits) -> SmallInsertion {
        guard let integer = Int(strict: member) else {
            return limits.admits(member, integers) ? .needsList : .needsTable
        }
        guard insert(integer: integer) else { return .present }
        return limits.admits(integers: integers.count) ? .inserted : .outgrown
    }

    /// Adds a member to a packed list.
    @inline(__always)
    mutating func insertIntoList(_ member: Bytes, _ limits: SetLimits) -> SmallInsertion {
        let list = list
        if list.find(member) != nil { return .present }
        guard limits.admits(member, count: list.count, bytes: list.bytes.count) else { return .needsTable }
        append(PackedValue(member))
        return .inserted
    }
}

extension PackedBlock {
    /// The same members as a packed list.
    init(_ slabs: Slabs, members integers: IntegerSet) {
        self.init(slabs, capacity: PackedList.headerBytes + integers.bytes.count)
        for index in 0..<integers.count { append(PackedValue(integers[index])) }
    }
}
