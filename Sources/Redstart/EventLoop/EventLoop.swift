internal import Glibc

/// The one thread of a server. A turn reads the clock, runs what the ready connections sent, fires what is due, does a
/// bounded part of the work that was left over, and sends what the commands had to say to other clients.
@safe final class EventLoop {
    let engine: Engine
    let wakeup: Wakeup
    let poller: Poller
    /// Those that were closed leave their places empty, so that no event finds another's.
    private(set) var listeners: [Listener?] = []
    private var connections: ContiguousArray<Connection?> = []
    private var freeSlots: [Int] = []
    /// The input of a connection that has nothing waiting is read here, and its replies written to `lender`'s buffer,
    /// so that an idle connection holds neither.
    var sharedInput: UnsafeMutableRawPointer
    let lender = ReplyWriter()
    let outbox = Outbox()
    /// Whether ready connections are being served, after which the outbox is sent.
    var isServing = false
    /// The events of this turn, and how many of them were served: a turn within a turn goes on with the rest.
    private var eventCount = 0
    private var eventsServed = 0
    /// Connections that may have more to read although no event will tell of it.
    private var unfinished: [Unfinished] = []
    /// Those of them that this turn serves, the last one first.
    private var goingOn: [Unfinished] = []
    /// Whether there are any: an everyday turn looks at neither list.
    private var hasUnfinished = false
    private var isGoingOn = false
    /// The client whose script runs on while others are served; its own connection rests.
    var interrupted: Client?
    let batch: FixedArray<ParsedCommand>
    private var signals: Int32 = -1
    /// Whether nobody is let in for the moment.
    private var isResting = false
    private let housekeeping = Housekeeping()
    private var patience = Patience()
    private var coalescing = Coalescing()

    static let sharedInputBytes = 64 << 10
    private static let lentBytes = 64 << 10
    private static let largestLentBytes = 1 << 20
    /// Commands parsed ahead, so that their keys are on their way from memory when they run.
    static let batchSize = 16
    /// Output over this is sent at once instead of at the end of the batch.
    private static let promptBytes = 256 << 10
    /// How often in a turn the clients are looked at that others' commands concern, for theirs may concern yet others.
    private static let roundsPerTurn = 100
    /// How long one connection's commands may take in a turn: the one that goes beyond is the last.
    private let shareTicks: UInt64
    private static let wakeupToken = -1
    private static let signalToken = -2
    private static let firstListener = -10

    init(_ engine: Engine) throws(SystemError) {
        self.engine = engine
        poller = try Poller()
        wakeup = try Wakeup()
        unsafe sharedInput = .allocate(byteCount: EventLoop.sharedInputBytes, alignment: 64)
        shareTicks = engine.ticks.ticks(microseconds: 1_000)
        batch = FixedArray(repeating: ParsedCommand(), count: EventLoop.batchSize)
        poller.add(wakeup.descriptor, token: EventLoop.wakeupToken)
        engine.listenAnew = { [weak self] in self?.listenAnew() ?? true }
        engine.serveOthers = { [weak self] in self?.serveOthers(during: $0) }
    }

    deinit {
        stopListening()
        unsafe sharedInput.deallocate()
    }

    /// A server that has ended leaves nobody waiting at its door.
    private func stopListening() {
        for case let listener? in listeners { listener.stop() }
        listeners = []
    }

    /// Accepts connections from `listener` from now on.
    func add(_ listener: Listener) {
        poller.add(listener.descriptor, token: EventLoop.firstListener - listeners.count)
        listeners.append(listener)
        describeListeners()
    }

    private func describeListeners() {
        let open = listeners.compactMap { $0 }
        let tcp = open.filter { $0.path == nil }
        engine.port = tcp.first?.port ?? 0
        engine.listeners = open.compactMap { $0.path }.map { "name=unix,bind=\($0)" }
        guard let first = tcp.first else { return }
        let addresses = engine.settings.bind.map { "bind=\($0)," }.joined()
        engine.listeners.insert("name=tcp,\(addresses)port=\(first.port)", at: 0)
    }

