internal import Lua

/// Reads JSON. Nesting does not nest calls, so that data cannot exhaust the machine's stack.
struct JSONDecoder {
    private let call: LuaCall
    private let state: LuaState
    private let text: LuaBytes
    private let settings: JSONSettings
    private var index = 0
    /// The elements of arrays that are not complete.
    private var elements: [LuaValue] = []
    private var open: [Collection] = []
    /// How much of Lua's stack the library of Redis would use by now.
    private var used = 1

    /// An array or an object that is being read.
    private struct Collection {
        /// Nil for an array.
        let table: LuaTable?
        /// Where among the elements those of the array begin.
        let start: Int
        /// The key whose value is being read.
        var key = LuaValue.nil
    }

    init(_ call: LuaCall, _ text: LuaBytes, _ settings: JSONSettings) {
        self.call = call
        state = call.state
        self.text = text
        self.settings = settings
    }

    mutating func decode() throws(LuaError) -> LuaValue {
        while true {
            guard var value = try value() else { continue }
            // What this value completes.
            while true {
                guard let last = open.last else {
                    skipSpace()
                    guard byte == 0 else { throw unexpected("the end") }
                    return value
                }
                if let table = last.table {
                    state.set(table, last.key, value)
                    skipSpace()
                    if byte == UInt8(ascii: ",") {
                        index &+= 1
                        try readKey()
                        break
                    }
                    guard byte == UInt8(ascii: "}") else { throw unexpected("comma or object end") }
                    value = LuaValue(table)
                    close(2)
                } else {
                    elements.append(value)
                    skipSpace()
                    if byte == UInt8(ascii: ",") {
                        index &+= 1
                        break
                    }
                    guard byte == UInt8(ascii: "]") else { throw unexpected("comma or array end") }
                    value = LuaValue(state.table(of: elements, from: last.start))
                    elements.removeLast(elements.count - last.start)
                    close(1)
                }
            }
        }
    }

    /// The byte at the index; zero, which ends every text, at the end.
    @inline(__always)
    private var byte: UInt8 { index < text.count ? text[index] : 0 }

    @inline(__always)
    private mutating func skipSpace() {
        while byte == 32 || byte &- 9 < 2 || byte == 13 { index &+= 1 }
    }

    // MARK: - Arrays and objects

    /// Reads a value; of an array or object that is not empty only the beginning, which gives nil.
    private mutating func value() throws(LuaError) -> LuaValue? {
        skipSpace()
        switch byte {
        case UInt8(ascii: "\""): return try string("value")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number("value")
        case UInt8(ascii: "{"):
            try begin()
            skipSpace()
            let table = state.table()
            if byte == UInt8(ascii: "}") {
                index &+= 1
                return LuaValue(table)
            }
            open.append(Collection(table: table, start: 0))
            used += 2
            try readKey()
            return nil
        case UInt8(ascii: "["):
            try begin()
            skipSpace()
            if byte == UInt8(ascii: "]") {
                index &+= 1
                return LuaValue(state.table())
            }
            open.append(Collection(table: nil, start: elements.count))
            used += 1
            return nil
        case UInt8(ascii: "t") where take("true"): return .true
        case UInt8(ascii: "f") where take("false"): return .false
        case UInt8(ascii: "n") where take("null"): return JSONLibrary.null
        default:
            if settings.decodesInvalidNumbers, isInvalidNumber { return try number("value") }
            throw unexpected("value")
        }
    }

    private mutating func begin() throws(LuaError) {
        let depth = open.count + 1
        index &+= 1
        guard depth <= settings.decodeDepth, used + 2 <= LibraryLimits.stack else {
            throw call.error("Found too many nested data structures (\(depth)) at character \(index)")
        }
        try state.checkMemory()
    }

    private mutating func close(_ count: Int) {
        index &+= 1
        used -= count
        open.removeLast()
    }

