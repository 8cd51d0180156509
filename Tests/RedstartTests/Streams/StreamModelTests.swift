import Testing

@testable import Redstart

/// Streams under random operations, beside a naive model: an array of entries, and for each group a dictionary of what
/// is pending.
@Suite struct StreamModel {
    private struct Words: EntrySource {
        let words: [[UInt8]]

        var fieldCount: Int { words.count / 2 }
        var byteCount: Int { words.reduce(0) { $0 + $1.count } }

        /// The tests' words live as long as the program.
        static let shared: [StaticString] = [
            "a", "b", "name", "age", "", "0", "7", "-3", "127", "128", "999", "-4096", "65536", "2147483648",
            "9223372036854775807", "-9223372036854775808", "007", "a longer value that is no number at all",
        ]

        func field(_ index: Int) -> Bytes { Words.borrow(words[2 * index]) }
        func value(_ index: Int) -> Bytes { Words.borrow(words[2 * index + 1]) }

        private static func borrow(_ word: [UInt8]) -> Bytes {
            Bytes(shared.first { Bytes($0) == word } ?? "")
        }
    }

    private struct Pending: Equatable {
        var consumer: String
        var deliveredAt: Int64
        var deliveries: Int
    }

    private struct Group {
        var lastID = EntryID.zero
        var pending: [EntryID: Pending] = [:]
        var consumers: Set<String> = []
    }

    private final class Run {
        let random: RandomSource
        let keyspace: Keyspace
        let stream: Stream
        var entries: [(id: EntryID, words: [[UInt8]])] = []
        var groups: [String: Group] = [:]
        var lastID = EntryID.zero
        var now: Int64 = 0
        static let names = ["one", "two", "three"]

        init(seed: UInt64) {
            random = RandomSource(seed: seed)
            keyspace = Keyspace(clock: EngineClock(), statistics: Statistics(), random: random)
            stream = Stream(keyspace)
        }

        // MARK: - Operations

        func step() {
            now += 1
            switch random.below(20) {
            case 0..<9: add()
            case 9, 10: delete()
            case 11: trim()
            case 12, 13: range()
            case 14: changeGroup()
            case 15, 16: deliver()
            case 17, 18: acknowledge()
            default: claim()
            }
        }

        private func bytes(_ text: StaticString) -> [UInt8] { Array(Bytes(text)) }

        private func add() {
            let jump = random.below(8)
            var id = lastID
            id.sequence += 1
            if jump > 4 { id = EntryID(milliseconds: id.milliseconds + UInt64(jump * jump * 40), sequence: 0) }
            var words: [[UInt8]] = []
            let fields = random.below(4) == 0 ? 1 + random.below(3) : 2
            for field in 0..<fields {
                let name = random.below(5) == 0 ? random.below(Words.shared.count) : field
                words.append(bytes(Words.shared[name]))
                words.append(bytes(Words.shared[random.below(Words.shared.count)]))
            }
            let source = Words(words: words)
            let limits = Stream.BlockLimits(bytes: random.below(3) == 0 ? 300 : 4_096, entries: 1 + random.below(40))
            stream.append(id, source, sourceBytes: source.byteCount, limits)
            entries.append((id, words))
            lastID = id
        }

        /// An ID that is there, or one near to it.
        private func anyID() -> EntryID {
            guard !entries.isEmpty, random.below(8) > 0 else {
                return EntryID(milliseconds: UInt64(random.below(Int(lastID.milliseconds) + 2)), sequence: 1)
            }
            return entries[random.below(entries.count)].id
        }

        private func delete() {
            let id = anyID()
            let index = entries.firstIndex { $0.id == id }
            if stream.remove(id) != (index != nil) { Issue.record("\(id) was there or not") }
            if let index { entries.remove(at: index) }
        }

