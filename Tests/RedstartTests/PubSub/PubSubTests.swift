import Testing

@testable import Redstart

/// Three clients of one engine: who listens, who speaks, and one that speaks RESP3.
final class Audience {
    let listener = Session()
    let speaker: Session
    let modern: Session

    init() {
        speaker = Session(listener.engine, address: "127.0.0.1:2")
        modern = Session(listener.engine, address: "127.0.0.1:3")
        modern.answer("HELLO 3")
    }

    /// The words of what a client heard, without the lengths.
    static func words(_ text: String) -> [String] {
        text.split(separator: "\r\n").map(String.init).filter { line in
            !"$*>".contains(line.first ?? " ") || Int(line.dropFirst()) == nil
        }
    }
}

@Suite struct SUBSCRIBE {
    let audience = Audience()

    @Test func `confirms each channel and counts them`() {
        let reply = audience.listener.answer("SUBSCRIBE a b a")
        #expect(Audience.words(reply) == ["subscribe", "a", ":1", "subscribe", "b", ":2", "subscribe", "a", ":2"])
        #expect(audience.modern.answer("SUBSCRIBE a") == ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
    }

    @Test func `a RESP2 client may then do little else`() {
        audience.listener.answer("SUBSCRIBE a")
        let allowed = "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
        #expect(audience.listener.answer("CONFIG GET a") == "-ERR Can't execute 'config|get': \(allowed)\r\n")
        #expect(audience.listener.answer("PING") == "*2\r\n$4\r\npong\r\n$0\r\n\r\n")
        #expect(audience.listener.answer("PING x") == "*2\r\n$4\r\npong\r\n$1\r\nx\r\n")
        #expect(audience.listener.answer("RESET") == "+RESET\r\n")
        #expect(audience.listener.answer("PING") == "+PONG\r\n")
        #expect(audience.listener.engine.pubsub.isEmpty)
        audience.modern.answer("SUBSCRIBE a")
        #expect(audience.modern.answer("GET a") == "_\r\n")
    }

    @Test func `is told in the client list and INFO`() {
        audience.listener.answer("SUBSCRIBE a b")
        audience.listener.answer("PSUBSCRIBE c*")
        audience.listener.answer("SSUBSCRIBE d")
        #expect(audience.speaker.answer("CLIENT LIST TYPE PUBSUB").contains(" flags=P db=0 sub=2 psub=1 ssub=1 "))
        let info = audience.speaker.answer("INFO stats clients")
        for field in ["pubsub_channels:2", "pubsub_patterns:1", "pubsubshard_channels:1", "pubsub_clients:1"] {
            #expect(info.contains("\r\n\(field)\r\n"))
        }
    }

    @Test func `is confirmed also to a client that wants no replies`() {
        audience.listener.answer("CLIENT REPLY OFF")
        #expect(audience.listener.answer("SUBSCRIBE a").hasPrefix("*3\r\n"))
        audience.speaker.answer("PUBLISH a x")
        #expect(Audience.words(audience.listener.read()) == ["message", "a", "x"])
        #expect(audience.listener.answer("PING") == "")
    }

    @Test func `a client that leaves is subscribed no more`() {
        audience.listener.answer("SUBSCRIBE a b")
        audience.listener.answer("PSUBSCRIBE *")
        audience.modern.answer("SUBSCRIBE a")
        audience.listener.engine.kill(audience.listener.client)
        #expect(audience.speaker.answer("PUBLISH a x") == ":1\r\n")
        #expect(audience.speaker.answer("PUBSUB NUMSUB a b") == "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:0\r\n")
    }
}

@Suite struct PUBLISH {
    let audience = Audience()

    @Test func `reaches each in their protocol, once for each way`() {
        audience.listener.answer("SUBSCRIBE news")
        audience.listener.answer("PSUBSCRIBE n* *s x*")
        audience.modern.answer("SUBSCRIBE news")
        #expect(audience.speaker.answer("PUBLISH news hello") == ":4\r\n")
        let heard = Audience.words(audience.listener.read())
        let patterned = ["pmessage", "n*", "news", "hello", "pmessage", "*s", "news", "hello"]
        #expect(heard == ["message", "news", "hello"] + patterned)
        #expect(audience.modern.read() == ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n")
        #expect(audience.speaker.answer("PUBLISH other hello") == ":0\r\n")
    }

    @Test func `to oneself comes after the reply`() {
        audience.modern.answer("SUBSCRIBE a")
        let message = ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n"
        #expect(audience.modern.answer("PUBLISH a x") == ":1\r\n" + message)
        audience.modern.answer("MULTI")
        audience.modern.answer("PUBLISH a x")
        audience.modern.answer("UNSUBSCRIBE a")
        let end = ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"
        #expect(audience.modern.answer("EXEC") == "*2\r\n:1\r\n" + end + message)
    }

