extension Command {
    static let keys: [Command] = [
        Command(
            "COPY", .atLeast(3), [.write, .denyOOM],
            keys: .key([.readOnly, .access]), .key([.overwrite, .update], at: 2),
            arguments: .key("source", spec: 0),
            .key("destination", spec: 1),
            .integer("destination-db", token: "DB").optional,
            .token("REPLACE", name: "replace").optional,
            group: .generic, since: "6.2.0",
            complexity: """
                O(N) worst case for collections, where N is the number of nested items. O(1) for string values.
                """,
            summary: "Gives another key the same value and deadline.",
            run: copy),
        Command(
            "DEL", .atLeast(2), [.write], keys: .keys([.remove, .delete]),
            arguments: .key.multiple,
            group: .generic, since: "1.0.0",
            complexity: """
                O(N) where N is the number of keys that will be removed. When a key to remove holds a value other \
                than a string, the individual complexity for this key is O(M) where M is the number of elements in \
                the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).
                """,
            summary: "Removes keys with their values.",
            tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
            run: delete),
        Command(
            "EXISTS", .atLeast(2), [.readonly, .fast], keys: .keys([.readOnly]),
            arguments: .key.multiple,
            group: .generic, since: "1.0.0", complexity: "O(N) where N is the number of keys to check.",
            summary: "Counts how many of the keys there are.",
            tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
            run: exists),
        Command(
            "MOVE", .exactly(3), [.write, .fast], keys: .key([.readWrite, .access, .update]),
            arguments: .key,
            .integer("db"),
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Takes a key to another database.",
            run: move),
        Command(
            "OBJECT", group: .generic, since: "2.2.3",
            summary: "Groups the commands that look into how a value is kept.",
            subcommands: objectSubcommands),
        Command(
            "PERSIST", .exactly(2), [.write, .fast], keys: .key([.readWrite, .update]),
            arguments: .key,
            group: .generic, since: "2.2.0", complexity: "O(1)",
            summary: "Takes a key's deadline away.",
            run: persist),
        Command(
            "RANDOMKEY", .exactly(1), [.readonly],
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Draws a key of the database.",
            tips: ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
            run: randomKey),
        Command(
            "RENAME", .exactly(3), [.write],
            keys: .key([.readWrite, .access, .delete]), .key([.overwrite, .update], at: 2),
            arguments: .key,
            .key("newkey", spec: 1),
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Gives a key another name, and replaces the key that had it.",
            run: rename),
        Command(
            "RENAMENX", .exactly(3), [.write, .fast],
            keys: .key([.readWrite, .access, .delete]), .key([.overwrite, .insert], at: 2),
            arguments: .key,
            .key("newkey", spec: 1),
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Gives a key another name that no key has yet.",
            run: renameIfAbsent),
        Command(
            "TOUCH", .atLeast(2), [.readonly, .fast], keys: .keys([.readOnly]),
            arguments: .key.multiple,
            group: .generic, since: "3.2.1",
            complexity: """
                O(N) where N is the number of keys that will be touched.
                """,
            summary: "Counts how many of the keys there are, and those as used.",
            tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
            run: touch),
        Command(
            "TYPE", .exactly(2), [.readonly, .fast], keys: .key([.readOnly]),
            arguments: .key,
            group: .generic, since: "1.0.0", complexity: "O(1)",
            summary: "Answers what type of value a key holds.",
            run: type),
        Command(
            "UNLINK", .atLeast(2), [.write, .fast], keys: .keys([.remove, .delete]),
            arguments: .key.multiple,
            group: .generic, since: "4.0.0",
            complexity: """
                O(1) for each key removed regardless of its size. Then the command does O(N) work in a different \
                thread in order to reclaim memory, where N is the number of allocations the deleted objects where \
                composed of.
                """,
            summary: "Removes keys at once, and frees their values later where that takes long.",
            tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
            run: delete),
    ]

