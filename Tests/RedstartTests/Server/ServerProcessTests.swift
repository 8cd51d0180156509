import Foundation
import Testing

@testable import Redstart

/// The program from outside: what it prints, when it ends and with which status, and what it leaves behind.
@Suite struct ServerProcessTests {
    @Test func `tells its version as tools read it, and how it is used`() throws {
        let version = try ServerProgram("--version")
        #expect(version.end().status == 0)
        #expect(version.log.hasPrefix("Redis server v=7.4.1 sha=00000000:0 malloc=libc bits=64 build="))
        #expect(try ServerProgram("-v", "whatever").end().status == 0)
        let help = try ServerProgram("-h")
        #expect(help.end().status == 0)
        #expect(help.log.contains("Usage: redstart [FILE] [--SETTING VALUE ...] [-]"))
    }

    @Test func `logs the lines that tools wait for, in order, and ends at once when asked`() throws {
        let program = try ServerProgram("--port", "any", "--port-file", "port", "--pidfile", "pid")
        let port = try program.port
        #expect(try RawClient(port: port).call("PING") == "+PONG\r\n")
        #expect(try RawClient(port: port).call("CONFIG", "GET", "port") == reply("port", "\(port)"))
        #expect(program.folder.read("pid") == "\(program.identifier)\n")
        #expect(program.end(signal: SIGTERM).status == 0)
        #expect(!program.folder.has("pid"))

        let identifier = program.identifier
        let expected = [
            "oO0OoO0OoO0Oo Redstart is starting oO0OoO0OoO0Oo",
            "Redis version=7.4.1, bits=64, commit=00000000, modified=0, pid=\(identifier), just started",
            "Configuration loaded",
            "Listening on port \(port)",
            "monotonic clock: POSIX clock_gettime",
            "Running mode=standalone, port=\(port), PID: \(identifier).",
            "Server initialized",
            "Ready to accept connections tcp",
            "User requested shutdown...",
        ]
        #expect(Array(program.events.prefix(expected.count)) == expected)
        #expect(program.log.contains(/\n\d+:signal-handler \(\d+\) Received SIGTERM scheduling shutdown\.\.\.\n/))
        let start = /^\d+:C \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d\.\d{3} \* oO0/
        #expect(try start.firstMatch(in: program.log) != nil)
    }

    @Test func `without room for another connection, it lets who knocks wait, and does not spin`() throws {
        let program = try ServerProgram("--port", "any", "--port-file", "port")
        let port = try program.port
        let first = try RawClient(port: port)
        #expect(first.call("PING") == "+PONG\r\n")
        func allow(_ descriptors: Int) throws {
            let tool = URL(fileURLWithPath: "/usr/bin/prlimit")
            let arguments = ["--pid", "\(program.identifier)", "--nofile=\(descriptors):1024"]
            try Process.run(tool, arguments: arguments).waitUntilExit()
        }
        try allow(3)
        let second = try RawClient(port: port)
        second.send("PING\r\n")
        #expect(program.waitForLog("# Accepting client connection: accept: Too many open files"))
        #expect(!second.hears(within: 500))
        #expect(first.call("PING") == "+PONG\r\n")
        try allow(1_024)
        #expect(second.line() == "+PONG\r\n")
        #expect(program.end(signal: SIGTERM).status == 0)
        #expect(program.log.ranges(of: "Too many open files").count < 20)
    }

    @Test func `SIGINT ends it as well, a hang-up does not`() throws {
        let program = try ServerProgram("--port", "any", "--port-file", "port")
        let client = try RawClient(port: try program.port)
        kill(program.identifier, SIGHUP)
        #expect(client.call("PING") == "+PONG\r\n")
        #expect(program.end(signal: SIGINT).status == 0)
    }

    @Test func `SIGINT ends a sleep, and a second one whatever is being done`() throws {
        let sleeping = try ServerProgram("--port", "any", "--port-file", "port", "--enable-debug-command", "yes")
        try RawClient(port: try sleeping.port).send("DEBUG SLEEP 1000\r\n")
        usleep(100_000)
        #expect(sleeping.end(signal: SIGINT).status == 0)

        let busy = try ServerProgram("--port", "any", "--port-file", "port", "--busy-reply-threshold", "0")
        try RawClient(port: try busy.port).send("EVAL \"while true do end\" 0\r\n")
        usleep(100_000)
        kill(busy.identifier, SIGINT)
        usleep(100_000)
        #expect(busy.end(signal: SIGINT).status == 1)
        let insists = /\d+:signal-handler \(\d+\) You insist\.\.\. exiting now\.\n/
        #expect(try insists.firstMatch(in: busy.log) != nil)
    }

