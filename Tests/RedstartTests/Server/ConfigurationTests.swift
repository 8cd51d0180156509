import Testing

@testable import Redstart

/// What the command line and files may say, and Redis' words where they may not.
@Suite struct ConfigurationTests {
    private static func error(_ arguments: [String]) -> String {
        do throws(ConfigurationError) {
            _ = try Configuration(arguments: arguments)
            return ""
        } catch {
            switch error {
            case .line(let number, let line, let reason):
                return "\(number)|\(String(decoding: line, as: UTF8.self))|\(reason)"
            case .unreadable(let path, let reason): return "\(path)|\(reason)"
            }
        }
    }

    private static func settings(_ arguments: [String]) throws -> Settings {
        try Configuration(arguments: arguments).settings
    }

    @Test(arguments: [
        (["--port"], "2|port|wrong number of arguments"),
        (["--port", "abc"], "2|port \"abc\"|argument couldn't be parsed into an integer"),
        (["--port", "007"], "2|port \"007\"|argument couldn't be parsed into an integer"),
        (["--port", "65536"], "2|port \"65536\"|argument must be between 0 and 65535 inclusive"),
        (["--port", "1", "2"], "2|port \"1\" \"2\"|wrong number of arguments"),
        (["--nosuch", "3"], "2|nosuch \"3\"|Bad directive or wrong number of arguments"),
        (["--port=7"], "2|port=7|Bad directive or wrong number of arguments"),
        (["-port", "7"], "2|\"-port\" \"7\"|Bad directive or wrong number of arguments"),
        (["--port 7 --requirepass x"], "2|port 7 --requirepass x|wrong number of arguments"),
        (["--loglevel", "--port", "7"], "2|loglevel \"--port\" \"7\"|wrong number of arguments"),
        (["--loglevel", "verbose", "--port"], "3|port|wrong number of arguments"),
        (["--", "--port", "7"], "2|\"--port\" \"7\"|Bad directive or wrong number of arguments"),
        (["--save", "--nosuch", "1"], "3|nosuch \"1\"|Bad directive or wrong number of arguments"),
        (["--save", "", ""], "2|save \"\" \"\"|Invalid save parameters"),
        (["--save", "900"], "2|save \"900\"|Invalid save parameters"),
        (
            ["--nosuch", "a\"b\\c d\ne\u{7f}"],
            "2|nosuch \"a\\\"b\\\\c d\\ne\\x7f\"|Bad directive or wrong number of arguments"
        ),
        (["--appendonly", "maybe"], "2|appendonly \"maybe\"|argument must be 'yes' or 'no'"),
        (
            ["--appendfsync", "x"],
            "2|appendfsync \"x\"|argument(s) must be one of the following: everysec, always, no"
        ),
        (
            ["--client-output-buffer-limit", ""],
            "2|client-output-buffer-limit \"\"|Wrong number of arguments in buffer limit configuration."
        ),
        (
            ["--client-output-buffer-limit", "normal 0 0 2147483648"],
            "2|client-output-buffer-limit \"normal 0 0 2147483648\"|"
                + "Error in hard, soft or soft_seconds setting in buffer limit configuration."
        ),
        (["--maxmemory", "1.5gb"], "2|maxmemory \"1.5gb\"|argument must be a memory value"),
        (
            ["--maxmemory-clients", "101%"],
            "2|maxmemory-clients \"101%\"|percentage argument must be less or equal to 100"
        ),
        (["--unixsocketperm", "9"], "2|unixsocketperm \"9\"|argument couldn't be parsed as an octal number"),
        (["--unixsocketperm", "1000"], "2|unixsocketperm \"1000\"|argument must be between 0 and 777 inclusive"),
        (
            ["--client-output-buffer-limit", "normal", "0", "0"],
            "2|client-output-buffer-limit \"normal\" \"0\" \"0\"|"
                + "Wrong number of arguments in buffer limit configuration."
        ),
        (
            ["--client-output-buffer-limit", "master", "0", "0", "0"],
            "2|client-output-buffer-limit \"master\" \"0\" \"0\" \"0\"|"
                + "Invalid client class specified in buffer limit configuration."
        ),
        (["--replicaof", "a", "x"], "2|replicaof \"a\" \"x\"|Invalid master port"),
        (["--dbfilename", "a/b"], "2|dbfilename \"a/b\"|dbfilename can't be a path, just a filename"),
        (["--appendfilename", ""], "2|appendfilename \"\"|appendfilename can't be empty"),
        (["--dir", "/nonexistent"], "2|dir \"/nonexistent\"|No such file or directory"),
        (["--rename-command", "a", "b"], "2|rename-command \"a\" \"b\"|No such command in rename-command"),
        (["/nonexistent/file"], "/nonexistent/file|No such file or directory"),
        (["--include", "/nonexistent/file"], "/nonexistent/file|No such file or directory"),
        (["--include", "/nonexistent/*"], ""),
        ([], ""),
        ([""], ""),
    ])
    func `refuses what Redis refuses, in its words`(_ arguments: [String], _ expected: String) {
        #expect(Self.error(arguments) == expected)
    }

