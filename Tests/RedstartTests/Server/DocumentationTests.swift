import Foundation
import Redstart
import Testing

/// The examples of README and of the page on embedding, word for word, and the tests that they are.
@Suite struct Documentation {
    // Sources/Redstart/Redstart.docc/Embedding.md
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

    // swift-format-ignore
    // README.md
    @Test func `a session ends when its key expires`() async throws {
        let server = try Server()                       // 127.0.0.1, a free port, empty
        let shop = try await Shop(redis: server.port)   // the code under test, over a real socket
        try await shop.logIn("ada")
        server.clock.advance(by: .seconds(1_801))       // no sleep
        #expect(server.inspect { $0[0].keys }.isEmpty)
    }
    // end of example

    @Test(arguments: ["README.md", "Sources/Redstart/Redstart.docc/Embedding.md"])
    func `a page shows the example that runs`(_ page: String) throws {
        let here = try String(contentsOfFile: #filePath, encoding: .utf8)
        let example = try #require(between("    // \(page)\n", "    // end of example\n", in: here))
        let indented = Repository.text(page).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
        // Behind the imports, if they are shown, up to the end of the block.
        #expect(indented.contains("\n" + example + "    ```\n"))
    }

    private func between(_ start: String, _ end: String, in text: String) -> String? {
        guard let first = text.range(of: start), let last = text.range(of: end, range: first.upperBound..<text.endIndex)
        else { return nil }
        return String(text[first.upperBound..<last.lowerBound])
    }
}

/// A shop that keeps its sessions in Redis for half an hour: README's code under test.
private struct Shop {
    let redis: RawClient

    init(redis port: Int) async throws { redis = try RawClient(port: port) }

    func logIn(_ name: String) async throws {
        try #require(redis.call("SET", "session:\(name)", "1", "EX", "1800") == "+OK\r\n")
    }
}