    @Test func `tells more where it is asked to`() throws {
        let program = try ServerProgram(
            "--port", "any", "--port-file", "port", "--loglevel", "verbose", "--maxmemory", "1")
        var client: RawClient? = try RawClient(port: try program.port)
        #expect(client?.line("CONFIG SET maxmemory 10000\r\n") == "+OK\r\n")
        client?.send("*x\r\n")
        #expect(client?.readToEnd() == "-ERR Protocol error: invalid multibulk length\r\n")
        client = try RawClient(port: try program.port)
        #expect(client?.line("PING\r\n") == "+PONG\r\n")
        client = nil
        usleep(100_000)
        #expect(program.end(signal: SIGTERM).status == 0)
        for line in [
            /. - Accepted 127\.0\.0\.1:\d+\n/, /. - Client closed connection id=\d+ addr=127\.0\.0\.1:\d+ .*\n/,
            /. - Protocol error \(invalid mbulk count\) from client: id=\d+ .*\. Query buffer.*: .\*x\.\..\n/,
            /. # WARNING: You specified a maxmemory value that is less than 1MB \(current value is 1 bytes\)/,
            /. # WARNING: the new maxmemory value set via CONFIG SET \(10000\) is smaller than the current memory/,
        ] {
            #expect(try line.firstMatch(in: program.log) != nil)
        }
    }

