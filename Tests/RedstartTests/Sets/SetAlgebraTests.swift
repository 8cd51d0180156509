import Testing

@testable import Redstart

private let wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

private func prepared() -> Session {
    let session = Session()
    session.answer("SADD a 1 2 3 4")
    session.answer("SADD b 2 3 4 5")
    session.answer("SADD c 4 3 x")
    session.answer("SET k v")
    return session
}

private func bulks(_ words: String...) -> String {
    "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
}

@Suite struct SINTER {
    @Test(arguments: [
        ("SINTER a b", bulks("2", "3", "4")), ("SINTER a b c", bulks("3", "4")), ("SINTER a nokey", "*0\r\n"),
        ("SINTER nokey k", wrongType), ("SINTER a a", bulks("1", "2", "3", "4")),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }

    @Test func `is a set in RESP3`() {
        let session = prepared()
        session.answer("HELLO 3")
        #expect(session.answer("SINTER a b c").hasPrefix("~2\r\n"))
        #expect(session.answer("SINTER nokey") == "~0\r\n")
    }
}

@Suite struct SINTERCARD {
    @Test(arguments: [
        ("SINTERCARD 2 a b", ":3\r\n"), ("SINTERCARD 2 a b LIMIT 2", ":2\r\n"), ("SINTERCARD 2 a b limit 0", ":3\r\n"),
        ("SINTERCARD 0 a", "-ERR numkeys should be greater than 0\r\n"),
        ("SINTERCARD 3 a b", "-ERR Number of keys can't be greater than number of args\r\n"),
        ("SINTERCARD 2 a b LIMIT -1", "-ERR LIMIT can't be negative\r\n"),
        ("SINTERCARD 1 a b", "-ERR syntax error\r\n"),
        ("SINTERCARD 2 nokey k", wrongType),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }
}

@Suite struct SINTERSTORE {
    @Test func `stores what is shared, or deletes`() {
        let session = prepared()
        let events = session.events
        #expect(session.answer("SINTERSTORE k a b") == ":3\r\n")
        #expect(events.take() == ["0:sinterstore k"] && events.takeDirty() == 1)
        #expect(session.answer("SMEMBERS k") == bulks("2", "3", "4"))
        #expect(session.answer("SINTERSTORE k a nokey") == ":0\r\n")
        #expect(events.take() == ["0:keymiss nokey", "0:del k"] && events.takeDirty() == 1)
        #expect(session.answer("SINTERSTORE k a nokey") == ":0\r\n")
        #expect(events.take() == ["0:keymiss nokey"] && events.takeDirty() == 0)
    }

    @Test func `of nothing but integers it makes integers in order`() {
        let session = prepared()
        session.answer("SADD d 4 3 2 y")
        session.answer("SINTERSTORE r d c")
        #expect(session.answer("OBJECT ENCODING r") == "$6\r\nintset\r\n")
    }
}

@Suite struct SUNION {
    @Test(arguments: [
        ("SUNION a b", bulks("1", "2", "3", "4", "5")), ("SUNION nokey", "*0\r\n"), ("SUNION a k", wrongType),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }
}

@Suite struct SUNIONSTORE {
    @Test func `may store to one of its sources`() {
        let session = prepared()
        let events = session.events
        #expect(session.answer("SUNIONSTORE a a b c") == ":6\r\n")
        #expect(events.take() == ["0:sunionstore a"] && events.takeDirty() == 1)
        #expect(session.answer("SCARD a") == ":6\r\n")
    }

    @Test func `takes the deadline away`() {
        let session = prepared()
        session.answer("EXPIRE k 100")
        session.answer("SUNIONSTORE k a")
        #expect(session.answer("TTL k") == ":-1\r\n")
    }
}

@Suite struct SDIFF {
    @Test(arguments: [
        ("SDIFF a b", bulks("1")), ("SDIFF a", bulks("1", "2", "3", "4")), ("SDIFF a b a", "*0\r\n"),
        ("SDIFF nokey a", "*0\r\n"), ("SDIFF nokey k", wrongType), ("SDIFF c nokey a", bulks("x")),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(prepared().answer(line) == reply)
    }
}

@Suite struct SDIFFSTORE {
    @Test func `stores what is left, or deletes`() {
        let session = prepared()
        let events = session.events
        #expect(session.answer("SDIFFSTORE r a b") == ":1\r\n")
        #expect(events.take() == ["0:new r", "0:sdiffstore r"] && events.takeDirty() == 1)
        #expect(session.answer("SDIFFSTORE r a a") == ":0\r\n")
        #expect(events.take() == ["0:del r"] && events.takeDirty() == 1)
    }

    @Test func `takes members out of a copy where that is cheaper, which shows in the layout`() {
        let session = Session()
        session.answer("SADD a x 1 2 3 4 5 6 7 8 9")
        session.answer("SADD b x")
        session.answer("SADD c 100")
        #expect(session.answer("SDIFFSTORE r a b c") == ":9\r\n")
        #expect(session.answer("OBJECT ENCODING r") == "$8\r\nlistpack\r\n")
        session.answer("SADD c 101 102 103 104 105 106")
        #expect(session.answer("SDIFFSTORE r a b c") == ":9\r\n")
        #expect(session.answer("OBJECT ENCODING r") == "$6\r\nintset\r\n")
    }
}

/// Sets in all layouts, against Swift's own.
@Suite struct SetAlgebra {
    @Test func `does what sets do`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("Set algebra against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }
        let session = Session()
        for _ in 0..<1_500 {
            session.answer("FLUSHALL")
            var sets: [Set<String>] = []
            let keys = 1 + below(4)
            for key in 0..<keys {
                let space = [10, 100, 1_000][below(3)]
                let prefix = ["", "m", String(repeating: "l", count: 70)][below(3)]
                let members = (0..<1 + below(space)).map { _ in
                    below(3) == 0 ? "\(below(space))" : "\(prefix)\(below(space))"
                }
                if below(8) != 0 { session.answer("SADD \(key) " + members.joined(separator: " ")) }
                sets.append(session.answer("SCARD \(key)") == ":0\r\n" ? [] : Set(members))
            }
            let names = (0..<keys).map(String.init).joined(separator: " ")
            let rest = sets.dropFirst()
            let shared = rest.reduce(sets[0]) { $0.intersection($1) }
            let wanted = [
                ("SINTER", shared), ("SUNION", rest.reduce(sets[0]) { $0.union($1) }),
                ("SDIFF", rest.reduce(sets[0]) { $0.subtracting($1) }),
            ]
            for (command, result) in wanted {
                #expect(members(session.answer("\(command) \(names)")) == result.sorted())
                let target = below(2) == 0 ? "0" : "r"
                guard target == "r" else { continue }
                #expect(session.answer("\(command)STORE r \(names)") == ":\(result.count)\r\n")
                #expect(members(session.answer("SMEMBERS r")) == result.sorted())
            }
            let limit = below(20)
            let counted = limit == 0 ? shared.count : min(limit, shared.count)
            #expect(session.answer("SINTERCARD \(keys) \(names) LIMIT \(limit)") == ":\(counted)\r\n")
        }
    }

    private func members(_ reply: String) -> [String] {
        reply.split(separator: "\r\n").filter { !$0.hasPrefix("$") && !$0.hasPrefix("*") }.map(String.init).sorted()
    }
}
