import Testing

@testable import Redstart

@Suite struct DEBUG {
    /// A session that may use DEBUG.
    private static func session() -> Session {
        let session = Session()
        session.engine.settings.enableDebugCommand = .yes
        return session
    }

    // MARK: - Elements

    @Test func `LISTPACK and QUICKLIST print what a value holds`() throws {
        let folder = try TemporaryFolder()
        let log = try ServerLog(path: folder.path + "/log", level: .notice)
        let engine = Engine(settings: Settings(), log: log, seed: 1)
        engine.settings.enableDebugCommand = .yes
        let session = Session(engine)
        session.answer("HSET h name value number 42")
        session.answer("ZADD z 1.5 member")
        session.answer("CONFIG SET list-max-listpack-size 1")
        session.answer("RPUSH l first second")
        for key in ["h", "z"] {
            #expect(session.answer("DEBUG LISTPACK \(key)") == "+Listpack structure printed on stdout\r\n")
        }
        for details in ["", " 0", " x", " 1"] {
            #expect(session.answer("DEBUG QUICKLIST l\(details)") == "+Quicklist structure printed on stdout\r\n")
        }
        let text = folder.read("log")
        for element in ["name", "value", "number", "42", "member", "1.5"] {
            #expect(text.contains("payload: \(element.utf8.count)\n\t[str]\(element)\n}"))
        }
        #expect(text.ranges(of: "{count : 2}\n{len : 2}\n{fill : 1}\n{compress : 0}\n").count == 4)
        #expect(text.ranges(of: "[str]second").count == 1)
    }

    @Test(arguments: [
        ("DEBUG LISTPACK s", "-ERR Not a listpack encoded object.\r\n"),
        ("DEBUG LISTPACK i", "-ERR Not a listpack encoded object.\r\n"),
        ("DEBUG LISTPACK none", "-ERR no such key\r\n"),
        ("DEBUG QUICKLIST s", "-ERR Not a quicklist encoded object.\r\n"),
        ("DEBUG QUICKLIST none", "-ERR no such key\r\n"),
    ])
    func `other values are refused`(_ line: String, _ reply: String) {
        let session = DEBUG.session()
        session.answer("SET s x")
        session.answer("SADD i 1")
        #expect(session.answer(line) == reply)
    }

    // MARK: - The gate

    private static let refusal = """
        -ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a \
        local connection, otherwise you need to set this option in the configuration file, and then restart the server.\
        \r\n
        """

    @Test func `is refused by default, but for its arity`() {
        #expect(Session().answer("DEBUG SLEEP 0") == DEBUG.refusal)
        #expect(Session().answer("DEBUG HELP") == DEBUG.refusal)
        #expect(Session().answer("DEBUG") == "-ERR wrong number of arguments for 'debug' command\r\n")
    }

    @Test(arguments: [
        ("127.0.0.1:50000", true), ("127.0.0.2:50000", true), ("[::1]:50000", true), ("10.0.0.1:50000", false),
        ("[2001:db8::1]:50000", false),
    ])
    func `may be allowed to local clients alone`(_ address: String, _ isAllowed: Bool) {
        let engine = Engine(settings: Settings(), log: .silent(), seed: 1)
        engine.settings.enableDebugCommand = .local
        let session = Session(engine, address: address)
        #expect(session.answer("DEBUG SLEEP 0") == (isAllowed ? "+OK\r\n" : DEBUG.refusal))
    }

