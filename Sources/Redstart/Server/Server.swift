/// A Redis-protocol server in this process, on a thread of its own.
///
///     let server = try Server()                    // 127.0.0.1, a free port, empty
///     let url = server.url                         // redis://127.0.0.1:49213
///     server.clock.freeze()
///     server.clock.advance(by: .seconds(61))       // what is due by then has happened when this returns
///     let keys = server.inspect { $0[0].keys }
///     server.stop()
///
/// Any number of servers run beside each other; they share nothing. A server leaves the process as it is: it handles no
/// signal, changes no directory, writes nothing to the standard streams. It ends with `stop`, with its last reference,
/// or when a client says SHUTDOWN; the process goes on.
public final class Server: Sendable {
    /// The server's time.
    public let clock: ServerClock
    private let thread: LoopThread

    /// Starts a server, on 127.0.0.1 unless `bind` is among the settings. It serves when this returns.
    ///
    ///     let small = try Server(["maxmemory": "10mb", "maxmemory-policy": "allkeys-lru"], seed: 1)
    ///
    /// - Parameters:
    ///   - settings: settings by the names and with the values of redis.conf; several words in one string. Those that
    ///     concern a process (`daemonize`, `dir`, `pidfile`) are refused. Without `logfile` there is no log.
    ///   - port: the TCP port, 0 for any free one; wins over the setting, and is a free one where neither is given. The
    ///     setting `port` with the value `0` means no TCP at all, as in redis.conf.
    ///   - password: what clients have to say with AUTH: the setting `requirepass`.
    ///   - unixSocket: the path of a Unix socket to listen on as well: the setting `unixsocket`.
    ///   - seed: makes the server repeatable: with the same seed, the same commands get the same answers where chance
    ///     has a say (RANDOMKEY, the order of SCAN, what is evicted). Without one, no two servers are alike.
    /// - Throws: `ServerError` if a setting is wrong or not supported, or if it cannot listen.
    public init(
        _ settings: [String: String] = [:], port: Int? = nil, password: String? = nil, unixSocket: String? = nil,
        seed: UInt64? = nil
    ) throws(ServerError) {
        var values = settings
        if let port { values["port"] = port == 0 ? "any" : String(port) }
        if let password { values["requirepass"] = password }
        if let unixSocket { values["unixsocket"] = unixSocket }
        let settings = try Server.settings(values)
        let log = try Server.log(settings)
        let loop: EventLoop
        do throws(SystemError) {
            let engine = Engine(settings: settings, log: log, seed: seed)
            engine.ownsProcess = false
            loop = try EventLoop(engine)
        } catch {
            throw ServerError(error)
        }
        for listener in try Server.listen(settings) { loop.add(listener) }
        loop.engine.log.notice("Ready to accept connections")
        do throws(SystemError) { thread = try LoopThread(loop) } catch { throw ServerError(error) }
        clock = ServerClock(thread)
    }

    deinit { stop() }

    /// What those settings mean that only a process of its own can follow.
    private static let ofTheProcess: Set<String> = ["always-show-logo", "daemonize", "dir", "pidfile", "port-file"]

    private static func settings(_ values: [String: String]) throws(ServerError) -> Settings {
        let settings = Settings()
        settings.bind = ["127.0.0.1"]
        settings.port = Settings.anyPort
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let setting = SettingTable.find(Array(name.utf8)) else {
                throw ServerError(description: "There is no setting '\(name)'.")
            }
            guard !ofTheProcess.contains(setting.name.description) else {
                throw ServerError(description: "The setting '\(name)' is for a server that is a process of its own.")
            }
            do throws(SettingError) { try setting.set([Array(value.utf8)], settings) } catch {
                throw ServerError(description: "The setting '\(name)' cannot be '\(value)': \(error.reason).")
            }
        }
        return settings
    }

    private static func log(_ settings: Settings) throws(ServerError) -> ServerLog {
        guard !settings.logFile.isEmpty else { return .silent() }
        do throws(SystemError) { return try ServerLog(path: settings.logFile, level: settings.logLevel) } catch {
            throw ServerError(description: "Can't open the log file '\(settings.logFile)': \(error.reason)")
        }
    }

    private static func listen(_ settings: Settings) throws(ServerError) -> [Listener] {
        let log = ServerLog.keepingWarnings()
        do throws(SystemError) { return try Listener.openAll(settings, log) } catch {
            throw error.isLogged ? ServerError(description: log.warnings.joined(separator: "\n")) : ServerError(error)
        }
    }

    // MARK: - Reaching it

    /// The TCP port on which it listens; 0 if it only has a Unix socket.
    public var port: Int { thread.perform { $0.port } }

    /// What a client library connects to: `redis://127.0.0.1:49213`, with the password where there is one, or
    /// `unix:///tmp/redis.sock`.
    public var url: String {
        thread.perform { engine in
            let settings = engine.settings
            let password = settings.requirePass.isEmpty ? "" : ":\(Server.escaped(settings.requirePass.bytes))@"
            guard engine.port != 0 else { return "unix://\(password)\(settings.unixSocket)" }
            let address = settings.bind.first ?? "127.0.0.1"
            let host = ["*", "0.0.0.0", "::*", "::"].contains(address) ? "127.0.0.1" : address
            return "redis://\(password)\(host.contains(":") ? "[\(host)]" : host):\(engine.port)"
        }
    }

    /// Percent-encoded, but for what every URL may hold anywhere.
    private static func escaped(_ text: [UInt8]) -> String {
        var escaped = ""
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.append(Character(UnicodeScalar(byte)))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }

    // MARK: - What Redis cannot do

    /// Starts the sequence of random choices that belongs to `seed`. The order in which keys are kept stays as it is:
    /// to repeat that too (SCAN, RANDOMKEY), start the server with a seed.
    public func seed(_ seed: UInt64) { thread.perform { $0.seed(seed) } }

    /// Looks at the data between two commands: `server.inspect { $0[0].keys }`.
    ///
    /// The databases are good only within `body`, which runs on the server's own thread and holds all clients up.
    /// Within it this server may be asked for more. A server that has ended still shows what it held.
    public func inspect<Result: Sendable>(_ body: @escaping @Sendable (Databases) -> Result) -> Result {
        thread.perform { body(Databases(engine: $0)) }
    }

    /// Whether it serves: until `stop`, or until a client says SHUTDOWN.
    public var isRunning: Bool { thread.isRunning }

    /// Closes all connections and ends the server; its port is free when this returns. Safe to call again.
    public func stop() { thread.stop() }
}

