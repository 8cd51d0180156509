/// Keeps a value alive as long as it lives itself.
public final class LuaReference {
    private let state: LuaState
    private let place: Int

    fileprivate init(_ state: LuaState, _ value: LuaValue) {
        self.state = state
        if let free = state.freeReferences.popLast() {
            place = free
            state.referenced[free] = value
        } else {
            place = state.referenced.count
            state.referenced.append(value)
        }
    }

    deinit {
        state.referenced[place] = .nil
        state.freeReferences.append(place)
    }

    public var value: LuaValue { state.referenced[place] }
}

extension LuaState {
    /// Keeps a value alive.
    public func reference(_ value: LuaValue) -> LuaReference { LuaReference(self, value) }

    /// Where the running code is: the place in the source of the call at a level, 0 being the innermost, whether that
    /// is Lua's or not. Native functions have no place.
    public func place(level: Int) -> (source: LuaValue, line: Int)? {
        let depth = thread.frameCount - 1 - level
        guard depth >= 0, thread[depth].isLua else { return nil }
        return (closure(of: thread[depth]).prototype.source, currentLine(thread[depth]))
    }

    /// How many calls are running.
    public var depth: Int { thread.frameCount }

    // MARK: - Tables, for the embedder

    public func table(array: Int = 0, hash: Int = 0) -> LuaTable { makeTable(array: array, hash: hash) }

    /// The keys of a table, if all are integers from 1 on; nil if there are others.
    public func integerKeys(_ table: LuaTable) -> LuaIntegerKeys? { table.integerKeys() }

    /// How many entries a table has.
    public func entryCount(_ table: LuaTable) -> Int { table.entryCount }

    /// Reads an entry, without metamethods.
    public func get(_ table: LuaTable, _ key: LuaValue) -> LuaValue { table[key] }
    public func get(_ table: LuaTable, _ index: Int) -> LuaValue { table[index] }
    public func get(_ table: LuaTable, _ name: StaticString) -> LuaValue { table[string(name)] }

    /// Writes an entry, without metamethods and whether the table is read-only or not. Nil and NaN are no keys, and do
    /// nothing.
    public func set(_ table: LuaTable, _ key: LuaValue, _ value: LuaValue) {
        if key.isNumber, key.uncheckedNumber.isNaN { return }
        put(table, key, value)
    }
    public func set(_ table: LuaTable, _ index: Int, _ value: LuaValue) { put(table, index, value) }
    public func set(_ table: LuaTable, _ name: StaticString, _ value: LuaValue) { put(table, string(name), value) }

    /// Reads an entry as a script does, with metamethods.
    public func index(_ table: LuaTable, _ name: StaticString) throws(LuaError) -> LuaValue {
        let mark = mark(thread.top)
        do throws(LuaError) {
            return try index(LuaValue(table), string(name))
        } catch {
            unwind(to: mark)
            throw error
        }
    }

    /// Writes an entry as a script does, with metamethods. If an error occurs, `handler` is called as `call` does it.
    public func setIndex(
        _ table: LuaTable, _ name: StaticString, _ value: LuaValue, handler: (LuaError) -> LuaError
    ) throws(LuaError) {
        let mark = mark(thread.top)
        do throws(LuaError) {
            try setIndex(LuaValue(table), string(name), value)
        } catch {
            keepRegisters()
            let answer = handler(error)
            unwind(to: mark)
            throw answer
        }
    }

    /// As `set`, but as an assignment in a script does it: nil, too, is given a place, which shows in what `#` says of
    /// a table with gaps.
    public func assign(_ table: LuaTable, _ key: LuaValue, _ value: LuaValue) {
        if let slot = table.find(key) {
            table.absentEvents = 0
            slot.value = value
        } else if !key.isNil, !(key.isNumber && key.uncheckedNumber.isNaN) {
            insert(table, key, value)
        }
    }

    /// A border of the table, as `#` tells it.
    public func length(_ table: LuaTable) -> Int { table.length() }

    /// The entry after a key (nil begins), or nil at the end, or if the key is not in the table.
    public func next(_ table: LuaTable, after key: LuaValue) -> (key: LuaValue, value: LuaValue)? {
        guard let position = table.position(of: key), let entry = table.entry(after: position) else { return nil }
        return (entry.key, entry.value)
    }

    /// Goes through a table faster than `next` does, by positions: 0 begins. The table must not get new keys meanwhile.
    public func entry(_ table: LuaTable, after position: Int) -> (position: Int, key: LuaValue, value: LuaValue)? {
        table.entry(after: position)
    }

    public func metatable(_ table: LuaTable) -> LuaTable? { table.metatable }
    public func setMetatable(_ table: LuaTable, _ metatable: LuaTable?) { table.metatable = metatable }

    public func setReadOnly(_ table: LuaTable, _ isReadOnly: Bool = true) { table.isReadOnly = isReadOnly }
    public func isReadOnly(_ table: LuaTable) -> Bool { table.isReadOnly }

    /// The metatable that all strings share.
    public var stringsMetatable: LuaTable? { stringMetatable.table }

    // MARK: - Memory, for the embedder

