internal import CLinux
internal import Glibc

/// A client's socket, and what was read from it but does not make a whole command yet.
@safe final class Connection {
    let descriptor: Int32
    let client: Client
    let parser = RequestParser()
    /// The call of the command that runs. It is made once, so that running one counts no references.
    let call: UnsafeMutablePointer<Call>
    /// Input that waits for its rest. An idle connection has none, and no buffer for it.
    private(set) var input: UnsafeMutableRawPointer?
    private(set) var inputCount = 0
    private var inputCapacity = 0
    /// Whether the poller is asked to tell when there is room to write.
    var isAwaitingRoom = false
    /// Whether the next turn is to read from it, whatever events tell.
    var isUnfinished = false
    /// Whether it had its share of a turn: there are commands in its input that nothing stands in the way of.
    var gaveWay = false
    /// Whether an event told meanwhile that its other side has ended.
    var hasEnded = false

    private static let usualRead = 16 << 10
    private static let mostAhead = 64 << 20
    /// An emptier buffer than a quarter full is made smaller from this size on.
    private static let smallCapacity = 256 << 10
    /// The most that is sent in a turn, so that one quick reader of large values does not hold the others up.
    private static let mostSent = 1 << 20

    init(_ descriptor: Int32, _ client: Client, of engine: Engine, _ input: UnsafeMutableRawPointer) {
        self.descriptor = descriptor
        self.client = client
        unsafe call = .allocate(capacity: 1)
        unsafe call.initialize(
            to: Call(
                engine: engine, client: client, reply: client.reply, database: engine.databases[client.database],
                arguments: parser.arguments(from: 0, count: 0, in: input), command: 0))
    }

    deinit {
        close(descriptor)
        unsafe call.deinitialize(count: 1)
        unsafe call.deallocate()
        unsafe free(input)
    }

    enum ReadOutcome {
        /// So many bytes came; there may be more where as many were asked for.
        case bytes(Int, mayHaveMore: Bool)
        case nothing
        case interrupted
        case closed
    }

    private func receive(_ buffer: UnsafeMutableRawPointer, _ capacity: Int) -> ReadOutcome {
        let count = unsafe recv(descriptor, buffer, capacity, 0)
        if count > 0 { return .bytes(count, mayHaveMore: count == capacity) }
        if count == 0 { return .closed }
        switch errno {
        case EAGAIN: return .nothing
        case EINTR: return .interrupted
        default: return .closed
        }
    }

    /// Reads into `buffer`: the usual case, nothing waiting.
    @inline(__always)
    func read(into buffer: UnsafeMutableRawPointer, _ capacity: Int) -> ReadOutcome {
        unsafe receive(buffer, capacity)
    }

    /// Reads behind the input that waits, with room for the rest of a large word at once.
    func readMore() -> ReadOutcome {
        let missing = min(parser.missing(of: inputCount), 1 << 30)
        // The end of a word whose room is there needs no more, however little of it is left.
        if inputFree < (missing > 0 ? missing : Connection.usualRead) {
            // Growing by a part of the size keeps the sum of all moves small; what is not written to costs nothing.
            reserve(max(missing, min(inputCount / 2, Connection.mostAhead), 2 * Connection.usualRead))
        }
        guard let input = unsafe input else { return .nothing }
        let most = min(inputFree, max(missing, EventLoop.sharedInputBytes))
        let outcome = unsafe receive(input + inputCount, most)
        if case .bytes(let count, _) = outcome { inputCount += count }
        return outcome
    }

    private func reserve(_ bytes: Int) {
        guard inputCapacity - inputCount < bytes else { return }
        let capacity = inputCount + bytes
        guard let larger = unsafe realloc(input, capacity) else { return }
        unsafe input = larger
        inputCapacity = capacity
    }

    /// Keeps bytes that were read into somebody else's buffer.
    func keep(_ bytes: UnsafeRawPointer, _ count: Int) {
        guard count > 0 else { return }
        reserve(count)
        guard let input = unsafe input else { return }
        unsafe memcpy(input + inputCount, bytes, count)
        inputCount += count
    }

    /// Drops the first `count` bytes of the input that waits; an empty buffer is freed.
    func dropInput(_ count: Int) {
        guard let buffer = unsafe input else { return }
        inputCount -= count
        if inputCount == 0 {
            unsafe free(buffer)
            unsafe input = nil
            inputCapacity = 0
        } else if count > 0 {
            unsafe memmove(buffer, buffer + count, inputCount)
            shrink()
        }
    }

    /// Drops all input that waits.
    func dropInput() {
        parser.rewind()
        dropInput(inputCount)
    }

    private func shrink() {
        guard inputCapacity > Connection.smallCapacity, inputCount < inputCapacity / 4 else { return }
        let wanted = max(inputCount + parser.missing(of: inputCount), Connection.usualRead)
        guard wanted < inputCapacity, let smaller = unsafe realloc(input, wanted) else { return }
        unsafe input = smaller
        inputCapacity = wanted
    }

    var inputFree: Int { inputCapacity - inputCount }

    /// The input that was not recognized as whole words yet: what `client-query-buffer-limit` limits.
    var unparsed: Bytes {
        guard let input = unsafe input else { return .empty }
        return unsafe Bytes(input + parser.position, inputCount - parser.position)
    }

    /// Sends what waits, as much as the socket takes and a turn allows. False if the connection is broken.
    @inline(__always)
    func send(_ statistics: Statistics) -> Bool {
        let reply = client.reply
        var left = Connection.mostSent
        while reply.pending > 0, left > 0 {
            let waiting = unsafe reply.unsent
            let size = min(waiting.count, left)
            let sent = unsafe Glibc.send(descriptor, waiting.baseAddress, size, Int32(MSG_NOSIGNAL))
            guard sent > 0 else { return sent < 0 && (errno == EAGAIN || errno == EINTR) }
            left &-= sent
            statistics.netOutputBytes &+= sent
            statistics.writesProcessed &+= 1
            client.outputBytes &+= sent
            reply.consumed(sent)
        }
        return true
    }

    /// Sends `content` as far as the socket takes it. Returns how many bytes went, or -1 if the connection is broken.
    @inline(__always)
    func send(_ content: UnsafeRawBufferPointer, _ statistics: Statistics) -> Int {
        let sent = unsafe Glibc.send(descriptor, content.baseAddress, content.count, Int32(MSG_NOSIGNAL))
        guard sent >= 0 else { return errno == EAGAIN || errno == EINTR ? 0 : -1 }
        statistics.netOutputBytes &+= sent
        statistics.writesProcessed &+= 1
        client.outputBytes &+= sent
        return sent
    }

    /// Tries to tell something to a connection that is not served, without waiting.
    static func refuse(_ descriptor: Int32, _ error: ReplyError) {
        let bytes = error.wireBytes
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        close(descriptor)
    }
}
