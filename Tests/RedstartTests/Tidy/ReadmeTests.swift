import Foundation
import Testing

@testable import Redstart

/// README's table of what works is the command table, counted against all commands of Redis 7.4.
@Suite struct Readme {
    private static let start = "renews it -->\n"
    private static let end = "<!-- end of commands -->"

    @Test func `its table shows the commands that there are`() throws {
        let readme = Repository.text("README.md")
        let first = try #require(readme.range(of: Readme.start))
        let last = try #require(readme.range(of: Readme.end))
        let shown = String(readme[first.upperBound..<last.lowerBound])
        let table = try Readme.table()
        if ProcessInfo.processInfo.environment["REDSTART_WRITE"] != nil {
            let renewed = readme.replacingCharacters(in: first.upperBound..<last.lowerBound, with: table)
            try Data(renewed.utf8).write(to: Repository.root.appendingPathComponent("README.md"))
        } else {
            #expect(shown == table, "renew it: REDSTART_WRITE=1 swift test --filter Readme")
        }
    }

    private static func table() throws -> String {
        let reference = try JSONSerialization.jsonObject(
            with: Data(Repository.text("conformance/reference/commands-7.4.json").utf8))
        let all = try #require(reference as? [String: [String: Any]])
        var lines = ["| family | of Redis 7.4's | commands |", "|---|---|---|"]
        let families = Dictionary(grouping: Command.all) { $0.group.rawValue }
        for (family, commands) in families.sorted(by: { $0.key < $1.key }) {
            let total = all.values.count { $0["group"] as? String == family }
            let names = commands.map(name).sorted().joined(separator: ", ")
            lines.append("| \(family) | \(commands.count) of \(total) | \(names) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A container with its subcommands in parentheses.
    private static func name(_ command: Command) -> String {
        guard !command.subcommands.isEmpty else { return command.name.description }
        return "\(command.name) (\(command.subcommands.map(\.name.description).sorted().joined(separator: " ")))"
    }
}
