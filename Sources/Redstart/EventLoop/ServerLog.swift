internal import CLinux
internal import Glibc

/// The server's log, a line an event, in the form in which Redis' log is read by tools:
/// `PID:M 20 Nov 2026 23:52:10.123 * Ready to accept connections tcp`.
final class ServerLog {
    private let descriptor: Int32
    var level: LogLevel
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A log on an open file; -1 for none.
    init(descriptor: Int32, level: LogLevel = .notice) {
        self.descriptor = descriptor
        self.level = level
    }

    static func silent() -> ServerLog { ServerLog(descriptor: -1, level: .nothing) }

    func notice(_ text: String) { write(.notice, text) }

    func warning(_ text: String) { write(.warning, text) }

    func verbose(_ text: String) { write(.verbose, text) }

    func write(_ level: LogLevel, _ text: String) {
        guard descriptor >= 0, level.rawValue >= self.level.rawValue else { return }
        let mark = [LogLevel.debug: ".", .verbose: "-", .notice: "*"][level] ?? "#"
        let line = Array("\(getpid()):M \(ServerLog.now) \(mark) \(text)\n".utf8)
        unsafe line.withUnsafeBytes { _ = unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
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
