import Testing

@testable import Redstart

private let wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

private func wrongArity(_ command: String) -> String {
    "-ERR wrong number of arguments for '\(command)' command\r\n"
}

/// A session in which every hash of more than one field is large.
private func sessionOfLargeHashes() -> Session {
    let session = Session()
    session.answer("CONFIG SET hash-max-listpack-entries 1")
    return session
}

@Suite struct HSET {
    @Test func `adds and changes fields`() {
        Session().expect([
            ("HSET h a 1", ":1\r\n"),
            ("HSET h a 2 b 3", ":1\r\n"),
            ("HSET h a 2 b 3 c x", ":1\r\n"),
            ("HGETALL h", "*6\r\n$1\r\na\r\n$1\r\n2\r\n$1\r\nb\r\n$1\r\n3\r\n$1\r\nc\r\n$1\r\nx\r\n"),
            ("HSET new e 1 e 2 e 3", ":1\r\n"),
            ("HGET new e", "$1\r\n3\r\n"),
            ("TYPE h", "+hash\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("HSET", wrongArity("hset")),
            ("HSET h", wrongArity("hset")),
            ("HSET h a", wrongArity("hset")),
            ("HSET h a 1 b", wrongArity("hset")),
            ("EXISTS h", ":0\r\n"),
            ("SET s 1", "+OK\r\n"),
            ("HSET s a", wrongArity("hset")),
            ("HSET s a 1", wrongType),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("HSET h a 1 b 2", 2, ["new h", "hset h"]),
            ("HSET h a 1", 1, ["hset h"]),
            ("HSET h a 1 a 2 c 3", 3, ["hset h"]),
            ("HSET h a", 0, []),
        ])
    }

    @Test func `makes a hash large at the element at which Redis does`() {
        let session = Session()
        for index in 0..<512 { session.answer("HSET h field:\(index) \(index)") }
        #expect(session.encoding("h") == "listpack")
        session.answer("HSET h field:0 x")
        #expect(session.encoding("h") == "listpack")
        session.answer("HSET h field:512 x")
        #expect(session.encoding("h") == "hashtable")
        for index in 1..<512 { #expect(session.answer("HGET h field:\(index)").hasSuffix("\r\n\(index)\r\n")) }
        session.answer("HDEL h field:0 field:1 field:2")
        #expect(session.encoding("h") == "hashtable")
        session.call("HSET", "v", "a", String(repeating: "x", count: 64))
        #expect(session.encoding("v") == "listpack")
        session.call("HSET", "v", "a", "1", String(repeating: "x", count: 65), "")
        #expect(session.encoding("v") == "hashtable")
    }

    @Test func `follows the settings under both of their names`() {
        let session = Session()
        session.expect([
            ("CONFIG SET hash-max-ziplist-entries 2 hash-max-ziplist-value 3", "+OK\r\n"),
            ("CONFIG GET hash-max-listpack-entries", "*2\r\n$25\r\nhash-max-listpack-entries\r\n$1\r\n2\r\n"),
            ("HSET h a 1 a 2 b 2", ":2\r\n"),
            ("HSET v a 1234", ":1\r\n"),
        ])
        #expect(session.encoding("h") == "listpack" && session.encoding("v") == "hashtable")
        session.answer("HSET h c 3")
        #expect(session.encoding("h") == "hashtable")
        session.answer("CONFIG SET hash-max-listpack-entries 9223372036854775807")
        session.answer("HSET big a 1")
        #expect(session.encoding("big") == "listpack")
    }

    @Test func `keeps the key's own deadline`() {
        let session = Session()
        session.answer("HSET h a 1")
        session.answer("EXPIRE h 100")
        session.answer("HSET h b \(String(repeating: "x", count: 100))")
        #expect(session.encoding("h") == "hashtable" && session.milliseconds("h") == 100_000)
    }
}

@Suite struct HMSET {
    @Test func `answers OK`() {
        Session().expect([
            ("HMSET h a 1 b 2", "+OK\r\n"),
            ("HMSET h b 3", "+OK\r\n"),
            ("HMGET h a b", "*2\r\n$1\r\n1\r\n$1\r\n3\r\n"),
            ("HMSET h a", wrongArity("hmset")),
            ("HMSET h a 1 b", wrongArity("hmset")),
            ("SET s 1", "+OK\r\n"),
            ("HMSET s a 1", wrongType),
        ])
        Session().expectChanges([("HMSET h q 1 r 2", 2, ["new h", "hset h"])])
    }
}

@Suite struct HSETNX {
    @Test func `sets what is not there`() {
        Session().expect([
            ("HSETNX h a 1", ":1\r\n"),
            ("HSETNX h a 2", ":0\r\n"),
            ("HGET h a", "$1\r\n1\r\n"),
            ("HSETNX h a", wrongArity("hsetnx")),
            ("SET s 1", "+OK\r\n"),
            ("HSETNX s a 1", wrongType),
        ])
        Session().expectChanges([("HSETNX h a 1", 1, ["new h", "hset h"]), ("HSETNX h a 2", 0, [])])
    }

    @Test func `leaves the layout alone where it does nothing`() {
        let session = Session()
        session.answer("HSET h a 1")
        session.call("HSETNX", "h", "a", String(repeating: "x", count: 100))
        #expect(session.encoding("h") == "listpack")
    }
}

@Suite struct HGET {
    @Test(arguments: [false, true]) func `answers a value, whatever the layout`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h a 1 b x 10 -5 empty ''", ":4\r\n"),
            ("HGET h a", "$1\r\n1\r\n"),
            ("HGET h b", "$1\r\nx\r\n"),
            ("HGET h 10", "$2\r\n-5\r\n"),
            ("HGET h empty", "$0\r\n\r\n"),
            ("HGET h z", "$-1\r\n"),
            ("HGET nokey a", "$-1\r\n"),
            ("HGET h", wrongArity("hget")),
            ("SET s 1", "+OK\r\n"),
            ("HGET s a", wrongType),
        ])
        #expect(session.encoding("h") == (large ? "hashtable" : "listpack"))
        #expect(session.engine.statistics.keyspaceMisses == 1)
    }
}

