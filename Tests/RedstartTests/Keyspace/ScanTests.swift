import Testing

@testable import Redstart

/// The elements of an array of bulk strings that hold no line breaks.
private func elements(_ reply: String) -> [String] {
    var lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return stride(from: 2, to: lines.count, by: 2).map { lines[$0] }
}

@Suite struct KEYS {
    @Test(arguments: [
        ("KEYS", "-ERR wrong number of arguments for 'keys' command\r\n"),
        ("KEYS a b", "-ERR wrong number of arguments for 'keys' command\r\n"),
        ("KEYS nothing*", "*0\r\n"),
        ("KEYS o?e", "*1\r\n$3\r\none\r\n"),
        ("KEYS \"\"", "*1\r\n$0\r\n\r\n"),
        ("KEYS [t]w*", "*1\r\n$3\r\ntwo\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("MSET one 1 two 2 three 3 \"\" 4")
        #expect(session.answer(line) == reply)
    }

    @Test func `a lone star is every key, also the empty one`() {
        let session = Session()
        session.answer("MSET one 1 two 2 \"\" 4")
        #expect(elements(session.answer("KEYS *")).sorted() == ["", "one", "two"])
        #expect(elements(session.answer("KEYS **")).sorted() == ["one", "two"])
    }

    @Test func `lists no key whose time has come, and leaves it alone`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("PEXPIRE b 10")
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(session.answer("KEYS *") == "*1\r\n$1\r\na\r\n")
        #expect(events.take() == [])
        #expect(session.engine.databases[0].count == 1)
    }
}

