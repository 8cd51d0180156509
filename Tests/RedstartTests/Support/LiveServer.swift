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
        let loop = try EventLoop(Engine(settings: settings, log: .silent(), seed: 1))
        let listener = try Listener.tcp(settings.bind[0], port: 0, backlog: settings.tcpBacklog)
        loop.add(listener)
        let path = "/tmp/redstart-test-\(listener.port).sock"
        loop.add(try Listener.unix(path, permissions: 0o700, backlog: settings.tcpBacklog))
        port = listener.port
        self.path = path
        thread = try LoopThread(loop)
    }

    deinit { thread.stop() }

    func connect() throws -> RawClient { try RawClient(port: port) }

    /// Looks at the engine between two commands.
    func inspect<Result: Sendable>(_ body: @escaping @Sendable (Engine) -> Result) -> Result { thread.perform(body) }
}
