/// An ordered bag of small values with ranks: a counted B+ tree.
///
/// Elements lie in leaves of a kilobyte that are linked both ways; inner nodes hold, for each child, its least element
/// and how many elements are under it. So search, rank, insertion and removal cost O(log n) with one or two cache
/// misses a level, and a walk costs nearly nothing. Equal elements are kept, the later one after the earlier. Elements
/// that come in ascending order fill the leaves to the brim. Nothing here is reference counted but the tree itself.
final class BTree<Element: BitwiseCopyable & Comparable> {
    typealias Leaf = BTreeLeaf<Element>
    typealias Inner = BTreeInner<Element>

    private(set) var count = 0
    private var root: BTreeNode?
    /// The inner levels above the leaves.
    private var height = 0
    private var firstLeaf: Leaf?
    private var lastLeaf: Leaf?
    private var leafCount = 0 {
        didSet { slabs?.otherBytes += (leafCount &- oldValue) * Leaf.size }
    }
    private var innerCount = 0 {
        didSet { slabs?.otherBytes += (innerCount &- oldValue) * Inner.size }
    }
    /// Where the nodes' memory is counted, if anywhere.
    private let slabs: Slabs?
    /// Leaves that hold nothing any more and are yet to be freed, linked by `next`.
    private var discarded: Leaf?
    /// Where a removal went down: the nodes, and the child taken in each.
    private let path: BTreePath

    init(countedBy slabs: Slabs? = nil) {
        assert(MemoryLayout<Element>.alignment <= 16)
        self.slabs = slabs
        path = BTreePath()
        slabs?.otherBytes += BTreePath.size
    }

    deinit {
        removeAll()
        path.free()
        slabs?.otherBytes -= BTreePath.size
    }

    var isEmpty: Bool { count == 0 }

    /// The memory taken by nodes.
    var bytes: Int { leafCount * Leaf.size + innerCount * Inner.size + BTreePath.size }

    var first: Element? { count > 0 ? firstLeaf.map { $0[0] } : nil }

    var last: Element? { lastLeaf.map { $0[$0.count - 1] } }

    // MARK: - Ranks

    /// The number of elements less than `element`.
    func rank(of element: Element) -> Int { rank { $0 < element } }

    /// The number of elements less than or equal to `element`.
    func count(through element: Element) -> Int { rank { !(element < $0) } }

    /// How many elements `isBefore` holds for. It must hold for a first part of the order and for no other.
    @inline(__always)
    func rank(_ isBefore: (Element) -> Bool) -> Int {
        guard var node = root else { return 0 }
        var rank = 0
        for _ in 0..<height {
            let inner = Inner(node)
            let index = inner.partition(isBefore)
            rank &+= inner.sizeBefore(index)
            node = inner.child(index)
        }
        return rank &+ Leaf(node).partition(isBefore)
    }

    /// The element with `rank` elements before it; `rank` must be in `0..<count`.
    func element(at rank: Int) -> Element {
        precondition(rank >= 0 && rank < count)
        guard let place = place(at: rank) else { preconditionFailure() }
        return place.leaf[place.index]
    }

    private func place(at rank: Int) -> (leaf: Leaf, index: Int)? {
        guard var node = root else { return nil }
        var rank = rank
        for _ in 0..<height {
            let inner = Inner(node)
            node = inner.child(inner.find(&rank))
        }
        return (Leaf(node), rank)
    }

    // MARK: - Walks

    /// A place between two elements, from which to walk either way. It holds until the tree changes.
    @safe struct Cursor {
        fileprivate var leaf: Leaf?
        fileprivate var index: Int

        /// Steps over the element after the place, and answers it.
        @inline(__always)
        mutating func next() -> Element? {
            guard var current = leaf else { return nil }
            if index == current.count {
                guard let following = current.next else { return nil }
                current = following
                leaf = following
                index = 0
            }
            let element = current[index]
            index &+= 1
            return element
        }

        /// Steps back over the element before the place, and answers it.
        @inline(__always)
        mutating func previous() -> Element? {
            guard var current = leaf else { return nil }
            if index == 0 {
                guard let preceding = current.previous else { return nil }
                current = preceding
                leaf = preceding
                index = preceding.count
            }
            index &-= 1
            return current[index]
        }
    }

    /// The place with `rank` elements before it; `rank` must be in `0...count`.
    func cursor(at rank: Int) -> Cursor {
        precondition(rank >= 0 && rank <= count)
        if rank == count { return Cursor(leaf: lastLeaf, index: lastLeaf?.count ?? 0) }
        let place = place(at: rank)
        return Cursor(leaf: place?.leaf, index: place?.index ?? 0)
    }

    /// The place before the first element that is not less than `element`.
    func cursor(before element: Element) -> Cursor { cursor { $0 < element } }

