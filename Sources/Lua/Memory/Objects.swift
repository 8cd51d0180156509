/// What every object of the heap begins with. The heap's objects are plain memory: no reference counts, moved by
/// nobody, freed by the collector alone.
@unsafe struct Header {
    enum Kind: UInt8 {
        case string, table, closure, native, upvalue, prototype, thread, userdata
    }

    /// The next object of the heap; of a short string, the next one of its bucket.
    var next: UnsafeMutablePointer<Header>?
    var kind: Kind
    /// Whether the running collection has met the object.
    var isMarked: Bool
    /// Of a table: the events that it is known not to handle as a metatable, one bit each. Of a string: one more than
    /// the reserved word that it is.
    var absent: UInt8 = 0
    /// Of a table: not writable. Of a string: short, and so the only one with its bytes. Of a native function: the
    /// owner of its place among the natives.
    var flag = false
    /// Of a string: its hash; 0 if not yet known, for a long one.
    var hash: UInt32 = 0
}

/// Any object of the heap.
@safe struct Object: Equatable {
    let header: UnsafeMutablePointer<Header>

    @inline(__always)
    static func == (left: Object, right: Object) -> Bool { unsafe left.header == right.header }

    @inline(__always) @unsafe
    init(_ header: UnsafeMutablePointer<Header>) { unsafe self.header = header }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutableRawPointer) { unsafe header = body.assumingMemoryBound(to: Header.self) }

    @inline(__always)
    var kind: Header.Kind { unsafe header.pointee.kind }

    var isMarked: Bool {
        @inline(__always) get { unsafe header.pointee.isMarked }
        nonmutating set { unsafe header.pointee.isMarked = newValue }
    }

    /// The value that the object is, for those kinds that are values.
    @inline(__always)
    func value(_ tag: UInt64) -> LuaValue {
        unsafe LuaValue(bits: tag &<< 48 | UInt64(UInt(bitPattern: header)))
    }
}

extension LuaValue {
    @inline(__always) @unsafe
    private var address: UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(truncatingIfNeeded: bits & LuaValue.payloadMask))
            .unsafelyUnwrapped
    }

    /// The objects behind the tags; meaningless unless the tag has been looked at.
    @inline(__always)
    var uncheckedObject: Object { unsafe Object(address) }
    @inline(__always)
    var uncheckedString: LuaString { unsafe LuaString(address.assumingMemoryBound(to: LuaString.Body.self)) }
    @inline(__always)
    var uncheckedTable: LuaTable { unsafe LuaTable(address.assumingMemoryBound(to: LuaTable.Body.self)) }
    @inline(__always)
    var uncheckedClosure: Closure { unsafe Closure(address.assumingMemoryBound(to: Closure.Body.self)) }
    @inline(__always)
    var uncheckedNative: Native { unsafe Native(address.assumingMemoryBound(to: Native.Body.self)) }
    @inline(__always)
    var uncheckedThread: Thread { unsafe Thread(address.assumingMemoryBound(to: Thread.Body.self)) }
    @inline(__always)
    var uncheckedUserdata: Userdata { unsafe Userdata(address.assumingMemoryBound(to: Userdata.Body.self)) }

    @inline(__always)
    init(_ string: LuaString) { self = string.object.value(Tag.string) }
    public init(_ table: LuaTable) { self = table.object.value(Tag.table) }
    @inline(__always)
    init(_ closure: Closure) { self = closure.object.value(Tag.function) }
    init(_ native: Native) { self = native.object.value(Tag.function) }
    init(_ thread: Thread) { self = thread.object.value(Tag.thread) }
    init(_ userdata: Userdata) { self = userdata.object.value(Tag.userdata) }

    /// Whether a function is one of Lua's own.
    @inline(__always)
    var isClosure: Bool { isFunction && uncheckedObject.kind == .closure }
}

/// A string: bytes that never change. Short ones are interned, so that equal ones are the same object.
@safe struct LuaString: Equatable {
    @unsafe struct Body {
        var header: Header
        var count: Int
    }

    /// The longest string that is interned.
    static let shortCount = 40
    static let headerBytes = 24

    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: LuaString, right: LuaString) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    @inline(__always)
    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }
    @inline(__always)
    var count: Int { unsafe body.pointee.count }
    @inline(__always)
    var isShort: Bool { unsafe body.pointee.header.flag }

    /// The reserved word that the string is.
    var reserved: Token? {
        get {
            let number = unsafe body.pointee.header.absent
            return number == 0 ? nil : Token(rawValue: number - 1)
        }
        nonmutating set { unsafe body.pointee.header.absent = newValue.map { $0.rawValue + 1 } ?? 0 }
    }

    /// What `hash` of a short string is for certain.
    @inline(__always)
    var shortHash: UInt32 { unsafe body.pointee.header.hash }

    @inline(__always)
    var bytes: LuaBytes {
        unsafe LuaBytes(
            UnsafeRawPointer(body).advanced(by: LuaString.headerBytes).assumingMemoryBound(to: UInt8.self), count)
    }

    /// Where the bytes are, for whoever makes the string.
    @inline(__always) @unsafe
    var start: UnsafeMutablePointer<UInt8> {
        unsafe UnsafeMutableRawPointer(body).advanced(by: LuaString.headerBytes).assumingMemoryBound(to: UInt8.self)
    }

    /// A long string's is reckoned when it is wanted first, as few are keys.
    @inline(__always)
    var hash: UInt32 { isShort ? shortHash : longHash }

    @inline(never)
    private var longHash: UInt32 {
        let known = unsafe body.pointee.header.hash
        if known != 0 { return known }
        let hash = bytes.hash
        unsafe body.pointee.header.hash = hash
        return hash
    }

    /// Equality of two strings that are not the same object.
    static func equal(_ left: LuaString, _ right: LuaString) -> Bool {
        !left.isShort && !right.isShort && left.bytes == right.bytes
    }
}

