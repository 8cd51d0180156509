/// SHA-1 (FIPS 180-4), by which scripts are named. It protects nothing here.
struct SHA1 {
    private var a: UInt32 = 0x6745_2301
    private var b: UInt32 = 0xEFCD_AB89
    private var c: UInt32 = 0x98BA_DCFE
    private var d: UInt32 = 0x1032_5476
    private var e: UInt32 = 0xC3D2_E1F0

    /// The digest of `bytes` in forty hexadecimal digits, in small letters.
    static func hexadecimal(_ bytes: Bytes) -> [UInt8] {
        var hash = SHA1()
        let rest = unsafe hash.takeBlocks(bytes)
        hash.finish(rest, count: bytes.count)
        var text: [UInt8] = []
        text.reserveCapacity(40)
        for word in [hash.a, hash.b, hash.c, hash.d, hash.e] {
            var shift: UInt32 = 32
            while shift > 0 {
                shift -= 4
                let digit = UInt8(truncatingIfNeeded: word >> shift & 15)
                text.append(digit < 10 ? digit + 48 : digit + 87)
            }
        }
        return text
    }

    /// Takes in all whole blocks; what is left over is shorter than one.
    @unsafe
    private mutating func takeBlocks(_ bytes: Bytes) -> Bytes {
        var position = 0
        while bytes.count - position >= 64 {
            unsafe takeBlock(bytes.base + position)
            position += 64
        }
        return bytes[position..<bytes.count]
    }

    private mutating func finish(_ rest: Bytes, count: Int) {
        let padded = rest.count < 56 ? 64 : 128
        unsafe withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { (block) in
            guard let base = block.baseAddress else { return }
            unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: 128)
            unsafe base.copyMemory(from: rest.base, byteCount: rest.count)
            unsafe base.storeBytes(of: 0x80, toByteOffset: rest.count, as: UInt8.self)
            unsafe base.storeBytes(of: UInt64(count * 8).bigEndian, toByteOffset: padded - 8, as: UInt64.self)
            unsafe takeBlock(base)
            if padded == 128 { unsafe takeBlock(base + 64) }
        }
    }

    @unsafe
    private mutating func takeBlock(_ block: UnsafeRawPointer) {
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { (words) in
            for index in 0..<16 {
                unsafe words[index] = block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self).bigEndian
            }
            for index in 16..<80 {
                let mixed = unsafe words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                unsafe words[index] = SHA1.rotate(mixed, 1)
            }
            let start = (a, b, c, d, e)
            for index in 0..<20 { unsafe step(b & c | ~b & d, 0x5A82_7999, words[index]) }
            for index in 20..<40 { unsafe step(b ^ c ^ d, 0x6ED9_EBA1, words[index]) }
            for index in 40..<60 { unsafe step(b & c | b & d | c & d, 0x8F1B_BCDC, words[index]) }
            for index in 60..<80 { unsafe step(b ^ c ^ d, 0xCA62_C1D6, words[index]) }
            a &+= start.0
            b &+= start.1
            c &+= start.2
            d &+= start.3
            e &+= start.4
        }
    }

    @inline(__always)
    private mutating func step(_ function: UInt32, _ constant: UInt32, _ word: UInt32) {
        let next = SHA1.rotate(a, 5) &+ function &+ e &+ constant &+ word
        e = d
        d = c
        c = SHA1.rotate(b, 30)
        b = a
        a = next
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
}
