/// A HyperLogLog at a key while it is being changed. It lies inline in its record, which may move.
struct HyperLogLogChange {
    /// What a change came to.
    enum Outcome {
        case unchanged, changed, corrupted
    }

    private let table: KeyTable
    private(set) var entry: Entry
    private let mostSparseBytes: Int

    /// The value of `entry` must be a HyperLogLog.
    init(_ entry: Entry, in table: KeyTable, mostSparseBytes: Int) {
        self.table = table
        self.entry = entry
        self.mostSparseBytes = mostSparseBytes
        table.makeInline(&self.entry)
        self.entry.record.kind = ValueKind.rawString
    }

    var value: Bytes { entry.record.bytes }
    private var mutableValue: MutableBytes { table.mutableBytes(entry) }
    var isDense: Bool { HyperLogLog.encoding(value) == .dense }

    mutating func forgetEstimate() { HyperLogLog.forgetEstimate(of: mutableValue) }

    mutating func add(_ element: Bytes) -> Outcome {
        let (register, value) = HyperLogLog.place(element)
        return raise(register, to: value)
    }

    mutating func raise(_ register: Int, to value: UInt8) -> Outcome {
        isDense ? raiseDense(register, to: value) : raiseSparse(register, to: value)
    }

    /// Raises all registers, in their order. False where the value is corrupted.
    mutating func raiseAll(to maxima: borrowing RegisterMaxima) -> Bool {
        for register in 0..<PackedRegisters.count where maxima[register] > 0 {
            if raise(register, to: maxima[register]) == .corrupted { return false }
            if isDense {
                makeDense(maxima)
                break
            }
        }
        return true
    }

    // MARK: - Dense

    private mutating func raiseDense(_ register: Int, to value: UInt8) -> Outcome {
        let registers = mutableValue[HyperLogLog.headerBytes..<HyperLogLog.denseBytes]
        guard PackedRegisters.value(registers.bytes, register) < value else { return .unchanged }
        PackedRegisters.set(registers, register, value)
        return .changed
    }

    /// Goes over to the dense representation. False where the value is corrupted.
    mutating func makeDense() -> Bool {
        guard !isDense else { return true }
        var maxima = RegisterMaxima()
        guard HyperLogLog.raise(&maxima, to: value) else { return false }
        makeDense(maxima)
        return true
    }

    /// Replaces all registers.
    mutating func makeDense(_ maxima: borrowing RegisterMaxima) {
        if value.count != HyperLogLog.denseBytes {
            table.resizeInline(&entry, to: HyperLogLog.denseBytes)
        }
        HyperLogLog.makeDense(maxima, in: mutableValue)
    }

    // MARK: - Sparse

    private mutating func raiseSparse(_ register: Int, to value: UInt8) -> Outcome {
        guard value <= SparseRegisters.largestValue else { return raiseDenseInstead(register, to: value) }
        guard let place = find(register) else { return .corrupted }
        let run = place.run
        guard run.value < value else { return .unchanged }

        var runs = WrittenRuns()
        runs.append(run.value, registers: register - place.register)
        runs.append(value, registers: 1)
        runs.append(run.value, registers: place.register + run.registers - 1 - register)
        let growth = runs.count - run.byteCount
        if growth > 0, self.value.count + growth > mostSparseBytes {
            return raiseDenseInstead(register, to: value)
        }
        var inline = InlineBytes(entry, in: table)
        inline.splice(
            at: run.offset, removing: min(run.byteCount, self.value.count - run.offset), runs.word,
            count: runs.count)
        entry = inline.entry
        joinRuns(from: place.previous)
        // At once: the next element may meet what is corrupted.
        forgetEstimate()
        return .changed
    }

    private mutating func raiseDenseInstead(_ register: Int, to value: UInt8) -> Outcome {
        guard makeDense() else { return .corrupted }
        return raiseDense(register, to: value)
    }

    private struct Place {
        let run: SparseRegisters.Run
        /// The first register of the run.
        let register: Int
        /// Where the run before it begins.
        let previous: Int
    }

    /// The run that `register` is in; nil where the runs end before.
    private func find(_ register: Int) -> Place? {
        let sparse = SparseRegisters(value)
        var offset = HyperLogLog.headerBytes
        var previous = offset
        var first = 0
        while offset < value.count {
            let run = sparse.run(at: offset)
            if register < first + run.registers { return Place(run: run, register: first, previous: previous) }
            first += run.registers
            previous = offset
            offset = run.end
        }
        return nil
    }

    /// Joins neighbouring runs of the same value, as long as they stay short enough, looking at no more than five.
    private mutating func joinRuns(from start: Int) {
        var inline = InlineBytes(entry, in: table)
        var offset = start
        for _ in 0..<5 {
            guard offset < inline.bytes.count else { break }
            let sparse = SparseRegisters(inline.bytes)
            let run = sparse.run(at: offset)
            if run.value > 0, run.end < inline.bytes.count {
                let next = sparse.run(at: run.end)
                let registers = run.registers + next.registers
                if next.value == run.value, registers <= SparseRegisters.longestValueRun {
                    var joined = WrittenRuns()
                    joined.append(run.value, registers: registers)
                    inline.splice(at: offset, removing: 2, joined.word, count: 1)
                    continue
                }
            }
            offset = run.end
        }
        entry = inline.entry
    }
}