    @Test(arguments: [
        "NOSUCH", "HELP x", "SLEEP", "SLEEP 0 1", "OBJECT", "OBJECT k x", "SET-ACTIVE-EXPIRE", "PROTOCOL",
        "PROTOCOL string x", "HTSTATS", "HTSTATS-KEY", "CHANGE-REPL-ID x", "ERROR", "LOG", "LOG a b", "POPULATE",
        "POPULATE 3 s 3 4", "DIGEST x",
    ])
    func `knows no such subcommand or number of words`(_ words: String) {
        let name = words.split(separator: " ")[0]
        #expect(
            DEBUG.session().answer("DEBUG \(words)")
                == "-ERR unknown subcommand or wrong number of arguments for '\(name)'. Try DEBUG HELP.\r\n")
    }

    @Test func `explains itself`() {
        #expect(DEBUG.session().answer("DEBUG HELP").contains("+DEBUG <subcommand> [<arg> [value] [opt] ...]. "))
    }

    // MARK: - PROTOCOL

    @Test(arguments: [
        ("string", "$11\r\nHello World\r\n", "$11\r\nHello World\r\n"),
        ("INTEGER", ":12345\r\n", ":12345\r\n"),
        ("double", "$5\r\n3.141\r\n", ",3.141\r\n"),
        ("null", "$-1\r\n", "_\r\n"),
        ("array", "*3\r\n:0\r\n:1\r\n:2\r\n", "*3\r\n:0\r\n:1\r\n:2\r\n"),
        ("set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"),
        ("map", "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n", "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
        (
            "attrib", "$39\r\nSome real reply following the attribute\r\n",
            """
            |1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n\
            $39\r\nSome real reply following the attribute\r\n
            """
        ),
        (
            "push", "-ERR RESP2 is not supported by this command\r\n",
            ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n"
        ),
        ("verbatim", "$25\r\nThis is a verbatim\nstring\r\n", "=29\r\ntxt:This is a verbatim\nstring\r\n"),
        ("true", ":1\r\n", "#t\r\n"),
        ("false", ":0\r\n", "#f\r\n"),
        (
            "bignum", "$37\r\n1234567999999999999999999999999999999\r\n",
            "(1234567999999999999999999999999999999\r\n"
        ),
    ])
    func `shows every type`(_ type: String, _ inRESP2: String, _ inRESP3: String) {
        let session = DEBUG.session()
        #expect(session.answer("DEBUG PROTOCOL \(type)") == inRESP2)
        session.client.reply.isRESP3 = true
        #expect(session.answer("DEBUG PROTOCOL \(type)") == inRESP3)
    }

    @Test func `names the types where one is unknown`() {
        #expect(
            DEBUG.session().answer("DEBUG PROTOCOL x") == """
                -ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|\
                array|set|map|attrib|push|verbatim|true|false\r\n
                """)
    }

    @Test(arguments: [
        ("DEBUG ERROR foo", "-foo\r\n"),
        ("DEBUG ERROR \"ERR two words\"", "-ERR two words\r\n"),
        ("DEBUG ERROR \"a\\nb\"", "-a b\r\n"),
        ("DEBUG ERROR \"\"", "-\r\n"),
        ("DEBUG LOG hello", "+OK\r\n"),
        ("DEBUG SLEEP x", "+OK\r\n"),
        ("DEBUG SLEEP -1", "+OK\r\n"),
        ("DEBUG SLEEP 0.001x", "+OK\r\n"),
        ("DEBUG SLEEP inf", "+OK\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(DEBUG.session().answer(line) == reply)
    }

    @Test func `SLEEP holds everything up for so long`() {
        let session = DEBUG.session()
        let start = Ticks.monotonicNanoseconds
        session.answer("DEBUG SLEEP 0.05")
        #expect(Ticks.monotonicNanoseconds - start >= 50_000_000)
    }

    @Test func `CHANGE-REPL-ID gives the data another name`() {
        let session = DEBUG.session()
        let before = session.engine.replicationID
        #expect(session.answer("DEBUG CHANGE-REPL-ID") == "+OK\r\n")
        #expect(session.engine.replicationID != before)
        #expect(session.engine.replicationID.count == 40)
    }

    // MARK: - Data

    @Test func `OBJECT tells how a value is stored`() {
        let session = DEBUG.session()
        #expect(session.answer("DEBUG OBJECT k") == "-ERR no such key\r\n")
        session.answer("MSET k v n 5 m 10000 l 4000000000")
        let embedded = session.answer("DEBUG OBJECT k")
        #expect(embedded.hasPrefix("+Value at:0x"))
        #expect(embedded.contains(" refcount:1 encoding:embstr serializedlength:2 lru:"))
        #expect(embedded.hasSuffix(" lru_seconds_idle:0\r\n"))
        #expect(session.answer("DEBUG OBJECT n").contains(" refcount:2147483647 encoding:int serializedlength:2 "))
        #expect(session.answer("DEBUG OBJECT m").contains(" refcount:1 encoding:int serializedlength:3 "))
        #expect(session.answer("DEBUG OBJECT l").contains(" refcount:1 encoding:int serializedlength:11 "))
    }

    @Test func `DIGEST is the same for the same data`() {
        let zeros = String(repeating: "0", count: 40)
        let session = DEBUG.session()
        #expect(session.answer("DEBUG DIGEST") == "+\(zeros)\r\n")
        session.answer("MSET a 1 b two")
        let both = session.answer("DEBUG DIGEST")
        #expect(both.utf8.count == 43 && both != "+\(zeros)\r\n")

        session.answer("SET a 2")
        #expect(session.answer("DEBUG DIGEST") != both)
        session.answer("SET a 1")
        #expect(session.answer("DEBUG DIGEST") == both)

        let other = DEBUG.session()
        other.answer("MSET b two a 0")
        other.answer("INCR a")
        #expect(other.answer("DEBUG DIGEST") == both)
        other.answer("SET a 1 EX 100")
        #expect(other.answer("DEBUG DIGEST") != both)
    }

    @Test func `DIGEST tells databases apart`() {
        let session = DEBUG.session()
        session.answer("SET a 1")
        let other = DEBUG.session()
        other.client.database = 3
        other.answer("SET a 1")
        #expect(session.answer("DEBUG DIGEST") != other.answer("DEBUG DIGEST"))
    }

    @Test func `DIGEST-VALUE looks at values, not keys nor encodings`() {
        let session = DEBUG.session()
        session.answer("SET a 1")
        session.answer("APPEND b 1")
        session.answer("SET c 1 EX 100")
        let digests = ParsedReply(session.answer("DEBUG DIGEST-VALUE a b c nosuch"))?.elements ?? []
        #expect(digests.count == 4)
        #expect(digests[0] == digests[1])
        #expect(digests[0] != digests[2])
        #expect(digests[3] == .text(String(repeating: "0", count: 40)))
        #expect(session.answer("DEBUG DIGEST-VALUE") == "*0\r\n")
    }

    @Test func `POPULATE makes keys that are not there`() {
        let session = DEBUG.session()
        session.answer("SET key:1 mine")
        #expect(session.answer("DEBUG POPULATE 3") == "+OK\r\n")
        #expect(
            session.answer("MGET key:0 key:1 key:2 key:3") == """
                *4\r\n$7\r\nvalue:0\r\n$4\r\nmine\r\n$7\r\nvalue:2\r\n$-1\r\n
                """)
        #expect(session.answer("DEBUG POPULATE 1 p 9") == "+OK\r\n")
        #expect(session.answer("GET p:0") == "$9\r\nvalue:0\0\0\r\n")
        #expect(session.answer("DEBUG POPULATE 1 q 3") == "+OK\r\n")
        #expect(session.answer("GET q:0") == "$3\r\nval\r\n")
        #expect(session.answer("DEBUG POPULATE 1 r 0") == "+OK\r\n")
        #expect(session.answer("GET r:0") == "$7\r\nvalue:0\r\n")
        for line in ["DEBUG POPULATE x", "DEBUG POPULATE -1", "DEBUG POPULATE 1 r x"] {
            #expect(session.answer(line) == "-ERR value is out of range, must be positive\r\n")
        }
    }

    @Test func `SET-ACTIVE-EXPIRE leaves dead keys until somebody asks`() {
        let session = DEBUG.session()
        let start = session.engine.clock.now
        #expect(session.answer("DEBUG SET-ACTIVE-EXPIRE 0") == "+OK\r\n")
        session.answer("SET k v PX 10")
        session.engine.advance(to: Timestamp(microseconds: start.microseconds + 300_000))
        #expect(session.engine.databases[0].count == 1)
        #expect(session.answer("GET k") == "$-1\r\n")
        #expect(session.engine.databases[0].count == 0)
        #expect(session.answer("DEBUG SET-ACTIVE-EXPIRE 1") == "+OK\r\n")
        #expect(session.engine.keyspace.expiresActively)
    }

    // MARK: - Tables

    @Test(arguments: [
        ("DEBUG HTSTATS x", "-ERR value is not an integer or out of range\r\n"),
        ("DEBUG HTSTATS 99", "-ERR Out of range database\r\n"),
        ("DEBUG HTSTATS -1", "-ERR Out of range database\r\n"),
        ("DEBUG HTSTATS-KEY nosuch", "-ERR no such key\r\n"),
        (
            "DEBUG HTSTATS 0",
            """
            $189\r\n[Dictionary HT]\nHash table 0 stats (main hash table):\nNo stats available for empty dictionaries\n\
            [Expires HT]\nHash table 0 stats (main hash table):\nNo stats available for empty dictionaries\n\r\n
            """
        ),
    ])
    func `HTSTATS answers`(_ line: String, _ reply: String) {
        #expect(DEBUG.session().answer(line) == reply)
    }

    @Test func `HTSTATS tells how full the tables are`() {
        let session = DEBUG.session()
        session.answer("DEBUG POPULATE 3")
        session.answer("SET k v EX 100")
        let text = session.answer("DEBUG HTSTATS 0")
        #expect(text.contains("[Dictionary HT]\nHash table 0 stats (main hash table):\n table size: 4\n"))
        #expect(text.contains(" number of elements: 4\n"))
        #expect(text.contains("[Expires HT]\nHash table 0 stats (main hash table):\n table size: 1\n"))
        #expect(
            session.answer("DEBUG HTSTATS-KEY k")
                == "-ERR The value stored at the specified key is not represented using an hash table\r\n")
    }
}
