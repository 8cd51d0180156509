import Testing

@testable import Redstart

private let wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
private let missingFields = "-ERR Mandatory argument FIELDS is missing or not at the right position\r\n"
private let fieldsDoNotMatch = "-ERR The `numfields` parameter must match the number of arguments\r\n"

/// The replies of the four commands that set deadlines, whose clock stands at 1,700,000,000 seconds.
private func expectSetting(_ command: String, _ moment: String, asking: String, _ answer: String) {
    for large in [false, true] {
        let session = Session()
        if large { session.answer("CONFIG SET hash-max-listpack-entries 0") }
        session.expect([
            ("HSET h a 1 b 2 c 3", ":3\r\n"),
            ("SET s 1", "+OK\r\n"),
            ("\(command) h \(moment) FIELDS 2 a nofield", "*2\r\n:1\r\n:-2\r\n"),
            ("\(asking) h FIELDS 3 a b nofield", "*3\r\n\(answer)\r\n:-1\r\n:-2\r\n"),
            ("\(command) h \(moment) NX FIELDS 2 a b", "*2\r\n:0\r\n:1\r\n"),
            ("\(command) h \(moment) XX FIELDS 2 a c", "*2\r\n:1\r\n:0\r\n"),
            ("\(command) h \(moment)0 GT FIELDS 2 a c", "*2\r\n:1\r\n:0\r\n"),
            ("\(command) h \(moment) LT FIELDS 2 a c", "*2\r\n:1\r\n:1\r\n"),
            ("\(command) h \(moment) LT FIELDS 1 a", "*1\r\n:0\r\n"),
            ("\(command) h 0 FIELDS 2 b b", "*2\r\n:2\r\n:-2\r\n"),
            ("HLEN h", ":2\r\n"),
            ("\(command) nokey \(moment) FIELDS 2 a b", "*2\r\n:-2\r\n:-2\r\n"),
            ("\(command) s \(moment) FIELDS 1 a", wrongType),
            ("\(command) h -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0\r\n"),
            (
                "\(command) h 9223372036854775807 FIELDS 1 a",
                "-ERR invalid expire time in '\(command.lowercased())' command\r\n"
            ),
            ("\(command) h x FIELDS 1 a", "-ERR value is not an integer or out of range\r\n"),
            ("\(command) h 1 NX XX FIELDS 1 a", missingFields),
            ("\(command) h 1 FIELDS 2 a", fieldsDoNotMatch),
            ("\(command) h 1 FIELDS 0 a", "-ERR Parameter `numFields` should be greater than 0\r\n"),
            ("\(command) h 1 FIELDS", "-ERR wrong number of arguments for '\(command.lowercased())' command\r\n"),
        ])
    }
}

@Suite struct HEXPIRE {
    @Test func `sets deadlines in seconds from now`() {
        expectSetting("HEXPIRE", "100", asking: "HTTL", ":100")
    }

    @Test func `makes a listpack a listpackex, which it stays`() {
        let session = Session()
        session.answer("HSET h a 1 b 2")
        session.answer("HEXPIRE h 100 FIELDS 1 nofield")
        #expect(session.encoding("h") == "listpackex")
        session.answer("HEXPIRE h 100 FIELDS 1 a")
        session.answer("HPERSIST h FIELDS 1 a")
        #expect(session.encoding("h") == "listpackex")
        session.call("HSET", "h", "c", String(repeating: "x", count: 65))
        #expect(session.encoding("h") == "hashtable")
    }

    @Test func `orders a small hash by deadlines`() {
        let session = Session()
        session.expect([
            ("HSET h a 1 b 2 c 3 d 4", ":4\r\n"),
            ("HEXPIRE h 20 FIELDS 1 c", "*1\r\n:1\r\n"),
            ("HEXPIRE h 10 FIELDS 1 d", "*1\r\n:1\r\n"),
            ("HKEYS h", "*4\r\n$1\r\nd\r\n$1\r\nc\r\n$1\r\na\r\n$1\r\nb\r\n"),
            ("HSET h d 5", ":0\r\n"),
            ("HKEYS h", "*4\r\n$1\r\nc\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nd\r\n"),
        ])
    }

    @Test(arguments: [512, 0]) func `is undone by HSET, and not by HINCRBY`(_ entries: Int) {
        let session = Session()
        session.answer("CONFIG SET hash-max-listpack-entries \(entries)")
        session.expect([
            ("HSET h a 1 b 2 c 3", ":3\r\n"),
            ("HEXPIRE h 100 FIELDS 3 a b c", "*3\r\n:1\r\n:1\r\n:1\r\n"),
            ("HSET h a 9", ":0\r\n"),
            ("HINCRBY h b 1", ":3\r\n"),
            ("HINCRBYFLOAT h c 0.5", "$3\r\n3.5\r\n"),
            ("HTTL h FIELDS 3 a b c", "*3\r\n:-1\r\n:100\r\n:100\r\n"),
        ])
    }

