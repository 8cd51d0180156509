/// A key among a command's words, and what the command does with it.
struct KeyReference {
    let position: Int
    let flags: KeySpec.Flags
}

/// Finds the keys of a call among all its words, for a command whose key specs cannot say where they are or what
/// happens to them. False where the words make no sense.
typealias KeyFinder = @Sendable (Arguments, inout [KeyReference]) -> Bool

extension Command {
    /// Whether any call of this command can have keys.
    var canHaveKeys: Bool { findKeys != nil || keys.contains { !$0.flags.contains(.notKey) } }

    /// The keys in `words`, which are those of a whole call of this command. Nil where the words make no sense, and
    /// where there is no key.
    func keyReferences(in words: Arguments) -> [KeyReference]? {
        var references: [KeyReference] = []
        if let findKeys { return findKeys(words, &references) && !references.isEmpty ? references : nil }
        for spec in keys where !spec.flags.contains(.notKey) {
            switch spec.positions(in: words) {
            case .absent: continue
            case .invalid: return countedKeys(in: words)
            case .keys(let positions):
                for position in positions { references.append(KeyReference(position: position, flags: spec.flags)) }
            }
        }
        return references.isEmpty ? nil : references
    }

    /// The keys of a command one of whose words counts them, where that word is no proper number, or wrong: then Redis
    /// reads it as C does. Of what happens to the keys nothing is known then, and one that is not counted comes last.
    private func countedKeys(in words: Arguments) -> [KeyReference]? {
        for spec in keys {
            guard case .index(let start) = spec.begin, case .keyNumber(0, 1, 1) = spec.find, start < words.count else {
                continue
            }
            let count = words[start].leadingInt32
            guard count > 0, start + count < words.count else { return nil }
            var references = (1...count).map { KeyReference(position: start + $0, flags: []) }
            for case .index(let other) in keys.map(\.begin) where other != start {
                references.append(KeyReference(position: other, flags: []))
            }
            return references
        }
        return nil
    }

    /// The first key, the last and the step, as COMMAND told them before there were key specs: of the specs at fixed
    /// positions, as far as they follow each other.
    var keyRange: (first: Int, last: Int, step: Int) {
        var range: (first: Int, last: Int, step: Int)?
        for spec in keys {
            guard case .index(let index) = spec.begin, case .range(let reach, let step, _) = spec.find else { continue }
            let last = reach < 0 ? reach : index + reach
            if let known = range {
                guard index == known.last + 1 else { break }
                range = (known.first, last, 1)
            } else {
                range = (index, last, step)
            }
        }
        return range ?? (0, 0, 0)
    }
}

extension KeySpec {
    enum Positions {
        /// The keyword that leads to the keys is not among the words.
        case absent
        case invalid
        case keys(StrideThrough<Int>)
    }

    /// Where the keys are among the words of a call.
    func positions(in words: Arguments) -> Positions {
        switch begin {
        case .index(let index): positions(in: words, from: index)
        case .keyword(let keyword, let start):
            KeySpec.find(keyword, in: words, startFrom: start).map { positions(in: words, from: $0 + 1) } ?? .absent
        case .unknown: .absent
        }
    }

    /// A negative start counts from the end and searches backwards. The last word cannot be the keyword: no key would
    /// follow.
    private static func find(_ keyword: StaticString, in words: Arguments, startFrom start: Int) -> Int? {
        if start >= 0 { return (start..<max(start, words.count - 1)).first { words[$0].matches(keyword) } }
        let last = words.count + start
        return last < 1 ? nil : (1...last).last { words[$0].matches(keyword) }
    }

    private func positions(in words: Arguments, from start: Int) -> Positions {
        guard start < words.count else { return .invalid }
        let first: Int
        let last: Int
        let step: Int
        switch find {
        case .range(let reach, let every, let limit):
            (first, step) = (start, every)
            if reach >= 0 {
                last = start + reach
            } else if limit <= 1 {
                last = words.count + reach
            } else {
                last = start + (words.count - start) / limit + reach
            }
        case .keyNumber(let index, let offset, let every):
            guard start + index < words.count, let given = Int(strict: words[start + index]), given >= 0
            else { return .invalid }
            let number = Int(Int32(truncatingIfNeeded: given))
            guard number >= 0, number < words.count else { return .invalid }
            (first, step) = (start + offset, every)
            last = first + (number - 1) * every
        case .unknown:
            return .absent
        }
        guard first <= last, last < words.count else { return .invalid }
        return .keys(stride(from: first, through: last, by: step))
    }
}

// MARK: - Commands that look at their words

/// BITFIELD writes unless it only gets. What it says of an overflow changes nothing.
@Sendable func keysOfBitField(_ words: Arguments, _ keys: inout [KeyReference]) -> Bool {
    var position = 2
    while position < words.count {
        let length = words[position].matches("GET") ? 3 : words[position].matches("OVERFLOW") ? 2 : .max
        guard length <= words.count - position else {
            keys.append(KeyReference(position: 1, flags: [.readWrite, .access, .update]))
            return true
        }
        position += length
    }
    keys.append(KeyReference(position: 1, flags: [.readOnly, .access]))
    return true
}

/// SET reads its key only where it has to answer the old value.
@Sendable func keysOfSet(_ words: Arguments, _ keys: inout [KeyReference]) -> Bool {
    let answersOld = words.count > 3 && (3..<words.count).contains { words[$0].matches("GET") }
    keys.append(KeyReference(position: 1, flags: answersOld ? [.readWrite, .access, .update] : [.overwrite, .update]))
    return true
}