/// A variable that closures share: on the stack as long as its block runs, later in the object itself.
@safe struct Upvalue: Equatable {
    @unsafe struct Body {
        var header: Header
        var location: UnsafeMutablePointer<LuaValue>
        var closed: LuaValue
        /// The next open variable, further down the stack.
        var nextOpen: UnsafeMutablePointer<Body>?
    }

    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: Upvalue, right: Upvalue) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    @inline(__always)
    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }

    @inline(__always)
    var value: LuaValue {
        get { unsafe body.pointee.location.pointee }
        nonmutating set { unsafe body.pointee.location.pointee = newValue }
    }

    /// Takes the value along, when its place on the stack ends.
    func close() {
        unsafe body.pointee.closed = body.pointee.location.pointee
        unsafe UnsafeMutableRawPointer(body).advanced(by: 24).withMemoryRebound(to: LuaValue.self, capacity: 1) {
            unsafe body.pointee.location = $0
        }
    }
}

/// A function of Lua's: code, the variables it shares, and the table of its globals.
@safe struct Closure: Equatable {
    @unsafe struct Body {
        var header: Header
        var prototype: UnsafeMutablePointer<Prototype.Body>
        var environment: UnsafeMutablePointer<LuaTable.Body>
        var upvalueCount: Int
    }

    static let headerBytes = 40
    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: Closure, right: Closure) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    @inline(__always)
    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }
    @inline(__always)
    var prototype: Prototype { unsafe Prototype(body.pointee.prototype) }
    var upvalueCount: Int { unsafe body.pointee.upvalueCount }

    var environment: LuaTable {
        @inline(__always) get { unsafe LuaTable(body.pointee.environment) }
        nonmutating set { unsafe body.pointee.environment = newValue.body }
    }

    @inline(__always)
    subscript(index: Int) -> Upvalue {
        get { unsafe Upvalue(upvalues[index]) }
        nonmutating set { unsafe upvalues[index] = newValue.body }
    }

    @inline(__always) @unsafe
    private var upvalues: UnsafeMutablePointer<UnsafeMutablePointer<Upvalue.Body>> {
        unsafe UnsafeMutableRawPointer(body).advanced(by: Closure.headerBytes)
            .assumingMemoryBound(to: UnsafeMutablePointer<Upvalue.Body>.self)
    }
}

/// A function of the embedder's or of a library, with values of its own.
@safe struct Native: Equatable {
    @unsafe struct Body {
        var header: Header
        var environment: UnsafeMutablePointer<LuaTable.Body>
        /// Its place in the machine's table of native functions.
        var index: Int
        var upvalueCount: Int
    }

    static let headerBytes = 40
    /// About what a function of its own takes besides: the place in the table, and a closure of few references.
    static let functionBytes = 48
    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: Native, right: Native) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }
    @inline(__always)
    var index: Int { unsafe body.pointee.index }
    var upvalueCount: Int { unsafe body.pointee.upvalueCount }

    /// Whether the place in the table is this object's alone, and ends with it.
    var ownsFunction: Bool {
        get { unsafe body.pointee.header.flag }
        nonmutating set { unsafe body.pointee.header.flag = newValue }
    }

    var environment: LuaTable {
        get { unsafe LuaTable(body.pointee.environment) }
        nonmutating set { unsafe body.pointee.environment = newValue.body }
    }

    var upvalues: Slots {
        unsafe Slots(
            UnsafeMutableRawPointer(body).advanced(by: Native.headerBytes).assumingMemoryBound(to: LuaValue.self))
    }
}

/// A userdata without data: what `newproxy` makes.
@safe struct Userdata: Equatable {
    @unsafe struct Body {
        var header: Header
        var metatable: UnsafeMutablePointer<LuaTable.Body>?
        var environment: UnsafeMutablePointer<LuaTable.Body>
    }

    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: Userdata, right: Userdata) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }

    var metatable: LuaTable? {
        get { unsafe body.pointee.metatable.map { unsafe LuaTable($0) } }
        nonmutating set { unsafe body.pointee.metatable = newValue?.body }
    }

    var environment: LuaTable {
        get { unsafe LuaTable(body.pointee.environment) }
        nonmutating set { unsafe body.pointee.environment = newValue.body }
    }
}
