internal import CLinux
internal import Glibc

/// SIGTERM and SIGINT as something that the loop reads.
enum SignalSource {
    /// Makes a descriptor for the signals that end a server, and keeps them from ending it by themselves.
    static func make() -> Int32 {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        return unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
    }

    /// Reads what arrived and tells the engine to end.
    static func take(_ descriptor: Int32, _ engine: Engine) {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while unsafe read(descriptor, &info, size) == size {
            let name = info.ssi_signo == UInt32(SIGINT) ? "SIGINT" : "SIGTERM"
            engine.log.warning("Received \(name) scheduling shutdown...")
            engine.log.warning("User requested shutdown...")
            engine.log.warning("\(Engine.productName) is now ready to exit, bye bye...")
            engine.shutdown = 0
        }
    }
}
