import Testing

@testable import Redstart

/// What the suites of the string commands say to a session. The replies, changes and events are those of a real Redis.
extension Session {
    /// Sends line after line and compares the replies. `LIST key` puts a key of another type there.
    func expect(_ dialogue: [(line: String, reply: String)], sourceLocation: SourceLocation = #_sourceLocation) {
        for (line, reply) in dialogue where !addsList(line) {
            #expect(answer(line) == reply, "\(line)", sourceLocation: sourceLocation)
        }
    }

    /// Sends line after line and compares how many changes each counts, and the events in their order.
    func expectChanges(
        _ dialogue: [(line: String, changes: Int, events: [String])], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var events: [String] = []
        engine.keyspace.onEvent = { _, event, key, _ in events.append("\(event) \(String(key))") }
        for (line, changes, expected) in dialogue where !addsList(line) {
            events = []
            let before = engine.statistics.dirty
            answer(line)
            #expect(engine.statistics.dirty - before == changes, "\(line)", sourceLocation: sourceLocation)
            #expect(events == expected, "\(line)", sourceLocation: sourceLocation)
        }
    }

    private func addsList(_ line: String) -> Bool {
        guard line.hasPrefix("LIST ") else { return false }
        Array(line.dropFirst(5).utf8).withBytes { key in
            let table = engine.databases[0].table
            _ = table.insertObject(
                key, engine.hash(key), StoredObject(), ValueType.list.rawValue, deadlineRoom: false)
        }
        return true
    }

    private func record(_ key: String) -> Record? {
        Array(key.utf8).withBytes { engine.databases[0].find(Key(bytes: $0, hash: engine.hash($0)))?.record }
    }

    /// What OBJECT ENCODING answers.
    func encoding(_ key: String) -> String? { record(key).map { "\($0.encoding)" } }

    /// How many milliseconds a key has left; nil if it has no deadline.
    func milliseconds(_ key: String) -> Int64? {
        guard let record = record(key), record.deadline != Record.noDeadline else { return nil }
        return record.deadline - engine.clock.milliseconds
    }
}
