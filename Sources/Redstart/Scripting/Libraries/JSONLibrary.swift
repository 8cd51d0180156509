internal import Lua

/// `cjson`: values to and from JSON, as the manual of lua-cjson describes it, with the limits that Redis sets.
enum JSONLibrary {
    static func open(_ state: LuaState) {
        state.set(state.globals, "cjson", LuaValue(makeLibrary(state)))
    }

    /// What stands for JSON's null, as nil cannot be in a table.
    static let null = LuaValue(handle: 0)

    /// A library with settings of its own.
    private static func makeLibrary(_ state: LuaState) -> LuaTable {
        let library = state.table(hash: 13)
        let settings = JSONSettings()
        state.register("encode", in: library) { (call) throws(LuaError) in try encode(call, settings) }
        state.register("decode", in: library) { (call) throws(LuaError) in try decode(call, settings) }
        state.register("new", in: library) { (call) throws(LuaError) in
            call.push(makeLibrary(call.state))
            return 1
        }
        registerSettings(state, library, settings)
        state.set(library, "null", null)
        state.set(library, "_NAME", state.string("cjson" as StaticString))
        state.set(library, "_VERSION", state.string("2.1.0" as StaticString))
        return library
    }

    private static func encode(_ call: LuaCall, _ settings: JSONSettings) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.argumentError(0, "expected 1 argument") }
        var encoder = JSONEncoder(call, settings)
        try encoder.encode(call[0])
        if settings.keepsBuffer { settings.bufferBytes = min(encoder.text.count, JSONSettings.largestBuffer) }
        call.push(encoder.text.bytes)
        return 1
    }

    private static func decode(_ call: LuaCall, _ settings: JSONSettings) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.argumentError(0, "expected 1 argument") }
        let text = try call.bytes(0)
        if text.count >= 2, text[0] == 0 || text[1] == 0 {
            throw call.error("JSON parser does not support UTF-16 or UTF-32")
        }
        call.state.collectIfCrowded()
        var decoder = JSONDecoder(call, text, settings)
        call.push(try decoder.decode())
        return 1
    }

    // MARK: - Settings

    private static func registerSettings(_ state: LuaState, _ library: LuaTable, _ settings: JSONSettings) {
        state.register("encode_sparse_array", in: library) { (call) throws(LuaError) in
            try allow(call, 3)
            settings.convertsSparseArrays = try isOn(call, settings.convertsSparseArrays)
            settings.sparseRatio = try integer(call, 1, settings.sparseRatio, 0...Int(Int32.max))
            settings.sparseSafe = try integer(call, 2, settings.sparseSafe, 0...Int(Int32.max))
            call.push(LuaValue(settings.convertsSparseArrays))
            call.push(settings.sparseRatio)
            call.push(settings.sparseSafe)
            return 3
        }
        state.register("encode_max_depth", in: library) { (call) throws(LuaError) in
            try allow(call, 1)
            settings.encodeDepth = try integer(call, 0, settings.encodeDepth, 1...Int(Int32.max))
            call.push(settings.encodeDepth)
            return 1
        }
        state.register("decode_max_depth", in: library) { (call) throws(LuaError) in
            try allow(call, 1)
            settings.decodeDepth = try integer(call, 0, settings.decodeDepth, 1...Int(Int32.max))
            call.push(settings.decodeDepth)
            return 1
        }
        state.register("encode_number_precision", in: library) { (call) throws(LuaError) in
            try allow(call, 1)
            settings.precision = try integer(call, 0, settings.precision, 1...14)
            call.push(settings.precision)
            return 1
        }
        state.register("encode_keep_buffer", in: library) { (call) throws(LuaError) in
            try allow(call, 1)
            settings.keepsBuffer = try isOn(call, settings.keepsBuffer)
            if !settings.keepsBuffer { settings.bufferBytes = JSONSettings.smallestBuffer }
            call.push(LuaValue(settings.keepsBuffer))
            return 1
        }
        state.register("encode_invalid_numbers", in: library) { (call) throws(LuaError) in
            try allow(call, 1)
            settings.encodesInvalidNumbers = try choice(call, settings.encodesInvalidNumbers, allowsNull: true)
            switch settings.encodesInvalidNumbers {
            case .null: call.push("null")
            case .off: call.push(.false)
            case .on: call.push(.true)
            }
            return 1
        }
        state.register("decode_invalid_numbers", in: library) { (call) throws(LuaError) in
            try allow(call, 1)
            settings.decodesInvalidNumbers = try isOn(call, settings.decodesInvalidNumbers)
            call.push(LuaValue(settings.decodesInvalidNumbers))
            return 1
        }
    }

    private static func allow(_ call: LuaCall, _ count: Int) throws(LuaError) {
        guard call.count <= count else { throw call.argumentError(count, "found too many arguments") }
    }

    private static func integer(
        _ call: LuaCall, _ index: Int, _ current: Int, _ range: ClosedRange<Int>
    ) throws(LuaError) -> Int {
        if call[index].isNil { return current }
        let value = try call.int32(index)
        guard range.contains(value) else {
            let bounds = "\(range.lowerBound) and \(range.upperBound)"
            throw call.argumentError(0, "expected integer between \(bounds)")
        }
        return value
    }

    private static func isOn(_ call: LuaCall, _ current: Bool) throws(LuaError) -> Bool {
        try choice(call, current ? .on : .off, allowsNull: false) == .on
    }

    /// A boolean, or a word that says the same.
    private static func choice(
        _ call: LuaCall, _ current: JSONSettings.Choice, allowsNull: Bool
    ) throws(LuaError) -> JSONSettings.Choice {
        if call[0].isNil { return current }
        if let boolean = call[0].boolean { return boolean ? .on : .off }
        let bytes = try call.bytes(0)
        let word = bytes.firstIndex(of: 0).map { bytes[0..<$0] } ?? bytes
        if word == "on" { return .on }
        if word == "off" { return .off }
        if allowsNull, word == "null" { return .null }
        throw call.argumentError(0, "invalid option '", word, "'")
    }
}

/// What the functions of one library agree on.
final class JSONSettings {
    enum Choice { case off, on, null }

    /// Whether arrays with too many gaps become objects, or an error.
    var convertsSparseArrays = false
    /// An array has too many gaps if it has more than `sparseSafe` elements, this many times more than values.
    var sparseRatio = 2
    var sparseSafe = 10
    var encodeDepth = 1_000
    var decodeDepth = 1_000
    /// How many digits of a number are significant.
    var precision = 14
    /// What becomes of infinities, and of what is not a number.
    var encodesInvalidNumbers = Choice.off
    /// Whether these may be read, and hexadecimals and other numbers that JSON does not know.
    var decodesInvalidNumbers = true
    /// Whether the next text gets as much room at once as the last one took.
    var keepsBuffer = true
    var bufferBytes = smallestBuffer

    static let smallestBuffer = 256
    static let largestBuffer = 65_536
}
