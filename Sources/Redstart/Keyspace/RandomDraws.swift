/// What SRANDMEMBER, HRANDFIELD and ZRANDMEMBER have in common: counts below zero, which ask for repetitions.
extension Arguments {
    /// How many members are to be drawn; below zero, with repetitions.
    mutating func drawCount() throws(ReplyError) -> Int {
        let count = try integer()
        guard count != .min else { throw .drawCountOutOfRange }
        return count
    }
}

extension ReplyError {
    fileprivate static let drawCountOutOfRange = ReplyError(
        line: "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
    /// Members with what belongs to them are twice as many, which have to be countable.
    static let tooManyPairs = ReplyError(line: "ERR value is out of range")
}

/// The reply to a draw with repetitions. A client may ask for more of them than memory holds; Redis goes on until it is
/// full, even if `client-output-buffer-limit` disconnects the client. Here there always is an end: the client is
/// disconnected.
struct RepetitiveReply {
    private let call: Call
    private let mark: Int
    private let mostBytes: Int

    init(_ call: Call) {
        self.call = call
        mark = call.reply.count
        // Who is to be disconnected gets no more of them from the rest of a transaction.
        mostBytes = call.client.flags.contains(.closeNow) ? 0 : 1 << 30
    }

    /// Whether there may be more of it.
    @inline(__always)
    var hasRoom: Bool { call.reply.count &- mark < mostBytes && !call.reply.isOverLimit }

    /// To be called at its end.
    func finish() {
        guard !hasRoom else { return }
        call.reply.truncate(to: mark)
        call.engine.statistics.outputBufferDisconnections += 1
        call.client.flags.insert(.closeNow)
    }
}