/// Why a server could not be started.
public struct ServerError: Error, CustomStringConvertible, Sendable {
    /// One sentence or more, for people.
    public let description: String

    fileprivate init(description: String) { self.description = description }

    fileprivate init(_ error: SystemError) { description = error.description }
}

/// The time of one server: the system's, or one that a test stops and moves.
///
/// Every deadline lies on this clock: of keys, of commands that wait, of idle clients. The slow log and INFO's
/// durations of work are measured by the machine's.
public struct ServerClock: Sendable {
    private let thread: LoopThread

    init(_ thread: LoopThread) { self.thread = thread }

    /// The server's time now.
    public var now: Timestamp {
        thread.perform { engine in
            engine.clock.refresh()
            return engine.clock.now
        }
    }

    /// Stops the clock where it is.
    public func freeze() { thread.perform { $0.clock.freeze() } }

    /// Stops the clock and moves it on by `duration`, down to a microsecond. What becomes due on the way happens in its
    /// order and at its own moment, and has happened when this returns; a client that waited is sent its answer next.
    public func advance(by duration: Duration) {
        thread.perform { $0.advance(to: $0.clock.now.advanced(by: duration)) }
    }

    /// Stops the clock at a moment, as `advance` does. Going back undoes nothing.
    public func set(to moment: Timestamp) { thread.perform { $0.advance(to: moment) } }

    /// Follows the system's clock again.
    public func resume() { thread.perform { $0.clock.resume() } }
}

/// The databases of a server, while it is being inspected.
public struct Databases {
    let engine: Engine

    /// A database by its number, from 0 to `count` - 1; by default there are 16.
    public subscript(number: Int) -> DatabaseView {
        precondition(number >= 0 && number < count, "there is no database \(number), of \(count)")
        return DatabaseView(database: engine.databases[number])
    }

    /// How many databases there are.
    public var count: Int { engine.databases.count }
}

/// One database, while its server is being inspected. Keys whose time has come do not show.
public struct DatabaseView {
    let database: Database

    /// How many keys there are.
    public var count: Int { database.count }

    /// All keys, sorted. What is not UTF-8 is replaced.
    public var keys: [String] {
        var keys: [String] = []
        database.forEach { keys.append(String($0.key)) }
        return keys.sorted()
    }

    /// The string at `key`; nil if there is none.
    public func string(_ key: String) -> [UInt8]? {
        find(key) { $0.type == .string ? $0.string.array : nil }
    }

    /// The type at `key` as TYPE names it; nil if there is none.
    public func type(_ key: String) -> String? { find(key) { $0.type.name.description } }

    /// When `key` ends; nil if it does not, or is not there.
    public func deadline(_ key: String) -> Timestamp? {
        find(key) { record in
            let deadline = record.deadline
            return deadline == Record.noDeadline ? nil : Timestamp(milliseconds: deadline)
        }
    }

    private func find<Result>(_ key: String, _ body: (Record) -> Result?) -> Result? {
        Array(key.utf8).withBytes { bytes in
            database.find(Key(bytes: bytes, hash: database.keyspace.hash(bytes))).flatMap { body($0.record) }
        }
    }
}
