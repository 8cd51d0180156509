/// Registers as runs of equal ones, which is what most of them are while few elements were added:
///
///     00nnnnnn            n + 1 registers that are zero
///     01nnnnnn nnnnnnnn   the same, up to 16,384 of them
///     1vvvvvnn            n + 1 registers that are v + 1
///
/// One run follows the other, until there are 16,384 registers; where it is otherwise the value is corrupted.
struct SparseRegisters {
    struct Run {
        let offset: Int
        let byteCount: Int
        let registers: Int
        /// The value of the registers.
        let value: UInt8

        var end: Int { offset &+ byteCount }
    }

    static let longestShortRun = 64
    static let longestValueRun = 4
    /// Larger values need the dense representation.
    static let largestValue: UInt8 = 32
    /// One run of all registers, zero.
    static let empty: [UInt8] = [0x7F, 0xFF]

    let bytes: Bytes

    init(_ bytes: Bytes) { self.bytes = bytes }

    /// The run whose first byte is at `offset`, which is within.
    @inline(__always)
    func run(at offset: Int) -> Run {
        let first = bytes[offset]
        if first & 0x80 != 0 {
            return Run(offset: offset, byteCount: 1, registers: Int(first & 3) + 1, value: (first >> 2 & 31) + 1)
        }
        if first & 0x40 == 0 { return Run(offset: offset, byteCount: 1, registers: Int(first) + 1, value: 0) }
        let second = offset + 1 < bytes.count ? bytes[offset + 1] : 0
        return Run(offset: offset, byteCount: 2, registers: (Int(first & 63) << 8 | Int(second)) + 1, value: 0)
    }

    /// Visits the runs with the registers that each has. False where they are not as many as there should be.
    func forEach(_ body: (Run, Range<Int>) -> Void) -> Bool {
        var offset = 0
        var register = 0
        while offset < bytes.count {
            let run = run(at: offset)
            let next = register + run.registers
            guard next <= PackedRegisters.count else { return false }
            body(run, register..<next)
            register = next
            offset = run.end
        }
        return register == PackedRegisters.count
    }

    /// The runs for people, as PFDEBUG DECODE shows them.
    var text: String {
        var words: [String] = []
        var offset = 0
        while offset < bytes.count {
            let run = run(at: offset)
            if run.value > 0 {
                words.append("v:\(run.value),\(run.registers)")
            } else {
                words.append("\(run.byteCount == 2 ? "Z" : "z"):\(run.registers)")
            }
            offset = run.end
        }
        return words.joined(separator: " ")
    }

    /// How many registers have each value; nil where the value is corrupted.
    var histogram: RegisterHistogram? {
        var histogram = RegisterHistogram()
        let isWhole = forEach { run, range in histogram[Int(run.value)] += range.count }
        return isWhole ? histogram : nil
    }
}

/// Runs that are written one after the other, at most five bytes.
struct WrittenRuns {
    private(set) var word: UInt64 = 0
    private(set) var count = 0

    mutating func append(_ value: UInt8, registers: Int) {
        guard registers > 0 else { return }
        if value > 0 {
            append(0x80 | (value - 1) << 2 | UInt8(registers - 1))
        } else if registers <= SparseRegisters.longestShortRun {
            append(UInt8(registers - 1))
        } else {
            append(0x40 | UInt8((registers - 1) >> 8))
            append(UInt8(truncatingIfNeeded: registers - 1))
        }
    }

    private mutating func append(_ byte: UInt8) {
        word |= UInt64(byte) << UInt64(count * 8)
        count += 1
    }
}
