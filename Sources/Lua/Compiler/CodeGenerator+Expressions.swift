// Where the value of an expression goes, and the operators.

extension Parser {
    // MARK: - Results of calls

    /// `wanted` less than zero: all.
    func setResults(_ expression: inout Expression, _ wanted: Int) throws(LuaError) {
        switch expression.kind {
        case .call(let position): function.parts.code[position].c = wanted + 1
        case .vararg(let position):
            function.parts.code[position].b = wanted + 1
            function.parts.code[position].a = function.freeRegister
            try reserve(1)
        default: break
        }
    }

    func setAllResults(_ expression: inout Expression) throws(LuaError) { try setResults(&expression, -1) }

    func setOneResult(_ expression: inout Expression) {
        switch expression.kind {
        case .call(let position):
            expression.kind = .register(function.parts.code[position].a)
        case .vararg(let position):
            function.parts.code[position].b = 2
            expression.kind = .relocatable(position)
        default: break
        }
    }

    // MARK: - Values into registers

    /// From a variable to its value.
    func discharge(_ expression: inout Expression) throws(LuaError) {
        switch expression.kind {
        case .local(let register): expression.kind = .register(register)
        case .upvalue(let index): expression.kind = .relocatable(emit(Instruction(.getUpvalue, 0, index)))
        case .global(let name): expression.kind = .relocatable(emit(Instruction(.getGlobal, 0, name)))
        case .indexed(let table, let key):
            if key >= 0 { free(key) }
            free(table)
            if key < 0, ~key <= Instruction.constantLimit, isShort(~key) {
                expression.kind = .relocatable(emit(Instruction(.getField, 0, table, ~key)))
            } else {
                expression.kind = .relocatable(emit(Instruction(.getTable, 0, table, key)))
            }
        case .call, .vararg: setOneResult(&expression)
        default: break
        }
    }

    private func isShort(_ constant: Int) -> Bool {
        let value = function.parts.constants[constant]
        return value.isString && value.uncheckedString.isShort
    }

    private func discharge(_ expression: inout Expression, to register: Int) throws(LuaError) {
        try discharge(&expression)
        switch expression.kind {
        case .nil: emit(Instruction(.loadNil, register, register))
        case .false: emit(Instruction(.loadBoolean, register, 0))
        case .true: emit(Instruction(.loadBoolean, register, 1))
        case .constant(let constant): emit(Instruction(.loadConstant, register, constant))
        case .number(let number):
            emit(Instruction(.loadConstant, register, function.constant(LuaValue(number))))
        case .relocatable(let position): function.parts.code[position].a = register
        case .register(let other):
            if other != register { emit(Instruction(.move, register, other)) }
        default: return
        }
        expression.kind = .register(register)
    }

    private func dischargeToAny(_ expression: inout Expression) throws(LuaError) {
        if case .register = expression.kind { return }
        try reserve(1)
        try discharge(&expression, to: function.freeRegister - 1)
    }

    private func move(_ expression: inout Expression, to register: Int) throws(LuaError) {
        try discharge(&expression, to: register)
        if case .jump(let position) = expression.kind {
            expression.trueJumps = joined(expression.trueJumps, position)
        }
        if expression.hasJumps {
            var falseLoad = -1
            var trueLoad = -1
            if needsValue(expression.trueJumps) || needsValue(expression.falseJumps) {
                var skip = Jumps.none
                if case .jump = expression.kind {} else { skip = emitJump() }
                _ = markTarget()
                falseLoad = emit(Instruction(.loadBoolean, register, 0, 1))
                _ = markTarget()
                trueLoad = emit(Instruction(.loadBoolean, register, 1, 0))
                patchToHere(skip)
            }
            let end = markTarget()
            patch(expression.falseJumps, values: end, register, others: falseLoad)
            patch(expression.trueJumps, values: end, register, others: trueLoad)
        }
        expression = Expression(.register(register))
    }

    func toNextRegister(_ expression: inout Expression) throws(LuaError) {
        try discharge(&expression)
        free(expression)
        try reserve(1)
        try move(&expression, to: function.freeRegister - 1)
    }

    func toNextRegister(_ expression: Expression) throws(LuaError) {
        var expression = expression
        try toNextRegister(&expression)
    }

    func toAnyRegister(_ expression: inout Expression) throws(LuaError) -> Int {
        try discharge(&expression)
        if case .register(let register) = expression.kind {
            if !expression.hasJumps { return register }
            if register >= function.active.count {
                try move(&expression, to: register)
                return register
            }
        }
        try toNextRegister(&expression)
        if case .register(let register) = expression.kind { return register }
        return 0
    }

