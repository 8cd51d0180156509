/// What is left of something large that nobody sees any more, and is freed a part at a time. Its memory counts as in
/// use until then.
protocol Remains: AnyObject {
    /// How many objects they count as, in the words of INFO's `lazyfree_pending_objects`.
    var objectCount: Int { get }
    /// How many elements a value had, roughly.
    var elements: Int { get }

    /// Frees about `budget` elements; true when nothing is left.
    func free(budget: Int) -> Bool
}

/// What is to be freed over turns, the oldest first: flushed databases, and large values that were deleted, replaced or
/// expired.
///
/// FLUSHALL takes a table out of its database in no time, and the end of a large value hands its structure over here;
/// the million blocks are given back a few at a time, between commands.
final class Graveyard {
    private var graves = Queue<any Remains>()
    /// How many were buried so far, and how many of them are gone. They go in order, so what a flush buried is freed
    /// once `freed` reaches what `buried` was after it.
    private(set) var buried = 0
    private(set) var freed = 0
    /// Objects that wait to be freed.
    private(set) var objects = 0

    var isEmpty: Bool { buried == freed }

    /// The elements of the values that were not freed to the end.
    private(set) var elements = 0
    /// Objects that went without `free` having answered for them yet.
    private var unreported = 0
    private var isFreeing = false

    /// Over so many, who buries frees as many: a script, a transaction or a client that never pauses may end more than
    /// turns free. But no more than the second number at once, while not eight times as many wait.
    private let mostElements: Int
    private static let mostAtOnce = 20_000

    init(mostElements: Int = 1_000_000) { self.mostElements = mostElements }

    func bury(_ remains: any Remains) {
        graves.append(remains)
        buried += 1
        objects += remains.objectCount
        elements += remains.elements
        // What is freed may bury in turn what it held.
        if elements > mostElements, elements > remains.elements, !isFreeing {
            let isFull = elements > 8 * mostElements
            unreported += freeFirst(budget: isFull ? remains.elements : min(remains.elements, Graveyard.mostAtOnce))
        }
    }

    /// A value with more elements than this is freed over turns. Below it, that would cost more than it saves.
    static let leastElements = 64

    /// Takes over the members of a value that ends, if they are many.
    func bury<Order>(_ members: MemberTable, _ tree: BTree<Order>?) {
        if members.count > Graveyard.leastElements { bury(BuriedMembers(members, tree)) }
    }

    /// The same, for members without an order.
    func bury(_ members: MemberTable) { bury(members, BTree<Deadline>?.none) }

    /// Frees about `budget` elements; returns how many objects went.
    func free(budget: Int) -> Int {
        defer { unreported = 0 }
        return unreported + freeFirst(budget: budget)
    }

    private func freeFirst(budget: Int) -> Int {
        guard let grave = graves.first else { return 0 }
        isFreeing = true
        defer { isFreeing = false }
        var freed = grave.objectCount
        if grave.free(budget: budget) {
            graves.removeFirst()
            self.freed += 1
            elements -= grave.elements
        } else {
            freed -= grave.objectCount
        }
        objects -= freed
        return freed
    }
}

/// A database's keys and their deadlines, after a flush.
final class FlushedKeys: Remains {
    private let table: KeyTable
    private let trees: [BTree<Deadline>]

    init(_ table: KeyTable, _ trees: [BTree<Deadline>]) {
        self.table = table
        self.trees = trees
        for tree in trees { tree.discardAll() }
    }

    var objectCount: Int { table.count }
    /// A flush is no value.
    var elements: Int { 0 }

    func free(budget: Int) -> Bool {
        // The leaves of a tree are a dozen times the size of a record.
        for tree in trees where !tree.freeDiscarded(limit: budget / 8 + 1) { return false }
        return table.drain(budget: budget)
    }
}

/// The members of a large value, and what orders them.
final class BuriedMembers<Order: BitwiseCopyable & Comparable>: Remains {
    private let table: MemberTable
    private let tree: BTree<Order>?
    let elements: Int

    init(_ table: MemberTable, _ tree: BTree<Order>?) {
        self.table = table
        self.tree = tree
        elements = table.count
        tree?.discardAll()
    }

    var objectCount: Int { 1 }

    func free(budget: Int) -> Bool {
        if let tree, !tree.freeDiscarded(limit: budget / 8 + 1) { return false }
        return table.drain(budget: budget)
    }
}
