import Testing

/// Messages are Lua 5.1's, to the byte.
@Suite struct Messages {
    @Test(arguments: [
        ("return x.y", "test:1: attempt to index global 'x' (a nil value)"),
        ("local a return a.b", "test:1: attempt to index local 'a' (a nil value)"),
        ("local t = {} return t.a.b", "test:1: attempt to index field 'a' (a nil value)"),
        ("local t = {} t:m()", "test:1: attempt to call method 'm' (a nil value)"),
        ("local u; (function() u.x = 1 end)()", "test:1: attempt to index upvalue 'u' (a nil value)"),
        ("f()", "test:1: attempt to call global 'f' (a nil value)"),
        ("return 1 + {}", "test:1: attempt to perform arithmetic on a table value"),
        ("local a return a + 1", "test:1: attempt to perform arithmetic on local 'a' (a nil value)"),
        ("return 'a' .. nil", "test:1: attempt to concatenate a nil value"),
        ("return 1 < 'x'", "test:1: attempt to compare number with string"),
        ("return {} < {}", "test:1: attempt to compare two table values"),
        ("return #5", "test:1: attempt to get length of a number value"),
        ("for i = 1, {} do end", "test:1: 'for' limit must be a number"),
        ("local t = {} t[nil] = 1", "test:1: table index is nil"),
        ("string.rep()", "test:1: bad argument #1 to 'rep' (string expected, got no value)"),
        ("('x').rep()", "test:1: bad argument #1 to 'rep' (string expected, got no value)"),
        ("('x'):rep({})", "test:1: bad argument #1 to 'rep' (number expected, got table)"),
        ("local t = {f = string.rep} t:f()", "test:1: calling 'f' on bad self (string expected, got table)"),
        ("error('m')", "test:1: m"), ("error('m', 0)", "m"), ("error({})", "table"),
        ("local function f() error('deep', 2) end\n\nf()", "test:3: deep"),
        ("assert(false)", "test:1: assertion failed!"), ("assert(nil, 'why')", "test:1: why"),
        ("local function f() return 1 + f() end f()", "test:1: stack overflow"),
        ("x = = 1", "test:1: unexpected symbol near '='"),
        ("x = 'abc", "test:1: unfinished string near '<eof>'"),
        ("for i = 1 do end", "test:1: ',' expected near 'do'"),
        ("if x then\n\n", "test:3: 'end' expected (to close 'if' at line 1) near '<eof>'"),
        ("break", "test:1: no loop to break near '<eof>'"),
        ("x = ~1", "test:1: unexpected symbol near '~'"),
        ("string.find('x', '(')", "test:1: unfinished capture"),
        ("string.dump(print)", "test:1: bad argument #1 to 'dump' (function expected, got nil)"),
        ("string.dump(function() end)", "test:1: unable to dump given function"),
        ("table.sort({1, 2, 3, 4, 5}, function() return true end)", "test:1: invalid order function for sorting"),
    ])
    func `say what is wrong and where`(_ source: String, _ reply: String) {
        #expect(answer(source).hasPrefix(reply))
    }

    @Test func `chunks have names`() {
        #expect(answer("x.y = 1", name: "@user_script") == "user_script:1: attempt to index global 'x' (a nil value)")
        #expect(
            answer("x.y = 1", name: "x.y = 1") == "[string \"x.y = 1\"]:1: attempt to index global 'x' (a nil value)")
    }

    @Test func `handlers see errors where they occur`() {
        #expect(
            answer("return xpcall(function() error('a') end, function(m) return m .. '!' end)") == "false\ttest:1: a!")
        #expect(answer("return xpcall(error, function() error('b') end)") == "false\terror in error handling")
    }
}

/// Past a limit comes an error, never a crash.
@Suite struct Limits {
    @Test func `a handler that fails gets its own error, as far as calls may be nested`() {
        let source = "local n = 0 local _, e = xpcall(nil, function() n = n + 1 error('x') end) return n, e"
        #expect(answer(source) == "221\terror in error handling")
        // Called where the error occurred, each handler is as deep as that.
        let deeper = """
            local n = 0 local _, e = xpcall(nil, function() n = n + 1 table.sort({1, 2}, function() error('x') end) end)
            return n, e
            """
        #expect(answer(deeper) == "111\terror in error handling")
    }

    @Test(arguments: [
        ("return k(15000)", "19997\t15001"),
        ("return g()", "19997\terror in error handling"),
        ("error('x')", "19997\terror in error handling"),
    ])
    func `a handler for too many calls has as many again`(_ handler: String, _ reply: String) {
        let source = """
            local n = 0
            local function f() n = n + 1 return 1 + f() end
            local function g() return 1 + g() end
            local function k(i) return i > 0 and 1 + k(i - 1) or 1 end
            local _, e = xpcall(f, function() \(handler) end)
            local first = n
            assert(not pcall(f) and n - first == 19997)
            return first, e
            """
        #expect(answer(source) == reply)
    }

    @Test(arguments: [
        ("return loadstring('x = ' .. ('('):rep(1000) .. '1' .. (')'):rep(1000))", "too many syntax levels"),
        ("return loadstring(('do '):rep(10000))", "too many syntax levels"),
        ("return loadstring('x = ' .. ('{'):rep(100000))", "too many syntax levels"),
        ("return pcall(string.rep, 'x', 2^31)", "true\t"),
        ("return pcall(string.rep, 'xxxx', 2^30)", "resulting string too large"),
        ("return pcall(unpack, {}, 1, 1e6)", "too many results to unpack"),
        ("return pcall(string.find, ('a'):rep(300000), ('a?'):rep(300000))", "pattern too complex"),
        ("return pcall(string.find, ('a'):rep(300000), ('b-'):rep(300000) .. 'c')", "pattern too complex"),
        ("return pcall(string.find, ('a'):rep(150000), ('a?'):rep(150000))", "true\t1\t150000"),
        ("local function f() return pcall(f) end return tostring(f())", "true"),
        (
            "local t = setmetatable({}, {}) getmetatable(t).__index = t return pcall(function() return t.x end)",
            "loop in gettable"
        ),
        (
            "local function f() local t = setmetatable({}, {__index = f}) return t.x end return pcall(f)",
            "C stack overflow"
        ),
        (
            "local s = 'local a0' for i = 1, 200 do s = s .. ', a' .. i end return loadstring(s)",
            "more than 200 local variables"
        ),
        (
            "local function f(n) return coroutine.wrap(function() return f(n + 1) end)() end return pcall(f, 1)",
            "C stack overflow"
        ),
        ("return loadstring('return ' .. ('a..'):rep(100000) .. 'a')", "too many syntax levels"),
    ])
    func `give an error`(_ source: String, _ part: String) {
        #expect(answer(source).contains(part))
    }
}
