/// A large list. OBJECT ENCODING calls it `quicklist` once it outgrew `list-max-listpack-size`; up to then it is only
/// too long to lie in its record, and one block.
final class QuickList: PackedSequence {
    fileprivate(set) var isQuick: Bool

    init(_ block: PackedBlock, _ keyspace: Keyspace, isQuick: Bool) {
        self.isQuick = isQuick
        super.init(block, keyspace.slabs, keyspace.graveyard, limit: keyspace.listLimit)
    }

    private init(copying other: QuickList) {
        isQuick = other.isQuick
        super.init(copying: other)
    }

    /// Puts a value behind the last element.
    func append(_ value: StringValue) {
        if count == 0 { return plant(PackedValue(value)) }
        append(PackedValue(value), bytes: value.count)
    }

    override var encoding: StaticString { isQuick ? "quicklist" : "listpack" }

    override func copy() -> StoredObject { QuickList(copying: self) }
}

extension PackedLimit {
    /// What `list-max-listpack-size` means: a number of elements, or from -1 to -5 a size from 4 to 64 KB.
    init(listSetting: Int) {
        let sizes = [4_096, 8_192, 16_384, 32_768, 65_536]
        self =
            listSetting < 0
            ? PackedLimit(bytes: sizes[min(-listSetting, 5) - 1], entries: .max)
            : PackedLimit(bytes: PackedLimit.safeBytes, entries: max(listSetting, 1))
    }

    /// Where elements are counted, blocks grow no larger than this nevertheless.
    private static let safeBytes = 8_192

    /// Whether a list of one block is so far below the limit that it is a listpack again.
    fileprivate func isFarBelow(bytes: Int, entries: Int) -> Bool {
        self.entries == .max ? bytes <= self.bytes / 2 : entries <= self.entries / 2 && bytes <= self.bytes
    }

    /// Whether a list of one block that was made as a whole is a listpack.
    fileprivate func isMet(bytes: Int, entries: Int) -> Bool {
        self.entries == .max ? bytes <= self.bytes : entries <= self.entries && bytes <= self.bytes
    }
}

/// The ends of a list.
enum ListEnd {
    case left, right

    /// The event of an element that comes, and of one that goes.
    var pushEvent: StaticString { self == .left ? "lpush" : "rpush" }
    var popEvent: StaticString { self == .left ? "lpop" : "rpop" }
}

// MARK: - Reading

extension PackedList {
    /// The element at an end.
    @inline(__always)
    func element(at listEnd: ListEnd) -> Element { self[listEnd == .left ? start : offset(before: end)] }
}

extension Record {
    /// How many elements this list has.
    @inline(__always)
    var listCount: Int { form == .inline ? PackedList(bytes).count : object(as: QuickList.self)?.count ?? 0 }
}

/// A walk along a list from one of its elements on, in either direction. Good until the list changes.
struct ListReader {
    private let sequence: QuickList?
    private var place = PackedSequence.Place.first
    private var list: PackedList
    private var offset: Int

    /// From the element with that index on, forwards or backwards. The index must be one of the list's.
    @inline(__always)
    init(_ record: Record, from index: Int) {
        sequence = record.object(as: QuickList.self)
        if let sequence {
            let found = sequence.find(index)
            place = found.place
            list = sequence.list(at: found.place)
            offset = list.offset(of: found.index)
        } else {
            list = PackedList(record.bytes)
            offset = list.offset(of: index)
        }
    }

    /// The element here, and a step to the next one.
    @inline(__always)
    mutating func next() -> PackedList.Element? {
        if offset == list.end, !advance() { return nil }
        let element = list[offset]
        offset = element.end
        return element
    }

    @inline(never)
    private mutating func advance() -> Bool {
        guard let sequence, let next = sequence.place(after: place) else { return false }
        place = next
        list = sequence.list(at: next)
        offset = list.start
        return true
    }

    /// The element here, and a step to the one before.
    @inline(__always)
    mutating func previous() -> PackedList.Element? {
        if offset < list.start { guard retreat() else { return nil } }
        let element = list[offset]
        offset = offset == list.start ? list.start &- 1 : list.offset(before: offset)
        return element
    }

    @inline(never)
    private mutating func retreat() -> Bool {
        guard let sequence, let previous = sequence.place(before: place) else { return false }
        place = previous
        list = sequence.list(at: previous)
        offset = list.offset(before: list.end)
        return true
    }
}

// MARK: - Changing

/// The list at a key, while it is being changed. It may be kept in another way after each change.
struct ListEditor {
    let database: Database
    let key: Key
    private(set) var entry: Entry
    /// A list that is an object; nil for one that lies in its record.
    private var large: QuickList?

    /// A list in a record up to this size shares a slab with others.
    private static let mostInlineBytes = 3_000
    /// An object as small as this goes back to its record.
    private static let fewBytes = 600

    @inline(__always)
    init(_ database: Database, _ key: Key, _ entry: Entry) {
        self.database = database
        self.key = key
        self.entry = entry
        large = entry.record.object(as: QuickList.self)
    }

    /// The list at `key`; nil if there is none.
    @inline(__always)
    init?(_ database: Database, _ key: Key) throws(ReplyError) {
        guard let entry = try database.write(key, as: .list) else { return nil }
        self.init(database, key, entry)
    }

    /// An empty list, at a key where nothing is. Elements have to follow.
    @inline(__always)
    static func make(_ database: Database, _ key: Key) -> ListEditor {
        ListEditor(database, key, database.insertInline(key, PackedList.empty, ValueKind.list).entry)
    }

    @inline(__always)
    var count: Int { large?.count ?? PackedList(entry.record.bytes).count }

    private var limit: PackedLimit { database.keyspace.listLimit }

