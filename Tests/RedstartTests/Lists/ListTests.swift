import Testing

@testable import Redstart

@Suite struct LPUSH {
    @Test(arguments: [
        ("LPUSH l x y", ":6\r\n", "*6\r\n$1\r\ny\r\n$1\r\nx\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LPUSH new x", ":1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LPUSH s x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LPUSH l", "-ERR wrong number of arguments for 'lpush' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct RPUSH {
    @Test(arguments: [
        ("RPUSH l x y", ":6\r\n", "*6\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\ny\r\n"),
        ("RPUSH new x", ":1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "RPUSH s x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "RPUSH l", "-ERR wrong number of arguments for 'rpush' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LPUSHX {
    @Test(arguments: [
        ("LPUSHX l x y", ":6\r\n", "*6\r\n$1\r\ny\r\n$1\r\nx\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LPUSHX new x", ":0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LPUSHX s x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LPUSHX l", "-ERR wrong number of arguments for 'lpushx' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct RPUSHX {
    @Test(arguments: [
        ("RPUSHX l x y", ":6\r\n", "*6\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\ny\r\n"),
        ("RPUSHX new x", ":0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "RPUSHX s x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "RPUSHX l", "-ERR wrong number of arguments for 'rpushx' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LPOP {
    @Test(arguments: [
        ("LPOP l", "$1\r\na\r\n", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LPOP l 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LPOP l 0", "*0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LPOP l 99", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n", "*0\r\n"),
        ("LPOP new", "$-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LPOP new 1", "*-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LPOP l -1", "-ERR value is out of range, must be positive\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LPOP l x", "-ERR value is out of range, must be positive\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LPOP s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LPOP l 1 2", "-ERR wrong number of arguments for 'lpop' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct RPOP {
    @Test(arguments: [
        ("RPOP l", "$1\r\nb\r\n", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("RPOP l 2", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
        ("RPOP l 0", "*0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("RPOP l 99", "*4\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n", "*0\r\n"),
        ("RPOP new", "$-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("RPOP new 1", "*-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "RPOP l -1", "-ERR value is out of range, must be positive\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "RPOP l x", "-ERR value is out of range, must be positive\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "RPOP s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "RPOP l 1 2", "-ERR wrong number of arguments for 'rpop' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LLEN {
    @Test(arguments: [
        ("LLEN l", ":4\r\n", ":4\r\n"),
        ("LLEN new", ":0\r\n", ":4\r\n"),
        ("LLEN s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", ":4\r\n"),
        ("LLEN", "-ERR wrong number of arguments for 'llen' command\r\n", ":4\r\n"),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LLEN l") == after)
    }
}

@Suite struct LINDEX {
    @Test(arguments: [
        ("LINDEX l 0", "$1\r\na\r\n", ":4\r\n"),
        ("LINDEX l -1", "$1\r\nb\r\n", ":4\r\n"),
        ("LINDEX l 4", "$-1\r\n", ":4\r\n"),
        ("LINDEX n 1", "$1\r\n1\r\n", ":4\r\n"),
        ("LINDEX new 0", "$-1\r\n", ":4\r\n"),
        ("LINDEX l x", "-ERR value is not an integer or out of range\r\n", ":4\r\n"),
        ("LINDEX s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", ":4\r\n"),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LLEN l") == after)
    }
}

@Suite struct LRANGE {
    @Test(arguments: [
        ("LRANGE l 0 -1", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n", ":4\r\n"),
        ("LRANGE l 1 2", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n", ":4\r\n"),
        ("LRANGE l -2 99", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n", ":4\r\n"),
        ("LRANGE l 3 1", "*0\r\n", ":4\r\n"),
        ("LRANGE n 0 0", "*1\r\n$1\r\n3\r\n", ":4\r\n"),
        ("LRANGE new 0 -1", "*0\r\n", ":4\r\n"),
        ("LRANGE l x 1", "-ERR value is not an integer or out of range\r\n", ":4\r\n"),
        ("LRANGE s 0 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", ":4\r\n"),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LLEN l") == after)
    }
}

@Suite struct LSET {
    @Test(arguments: [
        ("LSET l 0 x", "+OK\r\n", "*4\r\n$1\r\nx\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LSET l -1 7", "+OK\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\n7\r\n"),
        ("LSET l 4 x", "-ERR index out of range\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LSET new 0 x", "-ERR no such key\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LSET l x y", "-ERR value is not an integer or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LSET s 0 x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LINSERT {
    @Test(arguments: [
        ("LINSERT l BEFORE b x", ":5\r\n", "*5\r\n$1\r\na\r\n$1\r\nx\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LINSERT l after b x", ":5\r\n", "*5\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LINSERT n AFTER 1 9", ":4\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LINSERT l BEFORE no x", ":-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LINSERT new BEFORE a x", ":0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LINSERT l NEAR a x", "-ERR syntax error\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LINSERT s BEFORE a x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LREM {
    @Test(arguments: [
        ("LREM l 0 b", ":2\r\n", "*2\r\n$1\r\na\r\n$1\r\nc\r\n"),
        ("LREM l 1 b", ":1\r\n", "*3\r\n$1\r\na\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LREM l -1 b", ":1\r\n", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("LREM l 0 no", ":0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LREM n 1 1", ":1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LREM new 0 a", ":0\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LREM l x a", "-ERR value is not an integer or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LREM s 0 a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LTRIM {
    @Test(arguments: [
        ("LTRIM l 1 2", "+OK\r\n", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("LTRIM l -1 -1", "+OK\r\n", "*1\r\n$1\r\nb\r\n"),
        ("LTRIM l 0 -1", "+OK\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LTRIM l 9 10", "+OK\r\n", "*0\r\n"),
        ("LTRIM new 0 1", "+OK\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LTRIM l x 1", "-ERR value is not an integer or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LTRIM s 0 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LPOS {
    @Test(arguments: [
        ("LPOS l b", ":1\r\n", ":4\r\n"),
        ("LPOS l b RANK 2", ":3\r\n", ":4\r\n"),
        ("LPOS l b RANK -1", ":3\r\n", ":4\r\n"),
        ("LPOS l b COUNT 0", "*2\r\n:1\r\n:3\r\n", ":4\r\n"),
        ("LPOS l b MAXLEN 1", "$-1\r\n", ":4\r\n"),
        ("LPOS n 2", ":2\r\n", ":4\r\n"),
        ("LPOS l no", "$-1\r\n", ":4\r\n"),
        ("LPOS l no COUNT 1", "*0\r\n", ":4\r\n"),
        ("LPOS new a", "$-1\r\n", ":4\r\n"),
        ("LPOS l b COUNT -1", "-ERR COUNT can't be negative\r\n", ":4\r\n"),
        ("LPOS l b MAXLEN -1", "-ERR MAXLEN can't be negative\r\n", ":4\r\n"),
        ("LPOS l b FOO 1", "-ERR syntax error\r\n", ":4\r\n"),
        ("LPOS s a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", ":4\r\n"),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LLEN l") == after)
    }
}

extension Session {
    /// A session with two lists and a string.
    static func withLists() -> Session {
        let session = Session()
        for line in ["RPUSH l a b c b", "RPUSH n 3 1 2", "SET s x"] { session.answer(line) }
        return session
    }
}
