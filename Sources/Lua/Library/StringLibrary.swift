extension LuaState {
    func openString() {
        let table = openLibrary(
            "string",
            [
                .init("byte", Strings.byte), .init("char", Strings.char), .init("dump", Strings.dump),
                .init("find", Strings.find),
                .init("format", Strings.format), .init("gfind", Strings.globalMatch),
                .init("gmatch", Strings.globalMatch),
                .init("gsub", Strings.substitute), .init("len", Strings.length), .init("lower", Strings.lower),
                .init("match", Strings.match), .init("rep", Strings.repeated), .init("reverse", Strings.reverse),
                .init("sub", Strings.sub), .init("upper", Strings.upper),
            ])
        // One function with two names; the order of the names is that of Lua 5.1.
        set(table, "gfind", get(table, "gmatch"))
        matchStepIndex = addNative(Strings.nextMatch)
        let metatable = makeTable(array: 0, hash: 1)
        set(metatable, "__index", LuaValue(table))
        stringMetatable = LuaValue(metatable)
    }
}

private enum Strings {
    /// A position as scripts give it, from the end if it is less than zero.
    @inline(__always)
    private static func position(_ index: Int, _ count: Int) -> Int {
        let position = index < 0 ? index &+ count &+ 1 : index
        return position >= 0 ? position : 0
    }

    static func length(_ call: LuaCall) throws(LuaError) -> Int {
        call.push(try call.bytes(0).count)
        return 1
    }

    static func sub(_ call: LuaCall) throws(LuaError) -> Int {
        let bytes = try call.bytes(0)
        let first = max(position(try call.integer(1), bytes.count), 1)
        let last = min(position(try call.integer(2, default: -1), bytes.count), bytes.count)
        call.push(first <= last ? bytes[first - 1..<last] : LuaBytes(""))
        return 1
    }

    static func byte(_ call: LuaCall) throws(LuaError) -> Int {
        let bytes = try call.bytes(0)
        let start = position(try call.integer(1, default: 1), bytes.count)
        let end = position(try call.integer(2, default: start), bytes.count)
        let first = max(start, 1)
        let last = min(end, bytes.count)
        guard first <= last else { return 0 }
        let count = last - first + 1
        guard count + call.count <= LuaState.unpackLimit else {
            throw call.error("stack overflow (string slice too long)")
        }
        try call.makeRoom(count)
        for index in first - 1..<last { call.push(Int(bytes[index])) }
        return count
    }

    static func char(_ call: LuaCall) throws(LuaError) -> Int {
        var text = ByteBuffer(capacity: call.count)
        for index in 0..<call.count {
            guard let byte = UInt8(exactly: try call.int(index)) else {
                throw call.argumentError(index, "invalid value")
            }
            text.append(byte)
        }
        call.push(text.bytes)
        return 1
    }

    static func dump(_ call: LuaCall) throws(LuaError) -> Int {
        _ = try call.function(0)
        throw call.error("unable to dump given function")
    }

    private static func mapped(_ call: LuaCall, _ change: (UInt8) -> UInt8) throws(LuaError) -> Int {
        let bytes = try call.bytes(0)
        try call.state.checkRoomCollecting(bytes.count)
        var text = ByteBuffer(capacity: bytes.count)
        text.append(bytes)
        text.map(change)
        call.push(text.bytes)
        return 1
    }

    static func lower(_ call: LuaCall) throws(LuaError) -> Int { try mapped(call) { $0 &- 65 < 26 ? $0 | 0x20 : $0 } }
    static func upper(_ call: LuaCall) throws(LuaError) -> Int { try mapped(call) { $0 &- 97 < 26 ? $0 & 0xDF : $0 } }

    static func reverse(_ call: LuaCall) throws(LuaError) -> Int {
        let bytes = try call.bytes(0)
        try call.state.checkRoomCollecting(bytes.count)
        var text = ByteBuffer(capacity: bytes.count)
        text.append(bytes)
        text.reverse()
        call.push(text.bytes)
        return 1
    }

    static func repeated(_ call: LuaCall) throws(LuaError) -> Int {
        let bytes = try call.bytes(0)
        let count = try call.int(1)
        guard count > 0, !bytes.isEmpty else {
            call.push("" as StaticString)
            return 1
        }
        let (total, overflows) = bytes.count.multipliedReportingOverflow(by: count)
        guard !overflows, total <= LuaState.stringLimit else { throw call.error("resulting string too large") }
        try call.state.checkRoomCollecting(total)
        var text = ByteBuffer(capacity: total)
        if bytes.count == 1 {
            text.append(repeating: bytes[0], count: count)
        } else {
            for _ in 0..<count { text.append(bytes) }
        }
        call.push(text.bytes)
        return 1
    }

    // MARK: - Patterns

    static func find(_ call: LuaCall) throws(LuaError) -> Int { try find(call, isFind: true) }
    static func match(_ call: LuaCall) throws(LuaError) -> Int { try find(call, isFind: false) }

