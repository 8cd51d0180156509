internal import Lua

/// A Lua state with what Redis gives to scripts and without what it withholds: one for EVAL, one for functions, made
/// when first used.
///
/// The state and its native functions know the engine only while something runs (`RunningScript.engine`), so nothing
/// keeps an ended server alive.
final class ScriptEngine {
    let state = LuaState()
    let run: RunningScript
    let replies: ScriptReplies
    private let keysName: LuaValue
    private let argumentsName: LuaValue

    /// What scripts may take, in bytes, before they get "not enough memory". Redis sets no limit, and ends when the
    /// machine's memory does.
    private static let memoryLimit = 1 << 30

    init(_ kind: RunningScript.Kind, _ random: StandardRandom, version: String) {
        run = RunningScript(kind)
        replies = ScriptReplies(state: state)
        keysName = state.string("KEYS" as StaticString)
        argumentsName = state.string("ARGV" as StaticString)
        state.memoryLimit = ScriptEngine.memoryLimit
        state.openLibraries()
        JSONLibrary.open(state)
        MessagePackLibrary.open(state)
        StructLibrary.open(state)
        BitLibrary.open(state)
        state.randomSource = { random.next() }
        state.seedRandomSource = { random.seed(UInt32(bitPattern: $0)) }
        ScriptLibrary.open(state, run, version: version)
        ScriptSandbox.close(state, run.kind)
        ScriptEngine.watch(state, run)
    }

    /// What the state takes.
    var bytes: Int { state.allocatedBytes }

    /// Compiles a script, whose name in messages is `name`.
    func compile(_ code: Bytes, name: StaticString) throws(ReplyError) -> LuaReference {
        // Of scripts that do not compile, or are not run, something stays as well.
        state.collectIfDueBetweenCalls()
        do throws(LuaError) {
            return state.reference(try state.compile(LuaBytes(code), name: LuaBytes(name)))
        } catch {
            let reason = error.value.bytes.map { Array(Bytes($0)) } ?? []
            throw ReplyError(trimming: Array("ERR Error compiling script (new function): ".utf8) + reason)
        }
    }

    /// Runs a function as a script on behalf of a client, and answers with its first result.
    ///
    /// - Parameters:
    ///   - keys: where among the call's words the keys are; the others behind them are its arguments.
    ///   - isReadOnly: whether the command promises to write nothing (EVAL_RO and its like).
    func run(
        _ function: LuaValue, name: [UInt8], keys: Range<Int>, flags: ScriptFlags, isReadOnly: Bool, _ call: inout Call
    ) throws(ReplyError) {
        try admit(flags, isReadOnly: isReadOnly)
        let engine = call.engine
        let command = call.command
        run.begin(call, name: name, flags: flags)
        run.isReadOnly = isReadOnly || flags.contains(.noWrites)
        run.allowsOOM = !flags.isDisjoint(with: [.allowOOM, .noWrites])
        defer {
            run.end(command)
            state.collectIfDueBetweenCalls()
            // A script may have exchanged it for another one.
            call.database = engine.databases[call.client.database]
        }
        let keyTable = LuaValue(table(call.arguments, keys))
        let argumentTable = LuaValue(table(call.arguments, keys.upperBound..<call.arguments.count))
        var values: [LuaValue] = []
        if run.kind == .function {
            values = [keyTable, argumentTable]
        } else {
            state.set(state.globals, keysName, keyTable)
            state.set(state.globals, argumentsName, argumentTable)
        }
        let output = ScriptOutput(run: run, engine: engine, reply: call.reply)
        do throws(LuaError) {
            try state.call(function, values, handler: { ScriptEngine.located($0, state) }) { (results) in
                replies.write(results[0], to: output)
            }
        } catch {
            fail(error, output)
        }
    }

    private func admit(_ flags: ScriptFlags, isReadOnly: Bool) throws(ReplyError) {
        guard !flags.contains(.compatible) else { return }
        if isReadOnly, !flags.contains(.noWrites) { throw .writeFlagInReadOnlyCommand }
    }

    private func table(_ words: Arguments, _ range: Range<Int>) -> LuaTable {
        let table = state.table(array: range.count)
        for index in range { state.set(table, index - range.lowerBound + 1, state.string(LuaBytes(words[index]))) }
        return table
    }

    // MARK: - Errors

    /// What an error becomes at the place where it occurs: a table with its message, and with the place.
    static func located(_ error: LuaError, _ state: LuaState) -> LuaError {
        var table: LuaTable
        if let known = error.value.table {
            table = known
        } else {
            table = state.table(hash: 3)
            state.set(table, "err", state.string(Array("ERR ".utf8) + ScriptEngine.text(error.value)))
        }
        guard let (source, line) = place(state) else {
            return LuaError(LuaValue(table))
        }
        if state.isReadOnly(table) {
            let message = "ERR err_handler_def:10: \(state.readOnlyMessage)"
            table = state.table(hash: 3)
            state.set(table, "err", state.string(message))
            state.set(table, "source", state.string("@err_handler_def" as StaticString))
            state.set(table, "line", LuaValue(10))
            return LuaError(LuaValue(table))
        }
        let kept = state.reference(LuaValue(table))
        defer { withExtendedLifetime(kept) {} }
        do throws(LuaError) {
            let values: [(StaticString, LuaValue)] = [("source", source), ("line", LuaValue(line))]
            for (name, value) in values {
                try state.setIndex(table, name, value, handler: { located($0, state) })
            }
        } catch {
            return error
        }
        return LuaError(LuaValue(table), isFatal: error.isFatal)
    }

    /// Where an error occurs: in a function, or in the caller of a native one, which may be native too.
    private static func place(_ state: LuaState) -> (source: LuaValue, line: Int)? {
        if let place = state.place(level: 0) ?? state.place(level: 1) { return place }
        return state.depth > 1 ? (state.string("=[C]" as StaticString), -1) : nil
    }

    /// A value that was thrown, as text.
    private static func text(_ value: LuaValue) -> [UInt8] {
        if let bytes = value.bytes { return Array(Bytes(bytes)) }
        if let number = value.number {
            return NumberText.withGeneralText(of: number, significantDigits: 14) { Array($0) }
        }
        if let truth = value.boolean { return Array(truth ? "true".utf8 : "false".utf8) }
        if value.isNil { return Array("nil".utf8) }
        return Array("\(value.kind.name): 0x1".utf8)
    }

    /// Answers with the error that has ended a script.
    private func fail(_ error: LuaError, _ output: ScriptOutput) {
        guard let table = error.value.table else { return output.fail(Array("ERR execution failure".utf8)) }
        let kept = state.reference(error.value)
        defer { withExtendedLifetime(kept) {} }
        var line = text(table, "err") ?? Array("ERR unknown error".utf8)
        if let source = text(table, "source"), let number = text(table, "line") {
            line += Array(" script: ".utf8) + run.name + Array(", on ".utf8) + source
            line += Array(":".utf8) + number + Array(".".utf8)
        }
        output.fail(line, isCounted: state.get(table, "ignore_error_stats_update").boolean ?? false)
    }

    /// A string or a number of a table that was thrown, as text. What a metamethod of such a table does wrong ends
    /// Redis; here it counts as nothing.
    private func text(_ table: LuaTable, _ name: StaticString) -> [UInt8]? {
        guard let value = try? state.index(table, name), value.isString || value.isNumber else { return nil }
        return Array(ScriptEngine.text(value).prefix { $0 != 0 })
    }
}