@Suite struct HMGET {
    @Test(arguments: [false, true]) func `answers values, and null for what is not there`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h a 1 b x", ":2\r\n"),
            ("HMGET h b z a a", "*4\r\n$1\r\nx\r\n$-1\r\n$1\r\n1\r\n$1\r\n1\r\n"),
            ("HMGET nokey a b", "*2\r\n$-1\r\n$-1\r\n"),
            ("HMGET h", wrongArity("hmget")),
            ("SET s 1", "+OK\r\n"),
            ("HMGET s a", wrongType),
        ])
        session.answer("HELLO 3")
        session.expect([("HMGET h z", "*1\r\n_\r\n")])
    }
}

@Suite struct HGETALL {
    @Test func `answers pairs in the order in which they came`() {
        let session = Session()
        session.expect([
            ("HSET h b 1 a 2 10 x", ":3\r\n"),
            ("HGETALL h", "*6\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n2\r\n$2\r\n10\r\n$1\r\nx\r\n"),
            ("HGETALL nokey", "*0\r\n"),
            ("HGETALL h x", wrongArity("hgetall")),
            ("SET s 1", "+OK\r\n"),
            ("HGETALL s", wrongType),
        ])
        session.answer("HELLO 3")
        session.expect([
            ("HGETALL h", "%3\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n2\r\n$2\r\n10\r\n$1\r\nx\r\n"),
            ("HGETALL nokey", "%0\r\n"),
        ])
    }

    @Test func `answers all of a large hash`() {
        let session = sessionOfLargeHashes()
        for index in 0..<2_000 { session.answer("HSET h field:\(index) value:\(index)") }
        let words = ParsedReply(session.answer("HGETALL h"))?.elements.compactMap { $0.string } ?? []
        #expect(words.count == 4_000 && Set(words).count == 4_000)
    }
}

@Suite struct HKEYS {
    @Test func `answers the names`() {
        Session().expect([
            ("HSET h b 1 a 2", ":2\r\n"),
            ("HKEYS h", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"),
            ("HKEYS nokey", "*0\r\n"),
            ("HKEYS", wrongArity("hkeys")),
            ("SET s 1", "+OK\r\n"),
            ("HKEYS s", wrongType),
        ])
    }
}

@Suite struct HVALS {
    @Test func `answers the values`() {
        Session().expect([
            ("HSET h b 1 a x", ":2\r\n"),
            ("HVALS h", "*2\r\n$1\r\n1\r\n$1\r\nx\r\n"),
            ("HVALS nokey", "*0\r\n"),
            ("HVALS h x", wrongArity("hvals")),
            ("SET s 1", "+OK\r\n"),
            ("HVALS s", wrongType),
        ])
    }
}

@Suite struct HLEN {
    @Test(arguments: [false, true]) func `counts fields`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HLEN h", ":0\r\n"),
            ("HSET h a 1 b 2", ":2\r\n"),
            ("HLEN h", ":2\r\n"),
            ("HDEL h a", ":1\r\n"),
            ("HLEN h", ":1\r\n"),
            ("HLEN", wrongArity("hlen")),
            ("SET s 1", "+OK\r\n"),
            ("HLEN s", wrongType),
        ])
    }
}

