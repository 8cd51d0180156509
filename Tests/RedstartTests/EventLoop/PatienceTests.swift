import Testing

@testable import Redstart

@Suite struct `Patience with clients` {
    /// How often in `sleeps` sleeps the loop looks first, where every so manieth look finds something.
    private func looks(_ sleeps: Int, findingEvery nth: Int?) -> Int {
        var patience = Patience()
        var looks = 0
        for _ in 0..<sleeps where patience.looks() {
            looks += 1
            patience.note(found: nth.map { looks.isMultiple(of: $0) } ?? false)
        }
        return looks
    }

    @Test(arguments: [1, 2]) func `lasts while looking pays`(nth: Int) {
        #expect(looks(10_000, findingEvery: nth) == 10_000)
    }

    @Test func `ends where nobody comes, but for a try now and then`() {
        #expect((100...300).contains(looks(10_000, findingEvery: nil)))
    }

    @Test func `ends where few come`() {
        #expect(looks(10_000, findingEvery: 20) < 1_000)
    }

    @Test func `comes back with those who come at once`() {
        var patience = Patience()
        for _ in 0..<1_000 where patience.looks() { patience.note(found: false) }
        var sleeps = 0
        while !patience.looks() { sleeps += 1 }
        #expect(sleeps <= 100)
        for _ in 0..<1_000 {
            let looks = patience.looks()
            #expect(looks)
            patience.note(found: true)
        }
    }
}
