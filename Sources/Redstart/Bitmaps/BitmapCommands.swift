extension Command {
    static let bitmaps: [Command] = [
        Command(
            "BITCOUNT", .atLeast(2), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .block(
                "range",
                .integer("start"),
                .integer("end"),
                .oneOf(
                    "unit",
                    .token("BYTE", name: "byte"),
                    .token("BIT", name: "bit")
                ).optional.since("7.0.0")
            ).optional,
            group: .bitmap, since: "2.6.0", complexity: "O(N)",
            summary: "Counts the bits of a string that are set.",
            run: bitCount),
        Command(
            "BITFIELD", .atLeast(2), [.write, .denyOOM],
            keys: .key([.readWrite, .access, .update, .variable]),
            arguments: .key,
            .oneOf(
                "operation",
                .block(
                    "get-block", token: "GET",
                    .string("encoding"),
                    .integer("offset")),
                .block(
                    "write",
                    .oneOf(
                        "overflow-block", token: "OVERFLOW",
                        .token("WRAP", name: "wrap"),
                        .token("SAT", name: "sat"),
                        .token("FAIL", name: "fail")
                    ).optional,
                    .oneOf(
                        "write-operation",
                        .block(
                            "set-block", token: "SET",
                            .string("encoding"),
                            .integer("offset"),
                            .integer("value")),
                        .block(
                            "incrby-block", token: "INCRBY",
                            .string("encoding"),
                            .integer("offset"),
                            .integer("increment"))))
            ).optional.multiple,
            group: .bitmap, since: "3.2.0", complexity: "O(1) for each subcommand specified",
            summary: "Reads, sets and increments numbers of any width within a string.",
            findKeys: keysOfBitField,
            run: bitField),
        Command(
            "BITFIELD_RO", .atLeast(2), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .block(
                "get-block", token: "GET",
                .string("encoding"),
                .integer("offset")
            ).optional.multiple.multipleToken,
            group: .bitmap, since: "6.0.0", complexity: "O(1) for each subcommand specified",
            summary: "Reads numbers of any width within a string.",
            run: readBitField),
        Command(
            "BITOP", .atLeast(4), [.write, .denyOOM],
            keys: .key([.overwrite, .update], at: 2),
            .keys([.readOnly, .access], from: 3),
            arguments: .oneOf(
                "operation",
                .token("AND", name: "and"),
                .token("OR", name: "or"),
                .token("XOR", name: "xor"),
                .token("NOT", name: "not")),
            .key("destkey", spec: 0),
            .key("key", spec: 1).multiple,
            group: .bitmap, since: "2.6.0", complexity: "O(N)",
            summary: "Combines the bits of several strings, and stores the result.",
            run: bitOperation),
        Command(
            "BITPOS", .atLeast(3), [.readonly], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("bit"),
            .block(
                "range",
                .integer("start"),
                .block(
                    "end-unit-block",
                    .integer("end"),
                    .oneOf(
                        "unit",
                        .token("BYTE", name: "byte"),
                        .token("BIT", name: "bit")
                    ).optional.since("7.0.0")
                ).optional
            ).optional,
            group: .bitmap, since: "2.8.7", complexity: "O(N)",
            summary: "Finds the first bit of a string that is set, or that is not.",
            run: bitPosition),
        Command(
            "GETBIT", .exactly(3), [.readonly, .fast], keys: .key([.readOnly, .access]),
            arguments: .key,
            .integer("offset"),
            group: .bitmap, since: "2.2.0", complexity: "O(1)",
            summary: "Answers one bit of a string.",
            run: getBit),
        Command(
            "SETBIT", .exactly(4), [.write, .denyOOM], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .integer("offset"),
            .integer("value"),
            group: .bitmap, since: "2.2.0", complexity: "O(1)",
            summary: "Sets or clears one bit of a string, and answers what it was.",
            run: setBit),
    ]
}

/// A bit's position as SETBIT and its kin take it.
private func bitOffset(_ call: inout Call) throws(ReplyError) -> Int {
    let offset = try call.arguments.integer(orThrow: .bitOffset)
    guard offset >= 0, offset >> 3 < call.engine.maxBulkBytes else { throw .bitOffset }
    return offset
}

// MARK: - Single bits

