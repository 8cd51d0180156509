/// The checksum of Redis' dumps: the 64-bit cyclic redundancy check with the polynomial of D. T. Jones, reflected, that
/// begins with 0 and is not inverted at the end. Of "123456789" it is e9c6d914c4b8d9ca.
enum CRC64 {
    private static let polynomial: UInt64 = 0x95AC_9329_AC4B_C9B5

    /// What the eight bits of a byte do to the remainder.
    private static let table: [UInt64] = (0..<256).map { (byte: UInt64) in
        (0..<8).reduce(byte) { (rest, _) in rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1 }
    }

    static func checksum(_ bytes: Bytes) -> UInt64 {
        var rest: UInt64 = 0
        for index in 0..<bytes.count {
            rest = table[Int(UInt8(truncatingIfNeeded: rest) ^ bytes[index])] ^ rest >> 8
        }
        return rest
    }
}
