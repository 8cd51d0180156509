/// A value to be found among elements: what reads as an integer is kept as one, and compared as one.
struct WantedElement {
    private let bytes: Bytes
    private let integer: Int?

    @inline(__always)
    init(_ bytes: Bytes) {
        self.bytes = bytes
        integer = bytes.count <= 20 ? Int(strict: bytes) : nil
    }

    @inline(__always)
    func matches(_ value: StringValue) -> Bool {
        switch value {
        case .integer(let other): integer == other
        case .bytes(let other): integer == nil && bytes == other
        }
    }
}

extension SplicedBytes {
    /// Removes up to `most` elements that are `wanted`, the first or the last ones; returns how many.
    mutating func removeAll(_ wanted: WantedElement, most: Int, backwards: Bool) -> Int {
        var removed = 0
        var offset = backwards ? list.end : list.start
        while removed < most {
            if backwards {
                guard offset > list.start else { break }
                offset = list.offset(before: offset)
            } else if offset >= list.end {
                break
            }
            let element = list[offset]
            if wanted.matches(element.value) {
                remove(element)
                removed += 1
            } else if !backwards {
                offset = element.end
            }
        }
        return removed
    }
}

extension ListEditor {
    /// The index of the first element that is `wanted`.
    func firstIndex(of wanted: WantedElement) -> Int? {
        guard count > 0 else { return nil }
        var reader = ListReader(entry.record, from: 0)
        var index = 0
        while let element = reader.next() {
            if wanted.matches(element.value) { return index }
            index += 1
        }
        return nil
    }
}

extension PackedSequence {
    /// Removes up to `most` elements that are `wanted`, the first or the last ones; returns how many.
    final func removeAll(_ wanted: WantedElement, most: Int, backwards: Bool) -> Int {
        var removed = 0
        var place: Place? = backwards ? lastPlace : firstPlace
        while let current = place, removed < most {
            let before = self.place(before: current)
            let isGone = editRemoving(current) { block in
                let inBlock = block.removeAll(wanted, most: most - removed, backwards: backwards)
                removed += inBlock
                return inBlock
            }
            if backwards {
                place = before
            } else {
                place = isGone ? standing(current) : self.place(after: current)
            }
        }
        return removed
    }
}
