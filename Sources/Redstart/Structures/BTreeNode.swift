/// A node of a `BTree` of either kind, which only its level tells.
@safe struct BTreeNode {
    let base: UnsafeMutableRawPointer

    /// Takes memory for a node whose count, the first word of either kind, is zero.
    init(size: Int) {
        unsafe base = .allocate(byteCount: size, alignment: 16)
        unsafe base.storeBytes(of: 0, as: Int.self)
    }

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    func free() { unsafe base.deallocate() }

    /// The elements of a leaf, the children of an inner node.
    @inline(__always)
    var count: Int {
        get { unsafe base.load(as: Int.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, as: Int.self) }
    }
}

/// A leaf: count, links to both neighbours, and the elements, in about a kilobyte.
@safe struct BTreeLeaf<Element: BitwiseCopyable & Comparable>: Equatable {
    let base: UnsafeMutableRawPointer

    private static var headerSize: Int { 32 }
    @inline(__always)
    static var capacity: Int { max(8, 1024 / MemoryLayout<Element>.stride) }
    static var size: Int { headerSize + capacity * MemoryLayout<Element>.stride }
    /// Below this a leaf asks its neighbour, unless it is the last of all.
    static var minimum: Int { capacity / 3 }
    /// Two neighbours of no more than this become one. Less than all, so that the next insertion does not split again.
    static var comfortable: Int { capacity * 7 / 8 }

    @inline(__always)
    init(_ node: BTreeNode) { unsafe base = node.base }

    init() {
        self.init(BTreeNode(size: Self.size))
        previous = nil
        next = nil
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool { unsafe left.base == right.base }

    @inline(__always)
    var node: BTreeNode { unsafe BTreeNode(base) }

    @inline(__always)
    var count: Int {
        get { node.count }
        nonmutating set { node.count = newValue }
    }

    @inline(__always)
    var previous: BTreeLeaf? {
        get { unsafe base.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self).map { unsafe .init(.init($0)) } }
        nonmutating set {
            unsafe base.storeBytes(of: newValue?.base, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
        }
    }

    @inline(__always)
    var next: BTreeLeaf? {
        get { unsafe base.load(fromByteOffset: 16, as: UnsafeMutableRawPointer?.self).map { unsafe .init(.init($0)) } }
        nonmutating set {
            unsafe base.storeBytes(of: newValue?.base, toByteOffset: 16, as: UnsafeMutableRawPointer?.self)
        }
    }

    @inline(__always)
    private var elements: UnsafeMutablePointer<Element> {
        unsafe (base + Self.headerSize).assumingMemoryBound(to: Element.self)
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return unsafe elements[index]
        }
        nonmutating set {
            assert(index >= 0 && index < count)
            unsafe elements[index] = newValue
        }
    }

    /// How many of the elements, which are ordered, come before the point that `isBefore` describes.
    @inline(__always)
    func partition(_ isBefore: (Element) -> Bool) -> Int {
        unsafe partitionPoint(elements, count, isBefore)
    }

    @inline(__always)
    func insert(_ element: Element, at index: Int) {
        let count = count
        assert(count < Self.capacity && index >= 0 && index <= count)
        if index < count {
            unsafe (elements + index + 1).update(from: elements + index, count: count - index)
        }
        unsafe elements[index] = element
        self.count = count + 1
    }

    @inline(__always)
    func remove(at index: Int) {
        let count = count
        assert(index >= 0 && index < count)
        unsafe (elements + index).update(from: elements + index + 1, count: count - index - 1)
        self.count = count - 1
    }

    /// Moves the last `amount` elements to the front of `right`.
    func moveLast(_ amount: Int, to right: BTreeLeaf) {
        assert(amount <= count && right.count + amount <= Self.capacity)
        unsafe (right.elements + amount).update(from: right.elements, count: right.count)
        unsafe right.elements.update(from: elements + count - amount, count: amount)
        right.count += amount
        count -= amount
    }

