import Glibc

/// A TCP connection to a server, with blocking writes and reads that give up at a deadline. The only file here that
/// needs unsafe code.
final class Connection {
    private let descriptor: Int32
    private(set) var input: Bytes = []
    /// How much of `input` was consumed.
    var position = 0
    private(set) var isClosed = false
    private var isOpen = true

    /// The protocol that this connection speaks now, as far as HELLO and RESET tell.
    var protocolVersion = 2

    init(host: String, port: Int) throws(Failure) {
        descriptor = try Self.open(host, port)
    }

    deinit { close() }

    private static func open(_ host: String, _ port: Int) throws(Failure) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0 else {
            throw Failure("cannot resolve \(host)")
        }
        defer { unsafe freeaddrinfo(found) }
        var candidate = unsafe found
        while let address = unsafe candidate {
            let family = unsafe address.pointee.ai_family
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
            if descriptor >= 0 {
                if unsafe connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 {
                    var on: Int32 = 1
                    unsafe setsockopt(
                        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                    return descriptor
                }
                _ = Glibc.close(descriptor)
            }
            unsafe candidate = unsafe address.pointee.ai_next
        }
        throw Failure("cannot connect to \(host):\(port): \(unsafe String(cString: strerror(errno)))")
    }

    /// Ends the connection. `abruptly` sends a reset instead of the polite farewell.
    func close(abruptly: Bool = false) {
        guard isOpen else { return }
        isOpen = false
        if abruptly {
            var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
        _ = Glibc.close(descriptor)
    }

    /// The address of this end as the server sees it, such as `127.0.0.1:50312`.
    var localAddress: String {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe getsockname(descriptor, generic, &length)
            }
        }
        guard found == 0 else { return "?" }
        let host = UInt32(bigEndian: address.sin_addr.s_addr)
        let parts = [24, 16, 8, 0].map { String((host >> $0) & 255) }
        return parts.joined(separator: ".") + ":" + String(UInt16(bigEndian: address.sin_port))
    }

    /// Sends all bytes; false when the server has closed the connection.
    @discardableResult
    func send(_ bytes: Bytes) -> Bool {
        guard isOpen else { return false }
        return unsafe bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                guard let base = buffer.baseAddress else { return true }
                let written = unsafe Glibc.send(
                    descriptor, base + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return false }
                sent += written
            }
            return true
        }
    }

    /// Waits until the other side's system has all that was sent, which it says within some 40 ms.
    func awaitDelivery() {
        let deadline = Clock.milliseconds + Connection.patience
        var missing: Int32 = 0
        repeat {
            guard unsafe ioctl(descriptor, UInt(TIOCOUTQ), &missing) == 0, missing > 0 else { return }
            Clock.sleep(milliseconds: 1)
        } while Clock.milliseconds < deadline
    }

    /// Waits up to `milliseconds` for more bytes. False when none came; `isClosed` tells whether any can still come.
    func receive(waiting milliseconds: Int) -> Bool {
        guard isOpen, !isClosed else { return false }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, Int32(milliseconds)) > 0 else { return false }
        if position > 0 && position == input.count {
            input.removeAll(keepingCapacity: true)
            position = 0
        }
        let capacity = 65536
        let taken = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            let taken = unsafe recv(descriptor, buffer.baseAddress, capacity, 0)
            if taken > 0 { unsafe input.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[0..<taken])) }
            return taken
        }
        if taken <= 0 { isClosed = true }
        return taken > 0
    }

    /// What came of waiting for a reply.
    enum Arrival {
        case reply(Reply)
        case closed
        case nothing
        case malformed(String)
    }

    /// How long a reply may take, in milliseconds: several times what busy scripts need on a slow machine.
    static let patience = 20_000

    /// The next reply, waiting for it up to `milliseconds`.
    func nextReply(waiting milliseconds: Int = patience) -> Arrival {
        let deadline = Clock.milliseconds + milliseconds
        while true {
            switch ReplyReader.read(input, at: position) {
            case .reply(let reply, let end):
                position = end
                return .reply(reply)
            case .malformed(let why):
                return .malformed(why)
            case .incomplete:
                let left = deadline - Clock.milliseconds
                if receive(waiting: max(0, left)) { continue }
                if isClosed { return .closed }
                return .nothing
            }
        }
    }

    /// Sends a command and returns its reply; for the tools' own questions.
    func ask(_ words: String...) throws(Failure) -> Reply { try ask(words: words) }

    func ask(words: [String]) throws(Failure) -> Reply {
        send(Wire.command(words.map { Bytes($0.utf8) }))
        switch nextReply() {
        case .reply(let reply): return reply
        case .closed: throw Failure("the server closed the connection at \(words.joined(separator: " "))")
        case .nothing: throw Failure("the server does not answer \(words.joined(separator: " "))")
        case .malformed(let why): throw Failure("\(why), in answer to \(words.joined(separator: " "))")
        }
    }

    /// Where the replies that `rawReplies` has met so far end.
    private(set) var lastEnds: [Int] = []

    /// The raw bytes of the next `count` replies, and where each ends.
    func rawReplies(_ count: Int, waiting milliseconds: Int = patience) throws(Failure) -> (bytes: Bytes, ends: [Int]) {
        if position > 0 {
            input.removeSubrange(0..<position)
            position = 0
        }
        lastEnds.removeAll(keepingCapacity: true)
        var start = 0
        while lastEnds.count < count {
            if let end = try ReplyReader.end(of: input, at: start) {
                lastEnds.append(end)
                start = end
            } else if !receive(waiting: milliseconds) {
                throw Failure(isClosed ? "the server closed the connection" : "no reply within \(milliseconds) ms")
            }
        }
        position = start
        return (input, lastEnds)
    }
}

enum Clock {
    static var milliseconds: Int { reading(CLOCK_MONOTONIC) }
    static var wallMilliseconds: Int { reading(CLOCK_REALTIME) }

    private static func reading(_ clock: clockid_t) -> Int {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }
}

/// The requests' side of the protocol.
enum Wire {
    static func command(_ words: [Bytes]) -> Bytes {
        var bytes: Bytes = []
        append(words, to: &bytes)
        return bytes
    }

    static func append(_ words: [Bytes], to bytes: inout Bytes) {
        bytes.append(0x2A)
        bytes.append(contentsOf: String(words.count).utf8)
        bytes.append(13)
        bytes.append(10)
        for word in words {
            bytes.append(0x24)
            bytes.append(contentsOf: String(word.count).utf8)
            bytes.append(13)
            bytes.append(10)
            bytes.append(contentsOf: word)
            bytes.append(13)
            bytes.append(10)
        }
    }
}
