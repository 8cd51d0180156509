/// One client of an engine: what the server knows of whoever sends commands, apart from the socket.
final class Client {
    struct Flags: OptionSet, BitwiseCopyable {
        let rawValue: UInt32

        static let authenticated = Flags(rawValue: 1 << 0)
        static let monitor = Flags(rawValue: 1 << 1)
        /// To be closed when its output is sent.
        static let closeAfterReply = Flags(rawValue: 1 << 2)
        /// To be closed at once.
        static let closeNow = Flags(rawValue: 1 << 3)
        static let replyOff = Flags(rawValue: 1 << 4)
        static let replySkip = Flags(rawValue: 1 << 5)
        static let replySkipNext = Flags(rawValue: 1 << 6)
        static let noTouch = Flags(rawValue: 1 << 7)
        static let noEvict = Flags(rawValue: 1 << 8)
        static let unixSocket = Flags(rawValue: 1 << 9)
        /// Waits for something; its further commands wait too.
        static let blocked = Flags(rawValue: 1 << 10)
        /// Its next command waits until the pause ends.
        static let paused = Flags(rawValue: 1 << 11)
        static let pubsub = Flags(rawValue: 1 << 12)
        static let multi = Flags(rawValue: 1 << 13)
        static let readOnly = Flags(rawValue: 1 << 14)
        /// In the engine's list of clients that the loop has to look at.
        static let attention = Flags(rawValue: 1 << 15)
        /// Runs a transaction or a script, in which nothing waits.
        static let denyBlocking = Flags(rawValue: 1 << 16)
        /// A key that it watched has changed.
        static let dirtyWatch = Flags(rawValue: 1 << 17)
        static let tracking = Flags(rawValue: 1 << 18)
        /// CLIENT CACHING was called for the command that follows.
        static let caching = Flags(rawValue: 1 << 19)

        /// Those that a command has to pass the gates for.
        static let gated: Flags = [.replyOff, .replySkip, .replySkipNext, .pubsub, .multi, .tracking]
        /// Those under which it is told nothing.
        static let mute: Flags = [.replyOff, .replySkip]
        /// Those that look at the end of a command.
        static let untilNext: Flags = [.replyOff, .replySkip, .replySkipNext, .caching]
        /// Those after which nothing more of its input is executed for now.
        static let stopped: Flags = [.closeAfterReply, .closeNow, .blocked, .paused]
    }

    let id: Int
    let reply = ReplyWriter()
    var flags: Flags = []
    var database = 0
    var name: [UInt8] = []
    var user = "default"
    var libraryName: [UInt8] = []
    var libraryVersion: [UInt8] = []

    /// `address:port`, or the path of a Unix socket with `:0`.
    let address: String
    let localAddress: String
    let descriptor: Int32
    let createdAt: Timestamp
    var lastInteraction: Timestamp
    var lastCommand: CommandID?
    /// Where the loop keeps its connection.
    var slot = -1

    /// What is queued since MULTI; nil outside a transaction.
    var transaction: Transaction?
    /// The first of the keys that it watches, as the table of watches numbers them.
    var firstWatch = WatchTable.none

    var subscriptions = Subscriptions()
    /// How it caches; nil if it does not.
    var tracking: ClientTracking?

    /// What CLIENT LIST tells of its input and output; kept by the loop.
    var queryBufferBytes = 0
    var queryBufferFree = 0
    var argumentBytes = 0
    /// What its watches, subscriptions and tracked prefixes take, in bytes.
    var registeredBytes = 0
    /// What its buffers hold, and it registered, as counted in the engine's total.
    var bufferBytes = 0
    var inputBytes = 0
    var outputBytes = 0
    /// Since when its output is over the soft limit.
    var overSoftLimitSince: Timestamp?
    /// When what it waits for is given up, and what is then to be answered.
    var blockedUntil: Int64?
    var onTimeout: ((Client) -> Void)?
    /// Whether its CLIENT REPLY mode is such that it gets the answer.
    var wantsAnswer = true
    /// The command that waits for keys.
    var waiting: WaitingCommand?
    /// What the command that waits counts as its duration: its work, not its waiting.
    var blockedTicks: UInt64 = 0
    /// What it waits to be freed, by number; see `FlushWaiter`.
    var awaitedGrave: Int?

    init(id: Int, descriptor: Int32, address: String, localAddress: String, now: Timestamp) {
        self.id = id
        self.descriptor = descriptor
        self.address = address
        self.localAddress = localAddress
        createdAt = now
        lastInteraction = now
    }

    /// The output that waits beyond its first part, which every client may have.
    var countedOutput: OutputLimits.Counted { OutputLimits.Counted(pending: reply.pending) }

    @inline(__always)
    var isMute: Bool { !flags.isDisjoint(with: .mute) }
    /// Whether it comes from this machine, over TCP.
    var isLoopback: Bool { ["127.", "[::1]:", "[::ffff:127."].contains { address.hasPrefix($0) } }

    @inline(__always)
    var isStopped: Bool { !flags.isDisjoint(with: .stopped) }
}
