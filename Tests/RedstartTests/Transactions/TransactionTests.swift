import Testing

@testable import Redstart

@Suite struct MULTI {
    let session = Session()

    @Test func `commands wait for EXEC and run in order`() {
        #expect(session.answer("MULTI") == "+OK\r\n")
        #expect(session.answer("SET k 1") == "+QUEUED\r\n")
        #expect(session.answer("INCR k") == "+QUEUED\r\n")
        #expect(session.answer("EXEC") == "*2\r\n+OK\r\n:2\r\n")
        #expect(session.answer("GET k") == "$1\r\n2\r\n")
    }

    @Test(arguments: [
        ("MULTI", "-ERR MULTI calls can not be nested\r\n"),
        ("WATCH k", "-ERR WATCH inside MULTI is not allowed\r\n"),
        ("SHUTDOWN ABORT", "-ERR Command not allowed inside a transaction\r\n"),
        ("MULTI x", "-ERR wrong number of arguments for 'multi' command\r\n"),
        ("RESET", "+RESET\r\n"),
        ("QUIT", "+OK\r\n"),
    ])
    func `answers at once`(_ line: String, _ reply: String) {
        session.answer("MULTI")
        #expect(session.answer(line) == reply)
    }

    @Test func `who ends its own connection hears nothing of what follows`() throws {
        let server = try LiveServer()
        let client = try server.connect()
        let id = server.inspect { $0.sortedClients[0].id }
        let reply = client.last("MULTI\r\nCLIENT KILL ID \(id) SKIPME no\r\nPING\r\nSET k v\r\nEXEC\r\n")
        #expect(reply == "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n:1\r\n")
        #expect(try server.connect().line("EXISTS k\r\n") == ":1\r\n")
    }

    @Test func `is one moment, however long it takes`() {
        session.engine.settings.enableDebugCommand = .yes
        for line in ["MULTI", "TIME", "DEBUG SLEEP 0.01", "TIME"] { session.answer(line) }
        let replies = session.answer("EXEC").split(separator: "+OK\r\n")
        #expect(replies.count == 2 && replies[0].hasSuffix(replies[1]))
    }

    @Test func `a transaction that cannot be run any more takes no memory when memory is full`() {
        session.answer("MULTI")
        session.engine.settings.maxMemory = 1
        session.engine.settingsChanged()
        #expect(session.answer("PING") == "-OOM command not allowed when used memory > 'maxmemory'.\r\n")
        #expect(session.answer("EXEC") == "-EXECABORT Transaction discarded because of previous errors.\r\n")
    }

    @Test func `what the client list says`() {
        session.answer("WATCH a b")
        #expect(session.answer("CLIENT INFO").contains(" multi=-1 watch=2 "))
        session.answer("MULTI")
        session.answer("PING")
        session.answer("CLIENT INFO")
        #expect(session.answer("EXEC").contains(" flags=x db=0 sub=0 psub=0 ssub=0 multi=2 watch=0 "))
    }
}

@Suite struct EXEC {
    let session = Session()
    let other: Session

    init() { other = Session(session.engine, address: "127.0.0.1:2") }

    private let failed = "*-1\r\n"
    private let ran = "*1\r\n+PONG\r\n"

    private func transaction() -> String {
        session.answer("MULTI")
        session.answer("PING")
        return session.answer("EXEC")
    }

    @Test(arguments: [
        ("SET k", "-ERR wrong number of arguments for 'set' command\r\n"),
        ("NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"),
        ("CLIENT NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.\r\n"),
    ])
    func `runs nothing after an error in the queue`(_ line: String, _ reply: String) {
        session.answer("MULTI")
        session.answer("SET k v")
        #expect(session.answer(line) == reply)
        #expect(session.answer("EXEC") == "-EXECABORT Transaction discarded because of previous errors.\r\n")
        #expect(session.answer("EXISTS k") == ":0\r\n")
    }

    @Test func `goes on after an error of a command`() {
        session.answer("SET s text")
        session.answer("MULTI")
        session.answer("INCR s")
        session.answer("SET s other")
        #expect(session.answer("EXEC") == "*2\r\n-ERR value is not an integer or out of range\r\n+OK\r\n")
    }

