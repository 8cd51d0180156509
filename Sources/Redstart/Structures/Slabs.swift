internal import CLinux
internal import Glibc

/// The memory of one engine's data: fixed-size blocks cut from 64 KB slabs.
///
/// Keys and small values come and go by the million, all of a few dozen sizes. Blocks of one size share a slab, so a
/// block needs no header of its own, taking one is a pop from the slab's free list, and an empty slab goes back to the
/// system on its own: no trimming of a whole heap at once, which would stall the loop. Every engine has its own, which
/// makes `allocatedBytes` exact and the end of an engine cheap. (J. Bonwick, "The Slab Allocator", USENIX 1994.)
///
/// The caller remembers a block's size and hands it back when it frees the block.
@safe final class Slabs {
    /// What is handed out at this moment, rounded up to block sizes, in bytes.
    private(set) var allocatedBytes = 0
    /// The memory that belongs to the same data but is in no block: tables and trees, as their owners count it.
    var otherBytes = 0
    /// What of `allocatedBytes` is in large blocks.
    private(set) var largeBytes = 0
    /// Large blocks that were freed and are not yet wholly returned to the system.
    private(set) var pendingBytes = 0

    static let slabBytes = 65_536
    static let regionBytes = 16 << 20
    private static let largestBlock = 4_096
    private static let classCount = 64
    /// From this size on a block is a mapping of its own, returned to the system piece by piece.
    #if PLAIN_MALLOC
    private static let mappedBytes = Int.max
    #else
    private static let mappedBytes = 1 << 20
    #endif
    /// Empty slabs kept with their pages, so that a size going back and forth does not fault each time.
    private static let warmSlabs = 16

    @unsafe private struct Header {
        var free: UnsafeMutableRawPointer?
        var unused: UInt32
        var used: UInt32
        var blockBytes: UInt32
        var sizeClass: UInt32
        var next: UnsafeMutablePointer<Header>?
        var previous: UnsafeMutablePointer<Header>?
        var isListed: Bool
    }

    private typealias Slab = UnsafeMutablePointer<Header>
    private let current: UnsafeMutablePointer<Slab?>
    private let partial: UnsafeMutablePointer<Slab?>
    private var regionNext: UnsafeMutableRawPointer?
    private var regionEnd: UnsafeMutableRawPointer?
    private(set) var regions: [UnsafeMutableRawPointer] = unsafe []
    /// Empty slabs; the last `warmCount` of them still have their pages, and are taken first.
    private var emptySlabs: [UnsafeMutableRawPointer] = unsafe []
    private var warmCount = 0
    private var unmapping: [UnsafeMutableRawBufferPointer] = unsafe []
    /// Over so much that waits to be returned, whoever frees returns as much, but no more than the second at once.
    private static let mostPendingBytes = 64 << 20
    private static let mostReleasedBytes = 32 << 20
    /// Freed large blocks that the system did not take back.
    private var kept: [UnsafeMutableRawBufferPointer] = unsafe []

    init() {
        unsafe current = .allocate(capacity: Slabs.classCount)
        unsafe current.initialize(repeating: nil, count: Slabs.classCount)
        unsafe partial = .allocate(capacity: Slabs.classCount)
        unsafe partial.initialize(repeating: nil, count: Slabs.classCount)
    }

    /// Ends every block at once. Large blocks must have been freed.
    deinit {
        releasePending(bytes: .max)
        for index in unsafe kept.indices { unsafe munmap(kept[index].baseAddress, kept[index].count) }
        while let region = unsafe regions.popLast() { unsafe munmap(region, Slabs.regionBytes) }
        unsafe current.deallocate()
        unsafe partial.deallocate()
    }

    /// 8-byte steps to 256 bytes, then eight sizes for each doubling.
    @inline(__always)
    private static func sizeClass(_ bytes: Int) -> Int {
        if bytes <= 256 { return (bytes &+ 7) &>> 3 &- 1 }
        let exponent = 63 &- (bytes &- 1).leadingZeroBitCount
        return 32 &+ (exponent &- 8) &* 8 &+ (((bytes &- 1) &>> (exponent &- 3)) & 7)
    }

