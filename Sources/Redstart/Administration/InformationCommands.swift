extension Command {
    static let information: [Command] = [
        Command(
            "DBSIZE", .exactly(1), [.readonly, .fast],
            group: .server, since: "1.0.0", complexity: "O(1)",
            summary: "Counts the keys of the selected database.",
            categories: [.keyspace],
            tips: ["request_policy:all_shards", "response_policy:agg_sum"],
            run: databaseSize),
        Command(
            "INFO", .atLeast(1), [.loading, .stale],
            arguments: .string("section").optional.multiple,
            group: .server, since: "1.0.0", complexity: "O(1)",
            summary: "Answers figures about the server, all usual ones or some sections.",
            categories: [.dangerous],
            tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
            run: inform),
        .latency,
        .memory,
        .slowLog,
    ]
}

private func databaseSize(_ call: inout Call) { call.reply.integer(call.database.count) }

private func inform(_ call: inout Call) throws(ReplyError) {
    var sections: Set<InfoSection> = []
    if call.arguments.isEmpty { sections.formUnion(InfoSection.usual) }
    while !call.arguments.isEmpty {
        // What is no section's name asks for nothing.
        sections.formUnion(InfoSection.named(String(try call.arguments.next()).lowercased()))
    }
    var text = InfoText()
    for section in InfoSection.allCases where sections.contains(section) { section.write(call.engine, &text) }
    call.reply.verbatim(text.bytes)
}

/// The sections of INFO, in the order in which they are answered.
enum InfoSection: String, CaseIterable {
    case server, clients, memory, persistence, stats, replication, cpu, modules, commandstats, errorstats, latencystats,
        cluster, keyspace

    /// Those that INFO answers when it is not asked for any.
    static let usual = allCases.filter { $0 != .commandstats && $0 != .latencystats }

    /// The sections that a word asks for, in small letters.
    static func named(_ word: String) -> [InfoSection] {
        switch word {
        case "default": usual
        case "all", "everything": allCases
        default: InfoSection(rawValue: word).map { [$0] } ?? []
        }
    }

    func write(_ engine: Engine, _ text: inout InfoText) {
        switch self {
        case .server: engine.writeServer(&text)
        case .clients: engine.writeClients(&text)
        case .memory: engine.writeMemory(&text)
        case .persistence: engine.writePersistence(&text)
        case .stats: engine.writeStatistics(&text)
        case .replication: engine.writeReplication(&text)
        case .cpu: engine.writeProcessor(&text)
        case .modules: text.section("Modules")
        case .commandstats: engine.writeCommandStatistics(&text)
        case .errorstats: engine.writeErrorStatistics(&text)
        case .latencystats: engine.writeLatencyStatistics(&text)
        case .cluster:
            text.section("Cluster")
            text.field("cluster_enabled", 0)
        case .keyspace: engine.writeKeyspace(&text)
        }
    }
}
