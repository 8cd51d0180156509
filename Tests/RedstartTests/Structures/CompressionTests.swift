import Testing

@testable import Redstart

@Suite struct CRC64Tests {
    @Test func `is the one of Redis`() {
        #expect(CRC64.checksum(Bytes("123456789")) == 0xE9C6_D914_C4B8_D9CA)
        #expect(CRC64.checksum(.empty) == 0)
    }
}

@Suite struct LZFTests {
    @Test func `expands what it has compressed`() {
        let random = RandomSource(seed: 7)
        for _ in 0..<300 {
            var text: [UInt8] = []
            while text.count < random.below(20_000) {
                let isRun = random.below(2) == 0
                let piece = (0...random.below(400)).map { _ in UInt8(97 + random.below(isRun ? 1 : 4)) }
                text += piece
            }
            guard let shorter = text.withBytes({ LZF.compressed($0) }) else { continue }
            #expect(shorter.count < text.count)
            #expect(shorter.withBytes { LZF.expanded($0, count: text.count) } == text)
            #expect(shorter.withBytes { LZF.expanded($0, count: text.count + 1) } == nil)
        }
    }

    @Test func `leaves what it cannot compress`() {
        #expect(LZF.compressed(Bytes("abcdefghijklmnopqrstuvwxyz")) == nil)
        #expect(LZF.compressed(.empty) == nil)
    }

    @Test func `refuses what is broken`() {
        let random = RandomSource(seed: 9)
        for _ in 0..<20_000 {
            let bytes = (0..<random.below(12)).map { _ in UInt8(random.below(256)) }
            let count = random.below(40)
            let text = bytes.withBytes { LZF.expanded($0, count: count) }
            #expect(text == nil || text?.count == count)
        }
    }
}

@Suite struct FunctionPayloadTests {
    @Test func `reads no damaged payload`() {
        let payload = FunctionPayload.encode([Array("#!lua name=a\n".utf8), []], compressing: true)
        var codes: [[UInt8]] = []
        #expect(throws: Never.self) {
            try payload.withBytes { (bytes) throws(ReplyError) in
                try FunctionPayload.decode(bytes) { (code) throws(ReplyError) in codes.append(Array(code)) }
            }
        }
        #expect(codes == [Array("#!lua name=a\n".utf8), []])
        for index in payload.indices {
            var damaged = payload
            damaged[index] ^= 1 << UInt8(index % 8)
            #expect(throws: ReplyError.badPayload) {
                try damaged.withBytes { (bytes) throws(ReplyError) in
                    try FunctionPayload.decode(bytes) { (code) throws(ReplyError) in }
                }
            }
        }
    }
}
