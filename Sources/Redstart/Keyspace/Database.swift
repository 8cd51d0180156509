/// What becomes of a key's deadline when it gets a new value.
enum DeadlineChange {
    case none
    case keep
    /// In milliseconds of the engine's clock.
    case at(Int64)
}

/// One of the numbered databases: keys, their values, and the deadlines of those that have one.
///
/// It is the one door for changes: whatever alters a key goes through here and calls `changed`, so that counting and
/// events cannot be forgotten. Nobody sees a key whose time has come, whether or not it was removed already.
final class Database {
    let keyspace: Keyspace
    let table: KeyTable
    /// The number clients select it by; SWAPDB exchanges two.
    var index: Int
    private(set) var deadlines: BTree<Deadline>
    /// When the next field of each hash ends that has deadlines: the moment, and the hash of its key.
    private(set) var fieldDeadlines: BTree<Deadline>
    /// When the last field of each hash ends of which none stays: then the hash does.
    private(set) var hashEnds: BTree<Deadline>
    /// How many of these have a deadline of their own besides.
    private var hashesEndingTwice = 0
    /// Whether the keyspace counts it among the inhabited.
    private var isInhabited = false
    private let clock: EngineClock
    private let statistics: Statistics
    private let waiters: Waiters

    init(_ index: Int, _ keyspace: Keyspace) {
        self.index = index
        self.keyspace = keyspace
        clock = keyspace.clock
        statistics = keyspace.statistics
        waiters = keyspace.waiters
        table = KeyTable(keyspace.slabs, keyspace.hash)
        deadlines = BTree(countedBy: keyspace.slabs)
        fieldDeadlines = BTree(countedBy: keyspace.slabs)
        hashEnds = BTree(countedBy: keyspace.slabs)
    }

    /// How many keys there are, none whose time has come. With active expiry off (a debugging aid) those count too,
    /// as in Redis.
    var count: Int { table.count - (keyspace.expiresActively ? dueCount + dueHashCount : 0) }

    /// How many keys have a deadline.
    var deadlineCount: Int { deadlines.count - (keyspace.expiresActively ? dueCount : 0) }

    private var dueCount: Int {
        guard let first = deadlines.first, first.time <= clock.milliseconds, !keyspace.isFrozen else { return 0 }
        return deadlines.count(through: Deadline(time: clock.milliseconds, hash: .max))
    }

    /// How many hashes have fields with deadlines.
    var perishableCount: Int { fieldDeadlines.count - (keyspace.expiresActively ? dueHashCount : 0) }

    /// How many hashes there are whose fields are all due, and that were not removed yet.
    private var dueHashCount: Int {
        guard let first = hashEnds.first, first.time <= clock.milliseconds, !keyspace.isFrozen else { return 0 }
        let due = hashEnds.count(through: Deadline(time: clock.milliseconds, hash: .max))
        return due - (hashesEndingTwice > 0 ? countedTwice(due) : 0)
    }

    /// How many of the first `due` hashes to end are among the keys whose own time has come, too.
    private func countedTwice(_ due: Int) -> Int {
        var count = 0
        var cursor = hashEnds.cursor(at: 0)
        for _ in 0..<due {
            guard let end = cursor.next() else { break }
            table.visit(hash: end.hash) { entry in
                let record = entry.record
                guard record.kind == ValueKind.hashWithDeadlines, record.lastFieldDeadline == end.time else { return }
                if record.deadline <= clock.milliseconds { count += 1 }
            }
        }
        return count
    }

    /// The hash whose next field ends then.
    private func findHash(_ next: Deadline) -> Entry? {
        var found: Entry?
        table.visit(hash: next.hash) { entry in
            if entry.record.kind == ValueKind.hashWithDeadlines, entry.record.nextFieldDeadline == next.time {
                found = entry
            }
        }
        return found
    }

    /// The memory of the table and of the deadlines. The keyspace's slabs count these, too, beside records and values.
    var overheadBytes: Int { table.tableBytes + deadlines.bytes + fieldDeadlines.bytes + hashEnds.bytes }

    // MARK: - Looking

    /// Whether the key's time has come, or that of all fields of a hash.
    @inline(__always)
    func isDue(_ record: Record) -> Bool {
        if record.hasDeadlineRoom, record.deadline <= clock.milliseconds { return true }
        return record.kind == ValueKind.hashWithDeadlines && isDueHash(record)
    }

