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

    /// A table whose elements are being answered.
    private struct Container {
        enum Shape { case array, map, set }

        let table: LuaTable
        let shape: Shape
        /// How far it has come: the index in an array, the position in another table.
        var position = 0
        var left: Int
        /// The value that belongs to the key answered last.
        var value = LuaValue.nil
        let depth: Int
    }

    /// Answers with a value. The protocol that the script asked for is the output's, that of the client the reply's.
    /// Tables within tables need no stack of calls.
    func write(_ value: LuaValue, to output: ScriptOutput) {
        guard var current = begin(value, depth: 0, output) else { return }
        var outer: [Container] = []
        while true {
            guard let (value, depth) = next(&current) else {
                guard let last = outer.popLast() else { return }
                current = last
                continue
            }
            if let inner = begin(value, depth: depth, output) {
                outer.append(current)
                current = inner
            }
        }
    }

    /// The next value of a table, and how deep it is nested. Redis measures depth in places on Lua's stack: a map or a
    /// set takes more of them.
    @inline(__always)
    private func next(_ container: inout Container) -> (value: LuaValue, depth: Int)? {
        if !container.value.isNil {
            defer { container.value = .nil }
            return (container.value, container.depth &+ 3)
        }
        guard container.left > 0 else { return nil }
        container.left &-= 1
        if container.shape == .array {
            container.position &+= 1
            return (state.get(container.table, container.position), container.depth &+ 1)
        }
        guard let entry = state.entry(container.table, after: container.position) else { return nil }
        container.position = entry.position
        guard container.shape == .map else { return (entry.key, container.depth &+ 3) }
        container.value = entry.value
        return (entry.key, container.depth &+ 4)
    }

    /// Answers with a value that is no table, or begins to with one that is.
    @inline(__always)
    private func begin(_ value: LuaValue, depth: Int, _ output: ScriptOutput) -> Container? {
        let reply = output.reply
        guard depth < ScriptReplies.depthLimit else {
            output.fail(Array("ERR reached lua stack limit".utf8))
            return nil
        }
        if let bytes = value.bytes {
            reply.bulk(Bytes(bytes))
        } else if let number = value.number {
            reply.integer(Int(truncatingToC: number))
        } else if let table = value.table {
            return begin(table, depth, output)
        } else if let truth = value.boolean, truth || output.isRESP3 {
            if output.isRESP3 { reply.boolean(truth) } else { reply.integer(1) }
        } else {
            reply.null()
        }
        return nil
    }

    private func begin(_ table: LuaTable, _ depth: Int, _ output: ScriptOutput) -> Container? {
        let reply = output.reply
        if let error = state.get(table, "err").bytes {
            let isCounted = state.get(table, "ignore_error_stats_update").boolean ?? false
            output.fail(Array(Bytes(error).upToZero), isCounted: isCounted)
        } else if let status = state.get(table, "ok").bytes {
            reply.simple(line: Bytes(status).upToZero)
        } else if let number = state.get(table, "double").number {
            reply.double(number)
        } else if let digits = state.get(table, "big_number").bytes {
            reply.bigNumber(Bytes(digits))
        } else if let verbatim = state.get(table, "verbatim_string").table,
            let text = state.get(verbatim, "string").bytes, let format = state.get(verbatim, "format").bytes
        {
            reply.verbatim(Bytes(text), format: Bytes(format))
        } else if let map = state.get(table, "map").table {
            let count = entryCount(map)
            reply.map(count)
            return Container(table: map, shape: .map, left: count, depth: depth)
        } else if let set = state.get(table, "set").table {
            let count = entryCount(set)
            reply.set(count)
            return Container(table: set, shape: .set, left: count, depth: depth)
        } else {
            var count = 0
            while !state.get(table, count &+ 1).isNil { count &+= 1 }
            reply.array(count)
            return Container(table: table, shape: .array, left: count, depth: depth)
        }
        return nil
    }

    private func entryCount(_ table: LuaTable) -> Int {
        var count = 0
        var position = 0
        while let entry = state.entry(table, after: position) {
            position = entry.position
            count += 1
        }
        return count
    }

    /// How deep tables may be nested in a reply.
    private static let depthLimit = 7_995
}

/// Where a script's reply goes.
struct ScriptOutput {
    let run: RunningScript
    let engine: Engine
    let reply: ReplyWriter

    /// Whether the script asked for RESP3: then its booleans are booleans.
    var isRESP3: Bool { run.reply.isRESP3 }

    /// Answers an error, which counts unless that was done where it occurred.
    func fail(_ line: [UInt8], isCounted: Bool = false) {
        let error = ReplyError(trimming: line)
        if isCounted {
            run.passedErrors += 1
        } else {
            run.hasFailed = true
            engine.countError(error)
        }
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
