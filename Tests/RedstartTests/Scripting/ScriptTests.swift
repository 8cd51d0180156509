import Testing

@testable import Redstart

private let one = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"

@Suite struct SCRIPT {
    @Test(arguments: [
        ("SCRIPT", "-ERR wrong number of arguments for 'script' command\r\n"),
        ("SCRIPT FOO", "-ERR unknown subcommand 'FOO'. Try SCRIPT HELP.\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) { #expect(Session().answer(line) == reply) }
}

@Suite struct SCRIPT_LOAD {
    @Test(arguments: [
        ("SCRIPT LOAD 'return 1'", "$40\r\n\(one)\r\n"),
        ("SCRIPT LOAD ''", "$40\r\nda39a3ee5e6b4b0d3255bfef95601890afd80709\r\n"),
        (
            "SCRIPT LOAD 'return 1 1'",
            "-ERR Error compiling script (new function): user_script:1: '<eof>' expected near '1'\r\n"
        ),
        ("SCRIPT LOAD a b", "-ERR wrong number of arguments for 'script|load' command\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) { #expect(Session().answer(line) == reply) }

    @Test func `keeps a script that EVAL brought`() {
        let session = Session()
        session.answer("EVAL 'return 1' 0")
        session.answer("SCRIPT LOAD 'return 1'")
        for number in 2...600 { session.answer("EVAL 'return \(number)' 0") }
        #expect(session.answer("SCRIPT EXISTS \(one)") == "*1\r\n:1\r\n")
    }
}

@Suite struct SCRIPT_EXISTS {
    @Test func `answers for each digest`() {
        let session = Session()
        session.answer("SCRIPT LOAD 'return 1'")
        #expect(session.answer("SCRIPT EXISTS \(one) x \(one.uppercased())") == "*3\r\n:1\r\n:0\r\n:1\r\n")
    }
}

@Suite struct SCRIPT_FLUSH {
    @Test(arguments: [
        ("SCRIPT FLUSH", "+OK\r\n"),
        ("SCRIPT FLUSH async", "+OK\r\n"),
        ("SCRIPT FLUSH SYNC", "+OK\r\n"),
        ("SCRIPT FLUSH SYNC x", "-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n"),
        ("SCRIPT FLUSH x", "-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SCRIPT LOAD 'return 1'")
        #expect(session.answer(line) == reply)
        #expect(session.answer("SCRIPT EXISTS \(one)") == "*1\r\n:\(reply == "+OK\r\n" ? 0 : 1)\r\n")
    }
}

@Suite struct SCRIPT_DEBUG {
    @Test(arguments: [
        ("SCRIPT DEBUG NO", "+OK\r\n"),
        ("SCRIPT DEBUG YES", "-ERR SCRIPT DEBUG must be called outside a pipeline\r\n"),
        ("SCRIPT DEBUG x", "-ERR Use SCRIPT DEBUG YES/SYNC/NO\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) { #expect(Session().answer(line) == reply) }
}

@Suite struct SCRIPT_HELP {
    @Test func `lists the subcommands`() { #expect(Session().answer("SCRIPT HELP").hasPrefix("*13\r\n+SCRIPT ")) }
}

@Suite struct Digests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    ])
    func `of FIPS 180-4`(_ text: String, _ digest: String) {
        let found = Array(text.utf8).withBytes { SHA1.hexadecimal($0) }
        #expect(found.withBytes { String($0) } == digest)
    }
}
