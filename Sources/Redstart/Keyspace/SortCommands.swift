extension Command {
    static let sorting: [Command] = [
        Command(
            "SORT", .atLeast(2), [.write, .denyOOM, .movableKeys],
            keys: .key([.readOnly, .access]),
            KeySpec([.readOnly, .access], begin: .unknown, find: .unknown),
            KeySpec([.overwrite, .update], begin: .unknown, find: .unknown),
            arguments: .key,
            .pattern("by-pattern", token: "BY").spec(1).display("pattern").optional,
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            .pattern("get-pattern", token: "GET").spec(1).display("pattern").optional.multiple.multipleToken,
            .oneOf(
                "order",
                .token("ASC", name: "asc"),
                .token("DESC", name: "desc")
            ).optional,
            .token("ALPHA", name: "sorting").optional,
            .key("destination", spec: 2, token: "STORE").optional,
            group: .generic, since: "1.0.0",
            complexity: """
                O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of \
                returned elements. When the elements are not sorted, complexity is O(N).
                """,
            summary: "Answers or stores the elements of a list, a set or a sorted set in order.",
            categories: [.dangerous, .list, .set, .sortedSet],
            findKeys: keysOfSort, run: sort),
        Command(
            "SORT_RO", .atLeast(2), [.readonly, .movableKeys],
            keys: .key([.readOnly, .access]), KeySpec([.readOnly, .access], begin: .unknown, find: .unknown),
            arguments: .key,
            .pattern("by-pattern", token: "BY").spec(1).display("pattern").optional,
            .block(
                "limit", token: "LIMIT",
                .integer("offset"),
                .integer("count")
            ).optional,
            .pattern("get-pattern", token: "GET").spec(1).display("pattern").optional.multiple.multipleToken,
            .oneOf(
                "order",
                .token("ASC", name: "asc"),
                .token("DESC", name: "desc")
            ).optional,
            .token("ALPHA", name: "sorting").optional,
            group: .generic, since: "7.0.0",
            complexity: """
                O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of \
                returned elements. When the elements are not sorted, complexity is O(N).
                """,
            summary: "Answers the elements of a list, a set or a sorted set in order.",
            categories: [.dangerous, .list, .set, .sortedSet],
            run: sortReadOnly),
    ]
}

extension ReplyError {
    fileprivate static let scoreNotDouble = ReplyError(
        line: "ERR One or more scores can't be converted into double")
}

/// What is sorted, and the last key that it is to be stored at.
@Sendable private func keysOfSort(_ words: Arguments, _ keys: inout [KeyReference]) -> Bool {
    keys.append(KeyReference(position: 1, flags: [.readOnly, .access]))
    var target: Int?
    var position = 2
    while position < words.count {
        if words[position].matches("LIMIT") {
            position += 2
        } else if words[position].matches("GET") || words[position].matches("BY") {
            position += 1
        } else if words[position].matches("STORE"), position + 1 < words.count {
            position += 1
            target = position
        }
        position += 1
    }
    if let target { keys.append(KeyReference(position: target, flags: [.overwrite, .update])) }
    return true
}

private func sort(_ call: inout Call) throws(ReplyError) { try sort(&call, mayStore: true) }

private func sortReadOnly(_ call: inout Call) throws(ReplyError) { try sort(&call, mayStore: false) }

private func sort(_ call: inout Call, mayStore: Bool) throws(ReplyError) {
    let key = try call.key()
    let request = try SortRequest(&call, mayStore: mayStore)
    let record = call.database.read(key)
    // As in Redis a sorted set that is sorted is no longer packed.
    if record?.type == .sortedSet { call.database.unpackSortedSet(key) }

    var sorting = try Sorting(call.database.find(key)?.record, request)
    let lookup = PatternLookup(call)
    if sorting.isSorted { try sorting.sort(request, lookup) }
    if let target = request.target {
        store(&call, target, sorting, request, lookup)
    } else {
        call.reply.array(sorting.chosen.count * max(1, request.getters.count))
        for position in sorting.chosen {
            sorting.answer(position, request, lookup) { value in
                if let value { call.reply.bulk(value) } else { call.reply.null() }
            }
        }
    }
}

/// Puts what SORT would answer into a list, in place of whatever is at `target`: that may be what was sorted.
private func store(
    _ call: inout Call, _ target: Key, _ sorting: Sorting, _ request: SortRequest, _ lookup: PatternLookup
) {
    let database = call.database
    guard !sorting.chosen.isEmpty else {
        if let entry = database.find(target) {
            database.remove(entry, target.hash)
            database.changed(target.bytes, .generic, "del")
        }
        return call.reply.integer(0)
    }
    let list = QuickList(PackedBlock(database.keyspace.slabs), database.keyspace, isQuick: true)
    for position in sorting.chosen {
        sorting.answer(position, request, lookup) { value in list.append(value ?? .bytes(.empty)) }
    }
    let count = list.count
    database.setObject(target, list, ValueKind.list)
    if let entry = database.find(target) {
        var editor = ListEditor(database, target, entry)
        editor.settleNew()
    }
    database.changed(target.bytes, .list, "sortstore", changes: count)
    call.reply.integer(count)
}

