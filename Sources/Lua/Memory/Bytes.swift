internal import Glibc

/// Bytes that lie elsewhere: in a string of the machine, or in memory of the embedder. Valid as long as those are.
@frozen @safe public struct LuaBytes {
    public let pointer: UnsafePointer<UInt8>
    public let count: Int

    @inlinable @inline(__always) @unsafe
    public init(_ pointer: UnsafePointer<UInt8>, _ count: Int) {
        unsafe self.pointer = pointer
        self.count = count
    }

    /// A literal's bytes, which live forever.
    public init(_ literal: StaticString) {
        unsafe pointer = literal.utf8Start
        count = literal.utf8CodeUnitCount
    }

    /// Lends the bytes of an array.
    static func with<Result>(
        _ array: [UInt8], _ body: (LuaBytes) throws(LuaError) -> Result
    ) throws(LuaError) -> Result {
        unsafe try array.withUnsafeBufferPointer { (buffer) throws(LuaError) -> Result in
            guard let start = buffer.baseAddress else { return try body(LuaBytes("")) }
            return unsafe try body(LuaBytes(start, buffer.count))
        }
    }

    /// The byte at an index, which is not checked in release builds.
    @inlinable @inline(__always)
    public subscript(index: Int) -> UInt8 {
        assert(index >= 0 && index < count)
        return unsafe pointer[index]
    }

    public var isEmpty: Bool { count == 0 }

    public subscript(range: Range<Int>) -> LuaBytes {
        assert(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe LuaBytes(pointer + range.lowerBound, range.count)
    }

    public func suffix(from index: Int) -> LuaBytes { self[index..<count] }

    /// The bytes as text, with replacement characters for what is not UTF-8.
    public var text: String {
        unsafe String(decoding: UnsafeBufferPointer(start: pointer, count: count), as: UTF8.self)
    }

    /// The bytes as text that `LuaState.string` turns back into the same bytes: where they are not UTF-8, those beyond
    /// ASCII stand at the end of Unicode's last private plane. For messages.
    public var exactText: String {
        let buffer = unsafe UnsafeBufferPointer(start: pointer, count: count)
        if let text = unsafe String(validating: buffer, as: UTF8.self) { return text }
        var text = String.UnicodeScalarView()
        for index in 0..<count {
            let byte = UInt32(self[index])
            if let scalar = Unicode.Scalar(byte < 0x80 ? byte : 0x10FF00 + byte) { text.append(scalar) }
        }
        return String(text)
    }

    public var array: [UInt8] { unsafe Array(UnsafeBufferPointer(start: pointer, count: count)) }

    public static func == (left: LuaBytes, right: LuaBytes) -> Bool {
        unsafe left.count == right.count && memcmp(left.pointer, right.pointer, left.count) == 0
    }

    public static func == (left: LuaBytes, right: StaticString) -> Bool { left == LuaBytes(right) }

    /// Less than zero, zero or more, by unsigned bytes.
    func compared(to other: LuaBytes) -> Int {
        let order = unsafe Int(memcmp(pointer, other.pointer, min(count, other.count)))
        return order != 0 ? order : count - other.count
    }

    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let found = unsafe memchr(pointer + start, Int32(byte), count - start) else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(pointer)
    }

    /// Where `other` first begins, at `start` or after.
    func firstIndex(of other: LuaBytes, from start: Int) -> Int? {
        guard count - start >= other.count else { return nil }
        guard other.count > 0 else { return start }
        let last = count - other.count
        var place = start
        while place <= last, let next = firstIndex(of: other[0], from: place), next <= last {
            if self[next..<next + other.count] == other { return next }
            place = next + 1
        }
        return nil
    }

    /// The hash that decides about the order of `pairs`, and must be that of Lua 5.1, because scripts show it: the
    /// "shift-add-xor" of M. V. Ramakrishna and J. Zobel ("Performance in Practice of String Hashing Functions", 1997)
    /// with their shifts of 5 and 2. Experiments with tables tell the rest: it begins with the length, and goes from
    /// the last byte to the first. Lua takes a sample of long strings; Redis takes every byte, so that nobody finds
    /// keys by the thousand that look the same.
    @inline(__always)
    var hash: UInt32 {
        var hash = UInt32(truncatingIfNeeded: count)
        var index = count
        while index > 0 {
            index &-= 1
            hash ^= unsafe hash &<< 5 &+ hash &>> 2 &+ UInt32(pointer[index])
        }
        return hash
    }
}

