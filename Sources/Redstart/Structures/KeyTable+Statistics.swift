/// How full the buckets of an array are: `counts[n]` buckets hold `n` records.
struct Occupancy {
    var counts = [Int](repeating: 0, count: KeyTable.slotsPerBucket + 1)

    var buckets: Int { counts.reduce(0, +) }

    var records: Int { counts.enumerated().reduce(0) { $0 + $1.offset * $1.element } }
}

extension KeyTable {
    /// Looks at every bucket: of the array in use, and of the one that is being emptied, if any.
    func occupancies() -> [Occupancy] {
        var occupancies: [Occupancy] = []
        if let buckets = unsafe buckets { occupancies.append(unsafe KeyTable.occupancy(buckets, 0..<1 << bits)) }
        if let old = unsafe oldBuckets { occupancies.append(unsafe KeyTable.occupancy(old, migrated..<1 << oldBits)) }
        return occupancies
    }

    private static func occupancy(_ buckets: UnsafeMutableRawPointer, _ range: Range<Int>) -> Occupancy {
        var occupancy = Occupancy()
        for index in range {
            let tags = unsafe buckets + index * bucketBytes
            let used = (0..<slotsPerBucket).count { unsafe tags.load(fromByteOffset: $0, as: UInt8.self) != 0 }
            occupancy.counts[used] += 1
        }
        return occupancy
    }
}

extension Record {
    /// Where it is in memory, for people.
    var addressText: String { unsafe "0x" + String(UInt(bitPattern: address), radix: 16) }
}
