import Testing

@testable import Redstart

@Suite struct ZUNION {
    @Test func `joins, with weights and aggregates`() {
        Session().expect([
            ("ZADD a 1 x 2 y", ":2\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZUNION 2 a b", "*3\r\n$1\r\nx\r\n$1\r\nz\r\n$1\r\ny\r\n"),
            ("ZUNION 2 a b WITHSCORES", "*6\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\nz\r\n$1\r\n4\r\n$1\r\ny\r\n$1\r\n5\r\n"),
            (
                "ZUNION 2 a b WEIGHTS 2 -1 WITHSCORES",
                "*6\r\n$1\r\nz\r\n$2\r\n-4\r\n$1\r\ny\r\n$1\r\n1\r\n$1\r\nx\r\n$1\r\n2\r\n"
            ),
            (
                "ZUNION 2 a b AGGREGATE MIN WITHSCORES",
                "*6\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\ny\r\n$1\r\n2\r\n$1\r\nz\r\n$1\r\n4\r\n"
            ),
            (
                "ZUNION 2 a b AGGREGATE max WITHSCORES",
                "*6\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\ny\r\n$1\r\n3\r\n$1\r\nz\r\n$1\r\n4\r\n"
            ),
            ("ZUNION 1 none", "*0\r\n"),
            ("ZUNION 3 a a a WITHSCORES", "*4\r\n$1\r\nx\r\n$1\r\n3\r\n$1\r\ny\r\n$1\r\n6\r\n"),
            ("ZADD c inf x", ":1\r\n"),
            ("ZADD d -inf x", ":1\r\n"),
            ("ZUNION 2 c d WITHSCORES", "*2\r\n$1\r\nx\r\n$1\r\n0\r\n"),
            ("ZUNION 1 c WEIGHTS 0 WITHSCORES", "*2\r\n$1\r\nx\r\n$1\r\n0\r\n"),
            ("ZUNION 0 a", "-ERR at least 1 input key is needed for 'zunion' command\r\n"),
            ("ZUNION x a", "-ERR value is not an integer or out of range\r\n"),
            ("ZUNION 3 a b", "-ERR syntax error\r\n"),
            ("ZUNION 2 a b WEIGHTS 1", "-ERR syntax error\r\n"),
            ("ZUNION 2 a b WEIGHTS 1 x", "-ERR weight value is not a float\r\n"),
            ("ZUNION 2 a b AGGREGATE avg", "-ERR syntax error\r\n"),
            ("ZUNION 2 a b x", "-ERR syntax error\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZUNION 2 a s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZINTER {
    @Test func `keeps what all have`() {
        Session().expect([
            ("ZADD a 1 x 2 y", ":2\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZINTER 2 a b", "*1\r\n$1\r\ny\r\n"),
            ("ZINTER 2 a b WITHSCORES", "*2\r\n$1\r\ny\r\n$1\r\n5\r\n"),
            ("ZINTER 2 a b WEIGHTS 2 3 AGGREGATE MAX WITHSCORES", "*2\r\n$1\r\ny\r\n$1\r\n9\r\n"),
            ("ZINTER 2 a none", "*0\r\n"),
            ("ZINTER 2 a a WITHSCORES", "*4\r\n$1\r\nx\r\n$1\r\n2\r\n$1\r\ny\r\n$1\r\n4\r\n"),
            ("ZINTER 0 a", "-ERR at least 1 input key is needed for 'zinter' command\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZINTER 2 none s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZDIFF {
    @Test func `keeps what the first has alone`() {
        Session().expect([
            ("ZADD a 1 x 2 y 3 w", ":3\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZDIFF 2 a b", "*2\r\n$1\r\nx\r\n$1\r\nw\r\n"),
            ("ZDIFF 2 a b WITHSCORES", "*4\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\nw\r\n$1\r\n3\r\n"),
            ("ZDIFF 2 a a", "*0\r\n"),
            ("ZDIFF 2 none a", "*0\r\n"),
            ("ZDIFF 1 a WEIGHTS 1", "-ERR syntax error\r\n"),
            ("ZDIFF 0 a", "-ERR at least 1 input key is needed for 'zdiff' command\r\n"),
        ])
    }
}

@Suite struct ZUNIONSTORE {
    @Test func `stores, and removes the target where nothing is left`() {
        Session().expect([
            ("ZADD a 1 x 2 y", ":2\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZUNIONSTORE d 2 a b WEIGHTS 1 10", ":3\r\n"),
            (
                "ZRANGE d 0 -1 WITHSCORES",
                "*6\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\ny\r\n$2\r\n32\r\n$1\r\nz\r\n$2\r\n40\r\n"
            ),
            ("ZUNIONSTORE a 2 a b", ":3\r\n"),
            ("ZRANGE a 0 -1 WITHSCORES", "*6\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\nz\r\n$1\r\n4\r\n$1\r\ny\r\n$1\r\n5\r\n"),
            ("ZUNIONSTORE a 1 none", ":0\r\n"),
            ("EXISTS a", ":0\r\n"),
            ("ZUNIONSTORE d 1 b WITHSCORES", "-ERR syntax error\r\n"),
            ("ZUNIONSTORE d 0 b", "-ERR at least 1 input key is needed for 'zunionstore' command\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZUNIONSTORE d 1 s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZINTERSTORE {
    @Test func `stores what all have`() {
        Session().expect([
            ("ZADD a 1 x 2 y", ":2\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZINTERSTORE d 2 a b AGGREGATE MIN", ":1\r\n"),
            ("ZRANGE d 0 -1 WITHSCORES", "*2\r\n$1\r\ny\r\n$1\r\n2\r\n"),
            ("ZINTERSTORE d 2 a none", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
        ])
    }
}

@Suite struct ZDIFFSTORE {
    @Test func `stores what the first has alone`() {
        Session().expect([
            ("ZADD a 1 x 2 y", ":2\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZDIFFSTORE d 2 a b", ":1\r\n"),
            ("ZRANGE d 0 -1 WITHSCORES", "*2\r\n$1\r\nx\r\n$1\r\n1\r\n"),
            ("ZDIFFSTORE d 2 a a", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
            ("ZDIFFSTORE d 2 a b WITHSCORES", "-ERR syntax error\r\n"),
        ])
    }
}

@Suite struct ZINTERCARD {
    @Test func `counts what all have, up to a limit`() {
        Session().expect([
            ("ZADD a 1 x 2 y 3 z", ":3\r\n"),
            ("ZADD b 3 y 4 z", ":2\r\n"),
            ("ZINTERCARD 2 a b", ":2\r\n"),
            ("ZINTERCARD 2 a b LIMIT 1", ":1\r\n"),
            ("ZINTERCARD 2 a b LIMIT 0", ":2\r\n"),
            ("ZINTERCARD 2 a none", ":0\r\n"),
            ("ZINTERCARD 2 a b LIMIT -1", "-ERR LIMIT can't be negative\r\n"),
            ("ZINTERCARD 2 a b LIMIT x", "-ERR LIMIT can't be negative\r\n"),
            ("ZINTERCARD 2 a b LIMIT", "-ERR syntax error\r\n"),
            ("ZINTERCARD 0 a", "-ERR at least 1 input key is needed for 'zintercard' command\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZINTERCARD 2 a s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}
