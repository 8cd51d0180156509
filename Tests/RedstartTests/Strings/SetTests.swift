import Testing

@testable import Redstart

@Suite struct GETEX {
    @Test func `answers the string whatever else it is told`() {
        Session().expect([
            ("SET k v", "+OK\r\n"),
            ("GETEX k", "$1\r\nv\r\n"),
            ("GETEX k EX 100", "$1\r\nv\r\n"),
            ("GETEX k px 100", "$1\r\nv\r\n"),
            ("GETEX k EXAT 99999999999", "$1\r\nv\r\n"),
            ("GETEX k PXAT 99999999999999", "$1\r\nv\r\n"),
            ("GETEX k PERSIST", "$1\r\nv\r\n"),
            ("GETEX k persist PERSIST", "$1\r\nv\r\n"),
            ("GETEX k EX 10 EX 20", "$1\r\nv\r\n"),
            ("SET k 10", "+OK\r\n"),
            ("GETEX k", "$2\r\n10\r\n"),
            ("GETEX none EX 10", "$-1\r\n"),
        ])
    }

    @Test func `deletes a key whose new deadline has passed`() {
        Session().expect([
            ("SET k v", "+OK\r\n"),
            ("GETEX k EXAT 1", "$1\r\nv\r\n"),
            ("GETEX k", "$-1\r\n"),
            ("SET k v", "+OK\r\n"),
            ("GETEX k PXAT 1", "$1\r\nv\r\n"),
            ("GET k", "$-1\r\n"),
        ])
    }

