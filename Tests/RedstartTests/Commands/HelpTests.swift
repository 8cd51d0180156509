import Testing

@testable import Redstart

/// What the containers' HELP has in common.
@Suite struct Help {
    @Test(arguments: [
        "COMMAND HELP", "CONFIG HELP", "LATENCY HELP", "MEMORY HELP", "MODULE HELP", "OBJECT HELP", "SLOWLOG HELP",
    ])
    func `begins and ends as clients expect`(_ line: String) throws {
        let session = Session()
        let container = String(line.split(separator: " ")[0])
        let lines = try #require(ParsedReply(session.answer(line))).elements.compactMap { $0.string }
        #expect(lines.first == "\(container) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
        #expect(lines.suffix(2).first == "HELP")
        // Every subcommand is explained, and none that is not there.
        let table = session.engine.commands
        let id = try #require(table.fullNames.firstIndex(of: container.lowercased()))
        let names = table.subcommands(id).map { table.commands[$0].name.description }
        let explained = lines.dropFirst().filter { !$0.hasPrefix(" ") && !$0.hasPrefix("(") }
            .map { String($0.prefix { $0 != " " }) }
        #expect(Set(explained) == Set(names))
    }
}
