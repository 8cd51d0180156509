import Testing

@testable import Lua

/// A small generator of chance that repeats itself from the same seed.
struct SeededChance: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A table beside a dictionary, under the same random operations.
@Suite struct TableTests {
    private enum Key: Hashable {
        case number(Double)
        case text(String)
        case boolean(Bool)

        static func random(_ chance: inout SeededChance) -> Key {
            switch Int.random(in: 0..<10, using: &chance) {
            case 0..<4: .number(Double(Int.random(in: -4...40, using: &chance)))
            case 4: .number(Double.random(in: -3...3, using: &chance))
            case 5: .number(Double(Int.random(in: 0...8, using: &chance)) * 0x1p40)
            case 6: .boolean(Bool.random(using: &chance))
            case 7: .text(String(repeating: "long", count: Int.random(in: 10...14, using: &chance)))
            default: .text("k\(Int.random(in: 0...40, using: &chance))")
            }
        }

        func value(in state: LuaState) -> LuaValue {
            switch self {
            case .number(let number): LuaValue(number)
            case .text(let text): state.string(text)
            case .boolean(let boolean): LuaValue(boolean)
            }
        }
    }

    private func compare(_ table: LuaTable, _ model: [Key: Int], _ state: LuaState) {
        table.checkInvariants()
        var count = 0
        var key = LuaValue.nil
        while let entry = state.next(table, after: key) {
            count += 1
            key = entry.key
        }
        #expect(count == model.count)
        for (key, value) in model { #expect(table[key.value(in: state)].number == Double(value)) }
        let border = Double(table.length())
        #expect(border == 0 || model[.number(border)] != nil)
        #expect(model[.number(border + 1)] == nil)
    }

    @Test func `does what a dictionary does`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("LuaTable against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        for _ in 0..<60 {
            let state = LuaState()
            let table = state.table(
                array: Int.random(in: 0...4, using: &chance), hash: Int.random(in: 0...4, using: &chance))
            let kept = state.reference(LuaValue(table))
            var model: [Key: Int] = [:]
            for step in 0..<Int.random(in: 1...400, using: &chance) {
                let key = Key.random(&chance)
                if Int.random(in: 0..<3, using: &chance) == 0 {
                    state.set(table, key.value(in: state), .nil)
                    model[key] = nil
                } else {
                    state.set(table, key.value(in: state), LuaValue(step))
                    model[key] = step
                }
                if step % 40 == 0 { compare(table, model, state) }
                if step % 100 == 0 {
                    state.collect()
                    state.checkInvariants()
                }
            }
            compare(table, model, state)
            #expect(kept.value.table == table)
        }
    }

    @Test func `a loop may remove what it meets`() {
        let source = """
            local t = {} for i = 1, 200 do t[i] = i t["k" .. i] = i t[i / 3] = i end
            local seen = 0
            for key in pairs(t) do t[key] = nil seen = seen + 1 if seen % 50 == 0 then collectgarbage() end end
            return seen, next(t)
            """
        #expect(answer(source) == "534\tnil")
    }

    @Test func `keys that differ anywhere have hashes that differ`() throws {
        var key = [UInt8](repeating: UInt8(ascii: "k"), count: 1000)
        var hashes: Set<UInt32> = []
        for index in key.indices {
            key[index] += 1
            try LuaBytes.with(key) { (bytes) throws(LuaError) in _ = hashes.insert(bytes.hash) }
            key[index] -= 1
        }
        #expect(hashes.count > 990)
    }

    @Test func `both zeros are one key, and integers are the same as numbers`() {
        #expect(answer("local t = {} t[0] = 1 t[-0] = 2 t[1] = 'a' return t[0], t[2 / 2], t['1']") == "2\ta\tnil")
    }
}
