internal import Glibc

// What operators do when their operands are not what the machine's loop hopes for: conversions and metatables.

extension LuaState {
    /// How often `__index` may lead on, before that is taken for a circle.
    private static let chainLimit = 100

    // MARK: - Metatables

    /// What a value's metatable has for an event; nil if nothing.
    func handler(_ event: Event, of value: LuaValue) -> LuaValue {
        guard let metatable = metatable(of: value) else { return .nil }
        return metatable[short: eventNames[event.rawValue].uncheckedString]
    }

    /// What a metatable has for one of the events that tables remember not to have.
    @inline(__always)
    func handler(_ event: Event, in metatable: LuaTable?) -> LuaValue {
        guard let metatable else { return .nil }
        if metatable.absentEvents & 1 &<< UInt8(truncatingIfNeeded: event.rawValue) != 0 { return .nil }
        return findHandler(event, in: metatable)
    }

    @inline(never)
    private func findHandler(_ event: Event, in metatable: LuaTable) -> LuaValue {
        let value = metatable[short: eventNames[event.rawValue].uncheckedString]
        if value.isNil { metatable.absentEvents |= 1 &<< UInt8(truncatingIfNeeded: event.rawValue) }
        return value
    }

    func metatable(of value: LuaValue) -> LuaTable? {
        if value.isTable { return value.uncheckedTable.metatable }
        if value.isString { return stringMetatable.table }
        return value.isUserdata ? value.uncheckedUserdata.metatable : nil
    }

    // MARK: - Indexing

    func index(_ object: LuaValue, _ key: LuaValue) throws(LuaError) -> LuaValue {
        var object = object
        for _ in 0..<LuaState.chainLimit {
            let next: LuaValue
            if object.isTable {
                let table = object.uncheckedTable
                if let slot = table.find(key), !slot.value.isNil { return slot.value }
                next = handler(.index, in: table.metatable)
                if next.isNil { return .nil }
            } else {
                next = handler(.index, of: object)
                if next.isNil { throw operandError("index", object) }
            }
            if next.isFunction { return try callHandler(next, object, key) }
            object = next
        }
        throw error("loop in gettable")
    }

    func setIndex(_ object: LuaValue, _ key: LuaValue, _ value: LuaValue) throws(LuaError) {
        var object = object
        for _ in 0..<LuaState.chainLimit {
            let next: LuaValue
            if object.isTable {
                let table = object.uncheckedTable
                let slot = table.find(key)
                if let slot, !slot.value.isNil {
                    try checkWritable(table)
                    table.absentEvents = 0
                    slot.value = value
                    return
                }
                next = handler(.newIndex, in: table.metatable)
                if next.isNil {
                    try checkWritable(table)
                    return try addEntry(table, slot, key, value)
                }
                // Even before a handler is asked.
                if slot == nil { try checkKey(key) }
            } else {
                next = handler(.newIndex, of: object)
                if next.isNil { throw operandError("index", object) }
            }
            if next.isFunction { return try callHandler(next, object, key, value) }
            object = next
        }
        throw error("loop in settable")
    }

    @inline(__always)
    private func checkKey(_ key: LuaValue) throws(LuaError) {
        if key.isNil { throw error("table index is nil") }
        if key.isNumber, key.uncheckedNumber.isNaN { throw error("table index is NaN") }
    }

    @inline(__always)
    private func addEntry(
        _ table: LuaTable, _ slot: Slot?, _ key: LuaValue, _ value: LuaValue
    ) throws(LuaError) {
        if let slot {
            table.absentEvents = 0
            slot.value = value
            return
        }
        try checkKey(key)
        // A key that is set to nil takes its node as well, which shows in the order of `pairs`.
        insert(table, key, value)
        if heapBytes > memoryLimit { throw LuaError(notEnoughMemory) }
    }

    /// Writes without metamethods, for libraries.
    func rawSet(_ table: LuaTable, _ key: LuaValue, _ value: LuaValue) throws(LuaError) {
        try checkWritable(table)
        try addEntry(table, table.find(key), key, value)
    }

    @inline(__always)
    func rawSet(_ table: LuaTable, _ index: Int, _ value: LuaValue) throws(LuaError) {
        try checkWritable(table)
        put(table, index, value)
    }

    @inline(__always)
    func checkWritable(_ table: LuaTable) throws(LuaError) {
        if table.isReadOnly { throw error(readOnlyMessage) }
    }

    // MARK: - Numbers and strings

    /// The number that a value is or, being a string, stands for.
    @inline(__always)
    public func number(_ value: LuaValue) -> Double? {
        if value.isNumber { return value.uncheckedNumber }
        return value.isString ? Lua.number(from: value.uncheckedString.bytes) : nil
    }

    func text(of number: Double) -> LuaString {
        var result = emptyString
        withNumberText(number) { (text) in result = makeString(text) }
        return result
    }

    static func modulo(_ left: Double, _ right: Double) -> Double {
        left - (left / right).rounded(.down) * right
    }

    @inline(never)
    static func power(_ left: Double, _ right: Double) -> Double { pow(left, right) }

    func arithmetic(_ event: Event, _ left: LuaValue, _ right: LuaValue) throws(LuaError) -> LuaValue {
        if let first = number(left), let second = number(right) {
            switch event {
            case .add: return LuaValue(computed: first + second)
            case .subtract: return LuaValue(computed: first - second)
            case .multiply: return LuaValue(computed: first * second)
            case .divide: return LuaValue(computed: first / second)
            case .modulo: return LuaValue(computed: LuaState.modulo(first, second))
            case .power: return LuaValue(computed: LuaState.power(first, second))
            default: return LuaValue(computed: -first)
            }
        }
        var handler = handler(event, of: left)
        if handler.isNil { handler = self.handler(event, of: right) }
        if !handler.isNil { return try callHandler(handler, left, right) }
        throw operandError("perform arithmetic on", number(left) == nil ? left : right)
    }

