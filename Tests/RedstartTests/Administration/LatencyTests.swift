import Testing

@testable import Redstart

@Suite struct LATENCY {
    private func session(threshold: Int = 1) -> Session {
        let session = Session()
        session.engine.settings.latencyThresholdMilliseconds = threshold
        session.engine.settingsChanged()
        return session
    }

    /// Delays of a command, one a second.
    private func add(_ delays: [Int], _ session: Session) {
        for delay in delays {
            session.engine.latencyMonitor.add(.command, delay, at: session.engine.clock.now.seconds)
            session.engine.advance(to: session.engine.clock.now.advanced(by: .seconds(1)))
        }
    }

    @Test(arguments: [
        ("LATENCY", "-ERR wrong number of arguments for 'latency' command\r\n"),
        ("LATENCY FOO", "-ERR unknown subcommand 'FOO'. Try LATENCY HELP.\r\n"),
        ("LATENCY LATEST", "*0\r\n"),
        ("LATENCY HISTORY", "-ERR wrong number of arguments for 'latency|history' command\r\n"),
        ("LATENCY HISTORY command", "*0\r\n"),
        ("LATENCY HISTORY foo", "*0\r\n"),
        ("LATENCY GRAPH command", "-ERR No samples available for event 'command'\r\n"),
        ("LATENCY GRAPH foo", "-ERR No samples available for event 'foo'\r\n"),
        ("LATENCY GRAPH a b", "-ERR wrong number of arguments for 'latency|graph' command\r\n"),
        ("LATENCY RESET", ":0\r\n"),
        ("LATENCY RESET foo command", ":0\r\n"),
        ("LATENCY HISTOGRAM get", "*0\r\n"),
        ("LATENCY HISTOGRAM nosuch", "*0\r\n"),
    ])
    func `answers`(_ line: String, _ reply: String) {
        #expect(Session().answer(line) == reply)
    }

