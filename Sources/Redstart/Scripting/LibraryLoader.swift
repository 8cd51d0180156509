internal import Lua

/// Runs the code of libraries, once each: it registers functions, and can do little else.
///
/// All code of libraries has one table of globals, which is empty and refers to another one: to a small library while
/// code is loaded, to what every script sees when functions are called.
final class LibraryLoader {
    let scripts: ScriptEngine
    private let state: LuaState
    private let registration: LibraryRegistration
    private let environment: LuaReference
    /// The metatable of the globals.
    private let link: LuaReference
    private let loading: LuaReference
    private let registeringFailed = Array("ERR Error registering functions: ".utf8)
    /// How long code may take to load.
    private static let limitNanoseconds: UInt64 = 500_000_000
    static let invalidName: StaticString =
        "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"

    init(_ scripts: ScriptEngine, hash: KeyHash, version: String) {
        self.scripts = scripts
        state = scripts.state
        registration = LibraryRegistration(hash)
        let environment = state.table()
        let link = state.table(hash: 1)
        let loading = ScriptLibrary.forLoading(state, scripts.run, registration, version: version)
        state.set(link, "__index", LuaValue(state.globals))
        state.setMetatable(environment, link)
        state.setReadOnly(environment)
        state.setReadOnly(link)
        self.environment = state.reference(LuaValue(environment))
        self.link = state.reference(LuaValue(link))
        self.loading = state.reference(LuaValue(loading))
    }

    /// Makes a library of its source.
    func load(_ header: LibraryHeader, source: Bytes, _ engine: Engine) throws(ReplyError) -> FunctionLibrary {
        state.collectIfDueBetweenCalls()
        let function: LuaValue
        do throws(LuaError) {
            function = try state.compile(
                LuaBytes(header.code), name: LuaBytes("@user_function"), environment: environment.value.table)
        } catch {
            let reason = error.value.bytes.map { Array(Bytes($0)) } ?? []
            throw ReplyError(trimming: Array("ERR Error compiling function: ".utf8) + reason)
        }
        let library = FunctionLibrary(name: header.name, code: Array(source))
        registration.library = library
        scripts.run.engine = engine
        point(to: loading.value)
        let hook = limitTime(engine)
        defer {
            state.hook = hook
            point(to: LuaValue(state.globals))
            scripts.run.engine = nil
            registration.library = nil
            state.collectIfDueBetweenCalls()
        }
        do throws(LuaError) {
            try state.run(function)
        } catch {
            throw ReplyError(trimming: registeringFailed + LibraryLoader.text(error, state))
        }
        guard !library.functions.isEmpty else { throw .noFunctions }
        return library
    }

    private func point(to table: LuaValue) {
        if let link = link.value.table { state.set(link, "__index", table) }
    }

    /// Makes code end that takes too long; answers the hook that is to be put back.
    private func limitTime(_ engine: Engine) -> ((LuaState) throws(LuaError) -> Void)? {
        let former = state.hook
        let start = Ticks.now
        let most = engine.ticks.ticks(nanoseconds: LibraryLoader.limitNanoseconds)
        state.hook = { (state) throws(LuaError) in
            guard Ticks.now &- start >= most else { return }
            let error = ScriptReplies(state: state).error(LuaBytes("ERR FUNCTION LOAD timeout"), isCounted: false)
            throw LuaError(LuaValue(error), isFatal: true)
        }
        return former
    }

    /// What an error says, which Lua's own ones do without a code word.
    private static func text(_ error: LuaError, _ state: LuaState) -> [UInt8] {
        let prefix = Array("ERR ".utf8)
        if let table = error.value.table, let line = state.get(table, "err").bytes { return Array(Bytes(line)) }
        if let bytes = error.value.bytes { return prefix + Array(Bytes(bytes)) }
        return prefix + Array("unknown error".utf8)
    }
}

/// What `redis.register_function` knows: the library that is being loaded, if there is one.
final class LibraryRegistration {
    var library: FunctionLibrary?
    private let hash: KeyHash

    init(_ hash: KeyHash) { self.hash = hash }

    /// `redis.register_function(name, callback)`, or with all of it in a table.
    func register(_ call: LuaCall) throws(LuaError) -> Int {
        guard let library else {
            throw fail(call, "redis.register_function can only be called on FUNCTION LOAD command")
        }
        let wanted = try read(call)
        guard LibraryHeader.isName(wanted.name) else { throw fail(call, LibraryLoader.invalidName) }
        guard !library.contains(wanted.name) else { throw fail(call, "Function already exists in the library") }
        library.add(
            LibraryFunction(
                name: wanted.name, description: wanted.description, flags: wanted.flags,
                callback: call.state.reference(wanted.callback), hash: hash))
        return 0
    }