    func lengthByEvent(_ value: LuaValue) throws(LuaError) -> LuaValue {
        let handler = handler(.length, of: value)
        if handler.isNil { throw operandError("get length of", value) }
        return try callHandler(handler, value, .nil)
    }

    /// Joins values that lie side by side on the stack, and leaves the result in the first place.
    func concatenate(_ place: Int, _ count: Int) throws(LuaError) {
        var count = count
        while count > 1 {
            let stack = thread.stack
            let last = place + count - 1
            let left = stack[last - 1]
            if !(left.isString || left.isNumber) || !convertToString(stack, last) {
                let result = try concatenateByEvent(left, stack[last], last - 1)
                thread.stack[last - 1] = result
                count -= 1
                continue
            }
            var total = stack[last].uncheckedString.count
            var first = last
            while first > place, convertToString(stack, first - 1) {
                first -= 1
                total += stack[first].uncheckedString.count
                if total > LuaState.stringLimit { throw error("string length overflow") }
            }
            try checkRoom(total)
            stack[first] = LuaValue(join(stack + first, last - first + 1, total))
            count = first - place + 1
        }
    }

    /// Fails if there may be no string of so many bytes; for those who build long ones piece by piece.
    public func checkLength(_ count: Int) throws(LuaError) {
        if count > LuaState.stringLimit { throw LuaError(notEnoughMemory) }
        try checkRoom(count)
    }

    /// Makes room before native code that will hold values nothing else holds, where memory is nearly full.
    @inline(__always)
    public func collectIfCrowded() {
        if heapBytes > memoryLimit / 8 * 7 { collect() }
    }

    /// Whether there may be anything more.
    public func checkMemory() throws(LuaError) {
        if heapBytes > memoryLimit { throw LuaError(notEnoughMemory) }
    }

    /// Whether there may be a string or a table of so many bytes more.
    func checkRoom(_ count: Int) throws(LuaError) {
        if count > 4096, heapBytes + count > memoryLimit {
            // Native code may hold values that nothing else does.
            if thread.frameCount > 0, thread.frame.isLua { collect() }
            if heapBytes + count > memoryLimit { throw LuaError(notEnoughMemory) }
        }
    }

    /// The same for native code all of whose values are on the stack, where what nobody needs any more may go.
    func checkRoomCollecting(_ count: Int) throws(LuaError) {
        if count > 4096, heapBytes + count > memoryLimit { collect() }
        try checkRoom(count)
    }

    @inline(__always)
    private func convertToString(_ stack: Slots, _ place: Int) -> Bool {
        let value = stack[place]
        if value.isString { return true }
        guard value.isNumber else { return false }
        stack[place] = LuaValue(text(of: value.uncheckedNumber))
        return true
    }

    private func concatenateByEvent(
        _ left: LuaValue, _ right: LuaValue, _ place: Int
    ) throws(LuaError) -> LuaValue {
        var handler = handler(.concatenate, of: left)
        if handler.isNil { handler = self.handler(.concatenate, of: right) }
        if !handler.isNil { return try callHandler(handler, left, right) }
        let isRight = left.isString || left.isNumber
        throw operandError("concatenate", isRight ? right : left, at: isRight ? place + 1 : place)
    }

    // MARK: - Comparison

    func rawEqual(_ left: LuaValue, _ right: LuaValue) -> Bool {
        if left.isNumber, right.isNumber { return left.uncheckedNumber == right.uncheckedNumber }
        if left.isIdentical(to: right) { return true }
        return left.isString && right.isString && LuaString.equal(left.uncheckedString, right.uncheckedString)
    }

    /// Equality of two values of one type that are not identical.
    @inline(never)
    func equalByEvent(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
        if left.isString { return LuaString.equal(left.uncheckedString, right.uncheckedString) }
        guard left.isTable || left.isUserdata else { return false }
        let first = metatable(of: left)
        let handler = handler(.equal, in: first)
        guard !handler.isNil, let second = metatable(of: right) else { return false }
        if first != second, !rawEqual(handler, self.handler(.equal, in: second)) { return false }
        return try !callHandler(handler, left, right).isFalsy
    }

    @inline(never)
    func isLess(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
        if left.isNumber, right.isNumber { return left.uncheckedNumber < right.uncheckedNumber }
        if left.isString, right.isString { return LuaState.compare(left, right) < 0 }
        if let answer = try compare(.less, left, right) { return answer }
        throw comparisonError(left, right)
    }

    @inline(never)
    func isLessOrEqual(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
        if left.isNumber, right.isNumber { return left.uncheckedNumber <= right.uncheckedNumber }
        if left.isString, right.isString { return LuaState.compare(left, right) <= 0 }
        if let answer = try compare(.lessOrEqual, left, right) { return answer }
        if let answer = try compare(.less, right, left) { return !answer }
        throw comparisonError(left, right)
    }

    private static func compare(_ left: LuaValue, _ right: LuaValue) -> Int {
        left.uncheckedString.bytes.compared(to: right.uncheckedString.bytes)
    }

    /// Both values must be of one type and have the same handler.
    private func compare(_ event: Event, _ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool? {
        guard left.kind == right.kind else { return nil }
        let handler = handler(event, of: left)
        guard !handler.isNil, rawEqual(handler, self.handler(event, of: right)) else { return nil }
        return try !callHandler(handler, left, right).isFalsy
    }
}
