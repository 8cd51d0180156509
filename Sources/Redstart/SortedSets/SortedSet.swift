/// A sorted set to be read, whichever way it is laid out: members, each with a score, ordered by score and where scores
/// are equal by bytes.
///
/// A small one is a packed list of members, each followed by its score, in their order: an integer where the score is
/// one, otherwise its text. A large one is an `OrderedMembers`. Good until the key changes.
enum SortedSet {
    case packed(PackedList)
    case ordered(OrderedMembers)

    /// The sorted set in a record that holds one.
    @inline(__always)
    init(_ record: Record) {
        assert(record.type == .sortedSet)
        if let object = record.object(as: OrderedMembers.self) {
            self = .ordered(object)
        } else {
            self = .packed(PackedList(record.bytes))
        }
    }

    @inline(__always)
    var count: Int {
        switch self {
        case .packed(let list): list.count / 2
        case .ordered(let object): object.count
        }
    }

    /// The table of its members, if it has one.
    var memberTable: MemberTable? { if case .ordered(let object) = self { object.members } else { nil } }

    /// The score that an element of a packed list holds.
    @inline(__always)
    static func score(_ value: StringValue) -> Double {
        switch value {
        case .integer(let integer): Double(integer)
        case .bytes(let text): NumberText.double(text) ?? 0
        }
    }

    // MARK: - Single members

    /// The score of `member`. `hash` is the member's by the hash of the keyspace.
    @inline(__always)
    func score(of member: Bytes, _ hash: @autoclosure () -> UInt64) -> Double? {
        switch self {
        case .packed(let list):
            guard let found = list.find(member, stride: 2) else { return nil }
            return SortedSet.score(list[found.end].value)
        case .ordered(let object):
            return object.score(of: member, hash())
        }
    }

    /// How many members come before `member`, and its score.
    func rank(of member: Bytes, _ hash: @autoclosure () -> UInt64) -> (rank: Int, score: Double)? {
        switch self {
        case .packed(let list):
            guard let found = list.find(member, stride: 2) else { return nil }
            var rank = 0
            var offset = list.start
            while offset < found.offset {
                offset = list.offset(after: list.offset(after: offset))
                rank += 1
            }
            return (rank, SortedSet.score(list[found.end].value))
        case .ordered(let object):
            guard let entry = object.members.find(member, hash()) else { return nil }
            let ranked = RankedMember(entry.record)
            return (object.order.rank(of: ranked), ranked.score)
        }
    }

    // MARK: - Walking

    /// A place between two members, from which to walk either way.
    struct Cursor {
        fileprivate enum Place {
            case packed(PackedList.Cursor)
            case ordered(BTree<RankedMember>.Cursor)
        }

        fileprivate var place: Place

        /// Steps over the member after the place, and answers it.
        @inline(__always)
        mutating func next() -> ScoredMember? {
            switch place {
            case .packed(var cursor):
                guard let member = cursor.next(), let score = cursor.next() else { return nil }
                place = .packed(cursor)
                return ScoredMember(member: member.value, score: SortedSet.score(score.value))
            case .ordered(var cursor):
                guard let ranked = cursor.next() else { return nil }
                place = .ordered(cursor)
                return ScoredMember(member: .bytes(ranked.key), score: ranked.score)
            }
        }

        /// Steps back over the member before the place, and answers it.
        @inline(__always)
        mutating func previous() -> ScoredMember? {
            switch place {
            case .packed(var cursor):
                guard let score = cursor.previous(), let member = cursor.previous() else { return nil }
                place = .packed(cursor)
                return ScoredMember(member: member.value, score: SortedSet.score(score.value))
            case .ordered(var cursor):
                guard let ranked = cursor.previous() else { return nil }
                place = .ordered(cursor)
                return ScoredMember(member: .bytes(ranked.key), score: ranked.score)
            }
        }
    }

    /// The place with `rank` members before it; `rank` must be in `0...count`.
    @inline(__always)
    func cursor(at rank: Int) -> Cursor {
        switch self {
        case .packed(let list): Cursor(place: .packed(list.cursor(at: list.offset(of: rank * 2))))
        case .ordered(let object): Cursor(place: .ordered(object.order.cursor(at: rank)))
        }
    }

