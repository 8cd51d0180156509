internal import Lua

/// What a server has to run scripts with. Nothing of it is made before it is needed.
final class Scripts {
    /// The one sequence of `math.random`, which goes on from script to script as Redis' does.
    private let random = StandardRandom()
    private(set) var forEval: ScriptEngine?
    private(set) var forFunctions: ScriptEngine?
    /// What EVAL and SCRIPT LOAD have compiled.
    var cache = ScriptCache()

    /// The engine of EVAL.
    func evalEngine(_ settings: Settings) -> ScriptEngine {
        if let forEval { return forEval }
        let engine = ScriptEngine(.script, random, version: settings.redisVersion)
        forEval = engine
        return engine
    }

    /// The engine of FCALL. Its owner takes it away by `dropFunctionEngine`.
    func functionEngine(_ settings: Settings) -> ScriptEngine {
        if let forFunctions { return forFunctions }
        let engine = ScriptEngine(.function, random, version: settings.redisVersion)
        forFunctions = engine
        return engine
    }

    /// Forgets all scripts, and all that they left in Lua.
    func flush() {
        cache.removeAll()
        forEval = nil
    }

    func dropFunctionEngine() { forFunctions = nil }
}
