import Testing

@testable import Redstart

@Suite struct COMMAND {
    @Test(arguments: [
        ("COMMAND COUNT x", "-ERR wrong number of arguments for 'command|count' command\r\n"),
        ("COMMAND NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try COMMAND HELP.\r\n"),
        ("COMMAND HELP x", "-ERR wrong number of arguments for 'command|help' command\r\n"),
    ])
    func `refuses`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `COMMAND, COMMAND INFO and COMMAND COUNT see the same commands`() throws {
        let session = Session()
        session.client.reply.isRESP3 = true
        let all = session.answer("COMMAND")
        #expect(session.answer("COMMAND INFO") == all)
        let parsed = try #require(ParsedReply(all))
        #expect(session.answer("COMMAND COUNT") == ":\(parsed.elements.count)\r\n")
        #expect(parsed.elements.count == session.engine.commands.topLevel.count)
    }

    @Test func `COMMAND HELP answers lines that begin and end as Redis' do`() throws {
        let lines = try #require(ParsedReply(Session().answer("COMMAND HELP"))).elements.compactMap { $0.string }
        #expect(lines.first == "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
        #expect(lines.suffix(2).first == "HELP")
    }
}

@Suite struct COMMAND_INFO {
    private let get = """
        $3\r\nget\r\n:2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n~3\r\n+@read\r\n+@string\r\n+@fast\r\n~0\r\n\
        ~1\r\n%3\r\n$5\r\nflags\r\n~2\r\n+RO\r\n+access\r\n\
        $12\r\nbegin_search\r\n%2\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n%1\r\n$5\r\nindex\r\n:1\r\n\
        $9\r\nfind_keys\r\n%2\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n%3\r\n$7\r\nlastkey\r\n:0\r\n\
        $7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n~0\r\n
        """

    @Test func `describes a command in RESP3`() {
        let session = Session()
        session.client.reply.isRESP3 = true
        #expect(session.answer("COMMAND INFO get") == "*1\r\n*10\r\n" + get)
        #expect(session.answer("COMMAND INFO nosuch GET") == "*2\r\n_\r\n*10\r\n" + get)
    }

    @Test func `describes a command in RESP2`() {
        let flat = get.replacing("%3", with: "*6").replacing("%2", with: "*4").replacing("%1", with: "*2")
            .replacing("~", with: "*")
        #expect(Session().answer("COMMAND INFO get nosuch") == "*2\r\n*10\r\n" + flat + "$-1\r\n")
    }

    @Test(arguments: ["get|x", "command|nosuch", "\"\"", "a-name-that-is-longer-than-any-command-has"])
    func `knows no such command`(_ name: String) {
        #expect(Session().answer("COMMAND INFO \(name)") == "*1\r\n$-1\r\n")
    }

    @Test func `tells flags and categories in Redis' order`() {
        let flags = "*6\r\n+admin\r\n+noscript\r\n+loading\r\n+stale\r\n+no_multi\r\n+allow_busy\r\n"
        let range = ":0\r\n:0\r\n:0\r\n"
        let categories = "*3\r\n+@admin\r\n+@slow\r\n+@dangerous\r\n"
        #expect(
            Session().answer("COMMAND INFO shutdown")
                == "*1\r\n*10\r\n$8\r\nshutdown\r\n:-1\r\n" + flags + range + categories + "*0\r\n*0\r\n*0\r\n")
    }

    @Test func `tells subcommands with their container, and alone`() throws {
        let session = Session()
        session.client.reply.isRESP3 = true
        let container = try #require(ParsedReply(session.answer("COMMAND INFO command"))?.elements.first)
        let alone = try #require(ParsedReply(session.answer("COMMAND INFO Command|Docs"))?.elements.first)
        #expect(container.elements[9].elements.contains(alone))
        #expect(alone.elements[0] == .text("command|docs"))
        #expect(alone.elements[9] == .set([]))
    }
}