private func setBit(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let offset = try bitOffset(&call)
    let bit = try call.arguments.integer(orThrow: .bitValue)
    guard bit & 1 == bit else { throw .bitValue }

    let found = try call.database.writableString(key)
    let oldCount = found?.record.string.count ?? 0
    let bytes = call.database.writableBytes(key, found, atLeast: offset >> 3 + 1)
    let old = bytes.bytes.bit(at: offset) ? 1 : 0
    // What changes nothing is no change, yet it turns a number into bytes.
    if old != bit || bytes.count > oldCount {
        bytes.setBit(at: offset, bit == 1)
        call.database.changed(key.bytes, .string, "setbit")
    }
    call.reply.integer(old)
}

private func getBit(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let offset = try bitOffset(&call)
    let bit = try call.database.string(key)?.withBytes { $0.bit(at: offset) } ?? false
    call.reply.integer(bit ? 1 : 0)
}

// MARK: - Counting and finding

/// Whether the last word of a range says that it counts bits.
private func takeUnit(_ call: inout Call) throws(ReplyError) -> Bool {
    if call.arguments.isEmpty || call.arguments.take("BYTE") { return false }
    guard call.arguments.take("BIT") else { throw .syntax }
    return true
}

private func bitCount(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard !call.arguments.isEmpty else {
        return call.reply.integer(try call.database.string(key)?.withBytes { $0.bitCount } ?? 0)
    }
    guard call.arguments.left == 2 || call.arguments.left == 3 else { throw .syntax }
    let start = try call.arguments.integer()
    let end = try call.arguments.integer()
    let countsBits = try takeUnit(&call)

    let count = try call.database.string(key)?.withBytes { bytes in
        guard countsBits else { return bytes[Range(start, through: end, of: bytes.count)].bitCount }
        return bytes.bitCount(Range(start, through: end, of: bytes.count * 8))
    }
    call.reply.integer(count ?? 0)
}

private func bitPosition(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let bit = try call.arguments.integer()
    guard bit & 1 == bit else { throw .bitArgument }
    guard call.arguments.left <= 3 else { throw .syntax }
    let hasEnd = call.arguments.left >= 2
    let start = call.arguments.isEmpty ? 0 : try call.arguments.integer()
    // The unit is looked at before the end.
    let position = call.arguments.position
    call.arguments.skip()
    let countsBits = hasEnd ? try takeUnit(&call) : false
    call.arguments.move(to: position)
    let end = hasEnd ? try call.arguments.integer() : -1

    guard let value = try call.database.string(key) else { return call.reply.integer(-bit) }
    let found = value.withBytes { bytes in
        let unit = countsBits ? 1 : 8
        let range = Range(clamping: start, through: end, of: bytes.count * 8 / unit)
        if range.isEmpty { return -1 }
        let bits = range.lowerBound * unit..<range.upperBound * unit
        // A string without an end is followed by zeros.
        return bytes.firstBit(bit == 1, in: bits) ?? (bit == 0 && !hasEnd ? bytes.count * 8 : -1)
    }
    call.reply.integer(found)
}

// MARK: - Combining

private func bitOperation(_ call: inout Call) throws(ReplyError) {
    let operation: BitOperation
    if call.arguments.take("AND") {
        operation = .and
    } else if call.arguments.take("OR") {
        operation = .or
    } else if call.arguments.take("XOR") {
        operation = .xor
    } else if call.arguments.take("NOT") {
        operation = .not
    } else {
        throw .syntax
    }
    let target = try call.key()
    guard operation != .not || call.arguments.left == 1 else { throw .singleSource }

    var sources = ByteSources(capacity: call.arguments.left)
    while !call.arguments.isEmpty {
        sources.append(try call.database.string(try call.key()) ?? .bytes(.empty))
    }
    let count = sources.longest
    if count > 0 {
        call.database.setResult(target, of: operation, &sources)
        call.database.changed(target.bytes, .string, "set")
    } else if let entry = call.database.find(target) {
        call.database.remove(entry, target.hash)
        call.database.changed(target.bytes, .generic, "del")
    }
    call.reply.integer(count)
}

// MARK: - Fields

private func bitField(_ call: inout Call) throws(ReplyError) { try bitField(&call, mayWrite: true) }

private func readBitField(_ call: inout Call) throws(ReplyError) { try bitField(&call, mayWrite: false) }

