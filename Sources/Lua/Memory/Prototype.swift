/// A compiled function: instructions, constants, the functions within it, and what error messages want to know.
@safe struct Prototype: Equatable {
    @unsafe struct Body {
        var header: Header
        var code: UnsafeMutablePointer<Instruction>
        var constants: UnsafeMutablePointer<LuaValue>
        var prototypes: UnsafeMutablePointer<UnsafeMutablePointer<Body>>
        var captures: UnsafeMutablePointer<Capture>
        var lines: UnsafeMutablePointer<Int32>
        var variables: UnsafeMutablePointer<LocalVariable>
        var upvalueNames: UnsafeMutablePointer<LuaValue>
        var codeCount: Int
        var constantCount: Int
        var prototypeCount: Int
        var variableCount: Int
        var upvalueCount: Int
        var source: LuaValue
        var firstLine: Int
        var lastLine: Int
        var parameterCount: Int
        var frameSize: Int
        var isVararg: Bool
        /// Whether a function that takes `...` also has the table `arg`, as those of Lua 5.0 had.
        var needsArgumentTable: Bool
    }

    /// Where a new closure finds a variable: in the frame of the function around it, or among its upvalues.
    struct Capture: Equatable {
        var isLocal: Bool
        var index: UInt8
    }

    /// A named register, and the instructions within which it is that variable.
    struct LocalVariable {
        var name: LuaValue
        var start: Int
        var end: Int
    }

    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: Prototype, right: Prototype) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }

    @inline(__always)
    var code: CodePointer { unsafe CodePointer(body.pointee.code) }
    @inline(__always)
    var constants: Slots { unsafe Slots(body.pointee.constants) }
    @inline(__always)
    func prototype(_ index: Int) -> Prototype { unsafe Prototype(body.pointee.prototypes[index]) }
    @inline(__always)
    func capture(_ index: Int) -> Capture { unsafe body.pointee.captures[index] }

    var constantCount: Int { unsafe body.pointee.constantCount }
    var prototypeCount: Int { unsafe body.pointee.prototypeCount }
    var variableCount: Int { unsafe body.pointee.variableCount }
    @inline(__always)
    var upvalueCount: Int { unsafe body.pointee.upvalueCount }
    var codeCount: Int { unsafe body.pointee.codeCount }
    @inline(__always)
    var parameterCount: Int { unsafe body.pointee.parameterCount }
    @inline(__always)
    var frameSize: Int { unsafe body.pointee.frameSize }
    @inline(__always)
    var isVararg: Bool { unsafe body.pointee.isVararg }
    var needsArgumentTable: Bool { unsafe body.pointee.needsArgumentTable }
    var source: LuaValue { unsafe body.pointee.source }
    var firstLine: Int { unsafe body.pointee.firstLine }

    func line(_ instruction: Int) -> Int { unsafe Int(body.pointee.lines[instruction]) }
    func upvalueName(_ index: Int) -> LuaValue { unsafe body.pointee.upvalueNames[index] }
    func variable(_ index: Int) -> LocalVariable { unsafe body.pointee.variables[index] }

    /// Which instruction a position in the code is.
    func index(of position: CodePointer) -> Int { unsafe position.pointer - UnsafePointer(body.pointee.code) }

    /// The name of the variable that lives in a register while an instruction runs.
    func variableName(register: Int, at instruction: Int) -> LuaValue? {
        var left = register
        for index in 0..<variableCount {
            let variable = variable(index)
            guard variable.start <= instruction else { break }
            guard instruction < variable.end else { continue }
            if left == 0 { return variable.name }
            left -= 1
        }
        return nil
    }

    /// What the function takes of the heap, besides its body.
    var payloadBytes: Int {
        codeCount * 12 + constantCount * 8 + prototypeCount * 8 + upvalueCount * 10 + variableCount * 24
    }

    func deallocatePayload() {
        unsafe body.pointee.code.deallocate()
        unsafe body.pointee.constants.deallocate()
        unsafe body.pointee.prototypes.deallocate()
        unsafe body.pointee.captures.deallocate()
        unsafe body.pointee.lines.deallocate()
        unsafe body.pointee.variables.deallocate()
        unsafe body.pointee.upvalueNames.deallocate()
    }
}

/// A position in the code of a function.
@safe struct CodePointer: Equatable {
    private(set) var pointer: UnsafePointer<Instruction>

    @inline(__always)
    static func == (left: CodePointer, right: CodePointer) -> Bool { unsafe left.pointer == right.pointer }

    @inline(__always) @unsafe
    init(_ pointer: UnsafePointer<Instruction>) { unsafe self.pointer = pointer }

    @inline(__always)
    mutating func next() -> Instruction {
        let instruction = unsafe pointer.pointee
        unsafe pointer += 1
        return instruction
    }

    @inline(__always)
    var instruction: Instruction { unsafe pointer.pointee }

    @inline(__always)
    static func + (position: CodePointer, offset: Int) -> CodePointer { unsafe CodePointer(position.pointer + offset) }
    @inline(__always)
    static func += (position: inout CodePointer, offset: Int) { unsafe position.pointer += offset }
}

/// What the compiler has collected of a function, before it becomes an object of the heap.
struct FunctionParts {
    var code: [Instruction] = []
    var constants: [LuaValue] = []
    var prototypes: [Prototype] = []
    var captures: [Prototype.Capture] = []
    var lines: [Int32] = []
    var variables: [Prototype.LocalVariable] = []
    var upvalueNames: [LuaValue] = []
    var source = LuaValue.nil
    var firstLine = 0
    var lastLine = 0
    var parameterCount = 0
    var frameSize = 2
    var isVararg = false
    var needsArgumentTable = false
}

extension LuaState {
    func makePrototype(_ parts: borrowing FunctionParts) -> Prototype {
        let body = unsafe allocate(MemoryLayout<Prototype.Body>.size).assumingMemoryBound(to: Prototype.Body.self)
        let prototypes = UnsafeMutablePointer<UnsafeMutablePointer<Prototype.Body>>.allocate(
            capacity: parts.prototypes.count)
        for (index, prototype) in parts.prototypes.enumerated() { unsafe prototypes[index] = prototype.body }
        unsafe body.initialize(
            to: Prototype.Body(
                header: Header(next: nil, kind: .prototype, isMarked: false), code: copied(parts.code),
                constants: copied(parts.constants), prototypes: prototypes, captures: copied(parts.captures),
                lines: copied(parts.lines), variables: copied(parts.variables),
                upvalueNames: copied(parts.upvalueNames), codeCount: parts.code.count,
                constantCount: parts.constants.count, prototypeCount: parts.prototypes.count,
                variableCount: parts.variables.count, upvalueCount: parts.captures.count, source: parts.source,
                firstLine: parts.firstLine, lastLine: parts.lastLine, parameterCount: parts.parameterCount,
                frameSize: parts.frameSize, isVararg: parts.isVararg, needsArgumentTable: parts.needsArgumentTable))
        let prototype = unsafe Prototype(body)
        heapBytes += prototype.payloadBytes
        link(prototype.object)
        return prototype
    }
}

@unsafe
private func copied<Element>(_ array: [Element]) -> UnsafeMutablePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: array.count)
    for (index, element) in array.enumerated() { unsafe (copy + index).initialize(to: element) }
    return unsafe copy
}
