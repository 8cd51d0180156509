internal import Glibc
internal import Synchronization

/// A loop on a thread of its own. Others reach its engine only through `perform`, between two commands.
@safe final class LoopThread: Sendable {
    /// What crosses to the new thread; from then on only that thread touches it, until it has ended.
    @safe private final class Crossing: @unchecked Sendable {
        let loop: EventLoop
        /// Done when the loop's thread will not touch the loop any more.
        let end = Meeting<Void>()

        init(_ loop: EventLoop) { self.loop = loop }

        func run() {
            LoopThread.leaveSignalsToOthers()
            _ = loop.run()
            end.finish(())
        }
    }

    private let crossing: Crossing
    private let wakeup: Wakeup
    private let thread: pthread_t
    /// Held by whoever looks at the engine once its thread has ended.
    private let door = RecursiveLock()
    /// Whether the thread was joined or let go.
    private let isReleased = Atomic(false)

    init(_ loop: sending EventLoop) throws(SystemError) {
        wakeup = loop.wakeup
        let crossing = Crossing(loop)
        self.crossing = crossing
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(crossing).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Crossing>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        guard code == 0 else {
            unsafe Unmanaged<Crossing>.fromOpaque(argument).release()
            throw SystemError("pthread_create", code: code)
        }
        self.thread = thread
    }

    /// Whether the loop serves still. It does not from the moment on at which its first client is closed for its end.
    var isRunning: Bool { !wakeup.isShut }

    private var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 && !crossing.end.isFinished }

    /// Runs `body` between two commands and waits for it. On the loop's own thread, within another `body`, it runs at
    /// once; so it does when the loop has ended.
    func perform<Result: Sendable>(_ body: @escaping @Sendable (Engine) -> Result) -> Result {
        if isCurrent { return body(crossing.loop.engine) }
        let meeting = Meeting<Result>()
        if wakeup.post({ meeting.finish(body($0)) }) { return meeting.wait() }
        crossing.end.wait()
        return door.withLock { body(crossing.loop.engine) }
    }

    /// Ends the loop and waits until it has ended; not so on the loop's own thread, which ends after its turn.
    func stop() {
        wakeup.stop()
        let isFirst = !isReleased.exchange(true, ordering: .acquiringAndReleasing)
        if isCurrent {
            if isFirst { pthread_detach(thread) }
        } else if isFirst {
            pthread_join(thread, nil)
        } else {
            crossing.end.wait()
        }
    }

    /// Signals to the process are its other threads' business. Those that a thread raises by a fault of its own still
    /// end it as they should.
    private static func leaveSignalsToOthers() {
        var set = sigset_t()
        unsafe sigfillset(&set)
        for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS, SIGPROF] {
            unsafe sigdelset(&set, signal)
        }
        unsafe pthread_sigmask(SIG_SETMASK, &set, nil)
    }
}

/// Where threads wait for another's result.
@safe private final class Meeting<Result: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var result: Result?

    init() {
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    var isFinished: Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return result != nil
    }

    func finish(_ result: Result) {
        unsafe pthread_mutex_lock(mutex)
        self.result = result
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    @discardableResult
    func wait() -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}

/// A lock that its holder may take again.
@safe private final class RecursiveLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_mutexattr_t()
        unsafe pthread_mutexattr_init(&attributes)
        unsafe pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        unsafe pthread_mutex_init(mutex, &attributes)
        unsafe pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}
