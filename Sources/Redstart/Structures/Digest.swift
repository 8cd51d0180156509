/// 160 bits that tell data apart: equal for equal data, on every server and in every run. It tells differences of
/// chance apart, not those of somebody who looks for two values with one digest.
struct Digest: Equatable, BitwiseCopyable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt32 = 0

    private static let hashes = (
        KeyHash(first: 0xA076_1D64_78BD_642F, second: 0xE703_7ED1_A0B4_28DB),
        KeyHash(first: 0x8EBC_6AF0_9C88_C6E3, second: 0x5899_65CC_7537_4CC3),
        KeyHash(first: 0x1D8E_4E27_C47D_124F, second: 0xEB44_ACCA_B455_D165)
    )

    /// Of nothing: all zeros.
    init() {}

    init(_ bytes: Bytes) {
        first = Digest.hashes.0(bytes)
        second = Digest.hashes.1(bytes)
        third = UInt32(truncatingIfNeeded: Digest.hashes.2(bytes))
    }

    /// Takes in what comes next, where the order counts.
    mutating func append(_ next: Digest) {
        var lanes: [UInt64] = [first, second, UInt64(third), next.first, next.second, UInt64(next.third)]
        self = unsafe lanes.withUnsafeMutableBytes { lanes in
            guard let base = lanes.baseAddress else { return Digest() }
            return unsafe Digest(Bytes(base, lanes.count))
        }
    }

    mutating func append(_ bytes: Bytes) { append(Digest(bytes)) }

    /// Takes in one element more, where the order does not count.
    mutating func insert(_ element: Digest) {
        first &+= element.first
        second &+= element.second
        third &+= element.third
    }

    /// Forty hexadecimal digits.
    var text: String {
        Digest.hexadecimal(first, 16) + Digest.hexadecimal(second, 16) + Digest.hexadecimal(UInt64(third), 8)
    }

    private static func hexadecimal(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
