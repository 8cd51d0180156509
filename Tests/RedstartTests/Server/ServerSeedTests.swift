import Testing

@testable import Redstart

/// Chance that can be repeated.
@Suite struct ServerSeedTests {
    /// What a server with this seed answers where chance has a say.
    private func answers(_ settings: [String: String], seed: UInt64?) throws -> [String] {
        let server = try Server(settings, seed: seed)
        server.clock.set(to: Timestamp(milliseconds: 1_700_000_000_000))
        let client = try RawClient(port: server.port)
        var answers: [String] = []
        for number in 0..<3_000 {
            client.call("SET", "key:\(number)", "value of \(number)")
            if number % 3 == 0 { client.call("GET", "key:\(number / 2)") }
            if number % 500 == 0 { server.clock.advance(by: .seconds(1)) }
        }
        for _ in 0..<50 { answers.append(client.call("RANDOMKEY")) }
        var cursor = "0"
        repeat {
            let reply = client.call("SCAN", cursor)
            cursor = reply.split(separator: "\r\n").dropFirst(2).first.map(String.init) ?? "0"
            answers.append(reply)
        } while cursor != "0"
        return answers + server.inspect { $0[0].keys }
    }

    @Test func `the same seed gives the same answers, another seed others`() throws {
        let first = try answers([:], seed: 7)
        #expect(try answers([:], seed: 7) == first)
        #expect(try answers([:], seed: 8) != first)
        #expect(try answers([:], seed: nil) != first)
    }

    @Test(arguments: ["allkeys-random", "allkeys-lru", "allkeys-lfu"])
    func `the same seed makes the same room`(_ policy: String) throws {
        let settings = ["maxmemory": "980kb", "maxmemory-policy": policy]
        let first = try answers(settings, seed: 7)
        #expect(first.count < 3_000)
        #expect(try answers(settings, seed: 7) == first)
        #expect(try answers(settings, seed: 8) != first)
    }

    @Test func `a seed given later repeats the choices from there on`() throws {
        let server = try Server()
        let client = try RawClient(port: server.port)
        for number in 0..<100 { client.call("SET", "key:\(number)", "v") }
        func choices() -> [String] {
            server.seed(3)
            return (0..<50).map { _ in client.call("RANDOMKEY") }
        }
        let first = choices()
        #expect(choices() == first)
        #expect(Set(first).count > 20)
    }
}
