import Testing

@testable import Redstart

@Suite struct LCS {
    @Test func `answers the subsequence`() {
        Session().expect([
            ("MSET a ohmytext b mynewtext", "+OK\r\n"),
            ("LCS a b", "$6\r\nmytext\r\n"),
            ("LCS b a", "$6\r\nmytext\r\n"),
            ("LCS a a", "$8\r\nohmytext\r\n"),
            ("LCS a none", "$0\r\n\r\n"),
            ("LCS none nothing", "$0\r\n\r\n"),
            ("LCS a b MINMATCHLEN 4", "$6\r\nmytext\r\n"),
            ("LCS a b WITHMATCHLEN", "$6\r\nmytext\r\n"),
        ])
    }

    @Test func `answers its length`() {
        Session().expect([
            ("MSET a ohmytext b mynewtext", "+OK\r\n"),
            ("LCS a b LEN", ":6\r\n"),
            ("LCS a b len LEN", ":6\r\n"),
            ("LCS a none LEN", ":0\r\n"),
            ("LCS a b LEN MINMATCHLEN 4 WITHMATCHLEN", ":6\r\n"),
        ])
    }

    @Test func `answers the matches, from the last to the first`() {
        Session().expect([
            ("MSET a ohmytext b mynewtext", "+OK\r\n"),
            (
                "LCS a b IDX",
                "*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n"
                    + ":3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n"
            ),
            (
                "LCS a b idx IDX",
                "*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n"
                    + ":3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n"
            ),
            (
                "LCS a b IDX WITHMATCHLEN",
                "*4\r\n$7\r\nmatches\r\n*2\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n*3\r\n*2\r\n"
                    + ":2\r\n:3\r\n*2\r\n:0\r\n:1\r\n:2\r\n$3\r\nlen\r\n:6\r\n"
            ),
            (
                "LCS a b IDX MINMATCHLEN 4",
                "*4\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n$3\r\nlen\r\n:6\r\n"
            ),
            (
                "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
                "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n"
            ),
            ("LCS a b IDX MINMATCHLEN 5", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:6\r\n"),
            (
                "LCS a b IDX MINMATCHLEN 2 MINMATCHLEN 4",
                "*4\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n$3\r\nlen\r\n:6\r\n"
            ),
            (
                "LCS a b IDX MINMATCHLEN -1",
                "*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n"
                    + ":3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n"
            ),
            (
                "LCS a a IDX WITHMATCHLEN",
                "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:0\r\n:7\r\n*2\r\n:0\r\n:7\r\n:8\r\n$3\r\nlen\r\n:8\r\n"
            ),
            ("LCS a none IDX", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n"),
        ])
    }

    @Test func `chooses among several of one length as Redis does`() {
        Session().expect([
            ("MSET a abcabba b cbabac", "+OK\r\n"),
            ("LCS a b", "$4\r\ncbba\r\n"),
            ("LCS b a", "$4\r\nbaba\r\n"),
            (
                "LCS a b IDX",
                "*4\r\n$7\r\nmatches\r\n*3\r\n*2\r\n*2\r\n:5\r\n:6\r\n*2\r\n:3\r\n:4\r\n*2\r\n*2\r\n:4\r\n"
                    + ":4\r\n*2\r\n:1\r\n:1\r\n*2\r\n*2\r\n:2\r\n:2\r\n*2\r\n:0\r\n:0\r\n$3\r\nlen\r\n:4\r\n"
            ),
            (
                "LCS b a IDX",
                "*4\r\n$7\r\nmatches\r\n*3\r\n*2\r\n*2\r\n:3\r\n:4\r\n*2\r\n:5\r\n:6\r\n*2\r\n*2\r\n:2\r\n"
                    + ":2\r\n*2\r\n:3\r\n:3\r\n*2\r\n*2\r\n:1\r\n:1\r\n*2\r\n:1\r\n:1\r\n$3\r\nlen\r\n:4\r\n"
            ),
        ])
    }

    @Test func `reads a number's digits`() {
        Session().expect([
            ("MSET a 12345 b 2345", "+OK\r\n"),
            ("LCS a b", "$4\r\n2345\r\n"),
            (
                "LCS a b IDX",
                "*4\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:1\r\n:4\r\n*2\r\n:0\r\n:3\r\n$3\r\nlen\r\n:4\r\n"
            ),
        ])
    }

    @Test func `checks the keys, then the options`() {
        Session().expect([
            ("LIST l", ""),
            ("SET a x", "+OK\r\n"),
            ("LCS l a", "-ERR The specified keys must contain string values\r\n"),
            ("LCS a l BAD", "-ERR The specified keys must contain string values\r\n"),
            ("LCS none l LEN IDX", "-ERR The specified keys must contain string values\r\n"),
            ("LCS a a BAD", "-ERR syntax error\r\n"),
            ("LCS a a LEN IDX", "-ERR If you want both the length and indexes, please just use IDX.\r\n"),
            ("LCS a a IDX LEN", "-ERR If you want both the length and indexes, please just use IDX.\r\n"),
            ("LCS a a LEN IDX BAD", "-ERR syntax error\r\n"),
            ("LCS a a MINMATCHLEN", "-ERR syntax error\r\n"),
            ("LCS a a MINMATCHLEN abc", "-ERR value is not an integer or out of range\r\n"),
            ("LCS a a MINMATCHLEN 9223372036854775808", "-ERR value is not an integer or out of range\r\n"),
            ("LCS a", "-ERR wrong number of arguments for 'lcs' command\r\n"),
        ])
    }

    @Test func `names the keys it misses`() {
        Session().expectChanges([
            ("SET k v", 1, ["new k", "set k"]),
            ("LCS none k", 0, ["keymiss none"]),
            ("LCS none nothing", 0, ["keymiss none", "keymiss nothing"]),
        ])
    }
}
