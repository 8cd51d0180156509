import Testing

@testable import Redstart

@Suite struct MEMORY {
    @Test(arguments: [
        ("MEMORY", "-ERR wrong number of arguments for 'memory' command\r\n"),
        ("MEMORY FOO", "-ERR unknown subcommand 'FOO'. Try MEMORY HELP.\r\n"),
        ("MEMORY USAGE", "-ERR wrong number of arguments for 'memory|usage' command\r\n"),
        ("MEMORY USAGE nokey", "$-1\r\n"),
        ("MEMORY USAGE nokey FOO", "-ERR syntax error\r\n"),
        ("MEMORY USAGE k SAMPLES", "-ERR syntax error\r\n"),
        ("MEMORY USAGE k SAMPLES -1", "-ERR syntax error\r\n"),
        ("MEMORY USAGE k SAMPLES x", "-ERR value is not an integer or out of range\r\n"),
        ("MEMORY USAGE k FOO 1", "-ERR syntax error\r\n"),
        ("MEMORY STATS x", "-ERR wrong number of arguments for 'memory|stats' command\r\n"),
        ("MEMORY PURGE", "+OK\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SET k v")
        #expect(session.answer(line) == reply)
    }

    @Test func `USAGE tells what a key takes`() {
        let session = Session()
        func usage(_ line: String) -> Int { Int(session.answer(line).dropFirst().dropLast()) ?? -1 }
        session.answer("SET small v")
        session.answer("SET large " + String(repeating: "x", count: 10_000))
        // The header, the key and the value, and a slot of the table.
        #expect((16 + 5 + 1...64).contains(usage("MEMORY USAGE small")))
        #expect((10_021...10_100).contains(usage("MEMORY USAGE large")))
        #expect(usage("MEMORY USAGE large SAMPLES 0 samples 5") == usage("MEMORY USAGE large"))
    }

    /// The names and their order are those of 7.4's documentation.
    @Test func `STATS tells all figures, in order`() {
        let session = Session()
        session.answer("SET a 1")
        let names = [
            "peak.allocated", "total.allocated", "startup.allocated", "replication.backlog", "clients.slaves",
            "clients.normal", "cluster.links", "aof.buffer", "lua.caches", "functions.caches", "db.0",
            "overhead.hashtable.main", "overhead.hashtable.expires", "overhead.db.hashtable.lut",
            "overhead.db.hashtable.rehashing", "db.dict.rehashing.count", "overhead.total", "keys.count",
            "keys.bytes-per-key", "dataset.bytes", "dataset.percentage", "peak.percentage", "allocator.allocated",
            "allocator.active", "allocator.resident", "allocator.muzzy", "allocator-fragmentation.ratio",
            "allocator-fragmentation.bytes", "allocator-rss.ratio", "allocator-rss.bytes", "rss-overhead.ratio",
            "rss-overhead.bytes", "fragmentation", "fragmentation.bytes",
        ]
        let answer = session.answer("MEMORY STATS")
        #expect(answer.hasPrefix("*64\r\n"))
        #expect(answer.split(separator: "\r\n").filter { $0.first?.isLetter ?? false }.map(String.init) == names)
        session.client.reply.isRESP3 = true
        let typed = session.answer("MEMORY STATS")
        #expect(typed.hasPrefix("%32\r\n$14\r\npeak.allocated\r\n:"))
        #expect(typed.contains("$15\r\npeak.percentage\r\n,100\r\n"))
        #expect(typed.contains("$4\r\ndb.0\r\n%2\r\n$23\r\noverhead.hashtable.main\r\n:"))
    }

    @Test func `figures add up`() {
        let session = Session()
        for number in 0..<5_000 { session.answer("SET key:\(number) value") }
        let figures = MemoryFigures(session.engine)
        #expect(figures.keys == 5_000)
        #expect(figures.used == figures.overhead + figures.dataset)
        #expect(figures.dataset == session.engine.keyspace.slabs.allocatedBytes)
        #expect(figures.active >= figures.used)
        #expect(figures.peak == figures.used)
        #if !PLAIN_MALLOC
        let census = session.engine.keyspace.slabs.census
        #expect(census.reduce(0) { $0 + $1.blocks * $1.blockBytes } == figures.dataset)
        #expect(census.reduce(0) { $0 + $1.slabs } * 65_536 == session.engine.keyspace.slabs.activeBytes)
        #endif
    }

    @Test func `the doctor has nothing to say of little, and finds what is odd`() {
        let session = Session()
        #expect(session.answer("MEMORY DOCTOR").contains("so little"))
        for number in 0..<100 { session.answer("SET \(number) " + String(repeating: "x", count: 100_000)) }
        #expect(session.answer("MEMORY DOCTOR").hasPrefix("$"))
        session.engine.statistics.peakMemory = session.engine.usedMemory * 2
        #expect(session.answer("MEMORY DOCTOR").contains("Peak:"))
    }

    #if !PLAIN_MALLOC
    @Test func `MALLOC-STATS tells the blocks`() {
        let session = Session()
        session.answer("SET key value-of-24")
        #expect(session.answer("MEMORY MALLOC-STATS").contains("\n32 bytes: 1 slabs, 1 blocks in use\n"))
    }
    #endif
}
