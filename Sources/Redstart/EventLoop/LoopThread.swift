internal import Glibc
internal import Synchronization

/// A loop on a thread of its own. Others reach its engine only through `perform`, between two commands.
@safe final class LoopThread: Sendable {
    /// What crosses to the new thread; from then on only that thread touches it, until it has ended.
    @safe private final class Crossing: @unchecked Sendable {
        let loop: EventLoop

        init(_ loop: EventLoop) { self.loop = loop }
    }

    private struct State {
        var isRunning = true
    }

    private let crossing: Crossing
    private let wakeup: Wakeup
    private let thread: pthread_t
    private let state = Mutex(State())

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
                _ = unsafe Unmanaged<Crossing>.fromOpaque(argument).takeRetainedValue().loop.run()
                return nil
            }, argument)
        guard code == 0 else {
            unsafe Unmanaged<Crossing>.fromOpaque(argument).release()
            throw SystemError("pthread_create", code: code)
        }
        self.thread = thread
    }

    /// Runs `body` between two commands and waits for it. Once the loop has ended it runs at once, here.
    /// Must not be called from within `body`.
    func perform<Result: Sendable>(_ body: @escaping @Sendable (Engine) -> Result) -> Result {
        let meeting = Meeting<Result>()
        if pthread_equal(pthread_self(), thread) == 0, wakeup.post({ meeting.finish(body($0)) }) {
            return meeting.wait()
        }
        return state.withLock { _ in body(crossing.loop.engine) }
    }

    /// Ends the loop and waits for its thread; the second call does nothing.
    func stop() {
        let isFirst = state.withLock { state in
            defer { state.isRunning = false }
            return state.isRunning
        }
        guard isFirst else { return }
        _ = wakeup.post { $0.shutdown = 0 }
        pthread_join(thread, nil)
    }
}

/// Where one thread waits for another's result.
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

    func finish(_ result: Result) {
        unsafe pthread_mutex_lock(mutex)
        self.result = result
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    func wait() -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
