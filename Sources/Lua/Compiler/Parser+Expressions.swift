extension Parser {
    // MARK: - Expressions

    /// Operators of two operands, with how strongly they bind to the left and to the right.
    enum Operator {
        case arithmetic(Operation, left: UInt8, right: UInt8)
        case concatenate
        case equal(Bool), less, lessOrEqual, greater, greaterOrEqual
        case and, or

        var left: UInt8 {
            switch self {
            case .or: 1
            case .and: 2
            case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
            case .concatenate: 5
            case .arithmetic(_, let left, _): left
            }
        }

        var right: UInt8 {
            switch self {
            case .concatenate: 4
            case .arithmetic(_, _, let right): right
            default: left
            }
        }
    }

    private static let unaryPriority: UInt8 = 8

    private var binaryOperator: Operator? {
        switch token {
        case .and: return .and
        case .or: return .or
        case .concatenate: return .concatenate
        case .equal: return .equal(true)
        case .notEqual: return .equal(false)
        case .lessOrEqual: return .lessOrEqual
        case .greaterOrEqual: return .greaterOrEqual
        case .character: break
        default: return nil
        }
        switch lexer.current.character {
        case UInt8(ascii: "+"): return .arithmetic(.add, left: 6, right: 6)
        case UInt8(ascii: "-"): return .arithmetic(.subtract, left: 6, right: 6)
        case UInt8(ascii: "*"): return .arithmetic(.multiply, left: 7, right: 7)
        case UInt8(ascii: "/"): return .arithmetic(.divide, left: 7, right: 7)
        case UInt8(ascii: "%"): return .arithmetic(.modulo, left: 7, right: 7)
        case UInt8(ascii: "^"): return .arithmetic(.power, left: 10, right: 9)
        case UInt8(ascii: "<"): return .less
        case UInt8(ascii: ">"): return .greater
        default: return nil
        }
    }

    func expression() throws(LuaError) -> Expression { try subexpression(0) }

    /// An expression whose operators all bind stronger than `limit`.
    private func subexpression(_ limit: UInt8) throws(LuaError) -> Expression {
        try enterLevel()
        var result: Expression
        if let unary = unaryOperation {
            try advance()
            result = try subexpression(Parser.unaryPriority)
            try prefix(unary, &result)
        } else {
            result = try simpleExpression()
        }
        while let binary = binaryOperator, binary.left > limit {
            try advance()
            try infix(binary, &result)
            let second = try subexpression(binary.right)
            try combine(binary, &result, second)
        }
        leaveLevel()
        return result
    }

    private var unaryOperation: Operation? {
        if token == .not { return .not }
        guard token == .character else { return nil }
        if lexer.current.character == UInt8(ascii: "-") { return .negate }
        return lexer.current.character == UInt8(ascii: "#") ? .length : nil
    }

    private func simpleExpression() throws(LuaError) -> Expression {
        let result: Expression
        switch token {
        case .number: result = Expression(.number(lexer.current.number))
        case .string: result = Expression(.constant(function.constant(LuaValue(lexer.current.text))))
        case .nil: result = Expression(.nil)
        case .true: result = Expression(.true)
        case .false: result = Expression(.false)
        case .dots:
            guard function.parts.isVararg else { throw lexer.error("cannot use '...' outside a vararg function") }
            function.parts.needsArgumentTable = false
            result = Expression(.vararg(emit(Instruction(.vararg, 0, 2))))
        case .function:
            try advance()
            return try functionBody(isMethod: false, lexer.line)
        case .character where isAt(UInt8(ascii: "{")): return try tableConstructor()
        default: return try primaryExpression()
        }
        try advance()
        return result
    }

    /// Expressions with commas between; all but the last are in registers. Answers the last, and their number.
    func expressionList() throws(LuaError) -> (Expression, Int) {
        var count = 1
        var last = try expression()
        while try take(UInt8(ascii: ",")) {
            try toNextRegister(last)
            last = try expression()
            count += 1
        }
        return (last, count)
    }

    private func prefixExpression() throws(LuaError) -> Expression {
        if isAt(UInt8(ascii: "(")) {
            let line = lexer.line
            try advance()
            var inner = try expression()
            try expectClosing(UInt8(ascii: ")"), of: UInt8(ascii: "("), at: line)
            try discharge(&inner)
            return inner
        }
        guard token == .name else { throw lexer.error("unexpected symbol") }
        return try singleVariable(name())
    }

    func primaryExpression() throws(LuaError) -> Expression {
        var result = try prefixExpression()
        while true {
            switch token {
            case .string: try callArguments(&result, isNew: true)
            case .character:
                switch lexer.current.character {
                case UInt8(ascii: "."): try field(&result)
                case UInt8(ascii: "["):
                    _ = try toAnyRegister(&result)
                    let key = try bracketedKey()
                    try index(&result, key)
                case UInt8(ascii: ":"):
                    try advance()
                    let key = Expression(.constant(function.constant(try name())))
                    try method(&result, key)
                    try callArguments(&result, isNew: false)
                case UInt8(ascii: "("), UInt8(ascii: "{"): try callArguments(&result, isNew: true)
                default: return result
                }
            default: return result
            }
        }
    }

    /// `.name` or `:name`
    func field(_ table: inout Expression) throws(LuaError) {
        _ = try toAnyRegister(&table)
        try advance()
        let key = Expression(.constant(function.constant(try name())))
        try index(&table, key)
    }

    private func bracketedKey() throws(LuaError) -> Expression {
        try advance()
        var key = try expression()
        try toValue(&key)
        try expect(UInt8(ascii: "]"))
        return key
    }

    private func callArguments(_ called: inout Expression, isNew: Bool) throws(LuaError) {
        if isNew { try toNextRegister(&called) }
        let line = lexer.line
        var arguments = Expression(.void)
        switch token {
        case .string:
            arguments = Expression(.constant(function.constant(LuaValue(lexer.current.text))))
            try advance()
        case .character where isAt(UInt8(ascii: "{")): arguments = try tableConstructor()
        case .character where isAt(UInt8(ascii: "(")):
            if line != lexer.lastLine {
                throw lexer.error("ambiguous syntax (function call x new statement)")
            }
            try advance()
            if !isAt(UInt8(ascii: ")")) {
                (arguments, _) = try expressionList()
                try setAllResults(&arguments)
            }
            try expectClosing(UInt8(ascii: ")"), of: UInt8(ascii: "("), at: line)
        default: throw lexer.error("function arguments expected")
        }
        guard case .register(let base) = called.kind else { return }
        var count = 0
        if !arguments.hasManyValues {
            if case .void = arguments.kind {} else { try toNextRegister(arguments) }
            count = function.freeRegister - base
        }
        called = Expression(.call(emit(Instruction(.call, base, count, 2))))
        fixLine(line)
        // The function and its arguments go, one result comes.
        function.freeRegister = base + 1
    }

    // MARK: - Tables

    private struct Constructor {
        var table: Expression
        /// A list item that is not yet in a register.
        var item = Expression(.void)
        var arrayCount = 0
        var hashCount = 0
        /// Items in registers.
        var waiting = 0
    }

    private static let itemsPerStore = 50

    private func tableConstructor() throws(LuaError) -> Expression {
        let line = lexer.line
        let position = emit(Instruction(.newTable, 0))
        var constructor = Constructor(table: Expression(.relocatable(position)))
        try toNextRegister(&constructor.table)
        try expect(UInt8(ascii: "{"))
        while !isAt(UInt8(ascii: "}")) {
            try closeItem(&constructor)
            if token == .name {
                if try lexer.peek() == .character, lexer.nextIs(UInt8(ascii: "=")) {
                    try recordField(&constructor)
                } else {
                    try listField(&constructor)
                }
            } else if isAt(UInt8(ascii: "[")) {
                try recordField(&constructor)
            } else {
                try listField(&constructor)
            }
            if try !take(UInt8(ascii: ",")), try !take(UInt8(ascii: ";")) { break }
        }
        try expectClosing(UInt8(ascii: "}"), of: UInt8(ascii: "{"), at: line)
        try closeLastItem(&constructor)
        function.parts.code[position].b = min(Parser.arrayRoom(constructor.arrayCount), 1 << 20)
        function.parts.code[position].c = min(constructor.hashCount, 32_000)
        return constructor.table
    }

    /// How long an array Lua 5.1 makes for so many items: the next number of four binary digits and zeros. With nils
    /// among the items it decides which border `#` finds.
    private static func arrayRoom(_ count: Int) -> Int {
        var digits = count
        var zeros = 0
        while digits >= 16 {
            digits = (digits + 1) / 2
            zeros += 1
        }
        return digits << zeros
    }

    private func recordField(_ constructor: inout Constructor) throws(LuaError) {
        let freeRegister = function.freeRegister
        var key: Expression
        if token == .name {
            key = Expression(.constant(function.constant(try name())))
        } else {
            key = try bracketedKey()
        }
        constructor.hashCount += 1
        try expect(UInt8(ascii: "="))
        let keyOperand = try toOperand(&key)
        var value = try expression()
        guard case .register(let table) = constructor.table.kind else { return }
        emitStore(table: table, key: keyOperand, value: try toOperand(&value))
        function.freeRegister = freeRegister
    }

    private func listField(_ constructor: inout Constructor) throws(LuaError) {
        constructor.item = try expression()
        try checkLimit(constructor.arrayCount, 1 << 26, "items in a constructor")
        constructor.arrayCount += 1
        constructor.waiting += 1
    }

    private func closeItem(_ constructor: inout Constructor) throws(LuaError) {
        if case .void = constructor.item.kind { return }
        try toNextRegister(constructor.item)
        constructor.item = Expression(.void)
        if constructor.waiting == Parser.itemsPerStore {
            emitList(constructor, constructor.waiting)
            constructor.waiting = 0
        }
    }

    private func closeLastItem(_ constructor: inout Constructor) throws(LuaError) {
        guard constructor.waiting > 0 else { return }
        if constructor.item.hasManyValues {
            try setAllResults(&constructor.item)
            emitList(constructor, 0)
            // How many they will be is not known.
            constructor.arrayCount -= 1
            return
        }
        if case .void = constructor.item.kind {} else { try toNextRegister(constructor.item) }
        emitList(constructor, constructor.waiting)
    }

    private func emitList(_ constructor: Constructor, _ count: Int) {
        guard case .register(let table) = constructor.table.kind else { return }
        emit(Instruction(.setList, table, constructor.arrayCount - constructor.waiting, count))
        function.freeRegister = table + 1
    }

    // MARK: - Functions

    func functionBody(isMethod: Bool, _ line: Int) throws(LuaError) -> Expression {
        let outer = function
        let inner = FunctionBuilder(parent: outer)
        inner.parts.source = sourceName
        inner.parts.firstLine = line
        inner.blocks.append(Block(isLoop: false, variableCount: 0))
        function = inner
        try expect(UInt8(ascii: "("))
        if isMethod {
            try declare(state.string("self" as StaticString))
            activate(1)
        }
        try parameters()
        try expect(UInt8(ascii: ")"))
        try statements()
        inner.parts.lastLine = lexer.line
        guard token == .end else {
            throw line == lexer.line
                ? expected("end") : lexer.error("'end' expected (to close 'function' at line \(line))")
        }
        try advance()
        let prototype = closeFunction()
        function = outer
        outer.parts.prototypes.append(prototype)
        let position = emit(Instruction(.closure, 0, outer.parts.prototypes.count - 1))
        return Expression(.relocatable(position))
    }

    private func parameters() throws(LuaError) {
        var count = 0
        if !isAt(UInt8(ascii: ")")) {
            while true {
                if token == .name {
                    try declare(name())
                    count += 1
                } else if try take(.dots) {
                    try declare(state.string("arg" as StaticString))
                    function.parts.isVararg = true
                    function.parts.needsArgumentTable = true
                } else {
                    throw lexer.error("<name> or '...' expected")
                }
                if function.parts.isVararg { break }
                guard try take(UInt8(ascii: ",")) else { break }
            }
        }
        activate(count)
        function.parts.parameterCount = function.active.count
        if function.parts.isVararg { activate(1) }
        try reserve(function.active.count)
    }
}
