import Testing

@testable import Redstart

/// The bytes of HyperLogLogs: those that a Redis 7.0.15 has after the same commands.
@Suite struct HyperLogLogRepresentation {
    private let session = Session()

    private func value(_ key: String) -> [UInt8] {
        Array(key.utf8).withBytes { bytes in
            let key = Key(bytes: bytes, hash: session.engine.hash(bytes))
            return session.engine.databases[0].find(key).map { Array($0.record.bytes) } ?? []
        }
    }

    /// A digest of the value, as the oracle's was taken.
    private func digest(_ key: String) -> UInt64 { value(key).withBytes { MurmurHash.hash($0, seed: 0) } }

    private func add(_ key: String, _ numbers: Range<Int>) {
        var words: [[UInt8]] = [Array("PFADD".utf8), Array(key.utf8)]
        words += numbers.map { Array("element:\($0)".utf8) }
        session.call(words: words)
    }

    @Test(
        arguments: [
            (0, 18, 0xEED322A9C8804F09, 0),
            (1, 21, 0x6444FCE285D5EE52, 1),
            (2, 24, 0x05E9740D34FF6C39, 2),
            (3, 27, 0xF7529241EAADACD2, 3),
            (10, 48, 0x74FB5FC64E9A9108, 10),
            (64, 195, 0xDC1AC167DC6A3AE0, 64),
            (100, 285, 0x18EBAB8C30C57B65, 99),
            (500, 1050, 0xECA3C1DFFF10A47D, 502),
            (1000, 1897, 0x4F3FE1B603B2FAB1, 997),
            (1200, 2230, 0xDFE7371E4BDF2C77, 1198),
            (1500, 2722, 0xDAFF18DA7BB1BAF7, 1500),
            (2000, 12304, 0xF40071BB516B7710, 2004),
            (3000, 12304, 0x7AAA262E8F85F559, 3002),
            (10000, 12304, 0xB50425CC1D2C67B2, 10017),
            (50000, 12304, 0x19BF4FA0BA12BE3E, 49716),
            (200000, 12304, 0x0C23A92B74EA90B2, 198321),
        ] as [(Int, Int, UInt64, Int)])
    func `is that of Redis after so many elements`(_ count: Int, _ length: Int, _ digest: UInt64, _ estimate: Int) {
        add("k", 0..<count)
        #expect(value("k").count == length)
        #expect(self.digest("k") == digest)
        #expect(session.answer("PFCOUNT k") == ":\(estimate)\r\n")
        #expect(session.answer("PFCOUNT k none") == ":\(estimate)\r\n")
    }

    @Test func `goes over to dense at the limit of the setting, as merging does`() {
        session.engine.settings.sparseHyperLogLogBytes = 40
        for number in 0..<5 { add("k", number..<number + 1) }
        #expect(session.answer("PFDEBUG ENCODING k") == "+sparse\r\n")
        add("k", 5..<10)
        #expect(session.answer("PFDEBUG ENCODING k") == "+dense\r\n")
        session.answer("PFADD sparse a")
        session.answer("PFMERGE sparse k")
        #expect(session.answer("PFDEBUG ENCODING sparse") == "+dense\r\n")
        #expect(session.answer("PFCOUNT sparse") == ":11\r\n")
    }

    @Test func `survives any bytes`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            session.answer("DEL k")
            add("k", 0..<Int.random(in: 0..<200, using: &random))
            var bytes = value("k")
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 16..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count - 16, using: &random)) }
            session.call(words: [Array("SET".utf8), Array("k".utf8), bytes])
            add("k", 200..<220)
            session.answer("PFMERGE d k")
            session.answer("PFDEBUG DECODE k")
            session.answer("PFDEBUG TODENSE k")
            #expect(!session.answer("PFCOUNT k").isEmpty)
        }
    }
}
