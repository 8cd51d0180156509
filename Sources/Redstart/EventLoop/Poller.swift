internal import CLinux
internal import Glibc

/// Tells which descriptors are ready: epoll.
@safe final class Poller {
    struct Event: BitwiseCopyable {
        /// What the descriptor was added with.
        var token: Int
        var isReadable: Bool
        var isWritable: Bool
        /// Whether the peer will send nothing more: what is left to read ends with that.
        var hasEnded: Bool
    }

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static let capacity = 1_024

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
        unsafe events = .allocate(capacity: Poller.capacity)
    }

    deinit {
        close(descriptor)
        unsafe events.deallocate()
    }

    /// Watches `descriptor` for input, telling of it as long as there is any.
    func add(_ descriptor: Int32, token: Int) {
        control(EPOLL_CTL_ADD, descriptor, token, EPOLLIN.rawValue)
    }

    /// Watches a connection for input, telling only when there is more than before: it costs less than to look every
    /// time at those that were told of, and whoever reads knows from what it got whether there may be more.
    func add(connection descriptor: Int32, token: Int) {
        control(EPOLL_CTL_ADD, descriptor, token, Poller.whenMore)
    }

    /// Watches a connection also for room to write, or not any more.
    func change(connection descriptor: Int32, token: Int, writable: Bool) {
        let events = writable ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLOUT.rawValue : Poller.whenMore
        control(EPOLL_CTL_MOD, descriptor, token, events)
    }

    private static var whenMore: UInt32 { EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue }

    func remove(_ descriptor: Int32) {
        var event = unsafe epoll_event()
        unsafe epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, &event)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ token: Int, _ events: UInt32) {
        var event = unsafe epoll_event()
        unsafe event.events = events
        unsafe event.data.u64 = UInt64(bitPattern: Int64(token))
        unsafe epoll_ctl(self.descriptor, operation, descriptor, &event)
    }

    /// Waits up to `milliseconds` (-1: as long as it takes) and says how many events there are.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(descriptor, events, Int32(Poller.capacity), milliseconds)
        return max(0, Int(count))
    }

    /// How many events there are now.
    func look() -> Int { wait(milliseconds: 0) }

    /// The same; if there is none, whoever else wants this CPU may use it first. A client on the same CPU could not ask
    /// for anything while the server frees memory, until the scheduler's tick takes the CPU away from it.
    func lookOrYield() -> Int {
        let count = look()
        guard count == 0 else { return count }
        sched_yield()
        return look()
    }

    /// One of the events of the last `wait`. A hang-up or an error shows as readable: the read will tell.
    @inline(__always)
    subscript(index: Int) -> Event {
        let event = unsafe events[index]
        let ready = unsafe event.events
        let failed = ready & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        return unsafe Event(
            token: Int(truncatingIfNeeded: event.data.u64), isReadable: ready & EPOLLIN.rawValue != 0 || failed,
            isWritable: ready & EPOLLOUT.rawValue != 0, hasEnded: failed || ready & EPOLLRDHUP.rawValue != 0)
    }
}

/// A call to the system that failed.
struct SystemError: Error, CustomStringConvertible {
    let call: String
    let code: Int32
    /// What is wrong where the system was not asked.
    private let text: String?

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
        text = nil
    }

    init(text: String) {
        call = ""
        code = EINVAL
        self.text = text
    }

    /// The system's words for the error.
    var reason: String { unsafe text ?? String(cString: strerror(code)) }

    var description: String { call.isEmpty ? reason : "\(call): \(reason)" }

    /// Stands for an error that the log tells already.
    static var logged: SystemError { SystemError("", code: 0) }
    var isLogged: Bool { code == 0 }

    var isUnsupportedProtocol: Bool { [EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT].contains(code) }
    var isUnavailableAddress: Bool { code == EADDRNOTAVAIL }
}