    /// Visits the members at these ranks, in order or against it.
    @inline(__always)
    func forEach(in ranks: Range<Int>, reversed: Bool = false, _ body: (ScoredMember) -> Void) {
        var cursor = cursor(at: reversed ? ranks.upperBound : ranks.lowerBound)
        for _ in ranks {
            guard let member = reversed ? cursor.previous() : cursor.next() else { return }
            body(member)
        }
    }

    @inline(__always)
    func forEach(_ body: (ScoredMember) -> Void) { forEach(in: 0..<count, body) }

    /// Visits every member once, in no order that means anything: for a large set the quickest way.
    @inline(__always)
    func forEachUnordered(_ body: (StringValue, Double) -> Void) {
        switch self {
        case .packed: forEach { body($0.member, $0.score) }
        case .ordered(let object): object.members.forEach { body(.bytes($0.key), $0.number) }
        }
    }

    // MARK: - Ranges

    /// The ranks of the members in a range.
    @inline(__always)
    func ranks<R: MemberRange>(_ range: R) -> Range<Int> {
        switch self {
        case .packed:
            var lower = 0
            var upper = 0
            guard meets(range) else { return 0..<0 }
            var cursor = cursor(at: 0)
            while let next = cursor.next() {
                if range.isAfter(next.member, next.score), lower == upper {
                    lower += 1
                    upper += 1
                } else if range.isBefore(next.member, next.score) {
                    break
                } else {
                    upper += 1
                }
            }
            return lower..<upper
        case .ordered(let object):
            let lower = object.order.rank { range.isAfter(.bytes($0.key), $0.score) }
            let upper = object.order.rank { !range.isBefore(.bytes($0.key), $0.score) }
            return lower..<max(lower, upper)
        }
    }

    /// Whether any member may be in a range: the last does not come before it, nor the first after it. Where the order
    /// by bytes is asked of members with different scores, this decides what is found, as in Redis.
    @inline(__always)
    private func meets<R: MemberRange>(_ range: R) -> Bool {
        let count = count
        guard count > 0 else { return false }
        var end = cursor(at: count)
        var start = cursor(at: 0)
        guard let last = end.previous(), let first = start.next() else { return false }
        return !range.isAfter(last.member, last.score) && !range.isBefore(first.member, first.score)
    }

    /// Visits the members in a range, in order or against it, up to `limit` after the first `offset`.
    @inline(__always)
    func forEach<R: MemberRange>(
        in range: R, reversed: Bool = false, offset: Int = 0, limit: Int = .max, _ body: (ScoredMember) -> Void
    ) {
        guard var cursor = cursor(into: range, reversed: reversed, offset: offset) else { return }
        var left = limit
        if reversed {
            while left > 0, let member = cursor.previous(), !range.isAfter(member.member, member.score) {
                body(member)
                left -= 1
            }
        } else {
            while left > 0, let member = cursor.next(), !range.isBefore(member.member, member.score) {
                body(member)
                left -= 1
            }
        }
    }

    /// The place after the first `offset` members of a range, seen from the end where the walk begins; nil where
    /// nothing is in it.
    @inline(__always)
    func cursor<R: MemberRange>(into range: R, reversed: Bool, offset: Int) -> Cursor? {
        switch self {
        case .packed:
            guard meets(range) else { return nil }
            return packedCursor(into: range, reversed: reversed, offset: offset)
        case .ordered(let object):
            if offset > 0 {
                let ranks = ranks(range)
                guard offset < ranks.count else { return nil }
                return cursor(at: reversed ? ranks.upperBound - offset : ranks.lowerBound + offset)
            }
            let place =
                reversed
                ? object.order.cursor { !range.isBefore(.bytes($0.key), $0.score) }
                : object.order.cursor { range.isAfter(.bytes($0.key), $0.score) }
            return Cursor(place: .ordered(place))
        }
    }

    @inline(__always)
    private func packedCursor<R: MemberRange>(into range: R, reversed: Bool, offset: Int) -> Cursor? {
        var cursor = cursor(at: reversed ? count : 0)
        var place = cursor
        while let member = reversed ? cursor.previous() : cursor.next() {
            let comesBefore = range.isBefore(member.member, member.score)
            let comesAfter = range.isAfter(member.member, member.score)
            // Where scores differ, the first member that an order by bytes does not pass over may be beyond its end.
            if reversed ? comesAfter && !comesBefore : comesBefore && !comesAfter { return nil }
            if !(reversed ? comesBefore : comesAfter) { break }
            place = cursor
        }
        for _ in 0..<min(offset, count) { _ = reversed ? place.previous() : place.next() }
        return place
    }
}
