internal import CLinux
internal import Glibc

/// What a `HashTable` holds: blocks of memory that know their key.
protocol TableElement {
    init(_ address: UnsafeMutableRawPointer)

    var address: UnsafeMutableRawPointer { get }

    var key: Bytes { get }

    /// When it ends; `Int64.max` if never.
    var deadline: Int64 { get }

    /// Frees the block and what it owns.
    func free(_ slabs: Slabs)
}

/// An element, and the place in the table that refers to it. Good until the next insertion or removal.
@safe struct TableEntry<Element: TableElement> {
    let slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    // Not the element itself: an optional of a type with a generic part is compiled wrongly in debug builds.
    private var address: UnsafeMutableRawPointer

    @inline(__always)
    init(_ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ record: Element) {
        unsafe self.slot = slot
        unsafe address = record.address
    }

    @inline(__always)
    var record: Element { unsafe Element(address) }

    /// Puts another block in the record's place.
    @inline(__always)
    mutating func replace(with record: Element) {
        unsafe slot.pointee = record.address
        unsafe address = record.address
    }
}

/// A table from keys to records: open addressing in buckets of one cache line. `KeyTable` is the one of a database's
/// keys; large hashes and sets, and the index of a sorted set, are a `MemberTable`.
///
/// A bucket is seven one-byte tags, an overflow count, and seven addresses: 64 bytes, so that a look-up touches one
/// line of the table and one of the record. Where a bucket is full the next one takes the record, and the bucket counts
/// it as passed on; a look-up that meets a bucket which passed nothing on has its answer, and a removal needs no
/// tombstone. (N. Bronson and X. Shi, "Open-sourcing F14 for faster, more memory-efficient hash tables", 2019.)
///
/// A record's home is named by the highest bits of its hash, so the table's order is the order of hashes whatever its
/// size: growing splits each bucket in two neighbours, and a scan's cursor is a position in hash order that stays
/// good while the table grows and shrinks. Growing moves a few buckets with every insertion, never all at once.
@safe final class HashTable<Element: TableElement> {
    typealias Entry = TableEntry<Element>

    private(set) var count = 0
    let slabs: Slabs
    let hash: KeyHash

    static var slotsPerBucket: Int { 7 }
    private static var mostPerBucket: Int { 6 }
    /// A record that passes more full buckets than this tells that records come in the order of their homes, as they do
    /// that were read from another table. They fill the beginning of a small array over and over; a larger one, up to
    /// twice `widestSpread` times their number, has their homes further apart.
    private static var longestWay: Int { 64 }
    private static var widestSpread: Int { 16 }
    static var bucketBytes: Int { 64 }
    private static var smallestBits: Int { 2 }
    /// From this size on an array is a mapping, returned to the system while it is being emptied.
    private static var mappedBytes: Int { 1 << 17 }
    /// Such an array is given back in pieces of this size.
    private static var pieceBytes: Int { 1 << 18 }

    private(set) var buckets: UnsafeMutableRawPointer?
    private(set) var bits = 0
    /// While the table changes its size: the array that is being emptied, and how far.
    private(set) var oldBuckets: UnsafeMutableRawPointer?
    private(set) var oldBits = 0
    private(set) var migrated = 0
    /// The beginning of the old array that was given back already, in buckets.
    private(set) var returned = 0
    private var drained = 0
    /// From this count on an insertion has something to do first: to make the array larger, mostly.
    private var mostRecords = 0
    /// Whether the array is larger than the count asks for, because its records crowd together.
    private var isSpread = false
    /// The buckets whose count of those passed on cannot go down any more, and how many there may be.
    private(set) var stuck = 0
    private var mostStuck = 0
    /// What of `tableBytes` was told to the slabs.
    private var countedBytes = 0

    /// What the elements' blocks take, in bytes; kept by `MemberTable` alone.
    var blockBytes = 0

    init(_ slabs: Slabs, _ hash: KeyHash) {
        self.slabs = slabs
        self.hash = hash
    }

    deinit {
        while !drain(budget: .max) {}
        if let buckets = unsafe buckets { unsafe release(buckets, bits) }
        slabs.otherBytes &-= countedBytes
    }

