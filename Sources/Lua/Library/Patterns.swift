/// Integers in memory, which nobody checks; what a match has captured.
struct Capture {
    var start = 0
    /// How many bytes; or one of the two below.
    var count = 0

    static let unfinished = -1
    /// `()`: the position itself.
    static let position = -2
}

/// A place where a match may still turn, should the rest of the pattern not match; or what is to be taken back then.
struct Choice {
    enum Kind: UInt8 {
        /// A repetition may be shorter: the rest of the pattern is tried at one byte less, down to `limit`.
        case shorter
        /// A repetition may be longer by the item at `limit`, which ends where the rest of the pattern begins.
        case longer
        /// A capture was opened.
        case open
        /// The capture of this number was closed.
        case close
    }

    var kind: Kind
    /// Where in the source the rest of the pattern was tried; or which capture.
    var place: Int
    /// Where the rest of the pattern begins.
    var rest = 0
    var limit = 0
}

/// Matches a string with one of Lua's patterns. A match tries what comes first, and goes back when that leads nowhere.
struct Matcher {
    static let captureLimit = 32
    /// How many choices may be open. Redis has no limit, and ends when its stack does, beyond 150,000.
    static let choiceLimit = 200_000

    let state: LuaState
    let source: LuaBytes
    let pattern: LuaBytes
    let captures: CaptureList
    let choices: ChoiceList
    /// How many captures there are.
    var level = 0

    init(_ state: LuaState, _ source: LuaBytes, _ pattern: LuaBytes) {
        self.state = state
        self.source = source
        self.pattern = pattern
        captures = state.captures
        choices = state.choices
    }

    private func fail(_ message: String) -> LuaError { state.nativeError(message) }

    // MARK: - Matching

    /// Matches from a place on with the pattern from a place on; answers where the match ends, or nil.
    mutating func match(_ start: Int, _ patternStart: Int) throws(LuaError) -> Int? {
        defer { choices.removeAll() }
        var s = start
        var p = patternStart
        repeat {
            // Going back and forth can take longer than anybody waits.
            state.stepsToHook &-= 1
            if state.stepsToHook <= 0 { try state.callHook() }
            if try advance(&s, &p) { return s }
        } while goBack(&s, &p)
        return nil
    }

    /// Goes on as far as the pattern matches, and leaves choices behind; true at the pattern's end.
    private mutating func advance(_ s: inout Int, _ p: inout Int) throws(LuaError) -> Bool {
        while p < pattern.count {
            switch pattern[p] {
            case UInt8(ascii: "("):
                let isPosition = p + 1 < pattern.count && pattern[p + 1] == UInt8(ascii: ")")
                try open(s, isPosition ? Capture.position : Capture.unfinished)
                p += isPosition ? 2 : 1
                continue
            case UInt8(ascii: ")"):
                try close(s)
                p += 1
                continue
            case UInt8(ascii: "$") where p + 1 == pattern.count:
                p += 1
                return s == source.count
            case UInt8(ascii: "%") where p + 1 < pattern.count && isSpecial(pattern[p + 1]):
                guard let end = try matchSpecial(s, &p) else { return false }
                s = end
                continue
            default: break
            }
            let itemEnd = try endOfItem(p)
            let suffix = itemEnd < pattern.count ? pattern[itemEnd] : 0
            switch suffix {
            case UInt8(ascii: "?"):
                guard try expand(&s, &p, itemEnd, least: 0, most: 1) else { return false }
            case UInt8(ascii: "*"):
                guard try expand(&s, &p, itemEnd, least: 0, most: Int.max) else { return false }
            case UInt8(ascii: "+"):
                guard try expand(&s, &p, itemEnd, least: 1, most: Int.max) else { return false }
            case UInt8(ascii: "-"):
                try choose(Choice(kind: .longer, place: s, rest: itemEnd + 1, limit: p))
                p = itemEnd + 1
            default:
                guard s < source.count, matchesItem(source[s], p, itemEnd) else { return false }
                s += 1
                p = itemEnd
            }
        }
        return true
    }

    @inline(__always)
    private func choose(_ choice: Choice) throws(LuaError) {
        guard choices.count < Matcher.choiceLimit else { throw fail("pattern too complex") }
        choices.append(choice)
    }

