import Foundation
import Testing

/// What a container does with its arguments, by the entry point alone: no engine of containers is needed for that.
@Suite struct Container {
    /// What the entry point runs, with programs on the path that only tell how they were called.
    private static func run(_ arguments: [String], configuration: String = "") throws -> String {
        let folder = try TemporaryFolder()
        for program in ["redis-server", "redstart", "redis-cli"] {
            let path = folder.write(program, "#!/bin/sh\necho \(program) \"$@\"\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        _ = folder.write("redis.conf", configuration)
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [Repository.root.appendingPathComponent(".docker-entrypoint").path] + arguments
        process.environment = ["PATH": "\(folder.path):/usr/bin:/bin"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return String(text.dropLast())
    }

    @Test(arguments: [
        ("redis-server", "redis-server --protected-mode no"),
        ("redstart --port 7000", "redstart --protected-mode no --port 7000"),
        ("--port 7000", "redis-server --protected-mode no --port 7000"),
        ("redis-server --requirepass secret", "redis-server --protected-mode no --requirepass secret"),
        ("redis.conf", "redis-server redis.conf --protected-mode no"),
        ("redis-server redis.conf --port 1", "redis-server redis.conf --protected-mode no --port 1"),
        ("--version", "redis-server --version"),
        ("redis-server -h", "redis-server -h"),
        ("redis-cli ping", "redis-cli ping"),
    ])
    func `runs`(_ arguments: String, _ expected: String) throws {
        #expect(try Self.run(arguments.split(separator: " ").map(String.init)) == expected)
    }

    @Test func `leaves a configuration file its protected mode`() throws {
        let asked = "port 1\n Protected-Mode yes\n"
        #expect(try Self.run(["redis.conf"], configuration: asked) == "redis-server redis.conf")
        let other = "# protected-mode yes\n"
        #expect(try Self.run(["redis.conf"], configuration: other) == "redis-server redis.conf --protected-mode no")
    }
}
