import Testing

@testable import Redstart

private let wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

/// A session with sets `s` (a b), `n` (1 2 3), `one` (x) and a string `k`.
private func prepared() -> Session {
    let session = Session()
    session.answer("SADD s a b")
    session.answer("SADD n 1 2 3")
    session.answer("SADD one x")
    session.answer("SET k v")
    return session
}

@Suite struct SADD {
    @Test(arguments: [
        ("SADD s", "-ERR wrong number of arguments for 'sadd' command\r\n"),
        ("SADD k a", wrongType),
        ("SADD s a", ":0\r\n"),
        ("SADD s c d c", ":2\r\n"),
        ("SADD new 1 01 1", ":2\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `each new member is a change, all together one event`() {
        let session = Session()
        let events = session.events
        session.answer("SADD s a b a")
        #expect(events.take() == ["0:new s", "0:sadd s"] && events.takeDirty() == 2)
        session.answer("SADD s a b")
        #expect(events.take() == [] && events.takeDirty() == 0)
    }

    @Test(arguments: [
        ("1 2 3", "intset"), ("1 a", "listpack"), ("a", "listpack"), ("", "listpack"),
        (String(repeating: "x", count: 64), "listpack"), (String(repeating: "x", count: 65), "hashtable"),
    ])
    func `the layout follows from the members`(_ members: String, _ encoding: String) {
        let session = Session()
        session.call(
            words: ["SADD", "s"].map { Array($0.utf8) } + members.split(separator: " ").map { Array($0.utf8) })
        if members.isEmpty { session.call("SADD", "s", "") }
        #expect(session.answer("OBJECT ENCODING s") == "$\(encoding.count)\r\n\(encoding)\r\n")
    }

    @Test(arguments: [
        ("i", 512, "intset"), ("i", 513, "hashtable"), ("m", 128, "listpack"), ("m", 129, "hashtable"),
    ])
    func `converts at the thresholds`(_ prefix: String, _ count: Int, _ encoding: String) {
        let session = Session()
        for number in 1...count { session.answer("SADD s \(prefix == "i" ? "" : prefix)\(number)") }
        #expect(session.answer("OBJECT ENCODING s") == "$\(encoding.count)\r\n\(encoding)\r\n")
        #expect(session.answer("SCARD s") == ":\(count)\r\n")
    }

    @Test func `the deadline stays through all layouts`() {
        let session = Session()
        session.answer("SADD s 1")
        session.answer("EXPIRE s 100")
        session.answer("SADD s a")
        #expect(session.answer("TTL s") == ":100\r\n")
        session.answer("SADD s \(String(repeating: "x", count: 100))")
        #expect(session.answer("OBJECT ENCODING s") == "$9\r\nhashtable\r\n")
        #expect(session.answer("TTL s") == ":100\r\n")
        #expect(session.answer("SCARD s") == ":3\r\n")
    }
}

@Suite struct SCARD {
    @Test(arguments: [("SCARD s", ":2\r\n"), ("SCARD nokey", ":0\r\n"), ("SCARD k", wrongType)])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }
}

@Suite struct SREM {
    @Test(arguments: [
        ("SREM s", "-ERR wrong number of arguments for 'srem' command\r\n"), ("SREM k a", wrongType),
        ("SREM s x", ":0\r\n"), ("SREM s a x a", ":1\r\n"), ("SREM n 1 01 x", ":1\r\n"), ("SREM nokey a", ":0\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `the last member takes the key with it`() {
        let session = prepared()
        let events = session.events
        #expect(session.answer("SREM s a x b c") == ":2\r\n")
        #expect(events.take() == ["0:srem s", "0:del s"] && events.takeDirty() == 2)
        #expect(session.answer("EXISTS s") == ":0\r\n")
    }
}

@Suite struct SISMEMBER {
    @Test(arguments: [
        ("SISMEMBER s a", ":1\r\n"), ("SISMEMBER s A", ":0\r\n"), ("SISMEMBER n 3", ":1\r\n"),
        ("SISMEMBER n 03", ":0\r\n"), ("SISMEMBER nokey a", ":0\r\n"), ("SISMEMBER k a", wrongType),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }
}

@Suite struct SMISMEMBER {
    @Test(arguments: [
        ("SMISMEMBER s a x b", "*3\r\n:1\r\n:0\r\n:1\r\n"), ("SMISMEMBER nokey a b", "*2\r\n:0\r\n:0\r\n"),
        ("SMISMEMBER k a", wrongType),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }
}

@Suite struct SMEMBERS {
    @Test(arguments: [
        ("SMEMBERS n", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n"), ("SMEMBERS nokey", "*0\r\n"),
        ("SMEMBERS k", wrongType),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `is a set in RESP3`() {
        let session = prepared()
        session.answer("HELLO 3")
        #expect(session.answer("SMEMBERS one") == "~1\r\n$1\r\nx\r\n")
        #expect(session.answer("SMEMBERS nokey") == "~0\r\n")
    }
}

@Suite struct SMOVE {
    @Test(arguments: [
        ("SMOVE s n a", ":1\r\n"), ("SMOVE s n x", ":0\r\n"), ("SMOVE nokey k a", ":0\r\n"),
        ("SMOVE s k a", wrongType), ("SMOVE k s a", wrongType), ("SMOVE s s a", ":1\r\n"), ("SMOVE s s x", ":0\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `is two changes, and ends a set that it empties`() {
        let session = prepared()
        let events = session.events
        session.answer("SMOVE one s x")
        #expect(events.take() == ["0:srem one", "0:del one", "0:sadd s"] && events.takeDirty() == 2)
        session.answer("SADD t a")
        _ = (events.take(), events.takeDirty())
        session.answer("SMOVE s t a")
        #expect(events.take() == ["0:srem s"] && events.takeDirty() == 1)
        session.answer("SMOVE s s b")
        #expect(events.take() == [] && events.takeDirty() == 0)
    }
}

@Suite struct SPOP {
    @Test(arguments: [
        ("SPOP nokey", "$-1\r\n"), ("SPOP nokey 2", "*0\r\n"), ("SPOP s 0", "*0\r\n"), ("SPOP k", wrongType),
        ("SPOP k 0", wrongType), ("SPOP s -1", "-ERR value is out of range, must be positive\r\n"),
        ("SPOP s x", "-ERR value is out of range, must be positive\r\n"), ("SPOP s 1 1", "-ERR syntax error\r\n"),
        ("SPOP one", "$1\r\nx\r\n"), ("SPOP n 9", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `names what it did`() {
        let session = prepared()
        let events = session.events
        session.answer("SPOP n 2")
        #expect(events.take() == ["0:spop n"] && events.takeDirty() == 2)
        session.answer("SPOP n 5")
        #expect(events.take() == ["0:spop n", "0:del n"] && events.takeDirty() == 1)
        session.answer("SPOP one")
        #expect(events.take() == ["0:spop one", "0:del one"] && events.takeDirty() == 1)
    }

    @Test(arguments: ["i", "m", "l"])
    func `each member is as likely as the others`(_ layout: String) {
        let chosen = Draws(layout).count { session in session.answer("SPOP s") }
        #expect(chosen.isUniform, "\(chosen.statistic)")
    }

    @Test(arguments: [("i", 2), ("m", 3), ("l", 2), ("l", 7), ("i", 7)])
    func `each choice of several is as likely as the others`(_ layout: String, _ wanted: Int) {
        let chosen = Draws(layout).count { session in session.answer("SPOP s \(wanted)") }
        #expect(chosen.isUniform, "\(chosen.statistic)")
    }

    @Test func `a large set that ends is freed over turns`() {
        let session = Session()
        for start in stride(from: 0, to: 5_000, by: 100) {
            session.answer("SADD s " + (start..<start + 100).map { "m\($0)" }.joined(separator: " "))
        }
        for line in ["SPOP s 5000", "DEL t", "UNLINK u", "SET v x"] {
            if line != "SPOP s 5000" { session.answer("COPY source \(line.split(separator: " ")[1])") }
            if line == "SPOP s 5000" { session.answer("COPY s source") }
            session.answer(line)
            #expect(!session.engine.keyspace.graveyard.isEmpty, "\(line)")
            while !session.engine.keyspace.freeBuried(budget: 1_000) {}
        }
    }
}

@Suite struct SRANDMEMBER {
    private static let tooLow =
        "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"

    @Test(arguments: [
        ("SRANDMEMBER nokey", "$-1\r\n"), ("SRANDMEMBER nokey 2", "*0\r\n"), ("SRANDMEMBER s 0", "*0\r\n"),
        ("SRANDMEMBER k", wrongType), ("SRANDMEMBER k x", "-ERR value is not an integer or out of range\r\n"),
        ("SRANDMEMBER s 1 1", "-ERR syntax error\r\n"), ("SRANDMEMBER s -9223372036854775808", tooLow),
        ("SRANDMEMBER one", "$1\r\nx\r\n"), ("SRANDMEMBER one 4", "*1\r\n$1\r\nx\r\n"),
        ("SRANDMEMBER one -2", "*2\r\n$1\r\nx\r\n$1\r\nx\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test(arguments: [("i", ""), ("m", ""), ("l", ""), ("i", "3"), ("m", "7"), ("l", "3"), ("l", "7"), ("l", "-5")])
    func `each member is as likely as the others`(_ layout: String, _ count: String) {
        let chosen = Draws(layout).count { session in session.answer("SRANDMEMBER s \(count)") }
        #expect(chosen.isUniform, "\(chosen.statistic)")
    }

    @Test func `changes nothing`() {
        let session = prepared()
        let events = session.events
        session.answer("SRANDMEMBER n 2")
        #expect(events.take() == [] && events.takeDirty() == 0 && session.answer("SCARD n") == ":3\r\n")
    }
}

/// Ten members, drawn from again and again: how often each came.
private struct Draws {
    let members: [String]
    private(set) var hits: [String: Int] = [:]
    private(set) var drawn = 0
    private(set) var rounds = 0

    /// Integers (`i`), a packed list (`m`) or a table (`l`).
    init(_ layout: String) {
        members = (0..<10).map { number in
            switch layout {
            case "i": "\(number * 1_000)"
            case "m": "m\(number)"
            default: String(repeating: "x", count: 70) + "\(number)"
            }
        }
    }

    func count(_ draw: (Session) -> String) -> Draws {
        var result = self
        let session = Session()
        for _ in 0..<3_000 {
            session.answer("DEL s")
            session.answer("SADD s " + members.joined(separator: " "))
            let reply = draw(session).split(separator: "\r\n")
            let chosen = reply.filter { !$0.hasPrefix("$") && !$0.hasPrefix("*") }.map(String.init)
            result.rounds += 1
            result.drawn += chosen.count
            for member in chosen { result.hits[member, default: 0] += 1 }
        }
        return result
    }

    /// Chi squared with 9 degrees of freedom, if the draws were apart; different members in one draw make it smaller.
    var statistic: Double {
        let expected = Double(drawn) / Double(members.count)
        return members.reduce(0) { sum, member in
            let difference = Double(hits[member] ?? 0) - expected
            return sum + difference * difference / expected
        }
    }

    /// One in a thousand uniform sources does worse than 27.9.
    var isUniform: Bool { statistic < 27.9 && hits.count == members.count }
}

@Suite struct SSCAN {
    @Test(arguments: [
        ("SSCAN nokey 0", "*2\r\n$1\r\n0\r\n*0\r\n"), ("SSCAN nokey x", "-ERR invalid cursor\r\n"),
        ("SSCAN nokey 0 FOO", "*2\r\n$1\r\n0\r\n*0\r\n"), ("SSCAN k 0 FOO", wrongType),
        ("SSCAN s 0 FOO", "-ERR syntax error\r\n"), ("SSCAN s 0 COUNT 0", "-ERR syntax error\r\n"),
        ("SSCAN s 0 COUNT x", "-ERR value is not an integer or out of range\r\n"),
        ("SSCAN n 7 COUNT 1", "*2\r\n$1\r\n0\r\n*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n"),
        ("SSCAN s 0 MATCH [b-z]", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `what is there from the first call to the last is answered exactly once`() {
        var chance = SeededChance(seed: 7)
        let session = Session()
        let lasting = (0..<2_000).map { "lasting:\($0)" }
        session.answer("SADD s " + lasting.joined(separator: " "))
        var seen: [String: Int] = [:]
        var cursor = "0"
        var calls = 0
        repeat {
            let reply = session.answer("SSCAN s \(cursor) COUNT 20").split(separator: "\r\n").map(String.init)
            cursor = reply[2]
            for word in reply.dropFirst(4) where word.hasPrefix("lasting") { seen[word, default: 0] += 1 }
            calls += 1
            // Others come and go by the thousand, so that the table grows and shrinks under the scan.
            let others = (0..<400).map { _ in "other:\(chance.next() % 8_000)" }.joined(separator: " ")
            session.answer((calls / 10).isMultiple(of: 2) ? "SADD s \(others)" : "SREM s \(others)")
        } while cursor != "0"
        #expect(seen.count == lasting.count && seen.values.allSatisfy { $0 == 1 })
        #expect(calls > 20)
    }
}
