extension Command {
    static let introspection: [Command] = [
        Command(
            "COMMAND", .atLeast(1), [.loading, .stale], group: .server, since: "2.8.13",
            complexity: "O(N) where N is the total number of Redis commands",
            summary: "Describes every command, and answers questions about them.",
            categories: [.connection],
            tips: ["nondeterministic_output_order"],
            subcommands: [
                Command(
                    "COUNT", .exactly(2), [.loading, .stale],
                    group: .server, since: "2.8.13", complexity: "O(1)",
                    summary: "Counts the commands.",
                    categories: [.connection],
                    run: count),
                Command(
                    "DOCS", .atLeast(2), [.loading, .stale],
                    arguments: .string("command-name").optional.multiple,
                    group: .server, since: "7.0.0",
                    complexity: "O(N) where N is the number of commands to look up",
                    summary: "Documents commands: what they do and which arguments they take.",
                    categories: [.connection],
                    tips: ["nondeterministic_output_order"],
                    run: docs),
                Command(
                    "GETKEYS", .atLeast(3), [.loading, .stale],
                    arguments: .string("command"),
                    .string("arg").optional.multiple,
                    group: .server, since: "2.8.13",
                    complexity: "O(N) where N is the number of arguments to the command",
                    summary: "Finds the keys among the words of a command.",
                    categories: [.connection],
                    run: getKeys),
                Command(
                    "GETKEYSANDFLAGS", .atLeast(3), [.loading, .stale],
                    arguments: .string("command"),
                    .string("arg").optional.multiple,
                    group: .server, since: "7.0.0",
                    complexity: "O(N) where N is the number of arguments to the command",
                    summary: "Finds the keys among the words of a command, and tells what becomes of each.",
                    categories: [.connection],
                    run: getKeysAndFlags),
                Command(
                    "HELP", .exactly(2), [.loading, .stale],
                    group: .server, since: "5.0.0", complexity: "O(1)",
                    summary: "Explains the subcommands.",
                    categories: [.connection],
                    run: help),
                Command(
                    "INFO", .atLeast(2), [.loading, .stale],
                    arguments: .string("command-name").optional.multiple,
                    group: .server, since: "2.8.13",
                    complexity: "O(N) where N is the number of commands to look up",
                    summary: "Describes commands: arity, flags, keys and the like.",
                    categories: [.connection],
                    tips: ["nondeterministic_output_order"],
                    run: info),
                Command(
                    "LIST", .atLeast(2), [.loading, .stale],
                    arguments: .oneOf(
                        "filterby", token: "FILTERBY",
                        .string("module-name", token: "MODULE"),
                        .string("category", token: "ACLCAT"),
                        .pattern("pattern", token: "PATTERN")
                    ).optional,
                    group: .server, since: "7.0.0",
                    complexity: "O(N) where N is the total number of Redis commands",
                    summary: "Names the commands, all or those of a kind.",
                    categories: [.connection],
                    tips: ["nondeterministic_output_order"],
                    run: list),
            ],
            run: describeAll)
    ]
}

private func describeAll(_ call: inout Call) {
    let table = call.engine.commands
    call.reply.array(table.topLevel.count)
    for id in table.topLevel { call.reply.describe(id, in: table) }
}

private func count(_ call: inout Call) {
    call.reply.integer(call.engine.commands.topLevel.count)
}

// MARK: - Documentation

private func docs(_ call: inout Call) throws(ReplyError) {
    let table = call.engine.commands
    guard !call.arguments.isEmpty else {
        call.reply.map(table.topLevel.count)
        for id in table.topLevel { call.reply.document(id, in: table) }
        return
    }
    let mark = call.reply.beginArray()
    var found = 0
    while !call.arguments.isEmpty {
        guard let id = table.find(fullName: try call.arguments.next()) else { continue }
        call.reply.document(id, in: table)
        found += 1
    }
    call.reply.finish(mark, map: found)
}

