/// A number within a string, as BITFIELD's types say: `u1` to `u63`, `i1` to `i64`.
struct BitField {
    let isSigned: Bool
    let width: Int

    /// Reads a type. As in C, it ends at a zero byte.
    init?(_ type: Bytes) {
        let text = type.upToZero
        guard !text.isEmpty, text[0] == UInt8(ascii: "i") || text[0] == UInt8(ascii: "u") else { return nil }
        isSigned = text[0] == UInt8(ascii: "i")
        guard let width = Int(strict: text[1..<text.count]), width >= 1, width <= (isSigned ? 64 : 63) else {
            return nil
        }
        self.width = width
    }

    init(isSigned: Bool, width: Int) {
        self.isSigned = isSigned
        self.width = width
    }

    var smallest: Int { isSigned ? -1 &<< (width &- 1) : 0 }
    var largest: Int { isSigned ? ~smallest : (1 &<< width) &- 1 }

    /// The number that the lowest bits of `bits` are.
    func number(_ bits: UInt64) -> Int {
        let shift = UInt64(64 &- width)
        let high = bits &<< shift
        return isSigned ? Int(Int64(bitPattern: high) &>> Int64(shift)) : Int(truncatingIfNeeded: high &>> shift)
    }

    /// What is stored for `value`; nil where it does not fit and `overflow` fails. An unsigned field takes a negative
    /// value for the large number that has the same bits.
    func fitting(_ value: Int, _ overflow: Overflow) -> Int? {
        if value >= smallest, value <= largest { return value }
        switch overflow {
        case .wrap: return number(UInt64(bitPattern: Int64(value)))
        case .saturate:
            // Redis looks at the distance to the largest, which overflows for the very smallest values.
            let isBelow = isSigned && value < 0 && !largest.subtractingReportingOverflow(value).overflow
            return isBelow ? smallest : largest
        case .fail: return nil
        }
    }

    /// What is stored when `increment` is added to `value`, which is a number of this field.
    func adding(_ increment: Int, to value: Int, _ overflow: Overflow) -> Int? {
        let (sum, carry) = value.addingReportingOverflow(increment)
        if !carry, sum >= smallest, sum <= largest { return sum }
        switch overflow {
        case .wrap: return number(UInt64(bitPattern: Int64(sum)))
        case .saturate: return increment < 0 ? smallest : largest
        case .fail: return nil
        }
    }
}

/// What becomes of a number that does not fit its field.
enum Overflow {
    case wrap, saturate, fail
}
