// How what has been read becomes instructions: registers, jumps, variables.

extension Parser {
    // MARK: - Instructions

    @discardableResult
    func emit(_ instruction: Instruction) -> Int {
        // Who jumps here jumps to this instruction.
        let jumps = function.pending
        function.pending = Jumps.none
        patch(jumps, to: function.position)
        function.parts.code.append(instruction)
        function.parts.lines.append(Int32(truncatingIfNeeded: lexer.lastLine))
        return function.position - 1
    }

    /// The last instruction belongs to another line.
    func fixLine(_ line: Int) {
        function.parts.lines[function.position - 1] = Int32(truncatingIfNeeded: line)
    }

    /// `count` less than zero: all there are.
    func emitReturn(_ first: Int, _ count: Int) { emit(Instruction(.return, first, count + 1)) }

    /// Writes a value into a table; both operands may be constants.
    func emitStore(table: Int, key: Int, value: Int) {
        if key < 0, isShortString(~key) {
            emit(Instruction(.setField, table, ~key, value))
        } else {
            emit(Instruction(.setTable, table, key, value))
        }
    }

    private func isShortString(_ constant: Int) -> Bool {
        let value = function.parts.constants[constant]
        return value.isString && value.uncheckedString.isShort
    }

    func closeFunction() -> Prototype {
        emitReturn(0, 0)
        leaveBlock()
        patch(function.pending, to: function.position - 1)
        for index in function.parts.variables.indices where function.parts.variables[index].end < 0 {
            function.parts.variables[index].end = function.position
        }
        return state.makePrototype(function.parts)
    }

    // MARK: - Registers

    func checkStack(_ count: Int) throws(LuaError) {
        let size = function.freeRegister + count
        guard size > function.parts.frameSize else { return }
        if size >= 250 { throw lexer.error("function or expression too complex") }
        function.parts.frameSize = size
    }

    func reserve(_ count: Int) throws(LuaError) {
        try checkStack(count)
        function.freeRegister += count
    }

    /// A register that holds no variable can be used again.
    func free(_ register: Int) {
        if register >= function.active.count, register == function.freeRegister - 1 { function.freeRegister -= 1 }
    }

    func free(_ expression: Expression) {
        if case .register(let register) = expression.kind { free(register) }
    }

    // MARK: - Variables

    /// A new variable, not yet active.
    func declare(_ name: LuaValue) throws(LuaError) {
        try checkLimit(function.active.count + function.waiting + 1, Parser.variableLimit, "local variables")
        function.waiting += 1
        function.parts.variables.append(Prototype.LocalVariable(name: name, start: -1, end: -1))
    }

    /// Makes the next declared variables visible.
    func activate(_ count: Int) {
        let first = function.parts.variables.count - function.waiting
        for index in first..<first + count {
            function.parts.variables[index].start = function.position
            function.active.append(index)
        }
        function.waiting -= count
    }

    func enterBlock(isLoop: Bool) {
        function.blocks.append(Block(isLoop: isLoop, variableCount: function.active.count))
    }

    func leaveBlock() {
        guard let block = function.blocks.popLast() else { return }
        while function.active.count > block.variableCount, let last = function.active.popLast() {
            function.parts.variables[last].end = function.position
        }
        if block.hasCaptures, !function.blocks.isEmpty { emit(Instruction(.close, block.variableCount)) }
        function.freeRegister = function.active.count
        patchToHere(block.breaks)
    }

    func singleVariable(_ name: LuaValue) throws(LuaError) -> Expression {
        if let kind = try resolve(name, in: function, isInnermost: true) { return Expression(kind) }
        return Expression(.global(function.constant(name)))
    }

    /// A variable of a function, or of one around it; nil if it is global.
    private func resolve(
        _ name: LuaValue, in builder: FunctionBuilder, isInnermost: Bool
    ) throws(LuaError) -> Expression.Kind? {
        for place in builder.active.indices.reversed()
        where builder.variableName(place).isIdentical(to: name) || equalLong(builder.variableName(place), name) {
            if !isInnermost, let block = builder.blocks.lastIndex(where: { $0.variableCount <= place }) {
                builder.blocks[block].hasCaptures = true
            }
            return .local(place)
        }
        guard let parent = builder.parent, let outer = try resolve(name, in: parent, isInnermost: false) else {
            return nil
        }
        switch outer {
        case .local(let register): return .upvalue(try capture(name, isLocal: true, register, in: builder))
        case .upvalue(let index): return .upvalue(try capture(name, isLocal: false, index, in: builder))
        default: return nil
        }
    }

