// Calls and returns: the instructions, and the way from native code into the machine.

/// What has come of a call.
enum Entry {
    /// A frame of Lua's has been pushed, and waits to be run.
    case lua
    /// A native function has run.
    case done
    /// A native function wants the coroutine to yield.
    case yielded
}

extension LuaState {
    // MARK: - Instructions

    /// True if the coroutine yields.
    @inline(__always)
    func call(_ i: Instruction, _ r: inout Registers) throws(LuaError) -> Bool {
        let thread = thread
        let place = (r.base - thread.stack) &+ i.a
        if i.b != 0 { thread.top = place &+ i.b }
        thread.frame.position = r.position
        try step(&r)
        let function = r.base[i.a]
        if function.isFunction, function.uncheckedObject.kind == .closure {
            try enterClosure(function.uncheckedClosure, place, i.c &- 1, isFresh: false)
            r = enteredRegisters(thread)
            return false
        }
        switch try enter(place, wanted: i.c &- 1, isFresh: false) {
        case .lua: r = enteredRegisters(thread)
        case .done:
            if i.c != 0 { thread.top = thread.frame.top }
            reload(&r)
            if heapBytes > nextCollection { try collectAfterCall(i) }
        case .yielded: return true
        }
        return false
    }

    /// What a native function has allocated is looked at when it has returned. Results of unknown number are above the
    /// frame's registers and must stay.
    @inline(never)
    private func collectAfterCall(_ i: Instruction) throws(LuaError) {
        try collectIfDue()
    }

    @inline(__always)
    func tailCall(_ i: Instruction, _ r: inout Registers) throws(LuaError) -> Bool {
        let thread = thread
        let place = (r.base - thread.stack) &+ i.a
        if i.b != 0 { thread.top = place &+ i.b }
        thread.frame.position = r.position
        try step(&r)
        let entry = try enter(place, wanted: -1, isFresh: false)
        switch entry {
        case .lua:
            replaceFrame(thread)
            r = enteredRegisters(thread)
        case .done:
            reload(&r)
            if heapBytes > nextCollection { try collectIfDue() }
        case .yielded: return true
        }
        return false
    }

    /// Puts the call just entered in the place of the one before it.
    @inline(never)
    private func replaceFrame(_ thread: Thread) {
        let new = thread.frame
        let old = thread[thread.frameCount - 2]
        if thread.hasOpenUpvalues { thread.closeUpvalues(from: old.base) }
        let distance = new.function - old.function
        let stack = thread.stack
        (stack + old.function).copy(from: stack + new.function, count: thread.top - new.function)
        old.base = new.base - distance
        thread.top -= distance
        old.top = thread.top
        old.position = new.position
        old.tailCalls += 1
        thread.frameCount -= 1
    }

    /// True if the loop was entered for this call.
    @inline(__always)
    func returns(_ i: Instruction, _ r: inout Registers) -> Bool {
        let thread = thread
        let frame = thread.frame
        if thread.hasOpenUpvalues { thread.closeUpvalues(from: frame.base) }
        let stack = thread.stack
        let source = r.base + i.a
        let count = i.b != 0 ? i.b &- 1 : (stack + thread.top) - source
        let wanted = frame.wanted
        let target = stack + frame.function
        thread.frameCount &-= 1
        if count == 1, wanted == 1 {
            target[0] = source[0]
        } else {
            moveResults(source, count, target, wanted)
        }
        if frame.isFresh {
            thread.top = frame.function &+ (wanted < 0 ? count : wanted)
            return true
        }
        thread.top = wanted < 0 ? frame.function &+ count : thread.frame.top
        r = enteredRegisters(thread)
        return false
    }

    @inline(__always)
    private func moveResults(_ source: Slots, _ count: Int, _ target: Slots, _ wanted: Int) {
        let moved = wanted < 0 ? count : min(count, wanted)
        var index = 0
        while index < moved {
            target[index] = source[index]
            index &+= 1
        }
        while index < wanted {
            target[index] = .nil
            index &+= 1
        }
    }

    @inline(__always)
    func makeClosure(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        makeClosure(r.closure, i.b, r.base, i.a)
        if heapBytes > nextCollection {
            save(r)
            try collectIfDue()
        }
    }

    @inline(never)
    private func makeClosure(_ outer: Closure, _ index: Int, _ base: Slots, _ register: Int) {
        let prototype = outer.prototype.prototype(index)
        let closure = makeClosure(prototype, environment: outer.environment)
        for index in 0..<prototype.upvalueCount {
            let capture = prototype.capture(index)
            closure[index] =
                capture.isLocal
                ? findUpvalue((base - thread.stack) + Int(capture.index)) : outer[Int(capture.index)]
        }
        base[register] = LuaValue(closure)
    }

