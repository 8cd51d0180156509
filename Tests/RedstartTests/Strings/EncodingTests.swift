import Testing

@testable import Redstart

/// What OBJECT ENCODING says after each way to make a string.
@Suite struct StringEncodings {
    private static let digits = "0123456789012345678901234567890123456789"

    @Test(arguments: [
        ("SET k 12", "int"),
        ("SET k -9223372036854775808", "int"),
        ("SET k 9223372036854775807", "int"),
        ("SET k 12345678901234567890", "embstr"),
        ("SET k -0", "embstr"),
        ("SET k +1", "embstr"),
        ("SET k \" 1\"", "embstr"),
        ("SET k \"\"", "embstr"),
        ("SET k \(digits)0123", "embstr"),
        ("SET k \(digits)01234", "raw"),
        ("GETSET k 1", "int"),
        ("SETEX k 10 5", "int"),
        ("MSET k 5", "int"),
        ("MSETNX k 5", "int"),
        ("SETNX k five", "embstr"),
        ("INCR k", "int"),
        ("INCRBYFLOAT k 1", "embstr"),
        ("INCRBYFLOAT k 1e43", "embstr"),
        ("INCRBYFLOAT k 1e44", "raw"),
        ("APPEND k 12", "int"),
        ("APPEND k \"\"", "embstr"),
        ("APPEND k hello", "embstr"),
        ("APPEND k \(digits)01234", "raw"),
        ("SETRANGE k 0 1", "raw"),
        ("SETRANGE k 3 ab", "raw"),
    ])
    func `of a new key`(_ line: String, _ encoding: String) {
        let session = Session()
        session.answer(line)
        #expect(session.encoding("k") == encoding)
    }

    @Test(arguments: [
        ("5", "APPEND k 6", "raw"),
        ("5", "APPEND k \"\"", "raw"),
        ("a", "APPEND k \"\"", "raw"),
        ("a", "APPEND k b", "raw"),
        ("5", "INCR k", "int"),
        ("5", "INCRBYFLOAT k 1", "embstr"),
        ("5", "SETRANGE k 9 \"\"", "int"),
        ("a", "SETRANGE k 9 \"\"", "embstr"),
        ("5", "SETRANGE k 0 6", "raw"),
        ("a", "SETRANGE k 0 b", "raw"),
        ("5", "GETEX k EX 10", "int"),
        ("a", "GETEX k EX 10", "embstr"),
        ("a", "SET k 5 KEEPTTL", "int"),
    ])
    func `of a changed key`(_ value: String, _ line: String, _ encoding: String) {
        let session = Session()
        session.call("SET", "k", value)
        session.answer(line)
        #expect(session.encoding("k") == encoding)
    }

    @Test func `a number stays one through INCR, whatever it was before`() {
        let session = Session()
        for line in ["APPEND k 4", "APPEND k 1", "INCR k"] { session.answer(line) }
        #expect(session.encoding("k") == "int")
        #expect(session.answer("GET k") == "$2\r\n42\r\n")
        for line in ["SETRANGE k 1 9", "INCR k"] { session.answer(line) }
        #expect(session.encoding("k") == "int")
        for line in ["INCRBYFLOAT k 0", "INCR k"] { session.answer(line) }
        #expect(session.encoding("k") == "int")
    }
}
