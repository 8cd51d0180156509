internal import Lua

/// A script that was compiled.
final class CachedScript: Named {
    /// Its digest.
    let name: [UInt8]
    let hash: UInt64
    var next: CachedScript?
    let function: LuaReference
    let flags: ScriptFlags
    /// The length of its source.
    let byteCount: Int
    /// Whether it came by EVAL alone: then it may be dropped for newer ones.
    fileprivate(set) var isDroppable = false
    /// Its neighbours by time of use; the table owns them all, as scripts that own each other would never be freed.
    fileprivate unowned var older: CachedScript?
    fileprivate unowned var newer: CachedScript?

    init(name: [UInt8], hash: UInt64, function: LuaReference, flags: ScriptFlags, byteCount: Int) {
        self.name = name
        self.hash = hash
        self.function = function
        self.flags = flags
        self.byteCount = byteCount
    }
}

/// The scripts that EVALSHA finds: those that were loaded, and the last 500 that EVAL has met, as in Redis 7.4.
struct ScriptCache {
    private var table = NameTable<CachedScript>()
    private var newest: CachedScript?
    private var oldest: CachedScript?
    private var droppableCount = 0
    /// The bytes of all sources.
    private(set) var byteCount = 0
    static let droppableLimit = 500

    var count: Int { table.count }

    /// What the scripts take besides what Lua has made of them.
    var memory: Int { byteCount + count * ScriptCache.overhead }

    /// An object and its name, in bytes.
    private static let overhead = 208

    @inline(__always)
    func find(_ digest: Bytes, _ hash: UInt64) -> CachedScript? { table.find(digest, hash) }

    /// Keeps a script for good.
    mutating func load(_ script: CachedScript) { add(script) }

    /// Keeps a script that EVAL has brought; true if another one had to go.
    mutating func remember(_ script: CachedScript) -> Bool {
        add(script)
        var drops = false
        if droppableCount >= ScriptCache.droppableLimit, let oldest {
            unlink(oldest)
            table.remove(oldest)
            byteCount -= oldest.byteCount
            drops = true
        }
        script.isDroppable = true
        droppableCount += 1
        link(script)
        return drops
    }

    /// SCRIPT LOAD of a script that EVAL has brought: it stays now.
    mutating func keep(_ script: CachedScript) { if script.isDroppable { unlink(script) } }

    /// Notes that a script runs.
    @inline(__always)
    mutating func touch(_ script: CachedScript) {
        if script.isDroppable, script !== newest { moveToFront(script) }
    }

    mutating func removeAll() {
        while let oldest { unlink(oldest) }
        table.removeAll()
        byteCount = 0
    }

    private mutating func add(_ script: CachedScript) {
        table.insert(script)
        byteCount += script.byteCount
    }

    private mutating func moveToFront(_ script: CachedScript) {
        unlink(script)
        script.isDroppable = true
        droppableCount += 1
        link(script)
    }

    private mutating func link(_ script: CachedScript) {
        script.older = newest
        newest?.newer = script
        newest = script
        if oldest == nil { oldest = script }
    }

    private mutating func unlink(_ script: CachedScript) {
        if script === newest { newest = script.older }
        if script === oldest { oldest = script.newer }
        script.older?.newer = script.newer
        script.newer?.older = script.older
        script.older = nil
        script.newer = nil
        script.isDroppable = false
        droppableCount -= 1
    }
}
