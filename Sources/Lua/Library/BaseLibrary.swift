extension LuaState {
    func openBase() {
        set(globals, "_G", LuaValue(globals))
        set(globals, "_VERSION", string("Lua 5.1" as StaticString))
        openLibrary(
            nil,
            [
                .init("assert", Base.assert), .init("collectgarbage", Base.collectGarbage), .init("error", Base.error),
                .init("gcinfo", Base.garbageInformation), .init("getfenv", Base.getEnvironment),
                .init("getmetatable", Base.getMetatable), .init("load", Base.load),
                .init("loadstring", Base.loadString),
                .init("newproxy", Base.newProxy), .init("pcall", Base.protectedCall), .init("rawequal", Base.rawEqual),
                .init("rawget", Base.rawGet), .init("rawset", Base.rawSet), .init("select", Base.select),
                .init("setfenv", Base.setEnvironment), .init("setmetatable", Base.setMetatable),
                .init("tonumber", Base.toNumber),
                .init("tostring", Base.toString), .init("type", Base.type), .init("unpack", Base.unpack),
                .init("xpcall", Base.protectedCallWithHandler),
            ])
        nextIndex = addNative(Base.next)
        let next = LuaValue(makeNative(nextIndex, upvalues: [], environment: globals))
        set(globals, "next", next)
        let pairs = addNative(Base.pairs)
        set(globals, "pairs", LuaValue(makeNative(pairs, upvalues: [next], environment: globals)))
        let step = LuaValue(makeNative(addNative(Base.nextIndex), upvalues: [], environment: globals))
        let indexPairs = addNative(Base.indexPairs)
        set(globals, "ipairs", LuaValue(makeNative(indexPairs, upvalues: [step], environment: globals)))
    }
}

extension LuaCall {
    /// The function that runs.
    var native: Native { state.thread.stack[base - 1].uncheckedNative }

    /// Puts a value before the results, in the place of the function that runs.
    func replaceFunction(_ value: LuaValue) { state.thread.stack[base - 1] = value }

    /// What is on the stack above a place.
    func resultCount(from place: Int) -> Int { state.thread.top - place }

    func push(_ text: String) { push(state.string(text)) }
}

private enum Base {
    static func assert(_ call: LuaCall) throws(LuaError) -> Int {
        if try call.value(0).isFalsy {
            throw call.error(try call.bytes(1, default: "assertion failed!").exactText)
        }
        return call.count
    }

    static func error(_ call: LuaCall) throws(LuaError) -> Int {
        let level = try call.int(1, default: 1)
        let value = call[0]
        if value.isString || value.isNumber, level > 0 {
            var text = ByteBuffer()
            text.append(call.state.placeText(atLevel: level))
            text.append(try call.bytes(0))
            throw LuaError(call.state.string(text.bytes))
        }
        throw LuaError(value)
    }

    static func type(_ call: LuaCall) throws(LuaError) -> Int {
        let value = try call.value(0)
        call.push(value.kind.name)
        return 1
    }

    // MARK: - Conversions

    static func toString(_ call: LuaCall) throws(LuaError) -> Int {
        let value = try call.value(0)
        let handler = call.state.handler(.toString, of: value)
        if !handler.isNil {
            call.push(try call.state.callHandler(handler, value))
            return 1
        }
        call.push(call.state.description(value))
        return 1
    }

    static func toNumber(_ call: LuaCall) throws(LuaError) -> Int {
        let base = try call.int(1, default: 10)
        if base == 10 {
            let number = call.state.number(try call.value(0))
            call.push(number.map { LuaValue($0) } ?? .nil)
            return 1
        }
        let text = try call.bytes(0).upToZero
        guard base >= 2, base <= 36 else { throw call.argumentError(1, "base out of range") }
        call.push(parse(text, base: base).map { LuaValue($0) } ?? .nil)
        return 1
    }

    /// An integer in a base, as the C library reads it: blanks, a sign, digits, blanks.
    private static func parse(_ text: LuaBytes, base: Int) -> Double? {
        var index = 0
        while index < text.count, text[index].isSpace { index += 1 }
        var isNegative = false
        if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        if base == 16, index + 2 < text.count, text[index] == UInt8(ascii: "0"), text[index + 1] | 0x20 == 0x78,
            digit(text[index + 2]) < 16
        {
            index += 2
        }
        let start = index
        var value: UInt64 = 0
        var overflows = false
        while index < text.count, digit(text[index]) < base {
            let (product, first) = value.multipliedReportingOverflow(by: UInt64(base))
            let (sum, second) = product.addingReportingOverflow(UInt64(digit(text[index])))
            overflows = overflows || first || second
            value = sum
            index += 1
        }
        guard index > start else { return nil }
        while index < text.count, text[index].isSpace { index += 1 }
        guard index == text.count else { return nil }
        if overflows { return Double(UInt64.max) }
        return isNegative ? Double(0 &- value) : Double(value)
    }

    private static func digit(_ byte: UInt8) -> Int {
        if byte.isDigit { return Int(byte - 48) }
        return byte.isLetter ? Int((byte | 0x20) - 87) : Int.max
    }

