import Lua
import Testing

@Suite struct Embedding {
    private let state = LuaState()

    init() { state.openLibraries() }

    @Test func `a chunk is compiled once and called often`() throws {
        let chunk = state.reference(try state.compile("n = (n or 0) + 1 return n, ...", name: "=chunk"))
        for round in 1...3 {
            let results = try state.call(chunk.value, [LuaValue(7)]) { (results) in
                [results[0].number, results[1].number, results[2].number]
            }
            #expect(results == [Double(round), 7, nil])
        }
    }

    @Test func `native functions have arguments, results and errors`() throws {
        state.register("double") { (call) throws(LuaError) in
            call.push(try call.number(0) * 2)
            call.push(call.count)
            return 2
        }
        #expect(try answer("return double(21), double('4', 1)", in: state) == "42\t8\t2")
        #expect(answering("double({})") == "test:1: bad argument #1 to 'double' (number expected, got table)")
        state.register("fail") { (call) throws(LuaError) in throw call.error("no") }
        #expect(answering("fail()") == "test:1: no")
        #expect(try answer("return pcall(fail)", in: state) == "false\tno")
    }

    private func answering(_ source: String) -> String {
        do throws(LuaError) {
            return try answer(source, in: state)
        } catch {
            return shown(error.value, in: state)
        }
    }

    @Test func `tables are made and read`() throws {
        let table = state.table(array: 2, hash: 1)
        state.set(table, 1, state.string("one"))
        state.set(table, "name", .true)
        state.set(state.globals, "given", LuaValue(table))
        #expect(try answer("given[2] = 'two' return given[1], given.name, #given", in: state) == "one\ttrue\t2")
        #expect(state.length(table) == 2)
        #expect(state.get(table, 2).bytes?.text == "two")
        #expect(state.get(table, "missing").isNil)
    }

    @Test func `read-only tables refuse to change`() {
        guard let strings = state.get(state.globals, "string").table else { return }
        state.setReadOnly(strings)
        state.setReadOnly(state.globals)
        #expect(answering("string.x = 1") == "test:1: Attempt to modify a readonly table")
        #expect(answering("x = 1") == "test:1: Attempt to modify a readonly table")
        #expect(answering("string.rep = nil") == "test:1: Attempt to modify a readonly table")
        for source in ["rawset(string, 'x', 1)", "table.insert(string, 1)", "setmetatable(string, {})"] {
            #expect(answering(source) == "Attempt to modify a readonly table")
        }
    }

    @Test func `the hook can end a script that would not end`() {
        state.hook = { (state) throws(LuaError) in throw LuaError(state.string("killed"), isFatal: true) }
        for source in [
            "while true do end", "repeat until false", "for i = 1, math.huge do end", "while true do pcall(error) end",
            "local function f() return f() end f()", "pcall(function() while true do end end)",
            "while true do coroutine.wrap(function() while true do end end)() end", "load(function() return ' ' end)",
            "('a'):rep(2000):find('.-.-.-.-b')",
        ] {
            #expect(answering(source) == "killed")
        }
    }

    @Test func `memory has a limit`() {
        for source in [
            "local t = {} while true do t[#t + 1] = {} end", "local s = 'x' while true do s = s .. s end",
            "return ('x'):rep(1e9)", "local t = {} for i = 1, 1e9 do t[i] = i end",
            "local s = {} for i = 1, 1e9 do s[i] = 'key' .. i end", "return ('x'):rep(1e6):gsub('x', ('y'):rep(1e3))",
            "return ('x'):rep(2^20):gsub('.*', ('%0'):rep(2^13), 1)",
            "return ('x'):rep(1e6):gsub('x', ('y'):rep(1e6))",
            "return ('x'):rep(1e6):find(('('):rep(32) .. '.*' .. (')'):rep(32))",
        ] {
            let state = LuaState()
            state.openLibraries()
            state.memoryLimit = 8 << 20
            do throws(LuaError) {
                _ = try answer(source, in: state)
                Issue.record("\(source) has found memory")
            } catch {
                #expect(error.value.bytes?.text == "not enough memory")
            }
        }
    }

    @Test(arguments: [
        "local s for i = 1, 9 do s = ('x'):rep(4e6) end return #s",
        "local s = ('x'):rep(3e6) for i = 1, 9 do s = s:upper() end return #s",
        "local s = ('x'):rep(3e6) for i = 1, 9 do s = s:reverse() end return #s",
        "local t = {} for i = 1, 30 do t[i] = ('x'):rep(1e5) end for i = 1, 9 do s = table.concat(t) end return #s",
    ]) func `the limit counts nothing that may go`(_ source: String) throws {
        state.memoryLimit = 10 << 20
        #expect(["4e+06", "3e+06", "4000000", "3000000"].contains(try answer(source, in: state)))
    }

    @Test func `a collector that a script stopped goes on after it`() throws {
        _ = try answer("collectgarbage('stop')", in: state)
        for _ in 0..<200 {
            _ = try answer("return #('x'):rep(1e5)", in: state)
            state.collectIfDueBetweenCalls()
        }
        #expect(state.allocatedBytes < 4 << 20)
    }

    /// Those that are missing come first above the others, and then move above them.
    @Test(arguments: [1, 48, 96, 120, 180])
    func `a function of any arguments may name many more than it gets`(_ count: Int) {
        let names = (0..<count).map { "a\($0)" }.joined(separator: ",")
        let source = "local function f(\(names),...) return a0, a\(count - 1), select('#', ...) end "
        #expect(answer(source + "return coroutine.wrap(f)(1)") == (count == 1 ? "1\t1\t0" : "1\tnil\t0"))
        let deep = "local function g(n) if n > 0 then return (g(n - 1)) end return f() end return g(150)"
        #expect(answer(source + deep) == "nil")
    }

    @Test func `what is not used is freed`() throws {
        _ = try answer("for i = 1, 100000 do local t = {} t.self = t end collectgarbage()", in: state)
        #expect(state.allocatedBytes < 1 << 20)
        _ = try answer("for i = 1, 1000000 do local t = {i} end", in: state)
        #expect(state.allocatedBytes < 4 << 20)
    }

    @Test func `the place of an error is known before it is unwound`() throws {
        let chunk = try state.compile("\n\nerror({})", name: "@user_script")
        var line = 0
        do throws(LuaError) {
            try state.call(
                chunk, [],
                handler: { (error) in
                    line = state.place(level: 1)?.line ?? 0
                    return error
                }, { (_) in })
        } catch {
            #expect(error.value.table != nil)
        }
        #expect(line == 3)
    }

    @Test func `random numbers are those of the POSIX generator, or the embedder's own`() throws {
        state.seedRandomSource(0)
        #expect(try answer("return math.random(1000000), math.random(10)", in: state) == "170829\t8")
        state.randomSource = { 0 }
        #expect(try answer("return math.random(), math.random(5)", in: state) == "0\t1")
    }
}