    /// Collects garbage if enough has come together, between two calls: what native code allocates while no Lua code
    /// runs is looked at here only.
    public func collectIfDueBetweenCalls() {
        guard thread.frameCount == 0 else { return }
        // A script stops the collector for itself.
        isCollectionStopped = false
        let before = thread.byteCount
        thread.shrink()
        heapBytes += thread.byteCount - before
        if heapBytes > nextCollection { collect() }
    }

    // MARK: - Functions, for the embedder

    /// A function value for native code.
    public func function(_ body: @escaping LuaFunction) -> LuaValue {
        let native = makeNative(addNative(body), upvalues: [], environment: globals)
        native.ownsFunction = true
        heapBytes += Native.functionBytes
        return LuaValue(native)
    }

    /// Makes a native function a global, or an entry of another table.
    public func register(_ name: StaticString, in table: LuaTable? = nil, _ body: @escaping LuaFunction) {
        set(table ?? globals, name, function(body))
    }

    /// Compiles a chunk to a function. Its name is as Lua has it: `@file`, `=name`, or the source itself. Its globals
    /// are those of `environment`.
    public func compile(
        _ source: LuaBytes, name: LuaBytes, environment: LuaTable? = nil
    ) throws(LuaError) -> LuaValue {
        let parser = Parser(self, source, name: name)
        let prototype = try parser.parseChunk()
        return LuaValue(makeClosure(prototype, environment: environment ?? globals))
    }

    public func compile(_ source: [UInt8], name: String) throws(LuaError) -> LuaValue {
        try LuaBytes.with(source) { (source) throws(LuaError) in
            try LuaBytes.with(Array(name.utf8)) { (name) throws(LuaError) in try compile(source, name: name) }
        }
    }

    public func compile(_ source: String, name: String) throws(LuaError) -> LuaValue {
        try compile(Array(source.utf8), name: name)
    }

    /// Calls a function. The body gets the results before they are gone from the stack.
    public func call<Result>(
        _ function: LuaValue, _ arguments: [LuaValue] = [], _ body: (LuaResults) -> Result
    ) throws(LuaError) -> Result {
        let start = try begin(function)
        for argument in arguments { try push(argument) }
        let results = try finish(start)
        defer { thread.top = start }
        return body(results)
    }

    /// Calls a function for its effects.
    public func run(_ function: LuaValue, _ arguments: [LuaValue] = []) throws(LuaError) {
        try call(function, arguments) { (_) in }
    }

    /// Calls a function and answers its first result.
    public func first(_ function: LuaValue, _ arguments: [LuaValue] = []) throws(LuaError) -> LuaValue {
        try call(function, arguments) { (results) in results[0] }
    }

    /// As `call`, but if an error occurs, `handler` is called where it occurred, before anything is unwound: `place`
    /// tells it where. What it answers is the error that is thrown.
    public func call<Result>(
        _ function: LuaValue, _ arguments: [LuaValue] = [], handler: (LuaError) -> LuaError,
        _ body: (LuaResults) -> Result
    ) throws(LuaError) -> Result {
        let start = try begin(function)
        for argument in arguments { try push(argument) }
        let results = try withoutActuallyEscaping(handler) { (handler) throws(LuaError) in
            try finish(start, handler)
        }
        defer { thread.top = start }
        return body(results)
    }

    private func begin(_ function: LuaValue) throws(LuaError) -> Int {
        let start = thread.top
        try push(function)
        return start
    }

    private func finish(_ start: Int, _ handler: ((LuaError) -> LuaError)? = nil) throws(LuaError) -> LuaResults {
        let mark = mark(start)
        do throws(LuaError) {
            try call(at: start, wanted: -1)
        } catch {
            keepRegisters()
            let answer = handler?(error) ?? error
            unwind(to: mark)
            throw answer
        }
        return LuaResults(state: self, start: start, count: thread.top - start)
    }

    /// After an error, before it is unwound: what is called now must leave the interrupted frame as it is.
    func keepRegisters() {
        guard thread.frameCount > 0, thread.frame.isLua else { return }
        thread.top = max(thread.top, thread.frame.top)
    }
}

/// What a call answered.
public struct LuaResults {
    let state: LuaState
    let start: Int
    public let count: Int

    /// A result; nil beyond the last.
    public subscript(index: Int) -> LuaValue { index < count ? state.thread.stack[start + index] : .nil }
}

/// What is known of the keys of a table that has only integers from 1 on.
public struct LuaIntegerKeys {
    public var count = 0
    /// The largest one. One that does not fit 32 bits is the least number of that size instead, as a C `int` is; those
    /// behind it count again.
    public var largest = 0
    /// Whether there was such a one.
    public var hasHuge = false

    /// Adds a key, in the order of the table; false if it is another.
    @inline(__always)
    mutating func add(_ key: Double) -> Bool {
        guard key >= 1, key == key.rounded(.towardZero) else { return false }
        count &+= 1
        guard key > Double(largest) else { return true }
        if key <= Double(Int32.max) {
            largest = Int(key)
        } else {
            largest = Int(Int32.min)
            hasHuge = true
        }
        return true
    }
}
