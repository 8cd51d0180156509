/// What must hold of tables and of the heap at any time between two instructions. Costs a walk over everything, so it
/// does something in debug builds only.

extension LuaTable {
    /// Every entry is where it is looked for; chains end; what is said to be taken is.
    func checkInvariants() {
        #if DEBUG
        guard !hasNoNodes else { return precondition(nodeCount == 1) }
        precondition(nodeCount & (nodeCount - 1) == 0, "the number of nodes is a power of two")
        var seen: Set<UInt64> = []
        for index in 0..<nodeCount {
            let node = unsafe body.pointee.nodes[index]
            precondition(node.next == 0 || (0..<nodeCount).contains(index + node.next), "a chain leaves the table")
            if unsafe index >= body.pointee.free { precondition(!node.key.isNil, "a free node was passed over") }
            guard !node.value.isNil else { continue }
            precondition(seen.insert(node.key.bits).inserted, "a key is there twice")
            precondition(find(node.key)?.value.bits == node.value.bits, "a key is not found")
            if let number = node.key.number, let place = LuaValue.index(number) {
                precondition(place < 1 || place > arrayCount, "a key of the array is in the hash")
            }
        }
        #endif
    }
}

extension LuaState {
    /// Everything that objects refer to is an object of the heap; every byte is counted; short strings are interned.
    func checkInvariants() {
        #if DEBUG
        var known: Set<UnsafeRawPointer> = unsafe []
        var objectBytes = (bucketMask + 1) * 8
        var threads = 0
        forEachObject { (object) in
            precondition(unsafe known.insert(UnsafeRawPointer(object.header)).inserted, "an object is listed twice")
            precondition(!object.isMarked, "a mark was left")
            objectBytes += byteCount(object)
            if object.kind == .thread { threads += 1 }
        }
        precondition(threads == threadCount, "coroutines are counted")
        precondition(objectBytes == heapBytes, "\(objectBytes) bytes are there, \(heapBytes) are counted")
        forEachObject { (object) in
            forEachReference(of: object) { (other) in
                precondition(unsafe known.contains(UnsafeRawPointer(other.header)), "a reference to what is gone")
            }
        }
        checkStrings()
        #endif
    }

    #if DEBUG
    private func forEachObject(_ body: (Object) -> Void) {
        var next = unsafe objects
        while let header = unsafe next {
            unsafe body(Object(header))
            unsafe next = header.pointee.next
        }
        for bucket in 0...bucketMask {
            unsafe next = buckets[bucket]
            while let header = unsafe next {
                unsafe body(Object(header))
                unsafe next = header.pointee.next
            }
        }
    }

    private func checkStrings() {
        var count = 0
        for bucket in 0...bucketMask {
            var contents: Set<[UInt8]> = []
            var next = unsafe buckets[bucket]
            while let header = unsafe next {
                let string = unsafe Object(header).value(LuaValue.Tag.string).uncheckedString
                precondition(string.isShort && string.count <= LuaString.shortCount)
                precondition(string.shortHash == string.bytes.hash && Int(string.shortHash) & bucketMask == bucket)
                precondition(contents.insert(string.bytes.array).inserted, "a string is interned twice")
                count += 1
                unsafe next = header.pointee.next
            }
        }
        precondition(count == shortCount, "short strings are counted")
    }

    private func byteCount(_ object: Object) -> Int {
        let raw = unsafe UnsafeMutableRawPointer(object.header)
        switch object.kind {
        case .string:
            return unsafe LuaString.headerBytes + LuaString(raw.assumingMemoryBound(to: LuaString.Body.self)).count + 1
        case .table: return unsafe LuaTable(raw.assumingMemoryBound(to: LuaTable.Body.self)).byteCount
        case .closure:
            let closure = unsafe Closure(raw.assumingMemoryBound(to: Closure.Body.self))
            return Closure.headerBytes + closure.upvalueCount * 8
        case .native:
            let native = unsafe Native(raw.assumingMemoryBound(to: Native.Body.self))
            return Native.headerBytes + native.upvalueCount * 8 + (native.ownsFunction ? Native.functionBytes : 0)
        case .upvalue: return unsafe MemoryLayout<Upvalue.Body>.size
        case .prototype:
            let prototype = unsafe Prototype(raw.assumingMemoryBound(to: Prototype.Body.self))
            return unsafe MemoryLayout<Prototype.Body>.size + prototype.payloadBytes
        case .thread: return unsafe Thread(raw.assumingMemoryBound(to: Thread.Body.self)).byteCount
        case .userdata: return unsafe MemoryLayout<Userdata.Body>.size
        }
    }

    private func forEachReference(of object: Object, _ body: (Object) -> Void) {
        func visit(_ value: LuaValue) { if value.isObject { body(value.uncheckedObject) } }
        let raw = unsafe UnsafeMutableRawPointer(object.header)
        switch object.kind {
        case .string: break
        case .table:
            let table = unsafe LuaTable(raw.assumingMemoryBound(to: LuaTable.Body.self))
            table.checkInvariants()
            if let metatable = table.metatable { body(metatable.object) }
            for index in 0..<table.arrayCount { visit(table.array[index]) }
            table.forEachNode { (node) in
                guard !node.value.isNil else { return }
                visit(node.key)
                visit(node.value)
            }
        case .closure:
            let closure = unsafe Closure(raw.assumingMemoryBound(to: Closure.Body.self))
            body(closure.prototype.object)
            body(closure.environment.object)
            for index in 0..<closure.upvalueCount { body(closure[index].object) }
        case .native:
            let native = unsafe Native(raw.assumingMemoryBound(to: Native.Body.self))
            body(native.environment.object)
            for index in 0..<native.upvalueCount { visit(native.upvalues[index]) }
        case .upvalue: unsafe visit(Upvalue(raw.assumingMemoryBound(to: Upvalue.Body.self)).value)
        case .prototype:
            let prototype = unsafe Prototype(raw.assumingMemoryBound(to: Prototype.Body.self))
            visit(prototype.source)
            for index in 0..<prototype.constantCount { visit(prototype.constants[index]) }
            for index in 0..<prototype.prototypeCount { body(prototype.prototype(index).object) }
        case .thread:
            let thread = unsafe Thread(raw.assumingMemoryBound(to: Thread.Body.self))
            body(thread.environment.object)
            for index in 0..<thread.top { visit(thread.stack[index]) }
        case .userdata:
            let userdata = unsafe Userdata(raw.assumingMemoryBound(to: Userdata.Body.self))
            body(userdata.environment.object)
            if let metatable = userdata.metatable { body(metatable.object) }
        }
    }
    #endif
}
