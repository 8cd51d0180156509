import Testing

@testable import Redstart

@Suite struct HRANDFIELD {
    @Test func `answers in the forms of both protocols`() {
        let session = Session()
        session.expect([
            ("HSET h a 1 b 2", ":2\r\n"),
            ("HRANDFIELD h 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
            ("HRANDFIELD h 9 WITHVALUES", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("HRANDFIELD h 0", "*0\r\n"),
            ("HRANDFIELD nokey", "$-1\r\n"),
            ("HRANDFIELD nokey 1", "*0\r\n"),
            ("HDEL h b", ":1\r\n"),
            ("HRANDFIELD h", "$1\r\na\r\n"),
            ("HRANDFIELD h -2 WITHVALUES", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n1\r\n"),
        ])
        session.answer("HELLO 3")
        session.expect([
            ("HRANDFIELD h -2 WITHVALUES", "*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("HRANDFIELD h 5 WITHVALUES", "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("HRANDFIELD nokey", "_\r\n"),
            ("HRANDFIELD nokey 1 WITHVALUES", "*0\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("HRANDFIELD h x", "-ERR value is not an integer or out of range\r\n"),
            ("HRANDFIELD h 9223372036854775807 WITHVALUES", "-ERR value is out of range\r\n"),
            (
                "HRANDFIELD h -9223372036854775808",
                "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"
            ),
            ("HRANDFIELD h 1 BAD", "-ERR syntax error\r\n"),
            ("HRANDFIELD h 1 WITHVALUES x", "-ERR syntax error\r\n"),
            ("SET s 1", "+OK\r\n"),
            ("HRANDFIELD s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("HRANDFIELD s 1 BAD", "-ERR syntax error\r\n"),
            ("HRANDFIELD", "-ERR wrong number of arguments for 'hrandfield' command\r\n"),
        ])
    }

    @Test func `ends a client that asks for more repetitions than memory holds`() {
        let session = Session()
        session.call("HSET", "h", "a", String(repeating: "x", count: 1 << 20))
        session.answer("HRANDFIELD h -4611686018427387903 WITHVALUES")
        #expect(session.client.flags.contains(.closeNow))
    }

    /// Chi squared at the engine's fixed seed: each field is as likely as the others.
    @Test(arguments: [
        (40, "HRANDFIELD h", 1), (40, "HRANDFIELD h -7", 7), (40, "HRANDFIELD h 9", 9), (40, "HRANDFIELD h 39", 39),
        (700, "HRANDFIELD h", 1), (700, "HRANDFIELD h -20", 20), (700, "HRANDFIELD h 30", 30),
        (700, "HRANDFIELD h 400", 400),
    ])
    func `draws evenly`(_ fields: Int, _ line: String, _ perDraw: Int) {
        let session = Session()
        for index in 0..<fields { session.answer("HSET h f\(index) v\(index)") }
        #expect(session.encoding("h") == (fields == 40 ? "listpack" : "hashtable"))
        var hits: [String: Int] = [:]
        let rounds = 200 * fields / perDraw
        for _ in 0..<rounds {
            let reply = ParsedReply(session.answer(line))
            let drawn = reply?.string.map { [$0] } ?? reply?.elements.compactMap { $0.string } ?? []
            #expect(drawn.count == perDraw)
            if !line.contains("-") { #expect(Set(drawn).count == perDraw) }
            for field in drawn { hits[field, default: 0] += 1 }
        }
        let share = Double(perDraw) / Double(fields)
        let expected = Double(rounds) * share
        // Those that differ within a draw vary less than those drawn one by one.
        let variance = line.contains("-") ? expected * (1 - 1 / Double(fields)) : expected * (1 - share)
        let statistic = (0..<fields).reduce(0.0) { sum, index in
            let difference = Double(hits["f\(index)"] ?? 0) - expected
            return sum + difference * difference / variance
        }
        // As many degrees of freedom as fields: five standard deviations.
        let freedom = Double(fields)
        #expect(abs(statistic - freedom) < 5 * (2 * freedom).squareRoot(), "\(statistic)")
    }
}

@Suite struct HSCAN {
    @Test func `alone leaves values out`() {
        Session().expect([
            ("SADD s a", ":1\r\n"),
            ("ZADD z 1 a", ":1\r\n"),
            ("SCAN 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN\r\n"),
            ("SSCAN s 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN\r\n"),
            ("ZSCAN z 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN\r\n"),
        ])
    }

    @Test func `answers a small hash at once`() {
        Session().expect([
            ("HSET h a 1 b 2 ab 3 10 4", ":4\r\n"),
            (
                "HSCAN h 12345 COUNT 1",
                "*2\r\n$1\r\n0\r\n*8\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n$2\r\nab\r\n$1\r\n3\r\n"
                    + "$2\r\n10\r\n$1\r\n4\r\n"
            ),
            ("HSCAN h 0 MATCH 1?", "*2\r\n$1\r\n0\r\n*2\r\n$2\r\n10\r\n$1\r\n4\r\n"),
            ("HSCAN h 0 NOVALUES MATCH a*", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$2\r\nab\r\n"),
            ("HSCAN nokey 0 BAD", "*2\r\n$1\r\n0\r\n*0\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("HSET h a 1", ":1\r\n"),
            ("HSCAN h x", "-ERR invalid cursor\r\n"),
            ("HSCAN nokey x", "-ERR invalid cursor\r\n"),
            ("HSCAN h 0 BAD", "-ERR syntax error\r\n"),
            ("HSCAN h 0 COUNT", "-ERR syntax error\r\n"),
            ("HSCAN h 0 COUNT 0", "-ERR syntax error\r\n"),
            ("HSCAN h 0 COUNT x", "-ERR value is not an integer or out of range\r\n"),
            ("SET s 1", "+OK\r\n"),
            ("HSCAN s 0 BAD", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("HSCAN h", "-ERR wrong number of arguments for 'hscan' command\r\n"),
        ])
    }

    /// What is there from the first call to the last is answered exactly once, whatever comes and goes meanwhile.
    @Test func `misses nothing while the hash grows and shrinks`() {
        let session = Session()
        for index in 0..<1_000 { session.answer("HSET h stays:\(index) 1") }
        for change in ["grows", "shrinks"] {
            if change == "shrinks" { for index in 0..<5_000 { session.answer("HSET h goes:\(index) 1") } }
            var seen: [String: Int] = [:]
            var cursor = "0"
            var calls = 0
            repeat {
                let reply = ParsedReply(session.answer("HSCAN h \(cursor) COUNT 20 NOVALUES"))?.elements ?? []
                cursor = reply.first?.string ?? "0"
                for field in reply.last?.elements ?? [] { seen[field.string ?? "", default: 0] += 1 }
                // Slower than the scan, or that would never end.
                for index in calls * 10..<(calls + 1) * 10 {
                    session.answer(
                        change == "grows" ? "HSET h new:\(index) 1" : "HDEL h goes:\(index) goes:\(4_999 - index)")
                }
                calls += 1
            } while cursor != "0" && calls < 10_000
            #expect(calls > 20)
            let missed = (0..<1_000).count { seen["stays:\($0)"] == nil }
            #expect(missed == 0, "while it \(change)")
            #expect(seen.values.allSatisfy { $0 == 1 })
        }
    }
}
