internal import Glibc

/// The digits of C's `%.15g`, or of fewer, from the shortest digits that read back: for all but one number in ten that
/// is enough to know them, and ten times faster.
struct GeneralDecimal {
    /// The digits, first digit highest, without zeros at the end.
    private(set) var digits: UInt64
    private(set) var digitCount: Int
    /// What the first digit's place is worth: ten to this.
    private(set) var exponent: Int
    let significantDigits: Int

    /// Nil where the shortest digits do not tell how to round.
    init?(_ value: Double, significantDigits: Int) {
        guard significantDigits <= 15, value.isNormal else { return nil }
        let shortest = ShortestDecimal(value)
        digits = shortest.digits
        digitCount = shortest.digitCount
        exponent = shortest.exponent + digitCount - 1
        self.significantDigits = significantDigits
        guard digitCount <= 17 else { return nil }
        if digitCount > significantDigits, !round() { return nil }
        while digitCount > 1, digits % 10 == 0 {
            digits /= 10
            digitCount -= 1
        }
    }

    /// The shortest digits are off by less than half the distance to the next `Double`: by less than twelve in the
    /// seventeenth place. Only what is further from the middle than that can be rounded.
    private mutating func round() -> Bool {
        let full = digits * GeneralDecimal.powers[17 - digitCount]
        let unit = GeneralDecimal.powers[17 - significantDigits]
        let rest = full % unit
        let distance = rest > unit / 2 ? rest - unit / 2 : unit / 2 - rest
        guard distance > 12 else { return false }
        digits = full / unit + (rest > unit / 2 ? 1 : 0)
        digitCount = significantDigits
        if digits == GeneralDecimal.powers[significantDigits] {
            digits /= 10
            exponent += 1
        }
        return true
    }

    private static let powers: [UInt64] = (0...17).map { (0..<$0).reduce(1) { (power, _) in power * 10 } }
}

extension NumberText {
    /// Writes a number as C's `%g` lays it out.
    static func write(_ decimal: GeneralDecimal, to output: UnsafeMutablePointer<UInt8>) -> Int {
        let (count, exponent) = (decimal.digitCount, decimal.exponent)
        let digits = UInt(decimal.digits)
        if exponent < -4 || exponent >= decimal.significantDigits {
            unsafe writeDigits(digits, count, to: output + 1)
            unsafe output[0] = output[1]
            unsafe output[1] = UInt8(ascii: ".")
            var end = count == 1 ? 1 : count + 1
            unsafe output[end] = UInt8(ascii: "e")
            unsafe output[end + 1] = exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
            end += 2
            if exponent.magnitude < 10 {
                unsafe output[end] = UInt8(ascii: "0")
                end += 1
            }
            return unsafe end + write(exponent.magnitude, to: output + end)
        }
        if exponent < 0 {
            unsafe output.update(repeating: UInt8(ascii: "0"), count: 1 - exponent)
            unsafe output[1] = UInt8(ascii: ".")
            unsafe writeDigits(digits, count, to: output + 1 - exponent)
            return 1 - exponent + count
        }
        let whole = exponent + 1
        if count <= whole {
            unsafe writeDigits(digits, count, to: output)
            unsafe (output + count).update(repeating: UInt8(ascii: "0"), count: whole - count)
            return whole
        }
        unsafe writeDigits(digits, count, to: output + 1)
        unsafe output.update(from: output + 1, count: whole)
        unsafe output[whole] = UInt8(ascii: ".")
        return count + 1
    }

    // MARK: - Reading

    /// The number that `bytes` begin with, as C's `strtod` reads it, and how many bytes it takes.
    static func leadingDouble(_ bytes: Bytes) -> (value: Double, count: Int)? {
        var scan = DecimalScan(bytes)
        if let value = scan.value() { return (value, scan.index) }
        return longDouble(leading: bytes)
    }

    private static func longDouble(leading bytes: Bytes) -> (value: Double, count: Int)? {
        var length = 0
        while length < bytes.count, isNumberPart(bytes[length]) { length += 1 }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { room in
            guard let text = room.baseAddress else { return nil }
            unsafe memcpy(text, bytes.base, length)
            unsafe text[length] = 0
            var end: UnsafeMutablePointer<CChar>?
            let value = unsafe strtod(text, &end)
            guard let end = unsafe end, unsafe end != text else { return nil }
            return unsafe (value, end - text)
        }
    }

    /// What numbers of any kind consist of: digits, letters, signs, points, and the parentheses of `nan(1)`.
    private static func isNumberPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x28, 0x29, 0x2B, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}

/// Reads a decimal number that is so short that one multiplication or division gives the nearest `Double`.
private struct DecimalScan {
    private let bytes: Bytes
    private(set) var index = 0
    private var significand: UInt64 = 0
    private var digitCount = 0
    private var exponent = 0

    init(_ bytes: Bytes) { self.bytes = bytes }

    private var byte: UInt8 {
        @inline(__always) get { index < bytes.count ? bytes[index] : 0 }
    }

    /// Nil where the C library must help.
    mutating func value() -> Double? {
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative { index += 1 }
        readDigits()
        guard digitCount > 0, byte | 0x20 != UInt8(ascii: "x") else { return nil }
        if byte == UInt8(ascii: ".") {
            index += 1
            let whole = digitCount
            readDigits()
            exponent = whole - digitCount
        }
        if byte | 0x20 == UInt8(ascii: "e"), !readExponent() { return nil }
        guard digitCount <= 19, significand <= 1 << 53, abs(exponent) <= 22 else { return nil }
        let power = DecimalScan.powers[abs(exponent)]
        let value = exponent < 0 ? Double(significand) / power : Double(significand) * power
        return isNegative ? -value : value
    }

    @inline(__always)
    private mutating func readDigits() {
        while byte &- 48 < 10 {
            significand = significand &* 10 &+ UInt64(byte &- 48)
            digitCount &+= 1
            index &+= 1
        }
    }

    /// False if no number follows, or a large one.
    private mutating func readExponent() -> Bool {
        index += 1
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative || byte == UInt8(ascii: "+") { index += 1 }
        let start = index
        var value = 0
        while byte &- 48 < 10, index - start < 4 {
            value = value * 10 + Int(byte &- 48)
            index += 1
        }
        exponent += isNegative ? -value : value
        return index > start && byte &- 48 >= 10
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
