// Who called whom, and what values are called.

extension LuaState {
    /// How many values a native function may push at once for its caller.
    static let unpackLimit = 8000

    enum Level {
        /// There is no such call.
        case none
        /// Another call has taken its place.
        case lost
        case frame(Int)
    }

    /// The running call at a level: 0 is the innermost. Calls that ended in a call are counted, though they are gone.
    func running(atLevel level: Int) -> Level {
        var level = level
        var depth = thread.frameCount - 1
        while level > 0, depth >= 0 {
            level -= 1
            if thread[depth].isLua { level -= thread[depth].tailCalls }
            depth -= 1
        }
        if level < 0 { return .lost }
        return depth >= 0 ? .frame(depth) : .none
    }

    /// `chunk:line: ` of the call at a level.
    func placeText(atLevel level: Int) -> LuaBytes {
        guard level < 1 << 30, case .frame(let depth) = running(atLevel: level) else { return LuaBytes("") }
        return makeString(placeText(depth)).bytes
    }

    func makeString(_ text: String) -> LuaString { string(text).uncheckedString }

    /// What `tostring` makes of a value that has no handler for it.
    func description(_ value: LuaValue) -> LuaValue {
        switch value.kind {
        case .nil: return string("nil" as StaticString)
        case .boolean: return string(value.isFalsy ? "false" : "true" as StaticString)
        case .number: return LuaValue(text(of: value.uncheckedNumber))
        case .string: return value
        // As the C library prints a null pointer.
        case .handle where value.handle == 0: return string("userdata: (nil)" as StaticString)
        default: return string("\(value.kind.name): 0x" + String(value.bits & LuaValue.payloadMask, radix: 16))
        }
    }
}

extension UInt8 {
    var isSpace: Bool { self == 32 || (self >= 9 && self <= 13) }
}
