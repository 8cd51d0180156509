import Testing

@testable import Redstart

@Suite struct MemberTableTests {
    private struct Value: Equatable {
        var bytes: [UInt8]
        var deadline: Int64
    }

    private func make(_ slabs: Slabs) -> MemberTable {
        MemberTable(slabs, KeyHash(first: 3, second: 4))
    }

    @Test func `a table that loses its members while it grows becomes small with them`() {
        let table = make(Slabs())
        var members: [[UInt8]] = []
        while members.count < 10_000 || !table.isMigrating {
            members.append(Array("m\(members.count)".utf8))
            members[members.count - 1].withBytes { member in
                _ = table.insert(member, table.hash(member), value: .empty, deadline: Record.noDeadline)
            }
        }
        for member in members.dropFirst() {
            member.withBytes { bytes in
                let hash = table.hash(bytes)
                if let entry = table.find(bytes, hash) { table.delete(entry, hash) }
            }
        }
        #expect(table.count == 1 && table.tableBytes <= 4_096)
        table.checkInvariants()
    }

    @Test func `members in the order of their hashes, as another table tells them, are found as soon as others`() {
        let table = make(Slabs())
        let members = (0..<30_000).map { Array("m\($0)".utf8) }
            .map { member in (member, member.withBytes { table.hash($0) }) }.sorted { $0.1 < $1.1 }
        for (index, (member, hash)) in members.enumerated() {
            member.withBytes { _ = table.insert($0, hash, value: .empty, deadline: Record.noDeadline) }
            guard [100, 1_000, 5_000, 15_000, 29_999].contains(index) else { continue }
            table.checkInvariants()
            // A bucket of 64 bytes has 7 places; the array may be made twice as large, and then still has the old one.
            #expect(table.farthest < 300 && table.tableBytes <= 3 * 16 * 64 * index / 7)
        }
        #expect(table.tableBytes <= 4 * 64 * 30_000 / 7)
        for (index, (member, hash)) in members.enumerated() {
            member.withBytes { bytes in
                guard let entry = table.find(bytes, hash) else {
                    Issue.record("a member is lost")
                    return
                }
                if index != 100 { table.delete(entry, hash) }
            }
        }
        table.checkInvariants()
        #expect(table.count == 1 && table.tableBytes <= 4_096)
    }

    @Test func `members that pass through a table in the order of their hashes leave it as quick as it was`() {
        let table = make(Slabs())
        let members = (0..<30_000).map { Array("m\($0)".utf8) }
            .map { member in (member, member.withBytes { table.hash($0) }) }.sorted { $0.1 < $1.1 }
        let width = 600
        for (index, (member, hash)) in members.enumerated() {
            member.withBytes { _ = table.insert($0, hash, value: .empty, deadline: Record.noDeadline) }
            guard index >= width else { continue }
            let (old, oldHash) = members[index - width]
            old.withBytes { bytes in
                if let entry = table.find(bytes, oldHash) { table.delete(entry, oldHash) }
            }
            if index % 5_000 == 0 { table.checkInvariants() }
            #expect(table.stuck < 250 && table.tableBytes <= 3 * 16 * 64 * width / 7)
        }
        #expect(table.count == width)
    }

