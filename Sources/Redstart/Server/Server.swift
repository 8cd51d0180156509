/// A Redis-protocol server in this process, on a thread of its own.
///
///     let server = try Server()                    // 127.0.0.1, a free port, empty
///     let url = server.url                         // redis://127.0.0.1:49213
///     server.clock.freeze()
///     server.clock.advance(by: .seconds(61))       // what is due by then has happened when this returns
///     let keys = server.inspect { $0[0].keys }
///     server.stop()
///
/// Any number of servers run beside each other; they share nothing.
public final class Server: Sendable {
    /// The port on which it listens.
    public let port: Int
    /// The server's time.
    public let clock: ServerClock
    private let thread: LoopThread

    /// Starts a server on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: the port; 0 for a free one.
    ///   - password: what clients have to say with AUTH; nil for none.
    ///   - seed: makes every random choice repeatable: the same seed and the same commands give the same answers.
    /// - Throws: `ServerError` if it cannot listen.
    public init(port: Int = 0, password: String? = nil, seed: UInt64? = nil) throws(ServerError) {
        let settings = Settings()
        settings.bind = ["127.0.0.1"]
        settings.port = port
        settings.requirePass = password ?? ""
        do {
            let loop = try EventLoop(Engine(settings: settings, log: .silent(), seed: seed))
            let listener = try Listener.tcp("127.0.0.1", port: port, backlog: settings.tcpBacklog)
            self.port = listener.port
            settings.port = listener.port
            loop.add(listener)
            thread = try LoopThread(loop)
        } catch {
            throw ServerError(description: error.description)
        }
        clock = ServerClock(thread)
    }

    deinit { stop() }

    /// What a client library connects to.
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// Starts the sequence of random choices that belongs to `seed`.
    public func seed(_ seed: UInt64) { thread.perform { $0.random.seed(seed) } }

    /// Looks at the data between two commands: `server.inspect { $0[0].keys }`.
    ///
    /// The databases are good only within `body`, which runs on the server's own thread and holds all clients up.
    public func inspect<Result: Sendable>(_ body: @escaping @Sendable (Databases) -> Result) -> Result {
        thread.perform { body(Databases(engine: $0)) }
    }

    /// Closes all connections and ends the server. Safe to call again.
    public func stop() { thread.stop() }
}

/// Why a server could not be started.
public struct ServerError: Error, CustomStringConvertible {
    public let description: String
}

/// The time of one server: the system's, or one that a test stops and moves.
///
/// Every deadline lies on this clock: of keys, of commands that wait.
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

    /// Stops the clock and moves it on. What becomes due on the way happens in its order and at its own moment, and has
    /// happened when this returns.
    public func advance(by duration: Duration) {
        thread.perform { $0.advance(to: $0.clock.now.advanced(by: duration)) }
    }

    /// Stops the clock at a moment. Going back makes nothing undone.
    public func set(to moment: Timestamp) { thread.perform { $0.advance(to: moment) } }

    /// Follows the system's clock again.
    public func resume() { thread.perform { $0.clock.resume() } }
}

/// The databases of a server, while it is being inspected.
public struct Databases {
    let engine: Engine

    /// A database by its number.
    public subscript(number: Int) -> DatabaseView { DatabaseView(database: engine.databases[number]) }

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
            return deadline == Record.noDeadline ? nil : Timestamp(microseconds: deadline * 1_000)
        }
    }

    private func find<Result>(_ key: String, _ body: (Record) -> Result?) -> Result? {
        Array(key.utf8).withBytes { bytes in
            database.find(Key(bytes: bytes, hash: database.keyspace.hash(bytes))).flatMap { body($0.record) }
        }
    }
}
