internal import Lua

/// `cmsgpack`: values to and from MessagePack.
enum MessagePackLibrary {
    static func open(_ state: LuaState) {
        let library = state.table(hash: 8)
        state.register("pack", in: library, pack)
        state.register("unpack", in: library, unpack)
        state.register("unpack_one", in: library, unpackOne)
        state.register("unpack_limit", in: library, unpackLimited)
        state.set(library, "_NAME", state.string("cmsgpack" as StaticString))
        state.set(library, "_VERSION", state.string("lua-cmsgpack 0.4.0" as StaticString))
        state.set(library, "_COPYRIGHT", state.string("Copyright (C) 2012, Salvatore Sanfilippo" as StaticString))
        state.set(library, "_DESCRIPTION", state.string("MessagePack C implementation for Lua" as StaticString))
        state.set(state.globals, "cmsgpack", LuaValue(library))
    }

    /// `pack(…)`: all values, one behind the other.
    private static func pack(_ call: LuaCall) throws(LuaError) -> Int {
        let count = call.count
        guard count > 0 else { throw call.argumentError(-1, "MessagePack pack needs input.") }
        guard count * 2 <= LibraryLimits.stack else {
            throw call.argumentError(-1, "Too many arguments for MessagePack pack.")
        }
        var encoder = MessagePackEncoder(call)
        for index in 0..<count {
            // The arguments, the packed texts of those before, and this one.
            try encoder.append(call[index], depth: 0, used: count + index + 1)
        }
        call.push(encoder.data.bytes)
        return 1
    }

    /// `unpack(data)`: everything that is there.
    private static func unpack(_ call: LuaCall) throws(LuaError) -> Int {
        try unpack(call, try call.bytes(0), limit: 0, offset: 0, used: call.count)
    }

    /// `unpack_one(data, offset)`: where the next value begins, or -1, and the value.
    private static func unpackOne(_ call: LuaCall) throws(LuaError) -> Int {
        let offset = try call.integer(1, default: 0)
        return try unpack(call, try call.bytes(0), limit: 1, offset: offset, used: 1)
    }

    /// `unpack_limit(data, limit, offset)`: where the next value begins, or -1, and so many values.
    private static func unpackLimited(_ call: LuaCall) throws(LuaError) -> Int {
        let limit = try call.integer(1)
        let offset = try call.integer(2, default: 0)
        return try unpack(call, try call.bytes(0), limit: limit, offset: offset, used: 1)
    }

    private static func unpack(
        _ call: LuaCall, _ data: LuaBytes, limit: Int, offset: Int, used: Int
    ) throws(LuaError) -> Int {
        let shown = Int32(truncatingIfNeeded: offset)
        guard offset >= 0, limit >= 0 else {
            throw call.error("Invalid request to unpack with offset of \(shown) and limit of \(data.count).")
        }
        guard offset <= data.count else {
            throw call.error("Start offset \(shown) greater than input length \(data.count).")
        }
        let isWhole = limit == 0 && offset == 0
        call.state.collectIfCrowded()
        var decoder = MessagePackDecoder(call, data, offset, used)
        var count = 0
        while !decoder.isAtEnd, isWhole || count < limit {
            try decoder.decode()
            count += 1
        }
        guard isWhole || used + count < LibraryLimits.stack else {
            throw call.stackOverflow("in function mp_unpack_full")
        }
        try call.makeRoom(count + 1)
        if !isWhole { call.push(decoder.isAtEnd ? -1 : decoder.index) }
        for result in decoder.results { call.push(result) }
        return isWhole ? count : count + 1
    }
}

/// Writes values as MessagePack.
private struct MessagePackEncoder: ~Copyable {
    private let call: LuaCall
    private let state: LuaState
    private(set) var data = ByteBuffer()

    /// Tables nested deeper are nil.
    private static let deepest = 16

    init(_ call: LuaCall) {
        self.call = call
        state = call.state
    }

    /// - Parameter used: how much of Lua's stack the library of Redis would use by now.
    mutating func append(_ value: LuaValue, depth: Int, used: Int) throws(LuaError) {
        if let number = value.number {
            append(number)
        } else if let bytes = value.bytes {
            try append(bytes)
        } else if let table = value.table, depth < MessagePackEncoder.deepest {
            try append(table, depth: depth, used: used)
        } else if let boolean = value.boolean {
            data.append(boolean ? 0xC3 : 0xC2)
        } else {
            data.append(0xC0)
        }
    }

