internal import CLinux
internal import Glibc

/// SIGTERM and SIGINT as something that the loop reads. A second SIGINT ends the process wherever it is: who insists
/// does not wait for the end of a long command.
enum SignalSource {
    private nonisolated(unsafe) static var descriptor: Int32 = -1
    private nonisolated(unsafe) static var logDescriptor: Int32 = -1
    private nonisolated(unsafe) static var isEnding = false
    /// SIGINTs are counted above the SIGTERMs.
    private static let interrupt: eventfd_t = 1 << 32

    /// Makes a descriptor that tells of the signals that end a server, and keeps them from ending it by themselves.
    static func make(_ log: ServerLog) -> Int32 {
        unsafe descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        unsafe logDescriptor = log.heldDescriptor()
        // Whoever started this process may have had them blocked, and that is inherited.
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT] {
            unsafe sigaddset(&set, number)
            signal(number) { SignalSource.handle($0) }
        }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        return unsafe descriptor
    }

    /// Interrupts whatever the process does, and so may do next to nothing.
    private static func handle(_ number: Int32) {
        let before = errno
        if unsafe isEnding, number == SIGINT { insist() }
        unsafe isEnding = true
        unsafe eventfd_write(descriptor, number == SIGINT ? interrupt : 1)
        errno = before
    }

    private static func insist() -> Never {
        let (middle, end): (StaticString, StaticString) = (":signal-handler (", ") You insist... exiting now.\n")
        unsafe withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return }
            var count = unsafe Decimal.write(Int(getpid()), to: start)
            unsafe memcpy(start + count, middle.utf8Start, middle.utf8CodeUnitCount)
            count += middle.utf8CodeUnitCount
            unsafe count += Decimal.write(time(nil), to: start + count)
            unsafe memcpy(start + count, end.utf8Start, end.utf8CodeUnitCount)
            unsafe write(logDescriptor, start, count + end.utf8CodeUnitCount)
        }
        _exit(1)
    }

    /// Reads what arrived and tells the engine to end.
    static func take(_ descriptor: Int32, _ engine: Engine) {
        var signals: eventfd_t = 0
        guard unsafe eventfd_read(descriptor, &signals) == 0 else { return }
        let name = signals >= interrupt ? "SIGINT" : "SIGTERM"
        engine.log.signal("Received \(name) scheduling shutdown...")
        engine.log.warning("User requested shutdown...")
        engine.log.warning("\(Engine.productName) is now ready to exit, bye bye...")
        engine.shutdown = 0
    }
}
