import Testing

@testable import Redstart

@Suite struct APPEND {
    @Test func `makes the string where there is none, and adds to its end`() {
        Session().expect([
            ("APPEND k abc", ":3\r\n"),
            ("APPEND k 123", ":6\r\n"),
            (#"APPEND k """#, ":6\r\n"),
            ("GET k", "$6\r\nabc123\r\n"),
            (#"APPEND none """#, ":0\r\n"),
            ("GET none", "$0\r\n\r\n"),
        ])
    }

    @Test func `adds to the digits of a number`() {
        Session().expect([
            ("SET n 12", "+OK\r\n"),
            ("APPEND n 3", ":3\r\n"),
            ("INCR n", ":124\r\n"),
            ("APPEND n x", ":4\r\n"),
            ("INCR n", "-ERR value is not an integer or out of range\r\n"),
        ])
    }

    @Test func `refuses what is too long, another type, and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("APPEND l x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("APPEND", "-ERR wrong number of arguments for 'append' command\r\n"),
            ("APPEND k", "-ERR wrong number of arguments for 'append' command\r\n"),
            ("APPEND k a b", "-ERR wrong number of arguments for 'append' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("APPEND k abc", 1, ["new k", "append k"]),
            (#"APPEND k """#, 1, ["append k"]),
            ("APPEND n 12", 1, ["new n", "append n"]),
            ("APPEND n 3", 1, ["append n"]),
            ("LIST l", 0, []),
            ("APPEND l x", 0, []),
        ])
    }
}

@Suite struct GET {
    @Test func `answers strings and numbers, and nothing for no key`() {
        Session().expect([
            ("GET none", "$-1\r\n"),
            ("SET k value", "+OK\r\n"),
            ("GET k", "$5\r\nvalue\r\n"),
            ("SET k 12345", "+OK\r\n"),
            ("GET k", "$5\r\n12345\r\n"),
            (#"SET k """#, "+OK\r\n"),
            ("GET k", "$0\r\n\r\n"),
            (#"SET k "a\r\nb\x00c""#, "+OK\r\n"),
            ("GET k", "$6\r\na\r\nb\0c\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GET l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("GET a b", "-ERR wrong number of arguments for 'get' command\r\n"),
        ])
    }

    @Test func `names a key it misses`() {
        Session().expectChanges([
            ("SET k v", 1, ["new k", "set k"]),
            ("GET k", 0, []),
            ("GET none", 0, ["keymiss none"]),
        ])
    }
}

@Suite struct GETDEL {
    @Test func `answers and deletes`() {
        Session().expect([
            ("SET k v", "+OK\r\n"),
            ("GETDEL k", "$1\r\nv\r\n"),
            ("GETDEL k", "$-1\r\n"),
            ("SET k 123 EX 100", "+OK\r\n"),
            ("GETDEL k", "$3\r\n123\r\n"),
            ("GET k", "$-1\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GETDEL l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GETDEL", "-ERR wrong number of arguments for 'getdel' command\r\n"),
            ("GETDEL a b", "-ERR wrong number of arguments for 'getdel' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("GETDEL none", 0, ["keymiss none"]),
            ("SET k v", 1, ["new k", "set k"]),
            ("GETDEL k", 1, ["del k"]),
            ("LIST l", 0, []),
            ("GETDEL l", 0, []),
        ])
    }
}

@Suite struct GETRANGE {
    @Test func `answers the bytes from start through end, counted from the end where negative`() {
        Session().expect([
            (#"SET k "This is a string""#, "+OK\r\n"),
            ("GETRANGE k 0 3", "$4\r\nThis\r\n"),
            ("GETRANGE k -3 -1", "$3\r\ning\r\n"),
            ("GETRANGE k 0 -1", "$16\r\nThis is a string\r\n"),
            ("GETRANGE k 10 100", "$6\r\nstring\r\n"),
            ("GETRANGE k 15 15", "$1\r\ng\r\n"),
            ("GETRANGE k 16 20", "$0\r\n\r\n"),
            ("GETRANGE k 5 2", "$0\r\n\r\n"),
            ("GETRANGE k -1 -5", "$0\r\n\r\n"),
            ("GETRANGE k -100 -50", "$1\r\nT\r\n"),
            ("GETRANGE k 0 -100", "$1\r\nT\r\n"),
            ("GETRANGE k 1 -100", "$0\r\n\r\n"),
            ("GETRANGE k -100 3", "$4\r\nThis\r\n"),
            ("GETRANGE k 9223372036854775807 -9223372036854775808", "$0\r\n\r\n"),
            ("GETRANGE k -9223372036854775808 9223372036854775807", "$16\r\nThis is a string\r\n"),
        ])
    }

    @Test func `reads a number's digits`() {
        Session().expect([
            ("SET n -12345", "+OK\r\n"),
            ("GETRANGE n 0 2", "$3\r\n-12\r\n"),
            ("GETRANGE n -2 -1", "$2\r\n45\r\n"),
        ])
    }

    @Test func `answers nothing of nothing`() {
        Session().expect([
            ("GETRANGE none 0 -1", "$0\r\n\r\n"),
            (#"SET k """#, "+OK\r\n"),
            ("GETRANGE k 0 -1", "$0\r\n\r\n"),
            ("GETRANGE k -1 0", "$0\r\n\r\n"),
        ])
    }

    @Test func `checks the positions before the key`() {
        Session().expect([
            ("GETRANGE none a 0", "-ERR value is not an integer or out of range\r\n"),
            ("GETRANGE none 0 a", "-ERR value is not an integer or out of range\r\n"),
            ("LIST l", ""),
            ("GETRANGE l 0 a", "-ERR value is not an integer or out of range\r\n"),
            ("GETRANGE l 0 -1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GETRANGE k 0", "-ERR wrong number of arguments for 'getrange' command\r\n"),
            ("GETRANGE k 0 1 2", "-ERR wrong number of arguments for 'getrange' command\r\n"),
        ])
    }

    @Test func `names a key it misses`() {
        Session().expectChanges([
            ("GETRANGE none 0 -1", 0, ["keymiss none"])
        ])
    }
}

@Suite struct GETSET {
    @Test func `answers the old value and sets the new one`() {
        Session().expect([
            ("GETSET k v", "$-1\r\n"),
            ("GETSET k w", "$1\r\nv\r\n"),
            ("GETSET k 5", "$1\r\nw\r\n"),
            ("GETSET k 6", "$1\r\n5\r\n"),
            ("GET k", "$1\r\n6\r\n"),
        ])
    }

    @Test func `answers the old value though the new one takes its place in memory`() {
        Session().expect([
            ("SET k aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "+OK\r\n"),
            ("GETSET k bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "$32\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
            ("GETSET k c", "$32\r\nbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GETSET l v", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GETSET k", "-ERR wrong number of arguments for 'getset' command\r\n"),
            ("GETSET k a b", "-ERR wrong number of arguments for 'getset' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("GETSET k v", 1, ["keymiss k", "new k", "set k"]),
            ("GETSET k w", 1, ["set k"]),
            ("LIST l", 0, []),
            ("GETSET l v", 0, []),
        ])
    }
}

@Suite struct MGET {
    @Test func `answers a value for each key, nothing for no key and for another type`() {
        Session().expect([
            ("MSET a 1 b two", "+OK\r\n"),
            ("LIST l", ""),
            ("MGET a none b l a", "*5\r\n$1\r\n1\r\n$-1\r\n$3\r\ntwo\r\n$-1\r\n$1\r\n1\r\n"),
            ("MGET none", "*1\r\n$-1\r\n"),
            ("MGET", "-ERR wrong number of arguments for 'mget' command\r\n"),
        ])
    }

    @Test func `names the keys it misses`() {
        Session().expectChanges([
            ("SET k v", 1, ["new k", "set k"]),
            ("MGET k none nothing", 0, ["keymiss none", "keymiss nothing"]),
        ])
    }
}

@Suite struct MSET {
    @Test func `sets each key, the last value of one that comes twice`() {
        Session().expect([
            ("MSET a 1 b 2 a 3", "+OK\r\n"),
            ("MGET a b", "*2\r\n$1\r\n3\r\n$1\r\n2\r\n"),
        ])
    }

    @Test func `replaces another type`() {
        Session().expect([
            ("LIST l", ""),
            ("MSET l 1", "+OK\r\n"),
            ("GET l", "$1\r\n1\r\n"),
        ])
    }

    @Test func `refuses a key without a value, and sets nothing`() {
        Session().expect([
            ("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n"),
            ("GET a", "$-1\r\n"),
            ("MSET a", "-ERR wrong number of arguments for 'mset' command\r\n"),
            ("MSET", "-ERR wrong number of arguments for 'mset' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("MSET a 1 b 2 a 3", 3, ["new a", "set a", "new b", "set b", "set a"])
        ])
    }
}

@Suite struct MSETNX {
    @Test func `sets all keys or none`() {
        Session().expect([
            ("MSETNX a 1 b 2", ":1\r\n"),
            ("MSETNX b 3 c 4", ":0\r\n"),
            ("MGET a b c", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n"),
            ("MSETNX d 1 d 2", ":1\r\n"),
            ("GET d", "$1\r\n2\r\n"),
        ])
    }

    @Test func `does not set where another type is`() {
        Session().expect([
            ("LIST l", ""),
            ("MSETNX z 1 l 2", ":0\r\n"),
            ("GET z", "$-1\r\n"),
        ])
    }

    @Test func `refuses a key without a value`() {
        Session().expect([
            ("MSETNX a 1 b", "-ERR wrong number of arguments for 'msetnx' command\r\n"),
            ("MSETNX a", "-ERR wrong number of arguments for 'msetnx' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("MSETNX a 1 a 2", 2, ["new a", "set a", "set a"]),
            ("MSETNX b 1 a 2", 0, []),
        ])
    }
}

@Suite struct SETRANGE {
    @Test func `overwrites and lengthens`() {
        Session().expect([
            (#"SET k "Hello World""#, "+OK\r\n"),
            ("SETRANGE k 6 Redis", ":11\r\n"),
            ("GET k", "$11\r\nHello Redis\r\n"),
            ("SETRANGE k 10 ething", ":16\r\n"),
            ("GET k", "$16\r\nHello Rediething\r\n"),
            ("SETRANGE k 20 end", ":23\r\n"),
            ("GET k", "$23\r\nHello Rediething\0\0\0\0end\r\n"),
        ])
    }

    @Test func `makes a string of zero bytes and the patch`() {
        Session().expect([
            ("SETRANGE k 3 ab", ":5\r\n"),
            ("GET k", "$5\r\n\0\0\0ab\r\n"),
        ])
    }

    @Test func `makes and lengthens nothing with an empty patch`() {
        Session().expect([
            (#"SETRANGE none 5 """#, ":0\r\n"),
            ("GET none", "$-1\r\n"),
            ("SET n 12345", "+OK\r\n"),
            (#"SETRANGE n 10 """#, ":5\r\n"),
            (#"SETRANGE n 536870912 """#, ":5\r\n"),
            ("GET n", "$5\r\n12345\r\n"),
        ])
    }

    @Test func `overwrites a number's digits`() {
        Session().expect([
            ("SET n 12345", "+OK\r\n"),
            ("SETRANGE n 1 x", ":5\r\n"),
            ("GET n", "$5\r\n1x345\r\n"),
            ("SETRANGE n 1 9", ":5\r\n"),
            ("INCR n", ":19346\r\n"),
        ])
    }

    @Test func `checks the offset, then the key, then the length`() {
        Session().expect([
            ("SETRANGE k one x", "-ERR value is not an integer or out of range\r\n"),
            ("SETRANGE k -1 x", "-ERR offset is out of range\r\n"),
            (#"SETRANGE k -1 """#, "-ERR offset is out of range\r\n"),
            ("SETRANGE k 536870911 xx", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"),
            ("SETRANGE k 9223372036854775807 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"),
            ("GET k", "$-1\r\n"),
            ("LIST l", ""),
            ("SETRANGE l -1 x", "-ERR offset is out of range\r\n"),
            (#"SETRANGE l 0 """#, "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SETRANGE l 536870912 x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SETRANGE k 0", "-ERR wrong number of arguments for 'setrange' command\r\n"),
            ("SETRANGE k 0 a b", "-ERR wrong number of arguments for 'setrange' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("SETRANGE k 3 ab", 1, ["new k", "setrange k"]),
            ("SETRANGE k 0 x", 1, ["setrange k"]),
            (#"SETRANGE k 0 """#, 0, []),
            (#"SETRANGE none 0 """#, 0, []),
            ("SETRANGE k 536870912 x", 0, []),
        ])
    }
}

@Suite struct STRLEN {
    @Test func `counts bytes`() {
        Session().expect([
            ("STRLEN none", ":0\r\n"),
            ("SET k value", "+OK\r\n"),
            ("STRLEN k", ":5\r\n"),
            ("SET k -12345", "+OK\r\n"),
            ("STRLEN k", ":6\r\n"),
            (#"SET k """#, "+OK\r\n"),
            ("STRLEN k", ":0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("STRLEN l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("STRLEN", "-ERR wrong number of arguments for 'strlen' command\r\n"),
            ("STRLEN a b", "-ERR wrong number of arguments for 'strlen' command\r\n"),
        ])
    }

    @Test func `names a key it misses`() {
        Session().expectChanges([
            ("STRLEN none", 0, ["keymiss none"])
        ])
    }
}

@Suite struct SUBSTR {
    @Test func `is GETRANGE by its old name`() {
        Session().expect([
            (#"SET k "This is a string""#, "+OK\r\n"),
            ("SUBSTR k 0 3", "$4\r\nThis\r\n"),
            ("SUBSTR k -3 -1", "$3\r\ning\r\n"),
            ("SUBSTR none 0 -1", "$0\r\n\r\n"),
            ("SUBSTR k a 0", "-ERR value is not an integer or out of range\r\n"),
            ("SUBSTR k 0", "-ERR wrong number of arguments for 'substr' command\r\n"),
            ("LIST l", ""),
            ("SUBSTR l 0 -1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
        ])
    }

    @Test func `names a key it misses`() {
        Session().expectChanges([
            ("SUBSTR none 0 -1", 0, ["keymiss none"])
        ])
    }
}
