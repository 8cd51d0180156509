internal import CLinux
internal import Glibc

/// A socket that accepts connections: TCP on one address, or a Unix socket.
@safe struct Listener {
    let descriptor: Int32
    /// The port it got: the one asked for, or a free one for port 0.
    let port: Int
    let path: String?
    /// The address as `bind` names it.
    let address: String

    /// Listens on `address`: an IPv4 or IPv6 address or host name, `*` for all of IPv4, `::*` for all of IPv6.
    static func tcp(_ address: String, port: Int, backlog: Int) throws(SystemError) -> Listener {
        let isIPv6 = address.contains(":")
        let host = address == "*" ? "0.0.0.0" : address == "::*" ? "::" : address
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = isIPv6 ? AF_INET6 : AF_INET
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let info = unsafe found else {
            throw SystemError(text: "Name or service not known")
        }
        defer { unsafe freeaddrinfo(found) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(info.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        if isIPv6 { unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, size) }
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
        guard unsafe bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 else {
            defer { close(descriptor) }
            throw SystemError("bind")
        }
        guard listen(descriptor, Int32(backlog)) == 0 else {
            defer { close(descriptor) }
            throw SystemError("listen")
        }
        return Listener(descriptor: descriptor, port: SocketName.local(descriptor).port, path: nil, address: address)
    }

    /// Listens on a Unix socket at `path`, in place of whatever is there.
    static func unix(_ path: String, permissions: Int, backlog: Int) throws(SystemError) -> Listener {
        // Whoever waits for the path to appear may connect at once: it gets its name when the socket listens.
        let mostBytes = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size - 1
        let length = path.utf8.count
        guard length <= mostBytes else {
            throw SystemError(text: "unix socket path too long (\(length)), must be under \(mostBytes + 1)")
        }
        let provisional = length < mostBytes ? path + "~" : String(path.dropLast()) + (path.last == "~" ? "-" : "~")
        unsafe unlink(provisional)
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: provisional.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
        }
        guard bound == 0, listen(descriptor, Int32(backlog)) == 0 else {
            let error = SystemError("bind")
            close(descriptor)
            if bound == 0 { unsafe unlink(provisional) }
            throw error
        }
        if permissions != 0 { unsafe chmod(provisional, mode_t(permissions)) }
        guard unsafe rename(provisional, path) == 0 else {
            let error = SystemError("rename")
            close(descriptor)
            unsafe unlink(provisional)
            throw error
        }
        return Listener(descriptor: descriptor, port: 0, path: path, address: path)
    }

    /// The next waiting connection, ready for the loop; nil when there is none. Throws when the system has no room.
    func accept() throws(SystemError) -> Int32? {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let accepted = accept4(descriptor, nil, nil, flags)
        if accepted >= 0 { return accepted }
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { throw SystemError("accept") }
        return nil
    }

    /// Makes a TCP connection quick to send, and quick to notice that its peer is gone.
    static func prepare(_ descriptor: Int32, isLoopback: Bool, keepAliveSeconds: Int) {
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
        if isLoopback { spareCongestionControl(descriptor) }
        guard keepAliveSeconds > 0 else { return }
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &one, size)
        var idle = Int32(keepAliveSeconds)
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, &idle, size)
        var interval = max(1, idle / 3)
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, &interval, size)
        var count: Int32 = 3
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, &count, size)
    }

    /// Nothing congests the way to a client on this machine: it needs none of the reckoning with every reply that finer
    /// ways than the plainest do, and that the client pays for. A system without it keeps its own.
    private static func spareCongestionControl(_ descriptor: Int32) {
        let plainest: StaticString = "reno"
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, plainest.utf8Start, socklen_t(plainest.utf8CodeUnitCount))
    }

    func stop() {
        close(descriptor)
        if let path { unsafe unlink(path) }
    }
}

/// The address and port of either end of a connection.
@safe struct SocketName {
    var address: String
    var port: Int
    var isLoopback: Bool

    static func local(_ descriptor: Int32) -> SocketName { unsafe SocketName(descriptor, getsockname) }

    static func peer(_ descriptor: Int32) -> SocketName { unsafe SocketName(descriptor, getpeername) }

    /// `address:port`, IPv6 addresses in brackets.
    var text: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private init(
        _ descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        address = "?"
        port = 0
        isLoopback = false
        var host = [CChar](repeating: 0, count: 64)
        var service = [CChar](repeating: 0, count: 16)
        let ok = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe ask(descriptor, name, &length) == 0
                    && getnameinfo(name, length, &host, 64, &service, 16, NI_NUMERICHOST | NI_NUMERICSERV) == 0
            }
        }
        guard ok else { return }
        address = SocketName.text(host)
        port = Int(SocketName.text(service)) ?? 0
        isLoopback = address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }
}
