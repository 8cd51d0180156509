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

@Suite struct `SORT BY a pattern without a star` {
    /// Only those are read that are answered; the others must be the same as if all had been.
    @Test(arguments: ["RPUSH k", "SADD k", "ZADD k"], [5, 700])
    func `answers any part of the whole`(_ adding: String, _ count: Int) {
        let session = Session()
        for number in 0..<count {
            session.answer(adding == "ZADD k" ? "ZADD k \(number % 7) m\(number)" : "\(adding) m\(number)")
        }
        for order in ["", " DESC"] {
            let all = session.bulks("SORT k BY nosort\(order)")
            #expect(all.count == count)
            for start in [-3, 0, 1, 4, 5, 99, 698, 699, 700, 9_999] {
                for most in [-1, 0, 1, 2, 5, 130, 9_999] {
                    let first = min(max(0, start), count)
                    let part = Array(all[first..<min(count, most < 0 ? count : first + most)])
                    #expect(session.bulks("SORT k BY nosort\(order) LIMIT \(start) \(most)") == part)
                    guard adding != "SADD k" else { continue }
                    session.answer("SORT k BY nosort\(order) LIMIT \(start) \(most) STORE d")
                    #expect(session.bulks("LRANGE d 0 -1") == part)
                }
            }
        }
    }
}

extension Session {
    /// The elements of a reply that is an array of bulk strings.
    fileprivate func bulks(_ line: String) -> [String] {
        answer(line).split(separator: "\r\n").map(String.init).filter { !$0.hasPrefix("*") && !$0.hasPrefix("$") }
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