    @inline(never)
    private func isDueHash(_ record: Record) -> Bool { record.lastFieldDeadline <= clock.milliseconds }

    /// The key's entry, without counting it as used.
    @inline(__always)
    func find(_ key: Key) -> Entry? {
        guard let entry = table.find(key.bytes, key.hash) else { return nil }
        if isDue(entry.record) {
            expire(entry, key.hash)
            return nil
        }
        guard entry.record.kind == ValueKind.hashWithDeadlines else { return entry }
        return removingDueFields(entry, key)
    }

    /// A hash without the fields whose time has come, as many as one command may take out.
    @inline(never)
    private func removingDueFields(_ entry: Entry, _ key: Key) -> Entry? {
        guard !keyspace.isFrozen, entry.record.nextFieldDeadline <= clock.milliseconds else { return entry }
        return removeDueFields(entry, key.hash, clock.milliseconds, budget: Database.mostFieldsAtOnce).entry
    }

    /// Fields that a command takes out whose time has come, before it sees the hash; those left it does not see.
    private static let mostFieldsAtOnce = 512

    /// The key's entry even where its time has come and nothing may expire now.
    @inline(__always)
    private func findForReplacement(_ key: Key) -> Entry? {
        guard let entry = table.find(key.bytes, key.hash) else { return nil }
        if isDue(entry.record), !keyspace.isFrozen {
            expire(entry, key.hash)
            return nil
        }
        if entry.record.kind == ValueKind.hashWithDeadlines { forgetFields(entry.record, key.hash) }
        return entry
    }

    /// Takes away a key that is dead, so that nobody sees it, but lies there yet, since nothing may expire now: for one
    /// that is to be made in its place.
    @inline(__always)
    func makeWay(for key: Key) {
        if keyspace.isFrozen { removeDead(key) }
    }

    @inline(never)
    private func removeDead(_ key: Key) {
        if let dead = table.find(key.bytes, key.hash), isDue(dead.record) { remove(dead, key.hash) }
    }

    /// The key for a command that reads: counts a hit or a miss, and the use.
    @inline(__always)
    func read(_ key: Key) -> Record? { readEntry(key)?.record }

    /// The same, for a command that reads a key before it changes it.
    @inline(__always)
    func readEntry(_ key: Key) -> Entry? {
        guard let entry = peekEntry(key, notifies: true) else { return nil }
        keyspace.touch(entry.record)
        return entry
    }

    /// The key for a command that looks at it without using it: counts a hit or a miss alone.
    @inline(__always)
    func peek(_ key: Key, notifies: Bool = true) -> Record? { peekEntry(key, notifies: notifies)?.record }

    @inline(__always)
    private func peekEntry(_ key: Key, notifies: Bool) -> Entry? {
        guard let entry = find(key) else {
            statistics.keyspaceMisses &+= 1
            if notifies { notify(key.bytes, .missed, "keymiss") }
            return nil
        }
        statistics.keyspaceHits &+= 1
        return entry
    }

    /// The key for a command that writes: counts the use.
    @inline(__always)
    func write(_ key: Key) -> Entry? {
        guard let entry = find(key) else { return nil }
        keyspace.touch(entry.record)
        return entry
    }

    /// The string at `key` for a command that reads.
    @inline(__always)
    func string(_ key: Key) throws(ReplyError) -> StringValue? {
        guard let record = read(key) else { return nil }
        guard record.type == .string else { throw .wrongType }
        return record.string
    }

    /// The string at `key` for a command that writes.
    @inline(__always)
    func writableString(_ key: Key) throws(ReplyError) -> Entry? {
        guard let entry = write(key) else { return nil }
        guard entry.record.type == .string else { throw .wrongType }
        return entry
    }

    // MARK: - Changing

    /// Counts a change of `key` and names it to whoever listens. Every mutation ends here.
    @inline(__always)
    func changed(_ key: Bytes, _ eventClass: EventClass, _ event: StaticString) {
        statistics.dirty &+= 1
        if keyspace.isObserved { observed(key, eventClass, event) }
    }

