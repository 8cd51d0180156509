/// A call of a native function: its arguments, by index from 0, and the place for its results. Arguments that are
/// missing are nil; `count` tells. The accessors that throw do so with Lua's own words (`bad argument #1 to 'f' (number
/// expected, got nil)`), and convert as Lua does: numbers to strings and strings to numbers.
public struct LuaCall {
    /// Whoever calls a function of a state has the state.
    private let borrowed: BorrowedState
    /// Where on the stack the arguments begin.
    let base: Int
    public let count: Int

    @inline(__always)
    init(state: LuaState, base: Int, count: Int) {
        borrowed = BorrowedState(state)
        self.base = base
        self.count = count
    }

    @inline(__always)
    public var state: LuaState { borrowed.state }

    @inline(__always)
    public subscript(index: Int) -> LuaValue {
        index < count ? state.thread.stack[base &+ index] : .nil
    }

    /// Puts another value in an argument's place, which keeps it alive while the call runs.
    @inline(__always)
    func replace(_ index: Int, _ value: LuaValue) { state.thread.stack[base &+ index] = value }

    /// Pushes a result. There is room for some 40; `makeRoom` gives more.
    @inline(__always)
    public func push(_ value: LuaValue) {
        let top = state.thread.top
        assert(top < state.thread.stackCount)
        state.thread.stack[top] = value
        state.thread.top = top &+ 1
    }

    /// Takes the result back that was pushed last.
    public func pop() -> LuaValue {
        state.thread.top -= 1
        return state.thread.stack[state.thread.top]
    }

    public func push(_ number: Double) { push(LuaValue(number)) }
    public func push(_ integer: Int) { push(LuaValue(integer)) }
    public func push(_ bytes: LuaBytes) { push(state.string(bytes)) }
    public func push(_ text: StaticString) { push(state.string(text)) }
    public func push(_ table: LuaTable) { push(LuaValue(table)) }

    /// Makes room for so many results.
    public func makeRoom(_ count: Int) throws(LuaError) { try state.makeRoom(count) }

    // MARK: - Typed arguments

    /// The bytes of a string, or of the text of a number; valid as long as the call runs.
    @inline(__always)
    public func bytes(_ index: Int) throws(LuaError) -> LuaBytes {
        let value = self[index]
        if value.isString { return value.uncheckedString.bytes }
        return try convertedBytes(index)
    }

    private func convertedBytes(_ index: Int) throws(LuaError) -> LuaBytes {
        let value = self[index]
        guard value.isNumber else { throw typeError(index, "string") }
        let text = state.text(of: value.uncheckedNumber)
        replace(index, LuaValue(text))
        return text.bytes
    }

    public func bytes(_ index: Int, default other: StaticString) throws(LuaError) -> LuaBytes {
        self[index].isNil ? LuaBytes(other) : try bytes(index)
    }

    @inline(__always)
    public func number(_ index: Int) throws(LuaError) -> Double {
        let value = self[index]
        if value.isNumber { return value.uncheckedNumber }
        guard let number = state.number(value) else { throw typeError(index, "number") }
        return number
    }

    public func number(_ index: Int, default other: Double) throws(LuaError) -> Double {
        self[index].isNil ? other : try number(index)
    }

    /// A number without its fraction. What does not fit saturates; NaN is the least integer.
    @inline(__always)
    public func integer(_ index: Int) throws(LuaError) -> Int {
        let number = try number(index)
        // What the C library does with numbers out of range on this machine.
        return number.magnitude < 0x1p63 ? Int(number) : Int.min
    }

    public func integer(_ index: Int, default other: Int) throws(LuaError) -> Int {
        self[index].isNil ? other : try integer(index)
    }

    /// A number as a C int: its last 32 bits.
    func int(_ index: Int) throws(LuaError) -> Int { Int(Int32(truncatingIfNeeded: try integer(index))) }

    func int(_ index: Int, default other: Int) throws(LuaError) -> Int {
        self[index].isNil ? other : try int(index)
    }

    @inline(__always)
    public func table(_ index: Int) throws(LuaError) -> LuaTable {
        let value = self[index]
        guard value.isTable else { throw typeError(index, "table") }
        return value.uncheckedTable
    }

    public func function(_ index: Int) throws(LuaError) -> LuaValue {
        let value = self[index]
        guard value.isFunction else { throw typeError(index, "function") }
        return value
    }

    /// Any value, but there must be one.
    public func value(_ index: Int) throws(LuaError) -> LuaValue {
        guard index < count else { throw argumentError(index, "value expected") }
        return self[index]
    }

    // MARK: - Errors

    /// `bad argument #1 to 'f' (…)`
    public func argumentError(_ index: Int, _ message: String) -> LuaError { state.argumentError(index, message) }

    /// `bad argument #1 to 'f' (number expected, got nil)`
    public func typeError(_ index: Int, _ expected: String) -> LuaError {
        let actual = index < count ? "\(self[index].kind.name)" : "no value"
        return argumentError(index, "\(expected) expected, got \(actual)")
    }

    /// An error with the caller's place in front.
    public func error(_ message: String) -> LuaError { state.nativeError(message) }
}
