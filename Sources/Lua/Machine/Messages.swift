// What errors say: Lua's own words, with the place in the source and the name of what was wrong.

extension LuaState {
    // MARK: - Places

    func closure(of frame: FrameReference) -> Closure { thread.stack[frame.function].uncheckedClosure }

    /// The line that a call is at.
    func currentLine(_ frame: FrameReference) -> Int {
        let prototype = closure(of: frame).prototype
        return prototype.line(currentInstruction(frame, prototype))
    }

    private func currentInstruction(_ frame: FrameReference, _ prototype: Prototype) -> Int {
        max(prototype.index(of: frame.position) - 1, 0)
    }

    /// `chunk:line: `, if the call is one of Lua's.
    func placeText(_ depth: Int) -> String {
        guard depth >= 0, depth < thread.frameCount, thread[depth].isLua else { return "" }
        let frame = thread[depth]
        let source = closure(of: frame).prototype.source
        return "\(chunkName(source.bytes ?? LuaBytes("?"))):\(currentLine(frame)): "
    }

    /// An error of the machine itself: with the place, if Lua code runs.
    public func error(_ message: String) -> LuaError {
        LuaError(string(placeText(thread.frameCount - 1) + message))
    }

    /// An error of a native function: with the place of its caller.
    func nativeError(_ message: String) -> LuaError {
        LuaError(string(placeText(thread.frameCount - 2) + message))
    }

    /// `bad argument #1 to 'f' (…)`
    func argumentError(_ index: Int, _ message: String) -> LuaError {
        var number = index + 1
        guard let (name, kind) = calledName() else {
            return nativeError("bad argument #\(number) to '?' (\(message))")
        }
        if kind == "method" {
            number -= 1
            if number == 0 { return nativeError("calling '\(name)' on bad self (\(message))") }
        }
        return nativeError("bad argument #\(number) to '\(name)' (\(message))")
    }

    // MARK: - What is wrong

    /// `attempt to index global 'x' (a nil value)`
    func operandError(_ action: String, _ value: LuaValue, at place: Int? = nil) -> LuaError {
        let type = "\(value.kind.name)"
        guard let (name, kind) = variableName(value, place) else {
            return error("attempt to \(action) a \(type) value")
        }
        return error("attempt to \(action) \(kind) '\(name)' (a \(type) value)")
    }

    func comparisonError(_ left: LuaValue, _ right: LuaValue) -> LuaError {
        let (first, second) = (left.kind.name, right.kind.name)
        if LuaBytes(first) == LuaBytes(second) { return error("attempt to compare two \(first) values") }
        return error("attempt to compare \(first) with \(second)")
    }

    // MARK: - Names

    typealias Name = (name: String, kind: String)

    /// The name of a value that an instruction found in a register: the operand that is the value at fault, or what is
    /// called or joined, which lies at a place of the stack.
    private func variableName(_ value: LuaValue, _ place: Int?) -> Name? {
        guard thread.frameCount > 0, thread.frame.isLua else { return nil }
        let frame = thread.frame
        let prototype = closure(of: frame).prototype
        let index = currentInstruction(frame, prototype)
        let i = prototype.code.at(index)
        let base = thread.stack + frame.base
        func register(_ operand: Int) -> Name? {
            guard operand >= 0, base[operand].isIdentical(to: value) else { return nil }
            return prototype.name(register: operand, at: index)
        }
        switch i.operation {
        case .call, .tailCall:
            return place == frame.base + i.a ? prototype.name(register: i.a, at: index) : nil
        case .getTable, .getField, .method, .negate, .length: return register(i.b)
        case .setTable, .setField: return register(i.a)
        case .add, .subtract, .multiply, .divide, .modulo, .power:
            let left = i.b >= 0 ? base[i.b] : prototype.constants[~i.b]
            return register(left.isIdentical(to: value) ? i.b : i.c)
        case .concatenate: return place.flatMap { prototype.name(register: $0 - frame.base, at: index) }
        default: return nil
        }
    }

