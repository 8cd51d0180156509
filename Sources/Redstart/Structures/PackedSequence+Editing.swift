/// Changing single elements of a sequence.
extension PackedSequence {
    /// Whether an element is so long that it gets a block of its own.
    @inline(__always)
    private final func isLarge(_ bytes: Int) -> Bool { bytes > limit.bytes }

    private final func makeBlock(_ value: PackedValue, capacity: Int = 0) -> PackedBlock {
        var block = PackedBlock(slabs, capacity: max(PackedList.headerBytes + value.byteCount, capacity))
        block.append(value)
        return block
    }

    /// Puts the first element into an empty sequence, which may have an empty block or none.
    final func plant(_ value: PackedValue) {
        if blockCount > 0 {
            edit(firstPlace, by: 1) { $0.append(value) }
        } else {
            plantNode(makeBlock(value))
        }
    }

    /// Puts an element behind the last one. `bytes` is the length of what was given as its value.
    @inline(__always)
    final func append(_ value: PackedValue, bytes: Int) {
        let place = lastPlace
        if limit.admits(list(at: place), bytes) {
            edit(place, by: 1) { $0.append(value) }
        } else {
            trimBlock(place)
            let last = insertNode(makeBlock(value), after: place)
            // The one before it stays as it is, for lists that go to and fro.
            if blockCount >= PackedSequence.leastForShort, let near = self.place(before: last),
                let far = self.place(before: near)
            {
                shorten(far)
            }
        }
    }

    /// Puts an element before the first one.
    @inline(__always)
    final func prepend(_ value: PackedValue, bytes: Int) {
        if limit.admits(list(at: firstPlace), bytes) {
            edit(firstPlace, by: 1) { $0.prepend(value) }
        } else {
            trimBlock(firstPlace)
            insertNode(makeBlock(value), at: firstPlace)
            if blockCount >= PackedSequence.leastForShort, let near = self.place(after: firstPlace),
                let far = self.place(after: near)
            {
                shorten(far)
            }
        }
    }

    /// With fewer blocks all stay as they are.
    private static var leastForShort: Int { 6 }

    /// Gives back the room that a block has no use for: elements come at the ends.
    private final func trimBlock(_ place: Place) {
        edit(place, by: 0) { $0.trim() }
    }

    /// Removes the elements that lie in the bytes `range` of the block at `place`. True if the block went with them.
    @inline(__always)
    @discardableResult
    final func remove(_ range: Range<Int>, count removed: Int, at place: Place) -> Bool {
        if removed == elementCount(at: place) {
            takeNode(place).free()
            return true
        }
        edit(place, by: -removed) { $0.remove(range, count: removed) }
        return false
    }

    /// Removes the elements with these indices.
    final func remove(_ indices: Range<Int>) {
        guard !indices.isEmpty else { return }
        let (firstPlace, firstIndex) = find(indices.lowerBound)
        var left = indices.count
        var place: Place? = firstPlace
        let first = list(at: firstPlace)
        if firstIndex > 0 {
            let removed = min(left, first.count - firstIndex)
            let start = first.offset(of: firstIndex)
            remove(start..<first.offset(of: firstIndex + removed), count: removed, at: firstPlace)
            left -= removed
            place = self.place(after: firstPlace)
        }
        var whole = 0
        var next = place
        while let current = next, left >= elementCount(at: current), left > 0 {
            left -= elementCount(at: current)
            whole += 1
            next = self.place(after: current)
        }
        // What is cut from the last block is cut first: the places before it stay good.
        if left > 0, let next {
            let last = list(at: next)
            remove(last.start..<last.offset(of: left), count: left, at: next)
        }
        if whole > 0, let place { removeNodes(from: place, whole) }
    }

