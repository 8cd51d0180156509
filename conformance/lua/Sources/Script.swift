import Glibc
import Lua

/// Runs Lua files as the interpreter's own command does: `lua-script FILE…`, so that the two can be compared.
/// LUA_SCRIPT_MEMORY and LUA_SCRIPT_STEPS in the environment limit what a script may use; LUA_SCRIPT_COLLECTS=1 lets
/// the collector run at each allocation.
@main
struct Script {
    static func main() {
        let files = CommandLine.arguments.dropFirst()
        guard !files.isEmpty else {
            Output.error("usage: lua-script FILE…\n")
            exit(2)
        }
        for file in files where !run(file) { exit(1) }
    }

    private static func run(_ path: String) -> Bool {
        guard let source = File.read(path) else {
            Output.error("lua-script: cannot open \(path)\n")
            return false
        }
        let output = Output()
        let state = LuaState()
        state.openLibraries()
        openOutput(state, output)
        if let limit = limit("LUA_SCRIPT_MEMORY") { state.memoryLimit = limit }
        if let _ = limit("LUA_SCRIPT_COLLECTS") { state.collectsAlways = true }
        if let limit = limit("LUA_SCRIPT_STEPS") {
            state.hookInterval = limit
            state.hook = { (state) throws(LuaError) in
                throw LuaError(state.string("script killed" as StaticString), isFatal: true)
            }
        }
        defer { output.flush() }
        do throws(LuaError) {
            // As deep as the command's own interpreter is when a script begins.
            let main = try state.compile(source, name: "@" + path)
            try state.run(
                state.function { (call) throws(LuaError) in
                    try call.state.run(main)
                    return 0
                }, [main])
            return true
        } catch {
            output.flush()
            let text = error.value.bytes?.text ?? error.value.number.map { "\($0)" }
            Output.error("lua-script: \(text ?? "(error object is not a string)")\n")
            return false
        }
    }

    private static func limit(_ name: String) -> Int? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe Int(String(cString: text))
    }

    /// `print` and `io.write`, which Redis takes away.
    private static func openOutput(_ state: LuaState, _ output: Output) {
        let description = state.reference(state.get(state.globals, "tostring")).value
        state.register("print") { (call) throws(LuaError) in
            for index in 0..<call.count {
                if index > 0 { output.append([9]) }
                let shown = try call.state.first(description, [call[index]])
                guard shown.isNumber || shown.isString else {
                    throw call.error("'tostring' must return a string to 'print'")
                }
                call.push(shown)
                // It is C that prints, up to the first zero.
                let bytes = try call.state.first(description, [shown]).bytes?.array ?? []
                output.append(Array(bytes.prefix { $0 != 0 }))
            }
            output.append([10])
            return 0
        }
        let io = state.table()
        state.set(state.globals, "io", LuaValue(io))
        state.register("write", in: io) { (call) throws(LuaError) in
            for index in 0..<call.count { output.append(try call.bytes(index).array) }
            return 0
        }
    }
}

/// Standard output, in large pieces.
final class Output {
    private var bytes: [UInt8] = []

    func append(_ more: [UInt8]) {
        bytes += more
        if bytes.count > 65_536 { flush() }
    }

    func flush() {
        Output.write(1, bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    static func error(_ text: String) { write(2, Array(text.utf8)) }

    private static func write(_ file: Int32, _ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { (buffer) in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let count = unsafe Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard count > 0 else { return }
                unsafe rest = rest.dropFirst(count)
            }
        }
    }
}

enum File {
    static func read(_ path: String) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            if count <= 0 { return bytes }
            bytes += chunk[0..<count]
        }
    }
}