        private func trim() {
            guard entries.count > 300 || random.below(50) == 0 else { return }
            if random.below(2) == 0 {
                let most = max(0, entries.count - random.below(60))
                #expect(stream.trim(StreamTrim(threshold: .count(most))) == entries.count - most)
                entries.removeFirst(entries.count - most)
            } else {
                let least = entries[min(random.below(60), entries.count - 1)].id
                let older = entries.firstIndex { least <= $0.id } ?? 0
                #expect(stream.trim(StreamTrim(threshold: .id(least))) == older)
                entries.removeFirst(older)
            }
        }

        private func range() {
            let (one, other) = (anyID(), anyID())
            let (start, end) = (min(one, other), max(one, other))
            let most = random.below(12)
            let lower = entries.firstIndex { start <= $0.id } ?? entries.count
            let upper = entries.firstIndex { end < $0.id } ?? entries.count
            var walk = stream.walk(from: start, through: end)
            for expected in entries[lower..<upper].prefix(most) { check(walk.next(), expected) }
            var back = stream.walkBack(from: end, through: start)
            for expected in entries[lower..<upper].reversed().prefix(most) { check(back.previous(), expected) }
            if upper - lower <= most, walk.next() != nil || back.previous() != nil {
                Issue.record("more than there is")
            }
        }

        private func check(_ entry: LogEntry?, _ expected: (id: EntryID, words: [[UInt8]])) {
            guard var entry, entry.id == expected.id, entry.fieldCount * 2 == expected.words.count else {
                Issue.record("\(expected.id) is not what comes next")
                return
            }
            for index in 0..<entry.fieldCount {
                let (field, value) = entry.next()
                if field.array != expected.words[2 * index] || value.array != expected.words[2 * index + 1] {
                    Issue.record("an entry has other words")
                }
            }
        }

        // MARK: - Groups

        private func found(_ name: String) -> StreamGroup? { Array(name.utf8).withBytes { stream.group($0) } }

        private func consumer(_ group: StreamGroup, _ name: String) -> StreamConsumer {
            Array(name.utf8).withBytes { bytes in
                group.consumer(bytes) ?? group.makeConsumer(bytes, at: now)
            }
        }

        private func changeGroup() {
            let name = Run.names[random.below(3)]
            if groups[name] == nil {
                let made = Array(name.utf8).withBytes { stream.makeGroup($0, lastID: .zero, entriesRead: 0) }
                #expect(made != nil)
                groups[name] = Group()
            } else if random.below(40) == 0 {
                #expect(Array(name.utf8).withBytes { stream.removeGroup($0) })
                groups[name] = nil
            } else if random.below(20) == 0, let group = found(name) {
                let id = anyID()
                group.lastID = id
                groups[name]?.lastID = id
            } else if random.below(20) == 0, let group = found(name), let victim = groups[name]?.consumers.first {
                let lost = groups[name]?.pending.filter { $0.value.consumer == victim }.count
                #expect(group.removeConsumer(consumer(group, victim)) == lost)
                groups[name]?.consumers.remove(victim)
                let kept = groups[name]?.pending.filter { $0.value.consumer != victim }
                groups[name]?.pending = kept ?? [:]
            }
        }

        private func deliver() {
            let name = Run.names[random.below(3)]
            guard let group = found(name), let after = groups[name]?.lastID else { return }
            let reader = "c\(random.below(5))"
            let owner = consumer(group, reader)
            groups[name]?.consumers.insert(reader)
            var walk = stream.walk(from: after.next ?? .max, through: .max)
            for _ in 0..<random.below(8) {
                guard let entry = walk.next() else { break }
                stream.noteRead(entry.id, by: group)
                group.deliver(entry.id, to: owner, at: now)
                groups[name]?.pending[entry.id] = Pending(consumer: reader, deliveredAt: now, deliveries: 1)
                groups[name]?.lastID = entry.id
            }
        }

