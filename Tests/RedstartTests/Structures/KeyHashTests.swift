import Testing

@testable import Redstart

@Suite struct KeyHashTests {
    private let hash = KeyHash(first: 0x1234_5678_9ABC_DEF1, second: 0x0FED_CBA9_8765_4321)

    @Test(arguments: ["", "a", "w", "ch", "key:", "user:session:", "a longer prefix than two steps take:"])
    func `no two of the names that differ by a number have the same hash`(_ prefix: String) {
        let hashes = Set((0..<50_000).map { number in Array("\(prefix)\(number)".utf8).withBytes { hash($0) } })
        #expect(hashes.count == 50_000)
    }

    @Test func `neither have those that differ in how often a byte is there`() {
        var hashes: Set<UInt64> = []
        for byte in UInt8.min ... .max {
            for count in 1...64 { hashes.insert([UInt8](repeating: byte, count: count).withBytes { hash($0) }) }
        }
        #expect(hashes.count == 256 * 64)
    }

    @Test func `a length is not cancelled by a byte`() {
        for (one, other) in [("a1220", "a12220"), ("ch1220", "ch12220"), ("aaaaaaaa1220", "aaaaaaaa12220")] {
            #expect(Array(one.utf8).withBytes { hash($0) } != Array(other.utf8).withBytes { hash($0) })
        }
    }
}