@Suite struct HEXISTS {
    @Test(arguments: [false, true]) func `knows what is there`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h a 1 5 2", ":2\r\n"),
            ("HEXISTS h a", ":1\r\n"),
            ("HEXISTS h 5", ":1\r\n"),
            ("HEXISTS h 05", ":0\r\n"),
            ("HEXISTS nokey a", ":0\r\n"),
            ("HEXISTS h", wrongArity("hexists")),
            ("SET s 1", "+OK\r\n"),
            ("HEXISTS s a", wrongType),
        ])
    }
}

@Suite struct HSTRLEN {
    @Test(arguments: [false, true]) func `counts bytes, of numbers too`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h a hello b -12345 c ''", ":3\r\n"),
            ("HSTRLEN h a", ":5\r\n"),
            ("HSTRLEN h b", ":6\r\n"),
            ("HSTRLEN h c", ":0\r\n"),
            ("HSTRLEN h z", ":0\r\n"),
            ("HSTRLEN nokey a", ":0\r\n"),
            ("HSTRLEN h", wrongArity("hstrlen")),
            ("SET s 1", "+OK\r\n"),
            ("HSTRLEN s a", wrongType),
        ])
    }
}

@Suite struct HDEL {
    @Test(arguments: [false, true]) func `takes fields out, and the key with the last`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h a 1 b 2 c 3 d 4", ":4\r\n"),
            ("HDEL h a z", ":1\r\n"),
            ("HDEL h b b c", ":2\r\n"),
            ("HGETALL h", "*2\r\n$1\r\nd\r\n$1\r\n4\r\n"),
            ("HDEL h d z d", ":1\r\n"),
            ("EXISTS h", ":0\r\n"),
            ("HDEL h d", ":0\r\n"),
            ("HDEL h", wrongArity("hdel")),
            ("SET s 1", "+OK\r\n"),
            ("HDEL s a", wrongType),
        ])
        session.expectChanges([
            ("HSET h a 1 b 2 c 3", 3, ["new h", "hset h"]),
            ("HDEL h a zz b", 2, ["hdel h"]),
            ("HDEL h zz", 0, []),
            ("HDEL h c", 1, ["hdel h", "del h"]),
        ])
    }
}

@Suite struct HINCRBY {
    @Test(arguments: [false, true]) func `adds`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h other 1 second 2", ":2\r\n"),
            ("HINCRBY h a 5", ":5\r\n"),
            ("HINCRBY h a -7", ":-2\r\n"),
            ("HGET h a", "$2\r\n-2\r\n"),
            ("HSET h b x c 9223372036854775807 d ' 1'", ":3\r\n"),
            ("HINCRBY h b 1", "-ERR hash value is not an integer\r\n"),
            ("HINCRBY h d 1", "-ERR hash value is not an integer\r\n"),
            ("HINCRBY h c 1", "-ERR increment or decrement would overflow\r\n"),
            ("HINCRBY h a 1.5", "-ERR value is not an integer or out of range\r\n"),
            ("HINCRBY h a", wrongArity("hincrby")),
            ("SET s 1", "+OK\r\n"),
            ("HINCRBY s a x", "-ERR value is not an integer or out of range\r\n"),
            ("HINCRBY s a 1", wrongType),
        ])
        session.expectChanges([("HINCRBY n a 0", 1, ["new n", "hincrby n"]), ("HINCRBY h b 1", 0, [])])
    }
}

@Suite struct HINCRBYFLOAT {
    @Test(arguments: [false, true]) func `adds`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h other 1 second 2", ":2\r\n"),
            ("HINCRBYFLOAT h a 1.5", "$3\r\n1.5\r\n"),
            ("HINCRBYFLOAT h a 1.5", "$1\r\n3\r\n"),
            ("HINCRBY h a 1", ":4\r\n"),
            ("HINCRBYFLOAT h c 5.0e3", "$4\r\n5000\r\n"),
            ("HSET h d 10.50 e x k 1e4932", ":3\r\n"),
            ("HINCRBYFLOAT h d 0.1", "$4\r\n10.6\r\n"),
            ("HINCRBYFLOAT h e 1", "-ERR hash value is not a float\r\n"),
            ("HINCRBYFLOAT h k 1e4932", "-ERR increment would produce NaN or Infinity\r\n"),
            ("HINCRBYFLOAT h a inf", "-ERR value is NaN or Infinity\r\n"),
            ("HINCRBYFLOAT h a nan", "-ERR value is not a valid float\r\n"),
            ("HINCRBYFLOAT h a", wrongArity("hincrbyfloat")),
            ("SET s 1", "+OK\r\n"),
            ("HINCRBYFLOAT s a inf", "-ERR value is NaN or Infinity\r\n"),
            ("HINCRBYFLOAT s a 1", wrongType),
        ])
        session.expectChanges([("HINCRBYFLOAT n a 0", 1, ["new n", "hincrbyfloat n"])])
    }
}

