import Testing

@testable import Redstart

@Suite struct COPY {
    @Test(arguments: [
        ("COPY a", "-ERR wrong number of arguments for 'copy' command\r\n"),
        ("COPY a b", ":1\r\n"),
        ("COPY a taken", ":0\r\n"),
        ("COPY a taken REPLACE", ":1\r\n"),
        ("COPY a c replace REPLACE", ":1\r\n"),
        ("COPY a a", "-ERR source and destination objects are the same\r\n"),
        ("COPY a a DB 0 REPLACE", "-ERR source and destination objects are the same\r\n"),
        ("COPY missing missing", "-ERR source and destination objects are the same\r\n"),
        ("COPY a a DB 1", ":1\r\n"),
        ("COPY a c DB 2 db 3", ":1\r\n"),
        ("COPY a c DB x", "-ERR value is not an integer or out of range\r\n"),
        ("COPY a c DB x FOO", "-ERR value is not an integer or out of range\r\n"),
        ("COPY a c DB 16 FOO", "-ERR DB index is out of range\r\n"),
        ("COPY a c DB -1", "-ERR DB index is out of range\r\n"),
        ("COPY a c DB 5000000000", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"),
        ("COPY a c DB", "-ERR syntax error\r\n"),
        ("COPY a c FOO DB x", "-ERR syntax error\r\n"),
        ("COPY missing c", ":0\r\n"),
        ("COPY missing a REPLACE", ":0\r\n"),
        ("COPY missing c DB 16", "-ERR DB index is out of range\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 taken 2")
        #expect(session.answer(line) == reply)
    }

    @Test func `takes value and deadline along, with one change and its events`() {
        let session = Session()
        session.answer("SET a hello")
        session.answer("EXPIRE a 100")
        let events = session.events
        #expect(session.answer("COPY a b") == ":1\r\n")
        #expect(events.take() == ["0:new b", "0:copy_to b"])
        #expect(session.answer("COPY a b REPLACE DB 0") == ":1\r\n")
        #expect(events.take() == ["0:new b", "0:copy_to b"])
        #expect(events.takeDirty() == 2)
        #expect(session.answer("GET b") == "$5\r\nhello\r\n")
        #expect(session.answer("TTL b") == ":100\r\n")
        #expect(session.answer("COPY nokey b REPLACE") == ":0\r\n")
        #expect(events.take() == ["0:keymiss nokey"])
        #expect(events.takeDirty() == 0)
    }

    @Test func `goes to another database`() {
        let session = Session()
        session.answer("SET a 1")
        let events = session.events
        #expect(session.answer("COPY a a DB 5") == ":1\r\n")
        #expect(events.take() == ["5:new a", "5:copy_to a"])
        session.client.database = 5
        #expect(session.answer("GET a") == "$1\r\n1\r\n")
    }

    @Test func `a target whose time has come is none`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("PEXPIRE b 10")
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(session.answer("COPY a b") == ":1\r\n")
        #expect(events.take() == ["0:expired b", "0:new b", "0:copy_to b"])
        #expect(session.answer("TTL b") == ":-1\r\n")
    }

    @Test func `an object is copied, not shared`() throws {
        let session = Session()
        session.setObject("a", TestObject(1), .list)
        #expect(session.answer("COPY a b") == ":1\r\n")
        #expect(session.answer("TYPE b") == "+list\r\n")
        let numbers = try ["a", "b"].map { name in
            try Array(name.utf8).withBytes { bytes in
                let entry = session.engine.databases[0].find(Key(bytes: bytes, hash: session.engine.hash(bytes)))
                return try #require(entry?.record.object as? TestObject).number
            }
        }
        #expect(numbers == [1, 2])
    }

    @Test func `keeps the encoding`() {
        let session = Session()
        let long = String(repeating: "x", count: 45)
        for (value, encoding) in [("12", "int"), ("short", "embstr"), (long, "raw")] {
            session.answer("SET a \(value)")
            session.answer("COPY a b REPLACE")
            #expect(session.answer("OBJECT ENCODING b") == "$\(encoding.count)\r\n\(encoding)\r\n")
        }
    }
}

@Suite struct MOVE {
    @Test(arguments: [
        ("MOVE k", "-ERR wrong number of arguments for 'move' command\r\n"),
        ("MOVE k 1", ":1\r\n"),
        ("MOVE k 2", ":0\r\n"),
        ("MOVE missing 1", ":0\r\n"),
        ("MOVE k 0", "-ERR source and destination objects are the same\r\n"),
        ("MOVE missing 0", "-ERR source and destination objects are the same\r\n"),
        ("MOVE k x", "-ERR value is not an integer or out of range\r\n"),
        ("MOVE k 16", "-ERR DB index is out of range\r\n"),
        ("MOVE k -1", "-ERR DB index is out of range\r\n"),
        ("MOVE k 5000000000", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"),
        ("MOVE k 99999999999999999999", "-ERR value is not an integer or out of range\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SET k v")
        session.answer("COPY k k DB 2")
        #expect(session.answer(line) == reply)
    }

    @Test func `takes value and deadline along, with one change and its events`() {
        let session = Session()
        session.answer("SET k v")
        session.answer("PEXPIRE k 5000")
        let events = session.events
        #expect(session.answer("MOVE k 3") == ":1\r\n")
        #expect(events.take() == ["3:new k", "0:move_from k", "3:move_to k"])
        #expect(events.takeDirty() == 1)
        #expect(session.answer("EXISTS k") == ":0\r\n")
        #expect(session.engine.databases[0].deadlineCount == 0)
        session.client.database = 3
        #expect(session.answer("GET k") == "$1\r\nv\r\n")
        #expect(session.answer("PTTL k") == ":5000\r\n")
        _ = events.take()
        session.advance(milliseconds: 5_000)
        #expect(events.take() == ["3:expired k"])
    }

    @Test func `a target whose time has come is none`() {
        let session = Session()
        session.answer("SET k v")
        session.answer("COPY k k DB 1")
        session.client.database = 1
        session.answer("PEXPIRE k 10")
        session.client.database = 0
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(session.answer("MOVE k 1") == ":1\r\n")
        #expect(events.take() == ["1:expired k", "1:new k", "0:move_from k", "1:move_to k"])
    }

    @Test func `an object changes hands`() {
        let session = Session()
        var ended = 0
        session.setObject("k", TestObject(1) { ended += 1 }, .hash)
        #expect(session.answer("MOVE k 1") == ":1\r\n")
        #expect(session.answer("TYPE k") == "+none\r\n")
        session.client.database = 1
        #expect(session.answer("TYPE k") == "+hash\r\n")
        #expect(ended == 0)
        session.answer("DEL k")
        #expect(ended == 1)
    }
}

@Suite struct RENAME {
    @Test(arguments: [
        ("RENAME a", "-ERR wrong number of arguments for 'rename' command\r\n"),
        ("RENAME a b", "+OK\r\n"),
        ("RENAME a taken", "+OK\r\n"),
        ("RENAME a a", "+OK\r\n"),
        ("RENAME missing a", "-ERR no such key\r\n"),
        ("RENAME missing missing", "-ERR no such key\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 taken 2")
        #expect(session.answer(line) == reply)
    }

    @Test func `takes value and deadline along, with one change and its events`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("EXPIRE a 100")
        session.answer("EXPIRE b 200")
        let events = session.events
        #expect(session.answer("RENAME a b") == "+OK\r\n")
        #expect(events.take() == ["0:new b", "0:rename_from a", "0:rename_to b"])
        #expect(session.answer("RENAME b b") == "+OK\r\n")
        #expect(events.take() == [])
        #expect(events.takeDirty() == 1)
        #expect(session.answer("GET b") == "$1\r\n1\r\n")
        #expect(session.answer("TTL b") == ":100\r\n")
        #expect(session.answer("EXISTS a") == ":0\r\n")
        #expect(session.engine.databases[0].deadlineCount == 1)
    }

    @Test func `a key whose time has come cannot be renamed`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("PEXPIRE a 10")
        session.sleep(milliseconds: 10)
        #expect(session.answer("RENAME a b") == "-ERR no such key\r\n")
        #expect(session.answer("GET b") == "$1\r\n2\r\n")
    }

    @Test func `the replaced object ends, the renamed one lives`() {
        let session = Session()
        var ended: [Int] = []
        session.setObject("a", TestObject(1) { ended.append(1) }, .set)
        session.setObject("b", TestObject(2) { ended.append(2) }, .sortedSet)
        #expect(session.answer("RENAME a b") == "+OK\r\n")
        #expect(ended == [2])
        #expect(session.answer("TYPE b") == "+set\r\n")
        session.answer("EXPIRE b 100")
        session.answer("RENAME b c")
        #expect(session.answer("TTL c") == ":100\r\n")
        #expect(session.answer("TYPE c") == "+set\r\n")
        #expect(ended == [2])
        session.answer("EXPIRE c -1")
        #expect(ended == [2, 1])
    }

    @Test func `works among many keys, whose table shrinks and grows meanwhile`() {
        let session = Session()
        for index in 0..<2_000 { session.answer("SET key:\(index) \(index)") }
        for index in 0..<1_000 { session.answer("RENAME key:\(index) key:\(index + 1_000)") }
        for index in 0..<1_000 {
            let digits = String(index)
            #expect(session.answer("GET key:\(index + 1_000)") == "$\(digits.count)\r\n\(digits)\r\n")
            #expect(session.answer("EXISTS key:\(index)") == ":0\r\n")
        }
    }
}

@Suite struct RENAMENX {
    @Test(arguments: [
        ("RENAMENX a", "-ERR wrong number of arguments for 'renamenx' command\r\n"),
        ("RENAMENX a b", ":1\r\n"),
        ("RENAMENX a taken", ":0\r\n"),
        ("RENAMENX a a", ":0\r\n"),
        ("RENAMENX missing a", "-ERR no such key\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 taken 2")
        #expect(session.answer(line) == reply)
    }

    @Test func `a target whose time has come is none`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("PEXPIRE b 10")
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(session.answer("RENAMENX a b") == ":1\r\n")
        #expect(events.take() == ["0:expired b", "0:new b", "0:rename_from a", "0:rename_to b"])
        #expect(events.takeDirty() == 1)
    }
}
