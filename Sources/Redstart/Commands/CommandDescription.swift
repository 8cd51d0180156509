/// What COMMAND and COMMAND INFO tell of a command, and what COMMAND DOCS does: all of it from the declaration.
extension ReplyWriter {
    /// COMMAND INFO's ten fields.
    func describe(_ id: CommandID, in table: CommandTable) {
        let command = table.commands[id]
        let range = command.keyRange
        array(10)
        bulk(table.fullNames[id])
        integer(command.arity.number)
        names(of: command.flags)
        integer(range.first)
        integer(range.last)
        integer(range.step)
        names(of: command.categories)
        set(command.tips.count)
        for tip in command.tips { bulk(tip) }
        set(command.keys.count)
        for spec in command.keys { describe(spec) }
        // RESP3 tells the subcommands as an array where there are some, and as an empty set where there are none.
        let subcommands = table.subcommands(id)
        subcommands.isEmpty ? set(0) : array(subcommands.count)
        for subcommand in subcommands { describe(subcommand, in: table) }
    }

    private func names(of flags: CommandFlags) {
        set(CommandFlags.names.count { flags.contains($0.0) })
        for (flag, name) in CommandFlags.names where flags.contains(flag) { simple(name) }
    }

    private func names(of categories: Categories) {
        set(Categories.names.count { categories.contains($0.0) })
        for (category, name) in Categories.names where categories.contains(category) { simple("@", name) }
    }

    func names(of flags: KeySpec.Flags) {
        set(KeySpec.Flags.names.count { flags.contains($0.0) })
        for (flag, name) in KeySpec.Flags.names where flags.contains(flag) { simple(name) }
    }

    private func describe(_ spec: KeySpec) {
        map(spec.notes == nil ? 3 : 4)
        if let notes = spec.notes { field("notes", notes) }
        bulk("flags")
        names(of: spec.flags)
        bulk("begin_search")
        switch spec.begin {
        case .index(let index):
            begin("index", fields: 1)
            field("index", index)
        case .keyword(let keyword, let start):
            begin("keyword", fields: 2)
            field("keyword", keyword)
            field("startfrom", start)
        case .unknown:
            begin("unknown", fields: 0)
        }
        bulk("find_keys")
        switch spec.find {
        case .range(let last, let step, let limit):
            begin("range", fields: 3)
            field("lastkey", last)
            field("keystep", step)
            field("limit", limit)
        case .keyNumber(let index, let first, let step):
            begin("keynum", fields: 3)
            field("keynumidx", index)
            field("firstkey", first)
            field("keystep", step)
        case .unknown:
            begin("unknown", fields: 0)
        }
    }

    /// A step of a key spec: its type, and the beginning of the map that specifies it.
    private func begin(_ type: StaticString, fields: Int) {
        map(2)
        field("type", type)
        bulk("spec")
        map(fields)
    }

    private func field(_ name: StaticString, _ value: StaticString) {
        bulk(name)
        bulk(value)
    }

    private func field(_ name: StaticString, _ value: Int) {
        bulk(name)
        integer(value)
    }

    // MARK: - Documentation

    /// A command's name and the map of what is documented about it. Fields that it lacks are left out.
    func document(_ id: CommandID, in table: CommandTable) {
        let command = table.commands[id]
        let subcommands = table.subcommands(id)
        let hasFlags = command.isInternal || command.deprecation != nil
        bulk(table.fullNames[id])
        map(
            3 + (command.hasComplexity ? 1 : 0) + (hasFlags ? 1 : 0) + (command.deprecation == nil ? 0 : 2)
                + (command.arguments.isEmpty ? 0 : 1) + (subcommands.isEmpty ? 0 : 1))
        field("summary", command.summary)
        field("since", command.since)
        bulk("group")
        bulk(command.group.rawValue)
        if command.hasComplexity { field("complexity", command.complexity) }
        if hasFlags {
            bulk("doc_flags")
            set((command.deprecation == nil ? 0 : 1) + (command.isInternal ? 1 : 0))
            if command.deprecation != nil { simple("deprecated") }
            if command.isInternal { simple("syscmd") }
        }
        if let deprecation = command.deprecation {
            field("deprecated_since", deprecation.since)
            field("replaced_by", deprecation.replacement)
        }
        if !command.arguments.isEmpty {
            bulk("arguments")
            document(command.arguments)
        }
        if !subcommands.isEmpty {
            bulk("subcommands")
            map(subcommands.count)
            for subcommand in subcommands { document(subcommand, in: table) }
        }
    }

    private func document(_ arguments: [Argument]) {
        array(arguments.count)
        for argument in arguments { document(argument) }
    }

    private func document(_ argument: Argument) {
        let display = argument.displayText
        let flags = argument.flagNames
        map(
            2 + (display == nil ? 0 : 1) + (argument.keySpec == nil ? 0 : 1) + (argument.token == nil ? 0 : 1)
                + (argument.since == nil ? 0 : 1) + (flags.isEmpty ? 0 : 1) + (argument.arguments.isEmpty ? 0 : 1))
        field("name", argument.name)
        bulk("type")
        bulk(argument.kind.rawValue)
        if let display { field("display_text", display) }
        if let keySpec = argument.keySpec { field("key_spec_index", keySpec) }
        if let token = argument.token { field("token", token) }
        if let since = argument.since { field("since", since) }
        if !flags.isEmpty {
            bulk("flags")
            set(flags.count)
            for flag in flags { simple(flag) }
        }
        if !argument.arguments.isEmpty {
            bulk("arguments")
            document(argument.arguments)
        }
    }
}

extension Command {
    var hasComplexity: Bool { complexity.utf8CodeUnitCount > 0 }
}

extension Argument {
    /// What hints show for it. What only holds other arguments has none.
    var displayText: StaticString? { kind == .block || kind == .oneof ? display : display ?? name }

    var flagNames: [StaticString] {
        var names: [StaticString] = []
        if isOptional { names.append("optional") }
        if isMultiple { names.append("multiple") }
        if isMultipleToken { names.append("multiple_token") }
        return names
    }
}
