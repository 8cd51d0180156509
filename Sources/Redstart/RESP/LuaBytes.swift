internal import Lua

// Borrowed bytes have two names, one on each side of the border between the server and the language: they are the
// same bytes, and live equally long.

extension Bytes {
    @inline(__always)
    init(_ bytes: LuaBytes) { unsafe self.init(UnsafeRawPointer(bytes.pointer), bytes.count) }
}

extension LuaBytes {
    @inline(__always)
    init(_ bytes: Bytes) { unsafe self.init(bytes.base.assumingMemoryBound(to: UInt8.self), bytes.count) }
}