/// The options of SORT.
private struct SortRequest {
    private(set) var byPattern: Pattern?
    /// BY with a pattern that names no element: the order stays as it is.
    private(set) var keepsOrder = false
    private(set) var getters: [Pattern] = []
    private(set) var isDescending = false
    private(set) var isAlphabetic = false
    private(set) var target: Key?
    private(set) var start = 0
    private(set) var most = -1

    init(_ call: inout Call, mayStore: Bool) throws(ReplyError) {
        while !call.arguments.isEmpty {
            if call.arguments.take("ASC") {
                isDescending = false
            } else if call.arguments.take("DESC") {
                isDescending = true
            } else if call.arguments.take("ALPHA") {
                isAlphabetic = true
            } else if call.arguments.left > 2, call.arguments.take("LIMIT") {
                start = try call.arguments.integer()
                most = try call.arguments.integer()
            } else if mayStore, call.arguments.left > 1, call.arguments.take("STORE") {
                target = try call.key()
            } else if call.arguments.left > 1, call.arguments.take("BY") {
                let pattern = Pattern(try call.arguments.next())
                byPattern = pattern
                if !pattern.namesElement { keepsOrder = true }
            } else if call.arguments.left > 1, call.arguments.take("GET") {
                getters.append(Pattern(try call.arguments.next()))
            } else {
                throw .syntax
            }
        }
    }
}

/// A name with an element in the place of its first `*`: of a key that holds a string, or of a hash and, behind `->`, a
/// field of it. `#` is the element itself.
private struct Pattern {
    let isElement: Bool
    let namesElement: Bool
    let before: Bytes
    let after: Bytes
    let field: Bytes?

    init(_ text: Bytes) {
        isElement = text == Bytes("#")
        guard let star = text.firstIndex(of: UInt8(ascii: "*")) else {
            (namesElement, before, after, field) = (false, text, .empty, nil)
            return
        }
        namesElement = true
        before = text[0..<star]
        let rest = text[star + 1..<text.count]
        var arrow = 0
        while arrow + 2 < rest.count, rest[arrow] != UInt8(ascii: "-") || rest[arrow + 1] != UInt8(ascii: ">") {
            arrow += 1
        }
        if arrow + 2 < rest.count {
            after = rest[0..<arrow]
            field = rest[arrow + 2..<rest.count]
        } else {
            after = rest
            field = nil
        }
    }
}

/// Finds what patterns name.
private struct PatternLookup {
    private let engine: Engine
    private let database: Database

    init(_ call: Call) {
        engine = call.engine
        database = call.database
    }

    /// The value that `pattern` names for an element; nil if there is none. Good until the keyspace changes.
    func value(_ pattern: Pattern, _ element: StringValue) -> StringValue? {
        if pattern.isElement { return element }
        guard pattern.namesElement else { return nil }
        var name = Array(pattern.before)
        element.withBytes { name.append($0) }
        name.append(pattern.after)
        return name.withBytes { bytes in
            guard let record = database.read(Key(bytes: bytes, hash: engine.hash(bytes))) else { return nil }
            if let field = pattern.field { return database.hashField(record, field) }
            return record.type == .string ? record.string : nil
        }
    }
}

/// The elements of a collection, and the order that they are answered in. Where that is the collection's own, only
/// those are read that are answered.
private struct Sorting {
    /// One of the elements, and what it is ordered by.
    private struct Weighted {
        let score: Double
        let index: Int32
    }

    /// The positions that LIMIT asks for.
    private(set) var chosen = 0..<0
    private var elements: [StringValue] = []
    /// Which of the collection's the elements are.
    private var window = 0..<0
    private var count = 0
    private var order: [Weighted] = []
    let isSorted: Bool
    private let isAlphabetic: Bool
    private let isReversed: Bool

    init(_ record: Record?, _ request: SortRequest) throws(ReplyError) {
        // A set has no order to keep: what is stored should not hang on chance.
        let isStoredSet = record?.type == .set && request.target != nil && request.keepsOrder
        isSorted = !request.keepsOrder || isStoredSet
        isAlphabetic = request.isAlphabetic || isStoredSet
        isReversed = !isSorted && request.isDescending
        guard let record else { return }
        switch record.type {
        case .list: choose(request, of: record.listCount)
        case .set: choose(request, of: SetView(record).count)
        case .sortedSet: choose(request, of: SortedSet(record).count)
        case .string, .hash, .stream: throw .wrongType
        }
        if !window.isEmpty { read(record) }
    }

