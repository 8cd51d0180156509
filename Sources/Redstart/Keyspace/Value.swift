/// What a key holds.
enum ValueType: UInt8, CaseIterable {
    case string = 0
    case list = 1
    case set = 2
    case sortedSet = 3
    case hash = 4
    case stream = 5

    /// As TYPE answers.
    var name: StaticString {
        switch self {
        case .string: "string"
        case .list: "list"
        case .set: "set"
        case .sortedSet: "zset"
        case .hash: "hash"
        case .stream: "stream"
        }
    }
}

/// The five bits that a record keeps of its value: the type, and for a string whether OBJECT ENCODING says `raw`.
struct ValueKind {
    static let string = ValueType.string.rawValue
    static let rawString = ValueType.string.rawValue | 8
    /// An integer that COPY made. Redis shares one object between all keys that hold the same small integer, but not
    /// with copies, and OBJECT REFCOUNT shows it.
    static let copiedInteger = ValueType.string.rawValue | 16
    static let sharedIntegers = 0..<10_000
    /// Redis keeps strings up to this length in one block with their header, and calls that `embstr`.
    static let longestEmbedded = 44
}

extension Record {
    @inline(__always)
    var type: ValueType { ValueType(rawValue: kind & 7) ?? .string }

    /// As OBJECT ENCODING answers.
    var encoding: StaticString {
        switch form {
        case .integer: return "int"
        case .buffer: return "raw"
        case .inline: return kind & 8 != 0 || bytes.count > ValueKind.longestEmbedded ? "raw" : "embstr"
        case .object: return object?.encoding ?? "unknown"
        }
    }

    /// The string in this record.
    @inline(__always)
    var string: StringValue {
        form == .integer ? .integer(integer) : .bytes(bytes)
    }
}

/// A string's value, as it is stored.
enum StringValue {
    case bytes(Bytes)
    case integer(Int)

    /// The length of the string.
    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .integer(let value): Decimal.digits(value)
        }
    }

    /// Lends the bytes of the string; an integer is printed for it.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        switch self {
        case .bytes(let bytes): body(bytes)
        case .integer(let value): NumberText.withText(of: value, body)
        }
    }

    /// A copy of the bytes.
    var array: [UInt8] { withBytes { Array($0) } }
}

extension ReplyWriter {
    @inline(__always)
    func bulk(_ value: StringValue) {
        switch value {
        case .bytes(let bytes): bulk(bytes)
        case .integer(let value): bulk(integer: value)
        }
    }
}