    @Test func `answers without MULTI`() {
        #expect(session.answer("EXEC") == "-ERR EXEC without MULTI\r\n")
        let reason = "wrong number of arguments for 'exec' command"
        #expect(session.answer("EXEC x") == "-EXECABORT Transaction discarded because of: \(reason)\r\n")
    }

    @Test(arguments: [
        "SET k v", "APPEND k x", "DEL k", "EXPIRE k 100", "RENAME k j", "MOVE k 1", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1",
        "COPY j k REPLACE", "GETDEL k",
    ])
    func `fails after a change of a watched key`(_ line: String) {
        session.answer("SET k v")
        session.answer("SET j v")
        session.answer("WATCH k")
        other.answer(line)
        #expect(transaction() == failed)
        #expect(transaction() == ran)
    }

    @Test(arguments: ["GET k", "SET j v", "RENAME k k", "FLUSHDB", "SWAPDB 2 3", "SWAPDB 0 0", "TOUCH k", "GETEX k"])
    func `runs after anything else`(_ line: String) {
        other.answer("SELECT 1")
        other.answer("SET k v")
        session.answer("SET k v")
        session.answer("WATCH k")
        other.answer(line)
        #expect(transaction() == ran)
    }

    @Test func `a key that expires in between makes it fail`() {
        session.answer("SET k v PX 10")
        session.answer("WATCH k")
        session.engine.advance(to: Timestamp(microseconds: session.engine.clock.now.microseconds + 20_000))
        #expect(transaction() == failed)
    }

    @Test func `a key that was dead when it was watched may go, but not come back`() {
        session.answer("DEBUG SET-ACTIVE-EXPIRE 0")
        session.engine.keyspace.expiresActively = false
        session.answer("SET k v PX 10")
        session.engine.clock.freeze(at: Timestamp(microseconds: session.engine.clock.now.microseconds + 20_000))
        session.answer("WATCH k")
        other.answer("GET k")
        #expect(transaction() == ran)
        session.answer("WATCH k")
        other.answer("SET k v")
        #expect(transaction() == failed)
    }

    @Test func `what would block does not`() {
        session.answer("MULTI")
        session.answer("WAIT 1 0")
        session.answer("MONITOR")
        let monitor = "-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n"
        #expect(session.answer("EXEC") == "*2\r\n:0\r\n\(monitor)")
    }

    @Test func `the database it selects stays selected`() {
        session.answer("MULTI")
        session.answer("SELECT 3")
        session.answer("SET k v")
        session.answer("EXEC")
        #expect(session.answer("DBSIZE") == ":1\r\n")
    }

    @Test func `replies may be turned off within`() {
        session.answer("MULTI")
        session.answer("PING")
        session.answer("CLIENT REPLY OFF")
        session.answer("PING")
        #expect(session.answer("EXEC") == "*3\r\n+PONG\r\n")
        #expect(session.answer("CLIENT REPLY ON") == "+OK\r\n")
    }

    @Test func `an EXEC that refuses says nothing to who wants no replies`() {
        session.answer("CLIENT REPLY OFF")
        #expect(session.answer("EXEC") == "")
        session.answer("MULTI")
        session.answer("FOO")
        #expect(session.answer("EXEC") == "")
        session.answer("WATCH key")
        session.answer("SET key 1")
        session.answer("MULTI")
        #expect(session.answer("EXEC") == "")
        session.answer("CLIENT REPLY ON")
        session.answer("CLIENT REPLY SKIP")
        #expect(session.answer("EXEC") == "")
        #expect(session.answer("PING") == "+PONG\r\n")
    }

    @Test func `a monitor sees what runs, and then EXEC`() {
        other.answer("MONITOR")
        session.answer("MULTI")
        session.answer("PING")
        session.answer("EXEC")
        let seen = other.read().split(separator: "\r\n").map { $0.split(separator: "\"").last ?? "" }
        #expect(seen == ["MULTI", "PING", "EXEC"])
    }

