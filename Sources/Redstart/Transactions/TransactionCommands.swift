extension Command {
    static let transactions: [Command] = [
        Command(
            "DISCARD", .exactly(1), [.noScript, .loading, .stale, .fast, .allowBusy, .notQueued],
            group: .transactions, since: "2.0.0", complexity: "O(N), when N is the number of queued commands",
            summary: "Ends a transaction without running it.",
            run: discard),
        Command(
            "EXEC", .exactly(1), [.noScript, .loading, .stale, .skipSlowLog, .notQueued],
            group: .transactions, since: "1.2.0", complexity: "Depends on commands in the transaction",
            summary: "Runs all commands of a transaction, with nobody else's between them.",
            run: execute),
        Command(
            "MULTI", .exactly(1), [.noScript, .loading, .stale, .fast, .allowBusy, .notQueued],
            group: .transactions, since: "1.2.0", complexity: "O(1)",
            summary: "Begins a transaction: further commands wait for EXEC.",
            run: multi),
        Command(
            "UNWATCH", .exactly(1), [.noScript, .loading, .stale, .fast, .allowBusy],
            group: .transactions, since: "2.2.0", complexity: "O(1)",
            summary: "Forgets the keys that this connection watches.",
            run: unwatch),
        Command(
            "WATCH", .atLeast(2), [.noScript, .loading, .stale, .fast, .allowBusy, .notQueued],
            keys: .keys([.readOnly]),
            arguments: .key.multiple,
            group: .transactions, since: "2.2.0", complexity: "O(1) for every key.",
            summary: "Lets the next transaction run only if none of the keys has changed by then.",
            run: watch),
    ]
}

private func multi(_ call: inout Call) throws(ReplyError) {
    guard call.client.transaction == nil else { throw .nestedMulti }
    call.engine.beginTransaction(call.client)
    call.reply.ok()
}

private func execute(_ call: inout Call) throws(ReplyError) {
    let (engine, client) = (call.engine, call.client)
    guard let transaction = client.transaction else { throw .execWithoutMulti }
    guard !transaction.isAborted else {
        engine.endTransaction(client)
        throw .transactionAborted
    }
    if client.flags.contains(.dirtyWatch) || engine.hasDeadWatch(client) {
        engine.endTransaction(client)
        return call.reply.nullArray()
    }
    engine.runTransaction(client, call.reply)
    call.database = engine.databases[client.database]
}

private func discard(_ call: inout Call) throws(ReplyError) {
    guard call.client.transaction != nil else { throw .discardWithoutMulti }
    call.engine.endTransaction(call.client)
    call.reply.ok()
}

private func watch(_ call: inout Call) throws(ReplyError) {
    guard call.client.transaction == nil else { throw .watchInsideMulti }
    while !call.arguments.isEmpty { call.engine.watch(try call.key(), call.database, call.client) }
    call.reply.ok()
}

private func unwatch(_ call: inout Call) throws(ReplyError) {
    call.engine.unwatch(call.client)
    call.reply.ok()
}

extension ReplyError {
    fileprivate static let nestedMulti = ReplyError(line: "ERR MULTI calls can not be nested")
    fileprivate static let execWithoutMulti = ReplyError(line: "ERR EXEC without MULTI")
    fileprivate static let discardWithoutMulti = ReplyError(line: "ERR DISCARD without MULTI")
    fileprivate static let watchInsideMulti = ReplyError(line: "ERR WATCH inside MULTI is not allowed")
    fileprivate static let transactionAborted = ReplyError(
        line: "EXECABORT Transaction discarded because of previous errors.")
    static let notInTransaction = ReplyError(line: "ERR Command not allowed inside a transaction")

    /// What EXEC answers when it is refused itself: the reason, without the code that says nothing.
    func abortingTransaction() -> ReplyError {
        let reason = line.hasPrefix("ERR ") ? String(line.dropFirst(4)) : line
        return ReplyError(line: "EXECABORT Transaction discarded because of: \(reason)")
    }
}
