import Testing

@Suite struct MessagePackInScripts {
    private static let hexadecimal =
        "(function(...) return (cmsgpack.pack(...):gsub('.', function(c) "
        + "return ('%02x'):format(c:byte()) end)) end)"

    @Test(arguments: [
        ("0, 127, 128, 256, 65536, 4294967296", "007fcc80cd0100ce00010000cf0000000100000000"),
        ("-1, -32, -33, -129, -32769, -2147483649", "ffe0d0dfd1ff7fd2ffff7fffd3ffffffff7fffffff"),
        ("1.5, 0.1, 2^63, -0.0", "ca3fc00000cb3fb999999999999aca5f00000000"),
        ("true, false, nil, cjson.null, function() end", "c3c2c0c0c0"),
        ("{}, {1}, {a = 1}, {[2] = 1}", "90910181a16101810201"),
        ("'', ('x'):rep(32)", "a0d920" + String(repeating: "78", count: 32)),
    ])
    func `packs values`(_ values: String, _ expected: String) {
        #expect(LibraryState().answer("\(MessagePackInScripts.hexadecimal)(\(values))") == expected)
    }

    @Test func `unpacks what there is, one value, or so many`() {
        LibraryState().expect([
            (#"cmsgpack.unpack("\1\2\3")"#, "1 2 3"),
            (#"cmsgpack.unpack_one("\1\2\3", 1)"#, "2 2"),
            (#"cmsgpack.unpack_one("\1\2\3", 2)"#, "-1 3"),
            (#"cmsgpack.unpack_limit("\1\2\3", 2, 1)"#, "-1 2 3"),
            (#"cmsgpack.unpack_limit("\1\2\3", 0, 1)"#, "1"),
            (#"cmsgpack.unpack("\207\255\255\255\255\255\255\255\255")"#, "-1"),
        ])
    }

    @Test func `refuses what is no MessagePack`() {
        LibraryState().expect([
            (#"cmsgpack.unpack("\193")"#, "user_script:1: Bad data format in input."),
            (#"cmsgpack.unpack("\221\255\255\255\255\1")"#, "user_script:1: Missing bytes in input."),
            (#"cmsgpack.unpack("\129\192\1")"#, "table index is nil"),
            (#"cmsgpack.unpack_one("\1", 2)"#, "user_script:1: Start offset 2 greater than input length 1."),
            (
                #"cmsgpack.unpack_one("\1", -1)"#,
                "user_script:1: Invalid request to unpack with offset of -1 and limit of 1."
            ),
            ("cmsgpack.pack()", "user_script:1: bad argument #0 to 'pack' (MessagePack pack needs input.)"),
        ])
    }

    @Test func `ends deep nesting`() {
        LibraryState().expect([
            ("(function() local t = {} t[1] = t return #cmsgpack.pack(t) end)()", "17"),
            (
                #"pcall(cmsgpack.unpack, ("\145"):rep(100000))"#,
                "false stack overflow (in function mp_decode_to_lua_array)"
            ),
            (
                #"pcall(cmsgpack.unpack, ("\129"):rep(100000))"#,
                "false stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)"
            ),
        ])
    }
}