    private struct Wanted {
        var name: [UInt8]
        var callback: LuaValue
        var description: [UInt8]?
        var flags: ScriptFlags = []
    }

    private func read(_ call: LuaCall) throws(LuaError) -> Wanted {
        guard call.count == 1 || call.count == 2 else {
            throw fail(call, "wrong number of arguments to redis.register_function")
        }
        if call.count == 1 {
            guard let table = call[0].table else {
                throw fail(
                    call,
                    "calling redis.register_function with a single argument is only applicable to Lua table "
                        + "(representing named arguments).")
            }
            return try read(table, call)
        }
        guard let name = text(call[0]) else {
            throw fail(call, "first argument to redis.register_function must be a string")
        }
        guard call[1].isFunction else {
            throw fail(call, "second argument to redis.register_function must be a function")
        }
        return Wanted(name: name, callback: call[1])
    }

    private func read(_ table: LuaTable, _ call: LuaCall) throws(LuaError) -> Wanted {
        var name: [UInt8]?
        var callback: LuaValue?
        var description: [UInt8]?
        var flags: ScriptFlags = []
        var position = 0
        while let entry = call.state.entry(table, after: position) {
            position = entry.position
            guard let key = text(entry.key) else {
                throw fail(call, "named argument key given to redis.register_function is not a string")
            }
            switch String(decoding: key, as: UTF8.self) {
            case "function_name": name = try string(entry.value, "function_name", call)
            case "description": description = try string(entry.value, "description", call)
            case "callback":
                guard entry.value.isFunction else {
                    throw fail(call, "callback argument given to redis.register_function must be a function")
                }
                callback = entry.value
            case "flags": flags = try self.flags(entry.value, call)
            default: throw fail(call, "unknown argument given to redis.register_function")
            }
        }
        guard let name else { throw fail(call, "redis.register_function must get a function name argument") }
        guard let callback else { throw fail(call, "redis.register_function must get a callback argument") }
        return Wanted(name: name, callback: callback, description: description, flags: flags)
    }

    private func string(_ value: LuaValue, _ argument: String, _ call: LuaCall) throws(LuaError) -> [UInt8] {
        guard let text = text(value) else {
            throw fail(call, "\(argument) argument given to redis.register_function must be a string")
        }
        return text
    }

    private func flags(_ value: LuaValue, _ call: LuaCall) throws(LuaError) -> ScriptFlags {
        guard let table = value.table else {
            throw fail(call, "flags argument to redis.register_function must be a table representing function flags")
        }
        var flags: ScriptFlags = []
        var index = 1
        while case let name = call.state.get(table, index), !name.isNil {
            guard let text = text(name), let flag = text.withBytes({ ScriptFlags(named: $0) }) else {
                throw fail(call, "unknown flag given")
            }
            flags.insert(flag)
            index += 1
        }
        return flags
    }

    /// A string, or the text of a number.
    private func text(_ value: LuaValue) -> [UInt8]? {
        if let bytes = value.bytes { return Array(Bytes(bytes)) }
        return value.number.map { NumberText.withGeneralText(of: $0, significantDigits: 14) { Array($0) } }
    }

    private func fail(_ call: LuaCall, _ message: StaticString) -> LuaError { fail(call, "\(message)") }

    private func fail(_ call: LuaCall, _ message: String) -> LuaError {
        let text = Array("ERR \(message)".utf8)
        let replies = ScriptReplies(state: call.state)
        return text.withBytes { LuaError(LuaValue(replies.error(LuaBytes($0), isCounted: false))) }
    }
}

extension ScriptFlags {
    /// The flag of a name, in whatever case.
    fileprivate init?(named name: Bytes) {
        guard let known = ScriptFlags.names.first(where: { name.matches($0.name) }) else { return nil }
        self = known.flag
    }
}

extension ScriptLibrary {
    /// The globals that code sees while it is loaded: a table `redis` with little in it.
    fileprivate static func forLoading(
        _ state: LuaState, _ run: RunningScript, _ registration: LibraryRegistration, version: String
    ) -> LuaTable {
        let library = ScriptLibrary(run: run)
        let table = state.table(hash: 8)
        state.register("register_function", in: table) { (call) throws(LuaError) in try registration.register(call) }
        state.register("log", in: table) { (call) throws(LuaError) in try library.log(call) }
        setLogLevels(state, table)
        setVersion(state, table, version)
        let globals = state.table(hash: 1)
        state.set(globals, "redis", LuaValue(table))
        // What is missing is an error here even within `redis`.
        for protected in [table, globals] {
            state.setMetatable(protected, state.metatable(state.globals))
            state.setReadOnly(protected)
        }
        return globals
    }
}
