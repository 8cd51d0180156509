/// A Lua 5.1 machine: a heap, a table of globals, and what runs in it. It knows nothing of the program around it.
///
///     let state = LuaState()
///     state.openLibraries()
///     state.register("answer") { (call) throws(LuaError) in
///         call.push(42)
///         return 1                                          // how many of the values pushed last are results
///     }
///     let chunk = try state.compile(source, name: "@user_script")   // compiled once,
///     let kept = state.reference(chunk)                              // kept alive,
///     let result = try state.call(kept.value) { (results) in results[0] }   // called many times
///
/// **Values.** `LuaValue` is trivial and eight bytes long. It does not keep its object alive; but nothing is collected
/// except while Lua code runs. So a native function, or the embedder between two calls, may hold values and build
/// tables freely; what shall live through a call into Lua must be on the stack, in a table that lives, or in a
/// `LuaReference`.
///
/// **Errors.** Everything that can fail throws `LuaError`, which carries any Lua value. `error(_:)` makes one with the
/// position in front, as `luaL_error` would; `LuaError(state.string("…"))` one without.
///
/// **Limits.** `memoryLimit` (the script gets "not enough memory"), `hook` (called each `hookInterval` calls and jumps
/// back; it may throw, and what it throws as `isFatal` no `pcall` can catch), nesting of calls, of syntax and of
/// patterns.
///
/// **Read-only tables.** `setReadOnly(_:_:)` protects a table; `readOnlyMessage` is the error's text.
///
/// A state is not thread-safe; use it from one thread at a time.
@safe public final class LuaState {
    // MARK: - Memory

    /// The bytes of all objects, as `collectgarbage("count")` tells them.
    public var allocatedBytes: Int { heapBytes }
    /// The same for this module alone, where the compiler sees that nobody else writes it.
    var heapBytes = 0
    /// Past this many bytes scripts fail with "not enough memory".
    public var memoryLimit = Int.max
    var nextCollection = 256 * 1024
    var isCollectionStopped = false
    /// Collects whenever it could be time, which is slow, and shows what the collector must not miss. For tests.
    public var collectsAlways = false {
        didSet { if collectsAlways { nextCollection = 0 } }
    }
    /// At what percentage of what survived the next collection is due.
    var collectionPause = 200
    var stepMultiplier = 200
    var objects: UnsafeMutablePointer<Header>?
    let freeBlocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    var pages: [UnsafeMutableRawPointer] = unsafe []
    var gray: [UnsafeMutablePointer<Header>] = unsafe []
    var weakTables: [UnsafeMutablePointer<LuaTable.Body>] = unsafe []
    var buckets: UnsafeMutablePointer<UnsafeMutablePointer<Header>?>
    var bucketMask = 255
    var shortCount = 0
    /// How many coroutines there are, the main program included.
    var threadCount = 0
    let sharedNode: UnsafeMutablePointer<LuaTable.Node>
    let emptySlots = Slots.allocate(1)
    /// What `LuaReference`s hold, and the places that are free again.
    var referenced: [LuaValue] = []
    var freeReferences: [Int] = []

    // MARK: - The machine

    /// The table of globals that new chunks get.
    public internal(set) var globals: LuaTable
    /// A table of the embedder's own, which scripts cannot see.
    public internal(set) var registry: LuaTable
    var mainThread: Thread
    /// The running coroutine.
    var thread: Thread
    var emptyString: LuaString
    var notEnoughMemory = LuaValue.nil
    var stringMetatable = LuaValue.nil
    /// The names of the events, in order of `Event`.
    let eventNames = Slots.allocate(Event.count)
    var reservedWords: [LuaValue] = []
    var natives: UnsafeMutablePointer<Unmanaged<NativeFunction>>
    var nativeCount = 0
    private var nativeCapacity = 64
    /// The places among the natives that are free again.
    private var freeNatives: [Int] = []
    private let removedNative = NativeFunction { (call) throws(LuaError) in throw call.error("no function") }
    /// Where among the natives `next` is: loops know it.
    var nextIndex = -1
    /// And where the iterator of `gmatch` is.
    var matchStepIndex = -1
    let captures = CaptureList()
    let choices = ChoiceList()
    /// How many calls from native code into the machine are nested.
    var nativeDepth = 0
    /// Where a native function is in its code.
    let noPosition: CodePointer
    /// How many Lua calls may be nested, and calls from native code.
    static let callLimit = 19_999
    static let nativeDepthLimit = 200
    /// Those who handle the error for too many have some more.
    static let handlerCallLimit = callLimit + 20_000
    static let handlerDepthLimit = nativeDepthLimit + nativeDepthLimit / 8
    /// The longest string.
    static let stringLimit = 1 << 30

    // MARK: - The embedder's wishes

    /// Called each `hookInterval` steps; throws to end the script.
    public var hook: ((LuaState) throws(LuaError) -> Void)?
    /// A step is a call or a jump back: what every loop must do.
    public var hookInterval = 10_000 {
        didSet { stepsToHook = hookInterval }
    }
    var stepsToHook = 10_000
    /// The error for writing to a read-only table.
    public var readOnlyMessage = "Attempt to modify a readonly table"
    /// Pushes what `pcall` answers in place of a value that was thrown, and answers how many values these are.
    public var caught: ((LuaCall, LuaValue) throws(LuaError) -> Int)?
    /// Where `math.random` gets its numbers: 0 up to 2^31 - 1.
    public var randomSource: () -> Int32
    /// What `math.randomseed` does.
    public var seedRandomSource: (Int32) -> Void

