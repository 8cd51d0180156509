/// A name of at most 24 bytes in three words, letters in capitals: compared and hashed as integers.
struct PackedName: BitwiseCopyable, Equatable {
    static let longest = 24

    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0

    @inline(__always)
    init(_ text: Bytes) {
        assert(text.count <= PackedName.longest)
        unsafe first = PackedName.word(text.base, min(text.count, 8))
        if text.count > 8 {
            unsafe second = PackedName.word(text.base + 8, min(text.count &- 8, 8))
            if text.count > 16 { unsafe third = PackedName.word(text.base + 16, text.count &- 16) }
        }
    }

    /// Up to eight bytes as one integer, lowest first, read without touching a byte beyond them.
    @inline(__always)
    private static func word(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count == 8 { return uppercased(unsafe start.loadUnaligned(as: UInt64.self)) }
        var result: UInt64 = 0
        if count >= 4 {
            let tail = UInt64(unsafe start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            result = UInt64(unsafe start.loadUnaligned(as: UInt32.self)) | tail &<< UInt64((count &- 4) &* 8)
        } else if count > 0 {
            let middle = count &>> 1
            result = UInt64(unsafe start.load(as: UInt8.self))
            result |= UInt64(unsafe start.load(fromByteOffset: middle, as: UInt8.self)) &<< UInt64(middle &* 8)
            let last = UInt64(unsafe start.load(fromByteOffset: count &- 1, as: UInt8.self))
            result |= last &<< UInt64((count &- 1) &* 8)
        }
        return uppercased(result)
    }

    /// Eight bytes at once: those from `a` to `z` lose their 0x20 bit.
    @inline(__always)
    private static func uppercased(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low = word & (ones &* 0x7F)
        let fromA = low &+ ones &* (0x80 - 0x61)
        let afterZ = low &+ ones &* (0x80 - 0x7B)
        let letters = fromA & ~afterZ & ~word & (ones &* 0x80)
        return word &- letters &>> 2
    }

    @inline(__always)
    var hash: UInt64 {
        let mixed = (first ^ second &* 0x9E37_79B9_7F4A_7C15 ^ third &* 0xC2B2_AE3D_27D4_EB4F) &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ mixed &>> 32
    }
}