    /// The place after the last element that is not greater than `element`.
    func cursor(after element: Element) -> Cursor { cursor { !(element < $0) } }

    /// The place after the elements that `isBefore` holds for, which must be a first part of the order.
    @inline(__always)
    func cursor(_ isBefore: (Element) -> Bool) -> Cursor {
        guard var node = root else { return Cursor(leaf: nil, index: 0) }
        for _ in 0..<height {
            let inner = Inner(node)
            node = inner.child(inner.partition(isBefore))
        }
        let leaf = Leaf(node)
        return Cursor(leaf: leaf, index: leaf.partition(isBefore))
    }

    // MARK: - Elements with more than their order

    /// The first element that is equal to `probe`, as far as the order tells.
    @inline(__always)
    func find(_ probe: Element) -> Element? { place(of: probe).map { $0.leaf[$0.index] } }

    /// Puts `element` in the place of the first one equal to it, as far as the order tells; answers whether there was
    /// one.
    @discardableResult
    @inline(__always)
    func update(_ element: Element) -> Bool {
        guard let place = place(of: element) else { return false }
        place.leaf[place.index] = element
        return true
    }

    @inline(__always)
    private func place(of probe: Element) -> (leaf: Leaf, index: Int)? {
        let cursor = cursor(before: probe)
        guard var leaf = cursor.leaf else { return nil }
        var index = cursor.index
        if index == leaf.count {
            guard let next = leaf.next else { return nil }
            leaf = next
            index = 0
        }
        return probe < leaf[index] ? nil : (leaf, index)
    }

    /// Removes one element equal to `probe`, as far as the order tells, and answers it.
    func take(_ probe: Element) -> Element? {
        guard let place = descend(probe) else { return nil }
        let element = place.leaf[place.index]
        finishRemoval(place.leaf, place.index)
        return element
    }

    // MARK: - Insertion

    /// Adds `element`, after those equal to it.
    func insert(_ element: Element) {
        let atEnd = last.map { !(element < $0) } ?? true
        guard var node = rootForInsertion() else { return plant(element) }
        count &+= 1
        // Full nodes are split on the way down, so that no way back is needed.
        for level in stride(from: height, to: 0, by: -1) {
            let inner = Inner(node)
            var index = atEnd ? inner.count &- 1 : inner.partition { !(element < $0) }
            let child = inner.child(index)
            if child.count == (level == 1 ? Leaf.capacity : Inner.capacity) {
                if level == 1 {
                    splitLeaf(of: inner, index, atEnd: atEnd, for: element)
                } else {
                    splitInner(of: inner, index, atEnd: atEnd)
                }
                if atEnd || !(element < inner.separator(index &+ 1)) { index &+= 1 }
            }
            inner.grow(index, by: 1)
            node = inner.child(index)
        }
        let leaf = Leaf(node)
        leaf.insert(element, at: atEnd ? leaf.count : leaf.partition { !(element < $0) })
    }

    private func plant(_ element: Element) {
        let leaf = Leaf()
        leafCount += 1
        leaf.insert(element, at: 0)
        root = leaf.node
        firstLeaf = leaf
        lastLeaf = leaf
        count = 1
    }

    /// The root, with a new one above it where it is full.
    @inline(__always)
    private func rootForInsertion() -> BTreeNode? {
        guard let root else { return nil }
        guard root.count == (height == 0 ? Leaf.capacity : Inner.capacity) else { return root }
        return raiseRoot(root)
    }

    private func raiseRoot(_ old: BTreeNode) -> BTreeNode {
        precondition(height < BTreePath.capacity)
        let inner = Inner()
        innerCount += 1
        inner.insert(old, size: count, separator: nil, at: 0)
        root = inner.node
        height += 1
        return inner.node
    }

    private func splitLeaf(of parent: Inner, _ index: Int, atEnd: Bool, for element: Element) {
        let left = Leaf(parent.child(index))
        let right = Leaf()
        leafCount += 1
        right.previous = left
        right.next = left.next
        left.next?.previous = right
        left.next = right
        if right.next == nil { lastLeaf = right }
        // At the end the right half starts empty, and the element that is on its way becomes its first.
        guard !atEnd else { return parent.insert(right.node, size: 0, separator: element, at: index + 1) }
        let moved = Leaf.capacity / 2
        left.moveLast(moved, to: right)
        parent.grow(index, by: -moved)
        parent.insert(right.node, size: moved, separator: right[0], at: index + 1)
    }

    private func splitInner(of parent: Inner, _ index: Int, atEnd: Bool) {
        let left = Inner(parent.child(index))
        let right = Inner()
        innerCount += 1
        // No inner node but a root may have a single child: it would have no neighbour to lean on.
        let amount = atEnd ? 2 : Inner.capacity / 2
        let moved = left.moveLast(amount, to: right, separator: nil)
        parent.grow(index, by: -moved.size)
        parent.insert(right.node, size: moved.size, separator: moved.separator, at: index + 1)
    }