    /// The memory of the arrays, in bytes.
    var tableBytes: Int {
        guard unsafe buckets != nil else { return 0 }
        // While it is being drained, the array gives its beginning back.
        return HashTable.bucketBytes * (1 << bits - (isMigrating ? 0 : returned)) + oldTableBytes
    }

    /// Of those, what will be free when the table has changed its size.
    var oldTableBytes: Int { unsafe oldBuckets == nil ? 0 : HashTable.bucketBytes * (1 << oldBits - returned) }

    /// Tells the slabs how the arrays have changed. Whatever takes or gives back their memory ends here.
    private func countBytes() {
        let bytes = tableBytes
        slabs.otherBytes &+= bytes &- countedBytes
        countedBytes = bytes
    }

    var isMigrating: Bool { unsafe oldBuckets != nil }

    /// Whether a large array waits to be given back, which insertions, that may not come, would do slowly. A table that
    /// lost its keys while it grew has to have grown before it can shrink.
    var isShrinking: Bool { isMigrating && (bits < oldBits || isSparse) }

    // MARK: - Look-up

    @inline(__always)
    func find(_ key: Bytes, _ hash: UInt64) -> Entry? {
        guard let buckets = unsafe buckets else { return nil }
        if let entry = unsafe HashTable.search(buckets, bits, 0, key, hash) { return entry }
        guard let oldBuckets = unsafe oldBuckets else { return nil }
        return unsafe HashTable.search(oldBuckets, oldBits, returned, key, hash)
    }

    /// Never 0, which says that a slot is free, and never 1: behind a slot that does match, `matches` may mistake a tag
    /// that differs by one, and would take a free slot, whose address is no longer good, for one that holds a record.
    @inline(__always)
    static func tag(_ hash: UInt64) -> UInt64 { max(hash & 0xFF, 2) }

    /// One bit, the highest of its byte, for each slot that may hold `tag`; the lowest one is never wrong, and none is
    /// ever a free slot.
    @inline(__always)
    private static func matches(_ word: UInt64, _ tag: UInt64) -> UInt64 {
        let difference = word ^ (tag &* 0x0001_0101_0101_0101)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x0080_8080_8080_8080
    }