/// A run of values in memory: a part of the stack, the array of a table, the constants of a function. Indices are not
/// checked; those who hold one know how long it is.
@safe struct Slots {
    let pointer: UnsafeMutablePointer<LuaValue>

    @inline(__always) @unsafe
    init(_ pointer: UnsafeMutablePointer<LuaValue>) { unsafe self.pointer = pointer }

    @inline(__always)
    static func allocate(_ count: Int) -> Slots {
        unsafe Slots(.allocate(capacity: count))
    }

    @inline(__always)
    func deallocate() { unsafe pointer.deallocate() }

    @inline(__always)
    subscript(index: Int) -> LuaValue {
        get { unsafe pointer[index] }
        nonmutating set { unsafe pointer[index] = newValue }
    }

    /// The same slots, with another one as the first.
    @inline(__always)
    static func + (slots: Slots, offset: Int) -> Slots { unsafe Slots(slots.pointer + offset) }

    @inline(__always)
    static func - (slots: Slots, other: Slots) -> Int { unsafe slots.pointer - other.pointer }

    @inline(__always)
    static func == (slots: Slots, other: Slots) -> Bool { unsafe slots.pointer == other.pointer }

    @inline(__always)
    func fill(_ value: LuaValue, from start: Int, to end: Int) {
        var index = start
        while index < end {
            unsafe pointer[index] = value
            index &+= 1
        }
    }

    @inline(__always)
    func copy(from source: Slots, count: Int) {
        unsafe pointer.update(from: source.pointer, count: count)
    }
}

/// One place that holds a value: where a key of a table has its value, or where a variable lives.
@safe struct Slot {
    let pointer: UnsafeMutablePointer<LuaValue>

    @inline(__always) @unsafe
    init(_ pointer: UnsafeMutablePointer<LuaValue>) { unsafe self.pointer = pointer }

    @inline(__always)
    var value: LuaValue {
        get { unsafe pointer.pointee }
        nonmutating set { unsafe pointer.pointee = newValue }
    }
}

/// Where a match may still turn; one list serves a whole state. It lies on the heap, where it may become longer than
/// nested calls could be deep.
@safe final class ChoiceList {
    private var pointer: UnsafeMutablePointer<Choice>
    private var capacity = ChoiceList.usualCapacity
    private(set) var count = 0

    private static let usualCapacity = 64

    init() { unsafe pointer = .allocate(capacity: capacity) }

    deinit { unsafe pointer.deallocate() }

    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// The choice made last; there must be one.
    @inline(__always)
    var last: Choice {
        get { unsafe pointer[count &- 1] }
        set { unsafe pointer[count &- 1] = newValue }
    }

    @inline(__always)
    func append(_ choice: Choice) {
        if count == capacity { grow() }
        unsafe pointer[count] = choice
        count &+= 1
    }

    @inline(__always)
    func removeLast() { count &-= 1 }

    /// Forgets all choices, and gives back what only a huge match needs.
    @inline(__always)
    func removeAll() {
        count = 0
        if capacity > ChoiceList.usualCapacity &* 64 { resize(ChoiceList.usualCapacity) }
    }

    @inline(never)
    private func grow() { resize(capacity * 2) }

    private func resize(_ newCapacity: Int) {
        let other = UnsafeMutablePointer<Choice>.allocate(capacity: newCapacity)
        unsafe other.update(from: pointer, count: count)
        unsafe pointer.deallocate()
        unsafe pointer = other
        capacity = newCapacity
    }
}

/// The captures of a match; one list serves a whole state.
@safe struct CaptureList {
    private let pointer: UnsafeMutablePointer<Capture>

    init() {
        unsafe pointer = .allocate(capacity: Matcher.captureLimit)
        unsafe pointer.initialize(repeating: Capture(), count: Matcher.captureLimit)
    }

    subscript(index: Int) -> Capture {
        get { unsafe pointer[index] }
        nonmutating set { unsafe pointer[index] = newValue }
    }

    func deallocate() { unsafe pointer.deallocate() }
}