    @Test func `waits for the end of a pause of writes only if it writes`() {
        session.answer("MULTI")
        session.answer("SET k v")
        other.answer("CLIENT PAUSE 1000 WRITE")
        #expect(session.answer("EXEC") == "")
        other.answer("CLIENT UNPAUSE")
        #expect(session.answer("EXEC") == "*1\r\n+OK\r\n")
        session.answer("MULTI")
        session.answer("GET k")
        other.answer("CLIENT PAUSE 1000 WRITE")
        #expect(session.answer("EXEC") == "*1\r\n$1\r\nv\r\n")
    }
}

@Suite struct DISCARD {
    let session = Session()

    @Test func `forgets what was queued and what is watched`() {
        session.answer("WATCH k")
        session.answer("MULTI")
        session.answer("SET k v")
        #expect(session.answer("DISCARD") == "+OK\r\n")
        #expect(session.answer("EXISTS k") == ":0\r\n")
        #expect(session.engine.watchTable.isEmpty)
        #expect(session.answer("DISCARD") == "-ERR DISCARD without MULTI\r\n")
    }
}

@Suite struct WATCH {
    let session = Session()

    @Test func `a client that leaves watches no more`() {
        session.answer("WATCH a b a")
        #expect(session.engine.watchTable.count == 2)
        #expect(session.engine.keyspace.isObserved)
        session.engine.kill(session.client)
        #expect(session.engine.watchTable.isEmpty)
        #expect(!session.engine.keyspace.isObserved)
    }

    @Test func `many keys and clients`() {
        let others = (2..<50).map { Session(session.engine, address: "127.0.0.1:\($0)") }
        for (index, other) in others.enumerated() { for key in index..<100 { other.answer("WATCH key\(key)") } }
        session.answer("SET key10 v")
        #expect(others.filter { $0.client.flags.contains(.dirtyWatch) }.count == 11)
        for other in others { other.answer("RESET") }
        #expect(session.engine.watchTable.isEmpty)
    }

    @Test(arguments: [UInt64(51), 52])
    func `clients that come and go beside a model`(_ seed: UInt64) {
        let random = RandomSource(seed: seed)
        let session = Session()
        let others = (0..<12).map { _ in Session(session.engine) }
        var watched: [Set<String>] = Array(repeating: [], count: others.count)
        var dirty = Array(repeating: false, count: others.count)
        for step in 0..<8_000 {
            let number = random.below(others.count)
            let key = "k\(random.below(30))"
            switch random.below(12) {
            case 0:
                others[number].answer("UNWATCH")
                (watched[number], dirty[number]) = ([], false)
            case 1:
                session.answer("SET \(key) \(step)")
                for other in others.indices where watched[other].contains(key) {
                    (watched[other], dirty[other]) = ([], true)
                }
            case 2:
                others[number].answer("MULTI")
                #expect(others[number].answer("EXEC") == (dirty[number] ? "*-1\r\n" : "*0\r\n"))
                (watched[number], dirty[number]) = ([], false)
            default:
                others[number].answer("WATCH \(key)")
                if !dirty[number] { watched[number].insert(key) }
            }
            #expect(session.engine.watchTable.count == watched.reduce(0) { $0 + $1.count })
            #expect(session.engine.watchTable.keyCount == watched.reduce(into: Set()) { $0.formUnion($1) }.count)
        }
    }

    @Test func `a client that watches thousands of keys, some of them twice`() {
        let other = Session(session.engine, address: "127.0.0.1:2")
        let keys = (0..<4_000).map { "key\($0)" }
        other.call(words: (["WATCH"] + keys.prefix(100)).map { Array($0.utf8) })
        for _ in 0..<2 { session.call(words: (["WATCH"] + keys).map { Array($0.utf8) }) }
        #expect(session.engine.watchTable.count == 4_100)
        other.answer("SET key3999 v")
        #expect(session.client.flags.contains(.dirtyWatch))
        #expect(session.engine.watchTable.count == 100)
    }
}

@Suite struct UNWATCH {
    let session = Session()

    @Test func `lets the transaction run`() {
        session.answer("WATCH k")
        session.answer("SET k v")
        #expect(session.answer("UNWATCH") == "+OK\r\n")
        session.answer("MULTI")
        #expect(session.answer("EXEC") == "*0\r\n")
    }
}
