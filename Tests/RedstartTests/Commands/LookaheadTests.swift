import Testing

@testable import Redstart

/// What is asked of memory ahead changes no answer: with tables large enough for it, while they grow and shrink, and
/// with any number of words.
@Suite struct `Commands that look ahead` {
    private struct Family: Sendable {
        let ask: String
        let remove: String
        let present: String
        let absent: String
        let key: [String]
        /// What stands around a member where it is added.
        let before: [String]
        let after: [String]
    }

    private static let families = [
        "MSET": Family(
            ask: "MGET", remove: "DEL", present: "$1\r\nv\r\n", absent: "$-1\r\n", key: [], before: [], after: ["v"]),
        "HSET": Family(
            ask: "HMGET", remove: "HDEL", present: "$1\r\nv\r\n", absent: "$-1\r\n", key: ["k"], before: [],
            after: ["v"]),
        "SADD": Family(
            ask: "SMISMEMBER", remove: "SREM", present: ":1\r\n", absent: ":0\r\n", key: ["k"], before: [], after: []),
        "ZADD": Family(
            ask: "ZMSCORE", remove: "ZREM", present: "$1\r\n7\r\n", absent: "$-1\r\n", key: ["k"], before: ["7"],
            after: []),
    ]

    @Test(arguments: ["MSET", "HSET", "SADD", "ZADD"], [UInt64(51), 52])
    func `answer as if they did not`(_ name: String, _ seed: UInt64) throws {
        let family = try #require(Self.families[name])
        let session = Session()
        let random = RandomSource(seed: seed)
        func call(_ name: String, _ words: [String]) -> String {
            session.call(words: ([name] + family.key + words).map { Array($0.utf8) })
        }
        var model: Set<String> = []
        for step in 1...1_500 {
            let words = (0..<1 + random.below(40)).map { _ in "member:\(random.below(12_000))" }
            // First more come than go, then the other way round.
            if random.below(3) > (step < 750 ? 0 : 1) {
                _ = call(name, words.flatMap { family.before + [$0] + family.after })
                model.formUnion(words)
            } else {
                #expect(call(family.remove, words) == ":\(model.intersection(words).count)\r\n")
                model.subtract(words)
            }
            let asked = words + words.map { _ in "member:\(random.below(12_000))" }
            let expected = asked.map { model.contains($0) ? family.present : family.absent }.joined()
            #expect(call(family.ask, asked) == "*\(asked.count)\r\n" + expected, "at step \(step)")
        }
    }

    /// Here it is the loop that looks ahead, over the commands of a pipeline.
    @Test(arguments: [UInt64(61), 62]) func `answer in a pipeline as one by one`(_ seed: UInt64) throws {
        let server = try LiveServer()
        let client = try server.connect()
        let session = Session()
        let random = RandomSource(seed: seed)
        let commands = [
            "SADD s", "SADD s", "SADD s", "SISMEMBER s", "SREM s", "ZADD z 1", "ZADD z 2", "ZSCORE z", "ZINCRBY z 3",
            "ZREM z", "HSET h v", "HSETNX h", "HGET h", "HDEL h", "HINCRBY n", "GET", "SET", "DEL", "ZSCORE s",
            "SADD", "SISMEMBER s", "SMOVE s t", "PING",
        ]
        for _ in 1...2_000 {
            var pipeline = ""
            for _ in 0..<1 + random.below(3) {
                let command = commands[random.below(commands.count)]
                for _ in 0..<1 + random.below(24) {
                    let tail = ["HSETNX h", "HINCRBY n", "SET"].contains(command) ? " 1" : ""
                    pipeline += "\(command) \(random.below(9_000))\(tail)\r\n"
                }
            }
            let expected = session.send(Array(pipeline.utf8))
            let answer = client.answer(pipeline, like: expected)
            if answer != expected { Issue.record("\(pipeline)") }
        }
    }

    @Test(arguments: [
        ("SADD", 1), ("HSET", 1), ("HGET", 1), ("ZSCORE", 1), ("ZADD", 2), ("ZINCRBY", 2), ("SMOVE", 2), ("GEOADD", 3),
        ("GET", 0), ("LPUSH", 0), ("PING", 0),
    ]) func `know where the member stands`(_ name: String, _ position: Int32) throws {
        let commands = CommandTable(Command.all)
        let id = try #require(Array(name.utf8).withBytes { commands.find($0) })
        #expect(commands.gate(id).firstMember == position)
    }
}