/// One of BITFIELD's operations.
private struct FieldOperation {
    enum Kind { case get, set, increment }

    let kind: Kind
    let field: BitField
    let offset: Int
    let value: Int
}

/// All words are checked before anything is done.
private func bitField(_ call: inout Call, mayWrite: Bool) throws(ReplyError) {
    let key = try call.key()
    let first = call.arguments.position
    var overflow = Overflow.wrap
    var operations = 0
    var end = 0
    while let operation = try nextOperation(&call, &overflow) {
        operations += 1
        if operation.kind != .get { end = max(end, operation.offset + operation.field.width) }
    }
    guard mayWrite || end == 0 else { throw .onlyGet }

    call.arguments.move(to: first)
    if end == 0 {
        let value = try call.database.string(key) ?? .bytes(.empty)
        call.reply.array(operations)
        while let operation = try nextOperation(&call, &overflow) {
            let bits = value.withBytes { $0.bitField(at: operation.offset, width: operation.field.width) }
            call.reply.integer(operation.field.number(bits))
        }
    } else {
        try changeFields(&call, key, operations, end)
    }
}

private func changeFields(_ call: inout Call, _ key: Key, _ operations: Int, _ end: Int) throws(ReplyError) {
    let found = try call.database.writableString(key)
    let oldCount = found?.record.string.count ?? 0
    let bytes = call.database.writableBytes(key, found, atLeast: (end + 7) >> 3)
    let hasGrown = bytes.count > oldCount
    var changes = 0
    var overflow = Overflow.wrap
    call.reply.array(operations)
    while let operation = try nextOperation(&call, &overflow) {
        let field = operation.field
        let old = field.number(bytes.bytes.bitField(at: operation.offset, width: field.width))
        let new: Int?
        switch operation.kind {
        case .get: new = old
        case .set: new = field.fitting(operation.value, overflow)
        case .increment: new = field.adding(operation.value, to: old, overflow)
        }
        guard let new else {
            call.reply.null()
            continue
        }
        call.reply.integer(operation.kind == .increment ? new : old)
        guard operation.kind != .get, new != old || hasGrown else { continue }
        bytes.setBitField(at: operation.offset, width: field.width, UInt64(bitPattern: Int64(new)))
        changes += 1
    }
    if changes > 0 { call.database.changed(key.bytes, .string, "setbit", changes: changes) }
}

/// The next operation, if there is one; those that only say what to do with an overflow do so on the way.
private func nextOperation(_ call: inout Call, _ overflow: inout Overflow) throws(ReplyError) -> FieldOperation? {
    while !call.arguments.isEmpty {
        let kind: FieldOperation.Kind
        if call.arguments.left >= 3, call.arguments.take("GET") {
            kind = .get
        } else if call.arguments.left >= 4, call.arguments.take("SET") {
            kind = .set
        } else if call.arguments.left >= 4, call.arguments.take("INCRBY") {
            kind = .increment
        } else if call.arguments.left >= 2, call.arguments.take("OVERFLOW") {
            overflow = try takeOverflow(&call)
            continue
        } else {
            throw .syntax
        }
        guard let field = BitField(try call.arguments.next()) else { throw .bitFieldType }
        let offset = try fieldOffset(&call, field)
        let value = kind == .get ? 0 : try call.arguments.integer()
        return FieldOperation(kind: kind, field: field, offset: offset, value: value)
    }
    return nil
}

private func takeOverflow(_ call: inout Call) throws(ReplyError) -> Overflow {
    if call.arguments.take("WRAP") { return .wrap }
    if call.arguments.take("SAT") { return .saturate }
    if call.arguments.take("FAIL") { return .fail }
    throw .overflowType
}

/// A position in bits, or with a `#` in fields. The product wraps around, as in Redis.
private func fieldOffset(_ call: inout Call, _ field: BitField) throws(ReplyError) -> Int {
    guard let word = call.arguments.peek, !word.isEmpty, word[0] == UInt8(ascii: "#") else {
        return try bitOffset(&call)
    }
    call.arguments.skip()
    guard let number = Int(strict: word[1..<word.count]) else { throw .bitOffset }
    let offset = number &* field.width
    guard offset >= 0, offset >> 3 < call.engine.maxBulkBytes else { throw .bitOffset }
    return offset
}
