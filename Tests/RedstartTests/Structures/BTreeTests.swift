import Testing

@testable import Redstart

/// A small generator of chance that repeats itself from the same seed.
struct SeededChance: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// An ordered array that is searched by halving: slow, and plainly right.
private struct Model {
    var elements: [Deadline] = []

    func rank(_ isBefore: (Deadline) -> Bool) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(elements[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insert(_ element: Deadline) { elements.insert(element, at: rank { !(element < $0) }) }

    mutating func remove(_ element: Deadline) -> Bool {
        let index = rank { $0 < element }
        guard index < elements.count, elements[index] == element else { return false }
        elements.remove(at: index)
        return true
    }
}

@Suite struct BTreeTests {
    private func forward(_ tree: BTree<Deadline>, from rank: Int = 0) -> [Deadline] {
        var result: [Deadline] = []
        var cursor = tree.cursor(at: rank)
        while let element = cursor.next() { result.append(element) }
        return result
    }

    @Test func `does what an ordered array does`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("BTree against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        let tree = BTree<Deadline>()
        var model = Model()
        for step in 0..<RandomOperations.count {
            // Phases of growth and of decline, and few distinct values, so that there are many equal ones.
            let grows = step / 5_000 % 3 != 2
            let element = Deadline(time: .random(in: 0..<900, using: &chance), hash: .random(in: 0..<4, using: &chance))
            switch Int.random(in: 0..<100, using: &chance) {
            case 0..<(grows ? 60 : 20):
                tree.insert(element)
                model.insert(element)
            case 60..<64:
                let late = Deadline(time: 900 + Int64(step % 3), hash: 0)
                tree.insert(late)
                model.insert(late)
            case 64..<80:
                #expect(tree.remove(element) == model.remove(element))
            case 80..<85 where !model.elements.isEmpty:
                let rank = Int.random(in: 0..<model.elements.count, using: &chance)
                #expect(tree.element(at: rank) == model.elements[rank])
                #expect(tree.remove(at: rank) == model.elements.remove(at: rank))
            case 85..<(grows ? 86 : 95) where !model.elements.isEmpty:
                #expect(tree.popFirst() == model.elements.removeFirst())
                #expect(tree.popLast() == model.elements.popLast())
            default:
                compare(tree, model, element)
            }
            if step % 10_000 == 0 {
                tree.checkInvariants()
                #expect(forward(tree) == model.elements)
            }
        }
        while let element = model.elements.popLast() { #expect(tree.popLast() == element) }
        tree.checkInvariants()
        #expect(tree.isEmpty && tree.popFirst() == nil)
    }

    private func compare(_ tree: BTree<Deadline>, _ model: Model, _ element: Deadline) {
        #expect(tree.count == model.elements.count)
        #expect(tree.first == model.elements.first)
        #expect(tree.last == model.elements.last)
        let below = model.rank { $0 < element }
        let through = model.rank { !(element < $0) }
        #expect(tree.rank(of: element) == below)
        #expect(tree.count(through: element) == through)
        var cursor = tree.cursor(before: element)
        #expect(cursor.next() == (below < model.elements.count ? model.elements[below] : nil))
        cursor = tree.cursor(before: element)
        #expect(cursor.previous() == (below > 0 ? model.elements[below - 1] : nil))
        cursor = tree.cursor(after: element)
        #expect(cursor.next() == (through < model.elements.count ? model.elements[through] : nil))
        cursor = tree.cursor(at: through)
        #expect(cursor.previous() == (through > 0 ? model.elements[through - 1] : nil))
    }

    @Test(arguments: [0, 1, 63, 64, 65, 128, 129, 1_999, 2_000, 2_001, 2_048, 2_049, 70_000])
    func `ascending elements fill the leaves`(_ count: Int) {
        let tree = BTree<Deadline>()
        for time in 0..<count { tree.insert(Deadline(time: Int64(time), hash: 0)) }
        tree.checkInvariants()
        #expect(tree.count == count)
        #expect(tree.bytes <= count * 16 * 115 / 100 + 5_000)
        #expect(forward(tree).map(\.time) == (0..<count).map(Int64.init))
        var cursor = tree.cursor(at: count)
        for time in stride(from: count - 1, through: 0, by: -1) { #expect(cursor.previous()?.time == Int64(time)) }
        #expect(cursor.previous() == nil)
        for time in 0..<count { #expect(tree.popFirst()?.time == Int64(time)) }
        tree.checkInvariants()
    }

    @Test func `descending elements, all equal ones, and alternating ends`() {
        let tree = BTree<Deadline>()
        for time in stride(from: 20_000, to: 0, by: -1) { tree.insert(Deadline(time: Int64(time), hash: 0)) }
        tree.checkInvariants()
        for _ in 0..<20_000 { tree.insert(Deadline(time: 9, hash: 0)) }
        tree.checkInvariants()
        #expect(tree.rank(of: Deadline(time: 9, hash: 0)) == 8)
        #expect(tree.count(through: Deadline(time: 9, hash: 0)) == 20_009)
        for _ in 0..<20_001 { #expect(tree.remove(Deadline(time: 9, hash: 0))) }
        #expect(!tree.remove(Deadline(time: 9, hash: 0)))
        tree.checkInvariants()
        for step in 0..<19_999 { #expect((step % 2 == 0 ? tree.popFirst() : tree.popLast()) != nil) }
        #expect(tree.isEmpty)
        tree.checkInvariants()
    }

    @Test func `is freed in portions, and can be used meanwhile`() {
        let tree = BTree<Deadline>()
        let empty = tree.bytes
        for time in 0..<10_000 { tree.insert(Deadline(time: Int64(time), hash: 0)) }
        tree.discardAll()
        #expect(tree.isEmpty && tree.first == nil && tree.rank(of: Deadline(time: 5, hash: 0)) == 0)
        tree.insert(Deadline(time: 1, hash: 1))
        tree.checkInvariants()
        var turns = 1
        while !tree.freeDiscarded(limit: 10) { turns += 1 }
        #expect(turns == 16)
        #expect(tree.popFirst() == Deadline(time: 1, hash: 1))
        #expect(tree.bytes == empty)
        tree.removeAll()
        tree.checkInvariants()
    }

    @Test func `an element is replaced where its place stays the same`() {
        let tree = BTree<Deadline>()
        for time in 0..<2_000 { tree.insert(Deadline(time: Int64(time) * 10, hash: 0)) }
        var replaced = 0
        for time in 0..<2_000 {
            let old = Deadline(time: Int64(time) * 10, hash: 0)
            let new = Deadline(time: Int64(time) * 10 + 4, hash: 0)
            #expect(!tree.replaceInPlace(new, with: old))
            #expect(!tree.replaceInPlace(old, with: Deadline(time: old.time + 10, hash: 1)))
            if tree.replaceInPlace(old, with: new) {
                replaced += 1
                #expect(tree.element(at: time) == new)
            } else {
                #expect(tree.element(at: time) == old)
            }
        }
        // Those at the borders of leaves are left alone.
        #expect(replaced > 1_900 && replaced < 2_000 && tree.count == 2_000)
        tree.checkInvariants()
    }

    @Test func `holds elements of other sizes`() {
        let small = BTree<UInt8>()
        let large = BTree<Wide>()
        for step in 0..<5_000 {
            small.insert(UInt8(truncatingIfNeeded: step &* 7))
            large.insert(Wide(value: step &* 7 % 1_000))
        }
        small.checkInvariants()
        large.checkInvariants()
        for step in 0..<5_000 {
            #expect(small.remove(UInt8(truncatingIfNeeded: step &* 7)))
            #expect(large.remove(Wide(value: step % 1_000)))
        }
        #expect(small.isEmpty && large.isEmpty)
    }
}

private struct Wide: BitwiseCopyable, Comparable {
    var value: Int
    var rest: (Int, Int, Int) = (0, 0, 0)
    static func < (left: Wide, right: Wide) -> Bool { left.value < right.value }
    static func == (left: Wide, right: Wide) -> Bool { left.value == right.value }
}
