extension Command {
    static let connection: [Command] = [
        Command(
            "AUTH", .atLeast(2), [.noScript, .loading, .stale, .fast, .noAuthentication, .allowBusy],
            arguments: .string("username").optional.since("6.0.0"), .string("password"),
            group: .connection, since: "1.0.0",
            complexity: "O(N) where N is the number of passwords defined for the user",
            summary: "Tells the server who this connection is, by a password or by a user's name and password.",
            run: auth),
        Command(
            "ECHO", .exactly(2), [.loading, .stale, .fast],
            arguments: .string("message"),
            group: .connection, since: "1.0.0", complexity: "O(1)",
            summary: "Answers the word it was given.",
            run: echo),
        Command(
            "HELLO", .atLeast(1), [.noScript, .loading, .stale, .fast, .noAuthentication, .allowBusy],
            arguments: .block(
                "arguments",
                .integer("protover"),
                .block("auth", token: "AUTH", .string("username"), .string("password")).optional,
                .string("clientname", token: "SETNAME").optional
            ).optional,
            group: .connection, since: "6.0.0", complexity: "O(1)",
            summary: "Greets the server: agrees on a protocol version, and may give a password and set a name with it.",
            run: hello),
        Command(
            "PING", .atLeast(1), [.fast],
            arguments: .string("message").optional,
            group: .connection, since: "1.0.0", complexity: "O(1)",
            summary: "Answers PONG, or the word it was given, to show that the server lives.",
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: ping),
        Command(
            "QUIT", .atLeast(1), [.noScript, .loading, .stale, .fast, .noAuthentication, .allowBusy, .notQueued],
            group: .connection, since: "1.0.0", complexity: "O(1)",
            summary: "Ends the connection after a last reply.",
            deprecated: Deprecation(since: "7.2.0", replacement: "just closing the connection"),
            run: quit),
        Command(
            "RESET", .exactly(1), [.noScript, .loading, .stale, .fast, .noAuthentication, .allowBusy, .notQueued],
            group: .connection, since: "6.2.0", complexity: "O(1)",
            summary: "Makes a connection what it was when it was new.",
            run: reset),
        Command(
            "SELECT", .exactly(2), [.loading, .stale, .fast],
            arguments: .integer("index"),
            group: .connection, since: "1.0.0", complexity: "O(1)",
            summary: "Chooses the database that this connection works on.",
            run: select),
    ]
}

private func auth(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.count <= 3 else { throw .syntax }
    guard call.arguments.count == 3 else {
        guard !call.engine.settings.requirePass.isEmpty else { throw .noPassword }
        try call.engine.authenticate(call.client, user: Bytes("default"), password: call.arguments[1])
        return call.reply.ok()
    }
    try call.engine.authenticate(call.client, user: call.arguments[1], password: call.arguments[2])
    call.reply.ok()
}

private func echo(_ call: inout Call) throws(ReplyError) {
    call.reply.bulk(try call.arguments.next())
}

private func ping(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.count <= 2 else { throw .wrongArity("ping") }
    if call.client.flags.contains(.pubsub), !call.reply.isRESP3 {
        // A client in this mode expects messages: arrays.
        call.reply.array(2)
        call.reply.bulk("pong")
        return call.reply.bulk(call.arguments.peek ?? .empty)
    }
    if call.arguments.isEmpty { return call.reply.simple("PONG") }
    call.reply.bulk(try call.arguments.next())
}

private func quit(_ call: inout Call) throws(ReplyError) {
    call.reply.ok()
    call.client.flags.insert(.closeAfterReply)
}

private func reset(_ call: inout Call) throws(ReplyError) {
    call.engine.reset(call.client)
    call.database = call.engine.databases[0]
    call.reply.simple("RESET")
}

private func select(_ call: inout Call) throws(ReplyError) {
    let database = try call.databaseByNumber()
    call.client.database = database.index
    call.database = database
    call.reply.ok()
}

// MARK: - HELLO

/// What HELLO is asked for. All of it is checked before any of it is done.
private struct Greeting {
    var version: Int?
    var user: Bytes?
    var password: Bytes?
    var name: Bytes?

    init(_ call: inout Call) throws(ReplyError) {
        guard !call.arguments.isEmpty else { return }
        let number = try call.arguments.integer(orThrow: .protocolNotInteger)
        guard number == 2 || number == 3 else { throw .unsupportedProtocol }
        version = number
        while let option = call.arguments.peek {
            if call.arguments.left >= 3, call.arguments.take("AUTH") {
                user = try call.arguments.next()
                password = try call.arguments.next()
            } else if call.arguments.left >= 2, call.arguments.take("SETNAME") {
                let word = try call.arguments.next()
                guard Client.isValidAttribute(word) else { throw .invalidClientName }
                name = word
            } else {
                throw ReplyError("ERR Syntax error in HELLO option '", quoting: option)
            }
        }
    }
}

private func hello(_ call: inout Call) throws(ReplyError) {
    let greeting = try Greeting(&call)
    let (engine, client, reply) = (call.engine, call.client, call.reply)
    if let user = greeting.user, let password = greeting.password {
        try engine.authenticate(client, user: user, password: password)
    }
    guard !engine.mustAuthenticate(client) else { throw .helloUnauthenticated }

    if let name = greeting.name { client.name = Array(name) }
    if let version = greeting.version { reply.isRESP3 = version == 3 }

    reply.map(7)
    reply.bulk("server")
    reply.bulk("redis")
    reply.bulk("version")
    reply.bulk(engine.settings.redisVersion)
    reply.bulk("proto")
    reply.integer(reply.isRESP3 ? 3 : 2)
    reply.bulk("id")
    reply.integer(client.id)
    reply.bulk("mode")
    reply.bulk("standalone")
    reply.bulk("role")
    reply.bulk("master")
    reply.bulk("modules")
    reply.array(0)
}