@Suite struct SCAN {
    @Test(arguments: [
        ("SCAN", "-ERR wrong number of arguments for 'scan' command\r\n"),
        ("SCAN 0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
        ("SCAN x", "-ERR invalid cursor\r\n"),
        ("SCAN \"\"", "-ERR invalid cursor\r\n"),
        ("SCAN 1a", "-ERR invalid cursor\r\n"),
        ("SCAN 0x10", "-ERR invalid cursor\r\n"),
        ("SCAN \" 1\"", "-ERR invalid cursor\r\n"),
        ("SCAN -", "-ERR invalid cursor\r\n"),
        ("SCAN 18446744073709551616", "-ERR invalid cursor\r\n"),
        ("SCAN 99999999999999999999999", "-ERR invalid cursor\r\n"),
        ("SCAN x COUNT x", "-ERR invalid cursor\r\n"),
        ("SCAN +0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
        ("SCAN -0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
        ("SCAN 0 FOO", "-ERR syntax error\r\n"),
        ("SCAN 0 FOO x", "-ERR syntax error\r\n"),
        ("SCAN 0 COUNT", "-ERR syntax error\r\n"),
        ("SCAN 0 MATCH", "-ERR syntax error\r\n"),
        ("SCAN 0 TYPE", "-ERR syntax error\r\n"),
        ("SCAN 0 COUNT 0", "-ERR syntax error\r\n"),
        ("SCAN 0 COUNT -1", "-ERR syntax error\r\n"),
        ("SCAN 0 COUNT x", "-ERR value is not an integer or out of range\r\n"),
        ("SCAN 0 TYPE string COUNT 0", "-ERR syntax error\r\n"),
        ("SCAN 0 MATCH b", "*2\r\n$1\r\n0\r\n*0\r\n"),
        ("SCAN 0 MATCH b MATCH a COUNT 1000 TYPE list TYPE STRING", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
        ("SCAN 0 match * count 9223372036854775807", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
        ("SCAN 0 TYPE list", "*2\r\n$1\r\n0\r\n*0\r\n"),
        ("SCAN 0 TYPE nosuchtype", "*2\r\n$1\r\n0\r\n*0\r\n"),
        ("SCAN 0 TYPE \"\"", "*2\r\n$1\r\n0\r\n*0\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        let session = Session()
        session.answer("SET a 1")
        #expect(session.answer(line) == reply)
    }

    @Test(arguments: ["1", "18446744073709551615", "-1", "9223372036854775808"])
    func `takes any number for a cursor, and ends`(_ cursor: String) {
        let session = Session()
        session.answer("SET a 1")
        var next = cursor
        for _ in 0..<100 where next != "0" { next = page(session, next).cursor }
        #expect(next == "0")
    }

    private func page(
        _ session: Session, _ cursor: String, _ options: String = ""
    ) -> (cursor: String, keys: [String]) {
        let reply = session.answer("SCAN \(cursor) \(options)")
        let parts = reply.split(separator: "\r\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        return (parts[2], elements(parts[3]))
    }

    private func scan(_ session: Session, _ options: String = "", between: (Int) -> Void = { _ in }) -> [String] {
        var cursor = "0"
        var found: [String] = []
        var pages = 0
        repeat {
            let (next, keys) = page(session, cursor, options)
            found += keys
            cursor = next
            pages += 1
            between(pages)
            guard pages < 20_000, (UInt64(cursor) ?? .max) < 1 << 53 else {
                Issue.record("cursor \(cursor) on page \(pages)")
                return found
            }
        } while cursor != "0"
        return found
    }

    @Test(arguments: [1, 10, 1_000])
    func `finds every key once`(_ count: Int) {
        let session = Session()
        let names = (0..<5_000).map { "key:\($0)" }
        for name in names { session.answer("SET \(name) 1") }
        #expect(scan(session, "COUNT \(count)").sorted() == names.sorted())
        let matching = names.filter { $0.hasPrefix("key:12") }.sorted()
        #expect(scan(session, "COUNT \(count) MATCH key:12*").sorted() == matching)
    }

    @Test(arguments: [1, 10, 100, 1_000])
    func `a page holds about as many keys as asked for`(_ count: Int) {
        let session = Session()
        for index in 0..<20_000 { session.answer("SET key:\(index) 1") }
        var cursor = "0"
        repeat {
            let (next, keys) = page(session, cursor, "COUNT \(count)")
            #expect(keys.count < count + 40)
            cursor = next
        } while cursor != "0"
    }

    @Test func `what stays is found once while the table grows`() {
        let session = Session()
        let names = (0..<300).map { "stays:\($0)" }
        for name in names { session.answer("SET \(name) 1") }
        var added = 0
        let found = scan(session) { pages in
            guard pages < 40 else { return }
            for _ in 0..<500 {
                added += 1
                session.answer("SET new:\(added) 1")
            }
        }
        #expect(found.filter { $0.hasPrefix("stays:") }.sorted() == names.sorted())
    }

    @Test func `what stays is found once while the table shrinks`() {
        let session = Session()
        let names = (0..<300).map { "stays:\($0)" }
        for name in names { session.answer("SET \(name) 1") }
        for index in 0..<50_000 { session.answer("SET goes:\(index) 1") }
        var removed = 0
        let found = scan(session, "COUNT 50") { _ in
            for _ in 0..<400 {
                session.answer("DEL goes:\(removed)")
                removed += 1
            }
            session.engine.databases[0].table.migrate(buckets: 50)
        }
        #expect(found.filter { $0.hasPrefix("stays:") }.sorted() == names.sorted())
    }

    @Test func `filters by type`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        for (index, type) in ValueType.allCases.enumerated() where type != .string {
            session.setObject("object:\(index)", TestObject(1), type)
        }
        #expect(scan(session, "TYPE string").sorted() == ["a", "b"])
        for (name, key) in [("list", "1"), ("SET", "2"), ("zset", "3"), ("hash", "4"), ("stream", "5")] {
            #expect(scan(session, "TYPE \(name)") == ["object:\(key)"])
        }
    }

    @Test func `finds no key whose time has come, and removes it unless the pattern leaves it out`() {
        let session = Session()
        session.answer("MSET a 1 b 2")
        session.answer("PEXPIRE b 10")
        session.sleep(milliseconds: 10)
        let events = session.events
        #expect(scan(session, "MATCH x") == [])
        #expect(events.take() == [])
        #expect(scan(session) == ["a"])
        #expect(events.take() == ["0:expired b"])
        #expect(events.takeDirty() == 0)
    }
}