@Suite struct COMMAND_DOCS {
    @Test func `documents a command in the order of fields that Redis has`() throws {
        let session = Session()
        session.client.reply.isRESP3 = true
        let docs = try #require(ParsedReply(session.answer("COMMAND DOCS SETEX"))?["setex"])
        #expect(
            docs.keys == [
                "summary", "since", "group", "complexity", "doc_flags", "deprecated_since", "replaced_by", "arguments",
            ])
        #expect(docs["doc_flags"] == .set([.text("deprecated")]))
        #expect(docs["group"] == .text("string"))
    }

    @Test func `documents arguments to the byte`() {
        let session = Session()
        #expect(
            session.answer("COMMAND DOCS set").contains(
                """
                *12\r\n$4\r\nname\r\n$3\r\nget\r\n$4\r\ntype\r\n$10\r\npure-token\r\n\
                $12\r\ndisplay_text\r\n$3\r\nget\r\n\
                $5\r\ntoken\r\n$3\r\nGET\r\n$5\r\nsince\r\n$5\r\n6.2.0\r\n$5\r\nflags\r\n*1\r\n+optional\r\n
                """))
    }

    @Test func `leaves out what is not there`() throws {
        let session = Session()
        session.client.reply.isRESP3 = true
        #expect(session.answer("COMMAND DOCS nosuch") == "%0\r\n")
        #expect(
            try #require(ParsedReply(session.answer("COMMAND DOCS GET nosuch command|count"))).keys == [
                "get", "command|count",
            ])
        let lolwut = try #require(ParsedReply(session.answer("COMMAND DOCS lolwut"))?["lolwut"])
        #expect(lolwut.keys == ["summary", "since", "group", "arguments"])
    }

    @Test func `documents every command`() throws {
        let session = Session()
        session.client.reply.isRESP3 = true
        let docs = try #require(ParsedReply(session.answer("COMMAND DOCS")))
        #expect(docs.keys.count == session.engine.commands.topLevel.count)
        #expect(docs["command"]?["subcommands"]?.keys.contains("command|list") == true)
    }
}

