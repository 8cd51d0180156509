import Testing

@testable import Redstart

@Suite struct ZCOUNT {
    @Test func `counts by score`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c inf d", ":4\r\n"),
            ("ZCOUNT z -inf +inf", ":4\r\n"),
            ("ZCOUNT z 1 3", ":3\r\n"),
            ("ZCOUNT z (1 (3", ":1\r\n"),
            ("ZCOUNT z 3 1", ":0\r\n"),
            ("ZCOUNT z (inf inf", ":0\r\n"),
            ("ZCOUNT z (3 inf", ":1\r\n"),
            ("ZCOUNT none 1 2", ":0\r\n"),
            ("ZCOUNT z x 2", "-ERR min or max is not a float\r\n"),
            ("ZCOUNT z 1 nan", "-ERR min or max is not a float\r\n"),
            ("ZCOUNT none 1 x", "-ERR min or max is not a float\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZCOUNT s 1 2", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZCOUNT z 1", "-ERR wrong number of arguments for 'zcount' command\r\n"),
        ])
    }
}

@Suite struct ZLEXCOUNT {
    @Test func `counts by bytes`() {
        Session().expect([
            ("ZADD z 0 a 0 b 0 c 0 10 0 9", ":5\r\n"),
            ("ZLEXCOUNT z - +", ":5\r\n"),
            ("ZLEXCOUNT z [a [b", ":2\r\n"),
            ("ZLEXCOUNT z (a +", ":2\r\n"),
            ("ZLEXCOUNT z [1 (b", ":3\r\n"),
            ("ZLEXCOUNT z + -", ":0\r\n"),
            ("ZLEXCOUNT none - +", ":0\r\n"),
            ("ZLEXCOUNT z a b", "-ERR min or max not valid string range item\r\n"),
            ("ZLEXCOUNT z [a b", "-ERR min or max not valid string range item\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZLEXCOUNT s - +", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZRANGE {
    @Test func `answers ranks, also from the end`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZRANGE z 0 -1", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGE z -2 -1 WITHSCORES", "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3\r\n"),
            ("ZRANGE z 0 1 REV", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n"),
            ("ZRANGE z 0 0 REV WITHSCORES", "*2\r\n$1\r\nc\r\n$1\r\n3\r\n"),
            ("ZRANGE z 2 1", "*0\r\n"),
            ("ZRANGE z 5 9", "*0\r\n"),
            ("ZRANGE z -9 9", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGE z 0 9223372036854775807", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGE z -9223372036854775808 0", "*1\r\n$1\r\na\r\n"),
            ("ZRANGE none 0 -1", "*0\r\n"),
        ])
    }

    @Test func `answers scores and bytes, with limits`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c 3 d", ":4\r\n"),
            ("ZRANGE z 1 3 BYSCORE", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n"),
            (
                "ZRANGE z (1 +inf BYSCORE WITHSCORES",
                "*6\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3\r\n$1\r\nd\r\n$1\r\n3\r\n"
            ),
            ("ZRANGE z 3 1 BYSCORE REV", "*4\r\n$1\r\nd\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n"),
            ("ZRANGE z 1 3 BYSCORE REV", "*0\r\n"),
            ("ZRANGE z -inf +inf BYSCORE LIMIT 1 2", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGE z -inf +inf BYSCORE LIMIT 1 -1", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n"),
            ("ZRANGE z -inf +inf BYSCORE LIMIT -1 2", "*0\r\n"),
            ("ZRANGE z -inf +inf BYSCORE LIMIT 0 0", "*0\r\n"),
            ("ZRANGE z +inf -inf BYSCORE REV LIMIT 1 2", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n"),
            ("ZADD x 0 a 0 b 0 c 0 d", ":4\r\n"),
            ("ZRANGE x [b + BYLEX", "*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n"),
            ("ZRANGE x - (c BYLEX", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
            ("ZRANGE x + [b BYLEX REV LIMIT 1 5", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n"),
            ("ZRANGE x - + BYLEX LIMIT 1 2", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ])
    }

    @Test func `refuses options that do not go together`() {
        Session().expect([
            ("ZADD z 1 a", ":1\r\n"),
            (
                "ZRANGE z 0 -1 LIMIT 0 1",
                "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n"
            ),
            ("ZRANGE z 0 -1 LIMIT 0 -1", "*1\r\n$1\r\na\r\n"),
            ("ZRANGE z 0 -1 LIMIT x 1", "-ERR value is not an integer or out of range\r\n"),
            ("ZRANGE z 0 -1 LIMIT 0", "-ERR syntax error\r\n"),
            (
                "ZRANGE z - + BYLEX WITHSCORES",
                "-ERR syntax error, WITHSCORES not supported in combination with BYLEX\r\n"
            ),
            ("ZRANGE z 0 -1 BYSCORE BYLEX", "-ERR syntax error\r\n"),
            ("ZRANGE z 0 -1 REV REV", "-ERR syntax error\r\n"),
            ("ZRANGE z 0 -1 x", "-ERR syntax error\r\n"),
            ("ZRANGE z a 1", "-ERR value is not an integer or out of range\r\n"),
            ("ZRANGE z a 1 BYSCORE", "-ERR min or max is not a float\r\n"),
            ("ZRANGE z a + BYLEX", "-ERR min or max not valid string range item\r\n"),
            ("ZRANGE none a 1", "-ERR value is not an integer or out of range\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZRANGE s 0 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZRANGE z 0", "-ERR wrong number of arguments for 'zrange' command\r\n"),
        ])
    }
}

@Suite struct ZRANGESTORE {
    @Test func `stores a range, or removes the target where nothing is in it`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZRANGESTORE d z 0 1", ":2\r\n"),
            ("ZRANGE d 0 -1 WITHSCORES", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("ZRANGESTORE d z 2 3 BYSCORE LIMIT 1 1", ":1\r\n"),
            ("ZRANGE d 0 -1 WITHSCORES", "*2\r\n$1\r\nc\r\n$1\r\n3\r\n"),
            ("ZRANGESTORE d z +inf -inf BYSCORE REV LIMIT 0 2", ":2\r\n"),
            ("ZRANGE d 0 -1 WITHSCORES", "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3\r\n"),
            ("ZRANGESTORE z z 1 1", ":1\r\n"),
            ("ZRANGE z 0 -1 WITHSCORES", "*2\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("ZRANGESTORE d z 5 6", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
            ("ZRANGESTORE d none 0 -1", ":0\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZRANGESTORE s z 0 -1", ":1\r\n"),
            ("TYPE s", "+zset\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZRANGESTORE d s 0 -1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZRANGESTORE d z 0 -1 WITHSCORES", "-ERR syntax error\r\n"),
            ("ZRANGESTORE d z x 1", "-ERR value is not an integer or out of range\r\n"),
        ])
    }
}

@Suite struct ZRANGEBYSCORE {
    @Test func `answers by score`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZRANGEBYSCORE z -inf (3 WITHSCORES LIMIT 1 5", "*2\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("ZRANGEBYSCORE z 2 +inf", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGEBYSCORE z 3 2", "*0\r\n"),
            ("ZRANGEBYSCORE z x 2", "-ERR min or max is not a float\r\n"),
            ("ZRANGEBYSCORE z 1 2 REV", "-ERR syntax error\r\n"),
            ("ZRANGEBYSCORE z 1 2 LIMIT 1", "-ERR syntax error\r\n"),
            ("ZRANGEBYSCORE none 1 2", "*0\r\n"),
        ])
    }
}

@Suite struct ZREVRANGEBYSCORE {
    @Test func `answers by score, from the greatest on`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZREVRANGEBYSCORE z (3 -inf WITHSCORES", "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("ZREVRANGEBYSCORE z +inf 2 LIMIT 1 1", "*1\r\n$1\r\nb\r\n"),
            ("ZREVRANGEBYSCORE z 2 3", "*0\r\n"),
            ("ZREVRANGEBYSCORE z x 2", "-ERR min or max is not a float\r\n"),
        ])
    }
}