    /// Closes the TCP sockets and opens those that the settings ask for now. False if one cannot be had: there is then
    /// none.
    private func listenAnew() -> Bool {
        for (index, listener) in listeners.enumerated() {
            guard let listener, listener.path == nil else { continue }
            poller.remove(listener.descriptor)
            listener.stop()
            listeners[index] = nil
        }
        while case .some(.none) = listeners.last { listeners.removeLast() }
        let opened = Listener.openTCP(engine.settings, engine.log)
        for listener in opened ?? [] { add(listener) }
        describeListeners()
        return opened != nil && Listener.writePort(engine.settings, engine.log)
    }

    /// Takes signals from a descriptor that the process made for them.
    func watchSignals(_ descriptor: Int32) {
        signals = descriptor
        poller.add(descriptor, token: EventLoop.signalToken)
    }

    /// Runs turns until the engine is told to shut down; returns its exit status.
    func run() -> Int32 {
        var more = false
        while engine.shutdown == nil { more = turn(workWaiting: more) }
        stopListening()
        for work in wakeup.shut() { work(engine) }
        for case let connection? in connections {
            _ = connection.send(engine.statistics)
            close(connection)
        }
        return engine.shutdown ?? 0
    }

    /// One turn; true if it left work that need not wait for anything.
    private func turn(workWaiting: Bool) -> Bool {
        if !workWaiting, !hasUnfinished {
            letRequestsGather()
            if eventCount == 0 || !findsEventsSoon() {
                eventCount = poller.wait(milliseconds: housekeeping.timeout(engine))
            }
        } else {
            eventCount = hasUnfinished ? poller.look() : poller.lookOrYield()
        }
        eventsServed = 0
        let didWork = eventCount > 0
        engine.clock.refresh()
        engine.statistics.loopCycles &+= 1
        let start = Ticks.now
        isServing = true
        takeUnfinished()
        serveReady()
        isServing = false
        sendOutbox()
        engine.fireTimeouts()
        engine.endPauseIfDue()
        let more = engine.workBetweenTurns()
        attend()
        let end = Ticks.now
        engine.statistics.loopTicks &+= end &- start
        housekeeping.run(self, at: end, didWork: didWork)
        return more || engine.someNeedAttention
    }

    /// After a turn that served clients with pipelines: waits until there are more of them, if that pays.
    @inline(__always)
    private func letRequestsGather() {
        guard coalescing.counts(eventCount, commands: engine.statistics.commandsProcessed),
            coalescing.waits(after: eventCount, engine.ticks, now: Ticks.now)
        else { return }
        SystemTime.sleep(Coalescing.seconds)
    }

    /// After a turn that served somebody: looks for a moment whether there is more, if that is likely.
    @inline(__always)
    private func findsEventsSoon() -> Bool {
        guard patience.looks() else { return false }
        let start = Ticks.now
        repeat { eventCount = poller.look() } while eventCount == 0 && Ticks.now &- start < engine.patienceTicks
        patience.note(found: eventCount > 0)
        return eventCount > 0
    }

    /// Begins with the connections that were left to be read from.
    @inline(__always)
    private func takeUnfinished() {
        guard hasUnfinished else { return }
        (goingOn, unfinished) = (unfinished.reversed(), [])
        (isGoingOn, hasUnfinished) = (true, false)
    }

    /// Serves what this turn found to be ready and has not served yet.
    private func serveReady() {
        if isGoingOn {
            let end = Ticks.now &+ 2 &* shareTicks
            while engine.shutdown == nil, let place = goingOn.popLast() {
                goOn(place)
                if Ticks.now > end { leaveRest() }
            }
            isGoingOn = !goingOn.isEmpty
        }
        while eventsServed < eventCount, engine.shutdown == nil {
            eventsServed += 1
            serve(poller[eventsServed - 1])
        }
    }

    /// Leaves those that are to go on once more to the next turn, where they come first.
    private func leaveRest() {
        unfinished = goingOn.reversed() + unfinished
        goingOn = []
        hasUnfinished = !unfinished.isEmpty
    }

    /// Serves what has become ready since, in the middle of a turn.
    func serveReadyNow() {
        serveReady()
        guard engine.shutdown == nil else { return }
        takeUnfinished()
        eventCount = poller.look()
        eventsServed = 0
        serveReady()
    }