    @inline(__always)
    static func slot(
        _ bucket: UnsafeMutableRawPointer, _ matches: UInt64
    ) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        let offset = 8 &+ (matches.trailingZeroBitCount & ~7)
        return unsafe (bucket + offset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    @inline(__always)
    private static func search(
        _ buckets: UnsafeMutableRawPointer, _ bits: Int, _ first: Int, _ key: Bytes, _ hash: UInt64
    ) -> Entry? {
        let mask = 1 &<< bits &- 1
        // Buckets before `first` are empty and given back; what passed them is further on.
        var index = max(Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits)), first)
        for _ in 0...mask {
            let bucket = unsafe buckets + index &* bucketBytes
            let word = unsafe bucket.load(as: UInt64.self)
            var matches = matches(word, tag(hash))
            while matches != 0 {
                let slot = unsafe slot(bucket, matches)
                if let address = unsafe slot.pointee {
                    let record = unsafe Element(address)
                    if record.key == key { return unsafe Entry(slot, record) }
                }
                matches &= matches &- 1
            }
            if word &>> 56 == 0 { return nil }
            index = max((index &+ 1) & mask, first)
        }
        return nil
    }

    /// Finds the record with this hash that ends at `deadline`: how an index of deadlines refers to a key.
    func find(hash wanted: UInt64, deadline: Int64) -> Entry? {
        var found: Entry?
        visit(tagged: wanted) { entry in
            if entry.record.deadline == deadline, hash(entry.record.key) == wanted { found = entry }
        }
        return found
    }

    /// Finds the record with this hash.
    func find(hash wanted: UInt64) -> Entry? {
        var found: Entry?
        visit(tagged: wanted) { entry in
            if hash(entry.record.key) == wanted { found = entry }
        }
        return found
    }

    /// Visits the records with this hash.
    func visit(hash wanted: UInt64, _ body: (Entry) -> Void) {
        visit(tagged: wanted) { entry in
            if hash(entry.record.key) == wanted { body(entry) }
        }
    }

    /// Visits all records that may have this hash, by their tags.
    @inline(__always)
    private func visit(tagged hash: UInt64, _ body: (Entry) -> Void) {
        if let buckets = unsafe buckets { unsafe HashTable.visit(buckets, bits, 0, tagged: hash, body) }
        guard let oldBuckets = unsafe oldBuckets else { return }
        unsafe HashTable.visit(oldBuckets, oldBits, returned, tagged: hash, body)
    }

    @inline(__always)
    private static func visit(
        _ buckets: UnsafeMutableRawPointer, _ bits: Int, _ first: Int, tagged hash: UInt64, _ body: (Entry) -> Void
    ) {
        let mask = 1 &<< bits &- 1
        var index = max(Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits)), first)
        for _ in 0...mask {
            let bucket = unsafe buckets + index &* bucketBytes
            let word = unsafe bucket.load(as: UInt64.self)
            var matches = matches(word, tag(hash))
            while matches != 0 {
                let slot = unsafe slot(bucket, matches)
                if let address = unsafe slot.pointee { unsafe body(Entry(slot, Element(address))) }
                matches &= matches &- 1
            }
            if word &>> 56 == 0 { return }
            index = max((index &+ 1) & mask, first)
        }
    }

    /// Visits the records of one home, and those of others that were passed on along the same way.
    private static func visit(
        _ buckets: UnsafeMutableRawPointer, _ bits: Int, _ first: Int, _ home: Int, _ body: (Entry) -> Void
    ) {
        let mask = 1 << bits - 1
        var index = max(home, first)
        for _ in 0...mask {
            let bucket = unsafe buckets + index * bucketBytes
            unsafe visit(bucket: bucket, body)
            if unsafe bucket.load(fromByteOffset: 7, as: UInt8.self) == 0 { return }
            index = max((index + 1) & mask, first)
        }
    }

    static func visit(bucket: UnsafeMutableRawPointer, _ body: (Entry) -> Void) {
        for position in 0..<slotsPerBucket where unsafe bucket.load(fromByteOffset: position, as: UInt8.self) != 0 {
            let slot = unsafe slot(bucket, 0x80 << UInt64(position * 8))
            if let address = unsafe slot.pointee { unsafe body(Entry(slot, Element(address))) }
        }
    }

    /// Asks the memory system for the bucket of a key that will be looked up soon.
    @inline(__always)
    func prefetchBucket(_ hash: UInt64) {
        guard let buckets = unsafe buckets else { return }
        let index = Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits))
        unsafe redstart_prefetch(buckets + index &* HashTable.bucketBytes)
    }

    /// Asks for the record of such a key, whose bucket should have arrived by now.
    @inline(__always)
    func prefetchRecord(_ hash: UInt64) {
        if let record = likelyRecord(hash) { unsafe redstart_prefetch(record.address) }
    }

    /// The element of that hash, most probably: its key is not compared, and it may be missed while the table changes
    /// its size. Good for asking memory ahead.
    @inline(__always)
    func likelyRecord(_ hash: UInt64) -> Element? {
        guard let buckets = unsafe buckets else { return nil }
        let bucket = unsafe buckets + Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits)) &* HashTable.bucketBytes
        let matches = HashTable.matches(unsafe bucket.load(as: UInt64.self), HashTable.tag(hash))
        guard matches != 0, let address = unsafe HashTable.slot(bucket, matches).pointee else { return nil }
        return unsafe Element(address)
    }

    // MARK: - Change

    /// Puts in a record whose key is known to be absent.
    @inline(__always)
    @discardableResult
    func insert(_ record: Element, _ hash: UInt64) -> Entry {
        if unsafe oldBuckets != nil || count >= mostRecords { prepareInsertion() }
        guard let buckets = unsafe buckets else { preconditionFailure("a table without its array") }
        count &+= 1
        let (slot, passed) = unsafe place(record, hash, buckets)
        if passed > 8, passed > HashTable.longestWay || stuck > mostStuck { mostRecords = 0 }
        return unsafe Entry(slot, record)
    }

    /// Puts a record in the array in use, and tells how many full buckets it passed.
    @inline(__always)
    @discardableResult
    private func place(
        _ record: Element, _ hash: UInt64, _ buckets: UnsafeMutableRawPointer
    ) -> (slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>, passed: Int) {
        let mask = 1 &<< bits &- 1
        let home = Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits))
        var index = home
        while true {
            let bucket = unsafe buckets + index &* HashTable.bucketBytes
            let word = unsafe bucket.load(as: UInt64.self)
            let free = HashTable.matches(word, 0)
            if free != 0 {
                let slot = unsafe HashTable.slot(bucket, free)
                unsafe slot.pointee = record.address
                let tag = UInt8(truncatingIfNeeded: HashTable.tag(hash))
                unsafe bucket.storeBytes(of: tag, toByteOffset: free.trailingZeroBitCount &>> 3, as: UInt8.self)
                return unsafe (slot, (index &- home) & mask)
            }
            // A count that reached 255 stays there: longer searches, never a wrong one. Where there are many, all move
            // to a new array.
            let passed = UInt8(truncatingIfNeeded: word &>> 56)
            if passed == 254 { stuck &+= 1 }
            if passed != 255 { unsafe bucket.storeBytes(of: passed &+ 1, toByteOffset: 7, as: UInt8.self) }
            index = (index &+ 1) & mask
        }
    }

    /// Takes the entry out. The record itself is the caller's to free.
    @inline(__always)
    func remove(_ entry: Entry, _ hash: UInt64) {
        guard var buckets = unsafe buckets else { return }
        var bits = bits
        var first = 0
        let address = unsafe UnsafeMutableRawPointer(entry.slot)
        if let oldBuckets = unsafe oldBuckets, unsafe address >= oldBuckets,
            unsafe address < oldBuckets + HashTable.bucketBytes << oldBits
        {
            unsafe buckets = oldBuckets
            bits = oldBits
            first = returned
        }
        let offset = unsafe address - buckets
        let position = (offset & (HashTable.bucketBytes &- 1)) &>> 3 &- 1
        let target = offset &>> 6
        unsafe (buckets + target &* HashTable.bucketBytes).storeBytes(of: 0, toByteOffset: position, as: UInt8.self)
        let mask = 1 &<< bits &- 1
        var index = max(Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits)), first)
        while index != target {
            let passedByte = unsafe buckets + index &* HashTable.bucketBytes + 7
            let passed = unsafe passedByte.load(as: UInt8.self)
            if passed != 255 { unsafe passedByte.storeBytes(of: passed &- 1, as: UInt8.self) }
            index = max((index &+ 1) & mask, first)
        }
        count &-= 1
        if isSparse { shrink() }
    }

    // MARK: - Changing the size

    /// Makes room for so many records in a table that has none yet, if it is known that they come.
    func reserve(_ records: Int) {
        guard unsafe buckets == nil, records > 0 else { return }
        bits = HashTable.smallestBits
        while records > HashTable.mostPerBucket << bits { bits += 1 }
        unsafe buckets = allocate(bits)
        mostStuck = leastStuck
        setLimit()
        countBytes()
    }

    /// So few are cheaper to leave than to move for.
    private var leastStuck: Int { 16 + (1 << bits) / 1_024 }

    @inline(never)
    private func prepareInsertion() {
        guard unsafe buckets != nil else { return reserve(1) }
        let isCrowded = mostRecords == 0
        if isMigrating { migrate(buckets: isCrowded ? HashTable.longestWay : 2) }
        if count >= HashTable.mostPerBucket << bits {
            migrate(buckets: .max)
            isSpread = false
            resize(to: bits + 1)
            migrate(buckets: 2)
        } else if isCrowded, isMigrating {
            return
        } else if isCrowded, count * HashTable.widestSpread > HashTable.slotsPerBucket << bits {
            isSpread = true
            resize(to: bits + 1)
            migrate(buckets: 2)
        } else if isCrowded, stuck > mostStuck {
            resize(to: bits)
            migrate(buckets: 2)
        } else if isSpread, count * 5 >= HashTable.slotsPerBucket << bits {
            isSpread = false
        }
        setLimit()
    }

    private func setLimit() {
        mostRecords = isSpread ? (HashTable.slotsPerBucket << bits) / 5 : HashTable.mostPerBucket << bits
    }

    /// Ends the spreading of records that came in an order: what is larger than it need be shrinks.
    func fit() {
        guard isSpread else { return }
        isSpread = false
        setLimit()
        migrate(buckets: .max)
        if isSparse { shrink() }
        migrate(buckets: .max)
    }

    /// Whether so few keys are left that a smaller array would do.
    @inline(__always)
    private var isSparse: Bool {
        count &* (isSpread ? 8 &* HashTable.widestSpread : 10) < HashTable.slotsPerBucket &<< bits
            && bits > HashTable.smallestBits
    }

    @inline(never)
    private func shrink() {
        guard !isMigrating else { return }
        var target = bits
        while target > HashTable.smallestBits, count * 2 < (HashTable.slotsPerBucket << target) / 2 { target -= 1 }
        guard target < bits else { return }
        isSpread = false
        resize(to: target)
        setLimit()
    }

    private func resize(to newBits: Int) {
        unsafe oldBuckets = buckets
        oldBits = bits
        migrated = 0
        returned = 0
        bits = newBits
        unsafe buckets = allocate(newBits)
        stuck = 0
        mostStuck = leastStuck
        countBytes()
    }

    /// Moves up to so many buckets to the new array; part of each insertion, and of an idle turn.
    func migrate(buckets budget: Int) {
        guard let old = unsafe oldBuckets, let buckets = unsafe buckets else { return }
        let end = 1 << oldBits
        var left = budget
        while left > 0, migrated < end {
            let bucket = unsafe old + migrated * HashTable.bucketBytes
            if migrated + 2 < end { unsafe HashTable.prefetchRecords(bucket + 2 * HashTable.bucketBytes) }
            unsafe HashTable.visit(bucket: bucket) { entry in
                unsafe place(entry.record, hash(entry.record.key), buckets)
            }
            // The tags go, the count of those passed on stays for the searches that still come by.
            let word = unsafe bucket.load(as: UInt64.self)
            unsafe bucket.storeBytes(of: word & 0xFF00_0000_0000_0000, as: UInt64.self)
            migrated += 1
            left -= 1
        }
        if migrated == end {
            unsafe release(old, oldBits)
            unsafe oldBuckets = nil
            returned = 0
            // Where records crowd, as many are stuck at once again.
            mostStuck = 2 * stuck + leastStuck
            // Keys went while the table moved: it may be too large again.
            if isSparse { shrink() }
        } else {
            unsafe returned = giveBack(old, oldBits, from: returned, to: migrated)
        }
        countBytes()
    }

    static func prefetchRecords(_ bucket: UnsafeMutableRawPointer) {
        unsafe redstart_prefetch(bucket + 4 * bucketBytes)
        for position in 0..<slotsPerBucket where unsafe bucket.load(fromByteOffset: position, as: UInt8.self) != 0 {
            if let address = unsafe slot(bucket, 0x80 << UInt64(position * 8)).pointee {
                unsafe redstart_prefetch(address)
            }
        }
    }

    private func allocate(_ bits: Int) -> UnsafeMutableRawPointer {
        let bytes = HashTable.bucketBytes << bits
        if bytes < HashTable.mappedBytes {
            guard let memory = unsafe aligned_alloc(HashTable.bucketBytes, bytes) else {
                preconditionFailure("out of memory: the system refused \(bytes) bytes")
            }
            unsafe memset(memory, 0, bytes)
            return unsafe memory
        }
        let memory = unsafe mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            preconditionFailure("out of memory: the system refused \(bytes) bytes")
        }
        return unsafe memory
    }

    private func release(_ buckets: UnsafeMutableRawPointer, _ bits: Int) {
        let bytes = HashTable.bucketBytes << bits
        if bytes < HashTable.mappedBytes {
            unsafe free(buckets)
        } else {
            unsafe munmap(buckets, bytes)
        }
    }

    /// Returns the pages of buckets that were emptied to the system, whole pieces only; tells up to which bucket.
    private func giveBack(_ buckets: UnsafeMutableRawPointer, _ bits: Int, from first: Int, to end: Int) -> Int {
        let pieceBuckets = HashTable.pieceBytes / HashTable.bucketBytes
        guard HashTable.bucketBytes << bits >= HashTable.mappedBytes, end - first >= pieceBuckets else { return first }
        let last = end / pieceBuckets * pieceBuckets
        let start = unsafe buckets + first * HashTable.bucketBytes
        unsafe madvise(start, (last - first) * HashTable.bucketBytes, MADV_DONTNEED)
        return last
    }
}

