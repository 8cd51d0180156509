/// Hashes as the commands see them: small or large, with deadlines or without, none of their fields past its time.
extension Record {
    /// A hash that is kept inline.
    @inline(__always)
    private var smallHash: SmallHash {
        SmallHash(PackedList(bytes), hasDeadlines: kind == ValueKind.hashWithDeadlines)
    }

    /// How many fields of this hash are alive at `now`.
    @inline(__always)
    func fieldCount(_ now: Int64) -> Int {
        if form == .inline {
            let hash = smallHash
            return hash.hasDeadlines ? hash.count - hash.due(now).count : hash.count
        }
        return object(as: LargeHash.self)?.count(now) ?? 0
    }

    /// The value of a field of this hash; nil where there is no such field that is alive at `now`.
    @inline(__always)
    func field(_ name: Bytes, _ now: Int64) -> StringValue? {
        if form == .inline {
            guard let field = smallHash.find(name), field.deadline > now else { return nil }
            return field.value.value
        }
        guard let member = object(as: LargeHash.self)?.find(name, now) else { return nil }
        return .bytes(member.value)
    }

    /// When a field of this hash ends: `Record.noDeadline` if never, nil where there is no such field.
    func fieldDeadline(_ name: Bytes, _ now: Int64) -> Int64? {
        let deadline =
            form == .inline ? smallHash.find(name)?.deadline : object(as: LargeHash.self)?.find(name, now)?.deadline
        guard let deadline, deadline > now else { return nil }
        return deadline
    }

    /// Visits the fields of this hash that are alive at `now`: name, value, deadline.
    @inline(__always)
    func forEachField(_ now: Int64, _ body: (StringValue, StringValue, Int64) -> Void) {
        if form == .inline {
            smallHash.forEach(now) { body($0.field.value, $0.value.value, $0.deadline) }
        } else if let hash = object(as: LargeHash.self) {
            hash.table.forEach { member in
                let deadline = member.deadline
                if deadline > now { body(.bytes(member.key), .bytes(member.value), deadline) }
            }
        }
    }

    /// When the next field of this hash ends, whose kind says that it has deadlines.
    var nextFieldDeadline: Int64 {
        form == .inline ? smallHash.nextDeadline : object(as: LargeHash.self)?.nextDeadline ?? Record.noDeadline
    }

    /// When the fields of such a hash end.
    var fieldSpan: FieldSpan { FieldSpan(next: nextFieldDeadline, last: lastFieldDeadline) }

    /// When the last field of such a hash ends, and the hash with it.
    var lastFieldDeadline: Int64 {
        form == .inline ? smallHash.lastDeadline : object(as: LargeHash.self)?.lastDeadline ?? Record.noDeadline
    }
}

/// When the first and the last field of a hash end: `last` is never where one of them stays.
struct FieldSpan {
    var next: Int64
    var last: Int64

    static let none = FieldSpan(next: Record.noDeadline, last: Record.noDeadline)
}

extension Database {
    /// The value of one field of the hash `record`, for who does not care how hashes are kept.
    func hashField(_ record: Record, _ field: Bytes) -> StringValue? {
        record.type == .hash ? record.field(field, keyspace.clock.milliseconds) : nil
    }

    // MARK: - Setting fields

    /// Whether a field of that name and a value are short enough for a small hash.
    @inline(__always)
    func fitsSmallHash(_ word: Bytes) -> Bool { word.count <= keyspace.hashListValueBytes }

    /// The hash at `key`, to be changed; nil where there is none, which `makeHash` changes.
    @inline(__always)
    func hash(_ key: Key) throws(ReplyError) -> Entry? { try write(key, as: .hash) }

    /// Makes an empty hash at `key`, where nothing is. It must not stay empty.
    @inline(__always)
    func makeHash(_ key: Key) -> Entry { insertInline(key, PackedList.empty, ValueKind.hash).entry }

    /// Sets a field of the hash; true if it is new. Its deadline goes, unless it is to keep it.
    @inline(__always)
    func setField(
        _ entry: inout Entry, _ key: Key, _ field: Bytes, _ value: Bytes, keepsDeadline: Bool = false
    ) -> Bool {
        if entry.record.form == .inline {
            let bytes = entry.record.bytes.count &+ field.count &+ value.count
            if !fitsSmallHash(field) || !fitsSmallHash(value) || bytes > PackedList.longestElement { enlarge(&entry) }
        }
        guard entry.record.form == .inline else { return setLarge(&entry, key, field, value, keepsDeadline) }
        guard entry.record.kind == ValueKind.hash else {
            return setPerishable(&entry, key, field, value, keepsDeadline)
        }
        var isNew = false
        var inline = inline(entry)
        if let element = inline.list.find(field, stride: 2) {
            inline.replace(inline.list[element.end], with: PackedValue(value))
        } else {
            isNew = true
            inline.append(PackedValue(field), PackedValue(value), hasDeadlines: false)
        }
        entry = inline.entry
        // The limit may have been lowered since: then Redis looks at it whatever was set.
        if inline.list.count > keyspace.hashListElements { enlarge(&entry) }
        return isNew
    }

