internal import Glibc

/// What is done with the bits of several strings, the shorter of which are continued with zeros.
enum BitOperation {
    case and, or, xor, not

    /// Strings are worked on in pieces of this size, so that a piece of the result stays in the nearest cache until all
    /// strings have been added to it.
    private static let pieceBytes = 8_192

    /// Writes the result for `sources`, of which there is at least one, to `result`. A source that begins where the
    /// result does has to be the first of them.
    func write(_ sources: borrowing ByteSources, to result: MutableBytes) {
        var start = 0
        while start < result.count {
            let end = min(start &+ BitOperation.pieceBytes, result.count)
            let piece = result[start..<end]
            var next = 1
            if self == .not {
                piece.invert(sources.piece(0, start, end))
            } else if sources.count == 1 {
                piece.take(sources.piece(0, start, end))
            } else {
                combine(sources.piece(0, start, end), sources.piece(1, start, end), into: piece)
                next = 2
            }
            while next < sources.count {
                combine(piece.bytes, sources.piece(next, start, end), into: piece)
                next &+= 1
            }
            start = end
        }
    }

    @inline(__always)
    private func combine(_ left: Bytes, _ right: Bytes, into piece: MutableBytes) {
        switch self {
        case .and: piece.combine(left, right, { $0 & $1 }, { $0 & $1 })
        case .or: piece.combine(left, right, { $0 | $1 }, { $0 | $1 })
        case .xor, .not: piece.combine(left, right, { $0 ^ $1 }, { $0 ^ $1 })
        }
        let (shorter, longer) = left.count < right.count ? (left, right) : (right, left)
        let rest = piece[shorter.count..<longer.count]
        if self == .and { rest.clear() } else { rest.copy(longer[shorter.count..<longer.count]) }
        piece[longer.count..<piece.count].clear()
    }
}

extension MutableBytes {
    fileprivate typealias Vector = SIMD8<UInt64>

    /// Combines what both have; these may begin where one of them does.
    @inline(__always)
    fileprivate func combine(
        _ left: Bytes, _ right: Bytes, _ vector: (Vector, Vector) -> Vector, _ byte: (UInt8, UInt8) -> UInt8
    ) {
        let end = min(left.count, right.count)
        precondition(end <= count)
        var index = 0
        while index &+ 64 <= end {
            let combined = unsafe vector(
                (left.base + index).loadUnaligned(as: Vector.self),
                (right.base + index).loadUnaligned(as: Vector.self))
            storeUnaligned(combined, at: index)
            index &+= 64
        }
        while index < end {
            self[index] = byte(left[index], right[index])
            index &+= 1
        }
    }

    @inline(__always)
    private func storeUnaligned(_ vector: Vector, at index: Int) {
        unsafe (base + index).storeBytes(of: vector, as: Vector.self)
    }

    /// Copies `source`, with zeros behind.
    fileprivate func take(_ source: Bytes) {
        copy(source)
        self[source.count..<count].clear()
    }

    /// The inverse of `source`, which is as long.
    fileprivate func invert(_ source: Bytes) {
        precondition(source.count == count)
        var index = 0
        while index &+ 64 <= count {
            unsafe storeUnaligned(~(source.base + index).loadUnaligned(as: Vector.self), at: index)
            index &+= 64
        }
        while index < count {
            self[index] = ~source[index]
            index &+= 1
        }
    }
}

/// Borrowed byte strings, several of them; integers are kept as their text.
@safe struct ByteSources: ~Copyable {
    private let sources: UnsafeMutablePointer<Bytes>
    private let digits: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private(set) var count = 0
    /// The length of the longest.
    private(set) var longest = 0

    /// Room for so many.
    init(capacity: Int) {
        self.capacity = capacity
        unsafe sources = .allocate(capacity: max(capacity, 1))
        unsafe digits = .allocate(capacity: max(capacity, 1) * NumberText.integerCapacity)
    }

    deinit {
        unsafe sources.deallocate()
        unsafe digits.deallocate()
    }

    mutating func append(_ value: StringValue) {
        precondition(count < capacity)
        let bytes: Bytes
        switch value {
        case .bytes(let found): bytes = found
        case .integer(let number):
            let start = unsafe digits + count * NumberText.integerCapacity
            bytes = unsafe Bytes(UnsafeRawPointer(start), NumberText.write(number, to: start))
        }
        unsafe (sources + count).initialize(to: bytes)
        count += 1
        longest = max(longest, bytes.count)
    }

    subscript(index: Int) -> Bytes {
        precondition(index >= 0 && index < count)
        return unsafe sources[index]
    }

    /// What source `index` has from `start` up to `end`: perhaps less, perhaps nothing.
    fileprivate func piece(_ index: Int, _ start: Int, _ end: Int) -> Bytes {
        let source = self[index]
        let last = min(end, source.count)
        return start < last ? source[start..<last] : .empty
    }

    /// Puts the source that begins where `result` does in front, so that the result can take its place. False where
    /// there are two such sources.
    mutating func moveToFront(_ result: MutableBytes) -> Bool {
        var found = false
        for index in 0..<count where unsafe UnsafeMutableRawPointer(mutating: sources[index].base) == result.base {
            if found { return false }
            found = true
            unsafe swap(&sources[0], &sources[index])
        }
        return true
    }
}
