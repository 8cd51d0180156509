internal import CLinux
internal import Glibc

/// The process' working directory.
enum Directory {
    static var current: String {
        guard let path = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// Goes there; the system's words where it refuses.
    static func change(to path: String) -> String? {
        unsafe chdir(path) == 0 ? nil : SystemError("chdir").reason
    }

    /// The path from the root on.
    static func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(current)/\(path)" }
}

/// Whole files, read and written at once.
enum Files {
    static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        return try read(descriptor)
    }

    static func read(_ descriptor: Int32) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            var failed = false
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                failed = got < 0
                count = max(0, got)
            }
            if failed, errno == EINTR { continue }
            if failed { throw SystemError("read") }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
    }

    /// Puts `text` in the place of whatever is at `path`, whole or not at all.
    static func replace(_ path: String, with text: [UInt8]) throws(SystemError) {
        let temporary = "\(path).\(getpid())"
        var mode = stat()
        let kept = unsafe stat(path, &mode) == 0 ? mode.st_mode & 0o777 : 0o644
        try write(temporary, text, permissions: kept)
        guard unsafe rename(temporary, path) == 0 else {
            let error = SystemError("rename")
            unsafe unlink(temporary)
            throw error
        }
    }

    static func write(_ path: String, _ text: [UInt8], permissions: mode_t = 0o644) throws(SystemError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        var sent = 0
        while sent < text.count {
            let count = unsafe text.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent)
            }
            guard count > 0 || errno == EINTR else { throw SystemError("write") }
            sent += max(0, count)
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 || errno != ENOENT }

    static func remove(_ path: String) { unsafe unlink(path) }

    /// The paths that a pattern of the shell's stands for; itself where it has no wildcards.
    static func matching(_ pattern: String) -> [String] {
        guard pattern.utf8.contains(where: { [42, 63, 91].contains($0) }) else { return [pattern] }
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
        return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }
}
