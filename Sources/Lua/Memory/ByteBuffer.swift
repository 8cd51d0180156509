internal import Glibc

/// Bytes that grow, owned by whoever has them; for building strings without an array's checks.
@frozen @safe public struct ByteBuffer: ~Copyable {
    @usableFromInline var pointer: UnsafeMutablePointer<UInt8>
    @usableFromInline var length = 0
    @usableFromInline var capacity: Int

    public init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        unsafe pointer = .allocate(capacity: max(capacity, 16))
    }

    deinit { unsafe pointer.deallocate() }

    @inlinable @inline(__always)
    public var count: Int { length }

    /// What has been written; valid until more is.
    public var bytes: LuaBytes { unsafe LuaBytes(pointer, length) }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        if length == capacity { grow(1) }
        unsafe pointer[length] = byte
        length &+= 1
    }

    /// Appends the low bytes of an integer, the highest first.
    @inlinable @inline(__always)
    public mutating func append(bigEndian integer: UInt64, count: Int) {
        assert(count >= 0 && count <= 8)
        if capacity &- length < 8 { grow(8) }
        var shift = UInt64(truncatingIfNeeded: count) &* 8
        while shift > 0 {
            shift &-= 8
            unsafe pointer[length] = UInt8(truncatingIfNeeded: integer &>> shift)
            length &+= 1
        }
    }

    public mutating func append(_ bytes: LuaBytes) {
        if capacity - length < bytes.count { grow(bytes.count) }
        unsafe memcpy(pointer + length, bytes.pointer, bytes.count)
        length += bytes.count
    }

    public mutating func append(_ literal: StaticString) { append(LuaBytes(literal)) }

    public mutating func append(repeating byte: UInt8, count: Int) {
        guard count > 0 else { return }
        if capacity - length < count { grow(count) }
        unsafe memset(pointer + length, Int32(byte), count)
        length += count
    }

    mutating func append(number: Double) {
        withNumberText(number) { (text) in append(text) }
    }

    public mutating func removeAll() { length = 0 }
    public mutating func removeLast(_ count: Int) {
        precondition(count >= 0 && count <= length)
        length -= count
    }

    mutating func reverse() {
        let buffer = unsafe UnsafeMutableBufferPointer(start: pointer, count: count)
        for index in 0..<count / 2 { unsafe buffer.swapAt(index, count - 1 - index) }
    }

    /// Changes every byte.
    @inline(__always)
    mutating func map(_ change: (UInt8) -> UInt8) {
        for index in 0..<count { unsafe pointer[index] = change(pointer[index]) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ room: Int) {
        capacity = max(capacity * 2, length + room)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe memcpy(larger, pointer, length)
        unsafe pointer.deallocate()
        unsafe pointer = larger
    }
}

extension ByteBuffer {
    /// Appends text, with the bytes that `exactText` has hidden in it.
    mutating func append(exact text: String) {
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x10FF80 {
                append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
            }
        }
    }
}
