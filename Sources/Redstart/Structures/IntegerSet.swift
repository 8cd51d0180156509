internal import Glibc

/// Integers in ascending order, all in as many bits as the widest needs: how small sets of integers are laid out.
///
/// One byte says how many bytes an integer takes: 2, 4 or 8. The rest are the integers. An integer that needs more
/// widens them all; they never become narrower again.
///
/// This is a view: it owns nothing, and is good until the bytes change.
struct IntegerSet {
    let bytes: Bytes

    @inline(__always)
    init(_ bytes: Bytes) {
        assert(bytes.count >= 1)
        self.bytes = bytes
    }

    static var headerBytes: Int { 1 }
    /// An empty set.
    static var empty: Bytes { Bytes("\u{2}") }

    /// How many bytes an integer takes: 2, 4 or 8.
    @inline(__always)
    var width: Int { Int(bytes[0]) }

    @inline(__always)
    var count: Int { (bytes.count &- IntegerSet.headerBytes) &>> width.trailingZeroBitCount }

    @inline(__always)
    var isEmpty: Bool { bytes.count == IntegerSet.headerBytes }

    /// The integer with `index` smaller ones; `index` must be in `0..<count`.
    @inline(__always)
    subscript(index: Int) -> Int {
        precondition(index >= 0 && index < count)
        return load(index, width)
    }

    @inline(__always)
    private func load(_ index: Int, _ width: Int) -> Int {
        let address = unsafe bytes.base + IntegerSet.headerBytes + index &* width
        switch width {
        case 2: return unsafe Int(address.loadUnaligned(as: Int16.self))
        case 4: return unsafe Int(address.loadUnaligned(as: Int32.self))
        default: return unsafe address.loadUnaligned(as: Int.self)
        }
    }

    /// How many bytes `integer` needs: 2, 4 or 8.
    @inline(__always)
    static func width(of integer: Int) -> Int {
        if Int(Int16(truncatingIfNeeded: integer)) == integer { return 2 }
        return Int(Int32(truncatingIfNeeded: integer)) == integer ? 4 : 8
    }

    /// Whether `integer` is in the set, and how many smaller ones are.
    @inline(__always)
    func find(_ integer: Int) -> (isFound: Bool, index: Int) {
        let width = width
        let count = count
        guard IntegerSet.width(of: integer) <= width, count > 0 else { return (false, integer < 0 ? 0 : count) }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) &>> 1
            if load(middle, width) < integer { low = middle &+ 1 } else { high = middle }
        }
        return (low < count && load(low, width) == integer, low)
    }

    @inline(__always)
    func contains(_ integer: Int) -> Bool { find(integer).isFound }

    /// Strictly ascending, in a width that there is. Debug builds only.
    func checkInvariants() {
        #if DEBUG
        precondition([2, 4, 8].contains(width) && (bytes.count - IntegerSet.headerBytes) % width == 0)
        for index in 1..<max(count, 1) { precondition(self[index - 1] < self[index], "integers out of order") }
        #endif
    }
}

/// Editing an `IntegerSet`.
extension SplicedBytes {
    @inline(__always)
    var integers: IntegerSet { IntegerSet(bytes) }

    /// Adds an integer; false if it was there already.
    @inline(__always)
    mutating func insert(integer: Int) -> Bool {
        let needed = IntegerSet.width(of: integer)
        if needed > integers.width { widen(to: needed) }
        let width = integers.width
        let (isFound, index) = integers.find(integer)
        if isFound { return false }
        let gap = unsafe splice(at: IntegerSet.headerBytes &+ index &* width, removing: 0, inserting: width)
        unsafe write(integer, width, to: gap)
        return true
    }

    /// Takes an integer away; false if it was not there.
    @inline(__always)
    mutating func remove(integer: Int) -> Bool {
        let (isFound, index) = integers.find(integer)
        if isFound { removeInteger(at: index) }
        return isFound
    }

    @inline(__always)
    mutating func removeInteger(at index: Int) {
        let width = integers.width
        precondition(index >= 0 && index < integers.count)
        _ = unsafe splice(at: IntegerSet.headerBytes &+ index &* width, removing: width, inserting: 0)
    }

    @inline(__always)
    private func write(_ integer: Int, _ width: Int, to target: UnsafeMutableRawPointer) {
        switch width {
        case 2: unsafe target.storeBytes(of: Int16(truncatingIfNeeded: integer), as: Int16.self)
        case 4: unsafe target.storeBytes(of: Int32(truncatingIfNeeded: integer), as: Int32.self)
        default: unsafe target.storeBytes(of: integer, as: Int.self)
        }
    }

    private mutating func widen(to width: Int) {
        let old = integers.width
        let count = integers.count
        _ = unsafe splice(at: bytes.count, removing: 0, inserting: count * (width - old))
        let base = unsafe UnsafeMutableRawPointer(mutating: bytes.base)
        let start = unsafe base + IntegerSet.headerBytes
        // From the last one on: none is overwritten before it was read.
        for index in stride(from: count - 1, through: 0, by: -1) {
            let integer: Int
            if old == 2 {
                integer = unsafe Int((start + index * 2).loadUnaligned(as: Int16.self))
            } else {
                integer = unsafe Int((start + index * 4).loadUnaligned(as: Int32.self))
            }
            unsafe write(integer, width, to: start + index * width)
        }
        unsafe base.storeBytes(of: UInt8(width), as: UInt8.self)
    }
}
