extension Command {
    static let connection: [Command] = [
        Command("ECHO", .exactly(2), [.loading, .stale, .fast],
            arguments: .string("message"),
            group: .connection, since: "1.0.0", complexity: "O(1)",
            summary: "Answers the word it was given.",
            run: echo),
        Command("PING", .atLeast(1), [.fast],
            arguments: .string("message").optional,
            group: .connection, since: "1.0.0", complexity: "O(1)",
            summary: "Answers PONG, or the word it was given, to show that the server lives.",
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: ping),
    ]
}

private func echo(_ call: inout Call) throws(ReplyError) {
    call.reply.bulk(try call.arguments.next())
}

private func ping(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.count <= 2 else { throw .wrongArity("ping") }
    if call.arguments.isEmpty { return call.reply.simple("PONG") }
    call.reply.bulk(try call.arguments.next())
}
