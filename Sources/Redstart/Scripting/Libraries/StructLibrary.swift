internal import Lua

/// `struct`: values to and from the bytes of C structures, as Roberto Ierusalimschy's library documents it.
enum StructLibrary {
    static func open(_ state: LuaState) {
        let library = state.table(hash: 3)
        state.register("pack", in: library, pack)
        state.register("unpack", in: library, unpack)
        state.register("size", in: library, size)
        state.set(state.globals, "struct", LuaValue(library))
    }

    // MARK: - Functions

    private static func pack(_ call: LuaCall) throws(LuaError) -> Int {
        var format = Format(call, try call.bytes(0))
        var data = ByteBuffer()
        var argument = 1
        while let option = format.next() {
            let size = try format.size(of: option)
            let padding = format.padding(before: option, size, at: data.count)
            data.append(repeating: 0, count: padding)
            switch option {
            case "b", "B", "h", "H", "l", "L", "T", "i", "I":
                append(&data, try number(call, argument).packed, size, format.isBigEndian)
                argument += 1
            case "x": data.append(0)
            case "f":
                append(&data, UInt64(Float(try number(call, argument)).bitPattern), size, format.isBigEndian)
                argument += 1
            case "d":
                append(&data, try number(call, argument).bitPattern, size, format.isBigEndian)
                argument += 1
            case "c", "s":
                try appendString(&data, call, argument, option == "c" ? size : 0)
                if option == "s" { data.append(0) }
                argument += 1
            default: try format.setting(option)
            }
        }
        call.push(data.bytes)
        return 1
    }

    private static func unpack(_ call: LuaCall) throws(LuaError) -> Int {
        var format = Format(call, try call.bytes(0))
        let data = try call.bytes(1)
        let start = call[2].isNil ? 1 : try call.integer(2)
        guard start != 0 else { throw call.argumentError(2, "offset must be 1 or greater") }
        // Beyond the end is every place that the data does not have, also those before its beginning.
        var place = UInt(bitPattern: start) - 1
        var count = 0
        while let option = format.next() {
            var size = try format.size(of: option)
            if place <= UInt(data.count) {
                place += UInt(format.padding(before: option, size, at: Int(place)))
            }
            let position = try check(call, data, place, UInt(size))
            guard call.count + count + 2 <= LibraryLimits.stack else {
                throw call.stackOverflow("too many results")
            }
            if count % 16 == 15 { try call.makeRoom(17) }
            switch option {
            case "b", "B", "h", "H", "l", "L", "T", "i", "I":
                let bits = integer(data[position..<position + size], format.isBigEndian)
                call.push(number(bits, size, isSigned: option.isLowercase))
                count += 1
            case "x": break
            case "f":
                let bits = integer(data[position..<position + size], format.isBigEndian)
                call.push(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
                count += 1
            case "d":
                let bits = integer(data[position..<position + size], format.isBigEndian)
                call.push(Double(bitPattern: bits))
                count += 1
            case "c":
                if size == 0 {
                    let wanted = try previousSize(call, &count)
                    _ = try check(call, data, place, wanted)
                    size = Int(wanted)
                }
                call.push(data[position..<position + size])
                count += 1
            case "s":
                guard let end = data.firstIndex(of: 0, from: position) else {
                    throw call.error("unfinished string in data")
                }
                call.push(data[position..<end])
                count += 1
                size = end - position + 1
            default: try format.setting(option)
            }
            place += UInt(size)
        }
        call.push(Double(Int(bitPattern: place &+ 1)))
        return count + 1
    }

    private static func size(_ call: LuaCall) throws(LuaError) -> Int {
        var format = Format(call, try call.bytes(0))
        var total = 0
        while let option = format.next() {
            let size = try format.size(of: option)
            total += format.padding(before: option, size, at: total)
            if option == "s" { throw call.argumentError(0, "option 's' has no fixed size") }
            if option == "c", size == 0 { throw call.argumentError(0, "option 'c0' has no fixed size") }
            if !option.isAlphanumeric { try format.setting(option) }
            total += size
        }
        call.push(Double(total))
        return 1
    }

    // MARK: - Values into bytes

    /// The number of an argument; what is missing counts as nil.
    private static func number(_ call: LuaCall, _ index: Int) throws(LuaError) -> Double {
        guard index < call.count else { throw call.argumentError(index, "number expected, got nil") }
        return try call.number(index)
    }

    private static func append(_ data: inout ByteBuffer, _ bits: UInt64, _ size: Int, _ isBigEndian: Bool) {
        // Only eight bytes have a meaning; larger integers are not extended by their sign.
        if isBigEndian {
            data.append(repeating: 0, count: size - 8)
            data.append(bigEndian: bits, count: min(size, 8))
        } else {
            data.append(bigEndian: bits.byteSwapped >> (64 - UInt64(min(size, 8)) * 8), count: min(size, 8))
            data.append(repeating: 0, count: size - 8)
        }
    }

    private static func appendString(
        _ data: inout ByteBuffer, _ call: LuaCall, _ index: Int, _ size: Int
    ) throws(LuaError) {
        guard index < call.count else { throw call.argumentError(index, "string expected, got nil") }
        let bytes = try call.bytes(index)
        let count = size == 0 ? bytes.count : size
        guard bytes.count >= count else { throw call.argumentError(index + 1, "string too short") }
        if data.count + count > 1 << 20 { try call.state.checkLength(data.count + count) }
        data.append(bytes[0..<count])
    }

    // MARK: - Bytes into values

    /// Where in the data something begins, if all of it is there.
    private static func check(
        _ call: LuaCall, _ data: LuaBytes, _ place: UInt, _ size: UInt
    ) throws(LuaError) -> Int {
        let count = UInt(data.count)
        guard size <= count, place <= count - size else {
            throw call.argumentError(1, "data string too short")
        }
        return Int(place)
    }

    /// The first eight bytes of an integer, by their worth.
    private static func integer(_ bytes: LuaBytes, _ isBigEndian: Bool) -> UInt64 {
        var bits: UInt64 = 0
        for index in 0..<bytes.count {
            let byte = isBigEndian ? bytes[index] : bytes[bytes.count - 1 - index]
            bits = bits << 8 | UInt64(byte)
        }
        return bits
    }

    private static func number(_ bits: UInt64, _ size: Int, isSigned: Bool) -> LuaValue {
        guard isSigned else { return LuaValue(Double(bits)) }
        // What is set from the highest bit on is the sign. For more than eight bytes its place is counted round.
        let sign = ~UInt64(0) << (UInt64(bitPattern: Int64(size * 8 - 1)) & 63)
        return LuaValue(Double(Int64(bitPattern: bits & sign == 0 ? bits : bits | sign)))
    }

    /// `c0` takes its size from the result before it, and removes that.
    private static func previousSize(_ call: LuaCall, _ count: inout Int) throws(LuaError) -> UInt {
        guard count > 0, let size = call.state.number(call.pop()) else {
            throw call.error("format 'c0' needs a previous size")
        }
        count -= 1
        return UInt(size.cUnsigned)
    }
}

/// A format, read option by option, with the settings it has made so far.
private struct Format {
    private let call: LuaCall
    private let text: LuaBytes
    private var index = 0
    private(set) var isBigEndian = false
    private var alignment = 1

