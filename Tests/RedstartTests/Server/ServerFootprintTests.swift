import Foundation
import Testing

@testable import Redstart

/// What is left of servers that are gone: nothing. Measured in processes where nothing else runs.
@Suite struct ServerFootprint {
    @Test func `two hundred servers leave no descriptor, thread or memory behind`() async {
        await #expect(processExitsWith: .success) {
            func liveAndDie() throws {
                let server = try Server()
                let client = try RawClient(port: server.port)
                for number in 0..<20 { client.call("SET", "k\(number)", String(repeating: "x", count: 5_000)) }
                client.send("PING\r\n")
                server.stop()
            }
            for _ in 0..<50 { try liveAndDie() }
            let before = try Footprint()
            for _ in 0..<200 { try liveAndDie() }
            let after = try Footprint()
            #expect(after.descriptors == before.descriptors)
            #expect(after.threads == before.threads)
            #expect(after.residentBytes - before.residentBytes < 1 << 20)
        }
    }

    @Test func `signals, directory and limits of the process stay as they are`() async {
        await #expect(processExitsWith: .success) {
            func state() throws -> [String] {
                let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
                let limits = try String(contentsOfFile: "/proc/self/limits", encoding: .utf8)
                let signals = status.split(separator: "\n").filter { $0.hasPrefix("Sig") && !$0.hasPrefix("SigQ") }
                return signals.map(String.init) + [limits, FileManager.default.currentDirectoryPath]
            }
            let before = try state()
            let server = try Server()
            let client = try RawClient(port: server.port)
            #expect(client.call("PING") == "+PONG\r\n")
            #expect(try state() == before)
            client.send("SHUTDOWN\r\n")
            #expect(client.readToEnd() != nil)
            server.stop()
            #expect(try state() == before)
        }
    }
}

/// What a process holds, by its own account.
private struct Footprint {
    let descriptors: Int
    let threads: Int
    let residentBytes: Int

    init() throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        residentBytes = (Int(pages[1]) ?? 0) * 4_096
    }
}
