import Testing

@testable import Redstart

@Suite struct ActiveExpiryTests {
    @Test func `advancing the clock expires keys in the order of their deadlines, each at its own moment`() {
        let session = Session()
        var expected: [(moment: Int64, line: String)] = []
        let start = session.engine.clock.milliseconds
        for index in 0..<1_000 {
            session.client.database = index % 16
            // Every delay from 1 to 1,000, in a scattered order.
            let delay = Int64(index * 389 % 1_000 + 1)
            session.answer("SET key:\(index) 1")
            session.answer("PEXPIRE key:\(index) \(delay)")
            expected.append((start + delay, "\(index % 16):expired key:\(index)"))
        }
        expected.sort { $0.moment < $1.moment }
        let events = session.events
        session.advance(milliseconds: 500)
        #expect(events.lines == expected.prefix(500).map { $0.line })
        #expect(events.moments == expected.prefix(500).map { $0.moment })
        session.advance(milliseconds: 500)
        #expect(events.lines == expected.map { $0.line })
        #expect(events.moments == expected.map { $0.moment })
        #expect(events.takeDirty() == 0)
        #expect(session.engine.statistics.expiredKeys == 1_000)
        #expect(session.engine.databases.allSatisfy { $0.table.count == 0 && $0.deadlineCount == 0 })
    }

    @Test func `turns that come late catch up in the same order`() {
        let session = Session()
        for index in 0..<20_000 {
            session.client.database = index % 3
            session.answer("SET key:\(index) 1")
            session.answer("PEXPIRE key:\(index) \(index * 7_919 % 20_000 + 1)")
        }
        session.sleep(milliseconds: 20_000)
        let events = session.events
        var turns = 0
        while session.engine.workBetweenTurns(), turns < 20_000 { turns += 1 }
        let order = events.take().compactMap { Int($0.split(separator: ":")[2]) }
        #expect(order == (0..<20_000).sorted { $0 * 7_919 % 20_000 < $1 * 7_919 % 20_000 })
        #expect(turns > 0)
        #expect(session.engine.nextWakeup == nil)
    }

    @Test func `what a mass of keys took is given back without anybody asking`() {
        let session = Session()
        let table = session.engine.databases[0].table
        session.answer("SET stays 1")
        for index in 0..<20_000 {
            session.answer("SET key:\(index) 1")
            session.answer("PEXPIRE key:\(index) 10")
        }
        let before = table.tableBytes
        session.sleep(milliseconds: 10)
        var turns = 0
        while session.engine.workBetweenTurns(), turns < 20_000 { turns += 1 }
        #expect(table.count == 1)
        #expect(!table.isMigrating)
        #expect(table.tableBytes * 8 < before)
        #expect(session.answer("GET stays") == "$1\r\n1\r\n")
    }

    @Test func `nobody sees a dead key that was not removed yet`() {
        let session = Session()
        for index in 0..<100 {
            session.answer("SET key:\(index) 1")
            session.answer("PEXPIRE key:\(index) 10")
        }
        session.answer("SET alive 1")
        session.sleep(milliseconds: 10)
        #expect(session.engine.databases[0].table.count == 101)
        #expect(session.engine.databases[0].count == 1)
        #expect(session.engine.databases[0].deadlineCount == 0)
        #expect(session.answer("KEYS *") == "*1\r\n$5\r\nalive\r\n")
        #expect(session.answer("EXISTS key:1 key:2") == ":0\r\n")
        #expect(session.answer("INCR key:3") == ":1\r\n")
        #expect(session.answer("TTL key:3") == ":-1\r\n")
    }

    @Test func `while expiry is off keys stay until somebody asks for them`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("PEXPIRE a 10")
        session.answer("PEXPIRE b 10")
        session.engine.keyspace.expiresActively = false
        session.advance(milliseconds: 10)
        #expect(session.engine.workBetweenTurns() == false)
        #expect(session.engine.nextWakeup == nil)
        #expect(session.engine.databases[0].count == 2)
        #expect(session.answer("GET a") == "$-1\r\n")
        #expect(session.engine.databases[0].count == 1)
        session.engine.keyspace.expiresActively = true
        _ = session.engine.workBetweenTurns()
        #expect(session.engine.databases[0].table.count == 0)
    }

    @Test func `while writes are paused a dead key is hidden and stays`() {
        let session = Session()
        session.answer("SET a 1")
        session.answer("PEXPIRE a 10")
        session.sleep(milliseconds: 10)
        session.engine.keyspace.isFrozen = true
        let events = session.events
        #expect(session.answer("GET a") == "$-1\r\n")
        #expect(session.engine.workBetweenTurns() == false)
        #expect(events.take() == ["0:keymiss a"])
        session.engine.keyspace.isFrozen = false
        _ = session.engine.workBetweenTurns()
        #expect(events.take() == ["0:expired a"])
    }

    @Test func `the loop sleeps until the next deadline, however far it is`() {
        let session = Session()
        let housekeeping = Housekeeping()
        #expect(housekeeping.timeout(session.engine) == -1)
        session.engine.clock.resume()
        session.answer("SET a 1")
        session.answer("PEXPIREAT a 9223372036854775807")
        #expect(housekeeping.timeout(session.engine) == 60_000)
        session.answer("PEXPIRE a 500")
        #expect((490...500).contains(housekeeping.timeout(session.engine)))
        session.engine.clock.freeze()
        // A clock that stands still reaches no deadline.
        #expect(housekeeping.timeout(session.engine) == -1)
    }
}
