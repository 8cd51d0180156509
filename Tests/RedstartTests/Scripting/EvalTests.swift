import Testing

@testable import Redstart

/// The digest of a script, as errors name it.
private func digest(_ script: String) -> String {
    let text = Array(script.utf8).withBytes { SHA1.hexadecimal($0) }
    return text.withBytes { String($0) }
}

@Suite struct EVAL {
    private let session = Session()

    @Test(arguments: [
        ("return 1", ":1\r\n"),
        ("return 3.99", ":3\r\n"),
        ("return -0.9", ":0\r\n"),
        ("return 0/0", ":-9223372036854775808\r\n"),
        ("return 'x'", "$1\r\nx\r\n"),
        ("return true", ":1\r\n"),
        ("return false", "$-1\r\n"),
        ("return nil", "$-1\r\n"),
        ("return", "$-1\r\n"),
        ("return function() end", "$-1\r\n"),
        ("return {1,2,nil,4}", "*2\r\n:1\r\n:2\r\n"),
        ("return {1,{'a',{}},true,false}", "*4\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n:1\r\n$-1\r\n"),
        ("return {ok='fi\\nne'}", "+fi ne\r\n"),
        ("return {err='My Err'}", "-My Err\r\n"),
        ("return {double=3.5}", "$3\r\n3.5\r\n"),
        ("return {map={a=1}}", "*2\r\n$1\r\na\r\n:1\r\n"),
        ("return {set={a=true}}", "*1\r\n$1\r\na\r\n"),
        ("return {big_number='12\\n3'}", "$4\r\n12 3\r\n"),
        ("return {verbatim_string={string='abc',format='txt'}}", "$3\r\nabc\r\n"),
        ("return redis.call('set','k','v')", "+OK\r\n"),
        ("return redis.pcall('incr','k','x')", "-ERR Wrong number of args calling Redis command from script\r\n"),
        ("return 1 +", "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'\r\n"),
        ("#!lua name=x\nreturn 1", "-ERR Unknown lua shebang option: name=x\r\n"),
        ("#!lua flags=foo\nreturn 1", "-ERR Unexpected flag in script shebang: foo\r\n"),
        ("#!foo\nreturn 1", "-ERR Unexpected engine in script shebang: #!foo\r\n"),
        ("#!lua", "-ERR Invalid script shebang\r\n"),
        ("#!lua \"x\nreturn 1", "-ERR Invalid engine in script shebang\r\n"),
        ("#!lua flags=no-writes,allow-oom\nreturn 1", ":1\r\n"),
    ])
    func `answers`(_ script: String, _ reply: String) {
        #expect(session.call("EVAL", script, "0") == reply)
    }

    @Test(arguments: [
        ("return true", ":1\r\n"),
        ("return false", "_\r\n"),
        ("redis.setresp(3) return {true,false}", "*2\r\n#t\r\n#f\r\n"),
        ("return {double=3.5}", ",3.5\r\n"),
        ("return {map={a=1}}", "%1\r\n$1\r\na\r\n:1\r\n"),
        ("return {set={a=true}}", "~1\r\n$1\r\na\r\n"),
        ("return {big_number='123'}", "(123\r\n"),
        ("return {verbatim_string={string='abc',format='t'}}", "=7\r\nt  :abc\r\n"),
        ("redis.setresp(3) return redis.call('hgetall','h')", "%0\r\n"),
        ("redis.setresp(3) return tostring(redis.call('get','no'))", "$3\r\nnil\r\n"),
        ("return tostring(redis.call('get','no'))", "$5\r\nfalse\r\n"),
        ("redis.call('zadd','z','1.5','m') redis.setresp(3) return redis.call('zscore','z','m')", ",1.5\r\n"),
    ])
    func `answers in RESP3`(_ script: String, _ reply: String) {
        session.answer("HELLO 3")
        #expect(session.call("EVAL", script, "0") == reply)
    }

