import Testing

@testable import Redstart

/// The first elements are those of a full sort, however many are wanted.
@Suite struct PartialSortTests {
    @Test func `puts as many in their places as are wanted`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...300, using: &random)
            let most = Int.random(in: 1...400, using: &random)
            let numbers = (0..<count).map { _ in Int.random(in: 0..<most, using: &random) }
            let wanted = Int.random(in: 0...count + 3, using: &random)
            var sorted = numbers
            sorted.sortFirst(wanted) { $0 < $1 ? -1 : $0 > $1 ? 1 : 0 }
            #expect(sorted.prefix(wanted) == numbers.sorted().prefix(wanted))
            #expect(sorted.sorted() == numbers.sorted())
        }
    }
}
