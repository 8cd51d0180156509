/// A table: an array for the keys 1...n of which most are in use, and a hash for all others.
///
/// The hash is a chained scatter table with Brent's variation: colliding nodes lie in free nodes of the same array, so
/// it may be full to the last node, and only then the whole table is counted anew and both parts get the size that
/// suits (R. Ierusalimschy et al., "The Implementation of Lua 5.0"). A removed entry keeps its key, so that a loop over
/// the table may remove what it meets.
@safe public struct LuaTable: Equatable {
    @unsafe struct Body {
        var header: Header
        var arrayCount: Int
        var array: UnsafeMutablePointer<LuaValue>
        var nodes: UnsafeMutablePointer<Node>
        /// One less than the number of nodes, a power of two.
        var mask: Int
        /// All nodes from here on are taken; less than zero if there are none.
        var free: Int
        var metatable: UnsafeMutablePointer<Body>?
    }

    struct Node {
        var value: LuaValue
        var key: LuaValue
        /// The way to the next node of the chain; 0 at its end.
        var next: Int
    }

    let body: UnsafeMutablePointer<Body>

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    public static func == (left: LuaTable, right: LuaTable) -> Bool { unsafe left.body == right.body }

    @inline(__always)
    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }
    @inline(__always)
    var arrayCount: Int { unsafe body.pointee.arrayCount }
    @inline(__always)
    var array: Slots { unsafe Slots(body.pointee.array) }
    var nodeCount: Int { unsafe body.pointee.mask + 1 }

    /// Whether the hash is the one node that all tables without one share.
    @inline(__always)
    var hasNoNodes: Bool { unsafe body.pointee.free < 0 }

    @inline(__always)
    var metatable: LuaTable? {
        get {
            guard let table = unsafe body.pointee.metatable else { return nil }
            return unsafe LuaTable(table)
        }
        nonmutating set { unsafe body.pointee.metatable = newValue?.body }
    }

    /// A table that scripts cannot change.
    @inline(__always)
    var isReadOnly: Bool {
        get { unsafe body.pointee.header.flag }
        nonmutating set { unsafe body.pointee.header.flag = newValue }
    }

    /// The events that the table, as a metatable, is known not to handle.
    @inline(__always)
    var absentEvents: UInt8 {
        get { unsafe body.pointee.header.absent }
        nonmutating set { unsafe body.pointee.header.absent = newValue }
    }

    var byteCount: Int {
        unsafe MemoryLayout<Body>.size + arrayCount * 8 + (hasNoNodes ? 0 : nodeCount * MemoryLayout<Node>.stride)
    }

    func deallocatePayload() {
        if arrayCount > 0 { array.deallocate() }
        if !hasNoNodes { unsafe body.pointee.nodes.deallocate() }
    }

    // MARK: - Reading

    /// The place of a short string's value, if it has one.
    @inline(__always)
    func find(short key: LuaString) -> Slot? {
        let bits = LuaValue(key).bits
        var node = unsafe body.pointee.nodes + (Int(key.shortHash) & body.pointee.mask)
        while true {
            if unsafe node.pointee.key.bits == bits {
                return unsafe Slot(UnsafeMutableRawPointer(node).assumingMemoryBound(to: LuaValue.self))
            }
            let next = unsafe node.pointee.next
            if next == 0 { return nil }
            unsafe node += next
        }
    }

    @inline(__always)
    func find(_ index: Int) -> Slot? {
        if UInt(bitPattern: index &- 1) < UInt(bitPattern: arrayCount) {
            return unsafe Slot(body.pointee.array + (index &- 1))
        }
        return findInHash(number: Double(index))
    }

    @inline(never)
    private func findInHash(number: Double) -> Slot? {
        // Both zeros are the same key; it looks as it did when it was put there.
        let bits = (number + 0.0).bitPattern
        var node = unsafe body.pointee.nodes + LuaTable.place(ofNumber: bits, mask: body.pointee.mask)
        while true {
            let key = unsafe node.pointee.key.bits
            if key == bits || bits == 0 && key == 1 << 63 {
                return unsafe Slot(UnsafeMutableRawPointer(node).assumingMemoryBound(to: LuaValue.self))
            }
            let next = unsafe node.pointee.next
            if next == 0 { return nil }
            unsafe node += next
        }
    }

    @inline(__always)
    func find(_ key: LuaValue) -> Slot? {
        if key.isNumber {
            if let index = LuaValue.index(key.uncheckedNumber) { return find(index) }
            return findInHash(number: key.uncheckedNumber)
        }
        if key.isString, key.uncheckedString.isShort { return find(short: key.uncheckedString) }
        return findOther(key)
    }

    @inline(never)
    private func findOther(_ key: LuaValue) -> Slot? {
        if key.isNil { return nil }
        var node = unsafe body.pointee.nodes + mainPosition(key)
        while true {
            if unsafe node.pointee.key.isIdentical(to: key) || LuaTable.equalLong(node.pointee.key, key) {
                return unsafe Slot(UnsafeMutableRawPointer(node).assumingMemoryBound(to: LuaValue.self))
            }
            let next = unsafe node.pointee.next
            if next == 0 { return nil }
            unsafe node += next
        }
    }

    private static func equalLong(_ left: LuaValue, _ right: LuaValue) -> Bool {
        left.isString && right.isString && LuaString.equal(left.uncheckedString, right.uncheckedString)
    }

    @inline(__always)
    subscript(index: Int) -> LuaValue { find(index)?.value ?? .nil }
    @inline(__always)
    subscript(key: LuaValue) -> LuaValue { find(key)?.value ?? .nil }
    @inline(__always)
    subscript(short key: LuaString) -> LuaValue { find(short: key)?.value ?? .nil }

    /// The node where a key belongs. For strings, numbers and booleans it is the one where Lua 5.1 has them, so that
    /// `pairs` has the same order.
    @inline(__always)
    private func mainPosition(_ key: LuaValue) -> Int {
        let mask = unsafe body.pointee.mask
        if key.isString { return Int(key.uncheckedString.hash) & mask }
        if key.isNumber { return LuaTable.place(ofNumber: (key.uncheckedNumber + 0.0).bitPattern, mask: mask) }
        if key.isBoolean { return Int(key.bits & 2) &>> 1 & mask }
        let product = (key.bits ^ key.bits &>> 32) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product &>> 32) & mask
    }

    /// The two halves of a number's bits are added, and divided by an odd number.
    @inline(__always)
    private static func place(ofNumber bits: UInt64, mask: Int) -> Int {
        let sum = UInt32(truncatingIfNeeded: bits) &+ UInt32(truncatingIfNeeded: bits &>> 32)
        return Int(sum % UInt32(truncatingIfNeeded: mask | 1))
    }

    // MARK: - Size

    /// A border: n such that t[n] is not nil and t[n + 1] is.
    func length() -> Int {
        var high = arrayCount
        if high > 0, array[high - 1].isNil {
            var low = 0
            while high - low > 1 {
                let middle = (low + high) / 2
                if array[middle - 1].isNil { high = middle } else { low = middle }
            }
            return low
        }
        return hasNoNodes ? high : borderInHash(high)
    }

    private func borderInHash(_ start: Int) -> Int {
        var low = start
        var high = start + 1
        while !self[high].isNil {
            low = high
            high *= 2
            guard high < 1 << 31 else {
                // Somebody has built this on purpose: count.
                var border = 1
                while !self[border].isNil { border += 1 }
                return border - 1
            }
        }
        while high - low > 1 {
            let middle = (low + high) / 2
            if self[middle].isNil { high = middle } else { low = middle }
        }
        return low
    }

    /// How many nodes hold a value.
    var usedNodeCount: Int {
        var count = 0
        forEachNode { (node) in count += node.value.isNil ? 0 : 1 }
        return count
    }

    func integerKeys() -> LuaIntegerKeys? {
        var keys = LuaIntegerKeys()
        var index = 0
        while index < arrayCount {
            if !array[index].isNil {
                keys.count &+= 1
                keys.largest = index &+ 1
            }
            index &+= 1
        }
        if hasNoNodes { return keys }
        let nodes = unsafe body.pointee.nodes
        index = 0
        while index < nodeCount {
            if unsafe !nodes[index].value.isNil {
                let key = unsafe nodes[index].key
                guard key.isNumber, keys.add(key.uncheckedNumber) else { return nil }
            }
            index &+= 1
        }
        return keys
    }

    /// How many entries there are, in the array and in the hash.
    var entryCount: Int {
        var count = usedNodeCount
        for index in 0..<arrayCount where !array[index].isNil { count += 1 }
        return count
    }

    // MARK: - Going through

    /// The entry after a key, by its position: 0 begins, nil ends. The key is looked for by `position(of:)`.
    func entry(after position: Int) -> (position: Int, key: LuaValue, value: LuaValue)? {
        var index = position
        while index < arrayCount {
            if !array[index].isNil { return (index + 1, LuaValue(index + 1), array[index]) }
            index += 1
        }
        index -= arrayCount
        while index < nodeCount {
            let node = unsafe body.pointee.nodes[index]
            if !node.value.isNil { return (arrayCount + index + 1, node.key, node.value) }
            index += 1
        }
        return nil
    }

    /// Where a key is, as `entry(after:)` wants it; nil if it is not in the table.
    func position(of key: LuaValue) -> Int? {
        if key.isNil { return 0 }
        if key.isNumber, let index = LuaValue.index(key.uncheckedNumber), index > 0, index <= arrayCount {
            return index
        }
        if let slot = find(key) { return unsafe arrayCount + 1 + nodeIndex(slot) }
        // The entry was removed, and its key taken away by the collector in the meantime.
        guard key.isObject, !hasNoNodes else { return nil }
        let dead = LuaValue.deadKey(key)
        for index in 0..<nodeCount where unsafe body.pointee.nodes[index].key.isIdentical(to: dead) {
            return arrayCount + 1 + index
        }
        return nil
    }

    @unsafe
    private func nodeIndex(_ slot: Slot) -> Int {
        let distance = unsafe UnsafeRawPointer(slot.pointer) - UnsafeRawPointer(body.pointee.nodes)
        return distance / MemoryLayout<Node>.stride
    }

    /// Gives every node to the collector.
    @inline(__always)
    func forEachNode(_ body: (inout Node) -> Void) {
        guard !hasNoNodes else { return }
        for index in 0..<nodeCount { unsafe body(&self.body.pointee.nodes[index]) }
    }
}

