/// A HyperLogLog counts how many different elements it was given, roughly, in a string of at most 12 KB: "HYLL", the
/// encoding, three unused bytes, the last estimate in eight bytes, of which the highest bit says that it is stale, and
/// the registers. These bytes mean the same to Redis.
///
/// (P. Flajolet and others, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", 2007.)
enum HyperLogLog {
    enum Encoding: UInt8 {
        case dense = 0
        case sparse = 1
    }

    static let headerBytes = 16
    static let denseBytes = headerBytes + PackedRegisters.byteCount
    private static let seed: UInt64 = 0xADC8_3B19
    /// Of an element's hash so many bits name the register, and the others give its value.
    private static let indexBits: UInt64 = 14

    /// How `value` is encoded; nil where it is none.
    static func encoding(_ value: Bytes) -> Encoding? {
        guard value.count >= headerBytes, value.hasPrefix(Bytes("HYLL")) else { return nil }
        guard let encoding = Encoding(rawValue: value[4]) else { return nil }
        return encoding == .sparse || value.count == denseBytes ? encoding : nil
    }

    /// A value with no elements, as it is before the first.
    static var empty: [UInt8] { header(.sparse) + SparseRegisters.empty }

    /// Its estimate is zero, and right.
    private static func header(_ encoding: Encoding) -> [UInt8] {
        Array("HYLL".utf8) + [encoding.rawValue] + Array(repeating: 0, count: 11)
    }

    static func registers(_ value: Bytes) -> Bytes { value[headerBytes..<value.count] }

    /// The register that an element belongs to, and what it raises it to: one more than the zeros that end the rest of
    /// its hash.
    static func place(_ element: Bytes) -> (register: Int, value: UInt8) {
        let hash = MurmurHash.hash(element, seed: seed)
        let register = Int(truncatingIfNeeded: hash) & (PackedRegisters.count - 1)
        let rest = hash >> indexBits | 1 << (64 - indexBits)
        return (register, UInt8(rest.trailingZeroBitCount + 1))
    }

    // MARK: - The estimate that is kept

    /// The last estimate, where nothing was added since.
    static func estimate(kept value: Bytes) -> Int? {
        guard value[15] & 0x80 == 0 else { return nil }
        return (0..<8).reduce(0) { $0 | Int(value[8 + $1]) << ($1 * 8) }
    }

    static func keep(_ estimate: Int, in value: MutableBytes) {
        for index in 0..<8 { value[8 + index] = UInt8(truncatingIfNeeded: estimate >> (index * 8)) }
    }

    static func forgetEstimate(of value: MutableBytes) { value[15] |= 0x80 }

    // MARK: - Estimating

    /// How many different elements there were, by the registers' values. (O. Ertl, "New cardinality estimation
    /// algorithms for HyperLogLog sketches", 2017, algorithm 6.)
    static func estimate(_ histogram: RegisterHistogram) -> Int {
        let count = Double(PackedRegisters.count)
        let most = 64 - Int(indexBits)
        var sum = count * tau((count - Double(histogram[most + 1])) / count)
        for value in stride(from: most, through: 1, by: -1) {
            sum += Double(histogram[value])
            sum *= 0.5
        }
        sum += count * sigma(Double(histogram[0]) / count)
        let alpha = 0.721347520444481703680
        // Registers that no elements would make may stand for more than can be counted; Redis answers the same then.
        return Int(exactly: (alpha * count * count / sum).rounded()) ?? .min
    }

    private static func sigma(_ start: Double) -> Double {
        guard start != 1 else { return .infinity }
        var (x, y, sum) = (start, 1.0, start)
        var before: Double
        repeat {
            x *= x
            before = sum
            sum += x * y
            y += y
        } while before != sum
        return sum
    }

    private static func tau(_ start: Double) -> Double {
        guard start != 0, start != 1 else { return 0 }
        var (x, y, sum) = (start, 1.0, 1 - start)
        var before: Double
        repeat {
            x = x.squareRoot()
            before = sum
            y *= 0.5
            sum -= (1 - x) * (1 - x) * y
        } while before != sum
        return sum / 3
    }

    /// How many registers have each value; nil where the value is corrupted.
    static func histogram(_ value: Bytes) -> RegisterHistogram? {
        switch encoding(value) {
        case .dense: PackedRegisters.histogram(registers(value))
        case .sparse: SparseRegisters(registers(value)).histogram
        case nil: nil
        }
    }

    // MARK: - Merging

    /// Raises `maxima` to the registers of `value`. False where it is corrupted.
    static func raise(_ maxima: inout RegisterMaxima, to value: Bytes) -> Bool {
        guard encoding(value) == .sparse else {
            maxima.raise(to: registers(value))
            return true
        }
        var offset = headerBytes
        var register = 0
        let sparse = SparseRegisters(value)
        while offset < value.count {
            let run = sparse.run(at: offset)
            let next = register + run.registers
            guard next <= PackedRegisters.count else { return false }
            if run.value > 0 { maxima.raise(register..<next, to: run.value) }
            register = next
            offset = run.end
        }
        return register == PackedRegisters.count
    }

    /// Writes a dense value with these registers; the estimate that was kept stays, as it is in the first bytes of
    /// `result`.
    static func makeDense(_ maxima: borrowing RegisterMaxima, in result: MutableBytes) {
        result[4] = Encoding.dense.rawValue
        maxima.write(to: result[headerBytes..<denseBytes])
    }
}
