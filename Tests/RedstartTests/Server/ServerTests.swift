import Testing

@testable import Redstart

@Suite struct ServerTests {
    @Test func `starts on a free port and stops`() throws {
        let server = try Server()
        #expect(server.port > 0)
        #expect(server.url == "redis://127.0.0.1:\(server.port)")
        #expect(server.inspect { $0[0].keys }.isEmpty)
        server.stop()
        server.stop()
        #expect(server.inspect { $0[0].count } == 0)
    }
}
