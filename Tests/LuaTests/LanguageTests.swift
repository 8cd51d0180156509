import Testing

// The reference manual's chapter 2, as questions and answers. The answers are those of lua5.1.

/// Chapter 2.1.
@Suite struct LexicalConventions {
    @Test(arguments: [
        ("return \"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\" == string.char(7, 8, 12, 10, 13, 9, 11, 92, 34, 39)", "true"),
        ("return \"\\065\\66\\0670\", \"a\\\nb\"", "ABC0\ta\nb"),
        (
            "return [[\nfirst line break is skipped]], [==[ ]] ]=] ]==], #[[]]",
            "first line break is skipped\t ]] ]=] \t0"
        ),
        ("return 0xff, 0XAp, 1", "test:1: malformed number near '0XAp'"),
        ("return 0xff, 0XA, 3., .5, 3e-2, 3E+2, 314.16e-2, 0.31416E1", "255\t10\t3\t0.5\t0.03\t300\t3.1416\t3.1416"),
        ("return --[[ a comment\n]] 1 --[==[ another ]] ]==] + 1 -- and the last", "2"),
        ("return 1 --", "1"),
        ("local _, _a1, and_ = 1, 2, 3 return _, _a1, and_", "1\t2\t3"),
        ("local end = 1", "test:1: '<name>' expected near 'end'"),
        ("return 3x", "test:1: malformed number near '3x'"),
        ("return 0x", "test:1: malformed number near '0x'"),
        ("return 1..2", "test:1: malformed number near '1..2'"),
        ("return 1 .. 2", "12"),
        ("return \"abc", "test:1: unfinished string near '<eof>'"),
        ("return 'a\\300'", "test:1: escape sequence too large near ''a'"),
        ("return [==[ never ends ]=]", "test:1: unfinished long string near '<eof>'"),
        ("--[[ never ends", "test:1: unfinished long comment near '<eof>'"),
        ("return 1 // 2", "test:1: unexpected symbol near '/'"),
        ("x = $", "test:1: unexpected symbol near '$'"),
        ("return '\\q\\x'", "qx"),
        ("goto there", "test:1: '=' expected near 'there'"),
    ])
    func `are those of the manual`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }

    /// Where C looks for one of several characters, the zero that ends them is one of them.
    @Test(arguments: [
        ("return 1\0, 2", "1\t2"), ("return 1\0 2", "test:1: '<eof>' expected near '2'"), ("return 1.5\0+5", "1.5"),
        ("return 1\0\0x y", "test:1: '<eof>' expected near 'y'"), ("return 1e\0", "test:1: malformed number near '1e'"),
        ("return 'a'.\0'b'", "ab"), ("return 'a'.\0\0'b'", "test:1: '<eof>' expected near '...'"),
        ("return 1 =\0= 1", "test:1: '<eof>' expected near '='"), ("return 1 \0", "test:1: '<eof>' expected"),
    ])
    func `zeros are read as Lua 5.1 reads them`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.3.
