/// The collector: it marks what can be reached from the roots, and frees the rest. It stops the machine meanwhile, and
/// so spares every write a barrier; and it runs only between two instructions, or when a script asks for it, when all
/// values in use are on a stack. Cycles are no matter to it.
extension LuaState {
    /// How many bytes are allocated before the next collection: twice what survived the last one, by default.
    private func setThreshold() {
        nextCollection = max(heapBytes / 100 * collectionPause, heapBytes + LuaState.smallestStep)
        nextCollection = min(nextCollection, max(memoryLimit, heapBytes))
        if collectsAlways { nextCollection = 0 }
    }

    private static let smallestStep = 64 * 1024

    /// Frees everything that cannot be reached.
    func collect() {
        markRoots()
        drain()
        clearWeakTables()
        if threadCount > 1 { closeUpvaluesOfDeadThreads() }
        sweepObjects()
        sweepStrings()
        if shortCount < bucketMask / 8, bucketMask > 1024 { resizeBuckets((bucketMask + 1) / 2) }
        setThreshold()
    }

    /// What an instruction that allocates does afterwards: collects if it is time, and fails if nothing helps.
    @inline(never)
    func collectIfDue() throws(LuaError) {
        if isCollectionStopped, heapBytes < memoryLimit { return }
        collect()
        if heapBytes > memoryLimit { throw LuaError(notEnoughMemory) }
    }

    // MARK: - Marking

    private func markRoots() {
        mark(globals.object)
        mark(registry.object)
        mark(mainThread.object)
        mark(thread.object)
        mark(emptyString.object)
        mark(notEnoughMemory)
        mark(stringMetatable)
        for index in 0..<Event.count { mark(eventNames[index]) }
        for value in referenced { mark(value) }
        for word in reservedWords { mark(word) }
    }

    @inline(__always)
    private func mark(_ value: LuaValue) {
        if value.isObject { mark(value.uncheckedObject) }
    }

    @inline(__always)
    private func mark(_ object: Object) {
        if object.isMarked { return }
        object.isMarked = true
        if object.kind != .string { unsafe gray.append(object.header) }
    }

    private func drain() {
        while let header = unsafe gray.popLast() { unsafe traverse(Object(header)) }
    }

    private func traverse(_ object: Object) {
        let raw = unsafe UnsafeMutableRawPointer(object.header)
        switch object.kind {
        case .string: break
        case .table: unsafe traverse(LuaTable(raw.assumingMemoryBound(to: LuaTable.Body.self)))
        case .closure: unsafe traverse(Closure(raw.assumingMemoryBound(to: Closure.Body.self)))
        case .native:
            let native = unsafe Native(raw.assumingMemoryBound(to: Native.Body.self))
            mark(native.environment.object)
            for index in 0..<native.upvalueCount { mark(native.upvalues[index]) }
        case .upvalue: unsafe mark(Upvalue(raw.assumingMemoryBound(to: Upvalue.Body.self)).value)
        case .prototype: unsafe traverse(Prototype(raw.assumingMemoryBound(to: Prototype.Body.self)))
        case .thread: unsafe traverse(Thread(raw.assumingMemoryBound(to: Thread.Body.self)))
        case .userdata:
            let userdata = unsafe Userdata(raw.assumingMemoryBound(to: Userdata.Body.self))
            mark(userdata.environment.object)
            if let metatable = userdata.metatable { mark(metatable.object) }
        }
    }

    private func traverse(_ table: LuaTable) {
        var weakKeys = false
        var weakValues = false
        if let metatable = table.metatable {
            mark(metatable.object)
            let mode = metatable[eventNames[Event.mode.rawValue]]
            if let text = mode.bytes {
                weakKeys = text.firstIndex(of: UInt8(ascii: "k")) != nil
                weakValues = text.firstIndex(of: UInt8(ascii: "v")) != nil
            }
        }
        if weakKeys || weakValues { unsafe weakTables.append(table.body) }
        if !weakValues {
            for index in 0..<table.arrayCount { mark(table.array[index]) }
        }
        table.forEachNode { (node) in
            if node.value.isNil {
                if node.key.isObject { node.key = LuaValue.deadKey(node.key) }
            } else {
                if !weakKeys { mark(node.key) }
                if !weakValues { mark(node.value) }
            }
        }
    }

    private func traverse(_ closure: Closure) {
        mark(closure.prototype.object)
        mark(closure.environment.object)
        for index in 0..<closure.upvalueCount { mark(closure[index].object) }
    }

    private func traverse(_ prototype: Prototype) {
        mark(prototype.source)
        for index in 0..<prototype.constantCount { mark(prototype.constants[index]) }
        for index in 0..<prototype.prototypeCount { mark(prototype.prototype(index).object) }
        for index in 0..<prototype.variableCount { mark(prototype.variable(index).name) }
        for index in 0..<prototype.upvalueCount { mark(prototype.upvalueName(index)) }
    }

    private func traverse(_ thread: Thread) {
        mark(thread.environment.object)
        // What is beyond the top is of no use to anybody, and must not point to what is gone.
        for index in 0..<thread.top { mark(thread.stack[index]) }
        thread.stack.fill(.nil, from: thread.top, to: thread.stackCount)
        var open = unsafe thread.body.pointee.openUpvalues
        while let upvalue = unsafe open {
            unsafe Upvalue(upvalue).object.isMarked = true
            unsafe open = upvalue.pointee.nextOpen
        }
    }

