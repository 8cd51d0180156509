import Testing

@testable import Redstart

@Suite struct BZPOPMIN {
    @Test func `takes from the first key that has anything, without waiting`() {
        Session().expect([
            ("ZADD z 2 b 1 a", ":2\r\n"),
            ("BZPOPMIN none z 0", "*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("BZPOPMIN z none 0.5", "*3\r\n$1\r\nz\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("EXISTS z", ":0\r\n"),
        ])
    }

    @Test func `refuses timeouts that are none, and other types`() {
        Session().expect([
            ("BZPOPMIN z x", "-ERR timeout is not a float or out of range\r\n"),
            ("BZPOPMIN z -1", "-ERR timeout is negative\r\n"),
            ("BZPOPMIN z", "-ERR wrong number of arguments for 'bzpopmin' command\r\n"),
            ("SET s x", "+OK\r\n"),
            ("BZPOPMIN s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BZPOPMIN none s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }

    @Test func `waits, and is served in order of arrival however the key appears`() {
        let writer = Session()
        let first = Session(writer.engine)
        let second = Session(writer.engine)
        let third = Session(writer.engine)
        third.answer("HELLO 3")
        #expect(first.answer("BZPOPMIN y z 0") == "")
        #expect(second.answer("BZPOPMAX z 0") == "")
        #expect(third.answer("BZPOPMIN z y 0") == "")
        writer.answer("ZADD z 1 a 2 b 3 c")
        #expect(first.read() == "*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n")
        #expect(second.read() == "*3\r\n$1\r\nz\r\n$1\r\nc\r\n$1\r\n3\r\n")
        #expect(third.read() == "*3\r\n$1\r\nz\r\n$1\r\nb\r\n,2\r\n")
        #expect(writer.answer("EXISTS z") == ":0\r\n")

        for line in ["RENAME x z", "COPY x z", "ZUNIONSTORE z 1 x", "ZRANGESTORE z x 0 -1", "ZINCRBY z 1 a"] {
            #expect(first.answer("BZPOPMIN z 0") == "")
            writer.answer("ZADD x 1 a")
            writer.answer(line)
            #expect(first.read() == "*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n", "\(line)")
        }
    }

    @Test func `gives up in time, and waits on through a key of another type`() {
        let writer = Session()
        let waiting = Session(writer.engine)
        #expect(waiting.answer("BZPOPMIN z 1.5") == "")
        writer.answer("SET z x")
        writer.advance(milliseconds: 1_499)
        #expect(waiting.read() == "")
        writer.advance(milliseconds: 1)
        #expect(waiting.read() == "*-1\r\n")
        writer.answer("DEL z")
        writer.answer("ZADD z 1 a")
        #expect(writer.answer("ZCARD z") == ":1\r\n")
    }

    @Test func `does not wait in a transaction, and is served after it`() {
        let writer = Session()
        let waiting = Session(writer.engine)
        writer.expect([
            ("MULTI", "+OK\r\n"),
            ("BZPOPMIN z 0", "+QUEUED\r\n"),
            ("EXEC", "*1\r\n*-1\r\n"),
        ])
        waiting.answer("BZPOPMIN z 0")
        writer.expect([
            ("MULTI", "+OK\r\n"),
            ("ZADD z 5 a", "+QUEUED\r\n"),
            ("ZADD z 1 b", "+QUEUED\r\n"),
            ("EXEC", "*2\r\n:1\r\n:1\r\n"),
        ])
        #expect(waiting.read() == "*3\r\n$1\r\nz\r\n$1\r\nb\r\n$1\r\n1\r\n")
    }
}

@Suite struct BZPOPMAX {
    @Test func `takes the highest`() {
        Session().expect([
            ("ZADD z 2 b 1 a", ":2\r\n"),
            ("BZPOPMAX none z 0", "*3\r\n$1\r\nz\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("BZPOPMAX z x", "-ERR timeout is not a float or out of range\r\n"),
        ])
    }
}

@Suite struct BZMPOP {
    @Test func `takes several at once, and refuses what makes no sense`() {
        Session().expect([
            ("ZADD z 2 b 1 a", ":2\r\n"),
            (
                "BZMPOP 0 2 none z MAX COUNT 5",
                "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"
            ),
            ("BZMPOP x 0 z MIN", "-ERR numkeys should be greater than 0\r\n"),
            ("BZMPOP x 1 z MIN", "-ERR timeout is not a float or out of range\r\n"),
            ("BZMPOP 0 0 z MIN", "-ERR numkeys should be greater than 0\r\n"),
            ("BZMPOP 0 2 z MIN", "-ERR syntax error\r\n"),
            ("BZMPOP 0 1 z MIN COUNT 0", "-ERR count should be greater than 0\r\n"),
        ])
    }

    @Test func `waits`() {
        let writer = Session()
        let waiting = Session(writer.engine)
        #expect(waiting.answer("BZMPOP 1 2 y z MIN COUNT 2") == "")
        writer.answer("ZADD z 1 a 2 b 3 c")
        #expect(
            waiting.read() == "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n")
        #expect(waiting.answer("BZMPOP 1 1 y MIN") == "")
        writer.advance(milliseconds: 1_000)
        #expect(waiting.read() == "*-1\r\n")
    }
}
