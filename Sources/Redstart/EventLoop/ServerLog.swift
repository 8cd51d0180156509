internal import CLinux
internal import Glibc

/// The server's log, a line an event, in the form in which Redis' log is read by tools:
/// `PID:M 20 Nov 2026 23:52:10.123 * Ready to accept connections tcp`.
final class ServerLog {
    private let descriptor: Int32
    /// The file, opened anew for each line, so that it can be moved away while the server runs. Empty: the descriptor.
    private let path: String
    var level: LogLevel
    /// What the process is: `C` while it starts, `M` when it serves.
    var role: Character = "M"
    private(set) var warnings: [String] = []
    private var keepsWarnings = false
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A log on an open file; -1 for none.
    init(descriptor: Int32, level: LogLevel = .notice) {
        self.descriptor = descriptor
        path = ""
        self.level = level
    }

    /// A log in the file at `path`, behind what is there.
    init(path: String, level: LogLevel) throws(SystemError) {
        descriptor = -1
        self.path = path
        self.level = level
        let file = ServerLog.open(path)
        guard file >= 0 else { throw SystemError("open") }
        close(file)
    }

    private static func open(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }

    /// The log of a process that is yet to read where its log goes.
    static func beforeSettings() -> ServerLog {
        let log = ServerLog(descriptor: 1)
        log.role = "C"
        return log
    }

    static func silent() -> ServerLog { ServerLog(descriptor: -1, level: .nothing) }

    /// A log of nothing that keeps the warnings for whoever has to tell why something failed.
    static func keepingWarnings() -> ServerLog {
        let log = silent()
        log.keepsWarnings = true
        return log
    }

    func notice(_ text: String) { write(.notice, text) }

    func warning(_ text: String) {
        if keepsWarnings { warnings.append(text) }
        write(.warning, text)
    }

    /// Nothing is put together that nobody is to read.
    func verbose(_ text: @autoclosure () -> String) {
        if level.rawValue <= LogLevel.verbose.rawValue { write(.verbose, text()) }
    }

    /// What a signal asked for, whatever the level.
    func signal(_ text: String) { print("\(getpid()):signal-handler (\(time(nil))) \(text)\n") }

    /// A descriptor that stays open, for who cannot open one.
    func heldDescriptor() -> Int32 { path.isEmpty ? descriptor : ServerLog.open(path) }

    func write(_ level: LogLevel, _ text: String) {
        guard level.rawValue >= self.level.rawValue else { return }
        let mark = [LogLevel.debug: ".", .verbose: "-", .notice: "*"][level] ?? "#"
        print("\(getpid()):\(role) \(ServerLog.now) \(mark) \(text)\n")
    }

    /// Text as it is, without the line's beginning.
    func print(_ text: String) {
        let bytes = Array(text.utf8)
        let file = path.isEmpty ? descriptor : ServerLog.open(path)
        guard file >= 0 else { return }
        unsafe bytes.withUnsafeBytes { _ = unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        if !path.isEmpty { close(file) }
    }

    /// Wall-clock time, whatever the engine's clock says: the log is for people.
    private static var now: String {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var local = unsafe tm()
        unsafe localtime_r(&time.tv_sec, &local)
        func padded(_ value: some BinaryInteger, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = unsafe "\(padded(local.tm_mday, 2)) \(months[Int(local.tm_mon) % 12]) \(Int(local.tm_year) + 1900)"
        let clock = unsafe "\(padded(local.tm_hour, 2)):\(padded(local.tm_min, 2)):\(padded(local.tm_sec, 2))"
        return "\(date) \(clock).\(padded(time.tv_nsec / 1_000_000, 3))"
    }
}