    /// Puts `replacement` in the place of `element` where the order has it between the same two neighbours, both in the
    /// same leaf; answers whether it did. Nothing but one element of a leaf changes.
    func replaceInPlace(_ element: Element, with replacement: Element) -> Bool {
        guard var node = root else { return false }
        for _ in 0..<height {
            let inner = Inner(node)
            node = inner.child(inner.partition { !(element < $0) })
        }
        let leaf = Leaf(node)
        let index = leaf.partition { !(element < $0) } - 1
        guard index > 0, index + 1 < leaf.count, !(leaf[index] < element) else { return false }
        guard leaf[index - 1] < replacement, replacement < leaf[index + 1] else { return false }
        leaf[index] = replacement
        return true
    }

    // MARK: - Removal

    /// Removes one element equal to `element`; answers whether there was one.
    @discardableResult
    func remove(_ element: Element) -> Bool {
        guard let place = descend(element) else { return false }
        finishRemoval(place.leaf, place.index)
        return true
    }

    /// The last element equal to `element`, with the way to it in `path`.
    @inline(__always)
    private func descend(_ element: Element) -> (leaf: Leaf, index: Int)? {
        guard var node = root else { return nil }
        for level in 0..<height {
            let inner = Inner(node)
            let index = inner.partition { !(element < $0) }
            path.set(level, node, index)
            node = inner.child(index)
        }
        let leaf = Leaf(node)
        // Each leaf but the first has its separator as its first element, so the last equal element is in this leaf.
        let index = leaf.partition { !(element < $0) } - 1
        guard index >= 0, !(leaf[index] < element) else { return nil }
        return (leaf, index)
    }

    /// Removes and answers the element with `rank` elements before it; `rank` must be in `0..<count`.
    @discardableResult
    func remove(at rank: Int) -> Element {
        precondition(rank >= 0 && rank < count)
        guard var node = root else { preconditionFailure() }
        var rank = rank
        for level in 0..<height {
            let inner = Inner(node)
            let index = inner.find(&rank)
            path.set(level, node, index)
            node = inner.child(index)
        }
        let leaf = Leaf(node)
        let element = leaf[rank]
        finishRemoval(leaf, rank)
        return element
    }

    func popFirst() -> Element? { count == 0 ? nil : remove(at: 0) }

    func popLast() -> Element? { count == 0 ? nil : remove(at: count - 1) }

    /// Takes the element out of the leaf at the end of `path`, and sets right what is above it.
    @inline(__always)
    private func finishRemoval(_ leaf: Leaf, _ index: Int) {
        leaf.remove(at: index)
        count &-= 1
        for level in 0..<height { Inner(path.node(level)).grow(path.index(level), by: -1) }
        if index == 0, leaf.count > 0 { updateSeparator(leaf[0]) }
        if leaf.count < Leaf.minimum { repair(leaf) }
    }

    /// Makes `least` the separator of the subtree that it has become the least element of.
    private func updateSeparator(_ least: Element) {
        for level in stride(from: height - 1, through: 0, by: -1) where path.index(level) > 0 {
            return Inner(path.node(level)).setSeparator(path.index(level), least)
        }
    }

    /// Lets the leaf at the end of `path`, which has too few elements, lean on a neighbour, and so on upwards.
    private func repair(_ leaf: Leaf) {
        guard height > 0 else {
            if leaf.count == 0 { removeRootLeaf() }
            return
        }
        var level = height - 1
        let parent = Inner(path.node(level))
        balanceLeaves(of: parent, max(0, path.index(level) - 1))
        while level > 0, Inner(path.node(level)).count < Inner.minimum {
            level -= 1
            balanceInner(of: Inner(path.node(level)), max(0, path.index(level) - 1))
        }
        while height > 0, let old = root, old.count == 1 {
            root = Inner(old).child(0)
            height -= 1
            old.free()
            innerCount -= 1
        }
    }

    /// The last element has gone, and its leaf follows.
    private func removeRootLeaf() {
        root?.free()
        leafCount -= 1
        clear()
    }

    /// Makes one of the leaves at `index` and after it where they fit well, and evens them out otherwise.
    private func balanceLeaves(of parent: Inner, _ index: Int) {
        let left = Leaf(parent.child(index))
        let right = Leaf(parent.child(index + 1))
        let total = left.count + right.count
        if total <= Leaf.comfortable {
            parent.grow(index, by: right.count)
            right.moveFirst(right.count, to: left)
            left.next = right.next
            right.next?.previous = left
            if right.next == nil { lastLeaf = left }
            parent.remove(at: index + 1)
            right.node.free()
            leafCount -= 1
            return
        }
        let excess = left.count - total / 2
        if excess > 0 {
            left.moveLast(excess, to: right)
        } else {
            right.moveFirst(-excess, to: left)
        }
        parent.grow(index, by: -excess)
        parent.grow(index + 1, by: excess)
        parent.setSeparator(index + 1, right[0])
    }

