internal import Lua

extension Command {
    static let functions: [Command] = [
        Command(
            "FCALL", .atLeast(3), callFlags.union(.mayReplicate),
            keys: .counted([.readWrite, .access, .update], at: 2),
            arguments: .string("function"), .integer("numkeys"), .key.optional.multiple,
            .string("arg").optional.multiple,
            group: .scripting, since: "7.0.0", complexity: "Depends on the function that is executed.",
            summary: "Calls a function.",
            run: callFunction),
        Command(
            "FCALL_RO", .atLeast(3), callFlags.union(.readonly), keys: .counted([.readOnly, .access], at: 2),
            arguments: .string("function"), .integer("numkeys"), .key.optional.multiple,
            .string("arg").optional.multiple,
            group: .scripting, since: "7.0.0", complexity: "Depends on the function that is executed.",
            summary: "Calls a function that writes nothing.",
            categories: [.scripting],
            run: callReadOnlyFunction),
        Command(
            "FUNCTION", group: .scripting, since: "7.0.0", summary: "Groups the commands on functions.",
            subcommands: functionChanges + functionReports),
    ]

    private static let callFlags: CommandFlags = [
        .noScript, .stale, .skipMonitor, .movableKeys, .noMandatoryKeys, .runsScript,
    ]

    private static let functionChanges: [Command] = [
        Command(
            "DELETE", .exactly(3), [.write, .noScript],
            arguments: .string("library-name"),
            group: .scripting, since: "7.0.0", complexity: "O(1)",
            summary: "Deletes a library and its functions.",
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: delete),
        Command(
            "FLUSH", .atLeast(2), [.write, .noScript],
            arguments: .oneOf("flush-type", .token("ASYNC", name: "async"), .token("SYNC", name: "sync")).optional,
            group: .scripting, since: "7.0.0", complexity: "O(N) where N is the number of functions deleted",
            summary: "Deletes all libraries.",
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: flush),
        Command(
            "LOAD", .atLeast(3), [.write, .denyOOM, .noScript],
            arguments: .token("REPLACE", name: "replace").optional, .string("function-code"),
            group: .scripting, since: "7.0.0", complexity: "O(1) (considering compilation time is redundant)",
            summary: "Makes a library of its code.",
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: load),
        Command(
            "RESTORE", .atLeast(3), [.write, .denyOOM, .noScript],
            arguments: .string("serialized-value"),
            .oneOf(
                "policy", .token("FLUSH", name: "flush"), .token("APPEND", name: "append"),
                .token("REPLACE", name: "replace")
            ).optional,
            group: .scripting, since: "7.0.0", complexity: "O(N) where N is the number of functions on the payload",
            summary: "Loads the libraries that FUNCTION DUMP has answered.",
            tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
            run: restore),
        Command(
            "KILL", .exactly(2), [.noScript, .allowBusy],
            group: .scripting, since: "7.0.0", complexity: "O(1)",
            summary: "Ends the function that is running.",
            tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
            run: kill),
    ]

    private static let functionReports: [Command] = [
        Command(
            "DUMP", .exactly(2), [.noScript],
            group: .scripting, since: "7.0.0", complexity: "O(N) where N is the number of functions",
            summary: "Answers all libraries in a form that can be restored.",
            run: dump),
        Command(
            "HELP", .exactly(2), [.loading, .stale],
            group: .scripting, since: "7.0.0", complexity: "O(1)",
            summary: "Lists the subcommands.",
            run: help),
        Command(
            "LIST", .atLeast(2), [.noScript],
            arguments: .string("library-name-pattern", token: "LIBRARYNAME").optional,
            .token("WITHCODE", name: "withcode").optional,
            group: .scripting, since: "7.0.0", complexity: "O(N) where N is the number of functions",
            summary: "Describes the libraries.",
            tips: ["nondeterministic_output_order"],
            run: list),
        Command(
            "STATS", .exactly(2), [.noScript, .allowBusy],
            group: .scripting, since: "7.0.0", complexity: "O(1)",
            summary: "Tells what is running, and how many functions there are.",
            tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
            run: statistics),
    ]
}

// MARK: - Calls

private func callFunction(_ call: inout Call) throws(ReplyError) { try run(&call, isReadOnly: false) }
private func callReadOnlyFunction(_ call: inout Call) throws(ReplyError) { try run(&call, isReadOnly: true) }

@inline(__always)
private func run(_ call: inout Call, isReadOnly: Bool) throws(ReplyError) {
    let functions = call.engine.functions
    call.engine.feedMonitorsBefore(call)
    guard let function = functions.libraries.function(call.arguments[1]), let loader = functions.loader else {
        throw .functionNotFound
    }
    let keys = try keyRange(call.arguments, orThrow: .badKeyCount)
    try loader.scripts.run(
        function.callback.value, name: function.shownName, keys: keys, flags: function.flags, isReadOnly: isReadOnly,
        &call)
}

// MARK: - Changes

private func delete(_ call: inout Call) throws(ReplyError) {
    let functions = call.engine.functions
    guard let library = functions.libraries.library(try call.arguments.next()) else { throw .libraryNotFound }
    functions.libraries.remove(library)
    call.engine.statistics.dirty += 1
    call.reply.ok()
}

private func flush(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left <= 1 else { throw .wrongFunctionSubcommand(call.arguments[1]) }
    // Lua's own objects are freed at once either way: a library has few.
    let isKnown = call.arguments.isEmpty || call.arguments.take("ASYNC") || call.arguments.take("SYNC")
    guard isKnown else { throw ReplyError(line: "ERR FUNCTION FLUSH only supports SYNC|ASYNC option") }
    call.engine.functions.flush(call.engine)
    call.engine.statistics.dirty += 1
    call.reply.ok()
}

