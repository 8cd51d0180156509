import Testing

@testable import Redstart

/// An object that tells when it ends.
final class CountedObject: StoredObject {
    final class Counter {
        var alive = 0
    }

    let number: Int
    private let counter: Counter

    init(_ number: Int, _ counter: Counter) {
        self.number = number
        self.counter = counter
        counter.alive += 1
    }

    deinit { counter.alive -= 1 }
}

/// A `KeyTable` and a dictionary that should always hold the same. Keys are numbered.
final class TableModel {
    enum Value: Equatable {
        case bytes([UInt8])
        case integer(Int)
        case object(Int)
    }

    struct Expected: Equatable {
        var value: Value
        var kind: UInt8
        var deadline = Record.noDeadline
        var access: UInt32 = 0
    }

    let table: KeyTable
    let random: RandomSource
    let objects = CountedObject.Counter()
    private(set) var model: [Int: Expected] = [:]
    private static let pattern: [UInt8] = {
        let random = RandomSource(seed: 7)
        return (0..<20_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }()

    init(_ random: RandomSource, _ slabs: Slabs = Slabs()) {
        self.random = random
        table = KeyTable(slabs, KeyHash(first: random.next(), second: random.next()))
    }

    private func key(_ number: Int) -> Bytes { TestKeys.shared[number] }

    private func bytes(_ count: Int) -> [UInt8] {
        let start = random.below(1_000)
        let part = TableModel.pattern[start..<min(start + count, TableModel.pattern.count)]
        return Array(part) + Array(repeating: 9, count: count - part.count)
    }

    /// Mostly short, so that size classes change often; a few need blocks and mappings of their own.
    private func anyCount() -> Int {
        switch random.below(20_000) {
        case 0: 1_048_400 + random.below(400)
        case 1...100: 3_900 + random.below(400)
        case 101...2_000: random.below(1_200)
        default: random.below(60)
        }
    }

    // MARK: - Operations

    /// Looks a key up, compares it, and changes it: the higher `growth` (0 to 100) the more keys there are in the end.
    func step(universe: Int, growth: Int) {
        let number = random.below(universe)
        let key = key(number)
        let hash = table.hash(key)
        let entry = table.find(key, hash)
        if (entry == nil) != (model[number] == nil) { Issue.record("key \(number) is there or not") }
        if var entry, let expected = model[number] {
            compare(entry.record, expected)
            if random.below(100) < growth {
                change(&entry, hash, number, expected)
            } else {
                table.delete(entry, hash)
                model[number] = nil
            }
        } else if random.below(100) < growth {
            insert(key, hash, number)
        }
    }

    private func insert(_ key: Bytes, _ hash: UInt64, _ number: Int) {
        let kind = UInt8(random.below(32))
        let room = random.below(4) == 0
        let record: Record
        var expected = Expected(value: anyValue(number), kind: kind)
        switch expected.value {
        case .bytes(let value):
            record = value.withBytes { table.insertInline(key, hash, $0, kind, deadlineRoom: room) }
        case .integer(let value):
            record = table.insertInteger(key, hash, value, kind, deadlineRoom: room)
        case .object(let value):
            record = table.insertObject(key, hash, CountedObject(value, objects), kind, deadlineRoom: room)
        }
        expected.access = UInt32(random.below(1 << 24))
        record.access = expected.access
        if room {
            expected.deadline = Int64(random.below(1_000_000))
            record.storeDeadline(expected.deadline)
        }
        model[number] = expected
    }

    private func anyValue(_ number: Int) -> Value {
        switch random.below(10) {
        case 0: .object(number)
        case 1, 2: .integer(Int(truncatingIfNeeded: random.next()))
        default: .bytes(bytes(anyCount()))
        }
    }

    private func change(_ entry: inout Entry, _ hash: UInt64, _ number: Int, _ old: Expected) {
        var expected = old
        let kind = UInt8(random.below(32))
        switch random.below(9) {
        case 0, 1:
            replaceByBytes(&entry, &expected, kind)
        case 2:
            replaceByInteger(&entry, &expected, kind)
        case 3, 4:
            append(&entry, &expected, kind)
        case 5:
            overwrite(&entry, &expected, kind)
        case 6:
            table.makeDeadlineRoom(&entry)
            expected.deadline = random.below(3) == 0 ? Record.noDeadline : Int64(random.below(1_000_000))
            entry.record.storeDeadline(expected.deadline)
        case 7:
            rename(entry, hash, number, expected)
            return
        default:
            expected.access = UInt32(random.below(1 << 24))
            entry.record.access = expected.access
        }
        model[number] = expected
        compare(entry.record, expected)
    }

    /// A new value keeps the deadline or drops it, and the room for it with luck.
    private func replaceByBytes(_ entry: inout Entry, _ expected: inout Expected, _ kind: UInt8) {
        let keeps = expected.deadline != Record.noDeadline && random.below(2) == 0
        let value = bytes(anyCount())
        value.withBytes { table.setInline(&entry, $0, kind, deadlineRoom: keeps) }
        expected.value = .bytes(value)
        settle(entry, &expected, kind, keeps)
    }

    private func replaceByInteger(_ entry: inout Entry, _ expected: inout Expected, _ kind: UInt8) {
        let keeps = expected.deadline != Record.noDeadline && random.below(2) == 0
        let value = Int(truncatingIfNeeded: random.next())
        table.setInteger(&entry, value, kind, deadlineRoom: keeps)
        expected.value = .integer(value)
        settle(entry, &expected, kind, keeps)
    }

    private func settle(_ entry: Entry, _ expected: inout Expected, _ kind: UInt8, _ keepsDeadline: Bool) {
        expected.kind = kind
        if !keepsDeadline {
            expected.deadline = Record.noDeadline
            if entry.record.hasDeadlineRoom { entry.record.storeDeadline(Record.noDeadline) }
        }
    }

    private func append(_ entry: inout Entry, _ expected: inout Expected, _ kind: UInt8) {
        guard case .bytes(let old) = expected.value else { return }
        let suffix = bytes(random.below(10) == 0 ? anyCount() : random.below(40))
        suffix.withBytes { table.append($0, to: &entry, kind) }
        expected.value = .bytes(old + suffix)
        expected.kind = kind
    }

    private func overwrite(_ entry: inout Entry, _ expected: inout Expected, _ kind: UInt8) {
        guard case .bytes(var value) = expected.value else { return }
        let offset = random.below(value.count + 20)
        let patch = bytes(random.below(40))
        patch.withBytes { table.overwrite(&entry, at: offset, with: $0, kind) }
        if value.count < offset + patch.count {
            value += Array(repeating: 0, count: offset + patch.count - value.count)
        }
        value.replaceSubrange(offset..<offset + patch.count, with: patch)
        expected.value = .bytes(value)
        expected.kind = kind
    }

    private func rename(_ entry: Entry, _ hash: UInt64, _ number: Int, _ expected: Expected) {
        let target = random.below(TestKeys.shared.count)
        guard model[target] == nil else { return }
        compare(table.move(entry, hash, to: key(target), in: table), expected)
        model[target] = expected
        model[number] = nil
    }

    // MARK: - Comparing

    private func compare(_ record: Record, _ expected: Expected) {
        let isSame: Bool
        switch expected.value {
        case .bytes(let value):
            isSame = (record.form == .inline || record.form == .buffer) && record.bytes == value
        case .integer(let value):
            isSame = record.form == .integer && record.integer == value
        case .object(let value):
            isSame = (record.object as? CountedObject)?.number == value
        }
        guard isSame, record.kind == expected.kind, record.deadline == expected.deadline,
            record.access == expected.access
        else {
            Issue.record("\(String(record.key).prefix(40)) is not as expected: \(record.form)")
            return
        }
    }

    /// Compares everything, and checks all structures.
    func check() {
        table.checkInvariants()
        #expect(table.count == model.count)
        var usedBytes = 0
        var largeBytes = 0
        var objectCount = 0
        table.forEach { record in
            let block = Slabs.capacity(record.byteCount)
            usedBytes += record.totalByteCount
            if record.byteCount > 4_096 { largeBytes += block }
            if record.form == .object { objectCount += 1 }
            if record.form == .buffer, record.totalByteCount - block > 4_096 {
                largeBytes += record.totalByteCount - block
            }
        }
        #expect(table.slabs.allocatedBytes == usedBytes)
        #expect(objects.alive == objectCount)
        table.slabs.checkInvariants(largeBytes: largeBytes)
        for (number, expected) in model {
            let key = key(number)
            let hash = table.hash(key)
            if let entry = table.find(key, hash) {
                compare(entry.record, expected)
            } else {
                Issue.record("key \(number) is not there")
            }
            if expected.deadline != Record.noDeadline, number % 16 == 0 {
                let found = table.find(hash: hash, deadline: expected.deadline)
                if found.map({ $0.record.key == key }) != true { Issue.record("\(number) has lost its deadline") }
            }
        }
    }
}

/// Keys by number, of all lengths: number 0 is the empty one, a few are long.
@safe final class TestKeys: Sendable {
    static let shared = TestKeys(100_000)

    let count: Int
    private let ends: [Int]
    private nonisolated(unsafe) let bytes: UnsafeMutablePointer<UInt8>

    private init(_ count: Int) {
        self.count = count
        var all: [UInt8] = []
        var ends = [0]
        for number in 1..<count {
            all += String(number).utf8
            all += repeatElement(UInt8(ascii: "x"), count: number % 5_000 == 4_999 ? 5_000 : number % 37)
            ends.append(all.count)
        }
        self.ends = ends
        unsafe bytes = .allocate(capacity: all.count)
        unsafe bytes.initialize(from: all, count: all.count)
    }

    subscript(number: Int) -> Bytes {
        let start = number > 0 ? ends[number - 1] : 0
        return unsafe Bytes(UnsafeRawPointer(bytes) + start, ends[number] - start)
    }
}
