/// What the machine's loop works with: all of it stays in registers of the processor.
struct Registers {
    /// The frame's first register.
    var base: Slots
    var constants: Slots
    var position: CodePointer
    var closure: Closure

    /// A register, or a constant.
    @inline(__always)
    func operand(_ index: Int) -> LuaValue {
        (index >= 0 ? base : constants)[index >= 0 ? index : ~index]
    }
}

extension LuaState {
    /// Runs the innermost call, which is one of Lua's, until it returns; false if it yields instead.
    func execute() throws(LuaError) -> Bool {
        let thread = thread
        var r = enteredRegisters(thread)
        while true {
            let i = r.position.next()
            switch i.operation {
            case .move: r.base[i.a] = r.base[i.b]
            case .loadConstant: r.base[i.a] = r.constants[i.b]
            case .loadBoolean:
                r.base[i.a] = LuaValue(i.b != 0)
                if i.c != 0 { r.position += 1 }
            case .loadNil: r.base.fill(.nil, from: i.a, to: i.b + 1)
            case .getUpvalue: r.base[i.a] = r.closure[i.b].value
            case .getGlobal: try getGlobal(i, &r)
            case .getTable: try getTable(i, &r)
            case .getField: try getField(i, &r)
            case .setUpvalue: r.closure[i.b].value = r.base[i.a]
            case .setGlobal: try setGlobal(i, &r)
            case .setTable: try setTable(i, &r)
            case .setField: try setField(i, &r)
            case .newTable: try newTable(i, &r)
            case .method: try method(i, &r)
            case .add: try arithmetic(i, &r, .add) { $0 + $1 }
            case .subtract: try arithmetic(i, &r, .subtract) { $0 - $1 }
            case .multiply: try arithmetic(i, &r, .multiply) { $0 * $1 }
            case .divide: try arithmetic(i, &r, .divide) { $0 / $1 }
            case .modulo: try arithmetic(i, &r, .modulo) { LuaState.modulo($0, $1) }
            case .power: try arithmetic(i, &r, .power) { LuaState.power($0, $1) }
            case .negate: try negate(i, &r)
            case .not: r.base[i.a] = LuaValue(r.base[i.b].isFalsy)
            case .length: try length(i, &r)
            case .concatenate: try concatenate(i, &r)
            case .jump:
                if i.b < 0 { try step(&r) }
                r.position += i.b
            case .equal: try equal(i, &r)
            case .less: try less(i, &r)
            case .lessOrEqual: try lessOrEqual(i, &r)
            case .test: test(r.base[i.a].isFalsy == (i.c != 0), &r)
            case .testSet: testSet(i, &r)
            case .call: if try call(i, &r) { return false }
            case .tailCall: if try tailCall(i, &r) { return false }
            case .return: if returns(i, &r) { return true }
            case .forLoop: try forLoop(i, &r)
            case .forPrepare: try forPrepare(i, &r)
            case .genericFor: try genericFor(i, &r)
            case .setList: setList(i, r.base)
            case .close: thread.closeUpvalues(from: (r.base - thread.stack) + i.a)
            case .closure: try makeClosure(i, &r)
            case .vararg: try vararg(i, &r)
            }
        }
    }

    /// The registers of the innermost call, after anything that may have moved them.
    @inline(__always)
    func enteredRegisters(_ thread: Thread) -> Registers {
        let frame = thread.frame
        let closure = thread.stack[frame.function].uncheckedClosure
        return Registers(
            base: thread.stack + frame.base, constants: closure.prototype.constants, position: frame.position,
            closure: closure)
    }

    /// The stack may have moved.
    @inline(__always)
    func reload(_ r: inout Registers) { r.base = thread.stack + thread.frame.base }

    @inline(__always)
    func save(_ r: Registers) { thread.frame.position = r.position }

    /// Counts the steps that every loop must take.
    @inline(__always)
    func step(_ r: inout Registers) throws(LuaError) {
        stepsToHook &-= 1
        if stepsToHook <= 0 {
            save(r)
            try callHook()
        }
    }

