import Testing

@testable import Redstart

/// Key specs of every shape, on words of commands that need not exist.
@Suite struct KeyExtraction {
    private static func keys(_ line: String, _ specs: KeySpec...) -> [Int]? {
        let bytes = Array((line + "\r\n").utf8)
        let parser = RequestParser()
        return unsafe bytes.withUnsafeBytes { input -> [Int]? in
            guard let base = input.baseAddress else { return nil }
            let limits = RequestParser.Limits(bulkBytes: 1_024, isAuthenticated: true)
            guard case .command = unsafe parser.parse(base, input.count, limits) else { return nil }
            let words = unsafe parser.arguments(from: 0, count: parser.wordCount, in: base)
            var positions: [Int] = []
            for spec in specs {
                switch spec.positions(in: words) {
                case .absent: continue
                case .invalid: return nil
                case .keys(let found): positions += found
                }
            }
            return positions
        }
    }

    private static let streams = KeySpec(
        [.readOnly], begin: .keyword("STREAMS", startFrom: 1), find: .range(last: -1, step: 1, limit: 2))

    @Test(arguments: [
        ("xread count 3 streams a b 1 2", [4, 5]),
        ("xread streams a b 1", [2]),
        ("xread streams a b c d e f", [2, 3, 4]),
        ("xread a b c", []),
        ("xread a b streams", []),
        ("xread a streams c", nil),
    ])
    func `find keys behind a keyword, among half of the words`(_ line: String, _ keys: [Int]?) {
        #expect(KeyExtraction.keys(line, KeyExtraction.streams) == keys)
    }

    @Test(arguments: [
        ("zdiff 2 a b", [2, 3]),
        ("zdiff 2 a", nil),
        ("zdiff 0 a", nil),
        ("zdiff x a", nil),
        ("zdiff -1 a", nil),
        ("zdiff 9223372036854775807 a", nil),
        ("zdiff", nil),
    ])
    func `find as many keys as a word says`(_ line: String, _ keys: [Int]?) {
        #expect(KeyExtraction.keys(line, .counted([.readOnly], at: 1)) == keys)
    }

    @Test(arguments: [
        ("migrate h 1 k 0 10 KEYS a b", [7, 8]),
        ("migrate h 1 k 0 10 AUTH KEYS keys a b", [9, 10]),
        ("migrate h 1 k 0 10", []),
    ])
    func `search a keyword from the end`(_ line: String, _ keys: [Int]?) {
        let spec = KeySpec(
            [.readWrite], begin: .keyword("KEYS", startFrom: -2), find: .range(last: -1, step: 1, limit: 0))
        #expect(KeyExtraction.keys(line, spec) == keys)
    }

    @Test func `find the keys between fixed words`() {
        #expect(KeyExtraction.keys("blpop a b 0", .keys([.readWrite], through: -2)) == [1, 2])
        #expect(KeyExtraction.keys("mset a 1 b 2", .keys([.overwrite], step: 2)) == [1, 3])
        #expect(
            KeyExtraction.keys("bitop and d a b", .key([.overwrite], at: 2), .keys([.readOnly], from: 3)) == [2, 3, 4])
        #expect(KeyExtraction.keys("pfmerge d", .key([.readWrite]), .keys([.readOnly], from: 2)) == nil)
    }
}
