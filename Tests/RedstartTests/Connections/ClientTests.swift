import Testing

@testable import Redstart

@Suite struct CLIENT {
    @Test(arguments: [
        ("CLIENT", "-ERR wrong number of arguments for 'client' command\r\n"),
        ("CLIENT NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.\r\n"),
        ("client \"a\\r\\nb\"", "-ERR unknown subcommand 'a  b'. Try CLIENT HELP.\r\n"),
        ("CLIENT ID", ":1\r\n"),
        ("CLIENT ID x", "-ERR wrong number of arguments for 'client|id' command\r\n"),
        ("CLIENT GETNAME", "$-1\r\n"),
        ("CLIENT GETREDIR", ":-1\r\n"),
        ("CLIENT SETNAME a~b", "+OK\r\n"),
        ("CLIENT SETNAME \"\"", "+OK\r\n"),
        (
            "CLIENT SETNAME \"a b\"",
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        ),
        (
            "CLIENT SETNAME \"\\x7f\"",
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        ),
        (
            "CLIENT SETNAME \"\\xff\"",
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        ),
        ("CLIENT SETNAME", "-ERR wrong number of arguments for 'client|setname' command\r\n"),
        ("CLIENT SETINFO LIB-NAME mylib", "+OK\r\n"),
        ("CLIENT SETINFO lib-ver 1.2.3", "+OK\r\n"),
        (
            "CLIENT SETINFO LIB-NAME \"bad name\"",
            "-ERR LIB-NAME cannot contain spaces, newlines or special characters.\r\n"
        ),
        ("CLIENT SETINFO NOPE x", "-ERR Unrecognized option 'NOPE'\r\n"),
        ("CLIENT SETINFO LIB-NAME", "-ERR wrong number of arguments for 'client|setinfo' command\r\n"),
        ("CLIENT NO-TOUCH ON", "+OK\r\n"),
        ("CLIENT NO-TOUCH maybe", "-ERR syntax error\r\n"),
        ("CLIENT NO-EVICT off", "+OK\r\n"),
        ("CLIENT NO-EVICT x", "-ERR syntax error\r\n"),
        ("CLIENT NO-EVICT", "-ERR wrong number of arguments for 'client|no-evict' command\r\n"),
        (
            "CLIENT TRACKINGINFO",
            "*6\r\n$5\r\nflags\r\n*1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n"
        ),
        ("CLIENT HELP x", "-ERR wrong number of arguments for 'client|help' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `answers in RESP3`() {
        let session = Session()
        session.answer("HELLO 3")
        #expect(session.answer("CLIENT GETNAME") == "_\r\n")
        #expect(
            session.answer("CLIENT TRACKINGINFO")
                == "%3\r\n$5\r\nflags\r\n~1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n")
        #expect(session.answer("CLIENT INFO").contains("\r\ntxt:id=1 addr="))
    }

    @Test func `a name is kept until it is taken back`() {
        let session = Session()
        session.answer("CLIENT SETNAME me")
        #expect(session.answer("CLIENT GETNAME") == "$2\r\nme\r\n")
        session.answer("CLIENT SETNAME \"\"")
        #expect(session.answer("CLIENT GETNAME") == "$-1\r\n")
    }

    @Test func `the lines of help are an even count of subcommands and sentences`() {
        let lines = Session().answer("CLIENT HELP").split(separator: "\r\n")
        #expect(lines.first == "*\(lines.count - 1)")
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("+") })
    }

    @Test func `an access without touching does not count as use`() {
        let session = Session()
        session.answer("SET k v")
        let before = session.engine.clock.now
        session.engine.clock.freeze(at: before.advanced(by: .seconds(100)))
        session.answer("CLIENT NO-TOUCH on")
        session.answer("GET k")
        #expect(session.idleSeconds("k") == 100)
        session.answer("CLIENT NO-TOUCH off")
        session.answer("GET k")
        #expect(session.idleSeconds("k") == 0)
    }
}

