/// A hash of few fields: one `PackedList` of fields, each with its value behind it, and with its deadline behind that in
/// a hash that has had deadlines. There the fields are ordered as Redis orders them: by their deadlines, those without
/// one, which have a 0 for it, at the end. So the next deadline is the first one, and all fields are due if the last is.
///
/// Finding a field costs a walk over the list: some nanoseconds a field, which for the few hundred that the settings
/// allow is less than the memory a table would take is worth.
///
/// This is a view, good until the list changes.
struct SmallHash {
    let list: PackedList
    let hasDeadlines: Bool

    @inline(__always)
    init(_ list: PackedList, hasDeadlines: Bool) {
        self.list = list
        self.hasDeadlines = hasDeadlines
    }

    /// A field: its own element, its value, and its deadline where it has one.
    struct Field {
        let field: PackedList.Element
        let value: PackedList.Element
        let deadline: Int64
        /// Where the next field begins.
        let end: Int

        @inline(__always)
        var range: Range<Int> { field.offset..<end }
    }

    /// How many elements a field has.
    @inline(__always)
    var stride: Int { hasDeadlines ? 3 : 2 }

    /// How many fields there are, those included whose time has come.
    @inline(__always)
    var count: Int { hasDeadlines ? list.count / 3 : list.count &>> 1 }

    /// The field that begins at `offset`.
    @inline(__always)
    subscript(offset: Int) -> Field { field(list[offset]) }

    @inline(__always)
    private func field(_ field: PackedList.Element) -> Field {
        let value = list[field.end]
        guard hasDeadlines else {
            return Field(field: field, value: value, deadline: Record.noDeadline, end: value.end)
        }
        let element = list[value.end]
        return Field(field: field, value: value, deadline: SmallHash.deadline(element), end: element.end)
    }

    @inline(__always)
    private static func deadline(_ element: PackedList.Element) -> Int64 {
        guard case .integer(let time) = element.value, time != 0 else { return Record.noDeadline }
        return Int64(time)
    }

    @inline(__always)
    func find(_ name: Bytes) -> Field? {
        if hasDeadlines { return list.find(name, stride: 3).map { field($0) } }
        return list.find(name, stride: 2).map { field($0) }
    }

    /// The element that stands for a deadline.
    static func element(_ deadline: Int64) -> PackedValue {
        PackedValue(deadline == Record.noDeadline ? 0 : Int(deadline))
    }

    /// The deadline of the first field, which is the earliest of all.
    var nextDeadline: Int64 {
        guard hasDeadlines, !list.isEmpty else { return Record.noDeadline }
        return self[list.start].deadline
    }

    /// The deadline of the last field: `Record.noDeadline` where any field has none.
    var lastDeadline: Int64 {
        guard hasDeadlines, !list.isEmpty else { return Record.noDeadline }
        return SmallHash.deadline(list[list.offset(before: list.end)])
    }

    /// Where a field with that deadline belongs: before those with the same.
    func place(for deadline: Int64) -> Int {
        guard deadline != Record.noDeadline else { return list.end }
        var offset = list.start
        while offset < list.end {
            let field = self[offset]
            if field.deadline >= deadline { return offset }
            offset = field.end
        }
        return offset
    }

    /// How many fields, at most `most`, have a deadline up to `moment`, and where the first of the others begins.
    func due(_ moment: Int64, most: Int = .max) -> (count: Int, end: Int) {
        var due = 0
        var offset = list.start
        while hasDeadlines, due < most, offset < list.end {
            let field = self[offset]
            if field.deadline > moment { break }
            offset = field.end
            due += 1
        }
        return (due, offset)
    }

    /// Visits the fields that are alive at `now`, in their order.
    @inline(__always)
    func forEach(_ now: Int64, _ body: (Field) -> Void) {
        var offset = list.start
        let end = list.end
        while offset < end {
            let field = self[offset]
            if field.deadline > now { body(field) }
            offset = field.end
        }
    }

    /// The list is whole, no field is there twice, and the fields are in order. Debug builds only.
    func checkInvariants() {
        #if DEBUG
        list.checkInvariants()
        precondition(list.count % stride == 0)
        var names: Set<[UInt8]> = []
        var previous: Int64 = 0
        var offset = list.start
        while offset < list.end {
            let field = self[offset]
            precondition(names.insert(field.field.value.array).inserted, "a field is there twice")
            precondition(field.deadline >= previous, "the fields are not ordered by their deadlines")
            previous = field.deadline
            offset = field.end
        }
        #endif
    }
}

/// Changing a small hash.
extension SplicedBytes {
    @inline(__always)
    func hash(hasDeadlines: Bool) -> SmallHash { SmallHash(list, hasDeadlines: hasDeadlines) }

    /// Adds a field that is known to be absent, without a deadline: at the end.
    @inline(__always)
    mutating func append(_ field: PackedValue, _ value: PackedValue, hasDeadlines: Bool) {
        if hasDeadlines {
            insert(field, value, SmallHash.element(Record.noDeadline), at: list.end)
        } else {
            insert(field, value, at: list.end)
        }
    }

    /// Gives a field of a hash with deadlines another deadline, and its place by it.
    mutating func move(_ field: SmallHash.Field, to deadline: Int64, _ slabs: Slabs) {
        // Field and value leave the list for a moment.
        let pair = field.field.offset..<field.value.end
        let kept = PackedBlock(slabs, list.bytes[pair])
        defer { kept.free() }
        remove(field.range, count: 3)
        let element = SmallHash.element(deadline)
        insert(raw: kept.bytes, count: 2, element, at: hash(hasDeadlines: true).place(for: deadline))
    }
}