// MARK: - Walking

extension HashTable {
    /// Visits every record whose hash lies in the next stretch from `cursor` on, and says where to go on; 0 at the end.
    ///
    /// A cursor is the upper 48 bits of a hash, which also a client whose numbers are doubles hands back unchanged.
    /// Whatever is in the table from the first call to the last is visited exactly once.
    func scan(_ cursor: UInt64, _ body: (Element) -> Void) -> UInt64 {
        guard unsafe buckets != nil else { return 0 }
        let unitBits = isMigrating ? min(bits, oldBits) : bits
        let start = cursor << 16
        let unit = start >> UInt64(64 - unitBits)
        if let old = unsafe oldBuckets { unsafe scan(old, oldBits, returned, unit, unitBits, start, body) }
        if let buckets = unsafe buckets { unsafe scan(buckets, bits, 0, unit, unitBits, start, body) }
        return ((unit + 1) << UInt64(64 - unitBits)) >> 16
    }

    /// Visits the records from `cursor` on until `count` or a few more were visited, or before where the table is so
    /// sparse that it would take long to find them. Says where to go on; 0 at the end.
    func scan(_ cursor: UInt64, count: Int, _ body: (Element) -> Void) -> UInt64 {
        let (most, overflow) = count.multipliedReportingOverflow(by: 10)
        var stretchesLeft = overflow ? .max : most
        var visited = 0
        var position = cursor
        repeat {
            position = scan(position) { record in
                visited += 1
                body(record)
            }
            stretchesLeft -= 1
        } while position != 0 && visited < count && stretchesLeft > 0
        return position
    }