    /// Puts `value` in the place of the element with that index.
    final func replace(_ index: Int, with value: PackedValue, bytes: Int) {
        let (place, inner) = find(index)
        let list = list(at: place)
        let element = list[list.offset(of: inner)]
        guard isLarge(bytes), list.count > 1 else {
            return edit(place, by: 0) { $0.replace(element, with: value) }
        }
        // A block of its own, where the old element was.
        if inner == 0 {
            remove(element.offset..<element.end, count: 1, at: place)
            insertNode(makeBlock(value), at: place)
        } else {
            if inner < list.count - 1 { split(place, at: element.end, count: inner + 1) }
            remove(element.offset..<element.end, count: 1, at: place)
            let new = insertNode(makeBlock(value), after: place)
            joinAround(new)
        }
    }

    /// Puts an element before or after the one with that index.
    final func insert(_ value: PackedValue, bytes: Int, _ side: Side, of index: Int) {
        let (place, inner) = find(index)
        let list = list(at: place)
        let position = side == .after ? inner + 1 : inner
        if !isLarge(bytes), limit.admits(list, bytes) {
            let offset = list.offset(of: position)
            return edit(place, by: 1) { $0.insert(value, at: offset) }
        }
        if !isLarge(bytes), position == list.count, side == .after, let next = self.place(after: place),
            limit.admits(self.list(at: next), bytes)
        {
            return edit(next, by: 1) { $0.prepend(value) }
        }
        if !isLarge(bytes), position == 0, side == .before, let previous = self.place(before: place),
            limit.admits(self.list(at: previous), bytes)
        {
            return edit(previous, by: 1) { $0.append(value) }
        }
        insertBetween(value, bytes, side, place, position)
    }

    enum Side { case before, after }

    private final func insertBetween(
        _ value: PackedValue, _ bytes: Int, _ side: Side, _ place: Place, _ position: Int
    ) {
        let list = list(at: place)
        if position == 0 {
            insertNode(makeBlock(value), at: place)
        } else if position == list.count {
            _ = insertNode(makeBlock(value), after: place)
        } else {
            split(place, at: list.offset(of: position), count: position)
            if isLarge(bytes) {
                joinAround(insertNode(makeBlock(value), after: place))
            } else if side == .after, let next = self.place(after: place) {
                edit(next, by: 1) { $0.prepend(value) }
                joinAround(next)
            } else {
                edit(place, by: 1) { $0.append(value) }
                joinAround(place)
            }
        }
    }

    /// Moves the elements from `offset` on, which has `count` before it, to a block of their own behind.
    private final func split(_ place: Place, at offset: Int, count: Int) {
        let list = list(at: place)
        var rest = PackedBlock(slabs, capacity: PackedList.headerBytes + list.end - offset)
        rest.append(list, offset..<list.end, count: list.count - count)
        let moved = list.count - count
        edit(place, by: -moved) { block in
            block.remove(offset..<list.end, count: moved)
            block.trim()
        }
        _ = insertNode(rest, after: place)
    }

    /// Joins the blocks around `place` where two fit in one.
    private final func joinAround(_ place: Place) {
        var center = place
        if let previous = self.place(before: center), let beforeThat = self.place(before: previous),
            joins(beforeThat, previous), let moved = self.place(after: beforeThat)
        {
            center = moved
        }
        if let next = self.place(after: center), let afterThat = self.place(after: next) { _ = joins(next, afterThat) }
        if let previous = self.place(before: center), joins(previous, center) { center = previous }
        if let next = self.place(after: center) { _ = joins(center, next) }
    }

    /// Appends the block at `second` to the one at `first`, which is just before it, if they fit in one.
    private final func joins(_ first: Place, _ second: Place) -> Bool {
        let (left, right) = (list(at: first), list(at: second))
        let bytes = left.listpackBytes + right.listpackBytes - 7
        guard !limit.isExceeded(bytes: bytes, entries: left.count + right.count) else { return false }
        let taken = takeNode(second)
        let list = taken.list
        edit(first, by: list.count) { $0.append(list, list.start..<list.end, count: list.count) }
        taken.free()
        return true
    }
}
