/// A large sorted set. Two views of the same members: a table answers the score of a member in O(1), a counted tree the
/// order, ranks and ranges in O(log n). A member and its score lie in one block that both refer to.
final class OrderedMembers: StoredObject {
    let members: MemberTable
    let order: BTree<RankedMember>
    private let graveyard: Graveyard

    init(_ keyspace: Keyspace) {
        members = MemberTable(keyspace.slabs, keyspace.hash)
        order = BTree(countedBy: keyspace.slabs)
        graveyard = keyspace.graveyard
    }

    /// Takes over the members of a table; `sorted` are the same in their order.
    init(_ keyspace: Keyspace, _ members: MemberTable, sorted: [RankedMember]) {
        assert(members.count == sorted.count)
        self.members = members
        order = BTree(countedBy: keyspace.slabs)
        graveyard = keyspace.graveyard
        for member in sorted { order.insert(member) }
    }

    deinit {
        if members.count > Graveyard.leastElements { graveyard.bury(members.detach(), order) }
    }

    override var byteCount: Int { members.totalBytes + order.bytes + 96 }
    override var encoding: StaticString { "skiplist" }
    override var memberTable: MemberTable? { members }

    override func copy() -> StoredObject {
        let copy = OrderedMembers(members.slabs, members.hash, graveyard)
        copy.members.reserve(count)
        var cursor = order.cursor(at: 0)
        while let ranked = cursor.next() { copy.insert(ranked.key, members.hash(ranked.key), ranked.score) }
        return copy
    }

    private init(_ slabs: Slabs, _ hash: KeyHash, _ graveyard: Graveyard) {
        members = MemberTable(slabs, hash)
        order = BTree(countedBy: slabs)
        self.graveyard = graveyard
    }

    @inline(__always)
    var count: Int { order.count }

    // MARK: - Looking

    @inline(__always)
    func score(of member: Bytes, _ hash: UInt64) -> Double? { members.find(member, hash)?.record.number }

    // MARK: - Changing

    /// Adds a member that is known to be absent.
    @inline(__always)
    func insert(_ member: Bytes, _ hash: UInt64, _ score: Double) {
        order.insert(RankedMember(members.insert(member, hash, number: score), score: score))
    }

    /// Gives a member another score.
    @inline(__always)
    func setScore(_ member: Member, _ score: Double) {
        let old = RankedMember(member)
        let new = RankedMember(member, score: score)
        if !order.replaceInPlace(old, with: new) {
            order.remove(old)
            order.insert(new)
        }
        member.number = score
    }

    @inline(__always)
    func remove(_ entry: TableEntry<Member>, _ hash: UInt64) {
        order.remove(RankedMember(entry.record))
        members.delete(entry, hash)
    }

    /// Removes the members at these ranks.
    func remove(_ ranks: Range<Int>) {
        for _ in ranks {
            let key = order.remove(at: ranks.lowerBound).key
            let hash = members.hash(key)
            guard let entry = members.find(key, hash) else { preconditionFailure("a member in the order alone") }
            members.delete(entry, hash)
        }
    }

    // MARK: - Invariants

    /// Both views hold the same members with the same scores, strictly in order. Costs O(n): debug builds only.
    func checkInvariants() {
        #if DEBUG
        members.checkInvariants()
        order.checkInvariants()
        precondition(members.count == order.count, "a member is in one view alone")
        var cursor = order.cursor(at: 0)
        var previous: RankedMember?
        while let ranked = cursor.next() {
            precondition(ranked.score == ranked.member.number && !ranked.score.isNaN, "a score differs")
            precondition(score(of: ranked.key, members.hash(ranked.key)) == ranked.score, "a member is not found")
            if let previous { precondition(previous < ranked, "two members are not in order") }
            previous = ranked
        }
        #endif
    }
}