    /// What the caller calls the running function.
    private func calledName() -> Name? {
        let depth = thread.frameCount - 2
        guard depth >= 0, thread[depth].isLua, thread[depth + 1].tailCalls == 0 else { return nil }
        let frame = thread[depth]
        let prototype = closure(of: frame).prototype
        let index = currentInstruction(frame, prototype)
        let i = prototype.code.at(index)
        guard [.call, .tailCall, .genericFor].contains(i.operation) else { return nil }
        return prototype.name(register: i.a, at: index)
    }

    // MARK: - Chunks

    /// A chunk's name as messages show it.
    func chunkName(_ name: LuaBytes) -> String {
        let source = name.upToZero
        let room = 60
        guard source.count > 0 else { return "[string \"\"]" }
        if source[0] == UInt8(ascii: "=") { return source[1..<min(source.count, room)].exactText }
        if source[0] == UInt8(ascii: "@") {
            let name = source.suffix(from: 1)
            let longest = room - 8
            return name.count > longest ? "..." + name.suffix(from: name.count - longest).exactText : name.exactText
        }
        var end = source.count
        for index in 0..<source.count where source[index] == 10 || source[index] == 13 {
            end = index
            break
        }
        let longest = room - 17
        if end > longest || end < source.count {
            return "[string \"\(source[0..<min(end, longest)].exactText)...\"]"
        }
        return "[string \"\(source[0..<end].exactText)\"]"
    }
}

extension CodePointer {
    func at(_ index: Int) -> Instruction { (self + index).instruction }
}

extension Prototype {
    /// What a register's value is known as: the variable that lives there, or where the value came from.
    func name(register: Int, at index: Int) -> LuaState.Name? {
        if let name = variableName(register: register, at: index) { return (text(name), "local") }
        guard let setter = lastSetter(of: register, before: index) else { return nil }
        let i = code.at(setter)
        switch i.operation {
        case .getGlobal: return (text(constants[i.b]), "global")
        case .move: return i.b < i.a ? name(register: i.b, at: setter) : nil
        case .getField: return (text(constants[i.c]), "field")
        case .getTable: return (constantText(i.c), "field")
        case .method: return (constantText(i.c), "method")
        case .getUpvalue: return (text(upvalueName(i.b)), "upvalue")
        default: return nil
        }
    }

    private func text(_ value: LuaValue) -> String { value.bytes?.exactText ?? "?" }

    private func constantText(_ operand: Int) -> String {
        operand >= 0 ? "?" : text(constants[~operand])
    }

    /// The last instruction that has put something into a register, when `end` is reached in a straight line.
    private func lastSetter(of register: Int, before end: Int) -> Int? {
        var setter: Int?
        var index = 0
        while index < end {
            let i = code.at(index)
            if i.sets(register) { setter = index }
            if i.operation == .jump {
                let target = index + 1 + i.b
                // What a jump forward within the range skips was not executed.
                if target > index, target <= end { index = target - 1 }
            }
            index += 1
        }
        return setter
    }
}

extension Instruction {
    /// Whether the instruction changes a register.
    fileprivate func sets(_ register: Int) -> Bool {
        switch operation {
        // After a test, what is in the register depends on it, and has no name.
        case .test: return a == register
        case .move, .loadConstant, .loadBoolean, .getUpvalue, .getGlobal, .getTable, .getField, .newTable, .add,
            .subtract, .multiply, .divide, .modulo, .power, .negate, .not, .length, .concatenate, .testSet, .closure:
            return a == register
        case .loadNil: return register >= a && register <= b
        case .method: return register == a || register == a + 1
        case .call, .tailCall: return register >= a
        case .vararg: return register >= a && (b == 0 || register < a + b - 1)
        case .genericFor: return register >= a + 2
        case .forLoop: return register == a || register == a + 3
        case .forPrepare: return register == a
        default: return false
        }
    }
}
