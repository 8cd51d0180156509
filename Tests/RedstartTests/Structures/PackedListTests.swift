import Testing

@testable import Redstart

/// Chance, and values of all the forms that elements have.
private struct Elements {
    var chance: SeededChance

    mutating func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }

    mutating func value() -> [UInt8] {
        switch below(16) {
        case 0: return Array(String(below(200)).utf8)
        case 1: return Array(String(below(20_000) - 10_000).utf8)
        case 2: return Array(String(Int(truncatingIfNeeded: chance.next()) >> below(64)).utf8)
        case 3: return Array("0\(below(100))".utf8)
        case 4: return [UInt8](repeating: UInt8(below(256)), count: 60 + below(10))
        case 5: return [UInt8](repeating: UInt8(below(256)), count: 120 + below(20))
        case 6 where below(50) == 0: return [UInt8](repeating: 7, count: 4_090 + below(10))
        case 7 where below(500) == 0: return [UInt8](repeating: 7, count: 16_370 + below(20))
        default: return (0..<below(12)).map { _ in UInt8(97 + below(4)) }
        }
    }
}

@Suite struct PackedListTests {
    private func contents(_ list: PackedList) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var cursor = list.cursor
        while let element = cursor.next() { result.append(element.value.array) }
        return result
    }

    private func backwards(_ list: PackedList) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var cursor = list.cursor(at: list.end)
        while let element = cursor.previous() { result.append(element.value.array) }
        return result
    }

    /// Changes the list and the model in the same way.
    private func change<Storage: SplicedBytes>(
        _ storage: inout Storage, _ model: inout [[UInt8]], _ elements: inout Elements
    ) {
        let value = elements.value()
        let index = elements.below(model.count + 1)
        switch elements.below(model.count > 200 ? 16 : model.count > 40 ? 12 : 9) {
        case 0...1:
            value.withBytes { storage.append(PackedValue($0)) }
            model.append(value)
        case 2:
            value.withBytes { storage.prepend(PackedValue($0)) }
            model.insert(value, at: 0)
        case 3...4:
            value.withBytes { storage.insert(PackedValue($0), at: storage.list.offset(of: index)) }
            model.insert(value, at: index)
        case 5:
            let second = elements.value()
            value.withBytes { first in
                second.withBytes { second in
                    storage.insert(PackedValue(first), PackedValue(second), at: storage.list.offset(of: index))
                }
            }
            model.insert(contentsOf: [value, second], at: index)
        case 6...7 where index < model.count:
            let element = storage.list[storage.list.offset(of: index)]
            value.withBytes { storage.replace(element, with: PackedValue($0)) }
            model[index] = value
        case 8...10 where index < model.count:
            storage.remove(storage.list[storage.list.offset(of: index)])
            model.remove(at: index)
        default:
            let last = min(model.count, index + elements.below(6))
            let offsets = storage.list.offset(of: index)..<storage.list.offset(of: last)
            storage.remove(offsets, count: last - index)
            model.removeSubrange(index..<last)
        }
    }

    private func compare<Storage: SplicedBytes>(_ storage: Storage, _ model: [[UInt8]], _ elements: inout Elements) {
        let list = storage.list
        list.checkInvariants()
        #expect(list.count == model.count)
        #expect(contents(list) == model)
        #expect(backwards(list) == model.reversed())
        let wanted = model.isEmpty || elements.below(4) == 0 ? elements.value() : model[elements.below(model.count)]
        let found = wanted.withBytes { list.find($0)?.offset }
        #expect(found == model.firstIndex(of: wanted).map { list.offset(of: $0) })
        let even = stride(from: 0, to: model.count, by: 2).first { model[$0] == wanted }
        #expect(wanted.withBytes { list.find($0, stride: 2)?.offset } == even.map { list.offset(of: $0) })
    }

    @Test func `a block of its own does what an array does`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("PackedBlock against a model, seed \(seed)")
        var elements = Elements(chance: SeededChance(seed: seed))
        let slabs = Slabs()
        var block = PackedBlock(slabs)
        var model: [[UInt8]] = []
        for operation in 0..<RandomOperations.count / 2 {
            change(&block, &model, &elements)
            if operation % 64 == 0 { compare(block, model, &elements) }
            if operation % 1_000 == 0 { block.trim() }
        }
        compare(block, model, &elements)
        block.free()
        #expect(slabs.allocatedBytes == 0)
    }

    @Test func `an inline value does what an array does, and its record keeps the rest`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("Inline list against a model, seed \(seed)")
        var elements = Elements(chance: SeededChance(seed: seed))
        let slabs = Slabs()
        let table = KeyTable(slabs, KeyHash(first: 1, second: 2))
        Array("the key".utf8).withBytes { key in
            let record = table.insertInline(key, table.hash(key), PackedList.empty, 13, deadlineRoom: true)
            record.access = 0xABCDEF
            record.storeDeadline(77)
            guard let entry = table.find(key, table.hash(key)) else { return }
            var inline = InlineBytes(entry, in: table)
            var model: [[UInt8]] = []
            for operation in 0..<RandomOperations.count / 2 {
                change(&inline, &model, &elements)
                if operation % 64 == 0 { compare(inline, model, &elements) }
            }
            compare(inline, model, &elements)
            let last = table.find(key, table.hash(key))?.record
            #expect(last?.access == 0xABCDEF && last?.deadline == 77 && last?.kind == 13)
            #expect(last.map { contents(PackedList($0.bytes)) } == model)
            if let entry = table.find(key, table.hash(key)) { table.delete(entry, table.hash(key)) }
        }
        #expect(slabs.allocatedBytes == 0)
        slabs.checkInvariants(largeBytes: 0)
    }

    @Test(arguments: [
        ("0", 2), ("127", 2), ("128", 3), ("-1", 3), ("4095", 3), ("-4096", 3), ("4096", 4), ("-32768", 4),
        ("32768", 5), ("-8388608", 5), ("8388608", 6), ("2147483647", 6), ("2147483648", 10),
        ("-9223372036854775808", 10), ("9223372036854775808", 21), ("", 2), ("01", 4), ("a", 3),
    ])
    func `elements take what they take in a listpack`(_ text: String, _ bytes: Int) {
        let slabs = Slabs()
        var block = PackedBlock(slabs)
        Array(text.utf8).withBytes { block.append(PackedValue($0)) }
        #expect(block.list.listpackBytes == 7 + bytes)
        #expect(contents(block.list) == [Array(text.utf8)])
        block.free()
    }

    @Test func `an inline list costs next to nothing`() {
        let slabs = Slabs()
        let table = KeyTable(slabs, KeyHash(first: 1, second: 2))
        for number in 0..<1_000 {
            Array("user:\(number + 1_000)".utf8).withBytes { key in
                _ = table.insertInline(key, table.hash(key), PackedList.empty, 4, deadlineRoom: false)
                guard let entry = table.find(key, table.hash(key)) else { return }
                var inline = InlineBytes(entry, in: table)
                for word in ["name", "Ada", "age", "36", "city", "London", "id", "1843", "ok", "1"] {
                    Array(word.utf8).withBytes { inline.append(PackedValue($0)) }
                }
            }
        }
        #expect(slabs.allocatedBytes / 1_000 <= 80)
    }
}

