import Testing

@testable import Redstart

@Suite struct SETBIT {
    @Test func `sets and clears, and answers what was there`() {
        Session().expect([
            ("SETBIT k 7 1", ":0\r\n"),
            ("SETBIT k 1 1", ":0\r\n"),
            ("GET k", "$1\r\nA\r\n"),
            ("SETBIT k 7 1", ":1\r\n"),
            ("SETBIT k 7 0", ":1\r\n"),
            ("GET k", "$1\r\n@\r\n"),
            ("SETBIT k 50 0", ":0\r\n"),
            ("STRLEN k", ":7\r\n"),
            ("SETBIT k 4294967295 1", ":0\r\n"),
            ("STRLEN k", ":536870912\r\n"),
            ("DEL k", ":1\r\n"),
        ])
    }

    @Test func `turns a number into bytes`() {
        Session().expect([
            ("SET n 12", "+OK\r\n"),
            ("SETBIT n 6 1", ":0\r\n"),
            ("GET n", "$2\r\n32\r\n"),
            ("OBJECT ENCODING n", "$3\r\nraw\r\n"),
            ("SET n 12", "+OK\r\n"),
            ("SETBIT n 0 0", ":0\r\n"),
            ("OBJECT ENCODING n", "$3\r\nraw\r\n"),
            ("SET e 12 EX 100", "+OK\r\n"),
            ("SETBIT e 7 0", ":1\r\n"),
            ("TTL e", ":100\r\n"),
            ("GET e", "$2\r\n02\r\n"),
        ])
    }

