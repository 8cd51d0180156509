import Testing

// The reference manual's chapter 2, as questions and answers. The answers are those of lua5.1.

@Suite struct Values {
    @Test(arguments: [
        (
            "return 1, 1.5, -0.25, 1e15, 1e14, 123456789012, 2^53, 1/3, 100",
            "1\t1.5\t-0.25\t1e+15\t1e+14\t123456789012\t9.007199254741e+15\t0.33333333333333\t100"
        ),
        ("return 1/0, -1/0, 0/0, -(0/0)", "inf\t-inf\t-nan\tnan"),
        ("return 0x10, .5, 5., 3e2, 0xA", "16\t0.5\t5\t300\t10"),
        ("return 'a\\65\\n', \"q\\\"\", [[\nlong]], [==[a]]b]==]", "aA\n\tq\"\tlong\ta]]b"),
        (
            """
            return type(nil), type(true), type(1), type(''), type({}), type(print), \
            type(coroutine.create(function() end))
            """,
            "nil\tboolean\tnumber\tstring\ttable\tnil\tthread"
        ),
        ("return '10' + 5, '0x10' * 1, 10 .. 20, ' 3 ' - 1", "15\t16\t1020\t2"),
        ("return #'abc', #{1, 2, 3}, #{1, nil, 3}, #{n = 1}", "3\t3\t3\t0"),
    ])
    func `are written and shown`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

@Suite struct Expressions {
    @Test(arguments: [
        ("return 2 ^ 3 ^ 2, -2 ^ 2, 7 % 3, -7 % 3, 7 % -3, 5.5 % 2", "512\t-4\t1\t2\t-2\t1.5"),
        ("return 1 .. 2 .. 3, 'a' .. 1 + 2", "123\ta3"),
        ("return 1 and 2, nil and 1, false or 3, nil or false, not nil", "2\tnil\t3\tfalse\ttrue"),
        (
            "return 1 == 1.0, '1' == 1, 'a' < 'b', 'a' < 'B', 'Z' < 'a', '' < 'a'",
            "true\tfalse\ttrue\tfalse\ttrue\ttrue"
        ),
        ("local function f() return 1, 2 end return f(), f()", "1\t1\t2"),
        ("local function f() return 1, 2 end return (f()), {f(), f()}[3]", "test:1: '<eof>' expected near '['"),
        ("local t = {1, 2, x = 3, [10] = 4; 5} return t[1], t[2], t[3], t.x, t[10]", "1\t2\t5\t3\t4"),
    ])
    func `have values`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

@Suite struct Statements {
    @Test(arguments: [
        ("local a, b, c = 1, 2 return a, b, c", "1\t2\tnil"),
        ("local a, b = 1, 2 a, b = b, a return a, b", "2\t1"),
        ("local i, t = 1, {} i, t[i] = i + 1, 20 return i, t[1]", "2\t20"),
        ("local s = 0 for i = 1, 10 do s = s + i end return s", "55"),
        ("local s = '' for i = 3, 1, -1 do s = s .. i end return s", "321"),
        ("local s = '' for i = 1, 2, 0.5 do s = s .. i .. ' ' end return s", "1 1.5 2 "),
        ("local s = 0 for i, v in ipairs {1, 2, nil, 4} do s = s + v end return s", "3"),
        ("local n = 0 while true do n = n + 1 if n > 5 then break end end return n", "6"),
        ("local n = 0 repeat local m = n n = n + 1 until m >= 3 return n", "4"),
        ("if nil then return 1 elseif 0 then return 2 else return 3 end", "2"),
        ("local function f(...) local a, b = ... return select('#', ...), a, b end return f(1, nil, 3)", "3\t1\tnil"),
        (
            """
            local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end \
            return fs[1](), fs[1](), fs[2]()
            """,
            "2\t3\t3"
        ),
        ("local function loop(n) if n == 0 then return 'end' end return loop(n - 1) end return loop(100000)", "end"),
        ("local o = {v = 1} function o:get(x) return self.v + x end return o:get(2)", "3"),
    ])
    func `do what they say`(_ source: String, _ reply: String) { #expect(answer(source) == reply) }
}

@Suite struct Metatables {
    @Test(arguments: [
        ("local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.a", "a!"),
        ("local t = setmetatable({}, {__index = setmetatable({}, {__index = {x = 1}})}) return t.x, t.y", "1\tnil"),
        ("local s = {} local t = setmetatable({}, {__newindex = s}) t.x = 1 return rawget(t, 'x'), s.x", "nil\t1"),
        (
            "local m = {__add = function(a, b) return 'add' end} local t = setmetatable({}, m) return t + 1, 1 + t",
            "add\tadd"
        ),
        ("local m = {__eq = function() return true end} return setmetatable({}, m) == setmetatable({}, m)", "true"),
        (
            """
            local m = {__lt = function() return true end} \
            local a, b = setmetatable({}, m), setmetatable({}, m) return a < b, a <= b
            """,
            "true\tfalse"
        ),
        ("local t = setmetatable({}, {__call = function(self, ...) return select('#', ...) end}) return t(1, 2)", "2"),
        (
            """
            local t = setmetatable({}, {__concat = function(a, b) return 'cat' end}) \
            return t .. 'x', 'x' .. t, 1 .. t
            """,
            "cat\tcat\tcat"
        ),
        ("return #setmetatable({1}, {__len = function() return 99 end})", "1"),
        ("return tostring(setmetatable({}, {__tostring = function() return 'me' end}))", "me"),
        ("return getmetatable(setmetatable({}, {__metatable = 'locked'}))", "locked"),
        (
            "local w = setmetatable({}, {__mode = 'v'}) w[1] = {} w[2] = 'kept' collectgarbage() return w[1], w[2]",
            "nil\tkept"
        ),
        ("local w = setmetatable({}, {__mode = 'k'}) w[{}] = 1 collectgarbage() return next(w)", "nil"),
        ("return ('x'):rep(3), ('abc').len", "xxx\tfunction"),
    ])
    func `decide about operations`(_ source: String, _ reply: String) {
        #expect(answer(source).hasPrefix(reply))
    }
}

@Suite struct Coroutines {
    @Test(arguments: [
        (
            """
            local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end) \
            local _, x = coroutine.resume(co, 1) local _, y = coroutine.resume(co, 10) \
            return x, y, coroutine.status(co), coroutine.resume(co)
            """,
            "2\t20\tdead\tfalse\tcannot resume dead coroutine"
        ),
        (
            "local g = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) return g(), g(), g()",
            "1\t2\t3"
        ),
        (
            "return coroutine.resume(coroutine.create(function() return pcall(function() coroutine.yield() end) end))",
            "true\tfalse\tattempt to yield across metamethod/C-call boundary"
        ),
        (
            """
            return coroutine.resume(coroutine.create(function() \
            local t = setmetatable({}, {__index = function() coroutine.yield() end}) return t.x end))
            """,
            "false\tattempt to yield across metamethod/C-call boundary"
        ),
        ("return coroutine.resume(coroutine.create(function() error('x') end))", "false\ttest:1: x"),
        ("return pcall(coroutine.yield)", "false\tattempt to yield across metamethod/C-call boundary"),
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
