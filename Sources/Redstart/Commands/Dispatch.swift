/// What the gates say of a call.
private enum Admission {
    case runs
    /// Its client has to wait, and the command comes again.
    case waits
    case queued
}

/// What became of a call.
enum Disposition {
    case done
    /// The command was not run and comes again: its client has to wait.
    case postponed
}

extension Engine {
    /// Runs one command of `client`, which is the call's: finds the gates it has to pass, the handler, and does the
    /// books afterwards.
    @inline(__always)
    func execute(
        _ call: inout Call, of client: Client, _ found: CommandID?, startTicks: inout UInt64
    ) -> Disposition {
        let mark = call.reply.count
        let flagsBefore = client.flags
        guard let found else { return refuseUnknown(&call, mark) }
        call.command = found
        if commands.gate(found).hasSubcommands, !selectSubcommand(&call) {
            return refuseUnknownSubcommand(&call, mark)
        }
        var isGated = false
        do throws(ReplyError) {
            let gate = commands.gate(call.command)
            let words = Int32(truncatingIfNeeded: call.arguments.count)
            guard words >= gate.least, words <= gate.most else {
                throw .wrongArity(commands.fullNames[call.command])
            }
            if hasGates || !flagsBefore.contains(.authenticated) || !flagsBefore.isDisjoint(with: .gated)
                || gate.flags.contains(.protected)
            {
                isGated = true
                switch try admit(&call, gate.flags) {
                case .runs: break
                case .waits: return .postponed
                case .queued:
                    startTicks = Ticks.now
                    finishReply(client, mark)
                    return .done
                }
            }
        } catch {
            reject(&call, error)
            startTicks = Ticks.now
            finishReply(client, mark)
            return .done
        }
        client.lastCommand = call.command
        let handler = commands.handler(call.command)
        do throws(ReplyError) {
            try handler(&call)
        } catch {
            fail(&call, error)
        }
        let endTicks = Ticks.now
        let elapsed = endTicks &- startTicks
        startTicks = endTicks
        statistics.commandsProcessed &+= 1
        if client.flags.contains(.blocked) {
            // It counts when it is answered.
            client.blockedTicks = elapsed
        } else {
            record(call.command, elapsed)
            if elapsed >= slowTicks { noteSlow(call, elapsed) }
        }
        if isGated || hasGates || !client.flags.isDisjoint(with: .gated) { finish(call, mark) }
        serveWaiters()
        return .done
    }

    /// Counts a call that took so long.
    @inline(__always)
    func record(_ command: CommandID, _ elapsed: UInt64) {
        commandStatistics.record(
            command, ticks: elapsed, nanoseconds: ticks.nanoseconds(elapsed), tracksLatency: tracksLatency)
    }

    /// A container's call is its subcommand's. False if there is no such subcommand.
    @inline(never)
    private func selectSubcommand(_ call: inout Call) -> Bool {
        guard call.arguments.count > 1 else { return true }
        guard let subcommand = commands.find(call.arguments[1], in: call.command) else { return false }
        call.command = subcommand
        call.arguments.move(to: 2)
        return true
    }

    /// Every reason to refuse or to wait, in order, for commands and clients that are not everyday ones.
    @inline(never)
    private func admit(_ call: inout Call, _ flags: CommandFlags) throws(ReplyError) -> Admission {
        let client = call.client
        let flags = flags.contains(.runsScript) ? scriptFlags(of: call, flags) : flags
        // EXEC needs what the commands need that it runs.
        let inner = call.command == commands.exec ? client.transaction?.flags ?? [] : []
        if flags.contains(.protected) { try admitProtected(call) }
        if mustAuthenticate(client), !flags.contains(.noAuthentication) { throw .noAuthentication }
        let isQueued = client.flags.contains(.multi) && !flags.contains(.notQueued)
        if isQueued, flags.contains(.noMulti) { throw .notInTransaction }
        // A script that runs keeps what was found when it began.
        if !busyScript.isBusy { isOutOfMemory = settings.maxMemory > 0 && !makeRoom() }
        if isOutOfMemory, !busyScript.isBusy {
            // What is queued takes memory too, whatever it does later.
            let isLarge =
                flags.union(inner).contains(.denyOOM) || client.flags.contains(.multi) && !endsTransaction(call)
            if isLarge { throw .outOfMemory }
        }
        if client.flags.contains(.pubsub), !call.reply.isRESP3, !isAllowedWhileSubscribed(call, flags) {
            throw .onlySubscribing(commands.fullNames[call.command])
        }
        if busyScript.isBusy, !flags.contains(.allowBusy), let script = runningScript { throw .busy(script.kind) }
        // Redis takes a client in MONITOR mode for a kind of replica: it may not touch the data, and no pause holds it.
        let isMonitor = client.flags.contains(.monitor)
        if isMonitor, !flags.isDisjoint(with: [.readonly, .write, .mayReplicate]) { throw .replicaInKeyspace }
        if pause.isActive, !isMonitor, pause.holds(flags.union(inner)) {
            postpone(call)
            return .waits
        }
        guard isQueued else {
            executing = client
            return .runs
        }
        queue(call, flags)
        return .queued
    }

    /// Whether a command is one for who subscribed, with messages and replies alike as arrays.
    private func isAllowedWhileSubscribed(_ call: Call, _ flags: CommandFlags) -> Bool {
        flags.isSuperset(of: .subscribing) || ["ping", "quit", "reset"].contains(commands.fullNames[call.command])
    }

    /// Whether a command is one that leads out of a transaction.
    private func endsTransaction(_ call: Call) -> Bool {
        ["exec", "discard", "reset", "quit"].contains(commands.fullNames[call.command])
    }

