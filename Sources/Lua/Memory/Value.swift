/// A Lua value in eight bytes: a double as it is, or, in the space that IEEE 754 leaves to NaNs, a type and 48 bits.
///
/// A value is trivial: copying it costs nothing and keeps nothing alive. What keeps the object behind it alive is its
/// place on the machine's stack, in a table, or in a `LuaReference`; the collector runs only while Lua code does, so a
/// native function may hold values freely until it returns or calls back.
@frozen public struct LuaValue: BitwiseCopyable {
    @usableFromInline let bits: UInt64

    @inlinable @inline(__always)
    init(bits: UInt64) { self.bits = bits }

    /// What the upper 16 bits say. Everything below `primitive` is a double; two NaNs are in use, one of each sign.
    @usableFromInline enum Tag {
        @usableFromInline static let primitive: UInt64 = 0xFFF9
        @usableFromInline static let handle: UInt64 = 0xFFFA
        @usableFromInline static let string: UInt64 = 0xFFFB
        @usableFromInline static let table: UInt64 = 0xFFFC
        @usableFromInline static let function: UInt64 = 0xFFFD
        @usableFromInline static let userdata: UInt64 = 0xFFFE
        @usableFromInline static let thread: UInt64 = 0xFFFF
    }

    @usableFromInline static let firstTagged: UInt64 = 0xFFF9 << 48
    @usableFromInline static let firstObject: UInt64 = 0xFFFB << 48
    @usableFromInline static let payloadMask: UInt64 = (1 << 48) - 1

    @inlinable @inline(__always)
    public static var `nil`: LuaValue { LuaValue(bits: firstTagged) }
    @inlinable @inline(__always)
    public static var `false`: LuaValue { LuaValue(bits: firstTagged | 1) }
    @inlinable @inline(__always)
    public static var `true`: LuaValue { LuaValue(bits: firstTagged | 2) }

    @inlinable @inline(__always)
    public init(_ value: Bool) { bits = LuaValue.firstTagged | (value ? 2 : 1) }

    @inlinable @inline(__always)
    public init(_ number: Double) {
        let pattern = number.bitPattern
        bits = number == number ? pattern : (pattern & (1 << 63)) | 0x7FF8 << 48
    }

    @inlinable @inline(__always)
    public init(_ integer: Int) { bits = Double(integer).bitPattern }

    /// The result of an operation on numbers: such a NaN is already one of the two.
    @inline(__always)
    init(computed number: Double) { bits = number.bitPattern }

    /// A light userdata: a number of the embedder's own, equal only to itself (cjson.null is one).
    public init(handle: Int) {
        bits = LuaValue.Tag.handle << 48 | (UInt64(truncatingIfNeeded: handle) & LuaValue.payloadMask)
    }

    @inlinable @inline(__always)
    var tag: UInt64 { bits &>> 48 }

    @inlinable @inline(__always)
    public var isNil: Bool { bits == LuaValue.firstTagged }
    /// nil or false.
    @inlinable @inline(__always)
    public var isFalsy: Bool { bits &- LuaValue.firstTagged < 2 }
    @inlinable @inline(__always)
    public var isNumber: Bool { bits < LuaValue.firstTagged }
    @inlinable @inline(__always)
    public var isBoolean: Bool { bits &- (LuaValue.firstTagged | 1) < 2 }
    @inlinable @inline(__always)
    public var isString: Bool { tag == Tag.string }
    @inlinable @inline(__always)
    public var isTable: Bool { tag == Tag.table }
    @inlinable @inline(__always)
    public var isFunction: Bool { tag == Tag.function }
    @inlinable @inline(__always)
    public var isHandle: Bool { tag == Tag.handle }
    @inline(__always)
    var isUserdata: Bool { tag == Tag.userdata }
    @inline(__always)
    var isThread: Bool { tag == Tag.thread }
    @inline(__always)
    var isObject: Bool { bits >= LuaValue.firstObject }

    /// The number; meaningless unless `isNumber`.
    @inline(__always)
    var uncheckedNumber: Double { Double(bitPattern: bits) }

    /// The number, if it is one. Strings are not converted.
    @inlinable
    public var number: Double? { isNumber ? Double(bitPattern: bits) : nil }
    @inlinable
    public var boolean: Bool? { isBoolean ? bits == LuaValue.firstTagged | 2 : nil }
    @inlinable
    public var handle: Int? { isHandle ? Int(bits & LuaValue.payloadMask) : nil }
    public var table: LuaTable? { isTable ? uncheckedTable : nil }
    /// The bytes of a string; they stay where they are as long as the string lives.
    public var bytes: LuaBytes? { isString ? uncheckedString.bytes : nil }

    /// The same bits: equality of everything but numbers and long strings.
    @inlinable @inline(__always)
    func isIdentical(to other: LuaValue) -> Bool { bits == other.bits }

    /// The types of Lua.
    public enum Kind: UInt8, Sendable {
        case `nil`, boolean, handle, number, string, table, function, userdata, thread

        /// As `type` and error messages name it.
        public var name: StaticString {
            switch self {
            case .nil: "nil"
            case .boolean: "boolean"
            case .handle, .userdata: "userdata"
            case .number: "number"
            case .string: "string"
            case .table: "table"
            case .function: "function"
            case .thread: "thread"
            }
        }
    }

    public var kind: Kind {
        if isNumber { return .number }
        switch tag {
        case Tag.primitive: return isNil ? .nil : .boolean
        case Tag.handle: return .handle
        case Tag.string: return .string
        case Tag.table: return .table
        case Tag.function: return .function
        case Tag.userdata: return .userdata
        default: return .thread
        }
    }

    /// The integer that the number is, if it is one of 32 bits, as the index of an array is. Adding 1.5 * 2^52 moves
    /// the integer into the low bits; the way back tells whether that was the number.
    @inline(__always)
    static func index(_ number: Double) -> Int? {
        let integer = Int(Int32(truncatingIfNeeded: (number + 0x1.8p52).bitPattern))
        return Double(integer) == number ? integer : nil
    }
}
