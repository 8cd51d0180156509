internal import CLinux
internal import Glibc

/// What the system knows of this process and of the machine.
enum ProcessFigures {
    struct Memory {
        /// All pages that are in memory, in bytes.
        var resident = 0
        /// Those of them that belong to files, most of all the program itself.
        var shared = 0
        var own: Int { resident - shared }
    }

    /// In microseconds.
    struct ProcessorTime {
        var user = 0
        var system = 0
    }

    /// As the kernel numbers them.
    enum Scope: Int32 {
        case process = 0
        case thread = 1
    }

    static var memory: Memory {
        let words = read("/proc/self/statm").split(separator: UInt8(ascii: " "))
        guard words.count > 2, let resident = pages(words[1]), let shared = pages(words[2]) else { return Memory() }
        return Memory(resident: resident, shared: shared)
    }

    private static func pages(_ word: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: word, as: UTF8.self)).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
    }

    /// The beginning of a small file; empty if there is none.
    private static func read(_ path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return unsafe [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            count = unsafe max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
        }
    }

    static func processorTime(_ scope: Scope) -> ProcessorTime {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(scope.rawValue), &usage)
        return ProcessorTime(user: microseconds(usage.ru_utime), system: microseconds(usage.ru_stime))
    }

    private static func microseconds(_ time: timeval) -> Int { Int(time.tv_sec) * 1_000_000 + Int(time.tv_usec) }

    /// Name, release and machine: `Linux 6.1.0 x86_64`.
    static let operatingSystem: String = {
        var name = utsname()
        unsafe uname(&name)
        return "\(text(of: name.sysname)) \(text(of: name.release)) \(text(of: name.machine))"
    }()

    private static func text<Characters>(of characters: Characters) -> String {
        unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The memory of the machine, in bytes.
    static let systemMemory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The whole path of the program.
    static let executable: String = {
        var path = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe path.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe readlink("/proc/self/exe", base, buffer.count)
        }
        return String(decoding: path.prefix(max(0, count)), as: UTF8.self)
    }()

    static var processID: Int { Int(getpid()) }

    /// Asks the C library to give free memory back to the system.
    static func trimHeap() { malloc_trim(0) }
}
