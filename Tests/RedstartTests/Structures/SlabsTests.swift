import Glibc
import Testing

@testable import Redstart

@Suite struct SlabAllocation {
    /// A block that is in use: its first and last bytes say whose it is.
    @safe private struct Block {
        private var address: UnsafeMutableRawPointer
        private(set) var bytes: Int
        private let stamp: UInt8

        init(_ slabs: Slabs, _ bytes: Int, _ random: RandomSource) {
            unsafe address = slabs.allocate(bytes)
            self.bytes = bytes
            stamp = UInt8(truncatingIfNeeded: random.next())
            write()
        }

        private func write() {
            unsafe memset(address, Int32(stamp), min(bytes, 64))
            unsafe memset(address + max(0, bytes - 64), Int32(stamp), min(bytes, 64))
        }

        var isIntact: Bool {
            unsafe UInt(bitPattern: address) % 8 == 0 && address.load(as: UInt8.self) == stamp
                && address.load(fromByteOffset: min(bytes, 64) - 1, as: UInt8.self) == stamp
                && address.load(fromByteOffset: bytes - 1, as: UInt8.self) == stamp
        }

        /// Answers whether its beginning came along.
        mutating func resize(_ slabs: Slabs, _ newBytes: Int) -> Bool {
            unsafe address = slabs.reallocate(address, bytes, to: newBytes)
            let last = min(bytes, newBytes, 64) - 1
            bytes = newBytes
            defer { write() }
            return unsafe address.load(as: UInt8.self) == stamp
                && address.load(fromByteOffset: last, as: UInt8.self) == stamp
        }

        func free(_ slabs: Slabs) { unsafe slabs.deallocate(address, bytes) }
    }

    private static func anyBytes(_ random: RandomSource) -> Int {
        switch random.below(10_000) {
        case 0...2: 1_000_000 + random.below(3_000_000)
        case 3...100: 4_097 + random.below(100_000)
        case 101...1_500: 257 + random.below(3_840)
        default: 1 + random.below(256)
        }
    }

    @Test func `blocks are never handed out twice, and all that is in use adds up`() {
        let random = RandomSource(seed: 6)
        let slabs = Slabs()
        var blocks: [Block] = []
        func largeBytes() -> Int { blocks.reduce(0) { $0 + ($1.bytes > 4_096 ? Slabs.capacity($1.bytes) : 0) } }
        for step in 1...RandomOperations.count {
            let wanted = step / 25_000 % 2 == 0 ? 9_000 : 500
            if blocks.isEmpty || random.below(2 * wanted) > blocks.count {
                blocks.append(Block(slabs, Self.anyBytes(random), random))
            } else {
                blocks.swapAt(random.below(blocks.count), blocks.count - 1)
                var block = blocks.removeLast()
                if !block.isIntact { Issue.record("step \(step): someone else wrote to a block") }
                if random.below(4) == 0 {
                    let cameAlong = block.resize(slabs, Self.anyBytes(random))
                    if !cameAlong { Issue.record("step \(step): a block moved without its content") }
                    blocks.append(block)
                } else {
                    block.free(slabs)
                }
            }
            if step % 100 == 0 { slabs.releasePending(bytes: 4 << 20) }
            if step % 12_500 == 0 { slabs.checkInvariants(largeBytes: largeBytes()) }
        }
        while let block = blocks.popLast() { block.free(slabs) }
        slabs.releasePending(bytes: .max)
        slabs.checkInvariants(largeBytes: 0)
        #expect(slabs.allocatedBytes == 0 && slabs.pendingBytes == 0)
    }

    @Test func `every size has room for itself and wastes little`() {
        for bytes in 1...40_000 {
            let capacity = Slabs.capacity(bytes)
            if capacity < bytes || Slabs.capacity(capacity) != capacity { Issue.record("\(bytes) have \(capacity)") }
            if capacity - bytes >= max(24, bytes / 8) { Issue.record("\(bytes) waste \(capacity - bytes)") }
        }
    }

    @Test func `empty slabs go back to the system`() {
        let slabs = Slabs()
        var blocks: [UnsafeMutableRawPointer] = unsafe []
        for round in 0..<3 {
            for _ in 0..<200_000 {
                let block = unsafe slabs.allocate(100)
                unsafe memset(block, 1, 100)
                unsafe blocks.append(block)
            }
            #expect(Self.residentBytes(slabs) > 20_000_000)
            // Half of all blocks, evenly spread, keep every slab; the other half takes their places again.
            let regions = unsafe slabs.regions.count
            if round == 1 {
                for index in unsafe 0..<blocks.count / 2 {
                    unsafe slabs.deallocate(blocks[index * 2], 100)
                    unsafe blocks[index * 2] = slabs.allocate(104)
                }
                let now = unsafe slabs.regions.count
                #expect(now == regions)
            }
            while let block = unsafe blocks.popLast() { unsafe slabs.deallocate(block, 100) }
            slabs.checkInvariants(largeBytes: 0)
            // Sixteen empty ones and the one in use are kept.
            #expect(Self.residentBytes(slabs) <= 17 * Slabs.slabBytes)
        }
    }

    @Test func `large blocks go back in parts`() {
        let slabs = Slabs()
        let block = unsafe slabs.allocate(9_000_000)
        unsafe memset(block, 1, 9_000_000)
        unsafe slabs.deallocate(block, 9_000_000)
        #expect(slabs.allocatedBytes == 0)
        var before = slabs.pendingBytes
        #expect(before >= 9_000_000)
        while slabs.pendingBytes > 0 {
            slabs.releasePending(bytes: 2_000_000)
            #expect(before - slabs.pendingBytes <= 2_000_000)
            before = slabs.pendingBytes
        }
    }

    private static func residentBytes(_ slabs: Slabs) -> Int {
        let pages = Slabs.regionBytes / 4_096
        var resident = [UInt8](repeating: 0, count: pages)
        var bytes = 0
        for index in unsafe slabs.regions.indices {
            unsafe mincore(slabs.regions[index], Slabs.regionBytes, &resident)
            bytes += resident.count { $0 & 1 != 0 } * 4_096
        }
        return bytes
    }

    @Test func `what is freed without a pause is given back without one`() {
        let slabs = Slabs()
        for _ in 0..<200 { unsafe slabs.deallocate(slabs.allocate(2 << 20), 2 << 20) }
        #expect(slabs.pendingBytes <= 68 << 20)
        slabs.releasePending(bytes: .max)
        #expect(slabs.pendingBytes == 0)
    }

    @Test func `a huge block waits for turns`() {
        let slabs = Slabs()
        unsafe slabs.deallocate(slabs.allocate(512 << 20), 512 << 20)
        #expect(slabs.pendingBytes >= 512 << 20)
    }
}