@Suite struct IntegerSetTests {
    @Test func `does what a sorted array does`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("IntegerSet against a model, seed \(seed)")
        var elements = Elements(chance: SeededChance(seed: seed))
        let slabs = Slabs()
        for round in 0..<30 {
            var block = PackedBlock(slabs, IntegerSet.empty)
            var model: Set<Int> = []
            for operation in 0..<RandomOperations.count / 30 {
                var integer = elements.below(200) - 100
                if operation > 4_000 { integer *= 400 }
                if operation > 6_000, round % 2 == 0 { integer *= 1 << 40 }
                if elements.below(2) == 0 {
                    #expect(block.insert(integer: integer) == model.insert(integer).inserted)
                } else {
                    #expect(block.remove(integer: integer) == (model.remove(integer) != nil))
                }
                if operation % 97 == 0 {
                    block.integers.checkInvariants()
                    #expect((0..<block.integers.count).map { block.integers[$0] } == model.sorted())
                    #expect(block.integers.contains(integer) == model.contains(integer))
                }
            }
            block.free()
        }
        #expect(slabs.allocatedBytes == 0)
    }

    @Test(arguments: [Int.min, Int.max, Int(Int32.min) - 1, Int(Int32.max) + 1, Int(Int16.min), Int(Int16.max), 0])
    func `takes every integer`(_ integer: Int) {
        let slabs = Slabs()
        var block = PackedBlock(slabs, IntegerSet.empty)
        for value in [1, -1, integer, 5] { _ = block.insert(integer: value) }
        block.integers.checkInvariants()
        #expect((0..<block.integers.count).map { block.integers[$0] } == Set([1, -1, integer, 5]).sorted())
        #expect(block.integers.width == IntegerSet.width(of: integer))
        block.free()
    }
}