    private static func blockBytes(ofClass sizeClass: Int) -> Int {
        if sizeClass < 32 { return (sizeClass + 1) * 8 }
        let exponent = (sizeClass - 32) / 8 + 8
        return (1 << exponent) + ((sizeClass - 32) % 8 + 1) << (exponent - 3)
    }

    /// What a block asked for with `bytes` really holds.
    @inline(__always)
    static func capacity(_ bytes: Int) -> Int {
        #if PLAIN_MALLOC
        // Not a byte more than was asked for, so that the address sanitizer sees the first one beyond.
        return max(bytes, 1)
        #else
        if bytes <= 256 { return max(8, (bytes &+ 7) & ~7) }
        if bytes <= largestBlock { return blockBytes(ofClass: sizeClass(bytes)) }
        if bytes < mappedBytes { return ((bytes &+ 8 &+ 15) & ~15) &- 8 }
        return (bytes &+ 4_095) & ~4_095
        #endif
    }

    /// Whether a block of that size is a mapping of its own, whose pages are zero at first.
    static func isMapped(_ bytes: Int) -> Bool { bytes >= mappedBytes }

    @inline(__always)
    func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        #if !PLAIN_MALLOC
        if bytes <= Slabs.largestBlock {
            let sizeClass = Slabs.sizeClass(max(bytes, 1))
            if let slab = unsafe current[sizeClass], let block = unsafe slab.pointee.free {
                unsafe slab.pointee.free = block.load(as: UnsafeMutableRawPointer?.self)
                unsafe slab.pointee.used &+= 1
                unsafe allocatedBytes &+= Int(slab.pointee.blockBytes)
                return unsafe block
            }
            return unsafe allocateUnused(sizeClass)
        }
        #endif
        return unsafe allocateLarge(bytes)
    }

    @inline(never)
    private func allocateUnused(_ sizeClass: Int) -> UnsafeMutableRawPointer {
        var slab = unsafe current[sizeClass]
        if let full = unsafe slab, unsafe full.pointee.unused &+ full.pointee.blockBytes > UInt32(Slabs.slabBytes) {
            unsafe slab = nil
        }
        if unsafe slab == nil {
            unsafe slab = takePartial(sizeClass) ?? makeSlab(sizeClass)
            unsafe current[sizeClass] = slab
        }
        // The branch above leaves a slab that has room.
        guard let slab = unsafe slab else { preconditionFailure("a size class without a slab") }
        unsafe allocatedBytes &+= Int(slab.pointee.blockBytes)
        unsafe slab.pointee.used &+= 1
        if let block = unsafe slab.pointee.free {
            unsafe slab.pointee.free = block.load(as: UnsafeMutableRawPointer?.self)
            return unsafe block
        }
        let block = unsafe UnsafeMutableRawPointer(slab) + Int(slab.pointee.unused)
        unsafe slab.pointee.unused &+= slab.pointee.blockBytes
        return unsafe block
    }

    @inline(__always)
    func deallocate(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
        #if !PLAIN_MALLOC
        if bytes <= Slabs.largestBlock {
            let slab = unsafe Slabs.slab(of: block)
            unsafe block.storeBytes(of: slab.pointee.free, as: UnsafeMutableRawPointer?.self)
            unsafe slab.pointee.free = block
            unsafe slab.pointee.used &-= 1
            unsafe allocatedBytes &-= Int(slab.pointee.blockBytes)
            if unsafe !slab.pointee.isListed || slab.pointee.used == 0 { unsafe settle(slab) }
            return
        }
        #endif
        unsafe deallocateLarge(block, bytes)
    }

    @inline(__always)
    private static func slab(of block: UnsafeMutableRawPointer) -> Slab {
        let address = UInt(bitPattern: block) & ~UInt(slabBytes &- 1)
        guard let slab = unsafe Slab(bitPattern: address) else { preconditionFailure("a block at address zero") }
        return unsafe slab
    }

    /// Puts a slab that has room again where `allocate` finds it, and gives an empty one back.
    @inline(never)
    private func settle(_ slab: Slab) {
        let sizeClass = unsafe Int(slab.pointee.sizeClass)
        if unsafe slab == current[sizeClass] { return }
        if unsafe slab.pointee.used > 0 {
            unsafe slab.pointee.isListed = true
            unsafe slab.pointee.previous = nil
            unsafe slab.pointee.next = partial[sizeClass]
            unsafe partial[sizeClass]?.pointee.previous = slab
            unsafe partial[sizeClass] = slab
            return
        }
        if unsafe slab.pointee.isListed { unsafe unlink(slab) }
        unsafe emptySlabs.append(slab)
        if warmCount < Slabs.warmSlabs {
            warmCount += 1
        } else {
            unsafe madvise(slab, Slabs.slabBytes, MADV_DONTNEED)
            unsafe emptySlabs.swapAt(emptySlabs.count - 1, emptySlabs.count - 1 - warmCount)
        }
    }

    private func unlink(_ slab: Slab) {
        let sizeClass = unsafe Int(slab.pointee.sizeClass)
        let next = unsafe slab.pointee.next
        let previous = unsafe slab.pointee.previous
        unsafe next?.pointee.previous = previous
        if let previous = unsafe previous {
            unsafe previous.pointee.next = next
        } else {
            unsafe partial[sizeClass] = next
        }
        unsafe slab.pointee.isListed = false
    }

    private func takePartial(_ sizeClass: Int) -> Slab? {
        guard let slab = unsafe partial[sizeClass] else { return nil }
        unsafe unlink(slab)
        return unsafe slab
    }

    private func makeSlab(_ sizeClass: Int) -> Slab {
        let memory: UnsafeMutableRawPointer
        if let empty = unsafe emptySlabs.popLast() {
            unsafe memory = empty
            warmCount = max(0, warmCount - 1)
        } else {
            if unsafe regionNext == regionEnd { addRegion() }
            guard let next = unsafe regionNext else { preconditionFailure("a region without room") }
            unsafe memory = next
            unsafe regionNext = next + Slabs.slabBytes
        }
        let slab = unsafe memory.bindMemory(to: Header.self, capacity: 1)
        unsafe slab.initialize(
            to: Header(
                free: nil, unused: UInt32((MemoryLayout<Header>.size + 15) & ~15), used: 0,
                blockBytes: UInt32(Slabs.blockBytes(ofClass: sizeClass)), sizeClass: UInt32(sizeClass),
                next: nil, previous: nil, isListed: false))
        return unsafe slab
    }

    /// Reserves address space; pages cost memory only once they are touched.
    private func addRegion() {
        let bytes = Slabs.regionBytes + Slabs.slabBytes
        guard let start = unsafe Slabs.map(bytes) else { Slabs.outOfMemory(bytes) }
        let address = UInt(bitPattern: start)
        let lead = Int((address + UInt(Slabs.slabBytes) - 1) & ~UInt(Slabs.slabBytes - 1) - address)
        let region = unsafe start + lead
        if lead > 0 { unsafe munmap(start, lead) }
        unsafe munmap(region + Slabs.regionBytes, Slabs.slabBytes - lead)
        unsafe regions.append(region)
        unsafe regionNext = region
        unsafe regionEnd = region + Slabs.regionBytes
    }

    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let memory = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        return unsafe memory == MAP_FAILED ? nil : memory
    }

    /// There is no answer to give and nothing to undo: the process ends, as Redis does, saying why.
    private static func outOfMemory(_ bytes: Int) -> Never {
        preconditionFailure("out of memory: the system refused \(bytes) bytes")
    }

    // MARK: - Large blocks

    @inline(never)
    private func allocateLarge(_ bytes: Int) -> UnsafeMutableRawPointer {
        let capacity = Slabs.capacity(bytes)
        allocatedBytes &+= capacity
        largeBytes &+= capacity
        if bytes >= Slabs.mappedBytes {
            guard let block = unsafe Slabs.map(capacity) ?? takeKept(capacity) else { Slabs.outOfMemory(bytes) }
            return unsafe block
        }
        guard let block = unsafe malloc(capacity) else { Slabs.outOfMemory(bytes) }
        return unsafe block
    }

    @inline(never)
    private func deallocateLarge(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
        let capacity = Slabs.capacity(bytes)
        allocatedBytes &-= capacity
        largeBytes &-= capacity
        guard bytes >= Slabs.mappedBytes else { return unsafe free(block) }
        pendingBytes &+= capacity
        unsafe unmapping.append(UnsafeMutableRawBufferPointer(start: block, count: capacity))
        // A script, a transaction or a client that never pauses may free more than turns give back: then whoever frees
        // gives back as much, though not all of a huge block at once where some may wait.
        let most = max(Slabs.mostPendingBytes, allocatedBytes / 8)
        guard pendingBytes &- capacity > most else { return }
        releasePending(bytes: pendingBytes > 16 &* most ? capacity : min(capacity, Slabs.mostReleasedBytes))
    }

    /// A block of `newBytes` with the old one's beginning. A mapping moves without a copy.
    func reallocate(_ block: UnsafeMutableRawPointer, _ bytes: Int, to newBytes: Int) -> UnsafeMutableRawPointer {
        let capacity = Slabs.capacity(bytes)
        let newCapacity = Slabs.capacity(newBytes)
        if capacity == newCapacity { return unsafe block }
        if bytes >= Slabs.mappedBytes, newBytes >= Slabs.mappedBytes {
            let moved = unsafe redstart_remap(block, capacity, newCapacity)
            if let moved = unsafe moved, unsafe moved != MAP_FAILED {
                allocatedBytes &+= newCapacity &- capacity
                largeBytes &+= newCapacity &- capacity
                return unsafe moved
            }
        }
        let copy = unsafe allocate(newBytes)
        unsafe memcpy(copy, block, min(bytes, newBytes))
        unsafe deallocate(block, bytes)
        return unsafe copy
    }

    /// Returns up to about `bytes` of the freed large blocks to the system: part of a turn's bounded work.
    func releasePending(bytes: Int) {
        var budget = bytes
        while budget > 0, let last = unsafe unmapping.popLast() {
            let part = min(last.count, max(budget, 1 << 20))
            let keep = last.count - part
            unsafe unmap(UnsafeMutableRawBufferPointer(rebasing: last[keep...]))
            if keep > 0 { unsafe unmapping.append(UnsafeMutableRawBufferPointer(rebasing: last[0..<keep])) }
            pendingBytes &-= part
            budget &-= part
        }
    }

    /// A hole between blocks costs the system a mapping, and it has only so many (`vm.max_map_count`): a block that it
    /// does not take back for that reason gives back its pages, and its addresses are used again.
    private func unmap(_ block: UnsafeMutableRawBufferPointer) {
        guard let base = block.baseAddress, unsafe munmap(base, block.count) != 0 else { return }
        unsafe madvise(base, block.count, MADV_DONTNEED)
        unsafe kept.append(block)
    }

    /// A block of `bytes` from those that were not taken back.
    private func takeKept(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard let index = unsafe kept.firstIndex(where: { $0.count >= bytes }) else { return nil }
        let block = unsafe kept.remove(at: index)
        if block.count > bytes { unsafe kept.append(UnsafeMutableRawBufferPointer(rebasing: block[bytes...])) }
        return block.baseAddress
    }

    // MARK: - Figures

    /// The slabs that hold blocks, and the large blocks: what is in use with the gaps between, in bytes.
    var activeBytes: Int { unsafe largeBytes + (cutSlabs - emptySlabs.count) * Slabs.slabBytes }

    private var cutSlabs: Int {
        guard let next = unsafe regionNext, let end = unsafe regionEnd else { return 0 }
        return unsafe (regions.count * Slabs.regionBytes - (end - next)) / Slabs.slabBytes
    }

    /// Gives the pages of the empty slabs that were kept ready back to the system.
    func releaseEmpty() {
        for index in unsafe emptySlabs.indices.suffix(warmCount) {
            unsafe madvise(emptySlabs[index], Slabs.slabBytes, MADV_DONTNEED)
        }
        warmCount = 0
    }

    /// How many slabs there are of each size of block, and how many blocks in them are in use. It looks at every slab.
    var census: [(blockBytes: Int, slabs: Int, blocks: Int)] {
        var found: [Int: (slabs: Int, blocks: Int)] = [:]
        let empty = unsafe Set(emptySlabs.map { UInt(bitPattern: $0) })
        for index in unsafe regions.indices {
            for offset in stride(from: 0, to: Slabs.regionBytes, by: Slabs.slabBytes) {
                let address = unsafe regions[index] + offset
                if unsafe address == regionNext { break }
                if empty.contains(UInt(bitPattern: address)) { continue }
                let slab = unsafe Slabs.slab(of: address).pointee
                let known = unsafe found[Int(slab.blockBytes)] ?? (0, 0)
                unsafe found[Int(slab.blockBytes)] = (known.slabs + 1, known.blocks + Int(slab.used))
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.slabs, $0.value.blocks) }
    }
}

