import Testing

@Suite struct JSONInScripts {
    @Test func `writes values`() {
        LibraryState().expect([
            ("cjson.encode({})", "{}"),
            ("cjson.encode({1, 2, nil, 4})", "[1,2,null,4]"),
            ("cjson.encode({a = {b = {true, cjson.null}}})", #"{"a":{"b":[true,null]}}"#),
            ("cjson.encode({[1.5] = 1})", #"{"1.5":1}"#),
            ("cjson.encode({[2147483648] = 1})", #"{"2147483648":1}"#),
            (#"cjson.encode("\8\9\10\11/\\\"\127\128")"#, #""\b\t\n\u000b\/\\\"\u007f\128""#),
            (
                "cjson.encode({-0.0, 1e14, 99999999999999, 0.0001, 0.00001, 1/3})",
                "[-0,1e+14,99999999999999,0.0001,1e-05,0.33333333333333]"
            ),
        ])
    }

    @Test func `refuses what JSON cannot say`() {
        LibraryState().expect([
            ("cjson.encode()", "user_script:1: bad argument #1 to 'encode' (expected 1 argument)"),
            ("cjson.encode(function() end)", "user_script:1: Cannot serialise function: type not supported"),
            ("cjson.encode(1/0)", "user_script:1: Cannot serialise number: must not be NaN or Inf"),
            (
                "cjson.encode({[true] = 1})",
                "user_script:1: Cannot serialise boolean: table key must be a number or string"
            ),
            ("cjson.encode({[11] = 1})", "user_script:1: Cannot serialise table: excessively sparse array"),
        ])
    }

    @Test func `reads values`() {
        LibraryState().expect([
            (#"cjson.decode(' [ 1 , "a" ] ')[2]"#, "a"),
            (#"cjson.decode('{"a":{"b":[1,2,{"c":null}]}}').a.b[3].c == cjson.null"#, "true"),
            (#"cjson.decode('"\\ud83d\\ude00\\u0000"')"#, #"\240\159\152\128\0"#),
            ("cjson.decode('12345678901234567890')", "1.2345678901235e+19"),
            ("cjson.decode('0x1F'), cjson.decode('-inf'), cjson.decode('1e-400')", "31 -inf 0"),
            ("#cjson.decode('[1,2,3,4,5]'), tostring(cjson.null)", "5 userdata: (nil)"),
        ])
    }

    @Test func `says what is wrong, and where`() {
        LibraryState().expect([
            ("cjson.decode('')", "user_script:1: Expected value but found T_END at character 1"),
            (
                "cjson.decode('{1:2}')",
                "user_script:1: Expected object key string but found T_NUMBER at character 2"
            ),
            (
                "cjson.decode('[1 true]')",
                "user_script:1: Expected comma or array end but found T_BOOLEAN at character 4"
            ),
            (
                #"cjson.decode('["abc", "d')"#,
                "user_script:1: Expected value but found unexpected end of string at character 11"
            ),
            (
                #"cjson.decode('"\\ud83dx"')"#,
                "user_script:1: Expected value but found invalid unicode escape code at character 2"
            ),
            (#"cjson.decode('1\0')"#, "user_script:1: JSON parser does not support UTF-16 or UTF-32"),
            ("pcall(cjson.decode, '-')", "false Expected value but found invalid number at character 1"),
        ])
    }

    @Test func `ends deep nesting by its own limits and by those of Lua's stack`() {
        LibraryState().expect([
            (
                "cjson.decode(('['):rep(1001))",
                "user_script:1: Found too many nested data structures (1001) at character 1001"
            ),
            ("cjson.decode_max_depth(2147483647)", "2147483647"),
            (
                #"cjson.decode(('{"a":'):rep(20000))"#,
                "user_script:1: Found too many nested data structures (4000) at character 19996"
            ),
            ("cjson.encode_max_depth(2147483647)", "2147483647"),
            (
                "(function() local t = {} t[1] = t return pcall(cjson.encode, t) end)()",
                "false Cannot serialise, excessive nesting (7998)"
            ),
        ])
    }

    @Test func `has settings, and new libraries have their own`() {
        LibraryState().expect([
            ("cjson.encode_sparse_array()", "false 2 10"),
            ("cjson.encode_sparse_array(true, 3, 4)", "true 3 4"),
            ("cjson.encode({[20] = 1})", #"{"20":1}"#),
            (
                "cjson.encode_number_precision(3), cjson.encode(2/3), cjson.new().encode(2/3)",
                "3 0.667 0.66666666666667"
            ),
            ("cjson.encode_invalid_numbers('null'), cjson.encode({0/0, -1/0})", "null [null,null]"),
            ("cjson.decode_invalid_numbers(false)", "false"),
            ("cjson.decode('0x1F')", "user_script:1: Expected value but found invalid number at character 1"),
            (
                "cjson.encode_max_depth(0)",
                "user_script:1: bad argument #1 to 'encode_max_depth' (expected integer between 1 and 2147483647)"
            ),
            (
                "cjson.encode_keep_buffer('x')",
                "user_script:1: bad argument #1 to 'encode_keep_buffer' (invalid option 'x')"
            ),
        ])
    }
}
