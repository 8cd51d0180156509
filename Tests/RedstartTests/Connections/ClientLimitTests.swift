import Glibc
import Testing

@testable import Redstart

/// What a client may cost, and what happens past it, over real sockets.
@Suite struct ClientLimits {
    @Test func `maxclients: one too many is told so`() throws {
        let server = try LiveServer { $0.maxClients = 2 }
        var first: RawClient? = try server.connect()
        let second = try server.connect()
        #expect(first?.line("PING\r\n") == "+PONG\r\n" && second.line("PING\r\n") == "+PONG\r\n")
        #expect(try server.connect().readToEnd() == "-ERR max number of clients reached\r\n")
        #expect(server.inspect { $0.statistics.rejectedConnections } == 1)
        first = nil
        while server.inspect({ $0.clients.count != 1 }) {}
        #expect(try server.connect().line("PING\r\n") == "+PONG\r\n")
    }

    @Test func `protected-mode: others than local clients are refused while there is no password`() throws {
        guard let address = RawClient.ownAddress() else { return }
        let server = try LiveServer { $0.bind = ["0.0.0.0"] }
        let refusal = try RawClient(port: server.port, address: address).readToEnd() ?? ""
        #expect(
            refusal.hasPrefix("-DENIED Redis is running in protected mode because protected mode is enabled and no "))
        #expect(refusal.hasSuffix(" for the server to start accepting connections from the outside.\r\n"))
        #expect(try server.connect().line("PING\r\n") == "+PONG\r\n")
        server.inspect { $0.settings.requirePass = "secret" }
        #expect(try RawClient(port: server.port, address: address).line("AUTH secret\r\n") == "+OK\r\n")
        server.inspect { $0.settings.requirePass = "" }
        server.inspect { $0.settings.protectedMode = false }
        #expect(try RawClient(port: server.port, address: address).line("PING\r\n") == "+PONG\r\n")
    }

    @Test func `timeout: who is idle for longer is disconnected, except who watches`() throws {
        let server = try LiveServer { $0.timeoutSeconds = 10 }
        let (idle, watcher) = (try server.connect(), try server.connect())
        #expect(idle.line("PING\r\n") == "+PONG\r\n" && watcher.line("MONITOR\r\n") == "+OK\r\n")
        server.inspect { $0.advance(to: $0.clock.now.advanced(by: .seconds(9))) }
        #expect(!idle.hears(within: 1_200))
        server.inspect { $0.advance(to: $0.clock.now.advanced(by: .seconds(2))) }
        #expect(idle.readToEnd() == "")
        #expect(server.inspect { $0.clients.count } == 1)
    }

    @Test(arguments: [(100, 100, 33), (2, 2, 1)])
    func `tcp-keepalive: the system asks after idle ones`(_ setting: Int, _ idle: Int32, _ interval: Int32) throws {
        let server = try LiveServer { $0.tcpKeepAlive = setting }
        let client = try server.connect()
        #expect(client.line("PING\r\n") == "+PONG\r\n")
        let options = server.inspect { engine in
            [SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].enumerated().map { index, option in
                var value: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                let level = index == 0 ? SOL_SOCKET : Int32(IPPROTO_TCP)
                unsafe getsockopt(engine.sortedClients[0].descriptor, level, option, &value, &size)
                return value
            }
        }
        #expect(options == [1, idle, interval, 3])
    }

    @Test func `proto-max-bulk-len: longer words are refused`() throws {
        let server = try LiveServer { $0.maxBulkBytes = 1 << 20 }
        let word = String(repeating: "x", count: 1 << 20)
        let client = try server.connect()
        client.send("*2\r\n$4\r\nECHO\r\n$1048576\r\n\(word)\r\n")
        #expect(client.read(10 + word.count + 2).hasSuffix("xx\r\n"))
        let refusal = "-ERR Protocol error: invalid bulk length\r\n"
        #expect(try server.connect().last("*2\r\n$4\r\nECHO\r\n$1048577\r\n") == refusal)
    }

    @Test func `client-query-buffer-limit: a word may not be longer, a command may`() throws {
        let server = try LiveServer { $0.maxQueryBufferBytes = 1 << 20 }
        let client = try server.connect()
        let word = "$500000\r\n" + String(repeating: "x", count: 500_000) + "\r\n"
        client.send("*9\r\n$4\r\nMSET\r\n" + String(repeating: word, count: 8))
        #expect(client.line() == "+OK\r\n")
        let long = String(repeating: "x", count: 2 << 20)
        client.send("*2\r\n$4\r\nECHO\r\n$\(long.count)\r\n\(long)\r\n")
        #expect(client.readToEnd() == "")
        #expect(server.inspect { $0.statistics.queryBufferDisconnections } == 1)
        let told = server.inspect { $0.log.warnings }
        let beginning = String(repeating: "x", count: 64)
        #expect(told.count == 1 && told[0].hasPrefix("Closing client that reached max query buffer length: id=1 addr="))
        #expect(told[0].hasSuffix(" (qbuf initial bytes: \"\(beginning)\")"))
    }

    @Test func `client-output-buffer-limit: past the hard limit nothing is sent any more`() throws {
        let server = try LiveServer { $0.outputLimits.normal.hardBytes = 1 << 20 }
        let client = try server.connect()
        let value = String(repeating: "x", count: 2 << 20)
        client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(value.count)\r\n\(value)\r\n")
        #expect(client.line() == "+OK\r\n")
        #expect(client.last("STRLEN k\r\nGET k\r\nPING\r\n") == "")
        #expect(server.inspect { $0.statistics.outputBufferDisconnections } == 1)
        #expect(server.inspect { $0.clients.count } == 0)
        let told = server.inspect { $0.log.warnings }
        #expect(told.count == 1 && told[0].hasPrefix("Client id=1 addr="))
        #expect(told[0].hasSuffix(" scheduled to be closed ASAP for overcoming of output buffer limits."))
    }

    @Test(arguments: [(10, 5_778), (1_000, 97), (5_000, 19), (20_000, 4)])
    func `client-output-buffer-limit: counts as Redis does`(
        _ size: Int, _ most: Int
    ) throws {
        let server = try LiveServer { $0.outputLimits.normal.hardBytes = 100_000 }
        func ask(_ count: Int) throws -> Bool {
            let client = try server.connect()
            let value = String(repeating: "x", count: size)
            let keys = String(repeating: "$1\r\nk\r\n", count: count)
            client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(size)\r\n\(value)\r\n")
            #expect(client.line() == "+OK\r\n")
            client.send("*\(count + 1)\r\n$4\r\nMGET\r\n\(keys)")
            return client.line() == "*\(count)\r\n"
        }
        #expect(try ask(most))
        #expect(try !ask(most + 1))
    }

    @Test func `client-output-buffer-limit: a command goes on, its output takes no more memory`() throws {
        let server = try LiveServer { $0.outputLimits.normal.hardBytes = 1 << 20 }
        let client = try server.connect()
        let value = String(repeating: "x", count: 100_000)
        let keys = (1...50).map { "k\($0)" }
        for key in keys { client.send("*3\r\n$3\r\nSET\r\n$\(key.count)\r\n\(key)\r\n$\(value.count)\r\n\(value)\r\n") }
        for _ in keys { #expect(client.line() == "+OK\r\n") }
        let gets = keys.map { "GET \($0)\r\n" }.joined()
        #expect(client.last("MULTI\r\n\(gets)SET done 1\r\nEXEC\r\nSET after 1\r\n") == "")
        #expect(try server.connect().line("EXISTS done\r\n") == ":1\r\n")
        #expect(try server.connect().line("EXISTS after\r\n") == ":0\r\n")
        #expect(server.inspect { $0.statistics.outputBufferDisconnections } == 1)
    }

    @Test func `client-output-buffer-limit: a subscriber hears no more, and is gone after the turn`() throws {
        let server = try LiveServer { $0.outputLimits.pubsub.hardBytes = 30_000 }
        let (listener, speaker) = (try server.connect(), try server.connect())
        listener.send("SUBSCRIBE a\r\nPSUBSCRIBE a*\r\n")
        #expect(listener.read(65).hasSuffix(":2\r\n"))
        let message = "PUBLISH a " + String(repeating: "x", count: 7_000) + "\r\n"
        speaker.send("MULTI\r\n" + String(repeating: message, count: 4) + "EXEC\r\n")
        #expect(speaker.read(61).hasSuffix("*4\r\n:2\r\n:2\r\n:2\r\n:2\r\n"))
        #expect(listener.readToEnd() == "")
        #expect(speaker.line("PUBLISH a x\r\n") == ":0\r\n")
        #expect(server.inspect { $0.statistics.outputBufferDisconnections } == 1)
    }

    @Test func `client-output-buffer-limit: holds for what the client is now, and as it is set now`() throws {
        let server = try LiveServer { $0.outputLimits.normal.hardBytes = 100_000 }
        let speaker = try server.connect()
        let value = String(repeating: "x", count: 300_000)
        func message(_ head: String) -> String { "\(head)$300000\r\n\(value)\r\n" }
        func set(_ limit: String) {
            #expect(speaker.line("CONFIG SET client-output-buffer-limit \"\(limit)\"\r\n") == "+OK\r\n")
        }

        let listener = try server.connect()
        listener.send("SUBSCRIBE c\r\n")
        #expect(listener.read(30) == "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
        set("pubsub 100000 0 0")
        set("pubsub 0 0 0")
        speaker.send(message("*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n"))
        #expect(speaker.line() == ":1\r\n")
        #expect(listener.read(43 + value.utf8.count).hasSuffix("xx\r\n"))

        let waiting = try server.connect()
        waiting.send("BLPOP q 0\r\n")
        while server.inspect({ $0.clients.values.filter { $0.flags.contains(.blocked) }.isEmpty }) {}
        set("normal 0 0 0")
        speaker.send(message("*3\r\n$5\r\nRPUSH\r\n$1\r\nq\r\n"))
        #expect(speaker.line() == ":1\r\n")
        #expect(waiting.read(20 + value.utf8.count).hasPrefix("*2\r\n$1\r\nq\r\n$300000\r\nxx"))
        #expect(server.inspect { $0.statistics.outputBufferDisconnections } == 0)
    }

    @Test func `client-output-buffer-limit: the soft limit may be passed for a while`() throws {
        let server = try LiveServer { settings in
            settings.outputLimits.normal.softBytes = 100_000
            settings.outputLimits.normal.softSeconds = 5
        }
        let client = try RawClient(port: server.port, receiveBuffer: 4_096)
        let value = String(repeating: "x", count: 8 << 20)
        client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(value.count)\r\n\(value)\r\n")
        #expect(client.line() == "+OK\r\n")
        server.inspect { $0.clock.freeze() }
        client.send("GET k\r\n")
        while server.inspect({ $0.clientsOverSoftLimit == 0 }) {}
        server.inspect { $0.advance(to: $0.clock.now.advanced(by: .seconds(4))) }
        usleep(1_200_000)
        #expect(server.inspect { $0.clients.count } == 1)
        server.inspect { $0.advance(to: $0.clock.now.advanced(by: .seconds(2))) }
        while server.inspect({ $0.clients.count == 1 }) { usleep(10_000) }
        #expect(server.inspect { $0.statistics.outputBufferDisconnections } == 1)
        #expect(server.inspect { $0.clientsOverSoftLimit } == 0)
    }

    @Test(arguments: ["WATCH", "SUBSCRIBE", "PSUBSCRIBE"])
    func `maxmemory-clients: what a client registers for counts, until it takes it back`(_ command: String) throws {
        let server = try LiveServer()
        let client = try server.connect()
        let other = try server.connect()
        let before = server.inspect { $0.clientMemory }
        let names = (0..<3_000).map { "n:\($0):" }.joined(separator: " ")
        client.send("\(command) \(names)\r\n")
        while server.inspect({ $0.clientMemory }) <= before + 3_000 * 50 { usleep(1_000) }
        client.send("RESET\r\n")
        while server.inspect({ $0.clientMemory }) > before + 1_000 { usleep(1_000) }
        client.send("\(command) \(names)\r\n")
        while server.inspect({ $0.clientMemory }) <= before + 3_000 * 50 { usleep(1_000) }
        #expect(other.line("CONFIG SET maxmemory-clients 1\r\n") == "+OK\r\n")
        for _ in 0..<10_000 where server.inspect({ $0.clients.count == 2 }) { usleep(1_000) }
        #expect(server.inspect { $0.statistics.evictedClients } == 1)
    }

    @Test func `maxmemory-clients: the largest have to go, except who asked to stay`() throws {
        let server = try LiveServer { $0.maxMemoryClients = 2 << 20 }
        func client(_ bytes: Int, staying: Bool = false) throws -> RawClient {
            let client = try server.connect()
            if staying { #expect(client.line("CLIENT NO-EVICT on\r\n") == "+OK\r\n") }
            let received = server.inspect { $0.statistics.netInputBytes }
            let text = "*2\r\n$4\r\nECHO\r\n$\(bytes)\r\n" + String(repeating: "x", count: bytes - 1)
            client.send(text)
            for _ in 0..<10_000 where server.inspect({ $0.statistics.netInputBytes }) < received + text.utf8.count {
                usleep(1_000)
            }
            #expect(server.inspect { $0.statistics.netInputBytes } == received + text.utf8.count)
            return client
        }
        let small = try client(100_000)
        let staying = try client(900_000, staying: true)
        let large = try client(700_000)
        #expect(server.inspect { $0.statistics.evictedClients } == 0)
        let medium = try client(500_000)
        #expect(large.readToEnd() == "")
        #expect(server.inspect { $0.statistics.evictedClients } == 1)
        #expect(!staying.hears(within: 50) && !medium.hears(within: 1) && !small.hears(within: 1))
        // Half of what the keys may take leaves room for the smallest only.
        server.inspect { engine in
            engine.settings.maxMemory = 2_200_000
            engine.settings.maxMemoryClients = -50
        }
        #expect(try server.connect().line("PING\r\n") == "+PONG\r\n")
        #expect(medium.readToEnd() == "")
        #expect(!staying.hears(within: 50) && !small.hears(within: 1))
        staying.send("x\r\n")
        #expect(staying.line() == "$900000\r\n")
    }
}

/// Clients that are slow, rude or gone: nobody else notices.
@Suite struct DifficultClients {
    @Test func `one that pipelines much and reads nothing gets it all in the end`() throws {
        let server = try LiveServer()
        let (greedy, other) = (try RawClient(port: server.port, receiveBuffer: 4_096), try server.connect())
        let value = String(repeating: "x", count: 1_000)
        #expect(greedy.line("SET k \(value)\r\n") == "+OK\r\n")
        let requests = Array(String(repeating: "GET k\r\n", count: 20_000).utf8)
        greedy.send(requests)
        #expect(other.line("PING\r\n") == "+PONG\r\n")
        let whole = 20_000 * (value.utf8.count + 9)
        #expect(greedy.read(whole).utf8.count == whole)
        #expect(greedy.line("PING\r\n") == "+PONG\r\n")
    }

    @Test func `one that pipelines what takes long lets others in between`() throws {
        let server = try LiveServer { $0.enableDebugCommand = .yes }
        let (slow, other) = (try server.connect(), try server.connect())
        let count = 100
        // What follows is kept for later turns: commands, the end of a transaction, bytes that are no command.
        slow.send("SET started 1\r\n" + String(repeating: "DEBUG SLEEP 0.005\r\n", count: count))
        slow.send("MULTI\r\nSET done 1\r\nDEBUG SLEEP 0.005\r\nEXEC\r\n*x\r\n")
        while other.line("EXISTS started\r\n") != ":1\r\n" {}
        #expect(other.line("EXISTS done\r\n") == ":0\r\n")
        let end = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n-ERR Protocol error: invalid multibulk length\r\n"
        #expect(slow.readToEnd() == String(repeating: "+OK\r\n", count: count + 1) + end)
    }

    @Test func `one that sends a byte at a time is understood`() throws {
        let server = try LiveServer()
        let client = try server.connect()
        for byte in Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\nGET k\r\n".utf8) { client.send([byte]) }
        #expect(client.read(16) == "+OK\r\n$5\r\nhello\r\n")
    }

    @Test func `one that leaves in the middle of a command is forgotten`() throws {
        let server = try LiveServer()
        let command = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nhello"
        for count in 1...command.utf8.count { try server.connect().send(String(command.prefix(count))) }
        while server.inspect({ !$0.clients.isEmpty }) {}
        #expect(server.inspect { $0.databases[0].count + $0.clientMemory } == 0)
    }

    @Test func `one that says it will send no more still gets its replies`() throws {
        let server = try LiveServer()
        let client = try server.connect()
        client.send("PING\r\nPING\r\n*2\r\n$3\r\n")
        client.finishSending()
        #expect(client.readToEnd() == "+PONG\r\n+PONG\r\n")
    }

    @Test func `one whose last reply takes long is closed when it has it`() throws {
        let server = try LiveServer()
        let client = try RawClient(port: server.port, receiveBuffer: 4_096)
        let value = String(repeating: "x", count: 8 << 20)
        client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(value.count)\r\n\(value)\r\n")
        #expect(client.line() == "+OK\r\n")
        client.send("GET k\r\nQUIT\r\nFLUSHALL\r\n")
        client.send(String(repeating: "PING\r\n", count: 1_000))
        let last = client.readToEnd() ?? ""
        #expect(last.utf8.count == value.utf8.count + 12 + 5 && last.hasSuffix("xx\r\n+OK\r\n"))
        #expect(server.inspect { $0.databases[0].count } == 1)
    }

    @Test func `many idle ones hold no buffers`() throws {
        let server = try LiveServer()
        let clients = try (0..<300).map { _ in try server.connect() }
        for client in clients { #expect(client.line("PING\r\n") == "+PONG\r\n") }
        #expect(server.inspect { $0.clientMemory } == 0)
        #expect(server.inspect { $0.clients.count } == 300)
    }
}
