/// A run of plain values whose number never changes. Access costs a bounds check: no reference counting and no
/// exclusivity check, unlike an array in a class.
@safe final class FixedArray<Element: BitwiseCopyable> {
    let count: Int
    private let elements: UnsafeMutablePointer<Element>

    init(repeating element: Element, count: Int) {
        self.count = count
        unsafe elements = .allocate(capacity: max(count, 1))
        unsafe elements.initialize(repeating: element, count: count)
    }

    deinit { unsafe elements.deallocate() }

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
