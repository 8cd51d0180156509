/// What runs when a command is called: it reads its words, acts, and writes one reply, or throws what it refuses with.
typealias Handler = @Sendable (inout Call) throws(ReplyError) -> Void

/// Everything known about one command, in one place. COMMAND and its subcommands, key extraction, ACL categories and
/// the README's table are derived from this value.
struct Command: Sendable {
    /// In capitals; of a subcommand only its own word.
    let name: StaticString
    let arity: Arity
    let flags: CommandFlags
    let categories: Categories
    let keys: [KeySpec]
    let arguments: [Argument]
    let group: Group
    let since: StaticString
    let complexity: StaticString
    /// One sentence, in our own words.
    let summary: StaticString
    /// Hints to clients and proxies (COMMAND's `tips`).
    let tips: [StaticString]
    let deprecation: Deprecation?
    /// Finds the keys where the key specs cannot say all; nil where they can.
    let findKeys: KeyFinder?
    /// Whether it is for the server's own use or for debugging (`syscmd` among COMMAND DOCS' flags).
    let isInternal: Bool
    let subcommands: [Command]
    let run: Handler

    init(
        _ name: StaticString, _ arity: Arity, _ flags: CommandFlags = [], keys: KeySpec..., arguments: Argument...,
        group: Group, since: StaticString, complexity: StaticString, summary: StaticString,
        categories: Categories? = nil, tips: [StaticString] = [], deprecated: Deprecation? = nil,
        isInternal: Bool = false, findKeys: KeyFinder? = nil, run: @escaping Handler
    ) {
        self.name = name
        self.arity = arity
        self.flags = flags
        self.categories = (categories ?? group.categories).union(Categories(implied: flags))
        self.keys = keys
        self.arguments = arguments
        self.group = group
        self.since = since
        self.complexity = complexity
        self.summary = summary
        self.tips = tips
        self.deprecation = deprecated
        self.findKeys = findKeys
        self.isInternal = isInternal
        self.subcommands = []
        self.run = run
    }

    /// A container: its calls are its subcommands'. `run` serves a call without one, where there is such a thing.
    init(
        _ name: StaticString, _ arity: Arity = .atLeast(2), _ flags: CommandFlags = [], group: Group,
        since: StaticString, complexity: StaticString = "Depends on subcommand.", summary: StaticString,
        categories: Categories = [], tips: [StaticString] = [], subcommands: [Command],
        run: @escaping Handler = Command.needsSubcommand
    ) {
        self.name = name
        self.arity = arity
        self.flags = flags
        self.categories = categories.union(Categories(implied: flags))
        self.keys = []
        self.arguments = []
        self.group = group
        self.since = since
        self.complexity = complexity
        self.summary = summary
        self.tips = tips
        self.deprecation = nil
        self.findKeys = nil
        self.isInternal = false
        self.subcommands = subcommands
        self.run = run
    }

    /// What a container answers that was called without a subcommand.
    static let needsSubcommand: Handler = { call throws(ReplyError) in
        throw .wrongArity(call.engine.commands.fullNames[call.command])
    }
}

/// How many words a command takes, its name (and its container's) included.
enum Arity: Sendable {
    case exactly(Int)
    case atLeast(Int)

    /// As COMMAND tells it: negative for a minimum.
    var number: Int {
        switch self {
        case .exactly(let count): count
        case .atLeast(let count): -count
        }
    }
}

/// Since when a command is deprecated, and what to use instead.
struct Deprecation: Sendable {
    let since: StaticString
    let replacement: StaticString
}

