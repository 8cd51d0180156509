/// What FUNCTION DUMP answers and FUNCTION RESTORE takes: for each library a byte that says so and its code, as in a
/// dump file of Redis; then the version of the format, and a checksum of all of it.
enum FunctionPayload {
    /// What Redis 7.4 writes, and the newest that it reads.
    static let version: UInt16 = 12
    private static let footerBytes = 10
    private static let libraryMark: UInt8 = 0xF5
    /// Shorter strings are never compressed.
    private static let shortestCompressed = 20

    static func encode(_ codes: [[UInt8]], compressing: Bool) -> [UInt8] {
        var payload: [UInt8] = []
        for code in codes {
            payload.append(libraryMark)
            code.withBytes { append($0, compressing: compressing, &payload) }
        }
        appendLittle(UInt64(version), bytes: 2, &payload)
        appendLittle(payload.withBytes { CRC64.checksum($0) }, bytes: 8, &payload)
        return payload
    }

    /// Hands the code of each library to `body`, in order.
    static func decode(_ payload: Bytes, _ body: (Bytes) throws(ReplyError) -> Void) throws(ReplyError) {
        guard isIntact(payload) else { throw .badPayload }
        var reader = PayloadReader(payload)
        // As in Redis, it is only where a library begins that the footer is told from the rest.
        while reader.position < payload.count - footerBytes {
            guard reader.byte() == libraryMark else { throw .notFunction }
            guard let code = reader.string() else { throw .truncatedLibrary }
            try code.withBytes(body)
        }
    }

    private static func isIntact(_ payload: Bytes) -> Bool {
        guard payload.count >= footerBytes else { return false }
        let end = payload.count - footerBytes
        guard UInt16(payload[end]) | UInt16(payload[end + 1]) << 8 <= version else { return false }
        var checksum: UInt64 = 0
        for index in (0..<8).reversed() { checksum = checksum << 8 | UInt64(payload[end + 2 + index]) }
        return CRC64.checksum(payload[0..<end + 2]) == checksum
    }

    // MARK: - Strings

    private static func append(_ text: Bytes, compressing: Bool, _ payload: inout [UInt8]) {
        if compressing, text.count > shortestCompressed, let shorter = LZF.compressed(text),
            shorter.count + 4 < text.count
        {
            payload.append(PayloadReader.compressedMark)
            appendLength(shorter.count, &payload)
            appendLength(text.count, &payload)
            payload += shorter
        } else {
            appendLength(text.count, &payload)
            payload.append(text)
        }
    }

    private static func appendLength(_ length: Int, _ payload: inout [UInt8]) {
        if length < 1 << 6 {
            payload.append(UInt8(length))
        } else if length < 1 << 14 {
            payload += [0x40 | UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
        } else {
            let isLong = length > UInt32.max
            payload.append(isLong ? 0x81 : 0x80)
            for shift in stride(from: isLong ? 56 : 24, through: 0, by: -8) {
                payload.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
    }

    private static func appendLittle(_ value: UInt64, bytes: Int, _ payload: inout [UInt8]) {
        for index in 0..<bytes { payload.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}

/// Reads the strings of a dump: a length in one, two, five or nine bytes, or a number, or compressed bytes.
private struct PayloadReader {
    private let bytes: Bytes
    private(set) var position = 0
    static let compressedMark: UInt8 = 0xC3

    init(_ bytes: Bytes) { self.bytes = bytes }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func take(_ count: Int) -> Bytes? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A string, or nil where there is none.
    mutating func string() -> [UInt8]? {
        guard let first = byte() else { return nil }
        guard first >> 6 == 3 else { return length(first).flatMap { take($0) }.map { Array($0) } }
        switch first {
        case 0xC0, 0xC1, 0xC2:
            guard let digits = take(1 << Int(first & 3)) else { return nil }
            return Array("\(number(digits))".utf8)
        case PayloadReader.compressedMark:
            guard let shortLength = length(byte()), let count = length(byte()), let short = take(shortLength) else {
                return nil
            }
            return LZF.expanded(short, count: count)
        default: return nil
        }
    }

    private mutating func length(_ first: UInt8?) -> Int? {
        guard let first else { return nil }
        switch first {
        case 0..<0x40: return Int(first)
        case 0x40..<0x80: return byte().map { Int(first & 0x3F) << 8 | Int($0) }
        case 0x80, 0x81:
            guard let digits = take(first == 0x80 ? 4 : 8) else { return nil }
            var value: UInt64 = 0
            for index in 0..<digits.count { value = value << 8 | UInt64(digits[index]) }
            return Int(exactly: value)
        default: return nil
        }
    }

    /// A number of one, two or four bytes, the lowest first.
    private func number(_ digits: Bytes) -> Int {
        var value = 0
        for index in (0..<digits.count).reversed() { value = value << 8 | Int(digits[index]) }
        let sign = 1 << (digits.count * 8 - 1)
        return value >= sign ? value - 2 * sign : value
    }
}
