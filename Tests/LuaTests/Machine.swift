import Lua
import Testing

/// What a chunk answers, as text: its results with tabs between, or its error.
func answer(_ source: String, name: String = "=test") -> String {
    let state = LuaState()
    state.openLibraries()
    do throws(LuaError) {
        return try answer(source, in: state, name: name)
    } catch {
        return shown(error.value, in: state)
    }
}

func answer(_ source: String, in state: LuaState, name: String = "=test") throws(LuaError) -> String {
    let chunk = try state.compile(source, name: name)
    return try state.call(chunk) { (results) in
        (0..<results.count).map { shown(results[$0], in: state) }.joined(separator: "\t")
    }
}

func shown(_ value: LuaValue, in state: LuaState) -> String {
    let text = try? state.first(state.get(state.globals, "tostring"), [value])
    return text?.bytes?.text ?? "?"
}
