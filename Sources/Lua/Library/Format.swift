/// `string.format`: the directives of C, each checked before the C library sees it.
enum Format {
    static func format(_ call: LuaCall) throws(LuaError) -> Int {
        let format = try call.bytes(0)
        var text = ByteBuffer(capacity: format.count + 32)
        var index = 0
        var argument = 0
        while index < format.count {
            let byte = format[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                text.append(byte)
                continue
            }
            if index < format.count, format[index] == UInt8(ascii: "%") {
                text.append(byte)
                index += 1
                continue
            }
            argument += 1
            guard argument < call.count else { throw call.argumentError(argument, "no value") }
            let directive = try Directive(call, format, &index)
            try append(&text, call, directive, argument)
            if text.count > 4096 { try call.state.checkRoom(text.count) }
        }
        call.push(text.bytes)
        return 1
    }

    /// `%-08.3f`, taken apart.
    struct Directive {
        var flags: LuaBytes
        var width = 0
        var precision: Int?
        var conversion: UInt8 = 0
        /// All but the conversion.
        var text: LuaBytes

        init(_ call: LuaCall, _ format: LuaBytes, _ index: inout Int) throws(LuaError) {
            let start = index
            func byte() -> UInt8 { index < format.count ? format[index] : 0 }
            while [0x2D, 0x2B, 0x20, 0x23, 0x30].contains(byte()) { index += 1 }
            flags = format[start..<index]
            guard index - start < 6 else { throw call.error("invalid format (repeated flags)") }
            var digits = 0
            while digits < 2, byte().isDigit {
                width = width * 10 + Int(byte() - 48)
                index += 1
                digits += 1
            }
            if byte() == UInt8(ascii: ".") {
                index += 1
                digits = 0
                var value = 0
                while digits < 2, byte().isDigit {
                    value = value * 10 + Int(byte() - 48)
                    index += 1
                    digits += 1
                }
                precision = value
            }
            guard !byte().isDigit else { throw call.error("invalid format (width or precision too long)") }
            text = format[start..<index]
            conversion = byte()
            index += 1
        }

        func specification(_ suffix: String) -> String { "%" + text.text + suffix }
        var isLeft: Bool { flags.firstIndex(of: UInt8(ascii: "-")) != nil }
    }

    private static func append(
        _ text: inout ByteBuffer, _ call: LuaCall, _ directive: Directive, _ argument: Int
    ) throws(LuaError) {
        let conversion = LuaBytesText.text(directive.conversion)
        switch directive.conversion {
        case UInt8(ascii: "c"):
            // C casts to an int of 32 bits, which is the least one for all that does not fit.
            let byte = UInt8(truncatingIfNeeded: Int32(exactly: try call.number(argument).rounded(.towardZero)) ?? 0)
            // To C a zero is the end.
            if byte == 0 {
                text.append(repeating: 32, count: directive.isLeft ? 0 : directive.width - 1)
            } else {
                pad(&text, directive, 1) { (text) in text.append(byte) }
            }
        case UInt8(ascii: "d"), UInt8(ascii: "i"):
            let integer = cInteger(try call.number(argument))
            if directive.text.isEmpty {
                withIntegerText(integer) { (digits) in text.append(digits) }
            } else {
                withFormatted(directive.specification("l" + conversion), integer) { (result) in text.append(result) }
            }
        case UInt8(ascii: "o"), UInt8(ascii: "u"), UInt8(ascii: "x"), UInt8(ascii: "X"):
            let integer = cUnsigned(try call.number(argument))
            withFormatted(directive.specification("l" + conversion), integer) { (result) in text.append(result) }
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "g"), UInt8(ascii: "G"):
            let number = try call.number(argument)
            withFormatted(directive.specification(conversion), number) { (result) in text.append(result) }
        case UInt8(ascii: "q"): quote(&text, try call.bytes(argument))
        case UInt8(ascii: "s"): string(&text, directive, try call.bytes(argument))
        default:
            throw call.error("invalid option '%\(directive.conversion == 0 ? "" : conversion)' to 'format'")
        }
    }

    /// What this machine makes of a number that is cast to an integer.
    private static func cInteger(_ number: Double) -> Int {
        number >= -0x1p63 && number < 0x1p63 ? Int(number) : Int.min
    }

    private static func cUnsigned(_ number: Double) -> UInt {
        if !(number >= 0x1p63) { return UInt(bitPattern: cInteger(number)) }
        return number < 0x1p64 ? UInt(number) : 0
    }

    private static func pad(
        _ text: inout ByteBuffer, _ directive: Directive, _ count: Int, _ body: (inout ByteBuffer) -> Void
    ) {
        let padding = directive.width - count
        if !directive.isLeft { text.append(repeating: 32, count: padding) }
        body(&text)
        if directive.isLeft { text.append(repeating: 32, count: padding) }
    }

    private static func string(_ text: inout ByteBuffer, _ directive: Directive, _ bytes: LuaBytes) {
        // Long strings are taken as they are; others go through C, which ends them at a zero.
        if directive.precision == nil, bytes.count >= 100 || directive.text.isEmpty && bytes.firstIndex(of: 0) == nil {
            return text.append(bytes)
        }
        var shown = bytes
        if let end = bytes.firstIndex(of: 0) { shown = shown[0..<end] }
        if let precision = directive.precision { shown = shown[0..<min(precision, shown.count)] }
        pad(&text, directive, shown.count) { (text) in text.append(shown) }
    }

    private static func quote(_ text: inout ByteBuffer, _ bytes: LuaBytes) {
        text.append(UInt8(ascii: "\""))
        for index in 0..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 10:
                text.append(UInt8(ascii: "\\"))
                text.append(bytes[index])
            case 13: text.append("\\r")
            case 0: text.append("\\000")
            default: text.append(bytes[index])
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
