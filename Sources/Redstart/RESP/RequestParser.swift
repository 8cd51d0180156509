internal import Glibc

/// A word of a command: where it is in the input.
struct Word: BitwiseCopyable {
    var offset: Int
    var count: Int
}

/// Splits a connection's bytes into commands. It copies nothing: a command's words are positions in the input, and
/// parsing an incomplete command goes on where it stopped when more bytes have come.
///
/// Source: the protocol specification, https://redis.io/docs/latest/develop/reference/protocol-spec/
@safe final class RequestParser {
    enum Outcome {
        case command
        case incomplete
        /// The connection cannot go on; `position` is where what is wrong begins.
        case failure(ProtocolError)
    }

    struct Limits {
        var bulkBytes: Int
        /// Before a password was given, a request may only be as large as AUTH and HELLO need.
        var isAuthenticated: Bool

        static let inlineBytes = 64 * 1_024
        static let words = Int(Int32.max)
        /// What a client that has not given the password may send.
        static let unauthenticatedWords = 10
        static let unauthenticatedBulkBytes = 16_384
        static let headerBytes = 64 * 1_024
    }

    /// The words of the commands that were parsed and not yet dropped, one command after the other.
    private var words: UnsafeMutablePointer<Word>
    private var wordCapacity = 8
    private(set) var wordCount = 0

    /// The command at hand: the words still to come, -1 before its first line is read.
    private var wordsLeft = -1
    /// The length of the word at hand, -1 before its header is read.
    private var bulkCount = -1
    /// How far the input was read, from the beginning of the first command not yet dropped.
    private(set) var position = 0
    /// The first word of the command at hand.
    private(set) var commandStart = 0

    /// The text of an inline command with quotes or escapes, unquoted.
    private var unquoted: UnsafeMutableRawPointer?
    /// Whether the command just parsed is such a one: no other may be parsed before it has run.
    private(set) var isQuoted = false

    init() {
        unsafe words = .allocate(capacity: wordCapacity)
    }

    deinit {
        unsafe words.deallocate()
        unsafe unquoted?.deallocate()
    }

    /// The words of a parsed command in `input`, which begins with the first command not yet dropped.
    @inline(__always)
    func arguments(from first: Int, count: Int, in input: UnsafeRawPointer) -> Arguments {
        assert(first >= 0 && first + count <= wordCount)
        return unsafe Arguments(words + first, input, count: count)
    }

    /// Bytes that the word at hand still lacks, so that the input can make room for all of it at once.
    func missing(of available: Int) -> Int {
        bulkCount < 0 ? 0 : max(0, position + bulkCount + 2 - available)
    }

    /// Forgets the parsed commands; the input now begins at `position`.
    @inline(__always)
    func drop(through offset: Int) {
        if wordsLeft < 0 {
            wordCount = 0
            if wordCapacity > 1_024 { shrink() }
        } else {
            rebase(offset)
        }
        commandStart = 0
        isQuoted = false
        position &-= offset
    }

    /// Forgets also the commands that were parsed ahead: the next one is parsed anew.
    func rewind() {
        wordCount = 0
        commandStart = 0
        position = 0
        wordsLeft = -1
        bulkCount = -1
        isQuoted = false
    }

    private func rebase(_ offset: Int) {
        let kept = wordCount - commandStart
        for index in 0..<kept {
            var word = unsafe words[commandStart + index]
            word.offset -= offset
            unsafe words[index] = word
        }
        wordCount = kept
    }

    private func shrink() {
        unsafe words.deallocate()
        wordCapacity = 8
        unsafe words = .allocate(capacity: wordCapacity)
    }

    @inline(__always)
    private func append(offset: Int, count: Int) {
        if wordCount == wordCapacity { grow() }
        unsafe words[wordCount] = Word(offset: offset, count: count)
        wordCount &+= 1
    }

    @inline(never)
    private func grow() {
        let larger = UnsafeMutablePointer<Word>.allocate(capacity: wordCapacity * 2)
        unsafe larger.moveInitialize(from: words, count: wordCount)
        unsafe words.deallocate()
        unsafe words = larger
        wordCapacity *= 2
    }

    // MARK: - Parsing

