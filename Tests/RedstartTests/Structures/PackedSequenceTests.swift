import Testing

@testable import Redstart

@Suite struct PackedSequenceTests {
    private func contents(_ sequence: PackedSequence) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var place: PackedSequence.Place? = sequence.count > 0 ? sequence.firstPlace : nil
        while let current = place {
            var cursor = sequence.list(at: current).cursor
            while let element = cursor.next() { result.append(element.value.array) }
            place = sequence.place(after: current)
        }
        return result
    }

    private func value(_ chance: inout SeededChance) -> [UInt8] {
        switch chance.next() % 40 {
        case 0: Array("\(Int64(bitPattern: chance.next()))".utf8)
        case 1...10: Array("\(chance.next() % 300)".utf8)
        case 13...30: Array("element:\(chance.next() % 90_000)".utf8)
        case 11: [UInt8](repeating: 120, count: Int(chance.next() % 400))
        default: (0..<chance.next() % 12).map { _ in UInt8(97 + chance.next() % 4) }
        }
    }

    private func change(_ sequence: PackedSequence, _ model: inout [[UInt8]], _ chance: inout SeededChance, most: Int) {
        let value = value(&chance)
        let index = Int(chance.next() % UInt64(model.count))
        switch chance.next() % (model.count > most ? 13 : 9) {
        case 0...1:
            value.withBytes { sequence.append(PackedValue($0), bytes: $0.count) }
            model.append(value)
        case 2...3:
            value.withBytes { sequence.prepend(PackedValue($0), bytes: $0.count) }
            model.insert(value, at: 0)
        case 4...5:
            let side: PackedSequence.Side = chance.next() % 2 == 0 ? .before : .after
            value.withBytes { sequence.insert(PackedValue($0), bytes: $0.count, side, of: index) }
            model.insert(value, at: side == .before ? index : index + 1)
        case 6:
            value.withBytes { sequence.replace(index, with: PackedValue($0), bytes: $0.count) }
            model[index] = value
        case 7:
            let found = sequence.find(index)
            let list = sequence.list(at: found.place)
            #expect(list[list.offset(of: found.index)].value.array == model[index])
        case 8 where model.count > 10:
            let wanted = model[index]
            let most = Int(chance.next() % 3) + 1
            let backwards = chance.next() % 2 == 0
            let removed = wanted.withBytes { sequence.removeAll(WantedElement($0), most: most, backwards: backwards) }
            var expected = 0
            while expected < most {
                let found = backwards ? model.lastIndex(of: wanted) : model.firstIndex(of: wanted)
                guard let found else { break }
                model.remove(at: found)
                expected += 1
            }
            #expect(removed == expected)
        default:
            guard model.count > 20 else { return }
            let size = chance.next() % 8 == 0 ? Int(chance.next() % UInt64(model.count / 2)) : Int(chance.next() % 4)
            let range = index..<min(model.count, index + size)
            guard range.count < model.count else { return }
            sequence.remove(range)
            model.removeSubrange(range)
        }
    }

    @Test(arguments: [
        (PackedLimit(bytes: 300, entries: .max), 3_000), (PackedLimit(bytes: 8_192, entries: 3), 3_000),
        (PackedLimit(bytes: 8_192, entries: 1), 2_000), (PackedLimit(bytes: 4_096, entries: .max), 3_000),
    ])
    func `does what an array does`(_ limit: PackedLimit, _ most: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        print("PackedSequence against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        let slabs = Slabs()
        let graveyard = Graveyard()
        var model: [[UInt8]] = [[97]]
        do {
            var block = PackedBlock(slabs)
            Array("a".utf8).withBytes { block.append(PackedValue($0)) }
            let sequence = PackedSequence(block, slabs, graveyard, limit: limit)
            for operation in 0..<RandomOperations.count / 4 {
                change(sequence, &model, &chance, most: most)
                #expect(sequence.count == model.count)
                if operation % 499 == 0 {
                    sequence.checkInvariants()
                    #expect(contents(sequence) == model)
                }
            }
            sequence.checkInvariants()
            #expect(contents(sequence) == model)
            let copy = PackedSequence(copying: sequence)
            copy.checkInvariants()
            #expect(contents(copy) == model)
        }
        while !graveyard.isEmpty { _ = graveyard.free(budget: 100) }
        #expect(slabs.allocatedBytes == 0)
    }

    @Test func `what is alike takes little until it is looked at`() {
        let slabs = Slabs()
        let graveyard = Graveyard()
        do {
            let limit = PackedLimit(bytes: 8_192, entries: .max)
            let sequence = PackedSequence(PackedBlock(slabs), slabs, graveyard, limit: limit)
            sequence.plant(PackedValue(0))
            var model = [Array("0".utf8)]
            for number in 1...20_000 {
                let text = Array("element:\(100_000_000_000 + number * 7_919 % 1_000_000)".utf8)
                text.withBytes { text in
                    if number % 3 == 0 {
                        sequence.prepend(PackedValue(text), bytes: text.count)
                    } else {
                        sequence.append(PackedValue(text), bytes: text.count)
                    }
                }
                if number % 3 == 0 { model.insert(text, at: 0) } else { model.append(text) }
            }
            #expect(sequence.memoryBytes < 20_000 * 14)
            for index in stride(from: 0, to: model.count, by: 1_111) {
                let found = sequence.find(index)
                let list = sequence.list(at: found.place)
                #expect(list[list.offset(of: found.index)].value.array == model[index])
            }
            let copy = PackedSequence(copying: sequence)
            #expect(contents(sequence) == model && contents(copy) == model)
            #expect(sequence.memoryBytes > 20_000 * 20)
            sequence.checkInvariants()
        }
        while !graveyard.isEmpty { _ = graveyard.free(budget: 100) }
        #expect(slabs.allocatedBytes == 0)
    }

    @Test func `blocks are filled at the ends and the index stays shallow`() {
        let slabs = Slabs()
        let graveyard = Graveyard()
        let limit = PackedLimit(bytes: 8_192, entries: 4)
        var block = PackedBlock(slabs)
        block.append(PackedValue(0))
        let sequence = PackedSequence(block, slabs, graveyard, limit: limit)
        for number in 1...5_000 {
            sequence.append(PackedValue(number), bytes: 4)
            sequence.prepend(PackedValue(-number), bytes: 5)
        }
        #expect(sequence.blockCount == 2_501)
        sequence.checkInvariants()
        for index in stride(from: 0, to: 10_001, by: 37) {
            let found = sequence.find(index)
            let list = sequence.list(at: found.place)
            #expect(list[list.offset(of: found.index)].value.array == Array("\(index - 5_000)".utf8))
        }
        sequence.remove(100..<9_900)
        sequence.checkInvariants()
        #expect(sequence.count == 201 && !graveyard.isEmpty)
        while !graveyard.isEmpty { _ = graveyard.free(budget: 16) }
        sequence.remove(0..<201)
        #expect(sequence.count == 0 && sequence.blockCount == 0)
        sequence.plant(PackedValue(7))
        sequence.checkInvariants()
    }
}
