import Testing

@testable import Redstart

@Suite struct SORT {
    @Test(arguments: [
        ("SORT n", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "SORT n DESC", "*3\r\n$1\r\n3\r\n$1\r\n2\r\n$1\r\n1\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "SORT l ALPHA LIMIT 1 2", "*2\r\n$1\r\nb\r\n$1\r\nb\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "SORT l", "-ERR One or more scores can't be converted into double\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "SORT l BY nosort", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("SORT n STORE l", ":3\r\n", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n"),
        (
            "SORT n GET # GET no*", "*6\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n$-1\r\n$1\r\n3\r\n$-1\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "SORT s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("SORT n LIMIT 1", "-ERR syntax error\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        ("SORT no STORE l", ":0\r\n", "*0\r\n"),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}

@Suite struct SORT_RO {
    @Test(arguments: [
        ("SORT_RO n", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "SORT_RO n DESC", "*3\r\n$1\r\n3\r\n$1\r\n2\r\n$1\r\n1\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "SORT_RO l ALPHA LIMIT 1 2", "*2\r\n$1\r\nb\r\n$1\r\nb\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        (
            "SORT_RO l", "-ERR One or more scores can't be converted into double\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
        ("SORT_RO n STORE l", "-ERR syntax error\r\n", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"),
        (
            "SORT_RO s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nb\r\n"
        ),
    ])
    func `answers, and leaves the list so`(_ line: String, _ reply: String, _ after: String) {
        let session = Session.withLists()
        #expect(session.answer(line) == reply)
        #expect(session.answer("LRANGE l 0 -1") == after)
    }
}
