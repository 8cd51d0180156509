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
            run: wait)
    ]
}

/// There are no replicas: whoever wants one waits for as long as they said.
private func wait(_ call: inout Call) throws(ReplyError) {
    let wanted = try call.arguments.integer()
    let timeout = try call.arguments.integer(
        orThrow: ReplyError(line: "ERR timeout is not an integer or out of range"))
    guard timeout >= 0 else { throw .timeoutNegative }
    let deadline = try call.deadline(after: Int64(timeout))

    guard wanted > 0, call.mayBlock else { return call.reply.integer(0) }
    call.engine.block(call.client, until: deadline) { $0.reply.integer(0) }
}
