import Testing

// The reference manual's chapter 5, as questions and answers. The answers are those of lua5.1.

/// Chapter 5.1.
@Suite struct BasicFunctions {
    @Test(arguments: [
        (
            """
            return tonumber("10"), tonumber(" 0x1A "), tonumber("1e1"), tonumber("abc"), tonumber(""), tonumber("1 \
            2"), tonumber({}), tonumber(nil)
            """,
            "10\t26\t10\tnil\tnil\tnil\tnil\tnil"
        ),
        (
            """
            return tonumber("z", 36), tonumber("777", 8), tonumber("8", 8), tonumber("ff", 16), tonumber("-ff", \
            16), tonumber("1.5", 10), tonumber("11", 2)
            """,
            "35\t511\tnil\t255\t1.844674407371e+19\t1.5\t3"
        ),
        ("return tonumber(\"1\", 1)", "test:1: bad argument #2 to 'tonumber' (base out of range)"),
        ("return tonumber()", "test:1: bad argument #1 to 'tonumber' (value expected)"),
        (
            "return tostring(nil), tostring(true), tostring(-0), tostring(1e15), tostring(\"x\")",
            "nil\ttrue\t-0\t1e+15\tx"
        ),
        ("return tostring()", "test:1: bad argument #1 to 'tostring' (value expected)"),
        ("return type(nil), type({}), type(type)", "nil\ttable\tfunction"),
        ("return type()", "test:1: bad argument #1 to 'type' (value expected)"),
        (
            "return select(\"#\"), select(\"#\", nil, nil), select(2, \"a\", \"b\", \"c\"), select(-1, \"a\", \"b\")",
            "0\t2\tb\tb"
        ),
        ("return select(0)", "test:1: bad argument #1 to 'select' (index out of range)"),
        ("return select(-5, 1)", "test:1: bad argument #1 to 'select' (index out of range)"),
        (
            "return unpack({1, 2, 3}), unpack({1, 2, 3}, 2), unpack({1, 2, 3}, 2, 3), unpack({}, 1, 3)",
            "1\t2\t2\tnil\tnil\tnil"
        ),
        ("return next({}), next({5}), next({5}, 1), next({x = 1})", "nil\t1\tnil\tx\t1"),
        ("return next({}, \"nothing\")", "invalid key to 'next'"),
        ("return rawget({x = 1}, \"x\"), rawequal(\"a\", \"a\"), rawset({}, \"x\", 2).x", "1\ttrue\t2"),
        ("return rawset({}, nil, 1)", "table index is nil"),
        ("return rawget(1, 2)", "test:1: bad argument #1 to 'rawget' (table expected, got number)"),
        ("local t = {} for i, v in ipairs({1, 2, nil, 4}) do t[#t + 1] = v end return #t", "2"),
        ("return ipairs()", "test:1: bad argument #1 to 'ipairs' (table expected, got no value)"),
        ("return pairs(nil)", "test:1: bad argument #1 to 'pairs' (table expected, got nil)"),
        ("return loadstring(\"return 1 +\"), loadstring(\"return 41 + 1\")()", "nil\t42"),
        (
            "return loadstring(\"x =\", \"=named\"), loadstring(\"x =\", \"@file.lua\"), loadstring(\"x =\\n1 1\")",
            "nil\tnil\tnil\t[string \"x =...\"]:2: unexpected symbol near '1'"
        ),
        (
            """
            local parts = {"return ", "4", "2", nil} local i = 0 return load(function() i = i + 1 return parts[i] \
            end)()
            """,
            "42"
        ),
        (
            "return load(function() return 1 end == nil)",
            "test:1: bad argument #1 to 'load' (function expected, got boolean)"
        ),
        ("return load(function() error(\"reader\") end)", "nil\ttest:1: reader"),
        ("return _VERSION, _G._G == _G", "Lua 5.1\ttrue"),
        (
            """
            return collectgarbage("count") > 0, collectgarbage(), collectgarbage("step"), collectgarbage("nothing")
            """,
            "test:1: bad argument #1 to 'collectgarbage' (invalid option 'nothing')"
        ),
        ("return collectgarbage(\"stop\"), collectgarbage(\"restart\")", "0\t0"),
        (
            """
            return pcall(newproxy), type(newproxy(true)), getmetatable(newproxy(true)) ~= nil, \
            getmetatable(newproxy())
            """,
            "true\tuserdata\ttrue\tnil"
        ),
    ])
    func `do what the manual says`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 5.4.
@Suite struct StringFunctions {
    @Test(arguments: [
        (
            """
            return ("hello"):byte(), ("hello"):byte(-1), ("hello"):byte(2, 4), ("hello"):byte(10), (""):byte()
            """,
            "104\t111\t101\tnil"
        ),
        ("return string.char(), string.char(72, 105), #string.char(0, 255)", "\tHi\t2"),
        ("return string.char(256)", "test:1: bad argument #1 to 'char' (invalid value)"),
        (
            """
            return ("hello"):sub(2), ("hello"):sub(-3), ("hello"):sub(2, -2), ("hello"):sub(0), ("hello"):sub(4, \
            2), ("hello"):sub(-100, 100)
            """,
            "ello\tllo\tell\thello\t\thello"
        ),
        (
            """
            return ("Hello"):upper(), ("Hello"):lower(), ("Hello"):reverse(), ("Hello"):len(), (""):reverse()
            """,
            "HELLO\thello\tolleH\t5\t"
        ),
        ("return (\"ab\"):rep(3), (\"ab\"):rep(0), (\"ab\"):rep(-1), (\"\"):rep(100)", "ababab\t\t\t"),
        (
            """
            return ("hello world"):find("wor"), ("hello"):find("l"), ("hello"):find("xyz"), ("hello"):find(""), \
            ("hello"):find("", 10), ("a.b"):find(".", 1, true), ("a.b"):find("%.")
            """,
            "7\t3\tnil\t1\t6\t2\t2\t2"
        ),
        (
            """
            return ("hello"):find("l", -2), ("hello"):find("(l)(l)"), ("hello"):find("()ll()"), \
            ("hello"):find("^h"), ("hello"):find("^e"), ("hello"):find("o$")
            """,
            "4\t3\t3\t1\tnil\t5\t5"
        ),
        (
            """
            return ("key = value"):match("(%w+)%s*=%s*(%w+)"), ("2024-01-02"):match("(%d+)-(%d+)-(%d+)"), \
            ("abc"):match("%d"), ("abc"):match(".", 3)
            """,
            "key\t2024\tnil\tc"
        ),
        (
            """
            return ("  trim  "):match("^%s*(.-)%s*$"), ("f(a(b)c)d"):match("%b()"), ("THE (quick) \
            fox"):find("%f[%a]%a+%f[%A]"), ("aXb"):match("%u"), ("x\\0y"):match("%z")
            """,
            "trim\t(a(b)c)\t1\tX\t\0"
        ),
        (
            """
            return ("hello world"):gsub("o", "0"), ("hello"):gsub("", "-"), ("abc"):gsub("%w", "%0%0"), \
            ("abc"):gsub("(a)(b)", "%2%1"), ("abc"):gsub("b", "%%")
            """,
            "hell0 w0rld\t-h-e-l-l-o-\taabbcc\tbac\ta%c\t1"
        ),
        (
            """
            return ("hello world"):gsub("%w+", {hello = "hi", world = false}), ("a b c"):gsub("%a", string.upper, \
            2), ("abc"):gsub(".", function(c) if c == "b" then return nil end return c .. c end)
            """,
            "hi world\tA B c\taabcc\t3"
        ),
        ("return (\"abc\"):gsub(\"b\", \"%2\")", "test:1: invalid capture index"),
        ("return (\"abc\"):gsub(\"(b\", \"x\")", "axc\t1"),
        ("return (\"abc\"):gsub(\"b)\", \"x\")", "test:1: invalid pattern capture"),
        ("return (\"abc\"):gsub(\"[b\", \"x\")", "test:1: malformed pattern (missing ']')"),
        ("return (\"abc\"):gsub(\"%\", \"x\")", "test:1: malformed pattern (ends with '%')"),
        ("return (\"abc\"):gsub(\"b\", function() return {} end)", "test:1: invalid replacement value (a table)"),
        ("return (\"abc\"):gsub(\"b\", true)", "test:1: bad argument #2 to 'gsub' (string/function/table expected)"),
        ("return (\"abc\"):find(\"%f\")", "test:1: missing '[' after '%f' in pattern"),
        ("return (\"abc\"):find(\"%b\")", "test:1: unbalanced pattern"),
        (
            """
            return ("aaa"):find("a-", 2), ("aaa"):match("^(a-)$"), ("aaab"):match("a*b"), ("b"):match("a?b"), \
            ("ab"):match("a+"), ("[]"):match("[]]"), ("^"):match("[%^x]"), ("a-z"):match("[a%-z]+"), \
            ("b"):match("[^a-]")
            """,
            "2\taaa\taaab\tb\ta\t]\t^\ta-z\tb"
        ),
        (
            """
            return ("abcabc"):match("(a)bc%1"), ("abab"):match("(ab)%1"), ("x"):match("()"), \
            ("\\255"):match("[\\250-\\255]") == "\\255"
            """,
            "a\tab\t1\ttrue"
        ),
        (
            """
            local t = {} for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do t[#t + 1] = k .. v end return \
            table.concat(t, ";")
            """,
            "a1;b2"
        ),
        ("local n = 0 for w in (\"abc\"):gmatch(\"\") do n = n + 1 end return n", "4"),
        ("return ('[%c%3c]'):format(2^32 + 65, -2^31 - 1), ('%c'):format(-190.5)", "[  ]\tB"),
        ("return ('key=value'):match('(%a-)(=)(%a*)(u)(%a-)$')", "key\t=\tval\tu\te"),
        ("return ('abcabcabd'):find('((a?)b(c*))(%2)bd')", "4\t9\tabc\ta\tc\ta"),
        ("return ('a'):rep(30):find(('a?'):rep(10) .. ('a'):rep(30)), ('aab'):match('^(a-)(a?)b$')", "1\ta\ta"),
        ("return ('a)b'):match('a)')", "test:1: invalid pattern capture"),
        (
            """
            return string.format("%d %5d %-5d| %05d %+d", 1, 2, 3, 4, 5), string.format("%x %X %o %#x", 255, 255, \
            8, 255), string.format("%c%c", 65, 66)
            """,
            "1     2 3    | 00004 +5\tff FF 10 0xff\tAB"
        ),
        (
            """
            return string.format("%.3f %e %g %G %10.2f", 1 / 3, 12345.678, 1e20, 1e-10, 3.14159), string.format("%s \
            %10s %-10s| %.2s", "a", "b", "c", "defg")
            """,
            "0.333 1.234568e+04 1e+20 1E-10       3.14\ta          b c         | de"
        ),
        (
            """
            return string.format("%q", 'a "quoted"\\\\ line\\nbreak\\0zero\\rreturn'), string.format("%%"), \
            string.format("%i %u", 3.99, 4)
            """,
            "\"a \\\"quoted\\\"\\\\ line\\\nbreak\\000zero\\rreturn\"\t%\t3 4"
        ),
        ("return string.format(\"%s\", nil)", "test:1: bad argument #2 to 'format' (string expected, got nil)"),
        ("return string.format(\"%d\", \"x\")", "test:1: bad argument #2 to 'format' (number expected, got string)"),
        ("return string.format(\"%d\")", "test:1: bad argument #2 to 'format' (no value)"),
        ("return string.format(\"%y\", 1)", "test:1: invalid option '%y' to 'format'"),
        ("return string.format(\"%0123d\", 1)", "test:1: invalid format (width or precision too long)"),
        (
            """
            return string.format("%5.2s|%s", "abc", 12), string.format("%s", 1e15), string.format("%d", -3.7), \
            string.format("%5s%%", "x")
            """,
            "   ab|12\t1e+15\t-3\t    x%"
        ),
        ("return string.gfind == string.gmatch", "true"),
        ("return (\" \"):rep(3):len(), (\"x\"):rep(3, \",\"), #(\"\\0\"):rep(5)", "3\txxx\t5"),
    ])
    func `do what the manual says`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 5.5.
@Suite struct TableFunctions {
    @Test(arguments: [
        ("local t = {1, 2} table.insert(t, 3) table.insert(t, 1, 0) return table.concat(t, \",\")", "0,1,2,3"),
        (
            """
            local t = {1, 2, 3} return table.remove(t), table.remove(t, 1), table.concat(t, ","), table.remove({}), \
            table.remove(t, 10)
            """,
            "3\t1\t2\tnil"
        ),
        ("return table.insert({}, 1, 2, 3)", "test:1: wrong number of arguments to 'insert'"),
        ("return table.insert({})", "test:1: wrong number of arguments to 'insert'"),
        ("return table.insert(1, 2)", "test:1: bad argument #1 to 'insert' (table expected, got number)"),
        (
            """
            return table.concat({}), table.concat({1, "a", 2.5}), table.concat({1, 2, 3}, "-"), table.concat({1, 2, \
            3}, "-", 2), table.concat({1, 2, 3}, "-", 2, 2), table.concat({1, 2}, "x", 3)
            """,
            "\t1a2.5\t1-2-3\t2-3\t2\t"
        ),
        ("return table.concat({1, {}, 3})", "test:1: invalid value (table) at index 2 in table for 'concat'"),
        ("return table.concat({1, 2}, \",\", 1, 3)", "test:1: invalid value (nil) at index 3 in table for 'concat'"),
        (
            """
            local t = {5, 3, 8, 1} table.sort(t) local a = table.concat(t, " ") table.sort(t, function(x, y) return \
            x > y end) return a, table.concat(t, " ")
            """,
            "1 3 5 8\t8 5 3 1"
        ),
        ("local t = {\"b\", \"a\", \"C\"} table.sort(t) return table.concat(t, \" \")", "C a b"),
        ("table.sort({1, \"x\"})", "attempt to compare string with number"),
        ("table.sort({{}, {}})", "attempt to compare two table values"),
        (
            """
            return table.maxn({1, 2, [10] = 3}), table.maxn({}), table.maxn({x = 1, [2.5] = 1}), table.maxn({[-1] = \
            1})
            """,
            "10\t0\t2.5\t0"
        ),
        (
            """
            return table.getn({1, 2}), table.foreach({5}, function(k, v) return k + v end), table.foreachi({5, 6}, \
            function(k, v) if k == 2 then return v end end)
            """,
            "2\t6\t6"
        ),
        ("return table.setn({}, 1)", "test:1: 'setn' is obsolete"),
        (
            """
            local t = {} for i = 1, 100 do t[i] = (i * 37) % 101 end table.sort(t) for i = 2, 100 do if t[i - 1] > \
            t[i] then return "wrong" end end return "sorted"
            """,
            "sorted"
        ),
        ("local t = {3, 1, 2} table.sort(t, nil) return unpack(t)", "1\t2\t3"),
    ])
    func `do what the manual says`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 5.6.
@Suite struct MathFunctions {
    @Test(arguments: [
        (
            """
            return math.abs(-1), math.ceil(1.2), math.ceil(-1.2), math.floor(1.8), math.floor(-1.2), math.sqrt(16), \
            math.pow(2, 10), math.exp(0), math.log(1), math.log10(1000)
            """,
            "1\t2\t-1\t1\t-2\t4\t1024\t1\t0\t3"
        ),
        (
            """
            return math.max(1, 5, 3), math.min(1, 5, 3), math.max(-1), math.fmod(7, 3), math.fmod(-7, 3), \
            math.fmod(7, -3), math.mod(5, 3)
            """,
            "5\t1\t-1\t1\t-1\t1\t2"
        ),
        (
            """
            return math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(1 / 0), math.frexp(8), math.frexp(0), \
            math.ldexp(0.5, 4)
            """,
            "3\t-3\t5\tinf\t0.5\t0\t8"
        ),
        (
            """
            return math.pi, math.huge, -math.huge, math.deg(math.pi), math.rad(180), math.sin(0), math.cos(0), \
            math.tan(0), math.atan2(1, 1), math.asin(1), math.acos(1), math.atan(1), math.sinh(0), math.cosh(0), \
            math.tanh(0)
            """,
            """
            3.1415926535898\tinf\t-inf\t180\t3.1415926535898\t0\t1\t0\t0.78539816339745\t1.5707963267949\t0\t0.78539\
            816339745\t0\t1\t0
            """
        ),
        ("return math.max()", "test:1: bad argument #1 to 'max' (number expected, got no value)"),
        ("return math.floor(\"x\")", "test:1: bad argument #1 to 'floor' (number expected, got string)"),
        ("return math.floor(\"3.7\"), math.abs(\"-2\")", "3\t2"),
        ("return math.random(0)", "test:1: bad argument #1 to 'random' (interval is empty)"),
        ("return math.random(2, 1)", "test:1: bad argument #2 to 'random' (interval is empty)"),
        ("return math.random(1, 2, 3)", "test:1: wrong number of arguments"),
        (
            """
            math.randomseed(7) local a = math.random(100) math.randomseed(7) return a == math.random(100), \
            math.random() < 1, math.random(5) <= 5, math.random(3, 3)
            """,
            "true\ttrue\ttrue\t3"
        ),
    ])
    func `do what the manual says`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 5.1.
@Suite struct OrderOfPairs {
    @Test(arguments: [
        (
            """
            local s = "" for k, v in pairs({name = 1, id = 2, age = 3, email = 4, score = 5, tags = 6, ok = 7, time \
            = 8}) do s = s .. k .. v .. " " end return s
            """,
            "ok7 time8 name1 tags6 id2 score5 age3 email4 "
        ),
        (
            """
            local t = {} for _, k in ipairs {"a", "b", "c", "d", "e", "f", "g", "h"} do t[k] = true end local s = \
            "" for k in pairs(t) do s = s .. k end return s
            """,
            "ahcbedgf"
        ),
        (
            """
            local t = {} for _, k in ipairs {0.5, 1.5, 2.5, -1, -2, 0, 1e10, 2 ^ 53, -1.25} do t[k] = true end \
            local s = "" for k in pairs(t) do s = s .. k .. " " end return s
            """,
            "0 0.5 2.5 10000000000 -1 -2 -1.25 9.007199254741e+15 1.5 "
        ),
        (
            """
            local t = {[true] = 1, [false] = 2, x = 3, [4] = 4, 5} local s = "" for k in pairs(t) do s = s .. \
            tostring(k) .. " " end return s
            """,
            "1 false true 4 x "
        ),
        (
            """
            local t = {} for i = 1, 20 do t["key:" .. i] = i end for i = 1, 20, 3 do t["key:" .. i] = nil end t.new \
            = 1 local s = "" for k in pairs(t) do s = s .. k .. " " end return s
            """,
            "key:8 key:2 key:20 key:11 key:14 key:6 key:17 key:18 new key:9 key:12 key:15 key:5 key:3 "
        ),
        (
            """
            local t = {} for i = 10, 1, -1 do t[i] = i end for i = 1, 5 do t[i] = nil end local s = "" for k in \
            pairs(t) do s = s .. k .. " " end return s, #t
            """,
            "6 7 8 9 10 \t10"
        ),
        (
            """
            local t = {1, 2, nil, 4, nil, nil, 7, x = 1, nil} local s = "" for k in pairs(t) do s = s .. k .. " " \
            end return s, #t
            """,
            "1 2 4 7 x \t4"
        ),
    ])
    func `is that of Lua 5.1`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }

