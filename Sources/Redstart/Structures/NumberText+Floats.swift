internal import Glibc

#if arch(x86_64) || arch(i386)
/// What `INCRBYFLOAT` calculates with: C's `long double`, of 64 bits of precision on this processor.
typealias LongDouble = Float80
#else
/// What `INCRBYFLOAT` calculates with: Swift has no name for C's `long double` here.
typealias LongDouble = Double
#endif

/// Floating point.
///
/// Read is what C's `strtod` and `strtold` read: decimals, exponents, hexadecimals, `inf` and `infinity` in any case.
///
/// Written are three forms. The usual form is that of scores, in RESP2 and RESP3 alike, since Redis 7.2: integers up to
/// 2 to the 62 in full, all else with the fewest digits that read back, plain where few zeros have to be filled in
/// (`0.00001`, `1.5`, `12345678901230000000`), otherwise with an exponent (`1e-7`, `1.2345678901234567e+4`).
///
/// The fixed form is that of INCRBYFLOAT and of coordinates: up to seventeen decimals, rounded to even, no zeros at the
/// end, never an exponent. The general form is C's `%.17g`, which scores had before Redis 7.2.
extension NumberText {
    /// The most characters that the usual and the general form take.
    static let doubleCapacity = 32
    /// The most characters that the fixed form takes: 4932 digits, seventeen decimals, point and sign.
    static let fixedCapacity = 5_120
    /// The longest text that is read as a `LongDouble`.
    static let longDoubleTextLimit = 5_119

    // MARK: - Reading

    /// The number that all of `bytes` say. A space in front, no number, and one too large or too small are refused.
    static func double(_ bytes: Bytes) -> Double? {
        if let (magnitude, decimals, isNegative) = simpleDecimal(bytes), magnitude <= 1 << 53 {
            let value = Double(magnitude) / powersOfTen[decimals]
            return isNegative ? -value : value
        }
        guard bytes.leadingSpaces == 0 else { return nil }
        return unsafe withTerminated(bytes) { text, count in
            var end: UnsafeMutablePointer<CChar>?
            errno = 0
            let value = unsafe strtod(text, &end)
            let outOfRange = errno == ERANGE
            guard unsafe UnsafePointer(end) == text + count, count > 0, !value.isNaN else { return nil }
            return outOfRange && (value.isInfinite || value.isZero) ? nil : value
        }
    }

    /// The number that `bytes` say as one end of a range. This is more lenient than `double`: spaces in front are
    /// skipped, nothing means zero, the text ends at a zero byte, and what is too large is infinite.
    static func doubleBound(_ bytes: Bytes) -> Double? {
        return unsafe withTerminated(bytes.upToZero) { text, count in
            var end: UnsafeMutablePointer<CChar>?
            let value = unsafe strtod(text, &end)
            return unsafe UnsafePointer(end) == text + count && !value.isNaN ? value : nil
        }
    }

    /// As `double`, for what is calculated with more precision. Texts beyond `longDoubleTextLimit` are refused.
    static func longDouble(_ bytes: Bytes) -> LongDouble? {
        if let (magnitude, decimals, isNegative) = simpleDecimal(bytes),
            magnitude.bitWidth - magnitude.leadingZeroBitCount <= LongDouble.significandBitCount + 1
        {
            let value = LongDouble(magnitude) / LongDouble(powersOfTen[decimals])
            return isNegative ? -value : value
        }
        guard bytes.count <= longDoubleTextLimit, bytes.leadingSpaces == 0 else { return nil }
        return unsafe withTerminated(bytes) { text, count in
            var end: UnsafeMutablePointer<CChar>?
            errno = 0
            #if arch(x86_64) || arch(i386)
            let value = unsafe strtold(text, &end)
            #else
            let value = unsafe strtod(text, &end)
            #endif
            let outOfRange = errno == ERANGE
            guard unsafe UnsafePointer(end) == text + count, count > 0, !value.isNaN else { return nil }
            return outOfRange && (value.isInfinite || value.isZero) ? nil : value
        }
    }

