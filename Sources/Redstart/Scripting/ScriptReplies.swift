internal import Lua

/// Values on their way from the server's replies to Lua and back.
struct ScriptReplies {
    let state: LuaState

    // MARK: - To Lua

    /// Turns the reply that `reader` is at into a value. Tables and strings are reached by nothing but this value.
    func value(_ reader: inout ReplyReader) -> LuaValue {
        switch reader.kind() {
        case .bulk:
            let count = reader.integer()
            return count < 0 ? .false : state.string(LuaBytes(reader.bytes(count)))
        case .integer: return LuaValue(reader.integer())
        case .simple: return table("ok", state.string(LuaBytes(reader.line())))
        case .array, .push:
            let count = reader.integer()
            return count < 0 ? .false : array(count, &reader)
        case .error: return LuaValue(error(LuaBytes(reader.line()), isCounted: true))
        case .null:
            _ = reader.line()
            return .nil
        case .boolean: return LuaValue(reader.line() == Bytes("t"))
        case .double: return table("double", LuaValue(NumberText.double(reader.line()) ?? .nan))
        case .bigNumber: return table("big_number", state.string(LuaBytes(reader.line())))
        case .verbatim: return verbatim(reader.bytes(reader.integer()))
        case .map: return table("map", map(reader.integer(), &reader))
        case .set: return table("set", set(reader.integer(), &reader))
        case .attribute:
            // What is said about a reply is not for scripts.
            for _ in 0..<reader.integer() * 2 { _ = value(&reader) }
            return value(&reader)
        }
    }

    /// The table that scripts get as an error.
    func error(_ line: LuaBytes, isCounted: Bool) -> LuaTable {
        let table = state.table(hash: 2)
        state.set(table, "err", state.string(line))
        if isCounted { state.set(table, "ignore_error_stats_update", .true) }
        return table
    }

    func table(_ name: StaticString, _ value: LuaValue) -> LuaValue {
        let table = state.table(hash: 1)
        state.set(table, name, value)
        return LuaValue(table)
    }

    private func array(_ count: Int, _ reader: inout ReplyReader) -> LuaValue {
        let table = state.table(array: count)
        var index = 0
        while index < count {
            index &+= 1
            state.set(table, index, value(&reader))
        }
        return LuaValue(table)
    }

    private func map(_ count: Int, _ reader: inout ReplyReader) -> LuaValue {
        let table = state.table(hash: count)
        for _ in 0..<count {
            let key = value(&reader)
            state.set(table, key, value(&reader))
        }
        return LuaValue(table)
    }

    private func set(_ count: Int, _ reader: inout ReplyReader) -> LuaValue {
        let table = state.table(hash: count)
        for _ in 0..<count { state.set(table, value(&reader), .true) }
        return LuaValue(table)
    }

    private func verbatim(_ bytes: Bytes) -> LuaValue {
        let text = state.table(hash: 2)
        state.set(text, "format", state.string(LuaBytes(bytes[0..<3])))
        state.set(text, "string", state.string(LuaBytes(bytes[4..<bytes.count])))
        return table("verbatim_string", LuaValue(text))
    }

    // MARK: - From Lua

    /// Answers with a value. `isRESP3` tells the protocol that the script asked for; that of the client is the reply's.
    func write(_ value: LuaValue, to output: ScriptOutput, depth: Int = 0) {
        let reply = output.reply
        if let bytes = value.bytes { return reply.bulk(Bytes(bytes)) }
        if let number = value.number { return reply.integer(Int(truncatingToC: number)) }
        if let table = value.table { return write(table, to: output, depth: depth) }
        switch value.boolean {
        case .some(let truth) where output.isRESP3 && reply.isRESP3: reply.boolean(truth)
        case .some(let truth) where output.isRESP3: reply.integer(truth ? 1 : 0)
        case .some(true): reply.integer(1)
        default: reply.null()
        }
    }

    private func write(_ table: LuaTable, to output: ScriptOutput, depth: Int) {
        let reply = output.reply
        guard depth < ScriptReplies.depthLimit else { return output.fail(Array("ERR reached lua stack limit".utf8)) }
        if let line = state.get(table, "err").bytes {
            let isCounted = state.get(table, "ignore_error_stats_update").boolean ?? false
            return output.fail(Array(Bytes(line)), isCounted: isCounted)
        }
        if let line = state.get(table, "ok").bytes { return reply.simple(line: Bytes(line)) }
        if let number = state.get(table, "double").number { return reply.double(number) }
        if let map = state.get(table, "map").table { return write(map: map, to: output, depth: depth) }
        if let set = state.get(table, "set").table { return write(set: set, to: output, depth: depth) }
        if let digits = state.get(table, "big_number").bytes { return reply.bigNumber(Bytes(digits)) }
        if let verbatim = state.get(table, "verbatim_string").table,
            let text = state.get(verbatim, "string").bytes, let format = state.get(verbatim, "format").bytes
        {
            return reply.verbatim(Bytes(text), format: Bytes(format))
        }
        var count = 0
        while !state.get(table, count + 1).isNil { count += 1 }
        reply.array(count)
        var index = 0
        while index < count {
            index += 1
            write(state.get(table, index), to: output, depth: depth + 1)
        }
    }

    private func write(map: LuaTable, to output: ScriptOutput, depth: Int) {
        let mark = output.reply.beginArray()
        var pairs = 0
        var position = 0
        while let entry = state.entry(map, after: position) {
            position = entry.position
            pairs += 1
            write(entry.key, to: output, depth: depth + 1)
            write(entry.value, to: output, depth: depth + 1)
        }
        output.reply.finish(mark, map: pairs)
    }

    private func write(set: LuaTable, to output: ScriptOutput, depth: Int) {
        let mark = output.reply.beginArray()
        var count = 0
        var position = 0
        while let entry = state.entry(set, after: position) {
            position = entry.position
            count += 1
            write(entry.key, to: output, depth: depth + 1)
        }
        output.reply.finish(mark, set: count)
    }

    /// How deep tables may be nested in a reply.
    private static let depthLimit = 1_000
}

/// Where a script's reply goes.
struct ScriptOutput {
    let engine: Engine
    let reply: ReplyWriter
    /// Whether the script asked for RESP3: then its booleans are booleans.
    let isRESP3: Bool

    /// Answers an error, which counts unless that was done where it occurred.
    func fail(_ line: [UInt8], isCounted: Bool = false) {
        let error = ReplyError(trimming: line)
        if !isCounted { engine.countError(error) }
        reply.error(error)
    }
}

extension Int {
    /// What C makes of a double on the machines that Redis runs on: what does not fit is the least integer.
    init(truncatingToC number: Double) { self = number.magnitude < 0x1p63 ? Int(number) : Int.min }
}

extension ReplyError {
    /// A line that a script made: without the line breaks at its end.
    init(trimming line: [UInt8]) { self.init(bytes: ReplyError.trimmed(line)) }

    static func trimmed(_ line: [UInt8]) -> [UInt8] {
        var line = line
        while let last = line.last, last == 13 || last == 10 { line.removeLast() }
        return line
    }
}
