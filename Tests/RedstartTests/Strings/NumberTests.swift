import Testing

@testable import Redstart

@Suite struct DECR {
    @Test func `takes one`() {
        Session().expect([
            ("DECR k", ":-1\r\n"),
            ("DECR k", ":-2\r\n"),
            ("SET k 10", "+OK\r\n"),
            ("DECR k", ":9\r\n"),
            ("SET k -9223372036854775808", "+OK\r\n"),
            ("DECR k", "-ERR increment or decrement would overflow\r\n"),
            ("GET k", "$20\r\n-9223372036854775808\r\n"),
            ("SET k abc", "+OK\r\n"),
            ("DECR k", "-ERR value is not an integer or out of range\r\n"),
            ("LIST l", ""),
            ("DECR l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("DECR", "-ERR wrong number of arguments for 'decr' command\r\n"),
            ("DECR a b", "-ERR wrong number of arguments for 'decr' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("DECR k", 1, ["new k", "incrby k"]),
            ("DECR k", 1, ["incrby k"]),
            ("SET k x", 1, ["set k"]),
            ("DECR k", 0, []),
        ])
    }
}

@Suite struct DECRBY {
    @Test func `takes a number`() {
        Session().expect([
            ("DECRBY k 3", ":-3\r\n"),
            ("DECRBY k -5", ":2\r\n"),
            ("DECRBY k 0", ":2\r\n"),
            ("SET k -9223372036854775807", "+OK\r\n"),
            ("DECRBY k 1", ":-9223372036854775808\r\n"),
            ("DECRBY k 1", "-ERR increment or decrement would overflow\r\n"),
            ("DECRBY k -9223372036854775807", ":-1\r\n"),
            ("DECRBY k -9223372036854775807", ":9223372036854775806\r\n"),
        ])
    }

    @Test func `checks the number before the key`() {
        Session().expect([
            ("LIST l", ""),
            ("DECRBY l abc", "-ERR value is not an integer or out of range\r\n"),
            ("DECRBY l -9223372036854775808", "-ERR decrement would overflow\r\n"),
            ("DECRBY l 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("DECRBY k -9223372036854775808", "-ERR decrement would overflow\r\n"),
            ("DECRBY k 1.5", "-ERR value is not an integer or out of range\r\n"),
            ("DECRBY k", "-ERR wrong number of arguments for 'decrby' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("DECRBY k 3", 1, ["new k", "incrby k"]),
            ("DECRBY k 0", 1, ["incrby k"]),
        ])
    }
}

@Suite struct INCR {
    @Test func `adds one`() {
        Session().expect([
            ("INCR k", ":1\r\n"),
            ("INCR k", ":2\r\n"),
            ("SET k 41", "+OK\r\n"),
            ("INCR k", ":42\r\n"),
            ("GET k", "$2\r\n42\r\n"),
            ("SET k 9223372036854775806", "+OK\r\n"),
            ("INCR k", ":9223372036854775807\r\n"),
            ("INCR k", "-ERR increment or decrement would overflow\r\n"),
            ("GET k", "$19\r\n9223372036854775807\r\n"),
            ("SET k -1", "+OK\r\n"),
            ("INCR k", ":0\r\n"),
        ])
    }

    @Test func `refuses what is no number, and leaves it`() {
        Session().expect([
            (#"SET k "  1""#, "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            ("SET k 1.0", "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            (#"SET k """#, "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            ("SET k -0", "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            ("SET k +1", "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            ("SET k 007", "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            (#"SET k "1 ""#, "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            ("SET k 12345678901234567890", "+OK\r\n"),
            ("INCR k", "-ERR value is not an integer or out of range\r\n"),
            ("GET k", "$20\r\n12345678901234567890\r\n"),
            ("LIST l", ""),
            ("INCR l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("INCR", "-ERR wrong number of arguments for 'incr' command\r\n"),
            ("INCR a b", "-ERR wrong number of arguments for 'incr' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("INCR k", 1, ["new k", "incrby k"]),
            ("INCR k", 1, ["incrby k"]),
            ("SET k x", 1, ["set k"]),
            ("INCR k", 0, []),
        ])
    }
}

@Suite struct INCRBY {
    @Test func `adds a number`() {
        Session().expect([
            ("INCRBY k 5", ":5\r\n"),
            ("INCRBY k -8", ":-3\r\n"),
            ("INCRBY k 0", ":-3\r\n"),
            ("INCRBY none 0", ":0\r\n"),
            ("SET k 9223372036854775807", "+OK\r\n"),
            ("INCRBY k 1", "-ERR increment or decrement would overflow\r\n"),
            ("INCRBY k -1", ":9223372036854775806\r\n"),
            ("SET k -9223372036854775808", "+OK\r\n"),
            ("INCRBY k -1", "-ERR increment or decrement would overflow\r\n"),
            ("INCRBY k 9223372036854775807", ":-1\r\n"),
            ("INCRBY k -9223372036854775808", "-ERR increment or decrement would overflow\r\n"),
        ])
    }

    @Test func `checks the number before the key`() {
        Session().expect([
            ("INCRBY k abc", "-ERR value is not an integer or out of range\r\n"),
            (#"INCRBY k """#, "-ERR value is not an integer or out of range\r\n"),
            (#"INCRBY k " 1""#, "-ERR value is not an integer or out of range\r\n"),
            ("INCRBY k +1", "-ERR value is not an integer or out of range\r\n"),
            ("INCRBY k -0", "-ERR value is not an integer or out of range\r\n"),
            ("INCRBY k 01", "-ERR value is not an integer or out of range\r\n"),
            ("INCRBY k 1.5", "-ERR value is not an integer or out of range\r\n"),
            ("INCRBY k 9223372036854775808", "-ERR value is not an integer or out of range\r\n"),
            ("LIST l", ""),
            ("INCRBY l abc", "-ERR value is not an integer or out of range\r\n"),
            ("INCRBY l 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("INCRBY k", "-ERR wrong number of arguments for 'incrby' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("INCRBY k 5", 1, ["new k", "incrby k"]),
            ("INCRBY k 0", 1, ["incrby k"]),
        ])
    }
}

@Suite struct INCRBYFLOAT {
    @Test func `adds with seventeen decimals`() {
        Session().expect([
            ("INCRBYFLOAT k 10.50", "$4\r\n10.5\r\n"),
            ("INCRBYFLOAT k 0.1", "$4\r\n10.6\r\n"),
            ("INCRBYFLOAT k -5", "$3\r\n5.6\r\n"),
            ("SET k 5.0e3", "+OK\r\n"),
            ("INCRBYFLOAT k 2.0e2", "$4\r\n5200\r\n"),
            ("GET k", "$4\r\n5200\r\n"),
            ("SET k 0.1", "+OK\r\n"),
            ("INCRBYFLOAT k 0.2", "$3\r\n0.3\r\n"),
            ("SET k 3.0", "+OK\r\n"),
            ("INCRBYFLOAT k 0", "$1\r\n3\r\n"),
            ("SET k -0", "+OK\r\n"),
            ("INCRBYFLOAT k 0", "$1\r\n0\r\n"),
            ("SET k 1", "+OK\r\n"),
            ("INCRBYFLOAT k 1e-17", "$19\r\n1.00000000000000001\r\n"),
            ("INCRBYFLOAT tiny 1e-20", "$1\r\n0\r\n"),
            ("INCRBYFLOAT tiny 1e-17", "$19\r\n0.00000000000000001\r\n"),
            ("INCRBYFLOAT tiny 5e-18", "$19\r\n0.00000000000000002\r\n"),
            ("INCRBYFLOAT tiny -1", "$20\r\n-0.99999999999999998\r\n"),
            ("INCRBYFLOAT k 0x10", "$20\r\n17.00000000000000001\r\n"),
        ])
    }

    @Test func `writes large numbers in full`() {
        Session().expect([
            ("INCRBYFLOAT k 123456789.123456789", "$27\r\n123456789.12345678899873747\r\n"),
            ("SET k 0", "+OK\r\n"),
            (
                "INCRBYFLOAT k 1234567890123456789012345678901234567890",
                "$40\r\n1234567890123456788999898750329779388416\r\n"
            ),
            ("SET k 1e30", "+OK\r\n"),
            ("INCRBYFLOAT k 1e20", "$31\r\n1000000000100000000035918970880\r\n"),
            ("STRLEN k", ":31\r\n"),
            ("INCRBYFLOAT large 1e50", "$51\r\n100000000000000000003583830118858923890798487404544\r\n"),
            ("SET huge 1e4932", "+OK\r\n"),
            ("INCRBYFLOAT huge 1e4932", "-ERR increment would produce NaN or Infinity\r\n"),
            ("STRLEN huge", ":6\r\n"),
        ])
    }

    @Test func `refuses what is no number`() {
        Session().expect([
            ("INCRBYFLOAT k abc", "-ERR value is not a valid float\r\n"),
            (#"INCRBYFLOAT k """#, "-ERR value is not a valid float\r\n"),
            (#"INCRBYFLOAT k " 1""#, "-ERR value is not a valid float\r\n"),
            (#"INCRBYFLOAT k "1 ""#, "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT k nan", "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT k 1e5000", "-ERR value is not a valid float\r\n"),
            ("GET k", "$-1\r\n"),
            ("SET k abc", "+OK\r\n"),
            ("INCRBYFLOAT k 1", "-ERR value is not a valid float\r\n"),
            (#"SET k """#, "+OK\r\n"),
            ("INCRBYFLOAT k 1", "-ERR value is not a valid float\r\n"),
            (#"SET k " 1""#, "+OK\r\n"),
            ("INCRBYFLOAT k 1", "-ERR value is not a valid float\r\n"),
            (#"SET k "1\x00""#, "+OK\r\n"),
            ("INCRBYFLOAT k 1", "-ERR value is not a valid float\r\n"),
            ("LIST l", ""),
            ("INCRBYFLOAT l abc", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("INCRBYFLOAT l 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("INCRBYFLOAT k", "-ERR wrong number of arguments for 'incrbyfloat' command\r\n"),
        ])
    }

    @Test func `refuses what is not finite`() {
        Session().expect([
            ("INCRBYFLOAT k inf", "-ERR increment would produce NaN or Infinity\r\n"),
            ("INCRBYFLOAT k -Infinity", "-ERR increment would produce NaN or Infinity\r\n"),
            ("SET k inf", "+OK\r\n"),
            ("INCRBYFLOAT k 1", "-ERR increment would produce NaN or Infinity\r\n"),
            ("INCRBYFLOAT k -inf", "-ERR increment would produce NaN or Infinity\r\n"),
            ("GET k", "$3\r\ninf\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("INCRBYFLOAT k 1", 1, ["new k", "incrbyfloat k"]),
            ("INCRBYFLOAT k 0", 1, ["incrbyfloat k"]),
            ("INCRBYFLOAT k abc", 0, []),
        ])
    }
}
