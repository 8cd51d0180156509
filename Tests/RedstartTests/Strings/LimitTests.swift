import Testing

@testable import Redstart

/// The limits that `proto-max-bulk-len` sets.
@Suite struct StringLimits {
    private static let tooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"

    @Test func `a string grows to the limit and not beyond`() {
        let session = Session()
        session.answer("CONFIG SET proto-max-bulk-len 1mb")
        session.expect([
            ("SETRANGE k 1048575 x", ":1048576\r\n"),
            ("SETRANGE k 1048576 x", StringLimits.tooLong),
            ("SETRANGE k 1048574 xyz", StringLimits.tooLong),
            ("SETRANGE k 1048576 \"\"", ":1048576\r\n"),
            ("APPEND k x", StringLimits.tooLong),
            ("APPEND k \"\"", ":1048576\r\n"),
            ("STRLEN k", ":1048576\r\n"),
        ])
    }

    @Test func `two strings are compared if four bytes for each pair of their bytes fit`() {
        let session = Session()
        let refusal = "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n"
        session.answer("CONFIG SET proto-max-bulk-len 1mb")
        session.expect([
            ("SETRANGE a 510 x", ":511\r\n"),
            ("SETRANGE b 511 x", ":512\r\n"),
            ("LCS a a LEN", ":511\r\n"),
            ("LCS a b LEN", refusal),
            ("LCS a b IDX", refusal),
            ("LCS a b IDX LEN", "-ERR If you want both the length and indexes, please just use IDX.\r\n"),
        ])
    }

    @Test func `a string of megabytes grows and shrinks in place`() {
        let session = Session()
        let part = String(repeating: "0123456789abcdef", count: 4_096)
        for round in 1...40 { #expect(session.call("APPEND", "k", part) == ":\(round * part.utf8.count)\r\n") }
        #expect(session.answer("GETRANGE k 2555901 2555906") == "$6\r\ndef012\r\n")
        #expect(session.answer("SETRANGE k 2000000 here") == ":2621440\r\n")
        #expect(session.answer("GETRANGE k 1999999 2000004") == "$6\r\nfhere4\r\n")
        session.answer("SET k 1")
        #expect(session.engine.keyspace.slabs.allocatedBytes < 100)
    }
}
