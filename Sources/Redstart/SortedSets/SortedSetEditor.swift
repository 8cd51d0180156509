/// How ZADD's options change what it does with a member.
struct ScoreRules: OptionSet {
    let rawValue: UInt8

    /// Members that are there stay as they are.
    static let onlyNew = ScoreRules(rawValue: 1 << 0)
    /// Members that are not there are not added.
    static let onlyExisting = ScoreRules(rawValue: 1 << 1)
    /// A score may only rise.
    static let greater = ScoreRules(rawValue: 1 << 2)
    /// A score may only fall.
    static let less = ScoreRules(rawValue: 1 << 3)
    /// The score given is added to the one that is there.
    static let increments = ScoreRules(rawValue: 1 << 4)
}

/// What became of a member that was to be added, and the score that it has.
enum ScoreChange {
    case added(Double)
    case updated(Double)
    case unchanged(Double)
    /// The rules forbade it.
    case refused
}

extension ReplyError {
    static let scoreNotNumber = ReplyError(line: "ERR resulting score is not a number (NaN)")
}

/// A sorted set at a key, to be changed. It turns into a large one where it outgrows the settings' limits.
///
/// The caller tells of the change (`Database.changed`), and removes what became empty (`Database.removeEmptied`).
struct SortedSetEditor {
    let database: Database
    private(set) var entry: Entry

    @inline(__always)
    init(_ database: Database, _ entry: Entry) {
        self.database = database
        self.entry = entry
    }

    /// The set as it is now.
    @inline(__always)
    var set: SortedSet { SortedSet(entry.record) }

    // MARK: - Adding

    /// Gives `member` a score, and adds it if it is not there, as far as the rules let it.
    @inline(__always)
    mutating func add(
        _ member: Bytes, _ score: Double, _ rules: ScoreRules = []
    ) throws(ReplyError) -> ScoreChange {
        switch set {
        case .packed(let list): try addPacked(list, member, score, rules)
        case .ordered(let object): try SortedSetEditor.add(to: object, member, score, rules)
        }
    }

    @inline(__always)
    private static func add(
        to object: OrderedMembers, _ member: Bytes, _ score: Double, _ rules: ScoreRules
    ) throws(ReplyError) -> ScoreChange {
        let hash = object.members.hash(member)
        guard let entry = object.members.find(member, hash) else {
            if rules.contains(.onlyExisting) { return .refused }
            object.insert(member, hash, score)
            return .added(score)
        }
        let old = entry.record.number
        guard let new = try resolve(old, score, rules) else { return .refused }
        if new == old { return .unchanged(old) }
        object.setScore(entry.record, new)
        return .updated(new)
    }

    private mutating func addPacked(
        _ list: PackedList, _ member: Bytes, _ score: Double, _ rules: ScoreRules
    ) throws(ReplyError) -> ScoreChange {
        guard let found = list.find(member, stride: 2) else {
            if rules.contains(.onlyExisting) { return .refused }
            insertPacked(list, member, score)
            return .added(score)
        }
        let scoreElement = list[found.end]
        let old = SortedSet.score(scoreElement.value)
        guard let new = try SortedSetEditor.resolve(old, score, rules) else { return .refused }
        if new == old { return .unchanged(old) }
        var inline = database.inline(entry)
        if SortedSetEditor.keepsPlace(list, found, scoreElement.end, new, member) {
            SortedSetEditor.withPacked(new) { inline.replace(scoreElement, with: $0) }
        } else {
            inline.remove(found.offset..<scoreElement.end, count: 2)
            SortedSetEditor.insert(member, new, into: &inline)
        }
        entry = inline.entry
        return .updated(new)
    }

    /// The score that comes of an old one and the one given; nil where the rules keep the old one.
    @inline(__always)
    private static func resolve(
        _ old: Double, _ given: Double, _ rules: ScoreRules
    ) throws(ReplyError) -> Double? {
        if rules.isEmpty { return given }
        if rules.contains(.onlyNew) { return nil }
        let new = rules.contains(.increments) ? old + given : given
        if new.isNaN { throw .scoreNotNumber }
        if rules.contains(.greater), new <= old { return nil }
        if rules.contains(.less), new >= old { return nil }
        return new
    }

