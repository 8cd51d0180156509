import Foundation
import Testing

@testable import Lua

/// The collector frees what nobody can reach, and nothing else.
@Suite struct CollectorTests {
    private static let scripts = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("conformance/lua/scripts")

    /// What a script prints, and how it ends.
    private func output(_ source: [UInt8], collectsAlways: Bool, limit: Int) -> String {
        let state = LuaState()
        state.openLibraries()
        var printed = ""
        func show(_ call: LuaCall, between: String, end: String) {
            let shown = (0..<call.count).map { described(call[$0], call.state) }
            printed += shown.joined(separator: between) + end
        }
        state.register("print") { (call) throws(LuaError) in
            show(call, between: "\t", end: "\n")
            return 0
        }
        let library = state.table()
        state.register("write", in: library) { (call) throws(LuaError) in
            show(call, between: "", end: "")
            return 0
        }
        state.set(state.globals, "io", LuaValue(library))
        state.collectsAlways = collectsAlways
        state.hookInterval = limit
        state.hook = { (state) throws(LuaError) in throw LuaError(state.string("enough"), isFatal: true) }
        do throws(LuaError) {
            try state.run(try state.compile(source, name: "=script"))
        } catch {
            printed += described(error.value, state)
        }
        state.checkInvariants()
        state.collect()
        state.checkInvariants()
        return printed
    }

    private func described(_ value: LuaValue, _ state: LuaState) -> String {
        switch value.kind {
        case .string, .number, .nil, .boolean: state.description(value).bytes?.text ?? ""
        default: "\(value.kind.name)"
        }
    }

    @Test(arguments: ["syntax", "metatables", "functions", "tables", "strings", "numbers", "errors"])
    func `a script does the same when everything is collected at each allocation`(_ name: String) throws {
        let data = try Data(contentsOf: Self.scripts.appendingPathComponent(name + ".lua"))
        // Texts of addresses are as long, whatever the address.
        let masked = { (text: String) in text.replacing(/0x[0-9a-f]+/, with: "0x") }
        let calm = output(Array(data), collectsAlways: false, limit: 3_000)
        let stressed = output(Array(data), collectsAlways: true, limit: 3_000)
        #expect(masked(calm) == masked(stressed))
        #expect(!calm.isEmpty)
    }