    @Test func `a port in use ends it`() throws {
        let first = try ServerProgram("--port", "any", "--port-file", "port")
        let port = try first.port
        let second = try ServerProgram("--port", "\(port)")
        #expect(second.end().status == 1)
        let address = "Could not create server TCP listening socket *:\(port): bind: Address already in use"
        #expect(
            second.events.suffix(2) == ["Warning: \(address)", "Failed listening on port \(port) (tcp), aborting."])
        #expect(first.end(signal: SIGTERM).status == 0)
    }

    @Test func `a bad line ends it, with Redis' message on the error stream`() throws {
        let program = try ServerProgram("-", "--port", "any", input: "# nothing\ntimeout soon\n")
        let (status, errors) = program.end()
        #expect(status == 1)
        #expect(program.events == ["Reading config from stdin"])
        let expected = """

            *** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***
            Reading the configuration file, at line 2
            >>> 'timeout soon'
            argument couldn't be parsed into an integer

            """
        #expect(errors == expected)
    }

    @Test func `a file that is not there ends it`() throws {
        let program = try ServerProgram("nofile")
        #expect(program.end().status == 1)
        let path = "\(program.folder.path)/nofile"
        #expect(program.events == ["Fatal error, can't open config file '\(path)': No such file or directory"])
    }

    @Test func `reads settings from the standard input, and warns of those it only knows`() throws {
        let program = try ServerProgram("-", "--port-file", "port", input: "port any\nappendonly yes\n")
        let client = try RawClient(port: try program.port)
        #expect(program.events.first == "Reading config from stdin")
        #expect(program.events.filter { $0.contains("'appendonly'") }.count == 1)
        #expect(client.call("CONFIG", "GET", "appendonly") == reply("appendonly", "no"))
        #expect(program.end(signal: SIGTERM).status == 0)
    }

    @Test func `listens on a Unix socket alone, with its permissions, and takes it away at the end`() throws {
        let program = try ServerProgram(
            "--port", "0", "--unixsocket", "socket", "--unixsocketperm", "700", "--loglevel", "notice")
        #expect(program.waitForLog("Ready to accept connections unix"))
        #expect(!program.log.contains("connections tcp"))
        #expect(program.folder.permissions("socket") == 0o700)
        #expect(try RawClient(path: "\(program.folder.path)/socket").call("PING") == "+PONG\r\n")
        #expect(program.end(signal: SIGTERM).status == 0)
        #expect(!program.folder.has("socket"))
    }

    @Test(arguments: [106, 107])
    func `the path of a Unix socket may be as long as the system lets it`(_ length: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/\(String(repeating: "s", count: length - folder.path.utf8.count - 1))"
        let program = try ServerProgram("--port", "0", "--unixsocket", path)
        #expect(program.waitForLog("Ready to accept connections unix"))
        #expect(try RawClient(path: path).call("PING") == "+PONG\r\n")
        #expect(program.end(signal: SIGTERM).status == 0)
    }

    @Test func `a path that is too long for a Unix socket is refused`() throws {
        let program = try ServerProgram("--port", "0", "--unixsocket", String(repeating: "s", count: 108))
        #expect(program.end().status == 1)
        let reason = "Failed opening Unix socket: unix socket path too long (108), must be under 108"
        #expect(program.events.last == reason)
    }

    @Test func `without any socket there is no server`() throws {
        let program = try ServerProgram("--port", "0")
        #expect(program.end().status == 1)
        #expect(program.events.last == "Configured to not listen anywhere, exiting.")
    }

    @Test func `addresses with a dash may be missing, others not`() throws {
        let program = try ServerProgram("--port", "any", "--port-file", "port", "--bind", "-192.0.2.1", "127.0.0.1")
        #expect(try RawClient(port: try program.port).call("PING") == "+PONG\r\n")
        #expect(program.end(signal: SIGTERM).status == 0)
        #expect(try ServerProgram("--port", "any", "--bind", "192.0.2.1").end().status == 1)
        #expect(try ServerProgram("--port", "any", "--bind", "-no.such.host.invalid", "127.0.0.1").end().status == 1)
    }

    @Test func `writes its log to a file that may be moved away`() throws {
        let program = try ServerProgram("--port", "any", "--port-file", "port", "--logfile", "log")
        while !program.folder.read("log").contains("Ready to accept") { usleep(10_000) }
        let path = program.folder.path
        try FileManager.default.moveItem(atPath: "\(path)/log", toPath: "\(path)/old")
        #expect(program.end(signal: SIGTERM).status == 0)
        #expect(program.log.isEmpty)
        #expect(program.folder.read("log").contains("Received SIGTERM"))

        let other = try ServerProgram("--logfile", "/")
        let (status, errors) = other.end()
        #expect(status == 1)
        #expect(errors.hasSuffix("\nCan't open the log file: Is a directory\n"))
    }

    @Test func `goes into the background`() throws {
        let folder = try TemporaryFolder()
        let options = "--port any --port-file port --daemonize yes --pidfile pid --logfile log"
        // Not a Process, which would wait for what its child leaves behind as well.
        let status = unsafe system("cd \(folder.path) && \(ServerProgram.executable.path) \(options)")
        #expect(status == 0)
        while !folder.read("log").contains("Ready to accept") { usleep(10_000) }
        #expect(try RawClient(port: Int(folder.read("port").dropLast()) ?? 0).call("PING") == "+PONG\r\n")
        let identifier = Int32(folder.read("pid").dropLast()) ?? 0
        #expect(identifier > 1 && kill(identifier, SIGTERM) == 0)
        while folder.has("pid") { usleep(10_000) }
    }

    @Test func `port and bind change while it runs`() throws {
        let program = try ServerProgram("--port", "any", "--port-file", "port", "--bind", "127.0.0.1")
        let old = try program.port
        let client = try RawClient(port: old)
        let free = try ServerProgram("--port", "any", "--port-file", "port", "--bind", "127.0.0.1")
        let new = try free.port

        let refusal = "Unable to listen on this port. Check server logs."
        #expect(
            client.call("CONFIG", "SET", "timeout", "9", "port", "\(new)")
                == "-ERR CONFIG SET failed (possibly related to argument 'port') - \(refusal)\r\n")
        #expect(client.call("CONFIG", "GET", "timeout") == reply("timeout", "0"))
        #expect(try RawClient(port: old).call("PING") == "+PONG\r\n")

        #expect(free.end(signal: SIGTERM).status == 0)
        #expect(client.call("CONFIG", "SET", "port", "\(new)") == "+OK\r\n")
        #expect(try RawClient(port: new).call("PING") == "+PONG\r\n")
        #expect(throws: (any Error).self) { try RawClient(port: old) }
        #expect(
            client.call("CONFIG", "SET", "bind", "192.0.2.1")
                == "-ERR CONFIG SET failed (possibly related to argument 'bind') - "
                + "Failed to bind to specified addresses.\r\n")
        #expect(client.call("CONFIG", "SET", "bind", "127.0.0.1 -::1") == "+OK\r\n")
        #expect(try RawClient(port: new).call("PING") == "+PONG\r\n")
        #expect(client.call("CONFIG", "SET", "port", "0") == "+OK\r\n")
        #expect(throws: (any Error).self) { try RawClient(port: new) }
        #expect(client.call("PING") == "+PONG\r\n")
        #expect(program.end(signal: SIGTERM).status == 0)
    }

    private func reply(_ words: String...) -> String {
        "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }
}
