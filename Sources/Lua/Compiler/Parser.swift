/// Reads the source and writes the code, in one pass. The grammar is that of the reference manual, and each method is
/// one of its rules; what a rule has read is an `Expression`, which CodeGenerator.swift turns into instructions.
final class Parser {
    let state: LuaState
    var lexer: Lexer
    let sourceName: LuaValue
    var function = FunctionBuilder(parent: nil)
    private var level = 0

    static let levelLimit = 200
    static let variableLimit = 200
    static let upvalueLimit = 60

    init(_ state: LuaState, _ source: LuaBytes, name: LuaBytes) {
        self.state = state
        level = state.nativeDepth
        lexer = Lexer(state, source, name: name)
        sourceName = state.string(name)
    }

    func parseChunk() throws(LuaError) -> Prototype {
        function.parts.source = sourceName
        function.parts.isVararg = true
        function.blocks.append(Block(isLoop: false, variableCount: 0))
        try advance()
        try statements()
        try check(.endOfSource)
        return closeFunction()
    }

    // MARK: - Tokens

    var token: Token { lexer.current.token }

    func advance() throws(LuaError) { try lexer.advance() }

    func isAt(_ character: UInt8) -> Bool { token == .character && lexer.current.character == character }

    func take(_ wanted: Token) throws(LuaError) -> Bool {
        guard token == wanted else { return false }
        try advance()
        return true
    }

    func take(_ character: UInt8) throws(LuaError) -> Bool {
        guard isAt(character) else { return false }
        try advance()
        return true
    }

    func check(_ wanted: Token) throws(LuaError) {
        if token != wanted { throw expected("\(Token.texts[Int(wanted.rawValue)])") }
    }

    func expect(_ character: UInt8) throws(LuaError) {
        guard try take(character) else { throw expected(LuaBytesText.text(character)) }
    }

    func expect(_ wanted: Token) throws(LuaError) {
        try check(wanted)
        try advance()
    }

    func expected(_ what: String) -> LuaError { lexer.error("'\(what)' expected") }

    /// The token that closes what was opened on another line.
    private func expectClosing(_ wanted: Token, of opening: Token, at line: Int) throws(LuaError) {
        if try take(wanted) { return }
        throw unclosed("\(Token.texts[Int(wanted.rawValue)])", "\(Token.texts[Int(opening.rawValue)])", line)
    }

    func expectClosing(_ wanted: UInt8, of opening: UInt8, at line: Int) throws(LuaError) {
        if try take(wanted) { return }
        throw unclosed(LuaBytesText.text(wanted), LuaBytesText.text(opening), line)
    }

    private func unclosed(_ wanted: String, _ opening: String, _ line: Int) -> LuaError {
        if line == lexer.line { return expected(wanted) }
        return lexer.error("'\(wanted)' expected (to close '\(opening)' at line \(line))")
    }

    func name() throws(LuaError) -> LuaValue {
        try check(.name)
        let name = LuaValue(lexer.current.text)
        try advance()
        return name
    }

    // MARK: - Limits

    func enterLevel() throws(LuaError) {
        level += 1
        if level > Parser.levelLimit { throw lexer.error("chunk has too many syntax levels", near: nil) }
    }

    func leaveLevel() { level -= 1 }

    func checkLimit(_ value: Int, _ limit: Int, _ what: String) throws(LuaError) {
        guard value > limit else { return }
        let line = function.parts.firstLine
        let owner = line == 0 ? "main function" : "function at line \(line)"
        throw lexer.error("\(owner) has more than \(limit) \(what)", near: nil)
    }

    // MARK: - Statements

    private var isAtBlockEnd: Bool {
        switch token {
        case .else, .elseif, .end, .until, .endOfSource: true
        default: false
        }
    }

    func statements() throws(LuaError) {
        try enterLevel()
        var isLast = false
        while !isLast, !isAtBlockEnd {
            isLast = try statement()
            _ = try take(UInt8(ascii: ";"))
            function.freeRegister = function.active.count
        }
        leaveLevel()
    }

    private func block() throws(LuaError) {
        enterBlock(isLoop: false)
        try statements()
        leaveBlock()
    }

    /// True after a statement that must be the last of its block.
    private func statement() throws(LuaError) -> Bool {
        let line = lexer.line
        switch token {
        case .if: try ifStatement(line)
        case .while: try whileStatement(line)
        case .do:
            try advance()
            try block()
            try expectClosing(.end, of: .do, at: line)
        case .for: try forStatement(line)
        case .repeat: try repeatStatement(line)
        case .function: try functionStatement(line)
        case .local:
            try advance()
            if try take(.function) { try localFunction() } else { try localStatement() }
        case .return:
            try returnStatement()
            return true
        case .break:
            try advance()
            try breakStatement()
            return true
        default: try expressionStatement()
        }
        return false
    }

