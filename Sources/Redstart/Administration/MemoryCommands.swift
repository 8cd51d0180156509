extension Command {
    static let memory = Command(
        "MEMORY", .atLeast(2), [], group: .server, since: "4.0.0",
        summary: "Tells what memory is used for.",
        subcommands: [
            Command(
                "MALLOC-STATS", .exactly(2), [],
                group: .server, since: "4.0.0", complexity: "Depends on how much memory is allocated, could be slow",
                summary: "Says how the memory of the data is cut into blocks.",
                tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
                run: allocatorStatistics),
            Command(
                "HELP", .exactly(2), [.loading, .stale],
                group: .server, since: "4.0.0", complexity: "O(1)",
                summary: "Explains the subcommands.",
                run: help),
            Command(
                "DOCTOR", .exactly(2), [],
                group: .server, since: "4.0.0", complexity: "O(1)",
                summary: "Says in words what is odd about the use of memory.",
                tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
                run: doctor),
            Command(
                "PURGE", .exactly(2), [],
                group: .server, since: "4.0.0", complexity: "Depends on how much memory is allocated, could be slow",
                summary: "Gives free memory back to the system.",
                tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
                run: purge),
            Command(
                "STATS", .exactly(2), [],
                group: .server, since: "4.0.0", complexity: "O(1)",
                summary: "Answers figures about the use of memory.",
                tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
                run: statistics),
            Command(
                "USAGE", .atLeast(3), [.readonly], keys: .key([.readOnly], at: 2),
                arguments: .key,
                .integer("count", token: "SAMPLES").optional,
                group: .server, since: "4.0.0", complexity: "O(N) where N is the number of samples.",
                summary: "Answers how many bytes a key and its value take.",
                run: usage),
        ])
}

private func help(_ call: inout Call) {
    call.reply.help(
        "MEMORY",
        [
            "DOCTOR",
            "    Say in words what is odd about the use of memory.",
            "MALLOC-STATS",
            "    Say how the memory of the data is cut into blocks.",
            "PURGE",
            "    Give free memory back to the system.",
            "STATS",
            "    Answer figures about the use of memory.",
            "USAGE <key> [SAMPLES <count>]",
            "    Answer how many bytes <key> and its value take. The whole value is counted, however",
            "    many samples of it are asked for.",
        ])
}

/// Every structure knows what it holds, so `SAMPLES` has nothing to say: the answer is exact without.
private func usage(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    while !call.arguments.isEmpty {
        guard call.arguments.take("SAMPLES") else { throw .syntax }
        guard try call.arguments.integer() >= 0 else { throw .syntax }
    }
    guard let entry = call.database.find(key) else { return call.reply.null() }
    call.reply.integer(entry.record.totalByteCount + call.database.overheadBytes(of: entry.record))
}

extension Database {
    /// A table that is nearly empty would burden its few keys with all of it; this is what a slot takes in one in use.
    private static let mostSlotBytes = 24
    private static let mostDeadlineBytes = 32

    /// A key's share of the table, and of the tree of deadlines where it has one.
    fileprivate func overheadBytes(of record: Record) -> Int {
        let slot = min(table.tableBytes / max(table.count, 1), Database.mostSlotBytes)
        guard record.deadline != Record.noDeadline else { return slot }
        return slot + min(deadlines.bytes / max(deadlines.count, 1), Database.mostDeadlineBytes)
    }
}

// MARK: - Figures

private func statistics(_ call: inout Call) {
    let figures = MemoryFigures(call.engine)
    let reply = call.reply
    reply.map(31 + figures.databases.count)
    reply.pair("peak.allocated", figures.peak)
    reply.pair("total.allocated", figures.used)
    reply.pair("startup.allocated", figures.startup)
    reply.pair("replication.backlog", 0)
    reply.pair("clients.slaves", 0)
    reply.pair("clients.normal", figures.clients)
    reply.pair("cluster.links", 0)
    reply.pair("aof.buffer", 0)
    reply.pair("lua.caches", call.engine.scripts.cache.memory)
    reply.pair("functions.caches", call.engine.functions.libraries.shownMemory)
    for tables in figures.databases {
        reply.bulk("db.\(tables.number)")
        reply.map(2)
        reply.pair("overhead.hashtable.main", tables.main)
        reply.pair("overhead.hashtable.expires", tables.expires)
    }
    reply.pair("overhead.db.hashtable.lut", figures.tables)
    reply.pair("overhead.db.hashtable.rehashing", figures.rehashing)
    reply.pair("db.dict.rehashing.count", figures.rehashingCount)
    reply.pair("overhead.total", figures.overhead)
    reply.pair("keys.count", figures.keys)
    reply.pair("keys.bytes-per-key", figures.bytesPerKey)
    reply.pair("dataset.bytes", figures.dataset)
    reply.pair("dataset.percentage", figures.datasetPercent)
    reply.pair("peak.percentage", figures.peakPercent)
    answerAllocator(figures, reply)
}

