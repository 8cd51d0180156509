/// What a `NameTable` holds: a final class with a name.
protocol Named: AnyObject {
    var name: [UInt8] { get }
    var hash: UInt64 { get }
    /// The table's own: the next of the same bucket.
    var next: Self? { get set }
}

/// Objects found by their names, in buckets of chains. For what is few beside the keys and looked up without making an
/// array of the name: channels, watched and tracked keys.
struct NameTable<Element: Named> {
    private var buckets: ContiguousArray<Element?> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count &- 1) }

    @inline(__always)
    func find(_ name: Bytes, _ hash: UInt64) -> Element? {
        guard count > 0 else { return nil }
        var current = buckets[bucket(hash)]
        while let found = current {
            if found.hash == hash, name == found.name { return found }
            current = found.next
        }
        return nil
    }

    /// Adds an object whose name is not in the table.
    mutating func insert(_ element: Element) {
        if count >= buckets.count { resize(to: max(16, buckets.count * 4)) }
        count += 1
        link(element)
    }

    private mutating func link(_ element: Element) {
        let index = bucket(element.hash)
        element.next = buckets[index]
        buckets[index] = element
    }

    private mutating func resize(to size: Int) {
        let old = buckets
        buckets = ContiguousArray(repeating: nil, count: size)
        for var chain in old {
            while let element = chain {
                chain = element.next
                link(element)
            }
        }
    }

    mutating func remove(_ element: Element) {
        let index = bucket(element.hash)
        var previous: Element?
        var current = buckets[index]
        while let found = current {
            if found === element {
                if let previous { previous.next = element.next } else { buckets[index] = element.next }
                element.next = nil
                count -= 1
                if buckets.count > 64, count < buckets.count / 16 { resize(to: buckets.count / 4) }
                return
            }
            previous = found
            current = found.next
        }
    }

    /// Empties the table, chain by chain: long chains would otherwise end in deep recursion.
    mutating func removeAll() {
        for element in all { element.next = nil }
        buckets = []
        count = 0
    }

    /// All of them, in no order.
    var all: [Element] {
        var found: [Element] = []
        found.reserveCapacity(count)
        for var chain in buckets {
            while let element = chain {
                found.append(element)
                chain = element.next
            }
        }
        return found
    }

    /// One of them, from the first bucket that is not empty from `start` on, going round.
    func any(from start: UInt64) -> Element? {
        guard count > 0 else { return nil }
        var index = bucket(start)
        while true {
            if let element = buckets[index] { return element }
            index = (index + 1) & (buckets.count - 1)
        }
    }
}