    private mutating func choose(_ request: SortRequest, of count: Int) {
        self.count = count
        let start = min(max(0, request.start), count)
        let most = request.most < 0 ? count : request.most
        chosen = start..<start + min(most, count - start)
        window = isSorted ? 0..<count : isReversed ? count - chosen.upperBound..<count - chosen.lowerBound : chosen
    }

    private mutating func read(_ record: Record) {
        elements.reserveCapacity(window.count)
        switch record.type {
        case .list:
            var reader = ListReader(record, from: window.lowerBound)
            while elements.count < window.count, let element = reader.next() { elements.append(element.value) }
        case .set:
            var position = 0
            _ = SetView(record).walk { member in
                if position >= window.lowerBound { elements.append(member) }
                position += 1
                return position < window.upperBound
            }
        case .sortedSet:
            SortedSet(record).forEach(in: window) { elements.append($0.member) }
        case .string, .hash, .stream: break
        }
    }

    // MARK: - Order

    mutating func sort(_ request: SortRequest, _ lookup: PatternLookup) throws(ReplyError) {
        let pattern = request.keepsOrder ? nil : request.byPattern
        if isAlphabetic {
            sortByText(request, pattern.map { pattern in elements.map { lookup.value(pattern, $0) } })
        } else {
            try sortByScore(request, pattern, lookup)
        }
    }

    private mutating func sortByScore(
        _ request: SortRequest, _ pattern: Pattern?, _ lookup: PatternLookup
    ) throws(ReplyError) {
        var weighted: [Weighted] = []
        weighted.reserveCapacity(elements.count)
        for index in elements.indices {
            var score = 0.0
            if let pattern {
                if let value = lookup.value(pattern, elements[index]) { score = try Sorting.score(value) }
            } else {
                score = try Sorting.score(elements[index])
            }
            weighted.append(Weighted(score: score, index: Int32(truncatingIfNeeded: index)))
        }
        let elements = elements
        if request.isDescending {
            weighted.sort { left, right in
                left.score != right.score
                    ? left.score > right.score : Sorting.isLess(elements, right, left)
            }
        } else {
            weighted.sort { left, right in
                left.score != right.score ? left.score < right.score : Sorting.isLess(elements, left, right)
            }
        }
        order = weighted
    }

    /// The number that a value says, with leading spaces if it likes; nothing means zero.
    @inline(__always)
    private static func score(_ value: StringValue) throws(ReplyError) -> Double {
        switch value {
        case .integer(let integer): return Double(integer)
        case .bytes(let bytes): return try score(bytes)
        }
    }

    private static func score(_ bytes: Bytes) throws(ReplyError) -> Double {
        let text = bytes.upToZero
        if text.isEmpty { return 0 }
        guard let score = NumberText.double(text[text.leadingSpaces..<text.count]) else { throw .scoreNotDouble }
        // Redis takes no number that is so near to zero that digits are lost.
        if score.isSubnormal { throw .scoreNotDouble }
        return score
    }

    /// Elements with the same score are ordered by their bytes.
    @inline(never)
    private static func isLess(_ elements: [StringValue], _ left: Weighted, _ right: Weighted) -> Bool {
        compare(elements[Int(left.index)], elements[Int(right.index)]) < 0
    }

    private static func compare(_ left: StringValue, _ right: StringValue) -> Int {
        if case .bytes(let left) = left, case .bytes(let right) = right { return left.compare(right) }
        return left.withBytes { left in right.withBytes { left.compare($0) } }
    }

    /// By `texts`, where there are such, else by the elements. No text comes before any.
    private mutating func sortByText(_ request: SortRequest, _ texts: [StringValue?]?) {
        let elements = elements
        let sign = request.isDescending ? -1 : 1
        order = elements.indices.map { Weighted(score: 0, index: Int32(truncatingIfNeeded: $0)) }
        order.sort { left, right in
            let (first, second) = (Int(left.index), Int(right.index))
            let comparison: Int
            if let texts {
                switch (texts[first], texts[second]) {
                case (nil, nil): comparison = 0
                case (nil, _): comparison = -1
                case (_, nil): comparison = 1
                case (let left?, let right?): comparison = Sorting.compare(left, right)
                }
            } else {
                comparison = Sorting.compare(elements[first], elements[second])
            }
            return comparison == 0 ? first < second : comparison * sign < 0
        }
    }

    // MARK: - Answer

    /// What is answered for the element at a position of the order.
    func answer(
        _ position: Int, _ request: SortRequest, _ lookup: PatternLookup, _ body: (StringValue?) -> Void
    ) {
        let index = isSorted ? Int(order[position].index) : isReversed ? count - 1 - position : position
        let element = elements[index - window.lowerBound]
        if request.getters.isEmpty { return body(element) }
        for getter in request.getters { body(lookup.value(getter, element)) }
    }
}
