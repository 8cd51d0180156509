import Testing

@testable import Redstart

/// Random operations on a hash in all its layouts, against a dictionary.
@Suite struct HashModelTests {
    private struct Value: Equatable {
        var bytes: [UInt8]
        var deadline: Int64
    }

    private final class Model {
        let session = Session()
        var fields: [[UInt8]: Value] = [:]
        var chance: SeededChance

        init(seed: UInt64, entries: Int) {
            chance = SeededChance(seed: seed)
            session.engine.settings.hashListEntries = entries
            session.engine.settingsChanged()
        }

        var database: Database { session.engine.databases[0] }
        var now: Int64 { session.engine.clock.milliseconds }
        var key: Key { Key(bytes: Bytes("h"), hash: session.engine.hash(Bytes("h"))) }

        func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }

        func name(_ names: Int) -> [UInt8] {
            let number = below(names)
            return number % 3 == 0 ? Array(String(number * 77).utf8) : Array("field\(number)".utf8)
        }

        func value() -> [UInt8] {
            switch below(4) {
            case 0: Array(String(below(100_000)).utf8)
            case 1: []
            default: [UInt8](repeating: 0x61, count: below(60))
            }
        }

        func set() {
            let (name, value, keeps) = (name(below(3) == 0 ? 20 : 400), value(), below(3) == 0)
            var entry = database.find(key) ?? database.makeHash(key)
            let isNew = name.withBytes { name in
                value.withBytes { database.setField(&entry, key, name, $0, keepsDeadline: keeps) }
            }
            #expect(isNew == (fields[name] == nil))
            let deadline = keeps ? fields[name]?.deadline ?? Record.noDeadline : Record.noDeadline
            fields[name] = Value(bytes: value, deadline: deadline)
        }

        func remove() {
            guard var entry = database.find(key) else { return #expect(fields.isEmpty) }
            let name = name(400)
            #expect(name.withBytes { database.removeField(&entry, key, $0) } == (fields[name] != nil))
            fields[name] = nil
            if database.isEmptyHash(entry.record) { database.removeEmptied(entry, key) }
        }

        func setDeadline() {
            guard var entry = database.find(key), let name = fields.keys.randomElement(using: &chance) else { return }
            database.makePerishable(&entry)
            let deadline = below(4) == 0 ? Record.noDeadline : now + 1 + Int64(below(500))
            name.withBytes { database.setFieldDeadline(&entry, key, $0, deadline) }
            fields[name]?.deadline = deadline
        }

        func look() {
            let name = name(400)
            let record = database.find(key)?.record
            #expect(name.withBytes { record?.field($0, now)?.array } == fields[name]?.bytes)
            #expect(name.withBytes { record?.fieldDeadline($0, now) } == fields[name]?.deadline)
            #expect(record?.fieldCount(now) ?? 0 == fields.count)
        }

        func advance() {
            session.advance(milliseconds: Int64(below(40)))
            fields = fields.filter { $0.value.deadline > now }
        }

        func compare() {
            guard let record = database.find(key)?.record else { return #expect(fields.isEmpty) }
            if record.form == .inline {
                let isPerishable = record.kind == ValueKind.hashWithDeadlines
                SmallHash(PackedList(record.bytes), hasDeadlines: isPerishable).checkInvariants()
            }
            record.object(as: LargeHash.self)?.checkInvariants()
            var contents: [[UInt8]: Value] = [:]
            record.forEachField(now) { contents[$0.array] = Value(bytes: $1.array, deadline: $2) }
            #expect(contents == fields)
            let next = fields.values.map { $0.deadline }.min() ?? Record.noDeadline
            #expect(database.fieldDeadlines.first?.time ?? Record.noDeadline == next)
            #expect(database.fieldDeadlines.count == (next == Record.noDeadline ? 0 : 1))
        }
    }

    /// The settings make one hash stay small, one large from the beginning, and one go from one to the other.
    @Test(arguments: [100_000, 0, 150]) func `does what a dictionary does`(_ entries: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        print("hash of up to \(entries) packed fields against a model, seed \(seed)")
        let model = Model(seed: seed, entries: entries)
        for operation in 0..<RandomOperations.count / 3 {
            switch model.below(100) {
            case 0..<40: model.set()
            case 40..<60: model.remove()
            case 60..<75 where operation / 20_000 % 2 == 1: model.setDeadline()
            case 75..<76: model.advance()
            case 76..<77 where model.below(50) == 0:
                model.session.answer("DEL h")
                model.fields = [:]
            default: model.look()
            }
            if operation % 1_000 == 0 { model.compare() }
        }
        model.compare()
        model.session.answer("FLUSHALL")
        while model.session.engine.workBetweenTurns() {}
        #expect(model.session.engine.keyspace.slabs.allocatedBytes == 0)
    }
}