    @Test(arguments: [
        ("return redis.call('incr','k','x')", "-ERR Wrong number of args calling Redis command from script "),
        ("return redis.call('nosuch')", "-ERR Unknown Redis command called from script "),
        ("return redis.call('config','nosuch')", "-ERR Unknown Redis command called from script "),
        ("return redis.call()", "-ERR Please specify at least one argument for this redis lib call "),
        ("return redis.call('get',{})", "-ERR Lua redis lib command arguments must be strings or integers "),
        ("return redis.call('multi')", "-ERR This Redis command is not allowed from script "),
        ("return redis.call('subscribe','c')", "-ERR This Redis command is not allowed from script "),
        ("return redis.call('eval','return 1','0')", "-ERR This Redis command is not allowed from script "),
        ("return x", "-ERR user_script:1: Script attempted to access nonexistent global variable 'x' "),
        ("x=1", "-ERR user_script:1: Attempt to modify a readonly table "),
        ("redis.call=1", "-ERR user_script:1: Attempt to modify a readonly table "),
        ("rawset(_G,'x',1)", "-ERR Attempt to modify a readonly table "),
        ("setmetatable(_G,{})", "-ERR Attempt to modify a readonly table "),
        ("getmetatable('').__index=nil", "-ERR user_script:1: Attempt to modify a readonly table "),
        ("error('x')", "-ERR user_script:1: x "),
        ("error({err='My err'})", "-My err "),
        ("error()", "-ERR nil "),
        ("error({})", "-ERR unknown error "),
        ("error(setmetatable({}, {__index = {err = 'E x'}}))", "-E x "),
        ("error(setmetatable({}, {__index = function() error('x') end}))", "-ERR unknown error "),
        (
            "local m = {} function m.__newindex() error(setmetatable({}, m)) end m.__newindex()",
            "-ERR C stack overflow "
        ),
        ("redis.log(99,'x')", "-ERR Invalid debug level. "),
        ("redis.setresp(4)", "-ERR RESP version must be 2 or 3. "),
        (
            "redis.set_repl(77)",
            "-ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE. "
        ),
    ])
    func `fails where the script did`(_ script: String, _ start: String) {
        let reply = session.call("EVAL", script, "0")
        #expect(reply == "\(start)script: \(digest(script)), on @user_script:1.\r\n")
    }

    @Test(arguments: [
        ("EVAL 'return 1' -1", "-ERR Number of keys can't be negative\r\n"),
        ("EVAL 'return 1' 2 a", "-ERR Number of keys can't be greater than number of args\r\n"),
        ("EVAL 'return 1' x", "-ERR value is not an integer or out of range\r\n"),
        ("EVAL 'return 1'", "-ERR wrong number of arguments for 'eval' command\r\n"),
        (
            "EVAL 'return {KEYS[1],KEYS[2],ARGV[1],#KEYS,#ARGV}' 1 a b",
            "*1\r\n$1\r\na\r\n"
        ),
        ("EVAL 'return {#KEYS,#ARGV,ARGV[1]}' 1 a b", "*3\r\n:1\r\n:1\r\n$1\r\nb\r\n"),
    ])
    func `reads its words`(_ line: String, _ reply: String) {
        #expect(session.answer(line) == reply)
    }

    @Test func `hands on all bytes`() {
        let value: [UInt8] = [0, 13, 10, 255]
        session.call(words: [Array("EVAL".utf8), Array("redis.call('set',KEYS[1],ARGV[1])".utf8), [49], [107], value])
        #expect(session.answer("STRLEN k") == ":4\r\n")
    }

    @Test func `sees numbers as Redis 7.4 writes them`() {
        #expect(session.call("EVAL", "return redis.call('echo',0.1)", "0") == "$3\r\n0.1\r\n")
        #expect(session.call("EVAL", "return redis.call('echo',2^53)", "0") == "$16\r\n9007199254740992\r\n")
    }

    @Test func `pcall shows a command's error as text`() {
        let script = "local ok,e=pcall(redis.call,'nosuch') return {type(e),e}"
        let text = "ERR Unknown Redis command called from script"
        #expect(session.call("EVAL", script, "0") == "*2\r\n$6\r\nstring\r\n$44\r\n\(text)\r\n")
    }

    @Test func `after SWAPDB in a script the rest of the pipeline meets the other database`() throws {
        let server = try LiveServer()
        let client = try server.connect()
        let pipeline = "SET k v\r\nEVAL \"return redis.call('swapdb',0,1)\" 0\r\nDBSIZE\r\n"
        #expect(client.answer(pipeline, like: "+OK\r\n+OK\r\n:0\r\n") == "+OK\r\n+OK\r\n:0\r\n")
    }

