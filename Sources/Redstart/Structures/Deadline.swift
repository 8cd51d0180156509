/// A moment and the hash of what is due at it: what a tree of deadlines holds.
struct Deadline: BitwiseCopyable, Comparable {
    var time: Int64
    var hash: UInt64

    @inline(__always)
    static func < (left: Deadline, right: Deadline) -> Bool {
        // Without a branch on the time: a search in a node would mispredict it at every step.
        let earlier = left.time < right.time
        let sameTime = left.time == right.time
        let smaller = left.hash < right.hash
        return earlier || (sameTime && smaller)
    }
}
