extension Command {
    static let client: [Command] = [
        Command(
            "CLIENT", .atLeast(2), [], group: .connection, since: "2.4.0",
            summary: "Holds the commands about connections.",
            subcommands: aboutThisClient + aboutAllClients)
    ]

    private static let aboutThisClient: [Command] = [
        Command(
            "GETNAME", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "2.6.9", complexity: "O(1)",
            summary: "Tells the name of this connection.",
            run: getName),
        Command(
            "GETREDIR", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "6.0.0", complexity: "O(1)",
            summary: "Tells which client gets the invalidation messages that tracking sends for this one.",
            run: getRedirection),
        Command(
            "HELP", .exactly(2), [.loading, .stale],
            group: .connection, since: "5.0.0", complexity: "O(1)",
            summary: "Lists what there is under CLIENT.",
            run: help),
        Command(
            "ID", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "5.0.0", complexity: "O(1)",
            summary: "Tells the number of this connection.",
            run: id),
        Command(
            "INFO", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "6.2.0", complexity: "O(1)",
            summary: "Tells about this connection what CLIENT LIST tells about all.",
            tips: ["nondeterministic_output"],
            run: info),
        Command(
            "NO-EVICT", .exactly(3), [.admin, .noScript, .loading, .stale],
            arguments: .oneOf("enabled", .token("ON", name: "on"), .token("OFF", name: "off")),
            group: .connection, since: "7.0.0", complexity: "O(1)",
            summary: "Keeps this connection when others have to go to make room.",
            run: noEvict),
        Command(
            "NO-TOUCH", .exactly(3), [.noScript, .loading, .stale],
            arguments: .oneOf("enabled", .token("ON", name: "on"), .token("OFF", name: "off")),
            group: .connection, since: "7.2.0", complexity: "O(1)",
            summary: "Keeps this connection's commands from counting as uses of the keys they look at.",
            run: noTouch),
        Command(
            "REPLY", .exactly(3), [.noScript, .loading, .stale],
            arguments: .oneOf(
                "action",
                .token("ON", name: "on"), .token("OFF", name: "off"), .token("SKIP", name: "skip")),
            group: .connection, since: "3.2.0", complexity: "O(1)",
            summary: "Says whether this connection wants replies.",
            run: replyMode),
        Command(
            "SETINFO", .exactly(4), [.noScript, .loading, .stale],
            arguments: .oneOf("attr", .string("libname", token: "LIB-NAME"), .string("libver", token: "LIB-VER")),
            group: .connection, since: "7.2.0", complexity: "O(1)",
            summary: "Tells the name or the version of the library behind this connection.",
            tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
            run: setInfo),
        Command(
            "SETNAME", .exactly(3), [.noScript, .loading, .stale],
            arguments: .string("connection-name"),
            group: .connection, since: "2.6.9", complexity: "O(1)",
            summary: "Gives this connection a name.",
            tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
            run: setName),
        Command(
            "TRACKINGINFO", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "6.2.0", complexity: "O(1)",
            summary: "Tells how far tracking is on for this connection.",
            run: trackingInfo),
    ]

    private static let aboutAllClients: [Command] = [
        Command(
            "KILL", .atLeast(3), [.admin, .noScript, .loading, .stale],
            arguments: .oneOf(
                "filter",
                .string("old-format").display("ip:port"),
                .oneOf(
                    "new-format",
                    .integer("client-id", token: "ID").optional.since("2.8.12"),
                    .oneOf(
                        "client-type", token: "TYPE",
                        .token("NORMAL", name: "normal"),
                        .token("MASTER", name: "master").since("3.2.0"),
                        .token("SLAVE", name: "slave"),
                        .token("REPLICA", name: "replica").since("5.0.0"),
                        .token("PUBSUB", name: "pubsub")
                    ).optional.since("2.8.12"),
                    .string("username", token: "USER").optional,
                    .string("addr", token: "ADDR").display("ip:port").optional,
                    .string("laddr", token: "LADDR").display("ip:port").optional.since("6.2.0"),
                    .oneOf("skipme", token: "SKIPME", .token("YES", name: "yes"), .token("NO", name: "no")).optional,
                    .integer("maxage", token: "MAXAGE").optional.since("7.4.0")
                ).multiple),
            group: .connection, since: "2.4.0", complexity: "O(N) where N is the number of client connections",
            summary: "Disconnects clients: the one at an address, or all to whom filters apply.",
            run: kill),
        Command(
            "LIST", .atLeast(2), [.admin, .noScript, .loading, .stale],
            arguments: .oneOf(
                "client-type", token: "TYPE",
                .token("NORMAL", name: "normal"), .token("MASTER", name: "master"),
                .token("REPLICA", name: "replica"), .token("PUBSUB", name: "pubsub")
            ).optional.since("5.0.0"),
            .integer("client-id", token: "ID").optional.multiple.since("6.2.0"),
            group: .connection, since: "2.4.0", complexity: "O(N) where N is the number of client connections",
            summary: "Tells about all connections, a line each.",
            tips: ["nondeterministic_output"],
            run: list),
        Command(
            "PAUSE", .atLeast(3), [.admin, .noScript, .loading, .stale],
            arguments: .integer("timeout"),
            .oneOf("mode", .token("WRITE", name: "write"), .token("ALL", name: "all")).optional.since("6.2.0"),
            group: .connection, since: "3.0.0", complexity: "O(1)",
            summary: "Makes the commands of all clients wait, or those that write.",
            run: pause),
        Command(
            "UNBLOCK", .atLeast(3), [.admin, .noScript, .loading, .stale],
            arguments: .integer("client-id"),
            .oneOf(
                "unblock-type",
                .token("TIMEOUT", name: "timeout"), .token("ERROR", name: "error")
            ).optional,
            group: .connection, since: "5.0.0", complexity: "O(log N) where N is the number of client connections",
            summary: "Ends another client's waiting, as if its time were over or with an error.",
            run: unblock),
        Command(
            "UNPAUSE", .exactly(2), [.admin, .noScript, .loading, .stale],
            group: .connection, since: "6.2.0", complexity: "O(N) Where N is the number of paused clients",
            summary: "Ends a pause before its time.",
            run: unpause),
    ]
}