    // MARK: - Weak tables

    /// Removes the entries whose key or value has nothing else that keeps it. Strings are values, and never go.
    private func clearWeakTables() {
        while let body = unsafe weakTables.popLast() {
            let table = unsafe LuaTable(body)
            for index in 0..<table.arrayCount where isGone(table.array[index]) { table.array[index] = .nil }
            table.forEachNode { (node) in
                guard !node.value.isNil else { return }
                // Both are looked at, because looking at a string keeps it.
                let keyIsGone = isGone(node.key)
                if isGone(node.value) || keyIsGone {
                    node.value = .nil
                    if node.key.isObject { node.key = LuaValue.deadKey(node.key) }
                }
            }
        }
    }

    private func isGone(_ value: LuaValue) -> Bool {
        guard value.isObject else { return false }
        if value.isString {
            value.uncheckedObject.isMarked = true
            return false
        }
        return !value.uncheckedObject.isMarked
    }

    // MARK: - Sweeping

    /// Functions may outlive the coroutine on whose stack their variables are.
    private func closeUpvaluesOfDeadThreads() {
        var next = unsafe objects
        while let header = unsafe next {
            unsafe next = header.pointee.next
            guard unsafe header.pointee.kind == .thread, unsafe !header.pointee.isMarked else { continue }
            unsafe Thread(UnsafeMutableRawPointer(header).assumingMemoryBound(to: Thread.Body.self))
                .closeUpvalues(from: 0)
        }
    }

    private func sweepObjects() {
        var kept: UnsafeMutablePointer<Header>?
        var last: UnsafeMutablePointer<Header>?
        var next = unsafe objects
        while let header = unsafe next {
            unsafe next = header.pointee.next
            if unsafe header.pointee.isMarked {
                unsafe header.pointee.isMarked = false
                if let last = unsafe last { unsafe last.pointee.next = header } else { unsafe kept = header }
                unsafe last = header
            } else {
                unsafe release(Object(header))
            }
        }
        unsafe last?.pointee.next = nil
        unsafe objects = kept
    }

    private func sweepStrings() {
        for bucket in 0...bucketMask {
            var previous: UnsafeMutablePointer<Header>?
            var next = unsafe buckets[bucket]
            while let header = unsafe next {
                unsafe next = header.pointee.next
                if unsafe header.pointee.isMarked {
                    unsafe header.pointee.isMarked = false
                    unsafe previous = header
                } else {
                    if let previous = unsafe previous {
                        unsafe previous.pointee.next = next
                    } else {
                        unsafe buckets[bucket] = next
                    }
                    shortCount -= 1
                    unsafe release(Object(header))
                }
            }
        }
    }

    /// Frees one object.
    @unsafe
    private func release(_ object: Object) {
        let raw = unsafe UnsafeMutableRawPointer(object.header)
        switch object.kind {
        case .string:
            let string = unsafe LuaString(raw.assumingMemoryBound(to: LuaString.Body.self))
            unsafe free(raw, LuaString.headerBytes + string.count + 1)
        case .table:
            let table = unsafe LuaTable(raw.assumingMemoryBound(to: LuaTable.Body.self))
            unsafe heapBytes -= table.byteCount - MemoryLayout<LuaTable.Body>.size
            table.deallocatePayload()
            unsafe free(raw, MemoryLayout<LuaTable.Body>.size)
        case .closure:
            let closure = unsafe Closure(raw.assumingMemoryBound(to: Closure.Body.self))
            unsafe free(raw, Closure.headerBytes + closure.upvalueCount * 8)
        case .native:
            let native = unsafe Native(raw.assumingMemoryBound(to: Native.Body.self))
            if native.ownsFunction {
                removeNative(native.index)
                heapBytes -= Native.functionBytes
            }
            unsafe free(raw, Native.headerBytes + native.upvalueCount * 8)
        case .upvalue:
            unsafe free(raw, MemoryLayout<Upvalue.Body>.size)
        case .prototype:
            let prototype = unsafe Prototype(raw.assumingMemoryBound(to: Prototype.Body.self))
            heapBytes -= prototype.payloadBytes
            prototype.deallocatePayload()
            unsafe free(raw, MemoryLayout<Prototype.Body>.size)
        case .thread:
            let thread = unsafe Thread(raw.assumingMemoryBound(to: Thread.Body.self))
            unsafe heapBytes -= thread.byteCount - MemoryLayout<Thread.Body>.size
            thread.deallocatePayload()
            threadCount -= 1
            unsafe free(raw, MemoryLayout<Thread.Body>.size)
        case .userdata:
            unsafe free(raw, MemoryLayout<Userdata.Body>.size)
        }
    }

    /// Frees everything there is, at the end of the state.
    func releaseAll() {
        while let header = unsafe objects {
            unsafe objects = header.pointee.next
            unsafe release(Object(header))
        }
        for bucket in 0...bucketMask {
            while let header = unsafe buckets[bucket] {
                unsafe buckets[bucket] = header.pointee.next
                unsafe release(Object(header))
            }
        }
        while let page = unsafe pages.popLast() { unsafe page.deallocate() }
    }
}