    /// Counts changes of what goes with a value and is none of it, as the groups of a stream: who watches the key hears
    /// nothing of them.
    func changedBeside(_ key: Bytes, _ eventClass: EventClass, _ event: StaticString) {
        statistics.dirty &+= 1
        notify(key, eventClass, event)
    }

    /// The same, where there is no event.
    @inline(__always)
    func changedBeside(changes: Int) { statistics.dirty &+= changes }

    /// The same for several changes in one: `changes` is what Redis counts for them.
    @inline(__always)
    func changed(_ key: Bytes, _ eventClass: EventClass, _ event: StaticString, changes: Int) {
        statistics.dirty &+= changes
        if keyspace.isObserved { observed(key, eventClass, event) }
    }

    /// The same for a change that has no name.
    func changed(_ key: Bytes) {
        statistics.dirty &+= 1
        touched(key)
    }

    /// Tells the clients that wait for `key` that there is more in a value that was there already, as in a stream. Of a
    /// key that is new or replaced they are told in any case.
    @inline(__always)
    func grew(_ key: Key) { waiters.keyAppeared(index, key.hash) }

    /// Tells the clients that wait for a part of the value at `key` that it is gone, as a stream's consumer group.
    @inline(__always)
    func lostPart(_ key: Key) { waiters.keyEnded(index, key.hash) }

    /// An event that is not a change of its own (`del` of a key that emptied, `new`).
    @inline(__always)
    func notify(_ key: Bytes, _ eventClass: EventClass, _ event: StaticString) {
        if keyspace.isObserved { notifyObservers(key, eventClass, event) }
    }

    @inline(never)
    private func notifyObservers(_ key: Bytes, _ eventClass: EventClass, _ event: StaticString) {
        if let onEvent = keyspace.onEvent { onEvent(eventClass, event, key, index) }
        if keyspace.publishesEvents { keyspace.publishEvent?(eventClass, event, key, index) }
    }

    @inline(never)
    private func observed(_ key: Bytes, _ eventClass: EventClass, _ event: StaticString) {
        touched(key)
        notifyObservers(key, eventClass, event)
    }

    /// Tells those who depend on the value of `key` that it is another one: `changed` does. To be called by itself for
    /// a change that counts with that of another key (RENAME, MOVE).
    func touched(_ key: Bytes, died: Bool = false) {
        if keyspace.isObserved { keyspace.onTouch?(key, index, died) }
    }

    /// Whether there may be a key whose time has come.
    @inline(__always)
    var mayHoldDead: Bool { deadlines.count > 0 && (deadlines.first?.time ?? .max) <= clock.milliseconds }

    /// Whether there is a key with this hash, dead or alive.
    func has(hash: UInt64) -> Bool { table.find(hash: hash) != nil }

    /// Whether the key with this hash is there although its time has come.
    func isDead(hash: UInt64) -> Bool { table.find(hash: hash).map { isDue($0.record) } ?? false }

    /// Makes `value` the string at `key`, in place of whatever is there: an integer where it reads as one.
    @inline(__always)
    func setString(_ key: Key, _ value: Bytes, deadline: DeadlineChange = .none) {
        if value.count <= 20, let integer = Int(strict: value) {
            setInteger(key, integer, deadline: deadline)
        } else {
            setBytes(key, value, deadline: deadline)
        }
    }

    /// The same, as bytes whatever they read as.
    @inline(__always)
    func setBytes(_ key: Key, _ value: Bytes, deadline: DeadlineChange = .none, kind: UInt8 = ValueKind.string) {
        if value.count >= Database.leastLargeString, kind == ValueKind.string {
            return setLargeBytes(key, value, deadline)
        }
        let entry = findForReplacement(key)
        let old = entry?.record.deadline ?? Record.noDeadline
        let new = resolve(deadline, old)
        if var entry {
            table.setInline(&entry, value, kind, deadlineRoom: new != Record.noDeadline)
            replaced(entry.record, key.hash, old, new)
        } else {
            let record = table.insertInline(key.bytes, key.hash, value, kind, deadlineRoom: new != Record.noDeadline)
            inserted(record, key.hash, new)
        }
    }

    /// From this length on, in bytes, a string gets a buffer of its own, so that no change of its key's record (a
    /// deadline, another name) copies it.
    private static let leastLargeString = 1 << 20

