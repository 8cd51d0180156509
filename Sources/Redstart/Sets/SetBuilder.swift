/// A set that is put together before it takes its key: the result of a STORE command. It takes the layouts that adding
/// its members one by one would have given it.
struct SetBuilder {
    private let keyspace: Keyspace
    private var block: PackedBlock
    private var isIntegers: Bool
    private var large: LargeSet?

    /// An empty set, in one of the two small layouts.
    init(_ keyspace: Keyspace, asIntegers isIntegers: Bool) {
        self.keyspace = keyspace
        self.isIntegers = isIntegers
        block = isIntegers ? PackedBlock(keyspace.slabs, IntegerSet.empty) : PackedBlock(keyspace.slabs)
    }

    var count: Int {
        if let large { return large.members.count }
        return isIntegers ? block.integers.count : block.list.count
    }

    mutating func add(_ member: StringValue) {
        // Not by a closure over `self`: it would have to be lent to it.
        switch member {
        case .bytes(let bytes): add(bytes)
        case .integer(let integer):
            if isIntegers, large == nil {
                if block.insert(integer: integer), !keyspace.setLimits.admits(integers: block.integers.count) {
                    makeTable()
                }
            } else {
                member.array.withBytes { add($0) }
            }
        }
    }

    private mutating func add(_ member: Bytes) {
        if let large {
            _ = large.insert(member)
            return
        }
        let limits = keyspace.setLimits
        let insertion =
            isIntegers ? block.insertAmongIntegers(member, limits) : block.insertIntoList(member, limits)
        switch insertion {
        case .inserted, .present: break
        case .outgrown: makeTable()
        case .needsList:
            let list = PackedBlock(keyspace.slabs, members: block.integers)
            block.free()
            block = list
            isIntegers = false
            block.append(PackedValue(member))
        case .needsTable: _ = makeTable().insert(member)
        }
    }

    /// Adds a member that is not there yet, to a set that did not begin as integers. `hash` is asked for only where it
    /// is needed.
    @inline(__always)
    mutating func append(_ member: Bytes, hash: @autoclosure () -> UInt64) {
        if let large {
            large.members.insert(member, hash())
            return
        }
        let list = block.list
        if keyspace.setLimits.admits(member, count: list.count, bytes: list.bytes.count) {
            block.append(PackedValue(member))
        } else {
            makeTable().members.insert(member, hash())
        }
    }

    mutating func remove(_ member: StringValue) {
        if let large {
            member.withBytes { _ = large.remove($0) }
        } else if isIntegers {
            if let integer = member.integer { _ = block.remove(integer: integer) }
        } else if let element = member.withBytes({ block.list.find($0) }) {
            block.remove(element)
        }
    }

    @discardableResult
    private mutating func makeTable() -> LargeSet {
        let large = LargeSet(keyspace)
        large.insertAll(view)
        self.large = large
        return large
    }

    /// The set, to be read; good until it changes.
    var view: SetView {
        if let large { return SetView(.table(large.members)) }
        return SetView(isIntegers ? .integers(block.integers) : .packed(block.list))
    }

    /// Makes a packed list that holds nothing but integers, and not too many, integers in order.
    private mutating func orderIntegers() {
        guard large == nil, !isIntegers, keyspace.setLimits.admits(integers: block.list.count) else { return }
        guard view.walk({ $0.integer != nil }) else { return }
        var integers = PackedBlock(keyspace.slabs, IntegerSet.empty)
        view.forEach { member in
            if let integer = member.integer { _ = integers.insert(integer: integer) }
        }
        block.free()
        block = integers
        isIntegers = true
    }

    /// Makes the set the value at `key`, in place of whatever is there. It is not empty, and is not used afterwards.
    mutating func store(at key: Key, in database: Database, ordersIntegers: Bool = false) {
        if ordersIntegers { orderIntegers() }
        if let large {
            large.members.fit()
            database.setObject(key, large, ValueKind.set)
        } else {
            database.setBytes(key, block.bytes, kind: isIntegers ? ValueKind.integerSet : ValueKind.set)
        }
        block.free()
    }

    /// Gives back what an unused set holds.
    mutating func discard() { block.free() }
}

extension StringValue {
    /// The integer that the string is the text of: a table keeps texts.
    fileprivate var integer: Int? {
        switch self {
        case .integer(let integer): integer
        case .bytes(let bytes): Int(strict: bytes)
        }
    }
}
