extension Command {
    /// CLIENT's subcommands about client-side caching.
    static let aboutTracking: [Command] = [
        Command(
            "CACHING", .exactly(3), [.noScript, .loading, .stale],
            arguments: .oneOf("mode", .token("YES", name: "yes"), .token("NO", name: "no")),
            group: .connection, since: "6.0.0", complexity: "O(1)",
            summary: "Says whether the keys that the next command reads are to be tracked.",
            run: caching),
        Command(
            "GETREDIR", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "6.0.0", complexity: "O(1)",
            summary: "Tells which client gets the invalidation messages that tracking sends for this one.",
            run: redirection),
        Command(
            "TRACKING", .atLeast(3), [.noScript, .loading, .stale],
            arguments: .oneOf("status", .token("ON", name: "on"), .token("OFF", name: "off")),
            .integer("client-id", token: "REDIRECT").optional,
            .string("prefix", token: "PREFIX").optional.multiple.multipleToken,
            .token("BCAST", name: "bcast").optional,
            .token("OPTIN", name: "optin").optional,
            .token("OPTOUT", name: "optout").optional,
            .token("NOLOOP", name: "noloop").optional,
            group: .connection, since: "6.0.0", complexity: "O(1). Some options may introduce additional complexity.",
            summary: "Says whether this connection is to be told when keys change that it has read.",
            run: tracking),
        Command(
            "TRACKINGINFO", .exactly(2), [.noScript, .loading, .stale],
            group: .connection, since: "6.2.0", complexity: "O(1)",
            summary: "Tells how far tracking is on for this connection.",
            run: trackingInfo),
    ]
}

private func tracking(_ call: inout Call) throws(ReplyError) {
    let isOn = call.arguments.take("ON")
    guard isOn || call.arguments.take("OFF") else { throw .syntax }
    let wanted = try options(&call)
    let (engine, client) = (call.engine, call.client)
    if isOn {
        try check(wanted, client)
        engine.startTracking(client, wanted)
    } else {
        engine.stopTracking(client)
    }
    call.reply.ok()
}

private func options(_ call: inout Call) throws(ReplyError) -> ClientTracking {
    var wanted = ClientTracking()
    while !call.arguments.isEmpty {
        if call.arguments.left > 1, call.arguments.take("REDIRECT") {
            guard wanted.redirection == 0 else {
                throw ReplyError(line: "ERR A client can only redirect to a single other client")
            }
            wanted.redirection = try call.arguments.integer()
            // Nobody else can have the messages for this client than one who is there: a later end is reported.
            guard call.engine.clients[wanted.redirection] != nil else {
                throw ReplyError(line: "ERR The client ID you want redirect to does not exist")
            }
        } else if call.arguments.take("BCAST") {
            wanted.isBroadcast = true
        } else if call.arguments.take("OPTIN") {
            wanted.isOptIn = true
        } else if call.arguments.take("OPTOUT") {
            wanted.isOptOut = true
        } else if call.arguments.take("NOLOOP") {
            wanted.skipsOwn = true
        } else if call.arguments.left > 1, call.arguments.take("PREFIX") {
            wanted.prefixes.append(Array(try call.arguments.next()))
        } else {
            throw .syntax
        }
    }
    return wanted
}

/// What a client may not ask for, in itself or with regard to what it asked for before.
private func check(_ wanted: ClientTracking, _ client: Client) throws(ReplyError) {
    guard wanted.isBroadcast || wanted.prefixes.isEmpty else {
        throw ReplyError(line: "ERR PREFIX option requires BCAST mode to be enabled")
    }
    if let old = client.tracking, old.isBroadcast != wanted.isBroadcast { throw .switchesMode("BCAST mode on/off") }
    guard !wanted.isBroadcast || !(wanted.isOptIn || wanted.isOptOut) else {
        throw ReplyError(line: "ERR OPTIN and OPTOUT are not compatible with BCAST")
    }
    guard !(wanted.isOptIn && wanted.isOptOut) else {
        throw ReplyError(line: "ERR You can't specify both OPTIN mode and OPTOUT mode")
    }
    if let old = client.tracking, wanted.isOptIn && old.isOptOut || wanted.isOptOut && old.isOptIn {
        throw .switchesMode("OPTIN/OPTOUT mode")
    }
    for (index, prefix) in wanted.prefixes.enumerated() {
        for old in client.tracking?.prefixes ?? [] where overlap(prefix, old) {
            throw .overlapping(prefix, "an existing", old)
        }
        for other in wanted.prefixes[(index + 1)...] where overlap(prefix, other) {
            throw .overlapping(prefix, "another provided", other)
        }
    }
}

private func overlap(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    first.starts(with: second) || second.starts(with: first)
}

private func caching(_ call: inout Call) throws(ReplyError) {
    guard let mode = call.client.tracking else {
        throw ReplyError(
            line: "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT "
                + "mode enabled")
    }
    if call.arguments.take("YES") {
        guard mode.isOptIn else { throw .cachingOnlyIn("YES", "OPTIN") }
    } else if call.arguments.take("NO") {
        guard mode.isOptOut else { throw .cachingOnlyIn("NO", "OPTOUT") }
    } else {
        throw .syntax
    }
    call.client.flags.insert(.caching)
    call.reply.ok()
}

private func redirection(_ call: inout Call) throws(ReplyError) {
    call.reply.integer(call.client.tracking?.redirection ?? -1)
}

private func trackingInfo(_ call: inout Call) throws(ReplyError) {
    let (client, reply) = (call.client, call.reply)
    let mode = client.tracking
    let isMarked = client.flags.contains(.caching)
    let flags: [(Bool, StaticString)] = [
        (mode == nil, "off"), (mode != nil, "on"), (mode?.isBroadcast ?? false, "bcast"),
        (mode?.isOptIn ?? false, "optin"), (mode?.isOptIn ?? false && isMarked, "caching-yes"),
        (mode?.isOptOut ?? false, "optout"), (mode?.isOptOut ?? false && isMarked, "caching-no"),
        (mode?.skipsOwn ?? false, "noloop"), (mode?.isBroken ?? false, "broken_redirect"),
    ]
    reply.map(3)
    reply.bulk("flags")
    reply.set(flags.count { $0.0 })
    for (isSet, name) in flags where isSet { reply.bulk(name) }
    reply.bulk("redirect")
    reply.integer(mode?.redirection ?? -1)
    reply.bulk("prefixes")
    reply.array(mode?.prefixes.count ?? 0)
    for prefix in mode?.prefixes ?? [] { reply.bulk(prefix) }
}

extension ReplyError {
    fileprivate static func switchesMode(_ mode: String) -> ReplyError {
        ReplyError(
            line: "ERR You can't switch \(mode) before disabling tracking for this client, and then re-enabling it "
                + "with a different mode.")
    }

    fileprivate static func cachingOnlyIn(_ word: String, _ mode: String) -> ReplyError {
        ReplyError(line: "ERR CLIENT CACHING \(word) is only valid when tracking is enabled in \(mode) mode.")
    }

    fileprivate static func overlapping(_ prefix: [UInt8], _ which: String, _ other: [UInt8]) -> ReplyError {
        var line = Array("ERR Prefix '".utf8) + prefix
        line += Array("' overlaps with \(which) prefix '".utf8) + other
        return ReplyError(bytes: line + Array("'. Prefixes for a single client must not overlap.".utf8))
    }
}
