internal import CLinux
internal import Glibc

/// What a server asks of the system for its process as a whole.
enum ProcessControl {
    /// Descriptors that are not clients: listeners, files, the poller and so on.
    static let reservedDescriptors = 32

    /// Leaves the terminal: the caller goes on as a process of its own, in the background, and its parent ends here.
    static func daemonize() throws(SystemError) {
        let child = redstart_fork()
        guard child >= 0 else { throw SystemError("fork") }
        if child > 0 { _exit(0) }
        setsid()
        let null = unsafe open("/dev/null", O_RDWR)
        guard null >= 0 else { return }
        for standard in Int32(0)...2 { dup2(null, standard) }
        if null > 2 { close(null) }
    }

    /// A peer that is gone, or a terminal that closes, ends no server.
    static func ignoreHangUps() {
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
    }

    /// How many descriptors the process may have open.
    static var descriptorLimit: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Lets the process have `wanted` descriptors open, or as many more than now as the system allows. Answers how many
    /// it may have then, and the system's reason where that is fewer.
    static func raiseDescriptorLimit(to wanted: Int) -> (limit: Int, reason: String) {
        let before = descriptorLimit
        guard before < wanted else { return (before, "") }
        if setDescriptorLimit(wanted) { return (wanted, "") }
        let reason = SystemError("setrlimit").reason
        var (low, high) = (before, wanted)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if setDescriptorLimit(middle) { low = middle } else { high = middle }
        }
        return (low, reason)
    }

    private static func setDescriptorLimit(_ count: Int) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        limit.rlim_cur = rlim_t(count)
        limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
        return unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    }

    /// Writes to the standard error stream.
    static func complain(_ text: [UInt8]) { write(2, text) }

    /// Writes to the standard output stream.
    static func say(_ text: String) { write(1, Array(text.utf8)) }

    private static func write(_ descriptor: Int32, _ text: [UInt8]) {
        unsafe text.withUnsafeBytes { _ = unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }

    static var isOnTerminal: Bool { isatty(1) == 1 }

    static var identifier: Int { Int(getpid()) }
}
