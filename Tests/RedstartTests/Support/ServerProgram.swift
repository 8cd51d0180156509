import Foundation

/// The program `redstart`, as it was built beside the tests, running as a process of its own.
final class ServerProgram {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let input = Pipe()
    let folder: TemporaryFolder
    private(set) var log = ""

    /// Where the program is.
    static var executable: URL {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("redstart")
    }

    /// Starts it in a folder of its own.
    init(_ arguments: String..., input text: String = "", in folder: TemporaryFolder? = nil) throws {
        self.folder = try folder ?? TemporaryFolder()
        process.executableURL = ServerProgram.executable
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: self.folder.path)
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = input
        try process.run()
        input.fileHandleForWriting.write(Data(text.utf8))
        try input.fileHandleForWriting.close()
    }

    deinit { if process.isRunning { process.terminate() } }

    var identifier: Int32 { process.processIdentifier }

    /// Waits until the log tells `text`, or ends; answers whether it did.
    func waitForLog(_ text: String) -> Bool {
        while !log.contains(text) {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return false }
            log += String(decoding: data, as: UTF8.self)
        }
        return true
    }

    /// The port that it found.
    var port: Int {
        get throws {
            _ = waitForLog("Ready to accept connections")
            return Int(folder.read("port").dropLast()) ?? 0
        }
    }

    /// Sends a signal, waits for the end, and answers the exit status and what was written to the error stream.
    func end(signal: Int32? = nil) -> (status: Int32, errors: String) {
        if let signal { kill(identifier, signal) }
        while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            log += String(decoding: data, as: UTF8.self)
        }
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }

    /// What the log's lines say, without their beginnings.
    var events: [String] {
        log.split(separator: "\n").compactMap { line in
            for mark in [" * ", " # "] {
                if let range = line.range(of: mark) { return String(line[range.upperBound...]) }
            }
            return nil
        }
    }
}

/// A folder that goes when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String) -> String {
        let file = "\(path)/\(name)"
        _ = FileManager.default.createFile(atPath: file, contents: Data(text.utf8))
        return file
    }

    /// A file's text, empty where there is none.
    func read(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data(), as: UTF8.self)
    }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    func permissions(_ name: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return attributes?[.posixPermissions] as? Int
    }
}