    @inline(never)
    func callHook() throws(LuaError) {
        stepsToHook = hookInterval
        try hook?(self)
    }

    // MARK: - Tables

    @inline(__always)
    private func getGlobal(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let table = r.closure.environment
        if let slot = table.find(short: r.constants[i.b].uncheckedString), !slot.value.isNil {
            r.base[i.a] = slot.value
        } else {
            try getSlowly(LuaValue(table), r.constants[i.b], i.a, r.position)
            reload(&r)
        }
    }

    @inline(__always)
    private func getTable(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let object = r.base[i.b]
        let key = r.operand(i.c)
        if object.isTable {
            let table = object.uncheckedTable
            if key.isNumber, let index = LuaValue.index(key.uncheckedNumber) {
                if UInt(bitPattern: index &- 1) < UInt(bitPattern: table.arrayCount) {
                    let value = table.array[index &- 1]
                    if !value.isNil {
                        r.base[i.a] = value
                        return
                    }
                }
            } else if key.isString, key.uncheckedString.isShort {
                if let slot = table.find(short: key.uncheckedString), !slot.value.isNil {
                    r.base[i.a] = slot.value
                    return
                }
            }
        }
        try getSlowly(object, key, i.a, r.position)
        reload(&r)
    }

    @inline(__always)
    private func getField(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let object = r.base[i.b]
        let key = r.constants[i.c]
        if object.isTable, let slot = object.uncheckedTable.find(short: key.uncheckedString), !slot.value.isNil {
            r.base[i.a] = slot.value
        } else {
            try getSlowly(object, key, i.a, r.position)
            reload(&r)
        }
    }

    @inline(__always)
    private func method(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let object = r.base[i.b]
        let key = r.operand(i.c)
        r.base[i.a &+ 1] = object
        try getSlowly(object, key, i.a, r.position)
        reload(&r)
    }

    @inline(never)
    private func getSlowly(
        _ object: LuaValue, _ key: LuaValue, _ register: Int, _ position: CodePointer
    ) throws(LuaError) {
        thread.frame.position = position
        let value = try index(object, key)
        thread.stack[thread.frame.base &+ register] = value
        // A native handler may have allocated, and no other instruction need follow that does.
        if heapBytes > nextCollection { try collectIfDue() }
    }

    @inline(__always)
    private func setGlobal(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        try setShort(LuaValue(r.closure.environment), r.constants[i.b], r.base[i.a], &r)
    }

    @inline(__always)
    private func setField(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        try setShort(r.base[i.a], r.constants[i.b], r.operand(i.c), &r)
    }

    @inline(__always)
    private func setShort(
        _ object: LuaValue, _ key: LuaValue, _ value: LuaValue, _ r: inout Registers
    ) throws(LuaError) {
        if object.isTable {
            let table = object.uncheckedTable
            if let slot = table.find(short: key.uncheckedString), !slot.value.isNil, !table.isReadOnly {
                table.absentEvents = 0
                slot.value = value
                return
            }
        }
        try setSlowly(object, key, value, r.position)
        reload(&r)
    }

    @inline(__always)
    private func setTable(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let object = r.base[i.a]
        let key = r.operand(i.b)
        let value = r.operand(i.c)
        if object.isTable, key.isNumber, let index = LuaValue.index(key.uncheckedNumber) {
            let table = object.uncheckedTable
            if UInt(bitPattern: index &- 1) < UInt(bitPattern: table.arrayCount), !table.isReadOnly {
                if !table.array[index &- 1].isNil || table.metatable == nil {
                    table.array[index &- 1] = value
                    return
                }
            }
        }
        try setSlowly(object, key, value, r.position)
        reload(&r)
    }

    @inline(never)
    private func setSlowly(
        _ object: LuaValue, _ key: LuaValue, _ value: LuaValue, _ position: CodePointer
    ) throws(LuaError) {
        thread.frame.position = position
        try setIndex(object, key, value)
    }

