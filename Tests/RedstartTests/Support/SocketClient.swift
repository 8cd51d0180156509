import Glibc

/// A client on a real socket: sends words, reads whole replies as they came over the wire.
@safe final class SocketClient {
    private let descriptor: Int32
    private var input: [UInt8] = []
    private var position = 0

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Connects to a port of this machine.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
        try connect(&address)
    }

    /// Connects to a Unix socket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        try connect(&address)
    }

    deinit { Glibc.close(descriptor) }

    private func connect<Address>(_ address: inout Address) throws {
        let size = socklen_t(MemoryLayout<Address>.size)
        let connected = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe Glibc.connect(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), size)
        }
        guard connected == 0 else { throw failure("connect") }
        // A reply that does not come fails the test instead of holding it up for ever.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    private func failure(_ what: String) -> Failure {
        unsafe Failure(description: "\(what): \(String(cString: strerror(errno)))")
    }

    // MARK: - Sending

    /// Sends a command and reads its reply: the raw bytes of one whole reply.
    @discardableResult
    func call(_ words: String...) throws -> String {
        try send(words: words)
        return try read()
    }

    /// Sends a command of words.
    func send(_ words: String...) throws { try send(words: words) }

    func send(words: [String]) throws {
        var text = "*\(words.count)\r\n"
        for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
        try send(bytes: Array(text.utf8))
    }

    /// Sends bytes as they are.
    func send(bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure("send") }
            sent += count
        }
    }

    // MARK: - Reading

    /// The next whole reply or push, as it came.
    func read() throws -> String {
        let start = position
        try skipReply()
        let reply = String(decoding: input[start..<position], as: UTF8.self)
        input.removeFirst(position)
        position = 0
        return reply
    }

    private func skipReply() throws {
        let line = try skipLine()
        guard let type = line.first else { throw Failure(description: "an empty line instead of a reply") }
        let count = Int(String(decoding: line.dropFirst(), as: UTF8.self)) ?? 0
        switch type {
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            if count >= 0 { try skip(count + 2) }
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"):
            for _ in 0..<max(0, count) { try skipReply() }
        case UInt8(ascii: "%"):
            for _ in 0..<2 * max(0, count) { try skipReply() }
        default: return
        }
    }

    private func skipLine() throws -> [UInt8] {
        let start = position
        while true {
            if let end = input[start...].firstIndex(of: 10), end > start {
                position = end + 1
                return Array(input[start..<end - 1])
            }
            guard try receive() else { throw Failure(description: "the connection was closed") }
        }
    }

    private func skip(_ count: Int) throws {
        while input.count - position < count {
            guard try receive() else { throw Failure(description: "the connection was closed") }
        }
        position += count
    }

    /// Takes in what has arrived; false at the end of the connection.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0 {
            guard errno == ECONNRESET else { throw failure("recv") }
            return false
        }
        input += buffer[..<count]
        return count > 0
    }

    /// Waits until the other side closes the connection; what arrives meanwhile is dropped.
    func waitForEnd() throws {
        while try receive() { input = [] }
    }

    /// Whether nothing has arrived yet that was not read.
    var isSilent: Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe input.isEmpty && poll(&descriptor, 1, 50) == 0
    }
}
