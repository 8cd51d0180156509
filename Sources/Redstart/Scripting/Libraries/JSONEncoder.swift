internal import Lua

/// Writes a value as JSON. Nesting does not nest calls, so that data cannot exhaust the machine's stack.
struct JSONEncoder: ~Copyable {
    private(set) var text: ByteBuffer
    private let call: LuaCall
    private let state: LuaState
    private let settings: JSONSettings
    private let precision: Int
    /// Integers below this are written with all their digits.
    private let integerLimit: Double
    private var open: [Collection] = []
    /// How much of Lua's stack the library of Redis would use by now.
    private var used = 1

    /// An array or an object that is being written.
    private struct Collection {
        let table: LuaTable
        /// Of an array, how many elements it has.
        let count: Int?
        /// The last index that was written, or the position of the last key.
        var position = 0
    }

    init(_ call: LuaCall, _ settings: JSONSettings) {
        text = ByteBuffer(capacity: settings.bufferBytes)
        self.call = call
        state = call.state
        self.settings = settings
        precision = settings.precision
        var limit = 1.0
        for _ in 0..<settings.precision { limit *= 10 }
        integerLimit = limit
    }

    mutating func encode(_ value: LuaValue) throws(LuaError) {
        try append(value)
        while let last = open.last {
            if let count = last.count {
                try appendElements(last.table, from: last.position, count)
            } else {
                try appendEntries(last.table, after: last.position)
            }
        }
    }

    /// Writes a value; of a table only the beginning.
    @inline(__always)
    private mutating func append(_ value: LuaValue) throws(LuaError) {
        if let number = value.number {
            try append(number)
        } else if let bytes = value.bytes {
            try append(bytes)
        } else {
            try appendOther(value)
        }
    }

    private mutating func appendOther(_ value: LuaValue) throws(LuaError) {
        if let table = value.table {
            try begin(table)
        } else if let boolean = value.boolean {
            text.append(boolean ? "true" : "false")
        } else if value.isNil || value.handle == 0 {
            text.append("null")
        } else {
            throw failure(value, "type not supported")
        }
    }

    private func failure(_ value: LuaValue, _ reason: String) -> LuaError {
        call.error("Cannot serialise \(value.kind.name): \(reason)")
    }

    // MARK: - Tables

    private mutating func begin(_ table: LuaTable) throws(LuaError) {
        let depth = open.count + 1
        guard depth <= settings.encodeDepth, used + 3 <= LibraryLimits.stack else {
            throw call.error("Cannot serialise, excessive nesting (\(depth))")
        }
        let count = try arrayCount(table)
        // Each element is a character at the least, and missing ones are four.
        try reserve((count ?? 0) * 2)
        text.append(UInt8(ascii: count == nil ? "{" : "["))
        open.append(Collection(table: table, count: count))
        used += count == nil ? 2 : 1
    }

    private mutating func end(_ bracket: UInt8) {
        text.append(bracket)
        used -= bracket == UInt8(ascii: "]") ? 1 : 2
        open.removeLast()
    }

    /// How many elements a table has as an array; nil if it is an object, as the empty one is.
    private func arrayCount(_ table: LuaTable) throws(LuaError) -> Int? {
        guard let keys = state.integerKeys(table), keys.largest > 0 else { return nil }
        let largest = keys.largest
        let ratio = settings.sparseRatio
        // The product is one of 32 bits.
        let limit = Int(Int32(truncatingIfNeeded: keys.count * ratio))
        if ratio > 0, largest > limit, largest > settings.sparseSafe {
            if settings.convertsSparseArrays { return nil }
            throw failure(LuaValue(table), "excessively sparse array")
        }
        return largest
    }

    /// Writes elements up to one that is a table, or to the end.
    private mutating func appendElements(_ table: LuaTable, from start: Int, _ count: Int) throws(LuaError) {
        var index = start
        while index < count {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            index += 1
            let element = state.get(table, index)
            if element.isNil { try reserve(0) }
            if element.isTable {
                open[open.count - 1].position = index
                return try appendOther(element)
            }
            try append(element)
        }
        end(UInt8(ascii: "]"))
    }

    private mutating func appendEntries(_ table: LuaTable, after start: Int) throws(LuaError) {
        var position = start
        while let entry = state.entry(table, after: position) {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            position = entry.position
            try appendKey(entry.key)
            if entry.value.isTable {
                open[open.count - 1].position = position
                return try appendOther(entry.value)
            }
            try append(entry.value)
        }
        end(UInt8(ascii: "}"))
    }

    private mutating func appendKey(_ key: LuaValue) throws(LuaError) {
        if let bytes = key.bytes {
            try append(bytes)
        } else if let number = key.number {
            text.append(UInt8(ascii: "\""))
            try append(number)
            text.append(UInt8(ascii: "\""))
        } else {
            throw failure(key, "table key must be a number or string")
        }
        text.append(UInt8(ascii: ":"))
    }

    // MARK: - Strings and numbers

    /// Fails if so many bytes more would be too many. Few are not looked at: the values of a table are in memory.
    @inline(__always)
    private func reserve(_ count: Int) throws(LuaError) {
        if count &+ text.count > 1 << 20 { try state.checkLength(count + text.count) }
    }

    private mutating func append(_ bytes: LuaBytes) throws(LuaError) {
        try reserve(bytes.count)
        text.append(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if JSONEncoder.isPlain(byte) {
                index &+= 1
                continue
            }
            text.append(bytes[start..<index])
            appendEscaped(byte)
            index &+= 1
            start = index
        }
        text.append(bytes[start..<index])
        text.append(UInt8(ascii: "\""))
    }

    /// What stands for itself: all but control characters, `"`, `/`, `\` and 127.
    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        if byte >= 0x80 { return true }
        let marks: UInt64 = byte < 0x40 ? 0x0000_8004_FFFF_FFFF : 0x8000_0000_1000_0000
        return marks &>> UInt64(byte & 0x3F) & 1 == 0
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        text.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"): text.append(byte)
        case 8: text.append(UInt8(ascii: "b"))
        case 9: text.append(UInt8(ascii: "t"))
        case 10: text.append(UInt8(ascii: "n"))
        case 12: text.append(UInt8(ascii: "f"))
        case 13: text.append(UInt8(ascii: "r"))
        default:
            text.append("u00")
            for digit in [byte >> 4, byte & 15] {
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private mutating func append(_ number: Double) throws(LuaError) {
        if number.magnitude < integerLimit, number == number.rounded(.towardZero), number.bitPattern != 1 << 63 {
            return append(Int(number))
        }
        if !number.isFinite {
            switch settings.encodesInvalidNumbers {
            case .off: throw failure(LuaValue(number), "must not be NaN or Inf")
            case .null: return text.append("null")
            case .on: return text.append(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf")
            }
        }
        NumberText.withGeneralText(of: number, significantDigits: Int32(precision)) { (digits) in
            text.append(LuaBytes(digits))
        }
    }

    private mutating func append(_ integer: Int) {
        if integer >= 0, integer < 10 { return text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: integer)) }
        NumberText.withText(of: integer) { (digits) in text.append(LuaBytes(digits)) }
    }
}
