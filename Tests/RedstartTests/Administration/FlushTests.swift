import Testing

@testable import Redstart

/// Puts so many keys into a database that freeing them takes more than one turn.
private func fill(_ engine: Engine, _ database: Int = 0, keys: Int = 60_000) {
    let target = engine.databases[database]
    for number in 0..<keys {
        Array("key:\(number)".utf8).withBytes { name in
            target.setString(Key(bytes: name, hash: engine.hash(name)), name)
        }
    }
}

/// The value of a field of INFO.
private func figure(_ session: Session, _ name: String) -> Int? {
    let text = session.call("INFO", "everything")
    let line = text.split(separator: "\r\n").first { $0.hasPrefix("\(name):") }
    return line.flatMap { Int($0.dropFirst(name.count + 1)) }
}

@Suite struct FLUSHALL {
    @Test(arguments: [
        ("FLUSHALL", "+OK\r\n"),
        ("FLUSHALL SYNC", "+OK\r\n"),
        ("flushall async", "+OK\r\n"),
        ("FLUSHALL foo", "-ERR syntax error\r\n"),
        ("FLUSHALL ASYNC SYNC", "-ERR syntax error\r\n"),
        ("FLUSHALL SYNC x", "-ERR syntax error\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 b 2")
        #expect(session.answer(line) == reply)
        #expect(session.answer("DBSIZE") == (reply == "+OK\r\n" ? ":0\r\n" : ":2\r\n"))
    }

    @Test func `empties every database and counts each key as a change`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        fill(session.engine, 3, keys: 3)
        let before = session.engine.statistics.dirty
        session.answer("FLUSHALL")
        #expect(session.engine.databases.allSatisfy { $0.count == 0 })
        #expect(session.engine.statistics.dirty == before + 5)
        session.answer("FLUSHALL")
        #expect(session.engine.statistics.dirty == before + 5)
    }

    @Test func `SYNC answers when all is freed, and holds up nobody else`() {
        let session = Session()
        let other = Session(session.engine)
        fill(session.engine)
        #expect(session.answer("FLUSHALL SYNC") == "")
        #expect(session.client.flags.contains(.blocked))
        #expect(other.answer("DBSIZE") == ":0\r\n")
        #expect(other.answer("SET a 1") == "+OK\r\n")
        #expect(figure(other, "blocked_clients") == 1)
        #expect(!other.answer("INFO commandstats").contains("cmdstat_flushall"))
        let pending = figure(other, "lazyfree_pending_objects") ?? 0
        #expect(pending > 0 && pending + (figure(other, "lazyfreed_objects") ?? 0) == 60_000)
        while session.engine.workBetweenTurns() {}
        #expect(session.read() == "+OK\r\n")
        #expect(!session.client.flags.contains(.blocked))
        #expect(figure(other, "lazyfree_pending_objects") == 0)
        #expect(figure(other, "lazyfreed_objects") == 60_000)
        #expect(other.answer("INFO commandstats").contains("cmdstat_flushall:calls=1,"))
        #expect(other.answer("DBSIZE") == ":1\r\n")
    }

    @Test func `SYNC waits for what was deleted before as well`() {
        let session = Session()
        for start in 0..<60 {
            session.answer("SADD k " + (0..<1_000).map { "member:\(start * 1_000 + $0)" }.joined(separator: " "))
        }
        session.answer("DEL k")
        #expect(!session.engine.keyspace.graveyard.isEmpty)
        #expect(session.answer("FLUSHALL SYNC") == "")
        while !session.engine.keyspace.graveyard.isEmpty {
            #expect(session.read() == "")
            _ = session.engine.workBetweenTurns()
        }
        #expect(session.read() == "+OK\r\n")
    }

    @Test func `ASYNC and the setting for it answer at once`() {
        let session = Session()
        fill(session.engine)
        #expect(session.answer("FLUSHALL ASYNC") == "+OK\r\n")
        #expect((figure(session, "lazyfree_pending_objects") ?? 0) > 0)
        session.engine.settings.lazyUserFlush = true
        fill(session.engine)
        #expect(session.answer("FLUSHALL") == "+OK\r\n")
        #expect(session.engine.workBetweenTurns())
    }

    @Test func `several flushes are answered in their order, each when it is done`() {
        let first = Session()
        let second = Session(first.engine)
        fill(first.engine)
        #expect(first.answer("FLUSHALL") == "")
        fill(first.engine)
        #expect(second.answer("FLUSHALL") == "")
        var order: [Int] = []
        while first.engine.workBetweenTurns() {
            if !order.contains(1), first.read() == "+OK\r\n" { order.append(1) }
            if !order.contains(2), second.read() == "+OK\r\n" { order.append(2) }
        }
        if second.read() == "+OK\r\n" { order.append(2) }
        #expect(order == [1, 2])
    }

