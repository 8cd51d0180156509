internal import Glibc

/// Blocks that nobody looks at, made smaller.
///
/// Elements of one list are often alike: the same words with other numbers in them. So each element, as it lies in the
/// block, is written as what differs from the one before: how many bytes they begin with and how many they end with
/// in common, and what is between. That takes a few nanoseconds an element both ways.
///
///     0  the length of the block's bytes when they are back, 4 bytes
///     4  the bytes before the first element, 4 bytes: their number
///        for each element: common beginning, common end, length between, one byte each; the bytes between
extension PackedList {
    private static var longestCompressed: Int { 255 }
    /// After so many elements it is seen whether this is worth it.
    private static var sampleElements: Int { 32 }

    /// Writes the elements in their short form to `target`, which has room for as many bytes as the list has, and
    /// answers how many it took. Nil if a quarter is not spared, or an element is too long.
    func compress(to target: UnsafeMutableRawPointer) -> Int? {
        let most = bytes.count / 4 &* 3
        unsafe target.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
        unsafe (target + 4).storeBytes(of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
        var written = 8
        var previous = bytes[0..<0]
        var offset = start
        var elements = 0
        while offset < end {
            let next = self.offset(after: offset)
            let element = bytes[offset..<next]
            guard element.count <= PackedList.longestCompressed else { return nil }
            let shorter = min(element.count, previous.count)
            let head = element.commonPrefix(previous, most: shorter)
            let tail = element.commonSuffix(previous, most: shorter &- head)
            let between = element.count &- head &- tail
            guard written &+ 3 &+ between <= most else { return nil }
            unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: head), toByteOffset: written, as: UInt8.self)
            unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: tail), toByteOffset: written &+ 1, as: UInt8.self)
            unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: between), toByteOffset: written &+ 2, as: UInt8.self)
            unsafe memcpy(target + written + 3, element.base + head, between)
            written &+= 3 &+ between
            elements &+= 1
            if elements == PackedList.sampleElements, written > (next &- start) / 4 &* 3 { return nil }
            previous = element
            offset = next
        }
        return written
    }

    /// The length of the bytes that were compressed to `short`.
    static func expandedBytes(_ short: Bytes) -> Int { unsafe Int(short.base.loadUnaligned(as: UInt32.self)) }

    /// Writes the bytes of the list that was compressed to `short` to `target`, which has room for them.
    static func expand(_ short: Bytes, to target: UnsafeMutableRawPointer) {
        let end = expandedBytes(short)
        unsafe memcpy(target, short.base + 4, headerBytes)
        var read = 8
        var written = headerBytes
        var previous = (start: headerBytes, count: 0)
        while read < short.count {
            let (head, tail, between) = (Int(short[read]), Int(short[read &+ 1]), Int(short[read &+ 2]))
            let count = head &+ between &+ tail
            precondition(head &+ tail <= max(previous.count, 0) &+ count && written &+ count <= end)
            let place = unsafe target + written
            unsafe memcpy(place, target + previous.start, head)
            unsafe memcpy(place + head, short[read &+ 3..<read &+ 3 &+ between].base, between)
            unsafe memcpy(place + head + between, target + previous.start + previous.count - tail, tail)
            previous = (written, count)
            written &+= count
            read &+= 3 &+ between
        }
        precondition(written == end)
    }
}

extension Bytes {
    /// How many bytes this and `other` begin with in common, up to `most`, which both have.
    @inline(__always)
    fileprivate func commonPrefix(_ other: Bytes, most: Int) -> Int {
        var count = 0
        while count &+ 8 <= most {
            let difference =
                unsafe (base + count).loadUnaligned(as: UInt64.self)
                ^ (other.base + count).loadUnaligned(as: UInt64.self)
            if difference != 0 { return count &+ UInt64(littleEndian: difference).trailingZeroBitCount / 8 }
            count &+= 8
        }
        while count < most, self[count] == other[count] { count &+= 1 }
        return count
    }

    /// How many bytes this and `other` end with in common, up to `most`, which both have.
    @inline(__always)
    fileprivate func commonSuffix(_ other: Bytes, most: Int) -> Int {
        var count = 0
        while count < most, self[self.count &- 1 &- count] == other[other.count &- 1 &- count] { count &+= 1 }
        return count
    }
}
