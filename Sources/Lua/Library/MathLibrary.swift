internal import Glibc

extension LuaState {
    func openMath() {
        let table = openLibrary(
            "math",
            [
                .init("abs", { (call) throws(LuaError) in try Mathematics.map(call) { $0.magnitude } }),
                .init("acos", { (call) throws(LuaError) in try Mathematics.map(call) { positive(acos($0), $0) } }),
                .init("asin", { (call) throws(LuaError) in try Mathematics.map(call) { positive(asin($0), $0) } }),
                .init("atan", { (call) throws(LuaError) in try Mathematics.map(call) { atan($0) } }),
                .init("ceil", { (call) throws(LuaError) in try Mathematics.map(call) { $0.rounded(.up) } }),
                .init("cos", { (call) throws(LuaError) in try Mathematics.map(call) { cos($0) } }),
                .init("cosh", { (call) throws(LuaError) in try Mathematics.map(call) { cosh($0) } }),
                .init("deg", { (call) throws(LuaError) in try Mathematics.map(call) { $0 / (Double.pi / 180) } }),
                .init("exp", { (call) throws(LuaError) in try Mathematics.map(call) { exp($0) } }),
                .init("floor", { (call) throws(LuaError) in try Mathematics.map(call) { $0.rounded(.down) } }),
                .init("log", { (call) throws(LuaError) in try Mathematics.map(call) { log($0) } }),
                .init("log10", { (call) throws(LuaError) in try Mathematics.map(call) { positive(log10($0), $0) } }),
                .init("rad", { (call) throws(LuaError) in try Mathematics.map(call) { $0 * (Double.pi / 180) } }),
                .init("sin", { (call) throws(LuaError) in try Mathematics.map(call) { sin($0) } }),
                .init("sinh", { (call) throws(LuaError) in try Mathematics.map(call) { sinh($0) } }),
                .init("sqrt", { (call) throws(LuaError) in try Mathematics.map(call) { $0.squareRoot() } }),
                .init("tan", { (call) throws(LuaError) in try Mathematics.map(call) { tan($0) } }),
                .init("tanh", { (call) throws(LuaError) in try Mathematics.map(call) { tanh($0) } }),
                .init("atan2", { (call) throws(LuaError) in try Mathematics.combine(call) { atan2($0, $1) } }),
                .init("fmod", { (call) throws(LuaError) in try Mathematics.combine(call) { fmod($0, $1) } }),
                .init("mod", { (call) throws(LuaError) in try Mathematics.combine(call) { fmod($0, $1) } }),
                .init("pow", { (call) throws(LuaError) in try Mathematics.combine(call) { pow($0, $1) } }),
                .init("frexp", Mathematics.fraction), .init("ldexp", Mathematics.scale),
                .init("max", Mathematics.maximum),
                .init("min", Mathematics.minimum), .init("modf", Mathematics.parts),
                .init("random", Mathematics.random),
                .init("randomseed", Mathematics.seed),
            ])
        set(table, "mod", get(table, "fmod"))
        set(table, "pi", LuaValue(Double.pi))
        set(table, "huge", LuaValue(Double.infinity))
    }

    func openSystem() {
        openLibrary(
            "os",
            [
                .init(
                    "clock",
                    { (call) throws(LuaError) in
                        call.push(Double(clock()) / 1_000_000)
                        return 1
                    }
                )
            ])
    }
}

/// Outside of their domains some functions of the C library have a NaN whose sign, which scripts see, is another in
/// static programs. This is the one of dynamic programs.
private func positive(_ result: Double, _ argument: Double) -> Double {
    result.isNaN && !argument.isNaN ? .nan : result
}

private enum Mathematics {
    @inline(__always)
    static func map(_ call: LuaCall, _ function: (Double) -> Double) throws(LuaError) -> Int {
        call.push(function(try call.number(0)))
        return 1
    }

    @inline(__always)
    static func combine(_ call: LuaCall, _ function: (Double, Double) -> Double) throws(LuaError) -> Int {
        // C looks at the last argument first.
        let second = try call.number(1)
        call.push(function(try call.number(0), second))
        return 1
    }

    static func fraction(_ call: LuaCall) throws(LuaError) -> Int {
        let number = try call.number(0)
        guard number.isFinite, number != 0 else {
            call.push(number)
            call.push(0)
            return 2
        }
        call.push(Double(sign: number.sign, exponent: -1, significand: number.significand))
        call.push(Int(number.exponent) + 1)
        return 2
    }

    static func scale(_ call: LuaCall) throws(LuaError) -> Int {
        let exponent = try call.integer(1)
        let number = try call.number(0)
        call.push(ldexp(number, Int32(truncatingIfNeeded: exponent)))
        return 1
    }

    static func maximum(_ call: LuaCall) throws(LuaError) -> Int {
        var largest = try call.number(0)
        var index = 1
        while index < call.count {
            let number = try call.number(index)
            if number > largest { largest = number }
            index += 1
        }
        call.push(largest)
        return 1
    }

    static func minimum(_ call: LuaCall) throws(LuaError) -> Int {
        var smallest = try call.number(0)
        var index = 1
        while index < call.count {
            let number = try call.number(index)
            if number < smallest { smallest = number }
            index += 1
        }
        call.push(smallest)
        return 1
    }

    static func parts(_ call: LuaCall) throws(LuaError) -> Int {
        let number = try call.number(0)
        let integer = number.rounded(.towardZero)
        call.push(integer)
        let fraction = number.isInfinite ? 0 : number - integer
        call.push(fraction == 0 ? Double(signOf: number, magnitudeOf: 0) : fraction)
        return 2
    }

    static func random(_ call: LuaCall) throws(LuaError) -> Int {
        let limit = Int32.max
        let chance = Double(call.state.randomSource() % limit) / Double(limit)
        switch call.count {
        case 0: call.push(chance)
        case 1:
            let high = try int(call, 0)
            guard high >= 1 else { throw call.argumentError(0, "interval is empty") }
            call.push((chance * Double(high)).rounded(.down) + 1)
        case 2:
            let low = try int(call, 0)
            let high = try int(call, 1)
            guard low <= high else { throw call.argumentError(1, "interval is empty") }
            // The width of the interval is a C int.
            let width = Int32(truncatingIfNeeded: Int(high) - Int(low) + 1)
            call.push((chance * Double(width)).rounded(.down) + Double(low))
        default: throw call.error("wrong number of arguments")
        }
        return 1
    }

    /// A C int.
    private static func int(_ call: LuaCall, _ index: Int) throws(LuaError) -> Int32 {
        Int32(truncatingIfNeeded: try call.integer(index))
    }

    static func seed(_ call: LuaCall) throws(LuaError) -> Int {
        call.state.seedRandomSource(try int(call, 0))
        return 0
    }
}

/// The 48-bit generator of POSIX, `lrand48`, in a copy of the state's own.
public final class StandardRandom {
    private var state: UInt64 = 0x1234_ABCD_330E

    public init() {}

    public func seed(_ value: UInt32) { state = UInt64(value) << 16 | 0x330E }

    public func next() -> Int32 {
        state = (state &* 0x5_DEEC_E66D &+ 0xB) & 0xFFFF_FFFF_FFFF
        return Int32(truncatingIfNeeded: state >> 17)
    }
}