    private func setLarge(
        _ entry: inout Entry, _ key: Key, _ field: Bytes, _ value: Bytes, _ keepsDeadline: Bool
    ) -> Bool {
        guard let hash = entry.record.object(as: LargeHash.self) else { return false }
        let now = keyspace.clock.milliseconds
        guard entry.record.kind == ValueKind.hashWithDeadlines else {
            return hash.set(field, value, now, keepsDeadline: keepsDeadline)
        }
        let before = entry.record.fieldSpan
        defer { reindexFields(entry, key.hash, from: before) }
        return hash.set(field, value, now, keepsDeadline: keepsDeadline)
    }

    /// Sets a field of a small hash with deadlines.
    private func setPerishable(
        _ entry: inout Entry, _ key: Key, _ field: Bytes, _ value: Bytes, _ keepsDeadline: Bool
    ) -> Bool {
        let before = entry.record.fieldSpan
        defer { reindexFields(entry, key.hash, from: before) }
        var inline = inline(entry)
        guard let found = inline.hash(hasDeadlines: true).find(field) else {
            inline.append(PackedValue(field), PackedValue(value), hasDeadlines: true)
            entry = inline.entry
            if inline.hash(hasDeadlines: true).count > keyspace.hashListEntries { enlarge(&entry) }
            return true
        }
        let isDue = found.deadline <= keyspace.clock.milliseconds
        let offset = found.field.offset
        inline.replace(found.value, with: PackedValue(value))
        if found.deadline != Record.noDeadline, !keepsDeadline || isDue {
            inline.move(inline.hash(hasDeadlines: true)[offset], to: Record.noDeadline, table.slabs)
        }
        entry = inline.entry
        if inline.hash(hasDeadlines: true).count > keyspace.hashListEntries { enlarge(&entry) }
        return isDue
    }

    /// Makes a hash at `key`, where nothing is, of fields and values that follow each other in `words` from `first` on;
    /// returns how many fields it has.
    @inline(__always)
    func makeHash(_ key: Key, _ words: Arguments, from first: Int) -> Int {
        let count = words.count - first
        guard let byteCount = packedBytes(words, from: first) else { return makeHashSlowly(key, words, from: first) }
        var inline = InlineBytes(makeHash(key), in: table)
        inline.append(count, byteCount: byteCount) { PackedValue(words[first &+ $0]) }
        return count / 2
    }

    /// What these words take as elements of a new small hash; nil where they do not all become elements as they are:
    /// there are too many of them, one is too long, or a field is there twice.
    @inline(__always)
    private func packedBytes(_ words: Arguments, from first: Int) -> Int? {
        let end = words.count
        guard end - first <= Database.mostWordsAtOnce, end - first <= keyspace.hashListElements else { return nil }
        var bytes = 0
        for index in first..<end {
            let word = words[index]
            guard fitsSmallHash(word) else { return nil }
            bytes += PackedValue(word).byteCount
        }
        for index in stride(from: first, to: end, by: 2) {
            for other in stride(from: index + 2, to: end, by: 2) where words[index] == words[other] { return nil }
        }
        return bytes
    }

    /// Of more words than these, finding fields that are there twice is left to the hash.
    private static let mostWordsAtOnce = 32

    @inline(never)
    private func makeHashSlowly(_ key: Key, _ words: Arguments, from first: Int) -> Int {
        var entry = makeHash(key)
        return setFields(&entry, key, words, from: first)
    }

    /// Sets fields to values that follow each other in `words` from `first` on; returns how many are new.
    @inline(__always)
    func setFields(_ entry: inout Entry, _ key: Key, _ words: Arguments, from first: Int) -> Int {
        enlarge(&entry, for: words, from: first)
        var added = 0
        var ahead = Lookahead(step: 2)
        for index in stride(from: first, to: words.count, by: 2) {
            ahead.ask(words, at: index, in: entry.record.memberTable)
            if setField(&entry, key, words[index], words[index &+ 1]) { added &+= 1 }
        }
        return added
    }

    // MARK: - Growing

    /// Makes a small hash large where one of the words is too long for it, as Redis does before it sets any of them.
    @inline(__always)
    func enlarge(_ entry: inout Entry, for words: Arguments, from first: Int) {
        guard entry.record.form == .inline else { return }
        var bytes = entry.record.bytes.count
        for index in first..<words.count {
            let word = words[index]
            guard fitsSmallHash(word) else { return enlarge(&entry) }
            bytes &+= word.count
        }
        if bytes > PackedList.longestElement { enlarge(&entry) }
    }

    /// Makes a small hash large.
    @inline(never)
    func enlarge(_ entry: inout Entry) {
        let isPerishable = entry.record.kind == ValueKind.hashWithDeadlines
        let large = LargeHash(keyspace)
        entry.record.forEachField(.min) { field, value, deadline in
            field.withBytes { field in value.withBytes { value in large.add(field, value, deadline) } }
        }
        convert(&entry, to: large, isPerishable ? ValueKind.hashWithDeadlines : ValueKind.hash)
    }

