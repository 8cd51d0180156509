internal import Lua

/// Takes from the globals what scripts may not have, and protects the rest against them.
enum ScriptSandbox {
    private static let withheld: [StaticString] = [
        "getfenv", "setfenv", "newproxy", "dofile", "loadfile", "print", "module", "require",
    ]

    static func close(_ state: LuaState, _ kind: RunningScript.Kind) {
        let globals = state.globals
        for name in withheld { state.set(globals, name, .nil) }
        // KEYS and ARGV get a place; only they change later, and not by scripts.
        if kind == .script {
            state.set(globals, "KEYS", LuaValue(state.table()))
            state.set(globals, "ARGV", LuaValue(state.table()))
            // Redis has it among the globals, too.
            state.register("__redis__err__handler") { (call) throws(LuaError) in
                call.push(ScriptEngine.located(LuaError(call[0]), call.state).value)
                return 1
            }
        }
        let metatable = state.table(hash: 1)
        state.register("__index", in: metatable) { (call) throws(LuaError) in
            let name = call[1].bytes ?? LuaBytes(call[1].kind.name)
            let shown = LuaBytes(Bytes(name).upToZero).exactText
            throw call.error("Script attempted to access nonexistent global variable '\(shown)'")
        }
        state.setMetatable(globals, metatable)
        protect(state, globals)
        if let strings = state.stringsMetatable { protect(state, strings) }
    }

    /// Makes a table, and all that are reached from it, read-only.
    private static func protect(_ state: LuaState, _ table: LuaTable) {
        guard !state.isReadOnly(table) else { return }
        state.setReadOnly(table)
        var position = 0
        while let entry = state.entry(table, after: position) {
            position = entry.position
            if let inner = entry.value.table { protect(state, inner) }
        }
        if let metatable = state.metatable(table) { protect(state, metatable) }
    }
}