    private func scan(
        _ buckets: UnsafeMutableRawPointer, _ bits: Int, _ first: Int, _ unit: UInt64, _ unitBits: Int,
        _ start: UInt64, _ body: (Element) -> Void
    ) {
        let spread = bits - unitBits
        for home in Int(unit) << spread..<(Int(unit) + 1) << spread {
            unsafe HashTable.visit(buckets, bits, first, home) { entry in
                let hash = self.hash(entry.record.key)
                if Int(hash >> UInt64(64 - bits)) == home, hash >= start { body(entry.record) }
            }
        }
    }

    /// Visits every record once. The table must not change meanwhile.
    func forEach(_ body: (Element) -> Void) {
        if let oldBuckets = unsafe oldBuckets {
            for index in migrated..<1 << oldBits {
                unsafe HashTable.visit(bucket: oldBuckets + index * HashTable.bucketBytes) { body($0.record) }
            }
        }
        if let buckets = unsafe buckets {
            for index in 0..<1 << bits {
                unsafe HashTable.visit(bucket: buckets + index * HashTable.bucketBytes) { body($0.record) }
            }
        }
    }

    /// Empties the table at once; what was in it goes to a table of its own, for `drain`.
    func detach() -> HashTable {
        let detached = HashTable(slabs, hash)
        unsafe detached.buckets = buckets
        detached.bits = bits
        unsafe detached.oldBuckets = oldBuckets
        detached.oldBits = oldBits
        detached.migrated = migrated
        detached.returned = returned
        detached.count = count
        detached.countedBytes = countedBytes
        detached.blockBytes = blockBytes
        (mostRecords, isSpread, stuck, mostStuck) = (0, false, 0, 0)
        unsafe buckets = nil
        unsafe oldBuckets = nil
        (bits, oldBits, migrated, returned, count, countedBytes, blockBytes) = (0, 0, 0, 0, 0, 0, 0)
        return detached
    }