    @Test func `a client that leaves meanwhile is not answered`() {
        let session = Session()
        let other = Session(session.engine)
        fill(session.engine)
        #expect(session.answer("FLUSHALL") == "")
        session.engine.removeClient(session.client)
        while session.engine.workBetweenTurns() {}
        #expect(session.read() == "")
        #expect(figure(other, "lazyfreed_objects") == 60_000)
    }

    @Test func `memory comes back, and figures are right all the while`() {
        let session = Session()
        let engine = session.engine
        // A database is made when it is first used, and stays.
        session.answer("DBSIZE")
        let empty = engine.usedMemory
        fill(engine)
        for number in 0..<1_000 { session.answer("SET t\(number) x") }
        #expect(engine.usedMemory > empty + 60_000 * 24)
        session.answer("FLUSHALL ASYNC")
        var last = engine.usedMemory
        #expect(last > empty + 60_000 * 24)
        while engine.workBetweenTurns() {
            #expect(engine.usedMemory <= last)
            last = engine.usedMemory
        }
        #expect(engine.usedMemory == empty)
    }

    @Test func `deadlines go too`() {
        let session = Session()
        let engine = session.engine
        for number in 0..<20_000 {
            Array("key:\(number)".utf8).withBytes { name in
                engine.databases[0].setString(
                    Key(bytes: name, hash: engine.hash(name)), name, deadline: .at(engine.clock.milliseconds + 1_000))
            }
        }
        session.answer("FLUSHALL ASYNC")
        #expect(engine.nextWakeup == nil)
        while engine.workBetweenTurns() {}
        #expect(engine.keyspace.graveyard.isEmpty && engine.keyspace.graveyard.objects == 0)
        #expect(engine.keyspace.slabs.allocatedBytes == 0)
    }
}

@Suite struct FLUSHDB {
    @Test(arguments: [
        ("FLUSHDB", "+OK\r\n"),
        ("FLUSHDB sync", "+OK\r\n"),
        ("FLUSHDB ASYNC", "+OK\r\n"),
        ("FLUSHDB foo", "-ERR syntax error\r\n"),
        ("FLUSHDB ASYNC x", "-ERR syntax error\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 b 2")
        #expect(session.answer(line) == reply)
        #expect(session.answer("DBSIZE") == (reply == "+OK\r\n" ? ":0\r\n" : ":2\r\n"))
    }

    @Test func `leaves the other databases alone`() {
        let session = Session()
        fill(session.engine, 1, keys: 10)
        session.answer("MSET a 1 b 2")
        session.answer("FLUSHDB")
        #expect(session.engine.databases[0].count == 0)
        #expect(session.engine.databases[1].count == 10)
        #expect(session.engine.statistics.dirty == 12 - 10 + 2)
    }
}

@Suite struct SWAPDB {
    @Test(arguments: [
        ("SWAPDB 0 1", "+OK\r\n"),
        ("SWAPDB 1 1", "+OK\r\n"),
        ("SWAPDB 0", "-ERR wrong number of arguments for 'swapdb' command\r\n"),
        ("SWAPDB x 1", "-ERR invalid first DB index\r\n"),
        ("SWAPDB 0 x", "-ERR invalid second DB index\r\n"),
        ("SWAPDB 99 x", "-ERR invalid second DB index\r\n"),
        ("SWAPDB 99999999999 0", "-ERR invalid first DB index\r\n"),
        ("SWAPDB 0 99999999999", "-ERR invalid second DB index\r\n"),
        ("SWAPDB 0 99", "-ERR DB index is out of range\r\n"),
        ("SWAPDB -1 0", "-ERR DB index is out of range\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        #expect(session.answer(line) == reply)
        #expect(session.engine.statistics.dirty == (reply == "+OK\r\n" ? 1 : 0))
    }

    @Test func `what others have selected changes under them`() {
        let session = Session()
        let other = Session(session.engine)
        other.client.database = 5
        session.answer("SET a here")
        #expect(session.answer("SWAPDB 0 5") == "+OK\r\n")
        #expect(session.answer("GET a") == "$-1\r\n")
        #expect(other.answer("GET a") == "$4\r\nhere\r\n")
        let databases = session.engine.databases
        #expect(databases.indices.allSatisfy { databases[$0].index == $0 })
    }

    @Test func `the commands behind it in a pipeline see it`() {
        let session = Session()
        #expect(session.send(Array("SET a 1\r\nSWAPDB 0 1\r\nGET a\r\n".utf8)) == "+OK\r\n+OK\r\n$-1\r\n")
    }
}