@Suite struct ZRANGEBYLEX {
    @Test func `answers by bytes`() {
        Session().expect([
            ("ZADD z 0 a 0 b 0 c 0 ab", ":4\r\n"),
            ("ZRANGEBYLEX z - +", "*4\r\n$1\r\na\r\n$2\r\nab\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGEBYLEX z (a [b", "*2\r\n$2\r\nab\r\n$1\r\nb\r\n"),
            ("ZRANGEBYLEX z [ +", "*4\r\n$1\r\na\r\n$2\r\nab\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("ZRANGEBYLEX z - + LIMIT 1 2", "*2\r\n$2\r\nab\r\n$1\r\nb\r\n"),
            ("ZRANGEBYLEX z + -", "*0\r\n"),
            ("ZRANGEBYLEX z a b", "-ERR min or max not valid string range item\r\n"),
            ("ZRANGEBYLEX z -a +", "-ERR min or max not valid string range item\r\n"),
        ])
    }
}

@Suite struct ZREVRANGEBYLEX {
    @Test func `answers by bytes, from the last on`() {
        Session().expect([
            ("ZADD z 0 a 0 b 0 c 0 ab", ":4\r\n"),
            ("ZREVRANGEBYLEX z + -", "*4\r\n$1\r\nc\r\n$1\r\nb\r\n$2\r\nab\r\n$1\r\na\r\n"),
            ("ZREVRANGEBYLEX z [b (a", "*2\r\n$1\r\nb\r\n$2\r\nab\r\n"),
            ("ZREVRANGEBYLEX z + - LIMIT 1 2", "*2\r\n$1\r\nb\r\n$2\r\nab\r\n"),
            ("ZREVRANGEBYLEX z - +", "*0\r\n"),
        ])
    }
}

@Suite struct ZREVRANGE {
    @Test func `answers ranks from the end`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZREVRANGE z 0 -1", "*3\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n"),
            ("ZREVRANGE z 0 1 WITHSCORES", "*4\r\n$1\r\nc\r\n$1\r\n3\r\n$1\r\nb\r\n$1\r\n2\r\n"),
            ("ZREVRANGE z 1 9", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"),
            ("ZREVRANGE z x 9", "-ERR value is not an integer or out of range\r\n"),
            ("ZREVRANGE z 0 1 REV", "-ERR syntax error\r\n"),
        ])
    }
}

