internal import Lua

extension Command {
    static let scripting: [Command] = [
        Command(
            "EVAL", .atLeast(3), evalFlags.union(.mayReplicate), keys: .counted([.readWrite, .access, .update], at: 2),
            arguments: .string("script"), .integer("numkeys"), .key.optional.multiple,
            .string("arg").optional.multiple,
            group: .scripting, since: "2.6.0", complexity: "Depends on the script that is executed.",
            summary: "Runs a Lua script on the server.",
            run: eval),
        Command(
            "EVAL_RO", .atLeast(3), evalFlags.union(.readonly), keys: .counted([.readOnly, .access], at: 2),
            arguments: .string("script"), .integer("numkeys"), .key.optional.multiple,
            .string("arg").optional.multiple,
            group: .scripting, since: "7.0.0", complexity: "Depends on the script that is executed.",
            summary: "Runs a Lua script that writes nothing.",
            categories: [.scripting],
            run: evalReadOnly),
        Command(
            "EVALSHA", .atLeast(3), evalFlags.union(.mayReplicate),
            keys: .counted([.readWrite, .access, .update], at: 2),
            arguments: .string("sha1"), .integer("numkeys"), .key.optional.multiple,
            .string("arg").optional.multiple,
            group: .scripting, since: "2.6.0", complexity: "Depends on the script that is executed.",
            summary: "Runs a Lua script that the server knows, by its digest.",
            run: evalDigest),
        Command(
            "EVALSHA_RO", .atLeast(3), evalFlags.union(.readonly), keys: .counted([.readOnly, .access], at: 2),
            arguments: .string("sha1"), .integer("numkeys"), .key.optional.multiple,
            .string("arg").optional.multiple,
            group: .scripting, since: "7.0.0", complexity: "Depends on the script that is executed.",
            summary: "Runs a Lua script that the server knows and that writes nothing, by its digest.",
            categories: [.scripting],
            run: evalDigestReadOnly),
        Command(
            "SCRIPT", group: .scripting, since: "2.6.0", summary: "Groups the commands on scripts.",
            subcommands: scriptSubcommands),
    ]

    private static let evalFlags: CommandFlags = [
        .noScript, .stale, .skipMonitor, .movableKeys, .noMandatoryKeys, .runsScript,
    ]

    private static let scriptSubcommands: [Command] = [
        Command(
            "FLUSH", .atLeast(2), [.noScript],
            arguments: .oneOf("flush-type", .token("ASYNC", name: "async"), .token("SYNC", name: "sync"))
                .optional.since("6.2.0"),
            group: .scripting, since: "2.6.0", complexity: "O(N) with N being the number of scripts in cache",
            summary: "Forgets all scripts.",
            tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
            run: flush),
        Command(
            "HELP", .exactly(2), [.loading, .stale],
            group: .scripting, since: "5.0.0", complexity: "O(1)",
            summary: "Lists the subcommands.",
            run: help),
        Command(
            "KILL", .exactly(2), [.noScript, .allowBusy],
            group: .scripting, since: "2.6.0", complexity: "O(1)",
            summary: "Ends the script that is running, if it has written nothing.",
            tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
            run: kill),
        Command(
            "LOAD", .exactly(3), [.noScript, .stale],
            arguments: .string("script"),
            group: .scripting, since: "2.6.0", complexity: "O(N) with N being the length in bytes of the script body.",
            summary: "Compiles a script and keeps it.",
            tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
            run: load),
        Command(
            "DEBUG", .exactly(3), [.noScript],
            arguments: .oneOf(
                "mode", .token("YES", name: "yes"), .token("SYNC", name: "sync"), .token("NO", name: "no")),
            group: .scripting, since: "3.2.0", complexity: "O(1)",
            summary: "Turns the debugging of scripts on and off.",
            run: debug),
        Command(
            "EXISTS", .atLeast(3), [.noScript],
            arguments: .string("sha1").multiple,
            group: .scripting, since: "2.6.0",
            complexity: """
                O(N) with N being the number of scripts to check (so checking a single script is an O(1) \
                operation).
                """,
            summary: "Tells which scripts the server knows.",
            tips: ["request_policy:all_shards", "response_policy:agg_logical_and"],
            run: exists),
    ]
}

// MARK: - Running

private func eval(_ call: inout Call) throws(ReplyError) { try evaluate(&call, isReadOnly: false) }
private func evalReadOnly(_ call: inout Call) throws(ReplyError) { try evaluate(&call, isReadOnly: true) }

private func evalDigest(_ call: inout Call) throws(ReplyError) { try evaluateDigest(&call, isReadOnly: false) }
private func evalDigestReadOnly(_ call: inout Call) throws(ReplyError) { try evaluateDigest(&call, isReadOnly: true) }

private func evaluate(_ call: inout Call, isReadOnly: Bool) throws(ReplyError) {
    let engine = call.engine
    engine.feedMonitorsBefore(call)
    let keys = try keyRange(call.arguments)
    let source = call.arguments[1]
    let name = SHA1.hexadecimal(source)
    let hash = name.withBytes { engine.hash($0) }
    if let script = name.withBytes({ engine.scripts.cache.find($0, hash) }) {
        return try run(script, keys, isReadOnly, &call)
    }
    let script = try engine.compileScript(source, name, hash)
    if engine.scripts.cache.remember(script) { engine.statistics.evictedScripts += 1 }
    try run(script, keys, isReadOnly, &call)
}

