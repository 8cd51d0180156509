import Testing

@testable import Redstart

/// What is pending.
@Suite struct XPENDING {
    @Test func `tells the sum, and the entries`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XPENDING s g", "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n"),
            (
                "XREADGROUP GROUP g b COUNT 1 STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            (
                "XREADGROUP GROUP g a STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n"
            ),
            (
                "XPENDING s g",
                "*4\r\n:2\r\n$3\r\n1-1\r\n$3\r\n1-2\r\n*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\n"
                    + "b\r\n$1\r\n1\r\n"
            ),
            ("XPENDING s g IDLE 5 - + 10", "*0\r\n"),
            ("XPENDING s g - + 0", "*0\r\n"),
            ("XPENDING s g - + 10 nobody", "*0\r\n"),
            ("XPENDING s g (1-2 + 10", "*0\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XPENDING s g a", "-ERR syntax error\r\n"),
            ("XPENDING s g - + a", "-ERR value is not an integer or out of range\r\n"),
            ("XPENDING s g a + 10", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XPENDING s g IDLE 5", "-ERR syntax error\r\n"),
            ("XPENDING s g IDLE a - + 10", "-ERR value is not an integer or out of range\r\n"),
            ("XPENDING s nog", "-NOGROUP No such key 's' or consumer group 'nog'\r\n"),
            ("XPENDING nokey g a b c", "-ERR value is not an integer or out of range\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XPENDING k g", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

/// Claiming entries by their IDs.
@Suite struct XCLAIM {
    @Test func `makes entries another consumer's`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XGROUP CREATECONSUMER s g b", ":1\r\n"),
            (
                "XREADGROUP GROUP g a COUNT 1 STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"
            ),
            ("XCLAIM s g b 1000 1-1", "*0\r\n"),
            ("XCLAIM s g b 0 1-1 1-2", "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n"),
            ("XCLAIM s g b 0 1-2 FORCE JUSTID", "*1\r\n$3\r\n1-2\r\n"),
            ("XDEL s 1-1", ":1\r\n"),
            ("XCLAIM s g b 0 1-1", "*0\r\n"),
            ("XPENDING s g", "*4\r\n:1\r\n$3\r\n1-2\r\n$3\r\n1-2\r\n*1\r\n*2\r\n$1\r\nb\r\n$1\r\n1\r\n"),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XCLAIM s g a x 1-1", "-ERR Invalid min-idle-time argument for XCLAIM\r\n"),
            ("XCLAIM s g a 0 x", "-ERR Unrecognized XCLAIM option 'x'\r\n"),
            ("XCLAIM s g a 0 1-1 foo", "-ERR Unrecognized XCLAIM option 'foo'\r\n"),
            ("XCLAIM s g a 0 1-1 IDLE x", "-ERR Invalid IDLE option argument for XCLAIM\r\n"),
            ("XCLAIM s g a 0 1-1 TIME x", "-ERR Invalid TIME option argument for XCLAIM\r\n"),
            ("XCLAIM s g a 0 1-1 RETRYCOUNT x", "-ERR Invalid RETRYCOUNT option argument for XCLAIM\r\n"),
            ("XCLAIM s g a 0 1-1 LASTID x", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XCLAIM nokey g a x 1-1", "-NOGROUP No such key 'nokey' or consumer group 'g'\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XCLAIM k g a 0 1-1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

/// Claiming what was pending for too long.
@Suite struct XAUTOCLAIM {
    @Test func `walks over what is pending`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XADD s 1-2 f 2", "$3\r\n1-2\r\n"),
            ("XADD s 1-3 f 3", "$3\r\n1-3\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XGROUP CREATECONSUMER s g b", ":1\r\n"),
            (
                "XREADGROUP GROUP g a STREAMS s >",
                "*1\r\n*2\r\n$1\r\ns\r\n*3\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n*2\r\n$3\r\n"
                    + "1-2\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n*2\r\n$3\r\n1-3\r\n*2\r\n$1\r\nf\r\n$1\r\n3\r\n"
            ),
            (
                "XAUTOCLAIM s g b 0 0 COUNT 1",
                "*3\r\n$3\r\n1-2\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n*0\r\n"
            ),
            ("XAUTOCLAIM s g b 0 (1-1 JUSTID COUNT 1", "*3\r\n$3\r\n1-3\r\n*1\r\n$3\r\n1-2\r\n*0\r\n"),
            ("XAUTOCLAIM s g b 5000 0", "*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n"),
            ("XDEL s 1-1", ":1\r\n"),
            (
                "XAUTOCLAIM s g b 0 - COUNT 2",
                "*3\r\n$3\r\n1-3\r\n*1\r\n*2\r\n$3\r\n1-2\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n*1\r\n$3\r\n"
                    + "1-1\r\n"
            ),
            (
                "XPENDING s g",
                "*4\r\n:2\r\n$3\r\n1-2\r\n$3\r\n1-3\r\n*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\n"
                    + "b\r\n$1\r\n1\r\n"
            ),
        ])
    }

    @Test func `refuses`() {
        Session().expect([
            ("XADD s 1-1 f 1", "$3\r\n1-1\r\n"),
            ("XGROUP CREATE s g 0", "+OK\r\n"),
            ("XAUTOCLAIM s g a x 0", "-ERR Invalid min-idle-time argument for XAUTOCLAIM\r\n"),
            ("XAUTOCLAIM s g a 0 x", "-ERR Invalid stream ID specified as stream command argument\r\n"),
            ("XAUTOCLAIM s g a 0 0 COUNT 0", "-ERR COUNT must be > 0\r\n"),
            ("XAUTOCLAIM s g a 0 0 foo", "-ERR syntax error\r\n"),
            ("XAUTOCLAIM s nog a 0 0", "-NOGROUP No such key 's' or consumer group 'nog'\r\n"),
            ("SET k x", "+OK\r\n"),
            ("XAUTOCLAIM k g a 0 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}
