import Testing

@testable import Redstart

@Suite struct NumberTextTests {
    private func text(_ value: Int) -> String { NumberText.withText(of: value) { String($0) } }
    private func text(_ value: Double) -> String { NumberText.withText(of: value) { String($0) } }
    private func general(_ value: Double) -> String { NumberText.withGeneralText(of: value) { String($0) } }
    private func fixed(_ value: LongDouble) -> String { NumberText.withFixedText(of: value) { String($0) } }

    // MARK: - Integers

    /// Recorded from INCRBY.
    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("-1", -1), ("10", 10), ("-10", -10), ("42", 42),
            ("9223372036854775807", 9223372036854775807), ("-9223372036854775808", Int.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1000000000000000000", 1000000000000000000),
            ("99999999999999999999", nil), ("100000000000000000000", nil), ("18446744073709551615", nil), ("-0", nil),
            ("+1", nil), ("01", nil), ("-01", nil), ("00", nil), (" 1", nil), ("1 ", nil), ("", nil), ("-", nil),
            ("--1", nil), ("1.0", nil), ("1e3", nil), ("0x10", nil), ("1\0", nil), ("1_000", nil), ("a", nil),
        ] as [(String, Int?)])
    func `integers are read in their canonical form`(_ line: String, _ value: Int?) {
        #expect(Array(line.utf8).withBytes { NumberText.integer($0) } == value)
        guard let value else { return }
        #expect(text(value) == line)
        #expect(NumberText.digitCount(value) == line.utf8.count)
    }

    @Test func `unsigned integers are read in their canonical form`() {
        func read(_ line: String) -> UInt64? { Array(line.utf8).withBytes { NumberText.unsignedInteger($0) } }
        #expect(read("0") == 0)
        #expect(read("18446744073709551615") == .max)
        for line in ["18446744073709551616", "99999999999999999999", "-1", "+1", "01", "", " 1"] {
            #expect(read(line) == nil)
        }
    }

    /// Recorded from the second part of stream IDs.
    @Test(
        arguments: [
            ("0", 0), ("7", 7), ("007", 7), ("+7", 7), (" 7", 7), ("\t7", 7), ("\u{b}7", 7), ("\u{d}7", 7), (" +7", 7),
            ("-07", 18446744073709551609), ("-0", 0), ("-7", nil), ("-9223372036854775809", 9223372036854775807),
            ("18446744073709551615", 18446744073709551615), ("18446744073709551616", nil),
            ("018446744073709551615", 18446744073709551615), ("9223372036854775808", 9223372036854775808), ("7\0", 7),
            ("7\0x", 7), ("-7\0", nil), ("", nil), (" ", nil), ("+", nil), ("-", nil), ("7 ", nil), ("0x7", nil),
            ("7.0", nil), ("+-7", nil), ("7a", nil),
        ] as [(String, UInt64?)])
    func `unsigned integers are read with leniency`(_ line: String, _ value: UInt64?) {
        #expect(Array(line.utf8).withBytes { NumberText.lenientUnsignedInteger($0) } == value)
    }

    /// Recorded from HSCAN, which does not tell the value.
    @Test(
        arguments: [
            ("0", true), ("7", true), ("007", true), ("+7", true), ("-7", true), ("-0", true),
            ("-18446744073709551615", true), ("18446744073709551615", true), ("18446744073709551616", false),
            ("", true), ("\0x", true), ("7\0x", true), (" 7", false), ("\t7", false), ("7 ", false), ("-", false),
            ("+", false), ("0x7", false), ("7.0", false), ("x", false), ("+-7", false),
        ] as [(String, Bool)])
    func `cursors are read`(_ line: String, _ isCursor: Bool) {
        #expect((Array(line.utf8).withBytes { NumberText.cursor($0) } != nil) == isCursor)
    }

    @Test func `cursors wrap around`() {
        func read(_ line: String) -> UInt64? { Array(line.utf8).withBytes { NumberText.cursor($0) } }
        #expect(read("-1") == .max)
        #expect(read("007") == 7)
        #expect(read("") == 0)
    }

    @Test func `integers of every length are written`() {
        var chance = SeededChance(seed: 1)
        for bits in 0..<64 {
            for value in [1 << bits, (1 << bits) &- 1, Int.random(in: 0...(Int.max >> bits), using: &chance)] {
                #expect(text(value) == String(value))
                #expect(text(0 &- value) == String(0 &- value))
                #expect(Array(String(value).utf8).withBytes { NumberText.integer($0) } == value)
            }
        }
    }

    // MARK: - Floating point

    /// Recorded from ZADD and ZSCORE of Redis 7.0, which answers in the general form.
    @Test(
        arguments: [
            ("0", "0"), ("-0", "-0"), ("1", "1"), ("-1", "-1"), ("+1", "1"), ("1.5", "1.5"), (".5", "0.5"), ("5.", "5"),
            ("-.5", "-0.5"), ("0.1", "0.10000000000000001"), ("3.3", "3.2999999999999998"), ("00012", "12"),
            ("1e3", "1000"), ("1E3", "1000"), ("1e+3", "1000"), ("1e-3", "0.001"), ("1e0000000001", "10"),
            ("1e22", "1e+22"), ("1e23", "9.9999999999999992e+22"), ("123456789012345678", "1.2345678901234568e+17"),
            ("9007199254740993", "9007199254740992"), ("0.1e-6", "9.9999999999999995e-08"), ("1e308", "1e+308"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"), ("1.7976931348623159e308", nil), ("1e400", nil),
            ("-1e400", nil), ("1e-310", "9.9999999999999694e-311"), ("4.9e-324", "4.9406564584124654e-324"),
            ("2e-324", nil), ("1e-400", nil), ("0e999999999999", "0"), ("0x10", "16"), ("0x1p3", "8"), ("0X1.8p1", "3"),
            ("0x.8", "0.5"), ("0x1.", "1"), ("-0x1", "-1"), ("0x1p-1074", "4.9406564584124654e-324"),
            ("0x1p-1075", nil), ("0x1p1024", nil), ("inf", "inf"), ("+inf", "inf"), ("-inf", "-inf"), ("INF", "inf"),
            ("Infinity", "inf"), ("-infinity", "-inf"), ("infinit", nil), ("nan", nil), ("NaN", nil), ("-nan", nil),
            ("nan(abc)", nil), ("0x", nil), ("0x.", nil), ("0x1p", nil), ("1e", nil), ("1e+", nil), ("", nil),
            ("-", nil), ("+", nil), (".", nil), ("-.", nil), ("+-1", nil), ("--1", nil), (" 1", nil), ("1 ", nil),
            ("\t1", nil), ("1\n", nil), ("1_0", nil), ("1,5", nil), ("1d", nil), ("0b1", nil), ("1\0", nil),
            ("\01", nil), ("99999999999999999999", "1e+20"), ("0.30000000000000004", "0.30000000000000004"),
            ("123456.789", "123456.789"), ("179769313486231570000", "1.7976931348623157e+20"),
            ("0.000000000000000001", "1.0000000000000001e-18"), ("0.000000000000000000000000000000123", "1.23e-31"),
        ] as [(String, String?)])
    func `floating point is read`(_ line: String, _ answer: String?) {
        let value = Array(line.utf8).withBytes { NumberText.double($0) }
        #expect(value.map(general) == answer)
        guard let value else { return }
        #expect(Double(text(value)) == value)
    }

    /// Recorded from ZCOUNT.
    @Test(
        arguments: [
            ("1", true), (" 1", true), ("\t 1", true), ("1 ", false), ("", true), ("\0", true), ("1\0x", true),
            (" ", false), ("1e400", true), ("-1e400", true), ("1e-400", true), ("inf", true), ("-inf", true),
            ("nan", false), ("x", false), ("1x", false), ("0x10", true), ("-", false), (".", false), ("1e", false),
            ("infinity", true), ("\0x", true),
        ] as [(String, Bool)])
    func `ends of ranges are read with leniency`(_ line: String, _ isBound: Bool) {
        #expect((Array(line.utf8).withBytes { NumberText.doubleBound($0) } != nil) == isBound)
    }

    /// The integers, and those that Redis 7.4.1 was seen to answer; and the limits of the plain form.
    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (3, "3"), (-1, "-1"), (0.1, "0.1"), (9.1, "9.1"), (3.5, "3.5"), (1e21, "1e+21"),
            (1e308, "1e+308"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (1e15, "1000000000000000"),
            (1e18, "1000000000000000000"), (1_009_651_914_519_660_544, "1009651914519660544"),
            (0x1p62, "4611686018427387904"), (-0x1p62, "-4611686018427387904"), (5e18, "5e+18"), (1e19, "1e+19"),
            (12_345_678e15, "1.2345678e+22"), (1_234_567_890_123e7, "12345678901230000000"),
            (3.3, "3.3"), (0.3 - 0.1, "0.19999999999999998"), (0.000001, "0.000001"), (0.0000001, "1e-7"),
            (0.001234567, "0.001234567"), (0.0001234567, "1.234567e-4"), (1.5e-10, "1.5e-10"),
            (.leastNonzeroMagnitude, "5e-324"),
            (1234.5678, "1234.5678"), (123.45678901234567, "123.45678901234567"), (-2.5e-300, "-2.5e-300"),
            (12345.678901234567, "1.2345678901234567e+4"), (1_700_000_000.123456, "1700000000.123456"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.leastNormalMagnitude, "2.2250738585072014e-308"),
        ] as [(Double, String)])
    func `floating point is written in the usual form`(_ value: Double, _ answer: String) {
        #expect(text(value) == answer)
    }

    @Test func `every text reads back`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("NumberText, seed \(seed)")
        var chance = SeededChance(seed: seed)
        var misses = 0
        let rounds = 20_000
        for _ in 0..<rounds {
            let value = Double(bitPattern: chance.next())
            guard value.isFinite else { continue }
            let written = text(value)
            #expect(written.utf8.count <= NumberText.doubleCapacity)
            #expect(Array(written.utf8).withBytes { NumberText.double($0) } == value)
            #expect(Array(general(value).utf8).withBytes { NumberText.double($0) } == value)
            // Beyond these both have an exponent, and differ by digits alone.
            guard value.magnitude > 1e25 || value.magnitude < 1e-10 else { continue }
            let digits = written.utf8.prefix { $0 != UInt8(ascii: "e") }.count
            let fewest = value.description.utf8.prefix { $0 != UInt8(ascii: "e") }.count
            if digits > fewest, !value.description.contains(".0e") { misses += 1 }
        }
        #expect(misses < rounds / 100)
    }

    #if arch(x86_64)
    /// Recorded from SET and INCRBYFLOAT; "inf" where it answered that the result would be NaN or infinity.
    @Test(
        arguments: [
            ("0", "1", "1"), ("10.50", "0.1", "10.6"), ("5.0e3", "2.0e2", "5200"), ("0.1", "0.2", "0.3"),
            ("3", "-3", "0"), ("1.5", "-1.5", "0"), ("0", "-0", "0"), ("-0", "-0", "0"),
            ("1", "1e-17", "1.00000000000000001"), ("1", "1e-18", "1"), ("0", "1e-17", "0.00000000000000001"),
            ("0", "5e-18", "0"), ("0", "4.9e-18", "0"), ("0", "1.5e-17", "0.00000000000000002"), ("0", "-1e-18", "0"),
            ("0", "-1e-17", "-0.00000000000000001"), ("0.1", "0", "0.1"), ("3.3", "0", "3.3"),
            ("1e15", "0.1", "1000000000000000.0999755859375"), ("1e17", "0.1", "100000000000000000.1015625"),
            ("1e18", "0.5", "1000000000000000000.5"), ("9223372036854775807", "1", "9223372036854775808"),
            ("18446744073709551615", "0", "18446744073709551615"),
            ("18446744073709551615", "1", "18446744073709551616"),
            ("18446744073709551616", "1", "18446744073709551616"), ("1e20", "0", "100000000000000000000"),
            ("1e25", "0", "10000000000000000000000000"), ("-1e25", "0.5", "-10000000000000000000000000"),
            ("123456789.123456789", "0", "123456789.12345678899873747"), ("0x10", "0.5", "16.5"), ("1e-4951", "0", nil),
            ("1e-400", "0", "0"), ("1e5000", "0", nil), ("inf", "1", "inf"), ("nan", "1", nil), ("", "1", nil),
            (" 1", "1", nil), ("1 ", "1", nil), ("1\0", "1", nil), ("0.5", "0.25", "0.75"),
            ("99999999999999999999", "0.00000000000000001", "100000000000000000000"),
            ("0.99999999999999999", "0", "0.99999999999999999"), ("0.999999999999999999", "0", "1"),
            ("9.99999999999999999", "0.00000000000000001", "10"), ("2.5", "1e30", "1000000000000000000024696061952"),
            ("-12.75", "0.001", "-12.749"), ("1", "0.333333333333333333333333", "1.33333333333333333"),
        ] as [(String, String, String?)])
    func `sums are written in the fixed form`(_ first: String, _ second: String, _ answer: String?) {
        let one = Array(first.utf8).withBytes { NumberText.longDouble($0) }
        let other = Array(second.utf8).withBytes { NumberText.longDouble($0) }
        guard let one, let other else {
            #expect(answer == nil)
            return
        }
        #expect(fixed(one + other) == answer)
    }
    #endif

    @Test func `the fixed form has as many decimals as asked for`() {
        func fixed(_ value: LongDouble, _ decimals: Int) -> String {
            NumberText.withFixedText(of: value, decimals: decimals, keepsZeros: true) { String($0) }
        }
        #expect(fixed(166.27415, 4) == "166.2741" || fixed(166.27415, 4) == "166.2742")
        #expect(fixed(0, 4) == "0.0000")
        #expect(fixed(0.99996, 4) == "1.0000")
        #expect(fixed(2.5, 0) == "2")
        #expect(fixed(3.5, 0) == "4")
        #expect(fixed(-1.25, 1) == "-1.2")
        #expect(fixed(0x1p100, 2) == "1267650600228229401496703205376.00")
    }

    @Test func `long texts are read up to the limit`() {
        func digits(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "0"), count: count - 1) + [49] }
        #expect(digits(5_119).withBytes { NumberText.longDouble($0) } == 1)
        #expect(digits(5_120).withBytes { NumberText.longDouble($0) } == nil)
        #expect(digits(100_000).withBytes { NumberText.double($0) } == 1)
    }
}
