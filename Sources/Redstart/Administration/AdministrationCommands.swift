extension Command {
    static let administration: [Command] = [
        Command(
            "LOLWUT", .atLeast(1), [.readonly, .fast],
            arguments: .integer("version", token: "VERSION").optional,
            group: .server, since: "5.0.0", complexity: "",
            summary: "Shows a bird, and the version that is being matched.",
            run: lolwut),
        Command(
            "MODULE", .atLeast(2), [], group: .server, since: "4.0.0",
            summary: "Holds the commands about modules, of which there are none.",
            subcommands: [
                Command(
                    "HELP", .exactly(2), [.loading, .stale],
                    group: .server, since: "5.0.0", complexity: "O(1)",
                    summary: "Explains the subcommands.",
                    run: moduleHelp),
                Command(
                    "LIST", .exactly(2), [.admin, .noScript],
                    group: .server, since: "4.0.0", complexity: "O(N) where N is the number of loaded modules.",
                    summary: "Names the modules that are loaded.",
                    tips: ["nondeterministic_output_order"],
                    run: moduleList),
                Command(
                    "LOAD", .atLeast(3), [.admin, .noScript, .noAsyncLoading, .protected],
                    arguments: .string("path"),
                    .string("arg").optional.multiple,
                    group: .server, since: "4.0.0", complexity: "O(1)",
                    summary: "Is refused: modules cannot be loaded.",
                    run: refuseModule),
                Command(
                    "LOADEX", .atLeast(3), [.admin, .noScript, .noAsyncLoading, .protected],
                    arguments: .string("path"),
                    .block(
                        "configs", token: "CONFIG",
                        .string("name"),
                        .string("value")
                    ).optional.multiple.multipleToken,
                    .string("args", token: "ARGS").optional.multiple,
                    group: .server, since: "7.0.0", complexity: "O(1)",
                    summary: "Is refused: modules cannot be loaded.",
                    run: refuseModule),
                Command(
                    "UNLOAD", .exactly(3), [.admin, .noScript, .noAsyncLoading, .protected],
                    arguments: .string("name"),
                    group: .server, since: "4.0.0", complexity: "O(1)",
                    summary: "Is refused: there are no modules.",
                    run: refuseModule),
            ]),
        Command(
            "ROLE", .exactly(1), [.noScript, .loading, .stale, .fast],
            group: .server, since: "2.8.12", complexity: "O(1)",
            summary: "Tells the server's part in replication.",
            categories: [.admin, .dangerous],
            run: role),
        Command(
            "SHUTDOWN", .atLeast(1), [.admin, .noScript, .loading, .stale, .allowBusy, .noMulti],
            arguments: .oneOf(
                "save-selector",
                .token("NOSAVE", name: "nosave"),
                .token("SAVE", name: "save")
            ).optional,
            .token("NOW", name: "now").optional.since("7.0.0"),
            .token("FORCE", name: "force").optional.since("7.0.0"),
            .token("ABORT", name: "abort").optional.since("7.0.0"),
            group: .server, since: "1.0.0",
            complexity: """
                O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise \
                O(1)
                """,
            summary: "Ends the server.",
            run: shutdown),
        Command(
            "TIME", .exactly(1), [.loading, .stale, .fast],
            group: .server, since: "2.6.0", complexity: "O(1)",
            summary: "Answers the server's time: seconds since 1970, and microseconds.",
            tips: ["nondeterministic_output"],
            run: time),
    ]
}

private func lolwut(_ call: inout Call) throws(ReplyError) {
    let showsArt = call.arguments.isEmpty ? true : try asksForArt(&call.arguments)
    let version = "Redis ver. \(call.engine.settings.redisVersion)\n"
    call.reply.verbatim(Array((showsArt ? redstart + "\n" + version : version).utf8))
}

/// In Redis the versions 5 and 6 each drew something, to measures that were given as numbers. Other words than a
/// version mean nothing.
private func asksForArt(_ arguments: inout Arguments) throws(ReplyError) -> Bool {
    guard arguments.left > 1, arguments.take("VERSION") else { return false }
    let version = try arguments.integer()
    guard version == 5 || version == 6 else { return false }
    for _ in 0..<min(arguments.left, version == 5 ? 3 : 2) { _ = try arguments.integer() }
    return true
}

private let redstart = """
          __
        <(o )___
         ( ._>  `-.____
          `---'--.____/==---
             | |
       ------^-^---------
    """

private func role(_ call: inout Call) {
    call.reply.array(3)
    call.reply.bulk(Bytes("master"))
    call.reply.integer(0)
    call.reply.array(0)
}

private func time(_ call: inout Call) {
    let now = call.engine.clock.now
    call.reply.array(2)
    call.reply.bulk(integer: Int(now.seconds))
    call.reply.bulk(integer: Int(now.microseconds % 1_000_000))
}

// MARK: - Modules

private func moduleList(_ call: inout Call) {
    call.reply.array(0)
}

private func refuseModule(_ call: inout Call) throws(ReplyError) {
    throw .notAllowed("MODULE", setting: "module")
}

private func moduleHelp(_ call: inout Call) {
    call.reply.help(
        "MODULE",
        [
            "LIST",
            "    Name the modules that are loaded: none.",
            "LOAD <path> [<arg> ...]",
            "    Refused: modules cannot be loaded.",
            "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
            "    Refused: modules cannot be loaded.",
            "UNLOAD <name>",
            "    Refused: there are no modules.",
        ])
}

// MARK: - Shutdown

private struct ShutdownOptions {
    var saves: Bool?
    var isForced = false
    var aborts = false

    /// Each may be given several times, but not SAVE with NOSAVE, nor ABORT with any other. NOW spares the wait for
    /// replicas, of which there are none.
    init(_ arguments: inout Arguments) throws(ReplyError) {
        var isNow = false
        while !arguments.isEmpty {
            if saves != true, arguments.take("NOSAVE") {
                saves = false
            } else if saves != false, arguments.take("SAVE") {
                saves = true
            } else if arguments.take("NOW") {
                isNow = true
            } else if arguments.take("FORCE") {
                isForced = true
            } else if arguments.take("ABORT") {
                aborts = true
            } else {
                throw .syntax
            }
        }
        if aborts, saves != nil || isNow || isForced { throw .syntax }
    }
}

private func shutdown(_ call: inout Call) throws(ReplyError) {
    let options = try ShutdownOptions(&call.arguments)
    // A shutdown is done at once, so that there never is one to abort.
    guard !options.aborts else { throw ReplyError(line: "ERR No shutdown in progress.") }
    if options.saves != false, let script = call.engine.runningScript { throw .busy(script.kind) }
    let log = call.engine.log
    log.warning("User requested shutdown...")
    if options.saves == true {
        log.warning("There is no snapshot to save the data to.")
        guard options.isForced else {
            log.warning("Errors trying to shut down the server. Check the logs for more information.")
            throw ReplyError(line: "ERR Errors trying to SHUTDOWN. Check logs.")
        }
    }
    log.warning("\(Engine.productName) is now ready to exit, bye bye...")
    call.engine.shutdown = 0
    // Nothing more that it sent is run. The loop closes it with all the others, when nobody listens any more.
    call.client.flags.insert(.blocked)
}
