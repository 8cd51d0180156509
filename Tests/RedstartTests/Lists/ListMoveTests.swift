import Testing

@testable import Redstart

@Suite struct LMOVE {
    @Test(arguments: [
        ("LMOVE l n LEFT RIGHT", "$1\r\na\r\n", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LMOVE l new RIGHT LEFT", "$1\r\nb\r\n", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("LMOVE l l LEFT RIGHT", "$1\r\na\r\n", "*4\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n"),
        ("LMOVE no n LEFT LEFT", "$-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LMOVE l s LEFT LEFT", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LMOVE s l LEFT LEFT", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("LMOVE l n UP LEFT", "-ERR syntax error\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct RPOPLPUSH {
    @Test(arguments: [
        ("RPOPLPUSH l n", "$1\r\nb\r\n", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("RPOPLPUSH l l", "$1\r\nb\r\n", "*4\r\n$1\r\nb\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("RPOPLPUSH n l", "$1\r\n2\r\n", "*5\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("RPOPLPUSH no l", "$-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "RPOPLPUSH l s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "RPOPLPUSH s l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct LMPOP {
    @Test(arguments: [
        ("LMPOP 2 no l LEFT", "*2\r\n$1\r\nl\r\n*1\r\n$1\r\na\r\n", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("LMPOP 1 l RIGHT COUNT 9", "*2\r\n$1\r\nl\r\n*4\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n", "*0\r\n"),
        ("LMPOP 1 no LEFT", "*-1\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LMPOP 0 l LEFT", "-ERR numkeys should be greater than 0\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("LMPOP 2 l LEFT", "-ERR syntax error\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "LMPOP 1 l LEFT COUNT 0", "-ERR count should be greater than 0\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "LMPOP 1 s LEFT", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct BLPOP {
    @Test(arguments: [
        ("BLPOP no l 0", "*2\r\n$1\r\nl\r\n$1\r\na\r\n", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("BLPOP n l 1", "*2\r\n$1\r\nn\r\n$1\r\n3\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "BLPOP l x", "-ERR timeout is not a float or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("BLPOP l -1", "-ERR timeout is negative\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "BLPOP s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "BLPOP l", "-ERR wrong number of arguments for 'blpop' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct BRPOP {
    @Test(arguments: [
        ("BRPOP no l 0", "*2\r\n$1\r\nl\r\n$1\r\nb\r\n", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("BRPOP n l 1", "*2\r\n$1\r\nn\r\n$1\r\n2\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "BRPOP l x", "-ERR timeout is not a float or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("BRPOP l -1", "-ERR timeout is negative\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "BRPOP s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "BRPOP l", "-ERR wrong number of arguments for 'brpop' command\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct BLMOVE {
    @Test(arguments: [
        ("BLMOVE l n LEFT RIGHT 0", "$1\r\na\r\n", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("BLMOVE l l RIGHT LEFT 0", "$1\r\nb\r\n", "*4\r\n$1\r\nb\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("BLMOVE l n LEFT UP 0", "-ERR syntax error\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "BLMOVE l n LEFT LEFT x", "-ERR timeout is not a float or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "BLMOVE l s LEFT LEFT 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct BRPOPLPUSH {
    @Test(arguments: [
        ("BRPOPLPUSH l n 0", "$1\r\nb\r\n", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ("BRPOPLPUSH l l 0", "$1\r\nb\r\n", "*4\r\n$1\r\nb\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        (
            "BRPOPLPUSH l n x", "-ERR timeout is not a float or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "BRPOPLPUSH l s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct BLMPOP {
    @Test(arguments: [
        ("BLMPOP 0 2 no l LEFT", "*2\r\n$1\r\nl\r\n*1\r\n$1\r\na\r\n", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("BLMPOP 0 1 l RIGHT COUNT 9", "*2\r\n$1\r\nl\r\n*4\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n", "*0\r\n"),
        (
            "BLMPOP x 1 l LEFT", "-ERR timeout is not a float or out of range\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "BLMPOP 0 0 l LEFT", "-ERR numkeys should be greater than 0\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "BLMPOP 0 1 s LEFT", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}
