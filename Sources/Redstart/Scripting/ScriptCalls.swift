internal import Lua

/// `redis.call` and `redis.pcall`.
struct ScriptCalls {
    let run: RunningScript

    /// Runs the command in a call's arguments; what it answers becomes a value. Errors are thrown, or answered.
    func callAsFunction(_ call: LuaCall, isProtected: Bool) throws(LuaError) -> Int {
        let replies = ScriptReplies(state: call.state)
        guard let engine = run.engine else { throw call.error(ScriptCallError.inactive.description) }
        guard gather(call) else {
            let reason = call.count == 0 ? ScriptCallError.noCommand : ScriptCallError.notWords
            return try refuse(call, replies, reason, isProtected, isCounted: false)
        }
        defer { run.words.end() }
        let arguments = run.words.arguments
        guard let command = find(arguments, engine) else {
            return try refuse(call, replies, ScriptCallError.unknown, isProtected)
        }
        if let reason = refusal(arguments, command, engine) {
            engine.commandStatistics.counters[command].rejected &+= 1
            return try refuse(call, replies, reason, isProtected)
        }
        var ticks = Ticks.now
        run.reply.truncate(to: 0)
        engine.executeNested(arguments, command, run.client, run.reply, startTicks: &ticks)
        guard var reader = ReplyReader(run.reply, from: 0), !reader.isAtEnd else { return 0 }
        let isError = reader.isError
        let value = replies.value(&reader)
        if isError, !isProtected { throw LuaError(value) }
        call.push(value)
        return 1
    }

    /// Takes the arguments as words; false if there are none, or some are neither strings nor numbers.
    @inline(__always)
    func gather(_ call: LuaCall) -> Bool {
        run.words.begin(call.count)
        var index = 0
        while index < call.count {
            let value = call[index]
            if let bytes = value.bytes {
                run.words.append(Bytes(bytes))
            } else if let number = value.number {
                run.words.append(number)
            } else {
                return false
            }
            index &+= 1
        }
        return index > 0
    }

    /// The command, or the subcommand, that words name.
    @inline(__always)
    func find(_ arguments: Arguments, _ engine: Engine) -> CommandID? {
        guard let command = engine.commands.find(arguments[0]) else { return nil }
        guard arguments.count > 1, engine.commands.gate(command).hasSubcommands else { return command }
        return engine.commands.find(arguments[1], in: command)
    }

    /// Every reason for which a script may not run a command, in Redis' order.
    @inline(__always)
    private func refusal(_ arguments: Arguments, _ command: CommandID, _ engine: Engine) -> StaticString? {
        let gate = engine.commands.gate(command)
        let count = Int32(truncatingIfNeeded: arguments.count)
        guard count >= gate.least, count <= gate.most else { return ScriptCallError.arity }
        let flags = gate.flags
        if flags.contains(.noScript) { return ScriptCallError.noScript }
        if run.isReadOnly, !flags.isDisjoint(with: [.write, .mayReplicate]) { return ScriptCallError.readOnly }
        if engine.isOutOfMemory, flags.contains(.denyOOM), !run.allowsOOM, !run.hasWritten {
            return ScriptCallError.outOfMemory
        }
        if flags.contains(.write) { run.hasWritten = true }
        return nil
    }

    private func refuse(
        _ call: LuaCall, _ replies: ScriptReplies, _ reason: StaticString, _ isProtected: Bool, isCounted: Bool = true
    ) throws(LuaError) -> Int {
        if isCounted { run.engine?.countError(ReplyError(line: "\(reason)")) }
        let error = LuaValue(replies.error(LuaBytes(reason), isCounted: isCounted))
        guard isProtected else { throw LuaError(error) }
        call.push(error)
        return 1
    }
}
