internal import Glibc

/// The longest common subsequence of two strings, 64 cells of the usual table at a time.
///
/// One row stands for a byte of the left string, one bit of it for a byte of the right string; the bit is zero where
/// the length grows from one cell to the next. A row follows from the one above by an addition, whose carries move each
/// growth to the first byte where it can be. (H. Hyyrö, "Bit-Parallel LCS-length Computation Revisited", 2004.)
///
/// For a table of n cells this takes n/64 steps, and the rows n/8 bytes, where numbers would take n steps and 4n bytes.
enum LongestCommonSubsequence {
    static func length(_ left: Bytes, _ right: Bytes) -> Int {
        unsafe fill(left, right, rows: nil, rowBytes: 0)
    }

    /// Visits the pairs of positions that make up the subsequence, from the last to the first.
    ///
    /// Of several of the same length it is the one found by going back from both ends, over an equal pair wherever
    /// there is one, otherwise over a byte of the right string where that loses nothing, otherwise over one of the
    /// left.
    static func visitBackwards(_ left: Bytes, _ right: Bytes, _ visit: (_ left: Int, _ right: Int) -> Void) {
        let rowBytes = (right.count + 7) / 8
        let rows = UnsafeMutableRawPointer.allocate(byteCount: left.count * rowBytes + 1, alignment: 8)
        defer { unsafe rows.deallocate() }
        _ = unsafe fill(left, right, rows: rows, rowBytes: rowBytes)
        var (row, column) = (left.count, right.count)
        while row > 0, column > 0 {
            if left[row - 1] == right[column - 1] {
                row -= 1
                column -= 1
                visit(row, column)
                continue
            }
            let bits = unsafe rows.load(fromByteOffset: (row - 1) * rowBytes + (column - 1) / 8, as: UInt8.self)
            if bits >> UInt8((column - 1) & 7) & 1 == 0 { row -= 1 } else { column -= 1 }
        }
    }

    /// Computes all rows, answers the length, and keeps the rows where there is room for them.
    private static func fill(
        _ left: Bytes, _ right: Bytes, rows: UnsafeMutableRawPointer?, rowBytes: Int
    ) -> Int {
        let words = (right.count + 63) / 64
        let occurrences = Occurrences(of: left, in: right, words: words)
        let row = UnsafeMutablePointer<UInt64>.allocate(capacity: words + 1)
        defer { unsafe row.deallocate() }
        unsafe row.initialize(repeating: .max, count: words)
        for index in 0..<left.count {
            unsafe advance(row, occurrences[left[index]], words)
            // The first bytes of the words are those of their lowest bits.
            if let rows = unsafe rows { unsafe memcpy(rows + index * rowBytes, row, rowBytes) }
        }
        return (0..<words).reduce(0) { unsafe $0 + (~row[$1]).nonzeroBitCount }
    }

    /// From one row to the next, for a left byte that is in the right string at the bits of `matches`. The bits after
    /// the right string's end stay ones.
    private static func advance(_ row: UnsafeMutablePointer<UInt64>, _ matches: UnsafePointer<UInt64>, _ words: Int) {
        var carry: UInt64 = 0
        for word in 0..<words {
            let old = unsafe row[word]
            let common = unsafe old & matches[word]
            let (partial, first) = old.addingReportingOverflow(common)
            let (sum, second) = partial.addingReportingOverflow(carry)
            carry = first || second ? 1 : 0
            unsafe row[word] = sum | (old ^ common)
        }
    }

    /// For each byte that the left string has, where it is in the right one, as bits. There are never more words of
    /// them than the table has cells by eight.
    @safe private final class Occurrences {
        private var starts = [Int](repeating: -1, count: 256)
        private let bits: UnsafeMutablePointer<UInt64>

        init(of left: Bytes, in right: Bytes, words: Int) {
            var distinct = 0
            for index in 0..<left.count where starts[Int(left[index])] < 0 {
                starts[Int(left[index])] = distinct * words
                distinct += 1
            }
            unsafe bits = .allocate(capacity: distinct * words + 1)
            unsafe bits.initialize(repeating: 0, count: distinct * words)
            for index in 0..<right.count {
                let start = starts[Int(right[index])]
                if start >= 0 { unsafe bits[start + index / 64] |= 1 << UInt64(index & 63) }
            }
        }

        deinit { unsafe bits.deallocate() }

        /// Where `byte`, one of the left string, occurs.
        subscript(byte: UInt8) -> UnsafePointer<UInt64> {
            unsafe UnsafePointer(bits + starts[Int(byte)])
        }
    }
}
