internal import Glibc

// The memory of a state: what all objects are made with. The collector is in Collector.swift.

extension LuaState {
    /// Takes memory for an object. Never collects: the values that the caller holds stay valid.
    @inline(__always) @unsafe
    func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        heapBytes &+= count
        #if PLAIN_MALLOC
        return .allocate(byteCount: count, alignment: 16)
        #else
        guard count <= LuaState.largestBlock else { return .allocate(byteCount: count, alignment: 16) }
        let sizeClass = (count &+ 15) &>> 4
        guard let block = unsafe freeBlocks[sizeClass] else { return unsafe refill(sizeClass) }
        unsafe freeBlocks[sizeClass] = block.load(as: UnsafeMutableRawPointer?.self)
        return unsafe block
        #endif
    }

    @inline(__always) @unsafe
    func free(_ block: UnsafeMutableRawPointer, _ count: Int) {
        heapBytes &-= count
        #if PLAIN_MALLOC
        unsafe block.deallocate()
        #else
        guard count <= LuaState.largestBlock else { return unsafe block.deallocate() }
        let sizeClass = (count &+ 15) &>> 4
        unsafe block.storeBytes(of: freeBlocks[sizeClass], as: UnsafeMutableRawPointer?.self)
        unsafe freeBlocks[sizeClass] = block
        #endif
    }

    /// Objects up to this size are cut from pages and come back to a list of their size, so that taking one is a pop.
    static let largestBlock = 256
    private static let pageBytes = 16_384

    @inline(never) @unsafe
    private func refill(_ sizeClass: Int) -> UnsafeMutableRawPointer {
        let bytes = max(sizeClass, 1) << 4
        let page = UnsafeMutableRawPointer.allocate(byteCount: LuaState.pageBytes, alignment: 16)
        unsafe pages.append(page)
        let count = LuaState.pageBytes / bytes
        var list: UnsafeMutableRawPointer?
        for index in (1..<count).reversed() {
            let block = unsafe page + index * bytes
            unsafe block.storeBytes(of: list, as: UnsafeMutableRawPointer?.self)
            unsafe list = block
        }
        unsafe freeBlocks[sizeClass] = list
        return unsafe page
    }

    @unsafe
    static func makeFreeBlocks() -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        let lists = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: largestBlock / 16 + 1)
        unsafe lists.initialize(repeating: nil, count: largestBlock / 16 + 1)
        return unsafe lists
    }

    /// Puts a new object into the list of all.
    @inline(__always)
    func link(_ object: Object) {
        unsafe object.header.pointee.next = objects
        unsafe objects = object.header
    }

    // MARK: - Strings

    /// The string of these bytes.
    public func string(_ bytes: LuaBytes) -> LuaValue { LuaValue(makeString(bytes)) }

    public func string(_ text: String) -> LuaValue {
        var text = text
        return text.withUTF8 { (buffer) in
            guard let start = buffer.baseAddress else { return LuaValue(emptyString) }
            let bytes = unsafe LuaBytes(start, buffer.count)
            guard bytes.firstIndex(of: 0xF4) != nil else { return string(bytes) }
            var exact = ByteBuffer(capacity: buffer.count)
            exact.append(exact: unsafe String(decoding: buffer, as: UTF8.self))
            return string(exact.bytes)
        }
    }

    public func string(_ bytes: [UInt8]) -> LuaValue {
        unsafe bytes.withUnsafeBufferPointer { (buffer) in
            guard let start = buffer.baseAddress else { return LuaValue(emptyString) }
            return unsafe string(LuaBytes(start, buffer.count))
        }
    }

    public func string(_ text: StaticString) -> LuaValue { string(LuaBytes(text)) }

    @inline(__always)
    func makeString(_ bytes: LuaBytes) -> LuaString {
        bytes.count <= LuaString.shortCount ? intern(bytes) : makeLongString(bytes)
    }

    private func makeLongString(_ bytes: LuaBytes) -> LuaString {
        let string = unsafe makeUnfilledString(bytes.count)
        unsafe memcpy(string.start, bytes.pointer, bytes.count)
        return string
    }

    /// A long string whose bytes the caller writes at once.
    @unsafe
    func makeUnfilledString(_ count: Int) -> LuaString {
        let body = unsafe allocate(LuaString.headerBytes + count + 1).assumingMemoryBound(to: LuaString.Body.self)
        unsafe body.initialize(
            to: LuaString.Body(header: Header(next: nil, kind: .string, isMarked: false), count: count))
        let string = unsafe LuaString(body)
        unsafe string.start[count] = 0
        link(string.object)
        return string
    }

    func intern(_ bytes: LuaBytes) -> LuaString {
        let hash = bytes.hash
        let bucket = Int(hash) & bucketMask
        var next = unsafe buckets[bucket]
        while let header = unsafe next {
            if unsafe header.pointee.hash == hash {
                let found = unsafe LuaString(
                    UnsafeMutableRawPointer(header).assumingMemoryBound(to: LuaString.Body.self))
                if found.bytes == bytes { return found }
            }
            unsafe next = header.pointee.next
        }
        return unsafe addShort(bytes, hash, bucket)
    }

    @unsafe
    private func addShort(_ bytes: LuaBytes, _ hash: UInt32, _ bucket: Int) -> LuaString {
        let body = unsafe allocate(LuaString.headerBytes + bytes.count + 1)
            .assumingMemoryBound(to: LuaString.Body.self)
        unsafe body.initialize(
            to: LuaString.Body(
                header: Header(next: buckets[bucket], kind: .string, isMarked: false, flag: true, hash: hash),
                count: bytes.count))
        let string = unsafe LuaString(body)
        unsafe memcpy(string.start, bytes.pointer, bytes.count)
        unsafe string.start[bytes.count] = 0
        unsafe buckets[bucket] = string.object.header
        shortCount += 1
        if shortCount > bucketMask { resizeBuckets((bucketMask + 1) * 2) }
        return string
    }

    func resizeBuckets(_ count: Int) {
        let larger = UnsafeMutablePointer<UnsafeMutablePointer<Header>?>.allocate(capacity: count)
        unsafe larger.initialize(repeating: nil, count: count)
        for bucket in 0...bucketMask {
            var next = unsafe buckets[bucket]
            while let header = unsafe next {
                unsafe next = header.pointee.next
                let place = unsafe Int(header.pointee.hash) & (count - 1)
                unsafe header.pointee.next = larger[place]
                unsafe larger[place] = header
            }
        }
        unsafe buckets.deallocate()
        heapBytes += (count - bucketMask - 1) * 8
        unsafe buckets = larger
        bucketMask = count - 1
    }

    /// Joins strings that lie side by side on the stack.
    func join(_ slots: Slots, _ count: Int, _ total: Int) -> LuaString {
        if total > LuaString.shortCount {
            let string = unsafe makeUnfilledString(total)
            unsafe LuaState.write(slots, count, to: string.start)
            return string
        }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LuaString.shortCount) { (buffer) in
            guard let start = buffer.baseAddress else { return emptyString }
            unsafe LuaState.write(slots, count, to: start)
            return unsafe intern(LuaBytes(start, total))
        }
    }

    @inline(__always) @unsafe
    private static func write(_ slots: Slots, _ count: Int, to start: UnsafeMutablePointer<UInt8>) {
        var end = unsafe start
        var index = 0
        while index < count {
            let bytes = slots[index].uncheckedString.bytes
            unsafe memcpy(end, bytes.pointer, bytes.count)
            unsafe end += bytes.count
            index += 1
        }
    }

    // MARK: - Functions and userdata

    func makeClosure(_ prototype: Prototype, environment: LuaTable) -> Closure {
        let count = prototype.upvalueCount
        let body = unsafe allocate(Closure.headerBytes + count * 8).assumingMemoryBound(to: Closure.Body.self)
        unsafe body.initialize(
            to: Closure.Body(
                header: Header(next: nil, kind: .closure, isMarked: false), prototype: prototype.body,
                environment: environment.body, upvalueCount: count))
        let closure = unsafe Closure(body)
        link(closure.object)
        return closure
    }

    func makeNative(_ index: Int, upvalues: [LuaValue], environment: LuaTable) -> Native {
        let body = unsafe allocate(Native.headerBytes + upvalues.count * 8)
            .assumingMemoryBound(to: Native.Body.self)
        unsafe body.initialize(
            to: Native.Body(
                header: Header(next: nil, kind: .native, isMarked: false), environment: environment.body,
                index: index, upvalueCount: upvalues.count))
        let native = unsafe Native(body)
        for (index, value) in upvalues.enumerated() { native.upvalues[index] = value }
        link(native.object)
        return native
    }

    func makeUserdata() -> Userdata {
        let body = unsafe allocate(MemoryLayout<Userdata.Body>.size).assumingMemoryBound(to: Userdata.Body.self)
        unsafe body.initialize(
            to: Userdata.Body(
                header: Header(next: nil, kind: .userdata, isMarked: false), metatable: nil,
                environment: globals.body))
        let userdata = unsafe Userdata(body)
        link(userdata.object)
        return userdata
    }
}