    private func equalLong(_ left: LuaValue, _ right: LuaValue) -> Bool {
        left.isString && right.isString && LuaString.equal(left.uncheckedString, right.uncheckedString)
    }

    private func capture(
        _ name: LuaValue, isLocal: Bool, _ index: Int, in builder: FunctionBuilder
    ) throws(LuaError) -> Int {
        let capture = Prototype.Capture(isLocal: isLocal, index: UInt8(truncatingIfNeeded: index))
        if let known = builder.parts.captures.firstIndex(of: capture) { return known }
        if builder.parts.captures.count >= Parser.upvalueLimit {
            let line = builder.parts.firstLine
            let owner = line == 0 ? "main function" : "function at line \(line)"
            throw lexer.error("\(owner) has more than \(Parser.upvalueLimit) upvalues", near: nil)
        }
        builder.parts.captures.append(capture)
        builder.parts.upvalueNames.append(name)
        return builder.parts.captures.count - 1
    }

    /// Makes as many values of an expression list as variables wait for them.
    func adjust(_ last: inout Expression, count: Int, wanted: Int) throws(LuaError) {
        var extra = wanted - count
        if last.hasManyValues {
            extra = max(extra + 1, 0)
            try setResults(&last, extra)
            if extra > 1 { try reserve(extra - 1) }
            return
        }
        if case .void = last.kind {} else { try toNextRegister(last) }
        if extra > 0 {
            let first = function.freeRegister
            try reserve(extra)
            emit(Instruction(.loadNil, first, first + extra - 1))
        }
    }

    // MARK: - Jumps

    /// A jump to where nobody knows yet.
    func emitJump(_ operation: Operation = .jump, _ a: Int = 0) -> Jumps {
        guard operation == .jump else { return emit(Instruction(operation, a, Jumps.none)) }
        let pending = function.pending
        function.pending = Jumps.none
        return joined(emit(Instruction(.jump, 0, Jumps.none)), pending)
    }

    /// The next instruction is the target of a jump.
    func markTarget() -> Int {
        function.lastTarget = function.position
        return function.position
    }

    /// The jump after this one in its list.
    private func next(_ jump: Int) -> Jumps {
        let distance = function.parts.code[jump].b
        return distance == Jumps.none ? Jumps.none : jump + 1 + distance
    }

    private func setTarget(_ jump: Int, _ target: Int) { function.parts.code[jump].b = target - (jump + 1) }

    func joined(_ first: Jumps, _ second: Jumps) -> Jumps {
        if second == Jumps.none { return first }
        if first == Jumps.none { return second }
        var last = first
        while next(last) != Jumps.none { last = next(last) }
        setTarget(last, second)
        return first
    }

    func patchToHere(_ jumps: Jumps) {
        _ = markTarget()
        function.pending = joined(function.pending, jumps)
    }

    func patch(_ jumps: Jumps, to target: Int) { patch(jumps, values: target, nil, others: target) }

    /// Those of the jumps that bring a value leave it in a register and go to one target; the others go to another.
    func patch(_ jumps: Jumps, values: Int, _ register: Int?, others: Int) {
        var jump = jumps
        while jump != Jumps.none {
            let following = next(jump)
            setTarget(jump, patchTest(jump, register) ? values : others)
            jump = following
        }
    }

    /// The instruction that decides about a jump: the one before it, or itself.
    func control(_ jump: Int) -> Int {
        if jump >= 1 {
            switch function.parts.code[jump - 1].operation {
            case .equal, .less, .lessOrEqual, .test, .testSet: return jump - 1
            default: break
            }
        }
        return jump
    }

    func needsValue(_ jumps: Jumps) -> Bool {
        var jump = jumps
        while jump != Jumps.none {
            if function.parts.code[control(jump)].operation != .testSet { return true }
            jump = next(jump)
        }
        return false
    }

    /// Lets a test leave its value in a register, or nowhere. False if it has no value.
    @discardableResult
    func patchTest(_ jump: Int, _ register: Int?) -> Bool {
        let place = control(jump)
        let test = function.parts.code[place]
        guard test.operation == .testSet else { return false }
        if let register, register != test.b {
            function.parts.code[place].a = register
        } else {
            function.parts.code[place] = Instruction(.test, test.b, 0, test.c)
        }
        return true
    }

    func removeValues(_ jumps: Jumps) {
        var jump = jumps
        while jump != Jumps.none {
            patchTest(jump, nil)
            jump = next(jump)
        }
    }
}