    private func serve(_ event: Poller.Event) {
        if event.token >= 0 {
            guard event.token < connections.count, let connection = connections[event.token] else { return }
            // Its script runs now. Of room to write, an event will tell again.
            if connection.client === interrupted { return goOnReading(connection, event.hasEnded) }
            if event.isWritable { flush(connection) }
            if event.isReadable, connections[event.token] === connection {
                // It had its share of this turn already where it is to be read from in the next.
                if connection.isUnfinished { return goOnReading(connection, event.hasEnded) }
                receive(connection, hasEnded: event.hasEnded)
            }
        } else if event.token == EventLoop.wakeupToken {
            // What others ask for is done between two commands. That the server is to end cannot wait for that.
            if interrupted == nil {
                for work in wakeup.take() { work(engine) }
            } else if wakeup.isStopWanted {
                engine.endAtOnce()
            }
        } else if event.token == EventLoop.signalToken {
            SignalSource.take(signals, engine)
        } else {
            // CONFIG SET may have closed it since.
            let index = EventLoop.firstListener - event.token
            if index < listeners.count, let listener = listeners[index] { accept(listener) }
        }
    }

    // MARK: - Connections

    var allConnections: [Connection] { connections.compactMap { $0 } }

    private func accept(_ listener: Listener) {
        for _ in 0..<engine.settings.maxNewConnectionsPerCycle {
            let accepted: Int32?
            do throws(SystemError) { accepted = try listener.accept() } catch { return restListening(error) }
            guard let descriptor = accepted else { return }
            if engine.clients.count >= engine.settings.maxClients {
                engine.statistics.rejectedConnections += 1
                Connection.refuse(descriptor, .maxClients)
                continue
            }
            open(descriptor, listener)
        }
    }

    /// There is no room for another connection: who knocks waits until housekeeping looks again. The sockets would tell
    /// of them all the time.
    private func restListening(_ error: SystemError) {
        engine.log.warning("Accepting client connection: \(error)")
        isResting = true
        for case let listener? in listeners { poller.remove(listener.descriptor) }
    }

    func listenAgain() {
        guard isResting else { return }
        isResting = false
        for (index, listener) in listeners.enumerated() {
            if let listener { poller.add(listener.descriptor, token: EventLoop.firstListener - index) }
        }
    }

    private func open(_ descriptor: Int32, _ listener: Listener) {
        let client: Client
        if let path = listener.path {
            client = engine.addClient(descriptor: descriptor, address: "\(path):0", localAddress: "\(path):0")
            client.flags.insert(.unixSocket)
        } else {
            let peer = SocketName.peer(descriptor)
            Listener.prepare(
                descriptor, isLoopback: peer.isLoopback, keepAliveSeconds: engine.settings.tcpKeepAlive)
            if engine.refusesRemote, !peer.isLoopback {
                engine.statistics.rejectedConnections += 1
                return Connection.refuse(descriptor, .protectedMode)
            }
            client = engine.addClient(
                descriptor: descriptor, address: peer.text, localAddress: SocketName.local(descriptor).text)
        }
        engine.statistics.connectionsReceived += 1
        engine.log.verbose("Accepted \(listener.path.map { "connection to \($0)" } ?? client.address)")
        let connection = unsafe Connection(descriptor, client, of: engine, sharedInput)
        let slot = freeSlots.popLast() ?? connections.count
        if slot == connections.count { connections.append(connection) } else { connections[slot] = connection }
        client.slot = slot
        poller.add(connection: descriptor, token: slot)
    }

    func close(_ connection: Connection) {
        let slot = connection.client.slot
        guard slot >= 0, connections[slot] === connection else { return }
        poller.remove(connection.descriptor)
        connections[slot] = nil
        freeSlots.append(slot)
        connection.client.slot = -1
        connection.client.flags.insert(.closeNow)
        engine.removeClient(connection.client)
    }

    /// Closes a connection that its other side has closed.
    private func closeEnded(_ connection: Connection) {
        engine.log.verbose("Client closed connection \(engine.logLine(of: connection.client))")
        close(connection)
    }

    // MARK: - Input

