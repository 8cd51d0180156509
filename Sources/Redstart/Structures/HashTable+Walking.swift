internal import CLinux

extension HashTable {
    /// Visits every record with its hash, until `body` answers false; answers whether it went to the end. The table
    /// must not change meanwhile.
    ///
    /// It goes in the order of hashes. So look-ups of the same keys in another table of the same hash function go
    /// through that table in order, too, and find most of its buckets in the cache. `ahead` is called with each hash
    /// some records before `body`, to ask for what the look-up will need.
    @inline(__always)
    @discardableResult
    func walk(ahead: (UInt64) -> Void = { _ in }, _ body: (Element, UInt64) -> Bool) -> Bool {
        if let old = unsafe oldBuckets {
            guard unsafe walk(old, migrated..<1 << oldBits, ahead, body) else { return false }
        }
        guard let buckets = unsafe buckets else { return true }
        return unsafe walk(buckets, 0..<1 << bits, ahead, body)
    }

    private func walk(
        _ buckets: UnsafeMutableRawPointer, _ range: Range<Int>, _ ahead: (UInt64) -> Void,
        _ body: (Element, UInt64) -> Bool
    ) -> Bool {
        guard !range.isEmpty else { return true }
        var current = InlineArray<7, UInt64>(repeating: 0)
        var next = InlineArray<7, UInt64>(repeating: 0)
        unsafe readHashes(buckets + range.lowerBound * HashTable.bucketBytes, &current, ahead)
        for index in range {
            let bucket = unsafe buckets + index &* HashTable.bucketBytes
            if index &+ 2 < range.upperBound { unsafe HashTable.prefetchRecords(bucket + 2 &* HashTable.bucketBytes) }
            if index &+ 1 < range.upperBound { unsafe readHashes(bucket + HashTable.bucketBytes, &next, ahead) }
            for position in 0..<HashTable.slotsPerBucket {
                guard let record = unsafe HashTable.record(bucket, position) else { continue }
                guard body(record, current[position]) else { return false }
            }
            swap(&current, &next)
        }
        return true
    }

    @inline(__always)
    private func readHashes(
        _ bucket: UnsafeMutableRawPointer, _ hashes: inout InlineArray<7, UInt64>, _ ahead: (UInt64) -> Void
    ) {
        for position in 0..<HashTable.slotsPerBucket {
            guard let record = unsafe HashTable.record(bucket, position) else { continue }
            let hash = self.hash(record.key)
            hashes[position] = hash
            ahead(hash)
        }
    }

    @inline(__always)
    private static func record(_ bucket: UnsafeMutableRawPointer, _ position: Int) -> Element? {
        guard unsafe bucket.load(fromByteOffset: position, as: UInt8.self) != 0,
            let address = unsafe slot(bucket, 0x80 &<< UInt64(position &* 8)).pointee
        else { return nil }
        return unsafe Element(address)
    }
}