    private func ifStatement(_ line: Int) throws(LuaError) {
        var escapes = Jumps.none
        var falseJumps = try conditionalBlock()
        while token == .elseif {
            escapes = joined(escapes, emitJump())
            patchToHere(falseJumps)
            falseJumps = try conditionalBlock()
        }
        if token == .else {
            escapes = joined(escapes, emitJump())
            patchToHere(falseJumps)
            try advance()
            try block()
        } else {
            escapes = joined(escapes, falseJumps)
        }
        patchToHere(escapes)
        try expectClosing(.end, of: .if, at: line)
    }

    /// `if` or `elseif`, a condition and a block; answers the jumps that are taken if it does not hold.
    private func conditionalBlock() throws(LuaError) -> Jumps {
        try advance()
        let falseJumps = try condition()
        try expect(.then)
        try block()
        return falseJumps
    }

    private func condition() throws(LuaError) -> Jumps {
        var expression = try self.expression()
        if case .nil = expression.kind { expression.kind = .false }
        try jumpIfFalse(&expression)
        return expression.falseJumps
    }

    private func whileStatement(_ line: Int) throws(LuaError) {
        try advance()
        let start = markTarget()
        let exits = try condition()
        enterBlock(isLoop: true)
        try expect(.do)
        try block()
        patch(emitJump(), to: start)
        try expectClosing(.end, of: .while, at: line)
        leaveBlock()
        patchToHere(exits)
    }

    private func repeatStatement(_ line: Int) throws(LuaError) {
        let start = markTarget()
        enterBlock(isLoop: true)
        enterBlock(isLoop: false)
        try advance()
        try statements()
        try expectClosing(.until, of: .repeat, at: line)
        // The condition sees the variables of the block.
        let exits = try condition()
        if function.blocks.last?.hasCaptures != true {
            leaveBlock()
            patch(exits, to: start)
        } else {
            try breakStatement()
            patchToHere(exits)
            leaveBlock()
            patch(emitJump(), to: start)
        }
        leaveBlock()
    }

    private func forStatement(_ line: Int) throws(LuaError) {
        enterBlock(isLoop: true)
        try advance()
        let variable = try name()
        switch token {
        case .character where isAt(UInt8(ascii: "=")): try numericFor(variable, line)
        case .character where isAt(UInt8(ascii: ",")), .in: try genericFor(variable)
        default: throw lexer.error("'=' or 'in' expected")
        }
        try expectClosing(.end, of: .for, at: line)
        leaveBlock()
    }

    private func numericFor(_ variable: LuaValue, _ line: Int) throws(LuaError) {
        let base = function.freeRegister
        for name in ["(for index)", "(for limit)", "(for step)"] as [StaticString] {
            try declare(state.string(name))
        }
        try declare(variable)
        try expect(UInt8(ascii: "="))
        try toNextRegister(expression())
        try expect(UInt8(ascii: ","))
        try toNextRegister(expression())
        if try take(UInt8(ascii: ",")) {
            try toNextRegister(expression())
        } else {
            emit(Instruction(.loadConstant, function.freeRegister, function.constant(LuaValue(1))))
            try reserve(1)
        }
        activate(3)
        try expect(.do)
        let prepare = emitJump(.forPrepare, base)
        try forBody(variableCount: 1)
        patchToHere(prepare)
        let end = emitJump(.forLoop, base)
        patch(end, to: prepare + 1)
        fixLine(line)
    }

    private func genericFor(_ first: LuaValue) throws(LuaError) {
        let base = function.freeRegister
        for name in ["(for generator)", "(for state)", "(for control)"] as [StaticString] {
            try declare(state.string(name))
        }
        try declare(first)
        var variableCount = 1
        while try take(UInt8(ascii: ",")) {
            try declare(name())
            variableCount += 1
        }
        try expect(.in)
        let line = lexer.line
        var (last, count) = try expressionList()
        try adjust(&last, count: count, wanted: 3)
        try checkStack(3)
        activate(3)
        try expect(.do)
        let prepare = emitJump()
        try forBody(variableCount: variableCount)
        patchToHere(prepare)
        emit(Instruction(.genericFor, base, 0, variableCount))
        fixLine(line)
        patch(emitJump(), to: prepare + 1)
        fixLine(line)
    }