extension LuaValue {
    /// What takes the place of the key of a removed entry, so that nothing looks at an object that is gone.
    static func deadKey(_ key: LuaValue) -> LuaValue {
        LuaValue(bits: firstTagged | key.bits & payloadMask)
    }
}

// MARK: - Writing

extension LuaState {
    /// A new table, with room for so many array entries and so many others.
    func makeTable(array: Int, hash: Int) -> LuaTable {
        let body = unsafe allocate(MemoryLayout<LuaTable.Body>.size).assumingMemoryBound(to: LuaTable.Body.self)
        unsafe body.initialize(
            to: LuaTable.Body(
                header: Header(next: nil, kind: .table, isMarked: false), arrayCount: 0, array: emptySlots.pointer,
                nodes: sharedNode, mask: 0, free: -1, metatable: nil))
        let table = unsafe LuaTable(body)
        link(table.object)
        if array | hash != 0 { resize(table, array: array, hash: hash) }
        return table
    }

    /// A table of values by the indices from 1 on, as large as if they had been put in one after the other.
    @unsafe
    func makeTable(_ values: UnsafeBufferPointer<LuaValue>) -> LuaTable {
        let count = values.count
        guard count > 0 else { return makeTable(array: 0, hash: 0) }
        let table = makeTable(array: 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount), hash: 0)
        for index in 0..<count { unsafe table.array[index] = values[index] }
        return table
    }

    /// Puts an entry into a table that scripts may not care about: no metamethods, no check for read-only tables.
    func put(_ table: LuaTable, _ key: LuaValue, _ value: LuaValue) {
        table.absentEvents = 0
        if let slot = table.find(key) {
            slot.value = value
        } else if !key.isNil, !value.isNil {
            insert(table, key, value)
        }
    }

    @inline(__always)
    func put(_ table: LuaTable, _ index: Int, _ value: LuaValue) {
        if let slot = table.find(index) {
            slot.value = value
        } else {
            insert(table, LuaValue(index), value)
        }
    }

    /// Adds a key that the table does not have; it is neither nil nor NaN.
    @inline(never)
    func insert(_ table: LuaTable, _ key: LuaValue, _ value: LuaValue) {
        table.absentEvents = 0
        if unsafe table.insertIntoNodes(key, value) { return }
        rehash(table, key)
        if let slot = table.find(key) {
            slot.value = value
        } else {
            _ = unsafe table.insertIntoNodes(key, value)
        }
    }

    private func rehash(_ table: LuaTable, _ key: LuaValue) {
        // How many keys are in (2^(i - 1), 2^i].
        unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 33) { (counts) in
            unsafe counts.initialize(repeating: 0)
            var total = unsafe table.countArray(counts)
            var candidates = total
            table.forEachNode { (node) in
                guard !node.value.isNil else { return }
                total += 1
                if unsafe LuaTable.count(node.key, counts) { candidates += 1 }
            }
            total += 1
            if unsafe LuaTable.count(key, counts) { candidates += 1 }
            let (size, used) = unsafe LuaTable.bestArray(counts, candidates)
            resize(table, array: size, hash: total - used)
        }
    }

    /// A table of the values from `start` on, by the indices from 1 on. None of them may be nil.
    public func table(of values: borrowing [LuaValue], from start: Int) -> LuaTable {
        unsafe values.withUnsafeBufferPointer { (buffer) in
            unsafe makeTable(UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    func resize(_ table: LuaTable, array: Int, hash: Int) {
        let before = table.byteCount
        let oldNodes = unsafe table.body.pointee.nodes
        let oldNodeCount = table.nodeCount
        let hadNodes = !table.hasNoNodes
        unsafe table.setNodes(hash, sharedNode)
        unsafe table.setArray(array, emptySlots)
        if hadNodes {
            for index in (0..<oldNodeCount).reversed() {
                let node = unsafe oldNodes[index]
                guard !node.value.isNil else { continue }
                if let slot = table.find(node.key) {
                    slot.value = node.value
                } else {
                    _ = unsafe table.insertIntoNodes(node.key, node.value)
                }
            }
            unsafe oldNodes.deallocate()
        }
        heapBytes += table.byteCount - before
    }
}

extension LuaTable {
    /// Adds a key to the hash; false if that is full.
    @unsafe
    fileprivate func insertIntoNodes(_ key: LuaValue, _ value: LuaValue) -> Bool {
        guard !hasNoNodes else { return false }
        let nodes = unsafe body.pointee.nodes
        let main = unsafe nodes + mainPosition(key)
        if unsafe main.pointee.value.isNil {
            // A removed entry's node is taken together with its place in the chain.
            unsafe main.pointee.key = key
            unsafe main.pointee.value = value
            return true
        }
        guard let free = unsafe takeFreeNode() else { return false }
        let owner = unsafe nodes + mainPosition(main.pointee.key)
        if unsafe owner != main {
            // The node in our place belongs elsewhere: it moves, and the chain that leads to it with it.
            var previous = unsafe owner
            while unsafe previous + previous.pointee.next != main { unsafe previous += previous.pointee.next }
            unsafe previous.pointee.next = free - previous
            unsafe free.pointee = main.pointee
            if unsafe main.pointee.next != 0 { unsafe free.pointee.next = main + main.pointee.next - free }
            unsafe main.pointee = Node(value: value, key: key, next: 0)
        } else {
            let next = unsafe main.pointee.next == 0 ? 0 : main + main.pointee.next - free
            unsafe free.pointee = Node(value: value, key: key, next: next)
            unsafe main.pointee.next = free - main
        }
        return true
    }

    @unsafe
    private func takeFreeNode() -> UnsafeMutablePointer<Node>? {
        while unsafe body.pointee.free > 0 {
            unsafe body.pointee.free -= 1
            let node = unsafe body.pointee.nodes + body.pointee.free
            if unsafe node.pointee.key.isNil { return unsafe node }
        }
        return nil
    }

    @unsafe
    fileprivate func countArray(_ counts: UnsafeMutableBufferPointer<Int>) -> Int {
        var total = 0
        var start = 1
        var power = 1
        var slice = 0
        while start <= arrayCount {
            var used = 0
            let end = min(power, arrayCount)
            while start <= end {
                if !array[start - 1].isNil { used += 1 }
                start += 1
            }
            unsafe counts[slice] += used
            total += used
            slice += 1
            power *= 2
        }
        return total
    }

    @unsafe
    fileprivate static func count(_ key: LuaValue, _ counts: UnsafeMutableBufferPointer<Int>) -> Bool {
        guard key.isNumber, let index = LuaValue.index(key.uncheckedNumber), index > 0, index <= 1 << 26 else {
            return false
        }
        unsafe counts[Int.bitWidth - (index - 1).leadingZeroBitCount] += 1
        return true
    }

    /// The largest power of two such that more than half of the keys up to it are in use, and how many those are.
    @unsafe
    fileprivate static func bestArray(
        _ counts: UnsafeMutableBufferPointer<Int>, _ candidates: Int
    ) -> (size: Int, used: Int) {
        var best = (size: 0, used: 0)
        var sum = 0
        var slice = 0
        var power = 1
        while slice < counts.count, power / 2 < candidates {
            sum += unsafe counts[slice]
            if sum > power / 2 { best = (power, sum) }
            if sum == candidates { break }
            slice += 1
            power *= 2
        }
        return best
    }

    @unsafe
    fileprivate func setNodes(_ count: Int, _ shared: UnsafeMutablePointer<Node>) {
        guard count > 0 else {
            unsafe body.pointee.nodes = shared
            unsafe body.pointee.mask = 0
            unsafe body.pointee.free = -1
            return
        }
        let capacity = 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
        let nodes = UnsafeMutablePointer<Node>.allocate(capacity: capacity)
        unsafe nodes.initialize(repeating: Node(value: .nil, key: .nil, next: 0), count: capacity)
        unsafe body.pointee.nodes = nodes
        unsafe body.pointee.mask = capacity - 1
        unsafe body.pointee.free = capacity
    }

    /// Changes the size of the array. What it loses goes into the hash, which has room for it.
    @unsafe
    fileprivate func setArray(_ count: Int, _ empty: Slots) {
        let old = array
        let oldCount = arrayCount
        guard count != oldCount else { return }
        let new = count == 0 ? empty : Slots.allocate(count)
        new.copy(from: old, count: min(count, oldCount))
        new.fill(.nil, from: min(count, oldCount), to: count)
        unsafe body.pointee.array = new.pointer
        unsafe body.pointee.arrayCount = count
        if count < oldCount {
            for index in count..<oldCount where !old[index].isNil {
                _ = unsafe insertIntoNodes(LuaValue(index + 1), old[index])
            }
        }
        if oldCount > 0 { old.deallocate() }
    }
}
