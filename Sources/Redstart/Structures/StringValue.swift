/// A string as it is stored: its bytes, or the integer that they are the canonical text of.
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