private func info(_ call: inout Call) throws(ReplyError) {
    guard !call.arguments.isEmpty else { return describeAll(&call) }
    let table = call.engine.commands
    call.reply.array(call.arguments.left)
    while !call.arguments.isEmpty {
        if let id = table.find(fullName: try call.arguments.next()) {
            call.reply.describe(id, in: table)
        } else {
            call.reply.null()
        }
    }
}

// MARK: - Keys

private func getKeys(_ call: inout Call) throws(ReplyError) {
    let words = call.arguments.suffix(from: 2)
    let keys = try findKeys(words, call.engine.commands)
    call.reply.array(keys.count)
    for key in keys { call.reply.bulk(words[key.position]) }
}

private func getKeysAndFlags(_ call: inout Call) throws(ReplyError) {
    let words = call.arguments.suffix(from: 2)
    let keys = try findKeys(words, call.engine.commands)
    call.reply.array(keys.count)
    for key in keys {
        call.reply.array(2)
        call.reply.bulk(words[key.position])
        call.reply.names(of: key.flags)
    }
}

private func findKeys(_ words: Arguments, _ table: CommandTable) throws(ReplyError) -> [KeyReference] {
    guard let id = find(words, table) else { throw ReplyError(line: "ERR Invalid command specified") }
    let command = table.commands[id]
    guard command.canHaveKeys else { throw ReplyError(line: "ERR The command has no key arguments") }
    let arity = command.arity.number
    guard arity < 0 ? words.count >= -arity : words.count == arity else {
        throw ReplyError(line: "ERR Invalid number of arguments specified for command")
    }
    if let keys = command.keyReferences(in: words) { return keys }
    guard command.flags.contains(.noMandatoryKeys) else {
        throw ReplyError(line: "ERR Invalid arguments specified for command")
    }
    return []
}

/// The command that these words would call.
private func find(_ words: Arguments, _ table: CommandTable) -> CommandID? {
    guard let id = table.find(words[0]), words.count > 1, !table.subcommands(id).isEmpty else {
        return table.find(words[0])
    }
    return table.find(words[1], in: id)
}

// MARK: - Names

/// What COMMAND LIST is asked for.
private enum Filter {
    case all
    case none
    case category(Categories)
    case pattern(Bytes)

    func admits(_ name: String, _ command: Command) -> Bool {
        switch self {
        case .all: true
        case .none: false
        case .category(let category): !command.categories.isDisjoint(with: category)
        case .pattern(let pattern): Array(name.utf8).withBytes { Glob.matches(pattern, $0, ignoringCase: true) }
        }
    }
}

private func list(_ call: inout Call) throws(ReplyError) {
    let filter = try filter(&call.arguments)
    let table = call.engine.commands
    let found = zip(table.fullNames, table.commands).filter { filter.admits($0, $1) }.map(\.0).sorted()
    call.reply.array(found.count)
    for name in found { call.reply.bulk(name) }
}

private func filter(_ arguments: inout Arguments) throws(ReplyError) -> Filter {
    guard !arguments.isEmpty else { return .all }
    guard arguments.left == 3, arguments.take("FILTERBY") else { throw .syntax }
    // There are no modules, so none has commands.
    if arguments.take("MODULE") { return .none }
    if arguments.take("ACLCAT") {
        let name = try arguments.next()
        let category = Categories.names.first { name.matches($0.1) }
        return category.map { .category($0.0) } ?? .none
    }
    if arguments.take("PATTERN") { return .pattern(try arguments.next()) }
    throw .syntax
}

private func help(_ call: inout Call) {
    call.reply.help(
        "COMMAND",
        [
            "(no subcommand)",
            "    Describe every command.",
            "COUNT",
            "    Count the commands.",
            "DOCS [<command-name> ...]",
            "    Document the named commands, or every command.",
            "GETKEYS <full-command>",
            "    Find the keys in a command's words.",
            "GETKEYSANDFLAGS <full-command>",
            "    Find the keys in a command's words, and tell what becomes of each.",
            "INFO [<command-name> ...]",
            "    Describe the named commands, or every command.",
            "LIST [FILTERBY MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>]",
            "    Name the commands, all or those of a kind.",
        ])
}