    private mutating func insertPacked(_ list: PackedList, _ member: Bytes, _ score: Double) {
        let keyspace = database.keyspace
        guard list.count / 2 < keyspace.sortedSetEntryLimit, member.count <= keyspace.sortedSetValueLimit,
            list.bytes.count + member.count < PackedList.longestElement
        else {
            let object = OrderedMembers(keyspace, copying: set)
            object.insert(member, object.members.hash(member), score)
            return database.convert(&entry, to: object, ValueKind.sortedSet)
        }
        var inline = database.inline(entry)
        SortedSetEditor.insert(member, score, into: &inline)
        entry = inline.entry
    }

    // MARK: - The packed form

    /// Whether a member stays between the same two others with the score `new`.
    private static func keepsPlace(
        _ list: PackedList, _ member: PackedList.Element, _ end: Int, _ new: Double, _ bytes: Bytes
    ) -> Bool {
        if end < list.end {
            let next = list[end]
            if !comes(bytes, new, before: next.value, SortedSet.score(list[next.end].value)) { return false }
        }
        guard member.offset > list.start else { return true }
        let scoreOffset = list.offset(before: member.offset)
        let previous = list[list.offset(before: scoreOffset)]
        return !comes(bytes, new, before: previous.value, SortedSet.score(list[scoreOffset].value))
    }

    @inline(__always)
    private static func comes(
        _ member: Bytes, _ score: Double, before other: StringValue, _ otherScore: Double
    ) -> Bool {
        score != otherScore ? score < otherScore : other.compare(member) > 0
    }

    /// Puts a pair where it belongs.
    private static func insert(_ member: Bytes, _ score: Double, into bytes: inout InlineBytes) {
        let list = bytes.list
        let offset = place(of: member, score, in: list)
        withPacked(score) { bytes.insert(PackedValue(member), $0, at: offset) }
    }

    /// The offset before which a new pair goes.
    private static func place(of member: Bytes, _ score: Double, in list: PackedList) -> Int {
        guard !list.isEmpty else { return list.end }
        // What comes in order goes behind the last.
        let lastScore = list.offset(before: list.end)
        let last = list[list.offset(before: lastScore)]
        if !comes(member, score, before: last.value, SortedSet.score(list[lastScore].value)) { return list.end }
        var offset = list.start
        while offset < list.end {
            let other = list[offset]
            let otherScore = list[other.end]
            if comes(member, score, before: other.value, SortedSet.score(otherScore.value)) { return offset }
            offset = otherScore.end
        }
        return offset
    }

    /// Lends a score in the form that it has in a packed list: an integer has no sign of zero there.
    @inline(__always)
    static func withPacked<Result>(_ score: Double, _ body: (PackedValue) -> Result) -> Result {
        if score.magnitude < 0x1p62 {
            let integer = Int(score)
            if Double(integer) == score { return body(PackedValue(integer)) }
        }
        return NumberText.withText(of: score) { body(PackedValue($0)) }
    }

    // MARK: - Removing

    /// Removes a member; false if it is not there.
    @inline(__always)
    mutating func remove(_ member: Bytes) -> Bool {
        switch set {
        case .packed(let list):
            guard let found = list.find(member, stride: 2) else { return false }
            var inline = database.inline(entry)
            inline.remove(found.offset..<list[found.end].end, count: 2)
            entry = inline.entry
            return true
        case .ordered(let object):
            let hash = object.members.hash(member)
            guard let found = object.members.find(member, hash) else { return false }
            object.remove(found, hash)
            return true
        }
    }

    /// Removes the members at these ranks.
    @inline(__always)
    mutating func remove(_ ranks: Range<Int>) {
        guard !ranks.isEmpty else { return }
        switch set {
        case .packed(let list):
            var inline = database.inline(entry)
            let start = list.offset(of: ranks.lowerBound * 2)
            inline.remove(start..<list.offset(of: ranks.upperBound * 2), count: ranks.count * 2)
            entry = inline.entry
        case .ordered(let object):
            object.remove(ranks)
        }
    }
}

// MARK: - Sorted sets of a database

extension Database {
    /// The sorted set at `key`, for a command that reads.
    @inline(__always)
    func sortedSet(_ key: Key) throws(ReplyError) -> SortedSet? {
        guard let record = try read(key, as: .sortedSet) else { return nil }
        return SortedSet(record)
    }

    /// The sorted set at `key`, for a command that changes it.
    @inline(__always)
    func sortedSetToEdit(_ key: Key) throws(ReplyError) -> SortedSetEditor? {
        guard let entry = try write(key, as: .sortedSet) else { return nil }
        return SortedSetEditor(self, entry)
    }

