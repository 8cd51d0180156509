/// One call of a command: its words, who calls, and where the answer goes.
struct Call {
    let engine: Engine
    let client: Client
    let reply: ReplyWriter
    var database: Database
    var arguments: Arguments
    var command: CommandID
    /// The hash of the word at `hashedPosition`, computed when the word was prefetched; 0 if there is none.
    var hashedPosition = 0
    var hash: UInt64 = 0

    /// The next word as a key.
    @inline(__always)
    mutating func key() throws(ReplyError) -> Key {
        let position = arguments.position
        let word = try arguments.next()
        if position == hashedPosition { return Key(bytes: word, hash: hash) }
        return Key(bytes: word, hash: engine.hash(word))
    }

    /// Whether the command may make its client wait: not within a transaction or a script, where it answers as if its
    /// time were up.
    @inline(__always)
    var mayBlock: Bool { !client.flags.contains(.denyBlocking) }

    /// The clock in milliseconds: one moment for the whole command.
    @inline(__always)
    var now: Int64 { engine.clock.milliseconds }
}

/// A key and its hash, which is computed once.
struct Key {
    let bytes: Bytes
    let hash: UInt64
}
