import Testing

@testable import Redstart

@Suite struct `A lazy array` {
    private final class Thing {
        let number: Int
        let onEnd: (Int) -> Void

        init(_ number: Int, _ onEnd: @escaping (Int) -> Void) { (self.number, self.onEnd) = (number, onEnd) }

        deinit { onEnd(number) }
    }

    @Test func `makes what is asked for, once, and frees it`() {
        var ended: [Int] = []
        do {
            let things = LazyArray(count: 1_000_000) { Thing($0) { ended.append($0) } }
            #expect(things.map(\.number) == [])
            let last = things[999_999]
            #expect(things[3].number == 3)
            #expect(things[999_999] === last && things[made: 999_999] === last)
            #expect(things.map(\.number) == [3, 999_999])
            things.swapAt(3, 5)
            #expect(things.map(\.number) == [5, 3, 999_999])
            #expect(things[5].number == 3)
            #expect(things.indices == 0..<1_000_000)
        }
        #expect(ended.sorted() == [3, 5, 999_999])
    }
}
