import Testing

@testable import Redstart

/// The members of a set in its three layouts, against Swift's own set.
@Suite struct SetLayouts {
    @Test func `does what a set does`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("Sets against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }
        let engine = Engine(settings: Settings(), log: .silent(), seed: seed)
        let database = engine.databases[0]
        let name = Array("key".utf8)
        try name.withBytes { bytes throws in
            let key = Key(bytes: bytes, hash: engine.hash(bytes))
            var model: Set<[UInt8]> = []
            var space = 20
            var kinds = 1
            for operation in 0..<RandomOperations.count {
                if model.isEmpty {
                    // A new set: how large it may become, and what its members are.
                    space = [8, 120, 600, 5_000][below(4)]
                    kinds = 1 + below(4)
                }
                let grows = operation / 3_000 % 2 == 0
                let member = member(below(space), kind: below(kinds))
                switch below(grows ? 4 : 3) {
                case 0 where !model.isEmpty: try remove(member, database, key, &model)
                case 1 where !grows && !model.isEmpty: try pop(below(10), database, key, &model)
                default: try add(member, database, key, &model)
                }
                if operation % 997 == 0 { try compare(database, key, model) }
            }
            try compare(database, key, model)
        }
    }

    private func member(_ number: Int, kind: Int) -> [UInt8] {
        switch kind {
        case 0: Array("\(number)".utf8)
        case 1: Array("\(number * 1_000_003_000_017)".utf8)
        case 2: Array("m\(number)".utf8)
        default: Array("\(number)".utf8) + [UInt8](repeating: 120, count: number % 67)
        }
    }

    private func add(_ member: [UInt8], _ database: Database, _ key: Key, _ model: inout Set<[UInt8]>) throws {
        try member.withBytes { bytes throws in
            var entry = try database.write(key, as: .set) ?? database.insertSet(key, for: bytes, about: 1)
            #expect(database.addMember(bytes, to: &entry) == model.insert(member).inserted)
        }
    }

    private func remove(_ member: [UInt8], _ database: Database, _ key: Key, _ model: inout Set<[UInt8]>) throws {
        try member.withBytes { bytes throws in
            var entry = try #require(try database.write(key, as: .set))
            #expect(database.removeMember(bytes, from: &entry) == (model.remove(member) != nil))
            endIfEmpty(entry, database, key, model)
        }
    }

    private func pop(_ count: Int, _ database: Database, _ key: Key, _ model: inout Set<[UInt8]>) throws {
        var entry = try #require(try database.write(key, as: .set))
        var popped: [[UInt8]] = []
        if count == 0 || count >= model.count {
            database.popMember(&entry) { popped.append($0.array) }
            #expect(popped.count == 1)
        } else {
            database.popMembers(count, &entry) { popped.append($0.array) }
            #expect(popped.count == count)
        }
        for member in popped { #expect(model.remove(member) != nil) }
        endIfEmpty(entry, database, key, model)
    }

    private func endIfEmpty(_ entry: Entry, _ database: Database, _ key: Key, _ model: Set<[UInt8]>) {
        #expect(database.isEmptiedSet(entry) == model.isEmpty)
        if model.isEmpty { database.removeEmptied(entry, key) }
    }

    private func compare(_ database: Database, _ key: Key, _ model: Set<[UInt8]>) throws {
        guard let set = try database.readSet(key) else {
            #expect(model.isEmpty)
            return
        }
        set.checkInvariants()
        var members: [[UInt8]] = []
        set.forEach { members.append($0.array) }
        #expect(Set(members) == model && members.count == model.count && set.count == model.count)
        for member in members.prefix(20) { member.withBytes { #expect(set.contains($0)) } }
        #expect(!Bytes("nothing").isEmpty && !set.contains(Bytes("nothing")))
    }

    @Test func `a copy shares nothing with what it was made from`() {
        let session = Session()
        for prefix in ["", "m", String(repeating: "x", count: 70)] {
            session.answer("SADD s " + (0..<100).map { "\(prefix)\($0)" }.joined(separator: " "))
            session.answer("COPY s t")
            #expect(session.answer("DEBUG DIGEST-VALUE s t").isEmpty == false)
            session.answer("SREM s \(prefix)1 \(prefix)2")
            #expect(session.answer("SCARD t") == ":100\r\n" && session.answer("SCARD s") == ":98\r\n")
            #expect(session.answer("OBJECT ENCODING t") == session.answer("OBJECT ENCODING s"))
            session.answer("DEL s t")
        }
    }

    @Test func `equal sets have equal digests, whatever their layouts`() {
        let session = Session()
        session.engine.settings.enableDebugCommand = .yes
        session.answer("SADD a 1 2 3")
        session.answer("SADD b 3 1 x 2")
        session.answer("SREM b x")
        session.answer("SADD c 2 1 3 " + String(repeating: "x", count: 70))
        session.answer("SREM c " + String(repeating: "x", count: 70))
        session.answer("SADD d 1 2 4")
        func digest(_ key: String) -> String { session.answer("DEBUG DIGEST-VALUE \(key)") }
        #expect(digest("a") == digest("b") && digest("a") == digest("c") && digest("a") != digest("d"))
    }

    @Test func `MEMORY USAGE grows with the members`() {
        let session = Session()
        func usage() -> Int { Int(session.answer("MEMORY USAGE s").dropFirst().dropLast()) ?? 0 }
        var small = 0
        for step in 1...20 {
            session.answer("SADD s " + (0..<50).map { "member:\(step):\($0)" }.joined(separator: " "))
            if step == 1 { small = usage() }
        }
        #expect(small > 50 * 12 && small < 2_000)
        #expect(usage() > 20_000 && usage() < 60_000)
    }
}