    @inline(never)
    private func setLargeBytes(_ key: Key, _ value: Bytes, _ deadline: DeadlineChange) {
        let entry = findForReplacement(key)
        let old = entry?.record.deadline ?? Record.noDeadline
        let new = resolve(deadline, old)
        let buffer = table.makeBuffer(entry, copying: value)
        if var entry {
            table.setBuffer(&entry, buffer, ValueKind.rawString)
            if new != Record.noDeadline { table.makeDeadlineRoom(&entry) }
            replaced(entry.record, key.hash, old, new)
        } else {
            let room = new != Record.noDeadline
            let record = table.insertBuffer(key.bytes, key.hash, buffer, ValueKind.rawString, deadlineRoom: room)
            inserted(record, key.hash, new)
        }
    }

    @inline(__always)
    func setInteger(_ key: Key, _ value: Int, deadline: DeadlineChange = .none) {
        let entry = findForReplacement(key)
        let old = entry?.record.deadline ?? Record.noDeadline
        let new = resolve(deadline, old)
        if var entry {
            table.setInteger(&entry, value, ValueKind.string, deadlineRoom: new != Record.noDeadline)
            replaced(entry.record, key.hash, old, new)
        } else {
            let record = table.insertInteger(
                key.bytes, key.hash, value, ValueKind.string, deadlineRoom: new != Record.noDeadline)
            inserted(record, key.hash, new)
        }
    }

    /// Makes an object the value at `key`, in place of whatever is there.
    func setObject(_ key: Key, _ object: StoredObject, _ kind: UInt8, deadline: DeadlineChange = .none) {
        let entry = findForReplacement(key)
        let old = entry?.record.deadline ?? Record.noDeadline
        let new = resolve(deadline, old)
        if var entry {
            table.setObject(&entry, object, kind)
            if new != Record.noDeadline { table.makeDeadlineRoom(&entry) }
            replaced(entry.record, key.hash, old, new)
        } else {
            let record = table.insertObject(key.bytes, key.hash, object, kind, deadlineRoom: new != Record.noDeadline)
            inserted(record, key.hash, new)
        }
    }

    /// Makes an object the value at `key`, where nothing is.
    func insertObject(_ key: Key, _ object: StoredObject, _ kind: UInt8) -> Entry {
        makeWay(for: key)
        let record = Record.make(table.slabs, key: key.bytes, inlineCount: 0, deadlineRoom: false)
        record.storeObject(object, kind)
        let entry = table.insert(record, key.hash)
        inserted(record, key.hash, Record.noDeadline)
        return entry
    }

    /// Makes `buffer` the string at `key`, in place of whatever is there: one that the table made for it, or that of
    /// the key itself with other content.
    func setBuffer(_ key: Key, _ buffer: MutableBytes) {
        guard var entry = findForReplacement(key) else {
            let record = table.insertBuffer(key.bytes, key.hash, buffer, ValueKind.rawString)
            return inserted(record, key.hash, Record.noDeadline)
        }
        let old = entry.record.deadline
        table.setBuffer(&entry, buffer, ValueKind.rawString)
        replaced(entry.record, key.hash, old, Record.noDeadline)
    }

    /// Makes a collection of inline bytes at `key`, where nothing is.
    @inline(__always)
    func insertInline(_ key: Key, _ bytes: Bytes, _ kind: UInt8) -> InlineBytes {
        makeWay(for: key)
        let record = Record.make(table.slabs, key: key.bytes, inlineCount: bytes.count, deadlineRoom: false)
        record.storeInline(bytes, kind)
        let entry = table.insert(record, key.hash)
        inserted(record, key.hash, Record.noDeadline)
        return InlineBytes(entry, in: table)
    }

    /// Replaces a number in place; deadline and all else stay.
    @inline(__always)
    func setInteger(_ entry: inout Entry, _ key: Key, _ value: Int) {
        if entry.record.form == .integer {
            entry.record.integer = value
            if entry.record.kind != ValueKind.string { entry.record.kind = ValueKind.string }
        } else {
            let old = entry.record.deadline
            table.setInteger(&entry, value, ValueKind.string, deadlineRoom: old != Record.noDeadline)
        }
    }