    @Test func `checks the options, then the key, then the time`() {
        Session().expect([
            ("GETEX none BAD", "-ERR syntax error\r\n"),
            ("GETEX none EX abc", "$-1\r\n"),
            ("GETEX none EX 0", "$-1\r\n"),
            ("LIST l", ""),
            ("GETEX l BAD", "-ERR syntax error\r\n"),
            ("GETEX l EX 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GETEX l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET k v", "+OK\r\n"),
            ("GETEX k EX", "-ERR syntax error\r\n"),
            ("GETEX k EX 10 PX 10", "-ERR syntax error\r\n"),
            ("GETEX k EX 10 PERSIST", "-ERR syntax error\r\n"),
            ("GETEX k PERSIST EX 10", "-ERR syntax error\r\n"),
            ("GETEX k KEEPTTL", "-ERR syntax error\r\n"),
            ("GETEX k NX", "-ERR syntax error\r\n"),
            ("GETEX k GET", "-ERR syntax error\r\n"),
            ("GETEX k EX abc", "-ERR value is not an integer or out of range\r\n"),
            ("GETEX k EX 1.5", "-ERR value is not an integer or out of range\r\n"),
            ("GETEX k EX 0", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k EX -1", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k PXAT 0", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k EX 9223372036854775807", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k EX 9223372036854775", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k PX 9223372036854775807", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k EXAT 9223372036854775807", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX k EXAT 9223372036854775", "$1\r\nv\r\n"),
            ("GETEX", "-ERR wrong number of arguments for 'getex' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("GETEX none", 0, ["keymiss none"]),
            ("GETEX none EX 10", 0, ["keymiss none"]),
            ("SET k v", 1, ["new k", "set k"]),
            ("GETEX k", 0, []),
            ("GETEX k PERSIST", 0, []),
            ("GETEX k EX 100", 1, ["expire k"]),
            ("GETEX k PERSIST", 1, ["persist k"]),
            ("GETEX k EX 0", 0, []),
            ("GETEX k PXAT 1", 1, ["del k"]),
        ])
    }
}

@Suite struct PSETEX {
    @Test func `sets for some milliseconds`() {
        Session().expect([
            ("PSETEX k 10000 v", "+OK\r\n"),
            ("GET k", "$1\r\nv\r\n"),
            ("PSETEX k 5 w", "+OK\r\n"),
            ("LIST l", ""),
            ("PSETEX l 10000 v", "+OK\r\n"),
            ("GET l", "$1\r\nv\r\n"),
        ])
    }

    @Test func `refuses times that are none`() {
        Session().expect([
            ("PSETEX k 0 v", "-ERR invalid expire time in 'psetex' command\r\n"),
            ("PSETEX k -1 v", "-ERR invalid expire time in 'psetex' command\r\n"),
            ("PSETEX k abc v", "-ERR value is not an integer or out of range\r\n"),
            ("PSETEX k 9223372036854775807 v", "-ERR invalid expire time in 'psetex' command\r\n"),
            ("PSETEX k 100", "-ERR wrong number of arguments for 'psetex' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("PSETEX k 10000 v", 1, ["new k", "set k", "expire k"]),
            ("PSETEX k 10000 v", 1, ["set k", "expire k"]),
            ("PSETEX k 0 v", 0, []),
        ])
    }
}

@Suite struct SET {
    @Test func `sets`() {
        Session().expect([
            ("SET k v", "+OK\r\n"),
            ("SET k w", "+OK\r\n"),
            ("GET k", "$1\r\nw\r\n"),
            (#"SET "" empty"#, "+OK\r\n"),
            (#"GET """#, "$5\r\nempty\r\n"),
        ])
    }

    @Test func `replaces another type`() {
        Session().expect([
            ("LIST l", ""),
            ("SET l v", "+OK\r\n"),
            ("GET l", "$1\r\nv\r\n"),
        ])
    }

    @Test func `sets on condition`() {
        Session().expect([
            ("SET k v XX", "$-1\r\n"),
            ("GET k", "$-1\r\n"),
            ("SET k v NX", "+OK\r\n"),
            ("SET k w nx", "$-1\r\n"),
            ("GET k", "$1\r\nv\r\n"),
            ("SET k w xx", "+OK\r\n"),
            ("GET k", "$1\r\nw\r\n"),
            ("SET k v NX NX", "$-1\r\n"),
            ("SET k v XX XX", "+OK\r\n"),
        ])
    }

    @Test func `answers the old value when asked`() {
        Session().expect([
            ("SET k v GET", "$-1\r\n"),
            ("SET k w GET", "$1\r\nv\r\n"),
            ("SET k 12 GET GET", "$1\r\nw\r\n"),
            ("SET k x GET XX", "$2\r\n12\r\n"),
            ("SET k y NX GET", "$1\r\nx\r\n"),
            ("GET k", "$1\r\nx\r\n"),
            ("SET none y XX GET", "$-1\r\n"),
            ("GET none", "$-1\r\n"),
            ("SET new y NX GET", "$-1\r\n"),
            ("GET new", "$1\r\ny\r\n"),
        ])
    }

    @Test func `answers the old value of another type as an error, and sets nothing`() {
        Session().expect([
            ("LIST l", ""),
            ("SET l v GET", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET l v NX GET", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET l v NX", "$-1\r\n"),
            ("SET l v EX 0 GET", "-ERR invalid expire time in 'set' command\r\n"),
            ("STRLEN l", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("SET l v XX", "+OK\r\n"),
            ("GET l", "$1\r\nv\r\n"),
        ])
    }

    @Test func `takes its options in any order and case`() {
        Session().expect([
            ("SET k v eX 100 Nx gEt", "$-1\r\n"),
            ("SET k w GET XX PX 100000", "$1\r\nv\r\n"),
            ("SET k w KEEPTTL XX GET", "$1\r\nw\r\n"),
            ("SET k w EXAT 99999999999 GET", "$1\r\nw\r\n"),
            ("SET k w PXAT 99999999999999 XX", "+OK\r\n"),
            ("SET k w EX 10 EX 20", "+OK\r\n"),
            ("SET k w keepttl KEEPTTL", "+OK\r\n"),
        ])
    }

    @Test func `refuses options that do not go together`() {
        Session().expect([
            ("SET k v NX XX", "-ERR syntax error\r\n"),
            ("SET k v XX NX", "-ERR syntax error\r\n"),
            ("SET k v XX NX XX", "-ERR syntax error\r\n"),
            ("SET k v EX 10 PX 10", "-ERR syntax error\r\n"),
            ("SET k v EX 10 KEEPTTL", "-ERR syntax error\r\n"),
            ("SET k v KEEPTTL EX 10", "-ERR syntax error\r\n"),
            ("SET k v KEEPTTL PXAT 1", "-ERR syntax error\r\n"),
            ("SET k v PERSIST", "-ERR syntax error\r\n"),
            ("SET k v BAD", "-ERR syntax error\r\n"),
            ("SET k v EX", "-ERR syntax error\r\n"),
            ("SET k v GET EX", "-ERR syntax error\r\n"),
            ("SET k v EX 10 BAD", "-ERR syntax error\r\n"),
            ("SET k v EX abc BAD", "-ERR syntax error\r\n"),
            ("SET k v NX EX 0", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k", "-ERR wrong number of arguments for 'set' command\r\n"),
            ("SET", "-ERR wrong number of arguments for 'set' command\r\n"),
            ("GET k", "$-1\r\n"),
        ])
    }

    @Test func `refuses times that are none`() {
        Session().expect([
            ("SET k v EX abc", "-ERR value is not an integer or out of range\r\n"),
            ("SET k v EX NX", "-ERR value is not an integer or out of range\r\n"),
            ("SET k v EX 1.5", "-ERR value is not an integer or out of range\r\n"),
            (#"SET k v EX """#, "-ERR value is not an integer or out of range\r\n"),
            ("SET k v EX 18446744073709551616", "-ERR value is not an integer or out of range\r\n"),
            ("SET k v EX 0", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v EX -1", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v PX 0", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v PX -5", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v EXAT 0", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v EXAT -1", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v PXAT 0", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v EX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v EX 9223372036854775", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v PX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"),
            ("SET k v EXAT 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"),
            ("GET k", "$-1\r\n"),
            ("SET k v EX 9223370000000000", "+OK\r\n"),
            ("SET k v EXAT 9223372036854775", "+OK\r\n"),
            ("SET k v PXAT 9223372036854775807", "+OK\r\n"),
            ("GET k", "$1\r\nv\r\n"),
        ])
    }

    @Test func `a key whose deadline has passed is not seen`() {
        Session().expect([
            ("SET k v EXAT 1", "+OK\r\n"),
            ("GET k", "$-1\r\n"),
            ("SET k v PXAT 1", "+OK\r\n"),
            ("SET k w XX", "$-1\r\n"),
            ("SET k w PXAT 1 GET", "$-1\r\n"),
            ("SET k w GET", "$-1\r\n"),
            ("SET k w PXAT 1 GET", "$1\r\nw\r\n"),
            ("SET k w NX", "+OK\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("SET k v", 1, ["new k", "set k"]),
            ("SET k v EX 100", 1, ["set k", "expire k"]),
            ("SET k v EX 100 NX", 0, []),
            ("SET k v XX KEEPTTL", 1, ["set k"]),
            ("SET k v NX GET", 0, []),
            ("SET k2 v NX GET", 1, ["keymiss k2", "new k2", "set k2"]),
            ("SET k3 v XX GET", 0, ["keymiss k3"]),
            ("SET k3 v XX", 0, []),
            ("SET k v EX 0", 0, []),
            ("SET new v PX 100", 1, ["new new", "set new", "expire new"]),
            ("SET past v PXAT 1", 1, ["new past", "set past", "expire past"]),
            ("SET past v GET", 1, ["expired past", "keymiss past", "new past", "set past"]),
            ("SET past v PXAT 1", 1, ["set past", "expire past"]),
            ("SET past v", 1, ["expired past", "new past", "set past"]),
            ("LIST l", 0, []),
            ("SET l v", 1, ["set l"]),
        ])
    }
}

@Suite struct SETEX {
    @Test func `sets for some seconds`() {
        Session().expect([
            ("SETEX k 10 v", "+OK\r\n"),
            ("GET k", "$1\r\nv\r\n"),
            ("SETEX k 10 5", "+OK\r\n"),
            ("LIST l", ""),
            ("SETEX l 10 v", "+OK\r\n"),
            ("GET l", "$1\r\nv\r\n"),
        ])
    }

    @Test func `refuses times that are none`() {
        Session().expect([
            ("SETEX k 0 v", "-ERR invalid expire time in 'setex' command\r\n"),
            ("SETEX k -1 v", "-ERR invalid expire time in 'setex' command\r\n"),
            ("SETEX k abc v", "-ERR value is not an integer or out of range\r\n"),
            ("SETEX k 9223372036854775807 v", "-ERR invalid expire time in 'setex' command\r\n"),
            ("SETEX k 9223372036854775 v", "-ERR invalid expire time in 'setex' command\r\n"),
            ("SETEX k 100", "-ERR wrong number of arguments for 'setex' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("SETEX k 10 v", 1, ["new k", "set k", "expire k"]),
            ("SETEX k 10 v", 1, ["set k", "expire k"]),
            ("SETEX k 0 v", 0, []),
        ])
    }
}

@Suite struct SETNX {
    @Test func `sets a key that is not there`() {
        Session().expect([
            ("SETNX k v", ":1\r\n"),
            ("SETNX k w", ":0\r\n"),
            ("GET k", "$1\r\nv\r\n"),
            ("LIST l", ""),
            ("SETNX l v", ":0\r\n"),
            ("SETNX k", "-ERR wrong number of arguments for 'setnx' command\r\n"),
            ("SETNX k a b", "-ERR wrong number of arguments for 'setnx' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("SETNX k v", 1, ["new k", "set k"]),
            ("SETNX k v", 0, []),
        ])
    }
}
