internal import Glibc

/// Appends replies to one growing buffer, in the protocol version of its client. Only this file and the parser know
/// how the wire looks.
@safe final class ReplyWriter {
    /// Whether the client asked for RESP3 (`HELLO 3`).
    var isRESP3 = false
    private(set) var base: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    /// The bytes written to the buffer so far.
    private(set) var count = 0
    /// Of those, what the socket took already.
    private(set) var sent = 0
    private var countWhenLastSent = 0
    private static let mostSpare = 64
    /// How many bytes may wait. What is written beyond is lost, and takes no memory: see `isOverLimit`.
    var limit = Int.max
    /// From where on something was lost.
    private var lostFrom = Int.max

    init() {}

    deinit { unsafe free(base) }

    /// What waits to be sent, in bytes.
    @inline(__always)
    var pending: Int { count &- sent }

    /// Whether more waits than may: it is not to be sent, and once it is so, writing on does not change it; nor does
    /// another limit where something was lost.
    @inline(__always)
    var isOverLimit: Bool { pending > limit || lostFrom != .max }

    // MARK: - Replies

    func ok() { raw("+OK\r\n") }

    func simple(_ text: StaticString) {
        byte(UInt8(ascii: "+"))
        raw(text)
        raw("\r\n")
    }

    /// A simple string of two parts.
    func simple(_ prefix: StaticString, _ text: StaticString) {
        byte(UInt8(ascii: "+"))
        raw(prefix)
        raw(text)
        raw("\r\n")
    }

    /// A simple string that was put together.
    func simple(line text: String) {
        byte(UInt8(ascii: "+"))
        line(text)
    }

    /// A simple string that a script made: line breaks within become spaces.
    func simple(line text: Bytes) {
        byte(UInt8(ascii: "+"))
        line(text)
    }

    func error(_ error: ReplyError) {
        byte(UInt8(ascii: "-"))
        if let bytes = error.bytes { line(bytes) } else { line(error.line) }
    }

    @inline(__always)
    func integer(_ value: Int) { header(UInt8(ascii: ":"), value) }

    @inline(__always)
    func bulk(_ bytes: Bytes) {
        reserve(bytes.count &+ 32)
        header(UInt8(ascii: "$"), bytes.count)
        unsafe memcpy(end, bytes.base, bytes.count)
        count &+= bytes.count
        raw("\r\n")
    }

    func bulk(_ bytes: [UInt8]) { bytes.withBytes { bulk($0) } }

    func bulk(_ text: StaticString) { bulk(Bytes(text)) }