    /// Parses one more command from `input`, of which `available` bytes are there.
    /// After `.command` its words are those from `commandStart` to `wordCount`: take them, then call `next()`.
    @inline(__always)
    func parse(_ input: UnsafeRawPointer, _ available: Int, _ limits: borrowing Limits) -> Outcome {
        if wordsLeft < 0 {
            guard position < available else { return .incomplete }
            guard unsafe input.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: "*") else {
                return unsafe parseInline(input, available)
            }
            let header = unsafe line(input, available)
            guard let end = header else { return tooLong(available, .wordCountTooLong) }
            let text = unsafe Bytes(input + position + 1, end - position - 1)
            guard let number = Self.length(text), number <= Limits.words else {
                return .failure(.wordCount)
            }
            if number > Limits.unauthenticatedWords, !limits.isAuthenticated {
                return .failure(.unauthenticatedWordCount)
            }
            position = end &+ 2
            if number <= 0 { return .command }
            wordsLeft = number
        }
        while wordsLeft > 0 {
            if bulkCount < 0 {
                guard position < available else { return .incomplete }
                let end = unsafe line(input, available)
                guard let end else { return tooLong(available, .wordLengthTooLong) }
                let first = unsafe input.load(fromByteOffset: position, as: UInt8.self)
                guard first == UInt8(ascii: "$") else { return .failure(.noWordLength(first)) }
                let text = unsafe Bytes(input + position + 1, end - position - 1)
                guard let number = Self.length(text), number >= 0, number <= limits.bulkBytes else {
                    return .failure(.wordLength)
                }
                if number > Limits.unauthenticatedBulkBytes, !limits.isAuthenticated {
                    return .failure(.unauthenticatedWordLength)
                }
                position = end &+ 2
                bulkCount = number
            }
            guard available &- position >= bulkCount &+ 2 else { return .incomplete }
            append(offset: position, count: bulkCount)
            position &+= bulkCount &+ 2
            bulkCount = -1
            wordsLeft &-= 1
        }
        wordsLeft = -1
        return .command
    }

    /// Makes the words after this command's the next command's.
    @inline(__always)
    func next() { commandStart = wordCount }

    /// The end of the line at `position`: where its CR is, once the byte after it is there too. A zero byte hides what
    /// follows, as it does in Redis: the line never ends.
    @inline(__always)
    private func line(_ input: UnsafeRawPointer, _ available: Int) -> Int? {
        // Counts have few digits; a longer look is left to memchr.
        var index = position
        let near = min(available &- 1, position &+ 12)
        while index < near {
            let byte = unsafe input.load(fromByteOffset: index, as: UInt8.self)
            if byte == 13 { return index }
            if byte == 0 { return nil }
            index &+= 1
        }
        guard index < available &- 1 else { return nil }
        let rest = unsafe Bytes(input + index, available - 1 - index)
        return rest.upToZero.firstIndex(of: 13).map { index + $0 }
    }

    private func tooLong(_ available: Int, _ error: ProtocolError) -> Outcome {
        available - position > Limits.headerBytes ? .failure(error) : .incomplete
    }

    /// The number in a header. `NumberText` reads the general case; a count of a few digits is read here.
    @inline(__always)
    private static func length(_ text: Bytes) -> Int? {
        var value = 0
        guard text.count > 0, text.count <= 9, unsafe text.base.load(as: UInt8.self) != 48 || text.count == 1 else {
            return Int(strict: text)
        }
        for index in 0..<text.count {
            let digit = unsafe text.base.load(fromByteOffset: index, as: UInt8.self) &- 48
            guard digit < 10 else { return Int(strict: text) }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    // MARK: - Inline commands

    private func parseInline(_ input: UnsafeRawPointer, _ available: Int) -> Outcome {
        let rest = unsafe Bytes(input + position, available - position)
        guard let newline = rest.firstIndex(of: 10), rest[0..<newline].firstIndex(of: 0) == nil else {
            return rest.count > Limits.inlineBytes ? .failure(.inlineTooLong) : .incomplete
        }
        let end = newline > 0 && rest[newline - 1] == 13 ? newline - 1 : newline
        let text = rest[0..<end]
        guard text.firstIndex(of: 34) == nil, text.firstIndex(of: 39) == nil else {
            return unsafe parseQuoted(input, text, newline)
        }
        var index = 0
        while index < text.count {
            while index < text.count, QuotedWords.isSpace(text[index]) { index += 1 }
            let start = index
            while index < text.count, !QuotedWords.endsWord(text[index]) { index += 1 }
            if index > start { append(offset: position + start, count: index - start) }
        }
        position += newline + 1
        return .command
    }

    /// Quoted words are unquoted in a buffer of the parser's own; their offsets lead there. It holds one command, so
    /// parsing ahead stops behind it.
    private func parseQuoted(_ input: UnsafeRawPointer, _ text: Bytes, _ newline: Int) -> Outcome {
        guard let split = QuotedWords.split(text) else {
            return .failure(.unbalancedQuotes)
        }
        unsafe unquoted?.deallocate()
        // A word never grows when it is unquoted.
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: text.count + 1, alignment: 1)
        unsafe unquoted = buffer
        var target = unsafe buffer
        for word in split {
            unsafe target.copyMemory(from: word, byteCount: word.count)
            unsafe append(offset: UnsafeRawPointer(target) - input, count: word.count)
            unsafe target += word.count
        }
        isQuoted = true
        position += newline + 1
        return .command
    }
}
