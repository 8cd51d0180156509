internal import Lua

/// The script, or function, that runs now. Each `ScriptEngine` has one that it uses again for every run; while nothing
/// runs, `Engine.runningScript` is nil.
final class RunningScript {
    enum Kind { case script, function }

    let kind: Kind
    /// The digest of a script, the name of a function.
    var name: [UInt8] = []
    var flags: ScriptFlags = .compatible
    /// Whether commands that write are refused.
    var isReadOnly = false
    /// Whether commands that take memory run even where there is none.
    var allowsOOM = false
    /// What the client sent: all words of its EVAL or FCALL.
    var arguments: Arguments?
    /// Who sent it.
    var caller: Client?
    var startedAt = Ticks.now
    var hasWritten = false
    /// Whether an error in the script's reply was one of the script's own; and how many were those of its commands.
    var hasFailed = false
    var passedErrors = 0
    /// Set by SCRIPT KILL and its like: the script ends at its next step.
    var isAskedToEnd = false

    /// On whose behalf the script's commands run: its database and protocol are the script's own.
    let client = Client(id: 0, descriptor: -1, address: "lua", localAddress: "", now: Timestamp(microseconds: 0))
    /// The engine, as long as the script runs.
    var engine: Engine?
    let words = WordList()
    /// Where the replies to the script's commands go.
    var reply: ReplyWriter { client.reply }

    init(_ kind: Kind) {
        self.kind = kind
        client.flags = RunningScript.clientFlags
    }

    func begin(_ call: Call, name: [UInt8], flags: ScriptFlags) {
        engine = call.engine
        self.name = name
        self.flags = flags
        arguments = call.arguments
        caller = call.client
        startedAt = Ticks.now
        hasWritten = false
        isAskedToEnd = false
        hasFailed = false
        passedErrors = 0
        client.database = call.client.database
        client.flags = RunningScript.clientFlags.union(call.client.flags.intersection(.tracking))
        client.reply.isRESP3 = false
        call.engine.runningScript = self
    }

    func end(_ command: CommandID) {
        let failures = passedErrors &+ (hasFailed ? 1 : 0)
        if failures > 0 { engine?.commandStatistics.counters[command].failed &+= failures }
        engine?.runningScript = nil
        engine?.scriptEnded()
        engine = nil
        arguments = nil
        caller = nil
        if reply.capacity > RunningScript.keptReplyBytes { reply.release() }
    }

    private static let clientFlags: Client.Flags = [.authenticated, .denyBlocking]
    private static let keptReplyBytes = 64 << 10
}
