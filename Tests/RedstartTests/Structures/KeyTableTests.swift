import Testing

@testable import Redstart

@Suite struct KeyTables {
    @Test(arguments: [UInt64(1), 2])
    func `hold what a dictionary holds, whatever is done to them`(_ seed: UInt64) {
        let model = TableModel(RandomSource(seed: seed))
        // Each phase: share of the steps, keys, and how much it grows; up and down through all sizes.
        let phases = [
            (4, 300, 55), (20, 90_000, 95), (16, 90_000, 20), (6, 20_000, 60), (6, 20_000, 5), (8, 2_000, 50),
        ]
        for (share, universe, growth) in phases {
            for step in 1...RandomOperations.count / 2 * share / 60 {
                model.step(universe: universe, growth: growth)
                if model.random.below(1_000) == 0 { model.table.migrate(buckets: model.random.below(200)) }
                if step % 60_000 == 0 { model.check() }
            }
            model.check()
        }
    }

    @Test func `scans visit whatever is there throughout exactly once, while the table grows and shrinks`() {
        let random = RandomSource(seed: 3)
        let table = KeyTable(Slabs(), KeyHash(first: random.next(), second: random.next()))
        let universe = 12_000
        for number in stride(from: 0, to: universe, by: 50) { set(table, number) }
        // How likely an absent key is put in and a present one taken out, of 100; and changes between two scan steps.
        for (insertion, removal, changes) in [
            (90, 5, 40), (5, 90, 40), (90, 5, 4), (10, 90, 3), (60, 40, 9), (100, 0, 30), (0, 100, 30), (50, 50, 1),
        ] {
            var seen = [Int](repeating: 0, count: universe)
            var cursor: UInt64 = 0
            var steps = 0
            repeat {
                cursor = table.scan(cursor) { seen[$0.integer] += 1 }
                steps += 1
                if cursor >= 1 << 48 { Issue.record("a cursor of more than 48 bits") }
                for _ in 0..<changes {
                    let number = random.below(universe)
                    guard number % 50 != 0 else { continue }
                    toggle(table, number, random, insertion, removal)
                }
                if random.below(50) == 0 { table.migrate(buckets: random.below(100)) }
            } while cursor != 0
            table.checkInvariants()
            for number in 0..<universe {
                let isRight = number % 50 == 0 ? seen[number] == 1 : seen[number] <= 1
                if !isRight { Issue.record("key \(number) was seen \(seen[number]) times, in \(steps) steps") }
            }
        }
    }

    @Test func `a table that loses its keys while it grows becomes small all the same`() {
        let table = KeyTable(Slabs(), KeyHash(first: 1, second: 2))
        var keys = 0
        while keys < 60_000 || !table.isMigrating || table.bits < table.oldBits {
            set(table, keys)
            keys += 1
        }
        for number in 1..<keys {
            let key = TestKeys.shared[number]
            let hash = table.hash(key)
            guard let entry = table.find(key, hash) else { continue }
            table.delete(entry, hash)
        }
        #expect(table.count == 1 && table.isShrinking)
        while table.isShrinking { table.migrate(buckets: 100) }
        #expect(table.tableBytes <= 1_024)
        table.checkInvariants()
    }

    private func set(_ table: KeyTable, _ number: Int) {
        let key = TestKeys.shared[number]
        _ = table.insertInteger(key, table.hash(key), number, 0, deadlineRoom: false)
    }

    private func toggle(_ table: KeyTable, _ number: Int, _ random: RandomSource, _ insertion: Int, _ removal: Int) {
        let key = TestKeys.shared[number]
        let hash = table.hash(key)
        if let entry = table.find(key, hash) {
            if random.below(100) < removal { table.delete(entry, hash) }
        } else if random.below(100) < insertion {
            _ = table.insertInteger(key, hash, number, 0, deadlineRoom: false)
        }
    }

    @Test func `records drawn at random are drawn evenly, also while the table changes its size`() {
        let random = RandomSource(seed: 4)
        let table = KeyTable(Slabs(), KeyHash(first: random.next(), second: random.next()))
        let keys = 1_600
        for number in 0..<keys { set(table, number) }
        #expect(table.isMigrating)
        var drawn = [Int](repeating: 0, count: keys)
        let draws = keys * 50
        var left = draws
        while left > 0 {
            guard let record = table.record(at: random.next()) else { continue }
            drawn[record.integer] += 1
            left -= 1
        }
        let expected = Double(draws) / Double(keys)
        let chiSquared = drawn.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // About as many as there are keys, give or take four standard deviations.
        let deviation = (2 * Double(keys)).squareRoot()
        #expect(abs(chiSquared - Double(keys)) < 4 * deviation)
    }

    @Test(arguments: [95, 5])
    func `a detached table is freed in parts, and what it was taken from goes on`(_ growth: Int) {
        let slabs = Slabs()
        let model = TableModel(RandomSource(seed: 5), slabs)
        for _ in 0..<30_000 { model.step(universe: 25_000, growth: 95) }
        while model.table.isMigrating { model.table.migrate(buckets: 100) }
        while !model.table.isMigrating { model.step(universe: growth > 50 ? 90_000 : 25_000, growth: growth) }
        let detached = model.table.detach()
        #expect(model.table.count == 0 && model.table.tableBytes == 0 && detached.isMigrating)
        var before = detached.count
        var number = 0
        while !detached.drain(budget: 100) {
            if before - detached.count >= 110 { Issue.record("\(before - detached.count) were freed at once") }
            before = detached.count
            set(model.table, number)
            number += 1
        }
        #expect(detached.count == 0 && model.objects.alive == 0)
        model.table.checkInvariants()
        var usedBytes = 0
        model.table.forEach { usedBytes += $0.totalByteCount }
        #expect(slabs.allocatedBytes == usedBytes)
    }

    @Test func `a removed record is never taken for one that is there`() throws {
        let table = KeyTable(Slabs(), KeyHash(first: 11, second: 12))
        // Keys of one bucket whose tags are the smallest there are.
        let keys = (0..<100_000).map { Array(String($0).utf8) }.filter { key in
            let hash = key.withBytes { table.hash($0) }
            return hash & 0xFF < 2 && hash >> 62 == 0 && key.count == 5
        }
        try #require(keys.count >= 3)
        let (first, removed, moved) = (keys[0], keys[1], keys[2])
        func change(_ key: [UInt8], _ body: (Bytes, UInt64, Entry?) -> Void) {
            key.withBytes { key in body(key, table.hash(key), table.find(key, table.hash(key))) }
        }
        let long = Array(repeating: UInt8(1), count: 100)
        for (key, value) in [(first, []), (removed, long), (moved, [])] {
            change(key) { key, hash, _ in
                _ = value.withBytes { table.insertInline(key, hash, $0, 0, deadlineRoom: false) }
            }
        }
        change(removed) { _, hash, entry in if let entry { table.delete(entry, hash) } }
        // It takes the block that was freed, which the bucket still has the address of.
        change(moved) { _, _, entry in
            guard var entry else { return }
            long.withBytes { table.setInline(&entry, $0, 0, deadlineRoom: false) }
        }
        change(moved) { _, hash, entry in if let entry { table.delete(entry, hash) } }
        table.checkInvariants()
        change(moved) { _, _, entry in #expect(entry == nil) }
        change(first) { _, _, entry in #expect(entry != nil) }
    }
}