    private func balanceInner(of parent: Inner, _ index: Int) {
        let left = Inner(parent.child(index))
        let right = Inner(parent.child(index + 1))
        let separator = parent.separator(index + 1)
        let total = left.count + right.count
        if total <= Inner.comfortable {
            let moved = right.moveFirst(right.count, to: left, separator: separator)
            parent.grow(index, by: moved.size)
            parent.remove(at: index + 1)
            right.node.free()
            innerCount -= 1
            return
        }
        let excess = left.count - total / 2
        let moved =
            excess > 0
            ? left.moveLast(excess, to: right, separator: separator)
            : right.moveFirst(-excess, to: left, separator: separator)
        let size = excess > 0 ? moved.size : -moved.size
        parent.grow(index, by: -size)
        parent.grow(index + 1, by: size)
        parent.setSeparator(index + 1, moved.separator)
    }

    // MARK: - The end

    /// Empties the tree and frees its memory.
    func removeAll() {
        discardAll()
        _ = freeDiscarded(limit: .max)
    }

    /// Empties the tree, and leaves the leaves' memory to `freeDiscarded`, for trees too large to be freed in one turn.
    func discardAll() {
        guard let root, let firstLeaf, let lastLeaf else { return }
        freeInner(root, level: height)
        // What an earlier call left goes behind.
        lastLeaf.next = discarded
        discarded = firstLeaf
        clear()
    }

    private func clear() {
        root = nil
        height = 0
        firstLeaf = nil
        lastLeaf = nil
        count = 0
    }

    /// Frees up to `limit` of the leaves that `discardAll` left; answers whether that was all.
    func freeDiscarded(limit: Int) -> Bool {
        var left = limit
        while let leaf = discarded, left > 0 {
            discarded = leaf.next
            leaf.node.free()
            leafCount -= 1
            left -= 1
        }
        return discarded == nil
    }

    /// Frees the inner nodes from `node` down. It goes as deep as the tree is high.
    private func freeInner(_ node: BTreeNode, level: Int) {
        guard level > 0 else { return }
        let inner = Inner(node)
        if level > 1 {
            for index in 0..<inner.count { freeInner(inner.child(index), level: level - 1) }
        }
        node.free()
        innerCount -= 1
    }

    // MARK: - Invariants

    /// Checks order, counts, separators, links and filling. Costs O(n).
    func checkInvariants() {
        var seen = (leaves: 0, inners: 0, previous: Leaf?.none)
        let total = root.map { check($0, level: height, isLast: true, &seen).size } ?? 0
        precondition(total == count)
        precondition(seen.previous == lastLeaf && lastLeaf?.next == nil && firstLeaf?.previous == nil)
        precondition(seen.inners == innerCount)
        precondition(discarded != nil || seen.leaves == leafCount)
        precondition(root != nil || height == 0)
    }

    private func check(
        _ node: BTreeNode, level: Int, isLast: Bool, _ seen: inout (leaves: Int, inners: Int, previous: Leaf?)
    ) -> (size: Int, least: Element, greatest: Element) {
        guard level > 0 else {
            let leaf = Leaf(node)
            precondition(leaf.count >= (isLast ? 1 : Leaf.minimum) && leaf.count <= Leaf.capacity)
            precondition(leaf.previous == seen.previous)
            precondition(leaf.previous.map { $0.next == leaf } ?? (leaf == firstLeaf))
            for index in 1..<leaf.count { precondition(!(leaf[index] < leaf[index - 1])) }
            seen.leaves += 1
            seen.previous = leaf
            return (leaf.count, leaf[0], leaf[leaf.count - 1])
        }
        let inner = Inner(node)
        precondition(inner.count >= (isLast ? 2 : Inner.minimum) && inner.count <= Inner.capacity)
        seen.inners += 1
        var result = check(inner.child(0), level: level - 1, isLast: false, &seen)
        precondition(inner.size(0) == result.size)
        for index in 1..<inner.count {
            let isLast = isLast && index == inner.count - 1
            let child = check(inner.child(index), level: level - 1, isLast: isLast, &seen)
            precondition(inner.size(index) == child.size)
            let separator = inner.separator(index)
            precondition(!(separator < child.least) && !(child.least < separator) && !(separator < result.greatest))
            result.size += child.size
            result.greatest = child.greatest
        }
        return result
    }
}
