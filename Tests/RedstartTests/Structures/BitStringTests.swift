import Testing

@testable import Redstart

/// The words and vectors of `BitString`, `MutableBytes` and `BitOperation` against one bit after the other.
@Suite struct BitStringTests {
    private struct Model {
        var bits: [Bool]

        init(_ bytes: [UInt8]) {
            bits = bytes.flatMap { byte in (0..<8).map { byte & (0x80 >> $0) != 0 } }
        }

        subscript(index: Int) -> Bool { index < bits.count && bits[index] }
    }

    /// Bytes of all kinds: random, nearly empty, nearly full.
    private static func bytes(_ count: Int, _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
        var bytes: [UInt8]
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 1: bytes = Array(repeating: 0, count: count)
        default: bytes = Array(repeating: 255, count: count)
        }
        if count > 0 {
            for _ in 0..<Int.random(in: 0..<3, using: &random) {
                bytes[Int.random(in: 0..<count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return bytes
    }

    private static let counts = [0, 1, 2, 7, 8, 9, 15, 63, 64, 65, 127, 128, 200, 255, 256, 257, 511, 512, 600, 1_025]

    @Test func `counts and finds as one would by hand`() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<1_500 {
            let array = BitStringTests.bytes(BitStringTests.counts[round % BitStringTests.counts.count], &random)
            let model = Model(array)
            let first = Int.random(in: 0...model.bits.count, using: &random)
            let last = Int.random(in: first...model.bits.count, using: &random)
            array.withBytes { bytes in
                #expect(bytes.bitCount == model.bits.count { $0 })
                #expect(bytes.bitCount(first..<last) == model.bits[first..<last].count { $0 })
                for bit in [true, false] {
                    #expect(bytes.firstBit(bit, in: first..<last) == model.bits[first..<last].firstIndex(of: bit))
                }
                let offset = Int.random(in: 0..<model.bits.count + 80, using: &random)
                let width = Int.random(in: 1...64, using: &random)
                #expect(bytes.bit(at: offset) == model[offset])
                let field = (0..<width).reduce(UInt64(0)) { $0 << 1 | (model[offset + $1] ? 1 : 0) }
                #expect(bytes.bitField(at: offset, width: width) == field)
            }
        }
    }

    @Test func `writes bits and fields, and leaves those around them`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var array = BitStringTests.bytes(Int.random(in: 9..<40, using: &random), &random)
            var model = Model(array)
            let width = Int.random(in: 1...64, using: &random)
            let offset = Int.random(in: 0...model.bits.count - width, using: &random)
            let value = UInt64.random(in: 0...UInt64.max, using: &random)
            let place = Int.random(in: 0..<model.bits.count, using: &random)
            let bit = Bool.random(using: &random)
            for index in 0..<width { model.bits[offset + index] = value >> UInt64(width - 1 - index) & 1 == 1 }
            model.bits[place] = bit
            unsafe array.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                let bytes = unsafe MutableBytes(base, buffer.count)
                bytes.setBitField(at: offset, width: width, value)
                bytes.setBit(at: place, bit)
            }
            #expect(Model(array).bits == model.bits)
        }
    }

    @Test(arguments: [BitOperation.and, .or, .xor, .not])
    func `combines strings of any lengths, in a place of its own or in that of the first`(_ operation: BitOperation) {
        var random = SystemRandomNumberGenerator()
        let lengths = BitStringTests.counts + [8_191, 8_192, 8_193, 20_000]
        for round in 0..<300 {
            let number = operation == .not ? 1 : Int.random(in: 1...5, using: &random)
            let range = round % 20 == 0 ? 0..<lengths.count : 0..<lengths.count - 4
            let arrays = (0..<number).map { _ in
                BitStringTests.bytes(lengths[Int.random(in: range, using: &random)], &random)
            }
            let count = arrays.map(\.count).max() ?? 0
            let expected = (0..<count).map { index in
                let bytes = arrays.map { index < $0.count ? $0[index] : 0 }
                switch operation {
                case .and: return bytes.reduce(255) { $0 & $1 }
                case .or: return bytes.reduce(0) { $0 | $1 }
                case .xor: return bytes.reduce(0) { $0 ^ $1 }
                case .not: return ~bytes[0]
                }
            }
            #expect(combined(operation, arrays, count, inPlace: false) == expected)
            #expect(combined(operation, arrays, count, inPlace: true) == expected)
        }
    }

    private func combined(_ operation: BitOperation, _ arrays: [[UInt8]], _ count: Int, inPlace: Bool) -> [UInt8] {
        // Sources lie one after the other, so that they keep their addresses.
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: arrays.reduce(0) { $0 + $1.count } + count * 2 + 1, alignment: 1)
        defer { unsafe memory.deallocate() }
        var sources = ByteSources(capacity: arrays.count)
        var offset = count
        for (index, array) in arrays.enumerated() {
            let start = unsafe inPlace && index == 0 ? memory : memory + offset
            array.withBytes { unsafe MutableBytes(start, array.count).copy($0) }
            unsafe sources.append(.bytes(Bytes(start, array.count)))
            offset += array.count
        }
        let result = unsafe MutableBytes(memory, count)
        operation.write(sources, to: result)
        return Array(result.bytes)
    }
}
