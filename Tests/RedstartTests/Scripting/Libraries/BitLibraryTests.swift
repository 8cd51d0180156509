import Testing

@Suite struct BitsInScripts {
    @Test func `takes numbers as 32 bits, rounded to the nearest`() {
        LibraryState().expect([
            ("bit.tobit(2^31), bit.tobit(2^32 + 5), bit.tobit(1.5), bit.tobit(2.5)", "-2147483648 5 2 2"),
            ("bit.tobit(1e15), bit.tobit(1/0), bit.tobit('0x10')", "-1530494976 0 16"),
            ("bit.tobit()", "user_script:1: bad argument #1 to 'tobit' (number expected, got no value)"),
        ])
    }

    @Test func `combines any number of them`() {
        LibraryState().expect([
            ("bit.band(7, 3, 1), bit.bor(1, 2, 4, 8), bit.bxor(-1, 2^31), bit.bnot(0)", "1 15 2147483647 -1"),
            ("bit.band(7, {}, {})", "user_script:1: bad argument #3 to 'band' (number expected, got table)"),
            ("bit.band(7, {})", "user_script:1: bad argument #2 to 'band' (number expected, got table)"),
        ])
    }

    @Test func `shifts and rotates by the lowest five bits of a distance`() {
        LibraryState().expect([
            ("bit.lshift(1, 33), bit.rshift(-1, 31), bit.arshift(-256, 36)", "2 1 -16"),
            (
                "bit.rol(0x12345678, 12), bit.ror(0x12345678, 40), bit.bswap(0x12345678)",
                "1164411171 2014458966 2018915346"
            ),
        ])
    }

    @Test func `writes hexadecimals`() {
        LibraryState().expect([
            (
                "bit.tohex(1), bit.tohex(-1, -4), bit.tohex(0xabcdef, 100), bit.tohex(0xabcdef, 1)",
                "00000001 FFFF 00abcdef f"
            ),
            ("bit.tohex(0xabcdef, nil)", "user_script:1: bad argument #2 to 'tohex' (number expected, got nil)"),
        ])
    }
}
