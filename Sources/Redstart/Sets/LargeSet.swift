/// A set that is too large to lie inline: a table of its members.
final class LargeSet: StoredObject {
    let members: MemberTable
    private let graveyard: Graveyard

    private static let objectBytes = 32 + 192

    init(_ keyspace: Keyspace) {
        members = MemberTable(keyspace.slabs, keyspace.hash)
        graveyard = keyspace.graveyard
    }

    private init(_ graveyard: Graveyard, _ members: MemberTable) {
        self.graveyard = graveyard
        self.members = members
    }

    deinit { graveyard.bury(members) }

    override var byteCount: Int { LargeSet.objectBytes + members.totalBytes }

    override var encoding: StaticString { "hashtable" }

    override var memberTable: MemberTable? { members }

    override func copy() -> StoredObject {
        let copy = LargeSet(graveyard, MemberTable(members.slabs, members.hash))
        copy.members.reserve(members.count)
        members.walk { member, hash in
            copy.members.insert(member.key, hash)
            return true
        }
        return copy
    }

    /// Adds a member; false if it was there already.
    @inline(__always)
    func insert(_ member: Bytes) -> Bool {
        let hash = members.hash(member)
        guard members.find(member, hash) == nil else { return false }
        members.insert(member, hash)
        return true
    }

    /// Takes a member away; false if it was not there.
    @inline(__always)
    func remove(_ member: Bytes) -> Bool {
        let hash = members.hash(member)
        guard let entry = members.find(member, hash) else { return false }
        members.delete(entry, hash)
        return true
    }

    /// Adds what a small set holds.
    func insertAll(_ small: SetView) {
        small.forEach { member in
            member.withBytes { _ = members.insert($0, members.hash($0)) }
        }
    }
}