    /// Moves the first `amount` elements to the end of `left`.
    func moveFirst(_ amount: Int, to left: BTreeLeaf) {
        assert(amount <= count && left.count + amount <= Self.capacity)
        unsafe (left.elements + left.count).update(from: elements, count: amount)
        unsafe elements.update(from: elements + amount, count: count - amount)
        left.count += amount
        count -= amount
    }
}

/// An inner node: children, the number of elements under each, and the least element of each but the first.
@safe struct BTreeInner<Element: BitwiseCopyable & Comparable> {
    let base: UnsafeMutableRawPointer

    private static var headerSize: Int { 16 }
    static var capacity: Int { 64 }
    static var size: Int { headerSize + capacity * (MemoryLayout<Element>.stride + 16) }
    /// Below this an inner node asks its neighbour, unless it is the last of its level.
    static var minimum: Int { capacity / 3 }
    static var comfortable: Int { capacity * 7 / 8 }

    @inline(__always)
    init(_ node: BTreeNode) { unsafe base = node.base }

    init() { self.init(BTreeNode(size: Self.size)) }

    @inline(__always)
    var node: BTreeNode { unsafe BTreeNode(base) }

    @inline(__always)
    var count: Int {
        get { node.count }
        nonmutating set { node.count = newValue }
    }

    @inline(__always)
    private var separators: UnsafeMutablePointer<Element> {
        unsafe (base + Self.headerSize).assumingMemoryBound(to: Element.self)
    }

    @inline(__always)
    private var children: UnsafeMutablePointer<UnsafeMutableRawPointer> {
        unsafe (base + Self.headerSize + Self.capacity * MemoryLayout<Element>.stride)
            .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    }

    @inline(__always)
    private var sizes: UnsafeMutablePointer<Int> {
        unsafe (base + Self.headerSize + Self.capacity * (MemoryLayout<Element>.stride + 8))
            .assumingMemoryBound(to: Int.self)
    }

    @inline(__always)
    func child(_ index: Int) -> BTreeNode {
        assert(index >= 0 && index < count)
        return unsafe BTreeNode(children[index])
    }

    @inline(__always)
    func size(_ index: Int) -> Int {
        assert(index >= 0 && index < count)
        return unsafe sizes[index]
    }

    @inline(__always)
    func grow(_ index: Int, by amount: Int) {
        assert(index >= 0 && index < count)
        unsafe sizes[index] += amount
    }

    /// The least element under the child at `index`, which is not the first.
    @inline(__always)
    func separator(_ index: Int) -> Element {
        assert(index > 0 && index < count)
        return unsafe separators[index]
    }

    @inline(__always)
    func setSeparator(_ index: Int, _ element: Element) {
        assert(index > 0 && index < count)
        unsafe separators[index] = element
    }

    /// The index of the last child whose least element comes before the point that `isBefore` describes.
    @inline(__always)
    func partition(_ isBefore: (Element) -> Bool) -> Int {
        unsafe partitionPoint(separators + 1, count - 1, isBefore)
    }

    /// The number of elements under the children before `index`.
    @inline(__always)
    func sizeBefore(_ index: Int) -> Int {
        assert(index >= 0 && index <= count)
        var sum = 0
        for position in 0..<index { unsafe sum &+= sizes[position] }
        return sum
    }

    /// The child that holds the element at `rank`, which becomes its rank within that child.
    @inline(__always)
    func find(_ rank: inout Int) -> Int {
        var index = 0
        let last = count - 1
        while index < last, unsafe rank >= sizes[index] {
            unsafe rank &-= sizes[index]
            index &+= 1
        }
        return index
    }

    /// The first child needs no separator.
    func insert(_ child: BTreeNode, size: Int, separator: Element?, at index: Int) {
        let count = count
        assert(count < Self.capacity && index >= 0 && index <= count)
        unsafe (separators + index + 1).update(from: separators + index, count: count - index)
        unsafe (children + index + 1).update(from: children + index, count: count - index)
        unsafe (sizes + index + 1).update(from: sizes + index, count: count - index)
        if let separator { unsafe separators[index] = separator }
        unsafe children[index] = child.base
        unsafe sizes[index] = size
        self.count = count + 1
    }

