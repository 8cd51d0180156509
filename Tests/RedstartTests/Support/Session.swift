import Testing

@testable import Redstart

/// An engine and clients that talk to it without sockets: what a suite of a command family uses.
final class Session {
    let engine: Engine
    let client: Client
    private let parser = RequestParser()

    /// A session with an empty engine of its own, its clock standing still, its chance repeatable.
    convenience init() {
        let engine = Engine(settings: Settings(), log: .silent(), seed: 1)
        engine.clock.freeze(at: Timestamp(microseconds: 1_700_000_000_000_000))
        self.init(engine)
    }

    /// A session with an engine that asks for a password.
    convenience init(password: String) {
        let settings = Settings()
        settings.requirePass = Password(Array(password.utf8))
        let engine = Engine(settings: settings, log: .silent(), seed: 1)
        engine.clock.freeze(at: Timestamp(microseconds: 1_700_000_000_000_000))
        self.init(engine)
    }

    /// One more client of an engine.
    init(_ engine: Engine, address: String = "127.0.0.1:1") {
        self.engine = engine
        client = engine.addClient(descriptor: -1, address: address, localAddress: "127.0.0.1:6379")
    }

    deinit { engine.removeClient(client) }

    /// Sends one inline command line (quotes work) and returns the raw reply.
    @discardableResult
    func answer(_ line: String) -> String { send(Array((line + "\r\n").utf8)) }

    /// Sends words as they are and returns the raw reply.
    @discardableResult
    func call(_ words: String...) -> String { call(words: words.map { Array($0.utf8) }) }

    @discardableResult
    func call(words: [[UInt8]]) -> String {
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
        return send(bytes)
    }

    /// Runs all whole commands in `bytes`; returns what was written, including what others caused to be written before.
    @discardableResult
    func send(_ bytes: [UInt8]) -> String {
        unsafe bytes.withUnsafeBytes { input in
            guard let base = input.baseAddress else { return }
            var start = 0
            let limits = RequestParser.Limits(
                bulkBytes: engine.settings.maxBulkBytes, isAuthenticated: client.flags.contains(.authenticated))
            while start < input.count, case .command = unsafe parser.parse(base + start, input.count - start, limits) {
                let end = parser.position
                if parser.wordCount > 0 {
                    let arguments = unsafe parser.arguments(from: 0, count: parser.wordCount, in: base + start)
                    run(arguments)
                }
                parser.drop(through: end)
                start += end
            }
        }
        return read()
    }

    private func run(_ arguments: Arguments) {
        engine.keyspace.touchesKeys = !client.flags.contains(.noTouch)
        var call = Call(
            engine: engine, client: client, reply: client.reply, database: engine.databases[client.database],
            arguments: arguments, command: 0)
        var ticks = Ticks.now
        _ = engine.execute(&call, of: client, engine.commands.find(arguments[0]), startTicks: &ticks)
    }

    /// What waits to be sent to this client.
    func read() -> String {
        let waiting = unsafe client.reply.unsent
        let text = unsafe String(decoding: waiting, as: UTF8.self)
        client.reply.consumed(waiting.count)
        return text
    }
}