    func bulk(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            if let base = utf8.baseAddress { unsafe bulk(Bytes(base, utf8.count)) } else { bulk(Bytes.empty) }
        }
    }

    /// An integer as a bulk string, as strings that hold integers are answered.
    @inline(__always)
    func bulk(integer value: Int) {
        reserve(48)
        header(UInt8(ascii: "$"), Decimal.digits(value))
        digits(value)
        raw("\r\n")
    }

    /// An ID of an entry as a bulk string.
    @inline(__always)
    func bulk(_ id: EntryID) {
        reserve(64)
        let time = Decimal.digits(magnitude: UInt(id.milliseconds))
        let number = Decimal.digits(magnitude: UInt(id.sequence))
        header(UInt8(ascii: "$"), time &+ 1 &+ number)
        unsafe Decimal.write(magnitude: UInt(id.milliseconds), digits: time, to: end)
        count &+= time
        byte(UInt8(ascii: "-"))
        unsafe Decimal.write(magnitude: UInt(id.sequence), digits: number, to: end)
        count &+= number
        raw("\r\n")
    }

    /// No value, as a bulk string.
    @inline(__always)
    func null() { null(isRESP3: isRESP3) }

    /// The same in the protocol of somebody else, for whom the reply is passed on.
    func null(isRESP3: Bool) { isRESP3 ? raw("_\r\n") : raw("$-1\r\n") }

    /// No value, as an array.
    func nullArray() { isRESP3 ? raw("_\r\n") : raw("*-1\r\n") }

    @inline(__always)
    func array(_ count: Int) { header(UInt8(ascii: "*"), count) }

    /// So many pairs follow.
    func map(_ pairs: Int) { isRESP3 ? header(UInt8(ascii: "%"), pairs) : header(UInt8(ascii: "*"), pairs * 2) }

    func set(_ count: Int) { header(isRESP3 ? UInt8(ascii: "~") : UInt8(ascii: "*"), count) }

    func push(_ count: Int) { header(isRESP3 ? UInt8(ascii: ">") : UInt8(ascii: "*"), count) }

    func attribute(_ pairs: Int) { header(UInt8(ascii: "|"), pairs) }

    func boolean(_ value: Bool) {
        if isRESP3 { raw(value ? "#t\r\n" : "#f\r\n") } else { integer(value ? 1 : 0) }
    }

    /// A double that was printed already, by `NumberText`.
    func double(text: [UInt8]) { text.withBytes { double(text: $0) } }

    func double(text: Bytes) {
        guard isRESP3 else { return bulk(text) }
        byte(UInt8(ascii: ","))
        raw(text)
        raw("\r\n")
    }

    func bigNumber(_ digits: StaticString) {
        guard isRESP3 else { return bulk(digits) }
        byte(UInt8(ascii: "("))
        raw(digits)
        raw("\r\n")
    }

    /// A number that a script gave as text.
    func bigNumber(_ digits: Bytes) {
        if isRESP3 {
            byte(UInt8(ascii: "("))
            line(digits)
        } else {
            header(UInt8(ascii: "$"), digits.count)
            line(digits)
        }
    }

    /// Text whose format a script gave, which need not have three letters.
    func verbatim(_ text: Bytes, format: Bytes) {
        guard isRESP3 else { return bulk(text) }
        header(UInt8(ascii: "="), text.count + 4)
        for index in 0..<3 { byte(index < format.count ? format[index] : 32) }
        byte(UInt8(ascii: ":"))
        raw(text)
        raw("\r\n")
    }

    /// Text with a three-letter format: `txt` or `mkd`.
    func verbatim(_ text: [UInt8], format: StaticString = "txt") {
        guard isRESP3 else { return bulk(text) }
        header(UInt8(ascii: "="), text.count + 4)
        raw(format)
        byte(UInt8(ascii: ":"))
        text.withBytes { raw($0) }
        raw("\r\n")
    }

    /// An array whose length is known only when its elements are written: pass the mark to `finish`.
    func beginArray() -> Int { count }

    func finish(_ mark: Int, array elements: Int) { insertHeader(UInt8(ascii: "*"), elements, at: mark) }

    func finish(_ mark: Int, map pairs: Int) {
        isRESP3
            ? insertHeader(UInt8(ascii: "%"), pairs, at: mark) : insertHeader(UInt8(ascii: "*"), pairs * 2, at: mark)
    }

    func finish(_ mark: Int, set elements: Int) {
        insertHeader(isRESP3 ? UInt8(ascii: "~") : UInt8(ascii: "*"), elements, at: mark)
    }

    /// Puts an ID before what was written since `mark`, for what is known only then.
    func insert(_ id: EntryID, at mark: Int) {
        let before = count
        bulk(id)
        let length = count - before
        reserve(length)
        guard !isOverLimit, let start = unsafe base.map({ unsafe $0 + mark }) else { return }
        unsafe memmove(start + length, start, count - mark)
        unsafe memcpy(start, start + (count - mark), length)
    }

    // MARK: - Bytes

    @inline(__always)
    private var end: UnsafeMutableRawPointer {
        guard let base = unsafe base else { preconditionFailure("a reply without a buffer") }
        return unsafe base + count
    }

    /// A header line. Reserves what it needs.
    @inline(__always)
    private func header(_ type: UInt8, _ value: Int) {
        reserve(32)
        unsafe end.storeBytes(of: type, as: UInt8.self)
        count &+= 1
        digits(value)
        raw("\r\n")
    }

    @inline(__always)
    private func digits(_ value: Int) {
        unsafe count &+= Decimal.write(value, to: end)
    }

    private func insertHeader(_ type: UInt8, _ value: Int, at mark: Int) {
        let length = Decimal.digits(value) + 3
        reserve(length)
        guard !isOverLimit, let start = unsafe base.map({ unsafe $0 + mark }) else { return }
        unsafe memmove(start + length, start, count - mark)
        unsafe start.storeBytes(of: type, as: UInt8.self)
        let digits = unsafe Decimal.write(value, to: start + 1)
        unsafe start.storeBytes(of: 13, toByteOffset: digits + 1, as: UInt8.self)
        unsafe start.storeBytes(of: 10, toByteOffset: digits + 2, as: UInt8.self)
        count += length
    }

    /// A line of text. Line breaks within would break the protocol and become spaces.
    func line(_ text: String) {
        for byte in text.utf8 { self.byte(byte == 13 || byte == 10 ? 32 : byte) }
        raw("\r\n")
    }

    private func line(_ text: [UInt8]) { text.withBytes { line($0) } }

    private func line(_ text: Bytes) {
        for index in 0..<text.count { byte(text[index] == 13 || text[index] == 10 ? 32 : text[index]) }
        raw("\r\n")
    }

    @inline(__always)
    func raw(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        unsafe memcpy(end, text.utf8Start, length)
        count &+= length
    }

    func raw(_ bytes: Bytes) {
        reserve(bytes.count)
        unsafe memcpy(end, bytes.base, bytes.count)
        count &+= bytes.count
    }

    private func byte(_ value: UInt8) {
        reserve(1)
        unsafe end.storeBytes(of: value, as: UInt8.self)
        count &+= 1
    }

    @inline(__always)
    func reserve(_ bytes: Int) {
        if capacity &- count < bytes { grow(bytes) }
    }

    @inline(never)
    private func grow(_ bytes: Int) {
        // Room is asked for a little generously; what it is used for will tell.
        if bytes - ReplyWriter.mostSpare > limit - pending {
            // From here on what is written goes over what was.
            lostFrom = min(lostFrom, count)
            count = sent + limit + 1
            guard capacity - count < bytes else { return }
        }
        let wanted = max(1_024, count + bytes + min(count, 64 << 20))
        guard let larger = unsafe realloc(base, wanted) else {
            preconditionFailure("out of memory: the system refused \(wanted) bytes")
        }
        unsafe base = larger
        capacity = wanted
    }

    private func compact() {
        guard let base = unsafe base else { return }
        unsafe memmove(base, base + sent, pending)
        count -= sent
        sent = 0
    }

    /// Takes back what was written since `mark`: for a client that wants no replies.
    func truncate(to mark: Int) {
        if mark <= lostFrom { lostFrom = .max }
        count = min(count, mark)
    }

    // MARK: - Sending

    /// The bytes that wait to be sent.
    var unsent: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base.map { unsafe $0 + sent }, count: pending)
    }

    /// The same, for what another writer is to repeat.
    var pendingBytes: Bytes {
        guard let start = unsafe unsent.baseAddress else { return .empty }
        return unsafe Bytes(start, pending)
    }

    /// Notes that the socket took so many bytes. Positions in the buffer change: not to be called within a command.
    func consumed(_ bytes: Int) {
        sent += bytes
        if sent == count {
            sent = 0
            count = 0
            lostFrom = .max
            return
        }
        // What only drains is not worth moving; what is added to meanwhile would grow without end.
        if sent >= 1 << 20, sent >= count / 2, count != countWhenLastSent { compact() }
        countWhenLastSent = count
    }

    /// Puts bytes that were taken away, and could not be sent, before what waits.
    func prepend(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        let later = ReplyWriter()
        swapBuffer(with: later)
        lostFrom = later.lostFrom
        unsafe raw(Bytes(start, bytes.count))
        let waiting = unsafe later.unsent
        if let start = waiting.baseAddress { unsafe raw(Bytes(start, waiting.count)) }
    }

    /// Gives up what waits.
    func discard() { consumed(pending) }

    /// Frees the buffer of a client that has nothing to say.
    func release() {
        guard pending == 0 else { return }
        unsafe free(base)
        unsafe base = nil
        capacity = 0
        count = 0
        sent = 0
    }

    /// Exchanges buffers with a writer that lends its own for a turn.
    func swapBuffer(with other: ReplyWriter) {
        let (base, capacity, count, sent, lostFrom) = unsafe (
            self.base, self.capacity, self.count, self.sent, self.lostFrom
        )
        unsafe self.base = other.base
        self.capacity = other.capacity
        self.count = other.count
        self.sent = other.sent
        self.lostFrom = other.lostFrom
        unsafe other.base = base
        other.capacity = capacity
        other.count = count
        other.sent = sent
        other.lostFrom = lostFrom
    }

    /// Replaces the buffer by one of just the size of what waits, and hands the old one to `other`, which is empty.
    func keepUnsent(lender other: ReplyWriter) {
        swapBuffer(with: other)
        let waiting = unsafe other.unsent
        if let start = waiting.baseAddress { unsafe raw(Bytes(start, waiting.count)) }
        other.consumed(other.pending)
    }
}
