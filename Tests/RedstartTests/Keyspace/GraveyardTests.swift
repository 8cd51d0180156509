import Testing

@testable import Redstart

@Suite struct `What is buried` {
    private final class Remnant: Remains {
        let elements: Int
        private var left: Int
        let objectCount = 1
        /// What freeing its last element buries in turn.
        var heir: (() -> Void)?

        init(_ elements: Int) { (self.elements, left) = (elements, elements) }

        func free(budget: Int) -> Bool {
            left = max(0, left - budget)
            if left == 0 { heir?() }
            return left == 0
        }
    }

    @Test func `does not pile up where nobody pauses`() {
        let graveyard = Graveyard(mostElements: 1_000)
        for _ in 0..<1_000 {
            graveyard.bury(Remnant(100))
            #expect(graveyard.elements <= 1_200)
        }
        #expect(graveyard.buried == 1_000)
        #expect(graveyard.freed > 980)
        var objects = 0
        while !graveyard.isEmpty { objects += graveyard.free(budget: 100) }
        #expect(objects == 1_000)
        #expect(graveyard.elements == 0)
        #expect(graveyard.objects == 0)
    }

    @Test func `waits for turns, however large, where it is the first`() {
        let graveyard = Graveyard(mostElements: 1_000)
        graveyard.bury(Remnant(5_000_000))
        #expect(graveyard.freed == 0)
    }

    @Test func `may be buried by what is being freed`() {
        let graveyard = Graveyard(mostElements: 1_000)
        let estate = Remnant(900)
        estate.heir = { for _ in 0..<50 { graveyard.bury(Remnant(100)) } }
        graveyard.bury(estate)
        var objects = 0
        while !graveyard.isEmpty { objects += graveyard.free(budget: 1_000) }
        #expect(objects == 51)
        #expect(graveyard.elements == 0)
    }
}
