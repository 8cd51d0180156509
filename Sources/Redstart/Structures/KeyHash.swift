/// The hash of keys: 64 bits, keyed, a few nanoseconds for a short key.
///
/// Each step multiplies two 64-bit words to 128 bits and folds the halves, which mixes every input bit into every
/// output bit (the scheme is described in the wyhash and MUM hash papers). Without the two secret words nobody can
/// choose keys that collide.
struct KeyHash: BitwiseCopyable {
    let first: UInt64
    let second: UInt64

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inline(__always)
    func callAsFunction(_ bytes: Bytes) -> UInt64 {
        var position = unsafe bytes.base
        var left = bytes.count
        var state = first
        while left > 16 {
            let low = unsafe position.loadUnaligned(as: UInt64.self)
            let high = unsafe position.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            state = KeyHash.fold(low ^ second, high ^ state)
            unsafe position += 16
            left &-= 16
        }
        var low: UInt64 = 0
        var high: UInt64 = 0
        if left >= 8 {
            low = unsafe position.loadUnaligned(as: UInt64.self)
            high = unsafe position.loadUnaligned(fromByteOffset: left &- 8, as: UInt64.self)
        } else if left >= 4 {
            low = UInt64(unsafe position.loadUnaligned(as: UInt32.self))
            high = UInt64(unsafe position.loadUnaligned(fromByteOffset: left &- 4, as: UInt32.self))
        } else if left > 0 {
            let start = UInt64(unsafe position.load(as: UInt8.self))
            let middle = UInt64(unsafe position.load(fromByteOffset: left &>> 1, as: UInt8.self))
            low = start &<< 16 | middle &<< 8 | UInt64(unsafe position.load(fromByteOffset: left &- 1, as: UInt8.self))
        }
        let mixed = KeyHash.fold(low ^ second, high ^ state)
        // The length has to meet what is secret by now: against bytes of the key it could be cancelled.
        let length = UInt64(truncatingIfNeeded: bytes.count)
        return KeyHash.fold(mixed ^ 0x9E37_79B9_7F4A_7C15, first ^ 0xD1B5_4A32_D192_ED03 ^ length)
    }
}