    private func receive(_ connection: Connection, hasEnded: Bool = false) {
        if connection.gaveWay {
            connection.gaveWay = false
            processInput(connection)
            // There may be more by now, of which no event tells.
            goOnReading(connection, hasEnded)
            return settle(connection)
        }
        var mayHaveMore = hasEnded
        engine.statistics.readsProcessed &+= 1
        connection.client.lastInteraction = engine.clock.now
        if unsafe connection.input == nil {
            switch unsafe connection.read(into: sharedInput, EventLoop.sharedInputBytes) {
            case .bytes(let count, let isFull):
                if isFull { mayHaveMore = true }
                countInput(count, connection)
                if connection.client.isStopped {
                    unsafe connection.keep(sharedInput, count)
                    break
                }
                let consumed = unsafe process(connection, sharedInput, count)
                unsafe connection.keep(sharedInput + consumed, count - consumed)
            case .interrupted: return goOnReading(connection, hasEnded)
            case .nothing: return
            case .closed: return closeEnded(connection)
            }
        } else {
            switch connection.readMore() {
            case .bytes(let count, let isFull):
                if isFull { mayHaveMore = true }
                countInput(count, connection)
            case .interrupted: return goOnReading(connection, hasEnded)
            case .nothing: return
            case .closed: return closeEnded(connection)
            }
            // Before it is looked at: a word that came whole may still be longer than it may.
            if engine.isOverQueryBuffer(connection.client, connection.unparsed) { return close(connection) }
            processInput(connection)
        }
        if mayHaveMore { goOnReading(connection, hasEnded) }
        settle(connection)
    }

    /// Makes the next turn read from the connection again, once.
    @inline(never)
    private func goOnReading(_ connection: Connection, _ hasEnded: Bool) {
        let client = connection.client
        // It may have been closed meanwhile: what it was told before did not arrive.
        guard client.slot >= 0 else { return }
        if hasEnded { connection.hasEnded = true }
        guard !connection.isUnfinished else { return }
        connection.isUnfinished = true
        unfinished.append(Unfinished(slot: client.slot, clientID: client.id))
        hasUnfinished = true
    }

    private func goOn(_ place: Unfinished) {
        guard let connection = connections[place.slot], connection.client.id == place.clientID else { return }
        let hasEnded = connection.hasEnded
        connection.isUnfinished = false
        connection.hasEnded = false
        if connection.client === interrupted {
            goOnReading(connection, hasEnded)
        } else {
            receive(connection, hasEnded: hasEnded)
        }
    }

    private func countInput(_ bytes: Int, _ connection: Connection) {
        engine.statistics.netInputBytes &+= bytes
        connection.client.inputBytes &+= bytes
    }

    /// Runs the commands in the input that waits.
    private func processInput(_ connection: Connection) {
        guard let input = unsafe connection.input, !connection.client.isStopped else { return }
        let consumed = unsafe process(connection, input, connection.inputCount)
        connection.dropInput(consumed)
    }

    /// Runs the commands in `input`; returns how many bytes they took.
    private func process(_ connection: Connection, _ input: UnsafeMutableRawPointer, _ available: Int) -> Int {
        let client = connection.client
        let borrows = client.reply.capacity == 0
        if borrows {
            lender.reserve(EventLoop.lentBytes)
            client.reply.swapBuffer(with: lender)
        }
        client.queryBufferBytes = available
        engine.keyspace.touchesKeys = !client.flags.contains(.noTouch)
        var consumed = 0
        var outcome = ParseOutcome.more
        var end: UInt64 = 0
        while !client.isStopped, !connection.gaveWay, case .more = outcome {
            var count = 0
            outcome = unsafe parse(connection, input + consumed, available - consumed, &count)
            if count > 0 { unsafe consumed += execute(connection, input + consumed, count, until: &end) }
        }
        if case .failure(let error) = outcome, !client.isStopped, !connection.gaveWay {
            let wrong = consumed + connection.parser.position
            refuse(client, error, unsafe Bytes(input + wrong, available - wrong))
            consumed = available
        }
        if client.reply.pending > 0, !(borrows && outboxTakes(connection)) { relieve(connection) }
        if borrows { returnBuffer(client.reply) }
        return consumed
    }

    /// Answers bytes that are no command; the connection cannot go on.
    private func refuse(_ client: Client, _ error: ProtocolError, _ bytes: Bytes) {
        let reply = error.reply
        engine.countError(reply)
        if !client.isMute { client.reply.error(reply) }
        engine.log.verbose(error.logLine(engine.logLine(of: client), bytes))
        client.flags.insert(.closeAfterReply)
    }

    /// Sends what waits, as far as it goes. A client that may not have so much, or is gone, gets nothing any more.
    private func relieve(_ connection: Connection) {
        let client = connection.client
        if !client.flags.contains(.closeNow), !engine.isOverOutputLimit(client) {
            if connection.isAwaitingRoom || connection.send(engine.statistics) { return }
        }
        client.flags.insert(.closeNow)
        client.reply.discard()
    }