private func load(_ call: inout Call) throws(ReplyError) {
    var replaces = false
    while call.arguments.left > 1 {
        guard call.arguments.take("REPLACE") else {
            throw ReplyError("ERR Unknown option given: ", quoting: try call.arguments.next(), "")
        }
        replaces = true
    }
    let source = try call.arguments.next()
    let library = try call.engine.functions.add(source, replacing: replaces, call.engine)
    call.engine.statistics.dirty += 1
    call.reply.bulk(library.name)
}

private func restore(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left <= 2 else { throw .wrongFunctionSubcommand(call.arguments[1]) }
    let payload = try call.arguments.next()
    var policy = RestorePolicy.append
    if call.arguments.take("REPLACE") {
        policy = .replace
    } else if call.arguments.take("FLUSH") {
        policy = .flush
    } else if !call.arguments.take("APPEND"), !call.arguments.isEmpty {
        throw .badRestorePolicy
    }
    try call.engine.functions.restore(payload, policy, call.engine)
    call.engine.statistics.dirty += 1
    call.reply.ok()
}

private func kill(_ call: inout Call) throws(ReplyError) {
    try call.engine.killScript(.function)
    call.reply.ok()
}

// MARK: - Reports

private func dump(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    let codes = engine.functions.libraries.all.map(\.code)
    call.reply.bulk(FunctionPayload.encode(codes, compressing: engine.settings.compressesDumps))
}

private func list(_ call: inout Call) throws(ReplyError) {
    var pattern: Bytes?
    var withCode = false
    while !call.arguments.isEmpty {
        if !withCode, call.arguments.take("WITHCODE") {
            withCode = true
        } else if pattern == nil, call.arguments.take("LIBRARYNAME") {
            guard !call.arguments.isEmpty else { throw ReplyError(line: "ERR library name argument was not given") }
            pattern = try call.arguments.next()
        } else {
            // The word as it is: here Redis leaves line breaks at its end.
            throw ReplyError(bytes: Array("ERR Unknown argument ".utf8) + Array(try call.arguments.next().upToZero))
        }
    }
    let libraries = call.engine.functions.libraries.all.filter { library in
        guard let pattern else { return true }
        return library.name.withBytes { Glob.matches(pattern, $0, ignoringCase: true) }
    }
    call.reply.array(libraries.count)
    for library in libraries { describe(library, withCode: withCode, call.reply) }
}

private func describe(_ library: FunctionLibrary, withCode: Bool, _ reply: ReplyWriter) {
    reply.map(withCode ? 4 : 3)
    reply.bulk("library_name")
    reply.bulk(library.name)
    reply.bulk("engine")
    reply.bulk("LUA")
    reply.bulk("functions")
    reply.array(library.functions.count)
    for function in library.functions {
        reply.map(3)
        reply.bulk("name")
        reply.bulk(function.shownName)
        reply.bulk("description")
        if let description = function.description { reply.bulk(description) } else { reply.null() }
        reply.bulk("flags")
        let flags = ScriptFlags.names.filter { function.flags.contains($0.flag) }
        reply.set(flags.count)
        for flag in flags { reply.simple(flag.name) }
    }
    guard withCode else { return }
    reply.bulk("library_code")
    reply.bulk(library.code)
}

private func statistics(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    let reply = call.reply
    let running = engine.runningScript
    if let running, running.kind == .script { throw .busy(.script) }
    reply.map(2)
    reply.bulk("running_script")
    if let running { describe(running, engine, reply) } else { reply.null() }
    reply.bulk("engines")
    reply.map(1)
    reply.bulk("LUA")
    reply.map(2)
    reply.bulk("libraries_count")
    reply.integer(engine.functions.libraries.all.count)
    reply.bulk("functions_count")
    reply.integer(engine.functions.libraries.functionCount)
}

private func describe(_ running: RunningScript, _ engine: Engine, _ reply: ReplyWriter) {
    reply.map(3)
    reply.bulk("name")
    reply.bulk(running.name)
    reply.bulk("command")
    let words = running.arguments
    reply.array(words?.count ?? 0)
    if let words { for index in 0..<words.count { reply.bulk(words[index]) } }
    reply.bulk("duration_ms")
    reply.integer(Int(engine.ticks.nanoseconds(Ticks.now &- running.startedAt) / 1_000_000))
}

private func help(_ call: inout Call) throws(ReplyError) {
    call.reply.help(
        "FUNCTION",
        [
            "DELETE <library-name>",
            "    Delete a library and all its functions.",
            "DUMP",
            "    Answer all libraries in a form that RESTORE takes.",
            "FLUSH [ASYNC|SYNC]",
            "    Delete all libraries.",
            "KILL",
            "    End the function that is running, if it has written nothing.",
            "LIST [LIBRARYNAME <pattern>] [WITHCODE]",
            "    Describe the libraries: name, engine, functions, and the code on demand.",
            "LOAD [REPLACE] <code>",
            "    Make a library of code whose first line names it (#!lua name=<library-name>).",
            "RESTORE <payload> [FLUSH|APPEND|REPLACE]",
            "    Load the libraries of a payload that DUMP answered. FLUSH deletes all others, APPEND (the default)",
            "    refuses libraries that are there already, REPLACE replaces these.",
            "STATS",
            "    Tell which function is running and for how long, and how many there are.",
        ])
}
