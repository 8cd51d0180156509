import Testing

@testable import Redstart

private let busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
private let notBusy = "-NOTBUSY No scripts in execution right now.\r\n"
private let unkillable = """
    -UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script \
    termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.\r\n
    """
private let endless = "while true do end"
private let killed = "-ERR Script killed by user with SCRIPT KILL..."

/// A server whose scripts are busy from their first milliseconds on.
private func impatient() throws -> LiveServer { try LiveServer { $0.busyReplyThresholdMilliseconds = 5 } }

/// Starts a script on `client`, and returns when `other` hears of it.
private func run(_ script: String, on client: RawClient, _ other: RawClient) {
    client.send(words: ["EVAL", script, "0"])
    while other.call("PING") != busy {}
}

@Suite struct SCRIPT_KILL {
    @Test func `there is nothing to kill`() throws {
        let session = Session()
        #expect(session.answer("SCRIPT KILL") == notBusy)
        #expect(session.answer("SCRIPT KILL now") == "-ERR wrong number of arguments for 'script|kill' command\r\n")
        #expect(session.answer("EVAL \"return redis.pcall('script', 'kill')\" 0").hasPrefix("-ERR This Redis command"))
    }

    @Test func `others are told, and may end it`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        run(endless, on: client, other)
        #expect(other.call("GET", "k") == busy)
        #expect(other.call("EVAL", "return 1", "0") == busy)
        #expect(other.call("SHUTDOWN") == busy)
        #expect(other.call("SHUTDOWN", "SAVE") == busy)
        #expect(other.call("NOSUCH").hasPrefix("-ERR unknown command"))
        #expect(other.call("GET") == "-ERR wrong number of arguments for 'get' command\r\n")
        #expect(try RawClient(port: server.port).call("PING") == busy)
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(client.reply().hasPrefix(killed))
        #expect(client.call("PING") == "+PONG\r\n")
        #expect(other.call("SCRIPT", "KILL") == notBusy)
    }

    /// Words so long that there may be more of them than one read brings.
    @Test(arguments: [40_000, 65_000, 200_000]) func `it may be ended by who sent much before`(_ bytes: Int) throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        run(endless, on: client, other)
        let value = String(repeating: "x", count: bytes)
        for _ in 0..<5 { #expect(other.call("SET", "k", value) == busy) }
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(client.reply().hasPrefix(killed))
    }

    @Test func `what changes nothing but the connection is allowed`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        run(endless, on: client, other)
        for (line, answer) in [
            ("HELLO 2", "*14"), ("AUTH x", "-ERR AUTH"), ("WATCH k", "+OK"), ("UNWATCH", "+OK"), ("MULTI", "+OK"),
            ("SET k v", "-BUSY"), ("EXEC", "-EXECABORT Transaction discarded because of: BUSY"), ("MULTI", "+OK"),
            ("DISCARD", "+OK"), ("RESET", "+RESET"), ("SHUTDOWN ABORT", "-ERR No shutdown in progress."),
        ] {
            other.send(line + "\r\n")
            #expect(other.reply().hasPrefix(answer), "\(line)")
        }
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(other.last("QUIT\r\n") == "+OK\r\n")
    }

    @Test(arguments: [
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() return 1 end) end",
        "while true do coroutine.wrap(function() while true do end end)() end",
        "while true do pcall(coroutine.wrap(function() while true do end end)) end",
        "local function f() return f() end return f()",
        "while true do redis.pcall('get', 'k') end",
        "return table.sort(setmetatable({}, {}), 1) or (function() while true do pcall(error) end end)()",
        "local s = setmetatable({}, {__index = function() while true do end end}) return s.x",
        "string.gsub('x', '.', function() while true do end end)",
    ])
    func `no script catches its end`(_ script: String) throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        client.send(words: ["EVAL", script, "0"])
        // Those that refuse end by themselves.
        while !client.hears(within: 1), other.call("PING") != busy {}
        if !client.hears(within: 1) { #expect(other.call("SCRIPT", "KILL") == "+OK\r\n") }
        #expect(client.reply().hasPrefix("-ERR"))
        #expect(other.call("PING") == "+PONG\r\n")
    }

    @Test func `what wrote is not ended, but by the end of the server`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        run("redis.call('set', 'k', 1) " + endless, on: client, other)
        #expect(other.call("SCRIPT", "KILL") == unkillable)
        #expect(other.last("SHUTDOWN NOSAVE\r\n") == "")
        #expect(client.readToEnd() == "")
    }

    @Test func `an embedded server ends in the middle of a script`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        run("redis.call('set', 'k', 1) while true do pcall(function() " + endless + " end) end", on: client, other)
    }

    @Test func `the threshold is real time`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        server.inspect { $0.clock.freeze() }
        run(endless, on: client, other)
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(client.reply().hasPrefix(killed))
    }

    @Test func `its own client waits, and may leave`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        run(endless, on: client, other)
        client.send("PING\r\nECHO later\r\n")
        #expect(other.call("GET", "k") == busy)
        #expect(!client.hears(within: 20))
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(client.reply().hasPrefix(killed))
        #expect(client.reply() == "+PONG\r\n")
        #expect(client.reply() == "$5\r\nlater\r\n")

        var leaving: RawClient? = try server.connect()
        if let leaving { run(endless, on: leaving, other) }
        leaving = nil
        #expect(other.call("GET", "k") == busy)
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        while server.inspect({ $0.clients.count }) > 2 {}
        #expect(other.call("PING") == "+PONG\r\n")
    }

    @Test func `commands around it in a pipeline get their replies in order`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        let script = "EVAL \"\(endless)\" 0\r\n"
        client.send("SET a 1\r\nGET a\r\n" + script + "GET a\r\nINCR a\r\n")
        while other.call("PING") != busy {}
        // Enough to overwrite whatever was parsed or read ahead.
        let many = String(repeating: "SET key value\r\n", count: 3_000)
        #expect(other.answer(many, like: String(repeating: busy, count: 3_000)).hasSuffix(busy))
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(client.reply() == "+OK\r\n")
        #expect(client.reply() == "$1\r\n1\r\n")
        #expect(client.reply().hasPrefix(killed))
        #expect(client.reply() == "$1\r\n1\r\n")
        #expect(client.reply() == ":2\r\n")
    }

    @Test func `all who are ready in the same turn are served`() throws {
        let server = try impatient()
        let clients = try (0..<20).map { _ in try server.connect() }
        let descriptors = clients.map(\.descriptor)
        // While the loop is held up, all send; the first of them the script.
        server.inspect { _ in
            for descriptor in descriptors {
                let text = descriptor == descriptors[0] ? "EVAL \"\(endless)\" 0\r\n" : "ECHO x\r\n"
                RawClient.send(text, on: descriptor)
            }
        }
        for client in clients.dropFirst() { #expect(client.reply() == busy) }
        #expect(clients[1].call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(clients[0].reply().hasPrefix(killed))
    }

    @Test func `messages arrive meanwhile, and those who wait are served afterwards`() throws {
        let server = try impatient()
        let (client, other, listener) = (try server.connect(), try server.connect(), try server.connect())
        let waiting = try server.connect()
        waiting.send("BLPOP list 0\r\n")
        while server.inspect({ $0.keyspace.waiters.keyCount }) == 0 {}
        listener.call("SUBSCRIBE", "channel")
        run("redis.call('publish', 'channel', 'x') redis.call('get', 'k') " + endless, on: client, other)
        #expect(listener.reply() == "*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n$1\r\nx\r\n")
        #expect(other.call("RPUSH", "list", "x") == busy)
        // To publish is not to write.
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        #expect(!waiting.hears(within: 10))
        #expect(other.call("EVAL", "return redis.call('rpush', 'list', 'v')", "0") == ":1\r\n")
        #expect(waiting.reply() == "*2\r\n$4\r\nlist\r\n$1\r\nv\r\n")
    }

    @Test func `a transaction goes on behind a script that was killed`() throws {
        let server = try impatient()
        let (client, other) = (try server.connect(), try server.connect())
        client.call("MULTI")
        client.call("SET", "a", "1")
        client.call("EVAL", endless, "0")
        client.call("INCR", "a")
        client.send("EXEC\r\n")
        while other.call("PING") != busy {}
        #expect(other.call("SCRIPT", "KILL") == "+OK\r\n")
        let reply = client.reply()
        #expect(reply.hasPrefix("*3\r\n+OK\r\n" + killed) && reply.hasSuffix("\r\n:2\r\n"))
    }

    @Test func `no threshold, nobody is told`() throws {
        let server = try LiveServer { $0.busyReplyThresholdMilliseconds = 0 }
        let (client, other) = (try server.connect(), try server.connect())
        client.send(words: ["EVAL", "for i = 1, 1000000 do end return 1", "0"])
        #expect(other.call("PING") == "+PONG\r\n")
        #expect(client.reply() == ":1\r\n")
    }
}
