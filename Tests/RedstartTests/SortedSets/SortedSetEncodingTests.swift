import Testing

@testable import Redstart

/// How sorted sets are laid out, what else is told of them, and what they count and name as changes.
@Suite struct SortedSetEncodingTests {
    @Test func `a small one is packed until one member more, or a longer one, comes`() {
        let session = Session()
        for number in 0..<128 { session.answer("ZADD z \(number) m\(number)") }
        #expect(session.encoding("z") == "listpack")
        session.answer("ZADD z 5 m7")
        #expect(session.encoding("z") == "listpack")
        session.answer("ZADD z 1 one-more")
        #expect(session.encoding("z") == "skiplist")
        session.answer("ZREMRANGEBYRANK z 3 -1")
        #expect(session.encoding("z") == "skiplist")

        session.answer("ZADD y 1 " + String(repeating: "x", count: 64))
        #expect(session.encoding("y") == "listpack")
        session.answer("ZADD y 2 " + String(repeating: "x", count: 65))
        #expect(session.encoding("y") == "skiplist")
        session.answer("ZADD w 2 " + String(repeating: "x", count: 65))
        #expect(session.encoding("w") == "skiplist")
    }

    @Test func `the settings say when, and what is stored follows them both ways`() {
        let session = Session()
        session.answer("CONFIG SET zset-max-ziplist-entries 2 zset-max-listpack-value 3")
        session.answer("ZADD z 1 a 2 b")
        #expect(session.encoding("z") == "listpack")
        session.answer("ZADD z 3 c")
        #expect(session.encoding("z") == "skiplist")
        session.answer("ZRANGESTORE d z 0 1")
        #expect(session.encoding("d") == "listpack")
        session.answer("ZUNIONSTORE d 1 z")
        #expect(session.encoding("d") == "skiplist")
        session.answer("ZADD y 1 long")
        #expect(session.encoding("y") == "skiplist")
        session.answer("CONFIG SET zset-max-listpack-entries 0")
        session.answer("ZADD x 1 a")
        #expect(session.encoding("x") == "skiplist")
        #expect(
            session.answer("CONFIG GET zset-max-ziplist-*").contains("$24\r\nzset-max-ziplist-entries\r\n$1\r\n0\r\n"))
    }

    @Test func `changes are counted and named as Redis does`() {
        Session().expectChanges([
            ("ZADD z 1 a 2 b", 2, ["new z", "zadd z"]),
            ("ZADD z 1 a", 0, []),
            ("ZADD z CH 3 a 4 c", 2, ["zadd z"]),
            ("ZADD z INCR 1 a", 1, ["zincr z"]),
            ("ZADD z INCR 0 a", 0, []),
            ("ZINCRBY z 1 a", 1, ["zincr z"]),
            ("ZREM z a none", 1, ["zrem z"]),
            ("ZREM z b c", 2, ["zrem z", "del z"]),
            ("ZADD z 1 a 2 b 3 c 4 d", 4, ["new z", "zadd z"]),
            ("ZPOPMIN z 2", 2, ["zpopmin z"]),
            ("ZPOPMAX z", 1, ["zpopmax z"]),
            ("ZPOPMIN z 0", 0, []),
            ("ZPOPMIN z 5", 1, ["zpopmin z", "del z"]),
            ("ZADD z 1 a 2 b 3 c 4 d", 4, ["new z", "zadd z"]),
            ("ZMPOP 1 z MIN COUNT 2", 2, ["zpopmin z"]),
            ("ZMPOP 1 z MAX COUNT 9", 2, ["zpopmax z", "del z"]),
            ("ZADD z 1 a 2 b 3 c 4 d", 4, ["new z", "zadd z"]),
            ("ZREMRANGEBYRANK z 0 1", 2, ["zremrangebyrank z"]),
            ("ZREMRANGEBYSCORE z 3 3", 1, ["zremrangebyscore z"]),
            ("ZREMRANGEBYLEX z - +", 1, ["zremrangebylex z", "del z"]),
            ("ZADD z 1 a 2 b", 2, ["new z", "zadd z"]),
            ("ZUNIONSTORE d 2 z z", 1, ["new d", "zunionstore d"]),
            ("ZDIFFSTORE d 1 z", 1, ["zdiffstore d"]),
            ("ZRANGESTORE e z 0 0", 1, ["new e", "zrangestore e"]),
            ("ZRANGESTORE e z 5 6", 1, ["del e"]),
            ("ZINTERSTORE d 2 z z", 1, ["zinterstore d"]),
        ])
    }

    @Test func `scores are printed with the fewest digits, and a packed zero has no sign`() {
        let session = Session()
        let three = Session(session.engine)
        three.answer("HELLO 3")
        session.answer("ZADD z 0.1 a -0 b 1e21 c 1e-7 d 9007199254740993 e")
        #expect(
            session.answer("ZMSCORE z a b c d e")
                == "*5\r\n$3\r\n0.1\r\n$1\r\n0\r\n$5\r\n1e+21\r\n$4\r\n1e-7\r\n$16\r\n9007199254740992\r\n")
        #expect(three.answer("ZMSCORE z a b c d") == "*4\r\n,0.1\r\n,0\r\n,1e+21\r\n,1e-7\r\n")
        #expect(session.answer("ZINCRBY z 0.2 a") == "$19\r\n0.30000000000000004\r\n")
        session.answer("CONFIG SET zset-max-listpack-entries 0")
        session.answer("ZADD y -0 b")
        #expect(session.answer("ZSCORE y b") == "$2\r\n-0\r\n")
        #expect(three.answer("ZRANGE y 0 -1 WITHSCORES") == "*1\r\n*2\r\n$1\r\nb\r\n,-0\r\n")
        session.answer("ZADD y 0.1 b")
        #expect(session.answer("ZSCAN y 0") == "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$19\r\n0.10000000000000001\r\n")
        #expect(session.answer("ZSCAN z 0 MATCH d") == "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nd\r\n$4\r\n1e-7\r\n")
    }

    @Test func `with RESP3 members and scores are pairs`() {
        let session = Session()
        session.answer("HELLO 3")
        session.expect([
            ("ZADD z 1 a 2 b", ":2\r\n"),
            ("ZRANGE z 0 -1 WITHSCORES", "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n"),
            ("ZRANGEBYSCORE z 2 2 WITHSCORES", "*1\r\n*2\r\n$1\r\nb\r\n,2\r\n"),
            ("ZUNION 1 z WITHSCORES", "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n"),
            ("ZRANDMEMBER z 5 WITHSCORES", "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n"),
            ("ZSCORE z none", "_\r\n"),
            ("ZRANK z b WITHSCORE", "*2\r\n:1\r\n,2\r\n"),
            ("ZRANK z none WITHSCORE", "_\r\n"),
            ("ZADD z INCR 1 a", ",2\r\n"),
            ("ZADD z NX INCR 1 a", "_\r\n"),
            ("ZPOPMIN none", "*0\r\n"),
            ("ZPOPMIN z", "*2\r\n$1\r\na\r\n,2\r\n"),
            ("ZADD z 1 a", ":1\r\n"),
            ("ZPOPMIN z 1", "*1\r\n*2\r\n$1\r\na\r\n,1\r\n"),
            ("ZMPOP 1 z MAX", "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nb\r\n,2\r\n"),
            ("ZMPOP 1 z MAX", "_\r\n"),
        ])
    }

    @Test func `ranks with scores, as since 7_2`() {
        Session().expect([
            ("ZADD z 1 a 2 b", ":2\r\n"),
            ("ZRANK z b WITHSCORE", "*2\r\n:1\r\n$1\r\n2\r\n"),
            ("ZREVRANK z b WITHSCORE", "*2\r\n:0\r\n$1\r\n2\r\n"),
            ("ZRANK z none WITHSCORE", "*-1\r\n"),
            ("ZREVRANK none a WITHSCORE", "*-1\r\n"),
            ("ZRANK z b WITHSCORES", "-ERR syntax error\r\n"),
            ("ZRANK z b WITHSCORE x", "-ERR wrong number of arguments for 'zrank' command\r\n"),
        ])
    }

    @Test func `COPY, DEBUG DIGEST-VALUE and MEMORY USAGE see all members`() {
        let session = Session()
        session.engine.settings.enableDebugCommand = .yes
        session.answer("CONFIG SET zset-max-listpack-entries 100")
        for number in 0..<300 { session.answer("ZADD big \(number % 7) member:\(number)") }
        session.answer("ZADD small 1 a 2.5 b")
        for key in ["big", "small"] {
            #expect(session.answer("COPY \(key) copy REPLACE") == ":1\r\n")
            #expect(session.answer("ZRANGE copy 0 -1 WITHSCORES") == session.answer("ZRANGE \(key) 0 -1 WITHSCORES"))
            #expect(session.answer("DEBUG DIGEST-VALUE copy") == session.answer("DEBUG DIGEST-VALUE \(key)"))
            session.answer("ZADD copy 3 other")
            #expect(session.answer("DEBUG DIGEST-VALUE copy") != session.answer("DEBUG DIGEST-VALUE \(key)"))
            #expect(session.answer("ZSCORE \(key) other") == "$-1\r\n")
        }
        // The digest is the same whatever the layout, and tells a score from another.
        session.answer("CONFIG SET zset-max-listpack-entries 0")
        session.answer("ZRANGESTORE large small 0 -1")
        #expect(session.encoding("large") == "skiplist" && session.encoding("small") == "listpack")
        #expect(session.answer("DEBUG DIGEST-VALUE large") == session.answer("DEBUG DIGEST-VALUE small"))
        session.answer("ZADD large 3 b")
        #expect(session.answer("DEBUG DIGEST-VALUE large") != session.answer("DEBUG DIGEST-VALUE small"))
        let bytes = session.answer("MEMORY USAGE big").dropFirst().prefix { $0.isNumber }
        #expect((300 * 30..<300 * 200).contains(Int(bytes) ?? 0))
    }

    @Test func `a large one that ends is freed over turns`() {
        let session = Session()
        let empty = session.engine.keyspace.slabs.allocatedBytes
        for number in 0..<5_000 { session.answer("ZADD z \(number) member:\(number)") }
        session.answer("UNLINK z")
        #expect(!session.engine.keyspace.graveyard.isEmpty)
        #expect(session.engine.keyspace.slabs.allocatedBytes > empty)
        var turns = 0
        while !session.engine.keyspace.freeBuried(budget: 100) { turns += 1 }
        #expect(turns > 20)
        #expect(session.engine.keyspace.slabs.allocatedBytes == empty)
    }

    @Test func `ZSCAN visits every member of a large set once`() {
        let session = Session()
        for number in 0..<1_000 { session.answer("ZADD z \(number) member:\(number)") }
        var seen: Set<String> = []
        var count = 0
        var cursor = "0"
        repeat {
            let lines = session.answer("ZSCAN z \(cursor) COUNT 50").split(separator: "\r\n").map(String.init)
            cursor = lines[2]
            for line in lines where line.hasPrefix("member:") {
                seen.insert(line)
                count += 1
            }
        } while cursor != "0"
        #expect(seen.count == 1_000 && count == 1_000)
        #expect(session.answer("ZSCAN z 0 COUNT 5000 MATCH member:99?").contains("member:990"))
    }

    @Test(arguments: [10, 500]) func `ZRANDMEMBER draws every member as often`(_ members: Int) {
        let session = Session()
        for number in 0..<members { session.answer("ZADD z \(number) \(number)") }
        func check(_ hits: [Int], _ title: Comment) {
            let expected = Double(hits.reduce(0, +)) / Double(members)
            let statistic = hits.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            let freedom = Double(members - 1)
            // Five standard deviations of chi squared.
            #expect(statistic < freedom + 5 * (2 * freedom).squareRoot(), title)
        }
        func draw(_ line: String, _ rounds: Int) -> [Int] {
            var hits = [Int](repeating: 0, count: members)
            for _ in 0..<rounds {
                for line in session.answer(line).split(separator: "\r\n") {
                    if let number = Int(line), number < members { hits[number] += 1 }
                }
            }
            return hits
        }
        check(draw("ZRANDMEMBER z", members * 40), "one")
        check(draw("ZRANDMEMBER z -\(members)", 40), "with repetition")
        check(draw("ZRANDMEMBER z \(members / 5)", 200), "without repetition")
    }
}
