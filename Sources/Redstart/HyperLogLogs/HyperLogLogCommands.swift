extension Command {
    static let hyperLogLogs: [Command] = [
        Command(
            "PFADD", .atLeast(2), [.write, .denyOOM, .fast], keys: .key([.readWrite, .insert]),
            arguments: .key,
            .string("element").optional.multiple,
            group: .hyperloglog, since: "2.8.9", complexity: "O(1) to add every element.",
            summary: "Adds elements to a HyperLogLog, which begins empty.",
            run: add),
        Command(
            "PFCOUNT", .atLeast(2), [.readonly, .mayReplicate], keys: .keys([.readWrite, .access]),
            arguments: .key.multiple,
            group: .hyperloglog, since: "2.8.9",
            complexity: """
                O(1) with a very small average constant time when called with a single key. O(N) with N being the \
                number of keys, and much bigger constant times, when called with multiple keys.
                """,
            summary: "Estimates how many different elements were added to one or several HyperLogLogs.",
            run: count),
        Command(
            "PFDEBUG", .exactly(3), [.write, .denyOOM, .admin], keys: .key([.readWrite, .access], at: 2),
            arguments: .string("subcommand"),
            .key,
            group: .hyperloglog, since: "2.8.9", complexity: "N/A",
            summary: "Shows or changes how a HyperLogLog is stored.",
            isInternal: true, run: debug),
        Command(
            "PFMERGE", .atLeast(2), [.write, .denyOOM],
            keys: .key([.readWrite, .access, .insert]),
            .keys([.readOnly, .access], from: 2),
            arguments: .key("destkey", spec: 0),
            .key("sourcekey", spec: 1).optional.multiple,
            group: .hyperloglog, since: "2.8.9",
            complexity: """
                O(N) to merge N HyperLogLogs, but with high constant times.
                """,
            summary: "Adds to a HyperLogLog all that others counted.",
            run: merge),
        Command(
            "PFSELFTEST", .exactly(1), [.admin],
            group: .hyperloglog, since: "2.8.9", complexity: "N/A",
            summary: "Tests the server's HyperLogLogs.",
            isInternal: true, run: selfTest),
    ]
}

private func add(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    var changes = 0
    var change = try hyperLogLog(&call, key, &changes)
    while !call.arguments.isEmpty {
        switch change.add(try call.arguments.next()) {
        case .unchanged: break
        case .changed: changes += 1
        case .corrupted: throw .corruptedHyperLogLog
        }
    }
    if changes > 0 {
        change.forgetEstimate()
        call.database.changed(key.bytes, .string, "pfadd", changes: changes)
    }
    call.reply.integer(changes > 0 ? 1 : 0)
}

/// The HyperLogLog at `key`, to be changed. Where there is none it is made, which is a change.
private func hyperLogLog(
    _ call: inout Call, _ key: Key, _ changes: inout Int
) throws(ReplyError) -> HyperLogLogChange {
    let entry: Entry
    if let found = try call.database.writableString(key) {
        guard HyperLogLog.encoding(found.record.bytes) != nil else { throw .notHyperLogLog }
        entry = found
    } else {
        entry = HyperLogLog.empty.withBytes { call.database.insertInline(key, $0, ValueKind.rawString).entry }
        changes += 1
    }
    return HyperLogLogChange(
        entry, in: call.database.table, mostSparseBytes: call.engine.settings.sparseHyperLogLogBytes)
}

private func count(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left == 1 else { return try countAll(&call) }
    let key = try call.key()
    guard let entry = call.database.readEntry(key) else { return call.reply.integer(0) }
    try check(entry.record)
    entry.record.kind = ValueKind.rawString
    if let kept = HyperLogLog.estimate(kept: entry.record.bytes) { return call.reply.integer(kept) }
    guard let histogram = HyperLogLog.histogram(entry.record.bytes) else { throw .corruptedHyperLogLog }
    let estimate = HyperLogLog.estimate(histogram)
    HyperLogLog.keep(estimate, in: call.database.table.mutableBytes(entry))
    call.database.changed(key.bytes)
    call.reply.integer(estimate)
}