    @Test func `the worst of each second is kept`() {
        let session = Session()
        add([3, 11], session)
        session.engine.latencyMonitor.add(.command, 20, at: 1_700_000_001)
        session.engine.latencyMonitor.add(.command, 5, at: 1_700_000_001)
        session.engine.latencyMonitor.add(.command, 4, at: 1_700_000_002)
        #expect(
            session.answer("LATENCY HISTORY command")
                == "*3\r\n*2\r\n:1700000000\r\n:3\r\n*2\r\n:1700000001\r\n:20\r\n*2\r\n:1700000002\r\n:4\r\n")
        #expect(session.answer("LATENCY LATEST") == "*1\r\n*4\r\n$7\r\ncommand\r\n:1700000002\r\n:4\r\n:20\r\n")
        #expect(session.answer("LATENCY HISTORY COMMAND") == "*0\r\n")
        #expect(session.answer("LATENCY RESET command foo command") == ":1\r\n")
        #expect(session.answer("LATENCY LATEST") == "*0\r\n")
    }

    @Test func `no more than 160 samples are kept`() {
        let session = Session()
        add(Array(1...170), session)
        // On a slow machine the questions themselves would be noted.
        session.answer("CONFIG SET latency-monitor-threshold 0")
        #expect(session.answer("LATENCY HISTORY command").hasPrefix("*160\r\n*2\r\n:1700000010\r\n:11\r\n"))
        #expect(session.answer("LATENCY GRAPH command").contains("high 170 ms, low 11 ms (all time high 170 ms)\n"))
    }

    @Test func `commands over the threshold are noted, quick ones apart`() {
        let session = session()
        let engine = session.engine
        engine.noteLatency(.command, engine.ticks.ticks(nanoseconds: 2_100_000))
        engine.noteLatency(.command, engine.ticks.ticks(nanoseconds: 900_000))
        engine.noteLatency(.fastCommand, engine.ticks.ticks(nanoseconds: 7_100_000))
        #expect(
            session.answer("LATENCY LATEST")
                == "*2\r\n*4\r\n$7\r\ncommand\r\n:1700000000\r\n:2\r\n:2\r\n"
                + "*4\r\n$12\r\nfast-command\r\n:1700000000\r\n:7\r\n:7\r\n")
        let quiet = Session()
        quiet.engine.noteLatency(.command, .max - 1)
        #expect(quiet.answer("LATENCY LATEST") == "*0\r\n")
    }

    /// Recorded from Redis 7.0.15.
    @Test func `the graph is drawn as Redis draws it`() {
        let line = String(repeating: "-", count: 80)
        let first = session()
        add([100, 200, 300, 400, 50, 75, 150, 350], first)
        #expect(
            first.answer("LATENCY GRAPH command")
                == "$200\r\ncommand - high 400 ms, low 50 ms (all time high 400 ms)\n\(line)\n"
                + "   #   o\n  #|   |\n #||  _|\no|||__||\n        \n87654321\nssssssss\n\r\n")
        let second = session()
        add([50, 50, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130], second)
        #expect(
            second.answer("LATENCY GRAPH command")
                == "$265\r\ncommand - high 130 ms, low 10 ms (all time high 130 ms)\n\(line)\n"
                + "           _o##\n        _o#||||\noo   _o#|||||||\n||_o#||||||||||\n               \n"
                + "111111987654321\n543210sssssssss\nssssss         \n\r\n")
    }

    @Test func `the graph goes on in a second row after 80 samples`() {
        let session = Session()
        add(Array(repeating: 50, count: 83), session)
        let lines = session.answer("LATENCY GRAPH command").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[5] == Substring(String(repeating: "_", count: 80)))
        #expect(lines[7].hasPrefix("1111"))
        #expect(lines[8].hasPrefix("mmmm"))
        #expect(lines[10] == "")
        #expect(lines[14...17] == ["___", "   ", "321", "sss"])
    }

    @Test func `the doctor speaks of what was seen`() {
        let off = Session()
        #expect(off.answer("LATENCY DOCTOR").contains("latency-monitor-threshold"))
        let session = session()
        #expect(session.answer("LATENCY DOCTOR").contains("No delay"))
        add([11, 20, 5, 4, 500, 10, 10], session)
        let report = session.answer("LATENCY DOCTOR")
        #expect(
            report.contains(
                "1. command: 7 latency spikes (average 80ms, mean deviation 120ms, period 1.00 sec). "
                    + "Worst all time event 500ms.\n"))
        #expect(report.contains("CONFIG SET slowlog-log-slower-than 1000"))
        session.client.reply.isRESP3 = true
        #expect(session.answer("LATENCY DOCTOR").hasPrefix("="))
    }

    @Test func `HISTOGRAM counts the calls of commands and of their subcommands`() {
        let session = Session()
        session.answer("GET a")
        session.answer("SLOWLOG LEN")
        session.answer("SLOWLOG LEN")
        session.answer("SLOWLOG GET")
        let answer = session.answer("LATENCY HISTOGRAM slowlog nosuch GET slowlog|get")
        let words = answer.split(separator: "\r\n")
        #expect(words[0] == "*8")
        let names = words.enumerated().filter { $0.element == "calls" }.map { words[$0.offset - 3] }
        #expect(names == ["slowlog|get", "slowlog|len", "get", "slowlog|get"])
        session.client.reply.isRESP3 = true
        #expect(session.answer("LATENCY HISTOGRAM get").hasPrefix("%1\r\n$3\r\nget\r\n%2\r\n$5\r\ncalls\r\n:1\r\n"))
    }

    @Test func `the buckets are those of Redis`() {
        let histogram = LatencyHistogram()
        defer { histogram.free() }
        for nanoseconds: UInt64 in [300, 1_500, 40_000, 40_000, 132_000, 600_000_000, 5_000_000_000] {
            histogram.record(nanoseconds)
        }
        let steps = histogram.powersOfTwo.map { [Int($0.nanoseconds / 1_000), $0.count] }
        #expect(steps == [[1, 1], [2, 2], [66, 4], [132, 5], [1_073_741, 7]])
        #expect(histogram.percentile(0) == 300 - 300 % 2)
        #expect(histogram.percentile(100) == 1_002_438_655)
    }
}