    /// Whether a client has to give the password first.
    @inline(__always)
    func mustAuthenticate(_ client: Client) -> Bool {
        !client.flags.contains(.authenticated) && !settings.requirePass.isEmpty
    }

    /// Makes the command wait for the end of the pause.
    private func postpone(_ call: Call) {
        call.client.lastCommand = call.command
        call.client.argumentBytes = call.arguments.bytes
        call.client.flags.insert(.paused)
        pausedClients.append(call.client)
    }

    /// DEBUG and the commands that load modules are off by default. Modules are libraries made for another server, so
    /// there is no setting that allows them.
    private func admitProtected(_ call: Call) throws(ReplyError) {
        guard commands.fullNames[call.command] == "debug" else { throw .notAllowed("MODULE", setting: "module") }
        guard settings.enableDebugCommand.admits(call.client) else { throw .notAllowed("DEBUG", setting: "debug") }
    }

    // MARK: - Refusals

    @inline(never)
    private func refuseUnknown(_ call: inout Call, _ mark: Int) -> Disposition {
        call.client.lastCommand = nil
        call.client.transaction?.isAborted = true
        let name = call.arguments[0]
        if name.matches("POST") || name.matches("Host:") {
            // A browser was made to talk to this port: nothing is answered, nothing more is executed.
            log.warning("A client sent POST or Host: as HTTP does, and was disconnected: an attack across protocols?")
            call.client.flags.insert(.closeNow)
            return .done
        }
        answer(&call, .unknownCommand(call.arguments))
        finishReply(call.client, mark)
        return .done
    }

    @inline(never)
    private func refuseUnknownSubcommand(_ call: inout Call, _ mark: Int) -> Disposition {
        call.client.lastCommand = nil
        call.client.transaction?.isAborted = true
        let container = commands.fullNames[call.command].uppercased()
        let error = ReplyError(
            "ERR unknown subcommand '", quoting: call.arguments[1], most: 128, "'. Try \(container) HELP.")
        answer(&call, error)
        finishReply(call.client, mark)
        return .done
    }

    /// A command that never ran. One that does not exist counts as no command's.
    @inline(never)
    private func reject(_ call: inout Call, _ error: ReplyError) {
        call.client.lastCommand = call.command
        commandStatistics.counters[call.command].rejected &+= 1
        if call.command == commands.exec {
            endTransaction(call.client)
            answer(&call, error.abortingTransaction())
        } else {
            call.client.transaction?.isAborted = true
            answer(&call, error)
        }
    }

    /// A command that ran and refused.
    @inline(never)
    func fail(_ call: inout Call, _ error: ReplyError) {
        commandStatistics.counters[call.command].failed &+= 1
        answer(&call, error)
    }

    private func answer(_ call: inout Call, _ error: ReplyError) {
        countError(error)
        call.reply.error(error)
    }

    func countError(_ error: ReplyError) {
        statistics.errorReplies += 1
        statistics.countError(String(error.code))
    }

    /// What follows a command that ran, where there is more than the everyday: whoever watches sees it after its reply.
    @inline(never)
    private func finish(_ call: Call, _ mark: Int) {
        let client = call.client
        if !monitors.isEmpty { feedMonitors(call) }
        if !tracking.own.isEmpty { sendOwnInvalidations(client) }
        executing = nil
        if client.flags.contains(.tracking) { rememberKeys(call) }
        // EXEC took back what its commands may not say; subscriptions are confirmed to those, too, who want no replies.
        let isKept =
            call.command == commands.exec && ranTransaction
            || commands.gate(call.command).flags.isSuperset(of: .subscribing)
        ranTransaction = false
        finishReply(client, isKept ? client.reply.count : mark)
        if ownMessages.pending > 0 { deliverOwnMessages(client) }
    }

    /// CLIENT REPLY: takes the answer back where the client wants none, and counts the one to skip.
    private func finishReply(_ client: Client, _ mark: Int) {
        guard !client.flags.isDisjoint(with: .untilNext) else { return }
        // What CLIENT CACHING says holds for one command, or for one transaction.
        let isAboutClient = client.lastCommand.map { commands.fullNames[$0].hasPrefix("client|") } ?? false
        if !client.flags.contains(.multi), !isAboutClient { client.flags.remove(.caching) }
        if client.isMute { client.reply.truncate(to: mark) }
        client.flags.remove(.replySkip)
        guard client.flags.contains(.replySkipNext) else { return }
        client.flags.remove(.replySkipNext)
        client.flags.insert(.replySkip)
    }
}

extension ReplyError {
    fileprivate static func onlySubscribing(_ command: String) -> ReplyError {
        let allowed = "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
        return ReplyError(line: "ERR Can't execute '\(command)': \(allowed)")
    }

    static let replicaInKeyspace = ReplyError(line: "ERR Replica can't interact with the keyspace")

    fileprivate static func unknownCommand(_ arguments: Arguments) -> ReplyError {
        let longest = 128
        var words: [UInt8] = []
        for index in 1..<max(1, arguments.count) {
            guard words.count < longest else { break }
            let word = arguments[index].upToZero
            words.append(UInt8(ascii: "'"))
            // The quote that opens was not counted yet when Redis measured what is left.
            words.append(word[0..<min(word.count, longest + 1 - words.count)])
            words += Array("' ".utf8)
        }
        let name = arguments[0].upToZero
        var line = Array("ERR unknown command '".utf8)
        line.append(name[0..<min(name.count, longest)])
        line += Array("', with args beginning with: ".utf8)
        return ReplyError(bytes: line + words)
    }
}
