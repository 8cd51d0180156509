import Testing

/// The borders within the project, and the style that a machine can check. Each rule is an entry of a table and says
/// why it is there; a failure prints that.
@Suite struct Tidy {
    // MARK: - Words that belong in certain places, or nowhere

    enum Part { case code, literals, everything }

    struct Rule: Sendable, CustomTestStringConvertible {
        /// What is looked for: a regular expression.
        let pattern: String
        /// Where it is looked for.
        var part = Part.code
        /// The paths that the rule is about begin so.
        let about: [String]
        /// Among those, the paths that begin so may have it; each with its reason where it is not the rule's own.
        var allowed: [String] = []
        let why: String

        var testDescription: String { pattern }
    }

    private static let library = ["Sources/Redstart/"]
    private static let swift = ["Sources/", "Tests/", "conformance/Sources/", "Package.swift"]

    static let rules: [Rule] = [
        Rule(
            pattern: #"\bimport Foundation"#, about: ["Sources/"],
            why: "a static binary is several times as large; Glibc, Synchronization and the standard library suffice"),
        Rule(
            pattern: #"\bimport CLinux"#, about: ["Sources/"],
            allowed: ["Sources/Redstart/EventLoop/", "Sources/Redstart/Structures/"],
            why: "only the event loop talks to the kernel; the structures use two of its headers' instructions"),
        Rule(
            pattern: #"\bunsafe\b"#, about: library,
            allowed: ["EventLoop/", "RESP/", "Structures/"].map { "Sources/Redstart/" + $0 },
            why: "unsafe code stays where it is reviewed, small enough to read"),
        Rule(
            pattern: #"\bunsafe\b"#, about: ["Sources/Lua/"],
            allowed: [
                "Sources/Lua/Memory/",
                // The table of native functions, and the roots before they are made.
                "Sources/Lua/LuaState.swift",
                // Every instruction's operation is one that the compiler wrote.
                "Sources/Lua/Compiler/Instruction.swift",
            ],
            why: "the machine's memory is handled in one folder; the compiler and the libraries see values"),
        Rule(
            pattern: #"\\r\\n|(^|\s)([$*]-?\d|[+-](OK|PONG|ERR|NOAUTH|DENIED|WRONGTYPE)\b)"#, part: .literals,
            about: library,
            allowed: [
                "Sources/Redstart/RESP/",
                // INFO's lines end in CR LF, within one bulk string.
                "Sources/Redstart/Administration/Info",
                // Pages show what clients see.
                "Sources/Redstart/Redstart.docc/",
            ],
            why: "only RESP/ knows the wire; everything else answers through ReplyWriter"),
        Rule(
            pattern: #"\b(Database|Keyspace|Engine|Client|Call|Command|CommandTable|Settings)\b"#,
            about: ["Sources/Redstart/Structures/", "Sources/Redstart/RESP/"],
            why: "structures and protocol know nothing of Redis' commands, keys and clients"),
        Rule(
            pattern: #"\bimport Redstart\b"#, about: ["Sources/Lua/", "Sources/CLinux/"],
            why: "what stands below the server does not know it"),
        Rule(pattern: #"\btry!"#, about: swift, why: "an error that nobody expected must not end the process"),
        Rule(
            pattern: #"\bfatalError\("#, about: swift,
            why: "nothing a client sends may end the server; a broken invariant is a precondition that says which"),
        Rule(
            pattern: #"[A-Za-z0-9_)\]}"`]!(?![=A-Za-z0-9_])"#, about: swift,
            why: "a value that is missing is dealt with, never assumed: unwrap with `guard let` or `if let`"),
        Rule(pattern: #"\bas!"#, about: swift, why: "a value of another type is dealt with, never assumed"),
        Rule(
            pattern: #"^\s*(print|debugPrint|dump)\("#, about: library,
            // The log's own method.
            allowed: ["Sources/Redstart/EventLoop/ServerLog.swift"],
            why: "the server speaks through its log and its replies; standard output belongs to the log"),
        Rule(
            pattern: #"\b(TODO|FIXME|XXX|HACK)\b"#, part: .everything, about: [""],
            allowed: ["Tests/RedstartTests/Tidy/TidyTests.swift"],
            why: "fix it, or write it down in an issue"),
        Rule(
            pattern: #"/work/|\bshared/(reference|DESIGN|STYLE)"#, part: .everything, about: [""],
            allowed: ["Tests/RedstartTests/Tidy/TidyTests.swift"],
            why: "a clone of the repository has no such folder"),
        Rule(
            pattern: hosts.map { $0.replacing(".", with: #"\."#) }.joined(separator: "|"), part: .everything,
            about: [""], why: "tools find registries by their own settings; a mirror's user has others"),
        Rule(
            pattern: #"[ \t]+$"#, part: .everything, about: swift,
            why: "spaces at the end of a line only make differences"),
        Rule(pattern: #"\t"#, part: .everything, about: swift, why: "four spaces look the same everywhere"),
    ]

    /// Package registries, put together here so that even this file does not name one.
    private static let hosts = [
        ["pypi", "org"], ["pythonhosted", "org"], ["npmjs", "org"], ["npmjs", "com"], ["rubygems", "org"],
        ["crates", "io"], ["metacpan", "org"], ["golang", "org"],
    ].map { $0.joined(separator: ".") }

    @Test(arguments: rules) func `words are where they belong`(_ rule: Rule) throws {
        let regex = try Regex(rule.pattern).anchorsMatchLineEndings()
        for file in Tidy.files where rule.concerns(file.path) {
            for (number, line) in file.lines(rule.part).enumerated() {
                guard let match = line.firstMatch(of: regex) else { continue }
                Issue.record("\(file.path):\(number + 1): `\(line[match.range])`: \(rule.why)")
            }
        }
    }

    // MARK: - Lengths

    private static let longestFile = 800
    private static let longestFunction = 70
    private static let widestLine = 120

    @Test func `files are short enough to read in one go`() {
        for file in Tidy.files where file.isSwift && file.all.count - 1 > Tidy.longestFile {
            Issue.record(
                "\(file.path) has \(file.all.count - 1) lines: over \(Tidy.longestFile) there are two subjects in it")
        }
    }

    @Test func `functions fit on a screen`() {
        for file in Tidy.files {
            for function in file.functions where function.lineCount > Tidy.longestFunction {
                Issue.record(
                    """
                    \(file.path):\(function.line): \(function.name) has \(function.lineCount) lines: over \
                    \(Tidy.longestFunction) nobody sees all of it at once
                    """)
            }
        }
    }

    @Test func `lines fit beside each other`() {
        for file in Tidy.files where file.isSwift {
            for (number, line) in file.all.enumerated() where line.count > Tidy.widestLine {
                Issue.record(
                    "\(file.path):\(number + 1): over \(Tidy.widestLine) columns two files do not fit on a screen")
            }
        }
    }

    // MARK: - Folders

    @Test func `the top level is what a newcomer expects`() {
        let known: Set = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "conformance", "bench", "Dockerfile", "README.md",
            "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile",
        ]
        for name in Repository.topLevel where !known.contains(name) {
            Issue.record("\(name): whoever opens the repository sees only what they need first; put it into a folder")
        }
    }

    @Test func `the rooms of the library are those of the architecture`() {
        let rooms: Set = [
            "AccessControl", "Administration", "Bitmaps", "Cluster", "Commands", "Connections", "EventLoop", "Geo",
            "Hashes", "HyperLogLogs", "Keyspace", "Lists", "Persistence", "PubSub", "RESP", "Scripting", "Server",
            "Sets", "SortedSets", "Streams", "Strings", "Structures", "Testing", "Transactions",
        ]
        for file in Tidy.files where file.path.hasPrefix("Sources/Redstart/") {
            let room = String(file.path.split(separator: "/")[2])
            guard !rooms.contains(room), !room.hasSuffix(".docc") else { continue }
            Issue.record("\(file.path): a folder is a room, and new rooms are drawn in ARCHITECTURE.md first")
        }
    }

    // MARK: - Files

    struct File {
        let path: String
        let isSwift: Bool
        let code: [Substring]
        let literals: [Substring]
        let all: [Substring]
        let functions: [SwiftText.Function]

        init(_ path: String) {
            self.path = path
            isSwift = path.hasSuffix(".swift")
            let text = Repository.text(path)
            if isSwift {
                let swift = SwiftText(text)
                (code, literals, all) = (swift.codeLines, swift.literalLines, swift.lines)
                functions = swift.functions
            } else {
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                (code, literals, all, functions) = (lines, lines, lines, [])
            }
        }

        func lines(_ part: Part) -> [Substring] {
            switch part {
            case .code: code
            case .literals: literals
            case .everything: all
            }
        }
    }

    private static let files: [File] = Repository.files(below: "").filter { isText($0) }.map { File($0) }

    /// Recorded data is as it was recorded.
    private static func isText(_ path: String) -> Bool {
        ![".jsonl", ".json", ".tsv", ".svg", ".png", ".tokens", ".cases"].contains { path.hasSuffix($0) }
    }
}

extension Tidy.Rule {
    fileprivate func concerns(_ path: String) -> Bool {
        about.contains { path.hasPrefix($0) } && !allowed.contains { path.hasPrefix($0) }
    }
}

/// The test's own reader of Swift.
@Suite struct SwiftTextReader {
    @Test func `tells code, comments and literals apart`() {
        let text = SwiftText(#"let a = "x! // \(b!)" // c!"#)
        #expect(String(text.code) == #"let a = "        b! "      "#)
        #expect(text.literals.split(separator: " ").map { String($0) } == ["x!", "//"])
        #expect(text.literals.count == text.all.count)
    }

    @Test func `measures functions`() {
        let text = SwiftText(
            """
            protocol P {
                func without(_ a: Int)
                func more() -> Int
            }
            struct S {
                init(a: [Int] = []) { b = { 1 } }
                func long(
                    a: Int
                ) -> Int {
                    if a > 0 { return 1 }
                    return 2
                }
            }
            """)
        #expect(text.functions.map { $0.name } == ["init", "func long"])
        #expect(text.functions.map { $0.lineCount } == [1, 6])
        #expect(text.functions.map { $0.line } == [6, 7])
    }
}
