internal import Glibc

/// Gives the text of a number as `tostring` makes it: `%.14g`.
func withNumberText(_ number: Double, _ body: (LuaBytes) -> Void) {
    // What is printed without a fraction and without an exponent needs no help of the C library.
    if number.magnitude < 1e14, let integer = Int(exactly: number), integer != 0 || number.sign == .plus {
        withIntegerText(integer, body)
    } else {
        withFormatted("%.14g", number, body)
    }
}

/// Gives the decimal digits of an integer.
func withIntegerText(_ integer: Int, _ body: (LuaBytes) -> Void) {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { (buffer) in
        var index = 24
        var rest = integer.magnitude
        repeat {
            index -= 1
            unsafe buffer[index] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        } while rest > 0
        if integer < 0 {
            index -= 1
            unsafe buffer[index] = 45
        }
        guard let start = buffer.baseAddress else { return }
        unsafe body(LuaBytes(start + index, 24 - index))
    }
}

/// Gives what the C library makes of a number with a format that takes one argument.
func withFormatted(_ format: String, _ argument: any CVarArg, _ body: (LuaBytes) -> Void) {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { (buffer) in
        guard let start = buffer.baseAddress else { return }
        let count = unsafe withVaList([argument]) { (list) in
            unsafe start.withMemoryRebound(to: CChar.self, capacity: 512) { (text) in
                unsafe Int(vsnprintf(text, 512, format, list))
            }
        }
        unsafe body(LuaBytes(start, min(max(count, 0), 511)))
    }
}

/// The number that a text stands for, as `tonumber` without a base reads it: blanks around it, decimal or hexadecimal.
func number(from text: LuaBytes) -> Double? {
    if let integer = shortInteger(text) { return integer }
    return longNumber(text.upToZero)
}

extension LuaBytes {
    /// What C sees of the bytes.
    var upToZero: LuaBytes { firstIndex(of: 0).map { self[0..<$0] } ?? self }
}

/// Up to 15 decimal digits, and nothing else.
@inline(__always)
private func shortInteger(_ text: LuaBytes) -> Double? {
    guard text.count > 0, text.count < 16 else { return nil }
    var value = 0
    var index = 0
    while index < text.count {
        let digit = text[index] &- 48
        guard digit < 10 else { return nil }
        value = value &* 10 &+ Int(digit)
        index &+= 1
    }
    return Double(value)
}

private func longNumber(_ text: LuaBytes) -> Double? {
    // The C library wants an end; what lies in the machine's strings has one, what the embedder brings may not.
    var copy = ByteBuffer(capacity: text.count + 1)
    copy.append(text)
    copy.append(0)
    let start = unsafe copy.pointer
    return unsafe start.withMemoryRebound(to: CChar.self, capacity: text.count + 1) { (start) -> Double? in
        var end: UnsafeMutablePointer<CChar>?
        var value = unsafe strtod(start, &end)
        guard var rest = unsafe end, unsafe rest != start else { return nil }
        if unsafe rest.pointee == 0x78 || rest.pointee == 0x58 {
            value = unsafe Double(strtoul(start, &end, 16))
            guard let hexadecimal = unsafe end else { return nil }
            unsafe rest = hexadecimal
        }
        while unsafe isspace(Int32(UInt8(bitPattern: rest.pointee))) != 0 { unsafe rest += 1 }
        return unsafe rest - UnsafeMutablePointer(start) == text.count ? LuaValue(value).uncheckedNumber : nil
    }
}
