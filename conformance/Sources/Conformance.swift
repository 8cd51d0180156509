import Glibc

/// The command line of the conformance tools.
@main
struct Conformance {
    static let usage = """
        usage: conformance VERB …
          replay [--host H] [--port P] [--resp 2|3|both] [--family F] [--details N] [FILE…]
              replays cases and transcripts (by default all of them) and prints a table; status 1 on a difference
          record [--host H] --port P FILE…
              writes into case files what the server at P, a real one, answers
          fuzz --port A --oracle-port B [--commands N] [--seed S] [--families F,G] [--only COMMAND,…]
              [--explained FILE] [--max-differences N] [--turn N] [--events yes] [--scripts yes] [--talk yes]
              random commands to both servers; replies compared, failures shrunk; the two connections
              take turns every N commands (--turn N), keyspace events are compared, too (--events yes),
              and most commands are called by scripts (--scripts yes); or else
              four connections wait for, wake and tell each other things (--talk yes)
          protocol-fuzz [--host H] --port P [--seconds N] [--seed S] [--connections N] [--scripts yes]
              malformed input, or malformed scripts (--scripts yes); the server must survive it
        """

    static func main() {
        do throws(Failure) {
            exit(try run(CommandLine.arguments.dropFirst()))
        } catch {
            Output.error("conformance: \(error)")
            exit(2)
        }
    }

    private static func run(_ arguments: ArraySlice<String>) throws(Failure) -> Int32 {
        guard let verb = arguments.first else {
            Output.error(usage)
            return 2
        }
        let rest = arguments.dropFirst()
        switch verb {
        case "replay": return try replay(Options(rest))
        case "record": return try record(Options(rest))
        case "fuzz": return try fuzz(Options(rest))
        case "protocol-fuzz": return try protocolFuzz(Options(rest))
        case "help", "--help", "-h":
            Output.line(usage)
            return 0
        default: throw Failure("unknown verb '\(verb)'; try 'conformance help'")
        }
    }

    private static func replay(_ options: Options) throws(Failure) -> Int32 {
        try options.allow("host", "port", "resp", "family", "details")
        let versions: [Int]
        switch options.text("resp", "both") {
        case "2": versions = [2]
        case "3": versions = [3]
        case "both": versions = [2, 3]
        default: throw Failure("--resp is 2, 3 or both")
        }
        let server = try ServerUnderTest(
            host: options.text("host", "127.0.0.1"), port: try options.number("port", 6379))
        var replay = Replay(server, versions: versions, detailLimit: try options.number("details", 100))
        var paths = options.rest
        if paths.isEmpty {
            paths =
                Files.list(Files.folder() + "/cases", ending: ".cases")
                + Files.list(Files.folder() + "/transcripts", ending: ".jsonl")
        }
        for path in paths {
            if path.hasSuffix(".jsonl") {
                let transcript = try Transcript(path: path)
                if let family = options.values["family"], family != transcript.family { continue }
                try replay.run(transcript)
            } else {
                let file = try CaseFile(path: path)
                if let family = options.values["family"], family != file.family { continue }
                try replay.run(file)
            }
        }
        replay.printTable()
        return replay.differences == 0 ? 0 : 1
    }

    private static func record(_ options: Options) throws(Failure) -> Int32 {
        try options.allow("host", "port")
        guard options.has("port"), !options.rest.isEmpty else { throw Failure("record needs --port and files") }
        let server = try ServerUnderTest(
            host: options.text("host", "127.0.0.1"), port: try options.number("port", 6379))
        for path in options.rest { try Record(server: server).run(path) }
        return 0
    }

    private static func fuzz(_ options: Options) throws(Failure) -> Int32 {
        try options.allow(
            "host", "port", "oracle-host", "oracle-port", "commands", "seed", "families", "only", "explained",
            "max-differences", "turn", "events", "scripts", "talk")
        guard options.has("oracle-port") else { throw Failure("fuzz needs --oracle-port") }
        let host = options.text("host", "127.0.0.1")
        let server = try ServerUnderTest(host: host, port: try options.number("port", 6379))
        let oracle = try ServerUnderTest(
            host: options.text("oracle-host", host), port: try options.number("oracle-port", 0))
        let seed = try options.number("seed", Clock.wallMilliseconds % 1_000_000)
        let explained = try ExplainedDifferences(
            path: options.text("explained", Files.folder() + "/explained-differences"))
        let families = options.values["families"]?.split(separator: ",").map(String.init)
        let only = options.values["only"]?.lowercased().split(separator: ",").map(String.init)
        let knowsTransactions = server.knows("multi")
        let commands = try DeclaredCommand.all(server).filter { command in
            if let families, !families.contains(command.group) { return false }
            if let only, !only.contains(where: { $0 == command.name || command.name.hasPrefix($0 + "|") }) {
                return false
            }
            // Which dead keys these stumble over is chance, and they tell of their end.
            if options.has("events"), command.name == "randomkey" || command.name.hasSuffix("scan") { return false }
            let rules = explained.rules(for: command.name)
            guard !rules.isSkipped, oracle.knows(command.name) else { return false }
            return !command.isBlocking || !rules.without.isEmpty || knowsTransactions
        }
        guard !commands.isEmpty else { throw Failure("no command is left to fuzz") }
        Output.line("seed \(seed), \(commands.count) commands: \(commands.map(\.name).joined(separator: " "))")
        let fuzzer = Fuzzer(
            Duel(
                server: server, oracle: oracle, explained: explained, comparesEvents: options.has("events"),
                isConversation: options.has("talk")),
            CommandGenerator(commands, explained, seed: seed, knowsTransactions: knowsTransactions), seed: seed,
            commands: try options.number("commands", 100_000),
            maximumDifferences: try options.number("max-differences", 20),
            turnLength: max(1, try options.number("turn", 200)),
            scripts: options.has("scripts") ? explained : nil)
        try fuzzer.run()
        if options.has("events") || options.has("talk") {
            for side in [server, oracle] { try side.restoreSettings() }
        }
        return fuzzer.differences == 0 ? 0 : 1
    }

    private static func protocolFuzz(_ options: Options) throws(Failure) -> Int32 {
        try options.allow("host", "port", "seconds", "seed", "connections", "scripts")
        let seed = try options.number("seed", Clock.wallMilliseconds % 1_000_000)
        Output.line("seed \(seed)")
        let fuzzer = ProtocolFuzzer(
            host: options.text("host", "127.0.0.1"), port: try options.number("port", 6379), seed: seed,
            connections: try options.number("connections", 40), sendsScripts: options.has("scripts"))
        do throws(Failure) {
            try fuzzer.run(seconds: try options.number("seconds", 10))
        } catch {
            Output.error("the server does not survive: \(error)")
            return 1
        }
        return 0
    }
}