    @Test func `objects that refer to each other at random live as long as they can be reached`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("The collector under random references, seed \(seed)")
        let source = """
            local seed = \(seed % 2_147_483_647 + 1)
            local function chance(n) seed = seed * 16807 % 2147483647 return seed % n + 1 end
            local roots = {}
            local kinds = {
                function(a, b) return {a, x = b} end,
                function(a, b) return function() return a, b end end,
                function(a, b) return setmetatable({}, {__index = a, b = b}) end,
                function(a, b) return setmetatable({a}, {__mode = "v"}) end,
                function(a, b) return setmetatable({[a or 1] = b}, {__mode = "k"}) end,
                function(a, b) local co = coroutine.wrap(function() coroutine.yield(a) return b end) co() return co end,
                function(a, b) return loadstring("local a, b = ... return function() return a, b end")(a, b) end,
                function(a, b) return ("s"):rep(chance(60)) .. chance(1000) end,
                function(a, b) return newproxy(true) end,
            }
            for i = 1, 3000 do
                local a, b = roots[chance(50)], roots[chance(50)]
                roots[chance(50)] = kinds[chance(#kinds)](a, b)
                if type(a) == "table" and type(b) == "table" and not getmetatable(a) then a.link = b end
                if type(a) == "function" and chance(4) == 1 then pcall(a) end
                if chance(20) == 1 then roots[chance(50)] = nil end
                check(i)
            end
            """
        let state = LuaState()
        state.openLibraries()
        state.collectionPause = 110
        state.register("check") { (call) throws(LuaError) in
            let round = try call.integer(0)
            if round % 30 == 0 { call.state.collect() }
            if round % 100 == 0 { call.state.checkInvariants() }
            return 0
        }
        try state.run(try state.compile(source, name: "=random"))
        state.checkInvariants()
    }

    @Test(arguments: [
        (
            "local w = setmetatable({}, {__mode = 'v'}) w[1] = {} w[2] = 'kept' w.x = {} collectgarbage()",
            "w[1], w[2], w.x"
        ),
        ("local w = setmetatable({}, {__mode = 'k'}) w[{}] = 1 w.x = {} collectgarbage()", "next(w)"),
        (
            "local w, k = setmetatable({}, {__mode = 'kv'}), {} w[k] = k w[{}] = k w[1] = {} collectgarbage()",
            "w[k] == k, w[1]"
        ),
        ("local w = setmetatable({}, {__mode = 'v'}) w[1] = function() end w[2] = 5 collectgarbage()", "w[2]"),
        ("local w, k = setmetatable({}, {__mode = 'k'}), {} w[k] = {k} k = nil collectgarbage()", "next(w) ~= nil"),
    ])
    func `weak tables lose what nothing else holds`(_ source: String, _ question: String) {
        let expected = [
            "w[1], w[2], w.x": "nil\tkept\tnil", "next(w)": "x\ttable", "w[k] == k, w[1]": "true\tnil", "w[2]": "5",
            "next(w) ~= nil": "true",
        ]
        #expect(answer("\(source) return \(question)").hasPrefix(expected[question] ?? "?"))
    }

    @Test func `the count tells the truth`() throws {
        let state = LuaState()
        state.openLibraries()
        let chunk = try state.compile("return collectgarbage('count') * 1024", name: "=count")
        #expect(try state.first(chunk).number == Double(state.allocatedBytes))
        state.collect()
        let before = state.allocatedBytes
        _ = try answer("kept = ('x'):rep(1000000)", in: state)
        state.collect()
        #expect((1_000_000..<1_010_000).contains(state.allocatedBytes - before))
        state.checkInvariants()
    }

    @Test func `what a loop allocates is bounded, wherever it is allocated`() throws {
        #if DEBUG
        let rounds = 100_000
        #else
        let rounds = 10_000_000
        #endif
        for body in [
            "local t = {i}", "local f = function() return i end", "local s = 'number ' .. i", "local s = tostring(i)",
            "local s = proxy[i]", "local a = proxy + i", "coroutine.wrap(function() end)()", "t[i % 100] = {i}",
            "pcall(error, {})",
        ] {
            let state = LuaState()
            state.openLibraries()
            var most = 0
            state.hookInterval = 1000
            state.hook = { (state) throws(LuaError) in most = max(most, state.allocatedBytes) }
            let source = """
                local t, m = {}, {}
                function m.__index(t, i) return 'x' .. i end
                function m.__add(a, i) return {} end
                local proxy = setmetatable({}, m)
                for i = 1, \(rounds) do \(body) end
                """
            _ = try answer(source, in: state)
            #expect(most < 3 << 20, "\(body)")
        }
        let state = LuaState()
        state.openLibraries()
        var most = 0
        state.hookInterval = 1000
        state.hook = { (state) throws(LuaError) in most = max(most, state.allocatedBytes) }
        _ = try answer("for w in ('x'):rep(200000):gmatch('()') do end", in: state)
        let words = "local s = {} for i = 1, 50000 do s[i] = i end s = table.concat(s, ' ') "
        _ = try answer("\(words)for w in s:gmatch('%d+') do end", in: state)
        #expect(most < 8 << 20)
    }

    @Test func `a function that nothing can call any more ends with what it holds`() throws {
        final class Held {}
        let state = LuaState()
        state.openLibraries()
        weak var last: Held?
        state.register("make") { (call) throws(LuaError) in
            let held = Held()
            last = held
            call.push(
                call.state.function { (call) throws(LuaError) in
                    withExtendedLifetime(held) { call.push(7) }
                    return 1
                })
            return 1
        }
        _ = try answer("kept = make()", in: state)
        state.collect()
        #expect(last != nil)
        let before = (state.allocatedBytes, state.nativeCount)
        _ = try answer("for i = 1, 100000 do local f = make() end", in: state)
        state.collect()
        #expect(last == nil)
        #expect(state.allocatedBytes - before.0 < 4096)
        #expect(state.nativeCount < 10_000)
        #expect(try answer("return kept() + make()()", in: state) == "14")
        state.checkInvariants()
    }

    @Test func `a stack that has become very large does not stay so`() throws {
        let state = LuaState()
        state.openLibraries()
        let before = state.allocatedBytes
        _ = try answer("local function f(...) return 1 + f(1, ...) end return pcall(f)", in: state)
        #expect(state.allocatedBytes - before > 4 << 20)
        state.collectIfDueBetweenCalls()
        state.collect()
        #expect(state.allocatedBytes - before < 1 << 18)
        #expect(try answer("local function f() return 1 + f() end return pcall(f)", in: state).hasPrefix("false"))
        state.checkInvariants()
    }

    @Test func `a state ends when nobody has it any more`() throws {
        weak var last: LuaState?
        for _ in 0..<100 {
            let state = LuaState()
            state.openLibraries()
            state.register("native") { (call) throws(LuaError) in call.count }
            let kept = state.reference(state.string("kept"))
            _ = try answer("t = {} for i = 1, 50 do t[i] = {tostring(i), function() return t end} end", in: state)
            #expect(kept.value.isString)
            last = state
        }
        #expect(last == nil)
    }
}
