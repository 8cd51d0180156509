internal import Glibc

/// What a large value is: an object of its own, which a record refers to and owns.
class StoredObject {
    /// The memory it holds, in bytes, itself included.
    var byteCount: Int { 0 }

    /// What its layout is called.
    var encoding: StaticString { "unknown" }

    /// The table of its members, if it has one.
    var memberTable: MemberTable? { nil }

    /// Another object with the same content, which shares nothing with this one.
    func copy() -> StoredObject { StoredObject() }
}

/// A key and its value in one block of memory: header, deadline if it has one, key, and small values right behind.
///
///     0  access   24 bits: recency or frequency, as the owner defines it
///     3  tag       8 bits: form of the value (3 bits), kind of the value (5 bits, as the owner defines it)
///     4  key      31 bits: length of the key; the highest bit says that there is room for a deadline
///     8  payload  64 bits: length of the inline bytes, or the integer, or the address of a buffer or an object
///    16  deadline 64 bits: only with that bit
///
/// One block a key instead of three or four makes a look-up touch two cache lines, and is most of why a key costs
/// less here than in Redis. This is a handle, good until the value is replaced or the key removed.
@safe struct Record: TableElement {
    /// Where the value is.
    enum Form: UInt8 {
        /// Behind the key.
        case inline = 0
        /// In the payload itself.
        case integer = 1
        /// In a block of its own, with room to grow.
        case buffer = 2
        /// A `StoredObject`.
        case object = 3
    }

    static let headerBytes = 16
    /// The deadline of a key that has none.
    static let noDeadline = Int64.max
    /// The last moment that can be one.
    static let latestDeadline = Int64.max - 1

    let address: UnsafeMutableRawPointer

    @inline(__always)
    init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

    // MARK: - Header

    @inline(__always)
    private var word: UInt32 {
        get { unsafe address.load(as: UInt32.self) }
        nonmutating set { unsafe address.storeBytes(of: newValue, as: UInt32.self) }
    }

    @inline(__always)
    private var keyWord: UInt32 { unsafe address.load(fromByteOffset: 4, as: UInt32.self) }

    /// 24 bits for the owner: when it was used last, or how often.
    @inline(__always)
    var access: UInt32 {
        get { word & 0xFF_FFFF }
        nonmutating set { word = word & 0xFF00_0000 | newValue & 0xFF_FFFF }
    }

    @inline(__always)
    var form: Form { Form(rawValue: UInt8(truncatingIfNeeded: word &>> 24) & 7) ?? .inline }

    /// 5 bits for the owner: the type of the value and how it came about.
    @inline(__always)
    var kind: UInt8 {
        get { UInt8(truncatingIfNeeded: word &>> 27) }
        nonmutating set { word = word & 0x07FF_FFFF | UInt32(newValue) &<< 27 }
    }

    @inline(__always)
    func setTag(_ form: Form, _ kind: UInt8) {
        word = word & 0xFF_FFFF | (UInt32(form.rawValue) | UInt32(kind) &<< 3) &<< 24
    }

    @inline(__always)
    var payload: UInt64 {
        get { unsafe address.load(fromByteOffset: 8, as: UInt64.self) }
        nonmutating set { unsafe address.storeBytes(of: newValue, toByteOffset: 8, as: UInt64.self) }
    }

    @inline(__always)
    var hasDeadlineRoom: Bool { keyWord >> 31 != 0 }

    /// When the key ends, in milliseconds of the engine's clock; `noDeadline` if never.
    @inline(__always)
    var deadline: Int64 {
        guard hasDeadlineRoom else { return Record.noDeadline }
        return unsafe address.load(fromByteOffset: 16, as: Int64.self)
    }

    /// Needs `hasDeadlineRoom`.
    @inline(__always)
    func storeDeadline(_ deadline: Int64) {
        assert(hasDeadlineRoom)
        unsafe address.storeBytes(of: deadline, toByteOffset: 16, as: Int64.self)
    }

    // MARK: - Key and value

    @inline(__always)
    private var keyOffset: Int { hasDeadlineRoom ? 24 : 16 }

    @inline(__always)
    var keyCount: Int { Int(keyWord & 0x7FFF_FFFF) }

    @inline(__always)
    var key: Bytes { unsafe Bytes(address + keyOffset, keyCount) }