    private static let objectSubcommands: [Command] = [
        Command(
            "ENCODING", .exactly(3), [.readonly], keys: .key([.readOnly], at: 2),
            arguments: .key,
            group: .generic, since: "2.2.3", complexity: "O(1)",
            summary: "Answers how a value is laid out in memory.",
            tips: ["nondeterministic_output"],
            run: objectEncoding),
        Command(
            "FREQ", .exactly(3), [.readonly], keys: .key([.readOnly], at: 2),
            arguments: .key,
            group: .generic, since: "4.0.0", complexity: "O(1)",
            summary: "Answers how often a key is used, on a logarithmic scale.",
            tips: ["nondeterministic_output"],
            run: objectFrequency),
        Command(
            "HELP", .exactly(2), [.loading, .stale],
            group: .generic, since: "6.2.0", complexity: "O(1)",
            summary: "Explains the subcommands of OBJECT.",
            run: objectHelp),
        Command(
            "IDLETIME", .exactly(3), [.readonly], keys: .key([.readOnly], at: 2),
            arguments: .key,
            group: .generic, since: "2.2.3", complexity: "O(1)",
            summary: "Answers for how many seconds a key was not used.",
            tips: ["nondeterministic_output"],
            run: objectIdleTime),
        Command(
            "REFCOUNT", .exactly(3), [.readonly], keys: .key([.readOnly], at: 2),
            arguments: .key,
            group: .generic, since: "2.2.3", complexity: "O(1)",
            summary: "Answers how many keys share a value.",
            tips: ["nondeterministic_output"],
            run: objectReferenceCount),
    ]
}

extension ReplyError {
    fileprivate static let sameObject = ReplyError(line: "ERR source and destination objects are the same")
    fileprivate static let tracksNoFrequency = ReplyError(
        line: "ERR An LFU maxmemory policy is not selected, access frequency not tracked. "
            + "Please note that when switching between policies at runtime LRU and LFU data will take some time "
            + "to adjust.")
    fileprivate static let tracksNoIdleTime = ReplyError(
        line: "ERR An LFU maxmemory policy is selected, idle time not tracked. "
            + "Please note that when switching between policies at runtime LRU and LFU data will take some time "
            + "to adjust.")
}

extension Call {
    /// The database whose number is the next word.
    mutating func databaseByNumber() throws(ReplyError) -> Database {
        let number = try arguments.integer()
        guard Int32(exactly: number) != nil else { throw .notInt32 }
        guard engine.databases.indices.contains(number) else { throw .databaseOutOfRange }
        return engine.databases[number]
    }
}

// MARK: - Removing

private func delete(_ call: inout Call) throws(ReplyError) {
    let database = call.database
    var removed = 0
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.askForKeys(call)
        let key = try call.key()
        guard let entry = database.find(key) else { continue }
        database.remove(entry, key.hash)
        database.changed(key.bytes, .generic, "del")
        removed += 1
    }
    call.reply.integer(removed)
}

// MARK: - Copying and renaming

private func copy(_ call: inout Call) throws(ReplyError) {
    let source = try call.key()
    let target = try call.key()
    var database = call.database
    var replaces = false
    while !call.arguments.isEmpty {
        if call.arguments.take("REPLACE") {
            replaces = true
        } else if call.arguments.left > 1, call.arguments.take("DB") {
            database = try call.databaseByNumber()
        } else {
            throw .syntax
        }
    }
    if database === call.database, source.bytes == target.bytes { throw .sameObject }

    guard let record = call.database.read(source) else { return call.reply.integer(0) }
    if let existing = database.write(target) {
        guard replaces else { return call.reply.integer(0) }
        database.remove(existing, target.hash)
    }
    database.makeWay(for: target)
    call.database.copy(record, to: target, in: database)
    database.changed(target.bytes, .generic, "copy_to")
    call.reply.integer(1)
}

private func move(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let target = try call.databaseByNumber()
    guard target !== call.database else { throw .sameObject }

    guard let entry = call.database.write(key), target.write(key) == nil else { return call.reply.integer(0) }
    target.makeWay(for: key)
    call.database.move(entry, key.hash, to: key, in: target)
    call.database.touched(key.bytes)
    call.database.notify(key.bytes, .generic, "move_from")
    target.changed(key.bytes, .generic, "move_to")
    call.reply.integer(1)
}

private func rename(_ call: inout Call) throws(ReplyError) {
    _ = try renameKey(&call, replaces: true)
    call.reply.ok()
}

private func renameIfAbsent(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(try renameKey(&call, replaces: false) ? 1 : 0)
}

