internal import Lua

// Borrowed bytes of the server and of the Lua machine are the same thing with two names.

extension Bytes {
    init(_ bytes: LuaBytes) { unsafe self.init(UnsafeRawPointer(bytes.pointer), bytes.count) }
}

extension LuaBytes {
    init(_ bytes: Bytes) { unsafe self.init(bytes.base.assumingMemoryBound(to: UInt8.self), bytes.count) }
}
