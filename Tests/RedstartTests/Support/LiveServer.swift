@testable import Redstart

/// A server with settings of its own and a loop on its own thread, for what only shows over real sockets.
final class LiveServer: Sendable {
    let port: Int
    let path: String
    private let thread: LoopThread

    init(_ configure: @Sendable (Settings) -> Void = { _ in }) throws {
        let settings = Settings()
        settings.bind = ["127.0.0.1"]
        configure(settings)
        let loop = try EventLoop(Engine(settings: settings, log: .keepingWarnings(), seed: 1))
        let listener = try Listener.tcp(settings.bind[0], port: 0, backlog: settings.tcpBacklog)
        loop.add(listener)
        let path = "/tmp/redstart-test-\(listener.port).sock"
        loop.add(try Listener.unix(path, permissions: 0o700, backlog: settings.tcpBacklog))
        port = listener.port
        self.path = path
        thread = try LoopThread(loop)
    }

    deinit { thread.stop() }

    /// Connects, and returns once the server knows: the kernel connects before it does.
    func connect() throws -> RawClient {
        let before = arrivals
        let client = try RawClient(port: port)
        while arrivals == before {}
        return client
    }

    private var arrivals: Int { inspect { $0.statistics.connectionsReceived + $0.statistics.rejectedConnections } }

    /// Looks at the engine between two commands.
    func inspect<Result: Sendable>(_ body: @escaping @Sendable (Engine) -> Result) -> Result { thread.perform(body) }
}