    @Test func `many subscribers that come and go`() {
        let engine = audience.listener.engine
        let sessions = (0..<100).map { Session(engine, address: "127.0.0.1:\($0 + 100)") }
        for (index, session) in sessions.enumerated() {
            for channel in 0...index { session.answer("SUBSCRIBE channel\(channel)") }
            session.answer("PSUBSCRIBE p\(index)* shared*")
        }
        for session in sessions.prefix(50) { session.answer("UNSUBSCRIBE channel10") }
        for session in sessions where session.client.id % 3 == 0 { engine.kill(session.client) }
        let alive = sessions.filter { $0.client.id % 3 != 0 }
        #expect(audience.speaker.answer("PUBLISH shared x") == ":\(alive.count)\r\n")
        let ten = sessions.enumerated().filter { $0.offset >= 50 && $0.element.client.id % 3 != 0 }.count
        #expect(audience.speaker.answer("PUBLISH channel10 x") == ":\(ten)\r\n")
        #expect(audience.speaker.answer("PUBLISH p7x x") == ":\(sessions[7].client.id % 3 == 0 ? 0 : 1)\r\n")
        for session in alive { session.answer("RESET") }
        #expect(engine.pubsub.isEmpty)
    }

    @Test func `a client for which too much waits is disconnected`() {
        audience.speaker.answer("CONFIG SET client-output-buffer-limit \"pubsub 100000 0 0\"")
        audience.listener.answer("SUBSCRIBE a")
        for _ in 0..<20 { audience.speaker.call("PUBLISH", "a", String(repeating: "x", count: 10_000)) }
        #expect(audience.listener.client.flags.contains(.closeNow))
        // It is gone by the end of the turn, and counts until then.
        #expect(audience.speaker.answer("PUBLISH a x") == ":1\r\n")
        #expect(audience.speaker.answer("INFO stats").contains("client_output_buffer_limit_disconnections:1\r\n"))
    }
}

@Suite struct PSUBSCRIBE {
    let audience = Audience()

    @Test(arguments: [
        ("news.*", "news.art", true), ("news.*", "new", false), ("h[ae]llo", "hallo", true),
        ("h[^e]llo", "hello", false),
        ("h?llo", "hxllo", true), ("\\\\*x", "*x", true), ("\\\\*x", "ax", false), ("abcdefgh*", "abcdefg", false),
        ("*", "anything", true), ("longer than eight", "longer than eight", true), ("ab\\\\x*", "abxy", true),
    ])
    func `matches`(_ pattern: String, _ channel: String, _ isMatch: Bool) {
        audience.listener.answer("PSUBSCRIBE \"\(pattern)\"")
        #expect(audience.speaker.call("PUBLISH", channel, "m") == ":\(isMatch ? 1 : 0)\r\n")
    }
}

@Suite struct SSUBSCRIBE {
    let audience = Audience()

    @Test func `shard channels are a world of their own`() {
        #expect(Audience.words(audience.listener.answer("SSUBSCRIBE a")) == ["ssubscribe", "a", ":1"])
        #expect(Audience.words(audience.listener.answer("SUBSCRIBE a")) == ["subscribe", "a", ":1"])
        #expect(audience.speaker.answer("SPUBLISH a x") == ":1\r\n")
        #expect(Audience.words(audience.listener.read()) == ["smessage", "a", "x"])
    }
}

@Suite struct SPUBLISH {
    let audience = Audience()

    @Test func `does not reach channels and patterns`() {
        audience.listener.answer("SUBSCRIBE a")
        audience.listener.answer("PSUBSCRIBE *")
        #expect(audience.speaker.answer("SPUBLISH a x") == ":0\r\n")
    }
}

@Suite struct UNSUBSCRIBE {
    let audience = Audience()

    @Test func `without names ends all of its kind`() {
        audience.listener.answer("SUBSCRIBE a b")
        audience.listener.answer("PSUBSCRIBE c*")
        #expect(Audience.words(audience.listener.answer("UNSUBSCRIBE x")) == ["unsubscribe", "x", ":3"])
        let reply = audience.listener.answer("UNSUBSCRIBE")
        #expect(Audience.words(reply) == ["unsubscribe", "a", ":2", "unsubscribe", "b", ":1"])
        #expect(audience.listener.answer("UNSUBSCRIBE") == "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:1\r\n")
        #expect(audience.modern.answer("UNSUBSCRIBE") == ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n")
    }
}

@Suite struct PUNSUBSCRIBE {
    let audience = Audience()

    @Test func `ends patterns alone`() {
        audience.listener.answer("PSUBSCRIBE a* b*")
        audience.listener.answer("SUBSCRIBE ax")
        #expect(Audience.words(audience.listener.answer("PUNSUBSCRIBE a*")) == ["punsubscribe", "a*", ":2"])
        #expect(audience.speaker.answer("PUBLISH ax x") == ":1\r\n")
        #expect(audience.speaker.answer("PUBLISH bx x") == ":1\r\n")
    }
}

@Suite struct SUNSUBSCRIBE {
    let audience = Audience()

