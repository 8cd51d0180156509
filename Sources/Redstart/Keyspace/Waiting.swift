/// A command that waits for keys: what it takes to run it again.
final class WaitingCommand {
    fileprivate let words: KeptWords
    fileprivate let command: CommandID
    fileprivate let type: ValueType
    /// Whether it comes again also when a key ends, or becomes something else.
    fileprivate let watchesEnd: Bool
    /// The last of its client's places in the lines of its keys.
    fileprivate var lastPlace = Waiters.none
    /// Set while it runs again, and if it then finds that it has to wait on.
    fileprivate var isRunning = false
    fileprivate var waitsOn = false

    fileprivate init(_ words: KeptWords, _ command: CommandID, _ type: ValueType, watchesEnd: Bool) {
        self.words = words
        self.command = command
        self.type = type
        self.watchesEnd = watchesEnd
    }
}

// MARK: - Waiting for keys

extension Call {
    /// The next word as a timeout in seconds: the moment at which waiting ends, nil if never.
    mutating func timeout() throws(ReplyError) -> Int64? {
        guard let seconds = NumberText.longDouble(try arguments.next()), !seconds.isNaN else {
            throw .timeoutNotFloat
        }
        let milliseconds = (seconds * 1_000).rounded(.up)
        guard milliseconds <= 9_223_372_036_854_775_807 else { throw .timeoutOutOfRange }
        guard milliseconds >= 0 else { throw .timeoutNegative }
        return try deadline(after: milliseconds >= 0x1p63 ? .max : Int64(milliseconds))
    }

    /// The moment so many milliseconds from now; nil, which is never, for none.
    func deadline(after milliseconds: Int64) throws(ReplyError) -> Int64? {
        guard milliseconds > 0 else { return nil }
        let (deadline, overflow) = now.addingReportingOverflow(milliseconds)
        guard !overflow else { throw .timeoutOutOfRange }
        return deadline
    }

    /// Makes the client wait until one of its keys, the words `keys`, holds something of that type: then the command
    /// comes again, from its first word on, and whatever it answers is the answer. It may find that it has to wait on;
    /// then the first deadline holds, and its client stands last in line.
    ///
    /// With `watchesEnd` it comes again also when a key is removed, or becomes something else. `replacing` says what
    /// words are to be when it comes again: an ID that meant this moment.
    func wait(
        for type: ValueType, keys: Range<Int>, until deadline: Int64?, watchesEnd: Bool = false,
        replacing: [Int: [UInt8]] = [:], onTimeout: @escaping (Client) -> Void
    ) {
        let waiting: WaitingCommand
        if let again = client.waiting, again.isRunning {
            waiting = again
            waiting.waitsOn = true
        } else {
            waiting = WaitingCommand(
                KeptWords(arguments, replacing: replacing), command, type, watchesEnd: watchesEnd)
            client.waiting = waiting
            engine.block(client, until: deadline, onTimeout: onTimeout)
        }
        for word in keys {
            waiting.lastPlace = engine.keyspace.waiters.enter(
                client, database: database.index, hash: engine.hash(arguments[word]), word: word,
                watchesEnd: watchesEnd, sibling: waiting.lastPlace)
        }
    }
}

// MARK: - Serving those who wait

extension Engine {
    /// Takes a client out of the lines of the keys that it waits for.
    func leaveLines(_ client: Client) {
        guard let waiting = client.waiting else { return }
        keyspace.waiters.leave(waiting.lastPlace)
        waiting.lastPlace = Waiters.none
        client.waiting = nil
    }

    /// Runs the commands of clients whose keys became ready, in order: of the keys, and of the clients in the line of
    /// each. What they do may make further keys ready. To be called between commands: after a transaction or a script
    /// as a whole, never within.
    @inline(__always)
    func serveWaiters() {
        if keyspace.waiters.hasReady, !isServingWaiters { serveReadyLines() }
    }

    @inline(never)
    private func serveReadyLines() {
        isServingWaiters = true
        let touchesKeys = keyspace.touchesKeys
        while var round = keyspace.waiters.takeReady() {
            let database = databases[round.database]
            while let waiter = keyspace.waiters.next(&round) {
                guard let waiting = waiter.client.waiting else { continue }
                let key = waiting.words.arguments[waiter.word]
                let found = database.find(Key(bytes: key, hash: hash(key)))
                if found?.record.type == waiting.type || waiting.watchesEnd {
                    runAgain(waiter.client, waiting, database)
                } else if found == nil, !keyspace.waiters.watchesEnd(round) {
                    // Nobody behind can be served either.
                    break
                }
            }
        }
        keyspace.touchesKeys = touchesKeys
        isServingWaiters = false
    }

    /// Runs a waiting command again; if it does not wait on, its client goes on.
    private func runAgain(_ client: Client, _ waiting: WaitingCommand, _ database: Database) {
        keyspace.waiters.leave(waiting.lastPlace)
        waiting.lastPlace = Waiters.none
        waiting.waitsOn = false
        waiting.isRunning = true
        keyspace.touchesKeys = !client.flags.contains(.noTouch)
        let mark = client.reply.count
        let start = Ticks.now
        var call = Call(
            engine: self, client: client, reply: client.reply, database: database, arguments: waiting.words.arguments,
            command: waiting.command)
        executing = client
        do throws(ReplyError) {
            let handler = commands.handler(waiting.command)
            try handler(&call)
        } catch {
            fail(&call, error)
        }
        waiting.isRunning = false
        if !tracking.own.isEmpty { sendOwnInvalidations(client) }
        executing = nil
        client.blockedTicks &+= Ticks.now &- start
        guard !waiting.waitsOn else { return }
        if !client.wantsAnswer { client.reply.truncate(to: mark) }
        if client.flags.contains(.tracking) { rememberKeys(call) }
        if ownMessages.pending > 0 { deliverOwnMessages(client) }
        if client.blockedTicks >= slowTicks { noteSlow(call, client.blockedTicks) }
        unblock(client)
    }

    /// Ends a client's waiting without what it waited for.
    func giveUp(_ client: Client) {
        let onTimeout = client.onTimeout
        let mark = client.reply.count
        unblock(client)
        onTimeout?(client)
        if !client.wantsAnswer { client.reply.truncate(to: mark) }
    }

    /// The same, with an error: CLIENT UNBLOCK.
    func giveUp(_ client: Client, _ error: ReplyError) {
        if let command = client.lastCommand { commandStatistics.counters[command].failed &+= 1 }
        countError(error)
        unblock(client)
        if client.wantsAnswer { client.reply.error(error) }
    }
}

extension ReplyError {
    static let timeoutNotFloat = ReplyError(line: "ERR timeout is not a float or out of range")
    static let timeoutOutOfRange = ReplyError(line: "ERR timeout is out of range")
    static let timeoutNegative = ReplyError(line: "ERR timeout is negative")
}
