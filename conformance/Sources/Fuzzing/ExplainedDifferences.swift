/// The checked-in list of what two right servers may answer differently, each with its reason.
struct ExplainedDifferences {
    struct Rules {
        var isSkipped = false
        var isRare = false
        var comparesTypeOnly = false
        var isUnordered = false
        var isScan = false
        /// Numbers are the same that read as the same double.
        var comparesDoubles = false
        /// Fields that the server's maps have beyond the oracle's.
        var newFields: Set<String> = []
        /// Never part of a transaction.
        var isAlone = false
        /// Every number of the reply may be off by this much.
        var tolerance = 0
        /// What the command does to its key is chance; the key is deleted after it.
        var forgets = false
        /// Words that are never given to the command, in upper case.
        var without: Set<String> = []
        /// Pairs of globs: the oracle's reply, and the server's.
        var pairs: [(Bytes, Bytes)] = []

        /// Whether replies have to be equal.
        var isPlain: Bool {
            !comparesTypeOnly && !isUnordered && !isScan && !comparesDoubles && newFields.isEmpty && tolerance == 0
                && pairs.isEmpty
        }
    }

    private var entries: [(pattern: Bytes, rules: Rules)] = []
    /// Encodings that may differ: the type, the oracle's, and the server's.
    private(set) var encodings: Set<String> = []

