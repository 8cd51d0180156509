import Testing

@testable import Redstart

/// The code of a library with one function.
private func library(
    _ body: String, named function: String = "f", in name: String = "a", flags: String = ""
) -> String {
    "#!lua name=\(name)\nredis.register_function{function_name='\(function)', callback=function(keys, args) \(body) "
        + "end, flags={\(flags)}}"
}

@Suite struct FUNCTION {
    private let session = Session()
    private let registeringFailed = "-ERR Error registering functions: ERR "

    @Test(arguments: [
        ("FUNCTION LOAD", "-ERR wrong number of arguments for 'function|load' command\r\n"),
        ("FUNCTION LOAD x", "-ERR Missing library metadata\r\n"),
        ("FUNCTION LOAD x y", "-ERR Unknown option given: x\r\n"),
        ("FUNCTION LOAD \"#!lua name=a\"", "-ERR Invalid library metadata\r\n"),
        ("FUNCTION LOAD \"#!lua name=a\\x00\\n\"", "-ERR Invalid library metadata\r\n"),
        ("FUNCTION LOAD \"#!lua\\n\"", "-ERR Library name was not given\r\n"),
        ("FUNCTION LOAD \"#!lua name=a\\n\"", "-ERR No functions registered\r\n"),
        ("FUNCTION LOAD \"#!python name=a\\n\"", "-ERR Engine 'python' not found\r\n"),
        ("FUNCTION LOAD \"#!lua name=a b=c\\n\"", "-ERR Invalid metadata value given: b=c\r\n"),
        (
            "FUNCTION LOAD \"#!lua name=a name=b\\n\"",
            "-ERR Invalid metadata value, name argument was given multiple times\r\n"
        ),
        (
            "FUNCTION LOAD \"#!lua name=a\\n)\"",
            "-ERR Error compiling function: user_function:2: unexpected symbol near ')'\r\n"
        ),
        ("FUNCTION DELETE a", "-ERR Library not found\r\n"),
        ("FUNCTION LIST x", "-ERR Unknown argument x\r\n"),
        ("FUNCTION LIST LIBRARYNAME", "-ERR library name argument was not given\r\n"),
        ("FUNCTION LIST", "*0\r\n"),
        ("FUNCTION FLUSH x", "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n"),
        ("FUNCTION FLUSH ASYNC", "+OK\r\n"),
        ("FUNCTION KILL", "-NOTBUSY No scripts in execution right now.\r\n"),
        ("FUNCTION RESTORE x", "-ERR DUMP payload version or checksum are wrong\r\n"),
        (
            "FUNCTION RESTORE x y",
            "-ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.\r\n"
        ),
        (
            "FUNCTION RESTORE x y z",
            "-ERR unknown subcommand or wrong number of arguments for 'RESTORE'. Try FUNCTION HELP.\r\n"
        ),
        ("FUNCTION NOPE", "-ERR unknown subcommand 'NOPE'. Try FUNCTION HELP.\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(session.answer(line) == reply)
    }

    @Test(
        arguments: [
            ("redis.register_function()", "wrong number of arguments to redis.register_function"),
            ("redis.register_function('f', 1)", "second argument to redis.register_function must be a function"),
            ("redis.register_function{}", "redis.register_function must get a function name argument"),
            ("redis.register_function{function_name='f', callback=print}", nil),
            (
                "redis.register_function{function_name='f', callback=redis.log, flags={'x'}}", "unknown flag given"
            ),
            (
                "redis.register_function('f', redis.log) redis.register_function('f', redis.log)",
                "Function already exists in the library"
            ),
            ("redis.call('PING')", nil),
            ("x = 1", "user_function:2: Attempt to modify a readonly table"),
            ("while true do end", "FUNCTION LOAD timeout"),
        ] as [(String, String?)])
    func `refuses what code does while it is loaded`(_ code: String, _ message: String?) {
        let reply = session.call("FUNCTION", "LOAD", "#!lua name=a\n" + code)
        let expected = message ?? "user_function:2: Script attempted to access nonexistent global variable '"
        #expect(reply.hasPrefix(registeringFailed + expected), "\(reply)")
        #expect(session.answer("FUNCTION LIST") == "*0\r\n")
    }

    @Test func `describes libraries`() {
        session.answer("HELLO 3")
        session.call("FUNCTION", "LOAD", library("return 1", flags: "'no-writes', 'allow-oom'"))
        let functions =
            "$9\r\nfunctions\r\n*1\r\n%3\r\n$4\r\nname\r\n$1\r\nf\r\n$11\r\ndescription\r\n_\r\n"
            + "$5\r\nflags\r\n~2\r\n+no-writes\r\n+allow-oom\r\n"
        let names = "$12\r\nlibrary_name\r\n$1\r\na\r\n$6\r\nengine\r\n$3\r\nLUA\r\n"
        #expect(session.answer("FUNCTION LIST LIBRARYNAME A*") == "*1\r\n%3\r\n" + names + functions)
        #expect(session.answer("FUNCTION LIST LIBRARYNAME b") == "*0\r\n")
        #expect(session.answer("FUNCTION LIST WITHCODE").contains("$12\r\nlibrary_code\r\n"))
        #expect(
            session.answer("FUNCTION STATS")
                == "%2\r\n$14\r\nrunning_script\r\n_\r\n$7\r\nengines\r\n%1\r\n$3\r\nLUA\r\n%2\r\n"
                + "$15\r\nlibraries_count\r\n:1\r\n$15\r\nfunctions_count\r\n:1\r\n")
        #expect(session.answer("FUNCTION HELP").hasPrefix("*20\r\n+FUNCTION <subcommand>"))
    }

    @Test func `replaces a library as a whole, or not at all`() {
        session.call("FUNCTION", "LOAD", library("return 1"))
        session.call("FUNCTION", "LOAD", library("return 2", named: "g", in: "b"))
        #expect(session.call("FUNCTION", "LOAD", library("return 3")) == "-ERR Library 'a' already exists\r\n")
        #expect(
            session.call("FUNCTION", "LOAD", "REPLACE", library("return 3", named: "G"))
                == "-ERR Function G already exists\r\n")
        #expect(session.answer("FCALL f 0") == ":1\r\n")
        #expect(session.call("FUNCTION", "LOAD", "REPLACE", library("return 3", named: "h")) == "$1\r\na\r\n")
        #expect(session.answer("FCALL f 0") == "-ERR Function not found\r\n")
        #expect(session.answer("FCALL h 0") == ":3\r\n")
        #expect(session.answer("FUNCTION DELETE a") == "+OK\r\n")
        #expect(session.answer("FCALL h 0") == "-ERR Function not found\r\n")
        #expect(session.answer("FCALL g 0") == ":2\r\n")
    }