    /// Turns where the last choice was made; false if there is none left.
    private mutating func goBack(_ s: inout Int, _ p: inout Int) -> Bool {
        while !choices.isEmpty {
            let choice = choices.last
            switch choice.kind {
            case .shorter:
                s = choice.place - 1
                p = choice.rest
                if s > choice.limit { choices.last.place = s } else { choices.removeLast() }
                return true
            case .longer
            where choice.place < source.count
                && matchesItem(source[choice.place], choice.limit, choice.rest - 1):
                s = choice.place + 1
                p = choice.rest
                choices.last.place = s
                return true
            case .longer: break
            case .open: level -= 1
            case .close: captures[choice.place].count = Capture.unfinished
            }
            choices.removeLast()
        }
        return false
    }

    /// Takes as many of an item as there are; false if those are too few.
    @inline(__always)
    private func expand(
        _ s: inout Int, _ p: inout Int, _ itemEnd: Int, least: Int, most: Int
    ) throws(LuaError) -> Bool {
        let end = most < source.count - s ? s + most : source.count
        var place = s
        while place < end, matchesItem(source[place], p, itemEnd) { place += 1 }
        let limit = s + least
        guard place >= limit else { return false }
        s = place
        p = itemEnd + 1
        // If nothing follows, the longest is the best.
        if place > limit, p < pattern.count {
            try choose(Choice(kind: .shorter, place: place, rest: p, limit: limit))
        }
        return true
    }

