/// Numbers as text, both ways, without allocation: integers here, floating point in the neighbouring files.
///
/// Every `write` puts its characters at the beginning of memory that must be large enough, and answers how many.
enum NumberText {
    /// The most characters that an integer of 64 bits takes.
    static let integerCapacity = 20

    // MARK: - Reading

    /// The integer that `bytes` are the canonical text of, if it fits: no sign but a minus, no leading zero, no space.
    static func integer(_ bytes: Bytes) -> Int? {
        let count = bytes.count
        guard count > 0, count <= integerCapacity else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard start < count else { return nil }
        if bytes[start] == UInt8(ascii: "0") { return count == 1 ? 0 : nil }
        guard let magnitude = digits(bytes, from: start) else { return nil }
        guard isNegative else { return Int(exactly: magnitude) }
        return magnitude <= UInt64(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil
    }

    /// As `integer`, for the whole range of an unsigned integer.
    static func unsignedInteger(_ bytes: Bytes) -> UInt64? {
        let count = bytes.count
        guard count > 0, count <= integerCapacity else { return nil }
        if bytes[0] == UInt8(ascii: "0") { return count == 1 ? 0 : nil }
        return digits(bytes, from: 0)
    }

    /// The unsigned integer that C's `strtoull` reads, with the leniency that Redis has for the parts of stream IDs:
    /// leading spaces, a plus and leading zeros are fine, and the text ends at a zero byte. The canonical text of a
    /// negative number is refused, yet a minus that is not canonical, as in `-05`, wraps around.
    static func lenientUnsignedInteger(_ bytes: Bytes) -> UInt64? {
        let text = bytes.upToZero
        if let value = integer(text), value < 0 { return nil }
        return wrappingUnsignedInteger(text[text.leadingSpaces..<text.count])
    }

    /// The unsigned integer that C's `strtoul` reads, as Redis reads cursors: a sign and leading zeros are fine, a
    /// minus wraps around, nothing means zero, and the text ends at a zero byte. Leading spaces are refused.
    static func cursor(_ bytes: Bytes) -> UInt64? {
        let text = bytes.upToZero
        return text.isEmpty ? 0 : wrappingUnsignedInteger(text)
    }

    private static func wrappingUnsignedInteger(_ text: Bytes) -> UInt64? {
        guard !text.isEmpty else { return nil }
        let isSigned = text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+")
        guard let magnitude = digits(text, from: isSigned ? 1 : 0) else { return nil }
        return text[0] == UInt8(ascii: "-") ? 0 &- magnitude : magnitude
    }

    /// The value of the bytes from `start` on, if they are digits, at least one, and it fits.
    @inline(__always)
    private static func digits(_ bytes: Bytes, from start: Int) -> UInt64? {
        let count = bytes.count
        guard start < count else { return nil }
        var value: UInt64 = 0
        var index = start
        // Eighteen digits cannot overflow.
        let safe = min(count, start + 18)
        while index < safe {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        while index < count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
            index &+= 1
        }
        return value
    }

    // MARK: - Writing

    /// How many characters the text of `value` has, the minus included.
    @inline(__always)
    static func digitCount(_ value: Int) -> Int {
        value < 0 ? digitCount(value.magnitude) + 1 : digitCount(value.magnitude)
    }

    static func digitCount(_ value: UInt) -> Int {
        var rest = value
        var count = 1
        while true {
            if rest < 10 { return count }
            if rest < 100 { return count &+ 1 }
            if rest < 1_000 { return count &+ 2 }
            if rest < 10_000 { return count &+ 3 }
            rest /= 10_000
            count &+= 4
        }
    }

    /// Writes `value`, in at most `integerCapacity` characters.
    @inline(__always)
    static func write(_ value: Int, to output: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return unsafe write(value.magnitude, to: output) }
        unsafe output[0] = UInt8(ascii: "-")
        return unsafe write(value.magnitude, to: output + 1) + 1
    }

    static func write(_ value: UInt, to output: UnsafeMutablePointer<UInt8>) -> Int {
        let count = digitCount(value)
        unsafe writeDigits(value, count, to: output)
        return count
    }

    /// Writes the last `count` digits of `value`, zeros in front where it has fewer.
    @inline(__always)
    static func writeDigits(_ value: UInt, _ count: Int, to output: UnsafeMutablePointer<UInt8>) {
        let pairs = unsafe digitPairs.utf8Start
        var rest = value
        var end = count
        while end >= 2 {
            let pair = Int(truncatingIfNeeded: rest % 100) &* 2
            rest /= 100
            end &-= 2
            unsafe output[end] = pairs[pair]
            unsafe output[end &+ 1] = pairs[pair &+ 1]
        }
        if end == 1 { unsafe output[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10) }
    }

    /// Lends the text of `value` for the time of `body`.
    static func withText<Result, Failure>(
        of value: Int, _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withRoom(integerCapacity, { unsafe write(value, to: $0) }, body)
    }

    /// Lends what `write` wrote, in no more than `capacity` characters, for the time of `body`.
    @inline(__always)
    static func withRoom<Result, Failure>(
        _ capacity: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int, _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let result: Swift.Result<Result, Failure> = unsafe withUnsafeTemporaryAllocation(
            of: UInt8.self, capacity: capacity
        ) { room in
            guard let output = room.baseAddress else { return attempt(body, .empty) }
            let count = unsafe write(output)
            return unsafe attempt(body, Bytes(UnsafeRawPointer(output), count))
        }
        return try result.get()
    }

    private static func attempt<Result, Failure>(
        _ body: (Bytes) throws(Failure) -> Result, _ bytes: Bytes
    ) -> Swift.Result<Result, Failure> {
        do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
    }

    private static let digitPairs: StaticString = """
        0001020304050607080910111213141516171819\
        2021222324252627282930313233343536373839\
        4041424344454647484950515253545556575859\
        6061626364656667686970717273747576777879\
        8081828384858687888990919293949596979899
        """
}

extension Bytes {
    /// How many bytes at the beginning are spaces as C sees them: the space, and tab to carriage return.
    var leadingSpaces: Int {
        var index = 0
        while index < count, self[index] == 32 || self[index] &- 9 < 5 { index += 1 }
        return index
    }

    /// The number that the word begins with, as `atoi` reads it; nothing is zero.
    var leadingInt32: Int {
        var position = leadingSpaces
        let isNegative = position < count && self[position] == UInt8(ascii: "-")
        if position < count, isNegative || self[position] == UInt8(ascii: "+") { position += 1 }
        let sign = isNegative ? -1 : 1
        var value = 0
        while position < count, self[position] &- 48 < 10 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(sign * Int(self[position] - 48))
            // At the edges of 64 bits it stays, and the lower 32 count.
            if overflow || carry { return isNegative ? 0 : -1 }
            value = sum
            position += 1
        }
        return Int(Int32(truncatingIfNeeded: value))
    }

    /// What is before the first zero byte: all that C sees of it.
    var upToZero: Bytes { self[0..<(firstIndex(of: 0) ?? count)] }
}