    @inline(__always)
    private func resolve(_ change: DeadlineChange, _ old: Int64) -> Int64 {
        switch change {
        case .none: Record.noDeadline
        // A key whose time has come is as good as gone: it cannot hand its deadline on.
        case .keep: old <= clock.milliseconds ? Record.noDeadline : old
        case .at(let deadline): min(deadline, Record.latestDeadline)
        }
    }

    @inline(__always)
    private func replaced(_ record: Record, _ hash: UInt64, _ old: Int64, _ new: Int64) {
        record.access = keyspace.accessAfterReplacement(record.access)
        if record.hasDeadlineRoom { record.storeDeadline(new) }
        if old != new { reindex(hash, old, new) }
        waiters.keyAppeared(index, hash)
    }

    @inline(__always)
    private func inserted(_ record: Record, _ hash: UInt64, _ new: Int64) {
        record.access = keyspace.initialAccess()
        if new != Record.noDeadline {
            record.storeDeadline(new)
            reindex(hash, Record.noDeadline, new)
        }
        if !isInhabited { moveIn() }
        notify(record.key, .new, "new")
        waiters.keyAppeared(index, hash)
    }

    @inline(never)
    private func moveIn() {
        isInhabited = true
        keyspace.addInhabited(index)
    }

    /// Once nothing is left to be done in it, the keyspace counts it among the inhabited no more.
    func moveOutIfAbandoned() {
        guard table.count == 0, !table.isMigrating, nextDeadline == nil else { return }
        isInhabited = false
        keyspace.removeInhabited(index)
    }

    @inline(__always)
    private func reindex(_ hash: UInt64, _ old: Int64, _ new: Int64) { reindex(deadlines, hash, old, new) }

    @inline(never)
    private func reindex(_ tree: BTree<Deadline>, _ hash: UInt64, _ old: Int64, _ new: Int64) {
        if old != Record.noDeadline {
            let deadline = Deadline(time: old, hash: hash)
            // What ends by itself is the first.
            if tree.first == deadline { _ = tree.popFirst() } else { tree.remove(deadline) }
        }
        if new != Record.noDeadline { tree.insert(Deadline(time: new, hash: hash)) }
    }

    /// Notes when fields of a hash end now; `old` says when they did before a change.
    @inline(__always)
    func reindexFields(_ entry: Entry, _ hash: UInt64, from old: FieldSpan) {
        reindexFields(entry.record, hash, old, entry.record.fieldSpan)
    }

    private func reindexFields(_ record: Record, _ hash: UInt64, _ old: FieldSpan, _ new: FieldSpan) {
        if old.next != new.next { reindex(fieldDeadlines, hash, old.next, new.next) }
        guard old.last != new.last else { return }
        reindex(hashEnds, hash, old.last, new.last)
        guard record.deadline != Record.noDeadline else { return }
        if old.last == Record.noDeadline { hashesEndingTwice += 1 }
        if new.last == Record.noDeadline { hashesEndingTwice -= 1 }
    }

    @inline(never)
    private func forgetFields(_ record: Record, _ hash: UInt64) {
        reindexFields(record, hash, record.fieldSpan, .none)
    }

    @inline(never)
    private func rememberFields(_ record: Record, _ hash: UInt64) {
        reindexFields(record, hash, .none, record.fieldSpan)
    }

    /// Gives a key that exists another deadline, or none with `Record.noDeadline`.
    func setDeadline(_ entry: inout Entry, _ hash: UInt64, _ deadline: Int64) {
        let old = entry.record.deadline
        guard old != deadline else { return }
        let isPerishable = entry.record.kind == ValueKind.hashWithDeadlines
        if isPerishable { forgetFields(entry.record, hash) }
        if deadline != Record.noDeadline { table.makeDeadlineRoom(&entry) }
        entry.record.storeDeadline(deadline)
        if isPerishable { rememberFields(entry.record, hash) }
        reindex(hash, old, deadline)
    }

    /// Removes a key and its value. The caller names the event, before or after as Redis does.
    @inline(__always)
    func remove(_ entry: Entry, _ hash: UInt64) {
        let deadline = entry.record.deadline
        if deadline != Record.noDeadline { reindex(hash, deadline, Record.noDeadline) }
        if entry.record.kind == ValueKind.hashWithDeadlines { forgetFields(entry.record, hash) }
        table.delete(entry, hash)
        waiters.keyEnded(index, hash)
    }

