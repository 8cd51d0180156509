internal import Glibc

/// The words of a command that the server itself puts together. Words that live elsewhere are not copied, so they must
/// stay where they are until the command has run; numbers are written to a buffer of the list's own.
@safe final class WordList {
    private var words: UnsafeMutablePointer<Word>
    private var capacity = 32
    private(set) var count = 0
    /// The text of numbers: room for one a word.
    private var text: UnsafeMutablePointer<UInt8>
    private var textCount = 0

    init() {
        unsafe words = .allocate(capacity: capacity)
        unsafe text = .allocate(capacity: capacity * NumberText.doubleCapacity)
    }

    deinit {
        unsafe words.deallocate()
        unsafe text.deallocate()
    }

    /// Empties the list, and makes room for `count` words.
    func begin(_ count: Int) {
        self.count = 0
        textCount = 0
        guard count > capacity else { return }
        unsafe words.deallocate()
        unsafe text.deallocate()
        capacity = count
        unsafe words = .allocate(capacity: capacity)
        unsafe text = .allocate(capacity: capacity * NumberText.doubleCapacity)
    }

    /// Gives up the room of an unusually long command.
    func end() { if capacity > WordList.keptWords { shrink() } }

    private static let keptWords = 4_096

    private func shrink() {
        capacity = 0
        begin(32)
    }

    @inline(__always)
    func append(_ word: Bytes) {
        precondition(count < capacity)
        unsafe (words + count).initialize(to: Word(offset: word.base - UnsafeRawPointer(text), count: word.count))
        count &+= 1
    }

    /// Adds a number as text.
    func append(_ number: Double) {
        precondition(count < capacity)
        let start = unsafe text + textCount
        let length = unsafe NumberText.write(number, to: start)
        textCount += length
        unsafe append(Bytes(start, length))
    }

    var arguments: Arguments { unsafe Arguments(words, text, count: count) }
}
