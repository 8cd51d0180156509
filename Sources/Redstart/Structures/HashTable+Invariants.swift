extension HashTable {
    /// Every record is found from its home on, each bucket counts those that it passed on, and nothing is counted
    /// twice. Costs a walk over the whole table: debug builds only.
    func checkInvariants() {
        #if DEBUG
        var records = 0
        if let buckets = unsafe buckets {
            records += unsafe check(buckets, bits, from: 0, isExact: true)
            let full = (0..<1 << bits).count { index in
                unsafe (buckets + index * HashTable.bucketBytes).load(fromByteOffset: 7, as: UInt8.self) == 255
            }
            precondition(full == stuck, "\(full) counts of passed records are stuck, not \(stuck)")
        }
        if let oldBuckets = unsafe oldBuckets {
            precondition(migrated < 1 << oldBits && returned <= migrated)
            for index in returned..<migrated {
                let tags = unsafe (oldBuckets + index * HashTable.bucketBytes).load(as: UInt64.self) << 8
                precondition(tags == 0, "a record is left in a bucket that was migrated")
            }
            // Those who left an array that is being emptied are still counted as passed on.
            records += unsafe check(oldBuckets, oldBits, from: returned, isExact: false)
        }
        precondition(records == count, "\(records) records are counted as \(count)")
        #endif
    }

    #if DEBUG
    /// The most buckets that a look-up of a record goes through before it finds it.
    var farthest: Int {
        guard let buckets = unsafe buckets else { return 0 }
        let mask = 1 << bits - 1
        var farthest = 0
        for index in 0...mask {
            unsafe HashTable.visit(bucket: buckets + index * HashTable.bucketBytes) { entry in
                let home = Int(hash(entry.record.key) >> UInt64(64 - bits))
                farthest = max(farthest, (index - home) & mask)
            }
        }
        return farthest
    }

    private func check(
        _ buckets: UnsafeMutableRawPointer, _ bits: Int, from first: Int, isExact: Bool
    ) -> Int {
        let mask = 1 << bits - 1
        var passed = [Int](repeating: 0, count: 1 << bits)
        var records = 0
        for index in first...mask {
            let bucket = unsafe buckets + index * HashTable.bucketBytes
            unsafe HashTable.visit(bucket: bucket) { entry in
                let hash = hash(entry.record.key)
                let position = unsafe (UnsafeMutableRawPointer(entry.slot) - bucket) / 8 - 1
                let tag = unsafe bucket.load(fromByteOffset: position, as: UInt8.self)
                precondition(UInt64(tag) == HashTable.tag(hash), "a tag is not its record's")
                var step = max(Int(hash >> UInt64(64 - bits)), first)
                while step != index {
                    passed[step] += 1
                    step = max((step + 1) & mask, first)
                }
                records += 1
            }
        }
        for index in first...mask {
            let noted = Int(unsafe (buckets + index * HashTable.bucketBytes).load(fromByteOffset: 7, as: UInt8.self))
            // A count that reached 255 stays there.
            let isRight = noted == 255 || (isExact ? noted == passed[index] : noted >= passed[index])
            precondition(isRight, "bucket \(index) passed \(passed[index]) on and counts \(noted)")
        }
        return records
    }
    #endif
}