    private mutating func readKey() throws(LuaError) {
        skipSpace()
        guard byte == UInt8(ascii: "\"") else { throw unexpected("object key string") }
        open[open.count &- 1].key = try string("object key string")
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw unexpected("colon") }
        index &+= 1
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let end = index + word.utf8CodeUnitCount
        guard end <= text.count, text[index..<end] == word else { return false }
        index = end
        return true
    }

    // MARK: - Errors

    /// What is wrong is a token: what it is, and where.
    private func error(_ expected: String, _ found: String, at place: Int) -> LuaError {
        call.error("Expected \(expected) but found \(found) at character \(place + 1)")
    }

    private mutating func unexpected(_ expected: String) -> LuaError {
        let start = index
        do throws(LuaError) {
            return error(expected, try token(expected), at: start)
        } catch {
            return error
        }
    }

    /// The name of the token at the index; throws if it is none.
    private mutating func token(_ expected: String) throws(LuaError) -> String {
        switch byte {
        case UInt8(ascii: "{"): return "T_OBJ_BEGIN"
        case UInt8(ascii: "}"): return "T_OBJ_END"
        case UInt8(ascii: "["): return "T_ARR_BEGIN"
        case UInt8(ascii: "]"): return "T_ARR_END"
        case UInt8(ascii: ","): return "T_COMMA"
        case UInt8(ascii: ":"): return "T_COLON"
        case 0: return "T_END"
        case UInt8(ascii: "\""):
            _ = try string(expected)
            return "T_STRING"
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            _ = try number(expected)
            return "T_NUMBER"
        case UInt8(ascii: "t") where take("true"), UInt8(ascii: "f") where take("false"): return "T_BOOLEAN"
        case UInt8(ascii: "n") where take("null"): return "T_NULL"
        default:
            guard settings.decodesInvalidNumbers, isInvalidNumber else { return "invalid token" }
            _ = try number(expected)
            return "T_NUMBER"
        }
    }

    // MARK: - Strings

    private mutating func string(_ expected: String) throws(LuaError) -> LuaValue {
        index &+= 1
        let start = index
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\"") {
                index &+= 1
                return state.string(text[start..<index &- 1])
            }
            if byte == UInt8(ascii: "\\") || byte == 0 { break }
            index &+= 1
        }
        return try escapedString(expected, start)
    }

    /// The rest of a string in which there is an escape, or which does not end.
    private mutating func escapedString(_ expected: String, _ first: Int) throws(LuaError) -> LuaValue {
        var result = ByteBuffer()
        var start = first
        while true {
            switch byte {
            case UInt8(ascii: "\""):
                result.append(text[start..<index])
                index += 1
                return state.string(result.bytes)
            case UInt8(ascii: "\\"):
                result.append(text[start..<index])
                try escape(expected, &result)
                start = index
            case 0: throw error(expected, "unexpected end of string", at: index)
            default: index &+= 1
            }
        }
    }

    private mutating func escape(_ expected: String, _ result: inout ByteBuffer) throws(LuaError) {
        let start = index
        index += 1
        let byte = byte
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "u"):
            guard let scalar = unicodeScalar(), let bytes = UTF8.encode(scalar) else {
                throw error(expected, "invalid unicode escape code", at: start)
            }
            for byte in bytes { result.append(byte) }
        default: throw error(expected, "invalid escape code", at: start)
        }
    }

    /// The character of an escape, or of two that are a surrogate pair.
    private mutating func unicodeScalar() -> Unicode.Scalar? {
        guard let first = hexadecimal() else { return nil }
        guard first & 0xF800 == 0xD800 else { return Unicode.Scalar(first) }
        guard first < 0xDC00, take("\\u"), let second = hexadecimal(), second & 0xFC00 == 0xDC00 else { return nil }
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
    }

    private mutating func hexadecimal() -> UInt32? {
        guard text.count - index >= 4 else { return nil }
        var value: UInt32 = 0
        for place in index..<index + 4 {
            let byte = text[place]
            let letter = (byte | 0x20) &- UInt8(ascii: "a")
            guard byte &- 48 < 10 || letter < 6 else { return nil }
            value = value << 4 | UInt32(letter < 6 ? letter + 10 : byte - 48)
        }
        index += 4
        return value
    }

    // MARK: - Numbers

    /// Whether what stands here is a number for C, but none for JSON.
    private var isInvalidNumber: Bool {
        if byte == UInt8(ascii: "+") { return true }
        var place = index
        func next() -> UInt8 { place < text.count ? text[place] : 0 }
        if next() == UInt8(ascii: "-") { place += 1 }
        if next() == UInt8(ascii: "0") {
            place += 1
            return next() | 0x20 == UInt8(ascii: "x") || next() &- 48 < 10
        }
        guard text.count - place >= 3 else { return false }
        let word = text[place..<place + 3]
        let letters = (word[0] | 0x20, word[1] | 0x20, word[2] | 0x20)
        return letters == (0x69, 0x6E, 0x66) || letters == (0x6E, 0x61, 0x6E)
    }

    private mutating func number(_ expected: String) throws(LuaError) -> LuaValue {
        if !settings.decodesInvalidNumbers, isInvalidNumber {
            throw error(expected, "invalid number", at: index)
        }
        guard let (number, count) = NumberText.leadingDouble(Bytes(text[index..<text.count])) else {
            throw error(expected, "invalid number", at: index)
        }
        index &+= count
        return LuaValue(number)
    }
}