@Suite struct COMMAND_LIST {
    @Test(arguments: [
        ("COMMAND LIST FILTERBY", "-ERR syntax error\r\n"),
        ("COMMAND LIST FILTERBY PATTERN", "-ERR syntax error\r\n"),
        ("COMMAND LIST FILTERBY PATTERN a b", "-ERR syntax error\r\n"),
        ("COMMAND LIST FILTERBY NOSUCH a", "-ERR syntax error\r\n"),
        ("COMMAND LIST NOSUCH", "-ERR syntax error\r\n"),
        ("COMMAND LIST FILTERBY MODULE nosuch", "*0\r\n"),
        ("COMMAND LIST FILTERBY ACLCAT nosuch", "*0\r\n"),
        ("COMMAND LIST FILTERBY ACLCAT @string", "*0\r\n"),
        ("COMMAND LIST FILTERBY PATTERN nosuch", "*0\r\n"),
        ("COMMAND LIST FILTERBY PATTERN STRLE?", "*1\r\n$6\r\nstrlen\r\n"),
        ("COMMAND LIST filterby pattern command|c*", "*1\r\n$13\r\ncommand|count\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `names every command and subcommand, or those of a category`() throws {
        let session = Session()
        let all = try #require(ParsedReply(session.answer("COMMAND LIST"))).elements.compactMap { $0.string }
        #expect(all == session.engine.commands.fullNames.sorted())
        let strings = try #require(ParsedReply(session.answer("COMMAND LIST FILTERBY ACLCAT STRING"))).elements
        #expect(strings.contains(.text("getrange")))
        #expect(!strings.contains(.text("ping")))
    }
}

@Suite struct COMMAND_GETKEYS {
    @Test(arguments: [
        ("COMMAND GETKEYS", "-ERR wrong number of arguments for 'command|getkeys' command\r\n"),
        ("COMMAND GETKEYS get k", "*1\r\n$1\r\nk\r\n"),
        ("COMMAND GETKEYS SET k v EX 10", "*1\r\n$1\r\nk\r\n"),
        ("COMMAND GETKEYS MSET a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
        ("COMMAND GETKEYS MSET a 1 b", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
        ("COMMAND GETKEYS LCS a b", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
        ("COMMAND GETKEYS EVAL x +1 k", "*1\r\n$1\r\nk\r\n"),
        ("COMMAND GETKEYS EVAL x \" 1x\" k j", "*1\r\n$1\r\nk\r\n"),
        ("COMMAND GETKEYS EVAL x 4294967298 k j", "*2\r\n$1\r\nk\r\n$1\r\nj\r\n"),
        ("COMMAND GETKEYS EVAL x -4294967295 k j", "*1\r\n$1\r\nk\r\n"),
        ("COMMAND GETKEYS EVAL x 99999999999999999999 k", "*0\r\n"),
        ("COMMAND GETKEYS ZUNIONSTORE d 1 k", "*2\r\n$1\r\nd\r\n$1\r\nk\r\n"),
        ("COMMAND GETKEYS ZUNIONSTORE d +1 k", "*2\r\n$1\r\nk\r\n$1\r\nd\r\n"),
        ("COMMAND GETKEYS LMPOP 2 k LEFT", "*2\r\n$1\r\nk\r\n$4\r\nLEFT\r\n"),
        ("COMMAND GETKEYS LMPOP +3 k LEFT", "-ERR Invalid arguments specified for command\r\n"),
        ("COMMAND GETKEYSANDFLAGS FCALL f 01 k", "*1\r\n*2\r\n$1\r\nk\r\n*0\r\n"),
        ("COMMAND GETKEYS PING", "-ERR The command has no key arguments\r\n"),
        ("COMMAND GETKEYS ECHO a", "-ERR The command has no key arguments\r\n"),
        ("COMMAND GETKEYS COMMAND COUNT", "-ERR The command has no key arguments\r\n"),
        ("COMMAND GETKEYS COMMAND", "-ERR The command has no key arguments\r\n"),
        ("COMMAND GETKEYS COMMAND NOSUCH", "-ERR Invalid command specified\r\n"),
        ("COMMAND GETKEYS NOSUCH a", "-ERR Invalid command specified\r\n"),
        ("COMMAND GETKEYS GET", "-ERR Invalid number of arguments specified for command\r\n"),
        ("COMMAND GETKEYS GET a b", "-ERR Invalid number of arguments specified for command\r\n"),
        ("COMMAND GETKEYS MSET a", "-ERR Invalid number of arguments specified for command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }
}

@Suite struct COMMAND_GETKEYSANDFLAGS {
    @Test(arguments: [
        ("COMMAND GETKEYSANDFLAGS", "-ERR wrong number of arguments for 'command|getkeysandflags' command\r\n"),
        ("COMMAND GETKEYSANDFLAGS PING", "-ERR The command has no key arguments\r\n"),
        ("COMMAND GETKEYSANDFLAGS NOSUCH", "-ERR Invalid command specified\r\n"),
        ("COMMAND GETKEYSANDFLAGS GET k", "*1\r\n*2\r\n$1\r\nk\r\n*2\r\n+RO\r\n+access\r\n"),
        ("COMMAND GETKEYSANDFLAGS SET k v", "*1\r\n*2\r\n$1\r\nk\r\n*2\r\n+OW\r\n+update\r\n"),
        ("COMMAND GETKEYSANDFLAGS SET k get", "*1\r\n*2\r\n$1\r\nk\r\n*2\r\n+OW\r\n+update\r\n"),
        ("COMMAND GETKEYSANDFLAGS SET k v EX get", "*1\r\n*2\r\n$1\r\nk\r\n*3\r\n+RW\r\n+access\r\n+update\r\n"),
        (
            "COMMAND GETKEYSANDFLAGS MSET a 1 b 2",
            "*2\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n*2\r\n$1\r\nb\r\n*2\r\n+OW\r\n+update\r\n"
        ),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `tells flags as sets in RESP3`() {
        let session = Session()
        session.client.reply.isRESP3 = true
        #expect(session.answer("COMMAND GETKEYSANDFLAGS GET k") == "*1\r\n*2\r\n$1\r\nk\r\n~2\r\n+RO\r\n+access\r\n")
    }
}
