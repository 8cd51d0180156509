internal import Glibc

/// A borrowed run of bytes that may be changed in place. Like `Bytes` it owns nothing, and is valid only until the
/// value that it belongs to changes otherwise.
@safe struct MutableBytes {
    let base: UnsafeMutableRawPointer
    let count: Int

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer, _ count: Int) {
        unsafe self.base = base
        self.count = count
    }

    @inline(__always)
    var bytes: Bytes { unsafe Bytes(base, count) }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < count)
            return unsafe base.load(fromByteOffset: index, as: UInt8.self)
        }
        nonmutating set {
            precondition(index >= 0 && index < count)
            unsafe base.storeBytes(of: newValue, toByteOffset: index, as: UInt8.self)
        }
    }

    @inline(__always)
    subscript(range: Range<Int>) -> MutableBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe MutableBytes(base + range.lowerBound, range.count)
    }

    /// Copies `bytes` to the position `offset`; they may be part of these.
    func copy(_ bytes: Bytes, at offset: Int = 0) {
        precondition(offset >= 0 && offset &+ bytes.count <= count)
        unsafe memmove(base + offset, bytes.base, bytes.count)
    }

    func clear() { unsafe memset(base, 0, count) }

    // MARK: - Bits

    /// Gives the bit at `offset` another value.
    func setBit(at offset: Int, _ bit: Bool) {
        let mask = 0x80 &>> UInt8(truncatingIfNeeded: offset & 7)
        let byte = self[offset &>> 3]
        self[offset &>> 3] = bit ? byte | mask : byte & ~mask
    }

    /// Writes the lowest `width` bits of `value`, highest first, at the bit `offset`.
    func setBitField(at offset: Int, width: Int, _ value: UInt64) {
        var left = width
        var position = offset
        while left > 0 {
            let room = 8 &- position & 7
            let taken = min(room, left)
            let piece = UInt8(truncatingIfNeeded: value &>> UInt64(left &- taken))
            let shift = UInt8(truncatingIfNeeded: room &- taken)
            let mask = (UInt8(truncatingIfNeeded: (1 &<< taken) &- 1)) &<< shift
            self[position &>> 3] = self[position &>> 3] & ~mask | piece &<< shift & mask
            left &-= taken
            position &+= taken
        }
    }
}