    func remove(at index: Int) {
        let count = count
        assert(index > 0 && index < count)
        unsafe (separators + index).update(from: separators + index + 1, count: count - index - 1)
        unsafe (children + index).update(from: children + index + 1, count: count - index - 1)
        unsafe (sizes + index).update(from: sizes + index + 1, count: count - index - 1)
        self.count = count - 1
    }

    /// Moves the last `amount` children to the front of `right`, whose least element is `separator` if it has any.
    /// Answers the new least element of `right` and how many elements moved.
    func moveLast(_ amount: Int, to right: BTreeInner, separator: Element?) -> (separator: Element, size: Int) {
        assert(amount < count && right.count + amount <= Self.capacity)
        let start = count - amount
        let size = sizeBefore(count) - sizeBefore(start)
        unsafe (right.separators + amount).update(from: right.separators, count: right.count)
        unsafe (right.children + amount).update(from: right.children, count: right.count)
        unsafe (right.sizes + amount).update(from: right.sizes, count: right.count)
        if let separator { unsafe right.separators[amount] = separator }
        unsafe right.separators.update(from: separators + start, count: amount)
        unsafe right.children.update(from: children + start, count: amount)
        unsafe right.sizes.update(from: sizes + start, count: amount)
        right.count += amount
        count = start
        return (unsafe separators[start], size)
    }

    /// Moves the first `amount` children to the end of `left`; `separator` is the least element of this node.
    /// Answers the new least element of this node, where any is left, and how many elements moved.
    func moveFirst(_ amount: Int, to left: BTreeInner, separator: Element) -> (separator: Element, size: Int) {
        assert(amount <= count && left.count + amount <= Self.capacity)
        let size = sizeBefore(amount)
        let least = unsafe amount < count ? separators[amount] : separator
        unsafe separators[0] = separator
        unsafe (left.separators + left.count).update(from: separators, count: amount)
        unsafe (left.children + left.count).update(from: children, count: amount)
        unsafe (left.sizes + left.count).update(from: sizes, count: amount)
        unsafe separators.update(from: separators + amount, count: count - amount)
        unsafe children.update(from: children + amount, count: count - amount)
        unsafe sizes.update(from: sizes + amount, count: count - amount)
        left.count += amount
        count -= amount
        return (least, size)
    }
}

/// The way from the root to a leaf: at each level the inner node, and the child taken in it.
@safe struct BTreePath {
    private let steps: UnsafeMutablePointer<(base: UnsafeMutableRawPointer?, index: Int)>

    /// More levels than memory can fill.
    static var capacity: Int { 16 }
    static var size: Int { capacity * 16 }

    init() {
        unsafe steps = .allocate(capacity: Self.capacity)
        unsafe steps.initialize(repeating: (nil, 0), count: Self.capacity)
    }

    func free() { unsafe steps.deallocate() }

    @inline(__always)
    func set(_ level: Int, _ node: BTreeNode, _ index: Int) {
        assert(level < Self.capacity)
        unsafe steps[level] = (node.base, index)
    }

    @inline(__always)
    func node(_ level: Int) -> BTreeNode {
        assert(level < Self.capacity)
        return unsafe BTreeNode(steps[level].base.unsafelyUnwrapped)
    }

    @inline(__always)
    func index(_ level: Int) -> Int { unsafe steps[level].index }
}

/// How many of `count` ordered elements satisfy `isBefore`, which holds for a first part of them and for no other.
/// The steps depend on the count alone, so that the processor need not guess.
@inline(__always)
private func partitionPoint<Element: BitwiseCopyable>(
    _ elements: UnsafePointer<Element>, _ count: Int, _ isBefore: (Element) -> Bool
) -> Int {
    guard count > 0 else { return 0 }
    var start = 0
    var length = count
    while length > 1 {
        let half = length >> 1
        start = unsafe isBefore(elements[start &+ half &- 1]) ? start &+ half : start
        length &-= half
    }
    return unsafe isBefore(elements[start]) ? start &+ 1 : start
}