/// What commands on keys of any type do with hashes.
@Suite struct HashesAmongTheKeysTests {
    @Test(arguments: [false, true]) func `a copy shares nothing`(_ large: Bool) {
        let session = large ? sessionOfLargeHashes() : Session()
        session.expect([
            ("HSET h a 1 b 2", ":2\r\n"),
            ("COPY h c", ":1\r\n"),
            ("HSET c a 9", ":0\r\n"),
            ("HDEL h b", ":1\r\n"),
            ("HGET h a", "$1\r\n1\r\n"),
            ("HLEN c", ":2\r\n"),
            ("RENAME c h", "+OK\r\n"),
            ("HGET h a", "$1\r\n9\r\n"),
            ("MOVE h 1", ":1\r\n"),
            ("HLEN h", ":0\r\n"),
        ])
        #expect(session.engine.databases[1].count == 1)
    }

    @Test(arguments: ["HSET h a 2", "HINCRBY h a 1", "HINCRBYFLOAT h a 0.5", "HSET h c 1"])
    func `a limit that was lowered counts at the next field that is set, new or not`(_ line: String) {
        for deadline in ["HGET h a", "HPEXPIRE h 1000 FIELDS 1 b"] {
            let session = Session()
            session.answer("HSET h a 1 b 2")
            session.answer(deadline)
            session.answer("CONFIG SET hash-max-listpack-entries 1")
            session.answer("HDEL h none")
            #expect(session.answer("OBJECT ENCODING h").contains("listpack"))
            session.answer(line)
            #expect(session.answer("OBJECT ENCODING h") == "$9\r\nhashtable\r\n")
        }
    }

    @Test func `what a large hash held is freed over turns`() {
        let session = sessionOfLargeHashes()
        let before = session.engine.dataMemory
        for index in 0..<10_000 { session.answer("HSET h field:\(index) value:\(index)") }
        #expect(session.engine.dataMemory > before + 200_000)
        session.answer("UNLINK h")
        #expect(session.engine.keyspace.graveyard.objects == 1)
        while session.engine.workBetweenTurns() {}
        #expect(session.engine.keyspace.graveyard.isEmpty)
        #expect(session.engine.dataMemory < before + 20_000)
    }

    @Test func `MEMORY USAGE grows with the hash`() {
        let session = Session()
        session.answer("HSET h a 1")
        let small = ParsedReply(session.answer("MEMORY USAGE h"))?.number ?? 0
        for index in 0..<1_000 { session.answer("HSET h field:\(index) value:\(index)") }
        let large = ParsedReply(session.answer("MEMORY USAGE h"))?.number ?? 0
        #expect((24..<100).contains(small) && (30_000..<60_000).contains(large), "\(small) \(large)")
    }

    @Test func `digests tell content, not layout`() {
        let session = Session()
        session.engine.settings.enableDebugCommand = .yes
        session.answer("HSET one a 1 b 2")
        session.answer("HSET two b 2 c 3 a 1")
        session.answer("HDEL two c")
        session.answer("CONFIG SET hash-max-listpack-entries 1")
        session.answer("HSET large b 2 a 1")
        session.answer("HSET other b 1 a 2")
        let digests = ["one", "two", "large", "other"].map { session.answer("DEBUG DIGEST-VALUE \($0)") }
        #expect(digests[0] == digests[1] && digests[0] == digests[2] && digests[0] != digests[3])
        #expect(session.answer("DEBUG HTSTATS-KEY large").contains(" number of elements: 2\n"))
        #expect(session.answer("DEBUG HTSTATS-KEY one").hasPrefix("-ERR The value stored"))
    }

    @Test func `one field is read through the database`() {
        let session = sessionOfLargeHashes()
        session.answer("HSET h a 1 b x")
        let database = session.engine.databases[0]
        let value = Array("h".utf8).withBytes { key in
            let record = database.find(Key(bytes: key, hash: session.engine.hash(key)))?.record
            return record.flatMap { database.hashField($0, Bytes("b"))?.array }
        }
        #expect(value == Array("x".utf8))
    }
}