    @Test func `takes options in every form`() throws {
        #expect(try Self.settings(["--port", "7000", "--save", ""]).port == 7_000)
        #expect(try Self.settings(["--port", "7000", "--port", "7001"]).port == 7_001)
        #expect(try Self.settings(["--PORT", "7000"]).port == 7_000)
        #expect(try Self.settings(["--port any"]).port == Settings.anyPort)
        #expect(try Self.settings(["--requirepass secret"]).requirePass == "secret")
        #expect(try Self.settings(["--requirepass", "two words"]).requirePass == "two words")
        #expect(try Self.settings(["--requirepass", "--dashes"]).requirePass == "--dashes")
        #expect(try Self.settings(["--bind", "127.0.0.1", "-::1", "--port", "1"]).bind == ["127.0.0.1", "-::1"])
        #expect(try Self.settings(["--bind", "127.0.0.1 ::1"]).bind == ["127.0.0.1", "::1"])
        #expect(try Self.settings(["--maxmemory", "2GB"]).maxMemory == 2 << 30)
        #expect(try Self.settings(["--maxmemory", "2k"]).maxMemory == 2_000)
        #expect(try Self.settings(["--maxmemory-clients", "5%"]).maxMemoryClients == -5)
        #expect(try Self.settings(["--unixsocketperm", "700"]).unixSocketPermissions == 0o700)
        #expect(try Self.settings(["--protected-mode", "NO"]).protectedMode == false)
        #expect(try Self.settings(["--maxmemory-policy", "allkeys-lru"]).maxMemoryPolicy == .allKeysLRU)
        let limits = try Self.settings(["--client-output-buffer-limit", "replica", "1mb", "2", "3"]).outputLimits
        #expect(limits.replica == OutputLimits.Limit(hardBytes: 1 << 20, softBytes: 2, softSeconds: 3))
        #expect(limits.normal == OutputLimits.Limit())
    }

    @Test func `what is quoted as a whole is split once more, as a line is`() throws {
        let name = "latency-tracking-info-percentiles"
        #expect(try Self.settings(["--\(name)", " 50  99 "]).latencyPercentiles == [50, 99])
        #expect(try Self.settings(["--\(name)", "50\t\"99\""]).latencyPercentiles == [50, 99])
        #expect(try Self.settings(["--\(name)", " "]).latencyPercentiles == [])
        let limits = try Self.settings(["--client-output-buffer-limit", "'normal' 1  \"2\" 3 "]).outputLimits
        #expect(limits.normal == OutputLimits.Limit(hardBytes: 1, softBytes: 2, softSeconds: 3))
        // Quotes that are not balanced leave nothing.
        #expect(try Self.settings(["--client-output-buffer-limit", "\"normal 1 2 3"]).outputLimits.normal == .init())
        #expect(try Self.settings(["--bind", " 127.0.0.1  ::1 "]).bind == ["127.0.0.1", "::1"])
    }

    @Test func `a zero byte hides the rest of its line, and the line's end`() throws {
        let folder = try TemporaryFolder()
        let file = folder.write(
            "main.conf",
            "timeout 5\n\0\n\0maxmemory 1mb\n# a\0b\nmaxclients 7\nrequirepass \"a\\x00b\"\n\0maxclients 8")
        let settings = try Configuration(arguments: [file]).settings
        #expect(settings.timeoutSeconds == 5)
        #expect(settings.maxMemory == 0)
        #expect(settings.maxClients == Settings().maxClients)
        #expect(settings.requirePass == "a\0b")
    }

    @Test func `reads files, what they include, and then the options`() throws {
        let folder = try TemporaryFolder()
        let other = folder.write("other.conf", "timeout 5\nmaxclients 7\n")
        let file = folder.write(
            "main.conf",
            "# comment\n\n   port 7000\r\nrequirepass \"a \\x41\"\ninclude \(other)\ntimeout 6\nloglevel 'verbose'")
        let configuration = try Configuration(arguments: [file, "--maxclients", "9"])
        #expect(configuration.file == file)
        #expect(configuration.settings.port == 7_000)
        #expect(configuration.settings.requirePass == "a A")
        #expect(configuration.settings.timeoutSeconds == 6)
        #expect(configuration.settings.maxClients == 9)
        #expect(configuration.settings.logLevel == .verbose)

        let bad = folder.write("bad.conf", "port 7000\n  \nrequirepass \"abc\n")
        #expect(Self.error([bad]) == "3|requirepass \"abc|Unbalanced quotes in configuration line")
        let good = folder.write("good.conf", "port 7000\n")
        #expect(Self.error([good, "--x"]) == "3|x|Bad directive or wrong number of arguments")
        let loop = folder.write("loop.conf", "include \(folder.path)/loop.conf\n")
        #expect(Self.error([loop]).hasSuffix("|include is nested too deeply"))
    }

    @Test func `warns once of what it only knows`() throws {
        let arguments = ["--appendonly yes", "--save", "900", "1", "--save", "60", "5"]
        let configuration = try Configuration(arguments: arguments)
        #expect(configuration.warnings.count == 2)
        #expect(configuration.warnings.first?.contains("'appendonly'") ?? false)
        #expect(try Configuration(arguments: ["--appendonly", "no", "--save", ""]).warnings.isEmpty)
        #expect(try Configuration(arguments: ["--slaveof", "no", "one"]).warnings.isEmpty)
        #expect(try Configuration(arguments: ["--rename-command", "GET", ""]).warnings.count == 1)
    }
}