// MARK: - Invariants

extension Slabs {
    /// In every slab the free blocks and those in use are all blocks there are, each slab is where it belongs, and what
    /// is in use adds up, with `largeBytes` in blocks of their own. Costs a walk over all that is free: debug builds
    /// only.
    func checkInvariants(largeBytes: Int) {
        #if DEBUG && !PLAIN_MALLOC
        let empty = unsafe Set(emptySlabs)
        unsafe precondition(empty.count == emptySlabs.count && warmCount <= empty.count, "a slab is empty twice")
        var usedBytes = 0
        var listed = 0
        for index in unsafe regions.indices {
            var next = unsafe regions[index]
            let end = unsafe next == regions.last ? regionNext : next + Slabs.regionBytes
            while unsafe next != end {
                if unsafe !empty.contains(next) {
                    let slab = unsafe next.assumingMemoryBound(to: Header.self)
                    unsafe checkBlocks(slab)
                    unsafe checkPlace(slab)
                    unsafe usedBytes += Int(slab.pointee.used * slab.pointee.blockBytes)
                    unsafe listed += slab.pointee.isListed ? 1 : 0
                }
                unsafe next += Slabs.slabBytes
            }
        }
        precondition(largeBytes == self.largeBytes, "the large blocks do not add up")
        precondition(usedBytes + largeBytes == allocatedBytes, "the blocks in use do not add up")
        precondition(listed == listedSlabs(), "a list lacks a slab")
        #endif
    }

