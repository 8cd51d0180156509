internal import Lua

/// `bit`: operations on the 32 bits that a number stands for, as Mike Pall's BitOp documents them.
enum BitLibrary {
    static func open(_ state: LuaState) {
        let library = state.table(hash: 12)
        state.register("tobit", in: library) { (call) throws(LuaError) in answer(call, try bits(call, 0)) }
        state.register("bnot", in: library) { (call) throws(LuaError) in answer(call, ~(try bits(call, 0))) }
        state.register("bswap", in: library) { (call) throws(LuaError) in answer(call, try bits(call, 0).byteSwapped) }
        state.register("tohex", in: library, hexadecimal)
        state.register("band", in: library) { (call) throws(LuaError) in try combine(call) { $0 & $1 } }
        state.register("bor", in: library) { (call) throws(LuaError) in try combine(call) { $0 | $1 } }
        state.register("bxor", in: library) { (call) throws(LuaError) in try combine(call) { $0 ^ $1 } }
        state.register("lshift", in: library) { (call) throws(LuaError) in try shift(call) { $0 &<< $1 } }
        state.register("rshift", in: library) { (call) throws(LuaError) in try shift(call) { $0 &>> $1 } }
        state.register("arshift", in: library) { (call) throws(LuaError) in
            try shift(call) { UInt32(bitPattern: Int32(bitPattern: $0) &>> Int32(bitPattern: $1)) }
        }
        state.register("rol", in: library) { (call) throws(LuaError) in try shift(call) { $0 &<< $1 | $0 &>> (0 &- $1) }
        }
        state.register("ror", in: library) { (call) throws(LuaError) in try shift(call) { $0 &>> $1 | $0 &<< (0 &- $1) }
        }
        state.set(state.globals, "bit", LuaValue(library))
    }

    /// The number's lowest 32 bits, rounded to the nearest integer first: adding 1.5 * 2^52 leaves no room for more.
    @inline(__always)
    private static func bits(_ call: LuaCall, _ index: Int) throws(LuaError) -> UInt32 {
        UInt32(truncatingIfNeeded: (try call.number(index) + 0x1.8p52).bitPattern)
    }

    @inline(__always)
    private static func answer(_ call: LuaCall, _ bits: UInt32) -> Int {
        call.push(Double(Int32(bitPattern: bits)))
        return 1
    }

    @inline(__always)
    private static func combine(
        _ call: LuaCall, _ operation: (UInt32, UInt32) -> UInt32
    ) throws(LuaError) -> Int {
        var result = try bits(call, 0)
        // From the last one on, which shows when several are no numbers.
        var index = call.count - 1
        while index > 0 {
            result = operation(result, try bits(call, index))
            index -= 1
        }
        return answer(call, result)
    }

    /// Only the lowest five bits of a distance count.
    @inline(__always)
    private static func shift(_ call: LuaCall, _ operation: (UInt32, UInt32) -> UInt32) throws(LuaError) -> Int {
        let value = try bits(call, 0)
        return answer(call, operation(value, try bits(call, 1) & 31))
    }

    /// `tohex(value, digits)`: the last digits, eight at the most, in capitals if their number is below zero.
    private static func hexadecimal(_ call: LuaCall) throws(LuaError) -> Int {
        let value = try bits(call, 0)
        let wanted = call.count > 1 ? Int32(bitPattern: try bits(call, 1)) : 8
        let letter = wanted < 0 ? UInt8(ascii: "A") : UInt8(ascii: "a")
        var text = ByteBuffer(capacity: 16)
        var position = UInt32(min(wanted.magnitude, 8))
        while position > 0 {
            position -= 1
            let digit = UInt8(truncatingIfNeeded: value >> (position * 4) & 15)
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : letter + digit - 10)
        }
        call.push(text.bytes)
        return 1
    }
}
