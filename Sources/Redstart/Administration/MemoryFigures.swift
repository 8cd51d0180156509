/// What the server's memory is used for, at one moment: what INFO and MEMORY tell.
struct MemoryFigures {
    struct Tables {
        let number: Int
        let keys: Int
        /// The table from keys to records, and the tree of deadlines.
        let main: Int
        let expires: Int
    }

    let used: Int
    let peak: Int
    let clients: Int
    /// Of the databases that hold keys.
    let databases: [Tables]
    let rehashing: Int
    let rehashingCount: Int
    /// All that is not keys and values. Flushed keys that are not freed yet count as data.
    let overhead: Int

    /// What the blocks take that are handed out, with the gaps between them, and what of it is in memory.
    let active: Int
    let allocatorResident: Int
    let resident: Int

    var startup: Int { Engine.baseMemory }

    init(_ engine: Engine) {
        engine.notePeakMemory()
        used = engine.usedMemory
        peak = engine.statistics.peakMemory
        clients = engine.clientMemory
        databases = engine.databases.filter { $0.table.count > 0 }.map { database in
            Tables(
                number: database.index, keys: database.count, main: database.table.tableBytes,
                expires: database.deadlines.bytes)
        }
        let growing = engine.databases.filter { $0.table.isMigrating }
        rehashing = growing.reduce(0) { $0 + $1.table.oldTableBytes }
        rehashingCount = growing.count
        overhead = engine.databases.reduce(Engine.baseMemory + clients) { $0 + $1.overheadBytes }
        let slabs = engine.keyspace.slabs
        active = used + slabs.activeBytes - slabs.allocatedBytes
        let memory = ProcessFigures.memory
        allocatorResident = memory.own
        resident = memory.resident
    }

    var keys: Int { databases.reduce(0) { $0 + $1.keys } }

    var tables: Int { databases.reduce(0) { $0 + $1.main } }

    var dataset: Int { max(0, used - overhead) }

    var bytesPerKey: Int { keys > 0 ? (used - startup) / keys : 0 }

    var datasetPercent: Double { 100 * MemoryFigures.ratio(dataset, used - startup) }

    var peakPercent: Double { 100 * MemoryFigures.ratio(used, peak) }

    /// Redis computes these in single precision; so do we, that they look alike.
    static func ratio(_ part: Int, _ whole: Int) -> Double { Double(Float(part) / Float(max(whole, 1))) }
}
