import Testing

@testable import Redstart

@Suite struct PFADD {
    @Test func `says whether the estimate may have changed`() {
        Session().expect([
            ("PFADD k", ":1\r\n"),
            ("PFADD k", ":0\r\n"),
            ("PFADD k a", ":1\r\n"),
            ("PFADD k a", ":0\r\n"),
            ("PFADD k a b c d", ":1\r\n"),
            ("PFCOUNT k", ":4\r\n"),
            ("PFDEBUG DECODE k", "$57\r\nZ:7292 v:1,1 Z:1143 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603\r\n"),
            ("OBJECT ENCODING k", "$3\r\nraw\r\n"),
            ("PFADD none a", ":1\r\n"),
            ("PFCOUNT none", ":1\r\n"),
            ("EXPIRE k 100", ":1\r\n"),
            ("PFADD k x", ":1\r\n"),
            ("TTL k", ":100\r\n"),
        ])
    }

    @Test func `refuses another type, other strings and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("PFADD l a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET s x", "+OK\r\n"),
            ("PFADD s a", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("SET n 5", "+OK\r\n"),
            ("PFADD n a", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFADD", "-ERR wrong number of arguments for 'pfadd' command\r\n"),
        ])
    }

    @Test func `refuses what is corrupted`() {
        Session().expect([
            ("SET short HYLL", "+OK\r\n"),
            (#"SET sparse "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xfe""#, "+OK\r\n"),
            (#"SET dense "HYLL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80abc""#, "+OK\r\n"),
            (#"SET other "HYLL\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff""#, "+OK\r\n"),
            ("PFADD short a", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFADD dense a", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFADD other a", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFADD sparse a", ":1\r\n"),
            ("PFCOUNT sparse", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
        ])
    }

    @Test func `counts every register that it raises`() {
        Session().expectChanges([
            ("PFADD k", 1, ["new k", "pfadd k"]),
            ("PFADD k", 0, []),
            ("PFADD k a", 1, ["pfadd k"]),
            ("PFADD k a", 0, []),
            ("PFADD k a b c d", 3, ["pfadd k"]),
            ("PFADD new a b", 3, ["new new", "pfadd new"]),
            ("SET s x", 1, ["new s", "set s"]),
            ("PFADD s a", 0, []),
        ])
    }
}

@Suite struct PFCOUNT {
    @Test func `estimates one or the union of several`() {
        Session().expect([
            ("PFADD a 1 2 3 4 5", ":1\r\n"),
            ("PFADD b 4 5 6 7", ":1\r\n"),
            ("PFCOUNT a", ":5\r\n"),
            ("PFCOUNT b", ":4\r\n"),
            ("PFCOUNT a b", ":7\r\n"),
            ("PFCOUNT a a none", ":5\r\n"),
            ("PFCOUNT none", ":0\r\n"),
            ("PFCOUNT none none", ":0\r\n"),
            ("PFDEBUG TODENSE a", ":1\r\n"),
            ("PFCOUNT a", ":5\r\n"),
            ("PFCOUNT a b", ":7\r\n"),
        ])
    }

    @Test func `keeps the estimate until something is added`() {
        Session().expect([
            ("PFADD k a", ":1\r\n"),
            ("PFCOUNT k", ":1\r\n"),
            (#"SETRANGE k 8 "\x07""#, ":21\r\n"),
            ("PFCOUNT k", ":7\r\n"),
            ("PFADD k a", ":0\r\n"),
            ("PFCOUNT k", ":7\r\n"),
            ("PFADD k b", ":1\r\n"),
            ("PFCOUNT k", ":2\r\n"),
        ])
    }

    @Test func `refuses another type, other strings and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("PFCOUNT l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("PFADD k a", ":1\r\n"),
            ("PFCOUNT k l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET s x", "+OK\r\n"),
            ("PFCOUNT s", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFCOUNT k s", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFCOUNT", "-ERR wrong number of arguments for 'pfcount' command\r\n"),
            ("SET short HYLL", "+OK\r\n"),
            (#"SET sparse "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xfe""#, "+OK\r\n"),
            (#"SET dense "HYLL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80abc""#, "+OK\r\n"),
            (#"SET other "HYLL\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff""#, "+OK\r\n"),
            ("PFCOUNT short", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFCOUNT dense", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFCOUNT other", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFCOUNT sparse", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
            ("PFCOUNT k sparse", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
        ])
    }

    @Test func `counts a new estimate as a change`() {
        Session().expectChanges([
            ("PFADD k a", 2, ["new k", "pfadd k"]),
            ("PFCOUNT k", 1, []),
            ("PFCOUNT k", 0, []),
            ("PFCOUNT k none", 0, ["keymiss none"]),
            ("PFCOUNT none", 0, ["keymiss none"]),
        ])
    }
}

@Suite struct PFMERGE {
    @Test func `adds what others counted`() {
        Session().expect([
            ("PFADD a 1 2 3", ":1\r\n"),
            ("PFADD b 3 4 5", ":1\r\n"),
            ("PFMERGE d a b", "+OK\r\n"),
            ("PFCOUNT d", ":5\r\n"),
            ("PFDEBUG ENCODING d", "+sparse\r\n"),
            ("PFMERGE d", "+OK\r\n"),
            ("PFCOUNT d", ":5\r\n"),
            ("PFDEBUG TODENSE a", ":1\r\n"),
            ("PFMERGE d a", "+OK\r\n"),
            ("PFDEBUG ENCODING d", "+dense\r\n"),
            ("PFCOUNT d", ":5\r\n"),
            ("PFMERGE new none", "+OK\r\n"),
            ("PFCOUNT new", ":0\r\n"),
            ("PFDEBUG DECODE new", "$7\r\nZ:16384\r\n"),
            ("EXPIRE d 100", ":1\r\n"),
            ("PFMERGE d b", "+OK\r\n"),
            ("TTL d", ":100\r\n"),
        ])
    }

    @Test func `refuses another type, other strings and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("PFADD k a", ":1\r\n"),
            ("PFMERGE l k", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("PFMERGE k l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET s x", "+OK\r\n"),
            ("PFMERGE s k", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFMERGE k s", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFMERGE new k s", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("EXISTS new", ":0\r\n"),
            ("PFMERGE", "-ERR wrong number of arguments for 'pfmerge' command\r\n"),
            ("SET short HYLL", "+OK\r\n"),
            (#"SET sparse "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xfe""#, "+OK\r\n"),
            (#"SET dense "HYLL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80abc""#, "+OK\r\n"),
            (#"SET other "HYLL\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff""#, "+OK\r\n"),
            ("PFMERGE k short", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFMERGE k dense", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFMERGE k other", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            ("PFMERGE k sparse", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
            ("PFMERGE sparse k", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("PFMERGE d", 1, ["keymiss d", "new d", "pfadd d"]),
            ("PFMERGE d", 1, ["pfadd d"]),
            ("PFADD a 1 2", 3, ["new a", "pfadd a"]),
            ("PFMERGE d a none", 1, ["keymiss none", "pfadd d"]),
            ("PFMERGE d a", 1, ["pfadd d"]),
        ])
    }
}

@Suite struct PFDEBUG {
    @Test func `shows how the registers are stored`() {
        Session().expect([
            ("PFADD k a b c", ":1\r\n"),
            ("PFDEBUG DECODE k", "$44\r\nZ:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603\r\n"),
            ("PFDEBUG ENCODING k", "+sparse\r\n"),
            ("PFDEBUG todense k", ":1\r\n"),
            ("PFDEBUG TODENSE k", ":0\r\n"),
            ("PFDEBUG ENCODING k", "+dense\r\n"),
            ("PFDEBUG DECODE k", "-ERR HLL encoding is not sparse\r\n"),
            ("PFCOUNT k", ":3\r\n"),
            ("STRLEN k", ":12304\r\n"),
        ])
    }

    @Test func `refuses other subcommands, and what is no HyperLogLog`() {
        Session().expect([
            ("PFDEBUG DECODE none", "-ERR The specified key does not exist\r\n"),
            ("PFDEBUG X none", "-ERR The specified key does not exist\r\n"),
            ("PFADD k a", ":1\r\n"),
            ("PFDEBUG X k", "-ERR Unknown PFDEBUG subcommand 'X'\r\n"),
            ("PFDEBUG ENCODING", "-ERR wrong number of arguments for 'pfdebug' command\r\n"),
            ("PFDEBUG ENCODING k k", "-ERR wrong number of arguments for 'pfdebug' command\r\n"),
            ("LIST l", ""),
            ("PFDEBUG ENCODING l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET s x", "+OK\r\n"),
            ("PFDEBUG ENCODING s", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"),
            (#"SET sparse "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xfe""#, "+OK\r\n"),
            ("PFDEBUG TODENSE sparse", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
            ("PFDEBUG GETREG sparse", "-INVALIDOBJ Corrupted HLL object detected\r\n"),
            ("PFDEBUG ENCODING sparse", "+sparse\r\n"),
            ("PFDEBUG DECODE sparse", "$7\r\nZ:16383\r\n"),
        ])
    }

    @Test func `counts a change of the representation`() {
        Session().expectChanges([
            ("PFADD k a", 2, ["new k", "pfadd k"]),
            ("PFDEBUG ENCODING k", 0, []),
            ("PFDEBUG GETREG k", 1, []),
            ("PFDEBUG GETREG k", 0, []),
            ("PFDEBUG TODENSE k", 0, []),
        ])
    }
}

@Suite struct PFSELFTEST {
    @Test func `passes`() {
        Session().expect([
            ("PFSELFTEST", "+OK\r\n"),
            ("PFSELFTEST x", "-ERR wrong number of arguments for 'pfselftest' command\r\n"),
        ])
    }
}
