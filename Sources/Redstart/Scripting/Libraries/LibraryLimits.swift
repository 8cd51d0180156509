internal import Lua

/// What the libraries share.
enum LibraryLimits {
    /// How many values a C function may have on Lua's stack. The libraries that Redis ships leave their intermediate
    /// results there, so this is how deep and how wide their data may be; ours have no such stack, but refuse the same.
    static let stack = 8_000
}

extension LuaCall {
    /// A number as C's `int`: without its fraction, its last 32 bits.
    func int32(_ index: Int) throws(LuaError) -> Int { Int(Int32(truncatingIfNeeded: try integer(index))) }

    /// The error of a library that has no room left for its results.
    func stackOverflow(_ place: String) -> LuaError { error("stack overflow (\(place))") }

    /// The error for an argument, with bytes of the script's in its text.
    func argumentError(_ index: Int, _ start: String, _ bytes: LuaBytes, _ end: String) -> LuaError {
        argumentError(index, start + bytes.exactText + end)
    }
}

extension Double {
    /// What this number is as C's `unsigned long` on this machine, also where C leaves it open.
    var cUnsigned: UInt64 {
        if self >= 0x1p63 { return self < 0x1p64 ? UInt64(self) : 0 }
        return UInt64(bitPattern: Int64(cInteger))
    }

    /// What this number is as C's `long` on this machine.
    var cInteger: Int { magnitude < 0x1p63 ? Int(self) : Int.min }
}