@Suite struct Variables {
    @Test(arguments: [
        ("x = 1 local x = x + 1 return x, _G.x", "2\t1"),
        ("local t = {} t.x, t[\"y\"], t[1] = 1, 2, 3 return t.x, t[\"x\"], t.y, t[1]", "1\t1\t2\t3"),
        ("local a <const> = 1", "test:1: unexpected symbol near '<'"),
        ("return undefined", "nil"),
        ("local function f() return up end local up = 1 return f()", "nil"),
    ])
    func `are global, local or fields`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.4.3.
@Suite struct Assignments {
    @Test(arguments: [
        ("local i, a = 3, {} i, a[i] = i + 1, 20 return i, a[3], a[4]", "4\t20\tnil"),
        ("local x, y, z = 1, 2, 3 x, y, z = y, z, x return x, y, z", "2\t3\t1"),
        ("local a, b = (function() return 1, 2, 3 end)() return a, b", "1\t2"),
        ("local a, b, c = (function() return 1, 2 end)(), 10 return a, b, c", "1\t10\tnil"),
        (
            """
            local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v * 2) end}) t.x, t.y = 1, 2 \
            return t.x, t.y
            """,
            "2\t4"
        ),
        ("f() = 1", "test:1: unexpected symbol near '='"),
        ("a.b:c = 1", "test:1: function arguments expected near '='"),
        ("a, b + 1 = 1, 2", "test:1: '=' expected near '+'"),
    ])
    func `evaluate before they assign`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.4.4.
@Suite struct ControlStructures {
    @Test(arguments: [
        ("local n = 0 for i = 10, 1 do n = n + 1 end return n", "0"),
        ("local n = 0 for i = 1, 10, 0 do n = n + 1 if n == 5 then break end end return n", "0"),
        ("local s = '' for i = 1, 2, 0.25 do s = s .. i .. ';' end return s", "1;1.25;1.5;1.75;2;"),
        ("local s = '' for i = 3, 1, -1 do s = s .. i local i = 9 end return s", "321"),
        ("for i = 1 do end", "test:1: ',' expected near 'do'"),
        ("for i = 'a', 2 do end", "test:1: 'for' initial value must be a number"),
        ("for i = 1, 2, {} do end", "test:1: 'for' step must be a number"),
        ("for i, j = 1, 2 do end", "test:1: 'in' expected near '='"),
        ("local s = '' for k, v in next, {1, 2} do s = s .. k .. v end return s", "1122"),
        ("local s = '' for w in ('a b c'):gmatch('%a') do s = w .. s end return s", "cba"),
        ("for x in 5 do end", "test:1: attempt to call a number value"),
        (
            """
            local function iterate(state, control) if control < state then return control + 1 end end local s = '' \
            for i in iterate, 3, 0 do s = s .. i end return s
            """,
            "123"
        ),
        ("local i = 1 repeat local done = i > 3 i = i + 1 until done return i", "5"),
        ("while true do break end return 'out'", "out"),
        ("while true do break return 1 end", "test:1: 'end' expected near 'return'"),
        ("break", "test:1: no loop to break near '<eof>'"),
        ("if nil then return 1 elseif false then return 2 end return 3", "3"),
        ("do return 1 end", "1"),
        ("return 1; local x", "test:1: '<eof>' expected near 'local'"),
        ("do local a = 1 end return a", "nil"),
    ])
    func `run, and end`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.5.
@Suite struct Operators {
    @Test(arguments: [
        (
            "return 7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, 7 % 0, 1 % math.huge, -1 % math.huge",
            "1\t2\t-2\t-1\t1.5\t-nan\t-nan\t-nan"
        ),
        (
            "return 2 ^ 10, 2 ^ 0.5, 2 ^ -1, (-8) ^ (1 / 3), -2 ^ 2, 2 ^ 3 ^ 2",
            "1024\t1.4142135623731\t0.5\t-nan\t-4\t512"
        ),
        ("return 1 / 0, -1 / 0, 0 / 0, 0 == -0, 1 / -0", "inf\t-inf\t-nan\ttrue\tinf"),
        ("return \"10\" + 1, \"0x10\" + 0, \" 1e1 \" * 2, 10 .. \"\", -\"2\"", "11\t16\t20\t10\t-2"),
        ("return \"abc\" + 1", "test:1: attempt to perform arithmetic on a string value"),
        ("return 1 == \"1\", 0 == false, nil == false, \"a\" == \"a\", {} == {}", "false\tfalse\tfalse\ttrue\tfalse"),
        (
            "return 1 < 2, \"a\" < \"b\", \"a\" < \"ab\", \"Z\" < \"a\", \"\\0\" < \"\\1\", \"\" < \"\\0\"",
            "true\ttrue\ttrue\ttrue\ttrue\ttrue"
        ),
        ("return 1 < \"2\"", "test:1: attempt to compare number with string"),
        ("return {} < {}, 1", "test:1: attempt to compare two table values"),
        ("return nil > 1", "test:1: attempt to compare number with nil"),
        ("return 4 and 5, nil and 13, false and 13, 4 or 5, nil or 12, false or nil", "5\tnil\tfalse\t4\t12\tnil"),
        ("return not nil, not 0, not not \"\", not {}", "true\tfalse\ttrue\tfalse"),
        (
            "return 1 .. 2 == \"12\", \"a\" .. \"b\" .. \"c\", 2 ^ 53 .. \"\", 0.1 .. \"\", 1e100 .. \"\", -0 .. \"\"",
            "true\tabc\t9.007199254741e+15\t0.1\t1e+100\t-0"
        ),
        ("return #\"abc\", #\"a\\0b\", #{}, #{1, 2, nil}, #{nil, nil, 3}, #{n = 1}", "3\t3\t0\t2\t3\t0"),
        ("return 2 + 3 * 4 ^ 2 / 2 - 1, (2 + 3) * 4, not 1 == 2, -3 ^ 2, 1 .. 2 + 3", "25\t20\tfalse\t-9\t15"),
        ("return 1 < 2 == true, \"a\" .. \"b\" == \"ab\" and 1 or 2", "true\t1"),
        ("return ((\"x\"):rep(3)), (select(2, \"a\", \"b\", \"c\"))", "xxx\tb"),
        (
            "return 1e15, 1e14, 123456789012345, 0.1, 1/3, 100, -1.5e-10, 2^63, 1e308 * 10",
            "1e+15\t1e+14\t1.2345678901234e+14\t0.1\t0.33333333333333\t100\t-1.5e-10\t9.2233720368548e+18\tinf"
        ),
    ])
    func `compute`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.5.7.
@Suite struct TableConstructors {
    @Test(arguments: [
        (
            """
            local t = {[1] = "a", "b", x = 1, [3] = "c", "d"; "e", ["y z"] = 2} return t[1], t[2], t[3], t.x, t["y \
            z"]
            """,
            "b\td\te\t1\t2"
        ),
        (
            "local function f() return 1, 2, 3 end return #{f()}, #{f(), 4}, #{4, f()}, #{(f())}, #{f(), nil}",
            "3\t2\t4\t1\t1"
        ),
        ("local function f(...) return {...}, {..., \"last\"} end local a, b = f(1, 2, 3) return #a, #b", "3\t2"),
        ("return {}[1]", "test:1: '<eof>' expected near '['"),
        ("return ({1, 2, 3})[2], #{1, 2, 3,}, #{1; 2}", "2\t3\t2"),
        ("return {[nil] = 1}", "test:1: table index is nil"),
        ("return {[0 / 0] = 1}", "test:1: table index is NaN"),
    ])
    func `make tables`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.5.8.
@Suite struct FunctionCalls {
    @Test(arguments: [
        ("local function f(...) return select(\"#\", ...), ... end return f(), f(nil), f(1, nil)", "0\t1\t2\t1\tnil"),
        ("local o = {n = 1} function o:get(a) return self.n, a end return o:get(2)", "1\t2"),
        ("return (\"%d\"):format(7), #\"x\":rep(3)", "test:1: '<eof>' expected near ':'"),
        ("return (\"%d\"):format(7), (\"x\"):rep(3):upper()", "7\tXXX"),
        ("local function f(a, b) return a, b end return f\"x\", f{1} ~= nil, f[[y]]", "x\ttrue\ty\tnil"),
        (
            """
            local t = {f = {}} function t.f.g(x) return x end function t.f:h(x) return self == t.f, x end return \
            t.f.g(1), t.f:h(2)
            """,
            "1\ttrue\t2"
        ),
        ("local function loop(n) if n > 0 then return loop(n - 1) end return \"done\" end return loop(200000)", "done"),
        (
            "local function f(a, ...) local b, c = ... return a, b, c, select(\"#\", ...) end return f(1, 2, 3, 4)",
            "1\t2\t3\t3"
        ),
        ("return (function(...) local a = {n = select(\"#\", ...), ...} return a.n end)(nil, nil)", "2"),
        ("return ...", ""),
        ("local function f() return ... end", "test:1: cannot use '...' outside a vararg function near '...'"),
        ("undefined.x()", "test:1: attempt to index global 'undefined' (a nil value)"),
        ("local s = \"x\" s:nothing()", "test:1: attempt to call method 'nothing' (a nil value)"),
        ("return arg", "nil"),
        ("local function f(...) return arg.n, arg[1] end return f(\"a\", \"b\")", "2\ta"),
    ])
    func `pass values`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.6.
@Suite struct Closures {
    @Test(arguments: [
        (
            """
            local a = {} local x = 20 for i = 1, 3 do local y = 0 a[i] = function() y = y + 1 return x + y end end \
            return a[1](), a[1](), a[2]()
            """,
            "21\t22\t21"
        ),
        (
            """
            local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end \
            end local up, get = counter() up() up() return get()
            """,
            "2"
        ),
        ("local x = 1 do local x = 2 end return x", "1"),
        ("local f do local n = 5 f = function() n = n + 1 return n end end return f(), f()", "6\t7"),
        (
            """
            local t = {} for i = 1, 2 do for j = 1, 2 do t[#t + 1] = function() i = i * 10 return i + j end end end \
            return t[1](), t[1](), t[2](), t[3](), t[4]()
            """,
            "11\t101\t1002\t21\t202"
        ),
        ("local function fact(n) return n < 2 and 1 or n * fact(n - 1) end return fact(10)", "3628800"),
        (
            "local fact = function(n) return n < 2 and 1 or n * fact(n - 1) end return fact(3)",
            "test:1: attempt to call global 'fact' (a nil value)"
        ),
        ("local g local function f() return g end g = 3 return f()", "3"),
        (
            """
            local fs = {} local i = 0 while i < 3 do i = i + 1 local j = i fs[i] = function() return j end end \
            return fs[1](), fs[2](), fs[3]()
            """,
            "1\t2\t3"
        ),
        (
            """
            local function f() local a, b = 1, 2 return function() return a end, function() return b end end local \
            p, q = f() return p(), q()
            """,
            "1\t2"
        ),
    ])
    func `share their variables`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.7.
@Suite struct ErrorHandling {
    @Test(arguments: [
        ("return pcall(error, \"m\"), select(\"#\", pcall(error))", "false\t2"),
        ("return pcall(error, \"m\", 0)", "false\tm"),
        ("return select(2, pcall(function() error({code = 7}) end)).code", "7"),
        ("return pcall(function() error(nil) end)", "false\tnil"),
        ("return pcall(function() error(12) end)", "false\ttest:1: 12"),
        ("return pcall(function() error(\"a\", 1) end)", "false\ttest:1: a"),
        ("local function level2() error(\"a\", 2) end return pcall(function() level2() end)", "false\ttest:1: a"),
        ("return pcall(function() return 1, 2, 3 end)", "true\t1\t2\t3"),
        (
            "return xpcall(function() error(\"x\") end, function(m) return \"<\" .. m .. \">\" end)",
            "false\t<test:1: x>"
        ),
        ("return xpcall(function() return 1, 2 end, error)", "true\t1\t2"),
        ("return xpcall(error)", "test:1: bad argument #2 to 'xpcall' (value expected)"),
        ("return pcall()", "test:1: bad argument #1 to 'pcall' (value expected)"),
        ("return pcall(1)", "false\tattempt to call a number value"),
        ("return assert(1, 2, 3)", "1\t2\t3"),
        ("return assert(false)", "test:1: assertion failed!"),
        ("return assert(nil, \"message\")", "test:1: message"),
        ("return assert()", "test:1: bad argument #1 to 'assert' (value expected)"),
        ("return pcall(pcall, error, \"e\")", "true\tfalse\te"),
        ("return pcall(xpcall, error)", "false\tbad argument #2 to '?' (value expected)"),
        (
            "local ok, e = pcall(function() local t = nil; t.x = 1 end) return e",
            "test:1: attempt to index local 't' (a nil value)"
        ),
    ])
    func `catches what was thrown`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.8.
@Suite struct Metamethods {
    @Test(arguments: [
        (
            """
            local m = {} for _, e in ipairs {"add", "sub", "mul", "div", "mod", "pow", "concat"} do m["__" .. e] = \
            function(a, b) return e end end local t = setmetatable({}, m) return t + 1, 1 - t, t * t, t / 1, t % 1, \
            t ^ 1, t .. 1, 1 .. t, "x" .. t
            """,
            "add\tsub\tmul\tdiv\tmod\tpow\tconcat\tconcat\tconcat"
        ),
        ("local t = setmetatable({}, {__unm = function(a, b) return rawequal(a, b) end}) return -t", "true"),
        ("return #setmetatable({1, 2}, {__len = function() return 99 end})", "2"),
        (
            """
            local m = {__lt = function(a, b) return a.v < b.v end} local a, b = setmetatable({v = 1}, m), \
            setmetatable({v = 2}, m) return a < b, a > b, a <= b, a >= b
            """,
            "true\tfalse\ttrue\tfalse"
        ),
        (
            """
            local m = {__le = function() return 1 end} local a, b = setmetatable({}, m), setmetatable({}, m) return \
            a <= b, pcall(function() return a < b end)
            """,
            "true\tfalse\ttest:1: attempt to compare two table values"
        ),
        (
            """
            return pcall(function() return setmetatable({}, {__lt = function() return true end}) < setmetatable({}, \
            {__lt = function() return true end}) end)
            """,
            "false\ttest:1: attempt to compare two table values"
        ),
        (
            """
            local e = function() return true end local a, b = setmetatable({}, {__eq = e}), setmetatable({}, {__eq \
            = e}) return a == b, a ~= b, rawequal(a, b), a == 1
            """,
            "true\tfalse\tfalse\tfalse"
        ),
        (
            """
            return setmetatable({}, {__eq = function() return true end}) == setmetatable({}, {__eq = function() \
            return true end})
            """,
            "false"
        ),
        ("local t = setmetatable({}, {__index = {x = {y = 1}}}) return t.x.y, rawget(t, \"x\")", "1\tnil"),
        (
            """
            local log = "" local t = setmetatable({}, {__index = function(t, k) log = log .. k return nil end}) \
            local _ = t.a, t.b return log
            """,
            "ab"
        ),
        (
            """
            local s = {} local t = setmetatable({a = 1}, {__newindex = s}) t.a, t.b = 2, 3 return t.a, rawget(t, \
            "b"), s.b
            """,
            "2\tnil\t3"
        ),
        (
            """
            local t = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end}) return t(1, \
            nil), t()
            """,
            "2\t0"
        ),
        (
            "return setmetatable({}, {__call = setmetatable({}, {__call = function() return \"twice\" end})})()",
            "test:1: attempt to call a table value"
        ),
        (
            """
            return tostring(setmetatable({}, {__tostring = function() return "text" end})), pcall(tostring, \
            setmetatable({}, {__tostring = function() return 1 end}))
            """,
            "text\ttrue\t1"
        ),
        (
            "return getmetatable(\"\").__index == string, getmetatable(setmetatable({}, {__metatable = \"no\"}))",
            "true\tno"
        ),
        ("return setmetatable(setmetatable({}, {__metatable = 1}), {})", "test:1: cannot change a protected metatable"),
        ("return setmetatable({}, 1)", "test:1: bad argument #2 to 'setmetatable' (nil or table expected)"),
        ("return setmetatable({})", "test:1: bad argument #2 to 'setmetatable' (nil or table expected)"),
        ("local t = setmetatable({}, {__index = string}) return t.rep(\"a\", 3)", "aaa"),
        (
            """
            local m = {__concat = function(a, b) return (type(a) == "table" and "T" or a) .. "|" .. (type(b) == \
            "table" and "T" or b) end} local t = setmetatable({}, m) return "a" .. "b" .. t, t .. "a" .. "b", 1 .. \
            t .. 2
            """,
            "ab|T\tT|ab\t1T|2"
        ),
    ])
    func `are called`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.9.
@Suite struct Environments {
    @Test(arguments: [
        ("local function f() return x end setfenv(f, {x = 5}) return f(), x", "5\tnil"),
        ("local e = {} setfenv(1, e) y = 1 return e.y", "1"),
        ("return getfenv(1) == _G, getfenv(0) == _G, getfenv(print or type) == _G", "true\ttrue\ttrue"),
        ("local f = setfenv(loadstring(\"a = 1 return a\"), {}) return f(), a", "1\tnil"),
        ("return setfenv(type, {})", "test:1: 'setfenv' cannot change environment of given object"),
        ("return getfenv(100)", "test:1: bad argument #1 to 'getfenv' (invalid level)"),
        ("return getfenv(-1)", "test:1: bad argument #1 to 'getfenv' (level must be non-negative)"),
        ("local f = function() return function() return v end end setfenv(f, {v = 1}) return f()()", "1"),
    ])
    func `are tables of globals`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

/// Chapter 2.11.
@Suite struct Coroutines {
    @Test(arguments: [
        (
            """
            local function foo(a) return coroutine.yield(2 * a) end local co = coroutine.create(function(a, b) \
            local r = foo(a + 1) local r, s = coroutine.yield(a + b, a - b) return b, "end" end) return \
            coroutine.resume(co, 1, 10), select(2, coroutine.resume(co, "r")), select(2, coroutine.resume(co, "x", \
            "y")), select(2, coroutine.resume(co))
            """,
            "true\t11\t10\tcannot resume dead coroutine"
        ),
        (
            """
            local co = coroutine.wrap(function(...) return select("#", ...), select("#", coroutine.yield()) end) \
            co(nil, nil) return co(1, nil)
            """,
            "2\t2"
        ),
        (
            """
            local co co = coroutine.create(function() return coroutine.status(co), coroutine.running() == co end) \
            local a, b, c = coroutine.resume(co) return a, b, c, coroutine.status(co)
            """,
            "true\trunning\ttrue\tdead"
        ),
        ("local co = coroutine.create(function() error(\"in\") end) return coroutine.resume(co)", "false\ttest:1: in"),
        (
            """
            local co = coroutine.create(function() error({}) end) return type(select(2, coroutine.resume(co))), \
            coroutine.status(co)
            """,
            "table\tdead"
        ),
        ("local co = coroutine.wrap(function() error(\"wrapped\") end) return pcall(co)", "false\ttest:1: wrapped"),
        (
            "local co = coroutine.wrap(function() return 1 end) co() return pcall(co)",
            "false\tcannot resume dead coroutine"
        ),
        (
            "return coroutine.resume(coroutine.create(type))",
            "test:1: bad argument #1 to 'create' (Lua function expected)"
        ),
        ("return coroutine.create(1)", "test:1: bad argument #1 to 'create' (Lua function expected)"),
        ("return coroutine.resume(1)", "test:1: bad argument #1 to 'resume' (coroutine expected)"),
        ("return coroutine.status({})", "test:1: bad argument #1 to 'status' (coroutine expected)"),
        ("return coroutine.yield(1)", "attempt to yield across metamethod/C-call boundary"),
        (
            "return coroutine.wrap(function() return pcall(coroutine.yield, 1) end)()",
            "false\tattempt to yield across metamethod/C-call boundary"
        ),
        (
            "return coroutine.wrap(function() return table.sort({2, 1}, function(a, b) coroutine.yield() end) end)()",
            "test:1: attempt to yield across metamethod/C-call boundary"
        ),
        (
            """
            local outer = coroutine.wrap(function() local inner = coroutine.wrap(function() coroutine.yield(1) \
            coroutine.yield(2) end) coroutine.yield(inner()) coroutine.yield(inner()) end) return outer(), outer()
            """,
            "1\t2"
        ),
        (
            "local co = coroutine.create(function() end) coroutine.resume(co) return coroutine.resume(co)",
            "false\tcannot resume dead coroutine"
        ),
        (
            "local co co = coroutine.create(function() return coroutine.resume(co) end) return coroutine.resume(co)",
            "true\tfalse\tcannot resume running coroutine"
        ),
        (
            """
            local a a = coroutine.create(function() local b = coroutine.create(function() return \
            coroutine.status(a) end) return select(2, coroutine.resume(b)) end) return coroutine.resume(a)
            """,
            "true\tnormal"
        ),
        (
            """
            local s = "" for v in coroutine.wrap(function() for i = 1, 4 do coroutine.yield(i) end end) do s = s .. \
            v end return s
            """,
            "1234"
        ),
        ("return coroutine.running()", "nil"),
    ])
    func `yield and go on`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }

    @Test func `leave their variables to functions that outlive them`() {
        let source = """
            local f
            local co = coroutine.wrap(function()
                local v = 1 f = function() v = v + 1 return v end coroutine.yield()
            end)
            co() co = nil collectgarbage()
            return f(), f()
            """
        #expect(answer(source) == "2\t3")
    }
}
