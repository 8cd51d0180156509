import Foundation
import Testing

@testable import Redstart

/// A server inside the test's own process, talked to over real sockets.
@Suite struct ServerTests {
    @Test func `starts on a free port, serves and stops`() throws {
        let server = try Server()
        #expect(server.port > 0)
        #expect(server.url == "redis://127.0.0.1:\(server.port)")
        #expect(server.isRunning)
        let client = try RawClient(port: server.port)
        #expect(client.call("SET", "greeting", "hello") == "+OK\r\n")
        #expect(client.call("GET", "greeting") == "$5\r\nhello\r\n")
        #expect(server.inspect { $0[0].keys } == ["greeting"])
        server.stop()
        #expect(!server.isRunning)
        #expect(client.readToEnd() != nil)
    }

    @Test func `a stopped server frees its port and shows what it held`() throws {
        let server = try Server()
        let port = server.port
        _ = try RawClient(port: port).call("SET", "k", "v")
        server.stop()
        server.stop()
        #expect(throws: RawClient.SocketError.self) { try RawClient(port: port) }
        #expect(server.inspect { $0[0].string("k") } == Array("v".utf8))
        #expect(server.port == port)
        let next = try Server(port: port)
        #expect(next.port == port)
        #expect(next.inspect { $0[0].count } == 0)
    }

    @Test func `leaves the process its working directory and its limit of descriptors`() throws {
        let server = try Server(["enable-protected-configs": "yes"])
        let client = try RawClient(port: server.port)
        let refusal = "-ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config\r\n"
        #expect(client.call("CONFIG", "SET", "dir", "/") == refusal)
        // More than the system would let a process have.
        #expect(client.call("CONFIG", "SET", "maxclients", "4000000000") == "+OK\r\n")
    }

    @Test func `ends with its last reference`() throws {
        var server: Server? = try Server()
        let client = try RawClient(port: try #require(server).port)
        #expect(client.call("PING") == "+PONG\r\n")
        server = nil
        #expect(client.readToEnd() != nil)
    }

    @Test func `SHUTDOWN ends the server that was told, and no other`() throws {
        let (server, other) = (try Server(), try Server())
        let client = try RawClient(port: server.port)
        client.send("SHUTDOWN NOSAVE\r\n")
        #expect(client.readToEnd() != nil)
        let port = server.port
        #expect(throws: RawClient.SocketError.self) { try RawClient(port: port) }
        #expect(!server.isRunning)
        #expect(try RawClient(port: other.port).call("PING") == "+PONG\r\n")
        server.stop()
    }

    @Test func `two servers share nothing`() throws {
        let (first, second) = (try Server(), try Server(["databases": "4"]))
        let client = try RawClient(port: first.port)
        client.call("SET", "k", "v")
        client.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "requirepass", "secret")
        first.clock.advance(by: .seconds(1_000_000))

        let other = try RawClient(port: second.port)
        #expect(other.call("DBSIZE") == ":0\r\n")
        #expect(other.call("CONFIG", "GET", "maxmemory-policy").contains("noeviction"))
        #expect(other.call("SELECT", "4") == "-ERR DB index is out of range\r\n")
        #expect(second.inspect { $0.count } == 4)
        #expect(first.clock.now > second.clock.now.advanced(by: .seconds(900_000)))
    }

    @Test func `fifty servers run at once`() async throws {
        let servers = try (0..<50).map { _ in try Server() }
        #expect(Set(servers.map(\.port)).count == 50)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, server) in servers.enumerated() {
                group.addTask {
                    let client = try RawClient(port: server.port)
                    for step in 0..<20 {
                        #expect(client.call("SET", "k\(step)", "\(number)") == "+OK\r\n")
                    }
                    #expect(client.call("INCRBY", "k0", "1000") == ":\(number + 1_000)\r\n")
                    server.clock.advance(by: .seconds(number))
                    #expect(server.inspect { $0[0].count } == 20)
                }
            }
            try await group.waitForAll()
        }
        await withTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { server.stop() } }
        }
    }

    @Test func `looks at the data by database, key and type`() throws {
        let server = try Server()
        let client = try RawClient(port: server.port)
        client.call("SET", "text", "hello", "PXAT", "4102444800000")
        client.call("SET", "number", "42")
        client.call("SELECT", "3")
        client.call("SET", "elsewhere", "x")
        #expect(server.inspect { $0.count } == 16)
        #expect(server.inspect { $0[0].keys } == ["number", "text"])
        #expect(server.inspect { $0[3].keys } == ["elsewhere"])
        #expect(server.inspect { $0[0].count } == 2)
        #expect(server.inspect { $0[0].string("number") } == Array("42".utf8))
        #expect(server.inspect { $0[0].string("absent") } == nil)
        #expect(server.inspect { $0[0].type("text") } == "string")
        #expect(server.inspect { $0[0].type("absent") } == nil)
        #expect(server.inspect { $0[0].deadline("text") } == Timestamp(milliseconds: 4_102_444_800_000))
        #expect(server.inspect { $0[0].deadline("number") } == nil)
    }

    @Test func `the server can be asked for more while it is looked at`() throws {
        let server = try Server()
        let counts = server.inspect { databases in
            [databases[0].count, server.inspect { $0[0].count }, server.port - server.port]
        }
        #expect(counts == [0, 0, 0])
        server.stop()
        #expect(server.inspect { _ in server.inspect { $0[0].count } } == 0)
    }

    @Test func `may be stopped while it is looked at`() throws {
        let server = try Server()
        let client = try RawClient(port: server.port)
        server.inspect { _ in server.stop() }
        #expect(client.readToEnd() != nil)
        server.stop()
        #expect(!server.isRunning)
    }

    @Test func `may be asked and stopped from many threads at once`() async throws {
        for _ in 0..<20 {
            let server = try Server()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        if number == 3 { server.stop() }
                        for _ in 0..<20 { #expect(server.inspect { $0[0].count } == 0) }
                        if number == 5 { server.stop() }
                    }
                }
            }
            #expect(!server.isRunning)
        }
    }
}