private func evaluateDigest(_ call: inout Call, isReadOnly: Bool) throws(ReplyError) {
    call.engine.feedMonitorsBefore(call)
    // Redis looks at the digest's length before anything else.
    guard call.arguments[1].count == 40 else { throw .noScript }
    let keys = try keyRange(call.arguments)
    guard let script = call.engine.findScript(call.arguments[1]) else { throw .noScript }
    try run(script, keys, isReadOnly, &call)
}

private func run(
    _ script: CachedScript, _ keys: Range<Int>, _ isReadOnly: Bool, _ call: inout Call
) throws(ReplyError) {
    let engine = call.engine
    engine.scripts.cache.touch(script)
    try engine.scripts.evalEngine(engine.settings).run(
        script.function.value, name: script.name, keys: keys, flags: script.flags, isReadOnly: isReadOnly, &call)
}

/// Where the keys are among the words of EVAL and its like.
func keyRange(_ words: Arguments, orThrow error: ReplyError = .notInteger) throws(ReplyError) -> Range<Int> {
    guard let count = Int(strict: words[2]) else { throw error }
    guard count <= words.count - 3 else { throw .keyCountTooLarge }
    guard count >= 0 else { throw .negativeKeyCount }
    return 3..<3 + count
}

extension Engine {
    /// The script of a digest, in capitals or not.
    func findScript(_ digest: Bytes) -> CachedScript? {
        guard digest.count == 40 else { return nil }
        if let script = scripts.cache.find(digest, hash(digest)) { return script }
        var small: [UInt8] = []
        for index in 0..<digest.count { small.append(digest[index].lowercased) }
        return small.withBytes { scripts.cache.find($0, hash($0)) }
    }

    func compileScript(_ source: Bytes, _ name: [UInt8], _ hash: UInt64) throws(ReplyError) -> CachedScript {
        let shebang = try Shebang(script: source)
        let function = try scripts.evalEngine(settings).compile(shebang.code, name: "@user_script")
        return CachedScript(
            name: name, hash: hash, function: function, flags: shebang.flags, byteCount: source.count)
    }

    /// What a command that runs a script needs, as the script says. One that cannot be found or parsed will be refused
    /// later.
    func scriptFlags(of call: Call, _ flags: CommandFlags) -> CommandFlags {
        let words = call.arguments
        switch commands.fullNames[call.command] {
        case "evalsha", "evalsha_ro": return findScript(words[1])?.flags.commandFlags(flags) ?? flags
        case "eval", "eval_ro":
            guard words[1].hasPrefix(Bytes("#!")), let shebang = try? Shebang(script: words[1]) else { return flags }
            return shebang.flags.commandFlags(flags)
        case "fcall", "fcall_ro": return functions.libraries.function(words[1])?.flags.commandFlags(flags) ?? flags
        default: return flags
        }
    }
}

// MARK: - SCRIPT

private func load(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    let source = try call.arguments.next()
    let name = SHA1.hexadecimal(source)
    let hash = name.withBytes { engine.hash($0) }
    if let known = name.withBytes({ engine.scripts.cache.find($0, hash) }) {
        engine.scripts.cache.keep(known)
    } else {
        engine.scripts.cache.load(try engine.compileScript(source, name, hash))
    }
    call.reply.bulk(name)
}

private func exists(_ call: inout Call) throws(ReplyError) {
    call.reply.array(call.arguments.left)
    while !call.arguments.isEmpty {
        let digest = try call.arguments.next()
        call.reply.integer(call.engine.findScript(digest) == nil ? 0 : 1)
    }
}

private func flush(_ call: inout Call) throws(ReplyError) {
    let isKnown = call.arguments.isEmpty || call.arguments.take("ASYNC") || call.arguments.take("SYNC")
    guard isKnown, call.arguments.isEmpty else {
        throw ReplyError(line: "ERR SCRIPT FLUSH only support SYNC|ASYNC option")
    }
    call.engine.scripts.flush()
    call.reply.ok()
}

private func kill(_ call: inout Call) throws(ReplyError) {
    try call.engine.killScript(.script)
    call.reply.ok()
}

/// There is no debugger, so it can be turned off only.
private func debug(_ call: inout Call) throws(ReplyError) {
    if call.arguments.take("NO") { return call.reply.ok() }
    guard call.arguments.take("YES") || call.arguments.take("SYNC") else {
        throw ReplyError(line: "ERR Use SCRIPT DEBUG YES/SYNC/NO")
    }
    throw ReplyError(line: "ERR SCRIPT DEBUG must be called outside a pipeline")
}

private func help(_ call: inout Call) throws(ReplyError) {
    call.reply.help(
        "SCRIPT",
        [
            "DEBUG (YES|SYNC|NO)",
            "    Turn the debugger for the following scripts on or off.",
            "EXISTS <sha1> [<sha1> ...]",
            "    Tell for each digest whether its script is known.",
            "FLUSH [ASYNC|SYNC]",
            "    Forget all scripts.",
            "KILL",
            "    End the script that is running, if it has written nothing.",
            "LOAD <script>",
            "    Compile a script and keep it, without running it.",
        ])
}