    @inline(__always)
    private func newTable(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        r.base[i.a] = LuaValue(makeTable(array: i.b, hash: i.c))
        try collectIfNeeded(&r)
    }

    @inline(__always)
    private func collectIfNeeded(_ r: inout Registers) throws(LuaError) {
        if heapBytes > nextCollection {
            save(r)
            try collectIfDue()
        }
    }

    @inline(never)
    private func setList(_ i: Instruction, _ base: Slots) {
        let table = base[i.a].uncheckedTable
        var count = i.c
        if count == 0 {
            count = (thread.stack + thread.top) - (base + i.a) - 1
            thread.top = thread.frame.top
        }
        if count > 0, table.arrayCount < i.b + count {
            resize(table, array: i.b + count, hash: table.hasNoNodes ? 0 : table.nodeCount)
        }
        for offset in 0..<count { put(table, i.b + offset + 1, base[i.a + 1 + offset]) }
    }

    // MARK: - Arithmetic

    @inline(__always)
    private func arithmetic(
        _ i: Instruction, _ r: inout Registers, _ event: Event, _ operation: (Double, Double) -> Double
    ) throws(LuaError) {
        let left = r.operand(i.b)
        let right = r.operand(i.c)
        if left.isNumber, right.isNumber {
            r.base[i.a] = LuaValue(computed: operation(left.uncheckedNumber, right.uncheckedNumber))
        } else {
            try computeSlowly(left, right, event, i.a, r.position)
            reload(&r)
        }
    }

    @inline(never)
    private func computeSlowly(
        _ left: LuaValue, _ right: LuaValue, _ event: Event, _ register: Int, _ position: CodePointer
    ) throws(LuaError) {
        thread.frame.position = position
        let value = try arithmetic(event, left, right)
        thread.stack[thread.frame.base &+ register] = value
        if heapBytes > nextCollection { try collectIfDue() }
    }

    @inline(__always)
    private func negate(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let value = r.base[i.b]
        if value.isNumber {
            r.base[i.a] = LuaValue(computed: -value.uncheckedNumber)
        } else {
            try computeSlowly(value, value, .negate, i.a, r.position)
            reload(&r)
        }
    }

    @inline(__always)
    private func length(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let value = r.base[i.b]
        if value.isTable {
            r.base[i.a] = LuaValue(value.uncheckedTable.length())
        } else if value.isString {
            r.base[i.a] = LuaValue(value.uncheckedString.count)
        } else {
            save(r)
            let result = try lengthByEvent(value)
            reload(&r)
            r.base[i.a] = result
        }
    }

    @inline(__always)
    private func concatenate(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        save(r)
        try concatenate(thread.frame.base &+ i.b, i.c &- i.b &+ 1)
        reload(&r)
        r.base[i.a] = r.base[i.b]
        try collectIfNeeded(&r)
    }

    // MARK: - Comparison

    @inline(__always)
    private func test(_ fails: Bool, _ r: inout Registers) {
        if fails { r.position += 1 } else { r.position += r.position.instruction.b &+ 1 }
    }

    @inline(__always)
    private func jump(if condition: Bool, _ i: Instruction, _ r: inout Registers) throws(LuaError) {
        if condition != (i.a != 0) {
            r.position += 1
        } else {
            let distance = r.position.instruction.b
            if distance < 0 { try step(&r) }
            r.position += distance &+ 1
        }
    }

    @inline(__always)
    private func testSet(_ i: Instruction, _ r: inout Registers) {
        let value = r.base[i.b]
        if value.isFalsy == (i.c != 0) {
            r.position += 1
        } else {
            r.base[i.a] = value
            r.position += r.position.instruction.b &+ 1
        }
    }