    @Test func `refuses offsets and bits that are none`() {
        Session().expect([
            ("SETBIT k -1 1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("SETBIT k 4294967296 1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("SETBIT k a 1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("SETBIT k 1 2", "-ERR bit is not an integer or out of range\r\n"),
            ("SETBIT k 1 a", "-ERR bit is not an integer or out of range\r\n"),
            ("EXISTS k", ":0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("SETBIT l 1 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SETBIT", "-ERR wrong number of arguments for 'setbit' command\r\n"),
            ("SETBIT k 1", "-ERR wrong number of arguments for 'setbit' command\r\n"),
            ("SETBIT k 1 1 1", "-ERR wrong number of arguments for 'setbit' command\r\n"),
        ])
    }

    @Test func `counts only what changes something`() {
        Session().expectChanges([
            ("SETBIT k 7 0", 1, ["new k", "setbit k"]),
            ("SETBIT k 7 0", 0, []),
            ("SETBIT k 7 1", 1, ["setbit k"]),
            ("SETBIT k 7 1", 0, []),
            ("SETBIT k 8 0", 1, ["setbit k"]),
            ("SET n 5", 1, ["new n", "set n"]),
            ("SETBIT n 0 0", 0, []),
            ("LIST l", 0, []),
            ("SETBIT l 0 1", 0, []),
        ])
    }
}

@Suite struct GETBIT {
    @Test func `answers a bit, and zero beyond the end`() {
        Session().expect([
            ("SETBIT k 7 1", ":0\r\n"),
            ("GETBIT k 0", ":0\r\n"),
            ("GETBIT k 7", ":1\r\n"),
            ("GETBIT k 8", ":0\r\n"),
            ("GETBIT k 4294967295", ":0\r\n"),
            ("GETBIT none 0", ":0\r\n"),
            ("SET n 12", "+OK\r\n"),
            ("GETBIT n 2", ":1\r\n"),
            ("GETBIT n 4", ":0\r\n"),
        ])
    }

    @Test func `refuses what is no offset`() {
        Session().expect([
            ("GETBIT k -1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("GETBIT k 4294967296", "-ERR bit offset is not an integer or out of range\r\n"),
            ("GETBIT k a", "-ERR bit offset is not an integer or out of range\r\n"),
            (#"GETBIT k """#, "-ERR bit offset is not an integer or out of range\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GETBIT l 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GETBIT", "-ERR wrong number of arguments for 'getbit' command\r\n"),
            ("GETBIT k", "-ERR wrong number of arguments for 'getbit' command\r\n"),
            ("GETBIT k 1 1", "-ERR wrong number of arguments for 'getbit' command\r\n"),
        ])
    }

    @Test func `names a key it misses`() {
        Session().expectChanges([
            ("GETBIT none 1", 0, ["keymiss none"])
        ])
    }
}

@Suite struct BITCOUNT {
    @Test func `counts all, or those of a range in bytes or bits`() {
        Session().expect([
            ("SET k foobar", "+OK\r\n"),
            ("BITCOUNT k", ":26\r\n"),
            ("BITCOUNT k 0 0", ":4\r\n"),
            ("BITCOUNT k 1 1", ":6\r\n"),
            ("BITCOUNT k -2 -1", ":7\r\n"),
            ("BITCOUNT k 3 1", ":0\r\n"),
            ("BITCOUNT k -1 -3", ":0\r\n"),
            ("BITCOUNT k -100 -50", ":4\r\n"),
            ("BITCOUNT k -100 -200", ":0\r\n"),
            ("BITCOUNT k 0 100", ":26\r\n"),
            ("BITCOUNT k 5 30 BIT", ":17\r\n"),
            ("BITCOUNT k -7 -1 bit", ":4\r\n"),
            ("BITCOUNT k 1 1 BYTE", ":6\r\n"),
            ("BITCOUNT none", ":0\r\n"),
            ("BITCOUNT none 0 -1", ":0\r\n"),
            ("SET n 123456", "+OK\r\n"),
            ("BITCOUNT n", ":21\r\n"),
            ("BITCOUNT n 1 2", ":7\r\n"),
        ])
    }

    @Test func `looks at its words before the key`() {
        Session().expect([
            ("BITCOUNT none a 1", "-ERR value is not an integer or out of range\r\n"),
            ("BITCOUNT none 0 1 x", "-ERR syntax error\r\n"),
            ("BITCOUNT none 1", "-ERR syntax error\r\n"),
            ("SET k v", "+OK\r\n"),
            ("BITCOUNT k 0 1 BIT x", "-ERR syntax error\r\n"),
            ("BITCOUNT k 0", "-ERR syntax error\r\n"),
            ("BITCOUNT k 0 a", "-ERR value is not an integer or out of range\r\n"),
            ("BITCOUNT k 0 1 x", "-ERR syntax error\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("BITCOUNT l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITCOUNT l 0 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITCOUNT", "-ERR wrong number of arguments for 'bitcount' command\r\n"),
        ])
    }
}

@Suite struct BITPOS {
    @Test func `finds the first bit, of all or in a range`() {
        Session().expect([
            (#"SET k "\x00\x0f\x00""#, "+OK\r\n"),
            ("BITPOS k 1", ":12\r\n"),
            ("BITPOS k 0", ":0\r\n"),
            ("BITPOS k 1 2", ":-1\r\n"),
            ("BITPOS k 0 1", ":8\r\n"),
            ("BITPOS k 0 1 1", ":8\r\n"),
            ("BITPOS k 1 -2 -1", ":12\r\n"),
            ("BITPOS k 0 12 15 BIT", ":-1\r\n"),
            ("BITPOS k 0 12 16 BIT", ":16\r\n"),
            ("BITPOS k 1 13 14 bit", ":13\r\n"),
            ("BITPOS k 1 0 0 BYTE", ":-1\r\n"),
            ("BITPOS k 1 2 1", ":-1\r\n"),
            ("BITPOS k 0 -9 -20", ":0\r\n"),
        ])
    }

    @Test func `sees zeros behind a string only without an end`() {
        Session().expect([
            (#"SET k "\x7f\x7f""#, "+OK\r\n"),
            ("BITPOS k 0 1", ":8\r\n"),
            ("SETBIT k 0 1", ":0\r\n"),
            ("SETBIT k 8 1", ":0\r\n"),
            ("BITPOS k 0", ":16\r\n"),
            ("BITPOS k 0 1", ":16\r\n"),
            ("BITPOS k 0 0 -1", ":-1\r\n"),
            ("BITPOS k 0 2", ":-1\r\n"),
            ("BITPOS k 0 0 -1 BIT", ":-1\r\n"),
            (#"SET e """#, "+OK\r\n"),
            ("BITPOS e 0", ":-1\r\n"),
            ("BITPOS e 1", ":-1\r\n"),
            ("BITPOS none 0", ":0\r\n"),
            ("BITPOS none 1", ":-1\r\n"),
            ("SET n 12", "+OK\r\n"),
            ("BITPOS n 1", ":2\r\n"),
        ])
    }

    @Test func `looks at its words before the key`() {
        Session().expect([
            ("BITPOS none 2", "-ERR The bit argument must be 1 or 0.\r\n"),
            ("BITPOS none a", "-ERR value is not an integer or out of range\r\n"),
            ("BITPOS none 1 a", "-ERR value is not an integer or out of range\r\n"),
            ("BITPOS none 0 0 a", "-ERR value is not an integer or out of range\r\n"),
            ("BITPOS none 0 0 1 x", "-ERR syntax error\r\n"),
            ("SET k v", "+OK\r\n"),
            ("BITPOS k 1 0 a x", "-ERR syntax error\r\n"),
            ("BITPOS k 1 0 1 BIT x", "-ERR syntax error\r\n"),
            ("BITPOS k 1 0 1 x", "-ERR syntax error\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("BITPOS l 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITPOS l 1 0 1 BIT", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITPOS", "-ERR wrong number of arguments for 'bitpos' command\r\n"),
            ("BITPOS k", "-ERR wrong number of arguments for 'bitpos' command\r\n"),
        ])
    }
}

@Suite struct BITOP {
    @Test func `combines strings, the shorter of them followed by zeros`() {
        Session().expect([
            ("SET a abcdef", "+OK\r\n"),
            ("SET b 12", "+OK\r\n"),
            ("BITOP AND d a b", ":6\r\n"),
            ("GETRANGE d 0 1", "$2\r\n!\"\r\n"),
            ("BITOP or d a b", ":6\r\n"),
            ("GET d", "$6\r\nqrcdef\r\n"),
            ("BITOP XOR d a b", ":6\r\n"),
            ("GETRANGE d 0 1", "$2\r\nPP\r\n"),
            ("BITOP NOT d a", ":6\r\n"),
            ("BITOP NOT d d", ":6\r\n"),
            ("GET d", "$6\r\nabcdef\r\n"),
            ("BITOP AND d a", ":6\r\n"),
            ("GET d", "$6\r\nabcdef\r\n"),
            ("OBJECT ENCODING d", "$3\r\nraw\r\n"),
            ("BITOP XOR d a a", ":6\r\n"),
            ("BITCOUNT d", ":0\r\n"),
        ])
    }

    @Test func `writes to one of its sources`() {
        Session().expect([
            ("SET a abcdef", "+OK\r\n"),
            (#"SET b "      ""#, "+OK\r\n"),
            ("BITOP OR a b a", ":6\r\n"),
            ("GET a", "$6\r\nabcdef\r\n"),
            ("BITOP XOR b b a", ":6\r\n"),
            ("BITOP AND a a a a", ":6\r\n"),
            ("GET a", "$6\r\nabcdef\r\n"),
            ("BITOP XOR a a b a", ":6\r\n"),
            ("STRLEN a", ":6\r\n"),
        ])
    }

    @Test func `deletes the target where all are empty`() {
        Session().expect([
            ("SET d x EX 100", "+OK\r\n"),
            ("BITOP OR d d", ":1\r\n"),
            ("TTL d", ":-1\r\n"),
            ("BITOP OR d none none", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
            (#"SET e """#, "+OK\r\n"),
            ("SET d x", "+OK\r\n"),
            ("BITOP NOT d e", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
        ])
    }

    @Test func `refuses other operations, and several strings to invert`() {
        Session().expect([
            ("BITOP NAND d a", "-ERR syntax error\r\n"),
            ("BITOP NOT d a b", "-ERR BITOP NOT must be called with a single source key.\r\n"),
            ("BITOP AND", "-ERR wrong number of arguments for 'bitop' command\r\n"),
            ("BITOP AND d", "-ERR wrong number of arguments for 'bitop' command\r\n"),
            ("SET a x", "+OK\r\n"),
            ("LIST l", ""),
            ("BITOP AND d a l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITOP NOT d l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITOP OR l a", ":1\r\n"),
            ("TYPE l", "+string\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("SET a x", 1, ["new a", "set a"]),
            ("BITOP OR d a", 1, ["new d", "set d"]),
            ("BITOP OR d a none", 1, ["keymiss none", "set d"]),
            ("BITOP OR d none", 1, ["keymiss none", "del d"]),
            ("BITOP OR d none", 0, ["keymiss none"]),
            ("LIST l", 0, []),
            ("BITOP OR l a", 1, ["set l"]),
            ("BITOP AND d l", 1, ["new d", "set d"]),
        ])
    }
}

@Suite struct BITFIELD {
    @Test func `reads and writes numbers of any width`() {
        Session().expect([
            ("BITFIELD k", "*0\r\n"),
            ("BITFIELD k GET u8 0", "*1\r\n:0\r\n"),
            ("EXISTS k", ":0\r\n"),
            ("BITFIELD k SET i5 100 -1 GET u4 100 GET i5 100", "*3\r\n:0\r\n:15\r\n:-1\r\n"),
            (
                "BITFIELD k SET u63 3 -1 GET u63 3 GET i64 3 GET u1 2",
                "*4\r\n:0\r\n:9223372036854775807\r\n:-2\r\n:0\r\n"
            ),
            ("BITFIELD k INCRBY u2 100 1 GET i64 #1", "*2\r\n:0\r\n:-4611686018368667648\r\n"),
            ("STRLEN k", ":14\r\n"),
            ("SET n 12", "+OK\r\n"),
            ("BITFIELD n SET u8 #1 51 GET i16 0", "*2\r\n:50\r\n:12595\r\n"),
            ("GET n", "$2\r\n13\r\n"),
            ("BITFIELD far GET u8 4294967295", "*1\r\n:0\r\n"),
        ])
    }

    @Test func `wraps, saturates or fails`() {
        Session().expect([
            ("BITFIELD k SET u2 0 3 INCRBY u2 0 1", "*2\r\n:0\r\n:0\r\n"),
            ("BITFIELD k OVERFLOW SAT INCRBY u2 0 5 INCRBY u2 0 -9", "*2\r\n:3\r\n:0\r\n"),
            ("BITFIELD k OVERFLOW FAIL INCRBY u2 0 -1 INCRBY u2 0 3", "*2\r\n$-1\r\n:3\r\n"),
            ("BITFIELD k SET i8 8 127 INCRBY i8 8 1", "*2\r\n:0\r\n:-128\r\n"),
            ("BITFIELD k OVERFLOW SAT SET i8 8 300 SET i8 8 -300 GET i8 8", "*3\r\n:-128\r\n:127\r\n:-128\r\n"),
            ("BITFIELD k OVERFLOW FAIL SET i8 8 128", "*1\r\n$-1\r\n"),
            (
                "BITFIELD k SET i64 64 9223372036854775807 INCRBY i64 64 1 OVERFLOW SAT INCRBY i64 64 -1",
                "*3\r\n:0\r\n:-9223372036854775808\r\n:-9223372036854775808\r\n"
            ),
            (
                "BITFIELD k OVERFLOW SAT SET u63 64 9223372036854775807 INCRBY u63 64 1",
                "*2\r\n:4611686018427387904\r\n:9223372036854775807\r\n"
            ),
            ("BITFIELD k OVERFLOW SAT INCRBY u63 64 -9223372036854775808", "*1\r\n:0\r\n"),
        ])
    }

    @Test func `checks all words before it does anything`() {
        Session().expect([
            (
                "BITFIELD k SET u8 0 1 GET u64 0",
                "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"
            ),
            ("BITFIELD k SET u8 0 1 GET", "-ERR syntax error\r\n"),
            ("BITFIELD k SET u8 0 1 SET u8 0 a", "-ERR value is not an integer or out of range\r\n"),
            ("BITFIELD k SET u8 0 1 OVERFLOW x", "-ERR Invalid OVERFLOW type specified\r\n"),
            ("BITFIELD k GET u8 -1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("BITFIELD k GET u8 #536870912", "-ERR bit offset is not an integer or out of range\r\n"),
            (
                "BITFIELD k GET i65 0",
                "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"
            ),
            (
                "BITFIELD k GET u08 0",
                "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"
            ),
            ("BITFIELD k x u8 0", "-ERR syntax error\r\n"),
            ("EXISTS k", ":0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("BITFIELD l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITFIELD l GET u8 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITFIELD l SET u8 0 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITFIELD", "-ERR wrong number of arguments for 'bitfield' command\r\n"),
        ])
    }

    @Test func `counts what it writes`() {
        Session().expectChanges([
            ("BITFIELD k GET u8 0", 0, ["keymiss k"]),
            ("BITFIELD k SET u8 0 0", 1, ["new k", "setbit k"]),
            ("BITFIELD k SET u8 0 0", 0, []),
            ("BITFIELD k SET u8 0 5 INCRBY u8 0 1 GET u8 0", 2, ["setbit k"]),
            ("BITFIELD k OVERFLOW FAIL INCRBY u8 0 250", 0, []),
            ("BITFIELD new OVERFLOW FAIL SET u8 0 256", 0, ["new new"]),
            ("BITFIELD k SET u8 7 1 SET u8 7 1", 2, ["setbit k"]),
        ])
    }
}

@Suite struct BITFIELD_RO {
    @Test func `only reads`() {
        Session().expect([
            ("SET k 12", "+OK\r\n"),
            ("BITFIELD_RO k GET u8 0 GET u8 #1", "*2\r\n:49\r\n:50\r\n"),
            ("BITFIELD_RO k", "*0\r\n"),
            ("BITFIELD_RO k OVERFLOW SAT GET i4 0", "*1\r\n:3\r\n"),
            ("BITFIELD_RO none GET u16 0", "*1\r\n:0\r\n"),
            ("BITFIELD_RO k SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand\r\n"),
            ("BITFIELD_RO k INCRBY u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand\r\n"),
            ("BITFIELD_RO k SET u8 0 a", "-ERR value is not an integer or out of range\r\n"),
            (
                "BITFIELD_RO k GET x 0",
                "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"
            ),
            ("OBJECT ENCODING k", "$3\r\nint\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("BITFIELD_RO l GET u8 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("BITFIELD_RO l SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand\r\n"),
            ("BITFIELD_RO", "-ERR wrong number of arguments for 'bitfield_ro' command\r\n"),
        ])
    }
}
