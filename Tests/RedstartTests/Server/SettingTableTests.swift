import Testing

@testable import Redstart

@Suite struct SettingTableTests {
    private static let reference = Repository.text("conformance/reference/config-7.4.tsv")
        .split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }

    @Test func `every setting of Redis 7.4 is there with its default`() {
        let session = Session()
        let settings = session.engine.settings
        #expect(Self.reference.count > 180)
        for (name, value) in Self.reference {
            guard let setting = SettingTable.find(Array(name.utf8)) else {
                Issue.record("there is no setting '\(name)'")
                continue
            }
            #expect(setting.text(settings) == value, "of \(name)")
        }
    }

    @Test func `no name stands for two settings`() {
        let names = SettingTable.all.flatMap { [$0.name, $0.alias].compactMap { $0?.description } }
        #expect(Set(names).count == names.count)
    }

    @Test func `every value that is printed can be read`() throws {
        let (settings, defaults) = (Settings(), Settings())
        for setting in SettingTable.all where !setting.isNamed(Bytes("dir")) && !setting.isNamed(Bytes("replicaof")) {
            let text = setting.text(settings)
            try setting.set([Array(text.utf8)], settings)
            #expect(setting.text(settings) == setting.text(defaults), "of \(setting.name)")
        }
    }

    /// 9223372036854775807 microseconds are more ticks than can be counted.
    @Test func `no value that a setting takes is too large for what is made of it`() {
        let values = [
            "0", "1", "-1", "2147483647", "4294967295", "9223372036854775807", "18446744073709551615", "100%",
        ]
        let work = [
            "SET k v PX 100", "RPUSH l 1 2 3", "HSET h f v", "SADD s 1 a", "ZADD z 1 a", "XADD x * f v", "PFADD p a",
            "EVAL return(1) 0", "INFO", "MEMORY STATS", "SLOWLOG GET", "FLUSHALL",
        ]
        let session = Session()
        var taken = 0
        for setting in SettingTable.all where setting.traits.isDisjoint(with: [.immutable, .protected]) {
            let before = setting.text(session.engine.settings)
            for value in values where session.call("CONFIG", "SET", setting.name.description, value) == "+OK\r\n" {
                taken += 1
                session.engine.settingsChanged()
                for command in work { session.answer(command) }
                #expect(session.answer("PING") == "+PONG\r\n")
            }
            session.call("CONFIG", "SET", setting.name.description, before)
        }
        #expect(taken > 100)
    }

    @Test func `a threshold that is never reached does not trouble the doctor`() {
        let session = Session()
        session.answer("CONFIG SET slowlog-log-slower-than -1")
        for line in ["latency-monitor-threshold 1", "latency-monitor-threshold 9223372036854775807"] {
            session.answer("CONFIG SET \(line)")
            session.answer("DEBUG SLEEP 0.005")
        }
        #expect(session.answer("LATENCY DOCTOR").contains("9223372036854775807"))
    }
}