    // MARK: - Removing fields

    /// Takes a field out of the hash; false where there is none. The hash may be empty then.
    func removeField(_ entry: inout Entry, _ key: Key, _ field: Bytes) -> Bool {
        let isPerishable = entry.record.kind == ValueKind.hashWithDeadlines
        let before = isPerishable ? entry.record.fieldSpan : .none
        let now = keyspace.clock.milliseconds
        let isRemoved: Bool
        if entry.record.form == .inline {
            var inline = inline(entry)
            guard let found = inline.hash(hasDeadlines: isPerishable).find(field) else { return false }
            inline.remove(found.range, count: isPerishable ? 3 : 2)
            entry = inline.entry
            isRemoved = found.deadline > now
        } else {
            isRemoved = entry.record.object(as: LargeHash.self)?.remove(field, now) ?? false
        }
        if isPerishable { reindexFields(entry, key.hash, from: before) }
        return isRemoved
    }

    /// Whether the hash has no fields left, dead or alive.
    @inline(__always)
    func isEmptyHash(_ record: Record) -> Bool {
        record.form == .inline
            ? PackedList(record.bytes).isEmpty : record.object(as: LargeHash.self)?.table.count == 0
    }

    // MARK: - Deadlines of fields

    /// Makes the hash one that can have deadlines.
    func makePerishable(_ entry: inout Entry) {
        guard entry.record.kind == ValueKind.hash else { return }
        guard entry.record.form == .inline else { return entry.record.kind = ValueKind.hashWithDeadlines }
        let list = PackedList(entry.record.bytes)
        let noDeadline = SmallHash.element(Record.noDeadline)
        var block = PackedBlock(table.slabs, capacity: list.bytes.count + list.count / 2 * noDeadline.byteCount)
        defer { block.free() }
        SmallHash(list, hasDeadlines: false).forEach(.min) { field in
            block.append(list, field.range, count: 2)
            block.append(noDeadline)
        }
        let room = entry.record.hasDeadlineRoom
        table.setInline(&entry, block.bytes, ValueKind.hashWithDeadlines, deadlineRoom: room)
    }

    /// Gives a field of a perishable hash another deadline, or none with `Record.noDeadline`; it must be there.
    func setFieldDeadline(_ entry: inout Entry, _ key: Key, _ field: Bytes, _ deadline: Int64) {
        let before = entry.record.fieldSpan
        if entry.record.form == .inline {
            var inline = inline(entry)
            guard let found = inline.hash(hasDeadlines: true).find(field) else { return }
            inline.move(found, to: deadline, table.slabs)
            entry = inline.entry
        } else if let hash = entry.record.object(as: LargeHash.self) {
            let fieldHash = hash.table.hash(field)
            guard var member = hash.table.find(field, fieldHash) else { return }
            hash.setDeadline(&member, fieldHash, deadline)
        }
        reindexFields(entry, key.hash, from: before)
    }

    /// Takes fields whose time has come by `moment` out of a perishable hash, the earliest first, at most `budget`, and
    /// the hash with the last of them. Returns the hash, if it is still there, and how many fields went.
    @inline(never)
    func removeDueFields(_ entry: Entry, _ hash: UInt64, _ moment: Int64, budget: Int) -> (entry: Entry?, count: Int) {
        var entry = entry
        let before = entry.record.fieldSpan
        if before.last <= moment {
            removeDueHash(entry, hash)
            return (nil, 1)
        }
        guard before.next <= moment else { return (entry, 0) }
        var removed = 0
        if entry.record.form == .inline {
            var inline = inline(entry)
            let small = inline.hash(hasDeadlines: true)
            let due = small.due(moment, most: budget)
            inline.remove(small.list.start..<due.end, count: due.count * 3)
            entry = inline.entry
            removed = due.count
        } else if let large = entry.record.object(as: LargeHash.self) {
            removed = large.removeDue(moment, budget: budget)
        }
        reindexFields(entry, hash, from: before)
        keyspace.statistics.expiredFields &+= removed
        if keyspace.isObserved { withKey(of: entry) { changed($0, .hash, "hexpired", changes: 0) } }
        return (entry, removed)
    }

    /// Removes a hash all of whose fields are due. The many fields of a large one are freed over turns.
    func removeDueHash(_ entry: Entry, _ hash: UInt64) {
        keyspace.statistics.expiredFields &+= entry.record.fieldCount(.min)
        guard keyspace.isObserved else { return remove(entry, hash) }
        withKey(of: entry) { key in
            changed(key, .hash, "hexpired", changes: 0)
            remove(entry, hash)
            notify(key, .generic, "del")
        }
    }

    /// Lends the key of a record that may go meanwhile.
    private func withKey(of entry: Entry, _ body: (Bytes) -> Void) {
        Array(entry.record.key).withBytes { body($0) }
    }
}
