import Testing

@testable import Redstart

/// Reading several streams.
@Suite struct XREAD {
    @Test func `answers what comes after an ID`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD t 5-1 f 3", "$3\r\n5-1\r\n"),
            ("XREAD STREAMS s 0", "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"),
            ("XREAD STREAMS s 1-1", "*-1\r\n"),
            ("XREAD STREAMS s $", "*-1\r\n"),
            (
                "XREAD COUNT 1 STREAMS s t nokey 0 1 0",
                "*2\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n*2\r\n$1\r\n"
                    + "t\r\n*1\r\n*2\r\n$3\r\n5-1\r\n*2\r\n$1\r\nf\r\n$1\r\n3\r\n"
            ),
            (
                "XREAD BLOCK 10 STREAMS t 0",
                "*1\r\n*2\r\n$1\r\nt\r\n*1\r\n*2\r\n$3\r\n5-1\r\n*2\r\n$1\r\nf\r\n$1\r\n3\r\n"
            ),
            ("XREAD STREAMS nokey 0", "*-1\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XREAD STREAMS s", "-ERR wrong number of arguments for 'xread' command\r\n"),
            ("XREAD COUNT a STREAMS s 0", "-ERR value is not an integer or out of range\r\n"),
            ("XREAD BLOCK -1 STREAMS s 0", "-ERR timeout is negative\r\n"),
            ("XREAD BLOCK a STREAMS s 0", "-ERR timeout is not an integer or out of range\r\n"),
            (
                "XREAD GROUP g c STREAMS s 0",
                "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.\r\n"
            ),
            (
                "XREAD NOACK STREAMS s 0",
                "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.\r\n"
            ),
            (
                "XREAD STREAMS s >",
                "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <con"
                    + "sumer> option.\r\n"
            ),
            ("XREAD STREAMS s 5-*", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XREAD foo STREAMS s 0", "-ERR syntax error\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XREAD STREAMS s k 0 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

/// Reading as one of a group.
@Suite struct XREADGROUP {
    @Test func `gives each entry to one consumer`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            (
                "XREADGROUP GROUP g a COUNT 1 STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            (
                "XREADGROUP COUNT 9 NOACK GROUP g b STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n"
            ),
            ("XREADGROUP GROUP g a STREAMS s >", "*-1\r\n"),
            (
                "XREADGROUP GROUP g a STREAMS s 0",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            ("XREADGROUP GROUP g b STREAMS s 0", "*1\r\n*2\r\n$1\r\ns\r\n*0\r\n"),
            ("XDEL s 1-1", ":1\r\n"),
            ("XREADGROUP GROUP g a STREAMS s 0", "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*-1\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            (
                "XREADGROUP GROUP nog a STREAMS s >",
                "-NOGROUP No such key 's' or consumer group 'nog' in XREADGROUP with GROUP option\r\n"
            ),
            (
                "XREADGROUP GROUP g a STREAMS nokey >",
                "-NOGROUP No such key 'nokey' or consumer group 'g' in XREADGROUP with GROUP option\r\n"
            ),
            ("XREADGROUP COUNT 1 STREAMS s s > >", "-ERR Missing GROUP option for XREADGROUP\r\n"),
            (
                "XREADGROUP GROUP g a STREAMS s $",
                "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history "
                    + "of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ I"
                    + "D would just return an empty result set.\r\n"
            ),
            ("XREADGROUP GROUP g a STREAMS s bad", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XREADGROUP GROUP g a FOO STREAMS s >", "-ERR syntax error\r\n"),
            ("SET k x", "+OK\r\n"),
            (
                "XREADGROUP GROUP g a STREAMS k >",
                "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
            ),
        ])
    }
}
