import Testing

@testable import Redstart

/// Adding entries.
@Suite struct XADD {
    @Test func `gives IDs that come after the last`() {
        Session().expect([
            ("XADD s 1-1 f v", "$3\r\n1-1\r\n"),
            ("XADD s 1-* f v", "$3\r\n1-2\r\n"),
            ("XADD s 2 f v", "$3\r\n2-0\r\n"),
            (
                "XADD s 2-0 f v",
                "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n"
            ),
            (
                "XADD s 1-* f v",
                "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n"
            ),
            ("XADD s 0-0 f v", "-ERR The ID specified in XADD must be greater than 0-0\r\n"),
            ("XLEN s", ":3\r\n"),
        ])
    }

    @Test func `refuses what is no ID and no option`() {
        Session().expect([
            ("XADD s a f v", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XADD s 5- f v", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XADD s -5 f v", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XADD s + f v", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XADD s * f", "-ERR wrong number of arguments for 'xadd' command\r\n"),
            ("XADD s 1-1 f v g", "-ERR wrong number of arguments for 'xadd' command\r\n"),
            ("XADD s MAXLEN a 1-1 f v", "-ERR value is not an integer or out of range\r\n"),
            ("XADD s MAXLEN -1 1-1 f v", "-ERR The MAXLEN argument must be >= 0.\r\n"),
            ("XADD s MINID - 1-1 f v", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            (
                "XADD s MAXLEN 5 MINID 5 1-1 f v",
                "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible\r\n"
            ),
            (
                "XADD s LIMIT 5 1-1 f v",
                "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy\r\n"
            ),
            ("XADD s LIMIT 0 1-1 f v", "-ERR syntax error, LIMIT cannot be used without the special ~ option\r\n"),
            ("XADD s MAXLEN ~ 5 LIMIT -1 1-1 f v", "-ERR The LIMIT argument must be >= 0.\r\n"),
            ("EXISTS s", ":0\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XADD k 1-1 f v", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }

    @Test func `takes options in any order and case`() {
        Session().expect([
            ("XADD s nomkstream 1-1 f v", "$-1\r\n"),
            ("XADD s 1-1 f v", "$3\r\n1-1\r\n"),
            ("XADD s LIMIT 3 MaxLen ~ 5 nomkstream 2-1 f v", "$3\r\n2-1\r\n"),
            ("XADD s minid = 2 3-1 f v", "$3\r\n3-1\r\n"),
            (
                "XRANGE s - +",
                "*2\r\n*2\r\n$3\r\n2-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n*2\r\n$3\r\n3-1\r\n*2\r\n$1\r\n"
                    + "f\r\n$1\r\nv\r\n"
            ),
            ("XADD s MAXLEN 0 7-1 f v", "$3\r\n7-1\r\n"),
            ("XLEN s", ":0\r\n"),
        ])
    }

    @Test func `ends with the last of all IDs`() {
        Session().expect([
            (
                "XADD s 18446744073709551615-18446744073709551615 f v",
                "$41\r\n18446744073709551615-18446744073709551615\r\n"
            ),
            ("XADD s * f v", "-ERR The stream has exhausted the last possible ID, unable to add more items\r\n"),
            (
                "XADD s 18446744073709551615-* f v",
                "-ERR The stream has exhausted the last possible ID, unable to add more items\r\n"
            ),
        ])
    }
}

/// Deleting entries by their IDs.
@Suite struct XDEL {
    @Test func `takes entries out`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XDEL s 1-1 9-9 1-1", ":1\r\n"),
            ("XRANGE s - +", "*1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n"),
            ("XDEL s 1-2 a", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XDEL s 1-2", ":1\r\n"),
            ("XLEN s", ":0\r\n"),
            ("EXISTS s", ":1\r\n"),
            (
                "XADD s 1-2 f 2",
                "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n"
            ),
            ("XDEL nokey a", ":0\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XDEL k 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

/// Counting entries.
@Suite struct XLEN {
    @Test func `counts`() {
        Session().expect([
            ("XLEN s", ":0\r\n"),
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XLEN s", ":1\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XLEN k", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("XLEN a b", "-ERR wrong number of arguments for 'xlen' command\r\n"),
        ])
    }
}

/// Reading upwards.
@Suite struct XRANGE {
    @Test func `answers what is between`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 g 2", "$3\r\n1-2\r\n"),
            ("XADD s 2-1 f 3 g 4", "$3\r\n2-1\r\n"),
            (
                "XRANGE s - +",
                "*3\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\n"
                    + "g\r\n$1\r\n2\r\n*2\r\n$3\r\n2-1\r\n*4\r\n$1\r\nf\r\n$1\r\n3\r\n$1\r\ng\r\n$1\r\n4\r\n"
            ),
            (
                "XRANGE s 1 1",
                "*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\n"
                    + "g\r\n$1\r\n2\r\n"
            ),
            ("XRANGE s (1-1 (2-1", "*1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\ng\r\n$1\r\n2\r\n"),
            ("XRANGE s - + COUNT 1", "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"),
            ("XRANGE s - + COUNT 0", "*-1\r\n"),
            ("XRANGE s + -", "*0\r\n"),
            ("XRANGE nokey - +", "*0\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XRANGE s a +", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XRANGE s - 5-*", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XRANGE s (18446744073709551615-18446744073709551615 +", "-ERR invalid start ID for the interval\r\n"),
            ("XRANGE s - (0", "*0\r\n"),
            ("XRANGE s - + COUNT", "-ERR syntax error\r\n"),
            ("XRANGE s - + COUNT a", "-ERR value is not an integer or out of range\r\n"),
            ("XRANGE s - + LIMIT 5", "-ERR syntax error\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XRANGE k - +", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

/// Reading downwards.
@Suite struct XREVRANGE {
    @Test func `answers what is between`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 g 2", "$3\r\n1-2\r\n"),
            ("XADD s 2-1 f 3 g 4", "$3\r\n2-1\r\n"),
            (
                "XREVRANGE s + -",
                "*3\r\n*2\r\n$3\r\n2-1\r\n*4\r\n$1\r\nf\r\n$1\r\n3\r\n$1\r\ng\r\n$1\r\n4\r\n*2\r\n$3\r\n"
                    + "1-2\r\n*2\r\n$1\r\ng\r\n$1\r\n2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            (
                "XREVRANGE s 1 1",
                "*2\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\ng\r\n$1\r\n2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\n"
                    + "f\r\n$1\r\n1\r\n"
            ),
            ("XREVRANGE s (2-1 (1-1", "*1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\ng\r\n$1\r\n2\r\n"),
            (
                "XREVRANGE s + - COUNT 1",
                "*1\r\n*2\r\n$3\r\n2-1\r\n*4\r\n$1\r\nf\r\n$1\r\n3\r\n$1\r\ng\r\n$1\r\n4\r\n"
            ),
            ("XREVRANGE s - +", "*0\r\n"),
            ("XREVRANGE s (0 a", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XREVRANGE nokey + -", "*0\r\n"),
        ])
    }
}

/// Counters of a stream.
@Suite struct XSETID {
    @Test func `sets them`() {
        Session().expect([
            ("XADD s 5-1 f v", "$3\r\n5-1\r\n"),
            ("XSETID s 7-1 ENTRIESADDED 9 MAXDELETEDID 3-1", "+OK\r\n"),
            (
                "XINFO STREAM s",
                "*20\r\n$6\r\nlength\r\n:1\r\n$15\r\nradix-tree-keys\r\n:1\r\n$16\r\nradix-tree-nodes\r\n"
                    + ":2\r\n$17\r\nlast-generated-id\r\n$3\r\n7-1\r\n$20\r\nmax-deleted-entry-id\r\n$3\r\n"
                    + "3-1\r\n$13\r\nentries-added\r\n:9\r\n$23\r\nrecorded-first-entry-id\r\n$3\r\n5-1\r\n"
                    + "$6\r\ngroups\r\n:0\r\n$11\r\nfirst-entry\r\n*2\r\n$3\r\n5-1\r\n*2\r\n$1\r\nf\r\n$1\r\n"
                    + "v\r\n$10\r\nlast-entry\r\n*2\r\n$3\r\n5-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"
            ),
            (
                "XADD s 7-1 f v",
                "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n"
            ),
            ("XADD s 7-2 f v", "$3\r\n7-2\r\n"),
            ("XSETID s 7-1", "-ERR The ID specified in XSETID is smaller than the target stream top item\r\n"),
            (
                "XSETID s 7-2 ENTRIESADDED 1",
                "-ERR The entries_added specified in XSETID is smaller than the target stream length\r\n"
            ),
            (
                "XSETID s 7-2 MAXDELETEDID 8",
                "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id\r\n"
            ),
            ("XSETID s 7-2 foo", "-ERR syntax error\r\n"),
            ("XSETID nokey 1", "-ERR no such key\r\n"),
            ("XSETID s $", "-ERR Invalid stream ID specified as stream command argument\r\n"),
        ])
    }
}

/// Dropping the oldest entries.
@Suite struct XTRIM {
    @Test func `drops down to a count, or up to an ID`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XADD s 2-1 f 3", "$3\r\n2-1\r\n"),
            ("XADD s 3-1 f 4", "$3\r\n3-1\r\n"),
            ("XTRIM s MAXLEN ~ 1", ":0\r\n"),
            ("XTRIM s maxlen = 3", ":1\r\n"),
            ("XTRIM s MINID 2", ":1\r\n"),
            (
                "XRANGE s - +",
                "*2\r\n*2\r\n$3\r\n2-1\r\n*2\r\n$1\r\nf\r\n$1\r\n3\r\n*2\r\n$3\r\n3-1\r\n*2\r\n$1\r\n"
                    + "f\r\n$1\r\n4\r\n"
            ),
            ("XTRIM s MINID 9", ":2\r\n"),
            ("XLEN s", ":0\r\n"),
            ("XTRIM nokey MAXLEN 1", ":0\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XTRIM s MAXLEN", "-ERR wrong number of arguments for 'xtrim' command\r\n"),
            ("XTRIM s MAXLEN a", "-ERR value is not an integer or out of range\r\n"),
            ("XTRIM s LIMIT 5", "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy\r\n"),
            ("XTRIM s LIMIT 0", "-ERR syntax error, XTRIM must be called with a trimming strategy\r\n"),
            ("XTRIM s MAXLEN 5 a", "-ERR syntax error\r\n"),
            ("XTRIM s MAXLEN 5 LIMIT 0", "-ERR syntax error, LIMIT cannot be used without the special ~ option\r\n"),
            (
                "XTRIM s MAXLEN 1 MINID 1",
                "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible\r\n"
            ),
            ("SET k x", "+OK\r\n"),
            ("XTRIM k MAXLEN 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }

    @Test func `drops whole blocks where that is enough`() {
        Session().expect([
            ("CONFIG SET stream-node-max-entries 3", "+OK\r\n"),
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XADD s 1-3 f 3", "$3\r\n1-3\r\n"),
            ("XADD s 1-4 f 4", "$3\r\n1-4\r\n"),
            ("XADD s 1-5 f 5", "$3\r\n1-5\r\n"),
            ("XADD s 1-6 f 6", "$3\r\n1-6\r\n"),
            ("XADD s 1-7 f 7", "$3\r\n1-7\r\n"),
            ("XTRIM s MAXLEN ~ 5", ":0\r\n"),
            ("XTRIM s MAXLEN ~ 4", ":3\r\n"),
            ("XTRIM s MAXLEN ~ 1 LIMIT 2", ":0\r\n"),
            ("XADD s MINID ~ 1-7 1-8 f 8", "$3\r\n1-8\r\n"),
            ("XLEN s", ":2\r\n"),
        ])
    }
}
