internal import Glibc

/// Reads a reply that the server has written itself: well-formed, and complete.
@safe struct ReplyReader {
    /// What a reply begins with, by the first byte of its line.
    enum Kind: UInt8 {
        case simple = 0x2B, error = 0x2D, integer = 0x3A, bulk = 0x24, array = 0x2A, null = 0x5F, boolean = 0x23
        case double = 0x2C, bigNumber = 0x28, verbatim = 0x3D, map = 0x25, set = 0x7E, push = 0x3E, attribute = 0x7C
    }

    private let base: UnsafeRawPointer
    private let end: Int
    private(set) var position: Int

    /// Reads what was written to `reply` since `mark`.
    @inline(__always)
    init?(_ reply: ReplyWriter, from mark: Int) {
        guard let start = unsafe reply.base else { return nil }
        unsafe base = UnsafeRawPointer(start)
        end = reply.count
        position = mark
    }

    @inline(__always)
    var isAtEnd: Bool { position >= end }

    /// Whether the next reply is an error.
    @inline(__always)
    var isError: Bool { position < end && (unsafe base.load(fromByteOffset: position, as: UInt8.self)) == 0x2D }

    /// The kind of the next reply; its line comes next.
    @inline(__always)
    mutating func kind() -> Kind {
        guard position < end else { return .null }
        defer { position &+= 1 }
        return unsafe Kind(rawValue: base.load(fromByteOffset: position, as: UInt8.self)) ?? .null
    }

    /// The rest of the line.
    @inline(__always)
    mutating func line() -> Bytes {
        let start = position
        guard start < end, let stop = unsafe memchr(base + start, 13, end - start) else { return .empty }
        let length = unsafe UnsafeRawPointer(stop) - (base + start)
        position = start &+ length &+ 2
        return unsafe Bytes(base + start, length)
    }

    /// The number that is the rest of the line.
    @inline(__always)
    mutating func integer() -> Int {
        var index = position
        var value: UInt = 0
        var isNegative = false
        while index < end {
            let byte = unsafe base.load(fromByteOffset: index, as: UInt8.self)
            index &+= 1
            if byte == 13 { break }
            if byte == UInt8(ascii: "-") {
                isNegative = true
            } else {
                value = value &* 10 &+ UInt(byte &- 48)
            }
        }
        position = index &+ 1
        return isNegative ? Int(bitPattern: 0 &- value) : Int(bitPattern: value)
    }

    /// So many bytes, and the line break behind them.
    @inline(__always)
    mutating func bytes(_ count: Int) -> Bytes {
        precondition(count >= 0 && position &+ count <= end)
        defer { position &+= count &+ 2 }
        return unsafe Bytes(base + position, count)
    }
}
