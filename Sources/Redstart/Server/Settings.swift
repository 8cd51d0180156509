/// The values in force of the settings that this server acts on. What each is called, how it is read and printed, and
/// whether it may change while the server runs, is declared in `SettingTable`.
final class Settings {
    var bind: [String] = ["*", "-::*"]
    /// The TCP port: 0 for none, `Settings.anyPort` for a free one, which then takes its place here.
    var port = 6_379
    /// Whether `port` is one that was found free.
    var wantsAnyPort = false
    /// Where the port is written for whoever started the server; empty for nowhere.
    var portFile = ""
    var unixSocket = ""
    var unixSocketPermissions = 0
    var tcpBacklog = 511
    var tcpKeepAlive = 300
    var maxNewConnectionsPerCycle = 10
    var timeoutSeconds = 0
    var maxClients = 10_000
    var protectedMode = true
    var requirePass: Password = ""
    var databases = 16
    var hz = 10
    var activeRehashing = true
    var daemonize = false
    var pidFile = ""
    var alwaysShowLogo = false

    var maxBulkBytes = 512 << 20
    var maxQueryBufferBytes = 1 << 30
    var outputLimits = OutputLimits()
    var maxMemoryClients = 0

    /// `maxmemory` as it was given, 64 bits without a sign, and as much of it as can be counted.
    var maxMemoryBits = 0
    var maxMemory: Int {
        get { maxMemoryBits < 0 ? .max : maxMemoryBits }
        set { maxMemoryBits = newValue }
    }
    var maxMemoryPolicy = EvictionPolicy.noEviction
    var maxMemorySamples = 5
    var evictionTenacity = 10
    var lfuLogFactor = 10
    var lfuDecayMinutes = 1

    var listMaxListpackSize = -2
    var listCompressDepth = 0
    var setLimits = SetLimits()
    var hashListEntries = 512
    var hashListValueBytes = 64
    var streamBlockBytes = 4_096
    var streamBlockEntries = 100
    var sortedSetMaxListpackEntries = 128
    var sortedSetMaxListpackValue = 64
    var sparseHyperLogLogBytes = 3_000

    var slowLogMicroseconds = 10_000
    var slowLogLength = 128
    var latencyThresholdMilliseconds = 0
    var busyReplyThresholdMilliseconds = 5_000
    var tracksLatency = true
    var latencyPercentiles: [Double] = [50, 99, 99.9]

    var lazyEviction = false
    var lazyExpire = false
    var lazyServerDeletion = false
    var lazyUserDeletion = false
    var lazyUserFlush = false
    /// Whether long strings in dumps are compressed.
    var compressesDumps = true
    var notifiedEvents = EventClasses()
    /// How many keys tracking remembers; 0 without limit.
    var maxTrackedKeys = 1_000_000

    var enableDebugCommand = LocalAccess.no
    var enableProtectedConfigs = LocalAccess.no
    var logLevel = LogLevel.notice
    var logFile = ""
    var redisVersion = "7.4.1"

    /// The port that asks for any free one.
    static let anyPort = -1
}

/// What a client has to say to be let in: any bytes, or none where everybody is.
struct Password: Equatable, ExpressibleByStringLiteral {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(stringLiteral value: String) { bytes = Array(value.utf8) }

    var isEmpty: Bool { bytes.isEmpty }
}

/// Who may use a command that is off by default.
enum LocalAccess: Int {
    case no, yes, local

    /// Whether `client` may, in view of where it comes from.
    func admits(_ client: Client) -> Bool {
        switch self {
        case .no: false
        case .yes: true
        case .local: client.flags.contains(.unixSocket) || client.isLoopback
        }
    }
}

enum LogLevel: Int { case debug, verbose, notice, warning, nothing }

/// How much output may wait for a client before it is disconnected, by class; 0 is no limit.
struct OutputLimits {
    struct Limit: Equatable {
        /// As they were given: 64 bits without a sign.
        private(set) var hard: UInt64
        private(set) var soft: UInt64
        var softSeconds: Int

        init(hard: UInt64, soft: UInt64, softSeconds: Int) {
            (self.hard, self.soft, self.softSeconds) = (hard, soft, softSeconds)
        }

        init(hardBytes: Int = 0, softBytes: Int = 0, softSeconds: Int = 0) {
            self.init(hard: UInt64(hardBytes), soft: UInt64(softBytes), softSeconds: softSeconds)
        }

        /// As much of them as can be counted.
        var hardBytes: Int {
            get { Int(clamping: hard) }
            set { hard = UInt64(newValue) }
        }
        var softBytes: Int {
            get { Int(clamping: soft) }
            set { soft = UInt64(newValue) }
        }

        /// How much output may wait for a client, in bytes.
        var mostPending: Int { hardBytes > 0 ? Counted.mostPending(below: hardBytes) : .max }
    }

    /// Output as Redis counts it: the first 16 KB lie in a buffer that every client has, and do not count. What comes
    /// then lies in blocks, each of which counts whole.
    struct Counted {
        static let freeBytes = 16 << 10
        private static let blockBytes = 20_464
        private static let overheadBytes = 40

        let blocks: Int
        var bytes: Int { blocks * (Counted.blockBytes + Counted.overheadBytes) }

        init(pending: Int) {
            blocks = pending <= Counted.freeBytes ? 0 : (pending - Counted.freeBytes - 1) / Counted.blockBytes + 1
        }

        /// The most that counts for less than `bytes`, which is above zero.
        static func mostPending(below bytes: Int) -> Int {
            let blocks = (bytes - 1) / (blockBytes + overheadBytes)
            return min(blocks, 1 << 40) * blockBytes + freeBytes
        }
    }

    var normal = Limit()
    var replica = Limit(hardBytes: 256 << 20, softBytes: 64 << 20, softSeconds: 60)
    var pubsub = Limit(hardBytes: 32 << 20, softBytes: 8 << 20, softSeconds: 60)
}

/// What gives way when memory is full.
enum EvictionPolicy: String, CaseIterable {
    case volatileLRU = "volatile-lru"
    case volatileLFU = "volatile-lfu"
    case volatileRandom = "volatile-random"
    case volatileTTL = "volatile-ttl"
    case allKeysLRU = "allkeys-lru"
    case allKeysLFU = "allkeys-lfu"
    case allKeysRandom = "allkeys-random"
    case noEviction = "noeviction"

    var isLRU: Bool { self == .volatileLRU || self == .allKeysLRU }
    var isLFU: Bool { self == .volatileLFU || self == .allKeysLFU }
    var isVolatile: Bool {
        self == .volatileLRU || self == .volatileLFU || self == .volatileRandom || self == .volatileTTL
    }
}
