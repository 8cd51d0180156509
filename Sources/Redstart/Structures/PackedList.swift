internal import Glibc

/// A sequence of strings in one run of bytes, to be walked both ways: how small collections are laid out.
///
/// Four bytes count the elements. Each element is encoded as in a listpack, whose format its author has published
/// (https://github.com/antirez/listpack): a head that says what follows and how long it is, the bytes, and the length
/// of both once more, to be read backwards. Short strings and small integers have two bytes around them, and what reads
/// as an integer is kept as one. A snapshot in Redis' own format needs no more than another header and one byte at the
/// end, and `listpackBytes` is what Redis would count.
///
/// This is a view: it owns nothing, and is good until the bytes change.
struct PackedList {
    let bytes: Bytes

    @inline(__always)
    init(_ bytes: Bytes) {
        assert(bytes.count >= PackedList.headerBytes)
        self.bytes = bytes
    }

    static var headerBytes: Int { 4 }
    /// An empty list.
    static var empty: Bytes { Bytes("\0\0\0\0") }
    /// Longer ones cannot be elements: nor can they in Redis' lists, from 1 GB on.
    static var longestElement: Int { 1 << 30 }
    static var mostElements: Int { Int(UInt32.max) }

    /// How many elements there are.
    @inline(__always)
    var count: Int { unsafe Int(bytes.base.loadUnaligned(as: UInt32.self)) }

    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// What the same elements take in Redis, header and end included: limits on bytes are compared with it.
    var listpackBytes: Int { bytes.count - PackedList.headerBytes + 7 }

    /// The offset of the first element.
    @inline(__always)
    var start: Int { PackedList.headerBytes }

    /// The offset behind the last element.
    @inline(__always)
    var end: Int { bytes.count }

    /// An element: where it is, what it takes there, and what it says.
    struct Element {
        let offset: Int
        let byteCount: Int
        let value: StringValue

        /// The offset of the element after it.
        @inline(__always)
        var end: Int { offset &+ byteCount }
    }

    /// The element that begins at `offset`, which must be one's.
    @inline(__always)
    subscript(offset: Int) -> Element {
        let (start, count) = head(offset)
        let tail = PackedList.tailBytes(start &- offset &+ count)
        let byteCount = start &- offset &+ count &+ tail
        precondition(offset &+ byteCount <= end)
        let at = unsafe bytes.base + start
        let value: StringValue
        switch bytes[offset] {
        case 0x00...0x7F: value = .integer(Int(bytes[offset]))
        case 0xC0...0xDF:
            // 13 bits in two's complement.
            let bits = Int(bytes[offset] & 0x1F) &<< 8 | Int(bytes[offset &+ 1])
            value = .integer((bits ^ 0x1000) &- 0x1000)
        case 0xF1: value = unsafe .integer(Int(at.loadUnaligned(as: Int16.self)))
        case 0xF2:
            let low = unsafe Int(at.loadUnaligned(as: UInt16.self))
            value = unsafe .integer(Int(at.load(fromByteOffset: 2, as: Int8.self)) &<< 16 | low)
        case 0xF3: value = unsafe .integer(Int(at.loadUnaligned(as: Int32.self)))
        case 0xF4: value = unsafe .integer(Int(at.loadUnaligned(as: Int.self)))
        default: value = unsafe .bytes(Bytes(at, count))
        }
        return Element(offset: offset, byteCount: byteCount, value: value)
    }

    /// Where the bytes of the element at `offset` begin, and how many there are. An integer of up to 13 bits has none:
    /// its head says all.
    @inline(__always)
    private func head(_ offset: Int) -> (start: Int, count: Int) {
        let first = bytes[offset]
        if first < 0x80 { return (offset &+ 1, 0) }
        if first < 0xC0 { return (offset &+ 1, Int(first & 0x3F)) }
        if first < 0xE0 { return (offset &+ 2, 0) }
        if first < 0xF0 { return (offset &+ 2, Int(first & 0x0F) &<< 8 | Int(bytes[offset &+ 1])) }
        switch first {
        case 0xF0: return unsafe (offset &+ 5, Int((bytes.base + offset + 1).loadUnaligned(as: UInt32.self)))
        case 0xF1: return (offset &+ 1, 2)
        case 0xF2: return (offset &+ 1, 3)
        case 0xF3: return (offset &+ 1, 4)
        default: return (offset &+ 1, 8)
        }
    }

