/// One instruction of the machine, in 64 bits: what to do, a register A, and two operands, C of 16 bits and B of 32.
/// Where an operand may be a register or a constant, constants are counted down from -1. (The register machine is that
/// of R. Ierusalimschy, L. H. de Figueiredo and W. Celes, "The Implementation of Lua 5.0", J.UCS 2005; the encoding
/// and some instructions are ours.)
struct Instruction: BitwiseCopyable {
    var bits: UInt64

    @inline(__always)
    init(_ operation: Operation, _ a: Int, _ b: Int = 0, _ c: Int = 0) {
        bits =
            UInt64(operation.rawValue) | UInt64(UInt8(truncatingIfNeeded: a)) << 8
            | UInt64(UInt16(truncatingIfNeeded: c)) << 16 | UInt64(UInt32(truncatingIfNeeded: b)) << 32
    }

    @inline(__always)
    var operation: Operation {
        get { Operation(known: UInt8(truncatingIfNeeded: bits)) }
        set { bits = bits & ~0xFF | UInt64(newValue.rawValue) }
    }

    @inline(__always)
    var a: Int {
        get { Int(UInt8(truncatingIfNeeded: bits &>> 8)) }
        set { bits = bits & ~0xFF00 | UInt64(UInt8(truncatingIfNeeded: newValue)) << 8 }
    }

    @inline(__always)
    var b: Int {
        get { Int(Int32(truncatingIfNeeded: bits &>> 32)) }
        set { bits = bits & 0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: newValue)) << 32 }
    }

    @inline(__always)
    var c: Int {
        get { Int(Int16(truncatingIfNeeded: bits &>> 16)) }
        set { bits = bits & ~0xFFFF_0000 | UInt64(UInt16(truncatingIfNeeded: newValue)) << 16 }
    }

    /// The highest constant that C can name.
    static let constantLimit = 32_000
}

/// What instructions do. R is a register, K a constant, RK either; U an upvalue, G the globals.
enum Operation: UInt8 {
    /// R[A] = R[B]
    case move
    /// R[A] = K[B]
    case loadConstant
    /// R[A] = B ~= 0; if C then skip one
    case loadBoolean
    /// R[A...B] = nil
    case loadNil
    /// R[A] = U[B]
    case getUpvalue
    /// R[A] = G[K[B]]
    case getGlobal
    /// R[A] = R[B][RK[C]]
    case getTable
    /// R[A] = R[B][K[C]], a short string
    case getField
    /// U[B] = R[A]
    case setUpvalue
    /// G[K[B]] = R[A]
    case setGlobal
    /// R[A][RK[B]] = RK[C]
    case setTable
    /// R[A][K[B]] = RK[C], a short string
    case setField
    /// R[A] = {}, with room for B in the array and C in the hash
    case newTable
    /// R[A + 1] = R[B]; R[A] = R[B][RK[C]]
    case method
    /// R[A] = RK[B] op RK[C]
    case add, subtract, multiply, divide, modulo, power
    /// R[A] = op R[B]
    case negate, not, length
    /// R[A] = R[B] .. ... .. R[C]
    case concatenate
    /// pc += B
    case jump
    /// if (RK[B] op RK[C]) ~= A then skip one
    case equal, less, lessOrEqual
    /// if R[A] is as C (0: false) says, go on with the jump that follows, else skip it
    case test
    /// if R[B] is as C says, R[A] = R[B] and the jump that follows, else skip it
    case testSet
    /// R[A], ... (C - 1) = R[A](R[A + 1], ... (B - 1)); 0 stands for all there are
    case call
    /// return R[A](R[A + 1], ... (B - 1))
    case tailCall
    /// return R[A], ... (B - 1)
    case `return`
    /// R[A] += R[A + 2]; if it is not past R[A + 1] then R[A + 3] = R[A], pc += B
    case forLoop
    /// checks R[A...A + 2], R[A] -= R[A + 2], pc += B
    case forPrepare
    /// R[A + 3], ... C = R[A](R[A + 1], R[A + 2]); if R[A + 3] ~= nil then R[A + 2] = R[A + 3], else skip one
    case genericFor
    /// R[A][B + 1...] = R[A + 1], ... C; 0 stands for all there are
    case setList
    /// closes the variables from R[A] on
    case close
    /// R[A] = a closure of prototype B
    case closure
    /// R[A], ... (B - 1) = ...
    case vararg

    @inline(__always)
    init(known rawValue: UInt8) { self = unsafe unsafeBitCast(rawValue, to: Operation.self) }
}
