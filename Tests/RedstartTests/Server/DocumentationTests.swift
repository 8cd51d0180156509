import Foundation
import Redstart
import Testing

/// The example of the page on embedding, word for word, and the test that it is.
@Suite struct Documentation {
    // example
    @Test func `a lease ends when its time is over`() throws {
        let server = try Server(seed: 1)
        server.clock.freeze()

        // The code under test: anything that talks to `server.url`.
        let application = try RawClient(port: server.port)
        #expect(application.call("SET", "lease", "ada", "NX", "EX", "30") == "+OK\r\n")
        #expect(application.call("SET", "lease", "bob", "NX", "EX", "30") == "$-1\r\n")

        server.clock.advance(by: .seconds(31))
        #expect(server.inspect { $0[0].keys }.isEmpty)
        #expect(application.call("SET", "lease", "bob", "NX", "EX", "30") == "+OK\r\n")
        server.stop()
    }
    // end of example

    @Test func `the page shows the example that runs`() throws {
        let here = try String(contentsOfFile: #filePath, encoding: .utf8)
        let example = try #require(between("    // example\n", "    // end of example\n", in: here))
        let page = try String(
            contentsOf: Repository.root.appending(path: "Sources/Redstart/Redstart.docc/Embedding.md"), encoding: .utf8)
        let shown = try #require(between("```swift\n", "```\n", in: page))
        let indented = shown.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
        #expect(indented == example)
    }

    private func between(_ start: String, _ end: String, in text: String) -> String? {
        guard let first = text.range(of: start), let last = text.range(of: end, range: first.upperBound..<text.endIndex)
        else { return nil }
        return String(text[first.upperBound..<last.lowerBound])
    }
}