    @inline(__always)
    private func equal(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let left = r.operand(i.b)
        let right = r.operand(i.c)
        let result: Bool
        if left.isNumber, right.isNumber {
            result = left.uncheckedNumber == right.uncheckedNumber
        } else if left.isIdentical(to: right) {
            result = true
        } else if left.tag != right.tag || left.tag == LuaValue.Tag.primitive {
            result = false
        } else {
            save(r)
            result = try equalByEvent(left, right)
            reload(&r)
        }
        try jump(if: result, i, &r)
    }

    @inline(__always)
    private func less(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let left = r.operand(i.b)
        let right = r.operand(i.c)
        let result: Bool
        if left.isNumber, right.isNumber {
            result = left.uncheckedNumber < right.uncheckedNumber
        } else {
            save(r)
            result = try isLess(left, right)
            reload(&r)
        }
        try jump(if: result, i, &r)
    }

    @inline(__always)
    private func lessOrEqual(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let left = r.operand(i.b)
        let right = r.operand(i.c)
        let result: Bool
        if left.isNumber, right.isNumber {
            result = left.uncheckedNumber <= right.uncheckedNumber
        } else {
            save(r)
            result = try isLessOrEqual(left, right)
            reload(&r)
        }
        try jump(if: result, i, &r)
    }

    // MARK: - Loops

    @inline(__always)
    private func forLoop(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let step = r.base[i.a &+ 2].uncheckedNumber
        let index = r.base[i.a].uncheckedNumber + step
        let limit = r.base[i.a &+ 1].uncheckedNumber
        if step > 0 ? index <= limit : limit <= index {
            r.position += i.b
            let value = LuaValue(computed: index)
            r.base[i.a] = value
            r.base[i.a &+ 3] = value
            try self.step(&r)
        }
    }

    @inline(__always)
    private func forPrepare(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        save(r)
        try prepareLoop(r.base + i.a)
        r.position += i.b
    }

    @inline(never)
    private func prepareLoop(_ registers: Slots) throws(LuaError) {
        guard let start = number(registers[0]) else { throw error("'for' initial value must be a number") }
        guard let limit = number(registers[1]) else { throw error("'for' limit must be a number") }
        guard let step = number(registers[2]) else { throw error("'for' step must be a number") }
        registers[0] = LuaValue(computed: start - step)
        registers[1] = LuaValue(computed: limit)
        registers[2] = LuaValue(computed: step)
    }

    @inline(__always)
    private func genericFor(_ i: Instruction, _ r: inout Registers) throws(LuaError) {
        let iterator = r.base[i.a]
        let table = r.base[i.a &+ 1]
        if table.isTable, iterator.isFunction, iterator.uncheckedObject.kind == .native,
            iterator.uncheckedNative.index == nextIndex, i.c <= 2
        {
            try nextEntry(i, table.uncheckedTable, r.base, r.position)
        } else {
            try callIterator(i, r.position)
            reload(&r)
        }
        let control = r.base[i.a &+ 3]
        if control.isNil {
            r.position += 1
        } else {
            r.base[i.a &+ 2] = control
            try step(&r)
            r.position += r.position.instruction.b &+ 1
        }
    }

    /// What a call of `next` does, without the call.
    @inline(never)
    private func nextEntry(
        _ i: Instruction, _ table: LuaTable, _ base: Slots, _ position: CodePointer
    ) throws(LuaError) {
        guard let place = table.position(of: base[i.a &+ 2]) else {
            try callIterator(i, position)
            return
        }
        if let entry = table.entry(after: place) {
            base[i.a &+ 3] = entry.key
            base[i.a &+ 4] = entry.value
        } else {
            base[i.a &+ 3] = .nil
        }
    }

    @inline(never)
    private func callIterator(_ i: Instruction, _ position: CodePointer) throws(LuaError) {
        thread.frame.position = position
        let place = thread.frame.base + i.a
        let stack = thread.stack
        for offset in 0..<3 { stack[place + 3 + offset] = stack[place + offset] }
        thread.top = place + 6
        try call(at: place + 3, wanted: i.c)
        thread.top = thread.frame.top
        if heapBytes > nextCollection { try collectIfDue() }
    }
}