    public init() {
        unsafe freeBlocks = LuaState.makeFreeBlocks()
        unsafe buckets = .allocate(capacity: 256)
        unsafe buckets.initialize(repeating: nil, count: 256)
        unsafe sharedNode = .allocate(capacity: 1)
        unsafe sharedNode.initialize(to: LuaTable.Node(value: .nil, key: .nil, next: 0))
        unsafe natives = .allocate(capacity: nativeCapacity)
        unsafe noPosition = CodePointer(UnsafeRawPointer(sharedNode).assumingMemoryBound(to: Instruction.self))
        let random = StandardRandom()
        randomSource = { random.next() }
        seedRandomSource = { random.seed(UInt32(bitPattern: $0)) }
        // Nothing looks at these before they are made.
        let placeholder = unsafe UnsafeMutableRawPointer(sharedNode)
        unsafe globals = LuaTable(placeholder.assumingMemoryBound(to: LuaTable.Body.self))
        unsafe registry = LuaTable(placeholder.assumingMemoryBound(to: LuaTable.Body.self))
        unsafe mainThread = Thread(placeholder.assumingMemoryBound(to: Thread.Body.self))
        unsafe thread = Thread(placeholder.assumingMemoryBound(to: Thread.Body.self))
        unsafe emptyString = LuaString(placeholder.assumingMemoryBound(to: LuaString.Body.self))
        heapBytes = 256 * 8
        emptyString = makeString(LuaBytes(""))
        globals = makeTable(array: 0, hash: 0)
        registry = makeTable(array: 0, hash: 0)
        mainThread = makeThread(environment: globals)
        thread = mainThread
        thread.status = .running
        notEnoughMemory = string("not enough memory" as StaticString)
        for event in Event.all { eventNames[event.rawValue] = string(event.name) }
        for index in 0..<Token.reservedCount {
            let word = makeString(LuaBytes(Token.texts[index]))
            word.reserved = Token(rawValue: UInt8(index))
            reservedWords.append(LuaValue(word))
        }
    }

    deinit {
        releaseAll()
        unsafe freeBlocks.deallocate()
        unsafe buckets.deallocate()
        unsafe sharedNode.deallocate()
        emptySlots.deallocate()
        eventNames.deallocate()
        captures.deallocate()
        for index in 0..<nativeCount { unsafe natives[index].release() }
        unsafe natives.deallocate()
    }

    /// Makes a function known; what it is called by is a value.
    func addNative(_ function: @escaping LuaFunction) -> Int {
        if let free = freeNatives.popLast() {
            unsafe natives[free].release()
            unsafe natives[free] = .passRetained(NativeFunction(function))
            return free
        }
        if nativeCount == nativeCapacity {
            let larger = UnsafeMutablePointer<Unmanaged<NativeFunction>>.allocate(capacity: nativeCapacity * 2)
            unsafe larger.moveInitialize(from: natives, count: nativeCount)
            unsafe natives.deallocate()
            unsafe natives = larger
            nativeCapacity *= 2
        }
        unsafe (natives + nativeCount).initialize(to: .passRetained(NativeFunction(function)))
        nativeCount += 1
        return nativeCount - 1
    }

    /// Forgets a function that nothing can call any more, and frees what it holds.
    func removeNative(_ index: Int) {
        unsafe natives[index].release()
        unsafe natives[index] = .passRetained(removedNative)
        freeNatives.append(index)
    }

    @inline(__always)
    func runNative(_ index: Int, _ call: LuaCall) throws(LuaError) -> Int {
        let answer = unsafe natives[index]._withUnsafeGuaranteedRef { (native) -> Result<Int, LuaError> in
            do throws(LuaError) {
                return .success(try native.run(call))
            } catch {
                return .failure(error)
            }
        }
        return try answer.get()
    }
}

/// A function that Lua code can call: it finds its arguments in the call, pushes its results, and answers how many of
/// the values pushed last they are.
public typealias LuaFunction = (LuaCall) throws(LuaError) -> Int

/// A function as the table of them keeps it. What runs lies on the stack, and so is kept alive by the collector: the
/// table's elements are called without counting references. A function as an element itself would, besides, be called
/// through another one that hands its arguments over in memory.
final class NativeFunction {
    let run: LuaFunction

    init(_ run: @escaping LuaFunction) { self.run = run }
}

/// What Lua code can throw and catch: any value.
public struct LuaError: Error {
    public let value: LuaValue
    /// Whether it goes through every `pcall` up to the embedder, as the end of a killed script does.
    public var isFatal = false

    public init(_ value: LuaValue, isFatal: Bool = false) {
        self.value = value
        self.isFatal = isFatal
    }
}

/// The events that metatables handle.
enum Event: Int {
    // Of these eight a table remembers that it does not handle them.
    case index, newIndex, equal, length, call, mode, less, concatenate
    case add, subtract, multiply, divide, modulo, power, negate, lessOrEqual, metatable, toString

    static let count = 18
    static let all = (0..<count).compactMap { Event(rawValue: $0) }

    var name: StaticString {
        switch self {
        case .index: "__index"
        case .newIndex: "__newindex"
        case .equal: "__eq"
        case .length: "__len"
        case .call: "__call"
        case .mode: "__mode"
        case .less: "__lt"
        case .concatenate: "__concat"
        case .add: "__add"
        case .subtract: "__sub"
        case .multiply: "__mul"
        case .divide: "__div"
        case .modulo: "__mod"
        case .power: "__pow"
        case .negate: "__unm"
        case .lessOrEqual: "__le"
        case .metatable: "__metatable"
        case .toString: "__tostring"
        }
    }
}
