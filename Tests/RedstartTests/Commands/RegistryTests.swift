import Testing

@testable import Redstart

/// Every command has tests, in a suite that a search for its name finds.
@Suite struct Registry {
    private static let sources = Repository.files(below: "Tests").filter { $0.hasSuffix(".swift") }
        .map { Repository.text($0) }.joined(separator: "\n")

    static let names = CommandTable(Command.all).fullNames

    @Test(arguments: names) func `has a suite`(_ name: String) {
        let words = name.uppercased().split(separator: "|").map(String.init)
        let own = words.joined(separator: "_").replacing("-", with: "_")
        let container = words[0].replacing("-", with: "_")
        // A subcommand may be tested in its container's suite, where its words are then sent.
        let line = words.joined(separator: " ")
        let isCovered = Registry.declares(own) || Registry.declares(container) && Registry.sources.contains("\"\(line)")
        let elsewhere = words.count > 1 ? ", or send a line that begins with \"\(line)\" in the suite \(container)" : ""
        #expect(isCovered, "\(name) has no tests: declare `@Suite struct \(own)` in Tests/RedstartTests\(elsewhere)")
    }

    private static func declares(_ suite: String) -> Bool {
        sources.contains("struct \(suite) {") || sources.contains("struct \(suite): ")
    }
}