    init(path: String) throws(Failure) {
        let text = String(try Files.read(path))
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do throws(Failure) {
                try parse(String(line))
            } catch {
                throw Failure("\(path):\(index + 1): \(error)")
            }
        }
    }

    private mutating func parse(_ line: String) throws(Failure) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        guard let mark = line.range(of: " # ") else { throw Failure("a reason is missing") }
        let words = try Text.split(String(line[..<mark.lowerBound]).bytes)
        guard words.count >= 2 else { throw Failure("COMMAND RULE # reason") }
        if String(words[0]) == "encoding", words.count == 4 {
            encodings.insert(words.dropFirst().map { String($0) }.joined(separator: " "))
            return
        }
        var rules = Rules()
        let values = words.dropFirst(2)
        switch String(words[1]) {
        case "skip": rules.isSkipped = true
        case "rare": rules.isRare = true
        case "type": rules.comparesTypeOnly = true
        case "unordered": rules.isUnordered = true
        case "scan": rules.isScan = true
        case "double": rules.comparesDoubles = true
        case "alone": rules.isAlone = true
        case "forget": rules.forgets = true
        case "beyond": rules.newFields = Set(values.map { String($0) })
        case "without": rules.without = Set(values.map { String($0).uppercased() })
        case "within":
            guard let text = values.first, let number = Int(String(text)) else { throw Failure("within NUMBER") }
            rules.tolerance = number
        case "pair":
            guard values.count == 2 else { throw Failure("pair ORACLE SERVER") }
            rules.pairs = [(words[2], words[3])]
        default: throw Failure("unknown rule \(String(words[1]))")
        }
        entries.append((words[0].map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, rules))
    }

    /// All rules for a command, named as in `config|get`.
    func rules(for name: String) -> Rules {
        var merged = Rules()
        for entry in entries where Text.matches(entry.pattern, name.bytes) {
            merged.isSkipped = merged.isSkipped || entry.rules.isSkipped
            merged.isRare = merged.isRare || entry.rules.isRare
            merged.comparesTypeOnly = merged.comparesTypeOnly || entry.rules.comparesTypeOnly
            merged.isUnordered = merged.isUnordered || entry.rules.isUnordered
            merged.isScan = merged.isScan || entry.rules.isScan
            merged.comparesDoubles = merged.comparesDoubles || entry.rules.comparesDoubles
            merged.isAlone = merged.isAlone || entry.rules.isAlone
            merged.forgets = merged.forgets || entry.rules.forgets
            merged.tolerance = max(merged.tolerance, entry.rules.tolerance)
            merged.without.formUnion(entry.rules.without)
            merged.newFields.formUnion(entry.rules.newFields)
            merged.pairs += entry.rules.pairs
        }
        return merged
    }

    /// The rules for a command as it was sent.
    func rules(forSent words: [Bytes]) -> Rules {
        guard let first = words.first else { return Rules() }
        let name = String(first).lowercased()
        guard words.count > 1 else { return rules(for: name) }
        var both = rules(for: name)
        let container = rules(for: name + "|" + String(words[1]).lowercased())
        both.comparesTypeOnly = both.comparesTypeOnly || container.comparesTypeOnly
        both.isUnordered = both.isUnordered || container.isUnordered
        both.isScan = both.isScan || container.isScan
        both.comparesDoubles = both.comparesDoubles || container.comparesDoubles
        both.tolerance = max(both.tolerance, container.tolerance)
        both.newFields.formUnion(container.newFields)
        both.pairs += container.pairs
        return both
    }

    /// Whether the two replies to a command are the same as far as can be asked.
    func accepts(_ words: [Bytes], oracle: Reply, server: Reply) -> Bool {
        if oracle == server { return true }
        let rules = rules(forSent: words)
        let server = rules.newFields.isEmpty ? server : Self.without(rules.newFields, server)
        if oracle == server { return true }
        if rules.pairs.contains(where: { Text.matches($0, Self.flat(oracle)) && Text.matches($1, Self.flat(server)) }) {
            return true
        }
        if oracle.isError || server.isError { return false }
        if rules.comparesDoubles, isSameNumbers(oracle, server) { return true }
        if rules.comparesTypeOnly { return oracle.kind == server.kind || oracle.isNull || server.isNull }
        if rules.isScan { return sameScan(words, oracle, server) }
        if rules.isUnordered { return sameElements(oracle, server) }
        return rules.tolerance > 0 && isNear(oracle, server, rules.tolerance)
    }

    /// Whether two replies of EXEC are the same as far as can be asked, command by command.
    func accepts(queue: [[Bytes]], oracle: Reply, server: Reply) -> Bool {
        guard oracle.kind == .array, server.kind == .array, oracle.items.count == queue.count,
            server.items.count == queue.count
        else { return false }
        return queue.indices.allSatisfy { index in
            accepts(queue[index], oracle: oracle.items[index], server: server.items[index])
        }
    }

    /// The same without some fields of maps, also where RESP2 wrote them as arrays.
    private static func without(_ fields: Set<String>, _ reply: Reply) -> Reply {
        var reply = reply
        var items: [Reply] = []
        var skips = false
        for item in reply.items {
            if skips {
                skips = false
            } else if fields.contains(item.string), item.items.isEmpty {
                skips = true
            } else {
                items.append(without(fields, item))
            }
        }
        reply.items = items
        return reply
    }

    /// A reply in one line: the form in which pairs are written.
    private static func flat(_ reply: Reply) -> Bytes {
        PatternText.lines(reply).map(\.trimmed).joined(separator: " ").bytes
    }

    /// The first page of a scan that already holds everything; otherwise the order of the tables decides.
    private func sameScan(_ words: [Bytes], _ oracle: Reply, _ server: Reply) -> Bool {
        guard oracle.items.count == 2, server.items.count == 2 else { return false }
        // The cursor is SCAN's first word, and the second one of HSCAN and its like.
        let place = words[0].count == 4 ? 1 : 2
        guard place < words.count, words[place].allSatisfy({ $0 == 0x30 }) else { return true }
        guard oracle.items[0].string == "0", server.items[0].string == "0" else { return true }
        return sameElements(oracle.items[1], server.items[1])
    }

    private func sameElements(_ oracle: Reply, _ server: Reply) -> Bool {
        guard oracle.kind == server.kind, oracle.items.count == server.items.count else { return false }
        func key(_ reply: Reply) -> String { PatternText.lines(reply).joined(separator: "\n") }
        if oracle.kind == .map {
            func entries(_ reply: Reply) -> [String] { reply.pairs.map { key($0) + "\n" + key($1) }.sorted() }
            return entries(oracle) == entries(server)
        }
        return oracle.items.map(key).sorted() == server.items.map(key).sorted()
    }

    private func isSameNumbers(_ oracle: Reply, _ server: Reply) -> Bool {
        guard oracle.kind == server.kind, oracle.items.count == server.items.count else { return false }
        if !oracle.items.isEmpty { return zip(oracle.items, server.items).allSatisfy { isSameNumbers($0, $1) } }
        if oracle == server { return true }
        guard let left = Double(oracle.string), let right = Double(server.string) else { return false }
        return left == right
    }

    private func isNear(_ oracle: Reply, _ server: Reply, _ tolerance: Int) -> Bool {
        guard oracle.kind == server.kind, oracle.items.count == server.items.count else { return false }
        if !oracle.items.isEmpty { return zip(oracle.items, server.items).allSatisfy { isNear($0, $1, tolerance) } }
        if oracle.text == server.text { return true }
        guard let left = oracle.number, let right = server.number, left >= 0, right >= 0 else { return false }
        return abs(left - right) <= tolerance
    }
}
