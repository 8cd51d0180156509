internal import CLinux
internal import Glibc
internal import Synchronization

/// Lets other threads hand work to a loop, and wake it up for it.
@safe final class Wakeup: Sendable {
    typealias Work = @Sendable (Engine) -> Void

    private struct State {
        var posted: [Work] = []
        var isClosed = false
        var isStopWanted = false
    }

    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(descriptor) }

    /// Runs `work` on the loop's thread, between two commands. False if the loop has ended.
    func post(_ work: @escaping Work) -> Bool {
        let posted = state.withLock { state in
            guard !state.isClosed else { return false }
            state.posted.append(work)
            return true
        }
        if posted { eventfd_write(descriptor, 1) }
        return posted
    }

    /// What was posted since the last call.
    func take() -> [Work] {
        var count: eventfd_t = 0
        unsafe eventfd_read(descriptor, &count)
        return state.withLock { state in
            defer { state.posted = [] }
            return state.posted
        }
    }

    /// Whether work is refused.
    var isShut: Bool { state.withLock { $0.isClosed } }

    /// Makes the loop end after its turn, and in the middle of it if a script keeps it from coming to its end.
    func stop() {
        state.withLock { $0.isStopWanted = true }
        _ = post { $0.shutdown = $0.shutdown ?? 0 }
    }

    var isStopWanted: Bool { state.withLock { $0.isStopWanted } }

    /// Refuses further work and hands out what is left.
    func shut() -> [Work] {
        state.withLock { state in
            state.isClosed = true
            defer { state.posted = [] }
            return state.posted
        }
    }
}