    @Test func `restores what it has dumped`() {
        session.call("FUNCTION", "LOAD", library("return 1 --" + String(repeating: "x", count: 100) + "\n"))
        session.call("FUNCTION", "LOAD", library("return 2", named: "g", in: "b"))
        let payload = FunctionPayload.encode(session.engine.functions.libraries.all.map(\.code), compressing: true)
        #expect(session.answer("FUNCTION DUMP").hasPrefix("$\(payload.count)\r\n"))
        let restore = ["FUNCTION", "RESTORE"].map { Array($0.utf8) } + [payload]
        #expect(session.call(words: restore) == "-ERR Library a already exists\r\n")
        session.answer("FUNCTION FLUSH")
        session.call("FUNCTION", "LOAD", library("return 3", in: "c"))
        #expect(session.call(words: restore) == "-ERR Function f already exists\r\n")
        #expect(session.call(words: restore + [Array("replace".utf8)]) == "-ERR Function f already exists\r\n")
        #expect(session.answer("FCALL f 0") == ":3\r\n")
        #expect(session.call(words: restore + [Array("FLUSH".utf8)]) == "+OK\r\n")
        #expect(session.answer("FCALL f 0") == ":1\r\n")
        #expect(session.answer("FCALL g 0") == ":2\r\n")
        #expect(session.call(words: restore + [Array("REPLACE".utf8)]) == "+OK\r\n")
    }

    @Test func `survives FLUSHALL, and counts as changes`() {
        let before = session.engine.statistics.dirty
        session.call("FUNCTION", "LOAD", library("return 1"))
        session.answer("FLUSHALL")
        #expect(session.answer("FCALL f 0") == ":1\r\n")
        session.answer("FUNCTION DELETE a")
        session.answer("FUNCTION FLUSH")
        #expect(session.engine.statistics.dirty == before + 3)
        #expect(session.engine.scripts.forFunctions == nil)
    }
}