    private mutating func append(_ number: Double) {
        guard number >= -0x1p63, number < 0x1p63, number == number.rounded(.towardZero) else {
            return appendFraction(number)
        }
        let integer = Int(number)
        let bits = UInt64(bitPattern: Int64(integer))
        switch integer {
        case 0...0x7F, -0x20 ... -1: data.append(UInt8(truncatingIfNeeded: bits))
        case 0x80...0xFF: append(0xCC, bits, 1)
        case 0x100...0xFFFF: append(0xCD, bits, 2)
        case 0x1_0000...0xFFFF_FFFF: append(0xCE, bits, 4)
        case 0x1_0000_0000...: append(0xCF, bits, 8)
        case -0x80 ..< -0x20: append(0xD0, bits, 1)
        case -0x8000 ..< -0x80: append(0xD1, bits, 2)
        case -0x8000_0000 ..< -0x8000: append(0xD2, bits, 4)
        default: append(0xD3, bits, 8)
        }
    }

    /// In four bytes, if nothing is lost.
    private mutating func appendFraction(_ number: Double) {
        let short = Float(number)
        if Double(short) == number {
            append(0xCA, UInt64(short.bitPattern), 4)
        } else {
            append(0xCB, number.bitPattern, 8)
        }
    }

    @inline(__always)
    private mutating func append(_ type: UInt8, _ bits: UInt64, _ count: Int) {
        data.append(type)
        data.append(bigEndian: bits, count: count)
    }

    private mutating func append(_ bytes: LuaBytes) throws(LuaError) {
        if data.count + bytes.count > 1 << 20 { try state.checkLength(data.count + bytes.count) }
        let count = UInt64(bytes.count)
        switch count {
        case 0..<0x20: data.append(0xA0 | UInt8(truncatingIfNeeded: count))
        case 0..<0x100: append(0xD9, count, 1)
        case 0..<0x1_0000: append(0xDA, count, 2)
        default: append(0xDB, count, 4)
        }
        data.append(bytes)
    }

    /// A table whose keys are all the integers from 1 to their number is an array; so is an empty one.
    private mutating func append(_ table: LuaTable, depth: Int, used: Int) throws(LuaError) {
        try check(used + 2, "in function table_is_an_array")
        if data.count > 1 << 20 { try state.checkLength(data.count) }
        if let keys = state.integerKeys(table), keys.count == keys.largest, !keys.hasHuge {
            appendCount(keys.count, 0x90, 0xDC)
            var index = 1
            while index <= keys.count {
                try append(state.get(table, index), depth: depth + 1, used: used + 1)
                index += 1
            }
            return
        }
        try check(used + 3, "in function mp_encode_lua_table_as_map")
        appendCount(state.entryCount(table), 0x80, 0xDE)
        var position = 0
        while let entry = state.entry(table, after: position) {
            try append(entry.key, depth: depth + 1, used: used + 3)
            try append(entry.value, depth: depth + 1, used: used + 2)
            position = entry.position
        }
    }

    private mutating func appendCount(_ count: Int, _ short: UInt8, _ long: UInt8) {
        if count < 16 {
            data.append(short | UInt8(truncatingIfNeeded: count))
        } else if count < 0x1_0000 {
            append(long, UInt64(count), 2)
        } else {
            append(long + 1, UInt64(count), 4)
        }
    }

    private func check(_ used: Int, _ place: String) throws(LuaError) {
        if used > LibraryLimits.stack { throw call.stackOverflow(place) }
    }
}

/// Reads MessagePack. Nesting does not nest calls, so that data cannot exhaust the machine's stack.
private struct MessagePackDecoder {
    private let call: LuaCall
    private let state: LuaState
    private let data: LuaBytes
    private(set) var index: Int
    /// What has been read, and below it the elements of arrays that are not complete.
    private(set) var results: [LuaValue] = []
    private var open: [Collection] = []
    private var used: Int

    /// An array or a map that is being read.
    private struct Collection {
        let table: LuaTable
        let isArray: Bool
        var done = 0
        /// How many elements there are, or keys.
        let count: Int
        var key: LuaValue?
    }

    init(_ call: LuaCall, _ data: LuaBytes, _ offset: Int, _ used: Int) {
        self.call = call
        state = call.state
        self.data = data
        index = offset
        self.used = used
    }

    var isAtEnd: Bool { index == data.count }