    @Test func `SELECT in a script is the script's own`() {
        session.call("EVAL", "redis.call('select',4) redis.call('set','k','v')", "0")
        #expect(session.answer("EXISTS k") == ":0\r\n")
        session.answer("SELECT 4")
        #expect(session.answer("EXISTS k") == ":1\r\n")
    }

    @Test func `goes on with the numbers of math.random`() {
        let first = session.call("EVAL", "return tostring(math.random())", "0")
        let second = session.call("EVAL", "return tostring(math.random())", "0")
        #expect(first != second)
        #expect(first == Session().call("EVAL", "return tostring(math.random())", "0"))
        let seeded = session.call("EVAL", "math.randomseed(7) return {math.random(1000000),math.random(1000000)}", "0")
        #expect(seeded == "*2\r\n:266445\r\n:682036\r\n")
    }

    @Test func `tables may be nested as deeply as in Redis`() {
        let script = "local t={} t[1]=t return t"
        let reply = session.call("EVAL", script, "0")
        #expect(reply == String(repeating: "*1\r\n", count: 7_995) + "-ERR reached lua stack limit\r\n")
    }

    @Test func `counts the errors of a script once`() {
        session.answer("SET s x")
        session.answer("CONFIG RESETSTAT")
        session.call("EVAL", "return redis.call('incr','s')", "0")
        session.call("EVAL", "local a=redis.pcall('incr','s') return {a,a}", "0")
        session.call("EVAL", "return {err='MINE too'}", "0")
        session.call("EVAL", "redis.pcall('get')", "0")
        let errors = session.answer("INFO errorstats")
        #expect(errors.contains("errorstat_ERR:count=3\r\n"))
        #expect(errors.contains("errorstat_MINE:count=1\r\n"))
        let commands = session.answer("INFO commandstats")
        #expect(commands.contains("cmdstat_eval:calls=4,"))
        #expect(commands.contains(",rejected_calls=0,failed_calls=4\r\n"))
        #expect(commands.contains(",rejected_calls=1,failed_calls=0\r\n"))
    }

    @Test func `a server does not grow by the codes that scripts make up`() {
        session.call("EVAL", "for i=1,200 do redis.call('ping') end", "0")
        for number in 0..<200 { session.call("EVAL", "return {err=ARGV[1]..' x'}", "0", "E\(number)") }
        #expect(session.engine.statistics.errors == ["ERRORSTATS_DISABLED": 1])
    }

    @Test func `runs without memory only what says so`() {
        session.answer("SET a 1")
        session.answer("CONFIG SET maxmemory 1")
        let write = "return redis.call('set','x','y')"
        let reason = "-OOM command not allowed when used memory > 'maxmemory'."
        let place = " script: \(digest(write)), on @user_script:1.\r\n"
        #expect(session.call("EVAL", write, "0") == reason + place)
        #expect(session.call("EVAL", "#!lua\n" + write, "0") == reason + "\r\n")
        #expect(session.call("EVAL", "#!lua flags=allow-oom\n" + write, "0") == "+OK\r\n")
        #expect(session.call("EVAL", "#!lua flags=no-writes\nreturn redis.call('get','a')", "0") == "$1\r\n1\r\n")
        #expect(session.call("EVAL", "redis.call('del','q') " + write, "0") == "+OK\r\n")
    }

    @Test func `a transaction fails when a script wrote to what it watched`() {
        session.answer("WATCH w")
        session.call("EVAL", "redis.call('set','w','1')", "0")
        session.answer("MULTI")
        session.answer("GET w")
        #expect(session.answer("EXEC") == "*-1\r\n")
    }

