import Testing

@testable import Redstart

@Suite struct QueueTests {
    @Test func `gives back in order what it was given, however both alternate`() {
        var queue = Queue<Int>()
        var model: [Int] = []
        var random = RandomSource(seed: 1)
        for number in 0..<10_000 {
            if Int.random(in: 0..<5, using: &random) < 3 {
                queue.append(number)
                model.append(number)
            } else {
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(queue.removeFirst() == expected)
            }
            #expect(queue.count == model.count && queue.first == model.first && queue.last == model.last)
            #expect(queue.second == model.dropFirst().first)
        }
        #expect(Array(queue.all) == model)
        #expect(Array(queue.all.reversed()) == model.reversed())
        queue.replaceLast(with: -1)
        #expect(queue.last == -1)
        queue.removeAll()
        #expect(queue.isEmpty && queue.removeFirst() == nil)
    }
}
