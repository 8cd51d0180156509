/// Compares a reply with one recorded from another run, where some things cannot be equal: identifiers, addresses,
/// points in time, and how long ago something was.
enum Masking {
    /// Fields whose value only has to be of the same type.
    private static let varying: Set<String> = [
        "id", "addr", "laddr", "fd", "age", "idle", "inactive", "seen-time", "active-time", "port", "tcp_port",
        "qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "obl", "oll", "omem", "tot-mem", "events",
        "client-id", "timestamp-created", "timestamp-last-updated", "age-seconds", "entry-id",
    ]

    static func equal(_ command: [Bytes], expected: Reply, got: Reply) -> Bool {
        let name = command.first.map { String($0).uppercased() } ?? ""
        var tolerance = 0
        if name.hasSuffix("PTTL") { tolerance = 2000 } else if name.hasSuffix("TTL") { tolerance = 3 }
        if name == "TIME" { return expected.kind == got.kind && expected.items.count == got.items.count }
        if name == "CLIENT", command.count == 2, String(command[1]).uppercased() == "ID" {
            return expected.kind == got.kind
        }
        if name == "CONFIG", command.count > 2, String(command[1]).uppercased() == "GET" {
            return pairs(expected) == pairs(got)
        }
        // With a negative count chance draws the members one by one.
        if name == "ZRANDMEMBER", command.count == 3, command[2].first == 0x2D {
            return expected.kind == got.kind && expected.items.map(\.kind) == got.items.map(\.kind)
        }
        // How long ago something was delivered.
        if name == "XPENDING", command.count > 3, !expected.isError {
            return equal(withoutIdleTimes(expected), withoutIdleTimes(got), 0)
        }
        return equal(expected, got, tolerance)
    }

    private static func withoutIdleTimes(_ reply: Reply) -> Reply {
        var reply = reply
        for index in reply.items.indices where reply.items[index].items.count == 4 {
            reply.items[index].items.remove(at: 2)
        }
        return reply
    }

    /// Names and values without their order, which CONFIG GET leaves to its hash table.
    private static func pairs(_ reply: Reply) -> [String] {
        guard !reply.isError else { return [reply.string] }
        let texts = reply.items.map(\.string)
        return stride(from: 0, to: texts.count - 1, by: 2).map { "\(texts[$0])=\(texts[$0 + 1])" }.sorted()
    }

    private static func equal(_ expected: Reply, _ got: Reply, _ tolerance: Int) -> Bool {
        guard expected.kind == got.kind, expected.items.count == got.items.count else { return false }
        if !expected.items.isEmpty {
            for index in expected.items.indices {
                if index > 0, isVarying(expected.items[index - 1], expected.items[index], got.items[index]) { continue }
                guard equal(expected.items[index], got.items[index], tolerance) else { return false }
            }
            return true
        }
        if expected.text == got.text { return true }
        switch expected.kind {
        case .integer:
            guard let left = expected.number, let right = got.number else { return false }
            return abs(left - right) <= tolerance && left > 0 || isTime(left) && isTime(right)
        case .bulk, .verbatim, .simple:
            return areIdentifiers(expected.text, got.text) || areClientLines(expected.string, got.string)
        default: return false
        }
    }

    private static func isVarying(_ field: Reply, _ expected: Reply, _ got: Reply) -> Bool {
        guard field.kind == .bulk || field.kind == .simple, varying.contains(field.string) else { return false }
        guard expected.kind == got.kind, expected.items.isEmpty else { return false }
        guard let left = expected.number, let right = got.number else { return true }
        // -1 says "never", which is no point in time.
        return (left < 0) == (right < 0)
    }

    /// Whether the number is the time in seconds or milliseconds, in these years.
    private static func isTime(_ number: Int) -> Bool {
        (1_500_000_000...2_500_000_000).contains(number) || (1_500_000_000_000...2_500_000_000_000).contains(number)
    }

    /// Two stream identifiers made from the time.
    private static func areIdentifiers(_ left: Bytes, _ right: Bytes) -> Bool {
        func time(_ bytes: Bytes) -> (Int, String)? {
            let parts = String(bytes).split(separator: "-")
            guard parts.count == 2, let time = Int(parts[0]), isTime(time) else { return nil }
            return (time, String(parts[1]))
        }
        guard let left = time(left), let right = time(right) else { return false }
        return left.1 == right.1
    }

    /// Two lists in CLIENT LIST's form: the same fields in the same order, and the same values where they cannot vary.
    private static func areClientLines(_ left: String, _ right: String) -> Bool {
        guard left.hasPrefix("id="), right.hasPrefix("id=") else { return false }
        let lines = (left.split(separator: "\n"), right.split(separator: "\n"))
        guard lines.0.count == lines.1.count else { return false }
        return zip(lines.0, lines.1).allSatisfy { one, other in
            let fields = (one.split(separator: " "), other.split(separator: " "))
            guard fields.0.count == fields.1.count else { return false }
            return zip(fields.0, fields.1).allSatisfy { a, b in
                let name = a.prefix { $0 != "=" }
                return name == b.prefix { $0 != "=" } && (a == b || varying.contains(String(name)))
            }
        }
    }
}
