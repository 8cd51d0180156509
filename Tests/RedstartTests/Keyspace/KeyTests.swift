import Testing

@testable import Redstart

@Suite struct DEL {
    @Test(arguments: [
        ("DEL", "-ERR wrong number of arguments for 'del' command\r\n"),
        ("DEL missing", ":0\r\n"),
        ("DEL a missing b a", ":2\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 b 2")
        #expect(session.answer(line) == reply)
    }

    @Test func `each key removed is a change and an event`() {
        let session = Session()
        session.answer("MSET a 1 b 2 c 3")
        session.answer("PEXPIRE c 10")
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(session.answer("DEL a c nokey b") == ":2\r\n")
        #expect(events.take() == ["0:del a", "0:expired c", "0:del b"])
        #expect(events.takeDirty() == 2)
        #expect(session.engine.databases[0].deadlineCount == 0)
    }
}

@Suite struct UNLINK {
    @Test(arguments: [
        ("UNLINK", "-ERR wrong number of arguments for 'unlink' command\r\n"),
        ("UNLINK a missing b a", ":2\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 b 2")
        #expect(session.answer(line) == reply)
        #expect(session.engine.databases[0].count == (reply == ":2\r\n" ? 0 : 2))
    }

    @Test func `is known as del to whoever listens`() {
        let session = Session()
        session.answer("SET a 1")
        let events = session.events
        session.answer("UNLINK a")
        #expect(events.take() == ["0:del a"])
        #expect(events.takeDirty() == 1)
    }
}

@Suite struct EXISTS {
    @Test(arguments: [
        ("EXISTS", "-ERR wrong number of arguments for 'exists' command\r\n"),
        ("EXISTS missing", ":0\r\n"),
        ("EXISTS a missing a", ":2\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SET a 1")
        #expect(session.answer(line) == reply)
    }

    @Test func `counts hits and misses but no use`() {
        let session = Session()
        session.answer("SET a 1")
        session.sleep(milliseconds: 5_000)
        let events = session.events
        session.answer("EXISTS a nokey")
        #expect(events.take() == ["0:keymiss nokey"])
        #expect(session.engine.statistics.keyspaceHits == 1)
        #expect(session.engine.statistics.keyspaceMisses == 1)
        #expect(session.answer("OBJECT IDLETIME a") == ":5\r\n")
    }
}

@Suite struct TOUCH {
    @Test(arguments: [
        ("TOUCH", "-ERR wrong number of arguments for 'touch' command\r\n"),
        ("TOUCH missing", ":0\r\n"),
        ("TOUCH a missing a", ":2\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SET a 1")
        #expect(session.answer(line) == reply)
    }

    @Test func `counts as use, even for a client that otherwise leaves no trace`() {
        let session = Session()
        session.answer("SET a 1")
        session.client.flags.insert(.noTouch)
        session.sleep(milliseconds: 5_000)
        session.answer("GET a")
        #expect(session.answer("OBJECT IDLETIME a") == ":5\r\n")
        session.answer("TOUCH a")
        #expect(session.answer("OBJECT IDLETIME a") == ":0\r\n")
    }
}

@Suite struct TYPE {
    @Test(arguments: [
        ("TYPE", "-ERR wrong number of arguments for 'type' command\r\n"),
        ("TYPE a b", "-ERR wrong number of arguments for 'type' command\r\n"),
        ("TYPE a", "+string\r\n"),
        ("TYPE missing", "+none\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SET a 1")
        #expect(session.answer(line) == reply)
    }

    @Test(arguments: [
        (ValueType.list, "+list\r\n"), (.set, "+set\r\n"), (.sortedSet, "+zset\r\n"), (.hash, "+hash\r\n"),
        (.stream, "+stream\r\n"),
    ])
    func `names every type`(_ type: ValueType, _ reply: String) {
        let session = Session()
        session.setObject("a", TestObject(1), type)
        #expect(session.answer("TYPE a") == reply)
        #expect(session.answer("GET a") == "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
        #expect(session.answer("DEL a") == ":1\r\n")
    }

    @Test func `a key whose time has come has none`() {
        let session = Session()
        session.answer("SET a 1")
        session.answer("PEXPIRE a 10")
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(session.answer("TYPE a") == "+none\r\n")
        #expect(events.take() == ["0:expired a", "0:keymiss a"])
    }
}

@Suite struct PERSIST {
    @Test(arguments: [
        ("PERSIST", "-ERR wrong number of arguments for 'persist' command\r\n"),
        ("PERSIST missing", ":0\r\n"),
        ("PERSIST a", ":0\r\n"),
        ("PERSIST b", ":1\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("EXPIRE b 100")
        #expect(session.answer(line) == reply)
    }

    @Test func `the key stays when its time would have come`() {
        let session = Session()
        session.answer("SET a 1")
        session.answer("PEXPIRE a 10")
        let events = session.events
        #expect(session.answer("PERSIST a") == ":1\r\n")
        #expect(session.answer("PERSIST a") == ":0\r\n")
        #expect(events.take() == ["0:persist a"])
        #expect(events.takeDirty() == 1)
        session.advance(milliseconds: 1_000)
        #expect(session.answer("GET a") == "$1\r\n1\r\n")
        #expect(session.answer("TTL a") == ":-1\r\n")
    }
}

@Suite struct RANDOMKEY {
    @Test(arguments: [
        ("RANDOMKEY x", "-ERR wrong number of arguments for 'randomkey' command\r\n"),
        ("RANDOMKEY", "$1\r\na\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        #expect(session.answer("RANDOMKEY") == "$-1\r\n")
        session.answer("SET a 1")
        #expect(session.answer(line) == reply)
    }

    @Test func `draws every key about as often`() {
        let session = Session()
        let names = (0..<20).map { "key:\(100 + $0)" }
        for name in names { session.answer("SET \(name) 1") }
        var drawn: [String: Int] = [:]
        for _ in 0..<20_000 { drawn[session.answer("RANDOMKEY"), default: 0] += 1 }
        for name in names { #expect((850...1_150).contains(drawn["$7\r\n\(name)\r\n"] ?? 0)) }
    }

    @Test func `draws no key whose time has come, and removes it`() {
        let session = Session()
        for index in 0..<100 {
            session.answer("SET dead:\(index) 1")
            session.answer("PEXPIRE dead:\(index) 10")
        }
        session.answer("SET alive 1")
        session.sleep(milliseconds: 10)
        for _ in 0..<50 { #expect(session.answer("RANDOMKEY") == "$5\r\nalive\r\n") }
        session.answer("DEL alive")
        #expect(session.answer("RANDOMKEY") == "$-1\r\n")
        #expect(session.engine.databases[0].table.count == 0)
    }

    @Test func `ends where all keys are dead and none may go`() {
        let session = Session()
        session.answer("SET dead 1")
        session.answer("PEXPIRE dead 10")
        session.sleep(milliseconds: 10)
        session.engine.keyspace.isFrozen = true
        #expect(session.answer("RANDOMKEY") == "$4\r\ndead\r\n")
        session.engine.keyspace.isFrozen = false
        session.engine.keyspace.expiresActively = false
        #expect(session.answer("RANDOMKEY") == "$-1\r\n")
    }

    @Test func `finds the few that are left of many`() {
        let session = Session()
        for index in 0..<20_000 { session.answer("SET key:\(index) 1") }
        for index in 1..<20_000 { session.answer("DEL key:\(index)") }
        #expect(session.answer("RANDOMKEY") == "$5\r\nkey:0\r\n")
    }
}

@Suite struct OBJECT {
    @Test(arguments: [
        ("OBJECT", "-ERR wrong number of arguments for 'object' command\r\n"),
        ("OBJECT FOO a b", "-ERR unknown subcommand 'FOO'. Try OBJECT HELP.\r\n"),
        ("OBJECT ENCODING", "-ERR wrong number of arguments for 'object|encoding' command\r\n"),
        ("OBJECT HELP x", "-ERR wrong number of arguments for 'object|help' command\r\n"),
        ("OBJECT ENCODING missing", "$-1\r\n"),
        ("OBJECT REFCOUNT missing", "$-1\r\n"),
        ("OBJECT IDLETIME missing", "$-1\r\n"),
        ("OBJECT FREQ missing", "$-1\r\n"),
        ("OBJECT ENCODING number", "$3\r\nint\r\n"),
        ("object encoding short", "$6\r\nembstr\r\n"),
        ("OBJECT ENCODING long", "$3\r\nraw\r\n"),
        ("OBJECT ENCODING other", "$8\r\nlistpack\r\n"),
        ("OBJECT REFCOUNT number", ":2147483647\r\n"),
        ("OBJECT REFCOUNT large", ":1\r\n"),
        ("OBJECT REFCOUNT short", ":1\r\n"),
        ("OBJECT REFCOUNT other", ":1\r\n"),
        ("OBJECT IDLETIME short", ":0\r\n"),
        (
            "OBJECT FREQ short",
            "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when "
                + "switching between policies at runtime LRU and LFU data will take some time to adjust.\r\n"
        ),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET number 9999 large 10000 short abc long \(String(repeating: "x", count: 45))")
        session.setObject("other", TestObject(1), .list)
        #expect(session.answer(line) == reply)
    }

    @Test func `under an LFU policy there is a frequency and no idle time`() {
        let session = Session()
        session.engine.settings.maxMemoryPolicy = .allKeysLFU
        session.engine.settingsChanged()
        session.answer("SET a 1")
        #expect(session.answer("OBJECT FREQ a") == ":5\r\n")
        #expect(session.answer("OBJECT FREQ nokey") == "$-1\r\n")
        for _ in 0..<5_000 { session.answer("GET a") }
        let frequency = Int(session.answer("OBJECT FREQ a").filter { $0.isNumber }) ?? 0
        #expect((15...60).contains(frequency))
        session.sleep(milliseconds: 3 * 60_000)
        #expect(session.answer("OBJECT FREQ a") == ":\(frequency - 3)\r\n")
        #expect(
            session.answer("OBJECT IDLETIME a")
                == "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching "
                + "between policies at runtime LRU and LFU data will take some time to adjust.\r\n")
        #expect(session.answer("OBJECT IDLETIME nokey") == "$-1\r\n")
    }

    @Test func `a copied integer is not shared, until it changes`() {
        let session = Session()
        session.answer("SET a 1")
        session.answer("COPY a b")
        #expect(session.answer("OBJECT REFCOUNT b") == ":1\r\n")
        session.answer("RENAME b c")
        #expect(session.answer("OBJECT REFCOUNT c") == ":1\r\n")
        session.answer("INCR c")
        #expect(session.answer("OBJECT REFCOUNT c") == ":2147483647\r\n")
    }

    @Test func `looks without leaving a trace in events or use`() {
        let session = Session()
        session.answer("SET a 1")
        session.sleep(milliseconds: 7_000)
        let events = session.events
        session.answer("OBJECT ENCODING a")
        session.answer("OBJECT ENCODING nokey")
        #expect(events.take() == [])
        #expect(session.answer("OBJECT IDLETIME a") == ":7\r\n")
        #expect(session.engine.statistics.keyspaceMisses == 1)
    }

    @Test func `explains itself`() {
        let help = Session().answer("OBJECT HELP")
        #expect(help.hasPrefix("*12\r\n+OBJECT <subcommand> "))
        for word in ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT", "HELP"] { #expect(help.contains("+\(word)")) }
    }
}
