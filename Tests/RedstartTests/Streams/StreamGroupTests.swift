import Testing

@testable import Redstart

/// Acknowledging entries.
@Suite struct XACK {
    @Test func `counts what was pending`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            (
                "XREADGROUP GROUP g a STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n*2\r\n$3\r\n"
                    + "1-2\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n"
            ),
            ("XACK s g 1-1 1-1 9", ":1\r\n"),
            ("XACK s g 1-2 a", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XACK s nog a", ":0\r\n"),
            ("XACK nokey g a", ":0\r\n"),
            ("XPENDING s g", "*4\r\n:1\r\n$3\r\n1-2\r\n$3\r\n1-2\r\n*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XACK k g 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

/// Groups and consumers.
@Suite struct XGROUP {
    @Test func `explains its subcommands`() {
        #expect(Session().answer("XGROUP HELP").contains("XGROUP <subcommand>"))
    }

    @Test func `makes and removes groups`() {
        Session().expect([
            (
                "XGROUP CREATE s g 0",
                "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want "
                    + "to use the MKSTREAM option to create an empty stream automatically.\r\n"
            ),
            ("XGROUP CREATE s g 0 MKSTREAM", "+OK\r\n"),
            ("XGROUP CREATE s g 0", "-BUSYGROUP Consumer Group name already exists\r\n"),
            ("XGROUP CREATE s h $ ENTRIESREAD 5", "+OK\r\n"),
            ("XGROUP CREATE s i a", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            (
                "XGROUP CREATE s i 0 foo",
                "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.\r\n"
            ),
            ("XGROUP CREATE s i 0 ENTRIESREAD -2", "-ERR value for ENTRIESREAD must be positive or -1\r\n"),
            ("XGROUP SETID s h 5 ENTRIESREAD 3", "+OK\r\n"),
            ("XGROUP SETID s nog 5", "-NOGROUP No such consumer group 'nog' for key name 's'\r\n"),
            (
                "XINFO GROUPS s",
                "*2\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:0\r\n$7\r\npending\r\n:0\r\n"
                    + "$17\r\nlast-delivered-id\r\n$3\r\n0-0\r\n$12\r\nentries-read\r\n$-1\r\n$3\r\nlag\r\n"
                    + ":0\r\n*12\r\n$4\r\nname\r\n$1\r\nh\r\n$9\r\nconsumers\r\n:0\r\n$7\r\npending\r\n:0\r\n"
                    + "$17\r\nlast-delivered-id\r\n$3\r\n5-0\r\n$12\r\nentries-read\r\n:3\r\n$3\r\nlag\r\n"
                    + ":0\r\n"
            ),
            ("XGROUP DESTROY s h", ":1\r\n"),
            ("XGROUP DESTROY s h", ":0\r\n"),
            (
                "XGROUP DESTROY nokey h",
                "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want "
                    + "to use the MKSTREAM option to create an empty stream automatically.\r\n"
            ),
            ("SET k x", "+OK\r\n"),
            ("XGROUP CREATE k g 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }

    @Test(arguments: [
        ["XGROUP CREATE s g* 0"],
        ["XGROUP CREATECONSUMER s group c*"],
        ["XADD s 1-* f v", "XREADGROUP GROUP group c COUNT 1 STREAMS s >"],
        ["XADD s 1-* f v", "XREADGROUP GROUP group c* COUNT 1 STREAMS s >"],
    ])
    func `what is large in a stream's groups is freed over turns`(_ statements: [String]) {
        for end in ["DEL s", "UNLINK s", "SET s v", "FLUSHALL ASYNC", "PEXPIREAT s 1", "XGROUP DESTROY s group"] {
            // The groups themselves are made of their stream.
            if end.hasPrefix("XGROUP"), statements[0].hasPrefix("XGROUP CREATE ") { continue }
            let session = Session()
            session.answer("XGROUP CREATE s group 0 MKSTREAM")
            let graveyard = session.engine.keyspace.graveyard
            for number in 0..<2_000 {
                for statement in statements {
                    let reply = session.answer(statement.replacing("*", with: "\(10_000 + number)"))
                    #expect(!reply.hasPrefix("-"), "\(reply)")
                }
            }
            #expect(!session.answer(end).hasPrefix("-"))
            #expect(!graveyard.isEmpty, "\(statements) \(end)")
            var turns = 0
            while !graveyard.isEmpty {
                _ = session.engine.keyspace.freeBuried(budget: 16)
                turns += 1
            }
            #expect(turns > 10, "\(statements) \(end)")
            #expect(graveyard.elements == 0)
            session.answer("FLUSHALL")
            while !session.engine.keyspace.freeBuried(budget: 100) {}
            #expect(session.engine.keyspace.slabs.allocatedBytes == 0, "\(statements) \(end)")
        }
    }

    @Test func `makes and removes consumers`() {
        Session().expect([
            ("XADD s 1-1 f v", "$3\r\n1-1\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XGROUP CREATECONSUMER s g a", ":1\r\n"),
            ("XGROUP CREATECONSUMER s g a", ":0\r\n"),
            ("XGROUP CREATECONSUMER s nog a", "-NOGROUP No such consumer group 'nog' for key name 's'\r\n"),
            (
                "XREADGROUP GROUP g a STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"
            ),
            ("XGROUP DELCONSUMER s g a", ":1\r\n"),
            ("XGROUP DELCONSUMER s g a", ":0\r\n"),
            ("XGROUP DELCONSUMER s nog a", "-NOGROUP No such consumer group 'nog' for key name 's'\r\n"),
            ("XPENDING s g", "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n"),
        ])
    }
}

/// What is told of streams.
@Suite struct XINFO {
    @Test func `explains its subcommands`() {
        #expect(Session().answer("XINFO HELP").contains("XINFO <subcommand>"))
    }

    @Test func `tells of a stream`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XDEL s 1-2", ":1\r\n"),
            (
                "XINFO STREAM s",
                "*20\r\n$6\r\nlength\r\n:1\r\n$15\r\nradix-tree-keys\r\n:1\r\n$16\r\nradix-tree-nodes\r\n"
                    + ":2\r\n$17\r\nlast-generated-id\r\n$3\r\n1-2\r\n$20\r\nmax-deleted-entry-id\r\n$3\r\n"
                    + "1-2\r\n$13\r\nentries-added\r\n:2\r\n$23\r\nrecorded-first-entry-id\r\n$3\r\n1-1\r\n"
                    + "$6\r\ngroups\r\n:0\r\n$11\r\nfirst-entry\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n"
                    + "1\r\n$10\r\nlast-entry\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            (
                "XINFO STREAM s FULL",
                "*18\r\n$6\r\nlength\r\n:1\r\n$15\r\nradix-tree-keys\r\n:1\r\n$16\r\nradix-tree-nodes\r\n"
                    + ":2\r\n$17\r\nlast-generated-id\r\n$3\r\n1-2\r\n$20\r\nmax-deleted-entry-id\r\n$3\r\n"
                    + "1-2\r\n$13\r\nentries-added\r\n:2\r\n$23\r\nrecorded-first-entry-id\r\n$3\r\n1-1\r\n"
                    + "$7\r\nentries\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n$6\r\ngroups\r\n"
                    + "*0\r\n"
            ),
            ("XINFO STREAM nokey", "-ERR no such key\r\n"),
            (
                "XINFO STREAM s foo",
                "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.\r\n"
            ),
            ("XINFO STREAM s FULL COUNT a", "-ERR value is not an integer or out of range\r\n"),
        ])
    }

    @Test func `tells of groups and their lag`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            (
                "XINFO GROUPS s",
                "*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:0\r\n$7\r\npending\r\n:0\r\n"
                    + "$17\r\nlast-delivered-id\r\n$3\r\n0-0\r\n$12\r\nentries-read\r\n$-1\r\n$3\r\nlag\r\n"
                    + ":2\r\n"
            ),
            (
                "XREADGROUP GROUP g a COUNT 1 STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            (
                "XINFO GROUPS s",
                "*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:1\r\n$7\r\npending\r\n:1\r\n"
                    + "$17\r\nlast-delivered-id\r\n$3\r\n1-1\r\n$12\r\nentries-read\r\n:1\r\n$3\r\nlag\r\n"
                    + ":1\r\n"
            ),
            ("XDEL s 1-2", ":1\r\n"),
            ("XADD s 1-3 f 3", "$3\r\n1-3\r\n"),
            (
                "XINFO GROUPS s",
                "*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:1\r\n$7\r\npending\r\n:1\r\n"
                    + "$17\r\nlast-delivered-id\r\n$3\r\n1-1\r\n$12\r\nentries-read\r\n:1\r\n$3\r\nlag\r\n"
                    + "$-1\r\n"
            ),
            ("XINFO CONSUMERS s nog", "-NOGROUP No such consumer group 'nog' for key name 's'\r\n"),
            ("XINFO CONSUMERS nokey g", "-ERR no such key\r\n"),
        ])
    }
}
