import Testing

@testable import Redstart

@Suite struct DBSIZE {
    @Test func `counts the keys of the selected database that are alive`() {
        let session = Session()
        #expect(session.answer("DBSIZE") == ":0\r\n")
        session.answer("MSET a 1 b 2")
        #expect(session.answer("DBSIZE") == ":2\r\n")
        #expect(session.answer("DBSIZE x") == "-ERR wrong number of arguments for 'dbsize' command\r\n")
    }
}

@Suite struct INFO {
    /// The names of the sections that were answered.
    private func sections(_ line: String) -> [String] {
        let answer = Session().answer(line)
        return answer.split(separator: "\r\n").filter { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) }
    }

    private func fields(_ session: Session, _ line: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in session.answer(line).split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return fields
    }

    private static let usual = [
        "Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules", "Errorstats", "Cluster",
        "Keyspace",
    ]
    private static let all = [
        "Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules", "Commandstats",
        "Errorstats", "Latencystats", "Cluster", "Keyspace",
    ]

    @Test(arguments: [
        ("INFO", usual),
        ("INFO default", usual),
        ("INFO all", all),
        ("INFO everything foo", all),
        ("INFO default commandstats", all.filter { $0 != "Latencystats" }),
        ("INFO KEYSPACE cluster", ["Cluster", "Keyspace"]),
        ("INFO server server", ["Server"]),
        ("INFO foo server", ["Server"]),
        ("INFO modules", ["Modules"]),
        ("INFO foo", []),
    ])
    func `sections`(_ line: String, _ names: [String]) {
        #expect(sections(line) == names)
    }

    @Test func `the form is that of Redis`() {
        let session = Session()
        #expect(session.answer("INFO foo") == "$0\r\n\r\n")
        #expect(session.answer("INFO cluster") == "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n")
        #expect(
            session.answer("INFO keyspace cluster modules")
                == "$57\r\n# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n\r\n")
        session.client.reply.isRESP3 = true
        #expect(session.answer("INFO foo") == "=4\r\ntxt:\r\n")
        #expect(session.answer("INFO cluster") == "=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n")
    }

    @Test func `keyspace tells the databases that hold keys`() {
        let session = Session()
        let engine = session.engine
        session.answer("MSET a 1 b 2 c 3")
        for (name, seconds) in [("a", 100), ("b", 51)] {
            Array(name.utf8).withBytes { bytes in
                engine.databases[0].setString(
                    Key(bytes: bytes, hash: engine.hash(bytes)), bytes,
                    deadline: .at(engine.clock.milliseconds + Int64(seconds) * 1_000))
            }
        }
        engine.databases[3].setString(Key(bytes: Bytes("k"), hash: engine.hash(Bytes("k"))), Bytes("v"))
        #expect(
            session.answer("INFO keyspace").contains(
                "\r\n# Keyspace\r\ndb0:keys=3,expires=2,avg_ttl=75500,subexpiry=0\r\n"
                    + "db3:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n"))
    }

    @Test func `counts of commands and errors`() {
        let session = Session()
        for line in ["SLOWLOG FOO", "NOSUCH", "GET", "SLOWLOG", "SLOWLOG GET 1 2", "SET k a", "INCR k"] {
            session.answer(line)
        }
        let counted = fields(session, "INFO commandstats").mapValues { text in
            text.split(separator: ",").filter { !$0.hasPrefix("usec") }.joined(separator: ",")
        }
        #expect(
            counted == [
                "cmdstat_get": "calls=0,rejected_calls=1,failed_calls=0",
                "cmdstat_slowlog": "calls=0,rejected_calls=1,failed_calls=0",
                "cmdstat_slowlog|get": "calls=1,rejected_calls=0,failed_calls=1",
                "cmdstat_set": "calls=1,rejected_calls=0,failed_calls=0",
                "cmdstat_incr": "calls=1,rejected_calls=0,failed_calls=1",
            ])
        #expect(session.answer("INFO errorstats").hasSuffix("# Errorstats\r\nerrorstat_ERR:count=6\r\n\r\n"))
        let statistics = fields(session, "INFO stats")
        #expect(statistics["total_error_replies"] == "6")
        #expect(statistics["total_commands_processed"] == "5")
    }

    @Test func `percentiles are those that are asked for`() {
        let session = Session()
        session.answer("PING")
        let usual = fields(session, "INFO latencystats")["latency_percentiles_usec_ping"] ?? ""
        #expect(usual.hasPrefix("p50=") && usual.contains(",p99=") && usual.contains(",p99.9="))
        session.engine.settings.latencyPercentiles = [0, 99.99, 100]
        let others = fields(session, "INFO latencystats")["latency_percentiles_usec_ping"] ?? ""
        #expect(others.hasPrefix("p0=") && others.contains(",p99.99=") && others.contains(",p100="))
        session.engine.settings.latencyPercentiles = []
        #expect(fields(session, "INFO latencystats")["latency_percentiles_usec_ping"] == "")
        session.engine.settings.tracksLatency = false
        #expect(session.answer("INFO latencystats") == "$16\r\n# Latencystats\r\n\r\n")
    }

    @Test func `RESETSTAT's part begins anew`() {
        let session = Session()
        session.answer("SET a 1")
        session.answer("GET a")
        session.answer("GET b")
        session.engine.statistics.reset()
        session.engine.commandStatistics.reset()
        let figures = fields(session, "INFO everything")
        #expect(figures["keyspace_hits"] == "0" && figures["keyspace_misses"] == "0")
        #expect(figures["total_commands_processed"] == "0" && figures["cmdstat_get"] == nil)
        #expect(figures["rdb_changes_since_last_save"] == "1")
    }

    @Test func `rates are those of the last 1.6 seconds`() {
        let statistics = Statistics()
        let second: UInt64 = 1_000_000_000
        statistics.sample(100 * second)
        #expect(statistics.rates(102 * second).commands == 0)
        for step: UInt64 in 1...30 {
            statistics.commandsProcessed += 100
            statistics.netInputBytes += 1_024
            statistics.loopCycles += 10
            statistics.loopTicks += 50
            statistics.sample(102 * second + step * second / 10)
        }
        let rates = statistics.rates(105 * second)
        #expect((999...1_001).contains(rates.commands))
        #expect((10_239...10_241).contains(rates.inputBytes))
        #expect((99...101).contains(rates.cycles))
        #expect(rates.ticksPerCycle == 5)
        #expect((499...501).contains(statistics.rates(105 * second + 800_000_000).commands))
        #expect(statistics.rates(200 * second).commands == 0)
    }

    @Test(arguments: [
        (0, "0B"), (1_023, "1023B"), (1_024, "1.00K"), (1_159_464, "1.11M"), (25_276_510_208, "23.54G"),
        (1 << 50, "1.00P"),
    ])
    func `bytes for people`(_ bytes: Int, _ text: String) {
        #expect(InfoText.human(bytes) == text)
    }
}
