import Testing

@testable import Redstart

/// Readers that wait, on the clock that a test holds, and what streams count and name as changes.
@Suite struct StreamWaitingTests {
    private let session = Session()

    @Test func `a reader gives up when its time has come, and takes nothing later`() {
        let reader = Session(session.engine)
        session.answer("XGROUP CREATE s g $ MKSTREAM")
        #expect(reader.answer("XREADGROUP GROUP g a BLOCK 1000 STREAMS s >").isEmpty)
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(999)))
        #expect(reader.read().isEmpty)
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(1)))
        #expect(reader.read() == "*-1\r\n")
        session.answer("XADD s 1-1 f v")
        #expect(reader.read().isEmpty)
        #expect(session.answer("XPENDING s g").hasPrefix("*4\r\n:0\r\n"))
    }

    @Test func `readers of a group are served in the order of their coming, one entry each`() {
        session.answer("XGROUP CREATE s g $ MKSTREAM")
        let readers = (0..<4).map { _ in Session(session.engine) }
        for (number, reader) in readers.enumerated() {
            #expect(reader.answer("XREADGROUP GROUP g c\(number) BLOCK 0 STREAMS s >").isEmpty)
        }
        for (number, reader) in readers.enumerated() {
            session.answer("XADD s \(number + 1)-1 f v")
            #expect(reader.read().contains("\(number + 1)-1"))
            for other in readers.dropFirst(number + 1) { #expect(other.read().isEmpty) }
        }
    }

    @Test func `a reader that is gone takes nothing`() {
        session.answer("XGROUP CREATE s g $ MKSTREAM")
        let (gone, next) = (Session(session.engine), Session(session.engine))
        #expect(gone.answer("XREADGROUP GROUP g a BLOCK 0 STREAMS s >").isEmpty)
        #expect(next.answer("XREADGROUP GROUP g b BLOCK 0 STREAMS s >").isEmpty)
        session.engine.kill(gone.client)
        session.answer("XADD s 1-1 f v")
        #expect(next.read().contains("1-1"))
        #expect(session.answer("XPENDING s g - + 10").contains("$1\r\nb\r\n"))
    }

    @Test func `idle times follow the clock`() {
        session.answer("XADD s 1-1 f v")
        session.answer("XGROUP CREATE s g 0")
        session.answer("XREADGROUP GROUP g a STREAMS s >")
        session.engine.advance(to: session.engine.clock.now.advanced(by: .seconds(60)))
        #expect(session.answer("XPENDING s g - + 10") == "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\na\r\n:60000\r\n:1\r\n")
        #expect(session.answer("XCLAIM s g b 60001 1-1") == "*0\r\n")
        #expect(session.answer("XAUTOCLAIM s g b 60000 0 JUSTID") == "*3\r\n$3\r\n0-0\r\n*1\r\n$3\r\n1-1\r\n*0\r\n")
        #expect(session.answer("XPENDING s g - + 10") == "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nb\r\n:0\r\n:1\r\n")
        session.engine.advance(to: session.engine.clock.now.advanced(by: .seconds(1)))
        session.answer("XREADGROUP GROUP g a STREAMS s >")
        #expect(
            session.answer("XINFO CONSUMERS s g")
                == "*2\r\n*8\r\n$4\r\nname\r\n$1\r\na\r\n$7\r\npending\r\n:0\r\n$4\r\nidle\r\n:0\r\n$8\r\ninactive\r\n"
                + ":61000\r\n*8\r\n$4\r\nname\r\n$1\r\nb\r\n$7\r\npending\r\n:1\r\n$4\r\nidle\r\n:1000\r\n"
                + "$8\r\ninactive\r\n:1000\r\n")
    }

    @Test func `an ID of the server's is the clock's`() {
        #expect(session.answer("XADD s * f v") == "$15\r\n1700000000000-0\r\n")
        #expect(session.answer("XADD s * f v") == "$15\r\n1700000000000-1\r\n")
        session.engine.advance(to: session.engine.clock.now.advanced(by: .milliseconds(7)))
        #expect(session.answer("XADD s * f v") == "$15\r\n1700000000007-0\r\n")
    }

    @Test func `changes are counted and named as Redis does`() {
        session.expectChanges([
            ("XADD s 1-1 f v", 1, ["new s", "xadd s"]), ("XADD s 1-2 f v", 1, ["xadd s"]),
            ("XADD s MAXLEN 2 1-3 f v", 1, ["xadd s", "xtrim s"]), ("XADD s MAXLEN 9 1-4 f v", 1, ["xadd s"]),
            ("XTRIM s MAXLEN 1", 2, ["xtrim s"]), ("XTRIM s MAXLEN 1", 0, []),
            ("XDEL s 1-4 9", 1, ["xdel s"]), ("XDEL s 1-4", 0, []), ("XADD s 2-1 f v", 1, ["xadd s"]),
            ("XADD s 2-2 f v", 1, ["xadd s"]), ("XGROUP CREATE s g 0", 1, ["xgroup-create s"]),
            ("XGROUP CREATE t g 0 MKSTREAM", 1, ["new t", "xgroup-create t"]),
            ("XGROUP CREATECONSUMER s g a", 1, ["xgroup-createconsumer s"]),
            ("XGROUP CREATECONSUMER s g a", 0, []), ("XGROUP SETID s g 0", 1, ["xgroup-setid s"]),
            ("XREADGROUP GROUP g b COUNT 1 STREAMS s >", 2, ["xgroup-createconsumer s"]),
            ("XREADGROUP GROUP g b STREAMS s >", 1, []), ("XREADGROUP GROUP g b STREAMS s 0", 0, []),
            ("XACK s g 2-1 9", 1, []), ("XCLAIM s g c 0 2-2", 2, ["xgroup-createconsumer s"]),
            ("XAUTOCLAIM s g c 0 0", 1, []), ("XGROUP DELCONSUMER s g c", 1, ["xgroup-delconsumer s"]),
            ("XGROUP DESTROY s g", 1, ["xgroup-destroy s"]), ("XGROUP DESTROY s g", 0, []),
            ("XSETID s 5", 1, ["xsetid s"]), ("XREAD STREAMS nokey 0", 0, ["keymiss nokey", "keymiss nokey"]),
        ])
    }

    @Test func `digests and memory tell of what is in a stream`() {
        session.answer("CONFIG SET stream-node-max-entries 2")
        for number in 1...50 { session.answer("XADD s \(number)-1 field \(number)") }
        session.answer("CONFIG SET stream-node-max-entries 100")
        for number in 1...50 { session.answer("XADD t \(number)-1 field \(number)") }
        let digests = session.engine.databases[0]
        let (one, other) = (digests.digest("s"), digests.digest("t"))
        #expect(one == other && one != nil)
        session.answer("XDEL t 50-1")
        #expect(digests.digest("t") != one)
        #expect(session.answer("MEMORY USAGE s") != session.answer("MEMORY USAGE t"))
    }
}

extension Database {
    fileprivate func digest(_ name: String) -> Digest? {
        Array(name.utf8).withBytes { find(Key(bytes: $0, hash: keyspace.hash($0))).map { Digest($0.record) } }
    }
}
