/// The libraries that Redis leaves to scripts, besides its own: base, string, table, math, coroutine, and `os.clock`.
extension LuaState {
    /// Puts all libraries into the globals.
    public func openLibraries() {
        openBase()
        openCoroutine()
        openString()
        openTable()
        openMath()
        openSystem()
    }

    /// A table of functions, as a global; or the functions as globals.
    @discardableResult
    func openLibrary(_ name: StaticString?, _ entries: [LibraryEntry]) -> LuaTable {
        let table = name == nil ? globals : makeTable(array: 0, hash: entries.count)
        for entry in entries { register(entry.name, in: table, entry.body) }
        if let name { set(globals, name, LuaValue(table)) }
        return table
    }
}

/// A function of a library. As part of a tuple in an array it would be called through two others.
struct LibraryEntry {
    let name: StaticString
    let body: LuaFunction

    init(_ name: StaticString, _ body: @escaping LuaFunction) {
        self.name = name
        self.body = body
    }
}