private func check(_ record: Record) throws(ReplyError) {
    guard record.type == .string else { throw .wrongType }
    guard HyperLogLog.encoding(record.bytes) != nil else { throw .notHyperLogLog }
}

/// Raises `maxima` to all HyperLogLogs that the words that are left name. Whether one of them is dense.
private func raise(_ maxima: inout RegisterMaxima, _ call: inout Call) throws(ReplyError) -> Bool {
    var hasDense = false
    while !call.arguments.isEmpty {
        guard let record = call.database.read(try call.key()) else { continue }
        try check(record)
        if HyperLogLog.encoding(record.bytes) == .dense { hasDense = true }
        guard HyperLogLog.raise(&maxima, to: record.bytes) else { throw .corruptedHyperLogLog }
    }
    return hasDense
}

private func countAll(_ call: inout Call) throws(ReplyError) {
    var maxima = RegisterMaxima()
    _ = try raise(&maxima, &call)
    call.reply.integer(HyperLogLog.estimate(maxima.histogram))
}

private func merge(_ call: inout Call) throws(ReplyError) {
    var maxima = RegisterMaxima()
    // The target is one of the sources.
    let hasDense = try raise(&maxima, &call)
    call.arguments.move(to: 1)
    let key = try call.key()
    var changes = 0
    var change = try hyperLogLog(&call, key, &changes)
    if hasDense {
        change.makeDense(maxima)
    } else if !change.raiseAll(to: maxima) {
        throw .corruptedHyperLogLog
    }
    change.forgetEstimate()
    call.database.changed(key.bytes, .string, "pfadd")
    call.reply.ok()
}

// MARK: - Looking inside

private func debug(_ call: inout Call) throws(ReplyError) {
    let subcommand = try call.arguments.next()
    let key = try call.key()
    guard let entry = call.database.write(key) else { throw .missingHyperLogLog }
    try check(entry.record)
    var change = HyperLogLogChange(
        entry, in: call.database.table, mostSparseBytes: call.engine.settings.sparseHyperLogLogBytes)
    if subcommand.matches("GETREG") {
        _ = try makeDense(&change, key, call)
        let registers = HyperLogLog.registers(change.value)
        call.reply.array(PackedRegisters.count)
        for index in 0..<PackedRegisters.count {
            call.reply.integer(Int(PackedRegisters.value(registers, index)))
        }
    } else if subcommand.matches("DECODE") {
        guard !change.isDense else { throw .notSparse }
        call.reply.bulk(SparseRegisters(HyperLogLog.registers(change.value)).text)
    } else if subcommand.matches("ENCODING") {
        call.reply.simple(change.isDense ? "dense" : "sparse")
    } else if subcommand.matches("TODENSE") {
        call.reply.integer(try makeDense(&change, key, call) ? 1 : 0)
    } else {
        throw ReplyError("ERR Unknown PFDEBUG subcommand '", quoting: subcommand)
    }
}

/// Whether it was not dense before.
private func makeDense(_ change: inout HyperLogLogChange, _ key: Key, _ call: Call) throws(ReplyError) -> Bool {
    guard !change.isDense else { return false }
    guard change.makeDense() else { throw .corruptedHyperLogLog }
    call.database.changed(key.bytes)
    return true
}

private func selfTest(_ call: inout Call) throws(ReplyError) {
    guard HyperLogLogTest.registersHold(call.engine.random) else {
        throw ReplyError(line: "TESTFAILED Registers do not hold what was written to them")
    }
    guard let error = HyperLogLogTest.largestError(call.engine.random) else {
        throw ReplyError(line: "TESTFAILED Dense and sparse estimates differ")
    }
    guard error < 1 else { throw ReplyError(line: "TESTFAILED Too high error") }
    call.reply.ok()
}
