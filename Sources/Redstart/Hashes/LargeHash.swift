/// A hash of many fields: a table of them with their values, and, once one of them has a deadline, a tree of deadlines
/// beside it, so that fields end in order and those alive can be counted without looking at them.
///
/// The deadline of a field is in its member too. A field whose time has come stays until `removeDue` takes it out, but
/// nobody sees it.
final class LargeHash: StoredObject {
    let table: MemberTable
    private(set) var deadlines: BTree<Deadline>?
    private let graveyard: Graveyard

    init(_ keyspace: Keyspace) {
        table = MemberTable(keyspace.slabs, keyspace.hash)
        graveyard = keyspace.graveyard
    }

    private init(_ slabs: Slabs, _ hash: KeyHash, _ graveyard: Graveyard) {
        table = MemberTable(slabs, hash)
        self.graveyard = graveyard
    }

    deinit { graveyard.bury(table, deadlines) }

    override var encoding: StaticString { "hashtable" }

    override var memberTable: MemberTable? { table }

    override var byteCount: Int { LargeHash.ownBytes + table.totalBytes + (deadlines?.bytes ?? 0) }

    /// This object and that of its table.
    private static let ownBytes = 192

    override func copy() -> StoredObject {
        let copy = LargeHash(table.slabs, table.hash, graveyard)
        copy.table.reserve(table.count)
        table.forEach { copy.add($0.key, $0.value, $0.deadline) }
        return copy
    }

    // MARK: - Reading

    /// How many fields are alive.
    @inline(__always)
    func count(_ now: Int64) -> Int {
        guard let deadlines else { return table.count }
        return table.count - deadlines.count(through: Deadline(time: now, hash: .max))
    }

    /// The field of that name, unless its time has come.
    @inline(__always)
    func find(_ field: Bytes, _ now: Int64) -> Member? {
        guard let member = table.find(field, table.hash(field))?.record, member.deadline > now else { return nil }
        return member
    }

    /// When the first field ends.
    var nextDeadline: Int64 { deadlines?.first?.time ?? Record.noDeadline }

    /// When the last field ends; never where one of them has no deadline.
    var lastDeadline: Int64 {
        guard let deadlines, deadlines.count == table.count else { return Record.noDeadline }
        return deadlines.last?.time ?? Record.noDeadline
    }

    // MARK: - Changing

    /// Sets a field; true if it is new. Its deadline goes, unless it is to keep it.
    @inline(__always)
    func set(_ field: Bytes, _ value: Bytes, _ now: Int64, keepsDeadline: Bool = false) -> Bool {
        let hash = table.hash(field)
        guard var entry = table.find(field, hash) else {
            table.insert(field, hash, value: value)
            return true
        }
        let deadline = entry.record.deadline
        if deadline != Record.noDeadline, !keepsDeadline || deadline <= now {
            setDeadline(&entry, hash, Record.noDeadline)
        }
        table.setValue(&entry, value)
        return deadline <= now
    }

    /// Adds a field that is known to be absent.
    func add(_ field: Bytes, _ value: Bytes, _ deadline: Int64) {
        let hash = table.hash(field)
        table.insert(field, hash, value: value, deadline: deadline)
        index(hash, Record.noDeadline, deadline)
    }

    /// Takes a field out; false where there is none, or none that is alive.
    func remove(_ field: Bytes, _ now: Int64) -> Bool {
        let hash = table.hash(field)
        guard let entry = table.find(field, hash) else { return false }
        let deadline = entry.record.deadline
        index(hash, deadline, Record.noDeadline)
        table.delete(entry, hash)
        return deadline > now
    }

    /// Gives a field that is there another deadline, or none with `Record.noDeadline`.
    func setDeadline(_ entry: inout TableEntry<Member>, _ hash: UInt64, _ deadline: Int64) {
        index(hash, entry.record.deadline, deadline)
        table.setDeadline(&entry, deadline)
    }

    private func index(_ hash: UInt64, _ old: Int64, _ new: Int64) {
        guard old != new else { return }
        let tree = deadlines ?? BTree<Deadline>(countedBy: table.slabs)
        deadlines = tree
        if old != Record.noDeadline { _ = tree.remove(Deadline(time: old, hash: hash)) }
        if new != Record.noDeadline { tree.insert(Deadline(time: new, hash: hash)) }
    }

    /// Takes out fields whose time has come by `moment`, at most `budget`, in order; returns how many.
    func removeDue(_ moment: Int64, budget: Int) -> Int {
        guard let deadlines else { return 0 }
        var removed = 0
        while removed < budget, let first = deadlines.first, first.time <= moment {
            _ = deadlines.popFirst()
            removed += 1
            guard let entry = table.find(hash: first.hash, deadline: first.time) else {
                assertionFailure("a deadline without its field")
                continue
            }
            table.delete(entry, first.hash)
        }
        return removed
    }

    /// Table and tree agree. Debug builds only.
    func checkInvariants() {
        #if DEBUG
        table.checkInvariants()
        deadlines?.checkInvariants()
        var withDeadline = 0
        table.forEach { if $0.deadline != Record.noDeadline { withDeadline += 1 } }
        precondition(withDeadline == deadlines?.count ?? 0, "the tree of deadlines is not that of the fields")
        #endif
    }
}
