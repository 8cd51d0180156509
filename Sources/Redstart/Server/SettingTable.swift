/// All settings, by name. Each is declared once: those that the server acts on here, those that it only knows in
/// `KnownSettings.swift`.
enum SettingTable {
    static var all: [Setting] { implemented + known }

    /// The setting of that name or alias, letters in any case.
    static func find(_ name: Bytes) -> Setting? {
        // What is only known is not even made where it is not needed.
        implemented.first { $0.isNamed(name) } ?? known.first { $0.isNamed(name) }
    }

    static func find(_ name: [UInt8]) -> Setting? { name.withBytes { find($0) } }

    static let int32 = 0...Int(Int32.max)
    static let natural = 0...Int.max

    static let implemented: [Setting] = [
        // Connections.
        .custom("bind", .multiple, effect: .listening, get: { $0.bind.joined(separator: " ") }, set: setBind),
        .integer("port", \.port, 0...65_535, .port, effect: .listening),
        .text("port-file", \.portFile, [.immutable, .hidden]),
        .text("unixsocket", \.unixSocket, .immutable),
        .integer("unixsocketperm", \.unixSocketPermissions, 0...0o777, .octal, .immutable),
        .integer("tcp-backlog", \.tcpBacklog, int32, .none, .immutable),
        .integer("tcp-keepalive", \.tcpKeepAlive, int32),
        .integer("timeout", \.timeoutSeconds, int32),
        .integer("maxclients", \.maxClients, 1...Int(UInt32.max), effect: .clientLimit),
        .integer("max-new-connections-per-cycle", \.maxNewConnectionsPerCycle, 1...1_000),
        .boolean("protected-mode", \.protectedMode),
        .password("requirepass", \.requirePass),
        .integer("proto-max-bulk-len", \.maxBulkBytes, 1 << 20...Int.max, .bytes),
        .integer("client-query-buffer-limit", \.maxQueryBufferBytes, 1 << 20...Int.max, .bytes),
        .custom(
            "client-output-buffer-limit", .multiple, get: { $0.outputLimits.description }, set: setOutputLimits),
        .integer("maxmemory-clients", \.maxMemoryClients, natural, .bytesOrPercent),

        // Memory.
        .integer("maxmemory", \.maxMemoryBits, natural, .unsignedBytes),
        .choice(
            "maxmemory-policy",
            [
                "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu",
                "allkeys-random", "noeviction",
            ],
            get: { EvictionPolicy.allCases.firstIndex(of: $0.maxMemoryPolicy) ?? 0 },
            set: { $0.maxMemoryPolicy = EvictionPolicy.allCases[$1] }),
        .integer("maxmemory-samples", \.maxMemorySamples, 1...Int(Int32.max)),
        .integer("maxmemory-eviction-tenacity", \.evictionTenacity, 0...100),
        .integer("lfu-log-factor", \.lfuLogFactor, int32),
        .integer("lfu-decay-time", \.lfuDecayMinutes, int32),
        // What is deleted is freed a part each turn, whatever these say: `yes` is always fulfilled.
        .boolean("lazyfree-lazy-eviction", \.lazyEviction),
        .boolean("lazyfree-lazy-expire", \.lazyExpire),
        .boolean("lazyfree-lazy-server-del", \.lazyServerDeletion),
        .boolean("lazyfree-lazy-user-del", \.lazyUserDeletion),
        .boolean("lazyfree-lazy-user-flush", \.lazyUserFlush),
        .boolean("activerehashing", \.activeRehashing),
        .boolean("rdbcompression", \.compressesDumps),

        // Layouts of small values.
        .integer(
            "list-max-listpack-size", \.listMaxListpackSize, Int(Int32.min)...Int(Int32.max),
            alias: "list-max-ziplist-size"),
        // Whatever this says, what lies far from the ends is made smaller where that is quick: nobody can see it but by
        // what lists take.
        .integer("list-compress-depth", \.listCompressDepth, int32),
        .integer("set-max-intset-entries", \.setLimits.integers, natural),
        .integer("set-max-listpack-entries", \.setLimits.entries, natural),
        .integer("set-max-listpack-value", \.setLimits.valueBytes, natural, .bytes),
        .integer("hash-max-listpack-entries", \.hashListEntries, natural, alias: "hash-max-ziplist-entries"),
        .integer("hash-max-listpack-value", \.hashListValueBytes, natural, .bytes, alias: "hash-max-ziplist-value"),
        .integer("stream-node-max-bytes", \.streamBlockBytes, natural, .bytes),
        .integer("stream-node-max-entries", \.streamBlockEntries, natural),
        .integer(
            "zset-max-listpack-entries", \.sortedSetMaxListpackEntries, natural, alias: "zset-max-ziplist-entries"),
        .integer(
            "zset-max-listpack-value", \.sortedSetMaxListpackValue, natural, .bytes,
            alias: "zset-max-ziplist-value"),
        .integer("hll-sparse-max-bytes", \.sparseHyperLogLogBytes, natural, .bytes),

        // Watching.
        .integer("slowlog-log-slower-than", \.slowLogMicroseconds, -1...Int.max),
        .integer("slowlog-max-len", \.slowLogLength, natural),
        .integer("latency-monitor-threshold", \.latencyThresholdMilliseconds, natural),
        .boolean("latency-tracking", \.tracksLatency),
        .custom(
            "latency-tracking-info-percentiles", .multiple,
            get: { $0.latencyPercentiles.map(shortened).joined(separator: " ") },
            set: setPercentiles),

        // Scripts.
        .integer("busy-reply-threshold", \.busyReplyThresholdMilliseconds, natural, alias: "lua-time-limit"),

        // Messages.
        .custom(
            "notify-keyspace-events", get: { $0.notifiedEvents.text },
            set: { (words, settings) throws(SettingError) in
                guard words.count == 1 else { throw .wrongArity }
                settings.notifiedEvents = try EventClasses(SettingText.cString(words[0]))
            }),
        .integer("tracking-table-max-keys", \.maxTrackedKeys, natural),

        // The process.
        .integer("databases", \.databases, 1...Int(Int32.max), .none, .immutable),
        .custom("hz", get: { String($0.hz) }, set: setFrequency),
        .boolean("daemonize", \.daemonize, .immutable),
        .text("pidfile", \.pidFile, .immutable),
        .custom("dir", .protected, get: { _ in Directory.current }, set: setDirectory),
        .text("logfile", \.logFile, .immutable),
        .choice(
            "loglevel", ["debug", "verbose", "notice", "warning", "nothing"], effect: .logLevel,
            get: { $0.logLevel.rawValue }, set: { $0.logLevel = LogLevel(rawValue: $1) ?? .notice }),
        .boolean("always-show-logo", \.alwaysShowLogo, .immutable),
        .choice(
            "enable-debug-command", ["no", "yes", "local"], .immutable,
            get: { $0.enableDebugCommand.rawValue },
            set: { $0.enableDebugCommand = LocalAccess(rawValue: $1) ?? .no }),
        .choice(
            "enable-protected-configs", ["no", "yes", "local"], .immutable,
            get: { $0.enableProtectedConfigs.rawValue },
            set: { $0.enableProtectedConfigs = LocalAccess(rawValue: $1) ?? .no }),
        .text("redis-version", \.redisVersion, [.immutable, .hidden]),
    ]
}