// MARK: - This connection

private func getName(_ call: inout Call) throws(ReplyError) {
    call.client.name.isEmpty ? call.reply.null() : call.reply.bulk(call.client.name)
}

private func getRedirection(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(-1)
}

private func id(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(call.client.id)
}

private func info(_ call: inout Call) throws(ReplyError) {
    describe([call.client], &call)
}

private func noEvict(_ call: inout Call) throws(ReplyError) {
    if try isOn(&call) { call.client.flags.insert(.noEvict) } else { call.client.flags.remove(.noEvict) }
    call.reply.ok()
}

private func noTouch(_ call: inout Call) throws(ReplyError) {
    let isOn = try isOn(&call)
    if isOn { call.client.flags.insert(.noTouch) } else { call.client.flags.remove(.noTouch) }
    call.engine.keyspace.touchesKeys = !isOn
    call.reply.ok()
}

private func isOn(_ call: inout Call) throws(ReplyError) -> Bool {
    if call.arguments.take("ON") { return true }
    guard call.arguments.take("OFF") else { throw .syntax }
    return false
}

private func replyMode(_ call: inout Call) throws(ReplyError) {
    let client = call.client
    if call.arguments.take("ON") {
        client.flags.subtract(.mute)
        call.reply.ok()
    } else if call.arguments.take("OFF") {
        client.flags.insert(.replyOff)
    } else if call.arguments.take("SKIP") {
        if !client.flags.contains(.replyOff) { client.flags.insert(.replySkipNext) }
    } else {
        throw .syntax
    }
}

private func setInfo(_ call: inout Call) throws(ReplyError) {
    let attribute = try call.arguments.next()
    let value = try call.arguments.next()
    let isName = attribute.matches("LIB-NAME")
    guard isName || attribute.matches("LIB-VER") else {
        throw ReplyError("ERR Unrecognized option '", quoting: attribute)
    }
    guard Client.isValidAttribute(value) else {
        throw ReplyError(
            "ERR ", quoting: attribute, " cannot contain spaces, newlines or special characters.")
    }
    if isName { call.client.libraryName = Array(value) } else { call.client.libraryVersion = Array(value) }
    call.reply.ok()
}

private func setName(_ call: inout Call) throws(ReplyError) {
    let name = try call.arguments.next()
    guard Client.isValidAttribute(name) else { throw .invalidClientName }
    call.client.name = Array(name)
    call.reply.ok()
}

private func trackingInfo(_ call: inout Call) throws(ReplyError) {
    let reply = call.reply
    reply.map(3)
    reply.bulk("flags")
    reply.set(1)
    reply.bulk("off")
    reply.bulk("redirect")
    reply.integer(-1)
    reply.bulk("prefixes")
    reply.array(0)
}