/// What the gates and the clients need to know of a command. The names are those of COMMAND's reply.
struct CommandFlags: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt32

    static let write = CommandFlags(rawValue: 1 << 0)
    static let readonly = CommandFlags(rawValue: 1 << 1)
    static let denyOOM = CommandFlags(rawValue: 1 << 2)
    static let admin = CommandFlags(rawValue: 1 << 3)
    static let pubsub = CommandFlags(rawValue: 1 << 4)
    static let noScript = CommandFlags(rawValue: 1 << 5)
    static let blocking = CommandFlags(rawValue: 1 << 6)
    static let loading = CommandFlags(rawValue: 1 << 7)
    static let stale = CommandFlags(rawValue: 1 << 8)
    static let skipMonitor = CommandFlags(rawValue: 1 << 9)
    static let skipSlowLog = CommandFlags(rawValue: 1 << 10)
    static let asking = CommandFlags(rawValue: 1 << 11)
    static let fast = CommandFlags(rawValue: 1 << 12)
    static let noAuthentication = CommandFlags(rawValue: 1 << 13)
    static let movableKeys = CommandFlags(rawValue: 1 << 14)
    static let allowBusy = CommandFlags(rawValue: 1 << 15)
    static let noAsyncLoading = CommandFlags(rawValue: 1 << 16)
    static let noMulti = CommandFlags(rawValue: 1 << 17)
    static let noMandatoryKeys = CommandFlags(rawValue: 1 << 18)
    /// Refused where a setting does not allow it (`enable-debug-command`); COMMAND does not list it.
    static let protected = CommandFlags(rawValue: 1 << 19)
    /// Not a write, yet it may have an effect that replicas see: waits in a pause of writes. COMMAND does not list it.
    static let mayReplicate = CommandFlags(rawValue: 1 << 20)

    /// Runs at once in a transaction, too, instead of being queued; COMMAND does not list it.
    static let notQueued = CommandFlags(rawValue: 1 << 21)

    /// Runs a script, which says itself what it needs; COMMAND does not list it.
    static let runsScript = CommandFlags(rawValue: 1 << 22)

    /// What the commands have that subscribe or end subscriptions, and no others.
    static let subscribing: CommandFlags = [.pubsub, .noScript]

    /// In the order in which COMMAND lists them.
    static let names: [(CommandFlags, StaticString)] = [
        (.write, "write"), (.readonly, "readonly"), (.denyOOM, "denyoom"), (.admin, "admin"), (.pubsub, "pubsub"),
        (.noScript, "noscript"), (.blocking, "blocking"), (.loading, "loading"), (.stale, "stale"),
        (.skipMonitor, "skip_monitor"), (.skipSlowLog, "skip_slowlog"), (.asking, "asking"), (.fast, "fast"),
        (.noAuthentication, "no_auth"), (.noMandatoryKeys, "no_mandatory_keys"),
        (.noAsyncLoading, "no_async_loading"), (.noMulti, "no_multi"), (.movableKeys, "movablekeys"),
        (.allowBusy, "allow_busy"),
    ]
}

/// ACL categories.
struct Categories: OptionSet, Sendable {
    let rawValue: UInt32

    static let keyspace = Categories(rawValue: 1 << 0)
    static let read = Categories(rawValue: 1 << 1)
    static let write = Categories(rawValue: 1 << 2)
    static let set = Categories(rawValue: 1 << 3)
    static let sortedSet = Categories(rawValue: 1 << 4)
    static let list = Categories(rawValue: 1 << 5)
    static let hash = Categories(rawValue: 1 << 6)
    static let string = Categories(rawValue: 1 << 7)
    static let bitmap = Categories(rawValue: 1 << 8)
    static let hyperLogLog = Categories(rawValue: 1 << 9)
    static let geo = Categories(rawValue: 1 << 10)
    static let stream = Categories(rawValue: 1 << 11)
    static let pubsub = Categories(rawValue: 1 << 12)
    static let admin = Categories(rawValue: 1 << 13)
    static let fast = Categories(rawValue: 1 << 14)
    static let slow = Categories(rawValue: 1 << 15)
    static let blocking = Categories(rawValue: 1 << 16)
    static let dangerous = Categories(rawValue: 1 << 17)
    static let connection = Categories(rawValue: 1 << 18)
    static let transaction = Categories(rawValue: 1 << 19)
    static let scripting = Categories(rawValue: 1 << 20)

    static let names: [(Categories, StaticString)] = [
        (.keyspace, "keyspace"), (.read, "read"), (.write, "write"), (.set, "set"), (.sortedSet, "sortedset"),
        (.list, "list"), (.hash, "hash"), (.string, "string"), (.bitmap, "bitmap"), (.hyperLogLog, "hyperloglog"),
        (.geo, "geo"), (.stream, "stream"), (.pubsub, "pubsub"), (.admin, "admin"), (.fast, "fast"), (.slow, "slow"),
        (.blocking, "blocking"), (.dangerous, "dangerous"), (.connection, "connection"),
        (.transaction, "transaction"), (.scripting, "scripting"),
    ]
}

extension Categories {
    /// What a command's flags say about its categories.
    init(implied flags: CommandFlags) {
        self = flags.contains(.fast) ? .fast : .slow
        if flags.contains(.write) { insert(.write) }
        // What runs scripts reads nothing itself.
        if flags.contains(.readonly), !flags.contains(.runsScript) { insert(.read) }
        if flags.contains(.admin) { formUnion([.admin, .dangerous]) }
        if flags.contains(.pubsub) { insert(.pubsub) }
        if flags.contains(.blocking) { insert(.blocking) }
    }
}

/// The family of a command, as COMMAND DOCS names it.
enum Group: String, Sendable {
    case generic, string, list, set, hash, stream, geo, bitmap, hyperloglog, connection, server, scripting,
        transactions, pubsub, cluster
    case sortedSet = "sorted-set"

    /// The ACL category that a family's commands have.
    var categories: Categories {
        switch self {
        case .generic: .keyspace
        case .string: .string
        case .list: .list
        case .set: .set
        case .sortedSet: .sortedSet
        case .hash: .hash
        case .stream: .stream
        case .geo: .geo
        case .bitmap: .bitmap
        case .hyperloglog: .hyperLogLog
        case .connection: .connection
        case .scripting: .scripting
        case .transactions: .transaction
        case .pubsub: .pubsub
        case .server, .cluster: []
        }
    }
}
