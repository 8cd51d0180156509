import Testing

@testable import Redstart

@Suite struct WAIT {
    @Test(arguments: [
        ("WAIT 0", "-ERR wrong number of arguments for 'wait' command\r\n"),
        ("WAIT 0 0", ":0\r\n"),
        ("WAIT -1 0", ":0\r\n"),
        ("WAIT 0 9223372036854775807", "-ERR timeout is out of range\r\n"),
        ("WAIT x x", "-ERR value is not an integer or out of range\r\n"),
        ("WAIT 99999999999999999999 1", "-ERR value is not an integer or out of range\r\n"),
        ("WAIT 0 x", "-ERR timeout is not an integer or out of range\r\n"),
        ("WAIT 0 1.5", "-ERR timeout is not an integer or out of range\r\n"),
        ("WAIT 0 99999999999999999999", "-ERR timeout is not an integer or out of range\r\n"),
        ("WAIT 1 -1", "-ERR timeout is negative\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `waits for a replica until its time is over`() {
        let session = Session()
        #expect(session.answer("WAIT 1 100") == "")
        #expect(session.client.flags.contains(.blocked))
        session.advance(milliseconds: 99)
        #expect(session.read() == "")
        session.advance(milliseconds: 1)
        #expect(session.read() == ":0\r\n")
        #expect(!session.client.flags.contains(.blocked))
        #expect(session.answer("PING") == "+PONG\r\n")
    }

    @Test(arguments: ["0", "7000000000000000000"])
    func `waits without end`(_ timeout: String) {
        let session = Session()
        #expect(session.answer("WAIT 1 \(timeout)") == "")
        session.advance(milliseconds: 1_000_000_000_000)
        #expect(session.read() == "")
        #expect(session.client.flags.contains(.blocked))
    }
}

@Suite struct WAITAOF {
    @Test(arguments: [
        ("WAITAOF 0 0", "-ERR wrong number of arguments for 'waitaof' command\r\n"),
        ("WAITAOF 0 0 0", "*2\r\n:0\r\n:0\r\n"),
        ("WAITAOF 1 0 0", "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n"),
        ("WAITAOF 2 0 0", "-ERR value is out of range, value must between 0 and 1\r\n"),
        ("WAITAOF 0 -1 0", "-ERR value is out of range, must be positive\r\n"),
        ("WAITAOF 0 1 x", "-ERR timeout is not an integer or out of range\r\n"),
        ("WAITAOF 0 1 -1", "-ERR timeout is negative\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `waits for replicas until its time is over`() {
        let session = Session()
        #expect(session.answer("WAITAOF 0 1 100") == "")
        session.advance(milliseconds: 100)
        #expect(session.read() == "*2\r\n:0\r\n:0\r\n")
    }
}
