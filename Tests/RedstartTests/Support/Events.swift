@testable import Redstart

/// The keyspace events of an engine, as `database:event key` in their order, and the moments at which they came.
final class Events {
    private(set) var lines: [String] = []
    private(set) var moments: [Int64] = []
    private let engine: Engine
    private var dirtyBefore: Int

    init(_ engine: Engine) {
        self.engine = engine
        dirtyBefore = engine.statistics.dirty
        engine.keyspace.onEvent = { [weak self] _, event, key, database in
            guard let self else { return }
            lines.append("\(database):\(event) \(String(key))")
            moments.append(self.engine.clock.milliseconds)
        }
    }

    /// What came since the last time.
    func take() -> [String] {
        defer { (lines, moments) = ([], []) }
        return lines
    }

    /// The changes counted since the last time.
    func takeDirty() -> Int {
        defer { dirtyBefore = engine.statistics.dirty }
        return engine.statistics.dirty - dirtyBefore
    }
}

extension Session {
    var events: Events { Events(engine) }

    /// Moves the clock on without firing what is due: as if the loop had not come round yet.
    func sleep(milliseconds: Int64) {
        let now = engine.clock.now.microseconds
        engine.clock.freeze(at: Timestamp(microseconds: now + milliseconds * 1_000))
    }

    /// Moves the clock on through everything that is due.
    func advance(milliseconds: Int64) {
        let now = engine.clock.now.microseconds
        engine.advance(to: Timestamp(microseconds: now + milliseconds * 1_000))
    }

    /// Gives `key` a value that is an object.
    func setObject(_ key: String, _ object: StoredObject, _ type: ValueType) {
        let database = engine.databases[client.database]
        Array(key.utf8).withBytes { bytes in
            let hash = engine.hash(bytes)
            _ = database.table.insertObject(bytes, hash, object, type.rawValue, deadlineRoom: false)
        }
    }
}

/// An object to store, for what has to work with values of any type.
final class TestObject: StoredObject {
    let number: Int
    private let onEnd: () -> Void

    init(_ number: Int, onEnd: @escaping () -> Void = {}) {
        self.number = number
        self.onEnd = onEnd
    }

    deinit { onEnd() }

    override var byteCount: Int { 64 }
    override var encoding: StaticString { "listpack" }
    override func copy() -> StoredObject { TestObject(number + 1, onEnd: onEnd) }
}