    /// A record that `place` names, for a place drawn evenly: try another where it names none.
    /// Every record answers to the same number of places.
    func record(at place: UInt64) -> Element? {
        guard let buckets = unsafe buckets else { return nil }
        let newSlots = UInt64(HashTable.slotsPerBucket << bits)
        let oldSlots = isMigrating ? UInt64(HashTable.slotsPerBucket << oldBits) : 0
        var slot = place.multipliedFullWidth(by: newSlots + oldSlots).high
        var array = unsafe buckets
        if slot >= newSlots, let oldBuckets = unsafe oldBuckets {
            slot -= newSlots
            unsafe array = oldBuckets
        }
        let (index, position) = Int(slot).quotientAndRemainder(dividingBy: HashTable.slotsPerBucket)
        let bucket = unsafe array + index * HashTable.bucketBytes
        guard unsafe bucket.load(fromByteOffset: position, as: UInt8.self) != 0 else { return nil }
        guard let address = unsafe HashTable.slot(bucket, 0x80 << UInt64(position * 8)).pointee else { return nil }
        return unsafe Element(address)
    }

    /// An element drawn at random, each with the same chance; nil where there is none.
    func randomElement(_ random: RandomSource) -> Element? {
        for _ in 0..<1_000 {
            guard count > 0 else { return nil }
            if let record = record(at: random.next()) { return record }
        }
        // Many went and the table did not shrink yet: take the next one from a place drawn at random.
        var position = random.next() >> 16
        var drawn: Element?
        while drawn == nil, count > 0 {
            var seen = 0
            position = scan(position) { record in
                seen += 1
                if random.below(seen) == 0 { drawn = record }
            }
        }
        return drawn
    }