    /// Moves the value and the deadline of `entry` to `key` of `target`, where nothing is (see `makeWay`).
    func move(_ entry: Entry, _ hash: UInt64, to key: Key, in target: Database) {
        let deadline = entry.record.deadline
        if deadline != Record.noDeadline {
            reindex(hash, deadline, Record.noDeadline)
            target.reindex(key.hash, Record.noDeadline, deadline)
        }
        if entry.record.kind == ValueKind.hashWithDeadlines {
            forgetFields(entry.record, hash)
            target.rememberFields(entry.record, key.hash)
        }
        _ = table.move(entry, hash, to: key.bytes, in: target.table)
        if !target.isInhabited { target.moveIn() }
        target.notify(key.bytes, .new, "new")
        waiters.keyEnded(index, hash)
        waiters.keyAppeared(target.index, key.hash)
    }

    /// Gives `key` of `target`, where nothing is (see `makeWay`), a copy of the value of `record`, and its deadline.
    func copy(_ record: Record, to key: Key, in target: Database) {
        let deadline = record.deadline
        let table = target.table
        let room = deadline != Record.noDeadline
        let copy: Record
        if let object = record.object {
            copy = table.insertObject(key.bytes, key.hash, object.copy(), record.kind, deadlineRoom: room)
        } else if record.form == .integer {
            copy = table.insertInteger(
                key.bytes, key.hash, record.integer, ValueKind.copiedInteger, deadlineRoom: room)
        } else {
            let kind = record.form == .buffer ? ValueKind.rawString : record.kind
            if record.type == .string, record.bytes.count >= Database.leastLargeString {
                let buffer = table.makeBuffer(nil, copying: record.bytes)
                copy = table.insertBuffer(key.bytes, key.hash, buffer, kind, deadlineRoom: room)
            } else {
                copy = table.insertInline(key.bytes, key.hash, record.bytes, kind, deadlineRoom: room)
            }
        }
        target.inserted(copy, key.hash, deadline)
        if copy.kind == ValueKind.hashWithDeadlines { target.rememberFields(copy, key.hash) }
    }

    // MARK: - Expiry

    /// When the next key's time comes, or that of the next field of a hash, in milliseconds.
    var nextDeadline: Int64? {
        guard let field = fieldDeadlines.first?.time else { return deadlines.first?.time }
        return min(field, deadlines.first?.time ?? field)
    }

    /// Removes keys and fields whose time has come by `moment`, at most `budget`, in the order of their deadlines.
    /// Returns how many.
    func expireDue(through moment: Int64, budget: Int) -> Int {
        var expired = 0
        prefetchDue(deadlines, through: moment, most: budget)
        prefetchDue(fieldDeadlines, through: moment, most: budget)
        while expired < budget {
            let key = deadlines.first
            let keyTime = key?.time ?? Record.noDeadline
            if let field = fieldDeadlines.first, field.time < keyTime, field.time <= moment {
                expired += expireFields(field, through: min(moment, keyTime - 1), budget: budget - expired)
                continue
            }
            guard let key, keyTime <= moment else { break }
            expired += 1
            guard let entry = table.find(hash: key.hash, deadline: keyTime) else {
                assertionFailure("a deadline without its key")
                _ = deadlines.popFirst()
                continue
            }
            expire(entry, key.hash)
        }
        return expired
    }

    /// Asks the memory system for what is due next: all buckets first, and then, when they have arrived, the records.
    private func prefetchDue(_ tree: BTree<Deadline>, through moment: Int64, most: Int) {
        guard table.count > Database.cachedKeys, let first = tree.first, first.time <= moment else { return }
        let start = tree.cursor(at: 0)
        var cursor = start
        var due = 0
        while due < most, let next = cursor.next(), next.time <= moment {
            table.prefetchBucket(next.hash)
            due += 1
        }
        cursor = start
        for _ in 0..<due {
            guard let next = cursor.next() else { break }
            table.prefetchRecord(next.hash)
        }
    }

    /// So many keys are in the processor's caches anyway.
    private static let cachedKeys = 2_000

