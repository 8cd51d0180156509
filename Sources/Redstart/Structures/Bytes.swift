internal import Glibc

/// A borrowed run of bytes: a word of a request, a key, a value. It owns nothing.
///
/// Words are slices of the connection's input buffer and values are slices of the keyspace, so a handler works on
/// them in place. In return they are valid only until the command that was handed them returns, or until the key
/// they belong to changes. Whoever needs them longer copies them with `Array(bytes)`.
@safe struct Bytes {
    let base: UnsafeRawPointer
    let count: Int

    @inline(__always)
    init(_ base: UnsafeRawPointer, _ count: Int) {
        unsafe self.base = base
        self.count = count
    }

    /// The bytes of a literal, which live as long as the program.
    init(_ literal: StaticString) {
        unsafe self.init(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    static var empty: Bytes { Bytes("") }

    @inline(__always)
    var isEmpty: Bool { count == 0 }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count)
        return unsafe base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The bytes in `range`, which must lie within.
    @inline(__always)
    subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe Bytes(base + range.lowerBound, range.count)
    }

    @inline(__always)
    static func == (left: Bytes, right: Bytes) -> Bool {
        unsafe left.count == right.count && memcmp(left.base, right.base, left.count) == 0
    }

    static func == (left: Bytes, right: [UInt8]) -> Bool {
        right.withBytes { left == $0 }
    }

    /// Whether this is `token`, letters compared without regard to case.
    @inline(__always)
    func matches(_ token: StaticString) -> Bool {
        guard count == token.utf8CodeUnitCount else { return false }
        return equalsIgnoringCase(Bytes(token))
    }

    func equalsIgnoringCase(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index].lowercased != other[index].lowercased { return false }
        return true
    }

    /// Negative, zero or positive as `memcmp` orders, the shorter first where one is the other's beginning.
    func compare(_ other: Bytes) -> Int {
        let order = unsafe memcmp(base, other.base, min(count, other.count))
        return order != 0 ? Int(order) : count - other.count
    }

    /// The position of the first `byte`, from `start` on.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let found = unsafe memchr(base + start, Int32(byte), count - start) else { return nil }
        return unsafe UnsafeRawPointer(found) - base
    }

    func hasPrefix(_ prefix: Bytes) -> Bool {
        count >= prefix.count && self[0..<prefix.count] == prefix
    }
}

extension UInt8 {
    @inline(__always)
    var lowercased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }

    @inline(__always)
    var uppercased: UInt8 { self &- 97 < 26 ? self & 0xDF : self }
}

extension Array where Element == UInt8 {
    /// A copy that outlives the bytes it came from.
    init(_ bytes: Bytes) {
        self = unsafe Array(UnsafeRawBufferPointer(start: bytes.base, count: bytes.count))
    }

    mutating func append(_ bytes: Bytes) {
        unsafe append(contentsOf: UnsafeRawBufferPointer(start: bytes.base, count: bytes.count))
    }

    /// Lends the array's bytes for the time of `body`.
    @inline(__always)
    func withBytes<Result, Failure>(_ body: (Bytes) throws(Failure) -> Result) throws(Failure) -> Result {
        guard !isEmpty else { return try body(.empty) }
        let result: Swift.Result<Result, Failure> = unsafe withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return Self.run(body, .empty) }
            return unsafe Self.run(body, Bytes(base, buffer.count))
        }
        return try result.get()
    }

    private static func run<Result, Failure>(
        _ body: (Bytes) throws(Failure) -> Result, _ bytes: Bytes
    ) -> Swift.Result<Result, Failure> {
        do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
    }
}

extension String {
    /// The bytes as text; what is not UTF-8 is replaced.
    init(_ bytes: Bytes) {
        self = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes.base, count: bytes.count), as: UTF8.self)
    }
}
