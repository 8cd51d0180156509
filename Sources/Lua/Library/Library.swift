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
    func openLibrary(_ name: StaticString?, _ entries: [(StaticString, LuaFunction)]) -> LuaTable {
        let table = name == nil ? globals : makeTable(array: 0, hash: entries.count)
        for (name, body) in entries { register(name, in: table, body) }
        if let name { set(globals, name, LuaValue(table)) }
        return table
    }
}
