internal import Lua

/// The table `redis` that scripts see.
struct ScriptLibrary {
    let run: RunningScript

    static func open(_ state: LuaState, _ run: RunningScript, version: String) {
        let library = ScriptLibrary(run: run)
        let calls = ScriptCalls(run: run)
        let table = state.table(hash: 32)
        state.set(state.globals, "redis", LuaValue(table))
        state.register("call", in: table) { (call) throws(LuaError) in try calls(call, isProtected: false) }
        state.register("pcall", in: table) { (call) throws(LuaError) in try calls(call, isProtected: true) }
        state.register("log", in: table) { (call) throws(LuaError) in try library.log(call) }
        state.register("sha1hex", in: table) { (call) throws(LuaError) in try library.sha1hex(call) }
        state.register("error_reply", in: table) { (call) throws(LuaError) in library.errorReply(call) }
        state.register("status_reply", in: table) { (call) throws(LuaError) in library.statusReply(call) }
        state.register("setresp", in: table) { (call) throws(LuaError) in try library.setProtocol(call) }
        state.register("set_repl", in: table) { (call) throws(LuaError) in try library.setReplication(call) }
        state.register("acl_check_cmd", in: table) { (call) throws(LuaError) in try library.checkAccess(call) }
        if run.kind == .script {
            state.register("replicate_commands", in: table) { (call) throws(LuaError) in
                call.push(.true)
                return 1
            }
            // There is no debugger: no breakpoint is one.
            state.register("breakpoint", in: table) { (call) throws(LuaError) in
                call.push(.false)
                return 1
            }
            state.register("debug", in: table) { (call) throws(LuaError) in 0 }
        }
        let targets: [(StaticString, Int)] = [
            ("REPL_NONE", 0), ("REPL_AOF", 1), ("REPL_SLAVE", 2), ("REPL_REPLICA", 2), ("REPL_ALL", 3),
        ]
        for (name, value) in targets { state.set(table, name, LuaValue(value)) }
        setLogLevels(state, table)
        setVersion(state, table, version)
        state.caught = { (call, value) throws(LuaError) in try ScriptLibrary.caught(call, value) }
    }

    static func setLogLevels(_ state: LuaState, _ table: LuaTable) {
        let levels: [(StaticString, Int)] = [
            ("LOG_DEBUG", 0), ("LOG_VERBOSE", 1), ("LOG_NOTICE", 2), ("LOG_WARNING", 3),
        ]
        for (name, value) in levels { state.set(table, name, LuaValue(value)) }
    }

    static func setVersion(_ state: LuaState, _ table: LuaTable, _ version: String) {
        state.set(table, "REDIS_VERSION", state.string(version))
        state.set(table, "REDIS_VERSION_NUM", LuaValue(number(ofVersion: version)))
    }

    /// A byte for each part of the version.
    private static func number(ofVersion version: String) -> Int {
        version.split(separator: ".").reduce(0) { $0 << 8 | (Int($1) ?? 0) }
    }

    /// `pcall` shows an error of a command as its text alone. Of other tables it answers what is in the text's place,
    /// too.
    private static func caught(_ call: LuaCall, _ value: LuaValue) throws(LuaError) -> Int {
        guard let table = value.table else {
            call.push(value)
            return 1
        }
        call.push(value)
        let text = try call.state.index(table, "err")
        if text.isString || text.isNumber { _ = call.pop() }
        call.push(text)
        return text.isString || text.isNumber ? 1 : 2
    }

    /// An error of one of these functions.
    private func fail(_ call: LuaCall, _ message: StaticString) -> LuaError {
        let text = Array("ERR ".utf8) + Array(Bytes(message))
        let replies = ScriptReplies(state: call.state)
        return text.withBytes { LuaError(LuaValue(replies.error(LuaBytes($0), isCounted: false))) }
    }

    // MARK: - Functions

    func log(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count >= 2 else { throw fail(call, "redis.log() requires two arguments or more.") }
        guard call[0].isNumber || (try? call.number(0)) != nil else {
            throw fail(call, "First argument must be a number (log level).")
        }
        guard let level = LogLevel(rawValue: try call.integer(0)), level != .nothing else {
            throw fail(call, "Invalid debug level.")
        }
        guard let log = run.engine?.log, level.rawValue >= log.level.rawValue else { return 0 }
        var text: [UInt8] = []
        for index in 1..<call.count where call[index].isString || call[index].isNumber {
            if index > 1 { text.append(32) }
            text.append(Bytes(try call.bytes(index)))
        }
        log.write(level, text.withBytes { String($0) })
        return 0
    }

    private func sha1hex(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw fail(call, "wrong number of arguments") }
        let isText = call[0].isString || call[0].isNumber
        let text = isText ? try call.bytes(0) : LuaBytes("")
        call.push(call.state.string(SHA1.hexadecimal(Bytes(text))))
        return 1
    }

    private func errorReply(_ call: LuaCall) -> Int {
        let replies = ScriptReplies(state: call.state)
        guard call.count == 1, let message = call[0].bytes else {
            call.push(replies.error(LuaBytes("ERR wrong number or type of arguments"), isCounted: false))
            return 1
        }
        var line = Array(Bytes(message).upToZero)
        if line.first == UInt8(ascii: "-") { line.removeFirst() }
        line = ReplyError.trimmed(line)
        if !line.contains(32) { line = Array("ERR ".utf8) + line }
        line.withBytes { call.push(replies.error(LuaBytes($0), isCounted: false)) }
        return 1
    }

    private func statusReply(_ call: LuaCall) -> Int {
        let replies = ScriptReplies(state: call.state)
        guard call.count == 1, call[0].isString else {
            call.push(replies.error(LuaBytes("ERR wrong number or type of arguments"), isCounted: false))
            return 1
        }
        call.push(replies.table("ok", call[0]))
        return 1
    }

    private func setProtocol(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw fail(call, "redis.setresp() requires one argument.") }
        let version = (try? call.integer(0)) ?? 0
        guard version == 2 || version == 3 else { throw fail(call, "RESP version must be 2 or 3.") }
        run.reply.isRESP3 = version == 3
        return 0
    }

    private func setReplication(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw fail(call, "redis.set_repl() requires two arguments.") }
        let flags = (try? call.integer(0)) ?? 0
        guard flags & ~3 == 0 else {
            throw fail(call, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
        }
        return 0
    }

    private func checkAccess(_ call: LuaCall) throws(LuaError) -> Int {
        let calls = ScriptCalls(run: run)
        guard calls.gather(call) else {
            throw fail(
                call,
                call.count == 0
                    ? "Please specify at least one argument for this redis lib call"
                    : "Lua redis lib command arguments must be strings or integers")
        }
        defer { run.words.end() }
        guard let engine = run.engine else { throw call.error(ScriptCallError.inactive.description) }
        guard calls.find(run.words.arguments, engine) != nil else {
            throw fail(call, "Invalid command passed to redis.acl_check_cmd()")
        }
        // The one user may do everything.
        call.push(.true)
        return 1
    }
}