    @Test func `MONITOR shows a script before what it does`() {
        let monitor = Session(session.engine)
        monitor.answer("MONITOR")
        session.call("EVAL", "redis.call('select',3) redis.call('set',KEYS[1],'v')", "1", "k")
        let lines = monitor.read().split(separator: "\r\n").map { $0.drop { $0 != "[" } }
        #expect(
            lines == [
                "[0 127.0.0.1:1] \"EVAL\" \"redis.call('select',3) redis.call('set',KEYS[1],'v')\" \"1\" \"k\"",
                "[3 lua] \"select\" \"3\"", "[3 lua] \"set\" \"k\" \"v\"",
            ])
    }

    @Test func `tracking remembers what a script reads`() {
        session.answer("HELLO 3")
        session.answer("CLIENT TRACKING ON")
        session.call("EVAL", "return redis.call('get','read')", "1", "named")
        let other = Session(session.engine)
        other.answer("SET named 1")
        other.answer("SET read 1")
        #expect(session.read() == ">2\r\n$10\r\ninvalidate\r\n*1\r\n$4\r\nread\r\n")
    }

    @Test func `memory stays steady over many scripts`() {
        for number in 0..<3_000 { session.call("EVAL", "local t={'\(number)'} return t", "0") }
        let before = session.engine.scripts.forEval?.bytes ?? 0
        for number in 3_000..<12_000 { session.call("EVAL", "local t={'\(number)'} return t", "0") }
        #expect(session.engine.scripts.forEval.map { $0.bytes < before * 2 } == true)
        #expect(session.engine.scripts.cache.count == 500)
    }
}

@Suite struct EVAL_RO {
    private let session = Session()

    @Test(arguments: [
        ("return redis.call('get','k')", "$-1\r\n"),
        ("#!lua flags=no-writes\nreturn 1", ":1\r\n"),
        ("#!lua\nreturn 1", "-ERR Can not execute a script with write flag using *_ro command.\r\n"),
        ("return redis.pcall('set','a','b')", "-ERR Write commands are not allowed from read-only scripts.\r\n"),
        ("return redis.pcall('publish','a','b')", "-ERR Write commands are not allowed from read-only scripts.\r\n"),
        ("return redis.pcall('pfcount','a')", "-ERR Write commands are not allowed from read-only scripts.\r\n"),
    ])
    func `answers`(_ script: String, _ reply: String) {
        #expect(session.call("EVAL_RO", script, "0") == reply)
    }
}

@Suite struct EVALSHA {
    private let session = Session()
    private let known = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"

    @Test(arguments: [
        ("EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", ":1\r\n"),
        ("EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0", ":1\r\n"),
        ("EVALSHA ffffffffffffffffffffffffffffffffffffffff 0", "-NOSCRIPT No matching script. Please use EVAL.\r\n"),
        ("EVALSHA x x", "-NOSCRIPT No matching script. Please use EVAL.\r\n"),
        ("EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db x", "-ERR value is not an integer or out of range\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        session.answer("EVAL 'return 1' 0")
        #expect(session.answer(line) == reply)
    }

    @Test func `finds the last five hundred that EVAL brought, and all that were loaded`() {
        session.answer("SCRIPT LOAD 'return -1'")
        session.answer("EVAL 'return 1' 0")
        for number in 2...500 { session.answer("EVAL 'return \(number)' 0") }
        // Whoever is called is not the oldest any more.
        #expect(session.answer("EVALSHA \(known) 0") == ":1\r\n")
        session.answer("EVAL 'return 501' 0")
        #expect(session.answer("EVALSHA \(known) 0") == ":1\r\n")
        #expect(session.answer("SCRIPT EXISTS \(digest("return 2")) \(known)") == "*2\r\n:0\r\n:1\r\n")
        #expect(session.answer("EVALSHA \(digest("return -1")) 0") == ":-1\r\n")
        #expect(session.answer("INFO stats").contains("evicted_scripts:1\r\n"))
        #expect(session.answer("INFO memory").contains("number_of_cached_scripts:501\r\n"))
    }
}

@Suite struct EVALSHA_RO {
    @Test func `refuses to write`() {
        let session = Session()
        let script = "return redis.pcall('set','a','b')"
        session.call("SCRIPT", "LOAD", script)
        let reply = session.answer("EVALSHA_RO \(digest(script)) 0")
        #expect(reply == "-ERR Write commands are not allowed from read-only scripts.\r\n")
        #expect(session.answer("EVALSHA_RO x 0") == "-NOSCRIPT No matching script. Please use EVAL.\r\n")
    }
}