    /// Reads one value, with all that is in it, to the results.
    mutating func decode() throws(LuaError) {
        while true {
            if isAtEnd { throw missing }
            guard used < LibraryLimits.stack else {
                throw call.stackOverflow("too many return values at once; use unpack_one or unpack_limit instead.")
            }
            guard var value = try scalar() else { continue }
            // What this value completes.
            while true {
                guard let last = open.indices.last else {
                    results.append(value)
                    used += 1
                    return
                }
                guard try !put(value, last) else { break }
                value = LuaValue(open[last].table)
                close()
            }
        }
    }

    /// Puts a value into the collection that is being read; false if that is now complete.
    private mutating func put(_ value: LuaValue, _ last: Int) throws(LuaError) -> Bool {
        if open[last].isArray {
            open[last].done += 1
            state.assign(open[last].table, LuaValue(open[last].done), value)
        } else if let key = open[last].key {
            if key.isNil { throw LuaError(state.string("table index is nil" as StaticString)) }
            if let number = key.number, number.isNaN {
                throw LuaError(state.string("table index is NaN" as StaticString))
            }
            state.assign(open[last].table, key, value)
            open[last].key = nil
            open[last].done += 1
            used -= 1
        } else {
            open[last].key = value
            used += 1
            return true
        }
        return open[last].done < open[last].count
    }

    private mutating func close() {
        used -= open[open.count - 1].isArray ? 2 : 1
        open.removeLast()
    }

    /// Reads a value; of a collection that is not empty only the beginning, which gives nil.
    @inline(__always)
    private mutating func scalar() throws(LuaError) -> LuaValue? {
        let type = try byte()
        switch type {
        case 0x00...0x7F: return LuaValue(Int(type))
        case 0xE0...0xFF: return LuaValue(Int(Int8(bitPattern: type)))
        case 0xA0...0xBF: return try string(Int(type & 0x1F))
        case 0x90...0x9F: return try begin(Int(type & 0x0F), isArray: true)
        case 0x80...0x8F: return try begin(Int(type & 0x0F), isArray: false)
        default: return try longer(type)
        }
    }

    private mutating func longer(_ type: UInt8) throws(LuaError) -> LuaValue? {
        switch type {
        case 0xC0: return .nil
        case 0xC2: return .false
        case 0xC3: return .true
        case 0xCA: return LuaValue(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try integer(4)))))
        case 0xCB: return LuaValue(Double(bitPattern: try integer(8)))
        case 0xCC, 0xCD, 0xCE: return LuaValue(Int(try integer(1 << Int(type - 0xCC))))
        case 0xD0: return LuaValue(Int(Int8(truncatingIfNeeded: try integer(1))))
        case 0xD1: return LuaValue(Int(Int16(truncatingIfNeeded: try integer(2))))
        case 0xD2: return LuaValue(Int(Int32(truncatingIfNeeded: try integer(4))))
        // Unsigned, too, they are read as signed ones.
        case 0xCF, 0xD3: return LuaValue(Int(Int64(bitPattern: try integer(8))))
        case 0xD9, 0xDA, 0xDB: return try string(Int(try integer(1 << Int(type - 0xD9))))
        case 0xDC, 0xDD: return try begin(Int(try integer(2 << Int(type - 0xDC))), isArray: true)
        case 0xDE, 0xDF: return try begin(Int(try integer(2 << Int(type - 0xDE))), isArray: false)
        default: throw call.error("Bad data format in input.")
        }
    }

    private mutating func begin(_ count: Int, isArray: Bool) throws(LuaError) -> LuaValue? {
        if isArray, used + 2 > LibraryLimits.stack {
            throw call.stackOverflow("in function mp_decode_to_lua_array")
        }
        try state.checkMemory()
        let table = state.table()
        if count == 0 { return LuaValue(table) }
        open.append(Collection(table: table, isArray: isArray, count: count))
        used += isArray ? 2 : 1
        return nil
    }

    private var missing: LuaError { call.error("Missing bytes in input.") }

    @inline(__always)
    private mutating func byte() throws(LuaError) -> UInt8 {
        guard index < data.count else { throw missing }
        index &+= 1
        return data[index &- 1]
    }

    private mutating func integer(_ count: Int) throws(LuaError) -> UInt64 {
        guard data.count - index >= count else { throw missing }
        var bits: UInt64 = 0
        for place in index..<index + count { bits = bits << 8 | UInt64(data[place]) }
        index += count
        return bits
    }

    private mutating func string(_ count: Int) throws(LuaError) -> LuaValue {
        guard data.count - index >= count else { throw missing }
        index += count
        return state.string(data[index - count..<index])
    }
}
