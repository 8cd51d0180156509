/// First in, first out, both in constant time.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var start = 0

    var count: Int { elements.count - start }

    var isEmpty: Bool { count == 0 }

    var first: Element? { isEmpty ? nil : elements[start] }

    var second: Element? { count > 1 ? elements[start + 1] : nil }

    var last: Element? { elements.last ?? nil }

    mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    mutating func removeFirst() -> Element? {
        guard let first else { return nil }
        elements[start] = nil
        start += 1
        if start >= 16, start * 2 >= elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return first
    }

    mutating func replaceLast(with element: Element) {
        guard !isEmpty else { return }
        elements[elements.count - 1] = element
    }

    mutating func removeAll() {
        elements = []
        start = 0
    }

    /// All elements, the oldest first.
    var all: some BidirectionalCollection<Element> { elements[start...].lazy.compactMap { $0 } }
}
