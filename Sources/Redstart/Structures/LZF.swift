/// The compressed form of long strings in Redis' dumps: M. Lehmann's LZF. It has two kinds of pieces. A byte below 32
/// says how many bytes follow as they are, less one. Others refer back to what came before: the upper three bits are
/// the length less two (7: a byte follows that is added), the lower five and one more byte the distance less one.
enum LZF {
    private static let longestLiteral = 32
    private static let longestDistance = 1 << 13
    private static let longestMatch = 264
    private static let shortestMatch = 3
    private static let tableBits: UInt64 = 13

    /// The text that `bytes` stand for, which has `count` bytes; nil if they do not stand for so many.
    static func expanded(_ bytes: Bytes, count: Int) -> [UInt8]? {
        var text: [UInt8] = []
        // No byte stands for more than the longest match: what claims more is not believed.
        guard count <= bytes.count * longestMatch else { return nil }
        text.reserveCapacity(count)
        var index = 0
        while index < bytes.count {
            let control = Int(bytes[index])
            index += 1
            if control < longestLiteral {
                guard index + control < bytes.count, text.count + control < count else { return nil }
                text.append(bytes[index..<index + control + 1])
                index += control + 1
                continue
            }
            var length = control >> 5
            if length == 7 {
                guard index < bytes.count else { return nil }
                length += Int(bytes[index])
                index += 1
            }
            length += 2
            guard index < bytes.count else { return nil }
            let start = text.count - (control & 31) << 8 - Int(bytes[index]) - 1
            index += 1
            guard start >= 0, text.count + length <= count else { return nil }
            // What is referred to may reach into what is being written.
            for offset in 0..<length { text.append(text[start + offset]) }
        }
        return text.count == count ? text : nil
    }

    /// A shorter form of a text, or nil if there is none.
    static func compressed(_ text: Bytes) -> [UInt8]? {
        var output: [UInt8] = []
        /// Where three bytes like these were seen last, by their hash.
        var seen = [Int](repeating: -1, count: 1 << Int(tableBits))
        var literal = 0
        var index = 0
        while index + shortestMatch <= text.count {
            let slot = Int(hash(text, index))
            let start = seen[slot]
            seen[slot] = index
            let length = start < 0 || index - start > longestDistance ? 0 : match(text, start, index)
            guard length >= shortestMatch else {
                index += 1
                continue
            }
            appendLiteral(text[literal..<index], &output)
            appendMatch(length, index - start, &output)
            let end = index + length
            index += 1
            while index < end, index + shortestMatch <= text.count {
                seen[Int(hash(text, index))] = index
                index += 1
            }
            index = end
            literal = end
            guard output.count < text.count else { return nil }
        }
        appendLiteral(text[literal..<text.count], &output)
        return output.count < text.count ? output : nil
    }

    private static func hash(_ text: Bytes, _ index: Int) -> UInt64 {
        let three = UInt64(text[index]) | UInt64(text[index + 1]) << 8 | UInt64(text[index + 2]) << 16
        return (three &* 0x9E37_79B9_7F4A_7C15) >> (64 - tableBits)
    }

    /// How many bytes are the same from two positions on.
    private static func match(_ text: Bytes, _ start: Int, _ index: Int) -> Int {
        let most = min(longestMatch, text.count - index)
        var length = 0
        while length < most, text[start + length] == text[index + length] { length += 1 }
        return length
    }

    private static func appendLiteral(_ bytes: Bytes, _ output: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let end = min(index + longestLiteral, bytes.count)
            output.append(UInt8(end - index - 1))
            output.append(bytes[index..<end])
            index = end
        }
    }

    private static func appendMatch(_ length: Int, _ distance: Int, _ output: inout [UInt8]) {
        let high = (distance - 1) >> 8
        if length - 2 < 7 {
            output.append(UInt8((length - 2) << 5 | high))
        } else {
            output.append(UInt8(7 << 5 | high))
            output.append(UInt8(length - 9))
        }
        output.append(UInt8(truncatingIfNeeded: distance - 1))
    }
}
