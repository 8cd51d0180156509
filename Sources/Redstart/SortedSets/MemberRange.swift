/// A member and its score, as a walk over a sorted set comes by it. Good until the set changes.
struct ScoredMember {
    let member: StringValue
    let score: Double
}

/// A stretch of the order of a sorted set.
protocol MemberRange {
    /// Whether the range begins only after such a member.
    func isAfter(_ member: StringValue, _ score: Double) -> Bool
    /// Whether the range ended before such a member.
    func isBefore(_ member: StringValue, _ score: Double) -> Bool
}

/// Scores between two bounds.
struct ScoreRange: MemberRange {
    struct Bound {
        var score: Double
        var isExclusive = false
    }

    var least: Bound
    var greatest: Bound

    @inline(__always)
    func isAfter(_ score: Double) -> Bool { least.isExclusive ? score <= least.score : score < least.score }

    @inline(__always)
    func isBefore(_ score: Double) -> Bool {
        greatest.isExclusive ? score >= greatest.score : score > greatest.score
    }

    @inline(__always)
    func isAfter(_ member: StringValue, _ score: Double) -> Bool { isAfter(score) }

    @inline(__always)
    func isBefore(_ member: StringValue, _ score: Double) -> Bool { isBefore(score) }
}

/// Members between two bounds by their bytes: of use where all scores are equal.
struct LexicalRange: MemberRange {
    enum Bound {
        case lowest, highest
        case inclusive(Bytes)
        case exclusive(Bytes)
    }

    var least: Bound
    var greatest: Bound

    @inline(__always)
    func isAfter(_ member: StringValue, _ score: Double) -> Bool {
        switch least {
        case .lowest: false
        case .highest: true
        case .inclusive(let bytes): member.compare(bytes) < 0
        case .exclusive(let bytes): member.compare(bytes) <= 0
        }
    }

    @inline(__always)
    func isBefore(_ member: StringValue, _ score: Double) -> Bool {
        switch greatest {
        case .lowest: true
        case .highest: false
        case .inclusive(let bytes): member.compare(bytes) > 0
        case .exclusive(let bytes): member.compare(bytes) >= 0
        }
    }
}

extension StringValue {
    /// Negative, zero or positive, as `Bytes.compare`.
    @inline(__always)
    func compare(_ other: Bytes) -> Int { withBytes { $0.compare(other) } }
}

// MARK: - Reading bounds

extension ScoreRange {
    /// A bound as it is written: a number, with `(` before it if it is not itself in the range.
    static func bound(_ word: Bytes) -> Bound? {
        let isExclusive = !word.isEmpty && word[0] == UInt8(ascii: "(")
        guard let score = NumberText.doubleBound(isExclusive ? word[1..<word.count] : word) else { return nil }
        return Bound(score: score, isExclusive: isExclusive)
    }

    init(_ least: Bytes, _ greatest: Bytes) throws(ReplyError) {
        guard let least = ScoreRange.bound(least), let greatest = ScoreRange.bound(greatest) else {
            throw .scoreBoundNotFloat
        }
        self.init(least: least, greatest: greatest)
    }
}

extension LexicalRange {
    /// A bound as it is written: `-`, `+`, or bytes after `[` or `(`.
    static func bound(_ word: Bytes) -> Bound? {
        guard !word.isEmpty else { return nil }
        switch word[0] {
        case UInt8(ascii: "-"): return word.count == 1 ? .lowest : nil
        case UInt8(ascii: "+"): return word.count == 1 ? .highest : nil
        case UInt8(ascii: "["): return .inclusive(word[1..<word.count])
        case UInt8(ascii: "("): return .exclusive(word[1..<word.count])
        default: return nil
        }
    }

    init(_ least: Bytes, _ greatest: Bytes) throws(ReplyError) {
        guard let least = LexicalRange.bound(least), let greatest = LexicalRange.bound(greatest) else {
            throw .lexicalBoundInvalid
        }
        self.init(least: least, greatest: greatest)
    }
}

extension ReplyError {
    static let scoreBoundNotFloat = ReplyError(line: "ERR min or max is not a float")
    static let lexicalBoundInvalid = ReplyError(line: "ERR min or max not valid string range item")
}