    @inline(__always)
    func vararg(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        save(r)
        try vararg(i.a, i.b - 1)
        reload(&r)
    }

    @inline(never)
    private func vararg(_ register: Int, _ wanted: Int) throws(LuaError) {
        let frame = thread.frame
        let (base, function) = (frame.base, frame.function)
        let prototype = thread.stack[function].uncheckedClosure.prototype
        let available = max(base - function - 1 - prototype.parameterCount, 0)
        var wanted = wanted
        if wanted < 0 {
            wanted = available
            thread.top = base + register
            try makeRoom(available)
            thread.top = base + register + available
        }
        let target = thread.stack + (base + register)
        let first = thread.stack + (base - available)
        for index in 0..<wanted { target[index] = index < available ? first[index] : .nil }
    }

    // MARK: - Entering functions

    /// Begins the call of what lies on the stack at `function`, with the arguments above it.
    func enter(_ function: Int, wanted: Int, isFresh: Bool) throws(LuaError) -> Entry {
        let value = thread.stack[function]
        guard value.isFunction else {
            try insertCallEvent(function)
            return try enter(function, wanted: wanted, isFresh: isFresh)
        }
        if value.uncheckedObject.kind == .closure {
            try enterClosure(value.uncheckedClosure, function, wanted, isFresh: isFresh)
            return .lua
        }
        return try runNative(value.uncheckedNative, function, wanted) ? .done : .yielded
    }

    @inline(__always)
    private func enterClosure(
        _ closure: Closure, _ function: Int, _ wanted: Int, isFresh: Bool
    ) throws(LuaError) {
        let thread = thread
        let prototype = closure.prototype
        // Named arguments that are missing come on top of the others before they move above them.
        let room = prototype.frameSize &+ (prototype.isVararg ? prototype.parameterCount : 0)
        if thread.stackCount &- thread.top &- Thread.slack < room { try growStack(room) }
        var base = function &+ 1
        var count = thread.top &- base
        if prototype.isVararg { base = shiftArguments(prototype, function, &count) }
        let stack = thread.stack
        while count < prototype.parameterCount {
            stack[base &+ count] = .nil
            count &+= 1
        }
        let top = base &+ prototype.frameSize
        thread.top = top
        let frame = Frame(
            function: Int32(truncatingIfNeeded: function), base: Int32(truncatingIfNeeded: base),
            top: Int32(truncatingIfNeeded: top), wanted: Int32(truncatingIfNeeded: wanted), position: prototype.code,
            isFresh: isFresh, isLua: true)
        if thread.frameCount >= LuaState.callLimit || !push(frame, on: thread) { try failTooDeep(frame) }
    }

    /// A call too many. Who handles that error has some more.
    @inline(never)
    private func failTooDeep(_ frame: Frame) throws(LuaError) {
        guard thread.hasOverflowed else {
            thread.hasOverflowed = true
            throw error("stack overflow")
        }
        if !push(frame, on: thread) { throw LuaError(string("error in error handling" as StaticString)) }
    }

    /// Moves the named arguments above all, so that the others lie below the frame.
    @inline(never)
    private func shiftArguments(_ prototype: Prototype, _ function: Int, _ count: inout Int) -> Int {
        let stack = thread.stack
        let parameterCount = prototype.parameterCount
        while count < parameterCount {
            stack[thread.top] = .nil
            thread.top += 1
            count += 1
        }
        let base = thread.top
        let first = base - count
        for index in 0..<parameterCount {
            stack[base + index] = stack[first + index]
            stack[first + index] = .nil
        }
        stack[base + parameterCount] = .nil
        if prototype.needsArgumentTable {
            let extra = count - parameterCount
            let table = makeTable(array: extra, hash: 1)
            for index in 0..<extra { put(table, index + 1, stack[first + parameterCount + index]) }
            put(table, string("n" as StaticString), LuaValue(extra))
            stack[base + parameterCount] = LuaValue(table)
            count = parameterCount + 1
        } else {
            count = parameterCount
        }
        return base
    }