        private func acknowledge() {
            let name = Run.names[random.below(3)]
            guard let group = found(name), let model = groups[name] else { return }
            for _ in 0..<random.below(6) {
                let id = random.below(3) == 0 ? anyID() : group.pending.first?.id ?? anyID()
                let was = groups[name]?.pending.removeValue(forKey: id)
                if group.acknowledge(id) != (was != nil) { Issue.record("\(id) was pending or not") }
            }
            if group.pending.count != groups[name]?.pending.count {
                Issue.record("\(model.pending.count) were pending")
            }
        }

        private func claim() {
            let name = Run.names[random.below(3)]
            guard let group = found(name) else { return }
            let reader = "c\(random.below(5))"
            let owner = consumer(group, reader)
            groups[name]?.consumers.insert(reader)
            let id = group.pending.isEmpty ? anyID() : group.pending.element(at: random.below(group.pending.count)).id
            let deliveries = random.below(10) == 0 ? Int.max - 5 : random.below(100)
            group.set(id, owner, deliveredAt: now, deliveries: deliveries)
            groups[name]?.pending[id] = Pending(consumer: reader, deliveredAt: now, deliveries: deliveries)
        }

        // MARK: - Comparing

        func compare() {
            stream.checkInvariants()
            #expect(stream.count == entries.count && stream.firstID == entries.first?.id ?? .zero)
            var index = 0
            stream.forEach { entry in
                if index < entries.count { check(entry, entries[index]) }
                index += 1
            }
            #expect(index == entries.count && stream.groups.count == groups.count)
            for (name, model) in groups {
                guard let group = found(name) else {
                    Issue.record("no group \(name)")
                    return
                }
                #expect(group.lastID == model.lastID && group.pending.count == model.pending.count)
                #expect(Set(group.consumers.map { String(decoding: $0.name, as: UTF8.self) }) == model.consumers)
                var cursor = group.pending.cursor(at: 0)
                while let entry = cursor.next() {
                    let owner = group.consumer(number: entry.consumer)
                    let actual = Pending(
                        consumer: String(decoding: owner.name, as: UTF8.self), deliveredAt: entry.deliveredAt,
                        deliveries: group.deliveries(entry))
                    if model.pending[entry.id] != actual { Issue.record("\(entry.id) is pending otherwise") }
                }
            }
        }
    }

    @Test(arguments: 1...4) func `does what an array and dictionaries do`(_ seed: Int) {
        let run = Run(seed: UInt64(seed))
        for step in 1...RandomOperations.count / 4 {
            run.step()
            if step % 12_500 == 0 { run.compare() }
        }
        run.compare()
        let copy = run.stream.copy() as? Stream
        copy?.checkInvariants()
        #expect(copy?.count == run.stream.count && copy?.groups.count == run.stream.groups.count)
    }

    @Test func `what a stream held is given back`() {
        let keyspace = Keyspace(clock: EngineClock(), statistics: Statistics(), random: RandomSource(seed: 5))
        let before = (keyspace.slabs.allocatedBytes, keyspace.slabs.otherBytes)
        do {
            let stream = Stream(keyspace)
            let words = Words(words: [[97], [98]])
            for number in 1...20_000 {
                let id = EntryID(milliseconds: UInt64(number), sequence: 0)
                stream.append(id, words, sourceBytes: 2, Stream.BlockLimits())
            }
            let group = [103].withBytes { stream.makeGroup($0, lastID: .zero, entriesRead: 0) }
            let reader = group?.makeConsumer(Bytes("c"), at: 0)
            for number in 1...20_000 {
                guard let reader else { break }
                group?.deliver(EntryID(milliseconds: UInt64(number), sequence: 0), to: reader, at: 1)
            }
        }
        // It goes over turns.
        #expect(keyspace.slabs.allocatedBytes > before.0)
        var steps = 0
        while !keyspace.freeBuried(budget: 16) { steps += 1 }
        #expect(steps > 10)
        #expect(keyspace.slabs.allocatedBytes == before.0 && keyspace.slabs.otherBytes == before.1)
    }
}
