extension LuaState {
    func openTable() {
        openLibrary(
            "table",
            [
                .init("concat", Tables.concatenate), .init("foreach", Tables.forEach),
                .init("foreachi", Tables.forEachIndex),
                .init("getn", Tables.length), .init("insert", Tables.insert), .init("maxn", Tables.largestIndex),
                .init("remove", Tables.remove), .init("setn", Tables.setLength), .init("sort", Tables.sort),
            ])
    }
}

private enum Tables {
    static func concatenate(_ call: LuaCall) throws(LuaError) -> Int {
        let separator = try call.bytes(1, default: "")
        let table = try call.table(0)
        let first = try call.int(2, default: 1)
        let last = call[3].isNil ? table.length() : try call.int(3)
        var text = ByteBuffer()
        var index = first
        while index <= last {
            let value = table[index]
            if value.isString {
                text.append(value.uncheckedString.bytes)
            } else if value.isNumber {
                text.append(number: value.uncheckedNumber)
            } else {
                throw call.error("invalid value (\(value.kind.name)) at index \(index) in table for 'concat'")
            }
            if index == last { break }
            text.append(separator)
            if text.count > 4096 { try call.state.checkRoomCollecting(text.count) }
            guard text.count <= LuaState.stringLimit else { throw call.error("resulting string too large") }
            index += 1
        }
        call.push(text.bytes)
        return 1
    }

    static func insert(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let state = call.state
        let end = table.length() + 1
        switch call.count {
        case 2: try state.rawSet(table, end, call[1])
        case 3:
            let place = try call.int(1)
            try state.checkWritable(table)
            var index = max(end, place)
            while index > place {
                state.put(table, index, table[index - 1])
                index -= 1
            }
            try state.rawSet(table, LuaValue(place), call[2])
        default: throw call.error("wrong number of arguments to 'insert'")
        }
        return 0
    }

    static func remove(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let state = call.state
        let end = table.length()
        let place = try call.int(1, default: end)
        guard place >= 1, place <= end else { return 0 }
        try state.checkWritable(table)
        call.push(table[place])
        var index = place
        while index < end {
            state.put(table, index, table[index + 1])
            index += 1
        }
        state.put(table, end, .nil)
        return 1
    }

    static func length(_ call: LuaCall) throws(LuaError) -> Int {
        call.push(try call.table(0).length())
        return 1
    }

    static func setLength(_ call: LuaCall) throws(LuaError) -> Int {
        _ = try call.table(0)
        throw call.error("'setn' is obsolete")
    }

    static func largestIndex(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        var largest = 0.0
        var position = 0
        while let entry = table.entry(after: position) {
            position = entry.position
            if let number = entry.key.number, number > largest { largest = number }
        }
        call.push(largest)
        return 1
    }

    static func forEach(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let function = try call.function(1)
        var key = LuaValue.nil
        while true {
            guard let position = table.position(of: key) else { throw call.state.error("invalid key to 'next'") }
            guard let entry = table.entry(after: position) else { return 0 }
            key = entry.key
            // The key must live until the next turn, whatever the function does.
            let place = call.state.thread.top
            call.push(key)
            call.push(try call.state.callHandler(function, key, entry.value))
            if !call.state.thread.stack[place + 1].isNil { return 1 }
            call.state.thread.top = place
        }
    }

    static func forEachIndex(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let function = try call.function(1)
        let end = table.length()
        var index = 1
        while index <= end {
            let result = try call.state.callHandler(function, LuaValue(index), table[index])
            if !result.isNil {
                call.push(result)
                return 1
            }
            index += 1
        }
        return 0
    }

    // MARK: - Sorting

    static func sort(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(0)
        let end = table.length()
        if !call[1].isNil { _ = try call.function(1) }
        // What has nothing to be sorted is not written to.
        if end > 1 { try call.state.checkWritable(table) }
        try Sorter(state: call.state, table: table, order: call[1]).sort(1, end)
        return 0
    }
}

/// Quicksort with the median of three (R. Sedgewick, "Implementing Quicksort Programs", CACM 1978), in the table
/// itself: the order function may be anything, and what it does to the table is its own affair.
private struct Sorter {
    let state: LuaState
    let table: LuaTable
    let order: LuaValue

    @inline(__always)
    private func isLess(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
        if !order.isNil { return try !state.callHandler(order, left, right).isFalsy }
        if left.isNumber, right.isNumber { return left.uncheckedNumber < right.uncheckedNumber }
        return try state.isLess(left, right)
    }

    @inline(__always)
    private func set(_ index: Int, _ value: LuaValue) { state.put(table, index, value) }

    @inline(__always)
    private func swap(_ first: Int, _ second: Int) {
        let value = table[first]
        set(first, table[second])
        set(second, value)
    }

    /// Sorts what is between two indices: the smaller part by itself, the larger one in turn.
    func sort(_ start: Int, _ end: Int) throws(LuaError) {
        var low = start
        var high = end
        while low < high {
            if try isLess(table[high], table[low]) { swap(low, high) }
            if high - low == 1 { return }
            let middle = (low + high) / 2
            if try isLess(table[middle], table[low]) {
                swap(middle, low)
            } else if try isLess(table[high], table[middle]) {
                swap(middle, high)
            }
            if high - low == 2 { return }
            let place = try partition(low, high, middle)
            if place - low < high - place {
                try sort(low, place - 1)
                low = place + 1
            } else {
                try sort(place + 1, high)
                high = place - 1
            }
        }
    }

    private func partition(_ low: Int, _ high: Int, _ middle: Int) throws(LuaError) -> Int {
        let pivot = table[middle]
        // The order function may remove it from the table.
        let top = state.thread.top
        try state.push(pivot)
        defer { state.thread.top = top }
        swap(middle, high - 1)
        var left = low
        var right = high - 1
        while true {
            left += 1
            while try isLess(table[left], pivot) {
                if left > high { throw invalidOrder }
                left += 1
            }
            right -= 1
            while try isLess(pivot, table[right]) {
                if right < low { throw invalidOrder }
                right -= 1
            }
            if right < left { break }
            swap(left, right)
        }
        swap(high - 1, left)
        return left
    }

    private var invalidOrder: LuaError { state.nativeError("invalid order function for sorting") }
}
