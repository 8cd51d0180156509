/// A run of values whose number never changes. Access costs a bounds check: no reference counting of the run itself and
/// no exclusivity check, unlike an array in a class.
@safe final class FixedArray<Element> {
    let count: Int
    private let elements: UnsafeMutablePointer<Element>

    init(repeating element: Element, count: Int) {
        self.count = count
        unsafe elements = .allocate(capacity: Swift.max(count, 1))
        unsafe elements.initialize(repeating: element, count: count)
    }

    init(_ values: [Element]) {
        count = values.count
        unsafe elements = .allocate(capacity: Swift.max(count, 1))
        for (index, value) in values.enumerated() { unsafe (elements + index).initialize(to: value) }
    }

    deinit {
        unsafe elements.deinitialize(count: count)
        unsafe elements.deallocate()
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < count)
            return unsafe UnsafePointer(elements + index)
        }
        unsafeMutableAddress {
            precondition(index >= 0 && index < count)
            return unsafe elements + index
        }
    }
}

extension FixedArray: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }

    func swapAt(_ first: Int, _ second: Int) { (self[first], self[second]) = (self[second], self[first]) }
}