    #if DEBUG
    private func checkBlocks(_ slab: Slab) {
        let header = unsafe slab.pointee
        let size = unsafe Int(header.blockBytes)
        let start = unsafe (MemoryLayout<Header>.size + 15) & ~15
        let classBytes = unsafe Slabs.blockBytes(ofClass: Int(header.sizeClass))
        precondition(size == classBytes, "a block of no size class")
        var seen: Set<Int> = []
        var next = unsafe header.free
        while let block = unsafe next {
            let offset = unsafe block - UnsafeMutableRawPointer(slab)
            let end = unsafe Int(header.unused)
            precondition(offset >= start && offset < end, "a free block outside its slab")
            precondition((offset - start) % size == 0, "a free block that is none")
            precondition(seen.insert(offset).inserted, "a block is free twice")
            unsafe next = block.load(as: UnsafeMutableRawPointer?.self)
        }
        unsafe precondition(
            seen.count + Int(header.used) == (Int(header.unused) - start) / size, "a block is neither used nor free")
    }

    private func checkPlace(_ slab: Slab) {
        let header = unsafe slab.pointee
        let isCurrent = unsafe current[Int(header.sizeClass)] == slab
        if unsafe header.isListed {
            unsafe precondition(!isCurrent && header.used > 0 && header.free != nil, "a slab is listed wrongly")
        } else if !isCurrent {
            unsafe precondition(
                header.free == nil && Int(header.unused + header.blockBytes) > Slabs.slabBytes, "a slab is forgotten")
        }
    }

    private func listedSlabs() -> Int {
        var count = 0
        for sizeClass in 0..<Slabs.classCount {
            var previous: Slab?
            var next = unsafe partial[sizeClass]
            while let slab = unsafe next {
                unsafe precondition(slab.pointee.isListed && Int(slab.pointee.sizeClass) == sizeClass)
                unsafe precondition(slab.pointee.previous == previous, "a list is torn")
                count += 1
                unsafe previous = slab
                unsafe next = slab.pointee.next
            }
        }
        return count
    }
    #endif
}
