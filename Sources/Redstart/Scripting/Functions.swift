/// The libraries of a server, and what they run in. Nothing of the latter is made before a library is loaded.
final class Functions {
    var libraries: FunctionLibraries
    private(set) var loader: LibraryLoader?

    init(hash: KeyHash) { libraries = FunctionLibraries(hash: hash) }

    /// What a source says that it is, and the library that it makes, which is not among the others yet.
    func load(_ header: LibraryHeader, source: Bytes, _ engine: Engine) throws(ReplyError) -> FunctionLibrary {
        let loader = self.loader ?? makeLoader(engine)
        return try loader.load(header, source: source, engine)
    }

    private func makeLoader(_ engine: Engine) -> LibraryLoader {
        let version = engine.settings.redisVersion
        let made = LibraryLoader(engine.scripts.functionEngine(engine.settings), hash: engine.hash, version: version)
        loader = made
        return made
    }

    /// Deletes all libraries, and all that they left in Lua.
    func flush(_ engine: Engine) {
        libraries.removeAll()
        loader = nil
        engine.scripts.dropFunctionEngine()
    }
}

/// What FUNCTION RESTORE does with the libraries that are there.
enum RestorePolicy {
    case append, replace, flush
}

extension Functions {
    /// Loads one more library; one of its name is replaced, or in the way.
    func add(_ source: Bytes, replacing: Bool, _ engine: Engine) throws(ReplyError) -> FunctionLibrary {
        let header = try LibraryHeader(source)
        let former = header.name.withBytes { libraries.library($0) }
        if former != nil, !replacing { throw .libraryExists(header.name) }
        let library = try load(header, source: source, engine)
        for function in library.functions {
            guard let known = find(function), former?.owns(known) != true else { continue }
            throw .functionExists(function.shownName)
        }
        if let former { libraries.remove(former) }
        libraries.add(library)
        return library
    }

    /// Loads the libraries of a payload: all of them, or none.
    func restore(_ payload: Bytes, _ policy: RestorePolicy, _ engine: Engine) throws(ReplyError) {
        var restored: [FunctionLibrary] = []
        try FunctionPayload.decode(payload) { (source) throws(ReplyError) in
            restored.append(try loadRestored(source, beside: restored, engine))
        }
        var replaced: [FunctionLibrary] = policy == .flush ? libraries.all : []
        if policy != .flush {
            for library in restored {
                guard let former = library.name.withBytes({ libraries.library($0) }) else { continue }
                guard policy == .replace else { throw .restoredLibraryExists(library.name) }
                replaced.append(former)
            }
            for function in restored.flatMap(\.functions) {
                guard let known = find(function), !replaced.contains(where: { $0.owns(known) }) else { continue }
                throw .functionExists(function.shownName)
            }
        }
        if policy == .flush, restored.isEmpty { return flush(engine) }
        for library in replaced { libraries.remove(library) }
        for library in restored { libraries.add(library) }
    }

    private func loadRestored(
        _ source: Bytes, beside others: [FunctionLibrary], _ engine: Engine
    ) throws(ReplyError) -> FunctionLibrary {
        let header = try LibraryHeader(source)
        guard !others.contains(where: { $0.name == header.name }) else { throw .libraryExists(header.name) }
        let library = try load(header, source: source, engine)
        for function in library.functions {
            guard others.contains(where: { $0.functions.contains { $0.name == function.name } }) else { continue }
            throw .functionExists(function.shownName)
        }
        return library
    }

    private func find(_ function: LibraryFunction) -> LibraryFunction? {
        function.name.withBytes { libraries.function($0) }
    }
}

extension FunctionLibrary {
    func owns(_ function: LibraryFunction) -> Bool { functions.contains { $0 === function } }
}
