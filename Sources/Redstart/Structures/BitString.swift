/// Bytes as a string of bits, the first of which is the highest of the first byte.
///
/// Long runs are taken in vectors of the machine's own width, so that the memory is what limits them. Counting follows
/// W. Muła, N. Kurz and D. Lemire, "Faster Population Counts Using AVX2 Instructions" (2018): carry-save adders reduce
/// sixteen vectors to one before anything is counted.
extension Bytes {
    /// The bit at `offset`; beyond the end all are zero.
    func bit(at offset: Int) -> Bool {
        let index = offset &>> 3
        return index < count && self[index] & (0x80 &>> UInt8(truncatingIfNeeded: offset & 7)) != 0
    }

    /// How many bits are set.
    var bitCount: Int {
        var index = 0
        var sum = 0
        if count >= BitCounter.stride {
            var counter = BitCounter()
            while index &+ BitCounter.stride <= count {
                unsafe counter.add(base + index)
                index &+= BitCounter.stride
            }
            sum = counter.total
        }
        while index &+ 8 <= count {
            sum &+= unsafe (base + index).loadUnaligned(as: UInt64.self).nonzeroBitCount
            index &+= 8
        }
        while index < count {
            sum &+= self[index].nonzeroBitCount
            index &+= 1
        }
        return sum
    }

    /// How many of the bits in `bits`, all of which there are, are set.
    func bitCount(_ bits: Range<Int>) -> Int {
        guard !bits.isEmpty else { return 0 }
        let whole = self[bits.lowerBound &>> 3..<(bits.upperBound &+ 7) &>> 3]
        let before = UInt8(truncatingIfNeeded: bits.lowerBound & 7)
        let behind = UInt8(truncatingIfNeeded: (0 &- bits.upperBound) & 7)
        let first = whole[0] & ~(0xFF &>> before)
        let last = whole[whole.count - 1] & ((1 &<< behind) &- 1)
        return whole.bitCount - first.nonzeroBitCount - last.nonzeroBitCount
    }

    /// The position of the first bit that is `bit` among those in `bits`, all of which there are.
    func firstBit(_ bit: Bool, in bits: Range<Int>) -> Int? {
        guard !bits.isEmpty else { return nil }
        let end = (bits.upperBound &+ 7) &>> 3
        // What is looked for becomes a one.
        let flip: UInt64 = bit ? 0 : .max
        var index = bits.lowerBound &>> 3
        var word = (bigEndianWord(at: index, end) ^ flip) & (.max &>> UInt64(bits.lowerBound & 7))
        while word == 0 {
            index &+= 8
            if index &+ 64 <= end { index = skip(~flip == 0 ? .max : 0, from: index, end) }
            guard index < end else { return nil }
            word = bigEndianWord(at: index, end) ^ flip
        }
        let position = index &* 8 &+ word.leadingZeroBitCount
        return position < bits.upperBound ? position : nil
    }

    /// The first position from `index` on, in steps of 64, whose 64 bytes are not all `word`s, or where fewer are left.
    private func skip(_ word: UInt64, from index: Int, _ end: Int) -> Int {
        precondition(end <= count)
        var index = index
        while index &+ 64 <= end {
            let differs = unsafe (base + index).loadUnaligned(as: SIMD8<UInt64>.self) ^ SIMD8(repeating: word)
            let half = differs.lowHalf | differs.highHalf
            let quarter = half.lowHalf | half.highHalf
            if quarter[0] | quarter[1] != 0 { break }
            index &+= 64
        }
        return index
    }

    /// The eight bytes at `index` as a number, zeros in place of those from `end` on.
    @inline(__always)
    private func bigEndianWord(at index: Int, _ end: Int) -> UInt64 {
        precondition(index >= 0 && end <= count)
        if index &+ 8 <= end { return unsafe UInt64(bigEndian: (base + index).loadUnaligned(as: UInt64.self)) }
        var word: UInt64 = 0
        for offset in 0..<max(0, end &- index) {
            word |= UInt64(self[index &+ offset]) &<< UInt64(56 &- offset &* 8)
        }
        return word
    }

    /// The number of `width` bits, at most 64, at the bit `offset`; the bits beyond the end are zero.
    func bitField(at offset: Int, width: Int) -> UInt64 {
        let index = offset &>> 3
        let shift = offset & 7
        guard index < count else { return 0 }
        let high = bigEndianWord(at: index, count) &<< UInt64(shift)
        let low = shift > 0 && index &+ 8 < count ? UInt64(self[index &+ 8]) &>> UInt64(8 &- shift) : 0
        return (high | low) &>> UInt64(64 &- width)
    }
}

/// Counts the bits of vectors, 256 bytes at a time, in a binary counter whose digits are vectors.
private struct BitCounter {
    typealias Vector = SIMD2<UInt64>

    static let stride = 256

    private var ones = Vector(), twos = Vector(), fours = Vector(), eights = Vector()
    private var sixteens = Vector()

    /// The sum of three, and its carry.
    @inline(__always)
    private static func add(_ sum: inout Vector, _ second: Vector, _ third: Vector) -> Vector {
        let either = sum ^ second
        let carry = (sum & second) | (either & third)
        sum = either ^ third
        return carry
    }

    /// Adds the 128 bytes at `start`; what is carried beyond the eights is returned.
    @inline(__always)
    private mutating func addHalf(_ start: UnsafeRawPointer) -> Vector {
        let first = unsafe Self.add(&ones, Self.load(start, 0), Self.load(start, 1))
        let second = unsafe Self.add(&ones, Self.load(start, 2), Self.load(start, 3))
        let lowFours = Self.add(&twos, first, second)
        let third = unsafe Self.add(&ones, Self.load(start, 4), Self.load(start, 5))
        let fourth = unsafe Self.add(&ones, Self.load(start, 6), Self.load(start, 7))
        let highFours = Self.add(&twos, third, fourth)
        return Self.add(&fours, lowFours, highFours)
    }

    @inline(__always)
    private static func load(_ start: UnsafeRawPointer, _ index: Int) -> Vector {
        unsafe start.loadUnaligned(fromByteOffset: index &* 16, as: Vector.self)
    }

    @inline(__always)
    mutating func add(_ start: UnsafeRawPointer) {
        let low = unsafe addHalf(start)
        let high = unsafe addHalf(start + 128)
        sixteens &+= Self.count(Self.add(&eights, low, high))
    }

    /// How many bits of each lane are set.
    @inline(__always)
    private static func count(_ vector: Vector) -> Vector {
        var sum = vector &- (vector &>> 1 & Vector(repeating: 0x5555_5555_5555_5555))
        let pairs = Vector(repeating: 0x3333_3333_3333_3333)
        sum = (sum & pairs) &+ (sum &>> 2 & pairs)
        sum = (sum &+ sum &>> 4) & Vector(repeating: 0x0F0F_0F0F_0F0F_0F0F)
        sum = sum &+ sum &>> 8
        sum = sum &+ sum &>> 16
        return (sum &+ sum &>> 32) & Vector(repeating: 0x7F)
    }

    var total: Int {
        var sum = sixteens &<< 4
        sum &+= Self.count(eights) &<< 3
        sum &+= Self.count(fours) &<< 2
        sum &+= Self.count(twos) &<< 1
        sum &+= Self.count(ones)
        return Int(truncatingIfNeeded: sum[0] &+ sum[1])
    }
}