    /// The offset of the element after the one at `offset`.
    @inline(__always)
    func offset(after offset: Int) -> Int {
        let (start, count) = head(offset)
        let length = start &- offset &+ count
        return offset &+ length &+ PackedList.tailBytes(length)
    }

    /// The offset of the element before `offset`, which must not be the first's.
    @inline(__always)
    func offset(before offset: Int) -> Int {
        var position = offset &- 1
        var byte = bytes[position]
        var length = Int(byte & 0x7F)
        var shift = 7
        while byte & 0x80 != 0 {
            position &-= 1
            byte = bytes[position]
            length |= Int(byte & 0x7F) &<< shift
            shift &+= 7
        }
        return position &- length
    }

    /// How many bytes say backwards that an element takes `length`.
    @inline(__always)
    static func tailBytes(_ length: Int) -> Int {
        if length < 1 << 7 { return 1 }
        if length < 1 << 14 { return 2 }
        if length < 1 << 21 { return 3 }
        return length < 1 << 28 ? 4 : 5
    }

    // MARK: - Finding

    /// The offset of the element with `index` elements before it, from whichever end is nearer; `index` must be in
    /// `0...count`.
    func offset(of index: Int) -> Int {
        let count = count
        precondition(index >= 0 && index <= count)
        if index <= count / 2 {
            var offset = start
            for _ in 0..<index { offset = self.offset(after: offset) }
            return offset
        }
        var offset = end
        for _ in index..<count { offset = self.offset(before: offset) }
        return offset
    }

    /// The first element from `from` on that is `wanted`. With a stride only every so-manieth is looked at, from the
    /// first on: with 2, the fields of a list of fields and values.
    @inline(__always)
    func find(_ wanted: Bytes, stride: Int = 1, from: Int? = nil) -> Element? {
        if wanted.count <= 20, let integer = Int(strict: wanted) {
            return find(stride, from ?? start) { _, value in
                if case .integer(let other) = value { return integer == other }
                return false
            }
        }
        // Most elements differ in length already.
        let wantedCount = wanted.count
        return find(stride, from ?? start) { count, value in
            guard count == wantedCount, case .bytes(let other) = value else { return false }
            return other == wanted
        }
    }

    @inline(__always)
    private func find(_ stride: Int, _ from: Int, _ isWanted: (Int, StringValue) -> Bool) -> Element? {
        let end = end
        var offset = from
        while offset < end {
            let element = self[offset]
            if case .bytes(let bytes) = element.value {
                if isWanted(bytes.count, element.value) { return element }
            } else if isWanted(0, element.value) {
                return element
            }
            offset = element.end
            for _ in 1..<stride where offset < end { offset = self.offset(after: offset) }
        }
        return nil
    }

    // MARK: - Walking

    /// A place between two elements, from which to step either way.
    struct Cursor {
        let list: PackedList
        private(set) var offset: Int

        /// Steps over the element after the place, and answers it.
        @inline(__always)
        mutating func next() -> Element? {
            guard offset < list.end else { return nil }
            let element = list[offset]
            offset = element.end
            return element
        }

        /// Steps back over the element before the place, and answers it.
        @inline(__always)
        mutating func previous() -> Element? {
            guard offset > list.start else { return nil }
            offset = list.offset(before: offset)
            return list[offset]
        }

        /// Steps over so many elements; there must be as many.
        @inline(__always)
        mutating func skip(_ count: Int = 1) {
            for _ in 0..<count { offset = list.offset(after: offset) }
        }
    }

    /// The place before the first element.
    @inline(__always)
    var cursor: Cursor { Cursor(list: self, offset: start) }

    /// The place before the element that begins at `offset`.
    @inline(__always)
    func cursor(at offset: Int) -> Cursor { Cursor(list: self, offset: offset) }

    // MARK: - Invariants

    /// Every element reads the same both ways, integers are in their shortest form, and the count is right. Debug
    /// builds only.
    func checkInvariants() {
        #if DEBUG
        var offsets: [Int] = []
        var offset = start
        while offset < end {
            offsets.append(offset)
            let element = self[offset]
            precondition(element.byteCount == PackedValue(element.value).byteCount, "an element is not in its own form")
            if case .bytes(let bytes) = element.value {
                precondition(Int(strict: bytes) == nil, "an integer is kept as text")
            }
            offset = element.end
        }
        precondition(offset == end && offsets.count == count, "the elements do not add up")
        while let last = offsets.popLast() {
            offset = self.offset(before: offset)
            precondition(offset == last, "backwards an element is elsewhere")
        }
        #endif
    }
}

