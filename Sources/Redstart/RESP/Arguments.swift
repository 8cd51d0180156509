/// A command's words, taken one at a time: `next()` and its kin take the word at the cursor, `take` only if it is the
/// one named. So options read as the manual does.
@safe struct Arguments {
    private let words: UnsafePointer<Word>
    private let input: UnsafeRawPointer
    /// All words of the command, its name included.
    let count: Int
    private(set) var position = 1

    @inline(__always)
    init(_ words: UnsafePointer<Word>, _ input: UnsafeRawPointer, count: Int) {
        unsafe self.words = words
        unsafe self.input = input
        self.count = count
    }

    /// The word at `index`; 0 is the command's name.
    @inline(__always)
    subscript(index: Int) -> Bytes {
        precondition(index >= 0 && index < count)
        let word = unsafe words[index]
        return unsafe Bytes(input + word.offset, word.count)
    }

    /// The length of all words together.
    var bytes: Int {
        var sum = 0
        for index in 0..<count { sum += self[index].count }
        return sum
    }

    /// How many words are left.
    @inline(__always)
    var left: Int { count &- position }

    @inline(__always)
    var isEmpty: Bool { position >= count }

    /// Moves the cursor: for a command that reads some of its words before others.
    mutating func move(to index: Int) { position = index }

    @inline(__always)
    mutating func skip(_ words: Int = 1) { position &+= words }

    @inline(__always)
    mutating func next() throws(ReplyError) -> Bytes {
        guard position < count else { throw .syntax }
        defer { position &+= 1 }
        return self[position]
    }

    /// The word at the cursor, which stays.
    var peek: Bytes? { position < count ? self[position] : nil }

    /// Takes the next word when it is `token`, in any case.
    @inline(__always)
    mutating func take(_ token: StaticString) -> Bool {
        guard position < count, self[position].matches(token) else { return false }
        position &+= 1
        return true
    }

    @inline(__always)
    mutating func integer(orThrow error: ReplyError = .notInteger) throws(ReplyError) -> Int {
        guard let value = Int(strict: try next()) else { throw error }
        return value
    }

    /// The words from `index` on as those of a command of their own.
    func suffix(from index: Int) -> Arguments {
        precondition(index >= 0 && index <= count)
        return unsafe Arguments(words + index, input, count: count - index)
    }

    /// All words, for what keeps or forwards a command.
    var copies: [[UInt8]] { (0..<count).map { Array(self[$0]) } }
}