    private static func find(_ call: LuaCall, isFind: Bool) throws(LuaError) -> Int {
        let source = try call.bytes(0)
        let pattern = try call.bytes(1)
        call.state.collectIfCrowded()
        let start = min(max(position(try call.integer(2, default: 1), source.count) - 1, 0), source.count)
        if isFind, !call[3].isFalsy || !hasSpecials(pattern) {
            guard let place = source.firstIndex(of: pattern, from: start) else {
                call.push(.nil)
                return 1
            }
            call.push(place + 1)
            call.push(place + pattern.count)
            return 2
        }
        let isAnchored = pattern.count > 0 && pattern[0] == UInt8(ascii: "^")
        var matcher = Matcher(call.state, source, pattern)
        var place = start
        repeat {
            matcher.level = 0
            if let end = try matcher.match(place, isAnchored ? 1 : 0) {
                guard isFind else { return try matcher.push(call, place, end) }
                call.push(place + 1)
                call.push(end)
                return try matcher.push(call, place, end, wholeIfNone: false) + 2
            }
            place += 1
        } while place <= source.count && !isAnchored
        call.push(.nil)
        return 1
    }

    private static func hasSpecials(_ pattern: LuaBytes) -> Bool {
        for index in 0..<pattern.count {
            switch pattern[index] {
            case UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"),
                UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "%"), UInt8(ascii: "-"):
                return true
            default: break
            }
        }
        return false
    }

    static func globalMatch(_ call: LuaCall) throws(LuaError) -> Int {
        _ = try call.bytes(0)
        _ = try call.bytes(1)
        call.push(
            LuaValue(
                call.state.makeNative(
                    call.state.matchStepIndex, upvalues: [call[0], call[1], LuaValue(0)],
                    environment: call.state.globals)))
        return 1
    }

    static func nextMatch(_ call: LuaCall) throws(LuaError) -> Int {
        let upvalues = call.native.upvalues
        let source = upvalues[0].uncheckedString.bytes
        var matcher = Matcher(call.state, source, upvalues[1].uncheckedString.bytes)
        var place = Int(upvalues[2].uncheckedNumber)
        while place <= source.count {
            matcher.level = 0
            if let end = try matcher.match(place, 0) {
                // After an empty match the next one begins further on.
                upvalues[2] = LuaValue(end == place ? end + 1 : end)
                return try matcher.push(call, place, end)
            }
            place += 1
        }
        return 0
    }

    // MARK: - Substitution

    static func substitute(_ call: LuaCall) throws(LuaError) -> Int {
        let source = try call.bytes(0)
        var pattern = try call.bytes(1)
        call.state.collectIfCrowded()
        let replacement = call[2]
        let limit = try call.int(3, default: source.count + 1)
        guard replacement.isString || replacement.isNumber || replacement.isTable || replacement.isFunction else {
            throw call.argumentError(2, "string/function/table expected")
        }
        if replacement.isNumber { _ = try call.bytes(2) }
        let isAnchored = pattern.count > 0 && pattern[0] == UInt8(ascii: "^")
        if isAnchored { pattern = pattern.suffix(from: 1) }
        var matcher = Matcher(call.state, source, pattern)
        var text = ByteBuffer(capacity: source.count + 16)
        var place = 0
        var count = 0
        while count < limit {
            matcher.level = 0
            let end = try matcher.match(place, 0)
            if let end {
                count += 1
                try append(&text, call, matcher, place, end)
            }
            if let end, end > place {
                place = end
            } else if place < source.count {
                text.append(source[place])
                place += 1
            } else {
                break
            }
            if isAnchored { break }
        }
        if place < source.count { text.append(source.suffix(from: place)) }
        try call.state.checkRoom(text.count)
        call.push(text.bytes)
        call.push(count)
        return 2
    }

    /// Appends what takes the place of a match.
    @inline(__always)
    private static func append(
        _ text: inout ByteBuffer, _ call: LuaCall, _ matcher: Matcher, _ start: Int, _ end: Int
    ) throws(LuaError) {
        let replacement = call[2]
        if replacement.isString {
            return try append(&text, replacement.uncheckedString.bytes, matcher, start, end)
        }
        let state = call.state
        let top = state.thread.top
        var value: LuaValue
        if replacement.isTable {
            value = try state.index(replacement, try matcher.value(0, start, end))
        } else {
            call.push(replacement)
            _ = try matcher.push(call, start, end)
            try state.call(at: top, wanted: 1)
            value = state.thread.stack[top]
        }
        state.thread.top = top
        if value.isFalsy { return text.append(matcher.source[start..<end]) }
        if value.isNumber { value = LuaValue(state.text(of: value.uncheckedNumber)) }
        guard value.isString else { throw call.error("invalid replacement value (a \(value.kind.name))") }
        text.append(value.uncheckedString.bytes)
        if text.count > 4096 { try state.checkRoom(text.count) }
    }

    private static func append(
        _ text: inout ByteBuffer, _ replacement: LuaBytes, _ matcher: Matcher, _ start: Int, _ end: Int
    ) throws(LuaError) {
        var index = 0
        while index < replacement.count {
            let byte = replacement[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                text.append(byte)
                continue
            }
            let next = index < replacement.count ? replacement[index] : 0
            index += 1
            if next == UInt8(ascii: "0") {
                text.append(matcher.source[start..<end])
            } else if next.isDigit {
                let value = try matcher.value(Int(next) - 49, start, end)
                if value.isNumber {
                    text.append(number: value.uncheckedNumber)
                } else {
                    text.append(value.uncheckedString.bytes)
                }
            } else {
                text.append(next)
            }
            if text.count > 4096 { try matcher.state.checkRoom(text.count) }
        }
        if text.count > 4096 { try matcher.state.checkRoom(text.count) }
    }

    static func format(_ call: LuaCall) throws(LuaError) -> Int { try Format.format(call) }
}
