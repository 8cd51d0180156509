/// Sorting no more of an array than is needed.
///
/// What becomes of equal elements is what Redis makes of them, because clients can see it: where all are wanted they
/// stay in their order, where some are wanted they fall as they do in the quicksort of J. Bentley and M. D. McIlroy,
/// "Engineering a Sort Function" (1993), that leaves out the parts in which nothing is wanted.
extension Array {
    /// Puts the first `wanted` elements in their places. `compare` answers less than zero, zero or more.
    mutating func sortFirst(_ wanted: Int, _ compare: (Element, Element) -> Int) {
        if wanted >= count {
            // The sort of the standard library is stable.
            sort { compare($0, $1) < 0 }
        } else if wanted > 0 {
            sortPart(0..<count, wanted, compare)
        }
    }

    private mutating func sortPart(_ part: Range<Int>, _ wanted: Int, _ compare: (Element, Element) -> Int) {
        var part = part
        while part.count >= 7 {
            let (less, greater) = divide(part, compare)
            if less.count > 1, less.lowerBound < wanted { sortPart(less, wanted, compare) }
            guard greater.count > 1, greater.lowerBound < wanted else { return }
            part = greater
        }
        for end in part.dropFirst() {
            var index = end
            while index > part.lowerBound, compare(self[index - 1], self[index]) > 0 {
                swapAt(index, index - 1)
                index -= 1
            }
        }
    }

    /// Parts the elements by one of them; the equal ones are between the two parts answered.
    private mutating func divide(
        _ part: Range<Int>, _ compare: (Element, Element) -> Int
    ) -> (less: Range<Int>, greater: Range<Int>) {
        let first = part.lowerBound
        swapAt(first, pivot(part, compare))
        // Equal ones gather at both ends until all are compared: before `equalEnd` and behind `equalStart`.
        var equalEnd = first + 1
        var low = first + 1
        var high = part.upperBound - 1
        var equalStart = high
        while true {
            while low <= high, case let order = compare(self[low], self[first]), order <= 0 {
                if order == 0 {
                    swapAt(equalEnd, low)
                    equalEnd += 1
                }
                low += 1
            }
            while low <= high, case let order = compare(self[high], self[first]), order >= 0 {
                if order == 0 {
                    swapAt(high, equalStart)
                    equalStart -= 1
                }
                high -= 1
            }
            guard low <= high else { break }
            swapAt(low, high)
            low += 1
            high -= 1
        }
        let fromStart = Swift.min(equalEnd - first, low - equalEnd)
        for offset in 0..<fromStart { swapAt(first + offset, low - fromStart + offset) }
        let fromEnd = Swift.min(equalStart - high, part.upperBound - equalStart - 1)
        for offset in 0..<fromEnd { swapAt(low + offset, part.upperBound - fromEnd + offset) }
        return (
            first..<first + (low - equalEnd), part.upperBound - (equalStart - high)..<part.upperBound
        )
    }

    private func pivot(_ part: Range<Int>, _ compare: (Element, Element) -> Int) -> Int {
        let middle = part.lowerBound + part.count / 2
        guard part.count > 7 else { return middle }
        var (low, mid, high) = (part.lowerBound, middle, part.upperBound - 1)
        if part.count > 40 {
            let step = part.count / 8
            low = median(low, low + step, low + 2 * step, compare)
            mid = median(mid - step, mid, mid + step, compare)
            high = median(high - 2 * step, high - step, high, compare)
        }
        return median(low, mid, high, compare)
    }

    private func median(_ first: Int, _ second: Int, _ third: Int, _ compare: (Element, Element) -> Int) -> Int {
        if compare(self[first], self[second]) < 0 {
            if compare(self[second], self[third]) < 0 { return second }
            return compare(self[first], self[third]) < 0 ? third : first
        }
        if compare(self[second], self[third]) > 0 { return second }
        return compare(self[first], self[third]) < 0 ? first : third
    }
}