    /// Visits `wanted` different elements drawn at random, or all if there are no more: every choice of so many is as
    /// likely as any other. In no order that means anything; the table must not change meanwhile.
    func drawDistinct(_ wanted: Int, _ random: RandomSource, _ body: (Element) -> Void) {
        guard wanted > 0 else { return }
        if wanted * 3 < count { return drawFew(wanted, random, body) }
        // One after the other is taken with the chance that the rest of the draw needs (D. Knuth, "The Art of Computer
        // Programming", volume 2, algorithm S).
        var left = count
        var missing = min(wanted, count)
        forEach { record in
            if random.below(left) < missing {
                missing -= 1
                body(record)
            }
            left -= 1
        }
    }

    private func drawFew(_ wanted: Int, _ random: RandomSource, _ body: (Element) -> Void) {
        var drawn = unsafe Set<UnsafeMutableRawPointer>()
        while unsafe drawn.count < wanted, let record = randomElement(random) {
            if unsafe drawn.insert(record.address).inserted { body(record) }
        }
    }

    /// Takes out and frees everything that is in the next buckets, up to about `budget` records; true when empty.
    /// For a table that nobody looks things up in any more.
    func drain(budget: Int) -> Bool {
        if isMigrating { return drainOld(budget: budget) }
        guard let array = unsafe buckets else { return true }
        var freed = 0
        while freed < budget, drained < 1 << bits {
            freed += unsafe drain(bucket: array + drained * HashTable.bucketBytes) + 1
            drained += 1
        }
        unsafe returned = giveBack(array, bits, from: returned, to: drained)
        countBytes()
        return drained == 1 << bits
    }

    private func drainOld(budget: Int) -> Bool {
        guard let old = unsafe oldBuckets else { return true }
        var freed = 0
        while freed < budget, migrated < 1 << oldBits {
            freed += unsafe drain(bucket: old + migrated * HashTable.bucketBytes) + 1
            migrated += 1
        }
        unsafe returned = giveBack(old, oldBits, from: returned, to: migrated)
        if migrated == 1 << oldBits {
            unsafe release(old, oldBits)
            unsafe oldBuckets = nil
            returned = 0
        }
        countBytes()
        return false
    }

    private func drain(bucket: UnsafeMutableRawPointer) -> Int {
        var freed = 0
        unsafe HashTable.visit(bucket: bucket) { entry in
            entry.record.free(slabs)
            freed += 1
        }
        unsafe bucket.storeBytes(of: 0, as: UInt64.self)
        count -= freed
        return freed
    }
}