@Suite struct ZREMRANGEBYRANK {
    @Test func `removes by rank`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c 4 d", ":4\r\n"),
            ("ZREMRANGEBYRANK z 1 2", ":2\r\n"),
            ("ZRANGE z 0 -1", "*2\r\n$1\r\na\r\n$1\r\nd\r\n"),
            ("ZREMRANGEBYRANK z 5 9", ":0\r\n"),
            ("ZREMRANGEBYRANK z 0 -1", ":2\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("ZREMRANGEBYRANK none 0 -1", ":0\r\n"),
            ("ZREMRANGEBYRANK none x -1", "-ERR value is not an integer or out of range\r\n"),
        ])
    }
}

@Suite struct ZREMRANGEBYSCORE {
    @Test func `removes by score`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c 4 d", ":4\r\n"),
            ("ZREMRANGEBYSCORE z (1 3", ":2\r\n"),
            ("ZRANGE z 0 -1", "*2\r\n$1\r\na\r\n$1\r\nd\r\n"),
            ("ZREMRANGEBYSCORE z 9 10", ":0\r\n"),
            ("ZREMRANGEBYSCORE z -inf +inf", ":2\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("ZREMRANGEBYSCORE none x 1", "-ERR min or max is not a float\r\n"),
        ])
    }
}

@Suite struct ZREMRANGEBYLEX {
    @Test func `removes by bytes`() {
        Session().expect([
            ("ZADD z 0 a 0 b 0 c 0 d", ":4\r\n"),
            ("ZREMRANGEBYLEX z [b (d", ":2\r\n"),
            ("ZRANGE z 0 -1", "*2\r\n$1\r\na\r\n$1\r\nd\r\n"),
            ("ZREMRANGEBYLEX z - +", ":2\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("ZREMRANGEBYLEX none a b", "-ERR min or max not valid string range item\r\n"),
        ])
    }
}
