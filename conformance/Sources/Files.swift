import Glibc

/// Whole files in and out, and the list of a folder.
enum Files {
    static func read(_ path: String) throws(Failure) -> Bytes {
        guard let file = unsafe fopen(path, "rb") else { throw Failure("cannot open \(path)") }
        defer { unsafe fclose(file) }
        var bytes: Bytes = []
        while true {
            let taken = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65536) { buffer in
                let taken = unsafe fread(buffer.baseAddress, 1, 65536, file)
                unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[0..<taken]))
                return taken
            }
            if taken == 0 { return bytes }
        }
    }

    static func write(_ bytes: Bytes, to path: String) throws(Failure) {
        guard let file = unsafe fopen(path, "wb") else { throw Failure("cannot write \(path)") }
        defer { unsafe fclose(file) }
        guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw Failure("cannot write all of \(path)")
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The paths of a folder's files with this ending, in order; empty without such a folder.
    static func list(_ folder: String, ending suffix: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var paths: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.hasSuffix(suffix) { paths.append(folder + "/" + name) }
        }
        return paths.sorted()
    }

    /// The folder conformance/ of this checkout: below the working folder, or else where this source was compiled.
    static func folder(source: String = #filePath) -> String {
        if exists("conformance/cases") { return "conformance" }
        var parts = source.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(2)
        return parts.joined(separator: "/")
    }
}

/// Lines to standard output and standard error, each written at once.
enum Output {
    static func line(_ text: String = "") { write(text + "\n", to: 1) }

    static func error(_ text: String) { write(text + "\n", to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Bytes(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let written = unsafe bytes[sent...].withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            guard written > 0 else { return }
            sent += written
        }
    }
}
