/// The shortest decimal number that reads back as a given `Double`, nearly always.
///
/// This is Grisu2 of Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers" (2010):
/// it works with integers of 64 bits, always finds digits that read back, and misses the shortest for about one number
/// in a thousand. Redis since 7.2 prints with it, so those misses are part of what a client sees.
struct ShortestDecimal {
    /// The digits, first digit highest: no more than seventeen, no zero at the end but by a miss.
    private(set) var digits: UInt64 = 0
    private(set) var digitCount = 0
    /// The value is `digits` times ten to this.
    private(set) var exponent = 0

    /// A binary floating point number with all 64 bits of its significand: the paper's "do-it-yourself" one.
    private struct Scaled {
        var significand: UInt64
        var exponent: Int

        func normalized() -> Scaled {
            let shift = significand.leadingZeroBitCount
            return Scaled(significand: significand << UInt64(shift), exponent: exponent - shift)
        }

        static func * (left: Scaled, right: Scaled) -> Scaled {
            let (high, low) = left.significand.multipliedFullWidth(by: right.significand)
            return Scaled(significand: high &+ (low >> 63), exponent: left.exponent + right.exponent + 64)
        }
    }

    /// `value` must be finite and above zero.
    init(_ value: Double) {
        let isSubnormal = value.exponentBitPattern == 0
        let hidden: UInt64 = 1 << 52
        let significand = value.significandBitPattern | (isSubnormal ? 0 : hidden)
        let exponent = max(1, Int(value.exponentBitPattern)) - 1075

        // The neighbours' midpoints bound what reads back; below a power of two the neighbour is nearer.
        let upper = Scaled(significand: significand << 1 + 1, exponent: exponent - 1).normalized()
        let shift: UInt64 = significand == hidden ? 2 : 1
        var lower = Scaled(significand: significand << shift - 1, exponent: exponent - Int(shift))
        lower.significand <<= UInt64(lower.exponent - upper.exponent)
        lower.exponent = upper.exponent

        let (power, decimalExponent) = Self.power(for: upper.exponent)
        let scaled = Scaled(significand: significand, exponent: exponent).normalized() * power
        let high = upper * power
        let low = lower * power
        self.exponent = -decimalExponent
        // A product is off by less than one in its last place, so the bounds move inwards by one.
        generate(scaled, high.significand - 1, low.significand + 1)
    }

    /// Produces digits of `high` until what is left is within the bounds, then brings the last digit near `value`.
    private mutating func generate(_ value: Scaled, _ high: UInt64, _ low: UInt64) {
        let shift = UInt64(-value.exponent)
        let one: UInt64 = 1 << shift
        var distance = high - value.significand
        var delta = high - low
        var whole = high >> shift
        var fraction = high & (one - 1)

        var unit: UInt64 = 1_000_000_000
        var position = 10
        while position > 0 {
            append(whole / unit)
            whole %= unit
            position -= 1
            let rest = whole << shift + fraction
            if rest <= delta {
                exponent += position
                return round(distance, delta, rest, unit << shift)
            }
            unit /= 10
        }
        while true {
            fraction = fraction &* 10
            delta = delta &* 10
            distance = distance &* 10
            append(fraction >> shift)
            fraction &= one - 1
            position -= 1
            if fraction < delta {
                exponent += position
                return round(distance, delta, fraction, one)
            }
        }
    }

    private mutating func append(_ digit: UInt64) {
        if digit == 0 && digitCount == 0 { return }
        digits = digits * 10 + digit
        digitCount += 1
    }

    private mutating func round(_ distance: UInt64, _ delta: UInt64, _ start: UInt64, _ unit: UInt64) {
        var rest = start
        while rest < distance, delta - rest >= unit,
            rest + unit < distance || distance - rest > rest + unit - distance
        {
            digits -= 1
            rest += unit
        }
    }

    // MARK: - Powers of ten

    private static let firstPower = -348
    private static let step = 8

    /// A power of ten that brings a number of this binary exponent between 2 to the -60 and 2 to the -32 of its unit.
    private static func power(for exponent: Int) -> (power: Scaled, decimalExponent: Int) {
        let estimate = Int(-Double(exponent + significands.count) * 0.301_029_995_663_981_14)
        var index = (estimate - firstPower) / step
        while true {
            let decimalExponent = firstPower + index * step
            // The binary exponent that belongs to it: 217706 / 65536 is the binary logarithm of ten.
            let binaryExponent = (decimalExponent * 217_706) >> 16 - 63
            let sum = exponent + binaryExponent + 64
            if sum < -60 {
                index += 1
            } else if sum > -32 {
                index -= 1
            } else {
                return (Scaled(significand: significands[index], exponent: binaryExponent), decimalExponent)
            }
        }
    }