/// What a server is started with.
@Suite struct ServerSettings {
    @Test func `takes settings as redis.conf has them`() throws {
        let server = try Server(
            ["maxmemory": "10mb", "maxmemory-policy": "allkeys-lru", "client-output-buffer-limit": "normal 1mb 0 0"])
        let client = try RawClient(port: server.port)
        #expect(client.call("CONFIG", "GET", "maxmemory") == "*2\r\n$9\r\nmaxmemory\r\n$8\r\n10485760\r\n")
        #expect(client.call("CONFIG", "GET", "maxmemory-policy").contains("allkeys-lru"))
        #expect(client.call("CONFIG", "GET", "client-output*").contains("normal 1048576 0 0"))
        #expect(client.call("CONFIG", "GET", "bind") == "*2\r\n$4\r\nbind\r\n$9\r\n127.0.0.1\r\n")
    }

    @Test(arguments: [
        (["maxmemory": "lots"], "The setting 'maxmemory' cannot be 'lots': argument must be a memory value."),
        (["maxmemroy": "1mb"], "There is no setting 'maxmemroy'."),
        (["daemonize": "yes"], "The setting 'daemonize' is for a server that is a process of its own."),
        (["dir": "/tmp"], "The setting 'dir' is for a server that is a process of its own."),
        (
            ["appendonly": "yes"],
            "The setting 'appendonly' cannot be 'yes': this server knows the setting but has only its default."
        ),
        (["port": "70000"], "The setting 'port' cannot be '70000': argument must be between 0 and 65535 inclusive."),
        (["port": "0"], "Configured to not listen anywhere, exiting."),
    ])
    func `says what is wrong with a setting`(_ settings: [String: String], _ reason: String) {
        let error = #expect(throws: ServerError.self) { try Server(settings) }
        #expect(error?.description == reason)
    }

    @Test func `says that a port is in use`() throws {
        let server = try Server()
        let port = server.port
        let error = #expect(throws: ServerError.self) { try Server(port: port) }
        #expect(error?.description.contains("Could not create server TCP listening socket 127.0.0.1:\(port)") == true)
        #expect(error?.description.contains("Address already in use") == true)
    }

    @Test func `asks for the password, which the URL tells`() throws {
        let server = try Server(password: "s p/ü")
        let client = try RawClient(port: server.port)
        #expect(client.call("GET", "k") == "-NOAUTH Authentication required.\r\n")
        #expect(client.call("AUTH", "s p/ü") == "+OK\r\n")
        #expect(client.call("GET", "k") == "$-1\r\n")
        #expect(server.url == "redis://:s%20p%2F%C3%BC@127.0.0.1:\(server.port)")
    }

    @Test func `listens on a Unix socket, too or alone`() throws {
        let path = NSTemporaryDirectory() + "redstart-\(UInt32.random(in: 0 ... .max)).sock"
        let server = try Server(unixSocket: path)
        #expect(try RawClient(path: path).call("SET", "k", "v") == "+OK\r\n")
        #expect(try RawClient(port: server.port).call("GET", "k") == "$1\r\nv\r\n")
        server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))

        let alone = try Server(["port": "0"], unixSocket: path)
        #expect(alone.port == 0)
        #expect(alone.url == "unix://" + path)
        #expect(try RawClient(path: path).call("PING") == "+PONG\r\n")
    }

    @Test func `writes a log where it is asked to`() throws {
        let path = NSTemporaryDirectory() + "redstart-\(UInt32.random(in: 0 ... .max)).log"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Server(["logfile": path]).stop()
        let log = String(bytes: try #require(FileManager.default.contents(atPath: path)), encoding: .utf8)
        #expect(log?.contains("Ready to accept connections") == true)
    }
}
