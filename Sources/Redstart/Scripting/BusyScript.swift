internal import Lua

/// A script that has run for longer than `busy-reply-threshold`: others are served, if only to be told so.
///
/// The machine calls `lookAfterScript` every few thousand steps. Until the threshold, which is real time whatever the
/// engine's clock says, that is a look at the processor's counter; from then on other clients get a turn every
/// millisecond. They may end the script, or the server; see the gate in Dispatch.swift for what else they may.
struct BusyScript {
    /// Whether the threshold is passed: then commands but for a few are refused.
    fileprivate(set) var isBusy = false
    /// When others are served next, in ticks.
    fileprivate var nextTurn: UInt64 = 0

    fileprivate static let nanosecondsBetweenTurns: UInt64 = 1_000_000
}

extension Engine {
    /// Called now and then while a script runs. True if it is to end now, whatever it catches.
    func lookAfterScript(_ script: RunningScript) -> Bool {
        let now = Ticks.now
        guard now &- script.startedAt >= busyTicks || busyScript.isBusy else { return false }
        if !busyScript.isBusy { becomeBusy(script, now &- script.startedAt) }
        if now >= busyScript.nextTurn {
            if let caller = script.caller { serveOthers?(caller) }
            busyScript.nextTurn = Ticks.now &+ ticks.ticks(nanoseconds: BusyScript.nanosecondsBetweenTurns)
        }
        guard shutdown != nil else { return script.isAskedToEnd }
        // Nobody is told how a script ended that went down with the server.
        script.caller?.flags.insert(.closeNow)
        return true
    }

    private func becomeBusy(_ script: RunningScript, _ elapsed: UInt64) {
        busyScript.isBusy = true
        updateGates()
        log.warning(
            "Slow script detected: still in execution after \(ticks.nanoseconds(elapsed) / 1_000_000) milliseconds. "
                + "You can try killing the script using the \(script.kind.killCommand) command. Script name is: "
                + "\(String(decoding: script.name, as: UTF8.self)).")
    }

    /// To be called when a script has ended.
    func scriptEnded() {
        guard busyScript.isBusy else { return }
        busyScript = BusyScript()
        updateGates()
    }

    /// Ends the server, and the script that keeps it from coming to its end.
    func endAtOnce() { shutdown = shutdown ?? 0 }

    /// SCRIPT KILL and FUNCTION KILL: each for scripts of its own kind, and only as long as nothing was written, for
    /// half a script is worse than a slow one.
    func killScript(_ kind: RunningScript.Kind) throws(ReplyError) {
        guard let script = runningScript else { throw .notBusy }
        guard !script.hasWritten else { throw .unkillable }
        guard script.kind == kind else { throw .busy(script.kind) }
        script.isAskedToEnd = true
        log.warning("Lua script killed by user with SCRIPT KILL.")
    }
}

extension RunningScript.Kind {
    /// The command that ends one of this kind.
    var killCommand: StaticString { self == .function ? "FUNCTION KILL" : "SCRIPT KILL" }
}

extension ScriptEngine {
    /// Has the engine look after what runs, now and then.
    static func watch(_ state: LuaState, _ run: RunningScript) {
        state.hook = { [unowned run] (state) throws(LuaError) in
            guard let engine = run.engine, engine.lookAfterScript(run) else { return }
            // These are the words for functions, too.
            throw LuaError(state.string("Script killed by user with SCRIPT KILL..." as StaticString), isFatal: true)
        }
    }
}

extension Engine {
    /// What of a command's circumstances others' commands would change.
    struct Interruption {
        fileprivate let executing: Client?
        fileprivate let touchesKeys: Bool
        fileprivate let wasServingWaiters: Bool
        fileprivate let messages: ReplyWriter
    }

    /// Puts aside what belongs to the command that runs.
    func interrupt() -> Interruption {
        let state = Interruption(
            executing: executing, touchesKeys: keyspace.touchesKeys, wasServingWaiters: isServingWaiters,
            messages: ReplyWriter())
        ownMessages.swapBuffer(with: state.messages)
        executing = nil
        // Who waits for keys is served when the script is over.
        isServingWaiters = true
        return state
    }

    func resume(_ state: Interruption) {
        ownMessages.release()
        ownMessages.swapBuffer(with: state.messages)
        executing = state.executing
        keyspace.touchesKeys = state.touchesKeys
        isServingWaiters = state.wasServingWaiters
    }
}

extension ReplyError {
    static func busy(_ kind: RunningScript.Kind) -> ReplyError {
        ReplyError(
            line: "BUSY Redis is busy running a script. You can only call \(kind.killCommand) or SHUTDOWN NOSAVE.")
    }

    fileprivate static let notBusy = ReplyError(line: "NOTBUSY No scripts in execution right now.")
    fileprivate static let unkillable = ReplyError(
        line: """
            UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the \
            script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.
            """)
}
