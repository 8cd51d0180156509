/// What PFSELFTEST tries.
enum HyperLogLogTest {
    /// Whether registers keep what is written to them, and leave their neighbours alone.
    static func registersHold(_ random: RandomSource) -> Bool {
        var expected = Array(repeating: UInt8(0), count: PackedRegisters.count)
        var maxima = RegisterMaxima()
        var holds = true
        MutableBytes.withRoom(PackedRegisters.byteCount) { registers in
            registers.clear()
            for _ in 0..<4 * PackedRegisters.count {
                let index = random.below(PackedRegisters.count)
                let value = UInt8(random.below(64))
                expected[index] = value
                PackedRegisters.set(registers, index, value)
            }
            maxima.raise(to: registers.bytes)
            for index in 0..<PackedRegisters.count {
                let value = PackedRegisters.value(registers.bytes, index)
                if value != expected[index] || maxima[index] != expected[index] { holds = false }
            }
        }
        return holds
    }

    /// The largest error of estimates while half a million elements are added, in units of six standard errors; nil
    /// where the small numbers of the beginning are not estimated as the same registers are in runs.
    static func largestError(_ random: RandomSource) -> Double? {
        var maxima = RegisterMaxima()
        let salt = random.below(1 << 40) << 20
        var worst = 0.0
        var next = 16
        for number in 1...500_000 {
            NumberText.withText(of: salt + number) { element in
                let place = HyperLogLog.place(element)
                maxima.raise(place.register..<place.register + 1, to: place.value)
            }
            guard number == next else { continue }
            next *= 2
            let estimate = HyperLogLog.estimate(maxima.histogram)
            if number <= 256, sparseEstimate(maxima) != estimate { return nil }
            // The standard error is 0.81 percent; small numbers are nearly exact, yet not wholly.
            let error = abs(Double(estimate - number))
            worst = max(worst, error / (Double(number) * 6 * 0.0081 + 2))
        }
        return worst
    }

    private static func sparseEstimate(_ maxima: borrowing RegisterMaxima) -> Int? {
        var bytes: [UInt8] = []
        var index = 0
        while index < PackedRegisters.count {
            var end = index + 1
            let most = maxima[index] == 0 ? PackedRegisters.count : SparseRegisters.longestValueRun
            while end < PackedRegisters.count, end - index < most, maxima[end] == maxima[index] { end += 1 }
            var run = WrittenRuns()
            run.append(maxima[index], registers: end - index)
            for place in 0..<run.count { bytes.append(UInt8(truncatingIfNeeded: run.word >> UInt64(place * 8))) }
            index = end
        }
        return bytes.withBytes { SparseRegisters($0).histogram }.map(HyperLogLog.estimate)
    }
}
