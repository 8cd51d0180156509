import Testing

@testable import Redstart

@Suite struct MONITOR {
    /// A server whose clock stands still, so that the lines are known.
    private static func server() throws -> LiveServer {
        let server = try LiveServer()
        server.inspect { $0.clock.freeze(at: Timestamp(microseconds: 1_700_000_000_000_042)) }
        return server
    }

    /// What a watcher hears of commands that come over a Unix socket, without the beginning that all lines share.
    private static func lines(_ commands: [String]) throws -> [String] {
        let server = try server()
        let watcher = try server.connect()
        #expect(watcher.line("MONITOR\r\n") == "+OK\r\n")
        let client = try RawClient(path: server.path)
        client.send((commands + ["QUIT"]).map { $0 + "\r\n" }.joined())
        #expect(client.readToEnd() != nil)
        var lines: [String] = []
        while lines.last?.hasSuffix("\"QUIT\"\r\n") != true, lines.count < 20 { lines.append(watcher.line()) }
        let prefix = "+1700000000.000042 ["
        #expect(lines.allSatisfy { $0.hasPrefix(prefix) })
        return lines.dropLast().map {
            String($0.dropFirst(prefix.count).dropLast()).split(separator: " unix:\(server.path)] ", maxSplits: 1)
                .joined(separator: "|")
        }
    }

    @Test func `shows commands as they are run`() throws {
        let shown = try Self.lines([
            "PING", "SELECT 3", "set \"k\\x01\\xff\\n\\r\\t\\a\\b\\\"'x\" \"\\\\ v\"", "FOO", "GET",
            "CLIENT LIST", "CLIENT ID", "CLIENT KILL ID 99", "INCR k", "MONITOR x",
        ])
        #expect(
            shown == [
                "0|\"PING\"", "3|\"SELECT\" \"3\"", "3|\"set\" \"k\\x01\\xff\\n\\r\\t\\a\\b\\\"'x\" \"\\\\ v\"",
                "3|\"CLIENT\" \"ID\"", "3|\"INCR\" \"k\"",
            ])
    }

    @Test func `hides passwords`() throws {
        let shown = try Self.lines([
            "AUTH foo", "AUTH default foo", "AUTH a b", "AUTH a b c", "PING", "HELLO 3 AUTH default foo SETNAME x",
            "HELLO 3 AUTH nobody foo", "HELLO 3 FOO AUTH default foo", "HELLO 3 SETNAME x AUTH default foo FOO",
        ])
        #expect(
            shown == [
                "0|\"AUTH\" \"(redacted)\"", "0|\"AUTH\" \"(redacted)\" \"(redacted)\"",
                "0|\"AUTH\" \"(redacted)\" \"(redacted)\"", "0|\"AUTH\" \"a\" \"b\" \"c\"", "0|\"PING\"",
                "0|\"HELLO\" \"3\" \"AUTH\" \"(redacted)\" \"(redacted)\" \"SETNAME\" \"x\"",
                "0|\"HELLO\" \"3\" \"AUTH\" \"(redacted)\" \"(redacted)\"",
                "0|\"HELLO\" \"3\" \"FOO\" \"AUTH\" \"default\" \"foo\"",
                "0|\"HELLO\" \"3\" \"SETNAME\" \"x\" \"AUTH\" \"(redacted)\" \"(redacted)\" \"FOO\"",
            ])
    }

    @Test func `who watches may look, not touch the data`() throws {
        let server = try Self.server()
        let watcher = try server.connect()
        #expect(watcher.line("PING\r\n") == "+PONG\r\n")
        let refusal = "-ERR Replica can't interact with the keyspace\r\n"
        let ownLine = server.inspect { "+1700000000.000042 [0 \($0.sortedClients[0].address)] \"PING\"\r\n" }
        // Asked twice, there is one answer; one's own commands show after their reply.
        let reply = "+OK\r\n" + refusal + refusal + "+PONG\r\n" + ownLine + "+RESET\r\n$-1\r\n"
        let commands = "MONITOR\r\nMONITOR\r\nGET x\r\nSET x 1\r\nPING\r\nRESET\r\nGET x\r\n"
        #expect(watcher.answer(commands, like: reply) == reply)
        #expect(server.inspect { $0.monitors.isEmpty && !$0.hasGates })
    }

    @Test func `who subscribed as well is refused as a subscriber`() throws {
        let server = try Self.server()
        let watcher = try server.connect()
        let allowed = "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
        #expect(watcher.line("MONITOR\r\n") == "+OK\r\n")
        #expect(watcher.line("SUBSCRIBE c\r\n") == "*3\r\n")
        let heard = watcher.last("GET x\r\nRESET\r\nQUIT\r\n") ?? ""
        #expect(heard.contains("-ERR Can't execute 'get': \(allowed)\r\n"))
    }

    @Test func `who wants no replies hears nothing`() throws {
        let server = try Self.server()
        let watcher = try server.connect()
        #expect(watcher.line("PING\r\n") == "+PONG\r\n")
        let ownLine = server.inspect { "+1700000000.000042 [0 \($0.sortedClients[0].address)] \"CLIENT\" \"REPLY\"" }
        let reply = ownLine + " \"SKIP\"\r\n" + "+PONG\r\n"
        watcher.send("CLIENT REPLY OFF\r\nMONITOR\r\nPING\r\n")
        let on = "+OK\r\n" + ownLine + " \"ON\"\r\n"
        #expect(watcher.answer("CLIENT REPLY ON\r\n", like: on) == on)
        #expect(watcher.answer("CLIENT REPLY SKIP\r\nECHO x\r\nPING\r\n", like: reply) == reply)
    }
}
