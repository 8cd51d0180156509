import Testing

@testable import Redstart

/// Registers taken one at a time, eight at a time, and as an array would hold them.
@Suite struct PackedRegistersTests {
    @Test func `hold what is written, count it, and find the largest`() {
        var random = SystemRandomNumberGenerator()
        var first = RegisterMaxima()
        var largest = Array(repeating: UInt8(0), count: PackedRegisters.count)
        for round in 0..<5 {
            var model = Array(repeating: UInt8(0), count: PackedRegisters.count)
            MutableBytes.withRoom(PackedRegisters.byteCount) { registers in
                registers.clear()
                for _ in 0..<1 << (round * 4) {
                    let index = Int.random(in: 0..<PackedRegisters.count, using: &random)
                    let value = UInt8.random(in: 0...63, using: &random)
                    PackedRegisters.set(registers, index, value)
                    model[index] = value
                }
                #expect(model.indices.allSatisfy { PackedRegisters.value(registers.bytes, $0) == model[$0] })
                let histogram = PackedRegisters.histogram(registers.bytes)
                #expect((0..<64).allSatisfy { value in histogram[value] == model.count { $0 == value } })
                first.raise(to: registers.bytes)
                for index in model.indices { largest[index] = max(largest[index], model[index]) }
                #expect(model.indices.allSatisfy { first[$0] == largest[$0] })

                first.write(to: registers)
                #expect(model.indices.allSatisfy { PackedRegisters.value(registers.bytes, $0) == largest[$0] })
            }
        }
        let histogram = first.histogram
        #expect((0..<64).allSatisfy { value in histogram[value] == largest.count { $0 == value } })
    }

    @Test func `murmur hashes are what they were`() {
        for (text, hash) in [("", 0), ("a", 0x71717d2d36b6b11), ("abcdefgh", 0xafdb0257ff41aa98)] as [(String, UInt64)]
        {
            Array(text.utf8).withBytes { #expect(MurmurHash.hash($0, seed: 0) == hash, "\(text)") }
        }
    }
}
