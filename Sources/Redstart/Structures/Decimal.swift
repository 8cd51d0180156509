/// Writes integers in decimal, without allocating.
enum Decimal {
    /// How many bytes `write` needs, sign included.
    @inline(__always)
    static func digits(_ value: Int) -> Int { (value < 0 ? 1 : 0) &+ digits(magnitude: value.magnitude) }

    /// How many digits a number without a sign has.
    @inline(__always)
    static func digits(magnitude value: UInt) -> Int {
        var magnitude = value
        var count = 1
        while magnitude >= 10_000 {
            magnitude /= 10_000
            count &+= 4
        }
        if magnitude >= 1_000 { return count &+ 3 }
        if magnitude >= 100 { return count &+ 2 }
        return magnitude >= 10 ? count &+ 1 : count
    }

    /// Writes the digits, and says how many bytes they took: at most 20.
    @inline(__always)
    static func write(_ value: Int, to target: UnsafeMutableRawPointer) -> Int {
        if value >= 0, value < 10 {
            unsafe target.storeBytes(of: 48 &+ UInt8(truncatingIfNeeded: value), as: UInt8.self)
            return 1
        }
        guard value < 0 else { return unsafe write(magnitude: value.magnitude, to: target) }
        unsafe target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        return unsafe 1 &+ write(magnitude: value.magnitude, to: target + 1)
    }

    /// Writes a number without a sign, and says how many bytes it took: at most 20.
    @inline(__always)
    static func write(magnitude value: UInt, to target: UnsafeMutableRawPointer) -> Int {
        let count = digits(magnitude: value)
        unsafe write(magnitude: value, digits: count, to: target)
        return count
    }

    /// Writes a number that is known to have so many digits.
    @inline(__always)
    static func write(magnitude value: UInt, digits: Int, to target: UnsafeMutableRawPointer) {
        var magnitude = value
        var position = digits
        while magnitude >= 10 {
            let (rest, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
            position &-= 1
            unsafe target.storeBytes(of: 48 &+ UInt8(truncatingIfNeeded: digit), toByteOffset: position, as: UInt8.self)
            magnitude = rest
        }
        unsafe target.storeBytes(
            of: 48 &+ UInt8(truncatingIfNeeded: magnitude), toByteOffset: position &- 1, as: UInt8.self)
    }
}

extension Int {
    /// Reads a whole number as Redis does: digits with at most a minus before them, no leading zero, nothing else.
    init?(strict text: Bytes) {
        guard text.count > 0, text.count <= 20 else { return nil }
        if text.count == 1, text[0] == 48 {
            self = 0
            return
        }
        let isNegative = text[0] == UInt8(ascii: "-")
        var index = isNegative ? 1 : 0
        guard index < text.count, text[index] >= 49, text[index] <= 57 else { return nil }
        var magnitude: UInt = 0
        while index < text.count {
            let digit = text[index] &- 48
            guard digit < 10 else { return nil }
            let (scaled, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(UInt(digit))
            guard !overflow, !carry else { return nil }
            magnitude = sum
            index += 1
        }
        if isNegative {
            guard magnitude <= UInt(Int.max) + 1 else { return nil }
            self = Int(truncatingIfNeeded: 0 &- magnitude)
        } else {
            guard magnitude <= UInt(Int.max) else { return nil }
            self = Int(magnitude)
        }
    }
}
