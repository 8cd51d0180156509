import Testing

@testable import Redstart

/// The limit of a reply: what is beyond takes no memory, and whoever goes on writing does not notice.
@Suite struct ReplyLimit {
    private let writer = ReplyWriter()

    private func write(bytes: Int, times: Int) {
        let value = [UInt8](repeating: 120, count: bytes)
        for _ in 0..<times { writer.bulk(value) }
    }

    @Test func `what is within is kept`() {
        writer.limit = 107
        write(bytes: 100, times: 1)
        #expect(writer.pending == 108 && writer.isOverLimit)
        writer.discard()
        writer.limit = 108
        write(bytes: 100, times: 1)
        #expect(writer.pending == 108 && !writer.isOverLimit)
    }

    @Test(arguments: [0, 1, 1_000, 100_000, 1 << 20])
    func `what is beyond takes little`(_ limit: Int) {
        writer.limit = limit
        write(bytes: 10_000, times: 1_000)
        #expect(writer.isOverLimit)
        #expect(writer.capacity < 2 * limit + 100_000)
        write(bytes: 3 << 20, times: 100)
        #expect(writer.isOverLimit)
        #expect(writer.capacity < 2 * limit + 7 << 20)
        writer.discard()
        #expect(writer.pending == 0 && !writer.isOverLimit)
    }

    @Test func `headers of what is lost are lost`() {
        writer.limit = 50_000
        let marks = (0..<1_000).map { _ in
            write(bytes: 1_000, times: 1)
            return writer.beginArray()
        }
        for mark in marks { writer.finish(mark, array: 1) }
        for mark in marks { writer.insert(EntryID(milliseconds: 1, sequence: 2), at: mark) }
        #expect(writer.isOverLimit)
        for mark in marks.reversed() { writer.truncate(to: mark) }
        #expect(writer.pending == 1_009 && !writer.isOverLimit)
    }
}
