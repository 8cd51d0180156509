import Testing

@testable import Redstart

/// What becomes of a key's deadline. The session's clock stands still at 1,700,000,000 seconds.
@Suite struct StringDeadlines {
    @Test(arguments: [
        ("SET k v EX 100", 100_000),
        ("SET k v PX 100", 100),
        ("SET k v EXAT 1700000005", 5_000),
        ("SET k v PXAT 1700000000007", 7),
        ("SET k v EX 10 EX 20", 20_000),
        ("SETEX k 3 v", 3_000),
        ("PSETEX k 3 v", 3),
    ])
    func `is given`(_ line: String, _ milliseconds: Int64) {
        let session = Session()
        session.answer(line)
        #expect(session.milliseconds("k") == milliseconds)
        session.answer("SET k w PX 1")
        session.answer(line)
        #expect(session.milliseconds("k") == milliseconds)
    }

    @Test(arguments: [
        "SET k w", "SET k 5", "SET k w GET", "SET k w XX", "GETSET k w", "MSET k w", "GETEX k PERSIST",
        "GETEX k persist",
    ])
    func `is taken away`(_ line: String) {
        let session = Session()
        session.answer("SET k v EX 100")
        session.answer(line)
        #expect(session.milliseconds("k") == nil)
        #expect(session.engine.databases[0].deadlineCount == 0)
    }

    @Test(arguments: [
        "SET k w KEEPTTL", "SET k value-of-another-size-class-than-before KEEPTTL GET", "APPEND k 1", "SETRANGE k 40 1",
        "INCR k", "DECRBY k 7", "INCRBYFLOAT k 0.5", "INCRBYFLOAT k 1e100", "GET k", "GETEX k", "SET k w NX",
        "SET k w EX 0", "SETEX k 0 w", "GETEX k EX 0",
    ])
    func `is kept`(_ line: String) {
        let session = Session()
        session.answer("SET k 5 EX 100")
        session.answer(line)
        #expect(session.milliseconds("k") == 100_000)
        #expect(session.engine.databases[0].deadlineCount == 1)
    }

    @Test(arguments: [
        ("GETEX k EX 50", 50_000), ("GETEX k PX 50", 50), ("GETEX k EXAT 1700000009", 9_000),
        ("GETEX k PXAT 1700000000009", 9),
    ])
    func `is given by GETEX`(_ line: String, _ milliseconds: Int64) {
        let session = Session()
        for first in ["SET k v", "SET k v EX 100"] {
            session.answer(first)
            #expect(session.answer(line) == "$1\r\nv\r\n")
            #expect(session.milliseconds("k") == milliseconds)
        }
    }

    @Test func `ends a key at its moment`() {
        let session = Session()
        session.answer("SET k v PX 1000")
        session.engine.advance(to: Timestamp(microseconds: 1_700_000_000_999_000))
        #expect(session.answer("GET k") == "$1\r\nv\r\n")
        session.engine.advance(to: Timestamp(microseconds: 1_700_000_001_000_000))
        #expect(session.answer("GET k") == "$-1\r\n")
        #expect(session.engine.databases[0].count == 0)
    }

    @Test func `may be as far off as can be counted`() {
        let session = Session()
        session.answer("SET k v PXAT 9223372036854775807")
        #expect(session.milliseconds("k") != nil)
        #expect(session.answer("GETEX k PXAT 9223372036854775807") == "$1\r\nv\r\n")
        #expect(session.milliseconds("k") != nil)
    }
}
