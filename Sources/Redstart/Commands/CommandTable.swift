/// A command's number in the table: commands first, their subcommands among them.
typealias CommandID = Int

/// All commands, found by name. It never changes: what differs from server to server (counters) is elsewhere, by
/// number.
final class CommandTable {
    /// What the gates look at for every call, without touching the declaration.
    struct Gate: BitwiseCopyable {
        var flags: CommandFlags
        var least: Int32
        var most: Int32
        /// The position of the first key, 0 if it is not fixed.
        var firstKey: Int32
        /// How far behind that key the first member or field of its collection stands, 0 if there is none.
        var firstMember: Int32
        var hasSubcommands: Bool
        var isSubcommand: Bool
    }

    private struct Place: BitwiseCopyable {
        var name: PackedName
        /// A name padded with zeros is another one.
        var length: Int32
        var id: Int32
    }

    let commands: [Command]
    /// In small letters, with the container: `config|get`.
    let fullNames: [String]
    let topLevel: [CommandID]
    private let children: [[CommandID]]
    let parents: [CommandID?]
    private let places: FixedArray<Place>
    private let gates: FixedArray<Gate>
    /// A function that lies in an array by itself is called through a closure that adapts it; in a structure it is not.
    private struct Run {
        let handler: Handler
    }

    private let runs: ContiguousArray<Run>
    /// EXEC, which the gates treat by what it runs.
    let exec: CommandID

    init(_ declared: [Command]) {
        var commands: [Command] = []
        var fullNames: [String] = []
        var topLevel: [CommandID] = []
        var children: [[CommandID]] = []
        var parents: [CommandID?] = []
        for command in declared {
            let id = commands.count
            topLevel.append(id)
            commands.append(command)
            fullNames.append(command.name.lowercased)
            parents.append(nil)
            children.append(Array(id + 1..<id + 1 + command.subcommands.count))
            for subcommand in command.subcommands {
                commands.append(subcommand)
                fullNames.append(command.name.lowercased + "|" + subcommand.name.lowercased)
                parents.append(id)
                children.append([])
            }
        }
        var capacity = 64
        while capacity < topLevel.count * 3 { capacity *= 2 }
        places = FixedArray(repeating: Place(name: PackedName(.empty), length: 0, id: -1), count: capacity)
        gates = FixedArray(
            repeating: Gate(
                flags: [], least: 0, most: 0, firstKey: 0, firstMember: 0, hasSubcommands: false, isSubcommand: false),
            count: commands.count)
        exec = fullNames.firstIndex(of: "exec") ?? -1
        var runs = ContiguousArray<Run>()
        for command in commands { runs.append(Run(handler: command.run)) }
        self.runs = runs
        self.commands = commands
        self.fullNames = fullNames
        self.topLevel = topLevel
        self.children = children
        self.parents = parents
        for id in topLevel { place(id) }
        for (id, command) in commands.enumerated() {
            gates[id] = CommandTable.gate(command, isSubcommand: parents[id] != nil)
        }
    }

    private func place(_ id: CommandID) {
        let name = PackedName(Bytes(commands[id].name))
        var index = Int(name.hash & UInt64(places.count - 1))
        while places[index].id >= 0 { index = (index + 1) & (places.count - 1) }
        places[index] = Place(name: name, length: Int32(commands[id].name.utf8CodeUnitCount), id: Int32(id))
    }

    private static func gate(_ command: Command, isSubcommand: Bool) -> Gate {
        var firstKey: Int32 = 0
        if let spec = command.keys.first, case .index(let index) = spec.begin, case .range = spec.find {
            firstKey = Int32(index)
        }
        let words = command.arity.number
        return Gate(
            flags: command.flags, least: Int32(abs(words)), most: words < 0 ? .max : Int32(words), firstKey: firstKey,
            firstMember: firstKey > 0 ? firstMember(command.arguments) : 0,
            hasSubcommands: !command.subcommands.isEmpty, isSubcommand: isSubcommand)
    }

    /// Where the first word called a member or a field stands behind the first key, if nothing is left out.
    private static func firstMember(_ arguments: [Argument]) -> Int32 {
        let words = arguments.filter { !$0.isOptional }.flatMap { $0.kind == .block ? $0.arguments : [$0] }
        guard let key = words.firstIndex(where: { $0.kind == .key }),
            let member = words.firstIndex(where: { ["member", "field"].contains($0.name.description) }), member > key
        else { return 0 }
        return Int32(member - key)
    }

    // MARK: - Look-up

    @inline(__always)
    func find(_ name: Bytes) -> CommandID? {
        guard name.count <= PackedName.longest, name.count > 0 else { return nil }
        let packed = PackedName(name)
        let mask = places.count &- 1
        var index = Int(truncatingIfNeeded: packed.hash) & mask
        while places[index].id >= 0 {
            if places[index].name == packed, Int(places[index].length) == name.count { return Int(places[index].id) }
            index = (index &+ 1) & mask
        }
        return nil
    }

    func find(_ name: Bytes, in container: CommandID) -> CommandID? {
        children[container].first { name.matches(commands[$0].name) }
    }

    /// Finds `name` or `container|name`.
    func find(fullName: Bytes) -> CommandID? {
        guard let bar = fullName.firstIndex(of: UInt8(ascii: "|")) else { return find(fullName) }
        guard let container = find(fullName[0..<bar]) else { return nil }
        return find(fullName[bar + 1..<fullName.count], in: container)
    }

    @inline(__always)
    func gate(_ id: CommandID) -> Gate { gates[id] }

    @inline(__always)
    func handler(_ id: CommandID) -> Handler { runs[id].handler }

    func subcommands(_ id: CommandID) -> [CommandID] { children[id] }
}

extension StaticString {
    var lowercased: String { description.lowercased() }
}
