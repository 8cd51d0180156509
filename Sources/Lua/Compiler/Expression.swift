/// An expression that has been read, and whose value is not yet where it will be wanted: what is known so far.
struct Expression {
    enum Kind {
        case void
        case `nil`, `true`, `false`
        /// A number that is not yet a constant.
        case number(Double)
        case constant(Int)
        case local(Int)
        case upvalue(Int)
        /// By the constant that names it.
        case global(Int)
        /// The register of a table, and the operand that is the key.
        case indexed(table: Int, key: Int)
        /// A comparison: the jump that is taken if it holds.
        case jump(Int)
        /// An instruction whose register is still to be chosen.
        case relocatable(Int)
        case register(Int)
        case call(Int)
        case vararg(Int)
    }

    var kind: Kind
    /// The jumps that are taken when the expression is true, or false; each leads to the next by its distance.
    var trueJumps = Jumps.none
    var falseJumps = Jumps.none

    init(_ kind: Kind) { self.kind = kind }

    var hasJumps: Bool { trueJumps != falseJumps }

    var numeral: Double? {
        if case .number(let value) = kind, !hasJumps { return value }
        return nil
    }

    var hasManyValues: Bool {
        switch kind {
        case .call, .vararg: true
        default: false
        }
    }
}

/// A list of jumps whose target is not yet known is the position of its last one.
typealias Jumps = Int

extension Jumps {
    static let none = -1
}

/// A block of the source, with the variables that it declares.
struct Block {
    let isLoop: Bool
    /// How many variables were active outside.
    let variableCount: Int
    /// Whether some function uses a variable of the block.
    var hasCaptures = false
    var breaks = Jumps.none
}

/// A function that is being compiled.
final class FunctionBuilder {
    let parent: FunctionBuilder?
    var parts = FunctionParts()
    /// The active variables, as indices of `parts.variables`; each is in the register of its index here.
    var active: [Int] = []
    /// How many of the variables declared last are not yet active.
    var waiting = 0
    var blocks: [Block] = []
    var freeRegister = 0
    /// The position of the last jump target: what comes before it is not to be changed any more.
    var lastTarget = -1
    /// Jumps that lead to the next instruction.
    var pending = Jumps.none
    var constantPlaces: [UInt64: Int] = [:]

    init(parent: FunctionBuilder?) { self.parent = parent }

    var position: Int { parts.code.count }

    func variableName(_ place: Int) -> LuaValue { parts.variables[active[place]].name }

    /// Enters a constant once.
    func constant(_ value: LuaValue) -> Int {
        // Both zeros are one constant, as in Lua 5.1: the first one met.
        let key = value.isNumber && value.uncheckedNumber == 0 ? 0 : value.bits
        if let known = constantPlaces[key] { return known }
        let place = parts.constants.count
        parts.constants.append(value)
        constantPlaces[key] = place
        return place
    }
}
