/// A set wherever it lies, to be read: by the commands on sets, and by those of other types that take sets as well.
///
/// It is good until the key that it was read from changes.
struct SetView {
    enum Layout {
        case integers(IntegerSet)
        case packed(PackedList)
        case table(MemberTable)
    }

    let layout: Layout
    let count: Int

    @inline(__always)
    init(_ layout: Layout) {
        self.layout = layout
        switch layout {
        case .integers(let integers): count = integers.count
        case .packed(let list): count = list.count
        case .table(let members): count = members.count
        }
    }

    /// The set in a record of that type.
    @inline(__always)
    init(_ record: Record) {
        if let set = record.object(as: LargeSet.self) {
            self.init(.table(set.members))
        } else if record.kind == ValueKind.integerSet {
            self.init(.integers(IntegerSet(record.bytes)))
        } else {
            self.init(.packed(PackedList(record.bytes)))
        }
    }

    /// The table of its members, if it has one.
    var memberTable: MemberTable? { if case .table(let members) = layout { members } else { nil } }

    /// Whether `member` is in the set. `hash` is asked for only where it is needed.
    @inline(__always)
    func contains(_ member: Bytes, hash: @autoclosure () -> UInt64) -> Bool {
        switch layout {
        case .table(let members): members.find(member, hash()) != nil
        case .packed(let list): list.find(member) != nil
        case .integers(let integers): Int(strict: member).map { integers.contains($0) } ?? false
        }
    }

    func contains(_ member: Bytes) -> Bool {
        if case .table(let members) = layout { return members.find(member, members.hash(member)) != nil }
        return contains(member, hash: 0)
    }

    func contains(_ member: StringValue) -> Bool {
        if case .integer(let integer) = member, case .integers(let integers) = layout {
            return integers.contains(integer)
        }
        return member.withBytes { contains($0) }
    }

    /// Visits every member once, until `body` answers false; answers whether it went to the end.
    @inline(__always)
    @discardableResult
    func walk(_ body: (StringValue) -> Bool) -> Bool {
        switch layout {
        case .integers(let integers):
            for index in 0..<integers.count {
                guard body(.integer(integers[index])) else { return false }
            }
            return true
        case .packed(let list):
            var cursor = list.cursor
            while let element = cursor.next() {
                guard body(element.value) else { return false }
            }
            return true
        case .table(let members):
            return members.walk { member, _ in body(.bytes(member.key)) }
        }
    }

    /// Visits every member once.
    @inline(__always)
    func forEach(_ body: (StringValue) -> Void) {
        switch layout {
        case .table(let members): members.forEach { body(.bytes($0.key)) }
        default:
            walk { member in
                body(member)
                return true
            }
        }
    }

    /// A member drawn at random, each with the same chance; a set has at least one.
    @inline(__always)
    func randomMember(_ random: RandomSource) -> StringValue {
        switch layout {
        case .integers(let integers): return .integer(integers[random.below(count)])
        case .packed(let list): return list[list.offset(of: random.below(count))].value
        case .table(let members): return .bytes(members.randomElement(random)?.key ?? .empty)
        }
    }

    /// Visits `wanted` different members drawn at random: every choice of so many is as likely as any other.
    func drawDistinct(_ wanted: Int, _ random: RandomSource, _ body: (StringValue) -> Void) {
        if case .table(let members) = layout {
            return members.drawDistinct(wanted, random) { body(.bytes($0.key)) }
        }
        var draw = Draw(wanted, of: count)
        forEach { member in
            if draw.takesNext(random) { body(member) }
        }
    }
}

/// Which of so many elements that pass by are taken, so that every choice is as likely as any other: each is taken with
/// the chance that the rest of the draw needs (D. Knuth, "The Art of Computer Programming", volume 2, algorithm S).
struct Draw {
    private var missing: Int
    private var left: Int

    init(_ wanted: Int, of count: Int) {
        missing = min(wanted, count)
        left = count
    }

    mutating func takesNext(_ random: RandomSource) -> Bool {
        defer { left -= 1 }
        guard missing > 0, random.below(left) < missing else { return false }
        missing -= 1
        return true
    }
}

extension Database {
    /// The set at `key` for a command that reads.
    @inline(__always)
    func readSet(_ key: Key) throws(ReplyError) -> SetView? {
        guard let record = try read(key, as: .set) else { return nil }
        return SetView(record)
    }
}

extension SetView {
    /// No member twice, and every one in the form that its layout gives it. Debug builds only.
    func checkInvariants() {
        #if DEBUG
        switch layout {
        case .integers(let integers): integers.checkInvariants()
        case .packed(let list):
            list.checkInvariants()
            var members: Set<[UInt8]> = []
            forEach { member in precondition(members.insert(member.array).inserted, "a member twice") }
        case .table(let members): members.checkInvariants()
        }
        #endif
    }
}
