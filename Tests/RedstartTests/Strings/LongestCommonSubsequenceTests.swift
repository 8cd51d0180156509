import Testing

@testable import Redstart

/// The bits against the table that they stand for.
@Suite struct LongestCommonSubsequences {
    @Test func `are those of the plain table, with its choice among equals`() {
        let random = RandomSource(seed: 41)
        for round in 0..<600 {
            let letters = [1, 2, 3, 8, 256][round % 5]
            let left = StringMaker.bytes(random, random.below(150), letters: letters)
            let right = StringMaker.bytes(random, random.below(150), letters: letters)
            let expected = Self.plain(left, right)
            var found: [[Int]] = []
            left.withBytes { left in
                right.withBytes { right in
                    LongestCommonSubsequence.visitBackwards(left, right) { found.append([$0, $1]) }
                    #expect(LongestCommonSubsequence.length(left, right) == expected.count)
                }
            }
            #expect(found == expected)
        }
    }

    /// The pairs of positions, from the last to the first.
    private static func plain(_ left: [UInt8], _ right: [UInt8]) -> [[Int]] {
        var lengths = Array(repeating: Array(repeating: 0, count: right.count + 1), count: left.count + 1)
        for row in 0..<left.count {
            for column in 0..<right.count {
                lengths[row + 1][column + 1] =
                    left[row] == right[column]
                    ? lengths[row][column] + 1 : max(lengths[row][column + 1], lengths[row + 1][column])
            }
        }
        var pairs: [[Int]] = []
        var (row, column) = (left.count, right.count)
        while row > 0, column > 0 {
            if left[row - 1] == right[column - 1] {
                row -= 1
                column -= 1
                pairs.append([row, column])
            } else if lengths[row - 1][column] > lengths[row][column - 1] {
                row -= 1
            } else {
                column -= 1
            }
        }
        return pairs
    }
}

enum StringMaker {
    static func bytes(_ random: RandomSource, _ count: Int, letters: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(random.below(letters)) }
    }
}
