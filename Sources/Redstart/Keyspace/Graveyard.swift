/// What was flushed and is not freed yet: whole tables with the deadlines of their keys, the oldest first.
///
/// FLUSHALL takes a table out of its database in no time; the million blocks in it are given back a few at a time,
/// between commands.
struct Graveyard {
    private struct Grave {
        let table: KeyTable
        let deadlines: BTree<Deadline>

        var bytes: Int { deadlines.bytes }
    }

    private var graves = Queue<Grave>()
    /// How many tables were buried so far, and how many of them are gone. They go in order, so what a flush buried is
    /// freed once `freed` reaches what `buried` was after it.
    private(set) var buried = 0
    private(set) var freed = 0
    /// Keys that wait to be freed.
    private(set) var keys = 0
    /// What the trees hold; the slabs count the rest.
    private(set) var bytes = 0

    var isEmpty: Bool { graves.isEmpty }

    mutating func bury(_ table: KeyTable, _ deadlines: BTree<Deadline>) {
        guard table.tableBytes > 0 else { return }
        deadlines.discardAll()
        let grave = Grave(table: table, deadlines: deadlines)
        graves.append(grave)
        buried += 1
        keys += table.count
        bytes += grave.bytes
    }

    /// Frees up to about `budget` keys; returns how many.
    mutating func free(budget: Int) -> Int {
        guard let grave = graves.first else { return 0 }
        let before = (keys: grave.table.count, bytes: grave.bytes)
        // The leaves of a tree are a dozen times the size of a record.
        if grave.deadlines.freeDiscarded(limit: budget / 8 + 1), grave.table.drain(budget: budget) {
            graves.removeFirst()
            self.freed += 1
            bytes -= before.bytes
        } else {
            bytes -= before.bytes - grave.bytes
        }
        let freed = before.keys - grave.table.count
        keys -= freed
        return freed
    }
}