extension Session {
    fileprivate func idleSeconds(_ key: String) -> Int? {
        let keyspace = engine.keyspace
        return Array(key.utf8).withBytes { key in
            engine.databases[0].find(Key(bytes: key, hash: keyspace.hash(key))).map { keyspace.idleSeconds($0.record) }
        }
    }
}

@Suite struct CLIENT_LIST {
    @Test(arguments: [
        ("CLIENT LIST foo", "-ERR syntax error\r\n"),
        ("CLIENT LIST TYPE", "-ERR syntax error\r\n"),
        ("CLIENT LIST TYPE normal x", "-ERR syntax error\r\n"),
        ("CLIENT LIST TYPE foo", "-ERR Unknown client type 'foo'\r\n"),
        ("CLIENT LIST TYPE slave", "$0\r\n\r\n"),
        ("CLIENT LIST TYPE master", "$0\r\n\r\n"),
        ("CLIENT LIST ID", "-ERR syntax error\r\n"),
        ("CLIENT LIST ID abc", "-ERR Invalid client ID\r\n"),
        ("CLIENT LIST ID 99999 -5", "$0\r\n\r\n"),
        ("CLIENT LIST ID 99999 abc", "-ERR Invalid client ID\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `tells exactly the fields of Redis 7_4, in their order`() throws {
        let session = Session()
        session.answer("CLIENT SETNAME me")
        session.answer("CLIENT SETINFO lib-name redis-py")
        session.answer("CLIENT SETINFO lib-ver 5.0")
        let line = try #require(session.answer("CLIENT LIST").split(separator: "\r\n").last)
        let fields = line.split(separator: " ").map { $0.split(separator: "=", omittingEmptySubsequences: false) }
        let names = fields.map { String($0[0]) }.joined(separator: " ")
        #expect(
            names
                == "id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem "
                + "multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver")
        #expect(line.contains(" cmd=client|list user=default redir=-1 resp=2 lib-name=redis-py lib-ver=5.0\n"))
        #expect(line.contains(" name=me age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0 "))
        #expect(line.contains(" argv-mem=10 "))
    }

    @Test func `lists all, the oldest first, or those asked for`() {
        let session = Session()
        let others = (2...4).map { _ in Session(session.engine) }
        others[0].answer("FOO")
        others[1].answer("GET")
        func ids(_ line: String) -> [String] {
            session.answer(line).split { $0.isNewline }.filter { $0.hasPrefix("id=") }
                .map { String($0.split(separator: " ")[0]) }
        }
        #expect(ids("CLIENT LIST") == ["id=1", "id=2", "id=3", "id=4"])
        #expect(ids("CLIENT LIST TYPE normal") == ["id=1", "id=2", "id=3", "id=4"])
        #expect(ids("CLIENT LIST ID 3 99 1") == ["id=3", "id=1"])
        let text = session.answer("CLIENT LIST ID 2 3 4")
        let lines = text.split { $0.isNewline }.dropFirst()
        #expect(lines.map { $0.contains(" cmd=NULL ") } == [true, false, true])
    }

    @Test func `shows flags and addresses of a Unix socket`() throws {
        let server = try LiveServer()
        let client = try RawClient(path: server.path)
        _ = client.line("MONITOR\r\n")
        _ = client.line("CLIENT NO-EVICT on\r\n")
        _ = client.line("CLIENT NO-TOUCH on\r\n")
        let line = server.inspect { engine in
            var text: [UInt8] = []
            engine.describe(engine.sortedClients[0], calledBy: nil, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
        #expect(line.contains(" flags=OUeT "))
        #expect(line.contains(" addr=\(server.path):0 laddr=\(server.path):0 "))
    }
}

@Suite struct CLIENT_KILL {
    @Test(arguments: [
        ("CLIENT KILL", "-ERR wrong number of arguments for 'client|kill' command\r\n"),
        ("CLIENT KILL ID", "-ERR No such client\r\n"),
        ("CLIENT KILL 1.2.3.4:5", "-ERR No such client\r\n"),
        ("CLIENT KILL ID abc", "-ERR client-id should be greater than 0\r\n"),
        ("CLIENT KILL ID 0", "-ERR client-id should be greater than 0\r\n"),
        ("CLIENT KILL ID 5 ID", "-ERR syntax error\r\n"),
        ("CLIENT KILL ID 999999", ":0\r\n"),
        ("CLIENT KILL MAXAGE 100000", ":0\r\n"),
        ("CLIENT KILL MAXAGE x", "-ERR value is not an integer or out of range\r\n"),
        ("CLIENT KILL TYPE foo", "-ERR Unknown client type 'foo'\r\n"),
        ("CLIENT KILL TYPE replica", ":0\r\n"),
        ("CLIENT KILL USER nosuch", "-ERR No such user 'nosuch'\r\n"),
        ("CLIENT KILL USER default ADDR 1.2.3.4:5", ":0\r\n"),
        ("CLIENT KILL LADDR 1.2.3.4:5", ":0\r\n"),
        ("CLIENT KILL SKIPME maybe", "-ERR syntax error\r\n"),
        ("CLIENT KILL SKIPME yes", ":0\r\n"),
        ("CLIENT KILL SKIPME yes FOO", "-ERR syntax error\r\n"),
        ("CLIENT KILL BADOPT 1", "-ERR syntax error\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `others are gone at once, oneself after the reply`() throws {
        let server = try LiveServer()
        let (first, second, third) = (try server.connect(), try server.connect(), try server.connect())
        for client in [first, second, third] { #expect(client.line("PING\r\n") == "+PONG\r\n") }
        // Those behind in the pipeline see the others gone, and what comes after one's own end is not executed.
        let reply = ":1\r\n:0\r\n"
        let both = "CLIENT KILL ID 1\r\nCLIENT KILL ID 1\r\n"
        #expect(third.answer(both, like: reply) == reply)
        #expect(first.readToEnd() == "")
        #expect(third.last("CLIENT KILL USER default SKIPME no\r\nSET k v\r\n") == ":2\r\n")
        #expect(second.readToEnd() == "")
        #expect(server.inspect { $0.clients.count + $0.databases[0].count } == 0)
    }

    @Test func `the old form takes an address`() throws {
        let server = try LiveServer()
        let client = try RawClient(path: server.path)
        #expect(client.last("CLIENT KILL \(server.path):0\r\nPING\r\n") == "+OK\r\n")
    }

    @Test func `kills by age`() {
        let session = Session()
        session.engine.clock.freeze(at: session.engine.clock.now.advanced(by: .seconds(10)))
        let young = Session(session.engine)
        #expect(session.answer("CLIENT KILL MAXAGE 11 SKIPME no") == ":0\r\n")
        #expect(young.answer("CLIENT KILL MAXAGE 10") == ":1\r\n")
        #expect(session.client.flags.contains(.closeNow))
        #expect(young.answer("CLIENT KILL MAXAGE 10") == ":0\r\n")
    }

    @Test func `also one that is blocked, whose time-out then comes to nothing`() {
        let session = Session()
        let blocked = Session(session.engine)
        let end = session.engine.clock.milliseconds + 100
        session.engine.block(blocked.client, until: end) { $0.reply.nullArray() }
        #expect(session.answer("CLIENT KILL ID 2") == ":1\r\n")
        session.engine.advance(to: session.engine.clock.now.advanced(by: .seconds(1)))
        #expect(blocked.read() == "")
        #expect(session.engine.timeoutCount == 0 && session.engine.clients.count == 1)
    }

    @Test func `also one that waits for the end of a pause`() throws {
        let server = try LiveServer()
        let (client, waiting) = (try server.connect(), try server.connect())
        #expect(client.line("CLIENT PAUSE 100000 WRITE\r\n") == "+OK\r\n")
        waiting.send("PING\r\nSET k v\r\nPING\r\n")
        #expect(waiting.line() == "+PONG\r\n")
        while server.inspect({ $0.pausedClients.isEmpty }) {}
        #expect(client.line("CLIENT KILL ID 2\r\n") == ":1\r\n")
        #expect(waiting.readToEnd() == "")
        #expect(client.answer("CLIENT UNPAUSE\r\nGET k\r\n", like: "+OK\r\n$-1\r\n") == "+OK\r\n$-1\r\n")
    }
}