    private func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "b") || byte == UInt8(ascii: "f") || byte.isDigit
    }

    /// `%b()`, `%f[set]` and `%1`
    private func matchSpecial(_ s: Int, _ p: inout Int) throws(LuaError) -> Int? {
        switch pattern[p + 1] {
        case UInt8(ascii: "b"):
            guard p + 3 < pattern.count else { throw fail("unbalanced pattern") }
            let end = balanced(s, pattern[p + 2], pattern[p + 3])
            p += 4
            return end
        case UInt8(ascii: "f"):
            p += 2
            guard p < pattern.count, pattern[p] == UInt8(ascii: "[") else {
                throw fail("missing '[' after '%f' in pattern")
            }
            let end = try endOfItem(p)
            let before = s == 0 ? 0 : source[s - 1]
            let after = s < source.count ? source[s] : 0
            guard !matchesSet(before, p, end), matchesSet(after, p, end) else { return nil }
            p = end
            return s
        default:
            let capture = try checkedCapture(pattern[p + 1])
            p += 2
            // To C, a position is longer than any string.
            guard capture.count != Capture.position, source.count - s >= capture.count,
                source[capture.start..<capture.start + capture.count] == source[s..<s + capture.count]
            else { return nil }
            return s + capture.count
        }
    }

    private func checkedCapture(_ digit: UInt8) throws(LuaError) -> Capture {
        let index = Int(digit) - 49
        guard index >= 0, index < level, captures[index].count != Capture.unfinished else {
            throw fail("invalid capture index")
        }
        return captures[index]
    }

    private func balanced(_ s: Int, _ opening: UInt8, _ closing: UInt8) -> Int? {
        guard s < source.count, source[s] == opening else { return nil }
        var nesting = 1
        var index = s + 1
        while index < source.count {
            if source[index] == closing {
                nesting -= 1
                if nesting == 0 { return index + 1 }
            } else if source[index] == opening {
                nesting += 1
            }
            index += 1
        }
        return nil
    }

    // MARK: - Captures

    private mutating func open(_ s: Int, _ kind: Int) throws(LuaError) {
        guard level < Matcher.captureLimit else { throw fail("too many captures") }
        captures[level] = Capture(start: s, count: kind)
        level += 1
        try choose(Choice(kind: .open, place: level))
    }

    private func close(_ s: Int) throws(LuaError) {
        var index = level - 1
        while index >= 0, captures[index].count != Capture.unfinished { index -= 1 }
        guard index >= 0 else { throw fail("invalid pattern capture") }
        captures[index].count = s - captures[index].start
        try choose(Choice(kind: .close, place: index))
    }

    /// A capture as a value; the whole match stands in for the first one if there is none.
    func value(_ index: Int, _ start: Int, _ end: Int) throws(LuaError) -> LuaValue {
        if index >= level {
            guard index == 0 else { throw fail("invalid capture index") }
            return state.string(source[start..<end])
        }
        let capture = captures[index]
        if capture.count == Capture.position { return LuaValue(capture.start + 1) }
        guard capture.count >= 0 else { throw fail("unfinished capture") }
        try state.checkRoom(capture.count)
        return state.string(source[capture.start..<capture.start + capture.count])
    }

    /// Pushes all captures, or the whole match; answers how many.
    func push(_ call: LuaCall, _ start: Int, _ end: Int, wholeIfNone: Bool = true) throws(LuaError) -> Int {
        let count = level == 0 && wholeIfNone ? 1 : level
        try call.makeRoom(count)
        for index in 0..<count { call.push(try value(index, start, end)) }
        return count
    }

    // MARK: - Single bytes

    /// Where the item that begins at a place ends: a byte, a class or a set.
    @inline(__always)
    private func endOfItem(_ p: Int) throws(LuaError) -> Int {
        let first = pattern[p]
        if first == UInt8(ascii: "%") {
            guard p + 1 < pattern.count else { throw fail("malformed pattern (ends with '%')") }
            return p + 2
        }
        return first == UInt8(ascii: "[") ? try endOfSet(p) : p + 1
    }

    private func endOfSet(_ start: Int) throws(LuaError) -> Int {
        var p = start + 1
        if p < pattern.count, pattern[p] == UInt8(ascii: "^") { p += 1 }
        // The first one may be a bracket.
        repeat {
            guard p < pattern.count else { throw fail("malformed pattern (missing ']')") }
            let byte = pattern[p]
            p += 1
            if byte == UInt8(ascii: "%") { p += 1 }
        } while p >= pattern.count || pattern[p] != UInt8(ascii: "]")
        return p + 1
    }

    @inline(__always)
    private func matchesItem(_ byte: UInt8, _ p: Int, _ end: Int) -> Bool {
        switch pattern[p] {
        case UInt8(ascii: "."): true
        case UInt8(ascii: "%"): Matcher.matchesClass(byte, pattern[p + 1])
        case UInt8(ascii: "["): matchesSet(byte, p, end)
        default: pattern[p] == byte
        }
    }

    private func matchesSet(_ byte: UInt8, _ start: Int, _ end: Int) -> Bool {
        var p = start + 1
        let last = end - 1
        var isIn = true
        if p < last, pattern[p] == UInt8(ascii: "^") {
            isIn = false
            p += 1
        }
        while p < last {
            if pattern[p] == UInt8(ascii: "%") {
                p += 1
                if Matcher.matchesClass(byte, pattern[p]) { return isIn }
                p += 1
            } else if p + 2 < last, pattern[p + 1] == UInt8(ascii: "-") {
                if pattern[p] <= byte, byte <= pattern[p + 2] { return isIn }
                p += 3
            } else {
                if pattern[p] == byte { return isIn }
                p += 1
            }
        }
        return !isIn
    }

    private static func matchesClass(_ byte: UInt8, _ name: UInt8) -> Bool {
        let answer: Bool
        switch name | 0x20 {
        case UInt8(ascii: "a"): answer = byte.isLetter
        case UInt8(ascii: "c"): answer = byte < 32 || byte == 127
        case UInt8(ascii: "d"): answer = byte.isDigit
        case UInt8(ascii: "l"): answer = byte &- 97 < 26
        case UInt8(ascii: "p"): answer = byte > 32 && byte < 127 && !byte.isLetter && !byte.isDigit
        case UInt8(ascii: "s"): answer = byte.isSpace
        case UInt8(ascii: "u"): answer = byte &- 65 < 26
        case UInt8(ascii: "w"): answer = byte.isLetter || byte.isDigit
        case UInt8(ascii: "x"): answer = byte.isDigit || (byte | 0x20) &- 97 < 6
        case UInt8(ascii: "z"): answer = byte == 0
        default: return name == byte
        }
        guard name.isLetter else { return name == byte }
        return name & 0x20 != 0 ? answer : !answer
    }
}
