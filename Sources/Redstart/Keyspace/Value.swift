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

/// The five bits that a record keeps of its value: the type, and what tells its layouts apart. Of a string they say
/// whether OBJECT ENCODING answers `raw`.
struct ValueKind {
    static let string = ValueType.string.rawValue
    static let rawString = ValueType.string.rawValue | 8
    /// An integer that COPY made. Redis shares one object between all keys that hold the same small integer, but not
    /// with copies, and OBJECT REFCOUNT shows it.
    static let copiedInteger = ValueType.string.rawValue | 16
    static let sharedIntegers = 0..<10_000
    /// Collections that are small enough lie inline, as a `PackedList` if not said otherwise; large ones are objects.
    static let list = ValueType.list.rawValue
    static let set = ValueType.set.rawValue
    /// An `IntegerSet`.
    static let integerSet = ValueType.set.rawValue | 8
    static let sortedSet = ValueType.sortedSet.rawValue
    static let hash = ValueType.hash.rawValue
    /// Fields with values and deadlines, or an object with deadlines.
    static let hashWithDeadlines = ValueType.hash.rawValue | 8
    static let stream = ValueType.stream.rawValue
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
        case .inline: return inlineEncoding
        case .object: return object?.encoding ?? "unknown"
        }
    }

    private var inlineEncoding: StaticString {
        let isMarked = kind & 8 != 0
        switch type {
        case .string: return isMarked || bytes.count > ValueKind.longestEmbedded ? "raw" : "embstr"
        case .set: return isMarked ? "intset" : "listpack"
        case .hash: return isMarked ? "listpackex" : "listpack"
        case .list, .sortedSet: return "listpack"
        case .stream: return "stream"
        }
    }

    /// The string in this record.
    @inline(__always)
    var string: StringValue {
        form == .integer ? .integer(integer) : .bytes(bytes)
    }
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
