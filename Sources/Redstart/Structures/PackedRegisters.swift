internal import Glibc

/// Registers of six bits, four in three bytes, the first of them lowest. They are packed and unpacked eight at a time,
/// by moving halves apart: 24 bits, then 12, then 6.
enum PackedRegisters {
    static let count = 16_384
    static let byteCount = count / 4 * 3

    static func value(_ registers: Bytes, _ index: Int) -> UInt8 {
        let bit = index &* 6
        let low = UInt16(registers[bit &>> 3])
        let high = bit & 7 > 2 ? UInt16(registers[bit &>> 3 &+ 1]) : 0
        return UInt8(truncatingIfNeeded: (low | high &<< 8) &>> UInt16(bit & 7)) & 63
    }

    static func set(_ registers: MutableBytes, _ index: Int, _ value: UInt8) {
        let bit = index &* 6
        let shift = UInt16(bit & 7)
        let byte = bit &>> 3
        registers[byte] =
            registers[byte] & ~UInt8(truncatingIfNeeded: 63 &<< shift)
            | UInt8(truncatingIfNeeded: UInt16(value) &<< shift)
        guard shift > 2 else { return }
        let left = 8 &- shift
        registers[byte &+ 1] = registers[byte &+ 1] & ~UInt8(truncatingIfNeeded: 63 &>> left) | value &>> UInt8(left)
    }

    /// Eight registers, from 48 bits to a byte each.
    @inline(__always)
    fileprivate static func unpack(_ packed: SIMD2<UInt64>) -> SIMD2<UInt64> {
        var lanes = packed & both(0x0000_0000_00FF_FFFF) | (packed & both(0x0000_FFFF_FF00_0000)) &<< 8
        lanes = lanes & both(0x0000_0FFF_0000_0FFF) | (lanes & both(0x00FF_F000_00FF_F000)) &<< 4
        return lanes & both(0x003F_003F_003F_003F) | (lanes & both(0x0FC0_0FC0_0FC0_0FC0)) &<< 2
    }

    @inline(__always)
    fileprivate static func pack(_ registers: UInt64) -> UInt64 {
        var lanes = registers & 0x003F_003F_003F_003F | (registers & 0x3F00_3F00_3F00_3F00) &>> 2
        lanes = lanes & 0x0000_0FFF_0000_0FFF | (lanes & 0x0FFF_0000_0FFF_0000) &>> 4
        return lanes & 0x0000_0000_00FF_FFFF | (lanes & 0x00FF_FFFF_0000_0000) &>> 8
    }

    /// The two groups of eight registers at the byte `index`, 48 bits each.
    @inline(__always)
    fileprivate static func words(_ registers: Bytes, _ index: Int) -> (low: UInt64, high: UInt64) {
        // The second group is read with the two bytes before it, which all but the first group of a value have.
        let low = unsafe (registers.base + index).loadUnaligned(as: UInt64.self)
        let high = unsafe (registers.base + index + 4).loadUnaligned(as: UInt64.self) &>> 16
        return (low, high)
    }

    /// The same, a byte for each register.
    @inline(__always)
    fileprivate static func load(_ registers: Bytes, _ index: Int) -> SIMD2<UInt64> {
        let (low, high) = words(registers, index)
        return unpack(SIMD2(low, high))
    }

    @inline(__always)
    private static func both(_ word: UInt64) -> SIMD2<UInt64> { SIMD2(repeating: word) }

    /// How many registers have each value.
    static func histogram(_ registers: Bytes) -> RegisterHistogram {
        precondition(registers.count == byteCount)
        var counter = RegisterPairCounter()
        var index = 0
        while index < byteCount {
            let (low, high) = words(registers, index)
            counter.add(low)
            counter.add(high)
            index &+= 12
        }
        return counter.histogram
    }
}

/// How many registers have each of the 64 values that six bits have.
struct RegisterHistogram {
    private var counts: InlineArray<64, Int> = InlineArray(repeating: 0)

    subscript(value: Int) -> Int {
        get { counts[value] }
        set { counts[value] = newValue }
    }
}

/// Counts packed registers two at a time, by the twelve bits of both: half as many steps as registers. Every second
/// pair is counted in a table of its own, because the processor waits where the same counter is needed again at once.
private struct RegisterPairCounter {
    private static let pairs = 4_096
    private var counts: InlineArray<8_192, UInt16> = InlineArray(repeating: 0)

