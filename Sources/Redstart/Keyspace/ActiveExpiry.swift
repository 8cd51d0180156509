/// Keys that disappear by themselves when their time comes, whether or not anybody asks for them.
extension Engine {
    /// How long one turn of the loop removes dead keys before it serves clients again, in nanoseconds. By time and not
    /// by number, since what a key costs depends on caches, on its value, and on who listens to its event.
    private static let expirySlice: UInt64 = 400_000
    /// Keys between two looks at the time.
    private static let expiryBatch = 32

    /// Removes keys whose time has come, in the order of their deadlines over all databases. A turn's share of them
    /// unless `all`; true if some are left.
    func expireDue(all: Bool = false) -> Bool {
        guard keyspace.expiresActively, !keyspace.isFrozen, var next = nextDue() else { return false }
        let end = Ticks.now &+ ticks.ticks(nanoseconds: Engine.expirySlice)
        var left = Engine.expiryBatch
        while true {
            left -= next.database.expireDue(through: next.limit, budget: left)
            if left <= 0 {
                if !all, Ticks.now >= end { return true }
                left = Engine.expiryBatch
            }
            guard let following = nextDue() else { return false }
            next = following
        }
    }

    /// The database whose next deadline is the earliest of those that have come, and up to when it is its turn: until
    /// the next deadline of another, or now.
    private func nextDue() -> (database: Database, limit: Int64)? {
        var earliest: Database?
        var moment = clock.milliseconds
        var limit = moment
        for number in keyspace.inhabited {
            let database = databases[made: number]
            guard let deadline = database.nextDeadline, deadline <= limit else { continue }
            if earliest == nil || deadline < moment {
                if earliest != nil { limit = moment }
                earliest = database
                moment = deadline
            } else {
                limit = deadline
            }
        }
        return earliest.map { ($0, limit) }
    }
}
