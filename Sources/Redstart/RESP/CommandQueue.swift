internal import Glibc

/// Copies of commands that run later, one after the other in two buffers: what MULTI queues.
@safe final class CommandQueue {
    private struct Place: BitwiseCopyable {
        var firstWord: Int
        var wordCount: Int32
        var command: Int32
    }

    private var bytes: UnsafeMutableRawPointer?
    private var byteCapacity = 0
    private var byteCount = 0
    private var words: UnsafeMutablePointer<Word>?
    private var wordCapacity = 0
    private var wordCount = 0
    private var places: ContiguousArray<Place> = []

    /// Buffers larger than this are not kept for the next transaction.
    private static let keptBytes = 16 << 10

    init() {}

    deinit {
        unsafe free(bytes)
        unsafe words?.deallocate()
    }

    var count: Int { places.count }

    /// What it holds, in bytes.
    var memory: Int {
        byteCapacity + wordCapacity * MemoryLayout<Word>.stride + places.capacity * MemoryLayout<Place>.stride
    }

    /// Adds a copy of all words of a command.
    func append(_ arguments: Arguments, _ command: CommandID) {
        let count = arguments.count
        if wordCapacity - wordCount < count { growWords(count) }
        places.append(Place(firstWord: wordCount, wordCount: Int32(count), command: Int32(command)))
        for index in 0..<count { append(arguments[index]) }
    }

    @inline(__always)
    private func append(_ word: Bytes) {
        // One byte more, so that the last word is followed by memory of ours too.
        if byteCapacity &- byteCount <= word.count { growBytes(word.count) }
        guard let bytes = unsafe bytes, let words = unsafe words else { return }
        unsafe memcpy(bytes + byteCount, word.base, word.count)
        unsafe (words + wordCount).initialize(to: Word(offset: byteCount, count: word.count))
        byteCount &+= word.count
        wordCount &+= 1
    }

    @inline(never)
    private func growBytes(_ more: Int) {
        byteCapacity = max(1_024, byteCount + more + 1 + min(byteCount, 64 << 20))
        guard let larger = unsafe realloc(bytes, byteCapacity) else {
            preconditionFailure("out of memory: the system refused \(byteCapacity) bytes")
        }
        unsafe bytes = larger
    }

    @inline(never)
    private func growWords(_ more: Int) {
        wordCapacity = max(64, wordCount + more, wordCapacity * 2)
        let larger = UnsafeMutablePointer<Word>.allocate(capacity: wordCapacity)
        if let words = unsafe words {
            unsafe larger.moveInitialize(from: words, count: wordCount)
            unsafe words.deallocate()
        }
        unsafe words = larger
    }

    /// The command at `index`. Its words are valid until the queue changes.
    func command(at index: Int) -> CommandID { Int(places[index].command) }

    func arguments(at index: Int) -> Arguments {
        guard let words = unsafe words, let bytes = unsafe bytes else {
            preconditionFailure("a queued command without its words")
        }
        let place = places[index]
        return unsafe Arguments(words + place.firstWord, bytes, count: Int(place.wordCount))
    }

    /// Empties it for the next transaction; false if its buffers are too large to be kept.
    func reuse() -> Bool {
        byteCount = 0
        wordCount = 0
        places.removeAll(keepingCapacity: true)
        return memory <= CommandQueue.keptBytes
    }
}