    /// The digits of a plain decimal number that has few of them, so that one division gives the nearest number. This
    /// is the common case, and needs no copy.
    @inline(__always)
    private static func simpleDecimal(_ bytes: Bytes) -> (magnitude: UInt64, decimals: Int, isNegative: Bool)? {
        let count = bytes.count
        guard count > 0, count <= 20 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var index = isNegative || bytes[0] == UInt8(ascii: "+") ? 1 : 0
        var magnitude: UInt64 = 0
        var digits = 0
        var point: Int?
        while index < count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "."), point == nil {
                point = digits
                continue
            }
            guard byte &- UInt8(ascii: "0") < 10, digits < 19 else { return nil }
            magnitude = magnitude &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
            digits += 1
        }
        guard digits > 0 else { return nil }
        return (magnitude, digits - (point ?? digits), isNegative)
    }

    /// Powers of ten that a `Double` holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    ]

    /// Lends a copy of `bytes` with a zero behind, which C needs.
    private static func withTerminated<Result>(
        _ bytes: Bytes, _ body: (UnsafePointer<CChar>, Int) -> Result?
    ) -> Result? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { room in
            guard let text = room.baseAddress else { return nil }
            unsafe memcpy(text, bytes.base, bytes.count)
            unsafe text[bytes.count] = 0
            return unsafe body(text, bytes.count)
        }
    }

    // MARK: - Writing the usual form

    /// Writes `value` in the usual form, in at most `doubleCapacity` characters.
    static func write(_ value: Double, to output: UnsafeMutablePointer<UInt8>) -> Int {
        // Up to two to the 62 every integer of a `Double` is an `Int`.
        if value.magnitude <= 0x1p62, value != 0 || value.sign == .plus {
            let integer = Int(value)
            if Double(integer) == value { return unsafe write(integer, to: output) }
        }
        guard value.isFinite else { return unsafe write(value.specialText, to: output) }
        var count = 0
        if value.sign == .minus {
            unsafe output[0] = UInt8(ascii: "-")
            count = 1
        }
        guard value != 0 else {
            unsafe output[count] = UInt8(ascii: "0")
            return count + 1
        }
        let decimal = ShortestDecimal(value.magnitude)
        return unsafe count + write(decimal, isNegative: count == 1, to: output + count)
    }

    private static func write(_ text: StaticString, to output: UnsafeMutablePointer<UInt8>) -> Int {
        unsafe output.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }

    private static func write(
        _ decimal: ShortestDecimal, isNegative: Bool, to output: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let digits = decimal.digitCount
        let exponent = decimal.exponent
        let scientific = exponent + digits - 1
        if exponent >= 0, abs(scientific) < digits + 7 {
            unsafe writeDigits(UInt(decimal.digits), digits, to: output)
            unsafe (output + digits).update(repeating: UInt8(ascii: "0"), count: exponent)
            return digits + exponent
        }
        if exponent < 0, exponent > -7 || abs(scientific) < 4 {
            return unsafe writePlain(decimal, to: output)
        }
        return unsafe writeScientific(decimal, scientific, to: output)
    }

    /// Writes a number with decimals and without exponent.
    private static func writePlain(_ decimal: ShortestDecimal, to output: UnsafeMutablePointer<UInt8>) -> Int {
        let digits = decimal.digitCount
        let whole = digits + decimal.exponent
        if whole <= 0 {
            unsafe output.update(repeating: UInt8(ascii: "0"), count: 2 - whole)
            unsafe output[1] = UInt8(ascii: ".")
            unsafe writeDigits(UInt(decimal.digits), digits, to: output + 2 - whole)
            return 2 - whole + digits
        }
        unsafe writeDigits(UInt(decimal.digits), digits, to: output + 1)
        unsafe output.update(from: output + 1, count: whole)
        unsafe output[whole] = UInt8(ascii: ".")
        return digits + 1
    }

    private static func writeScientific(
        _ decimal: ShortestDecimal, _ exponent: Int, to output: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var count = decimal.digitCount
        unsafe writeDigits(UInt(decimal.digits), count, to: output + 1)
        unsafe output[0] = output[1]
        if count > 1 {
            unsafe output[1] = UInt8(ascii: ".")
            count += 1
        }
        unsafe output[count] = UInt8(ascii: "e")
        unsafe output[count + 1] = exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
        return unsafe count + 2 + write(exponent.magnitude, to: output + count + 2)
    }

    /// Lends the usual form of `value` for the time of `body`.
    static func withText<Result, Failure>(
        of value: Double, _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withRoom(doubleCapacity, { unsafe write(value, to: $0) }, body)
    }

    // MARK: - Writing the other forms

    /// Writes `value` as C's `%.17g` does, or with fewer digits, in at most `doubleCapacity` characters.
    static func writeGeneral(
        _ value: Double, significantDigits: Int32 = 17, to output: UnsafeMutablePointer<UInt8>
    ) -> Int {
        guard value.isFinite else { return unsafe write(value.specialText, to: output) }
        if let decimal = GeneralDecimal(value.magnitude, significantDigits: Int(significantDigits)) {
            guard value.sign == .minus else { return unsafe write(decimal, to: output) }
            unsafe output[0] = UInt8(ascii: "-")
            return unsafe 1 + write(decimal, to: output + 1)
        }
        return unsafe format("%.*g", [min(significantDigits, 17), value], doubleCapacity, to: output)
    }

    /// Lends the general form of `value` for the time of `body`.
    static func withGeneralText<Result, Failure>(
        of value: Double, significantDigits: Int32 = 17, _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withRoom(
            doubleCapacity, { unsafe writeGeneral(value, significantDigits: significantDigits, to: $0) }, body)
    }

    /// Writes `value` in the fixed form, in at most `fixedCapacity` characters.
    ///
    /// `decimals` must be at most seventeen; with `keepsZeros` all of them are written.
    static func writeFixed(
        _ value: LongDouble, decimals: Int = 17, keepsZeros: Bool = false, to output: UnsafeMutablePointer<UInt8>
    ) -> Int {
        guard value.isFinite else { return unsafe write(value.specialText, to: output) }
        var count = 0
        if value.sign == .minus {
            unsafe output[0] = UInt8(ascii: "-")
            count = 1
        }
        let (whole, fraction) = split(value.magnitude, decimals)
        if let whole {
            count += unsafe write(UInt(whole), to: output + count)
        } else {
            #if arch(x86_64) || arch(i386)
            count += unsafe format("%.0Lf", [value.magnitude], fixedCapacity - count, to: output + count)
            #else
            count += unsafe format("%.0f", [value.magnitude], fixedCapacity - count, to: output + count)
            #endif
        }
        if decimals > 0, keepsZeros || fraction > 0 {
            unsafe output[count] = UInt8(ascii: ".")
            unsafe writeDigits(UInt(fraction), decimals, to: output + count + 1)
            count += 1 + decimals
            while !keepsZeros, unsafe output[count - 1] == UInt8(ascii: "0") { count -= 1 }
        }
        // What rounds to zero has no sign, unless all decimals are asked for, as C prints them.
        if !keepsZeros, count == 2, unsafe output[0] == UInt8(ascii: "-") && output[1] == UInt8(ascii: "0") {
            unsafe output[0] = UInt8(ascii: "0")
            return 1
        }
        return count
    }

    /// Lends the fixed form of `value` for the time of `body`.
    static func withFixedText<Result, Failure>(
        of value: LongDouble, decimals: Int = 17, keepsZeros: Bool = false,
        _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withRoom(
            value.magnitude < 0x1p64 ? 48 : fixedCapacity,
            { unsafe writeFixed(value, decimals: decimals, keepsZeros: keepsZeros, to: $0) }, body)
    }

    /// The whole part, nil where it takes more than 64 bits, and the decimals as an integer, rounded to even.
    private static func split(_ value: LongDouble, _ decimals: Int) -> (whole: UInt64?, fraction: UInt64) {
        guard value < 0x1p64 else { return (nil, 0) }
        guard value >= 0x1p-64 else { return (0, 0) }
        let whole = UInt64(value)
        // The rest is below one, and exact: `bits` over two to the `scale`.
        let rest = value - LongDouble(whole)
        guard rest > 0 else { return (whole, 0) }
        let scale = LongDouble.significandBitCount - Int(rest.exponent)
        let bits = UInt64(LongDouble(sign: .plus, exponent: scale, significand: rest))
        var unit: UInt64 = 1
        for _ in 0..<decimals { unit *= 10 }
        let product = UInt128(bits) * UInt128(unit)
        guard scale < 128 else { return (whole, 0) }
        var fraction = UInt64(truncatingIfNeeded: product >> UInt128(scale))
        let remainder = product & (1 << UInt128(scale) - 1)
        let half: UInt128 = 1 << UInt128(scale - 1)
        let isOdd = (decimals == 0 ? whole : fraction) & 1 == 1
        if remainder > half || (remainder == half && isOdd) { fraction += 1 }
        return fraction == unit ? (whole + 1, 0) : (whole, fraction)
    }

    private static func format(
        _ format: StaticString, _ arguments: [any CVarArg], _ capacity: Int, to output: UnsafeMutablePointer<UInt8>
    ) -> Int {
        unsafe withVaList(arguments) { list in
            unsafe output.withMemoryRebound(to: CChar.self, capacity: capacity) { text in
                unsafe format.utf8Start.withMemoryRebound(to: CChar.self, capacity: format.utf8CodeUnitCount + 1) {
                    unsafe Int(vsnprintf(text, capacity, $0, list))
                }
            }
        }
    }
}

extension BinaryFloatingPoint {
    /// How infinities, and what is not a number, are written.
    fileprivate var specialText: StaticString {
        if isNaN { return "nan" }
        return sign == .minus ? "-inf" : "inf"
    }
}