    /// The same, or a new one that is still empty: `first` is the member that is going to be added.
    @inline(__always)
    func sortedSetToFill(_ key: Key, first: Bytes) throws(ReplyError) -> SortedSetEditor {
        if let editor = try sortedSetToEdit(key) { return editor }
        if keyspace.sortedSetEntryLimit == 0 || first.count > keyspace.sortedSetValueLimit {
            setObject(key, OrderedMembers(keyspace), ValueKind.sortedSet)
        } else {
            _ = insertInline(key, PackedList.empty, ValueKind.sortedSet)
        }
        guard let entry = find(key) else { preconditionFailure("a key that was just made") }
        return SortedSetEditor(self, entry)
    }

    /// Makes the members that a builder collected the sorted set at `key`, in place of whatever is there.
    func setSortedSet(_ key: Key, _ builder: SortedSetBuilder) {
        let sorted = builder.sorted()
        let isSmall =
            sorted.count <= keyspace.sortedSetEntryLimit && builder.longestMember <= keyspace.sortedSetValueLimit
        if isSmall, builder.fitPackedList {
            var block = PackedBlock(keyspace.slabs)
            for ranked in sorted {
                SortedSetEditor.withPacked(ranked.score) {
                    block.insert(PackedValue(ranked.key), $0, at: block.list.end)
                }
            }
            setBytes(key, block.bytes, kind: ValueKind.sortedSet)
            block.free()
        } else {
            setObject(key, OrderedMembers(keyspace, builder.takeMembers(), sorted: sorted), ValueKind.sortedSet)
        }
    }
}

/// Collects the members of a sorted set to be, in any order.
final class SortedSetBuilder {
    private var members: MemberTable
    private(set) var longestMember = 0
    private var memberBytes = 0

    init(_ keyspace: Keyspace) { members = MemberTable(keyspace.slabs, keyspace.hash) }

    var count: Int { members.count }

    /// Whether they may lie in one packed list, whatever the settings say. A score takes 26 bytes at the most.
    var fitPackedList: Bool { memberBytes + count * 40 <= PackedList.longestElement }

    /// Makes room for so many members, if it is known that they come.
    func reserve(_ members: Int) { self.members.reserve(members) }

    @inline(__always)
    func hash(_ member: Bytes) -> UInt64 { members.hash(member) }

    /// Asks memory for what a look-up of that hash will need.
    @inline(__always)
    func prefetch(_ hash: UInt64) { members.prefetchRecord(hash) }

    @inline(__always)
    func find(_ member: Bytes, _ hash: UInt64) -> Member? { members.find(member, hash)?.record }

    /// Adds a member that is known to be absent.
    @inline(__always)
    func insert(_ member: Bytes, _ hash: UInt64, _ score: Double) {
        if member.count > longestMember { longestMember = member.count }
        memberBytes &+= member.count
        members.insert(member, hash, number: score)
    }

    /// Gives a member a score, and adds it if it is not there.
    func set(_ member: Bytes, _ score: Double) {
        let hash = hash(member)
        if let known = find(member, hash) { known.number = score } else { insert(member, hash, score) }
    }

    /// The members in their order. Good until the builder ends.
    func sorted() -> [RankedMember] {
        var sorted: [RankedMember] = []
        sorted.reserveCapacity(members.count)
        members.forEach { sorted.append(RankedMember($0)) }
        sorted.sort()
        return sorted
    }

    /// Hands over the table with all members; the builder is empty then.
    fileprivate func takeMembers() -> MemberTable {
        let taken = members
        taken.fit()
        members = MemberTable(taken.slabs, taken.hash)
        return taken
    }
}

extension OrderedMembers {
    /// The members of a packed sorted set.
    fileprivate convenience init(_ keyspace: Keyspace, copying set: SortedSet) {
        self.init(keyspace)
        set.forEach { pair in
            pair.member.withBytes { insert($0, members.hash($0), pair.score) }
        }
    }
}

extension Database {
    /// Lays the sorted set at `key` out as a large one.
    func unpackSortedSet(_ key: Key) {
        guard var entry = find(key), entry.record.form == .inline else { return }
        convert(&entry, to: OrderedMembers(keyspace, copying: SortedSet(entry.record)), ValueKind.sortedSet)
    }
}
