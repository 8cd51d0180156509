extension Command {
    static let stringNumbers: [Command] = [
        Command(
            "DECR", .exactly(2), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Takes one from the number at a key, which begins at 0.",
            run: decrement),
        Command(
            "DECRBY", .exactly(3), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .integer("decrement"),
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Takes a whole number from the number at a key, which begins at 0.",
            run: decrementBy),
        Command(
            "INCR", .exactly(2), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Adds one to the number at a key, which begins at 0.",
            run: increment),
        Command(
            "INCRBY", .exactly(3), [.write, .denyOOM, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .integer("increment"),
            group: .string, since: "1.0.0", complexity: "O(1)",
            summary: "Adds a whole number to the number at a key, which begins at 0.",
            run: incrementBy),
        Command(
            "INCRBYFLOAT", .exactly(3), [.write, .denyOOM, .fast],
            keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .double("increment"),
            group: .string, since: "2.6.0", complexity: "O(1)",
            summary: "Adds a number with decimals to the number at a key, which begins at 0.",
            run: incrementByFloat),
    ]
}

// MARK: - Whole numbers

private func decrement(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    try add(-1, to: key, &call)
}

private func decrementBy(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let decrement = try call.arguments.integer()
    guard decrement != .min else { throw .decrementOverflow }
    try add(-decrement, to: key, &call)
}

private func increment(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    try add(1, to: key, &call)
}

private func incrementBy(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    try add(try call.arguments.integer(), to: key, &call)
}

private func add(_ increment: Int, to key: Key, _ call: inout Call) throws(ReplyError) {
    guard var entry = try call.database.writableString(key) else {
        call.database.setInteger(key, increment)
        call.database.changed(key.bytes, .string, "incrby")
        return call.reply.integer(increment)
    }
    let value: Int
    switch entry.record.string {
    case .integer(let integer): value = integer
    case .bytes(let bytes):
        guard let integer = Int(strict: bytes) else { throw .notInteger }
        value = integer
    }
    let (sum, overflow) = value.addingReportingOverflow(increment)
    guard !overflow else { throw .overflow }
    call.database.setInteger(&entry, key, sum)
    call.database.changed(key.bytes, .string, "incrby")
    call.reply.integer(sum)
}

// MARK: - Numbers with decimals

private func incrementByFloat(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let text = try call.arguments.next()
    let old = try call.database.writableString(key)?.record.string
    guard let value = number(old ?? .integer(0)), let increment = NumberText.longDouble(text) else { throw .notFloat }
    let sum = value + increment
    guard sum.isFinite else { throw .notFinite }
    let (database, reply) = (call.database, call.reply)
    NumberText.withFixedText(of: sum) { text in
        // Bytes even where they read as a whole number: so OBJECT ENCODING says `embstr`.
        database.setBytes(key, text, deadline: .keep)
        reply.bulk(text)
    }
    call.database.changed(key.bytes, .string, "incrbyfloat")
}

private func number(_ value: StringValue) -> LongDouble? {
    switch value {
    case .integer(let integer): LongDouble(integer)
    case .bytes(let bytes): NumberText.longDouble(bytes)
    }
}