@Suite struct FCALL {
    private let session = Session()

    @Test(arguments: [
        ("FCALL f", "-ERR wrong number of arguments for 'fcall' command\r\n"),
        ("FCALL nope x", "-ERR Function not found\r\n"),
        ("FCALL f x", "-ERR Bad number of keys provided\r\n"),
        ("FCALL f 1", "-ERR Number of keys can't be greater than number of args\r\n"),
        ("FCALL f -1", "-ERR Number of keys can't be negative\r\n"),
        ("FCALL F 1 a b c", "*3\r\n$1\r\na\r\n$1\r\nb\r\n:2\r\n"),
        (
            "FCALL global 0",
            "-ERR user_function:3: Attempt to modify a readonly table script: global, on @user_function:3.\r\n"
        ),
        (
            "FCALL late 0",
            "-ERR redis.register_function can only be called on FUNCTION LOAD command script: late, "
                + "on @user_function:5.\r\n"
        ),
        ("FCALL calls 0", "+OK\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        session.call(
            "FUNCTION", "LOAD",
            """
            #!lua name=a
            redis.register_function('f', function(keys, args) return {keys[1], args[1], #args} end)
            redis.register_function('global', function() x = 1 end)
            local register = redis.register_function
            redis.register_function('late', function() return register('x', function() end) end)
            redis.register_function('calls', function() return redis.call('SET', 'k', 'v') end)
            """)
        #expect(session.answer(line) == reply)
    }

    @Test func `runs in transactions, and its keys can be found`() {
        session.call("FUNCTION", "LOAD", library("return redis.call('INCR', keys[1])"))
        session.answer("MULTI")
        #expect(session.answer("FCALL f 1 k") == "+QUEUED\r\n")
        #expect(session.answer("FCALL nope 1 k") == "+QUEUED\r\n")
        #expect(session.answer("EXEC") == "*2\r\n:1\r\n-ERR Function not found\r\n")
        #expect(session.answer("COMMAND GETKEYS FCALL f 2 a b c") == "*2\r\n$1\r\na\r\n$1\r\nb\r\n")
    }

    @Test func `needs memory, unless the function says that it does not`() {
        let code = "return redis.call(unpack(args))"
        session.call("FUNCTION", "LOAD", library(code))
        session.call("FUNCTION", "LOAD", library(code, named: "reads", in: "b", flags: "'no-writes'"))
        session.call("FUNCTION", "LOAD", library(code, named: "allowed", in: "c", flags: "'allow-oom'"))
        session.answer("CONFIG SET maxmemory 1")
        let refusal = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
        #expect(session.answer("FCALL f 0 GET k") == refusal)
        #expect(session.answer("FCALL reads 0 GET k") == "$-1\r\n")
        #expect(session.answer("FCALL allowed 0 SET k v") == "+OK\r\n")
        #expect(session.answer("FUNCTION LOAD x") == refusal)
        session.answer("CONFIG SET maxmemory 0")
        #expect(session.answer("FCALL f 0 SET k w") == "+OK\r\n")
    }
}

@Suite struct FCALL_RO {
    private let session = Session()

    @Test(arguments: [
        ("FCALL_RO f", "-ERR wrong number of arguments for 'fcall_ro' command\r\n"),
        ("FCALL_RO nope 0", "-ERR Function not found\r\n"),
        ("FCALL_RO writes 0", "-ERR Can not execute a script with write flag using *_ro command.\r\n"),
        ("FCALL_RO reads 0 GET k", "$1\r\nv\r\n"),
        (
            "FCALL_RO reads 0 SET k w",
            "-ERR Write commands are not allowed from read-only scripts. script: reads, on @user_function:2.\r\n"
        ),
    ])
    func `answers`(_ line: String, _ reply: String) {
        session.answer("SET k v")
        session.call(
            "FUNCTION", "LOAD", library("return redis.call(unpack(args))", named: "reads", flags: "'no-writes'"))
        session.call("FUNCTION", "LOAD", library("return redis.call(unpack(args))", named: "writes", in: "b"))
        #expect(session.answer(line) == reply)
        #expect(session.answer("GET k") == "$1\r\nv\r\n")
    }
}