    /// The significands of each eighth power of ten, rounded to 64 bits.
    private static let significands: [UInt64] = [
        0xFA8F_D5A0_081C_0288, 0xBAAE_E17F_A23E_BF76, 0x8B16_FB20_3055_AC76, 0xCF42_894A_5DCE_35EA,
        0x9A6B_B0AA_5565_3B2D, 0xE61A_CF03_3D1A_45DF, 0xAB70_FE17_C79A_C6CA, 0xFF77_B1FC_BEBC_DC4F,
        0xBE56_91EF_416B_D60C, 0x8DD0_1FAD_907F_FC3C, 0xD351_5C28_3155_9A83, 0x9D71_AC8F_ADA6_C9B5,
        0xEA9C_2277_23EE_8BCB, 0xAECC_4991_4078_536D, 0x823C_1279_5DB6_CE57, 0xC210_9436_4DFB_5637,
        0x9096_EA6F_3848_984F, 0xD774_85CB_2582_3AC7, 0xA086_CFCD_97BF_97F4, 0xEF34_0A98_172A_ACE5,
        0xB238_67FB_2A35_B28E, 0x84C8_D4DF_D2C6_3F3B, 0xC5DD_4427_1AD3_CDBA, 0x936B_9FCE_BB25_C996,
        0xDBAC_6C24_7D62_A584, 0xA3AB_6658_0D5F_DAF6, 0xF3E2_F893_DEC3_F126, 0xB5B5_ADA8_AAFF_80B8,
        0x8762_5F05_6C7C_4A8B, 0xC9BC_FF60_34C1_3053, 0x964E_858C_91BA_2655, 0xDFF9_7724_7029_7EBD,
        0xA6DF_BD9F_B8E5_B88F, 0xF8A9_5FCF_8874_7D94, 0xB944_7093_8FA8_9BCF, 0x8A08_F0F8_BF0F_156B,
        0xCDB0_2555_6531_31B6, 0x993F_E2C6_D07B_7FAC, 0xE45C_10C4_2A2B_3B06, 0xAA24_2499_6973_92D3,
        0xFD87_B5F2_8300_CA0E, 0xBCE5_0864_9211_1AEB, 0x8CBC_CC09_6F50_88CC, 0xD1B7_1758_E219_652C,
        0x9C40_0000_0000_0000, 0xE8D4_A510_0000_0000, 0xAD78_EBC5_AC62_0000, 0x813F_3978_F894_0984,
        0xC097_CE7B_C907_15B3, 0x8F7E_32CE_7BEA_5C70, 0xD5D2_38A4_ABE9_8068, 0x9F4F_2726_179A_2245,
        0xED63_A231_D4C4_FB27, 0xB0DE_6538_8CC8_ADA8, 0x83C7_088E_1AAB_65DB, 0xC45D_1DF9_4271_1D9A,
        0x924D_692C_A61B_E758, 0xDA01_EE64_1A70_8DEA, 0xA26D_A399_9AEF_774A, 0xF209_787B_B47D_6B85,
        0xB454_E4A1_79DD_1877, 0x865B_8692_5B9B_C5C2, 0xC835_53C5_C896_5D3D, 0x952A_B45C_FA97_A0B3,
        0xDE46_9FBD_99A0_5FE3, 0xA59B_C234_DB39_8C25, 0xF6C6_9A72_A398_9F5C, 0xB7DC_BF53_54E9_BECE,
        0x88FC_F317_F222_41E2, 0xCC20_CE9B_D35C_78A5, 0x9816_5AF3_7B21_53DF, 0xE2A0_B5DC_971F_303A,
        0xA8D9_D153_5CE3_B396, 0xFB9B_7CD9_A4A7_443C, 0xBB76_4C4C_A7A4_4410, 0x8BAB_8EEF_B640_9C1A,
        0xD01F_EF10_A657_842C, 0x9B10_A4E5_E991_3129, 0xE710_9BFB_A19C_0C9D, 0xAC28_20D9_623B_F429,
        0x8044_4B5E_7AA7_CF85, 0xBF21_E440_03AC_DD2D, 0x8E67_9C2F_5E44_FF8F, 0xD433_179D_9C8C_B841,
        0x9E19_DB92_B4E3_1BA9, 0xEB96_BF6E_BADF_77D9, 0xAF87_023B_9BF0_EE6B,
    ]
}
