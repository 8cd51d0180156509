/// A member of a sorted set at its place in the order: by score, and where scores are equal by the member's bytes.
///
/// It refers to the block that the table of members holds, so that the bytes are there but once, and keeps the score
/// beside the address: most comparisons end there and do not touch the block.
@safe struct RankedMember: BitwiseCopyable, Comparable {
    let score: Double
    private let address: UnsafeMutableRawPointer

    @inline(__always)
    init(_ member: Member, score: Double) {
        self.score = score
        unsafe address = member.address
    }

    /// The member with the score that its block has.
    @inline(__always)
    init(_ member: Member) { self.init(member, score: member.number) }

    @inline(__always)
    var member: Member { unsafe Member(address) }

    @inline(__always)
    var key: Bytes { member.key }

    @inline(__always)
    static func < (left: RankedMember, right: RankedMember) -> Bool {
        if left.score != right.score { return left.score < right.score }
        return unsafe left.address != right.address && left.key.compare(right.key) < 0
    }

    @inline(__always)
    static func == (left: RankedMember, right: RankedMember) -> Bool {
        unsafe left.score == right.score && (left.address == right.address || left.key == right.key)
    }
}