    /// Recorded from Redis 7.0.15: every byte of a long key counts.
    @Test(arguments: [
        (10, "4 3 1 15 11 7 14 8 13 12 2 6 9 10 5"), (20, "13 7 11 8 15 9 12 1 10 3 4 14 2 5 6"),
        (29, "7 15 13 1 14 11 8 2 5 3 9 10 12 4 6"), (60, "3 15 1 2 6 14 9 10 11 12 13 4 8 7 5"),
        (1000, "10 15 2 7 9 4 14 13 6 12 5 11 3 1 8"),
    ])
    func `of long keys is that of Redis`(_ count: Int, _ reply: String) {
        let source = """
            local t, o = {}, {}
            for i = 1, 15 do t[('x'):rep(10) .. i .. ('y'):rep(\(count))] = i end
            for _, v in pairs(t) do o[#o + 1] = v end
            return table.concat(o, ' ')
            """
        #expect(answer(source) == reply)
    }
}

/// What Redis takes away, or what would lead out of the machine, is not there.
@Suite struct AbsentFunctions {
    @Test(arguments: ["dofile", "loadfile", "print", "require", "module", "io", "package", "debug"])
    func `are not there`(_ name: String) { #expect(answer("return \(name)") == "nil") }

    @Test func `binary chunks are refused`() {
        #expect(answer("return loadstring('\\27Lua', '=c')") == "nil\tc:1: unexpected symbol near 'char(27)'")
    }

    @Test func `of os there is the clock`() {
        #expect(answer("local s = '' for k in pairs(os) do s = s .. k end return s, os.clock() >= 0") == "clock\ttrue")
    }
}
