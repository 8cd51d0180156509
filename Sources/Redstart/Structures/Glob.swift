/// Patterns in the manner of the shell: `*` for any run of bytes, `?` for any byte, `[a-z]` and `[^a-z]` for one byte
/// of a class, and `\` before a byte that stands for itself.
///
/// What is malformed has a meaning too: a class that is not closed reaches to the pattern's end, and a `\` that nothing
/// follows stands for itself. Bytes are ordered as signed ones in a range, whose ends may come in either order.
enum Glob {
    /// A pattern with more stars than this, where those at its end do not count, matches nothing.
    static let starLimit = 1000

    /// Whether all of `text` is matched by all of `pattern`. The work is bounded by the product of their lengths: each
    /// byte of a pattern matches one byte or, if a star, any number, so only the last star met needs to be tried again.
    static func matches(_ pattern: Bytes, _ text: Bytes, ignoringCase: Bool = false) -> Bool {
        var patternIndex = 0
        var textIndex = 0
        var stars = 0
        var retry: (pattern: Int, text: Int)?
        while textIndex < text.count {
            if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
                patternIndex = skipStars(pattern, patternIndex)
                if patternIndex == pattern.count { return true }
                stars += 1
                if stars > starLimit { return false }
                retry = (patternIndex, textIndex)
            } else if let next = step(pattern, patternIndex, text[textIndex], ignoringCase) {
                patternIndex = next
                textIndex += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                patternIndex = last.pattern
                textIndex = last.text + 1
            } else {
                return false
            }
        }
        // An empty text is matched by an empty pattern alone, not even by a star: Redis 7 does so.
        return patternIndex == pattern.count || (!text.isEmpty && skipStars(pattern, patternIndex) == pattern.count)
    }

    private static func skipStars(_ pattern: Bytes, _ start: Int) -> Int {
        var index = start
        while index < pattern.count, pattern[index] == UInt8(ascii: "*") { index += 1 }
        return index
    }

    /// Matches one byte; answers where the pattern goes on, or nil if the byte does not match.
    @inline(__always)
    private static func step(_ pattern: Bytes, _ index: Int, _ byte: UInt8, _ ignoringCase: Bool) -> Int? {
        guard index < pattern.count else { return nil }
        switch pattern[index] {
        case UInt8(ascii: "?"):
            return index + 1
        case UInt8(ascii: "["):
            return matchClass(pattern, index + 1, byte, ignoringCase)
        case UInt8(ascii: "\\") where index + 1 < pattern.count:
            return equal(pattern[index + 1], byte, ignoringCase) ? index + 2 : nil
        default:
            return equal(pattern[index], byte, ignoringCase) ? index + 1 : nil
        }
    }

    @inline(__always)
    private static func equal(_ left: UInt8, _ right: UInt8, _ ignoringCase: Bool) -> Bool {
        left == right || (ignoringCase && left.lowercased == right.lowercased)
    }

    /// Matches one byte with the class whose first byte after the bracket is at `start`.
    private static func matchClass(_ pattern: Bytes, _ start: Int, _ byte: UInt8, _ ignoringCase: Bool) -> Int? {
        var index = start
        let negated = index < pattern.count && pattern[index] == UInt8(ascii: "^")
        if negated { index += 1 }
        var found = false
        while index < pattern.count, pattern[index] != UInt8(ascii: "]") {
            let member = pattern[index]
            if member == UInt8(ascii: "\\"), index + 1 < pattern.count {
                // Unlike all else, an escaped byte of a class keeps its case: Redis 7 does so.
                found = found || pattern[index + 1] == byte
                index += 2
            } else if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-") {
                found = found || inRange(byte, member, pattern[index + 2], ignoringCase)
                index += 3
            } else {
                found = found || equal(member, byte, ignoringCase)
                index += 1
            }
        }
        guard found != negated else { return nil }
        return min(index + 1, pattern.count)
    }

    private static func inRange(_ byte: UInt8, _ one: UInt8, _ other: UInt8, _ ignoringCase: Bool) -> Bool {
        // The ends are put in order before their case is dropped, so that `[Z-a]` holds nothing.
        var low = min(Int8(bitPattern: one), Int8(bitPattern: other))
        var high = max(Int8(bitPattern: one), Int8(bitPattern: other))
        var value = Int8(bitPattern: byte)
        if ignoringCase {
            low = Int8(bitPattern: UInt8(bitPattern: low).lowercased)
            high = Int8(bitPattern: UInt8(bitPattern: high).lowercased)
            value = Int8(bitPattern: byte.lowercased)
        }
        return low <= value && value <= high
    }
}
