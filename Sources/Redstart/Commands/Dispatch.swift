/// What became of a call.
enum Disposition {
    case done
    /// The command was not run and comes again: its client has to wait.
    case postponed
}

extension Engine {
    /// Runs one command: finds the gates it has to pass, the handler, and does the books afterwards.
    @inline(__always)
    func execute(_ call: inout Call, _ found: CommandID?, startTicks: inout UInt64) -> Disposition {
        let client = call.client
        let mark = call.reply.count
        let flagsBefore = client.flags
        do throws(ReplyError) {
            guard let found else { throw unknownCommand(call.arguments) }
            call.command = found
            if commands.gate(found).hasSubcommands { try selectSubcommand(&call) }
            let gate = commands.gate(call.command)
            let words = Int32(truncatingIfNeeded: call.arguments.count)
            guard words >= gate.least, words <= gate.most else {
                throw .wrongArity(commands.fullNames[call.command])
            }
            if hasGates || !flagsBefore.contains(.authenticated) || !flagsBefore.isDisjoint(with: .gated)
                || gate.flags.contains(.protected)
            {
                guard try admit(&call, gate.flags) == .done else { return .postponed }
            }
        } catch {
            reject(&call, error, found)
            startTicks = Ticks.now
            finishReply(client, mark, flagsBefore)
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
        commandStatistics.record(
            call.command, ticks: elapsed, nanoseconds: ticks.nanoseconds(elapsed),
            tracksLatency: tracksLatency)
        if elapsed >= slowTicks { noteSlow(call, elapsed) }
        if !flagsBefore.isDisjoint(with: .gated) || !client.flags.isDisjoint(with: .gated) {
            finishReply(client, mark, flagsBefore)
        }
        return .done
    }

    /// A container's call is its subcommand's.
    @inline(never)
    private func selectSubcommand(_ call: inout Call) throws(ReplyError) {
        let container = call.command
        guard call.arguments.count > 1 else { return }
        guard let subcommand = commands.find(call.arguments[1], in: container) else {
            let word = String(call.arguments[1]).prefix(128)
            let name = commands.fullNames[container].uppercased()
            throw ReplyError(line: "ERR unknown subcommand '\(word)'. Try \(name) HELP.")
        }
        call.command = subcommand
        call.arguments.move(to: 2)
    }

    /// Every reason to refuse or to wait, in order, for commands and clients that are not everyday ones.
    @inline(never)
    private func admit(_ call: inout Call, _ flags: CommandFlags) throws(ReplyError) -> Disposition {
        let client = call.client
        guard client.flags.contains(.authenticated) || flags.contains(.noAuthentication) else {
            throw .noAuthentication
        }
        if flags.contains(.protected) { try admitProtected(call) }
        if settings.maxMemory > 0, !makeRoom(), flags.contains(.denyOOM) { throw .outOfMemory }
        if pause.isActive, pause.holds(flags) {
            client.flags.insert(.paused)
            return .postponed
        }
        if !monitors.isEmpty, !flags.contains(.skipMonitor), !flags.contains(.admin) { feedMonitors(call) }
        return .done
    }

    /// DEBUG and the commands that load modules are off by default. Modules are libraries made for another server, so
    /// there is no setting that allows them.
    private func admitProtected(_ call: Call) throws(ReplyError) {
        let isDebug = commands.fullNames[call.command] == "debug"
        switch isDebug ? settings.enableDebugCommand : .no {
        case .yes: return
        case .local where call.client.isLocal: return
        case .local, .no: throw .notAllowed(isDebug ? "DEBUG" : "MODULE", setting: isDebug ? "debug" : "module")
        }
    }

    // MARK: - Refusals

    private func unknownCommand(_ arguments: Arguments) -> ReplyError {
        let name = String(arguments[0]).prefix(128)
        var beginning = ""
        for index in 1..<max(1, arguments.count) {
            guard beginning.utf8.count < 128 else { break }
            let word = String(arguments[index])
            beginning += "'\(word.prefix(128 - beginning.utf8.count))' "
        }
        return ReplyError(line: "ERR unknown command '\(name)', with args beginning with: \(beginning)")
    }

    /// A command that never ran. One that does not exist counts as no command's.
    @inline(never)
    private func reject(_ call: inout Call, _ error: ReplyError, _ found: CommandID?) {
        if let found {
            let isUnknownSubcommand =
                call.command == found && commands.gate(found).hasSubcommands && call.arguments.count > 1
            if !isUnknownSubcommand { commandStatistics.counters[call.command].rejected &+= 1 }
        }
        answer(&call, error)
    }

    /// A command that ran and refused.
    @inline(never)
    private func fail(_ call: inout Call, _ error: ReplyError) {
        commandStatistics.counters[call.command].failed &+= 1
        answer(&call, error)
    }

    private func answer(_ call: inout Call, _ error: ReplyError) {
        countError(error)
        call.reply.error(error)
    }

    func countError(_ error: ReplyError) {
        statistics.errorReplies += 1
        statistics.errors[String(error.code), default: 0] += 1
    }

    /// CLIENT REPLY: takes the answer back where the client wants none.
    @inline(never)
    private func finishReply(_ client: Client, _ mark: Int, _ before: Client.Flags) {
        if client.flags.contains(.replySkipNext) {
            client.flags.remove(.replySkipNext)
            client.flags.insert(.replySkip)
            client.reply.truncate(to: mark)
        } else if before.contains(.replySkip) {
            client.flags.remove(.replySkip)
            client.reply.truncate(to: mark)
        } else if client.flags.contains(.replyOff) {
            client.reply.truncate(to: mark)
        }
    }
}

extension Client {
    /// Whether it sits on the same machine, by its address.
    var isLocal: Bool {
        flags.contains(.unixSocket)
            || ["127.", "[::1]:", "[::ffff:127."].contains { address.hasPrefix($0) }
    }
}