    func toValue(_ expression: inout Expression) throws(LuaError) {
        if expression.hasJumps { _ = try toAnyRegister(&expression) } else { try discharge(&expression) }
    }

    /// A register, or the constant that the expression is.
    func toOperand(_ expression: inout Expression) throws(LuaError) -> Int {
        try toValue(&expression)
        switch expression.kind {
        case .number(let number): expression.kind = .constant(function.constant(LuaValue(number)))
        case .true: expression.kind = .constant(function.constant(.true))
        case .false: expression.kind = .constant(function.constant(.false))
        case .nil: expression.kind = .constant(function.constant(.nil))
        default: break
        }
        if case .constant(let constant) = expression.kind, constant <= Instruction.constantLimit {
            return ~constant
        }
        return try toAnyRegister(&expression)
    }

    // MARK: - Variables

    func store(_ value: Expression, in target: Expression) throws(LuaError) {
        var value = value
        switch target.kind {
        case .local(let register):
            free(value)
            return try move(&value, to: register)
        case .upvalue(let index): emit(Instruction(.setUpvalue, try toAnyRegister(&value), index))
        case .global(let name): emit(Instruction(.setGlobal, try toAnyRegister(&value), name))
        case .indexed(let table, let key):
            emitStore(table: table, key: key, value: try toOperand(&value))
        default: break
        }
        free(value)
    }

    func index(_ table: inout Expression, _ key: Expression) throws(LuaError) {
        guard case .register(let register) = table.kind else { return }
        var key = key
        table = Expression(.indexed(table: register, key: try toOperand(&key)))
    }

    func method(_ object: inout Expression, _ key: Expression) throws(LuaError) {
        let register = try toAnyRegister(&object)
        free(object)
        let target = function.freeRegister
        try reserve(2)
        var key = key
        let operand = try toOperand(&key)
        emit(Instruction(.method, target, register, operand))
        free(key)
        object = Expression(.register(target))
    }

    // MARK: - Conditions

    private func emitTest(_ expression: inout Expression, _ condition: Bool) throws(LuaError) -> Jumps {
        if case .relocatable(let position) = expression.kind, function.parts.code[position].operation == .not {
            let operand = function.parts.code[position].b
            function.parts.code.removeLast()
            function.parts.lines.removeLast()
            emit(Instruction(.test, operand, 0, condition ? 0 : 1))
            return emitJump()
        }
        try dischargeToAny(&expression)
        free(expression)
        guard case .register(let register) = expression.kind else { return Jumps.none }
        emit(Instruction(.testSet, 0xFF, register, condition ? 1 : 0))
        return emitJump()
    }

    /// Goes on if the expression is true; otherwise jumps.
    func jumpIfFalse(_ expression: inout Expression) throws(LuaError) {
        try discharge(&expression)
        let jump: Jumps
        switch expression.kind {
        case .constant, .number, .true: jump = Jumps.none
        // Jumps that end here are not joined with this one: they would bring along the values that they test.
        case .false where !expression.hasJumps: jump = emit(Instruction(.jump, 0, Jumps.none))
        case .jump(let position):
            let place = control(position)
            function.parts.code[place].a ^= 1
            jump = position
        default: jump = try emitTest(&expression, false)
        }
        expression.falseJumps = joined(expression.falseJumps, jump)
        patchToHere(expression.trueJumps)
        expression.trueJumps = Jumps.none
    }

    /// Goes on if the expression is false; otherwise jumps.
    private func jumpIfTrue(_ expression: inout Expression) throws(LuaError) {
        try discharge(&expression)
        let jump: Jumps
        switch expression.kind {
        case .nil, .false: jump = Jumps.none
        case .true where !expression.hasJumps: jump = emit(Instruction(.jump, 0, Jumps.none))
        case .jump(let position): jump = position
        default: jump = try emitTest(&expression, true)
        }
        expression.trueJumps = joined(expression.trueJumps, jump)
        patchToHere(expression.falseJumps)
        expression.falseJumps = Jumps.none
    }

    private func negateCondition(_ expression: inout Expression) throws(LuaError) {
        try discharge(&expression)
        switch expression.kind {
        case .nil, .false: expression.kind = .true
        case .constant, .number, .true: expression.kind = .false
        case .jump(let position): function.parts.code[control(position)].a ^= 1
        case .relocatable, .register:
            try dischargeToAny(&expression)
            free(expression)
            if case .register(let register) = expression.kind {
                expression.kind = .relocatable(emit(Instruction(.not, 0, register)))
            }
        default: break
        }
        swap(&expression.trueJumps, &expression.falseJumps)
        removeValues(expression.falseJumps)
        removeValues(expression.trueJumps)
    }