    @inline(__always)
    var integer: Int {
        get { Int(truncatingIfNeeded: payload) }
        nonmutating set { payload = UInt64(bitPattern: Int64(newValue)) }
    }

    /// The bytes of an inline value or of a buffer.
    @inline(__always)
    var bytes: Bytes {
        switch form {
        case .inline: return unsafe Bytes(address + keyOffset + keyCount, Int(truncatingIfNeeded: payload))
        case .buffer: return unsafe Bytes(buffer + 16, buffer.load(as: Int.self))
        case .integer, .object: return .empty
        }
    }

    /// A buffer is its count, its capacity, and its bytes.
    @inline(__always)
    var buffer: UnsafeMutableRawPointer {
        guard let buffer = unsafe UnsafeMutableRawPointer(bitPattern: UInt(payload)) else {
            preconditionFailure("a record without its buffer")
        }
        return unsafe buffer
    }

    /// How many bytes fit into the buffer.
    var bufferCapacity: Int { unsafe buffer.load(fromByteOffset: 8, as: Int.self) }

    var object: StoredObject? {
        guard form == .object, let pointer = unsafe UnsafeRawPointer(bitPattern: UInt(payload)) else { return nil }
        return unsafe Unmanaged<StoredObject>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The table of the members of a large collection.
    var memberTable: MemberTable? { object?.memberTable }

    /// The size of the block.
    @inline(__always)
    var byteCount: Int {
        keyOffset &+ keyCount &+ (form == .inline ? Int(truncatingIfNeeded: payload) : 0)
    }

    /// What key and value hold together, buffers and objects included.
    var totalByteCount: Int {
        let block = Slabs.capacity(byteCount)
        switch form {
        case .inline, .integer: return block
        case .buffer: return block + Slabs.capacity(16 + bufferCapacity)
        case .object: return block + (object?.byteCount ?? 0)
        }
    }

    // MARK: - Making

    @inline(__always)
    static func make(_ slabs: Slabs, key: Bytes, inlineCount: Int, deadlineRoom: Bool) -> Record {
        let offset = deadlineRoom ? 24 : 16
        let record = unsafe Record(slabs.allocate(offset &+ key.count &+ inlineCount))
        unsafe record.address.storeBytes(of: 0, as: UInt32.self)
        let keyWord = UInt32(truncatingIfNeeded: key.count) | (deadlineRoom ? 0x8000_0000 : 0)
        unsafe record.address.storeBytes(of: keyWord, toByteOffset: 4, as: UInt32.self)
        unsafe memcpy(record.address + offset, key.base, key.count)
        return record
    }

    /// Writes an inline value of the count that the record was made for.
    @inline(__always)
    func storeInline(_ value: Bytes, _ kind: UInt8) {
        setTag(.inline, kind)
        payload = UInt64(value.count)
        unsafe memcpy(address + keyOffset + keyCount, value.base, value.count)
    }

    @inline(__always)
    func storeInteger(_ value: Int, _ kind: UInt8) {
        setTag(.integer, kind)
        integer = value
    }

    func storeBuffer(_ buffer: UnsafeMutableRawPointer, _ kind: UInt8) {
        setTag(.buffer, kind)
        payload = UInt64(UInt(bitPattern: buffer))
    }

    func storeObject(_ object: StoredObject, _ kind: UInt8) {
        setTag(.object, kind)
        unsafe payload = UInt64(UInt(bitPattern: Unmanaged.passRetained(object).toOpaque()))
    }

    /// Frees what the value holds outside the record's block.
    @inline(__always)
    func freeValue(_ slabs: Slabs) {
        if form.rawValue >= Form.buffer.rawValue { freeOutside(slabs) }
    }

    @inline(__always)
    func free(_ slabs: Slabs) {
        freeValue(slabs)
        unsafe slabs.deallocate(address, byteCount)
    }

    @inline(never)
    private func freeOutside(_ slabs: Slabs) {
        if form == .buffer {
            unsafe slabs.deallocate(buffer, 16 + bufferCapacity)
        } else if let pointer = unsafe UnsafeRawPointer(bitPattern: UInt(payload)) {
            unsafe Unmanaged<StoredObject>.fromOpaque(pointer).release()
        }
    }
}