    /// Takes the lent buffer back. What the socket did not take stays with the client: in a buffer of its own size, or,
    /// rather than copying much, in the lent one.
    private func returnBuffer(_ reply: ReplyWriter) {
        if reply.pending == 0 {
            reply.swapBuffer(with: lender)
            if lender.capacity > EventLoop.largestLentBytes { lender.release() }
        } else if reply.pending < reply.capacity / 2 {
            reply.keepUnsent(lender: lender)
        }
    }

    /// Parses up to a batch of commands; asks for the memory that their keys will need.
    private func parse(
        _ connection: Connection, _ input: UnsafeMutableRawPointer, _ available: Int, _ count: inout Int
    ) -> ParseOutcome {
        let parser = connection.parser
        let client = connection.client
        let isAuthenticated = !engine.mustAuthenticate(client)
        let limits = RequestParser.Limits(bulkBytes: engine.maxBulkBytes, isAuthenticated: isAuthenticated)
        // Who is not known yet may be by the next command, which then has other limits.
        let most = isAuthenticated ? EventLoop.batchSize : 1
        let table = engine.databases[made: client.database].table
        let prefetches = table.count > EventLoop.largeTable
        while count < most {
            switch unsafe parser.parse(input, available, limits) {
            case .command:
                var command = ParsedCommand()
                command.firstWord = parser.commandStart
                command.wordCount = parser.wordCount - parser.commandStart
                command.end = parser.position
                if command.wordCount > 0 {
                    let arguments = unsafe parser.arguments(
                        from: command.firstWord, count: command.wordCount, in: input)
                    engine.prepare(&command, arguments, table, prefetches: prefetches)
                }
                batch[count] = command
                count += 1
                parser.next()
                if parser.isQuoted { return .more }
            case .incomplete:
                return .incomplete
            case .failure(let error):
                return .failure(error)
            }
        }
        return .more
    }

    /// Runs a parsed batch until the connection has had its share of the turn, which is over at `shareEnd` in ticks;
    /// returns how many bytes of input it took.
    private func execute(
        _ connection: Connection, _ input: UnsafeMutableRawPointer, _ count: Int, until shareEnd: inout UInt64
    ) -> Int {
        let client = connection.client
        let parser = connection.parser
        let database = engine.databases[made: client.database]
        if count > 1 { unsafe prefetch(count, of: parser, in: input, database.table) }
        let call = unsafe connection.call
        if unsafe call.pointee.database !== database { unsafe call.pointee.database = database }
        var ticks = Ticks.now
        if shareEnd == 0 { shareEnd = ticks &+ shareTicks }
        var end = 0
        // What is limited is looked at only as the limit has it; else a large output is sent before it grows further.
        let most = client.reply.limit == .max ? EventLoop.promptBytes : client.reply.limit
        for index in 0..<count {
            let command = batch[index]
            if command.wordCount > 0 {
                unsafe call.pointee.arguments = parser.arguments(
                    from: command.firstWord, count: command.wordCount, in: input)
                unsafe call.pointee.hashedPosition = command.hashedPosition
                unsafe call.pointee.hash = command.hash
                let disposition = unsafe engine.execute(&call.pointee, of: client, command.id, startTicks: &ticks)
                if disposition == .postponed {
                    parser.rewind()
                    return end
                }
                if client.reply.pending > most {
                    sendPromptly(connection)
                    ticks = Ticks.now
                }
            } else {
                // To Redis, an empty line is the command whose reply was to be skipped.
                client.flags.remove(.replySkip)
            }
            end = command.end
            if ticks > shareEnd, !client.isStopped { giveWay(connection) }
            if client.isStopped || connection.gaveWay, index < count - 1 {
                parser.rewind()
                return end
            }
        }
        parser.drop(through: end)
        return end
    }

    /// Leaves what a connection has sent besides to the next turn: others wait.
    @inline(never)
    private func giveWay(_ connection: Connection) {
        connection.gaveWay = true
        goOnReading(connection, false)
    }