private func help(_ call: inout Call) throws(ReplyError) {
    call.reply.help(
        "CLIENT",
        [
            "GETNAME", "    Tell the name of this connection.",
            "GETREDIR", "    Tell the client that gets the invalidation messages for this one.",
            "ID", "    Tell the number of this connection.",
            "INFO", "    Tell all about this connection.",
            "KILL <ip:port>", "    Disconnect the client at an address.",
            "KILL <option> <value> [<option> <value> [...]]", "    Disconnect the clients to whom all of these apply:",
            "    * ADDR (<ip:port>|<unixsocket>:0)", "      The address they come from.",
            "    * LADDR (<ip:port>|<unixsocket>:0)", "      The address they came to.",
            "    * ID <client-id>", "      The number of the connection.",
            "    * MAXAGE <maxage>", "      Connected for at least so many seconds.",
            "    * SKIPME (YES|NO)", "      Whether to leave out this connection; by default it is.",
            "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      The kind of client.",
            "    * USER <username>", "      Who they are.",
            "LIST [options ...]", "    Tell about connections, a line each. Options:",
            "    * ID <client-id> [<client-id> ...]", "      Only those with these numbers.",
            "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Only those of a kind.",
            "NO-EVICT (ON|OFF)", "    Keep this connection when others have to go to make room.",
            "NO-TOUCH (ON|OFF)", "    Do not count this connection's commands as uses of keys.",
            "PAUSE <timeout> [WRITE|ALL]", "    Make all commands, or those that write, wait for so many milliseconds.",
            "REPLY (ON|OFF|SKIP)", "    Say whether this connection wants replies.",
            "SETINFO (LIB-NAME|LIB-VER) <value>", "    Tell the library behind this connection, or its version.",
            "SETNAME <name>", "    Give this connection a name.",
            "TRACKINGINFO", "    Tell how far tracking is on for this connection.",
            "UNBLOCK <client-id> [TIMEOUT|ERROR]",
            "    End another client's waiting, as if its time were over or with an error.",
            "UNPAUSE", "    End a pause before its time.",
        ])
}

// MARK: - All connections

private func kill(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    guard call.arguments.count > 3 else {
        let address = String(try call.arguments.next())
        let found = engine.sortedClients.filter { $0.address == address }
        guard !found.isEmpty else { throw .noSuchClient }
        call.reply.ok()
        for client in found { engine.kill(client, calledBy: call.client) }
        return
    }
    let filter = try ClientFilter(&call)
    let found = engine.sortedClients.filter { filter.selects($0, calledBy: call.client, now: engine.clock.now) }
    call.reply.integer(found.count)
    for client in found { engine.kill(client, calledBy: call.client) }
}

private func list(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    var shown = engine.sortedClients
    if call.arguments.count == 4, call.arguments.take("TYPE") {
        let kind = try Client.Kind(call.arguments.next())
        shown.removeAll { $0.kind != kind }
    } else if call.arguments.count > 3, call.arguments.take("ID") {
        shown = []
        while !call.arguments.isEmpty {
            let number = try call.arguments.integer(orThrow: .invalidClientID)
            if let client = engine.clients[number] { shown.append(client) }
        }
    } else if !call.arguments.isEmpty {
        throw .syntax
    }
    describe(shown, &call)
}

private func describe(_ clients: [Client], _ call: inout Call) {
    var text: [UInt8] = []
    call.client.argumentBytes = call.arguments.bytes
    for client in clients { call.engine.describe(client, calledBy: call.client, to: &text) }
    call.client.argumentBytes = 0
    call.reply.verbatim(text)
}

private func pause(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.count <= 4 else {
        throw ReplyError(
            "ERR unknown subcommand or wrong number of arguments for '", quoting: call.arguments[1], most: 128,
            "'. Try CLIENT HELP.")
    }
    let duration = try call.arguments.next()
    var writesOnly = false
    if !call.arguments.isEmpty {
        writesOnly = call.arguments.take("WRITE")
        guard writesOnly || call.arguments.take("ALL") else { throw .invalidPauseMode }
    }
    guard let milliseconds = Int(strict: duration) else { throw .timeoutNotInteger }
    guard milliseconds >= 0 else { throw .timeoutNegative }
    // A sum beyond counting lies in the past for Redis, which then does not pause.
    call.engine.startPause(until: call.now &+ Int64(milliseconds), writesOnly: writesOnly)
    call.reply.ok()
}

private func unblock(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.count <= 4 else {
        throw ReplyError(
            "ERR unknown subcommand or wrong number of arguments for '", quoting: call.arguments[1], most: 128,
            "'. Try CLIENT HELP.")
    }
    let number = call.arguments[2]
    var isError = false
    if call.arguments.count == 4 {
        call.arguments.skip()
        isError = call.arguments.take("ERROR")
        guard isError || call.arguments.take("TIMEOUT") else { throw .invalidUnblockReason }
    }
    guard let id = Int(strict: number) else { throw .notInteger }
    guard let client = call.engine.clients[id], client.flags.contains(.blocked), client.onTimeout != nil else {
        return call.reply.integer(0)
    }
    if isError { call.engine.giveUp(client, .unblocked) } else { call.engine.giveUp(client) }
    call.reply.integer(1)
}

private func unpause(_ call: inout Call) throws(ReplyError) {
    call.engine.endPause()
    call.reply.ok()
}

extension ReplyError {
    fileprivate static let noSuchClient = ReplyError(line: "ERR No such client")
    fileprivate static let invalidClientID = ReplyError(line: "ERR Invalid client ID")
    fileprivate static let invalidPauseMode = ReplyError(line: "ERR CLIENT PAUSE mode must be WRITE or ALL")
    fileprivate static let timeoutNotInteger = ReplyError(line: "ERR timeout is not an integer or out of range")
    fileprivate static let invalidUnblockReason = ReplyError(
        line: "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
    fileprivate static let unblocked = ReplyError(line: "UNBLOCKED client unblocked via CLIENT UNBLOCK")
}