    @Test(arguments: [512, 0]) func `counts and names its changes`(_ entries: Int) {
        let session = Session()
        session.answer("CONFIG SET hash-max-listpack-entries \(entries)")
        session.answer("HSET h a 1 b 2")
        session.expectChanges([
            ("HEXPIRE h 100 FIELDS 2 a b", 2, ["hexpire h"]),
            ("HEXPIRE h 100 NX FIELDS 1 a", 0, []),
            ("HPERSIST h FIELDS 1 a", 1, ["hpersist h"]),
            ("HPERSIST h FIELDS 1 a", 0, []),
            ("HEXPIRE h 0 FIELDS 1 a", 1, ["hexpired h"]),
            ("HPEXPIREAT h 1 FIELDS 1 b", 1, ["hexpired h", "del h"]),
        ])
        #expect(session.engine.statistics.expiredFields == 2)
    }
}

@Suite struct HPEXPIRE {
    @Test func `sets deadlines in milliseconds from now`() {
        expectSetting("HPEXPIRE", "1000", asking: "HPTTL", ":1000")
    }

    @Test func `knows 46 bits of time`() {
        let last = 70_368_744_177_663 - 1_700_000_000_000
        Session().expect([
            ("HSET h a 1", ":1\r\n"),
            ("HPEXPIRE h \(last) FIELDS 1 a", "*1\r\n:1\r\n"),
            ("HPEXPIRETIME h FIELDS 1 a", "*1\r\n:70368744177663\r\n"),
            ("HPEXPIRE h \(last + 1) FIELDS 1 a", "-ERR invalid expire time in 'hpexpire' command\r\n"),
        ])
    }
}

@Suite struct HEXPIREAT {
    @Test func `sets deadlines at a second`() {
        expectSetting("HEXPIREAT", "1700000100", asking: "HEXPIRETIME", ":1700000100")
    }
}

@Suite struct HPEXPIREAT {
    @Test func `sets deadlines at a millisecond`() {
        expectSetting("HPEXPIREAT", "1700000000500", asking: "HPEXPIRETIME", ":1700000000500")
    }
}

/// The replies of the five commands that name fields and no moment.
private func expectAsking(_ command: String, _ answer: String) {
    let name = command.lowercased()
    Session().expect([
        ("HSET h a 1 b 2", ":2\r\n"),
        ("HPEXPIREAT h 1700000100500 FIELDS 1 a", "*1\r\n:1\r\n"),
        ("SET s 1", "+OK\r\n"),
        ("\(command) h FIELDS 3 a b nofield", "*3\r\n\(answer)\r\n:-1\r\n:-2\r\n"),
        ("\(command) nokey FIELDS 2 a b", "*2\r\n:-2\r\n:-2\r\n"),
        ("\(command) s FIELDS 1 a", wrongType),
        ("\(command) h FIELDS 0 a", "-ERR Number of fields must be a positive integer\r\n"),
        ("\(command) h FIELDS x a", "-ERR Number of fields must be a positive integer\r\n"),
        ("\(command) h FIELDS 2 a", fieldsDoNotMatch),
        ("\(command) h fields 1 a b", fieldsDoNotMatch),
        ("\(command) h NOFIELDS 1 a", missingFields),
        ("\(command) h FIELDS 1", "-ERR wrong number of arguments for '\(name)' command\r\n"),
    ])
}

@Suite struct HTTL {
    @Test func `answers seconds, a begun one counting`() { expectAsking("HTTL", ":101") }
}

@Suite struct HPTTL {
    @Test func `answers milliseconds`() { expectAsking("HPTTL", ":100500") }
}

@Suite struct HEXPIRETIME {
    @Test func `answers the second`() { expectAsking("HEXPIRETIME", ":1700000101") }
}

@Suite struct HPEXPIRETIME {
    @Test func `answers the millisecond`() { expectAsking("HPEXPIRETIME", ":1700000100500") }
}

@Suite struct HPERSIST {
    @Test func `takes deadlines away`() { expectAsking("HPERSIST", ":1") }

    @Test func `what persists does not end`() {
        let session = Session()
        session.answer("HSET h a 1 b 2")
        session.answer("HPEXPIRE h 10 FIELDS 2 a b")
        session.answer("HPERSIST h FIELDS 1 a")
        session.advance(milliseconds: 100)
        #expect(session.answer("HGETALL h") == "*2\r\n$1\r\na\r\n$1\r\n1\r\n")
        #expect(session.engine.databases[0].fieldDeadlines.count == 0)
    }
}
