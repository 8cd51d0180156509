import Lua
import Testing

@testable import Redstart

/// A state with the libraries of scripts, whose answers are compared with those of a real Redis.
struct LibraryState {
    let state = LuaState()

    init() {
        state.openLibraries()
        JSONLibrary.open(state)
        MessagePackLibrary.open(state)
        StructLibrary.open(state)
        BitLibrary.open(state)
    }

    /// The results of an expression, or its error, as text; bytes that are not printable as `\ddd`.
    func answer(_ expression: String) -> String {
        do throws(LuaError) {
            let chunk = try state.compile("return " + expression, name: "@user_script")
            return try state.call(chunk) { (results) in
                (0..<results.count).map { text(results[$0]) }.joined(separator: " ")
            }
        } catch {
            return text(error.value)
        }
    }

    private func text(_ value: LuaValue) -> String {
        if let bytes = value.bytes { return escaped(bytes) }
        let text = try? state.first(state.get(state.globals, "tostring"), [value])
        return text?.bytes?.text ?? "?"
    }

    private func escaped(_ bytes: LuaBytes) -> String {
        var text = ""
        for byte in bytes.array {
            text += 32..<127 ~= byte ? String(Unicode.Scalar(byte)) : "\\\(byte)"
        }
        return text
    }

    func expect(_ answers: [(expression: String, answer: String)], sourceLocation: SourceLocation = #_sourceLocation) {
        for (expression, expected) in answers {
            #expect(answer(expression) == expected, "\(expression)", sourceLocation: sourceLocation)
        }
    }
}
