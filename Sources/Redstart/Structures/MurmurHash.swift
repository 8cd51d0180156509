/// MurmurHash64A, by Austin Appleby, who put it in the public domain: for what is stored and has to mean the same
/// elsewhere. It does not withstand keys that are chosen to collide.
enum MurmurHash {
    private static let multiplier: UInt64 = 0xC6A4_A793_5BD1_E995

    static func hash(_ bytes: Bytes, seed: UInt64) -> UInt64 {
        let count = bytes.count
        var hash = seed ^ UInt64(truncatingIfNeeded: count) &* multiplier
        var index = 0
        while index &+ 8 <= count {
            var word = unsafe UInt64(littleEndian: (bytes.base + index).loadUnaligned(as: UInt64.self))
            word = word &* multiplier
            word ^= word &>> 47
            hash = (hash ^ word &* multiplier) &* multiplier
            index &+= 8
        }
        if index < count {
            var rest: UInt64 = 0
            while index < count {
                rest |= UInt64(bytes[index]) &<< UInt64((index & 7) &* 8)
                index &+= 1
            }
            hash = (hash ^ rest) &* multiplier
        }
        hash = (hash ^ hash &>> 47) &* multiplier
        return hash ^ hash &>> 47
    }
}
