/// Just enough JSON for transcripts. A character below 256 is one byte, as the transcripts write raw replies.
enum JSON {
    case null
    case boolean(Bool)
    case number(Double)
    case string(Bytes)
    case array([JSON])
    case object([String: JSON])

    var bytes: Bytes? {
        if case .string(let bytes) = self { return bytes }
        return nil
    }

    var list: [JSON]? {
        if case .array(let items) = self { return items }
        return nil
    }

    static func parse(_ text: Bytes) throws(Failure) -> JSON {
        var parser = Parser(text: text)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == text.count else { throw Failure("JSON goes on after its end") }
        return value
    }

    private struct Parser {
        let text: Bytes
        var position = 0

        mutating func skipBlanks() {
            while position < text.count, [0x20, 9, 10, 13].contains(text[position]) { position += 1 }
        }

        private func peek() -> UInt8 { position < text.count ? text[position] : 0 }

        mutating func value(depth: Int) throws(Failure) -> JSON {
            guard depth < 100 else { throw Failure("JSON nested too deeply") }
            skipBlanks()
            switch peek() {
            case 0x7B: return try object(depth: depth)
            case 0x5B: return try array(depth: depth)
            case 0x22: return .string(try string())
            case 0x74: return try word("true", .boolean(true))
            case 0x66: return try word("false", .boolean(false))
            case 0x6E: return try word("null", .null)
            default: return try number()
            }
        }

        private mutating func word(_ word: String, _ value: JSON) throws(Failure) -> JSON {
            guard text[position...].starts(with: word.utf8) else { throw Failure("JSON: unknown word") }
            position += word.utf8.count
            return value
        }

        private mutating func number() throws(Failure) -> JSON {
            let start = position
            while position < text.count, "+-0123456789.eE".utf8.contains(text[position]) { position += 1 }
            guard let number = Double(String(decoding: text[start..<position], as: UTF8.self)) else {
                throw Failure("JSON: something unexpected at byte \(start)")
            }
            return .number(number)
        }

        private mutating func array(depth: Int) throws(Failure) -> JSON {
            var items: [JSON] = []
            position += 1
            skipBlanks()
            if peek() == 0x5D {
                position += 1
                return .array([])
            }
            while true {
                items.append(try value(depth: depth + 1))
                skipBlanks()
                let next = peek()
                position += 1
                if next == 0x5D { return .array(items) }
                guard next == 0x2C else { throw Failure("JSON: an array without its end") }
            }
        }

        private mutating func object(depth: Int) throws(Failure) -> JSON {
            var members: [String: JSON] = [:]
            position += 1
            skipBlanks()
            if peek() == 0x7D {
                position += 1
                return .object([:])
            }
            while true {
                skipBlanks()
                guard peek() == 0x22 else { throw Failure("JSON: a name is missing") }
                let name = String(try string())
                skipBlanks()
                guard peek() == 0x3A else { throw Failure("JSON: a colon is missing") }
                position += 1
                members[name] = try value(depth: depth + 1)
                skipBlanks()
                let next = peek()
                position += 1
                if next == 0x7D { return .object(members) }
                guard next == 0x2C else { throw Failure("JSON: an object without its end") }
            }
        }

        private mutating func string() throws(Failure) -> Bytes {
            var scalars: [UInt32] = []
            var plain: Bytes = []
            position += 1
            func flush(_ plain: inout Bytes, _ scalars: inout [UInt32]) {
                scalars += String(plain).unicodeScalars.map(\.value)
                plain = []
            }
            while true {
                guard position < text.count else { throw Failure("JSON: a string without its end") }
                let byte = text[position]
                position += 1
                if byte == 0x22 { break }
                guard byte == 0x5C else {
                    plain.append(byte)
                    continue
                }
                flush(&plain, &scalars)
                scalars.append(try escaped())
            }
            flush(&plain, &scalars)
            return scalars.flatMap { scalar -> Bytes in
                if scalar < 256 { return [UInt8(scalar)] }
                return UnicodeScalar(scalar).map { Bytes(String(Character($0)).utf8) } ?? []
            }
        }

        private mutating func escaped() throws(Failure) -> UInt32 {
            let letter = peek()
            position += 1
            switch letter {
            case 0x6E: return 10
            case 0x72: return 13
            case 0x74: return 9
            case 0x62: return 8
            case 0x66: return 12
            case 0x75:
                guard position + 4 <= text.count,
                    let code = UInt32(String(decoding: text[position..<(position + 4)], as: UTF8.self), radix: 16)
                else { throw Failure("JSON: a bad \\u") }
                position += 4
                return code
            default: return UInt32(letter)
            }
        }
    }
}