    // MARK: - Tables

    static func rawEqual(_ call: LuaCall) throws(LuaError) -> Int {
        call.push(LuaValue(call.state.rawEqual(try call.value(0), try call.value(1))))
        return 1
    }

    static func rawGet(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        call.push(table[try call.value(1)])
        return 1
    }

    static func rawSet(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let key = try call.value(1)
        try call.state.rawSet(table, key, try call.value(2))
        call.push(call[0])
        return 1
    }

    static func next(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        guard let position = table.position(of: call[1]) else { throw call.state.error("invalid key to 'next'") }
        guard let entry = table.entry(after: position) else {
            call.push(.nil)
            return 1
        }
        call.push(entry.key)
        call.push(entry.value)
        return 2
    }

    static func pairs(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        call.push(call.native.upvalues[0])
        call.push(table)
        call.push(.nil)
        return 3
    }

    static func indexPairs(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        call.push(call.native.upvalues[0])
        call.push(table)
        call.push(0)
        return 3
    }

    static func nextIndex(_ call: LuaCall) throws(LuaError) -> Int {
        let index = try call.int(1) &+ 1
        let value = try call.table(0)[index]
        if value.isNil {
            call.push(.nil)
            return 1
        }
        call.push(index)
        call.push(value)
        return 2
    }

    static func unpack(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let first = try call.int(1, default: 1)
        let last = call[2].isNil ? table.length() : try call.int(2)
        guard first <= last else { return 0 }
        let (distance, overflows) = last.subtractingReportingOverflow(first)
        guard !overflows, distance + 1 + call.count <= LuaState.unpackLimit else {
            throw call.error("too many results to unpack")
        }
        try call.makeRoom(distance + 1)
        for index in first...last { call.push(table[index]) }
        return distance + 1
    }

    static func select(_ call: LuaCall) throws(LuaError) -> Int {
        if call[0].bytes?.count == 1, call[0].bytes.map({ $0[0] }) == UInt8(ascii: "#") {
            call.push(call.count - 1)
            return 1
        }
        var index = try call.int(0)
        if index < 0 { index += call.count } else if index > call.count { index = call.count }
        guard index >= 1 else { throw call.argumentError(0, "index out of range") }
        return call.count - index
    }

    // MARK: - Metatables and environments

    static func getMetatable(_ call: LuaCall) throws(LuaError) -> Int {
        let value = try call.value(0)
        guard let metatable = call.state.metatable(of: value) else {
            call.push(.nil)
            return 1
        }
        let protected = call.state.handler(.metatable, of: value)
        call.push(protected.isNil ? LuaValue(metatable) : protected)
        return 1
    }

    static func setMetatable(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        guard call.count > 1, call[1].isNil || call[1].isTable else {
            throw call.argumentError(1, "nil or table expected")
        }
        if !call.state.handler(.metatable, of: call[0]).isNil {
            throw call.error("cannot change a protected metatable")
        }
        try call.state.checkWritable(table)
        table.metatable = call[1].table
        call.push(call[0])
        return 1
    }

    static func newProxy(_ call: LuaCall) throws(LuaError) -> Int {
        let userdata = call.state.makeUserdata()
        let option = call[0]
        if option.isUserdata, option.uncheckedUserdata.metatable != nil {
            userdata.metatable = option.uncheckedUserdata.metatable
        } else if option.boolean == true {
            userdata.metatable = call.state.makeTable(array: 0, hash: 0)
        } else if !option.isFalsy {
            throw call.argumentError(0, "boolean or proxy expected")
        }
        call.push(LuaValue(userdata))
        return 1
    }

    /// The function that an argument is, or names by its level; nil stands for the running thread.
    private static func function(_ call: LuaCall, isOptional: Bool) throws(LuaError) -> LuaValue {
        if call[0].isFunction { return call[0] }
        let level = isOptional ? try call.int(0, default: 1) : try call.int(0)
        guard level >= 0 else { throw call.argumentError(0, "level must be non-negative") }
        switch call.state.running(atLevel: level) {
        case .none: throw call.argumentError(0, "invalid level")
        case .lost: throw call.error("no function environment for tail call at level \(level)")
        case .frame(let depth): return call.state.thread.stack[call.state.thread[depth].function]
        }
    }

    static func getEnvironment(_ call: LuaCall) throws(LuaError) -> Int {
        let function = try function(call, isOptional: true)
        call.push(function.isClosure ? function.uncheckedClosure.environment : call.state.thread.environment)
        return 1
    }

    static func setEnvironment(_ call: LuaCall) throws(LuaError) -> Int {
        let environment = try call.table(1)
        if let level = call[0].number, level == 0 {
            call.state.thread.environment = environment
            return 0
        }
        let function = try function(call, isOptional: false)
        guard function.isClosure else {
            throw call.error("'setfenv' cannot change environment of given object")
        }
        function.uncheckedClosure.environment = environment
        call.push(function)
        return 1
    }

    // MARK: - Chunks