    @Test func `ends shard channels alone`() {
        audience.listener.answer("SSUBSCRIBE a b")
        audience.listener.answer("SUBSCRIBE a")
        #expect(Audience.words(audience.listener.answer("SUNSUBSCRIBE b")) == ["sunsubscribe", "b", ":1"])
        #expect(Audience.words(audience.listener.answer("SUNSUBSCRIBE")) == ["sunsubscribe", "a", ":0"])
        #expect(audience.listener.client.flags.contains(.pubsub))
    }
}

@Suite struct PUBSUB {
    let audience = Audience()

    @Test(arguments: [
        ("PUBSUB CHANNELS", "*1\r\n$1\r\na\r\n"),
        ("PUBSUB CHANNELS b*", "*0\r\n"),
        ("PUBSUB NUMSUB a b", "*4\r\n$1\r\na\r\n:2\r\n$1\r\nb\r\n:0\r\n"),
        ("PUBSUB NUMSUB", "*0\r\n"),
        ("PUBSUB NUMPAT", ":1\r\n"),
        ("PUBSUB SHARDCHANNELS", "*1\r\n$1\r\ns\r\n"),
        ("PUBSUB SHARDNUMSUB s a", "*4\r\n$1\r\ns\r\n:1\r\n$1\r\na\r\n:0\r\n"),
        (
            "PUBSUB CHANNELS a b",
            "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.\r\n"
        ),
        ("PUBSUB NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try PUBSUB HELP.\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        audience.listener.answer("SUBSCRIBE a")
        audience.modern.answer("SUBSCRIBE a")
        audience.listener.answer("PSUBSCRIBE p*")
        audience.modern.answer("PSUBSCRIBE p*")
        audience.listener.answer("SSUBSCRIBE s")
        #expect(audience.speaker.answer(line) == reply)
    }

    @Test func `explains itself`() {
        #expect(audience.speaker.answer("PUBSUB HELP").contains("NUMPAT"))
    }
}

@Suite struct KeyspaceEvents {
    let audience = Audience()

    private func heard() -> [String] {
        let words = Audience.words(audience.listener.read())
        return stride(from: 0, to: words.count - 3, by: 4).map { "\(words[$0 + 2]) \(words[$0 + 3])" }
    }

    @Test(arguments: [
        ("KEA", "AKE"), ("mn", "nm"), ("g$lshzxetdE", "AE"), ("Kx", "xK"), ("", ""), ("Ag", "A"), ("KEAmn", "AKEm"),
    ])
    func `setting is shown in its canonical form`(_ value: String, _ shown: String) {
        #expect(audience.speaker.call("CONFIG", "SET", "notify-keyspace-events", value) == "+OK\r\n")
        let reply = audience.speaker.answer("CONFIG GET notify-keyspace-events")
        #expect(reply == "*2\r\n$22\r\nnotify-keyspace-events\r\n$\(shown.utf8.count)\r\n\(shown)\r\n")
    }

    @Test func `other letters are refused`() {
        let reply = audience.speaker.answer("CONFIG SET notify-keyspace-events q")
        #expect(reply.hasSuffix("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.\r\n"))
    }

    @Test func `go to both channels, in order`() {
        audience.speaker.answer("CONFIG SET notify-keyspace-events KEA")
        audience.listener.answer("PSUBSCRIBE __key*__:*")
        audience.speaker.answer("SELECT 3")
        audience.speaker.answer("SET k v EX 100")
        #expect(
            heard() == [
                "__keyspace@3__:k set", "__keyevent@3__:set k", "__keyspace@3__:k expire", "__keyevent@3__:expire k",
            ])
    }

    @Test func `of other classes are not sent`() {
        audience.speaker.answer("CONFIG SET notify-keyspace-events Egm")
        audience.listener.answer("PSUBSCRIBE *")
        audience.speaker.answer("SET k v")
        audience.speaker.answer("GET nokey")
        audience.speaker.answer("DEL k")
        #expect(heard() == ["__keyevent@0__:keymiss nokey", "__keyevent@0__:del k"])
        audience.speaker.answer("CONFIG SET notify-keyspace-events \"\"")
        audience.speaker.answer("SET k v")
        #expect(heard() == [])
    }

    @Test func `a key expires on time`() {
        audience.speaker.answer("CONFIG SET notify-keyspace-events Ex")
        audience.listener.answer("PSUBSCRIBE *")
        audience.speaker.answer("SET k v PX 100")
        let engine = audience.speaker.engine
        engine.advance(to: Timestamp(microseconds: engine.clock.now.microseconds + 99_000))
        #expect(heard() == [])
        engine.advance(to: Timestamp(microseconds: engine.clock.now.microseconds + 1_000))
        #expect(heard() == ["__keyevent@0__:expired k"])
    }

    @Test func `of one's own commands come after the reply`() {
        audience.modern.answer("CONFIG SET notify-keyspace-events E$")
        audience.modern.answer("PSUBSCRIBE *")
        #expect(audience.modern.answer("SET k v").hasPrefix("+OK\r\n>4\r\n"))
    }
}
