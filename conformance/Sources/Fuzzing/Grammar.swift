/// What COMMAND DOCS declares about a command's arguments.
struct Argument {
    let name: String
    let type: String
    let token: Bytes?
    let isOptional: Bool
    let isMultiple: Bool
    /// Every repetition begins with the token again.
    let repeatsToken: Bool
    let children: [Argument]

    init(_ fields: [String: Reply]) {
        name = fields["name"]?.string ?? ""
        type = fields["type"]?.string ?? "string"
        token = fields["token"]?.text
        let flags = (fields["flags"]?.items ?? []).map(\.string)
        isOptional = flags.contains("optional")
        isMultiple = flags.contains("multiple") || flags.contains("multiple_token")
        repeatsToken = flags.contains("multiple_token")
        children = Self.list(fields["arguments"])
    }

    static func list(_ reply: Reply?) -> [Argument] { (reply?.items ?? []).map { Argument($0.fields) } }

    /// Every token that appears in these arguments.
    static func tokens(_ arguments: [Argument]) -> [Bytes] {
        arguments.flatMap { argument in
            (argument.token.map { [$0] } ?? []) + tokens(argument.children)
        }
    }
}

/// A command, or one subcommand of a container, as the server under test declares it.
struct DeclaredCommand {
    /// One word, or two for a subcommand.
    let words: [Bytes]
    let group: String
    let arguments: [Argument]
    let tokens: [Bytes]
    let isBlocking: Bool

    /// Whether it orders the members of a sorted set by their bytes.
    var isLexical: Bool { name.hasPrefix("z") && name.contains("lex") }

    /// Such as `get` or `config|get`.
    var name: String { words.map { String($0) }.joined(separator: "|") }

    /// Everything that the server declares, in the order of names.
    static func all(_ server: ServerUnderTest) throws(Failure) -> [DeclaredCommand] {
        let blocking = blockingNames(try server.ask("COMMAND"))
        var commands: [DeclaredCommand] = []
        for (name, docs) in try server.ask("COMMAND", "DOCS").pairs {
            let fields = docs.fields
            let group = fields["group"]?.string ?? ""
            let subcommands = fields["subcommands"]?.pairs ?? []
            for (subcommand, docs) in subcommands {
                let words = subcommand.string.split(separator: "|", maxSplits: 1).map { Bytes($0.utf8) }
                commands.append(
                    DeclaredCommand(words, group, docs.fields["arguments"], blocking.contains(subcommand.string)))
            }
            if subcommands.isEmpty {
                commands.append(
                    DeclaredCommand([name.text], group, fields["arguments"], blocking.contains(name.string)))
            }
        }
        return commands.sorted { $0.name < $1.name }
    }

    private init(_ words: [Bytes], _ group: String, _ arguments: Reply?, _ isBlocking: Bool) {
        self.words = words
        self.group = group
        self.arguments = Argument.list(arguments)
        self.isBlocking = isBlocking
        tokens = Argument.tokens(self.arguments)
    }

    private static func blockingNames(_ table: Reply) -> Set<String> {
        var names: Set<String> = []
        for entry in table.items where entry.items.count > 2 {
            if entry.items[2].items.contains(where: { $0.string == "blocking" }) {
                names.insert(entry.items[0].string)
            }
        }
        return names
    }
}

extension Reply {
    /// A map's entries, also where RESP2 wrote the map as a flat array.
    var pairs: [(Reply, Reply)] {
        stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }
    }

    var fields: [String: Reply] {
        Dictionary(pairs.map { ($0.0.string, $0.1) }) { first, _ in first }
    }
}