    /// Prepares for so many more elements of so many bytes together: a list that would be over the limit with them
    /// becomes a quicklist first, also where they then do not come.
    @inline(__always)
    mutating func prepare(bytes: Int, count added: Int) {
        if let large {
            guard !large.isQuick else { return }
            let present = large.count > 0 ? large.list(at: large.firstPlace).listpackBytes : 7
            if limit.isExceeded(bytes: present &+ bytes, entries: large.count &+ added) { large.isQuick = true }
            return
        }
        let list = PackedList(entry.record.bytes)
        if limit.isExceeded(bytes: list.listpackBytes &+ bytes, entries: list.count &+ added) {
            enlarge(isQuick: true)
        } else if list.bytes.count &+ bytes &+ 2 &* added > ListEditor.mostInlineBytes {
            enlarge(isQuick: false)
        }
    }

    @inline(never)
    private mutating func enlarge(isQuick: Bool) {
        let block = PackedBlock(database.keyspace.slabs, entry.record.bytes)
        let list = QuickList(block, database.keyspace, isQuick: isQuick)
        database.convert(&entry, to: list, ValueKind.list)
        large = list
    }

    /// Puts an element at an end; `prepare` has to know of it.
    @inline(__always)
    mutating func push(_ value: PackedValue, bytes: Int, _ end: ListEnd) {
        guard let large else {
            var inline = InlineBytes(entry, in: database.table)
            if end == .left { inline.prepend(value) } else { inline.append(value) }
            entry = inline.entry
            return
        }
        if large.count == 0 {
            large.plant(value)
        } else if !large.isQuick {
            large.edit(large.firstPlace, by: 1) { if end == .left { $0.prepend(value) } else { $0.append(value) } }
        } else if end == .left {
            large.prepend(value, bytes: bytes)
        } else {
            large.append(value, bytes: bytes)
        }
    }

    /// Takes the element at an end off the list, after `body` has seen it.
    @inline(__always)
    mutating func pop(_ end: ListEnd, _ body: (StringValue) -> Void) {
        guard let large else {
            var inline = InlineBytes(entry, in: database.table)
            let element = inline.list.element(at: end)
            body(element.value)
            inline.remove(element)
            entry = inline.entry
            return
        }
        let place = end == .left ? large.firstPlace : large.lastPlace
        let element = large.list(at: place).element(at: end)
        body(element.value)
        large.remove(element.offset..<element.end, count: 1, at: place)
    }

    /// Removes the elements with these indices.
    mutating func remove(_ indices: Range<Int>) {
        guard !indices.isEmpty else { return }
        if let large { return large.remove(indices) }
        var inline = InlineBytes(entry, in: database.table)
        let start = inline.list.offset(of: indices.lowerBound)
        inline.remove(start..<inline.list.offset(of: indices.upperBound), count: indices.count)
        entry = inline.entry
    }

    /// Removes up to `most` elements that are `wanted`, the first or the last ones; returns how many.
    mutating func removeAll(_ wanted: WantedElement, most: Int, backwards: Bool) -> Int {
        if let large { return large.removeAll(wanted, most: most, backwards: backwards) }
        var inline = InlineBytes(entry, in: database.table)
        let removed = inline.removeAll(wanted, most: most, backwards: backwards)
        entry = inline.entry
        return removed
    }

    /// Puts `value` in the place of the element with that index; `prepare` has to know of it.
    mutating func replace(_ index: Int, with value: PackedValue, bytes: Int) {
        if let large, large.isQuick { return large.replace(index, with: value, bytes: bytes) }
        if let large {
            let list = large.list(at: large.firstPlace)
            let element = list[list.offset(of: index)]
            return large.edit(large.firstPlace, by: 0) { $0.replace(element, with: value) }
        }
        var inline = InlineBytes(entry, in: database.table)
        inline.replace(inline.list[inline.list.offset(of: index)], with: value)
        entry = inline.entry
    }

    /// Puts `value` beside the element with that index; `prepare` has to know of it.
    mutating func insert(_ value: PackedValue, bytes: Int, _ side: PackedSequence.Side, of index: Int) {
        if let large, large.isQuick { return large.insert(value, bytes: bytes, side, of: index) }
        let position = side == .after ? index + 1 : index
        if let large {
            let offset = large.list(at: large.firstPlace).offset(of: position)
            return large.edit(large.firstPlace, by: 1) { $0.insert(value, at: offset) }
        }
        var inline = InlineBytes(entry, in: database.table)
        inline.insert(value, at: inline.list.offset(of: position))
        entry = inline.entry
    }

    /// After elements went: ends an empty list, and lets one that became small be a listpack again. True if it ended.
    @inline(__always)
    @discardableResult
    mutating func settle() -> Bool {
        guard count > 0 else {
            database.removeEmptied(entry, key)
            return true
        }
        if let large, large.blockCount == 1 { shrink(large, canStayQuick: true) }
        return false
    }

    /// After a list was made as a whole: one that fits the limit is a listpack.
    mutating func settleNew() {
        if let large, large.blockCount == 1 { shrink(large, canStayQuick: false) }
    }

    @inline(never)
    private mutating func shrink(_ large: QuickList, canStayQuick: Bool) {
        let list = large.list(at: large.firstPlace)
        let (bytes, entries) = (list.listpackBytes, list.count)
        if large.isQuick {
            let fits =
                canStayQuick
                ? limit.isFarBelow(bytes: bytes, entries: entries) : limit.isMet(bytes: bytes, entries: entries)
            guard fits else { return }
            large.isQuick = false
        }
        guard bytes <= ListEditor.fewBytes else { return }
        // `large` keeps the bytes until they are copied.
        database.table.setInline(
            &entry, list.bytes, ValueKind.list, deadlineRoom: entry.record.hasDeadlineRoom)
        self.large = nil
    }
}