    static func loadString(_ call: LuaCall) throws(LuaError) -> Int {
        let source = try call.bytes(0)
        let name = call[1].isNil ? source : try call.bytes(1)
        return load(call, source, name)
    }

    static func load(_ call: LuaCall) throws(LuaError) -> Int {
        let name = try call.bytes(1, default: "=(load)")
        let reader = try call.function(0)
        var source = ByteBuffer()
        let place = call.state.thread.top
        let mark = call.state.mark(place)
        while true {
            call.push(reader)
            do throws(LuaError) {
                try call.state.call(at: place, wanted: 1)
            } catch {
                if error.isFatal { throw error }
                call.state.unwind(to: mark)
                call.push(.nil)
                call.push(error.value)
                return 2
            }
            call.state.thread.top = place
            let piece = call.state.thread.stack[place]
            if piece.isNil { break }
            guard piece.isString || piece.isNumber else {
                call.push(.nil)
                call.push("reader function must return a string")
                return 2
            }
            let bytes = piece.isString ? piece.uncheckedString.bytes : call.state.text(of: piece.uncheckedNumber).bytes
            if bytes.isEmpty { break }
            try call.state.checkRoom(source.count * 2)
            source.append(bytes)
        }
        return load(call, source.bytes, name)
    }

    private static func load(_ call: LuaCall, _ source: LuaBytes, _ name: LuaBytes) -> Int {
        do throws(LuaError) {
            let function = try call.state.compile(source, name: name)
            function.uncheckedClosure.environment = call.state.thread.environment
            call.push(function)
            return 1
        } catch {
            call.push(.nil)
            call.push(error.value)
            return 2
        }
    }

    // MARK: - Protected calls

    static func protectedCall(_ call: LuaCall) throws(LuaError) -> Int {
        let state = call.state
        if call.count == 0, state.caught != nil {
            // Redis' own `pcall` finds its own mark where the function should be.
            call.push(.false)
            call.push("attempt to call a boolean value")
            return 2
        }
        _ = try call.value(0)
        let mark = state.mark(call.base)
        do throws(LuaError) {
            try state.call(at: call.base, wanted: -1)
        } catch {
            if error.isFatal { throw error }
            state.unwind(to: mark)
            call.push(.false)
            if let caught = state.caught { return try caught(call, error.value) + 1 }
            call.push(error.value)
            return 2
        }
        call.replaceFunction(.true)
        return call.resultCount(from: call.base) + 1
    }

    static func protectedCallWithHandler(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count >= 2 else { throw call.argumentError(1, "value expected") }
        let state = call.state
        let handler = call[1]
        // Only the function is called, but the handler must stay alive.
        state.thread.top = call.base + 2
        let place = call.base + 2
        call.push(call[0])
        let mark = state.mark(place)
        do throws(LuaError) {
            try state.call(at: place, wanted: -1)
        } catch {
            if error.isFatal { throw error }
            let value = handle(state, error, handler)
            state.unwind(to: mark)
            call.push(.false)
            call.push(value)
            return 2
        }
        state.thread.stack[place - 1] = .true
        return call.resultCount(from: place) + 1
    }

    /// Calls the handler where the error occurred.
    private static func handle(_ state: LuaState, _ error: LuaError, _ handler: LuaValue) -> LuaValue {
        // Even what could be called is no handler, unless it is a function.
        guard handler.isFunction else { return state.string("error in error handling" as StaticString) }
        state.keepRegisters()
        var value = error.value
        // A handler that fails gets its own error next, where that occurred, as far as calls may be nested.
        while state.nativeDepth < LuaState.handlerDepthLimit {
            let depth = state.nativeDepth
            do throws(LuaError) {
                return try state.callHandler(handler, value)
            } catch {
                value = error.value
            }
            // Where the stack had no room for the call itself, it has none for another.
            if state.nativeDepth == depth { break }
        }
        return state.string("error in error handling" as StaticString)
    }

    // MARK: - Memory

    static func collectGarbage(_ call: LuaCall) throws(LuaError) -> Int {
        let option = try call.bytes(0, default: "collect")
        let argument = try call.int(1, default: 0)
        let state = call.state
        if option == "collect" {
            state.collect()
            call.push(0)
        } else if option == "count" {
            call.push(Double(state.heapBytes) / 1024)
        } else if option == "step" {
            state.collect()
            call.push(.true)
        } else if option == "stop" {
            state.isCollectionStopped = true
            call.push(0)
        } else if option == "restart" {
            state.isCollectionStopped = false
            call.push(0)
        } else if option == "setpause" {
            call.push(state.collectionPause)
            state.collectionPause = min(max(argument, 110), 1000)
        } else if option == "setstepmul" {
            call.push(state.stepMultiplier)
            state.stepMultiplier = argument
        } else {
            throw call.argumentError(0, "invalid option '\(option.exactText)'")
        }
        return 1
    }

    static func garbageInformation(_ call: LuaCall) throws(LuaError) -> Int {
        call.push(call.state.heapBytes / 1024)
        return 1
    }
}
