extension Command {
    static let configuration: [Command] = [
        Command(
            "CONFIG", group: .server, since: "2.0.0",
            summary: "Holds the commands that read and change the server's settings.",
            subcommands: [
                Command(
                    "GET", .atLeast(3), [.admin, .noScript, .loading, .stale],
                    arguments: .string("parameter").multiple,
                    group: .server, since: "2.0.0",
                    complexity: "O(N) when N is the number of configuration parameters provided",
                    summary: "Answers the values of the settings with these names or patterns.",
                    run: configGet),
                Command(
                    "SET", .atLeast(4), [.admin, .noScript, .loading, .stale],
                    arguments: .block(
                        "data",
                        .string("parameter"),
                        .string("value")
                    ).multiple,
                    group: .server, since: "2.0.0",
                    complexity: "O(N) when N is the number of configuration parameters provided",
                    summary: "Changes settings while the server runs: all of those named, or none.",
                    tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
                    run: configSet),
                Command(
                    "RESETSTAT", .exactly(2), [.admin, .noScript, .loading, .stale],
                    group: .server, since: "2.0.0", complexity: "O(1)",
                    summary: "Sets back what INFO counts.",
                    tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
                    run: configResetStatistics),
                Command(
                    "REWRITE", .exactly(2), [.admin, .noScript, .loading, .stale],
                    group: .server, since: "2.8.0", complexity: "O(1)",
                    summary: "Writes the settings in force to the file that the server was started with.",
                    tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
                    run: configRewrite),
                Command(
                    "HELP", .exactly(2), [.loading, .stale],
                    group: .server, since: "5.0.0", complexity: "O(1)",
                    summary: "Tells what CONFIG's subcommands do.",
                    run: configHelp),
            ])
    ]
}

// MARK: - Reading

private func configGet(_ call: inout Call) throws(ReplyError) {
    var patterns: [SettingPattern] = []
    while !call.arguments.isEmpty { patterns.append(SettingPattern(try call.arguments.next())) }
    let mark = call.reply.beginArray()
    var pairs = 0
    for setting in SettingTable.all {
        for name in [setting.name, setting.alias] {
            guard let name, let asked = patterns.first(where: { $0.matches(setting, name) })?.word else { continue }
            // Who asks by name is answered with the name as written.
            call.reply.bulk(asked.matches(name) ? asked : Bytes(name))
            call.reply.bulk(setting.bytes(call.engine.settings))
            pairs += 1
        }
    }
    call.reply.finish(mark, map: pairs)
}

/// A word of CONFIG GET: a pattern, or the whole name of a setting.
private struct SettingPattern {
    let word: Bytes
    private let isPattern: Bool

    init(_ word: Bytes) {
        self.word = word
        isPattern = "*?[".utf8.contains { word.firstIndex(of: $0) != nil }
    }

    func matches(_ setting: Setting, _ name: StaticString) -> Bool {
        guard isPattern else { return word.matches(name) }
        return !setting.traits.contains(.hidden) && Glob.matches(word, Bytes(name), ignoringCase: true)
    }
}

// MARK: - Changing

private func configSet(_ call: inout Call) throws(ReplyError) {
    guard call.arguments.left % 2 == 0 else { throw .syntax }
    var changes: [SettingChange] = []
    var seen: [Bytes] = []
    while !call.arguments.isEmpty {
        let word = try call.arguments.next()
        let name = String(word)
        guard let setting = SettingTable.find(word) else { throw .unknownSetting(word) }
        if let reason = refusal(setting, call) { throw .configSetFailed(name, reason) }
        guard !seen.contains(where: { $0.equalsIgnoringCase(word) }) else {
            throw .configSetFailed(name, "duplicate parameter")
        }
        seen.append(word)
        changes.append(SettingChange(setting: setting, name: name, value: Array(try call.arguments.next())))
    }
    try call.engine.change(changes)
    call.reply.ok()
}

/// Why a setting may not change at all, if so.
private func refusal(_ setting: Setting, _ call: Call) -> String? {
    if setting.traits.contains(.immutable) { return "can't set immutable config" }
    guard setting.traits.contains(.protected) else { return nil }
    if !call.engine.ownsProcess, setting.isNamed(Bytes("dir")) { return "can't set protected config" }
    let access = call.engine.settings.enableProtectedConfigs
    return access.admits(call.client) ? nil : "can't set protected config"
}

// MARK: - The rest

private func configResetStatistics(_ call: inout Call) throws(ReplyError) {
    call.engine.statistics.reset()
    call.engine.commandStatistics.reset()
    call.reply.ok()
}

private func configRewrite(_ call: inout Call) throws(ReplyError) {
    let engine = call.engine
    guard !engine.configurationFile.isEmpty else {
        throw ReplyError(line: "ERR The server is running without a config file")
    }
    let path = engine.configurationFile
    do throws(SystemError) {
        // A file that is gone is written anew.
        let text = Files.exists(path) ? try Files.read(path) : []
        var file = ConfigurationFile(text, engine.settings)
        try Files.replace(path, with: file.rewritten())
    } catch {
        engine.log.warning("CONFIG REWRITE failed: \(error.reason)")
        throw ReplyError(line: "ERR Rewriting config file: \(error.reason)")
    }
    engine.log.notice("CONFIG REWRITE executed with success.")
    call.reply.ok()
}

private func configHelp(_ call: inout Call) throws(ReplyError) {
    call.reply.help(
        "CONFIG",
        [
            "GET <pattern> [<pattern> ...]",
            "    Answer the settings that match, with their values.",
            "SET <setting> <value> [<setting> <value> ...]",
            "    Change settings, all or none.",
            "RESETSTAT",
            "    Set the figures of INFO back.",
            "REWRITE",
            "    Write the settings in force to the configuration file.",
        ])
}