/// A value in the form that it has as an element.
struct PackedValue {
    let value: StringValue
    /// The bytes of its head, and of what follows it.
    private let headBytes: Int
    private let contentBytes: Int

    /// As bytes are kept: as an integer where they read as one.
    @inline(__always)
    init(_ bytes: Bytes) {
        if bytes.count <= 20, let integer = Int(strict: bytes) {
            self.init(integer)
        } else {
            let headBytes = bytes.count < 1 << 6 ? 1 : bytes.count < 1 << 12 ? 2 : 5
            self.init(.bytes(bytes), headBytes, bytes.count)
        }
    }

    @inline(__always)
    private init(_ value: StringValue, _ headBytes: Int, _ contentBytes: Int) {
        self.value = value
        self.headBytes = headBytes
        self.contentBytes = contentBytes
    }

    @inline(__always)
    init(_ integer: Int) {
        if integer >= -4_096, integer < 4_096 {
            self.init(.integer(integer), integer >= 0 && integer < 128 ? 1 : 2, 0)
        } else {
            let bits = 65 &- (integer < 0 ? ~integer : integer).leadingZeroBitCount
            self.init(.integer(integer), 1, bits <= 16 ? 2 : bits <= 24 ? 3 : bits <= 32 ? 4 : 8)
        }
    }

    @inline(__always)
    init(_ value: StringValue) {
        switch value {
        case .bytes(let bytes): self.init(bytes)
        case .integer(let integer): self.init(integer)
        }
    }

    /// What it takes as an element.
    @inline(__always)
    var byteCount: Int {
        let length = headBytes &+ contentBytes
        return length &+ PackedList.tailBytes(length)
    }

    /// Writes the element, `byteCount` bytes, and answers where the next one goes.
    @inline(__always)
    @discardableResult
    func write(to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        switch value {
        case .bytes(let bytes):
            unsafe writeHead(target, bytes.count)
            unsafe memcpy(target + headBytes, bytes.base, bytes.count)
        case .integer(let integer):
            unsafe write(integer, to: target)
        }
        return unsafe writeTail(target + headBytes + contentBytes)
    }

    @inline(__always)
    private func writeHead(_ target: UnsafeMutableRawPointer, _ count: Int) {
        switch headBytes {
        case 1: unsafe target.storeBytes(of: 0x80 | UInt8(truncatingIfNeeded: count), as: UInt8.self)
        case 2: unsafe target.storeBytes(of: (0xE000 | UInt16(truncatingIfNeeded: count)).bigEndian, as: UInt16.self)
        default:
            precondition(count <= PackedList.longestElement)
            unsafe target.storeBytes(of: 0xF0, as: UInt8.self)
            unsafe (target + 1).storeBytes(of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
        }
    }

    @inline(__always)
    private func write(_ integer: Int, to target: UnsafeMutableRawPointer) {
        if headBytes == 2 {
            let bits = 0xC000 | UInt16(truncatingIfNeeded: integer) & 0x1FFF
            return unsafe target.storeBytes(of: bits.bigEndian, as: UInt16.self)
        }
        let head: UInt8
        switch contentBytes {
        case 0: head = UInt8(truncatingIfNeeded: integer)
        case 2: head = 0xF1
        case 3: head = 0xF2
        case 4: head = 0xF3
        default: head = 0xF4
        }
        unsafe target.storeBytes(of: head, as: UInt8.self)
        for position in 0..<contentBytes {
            let byte = UInt8(truncatingIfNeeded: integer &>> (position &* 8))
            unsafe target.storeBytes(of: byte, toByteOffset: 1 &+ position, as: UInt8.self)
        }
    }

    @inline(__always)
    private func writeTail(_ target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let length = headBytes &+ contentBytes
        let bytes = PackedList.tailBytes(length)
        // Seven bits a byte, the lowest in the last; all but the first say that there are more before them.
        for position in 0..<bytes {
            let bits = UInt8(truncatingIfNeeded: length &>> ((bytes &- 1 &- position) &* 7)) & 0x7F
            unsafe (target + position).storeBytes(of: position == 0 ? bits : bits | 0x80, as: UInt8.self)
        }
        return unsafe target + bytes
    }
}
