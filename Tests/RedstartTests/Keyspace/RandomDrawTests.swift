import Testing

@testable import Redstart

/// Draws with repetitions, of which a client may ask for more than memory holds.
@Suite struct RandomDraws {
    @Test(
        arguments: [
            "SRANDMEMBER s -9223372036854775807", "HRANDFIELD h -9223372036854775807",
            "HRANDFIELD h -4611686018427387903 WITHVALUES", "ZRANDMEMBER z -9223372036854775807",
            "ZRANDMEMBER z -4611686018427387903 WITHSCORES",
        ], [true, false])
    func `end where the client's output may be no longer`(_ line: String, _ small: Bool) {
        let session = Session()
        session.answer("CONFIG SET client-output-buffer-limit \"normal 100000 0 0\"")
        if !small {
            for type in ["set", "hash", "zset"] { session.answer("CONFIG SET \(type)-max-listpack-entries 0") }
        }
        for fill in ["SADD s a b", "HSET h a 1 b 2", "ZADD z 1 a 2 b"] { session.answer(fill) }
        let few = line.replacing("-9223372036854775807", with: "-1000").replacing("-4611686018427387903", with: "-500")
        #expect(session.answer(few).hasPrefix("*1000\r\n"))
        #expect(session.answer(line) == "")
        #expect(session.client.flags.contains(.closeNow))
        #expect(session.engine.statistics.outputBufferDisconnections == 1)
    }

    @Test func `of a script are no output to its client`() {
        let session = Session()
        session.answer("CONFIG SET client-output-buffer-limit \"normal 100000 0 0\"")
        session.answer("SADD s \(String(repeating: "x", count: 32)) y")
        for _ in 0..<2 {
            #expect(session.answer("EVAL \"return #redis.call('SRANDMEMBER', 's', -10000)\" 0") == ":10000\r\n")
        }
        #expect(session.engine.statistics.outputBufferDisconnections == 0)
    }
}
