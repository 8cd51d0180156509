extension Command {
    static let waiting: [Command] = [
        Command(
            "WAIT", .exactly(3), [.blocking],
            arguments: .integer("numreplicas"),
            .integer("timeout"),
            group: .generic, since: "3.0.0", complexity: "O(1)",
            summary: "Waits until enough replicas have what this client wrote.",
            categories: [.connection],
            tips: ["request_policy:all_shards", "response_policy:agg_min"],
            run: wait),
        Command(
            "WAITAOF", .exactly(4), [.blocking],
            arguments: .integer("numlocal"),
            .integer("numreplicas"),
            .integer("timeout"),
            group: .generic, since: "7.2.0", complexity: "O(1)",
            summary: "Waits until what this client wrote is in enough append-only files, here and on replicas.",
            categories: [.connection],
            tips: ["request_policy:all_shards", "response_policy:agg_min"],
            run: waitForFiles),
    ]
}

/// There are no replicas: whoever wants one waits for as long as they said.
private func wait(_ call: inout Call) throws(ReplyError) {
    let wanted = try call.arguments.integer()
    let deadline = try replicaDeadline(&call)

    guard wanted > 0, call.mayBlock else { return call.reply.integer(0) }
    call.engine.block(call.client, until: deadline) { $0.reply.integer(0) }
}

/// There is no append-only file either, and nothing to wait for here.
private func waitForFiles(_ call: inout Call) throws(ReplyError) {
    let outOfRange = ReplyError(line: "ERR value is out of range, must be positive")
    let notOneOrNone = ReplyError(line: "ERR value is out of range, value must between 0 and 1")
    let local = try call.arguments.integer()
    guard local == 0 || local == 1 else { throw notOneOrNone }
    let wanted = try call.arguments.integer(orThrow: outOfRange)
    guard wanted >= 0 else { throw outOfRange }
    let deadline = try replicaDeadline(&call)
    guard local == 0 else {
        throw ReplyError(line: "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
    }

    guard wanted > 0, call.mayBlock else { return call.reply.noFiles() }
    call.engine.block(call.client, until: deadline) { $0.reply.noFiles() }
}

extension ReplyWriter {
    /// How many files have it: the one here, and those of replicas.
    fileprivate func noFiles() {
        array(2)
        integer(0)
        integer(0)
    }
}

private func replicaDeadline(_ call: inout Call) throws(ReplyError) -> Int64? {
    let timeout = try call.arguments.integer(
        orThrow: ReplyError(line: "ERR timeout is not an integer or out of range"))
    guard timeout >= 0 else { throw .timeoutNegative }
    return try call.deadline(after: Int64(timeout))
}
