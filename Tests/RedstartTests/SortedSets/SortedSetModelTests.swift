import Testing

@testable import Redstart

/// Random changes to sorted sets of both layouts, beside a dictionary that is sorted whenever the order matters.
@Suite struct SortedSetModelTests {
    private struct Pair: Equatable {
        var member: [UInt8]
        var score: Double
    }

    private static func comesBefore(_ left: Pair, _ right: Pair) -> Bool {
        left.score != right.score ? left.score < right.score : left.member.lexicographicallyPrecedes(right.member)
    }

    /// The limit on members decides which layout is tried: always large, growing into it, hardly ever.
    @Test(arguments: [0, 30, 128]) func `does what a sorted dictionary does`(_ limit: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("a sorted set against a model, limit \(limit), seed \(seed)")
        var chance = SeededChance(seed: seed)
        func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }
        let session = Session()
        let engine = session.engine
        let database = engine.databases[0]
        engine.keyspace.sortedSetEntryLimit = limit
        var model: [[UInt8]: Double] = [:]
        let members = limit == 0 ? 20_000 : limit + 20
        try Array("key".utf8).withBytes { (bytes) throws(ReplyError) in
            let key = Key(bytes: bytes, hash: engine.hash(bytes))
            for operation in 0..<RandomOperations.count / 3 {
                let grows = operation / 20_000 % 2 == 0
                let number = below(members)
                let member = Array((number % 3 == 0 ? "\(number)" : "member:\(number)").utf8)
                let score = below(3) == 0 ? Double(below(5)) : Double(below(100_000)) / 64
                switch below(100) {
                case 0..<(grows ? 70 : 25):
                    let isNew = model.updateValue(score, forKey: member) == nil
                    try member.withBytes { (bytes) throws(ReplyError) in
                        var editor = try database.sortedSetToFill(key, first: bytes)
                        let change = try editor.add(bytes, score)
                        if case .added = change { #expect(isNew) } else { #expect(!isNew) }
                    }
                case 70..<96:
                    let wasThere = model.removeValue(forKey: member) != nil
                    guard var editor = try database.sortedSetToEdit(key) else { continue }
                    #expect(member.withBytes { editor.remove($0) } == wasThere)
                    if editor.set.count == 0 { database.removeEmptied(editor.entry, key) }
                case 96 where operation % 50 == 0:
                    guard var editor = try database.sortedSetToEdit(key) else { continue }
                    let sorted = Self.sort(model)
                    let start = below(sorted.count)
                    let ranks = start..<min(sorted.count, start + below(20))
                    for rank in ranks { model[sorted[rank].member] = nil }
                    editor.remove(ranks)
                    if editor.set.count == 0 { database.removeEmptied(editor.entry, key) }
                default:
                    let found = try member.withBytes { (bytes) throws(ReplyError) in
                        try database.sortedSet(key)?.score(of: bytes, engine.hash(bytes))
                    }
                    #expect(found == model[member])
                }
                if operation % 5_000 == 0 { try compare(database, key, model, &chance) }
            }
            try compare(database, key, model, &chance)
        }
    }

    private static func sort(_ model: [[UInt8]: Double]) -> [Pair] {
        model.map { Pair(member: $0.key, score: $0.value) }.sorted(by: comesBefore)
    }

    private func compare(
        _ database: Database, _ key: Key, _ model: [[UInt8]: Double], _ chance: inout SeededChance
    ) throws(ReplyError) {
        let sorted = Self.sort(model)
        guard let set = try database.sortedSet(key) else {
            #expect(model.isEmpty)
            return
        }
        switch set {
        case .packed(let list): list.checkInvariants()
        case .ordered(let object): object.checkInvariants()
        }
        func pairs(_ visit: ((ScoredMember) -> Void) -> Void) -> [Pair] {
            var pairs: [Pair] = []
            visit { pairs.append(Pair(member: $0.member.array, score: $0.score)) }
            return pairs
        }
        #expect(set.count == sorted.count)
        #expect(pairs { set.forEach($0) } == sorted)
        #expect(pairs { set.forEach(in: 0..<set.count, reversed: true, $0) } == sorted.reversed())
        for _ in 0..<5 {
            let index = Int(chance.next() % UInt64(sorted.count))
            let rank = sorted[index].member.withBytes { set.rank(of: $0, database.keyspace.hash($0)) }
            #expect(rank?.rank == index && rank?.score == sorted[index].score)
            let bounds = [Double(chance.next() % 1_600), Double(chance.next() % 1_600)].sorted()
            let range = ScoreRange(
                least: .init(score: bounds[0], isExclusive: chance.next() % 2 == 0),
                greatest: .init(score: bounds[1], isExclusive: chance.next() % 2 == 0))
            let expected = sorted.filter { !range.isAfter($0.score) && !range.isBefore($0.score) }
            let offset = Int(chance.next() % 4)
            #expect(set.ranks(range).count == expected.count)
            #expect(
                pairs { set.forEach(in: range, offset: offset, limit: 9, $0) }
                    == Array(expected.dropFirst(offset).prefix(9)))
            #expect(
                pairs { set.forEach(in: range, reversed: true, offset: offset, limit: 9, $0) }
                    == Array(expected.reversed().dropFirst(offset).prefix(9)))
        }
    }
}
