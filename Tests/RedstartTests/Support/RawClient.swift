import Glibc

/// A client over a real socket that sees every byte. What does not come within five seconds does not come.
@safe final class RawClient {
    let descriptor: Int32
    private static let patienceMilliseconds: Int32 = 5_000

    /// Connects to an IPv4 address. A small `receiveBuffer` makes a client that soon holds the server up.
    init(port: Int, address name: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        guard unsafe inet_pton(AF_INET, name, &address.sin_addr) == 1 else { throw SocketError(code: EINVAL) }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
        }
        guard connected == 0 else { throw SocketError(code: errno) }
    }

    /// Connects to a Unix socket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
        }
        guard connected == 0 else { throw SocketError(code: errno) }
    }

    deinit { close(descriptor) }

    /// An IPv4 address of this machine that is not its loopback; nil if it has none.
    static func ownAddress() -> String? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return nil }
        defer { unsafe freeifaddrs(list) }
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard let name = unsafe entry.pointee.ifa_addr, unsafe name.pointee.sa_family == sa_family_t(AF_INET) else {
                continue
            }
            var host = [CChar](repeating: 0, count: 64)
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard unsafe getnameinfo(name, size, &host, 64, nil, 0, NI_NUMERICHOST) == 0 else { continue }
            let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !text.hasPrefix("127.") { return text }
        }
        return nil
    }

    struct SocketError: Error {
        let code: Int32
    }

    /// Sends all bytes, waiting for room; stops quietly where the server closed the connection.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends a short text on the connection of a client that belongs to another thread.
    static func send(_ text: String, on descriptor: Int32) {
        _ = unsafe Glibc.send(descriptor, Array(text.utf8), text.utf8.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends so much as there is room for, and says how much that was.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        max(0, unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads up to `count` bytes: fewer only where the connection was closed or nothing comes.
    func read(_ count: Int) -> String {
        var bytes: [UInt8] = []
        while bytes.count < count, let more = receive(upTo: count - bytes.count), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends text and reads as many bytes as the reply should have.
    func answer(_ text: String, like reply: String) -> String {
        send(text)
        return read(reply.utf8.count)
    }

    /// Sends a command and reads a reply of one line.
    func line(_ text: String) -> String {
        send(text)
        return line()
    }

    /// Reads up to the end of a line.
    func line() -> String {
        var bytes: [UInt8] = []
        while bytes.last != 10, let more = receive(upTo: 1), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends text and reads until the server closes the connection; nil if it does not.
    func last(_ text: String) -> String? {
        send(text)
        return readToEnd()
    }

    /// Reads until the server closes the connection; nil if it does not.
    func readToEnd() -> String? {
        var bytes: [UInt8] = []
        while let more = receive(upTo: 1 << 16) {
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
        return nil
    }

    /// Whether something, or the end, arrives within so many milliseconds.
    func hears(within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, milliseconds) > 0
    }

    /// What arrives next; empty at the end of the connection, nil if nothing comes.
    private func receive(upTo count: Int) -> [UInt8]? {
        guard hears(within: RawClient.patienceMilliseconds) else { return nil }
        var buffer = [UInt8](repeating: 0, count: count)
        let received = unsafe recv(descriptor, &buffer, count, 0)
        return received > 0 ? Array(buffer.prefix(received)) : []
    }
}

/// Whole commands and whole replies.
extension RawClient {
    /// Sends a command and reads its reply, as it came over the wire.
    @discardableResult
    func call(_ words: String...) -> String {
        send(words: words)
        return reply()
    }

    /// Sends a command as an array of words.
    func send(words: [String]) {
        send(words.reduce("*\(words.count)\r\n") { $0 + "$\($1.utf8.count)\r\n\($1)\r\n" })
    }

    /// Reads a reply or push to its end, with all that is in it; as much as there is where the connection is closed.
    func reply() -> String {
        let line = line()
        guard let count = Int(line.utf8.dropFirst().dropLast(2).map { String(UnicodeScalar($0)) }.joined()) else {
            return line
        }
        let elements: Int
        switch line.utf8.first {
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"): return count < 0 ? line : line + read(count + 2)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"): elements = count
        case UInt8(ascii: "%"): elements = 2 * count
        default: return line
        }
        return line + (0..<max(0, elements)).map { _ in reply() }.joined()
    }
}