    /// Runs a native function; false if it wants to yield.
    private func runNative(_ native: Native, _ function: Int, _ wanted: Int) throws(LuaError) -> Bool {
        let thread = thread
        if thread.stackCount &- thread.top < Thread.slack { try growStack(Thread.slack) }
        let top = thread.top
        let frame = Frame(
            function: Int32(truncatingIfNeeded: function), base: Int32(truncatingIfNeeded: function &+ 1),
            top: Int32(truncatingIfNeeded: top &+ 40), wanted: Int32(truncatingIfNeeded: wanted),
            position: noPosition, isFresh: false, isLua: false)
        if thread.frameCount >= LuaState.callLimit || !push(frame, on: thread) { try failTooDeep(frame) }
        let call = LuaCall(state: self, base: function &+ 1, count: top &- function &- 1)
        let count = try runNative(native.index, call)
        if count < 0 { return false }
        finishNative(thread, count)
        return true
    }

    /// Ends a native call whose results are the last values on the stack.
    @inline(__always)
    func finishNative(_ thread: Thread, _ count: Int) {
        let frame = thread.frame
        let stack = thread.stack
        moveResults(stack + (thread.top &- count), count, stack + frame.function, frame.wanted)
        thread.top = frame.function &+ (frame.wanted < 0 ? count : frame.wanted)
        thread.frameCount &-= 1
    }

    /// Puts the function that `__call` names before a value that is not one.
    private func insertCallEvent(_ function: Int) throws(LuaError) {
        let value = thread.stack[function]
        let handler = handler(.call, of: value)
        guard handler.isFunction else { throw operandError("call", value, at: function) }
        try makeRoom(1)
        let stack = thread.stack
        var index = thread.top
        while index > function {
            stack[index] = stack[index - 1]
            index -= 1
        }
        thread.top += 1
        stack[function] = handler
    }

    // MARK: - Calls from native code

    /// Makes sure that so many values can be pushed.
    @inline(__always)
    func makeRoom(_ count: Int) throws(LuaError) {
        if thread.stackCount - thread.top - Thread.slack < count { try growStack(count) }
    }

    @inline(__always)
    func push(_ value: LuaValue) throws(LuaError) {
        try makeRoom(1)
        thread.stack[thread.top] = value
        thread.top += 1
    }

    /// Calls what lies on the stack at `function`; the results are left there. An error leaves the depth as it was
    /// where it occurred, since that is where its handler is called, until it is unwound.
    func call(at function: Int, wanted: Int) throws(LuaError) {
        nativeDepth += 1
        if nativeDepth >= LuaState.nativeDepthLimit { try failNativeDepth() }
        stepsToHook -= 1
        if stepsToHook <= 0 { try callHook() }
        if try enter(function, wanted: wanted, isFresh: true) == .lua { _ = try execute() }
        nativeDepth -= 1
    }

    private func failNativeDepth() throws(LuaError) {
        if nativeDepth == LuaState.nativeDepthLimit { throw error("C stack overflow") }
        if nativeDepth >= LuaState.handlerDepthLimit {
            throw LuaError(string("error in error handling" as StaticString))
        }
    }

    func callHandler(_ handler: LuaValue, _ value: LuaValue) throws(LuaError) -> LuaValue {
        let top = thread.top
        try push(handler)
        try push(value)
        try call(at: top, wanted: 1)
        thread.top = top
        return thread.stack[top]
    }

    /// Calls a function with two or three values, for an event, and answers its first result.
    func callHandler(_ handler: LuaValue, _ first: LuaValue, _ second: LuaValue) throws(LuaError) -> LuaValue {
        try makeRoom(3)
        let top = thread.top
        let stack = thread.stack
        stack[top] = handler
        stack[top + 1] = first
        stack[top + 2] = second
        thread.top = top + 3
        try call(at: top, wanted: 1)
        thread.top = top
        return thread.stack[top]
    }

    func callHandler(
        _ handler: LuaValue, _ first: LuaValue, _ second: LuaValue, _ third: LuaValue
    ) throws(LuaError) {
        try makeRoom(4)
        let top = thread.top
        let stack = thread.stack
        stack[top] = handler
        stack[top + 1] = first
        stack[top + 2] = second
        stack[top + 3] = third
        thread.top = top + 4
        try call(at: top, wanted: 0)
        thread.top = top
    }

    // MARK: - Errors

    /// Where an error leads back to.
    struct Mark {
        let thread: Thread
        let frameCount: Int
        let top: Int
        let nativeDepth: Int
    }

    func mark(_ top: Int) -> Mark {
        Mark(thread: thread, frameCount: thread.frameCount, top: top, nativeDepth: nativeDepth)
    }

    /// Ends the calls that an error has interrupted.
    func unwind(to mark: Mark) {
        thread = mark.thread
        thread.closeUpvalues(from: mark.top)
        thread.frameCount = mark.frameCount
        if mark.frameCount < LuaState.callLimit { thread.hasOverflowed = false }
        thread.top = mark.top
        nativeDepth = mark.nativeDepth
    }
}
