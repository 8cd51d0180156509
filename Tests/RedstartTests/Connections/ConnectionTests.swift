import Testing

@testable import Redstart

@Suite struct ECHO {
    @Test(arguments: [
        ("ECHO hi", "$2\r\nhi\r\n"),
        ("ECHO \"\"", "$0\r\n\r\n"),
        ("ECHO", "-ERR wrong number of arguments for 'echo' command\r\n"),
        ("ECHO a b", "-ERR wrong number of arguments for 'echo' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }
}

@Suite struct SELECT {
    @Test(arguments: [
        ("SELECT 0", "+OK\r\n"),
        ("SELECT 15", "+OK\r\n"),
        ("SELECT 16", "-ERR DB index is out of range\r\n"),
        ("SELECT -1", "-ERR DB index is out of range\r\n"),
        ("SELECT abc", "-ERR value is not an integer or out of range\r\n"),
        ("SELECT 01", "-ERR value is not an integer or out of range\r\n"),
        ("SELECT 2147483648", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"),
        ("SELECT 99999999999999999999", "-ERR value is not an integer or out of range\r\n"),
        ("SELECT", "-ERR wrong number of arguments for 'select' command\r\n"),
        ("SELECT 1 2", "-ERR wrong number of arguments for 'select' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `each database has its own keys`() throws {
        let server = try LiveServer()
        let client = try server.connect()
        let reply = "+OK\r\n+OK\r\n$-1\r\n+OK\r\n+OK\r\n$4\r\nzero\r\n+OK\r\n$3\r\none\r\n"
        let commands = "SET k zero\r\nSELECT 1\r\nGET k\r\nSET k one\r\nSELECT 0\r\nGET k\r\nSELECT 1\r\nGET k\r\n"
        #expect(client.answer(commands, like: reply) == reply)
        #expect(try server.connect().line("GET k\r\n") == "$4\r\n")
    }
}

@Suite struct QUIT {
    @Test(arguments: ["PING\r\nQUIT\r\nPING\r\n", "PING\r\nquit now please\r\nSET k v\r\n"])
    func `answers, and nothing after it`(_ commands: String) throws {
        let server = try LiveServer()
        #expect(try server.connect().last(commands) == "+PONG\r\n+OK\r\n")
        #expect(server.inspect { $0.databases[0].count + $0.clients.count } == 0)
    }
}

@Suite struct RESET {
    @Test func `makes a connection new again`() {
        let session = Session()
        session.answer("HELLO 3 SETNAME me")
        session.answer("CLIENT SETINFO LIB-NAME lib")
        session.answer("SELECT 3")
        session.answer("CLIENT NO-EVICT on")
        session.answer("CLIENT NO-TOUCH on")
        #expect(session.answer("RESET") == "+RESET\r\n")
        #expect(session.answer("CLIENT GETNAME") == "$-1\r\n")
        let info = session.answer("CLIENT INFO")
        #expect(info.contains(" flags=N db=0 ") && info.contains(" resp=2 lib-name=lib "))
        #expect(session.answer("RESET x") == "-ERR wrong number of arguments for 'reset' command\r\n")
    }

    @Test func `asks for the password again`() {
        let session = Session(password: "secret")
        session.answer("AUTH secret")
        session.answer("RESET")
        #expect(session.answer("PING") == "-NOAUTH Authentication required.\r\n")
    }

    @Test func `ends MONITOR and CLIENT REPLY OFF, not CLIENT REPLY SKIP`() throws {
        let server = try LiveServer()
        let reply = "+OK\r\n+RESET\r\n+PONG\r\n+RESET\r\n+PONG\r\n+PONG\r\n"
        let commands =
            "MONITOR\r\nRESET\r\nPING\r\nCLIENT REPLY OFF\r\nPING\r\nRESET\r\nPING\r\n"
            + "CLIENT REPLY SKIP\r\nRESET\r\nPING\r\n"
        #expect(try server.connect().answer(commands, like: reply) == reply)
    }
}