/// False where the new name is taken and may not be.
private func renameKey(_ call: inout Call, replaces: Bool) throws(ReplyError) -> Bool {
    let source = try call.key()
    let target = try call.key()
    let database = call.database
    guard database.write(source) != nil else { throw .noSuchKey }
    if source.bytes == target.bytes { return false }

    if let existing = database.write(target) {
        guard replaces else { return false }
        database.remove(existing, target.hash)
    }
    database.makeWay(for: target)
    // Looked up again, for what went since may have moved the entry.
    guard let entry = database.find(source) else { throw .noSuchKey }
    database.move(entry, source.hash, to: target, in: database)
    database.touched(source.bytes)
    database.notify(source.bytes, .generic, "rename_from")
    database.changed(target.bytes, .generic, "rename_to")
    return true
}

// MARK: - Looking

private func exists(_ call: inout Call) throws(ReplyError) {
    var found = 0
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.askForKeys(call)
        if call.database.peek(try call.key()) != nil { found += 1 }
    }
    call.reply.integer(found)
}

private func touch(_ call: inout Call) throws(ReplyError) {
    // It is for this that a client under NO-TOUCH has the command.
    let keyspace = call.database.keyspace
    let touchesKeys = keyspace.touchesKeys
    keyspace.touchesKeys = true
    defer { keyspace.touchesKeys = touchesKeys }
    var found = 0
    var ahead = Lookahead()
    while !call.arguments.isEmpty {
        ahead.askForKeys(call)
        if call.database.read(try call.key()) != nil { found += 1 }
    }
    call.reply.integer(found)
}

private func type(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.peek(try call.key()) else { return call.reply.simple("none") }
    call.reply.simple(record.type.name)
}

private func randomKey(_ call: inout Call) {
    guard let record = call.database.randomRecord() else { return call.reply.null() }
    call.reply.bulk(record.key)
}

private func persist(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    guard var entry = call.database.write(key), entry.record.deadline != Record.noDeadline else {
        return call.reply.integer(0)
    }
    call.database.setDeadline(&entry, key.hash, Record.noDeadline)
    call.database.changed(key.bytes, .generic, "persist")
    call.reply.integer(1)
}

// MARK: - OBJECT

private func objectEncoding(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.peek(try call.key(), notifies: false) else { return call.reply.null() }
    call.reply.bulk(record.encoding)
}

private func objectReferenceCount(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.peek(try call.key(), notifies: false) else { return call.reply.null() }
    call.reply.integer(call.engine.references(to: record))
}

extension Engine {
    /// What OBJECT REFCOUNT tells. Nothing is shared here; Redis shares small integers, unless it has to know when each
    /// was used.
    func references(to record: Record) -> Int {
        let keepsApart = settings.maxMemory > 0 && (settings.maxMemoryPolicy.isLFU || settings.maxMemoryPolicy.isLRU)
        let isShared =
            record.form == .integer && ValueKind.sharedIntegers.contains(record.integer)
            && record.kind != ValueKind.copiedInteger && !keepsApart
        return isShared ? Int(Int32.max) : 1
    }
}

private func objectIdleTime(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.peek(try call.key(), notifies: false) else { return call.reply.null() }
    guard !call.database.keyspace.countsFrequency else { throw .tracksNoIdleTime }
    call.reply.integer(call.database.keyspace.idleSeconds(record))
}

private func objectFrequency(_ call: inout Call) throws(ReplyError) {
    guard let record = call.database.peek(try call.key(), notifies: false) else { return call.reply.null() }
    let keyspace = call.database.keyspace
    guard keyspace.countsFrequency else { throw .tracksNoFrequency }
    call.reply.integer(keyspace.frequency(record))
}

private func objectHelp(_ call: inout Call) {
    let lines: [StaticString] = [
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>",
        "    How the value of <key> is laid out in memory.",
        "FREQ <key>",
        "    How often <key> is used, as the counter of the LFU policies: it grows with the",
        "    logarithm of the uses, and shrinks with time.",
        "IDLETIME <key>",
        "    For how many seconds nobody has used <key>.",
        "REFCOUNT <key>",
        "    How many keys share the value of <key>.",
        "HELP",
        "    This text.",
    ]
    call.reply.array(lines.count)
    for line in lines { call.reply.simple(line) }
}