    // MARK: - Operators

    func prefix(_ operation: Operation, _ operand: inout Expression) throws(LuaError) {
        switch operation {
        case .not: try negateCondition(&operand)
        case .negate:
            if let number = operand.numeral {
                operand.kind = .number(-number)
                return
            }
            try emitUnary(.negate, &operand)
        default: try emitUnary(operation, &operand)
        }
    }

    private func emitUnary(_ operation: Operation, _ operand: inout Expression) throws(LuaError) {
        let register = try toAnyRegister(&operand)
        free(operand)
        operand = Expression(.relocatable(emit(Instruction(operation, 0, register))))
    }

    /// After the first operand has been read, and before the second is.
    func infix(_ binary: Operator, _ first: inout Expression) throws(LuaError) {
        switch binary {
        case .and: try jumpIfFalse(&first)
        case .or: try jumpIfTrue(&first)
        case .concatenate: try toNextRegister(&first)
        case .arithmetic:
            if first.numeral == nil { _ = try toOperand(&first) }
        default: _ = try toOperand(&first)
        }
    }

    func combine(_ binary: Operator, _ first: inout Expression, _ second: Expression) throws(LuaError) {
        var second = second
        switch binary {
        case .and:
            try discharge(&second)
            second.falseJumps = joined(second.falseJumps, first.falseJumps)
            first = second
        case .or:
            try discharge(&second)
            second.trueJumps = joined(second.trueJumps, first.trueJumps)
            first = second
        case .concatenate: try concatenate(&first, &second)
        case .arithmetic(let operation, _, _): try arithmetic(operation, &first, &second)
        case .equal(let condition): try compare(.equal, condition, &first, &second)
        case .less: try compare(.less, true, &first, &second)
        case .lessOrEqual: try compare(.lessOrEqual, true, &first, &second)
        case .greater: try compare(.less, true, &first, &second, isSwapped: true)
        case .greaterOrEqual: try compare(.lessOrEqual, true, &first, &second, isSwapped: true)
        }
    }

    /// A chain of concatenations, which group to the right, is one instruction.
    private func concatenate(_ first: inout Expression, _ second: inout Expression) throws(LuaError) {
        try toValue(&second)
        guard case .register(let left) = first.kind else { return }
        if case .relocatable(let position) = second.kind, function.parts.code[position].operation == .concatenate {
            free(first)
            function.parts.code[position].b = left
            first.kind = .relocatable(position)
            return
        }
        try toNextRegister(&second)
        guard case .register(let right) = second.kind else { return }
        free(second)
        free(first)
        first = Expression(.relocatable(emit(Instruction(.concatenate, 0, left, right))))
    }

    private func arithmetic(
        _ operation: Operation, _ first: inout Expression, _ second: inout Expression
    ) throws(LuaError) {
        if let left = first.numeral, let right = second.numeral, let value = fold(operation, left, right) {
            first.kind = .number(value)
            return
        }
        let right = try toOperand(&second)
        let left = try toOperand(&first)
        freeBoth(left, right)
        first = Expression(.relocatable(emit(Instruction(operation, 0, left, right))))
    }

    private func freeBoth(_ left: Int, _ right: Int) {
        if left > right {
            free(left)
            free(right)
        } else {
            free(right)
            free(left)
        }
    }

    private func fold(_ operation: Operation, _ left: Double, _ right: Double) -> Double? {
        let value: Double
        switch operation {
        case .add: value = left + right
        case .subtract: value = left - right
        case .multiply: value = left * right
        case .divide:
            if right == 0 { return nil }
            value = left / right
        case .modulo:
            if right == 0 { return nil }
            value = LuaState.modulo(left, right)
        default: value = LuaState.power(left, right)
        }
        return value.isNaN ? nil : value
    }

    private func compare(
        _ operation: Operation, _ condition: Bool, _ first: inout Expression, _ second: inout Expression,
        isSwapped: Bool = false
    ) throws(LuaError) {
        let left = try toOperand(&first)
        let right = try toOperand(&second)
        freeBoth(left, right)
        let test = Instruction(operation, condition ? 1 : 0, isSwapped ? right : left, isSwapped ? left : right)
        emit(test)
        first = Expression(.jump(emitJump()))
    }
}
