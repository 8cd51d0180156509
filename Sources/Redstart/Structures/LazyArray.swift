internal import Glibc

/// A run of objects whose number never changes, each of which is made when it is first asked for. Until then it costs
/// addresses and no memory: the system gives pages of zeros, and zeros are nil.
@safe final class LazyArray<Element: AnyObject> {
    let count: Int
    private let elements: UnsafeMutablePointer<Element?>
    private let make: (Int) -> Element
    /// The places of those that were made, ascending.
    private var made: [Int] = []

    init(count: Int, make: @escaping (Int) -> Element) {
        guard let memory = unsafe calloc(count + 1, MemoryLayout<Element?>.stride) else {
            preconditionFailure("out of memory: the system refused \(count) places")
        }
        self.count = count
        unsafe elements = memory.bindMemory(to: Element?.self, capacity: count + 1)
        self.make = make
    }

    deinit {
        for index in made { unsafe (elements + index).deinitialize(count: 1) }
        unsafe free(elements)
    }

    var indices: Range<Int> { 0..<count }

    subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count)
        return unsafe elements[index] ?? makeElement(index)
    }

    /// One that was made already. As with `FixedArray`, to look at it counts no references.
    @inline(__always)
    subscript(made index: Int) -> Element {
        unsafeAddress {
            unsafe precondition(index >= 0 && index < count && elements[index] != nil)
            // One that is there has the same bits as an optional one.
            return unsafe UnsafeRawPointer(elements + index).assumingMemoryBound(to: Element.self)
        }
    }

    @inline(never)
    private func makeElement(_ index: Int) -> Element {
        let element = make(index)
        unsafe elements[index] = element
        made.insert(index, at: made.place { $0 < index })
        return element
    }

    func swapAt(_ first: Int, _ second: Int) {
        let (one, other) = (self[first], self[second])
        unsafe elements[first] = other
        unsafe elements[second] = one
    }
}

/// Those that were made, in order.
extension LazyArray: Sequence {
    func makeIterator() -> some IteratorProtocol<Element> { made.lazy.map { self[made: $0] }.makeIterator() }
}