    @inline(never)
    private func sendPromptly(_ connection: Connection) {
        // What it was to be told by the end of the turn comes first.
        if outbox.count > 0 { sendOutbox() }
        relieve(connection)
        // Who does not read now is not asked again with every command.
        if connection.client.reply.pending > 0 { awaitRoom(connection, true) }
    }

    // MARK: - Output

    /// Leaves a reply to the end of the turn, if it is a small one of a connection that goes on.
    @inline(__always)
    private func outboxTakes(_ connection: Connection) -> Bool {
        let client = connection.client
        guard isServing, !connection.isAwaitingRoom, client.flags.isDisjoint(with: [.closeNow, .closeAfterReply]) else {
            return false
        }
        if outbox.take(client) { return true }
        sendOutbox()
        return false
    }

    /// Sends the replies that were left to the end of the turn.
    func sendOutbox() {
        let heldID = interrupted?.id ?? -1
        for index in 0..<outbox.count {
            let letter = outbox[index]
            // What it has to be told next is being written.
            if letter.clientID == heldID { continue }
            guard let connection = connections[letter.slot], connection.client.id == letter.clientID else { continue }
            let content = unsafe outbox.content(letter)
            let sent = unsafe connection.send(content, engine.statistics)
            if sent == letter.count { continue }
            guard sent >= 0 else {
                close(connection)
                continue
            }
            unsafe connection.client.reply.prepend(UnsafeRawBufferPointer(rebasing: content[sent...]))
            settle(connection)
        }
        outbox.removeAll(but: heldID)
    }

    /// After a connection was served: closes it, waits for room to write, or lets its buffers go.
    private func settle(_ connection: Connection) {
        let client = connection.client
        if client.flags.contains(.closeNow) { return close(connection) }
        if client.reply.pending > 0 {
            if engine.isOverOutputLimit(client) { return close(connection) }
            awaitRoom(connection, true)
            if client.flags.contains(.closeAfterReply) { connection.dropInput() }
        } else {
            if client.flags.contains(.closeAfterReply) { return close(connection) }
            engine.noteOutputSent(client)
            if connection.isAwaitingRoom { awaitRoom(connection, false) }
            if client.reply.capacity > 0 { client.reply.release() }
        }
        client.queryBufferBytes = connection.inputCount
        client.queryBufferFree = connection.inputFree
        engine.account(
            client,
            connection.inputCount + connection.inputFree + client.reply.capacity + client.transactionMemory
                + client.registeredBytes)
        if engine.limitsClientMemory, interrupted == nil { engine.evictClients() }
    }

    private func awaitRoom(_ connection: Connection, _ wanted: Bool) {
        guard connection.isAwaitingRoom != wanted else { return }
        connection.isAwaitingRoom = wanted
        poller.change(connection: connection.descriptor, token: connection.client.slot, writable: wanted)
    }

    /// Sends what clients have to be told, without running what they sent since.
    func sendMessages() {
        let clients = engine.takeAttention()
        for client in clients where client !== interrupted {
            guard client.slot >= 0, let connection = connections[client.slot] else { continue }
            flush(connection)
        }
        for client in clients { engine.attend(client) }
    }

    private func flush(_ connection: Connection) {
        let client = connection.client
        let waiting = client.reply.pending
        if client.flags.contains(.closeNow) || client.reply.isOverLimit && engine.isOverOutputLimit(client) {
            return close(connection)
        }
        if !connection.send(engine.statistics) { return close(connection) }
        if client.reply.pending < waiting { client.lastInteraction = engine.clock.now }
        settle(connection)
    }

    /// Looks at the clients that commands of others concerned: sends, resumes, closes.
    private func attend() {
        for _ in 0..<EventLoop.roundsPerTurn {
            var clients = engine.takeAttention()
            if clients.isEmpty {
                // Only when all have had their say: what changed in this turn goes out in one message.
                guard engine.broadcastInvalidations() else { return }
                clients = engine.takeAttention()
            }
            for client in clients {
                guard client.slot >= 0, let connection = connections[client.slot] else { continue }
                processInput(connection)
                flush(connection)
            }
        }
        engine.broadcastInvalidations()
    }
}

/// A connection's place, and its client's number: by the next turn the place may be another's.
private struct Unfinished {
    let slot: Int
    let clientID: Int
}

/// Why parsing ahead stopped.
private enum ParseOutcome {
    /// There may be another command.
    case more
    case incomplete
    case failure(ProtocolError)
}
