/// Goes through one set and lets those members pass that all the others have, or those that none of them has.
struct SetSieve {
    let source: SetView
    let others: [SetView]
    /// Whether a member passes that all others have; else one that none has.
    let wantsShared: Bool

    /// What sets have in common, from the smallest on; nil where there is no set.
    static func shared(_ sets: [SetView]) -> SetSieve? {
        let sets = sets.sorted { $0.count < $1.count }
        guard let smallest = sets.first else { return nil }
        return SetSieve(source: smallest, others: Array(sets.dropFirst()), wantsShared: true)
    }

    /// What the others lack of `source`. The largest is asked first, which is the likeliest to have a member.
    static func difference(_ source: SetView, without others: [SetView]) -> SetSieve {
        SetSieve(source: source, others: others.sorted { $0.count > $1.count }, wantsShared: false)
    }

    /// Visits the members that pass, until `body` answers false. The hash is that of the member where the source is a
    /// table, else 0.
    @inline(__always)
    func walk(_ body: (StringValue, UInt64) -> Bool) {
        guard case .table(let members) = source.layout else {
            source.walk { member in passes(member) ? body(member, 0) : true }
            return
        }
        guard let first = others.first, case .table(let table) = first.layout else {
            members.walk { member, hash in
                passes(member.key, hash, from: 0) ? body(.bytes(member.key), hash) : true
            }
            return
        }
        members.walk(ahead: { table.prefetchRecord($0) }) { member, hash in
            let key = member.key
            guard (table.find(key, hash) != nil) == wantsShared, passes(key, hash, from: 1) else { return true }
            return body(.bytes(key), hash)
        }
    }

    private func passes(_ member: StringValue) -> Bool {
        for other in others where other.contains(member) != wantsShared { return false }
        return true
    }

    @inline(__always)
    private func passes(_ member: Bytes, _ hash: UInt64, from start: Int) -> Bool {
        var index = start
        while index < others.count {
            if others[index].contains(member, hash: hash) != wantsShared { return false }
            index &+= 1
        }
        return true
    }
}
