import Testing

@testable import Redstart

@Suite struct ZADD {
    @Test func `adds members, changes scores, and says how many are new`() {
        Session().expect([
            ("ZADD z 1 a 2 b 2 b", ":2\r\n"),
            ("ZADD z 3 a 4 c", ":1\r\n"),
            ("ZADD z CH 3 a 5 c 6 d", ":2\r\n"),
            (
                "ZRANGE z 0 -1 WITHSCORES",
                "*8\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\n3\r\n$1\r\nc\r\n$1\r\n5\r\n$1\r\nd\r\n$1\r\n6\r\n"
            ),
            ("ZADD z -0.5 e +inf f -inf g 1e3 h 0x10 i", ":5\r\n"),
            (
                "ZRANGE z 0 -1 WITHSCORES",
                "*18\r\n$1\r\ng\r\n$4\r\n-inf\r\n$1\r\ne\r\n$4\r\n-0.5\r\n$1\r\nb\r\n$1\r\n2\r\n"
                    + "$1\r\na\r\n$1\r\n3\r\n$1\r\nc\r\n$1\r\n5\r\n$1\r\nd\r\n$1\r\n6\r\n$1\r\ni\r\n$2\r\n16\r\n"
                    + "$1\r\nh\r\n$4\r\n1000\r\n$1\r\nf\r\n$3\r\ninf\r\n"
            ),
            (#"ZADD z 7 "" 7 1234 7 012"#, ":3\r\n"),
            ("ZRANGEBYSCORE z 7 7", "*3\r\n$0\r\n\r\n$3\r\n012\r\n$4\r\n1234\r\n"),
        ])
    }

    @Test func `follows its options`() {
        Session().expect([
            ("ZADD z NX 1 a", ":1\r\n"),
            ("ZADD z NX 9 a 2 b", ":1\r\n"),
            ("ZADD z XX 3 a 3 c", ":0\r\n"),
            ("ZADD z XX CH 3 a 4 a", ":1\r\n"),
            ("ZADD z GT CH 5 a 1 b 1 new", ":2\r\n"),
            ("ZADD z LT CH 1 a 5 b 7 new2", ":2\r\n"),
            ("ZADD z XX GT CH 9 a 9 absent", ":1\r\n"),
            ("ZADD z gt ch 9 a 9.5 a", ":1\r\n"),
            (
                "ZRANGE z 0 -1 WITHSCORES",
                "*8\r\n$3\r\nnew\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n$4\r\nnew2\r\n$1\r\n7\r\n$1\r\na\r\n$3\r\n9.5\r\n"
            ),
            ("ZADD none XX 1 a", ":0\r\n"),
            ("ZADD none XX INCR 1 a", "$-1\r\n"),
            ("EXISTS none", ":0\r\n"),
        ])
    }

    @Test func `with INCR answers the new score, or nothing`() {
        Session().expect([
            ("ZADD z INCR 1.5 a", "$3\r\n1.5\r\n"),
            ("ZADD z INCR 1.5 a", "$1\r\n3\r\n"),
            ("ZADD z NX INCR 1 a", "$-1\r\n"),
            ("ZADD z XX INCR 1 b", "$-1\r\n"),
            ("ZADD z GT INCR -1 a", "$-1\r\n"),
            ("ZADD z LT INCR -1 a", "$1\r\n2\r\n"),
            ("ZADD z INCR +inf a", "$3\r\ninf\r\n"),
            ("ZADD z INCR -inf a", "-ERR resulting score is not a number (NaN)\r\n"),
            ("ZSCORE z a", "$3\r\ninf\r\n"),
        ])
    }

    @Test func `refuses what makes no sense, and changes nothing then`() {
        Session().expect([
            ("ZADD z NX XX 1 a", "-ERR XX and NX options at the same time are not compatible\r\n"),
            ("ZADD z NX GT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n"),
            ("ZADD z NX LT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n"),
            ("ZADD z GT LT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n"),
            ("ZADD z INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair\r\n"),
            ("ZADD z 1 a 2", "-ERR syntax error\r\n"),
            ("ZADD z NX a", "-ERR syntax error\r\n"),
            ("ZADD z nan a", "-ERR value is not a valid float\r\n"),
            ("ZADD z 1 a x b", "-ERR value is not a valid float\r\n"),
            (#"ZADD z "" a"#, "-ERR value is not a valid float\r\n"),
            (#"ZADD z " 1" a"#, "-ERR value is not a valid float\r\n"),
            ("ZADD z 1e400 a", "-ERR value is not a valid float\r\n"),
            ("ZADD z 1", "-ERR wrong number of arguments for 'zadd' command\r\n"),
            ("ZADD", "-ERR wrong number of arguments for 'zadd' command\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZADD s 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZADD s x a", "-ERR value is not a valid float\r\n"),
        ])
    }
}

@Suite struct ZINCRBY {
    @Test func `adds to a score, from zero on`() {
        Session().expect([
            ("ZINCRBY z 1.25 a", "$4\r\n1.25\r\n"),
            ("ZINCRBY z 1.25 a", "$3\r\n2.5\r\n"),
            ("ZINCRBY z -10 a", "$4\r\n-7.5\r\n"),
            ("ZINCRBY z 3 b", "$1\r\n3\r\n"),
            ("ZRANGE z 0 -1 WITHSCORES", "*4\r\n$1\r\na\r\n$4\r\n-7.5\r\n$1\r\nb\r\n$1\r\n3\r\n"),
        ])
    }

    @Test func `refuses what is no number, and what comes to none`() {
        Session().expect([
            ("ZADD z inf a", ":1\r\n"),
            ("ZINCRBY z -inf a", "-ERR resulting score is not a number (NaN)\r\n"),
            ("ZINCRBY z x a", "-ERR value is not a valid float\r\n"),
            ("ZINCRBY z nan a", "-ERR value is not a valid float\r\n"),
            ("ZINCRBY z 1", "-ERR wrong number of arguments for 'zincrby' command\r\n"),
            ("ZINCRBY z 1 a b", "-ERR wrong number of arguments for 'zincrby' command\r\n"),
            ("ZSCORE z a", "$3\r\ninf\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZINCRBY s 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZCARD {
    @Test func `counts members`() {
        Session().expect([
            ("ZCARD none", ":0\r\n"),
            ("ZADD z 1 a 2 b", ":2\r\n"),
            ("ZCARD z", ":2\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZCARD s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZCARD", "-ERR wrong number of arguments for 'zcard' command\r\n"),
        ])
    }
}

@Suite struct ZSCORE {
    @Test func `answers a score, or nothing`() {
        Session().expect([
            ("ZADD z 1 a 2.5 b inf c 100000000000000000000 d", ":4\r\n"),
            ("ZSCORE z a", "$1\r\n1\r\n"),
            ("ZSCORE z b", "$3\r\n2.5\r\n"),
            ("ZSCORE z c", "$3\r\ninf\r\n"),
            ("ZSCORE z d", "$5\r\n1e+20\r\n"),
            ("ZSCORE z none", "$-1\r\n"),
            ("ZSCORE none a", "$-1\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZSCORE s a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZSCORE z", "-ERR wrong number of arguments for 'zscore' command\r\n"),
        ])
    }
}

@Suite struct ZMSCORE {
    @Test func `answers several scores`() {
        Session().expect([
            ("ZADD z 1 a 2 b", ":2\r\n"),
            ("ZMSCORE z a none b a", "*4\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n$1\r\n1\r\n"),
            ("ZMSCORE none a b", "*2\r\n$-1\r\n$-1\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZMSCORE s a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZMSCORE z", "-ERR wrong number of arguments for 'zmscore' command\r\n"),
        ])
    }
}

@Suite struct ZRANK {
    @Test func `counts the members before one`() {
        Session().expect([
            ("ZADD z 1 a 2 b 2 c", ":3\r\n"),
            ("ZRANK z a", ":0\r\n"),
            ("ZRANK z b", ":1\r\n"),
            ("ZRANK z c", ":2\r\n"),
            ("ZRANK z none", "$-1\r\n"),
            ("ZRANK none a", "$-1\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZRANK s a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZRANK z", "-ERR wrong number of arguments for 'zrank' command\r\n"),
        ])
    }
}

@Suite struct ZREVRANK {
    @Test func `counts the members after one`() {
        Session().expect([
            ("ZADD z 1 a 2 b 2 c", ":3\r\n"),
            ("ZREVRANK z a", ":2\r\n"),
            ("ZREVRANK z c", ":0\r\n"),
            ("ZREVRANK z none", "$-1\r\n"),
            ("ZREVRANK none a", "$-1\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZREVRANK s a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZREM {
    @Test func `removes members, and the key with the last of them`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZREM z a none a", ":1\r\n"),
            ("ZREM z x", ":0\r\n"),
            ("ZREM z b c d", ":2\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("ZREM none a", ":0\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZREM s a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZREM z", "-ERR wrong number of arguments for 'zrem' command\r\n"),
        ])
    }
}

@Suite struct ZRANDMEMBER {
    @Test func `answers what there is to draw from`() {
        Session().expect([
            ("ZRANDMEMBER none", "$-1\r\n"),
            ("ZRANDMEMBER none 3", "*0\r\n"),
            ("ZRANDMEMBER none -3 WITHSCORES", "*0\r\n"),
            ("ZADD z 1 a", ":1\r\n"),
            ("ZRANDMEMBER z", "$1\r\na\r\n"),
            ("ZRANDMEMBER z 3", "*1\r\n$1\r\na\r\n"),
            ("ZRANDMEMBER z 3 WITHSCORES", "*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("ZRANDMEMBER z -3", "*3\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n"),
            ("ZRANDMEMBER z -2 WITHSCORES", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("ZRANDMEMBER z 0", "*0\r\n"),
        ])
    }

    @Test func `refuses what it cannot draw`() {
        Session().expect([
            ("ZRANDMEMBER z x", "-ERR value is not an integer or out of range\r\n"),
            ("ZRANDMEMBER z 1 SCORES", "-ERR syntax error\r\n"),
            ("ZRANDMEMBER z 1 WITHSCORES x", "-ERR syntax error\r\n"),
            (
                "ZRANDMEMBER z -9223372036854775808",
                "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"
            ),
            ("ZRANDMEMBER z 4611686018427387904 WITHSCORES", "-ERR value is out of range\r\n"),
            ("ZRANDMEMBER z -4611686018427387904 WITHSCORES", "-ERR value is out of range\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZRANDMEMBER s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZRANDMEMBER s 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZSCAN {
    @Test func `answers a small set at once`() {
        Session().expect([
            ("ZSCAN none 0", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("ZADD z 1 a 2.5 b 3 12", ":3\r\n"),
            (
                "ZSCAN z 0",
                "*2\r\n$1\r\n0\r\n*6\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n$2\r\n12\r\n$1\r\n3\r\n"
            ),
            (
                "ZSCAN z 5 COUNT 1",
                "*2\r\n$1\r\n0\r\n*6\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n$2\r\n12\r\n$1\r\n3\r\n"
            ),
            ("ZSCAN z 0 MATCH [ab]", "*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n"),
            ("ZSCAN z 0 MATCH 1* COUNT 100", "*2\r\n$1\r\n0\r\n*2\r\n$2\r\n12\r\n$1\r\n3\r\n"),
            ("ZSCAN z 0 MATCH none", "*2\r\n$1\r\n0\r\n*0\r\n"),
        ])
    }

    @Test func `refuses options that it does not know`() {
        Session().expect([
            ("ZADD z 1 a", ":1\r\n"),
            ("ZSCAN z 0 COUNT 0", "-ERR syntax error\r\n"),
            ("ZSCAN z 0 COUNT x", "-ERR value is not an integer or out of range\r\n"),
            ("ZSCAN z 0 MATCH", "-ERR syntax error\r\n"),
            ("ZSCAN z 0 TYPE zset", "-ERR syntax error\r\n"),
            ("ZSCAN z x", "-ERR invalid cursor\r\n"),
            ("ZSCAN z", "-ERR wrong number of arguments for 'zscan' command\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZSCAN s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZSCAN s x", "-ERR invalid cursor\r\n"),
        ])
    }
}

@Suite struct ZPOPMIN {
    @Test func `takes the lowest`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZPOPMIN z", "*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("ZPOPMIN z 0", "*0\r\n"),
            ("ZPOPMIN z 5", "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("ZPOPMIN z", "*0\r\n"),
            ("ZPOPMIN z 5", "*0\r\n"),
            ("ZPOPMIN z -1", "-ERR value is out of range, must be positive\r\n"),
            ("ZPOPMIN z x", "-ERR value is out of range, must be positive\r\n"),
            ("ZPOPMIN z 1 2", "-ERR syntax error\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZPOPMIN s", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZPOPMIN s 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}

@Suite struct ZPOPMAX {
    @Test func `takes the highest`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZPOPMAX z", "*2\r\n$1\r\nc\r\n$1\r\n3\r\n"),
            ("ZPOPMAX z 5", "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("EXISTS z", ":0\r\n"),
            ("ZPOPMAX z -1", "-ERR value is out of range, must be positive\r\n"),
        ])
    }
}

@Suite struct ZMPOP {
    @Test func `takes from the first that has any`() {
        Session().expect([
            ("ZADD z 1 a 2 b 3 c", ":3\r\n"),
            ("ZMPOP 2 none z MIN", "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            (
                "ZMPOP 1 z max COUNT 5",
                "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n"
            ),
            ("ZMPOP 2 z none MIN", "*-1\r\n"),
            ("ZMPOP 0 z MIN", "-ERR numkeys should be greater than 0\r\n"),
            ("ZMPOP x z MIN", "-ERR numkeys should be greater than 0\r\n"),
            ("ZMPOP 1 z x", "-ERR syntax error\r\n"),
            ("ZMPOP 2 z MIN", "-ERR syntax error\r\n"),
            ("ZMPOP 1 z MIN COUNT 0", "-ERR count should be greater than 0\r\n"),
            ("ZMPOP 1 z MIN COUNT", "-ERR syntax error\r\n"),
            ("ZMPOP 1 z MIN COUNT 1 x", "-ERR syntax error\r\n"),
            ("SET s x", "+OK\r\n"),
            ("ZMPOP 1 s MIN", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("ZMPOP 2 none s MIN", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }
}