    private func forBody(variableCount: Int) throws(LuaError) {
        enterBlock(isLoop: false)
        activate(variableCount)
        try reserve(variableCount)
        try statements()
        leaveBlock()
    }

    private func functionStatement(_ line: Int) throws(LuaError) {
        try advance()
        var target = try singleVariable(name())
        var isMethod = false
        while isAt(UInt8(ascii: ".")) { try field(&target) }
        if isAt(UInt8(ascii: ":")) {
            isMethod = true
            try field(&target)
        }
        let body = try functionBody(isMethod: isMethod, line)
        try store(body, in: target)
        // The definition happens on the first line.
        fixLine(line)
    }

    private func localFunction() throws(LuaError) {
        try declare(name())
        let register = function.freeRegister
        try reserve(1)
        // The function may call itself.
        activate(1)
        let body = try functionBody(isMethod: false, lexer.line)
        try store(body, in: Expression(.local(register)))
        if let variable = function.active.last { function.parts.variables[variable].start = function.position }
    }

    private func localStatement() throws(LuaError) {
        var variableCount = 0
        repeat {
            try declare(name())
            variableCount += 1
        } while try take(UInt8(ascii: ","))
        var last = Expression(.void)
        var count = 0
        if try take(UInt8(ascii: "=")) { (last, count) = try expressionList() }
        try adjust(&last, count: count, wanted: variableCount)
        activate(variableCount)
    }

    private func expressionStatement() throws(LuaError) {
        let first = try primaryExpression()
        if case .call(let position) = first.kind {
            function.parts.code[position].c = 1
            return
        }
        try assignment(first)
    }

    private func assignment(_ first: Expression) throws(LuaError) {
        var targets = [first]
        while true {
            guard targets[targets.count - 1].isAssignable else { throw lexer.error("syntax error") }
            guard try take(UInt8(ascii: ",")) else { break }
            let next = try primaryExpression()
            if case .local(let register) = next.kind { try protect(register, in: &targets) }
            try checkLimit(targets.count, Parser.levelLimit - level, "variables in assignment")
            targets.append(next)
        }
        try expect(UInt8(ascii: "="))
        var (last, count) = try expressionList()
        var rest = targets.count
        if count == targets.count {
            setOneResult(&last)
            try store(last, in: targets[rest - 1])
            rest -= 1
        } else {
            try adjust(&last, count: count, wanted: targets.count)
            if count > targets.count { function.freeRegister -= count - targets.count }
        }
        while rest > 0 {
            try store(Expression(.register(function.freeRegister - 1)), in: targets[rest - 1])
            rest -= 1
        }
    }

    /// A variable that is assigned to may also be the table, or the key, of a target before it: that one gets a copy.
    private func protect(_ register: Int, in targets: inout [Expression]) throws(LuaError) {
        let copy = function.freeRegister
        var isNeeded = false
        for index in targets.indices {
            guard case .indexed(var table, var key) = targets[index].kind, table == register || key == register else {
                continue
            }
            isNeeded = true
            if table == register { table = copy }
            if key == register { key = copy }
            targets[index].kind = .indexed(table: table, key: key)
        }
        if isNeeded {
            emit(Instruction(.move, copy, register))
            try reserve(1)
        }
    }

    private func returnStatement() throws(LuaError) {
        try advance()
        guard !isAtBlockEnd, !isAt(UInt8(ascii: ";")) else { return emitReturn(0, 0) }
        var (last, count) = try expressionList()
        if last.hasManyValues {
            try setAllResults(&last)
            if case .call(let position) = last.kind, count == 1 {
                function.parts.code[position].operation = .tailCall
            }
            emitReturn(function.active.count, -1)
        } else if count == 1 {
            emitReturn(try toAnyRegister(&last), 1)
        } else {
            try toNextRegister(last)
            emitReturn(function.active.count, count)
        }
    }

    private func breakStatement() throws(LuaError) {
        var hasCaptures = false
        for index in function.blocks.indices.reversed() {
            let block = function.blocks[index]
            if block.isLoop {
                if hasCaptures { emit(Instruction(.close, block.variableCount)) }
                let jump = emitJump()
                function.blocks[index].breaks = joined(block.breaks, jump)
                return
            }
            hasCaptures = hasCaptures || block.hasCaptures
        }
        throw lexer.error("no loop to break")
    }
}

extension Expression {
    fileprivate var isAssignable: Bool {
        switch kind {
        case .local, .upvalue, .global, .indexed: true
        default: false
        }
    }
}