    /// Counts the eight registers of 48 bits.
    @inline(__always)
    mutating func add(_ word: UInt64) {
        counts[Int(truncatingIfNeeded: word & 0xFFF)] &+= 1
        counts[Int(truncatingIfNeeded: word &>> 12 & 0xFFF) &+ Self.pairs] &+= 1
        counts[Int(truncatingIfNeeded: word &>> 24 & 0xFFF)] &+= 1
        counts[Int(truncatingIfNeeded: word &>> 36 & 0xFFF) &+ Self.pairs] &+= 1
    }

    var histogram: RegisterHistogram {
        var histogram = RegisterHistogram()
        var lows: InlineArray<64, UInt16> = InlineArray(repeating: 0)
        for high in 0..<64 {
            var sum: UInt16 = 0
            for low in 0..<64 {
                let count = counts[high &* 64 &+ low] &+ counts[Self.pairs &+ high &* 64 &+ low]
                lows[low] &+= count
                sum &+= count
            }
            histogram[high] = Int(sum)
        }
        for low in 0..<64 { histogram[low] += Int(lows[low]) }
        return histogram
    }
}

/// Counts registers: each of eight neighbours in a table of its own, because the processor waits where the same counter
/// is needed again at once.
private struct RegisterCounter {
    private var counts: InlineArray<512, UInt16> = InlineArray(repeating: 0)

    @inline(__always)
    mutating func add(_ lanes: SIMD2<UInt64>) {
        add(lanes[0])
        add(lanes[1])
    }

    @inline(__always)
    private mutating func add(_ registers: UInt64) {
        for lane in 0..<8 {
            let value = Int(truncatingIfNeeded: registers &>> UInt64(lane &* 8)) & 63
            counts[lane &* 64 &+ value] &+= 1
        }
    }

    var histogram: RegisterHistogram {
        var histogram = RegisterHistogram()
        for index in 0..<512 { histogram[index & 63] += Int(counts[index]) }
        return histogram
    }
}

/// The largest value of each register in several sets of registers: a byte each.
@safe struct RegisterMaxima: ~Copyable {
    private let registers: UnsafeMutablePointer<UInt8>

    init() {
        unsafe registers = .allocate(capacity: PackedRegisters.count)
        unsafe registers.initialize(repeating: 0, count: PackedRegisters.count)
    }

    deinit { unsafe registers.deallocate() }

    subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < PackedRegisters.count)
        return unsafe registers[index]
    }

    mutating func raise(_ range: Range<Int>, to value: UInt8) {
        precondition(range.lowerBound >= 0 && range.upperBound <= PackedRegisters.count)
        for index in range where unsafe registers[index] < value { unsafe registers[index] = value }
    }

    mutating func raise(to packed: Bytes) {
        precondition(packed.count == PackedRegisters.byteCount)
        var group = unsafe UnsafeMutableRawPointer(registers)
        var index = 0
        while index < packed.count {
            let new = unsafe unsafeBitCast(PackedRegisters.load(packed, index), to: SIMD16<UInt8>.self)
            let old = unsafe group.loadUnaligned(as: SIMD16<UInt8>.self)
            unsafe group.storeBytes(of: pointwiseMax(old, new), as: SIMD16<UInt8>.self)
            unsafe group += 16
            index &+= 12
        }
    }

    func write(to packed: MutableBytes) {
        precondition(packed.count == PackedRegisters.byteCount)
        for group in 0..<PackedRegisters.count / 8 {
            let lanes = unsafe UnsafeRawPointer(registers).load(fromByteOffset: group &* 8, as: UInt64.self)
            let word = PackedRegisters.pack(lanes)
            let place = unsafe packed.base + group &* 6
            unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: word), as: UInt32.self)
            unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: word &>> 32), toByteOffset: 4, as: UInt16.self)
        }
    }

    var histogram: RegisterHistogram {
        var counter = RegisterCounter()
        for pair in 0..<PackedRegisters.count / 16 {
            unsafe counter.add(
                UnsafeRawPointer(registers).loadUnaligned(fromByteOffset: pair &* 16, as: SIMD2<UInt64>.self))
        }
        return counter.histogram
    }
}
