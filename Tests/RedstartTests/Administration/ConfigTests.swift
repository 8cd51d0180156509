import Testing

@testable import Redstart

@Suite struct CONFIG {
    private static func failed(_ argument: String, _ reason: String) -> String {
        "-ERR CONFIG SET failed (possibly related to argument '\(argument)') - \(reason)\r\n"
    }

    private static let outputLimits = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"

    @Test(arguments: [
        ("CONFIG", "-ERR wrong number of arguments for 'config' command\r\n"),
        ("CONFIG GET", "-ERR wrong number of arguments for 'config|get' command\r\n"),
        ("CONFIG SET a", "-ERR wrong number of arguments for 'config|set' command\r\n"),
        ("CONFIG SET a b c", "-ERR syntax error\r\n"),
        ("CONFIG SET a b", "-ERR Unknown option or number of arguments for CONFIG SET - 'a'\r\n"),
        ("CONFIG SET include b", "-ERR Unknown option or number of arguments for CONFIG SET - 'include'\r\n"),
        ("CONFIG SET maxmemory x", failed("maxmemory", "argument must be a memory value")),
        ("CONFIG SET maxmemory x timeout x", failed("maxmemory", "argument must be a memory value")),
        ("CONFIG SET maxmemory x databases 5", failed("databases", "can't set immutable config")),
        ("CONFIG SET maxmemory 1 MAXMEMORY 2", failed("MAXMEMORY", "duplicate parameter")),
        ("CONFIG SET timeout 6 nosuch 5", "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n"),
        ("CONFIG SET databases 1 databases 2", failed("databases", "can't set immutable config")),
        ("CONFIG SET dir /", failed("dir", "can't set protected config")),
        ("CONFIG SET dbfilename x", failed("dbfilename", "can't set protected config")),
        ("CONFIG SET replicaof \"\"", failed("replicaof", "can't set immutable config")),
        ("CONFIG SET port abc", failed("port", "argument couldn't be parsed into an integer")),
        ("CONFIG SET timeout 2147483648", failed("timeout", "argument must be between 0 and 2147483647 inclusive")),
        (
            "CONFIG SET appendonly yes",
            failed("appendonly", "this server knows the setting but has only its default")
        ),
        ("CONFIG SET appendonly no", "+OK\r\n"),
        ("CONFIG SET save \"\"", "+OK\r\n"),
        ("CONFIG SET replica-priority 100 slave-priority 100", "+OK\r\n"),
        ("CONFIG GET nosuch", "*0\r\n"),
        ("CONFIG GET *nosuch*", "*0\r\n"),
        ("CONFIG GET maxmemory", "*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n"),
        ("CONFIG GET TIMEOUT timeout timeou?", "*2\r\n$7\r\nTIMEOUT\r\n$1\r\n0\r\n"),
        ("CONFIG GET timeou\\t", "*0\r\n"),
        (
            "CONFIG GET *-priority",
            "*4\r\n$16\r\nreplica-priority\r\n$3\r\n100\r\n$14\r\nslave-priority\r\n$3\r\n100\r\n"
        ),
        ("CONFIG GET redis-version", "*2\r\n$13\r\nredis-version\r\n$5\r\n7.4.1\r\n"),
        ("CONFIG GET redis-*", "*0\r\n"),
        ("CONFIG REWRITE", "-ERR The server is running without a config file\r\n"),
        ("CONFIG RESETSTAT x", "-ERR wrong number of arguments for 'config|resetstat' command\r\n"),
        ("CONFIG FOO", "-ERR unknown subcommand 'FOO'. Try CONFIG HELP.\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    /// What CONFIG SET is told, and what CONFIG GET then says.
    @Test(arguments: [
        ("hz", "0", "1"), ("hz", "1000", "500"),
        ("maxmemory", "100MB", "104857600"), ("maxmemory", "5k", "5000"), ("maxmemory", "", "0"),
        ("maxmemory-clients", "10%", "10%"),
        ("protected-mode", "NO", "no"),
        ("loglevel", "WARNING", "warning"),
        ("maxmemory-policy", "allkeys-LFU", "allkeys-lfu"),
        ("slowlog-log-slower-than", "-1", "-1"),
        ("latency-tracking-info-percentiles", "50.5 99.999 99.9999999", "50.5 99.999 100"),
        ("latency-tracking-info-percentiles", "", ""),
        (
            "client-output-buffer-limit", "normal 1mb 1k 007",
            "normal 1048576 1000 7 slave 268435456 67108864 60 pubsub 33554432 8388608 60"
        ),
        ("client-output-buffer-limit", "", outputLimits),
        ("bind", "127.0.0.1 ::1", "127.0.0.1 ::1"),
    ])
    func `keeps what it is told`(_ name: String, _ value: String, _ expected: String) {
        let session = Session()
        #expect(session.call("CONFIG", "SET", name, value) == "+OK\r\n")
        #expect(session.call("CONFIG", "GET", name) == "*2\r\n" + [name, expected].map(bulk).joined())
    }

    @Test(arguments: [
        (
            "latency-tracking-info-percentiles", "100.1",
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"
        ),
        ("latency-tracking-info-percentiles", "50  60", "Invalid latency-tracking-info-percentiles parameters"),
        ("client-output-buffer-limit", "normal 1 2", "Wrong number of arguments in buffer limit configuration."),
        (
            "client-output-buffer-limit", "normal 1 2 -3",
            "Error in hard, soft or soft_seconds setting in buffer limit configuration."
        ),
        ("notify-keyspace-events", "q", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
        ("save", "900  1", "Invalid save parameters"),
        (
            "client-query-buffer-limit", "1048575",
            "argument must be between 1048576 and 9223372036854775807 inclusive"
        ),
        (
            "hash-max-listpack-value", "99999999999999999999",
            "argument must be between 0 and 9223372036854775807 inclusive"
        ),
    ])
    func `refuses`(_ name: String, _ value: String, _ reason: String) {
        let session = Session()
        let before = session.call("CONFIG", "GET", name)
        #expect(session.call("CONFIG", "SET", name, value) == Self.failed(name, reason))
        #expect(session.call("CONFIG", "GET", name) == before)
    }

    private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    @Test func `changes all settings or none`() {
        let session = Session()
        #expect(session.answer("CONFIG SET timeout 5 maxmemory x").hasPrefix("-ERR CONFIG SET failed"))
        #expect(session.answer("CONFIG GET timeout") == "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n")
        #expect(session.answer("CONFIG SET timeout 5 maxmemory 1gb") == "+OK\r\n")
        #expect(session.engine.settings.timeoutSeconds == 5)
        #expect(session.engine.settings.maxMemory == 1 << 30)
    }

    @Test func `a port that cannot be had changes nothing`() {
        let session = Session()
        session.engine.listenAnew = { session.engine.settings.port == 6_379 }
        let reason = "Unable to listen on this port. Check server logs."
        #expect(session.answer("CONFIG SET timeout 5 port 7") == Self.failed("port", reason))
        #expect(session.engine.settings.port == 6_379)
        #expect(session.engine.settings.timeoutSeconds == 0)
        session.engine.listenAnew = { false }
        #expect(session.answer("CONFIG SET bind x") == Self.failed("bind", "Failed to bind to specified addresses."))
        #expect(session.engine.settings.bind == ["*", "-::*"])
    }

    @Test func `protected settings change where that is allowed`() {
        let session = Session()
        session.engine.settings.enableProtectedConfigs = .local
        #expect(session.answer("CONFIG SET dir /nonexistent") == Self.failed("dir", "No such file or directory"))
        session.engine.settings.enableProtectedConfigs = .no
        #expect(session.answer("CONFIG SET dir /nonexistent") == Self.failed("dir", "can't set protected config"))
    }

    @Test func `CONFIG GET answers a map in RESP3`() {
        let session = Session()
        session.client.reply.isRESP3 = true
        #expect(session.answer("CONFIG GET timeout") == "%1\r\n$7\r\ntimeout\r\n$1\r\n0\r\n")
    }

    @Test func `a password is bytes, not text`() {
        let session = Session()
        let password: [UInt8] = [0, 0xFF, 0x41, 0xC3]
        let words = ["CONFIG", "SET", "requirepass"].map { Array($0.utf8) }
        #expect(session.call(words: words + [password]) == "+OK\r\n")
        #expect(session.engine.settings.requirePass.bytes == password)
        let reply = "*2\r\n$11\r\nrequirepass\r\n$4\r\n" + String(decoding: password, as: UTF8.self) + "\r\n"
        #expect(session.answer("CONFIG GET requirepass") == reply)
        #expect(session.answer("CONFIG SET requirepass x maxmemory y").hasPrefix("-ERR CONFIG SET failed"))
        #expect(session.engine.settings.requirePass.bytes == password)
    }

    @Test func `CONFIG RESETSTAT forgets what was counted`() {
        let session = Session()
        session.answer("NOSUCH")
        #expect(session.engine.statistics.errorReplies == 1)
        #expect(session.answer("CONFIG RESETSTAT") == "+OK\r\n")
        #expect(session.engine.statistics.errorReplies == 0)
        #expect(session.engine.statistics.errors.isEmpty)
    }

    @Test func `CONFIG HELP tells the subcommands`() {
        let lines = Session().answer("CONFIG HELP").split(separator: "\r\n")
        #expect(lines.dropFirst().first == "+CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
        #expect(lines.contains("+REWRITE"))
        #expect(lines.first == "*\(lines.count - 1)")
    }

    @Test func `CONFIG REWRITE keeps what is no setting`() throws {
        let folder = try TemporaryFolder()
        let text = """
            # a comment
              # another
            timeout 5


            TIMEOUT 6
            save 900 1
            rename-command  FLUSHALL   ""
            bind 127.0.0.1
            maxmemory   100mb
            hz 10
            client-output-buffer-limit pubsub 1 1 1
            client-output-buffer-limit pubsub 2 2 2
            client-output-buffer-limit pubsub 3 3 3

            """
        let file = folder.write("redis.conf", text)
        let configuration = try Configuration(arguments: [file])
        let engine = Engine(settings: configuration.settings, log: .silent(), seed: 1)
        engine.configurationFile = configuration.file
        let session = Session(engine)
        session.answer("CONFIG SET maxmemory 200mb bind '* -::*' requirepass 'a\"b' tcp-keepalive 100")
        #expect(session.answer("CONFIG REWRITE") == "+OK\r\n")
        let expected = """
            # a comment
            # another
            timeout 6

            save 900 1
            rename-command  FLUSHALL   ""

            maxmemory 200mb
            hz 10
            client-output-buffer-limit normal 0 0 0
            client-output-buffer-limit replica 256mb 64mb 60
            client-output-buffer-limit pubsub 3 3 3

            # Generated by CONFIG REWRITE
            tcp-keepalive 100
            requirepass "a\\"b"
            dir "\(Directory.current)"

            """
        #expect(String(decoding: try Files.read(file), as: UTF8.self) == expected)
        #expect(session.answer("CONFIG REWRITE") == "+OK\r\n")
        #expect(String(decoding: try Files.read(file), as: UTF8.self) == expected)

        Files.remove(file)
        session.answer("CONFIG REWRITE")
        #expect(try Files.read(file).starts(with: "\n# Generated by CONFIG REWRITE\n".utf8))
    }
}