    @Test func `a table whose first members were few becomes as small as they are when no more come`() {
        let table = make(Slabs())
        let members = (0..<30_000).map { Array("m\($0)".utf8) }
            .map { member in (member, member.withBytes { table.hash($0) }) }.sorted { $0.1 < $1.1 }
        for (member, hash) in members.prefix(1_000) {
            member.withBytes { _ = table.insert($0, hash, value: .empty, deadline: Record.noDeadline) }
        }
        #expect(table.tableBytes > 1_000 * 64)
        table.fit()
        while table.isMigrating { table.migrate(buckets: 8) }
        #expect(table.tableBytes < 1_000 * 64)
        table.checkInvariants()
        for (member, hash) in members.prefix(1_000) { #expect(member.withBytes { table.find($0, hash) != nil }) }
    }

    @Test func `does what a dictionary does`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("MemberTable against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }
        let slabs = Slabs()
        let table = make(slabs)
        var model: [[UInt8]: Value] = [:]
        for operation in 0..<RandomOperations.count {
            // The population goes up and down, so that the table grows and shrinks.
            let grows = operation / 30_000 % 2 == 0
            let long = below(200) == 0
            let member = Array("m\(below(20_000))".utf8) + [UInt8](repeating: 1, count: long ? 300 : 0)
            let value = [UInt8](repeating: 9, count: below(100) == 0 ? 250 + below(10) : below(30))
            member.withBytes { bytes in
                let hash = table.hash(bytes)
                guard var entry = table.find(bytes, hash) else {
                    #expect(model[member] == nil)
                    guard grows || below(4) == 0 else { return }
                    let deadline = below(4) == 0 ? Int64(below(1_000)) : Record.noDeadline
                    value.withBytes { _ = table.insert(bytes, hash, value: $0, deadline: deadline) }
                    model[member] = Value(bytes: value, deadline: deadline)
                    return
                }
                #expect(model[member] == Value(bytes: Array(entry.record.value), deadline: entry.record.deadline))
                switch below(grows ? 6 : 3) {
                case 0, 1:
                    table.delete(entry, hash)
                    model[member] = nil
                case 2:
                    let deadline = below(2) == 0 ? Int64(below(1_000)) : Record.noDeadline
                    table.setDeadline(&entry, deadline)
                    model[member]?.deadline = deadline
                default:
                    value.withBytes { table.setValue(&entry, $0) }
                    model[member]?.bytes = value
                }
            }
            if operation % 20_000 == 0 { compare(table, model) }
        }
        compare(table, model)
        let large = slabs.largeBytes
        slabs.checkInvariants(largeBytes: large)
        #expect(slabs.allocatedBytes == table.blockBytes && slabs.otherBytes == table.tableBytes)
        let rest = table.detach()
        while !rest.drain(budget: 100) {}
        #expect(slabs.allocatedBytes == 0 && table.blockBytes == 0)
    }

    private func compare(_ table: MemberTable, _ model: [[UInt8]: Value]) {
        table.checkInvariants()
        var contents: [[UInt8]: Value] = [:]
        table.forEach { contents[Array($0.key)] = Value(bytes: Array($0.value), deadline: $0.deadline) }
        #expect(contents == model && table.count == model.count)
    }

    @Test func `keeps scores, and sets without values`() {
        let slabs = Slabs()
        let table = make(slabs)
        Array("member".utf8).withBytes { member in
            let made = table.insert(member, table.hash(member), number: 1.5)
            made.number = -.infinity
            #expect(table.find(member, table.hash(member))?.record.number == -.infinity)
            #expect(made.byteCount == 3 + 6 + 8)
        }
        Array("x".utf8).withBytes { member in
            let made = table.insert(member, table.hash(member))
            #expect(made.byteCount == 2 + 1 && made.value.isEmpty && made.deadline == Record.noDeadline)
        }
    }

    @Test(arguments: [1, 10, 100, 300, 999, 1_000, 5_000])
    func `draws different elements, each as likely as the others`(_ wanted: Int) {
        let random = RandomSource(seed: 11)
        let table = make(Slabs())
        for number in 0..<1_000 {
            Array(String(number).utf8).withBytes { _ = table.insert($0, table.hash($0)) }
        }
        var hits = [Int](repeating: 0, count: 1_000)
        let rounds = max(1, 200_000 / wanted)
        for _ in 0..<rounds {
            var drawn: Set<Int> = []
            table.drawDistinct(wanted, random) { drawn.insert(Int(strict: $0.key) ?? -1) }
            #expect(drawn.count == min(wanted, 1_000))
            for number in drawn { hits[number] += 1 }
        }
        let share = Double(min(wanted, 1_000)) / 1_000
        guard share < 1 else { return }
        let expected = Double(rounds) * share
        let variance = expected * (1 - share)
        let statistic = hits.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / variance }
        // Chi squared with 999 degrees of freedom: five standard deviations.
        #expect(abs(statistic - 999) < 5 * 44.7, "\(statistic)")
    }
}