    init(_ call: LuaCall, _ text: LuaBytes) {
        self.call = call
        self.text = text
    }

    private static let largestInteger = 32

    mutating func next() -> Option? {
        guard index < text.count, text[index] != 0 else { return nil }
        index += 1
        return Option(byte: text[index - 1])
    }

    /// The number at this place, if there is one.
    private mutating func number() throws(LuaError) -> Int? {
        var value: Int?
        while index < text.count, text[index] &- 48 < 10 {
            let next = (value ?? 0) * 10 + Int(text[index] &- 48)
            guard next <= Int(Int32.max) else { throw call.error("integral size overflow") }
            value = next
            index += 1
        }
        return value
    }

    /// How many bytes an option takes, its number included; none for those that say something else.
    mutating func size(of option: Option) throws(LuaError) -> Int {
        switch option {
        case "b", "B", "x": return 1
        case "h", "H": return 2
        case "l", "L", "T", "d": return 8
        case "f": return 4
        case "c": return try number() ?? 1
        case "i", "I":
            let size = try number() ?? 4
            guard size <= Format.largestInteger else {
                throw call.error("integral size \(size) is larger than limit of \(Format.largestInteger)")
            }
            return size
        default: return 0
        }
    }

    /// How many bytes must go before an option for its alignment.
    func padding(before option: Option, _ size: Int, at place: Int) -> Int {
        let step = min(size, alignment)
        guard step > 1, option != "c" else { return 0 }
        return (step - (place & (step - 1))) & (step - 1)
    }

    /// What says something about the options behind it.
    mutating func setting(_ option: Option) throws(LuaError) {
        switch option {
        case " ": break
        case ">": isBigEndian = true
        case "<": isBigEndian = false
        case "!":
            alignment = try number() ?? 8
            guard alignment > 0, alignment & (alignment - 1) == 0 else {
                throw call.error("alignment \(alignment) is not a power of 2")
            }
        default: throw call.argumentError(0, "invalid format option '", text[index - 1..<index], "'")
        }
    }
}

/// One character of a format.
private struct Option: Equatable, ExpressibleByUnicodeScalarLiteral {
    let byte: UInt8

    init(byte: UInt8) { self.byte = byte }
    init(unicodeScalarLiteral scalar: Unicode.Scalar) { byte = UInt8(ascii: scalar) }

    static func ~= (pattern: Option, value: Option) -> Bool { pattern.byte == value.byte }
    var isLowercase: Bool { byte &- 97 < 26 }
    var isAlphanumeric: Bool { byte &- 48 < 10 || byte.lowercased &- 97 < 26 }
}

extension Double {
    /// The 64 bits of an integer: below zero as C's `long`, else as `unsigned long`.
    fileprivate var packed: UInt64 { self < 0 ? UInt64(bitPattern: Int64(cInteger)) : cUnsigned }
}