    /// Removes fields of the hash that has the next of them.
    private func expireFields(_ next: Deadline, through moment: Int64, budget: Int) -> Int {
        guard let found = findHash(next) else {
            assertionFailure("a field's deadline without its hash")
            _ = fieldDeadlines.popFirst()
            return 1
        }
        // A field of another hash may be next.
        var following = fieldDeadlines.cursor(at: 0)
        _ = following.next()
        let second = following.next()?.time ?? moment
        return removeDueFields(found, next.hash, min(moment, max(second, next.time)), budget: budget).count
    }

    /// While writes are paused a dead key is only hidden: nothing may change.
    @inline(never)
    private func expire(_ entry: Entry, _ hash: UInt64) {
        guard !keyspace.isFrozen else { return }
        guard entry.record.deadline <= clock.milliseconds else { return removeDueHash(entry, hash) }
        statistics.expiredKeys &+= 1
        if keyspace.isObserved {
            let key = Array(entry.record.key)
            remove(entry, hash)
            key.withBytes {
                notify($0, .expired, "expired")
                touched($0, died: true)
            }
        } else {
            remove(entry, hash)
        }
    }

    // MARK: - Eviction

    /// A key drawn at random among those that have a deadline.
    func randomRecordWithDeadline() -> Record? {
        guard deadlines.count > 0 else { return nil }
        let deadline = deadlines.element(at: keyspace.random.below(deadlines.count))
        return table.find(hash: deadline.hash, deadline: deadline.time)?.record
    }

    /// Removes a key to make room. False if it is gone already.
    func evict(hash: UInt64) -> Bool {
        // What the table takes counts as used: evicting all keys would not help where nothing else gives it back.
        if table.isShrinking { table.migrate(buckets: 8) }
        guard let entry = table.find(hash: hash) else { return false }
        statistics.evictedKeys += 1
        guard keyspace.isObserved else {
            remove(entry, hash)
            return true
        }
        let key = Array(entry.record.key)
        remove(entry, hash)
        key.withBytes {
            touched($0)
            notify($0, .evicted, "evicted")
        }
        return true
    }

    // MARK: - All keys

    /// Empties the database; what it held is freed over the next turns. Returns how many keys there were.
    func flush() -> Int {
        let keys = table.count
        guard table.tableBytes > 0 else { return 0 }
        keyspace.graveyard.bury(FlushedKeys(table.detach(), [deadlines, fieldDeadlines, hashEnds]))
        deadlines = BTree(countedBy: keyspace.slabs)
        fieldDeadlines = BTree(countedBy: keyspace.slabs)
        hashEnds = BTree(countedBy: keyspace.slabs)
        hashesEndingTwice = 0
        statistics.dirty &+= keys
        waiters.databaseChanged(index)
        return keys
    }

    /// How long the keys that have a deadline will live on average, in milliseconds: of a hundred of them, evenly
    /// drawn.
    var averageTimeToLive: Int {
        let alive = deadlineCount
        guard alive > 0 else { return 0 }
        let first = deadlines.count - alive
        let samples = min(alive, 100)
        var sum = 0.0
        for sample in 0..<samples {
            let deadline = deadlines.element(at: first + sample * alive / samples)
            sum += Double(deadline.time - clock.milliseconds)
        }
        return Int(max(0, sum / Double(samples)))
    }

    /// Visits every key that is alive, in no order.
    func forEach(_ body: (Record) -> Void) {
        table.forEach { record in
            if !isDue(record) { body(record) }
        }
    }

    /// Visits the keys from `cursor` on, dead ones too, and says where to go on; 0 at the end. It stops when `count` or
    /// a few more were visited, or before where the table is so sparse that it would take long to find them.
    func scan(_ cursor: UInt64, count: Int, _ body: (Record) -> Void) -> UInt64 {
        table.scan(cursor, count: count, body)
    }

    /// A key drawn at random, each with the same chance; nil where there is none.
    func randomRecord() -> Record? {
        var deadDrawn = 0
        while table.count > 0 {
            guard let record = table.randomElement(keyspace.random) else { return nil }
            guard isDue(record) else { return record }
            if keyspace.isFrozen {
                // All may be dead while none may go. Redis then answers a dead one, the 100th it meets.
                deadDrawn += 1
                if deadDrawn >= 100, deadlines.count + fieldDeadlines.count >= table.count { return record }
            } else {
                _ = find(Key(bytes: record.key, hash: keyspace.hash(record.key)))
            }
        }
        return nil
    }
}
