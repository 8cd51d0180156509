extension Command {
    static let slowLog = Command(
        "SLOWLOG", .atLeast(2), [], group: .server, since: "2.2.12",
        summary: "Tells of the commands that took long.",
        subcommands: [
            Command(
                "RESET", .exactly(2), [.admin, .loading, .stale],
                group: .server, since: "2.2.12", complexity: "O(N) where N is the number of entries in the slowlog",
                summary: "Forgets what the slow log holds.",
                tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
                run: reset),
            Command(
                "GET", .atLeast(2), [.admin, .loading, .stale],
                arguments: .integer("count").optional,
                group: .server, since: "2.2.12", complexity: "O(N) where N is the number of entries returned",
                summary: "Answers the latest entries of the slow log.",
                tips: ["request_policy:all_nodes", "nondeterministic_output"],
                run: get),
            Command(
                "HELP", .exactly(2), [.loading, .stale],
                group: .server, since: "6.2.0", complexity: "O(1)",
                summary: "Explains the subcommands.",
                run: help),
            Command(
                "LEN", .exactly(2), [.admin, .loading, .stale],
                group: .server, since: "2.2.12", complexity: "O(1)",
                summary: "Counts the entries of the slow log.",
                tips: ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
                run: length),
        ])
}

private func reset(_ call: inout Call) {
    call.engine.slowLog.removeAll()
    call.reply.ok()
}

private func get(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left <= 1 else { throw .unknownUse(of: call.arguments[1], command: "SLOWLOG") }
    let all = call.engine.slowLog.count
    let asked = call.arguments.isEmpty ? 10 : try call.arguments.integer(orThrow: .countBelowMinusOne)
    guard asked >= -1 else { throw .countBelowMinusOne }
    let entries = call.engine.slowLog.latest(asked < 0 ? all : asked)
    call.reply.array(entries.count)
    for entry in entries {
        call.reply.array(6)
        call.reply.integer(entry.id)
        call.reply.integer(Int(entry.time))
        call.reply.integer(Int(entry.microseconds))
        call.reply.array(entry.words.count)
        for word in entry.words { call.reply.bulk(word) }
        call.reply.bulk(entry.address)
        call.reply.bulk(entry.name)
    }
}

private func length(_ call: inout Call) { call.reply.integer(call.engine.slowLog.count) }

private func help(_ call: inout Call) {
    call.reply.help(
        "SLOWLOG",
        [
            "GET [<count>]",
            "    Answer the latest <count> entries (10 if not given, all of them for -1). An entry is:",
            "    its number, when the command ran, how many microseconds it took, its words, the",
            "    client's address, the client's name.",
            "LEN",
            "    Answer how many entries there are.",
            "RESET",
            "    Forget all entries.",
        ])
}

extension ReplyError {
    fileprivate static let countBelowMinusOne = ReplyError(
        line: "ERR count should be greater than or equal to -1")

    /// A subcommand with words that it does not take.
    static func unknownUse(of subcommand: Bytes, command: String) -> ReplyError {
        ReplyError(
            line: "ERR unknown subcommand or wrong number of arguments for '\(String(subcommand).prefix(128))'. "
                + "Try \(command) HELP.")
    }
}
