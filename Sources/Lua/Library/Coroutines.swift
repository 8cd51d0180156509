extension LuaState {
    func openCoroutine() {
        openLibrary(
            "coroutine",
            [
                .init("create", Coroutines.create), .init("resume", Coroutines.resume),
                .init("running", Coroutines.running),
                .init("status", Coroutines.status), .init("yield", Coroutines.yield),
            ])
        let body = addNative(Coroutines.resumeWrapped)
        register("wrap", in: get(globals, "coroutine").table) { (call) throws(LuaError) in
            let thread = try Coroutines.make(call)
            call.push(
                LuaValue(
                    call.state.makeNative(body, upvalues: [LuaValue(thread)], environment: call.state.globals)))
            return 1
        }
    }

    /// What a coroutine did when it was resumed: it left values at a place of its stack, or failed.
    enum Resumption {
        case values(Int, count: Int)
        case failure(LuaValue)
    }

    /// Lets a coroutine run on, with values from the stack of the running one.
    func resume(_ coroutine: Thread, _ first: Int, _ count: Int) throws(LuaError) -> Resumption {
        if coroutine.status != .suspended {
            return .failure(string("cannot resume \(coroutine.statusName) coroutine"))
        }
        if nativeDepth >= LuaState.nativeDepthLimit { return .failure(string("C stack overflow" as StaticString)) }
        let caller = thread
        caller.status = .normal
        coroutine.status = .running
        thread = coroutine
        nativeDepth += 1
        coroutine.resumeDepth = nativeDepth
        defer {
            nativeDepth = coroutine.resumeDepth - 1
            thread = caller
            caller.status = .running
        }
        do throws(LuaError) {
            try makeRoom(count)
            for index in 0..<count { coroutine.stack[coroutine.top + index] = caller.stack[first + index] }
            coroutine.top += count
            return try run(coroutine, count)
        } catch {
            coroutine.status = .dead
            coroutine.closeUpvalues(from: 0)
            coroutine.frameCount = 0
            coroutine.top = 0
            if error.isFatal { throw error }
            return .failure(error.value)
        }
    }

    /// Begins the coroutine, or goes on after its `yield`.
    private func run(_ coroutine: Thread, _ count: Int) throws(LuaError) -> Resumption {
        var hasReturned: Bool
        if coroutine.frameCount == 0 {
            switch try enter(0, wanted: -1, isFresh: true) {
            case .lua: hasReturned = try execute()
            case .done: hasReturned = true
            case .yielded: hasReturned = false
            }
        } else {
            let wanted = coroutine.frame.wanted
            finishNative(coroutine, count)
            hasReturned = coroutine.frameCount == 0
            if !hasReturned {
                if wanted >= 0 { coroutine.top = coroutine.frame.top }
                hasReturned = try execute()
            }
        }
        if hasReturned {
            coroutine.status = .dead
            return .values(0, count: coroutine.top)
        }
        coroutine.status = .suspended
        let base = coroutine.frame.base
        return .values(base, count: coroutine.top - base)
    }
}

extension Thread {
    var statusName: String {
        switch status {
        case .suspended: "suspended"
        case .running: "running"
        case .normal: "normal"
        case .dead: "dead"
        }
    }
}

private enum Coroutines {
    static func make(_ call: LuaCall) throws(LuaError) -> Thread {
        let function = call[0]
        guard function.isClosure else {
            throw call.argumentError(0, "Lua function expected")
        }
        let thread = call.state.makeThread(environment: call.state.thread.environment)
        thread.stack[0] = function
        thread.top = 1
        return thread
    }

    static func create(_ call: LuaCall) throws(LuaError) -> Int {
        call.push(LuaValue(try make(call)))
        return 1
    }

    private static func thread(_ call: LuaCall) throws(LuaError) -> Thread {
        guard call[0].isThread else { throw call.argumentError(0, "coroutine expected") }
        return call[0].uncheckedThread
    }

    /// Moves what a coroutine left from its stack to that of the running one.
    private static func take(_ call: LuaCall, _ coroutine: Thread, _ place: Int, _ count: Int) throws(LuaError) {
        try call.makeRoom(count)
        for index in 0..<count { call.push(coroutine.stack[place + index]) }
        // Of a coroutine that waits, only the values are gone.
        coroutine.top = place
    }

    static func resume(_ call: LuaCall) throws(LuaError) -> Int {
        let coroutine = try thread(call)
        switch try call.state.resume(coroutine, call.base + 1, call.count - 1) {
        case .values(let place, let count):
            call.push(.true)
            try take(call, coroutine, place, count)
            return count + 1
        case .failure(let value):
            call.push(.false)
            call.push(value)
            return 2
        }
    }

    static func resumeWrapped(_ call: LuaCall) throws(LuaError) -> Int {
        let coroutine = call.native.upvalues[0].uncheckedThread
        switch try call.state.resume(coroutine, call.base, call.count) {
        case .values(let place, let count):
            try take(call, coroutine, place, count)
            return count
        case .failure(let value):
            guard let bytes = value.isNumber ? call.state.text(of: value.uncheckedNumber).bytes : value.bytes else {
                throw LuaError(value)
            }
            var text = ByteBuffer()
            text.append(call.state.placeText(atLevel: 1))
            text.append(bytes)
            throw LuaError(call.state.string(text.bytes))
        }
    }

    static func yield(_ call: LuaCall) throws(LuaError) -> Int {
        let thread = call.state.thread
        guard thread != call.state.mainThread, call.state.nativeDepth == thread.resumeDepth else {
            throw call.state.error("attempt to yield across metamethod/C-call boundary")
        }
        return -1
    }

    static func running(_ call: LuaCall) throws(LuaError) -> Int {
        let thread = call.state.thread
        call.push(thread == call.state.mainThread ? .nil : LuaValue(thread))
        return 1
    }

    static func status(_ call: LuaCall) throws(LuaError) -> Int {
        let thread = try thread(call)
        call.push(call.state.string(thread.statusName))
        return 1
    }
}
