import Testing

@Suite struct StructInScripts {
    @Test func `packs by size, byte order and alignment`() {
        LibraryState().expect([
            (#"struct.pack("b>h<h", 1, 2, 3)"#, #"\1\0\2\3\0"#),
            (#"struct.pack("!4bi3", 1, 2)"#, #"\1\0\0\2\0\0"#),
            (#"struct.pack(">i16", -2)"#, #"\0\0\0\0\0\0\0\0\255\255\255\255\255\255\255\254"#),
            (#"struct.pack("L", 2^63), struct.pack("l", 1/0)"#, #"\0\0\0\0\0\0\0\128 \0\0\0\0\0\0\0\0"#),
            (#"struct.pack("sc0c2x", "a", "bc", "def")"#, #"a\0bcde\0"#),
            (#"struct.pack(">fd", 1.5, 1.5)"#, #"?\192\0\0?\248\0\0\0\0\0\0"#),
        ])
    }

    @Test func `unpacks, from a place on`() {
        LibraryState().expect([
            (#"struct.unpack("bBi3I3", "\255\255\255\255\255\255\255\255")"#, "-1 255 -1 16777215 9"),
            (#"struct.unpack("s", "abc\0def\0", 5)"#, "def 9"),
            (#"struct.unpack("bc0b", "\3abcd")"#, "abc 100 6"),
            (#"struct.unpack("!4i", "\1\2\0\0\0\0\0\0", 2)"#, "0 9"),
            (#"struct.unpack(">d", "\63\248\0\0\0\0\0\0")"#, "1.5 9"),
        ])
    }

    @Test func `counts bytes`() {
        LibraryState().expect([
            (#"struct.size("!bhilLTfd"), struct.size("bhilLTfd"), struct.size("z")"#, "48 43 0"),
            (#"struct.size("s")"#, "user_script:1: bad argument #1 to 'size' (option 's' has no fixed size)"),
        ])
    }

    @Test func `refuses formats, values and data`() {
        LibraryState().expect([
            (#"struct.pack("z", 1)"#, "user_script:1: bad argument #1 to 'pack' (invalid format option 'z')"),
            (#"struct.pack("\200", 1)"#, #"user_script:1: bad argument #1 to 'pack' (invalid format option '\200')"#),
            (#"struct.pack("i")"#, "user_script:1: bad argument #2 to 'pack' (number expected, got nil)"),
            (#"struct.pack("c4", "abc")"#, "user_script:1: bad argument #3 to 'pack' (string too short)"),
            (#"struct.pack("i33", 1)"#, "user_script:1: integral size 33 is larger than limit of 32"),
            (#"struct.pack("!3i", 1)"#, "user_script:1: alignment 3 is not a power of 2"),
            (#"struct.size("c2147483648")"#, "user_script:1: integral size overflow"),
            (#"struct.unpack("i", "abc")"#, "user_script:1: bad argument #2 to 'unpack' (data string too short)"),
            (
                #"struct.unpack("i", "abcd", 0)"#,
                "user_script:1: bad argument #3 to 'unpack' (offset must be 1 or greater)"
            ),
            (#"struct.unpack("i", "abcd", -1)"#, "user_script:1: bad argument #2 to 'unpack' (data string too short)"),
            (#"struct.unpack("c0", "abc")"#, "user_script:1: format 'c0' needs a previous size"),
            (#"struct.unpack("s", "abc")"#, "user_script:1: unfinished string in data"),
            (#"pcall(struct.unpack, ("b"):rep(8000), ("a"):rep(8000))"#, "false stack overflow (too many results)"),
        ])
    }
}
