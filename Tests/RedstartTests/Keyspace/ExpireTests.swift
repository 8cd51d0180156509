import Testing

@testable import Redstart

private let conflictsWithNX = "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"
private let conflictsGTLT = "-ERR GT and LT options at the same time are not compatible\r\n"
private let notInteger = "-ERR value is not an integer or out of range\r\n"

/// The moment at which a session's clock stands, in milliseconds.
private let now = 1_700_000_000_000

private func sessionWithKeys() -> Session {
    let session = Session()
    session.answer("MSET k v volatile v")
    session.answer("EXPIRE volatile 100")
    return session
}

@Suite struct EXPIRE {
    @Test(arguments: [
        ("EXPIRE k", "-ERR wrong number of arguments for 'expire' command\r\n"),
        ("EXPIRE k 10", ":1\r\n"),
        ("EXPIRE missing 10", ":0\r\n"),
        ("EXPIRE k x", notInteger),
        ("EXPIRE k 1.5", notInteger),
        ("EXPIRE k \"\"", notInteger),
        ("EXPIRE missing x", notInteger),
        ("EXPIRE k 10 FOO", "-ERR Unsupported option FOO\r\n"),
        ("EXPIRE k x \"FOO\\x00BAR\"", "-ERR Unsupported option FOO\r\n"),
        ("EXPIRE k x \"a\\r\\nb\\r\\n\"", "-ERR Unsupported option a  b\r\n"),
        ("EXPIRE k x NX foo", "-ERR Unsupported option foo\r\n"),
        ("EXPIRE k 10 GT LT XX NX FOO", "-ERR Unsupported option FOO\r\n"),
        ("EXPIRE k 10 NX XX", conflictsWithNX),
        ("EXPIRE k 10 nx gt", conflictsWithNX),
        ("EXPIRE k 10 LT NX", conflictsWithNX),
        ("EXPIRE k x GT LT", conflictsGTLT),
        ("EXPIRE missing 10 XX GT LT", conflictsGTLT),
        ("EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n"),
        ("EXPIRE k -9223372036854775808", "-ERR invalid expire time in 'expire' command\r\n"),
        ("EXPIRE k 9223372036854775", "-ERR invalid expire time in 'expire' command\r\n"),
        ("EXPIRE missing 9223372036854776", "-ERR invalid expire time in 'expire' command\r\n"),
        ("EXPIRE k -9223372036854775", ":1\r\n"),
        ("EXPIRE k 10 NX", ":1\r\n"),
        ("EXPIRE volatile 10 NX", ":0\r\n"),
        ("EXPIRE k 10 XX", ":0\r\n"),
        ("EXPIRE volatile 10 XX XX", ":1\r\n"),
        ("EXPIRE k 10 GT", ":0\r\n"),
        ("EXPIRE volatile 100 GT", ":0\r\n"),
        ("EXPIRE volatile 101 GT", ":1\r\n"),
        ("EXPIRE volatile 101 XX GT", ":1\r\n"),
        ("EXPIRE k 10 LT", ":1\r\n"),
        ("EXPIRE volatile 100 LT", ":0\r\n"),
        ("EXPIRE volatile 99 LT", ":1\r\n"),
        ("EXPIRE k 10 XX LT", ":0\r\n"),
        ("EXPIRE volatile -1 GT", ":0\r\n"),
        ("EXPIRE volatile -1 NX", ":0\r\n"),
        ("EXPIRE volatile -1 LT", ":1\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }

    @Test func `is one change with its event, and refusing is none`() {
        let session = sessionWithKeys()
        let events = session.events
        session.answer("EXPIRE k 10")
        session.answer("EXPIRE k 10")
        #expect(events.take() == ["0:expire k", "0:expire k"])
        session.answer("EXPIRE k 10 NX")
        session.answer("EXPIRE nokey 10")
        #expect(events.take() == [])
        #expect(events.takeDirty() == 2)
    }

    @Test(arguments: ["0", "-1", "-9223372036854775"])
    func `a moment that is past deletes the key`(_ seconds: String) {
        let session = sessionWithKeys()
        let events = session.events
        #expect(session.answer("EXPIRE volatile \(seconds)") == ":1\r\n")
        #expect(events.take() == ["0:del volatile"])
        #expect(events.takeDirty() == 1)
        #expect(session.engine.statistics.expiredKeys == 0)
        #expect(session.answer("EXISTS volatile") == ":0\r\n")
        #expect(session.engine.databases[0].deadlineCount == 0)
    }

    @Test func `a key whose time has come cannot be given more`() {
        let session = sessionWithKeys()
        session.sleep(milliseconds: 100_000)
        let events = session.events
        #expect(session.answer("EXPIRE volatile 10") == ":0\r\n")
        #expect(events.take() == ["0:expired volatile"])
        #expect(events.takeDirty() == 0)
    }

    @Test func `works for values of every form`() {
        let session = Session()
        session.answer("MSET number 1 text hello")
        session.setObject("object", TestObject(1), .list)
        for key in ["number", "text", "object"] {
            #expect(session.answer("EXPIRE \(key) 10") == ":1\r\n")
            #expect(session.answer("EXPIRE \(key) 20") == ":1\r\n")
            #expect(session.answer("TTL \(key)") == ":20\r\n")
        }
        #expect(session.answer("GET number") == "$1\r\n1\r\n")
        #expect(session.answer("GET text") == "$5\r\nhello\r\n")
        #expect(session.answer("TYPE object") == "+list\r\n")
        session.advance(milliseconds: 20_000)
        #expect(session.answer("EXISTS number text object") == ":0\r\n")
    }
}

@Suite struct PEXPIRE {
    @Test(arguments: [
        ("PEXPIRE k", "-ERR wrong number of arguments for 'pexpire' command\r\n"),
        ("PEXPIRE k 10", ":1\r\n"),
        ("PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n"),
        ("PEXPIRE k 9223370000000000000", ":1\r\n"),
        ("PEXPIRE k -9223372036854775808", ":1\r\n"),
        ("PEXPIRE volatile 100000 GT", ":0\r\n"),
        ("PEXPIRE volatile 100001 GT", ":1\r\n"),
        ("PEXPIRE k 1 GT NX", conflictsWithNX),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }
}

@Suite struct EXPIREAT {
    @Test(arguments: [
        ("EXPIREAT k", "-ERR wrong number of arguments for 'expireat' command\r\n"),
        ("EXPIREAT k 1700000001", ":1\r\n"),
        ("EXPIREAT k 9223372036854775807", "-ERR invalid expire time in 'expireat' command\r\n"),
        ("EXPIREAT k 9223372036854776", "-ERR invalid expire time in 'expireat' command\r\n"),
        ("EXPIREAT k -9223372036854776", "-ERR invalid expire time in 'expireat' command\r\n"),
        ("EXPIREAT k 9223372036854775", ":1\r\n"),
        ("EXPIREAT volatile 1700000100 LT", ":0\r\n"),
        ("EXPIREAT volatile 1700000099 LT", ":1\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }

    @Test func `this moment is past already`() {
        let session = sessionWithKeys()
        let events = session.events
        #expect(session.answer("EXPIREAT k 1700000000") == ":1\r\n")
        #expect(events.take() == ["0:del k"])
    }
}

@Suite struct PEXPIREAT {
    @Test(arguments: [
        ("PEXPIREAT k", "-ERR wrong number of arguments for 'pexpireat' command\r\n"),
        ("PEXPIREAT k 1700000000001", ":1\r\n"),
        ("PEXPIREAT k 9223372036854775807", ":1\r\n"),
        ("PEXPIREAT k 9223372036854775808", notInteger),
        ("PEXPIREAT k 1 NX", ":1\r\n"),
        ("PEXPIREAT volatile 1700000100000 GT", ":0\r\n"),
        ("PEXPIREAT volatile 1700000100001 GT", ":1\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }

    @Test func `the last moment there is is a deadline like any other`() {
        let session = sessionWithKeys()
        session.answer("PEXPIREAT k 9223372036854775807")
        #expect(session.answer("PEXPIRETIME k") == ":9223372036854775807\r\n")
        #expect(session.answer("EXPIRETIME k") == ":9223372036854776\r\n")
        #expect(session.answer("PTTL k") == ":\(Int.max - now)\r\n")
        #expect(session.answer("PEXPIREAT k 9223372036854775806 GT") == ":0\r\n")
        #expect(session.answer("PERSIST k") == ":1\r\n")
        #expect(session.answer("TTL k") == ":-1\r\n")
    }
}

@Suite struct TTL {
    @Test(arguments: [
        ("TTL", "-ERR wrong number of arguments for 'ttl' command\r\n"),
        ("TTL a b", "-ERR wrong number of arguments for 'ttl' command\r\n"),
        ("TTL missing", ":-2\r\n"),
        ("TTL k", ":-1\r\n"),
        ("TTL volatile", ":100\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }

    @Test(arguments: [(1, 0), (499, 0), (500, 1), (1_499, 1), (1_500, 2), (99_500, 100)])
    func `rounds to the nearest second`(_ milliseconds: Int, _ seconds: Int) {
        let session = sessionWithKeys()
        session.answer("PEXPIRE k \(milliseconds)")
        #expect(session.answer("TTL k") == ":\(seconds)\r\n")
    }
}

@Suite struct PTTL {
    @Test(arguments: [
        ("PTTL", "-ERR wrong number of arguments for 'pttl' command\r\n"),
        ("PTTL missing", ":-2\r\n"),
        ("PTTL k", ":-1\r\n"),
        ("PTTL volatile", ":100000\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }

    @Test func `goes down with the clock, to the end`() {
        let session = sessionWithKeys()
        session.sleep(milliseconds: 99_999)
        #expect(session.answer("PTTL volatile") == ":1\r\n")
        session.sleep(milliseconds: 1)
        let events = session.events
        #expect(session.answer("PTTL volatile") == ":-2\r\n")
        #expect(events.take() == ["0:expired volatile", "0:keymiss volatile"])
    }
}

@Suite struct EXPIRETIME {
    @Test(arguments: [
        ("EXPIRETIME", "-ERR wrong number of arguments for 'expiretime' command\r\n"),
        ("EXPIRETIME missing", ":-2\r\n"),
        ("EXPIRETIME k", ":-1\r\n"),
        ("EXPIRETIME volatile", ":1700000100\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }

    @Test func `rounds to the nearest second`() {
        let session = sessionWithKeys()
        session.answer("PEXPIREAT k 99999999999499")
        #expect(session.answer("EXPIRETIME k") == ":99999999999\r\n")
        session.answer("PEXPIREAT k 99999999999500")
        #expect(session.answer("EXPIRETIME k") == ":100000000000\r\n")
    }
}

@Suite struct PEXPIRETIME {
    @Test(arguments: [
        ("PEXPIRETIME", "-ERR wrong number of arguments for 'pexpiretime' command\r\n"),
        ("PEXPIRETIME missing", ":-2\r\n"),
        ("PEXPIRETIME k", ":-1\r\n"),
        ("PEXPIRETIME volatile", ":1700000100000\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(sessionWithKeys().answer(line) == reply)
    }
}
