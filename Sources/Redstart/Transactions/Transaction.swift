/// What a client queued since MULTI.
final class Transaction {
    let queue = CommandQueue()
    /// The flags of all queued commands together: EXEC needs what they need.
    var flags: CommandFlags = []
    /// Whether a command was refused when it was to be queued: EXEC then refuses all.
    var isAborted = false

    /// Empties it for the next one; false if it holds too much to be kept.
    fileprivate func reuse() -> Bool {
        flags = []
        isAborted = false
        return queue.reuse()
    }
}

extension Engine {
    func beginTransaction(_ client: Client) {
        client.transaction = spareTransaction ?? Transaction()
        spareTransaction = nil
        client.flags.insert(.multi)
    }

    /// Ends a transaction, whether or not it ran: nothing is queued and nothing is watched any more.
    func endTransaction(_ client: Client) {
        unwatch(client)
        guard let transaction = client.transaction else { return }
        client.flags.remove(.multi)
        client.transaction = nil
        if transaction.reuse() { spareTransaction = transaction }
    }

    /// Keeps a command until EXEC.
    @inline(__always)
    func queue(_ call: Call, _ flags: CommandFlags) {
        guard let transaction = call.client.transaction else { return }
        transaction.queue.append(call.arguments, call.command)
        transaction.flags.formUnion(flags)
        call.client.lastCommand = call.command
        call.reply.simple("QUEUED")
    }

    /// Runs what a client queued, each command with its own reply, and answers the array of them.
    func runTransaction(_ client: Client, _ reply: ReplyWriter) {
        guard let queue = client.transaction?.queue else { return }
        unwatch(client)
        client.flags.insert(.denyBlocking)
        if !client.isMute { reply.array(queue.count) }
        var ticks = Ticks.now
        for index in 0..<queue.count {
            executeNested(queue.arguments(at: index), queue.command(at: index), client, reply, startTicks: &ticks)
        }
        client.flags.remove(.denyBlocking)
        endTransaction(client)
        ranTransaction = true
    }

    /// Runs a command on behalf of a client that runs another one: a transaction's, or a script's. No gates: whether it
    /// may run was decided when it was queued, or is the script's to decide. The answer goes to `reply`, in its
    /// protocol; nothing waits, for the caller sets `denyBlocking`.
    ///
    /// `command` is what `commands.find` gave, a subcommand's number where the command has some.
    func executeNested(
        _ arguments: Arguments, _ command: CommandID, _ client: Client, _ reply: ReplyWriter,
        startTicks: inout UInt64
    ) {
        var call = Call(
            engine: self, client: client, reply: reply, database: databases[client.database], arguments: arguments,
            command: command)
        if commands.gate(command).isSubcommand { call.arguments.move(to: 2) }
        let mark = reply.count
        // Who ended its own connection hears nothing of what follows.
        let isLeaving = client.flags.contains(.closeAfterReply)
        do throws(ReplyError) {
            try commands.handler(command)(&call)
        } catch {
            fail(&call, error)
        }
        let endTicks = Ticks.now
        let elapsed = endTicks &- startTicks
        startTicks = endTicks
        statistics.commandsProcessed &+= 1
        record(command, elapsed)
        if elapsed >= slowTicks { noteSlow(call, elapsed) }
        if client.flags.contains(.tracking) { rememberKeys(call) }
        if isLeaving || client.isMute, !commands.gate(command).flags.isSuperset(of: .subscribing) {
            reply.truncate(to: mark)
        }
        if !monitors.isEmpty { feedMonitors(call) }
    }
}
