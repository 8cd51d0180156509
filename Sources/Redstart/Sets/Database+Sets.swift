/// Changing the members of a set, in whichever layout it is.
extension Database {
    /// Makes an empty set at `key`, where nothing is, in the layout for a first member like `member` and about so many
    /// to come. It must get a member at once.
    @inline(__always)
    func insertSet(_ key: Key, for member: Bytes, about count: Int) -> Entry {
        let limits = keyspace.setLimits
        if count <= limits.integers, member.count <= 20, Int(strict: member) != nil {
            return insertInline(key, IntegerSet.empty, ValueKind.integerSet).entry
        }
        if count <= limits.entries { return insertInline(key, PackedList.empty, ValueKind.set).entry }
        return insertLargeSet(key)
    }

    @inline(never)
    private func insertLargeSet(_ key: Key) -> Entry {
        insertObject(key, LargeSet(keyspace), ValueKind.set)
    }

    /// Turns a small set into a table where so many members are to come that it will not stay small.
    @inline(__always)
    func prepareSet(_ entry: inout Entry, forMembers count: Int) {
        guard entry.record.form == .inline else { return }
        let isIntegers = entry.record.kind == ValueKind.integerSet
        if count > (isIntegers ? keyspace.setLimits.integers : keyspace.setLimits.entries) { makeTable(&entry) }
    }

    /// Adds a member; false if it was there already.
    @inline(__always)
    func addMember(_ member: Bytes, to entry: inout Entry) -> Bool {
        if let set = entry.record.object(as: LargeSet.self) { return set.insert(member) }
        return addToSmall(member, &entry)
    }

    @inline(__always)
    private func addToSmall(_ member: Bytes, _ entry: inout Entry) -> Bool {
        let limits = keyspace.setLimits
        var inline = inline(entry)
        let insertion =
            entry.record.kind == ValueKind.integerSet
            ? inline.insertAmongIntegers(member, limits) : inline.insertIntoList(member, limits)
        entry = inline.entry
        switch insertion {
        case .inserted: return true
        case .present: return false
        default: return addOutgrown(member, insertion, &entry)
        }
    }

    @inline(never)
    private func addOutgrown(_ member: Bytes, _ insertion: SmallInsertion, _ entry: inout Entry) -> Bool {
        if case .needsList = insertion {
            var block = PackedBlock(keyspace.slabs, members: IntegerSet(entry.record.bytes))
            block.append(PackedValue(member))
            let hasDeadline = entry.record.deadline != Record.noDeadline
            table.setInline(&entry, block.bytes, ValueKind.set, deadlineRoom: hasDeadline)
            block.free()
            return true
        }
        let set = makeTable(&entry)
        if case .outgrown = insertion { return true }
        return set.insert(member)
    }

    @discardableResult
    private func makeTable(_ entry: inout Entry) -> LargeSet {
        let set = LargeSet(keyspace)
        set.insertAll(SetView(entry.record))
        convert(&entry, to: set, ValueKind.set)
        return set
    }

    /// Takes a member away; false if it was not there. The set may be left empty.
    @inline(__always)
    func removeMember(_ member: Bytes, from entry: inout Entry) -> Bool {
        if let set = entry.record.object(as: LargeSet.self) { return set.remove(member) }
        var inline = inline(entry)
        if entry.record.kind == ValueKind.integerSet {
            guard let integer = Int(strict: member), inline.remove(integer: integer) else { return false }
        } else {
            guard let element = inline.list.find(member) else { return false }
            inline.remove(element)
        }
        entry = inline.entry
        return true
    }

    /// Whether the last member of a set was taken away.
    @inline(__always)
    func isEmptiedSet(_ entry: Entry) -> Bool {
        if let set = entry.record.object(as: LargeSet.self) { return set.members.count == 0 }
        let bytes = entry.record.bytes
        return entry.record.kind == ValueKind.integerSet ? IntegerSet(bytes).isEmpty : PackedList(bytes).isEmpty
    }

    /// Takes away a member drawn at random, each with the same chance; `body` sees it first. The set may be left
    /// empty.
    @inline(__always)
    func popMember(_ entry: inout Entry, _ body: (StringValue) -> Void) {
        let random = keyspace.random
        if let set = entry.record.object(as: LargeSet.self) { return popMember(set, body) }
        var inline = inline(entry)
        if entry.record.kind == ValueKind.integerSet {
            let index = random.below(inline.integers.count)
            body(.integer(inline.integers[index]))
            inline.removeInteger(at: index)
        } else {
            let list = inline.list
            let element = list[list.offset(of: random.below(list.count))]
            body(element.value)
            inline.remove(element)
        }
        entry = inline.entry
    }

    @inline(__always)
    private func popMember(_ set: LargeSet, _ body: (StringValue) -> Void) {
        let members = set.members
        guard let member = members.randomElement(keyspace.random) else { return }
        body(.bytes(member.key))
        let hash = members.hash(member.key)
        if let entry = members.find(member.key, hash) { members.delete(entry, hash) }
    }

    /// Takes away `wanted` members drawn at random, fewer than there are: every choice of so many is as likely as any
    /// other. `body` sees each.
    func popMembers(_ wanted: Int, _ entry: inout Entry, _ body: (StringValue) -> Void) {
        let view = SetView(entry.record)
        if let set = entry.record.object(as: LargeSet.self) {
            guard wanted > view.count / 3 else {
                for _ in 0..<wanted { popMember(set, body) }
                return
            }
            var drawn: [Member] = []
            drawn.reserveCapacity(wanted)
            set.members.drawDistinct(wanted, keyspace.random) { drawn.append($0) }
            for member in drawn {
                body(.bytes(member.key))
                _ = set.remove(member.key)
            }
            return
        }
        let rest = thinned(view, wanted, body)
        var inline = inline(entry)
        inline.replaceAll(with: rest.bytes)
        entry = inline.entry
        rest.free()
    }

    /// A small set without `wanted` members drawn at random.
    private func thinned(_ small: SetView, _ wanted: Int, _ body: (StringValue) -> Void) -> PackedBlock {
        var draw = Draw(wanted, of: small.count)
        var isIntegers = false
        if case .integers = small.layout { isIntegers = true }
        var rest = isIntegers ? PackedBlock(keyspace.slabs, IntegerSet.empty) : PackedBlock(keyspace.slabs)
        small.forEach { member in
            if draw.takesNext(keyspace.random) {
                body(member)
            } else if isIntegers, case .integer(let integer) = member {
                _ = rest.insert(integer: integer)
            } else {
                rest.append(PackedValue(member))
            }
        }
        return rest
    }
}