private func answerAllocator(_ figures: MemoryFigures, _ reply: ReplyWriter) {
    reply.pair("allocator.allocated", figures.used)
    reply.pair("allocator.active", figures.active)
    reply.pair("allocator.resident", figures.allocatorResident)
    reply.pair("allocator.muzzy", 0)
    reply.pair("allocator-fragmentation.ratio", MemoryFigures.ratio(figures.active, figures.used))
    reply.pair("allocator-fragmentation.bytes", figures.active - figures.used)
    reply.pair("allocator-rss.ratio", MemoryFigures.ratio(figures.allocatorResident, figures.active))
    reply.pair("allocator-rss.bytes", figures.allocatorResident - figures.active)
    reply.pair("rss-overhead.ratio", MemoryFigures.ratio(figures.resident, figures.allocatorResident))
    reply.pair("rss-overhead.bytes", figures.resident - figures.allocatorResident)
    reply.pair("fragmentation", MemoryFigures.ratio(figures.resident, figures.used))
    reply.pair("fragmentation.bytes", figures.resident - figures.used)
}

extension ReplyWriter {
    fileprivate func pair(_ name: StaticString, _ value: Int) {
        bulk(name)
        integer(value)
    }

    fileprivate func pair(_ name: StaticString, _ value: Double) {
        bulk(name)
        double(text: NumberText.withText(of: value) { Array($0) })
    }
}

private func allocatorStatistics(_ call: inout Call) {
    let slabs = call.engine.keyspace.slabs
    var text = "Blocks in use: \(slabs.allocatedBytes) bytes; with the gaps between them: \(slabs.activeBytes) bytes.\n"
    text += "Large blocks: \(slabs.largeBytes) bytes; being given back: \(slabs.pendingBytes) bytes.\n"
    text += "Slabs of 64 KB, by the size of their blocks:\n"
    for size in slabs.census {
        text += "\(size.blockBytes) bytes: \(size.slabs) slabs, \(size.blocks) blocks in use\n"
    }
    call.reply.verbatim(Array(text.utf8))
}

private func purge(_ call: inout Call) {
    call.engine.keyspace.slabs.releaseEmpty()
    ProcessFigures.trimHeap()
    call.reply.ok()
}

// MARK: - In words

private func doctor(_ call: inout Call) {
    let report = MemoryReport(MemoryFigures(call.engine), clientCount: call.engine.clients.count)
    call.reply.verbatim(Array(report.text.utf8))
}

/// What MEMORY DOCTOR says.
private struct MemoryReport {
    /// With less in use, what the program itself takes hides all else.
    private static let leastBytes = 5 << 20
    private static let leastWaste = 10 << 20
    private static let mostClientBytes = 200 << 10

    let figures: MemoryFigures
    let clientCount: Int

    init(_ figures: MemoryFigures, clientCount: Int) {
        self.figures = figures
        self.clientCount = clientCount
    }

    var text: String {
        guard figures.used >= MemoryReport.leastBytes else {
            return "This server holds so little that its figures say nothing. Ask again when there is data in it.\n"
        }
        let findings = findings
        guard !findings.isEmpty else { return "Nothing is odd about this server's use of memory.\n" }
        return "What is odd about this server's use of memory:\n\n" + findings.map { " * \($0)\n\n" }.joined()
    }

    private var findings: [String] {
        var findings: [String] = []
        if MemoryFigures.ratio(figures.peak, figures.used) > 1.5 {
            findings.append(
                "Peak: once it used more than one and a half times what it uses now, so the system may see more memory "
                    + "taken than there is data. It is used again when data comes; MEMORY PURGE gives back what "
                    + "can be.")
        }
        if isWasteful(figures.active, figures.used, ratio: 1.4) {
            findings.append(
                "Gaps: blocks that are free lie between blocks in use. They are used again for values of the same "
                    + "sizes.")
        }
        if isWasteful(figures.resident, figures.active, ratio: 1.4) {
            findings.append(
                "Resident: the process takes more memory than the data's blocks do. MEMORY PURGE gives back what "
                    + "can be.")
        }
        if clientCount > 0, figures.clients / clientCount > MemoryReport.mostClientBytes {
            findings.append(
                "Clients: their buffers take more than 200 KB each on average. Some client may send without reading: "
                    + "CLIENT LIST shows which, and 'client-output-buffer-limit' limits it.")
        }
        return findings
    }

    private func isWasteful(_ part: Int, _ whole: Int, ratio: Double) -> Bool {
        part - whole > MemoryReport.leastWaste && MemoryFigures.ratio(part, whole) > ratio
    }
}