// MARK: - Values of several words

private let mostBindAddresses = 16

private func setBind(_ words: [[UInt8]], _ settings: Settings) throws(SettingError) {
    let addresses = SettingText.split(words)
    guard addresses.count <= mostBindAddresses else { throw SettingError("Too many bind addresses specified.") }
    settings.bind = addresses.map { String(decoding: $0, as: UTF8.self) }
}

private func setOutputLimits(_ words: [[UInt8]], _ settings: Settings) throws(SettingError) {
    let parts = SettingText.split(words)
    guard parts.count % 4 == 0, words != [[]] else {
        throw SettingError("Wrong number of arguments in buffer limit configuration.")
    }
    var limits = settings.outputLimits
    for index in stride(from: 0, to: parts.count, by: 4) {
        guard let field = OutputLimits.field(SettingText.cString(parts[index])) else {
            throw SettingError("Invalid client class specified in buffer limit configuration.")
        }
        guard let hard = SettingText.bytes(parts[index + 1]), let soft = SettingText.bytes(parts[index + 2]),
            let seconds = SettingText.lenient(SettingText.cString(parts[index + 3]), base: 10),
            0...Int(Int32.max) ~= seconds
        else { throw SettingError("Error in hard, soft or soft_seconds setting in buffer limit configuration.") }
        limits[keyPath: field] = OutputLimits.Limit(
            hard: hard, soft: soft, softSeconds: seconds)
    }
    settings.outputLimits = limits
}

extension OutputLimits {
    fileprivate static func field(_ name: [UInt8]) -> WritableKeyPath<OutputLimits, Limit>? {
        name.withBytes { name in
            if name.matches("normal") { return \.normal }
            if name.matches("slave") || name.matches("replica") { return \.replica }
            if name.matches("pubsub") { return \.pubsub }
            return nil
        }
    }

    var classes: [(name: String, limit: Limit)] { [("normal", normal), ("slave", replica), ("pubsub", pubsub)] }

    var description: String {
        classes.map { "\($0) \($1.hard) \($1.soft) \($1.softSeconds)" }.joined(separator: " ")
    }
}

private func setPercentiles(_ words: [[UInt8]], _ settings: Settings) throws(SettingError) {
    var percentiles: [Double] = []
    for word in SettingText.split(words) {
        guard let value = word.withBytes({ NumberText.double($0) }) else {
            throw SettingError("Invalid latency-tracking-info-percentiles parameters")
        }
        guard value >= 0, value <= 100 else {
            throw SettingError("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
        }
        percentiles.append(value)
    }
    settings.latencyPercentiles = percentiles
}

private func shortened(_ percentile: Double) -> String {
    NumberText.withGeneralText(of: percentile, significantDigits: 8) { String($0) }
}

private func setFrequency(_ words: [[UInt8]], _ settings: Settings) throws(SettingError) {
    guard words.count == 1 else { throw .wrongArity }
    // Outside of what is sensible the nearest is taken.
    settings.hz = min(500, max(1, try SettingText.integer(words[0], SettingTable.int32, .none)))
}

private func setDirectory(_ words: [[UInt8]], _ settings: Settings) throws(SettingError) {
    guard words.count == 1 else { throw .wrongArity }
    if let reason = Directory.change(to: String(decoding: words[0], as: UTF8.self)) { throw SettingError(reason) }
}
