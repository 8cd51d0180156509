internal import Glibc

/// A copy of a command's words, for one that runs again after its client's input is gone.
@safe final class KeptWords {
    private let words: UnsafeMutablePointer<Word>
    private let bytes: UnsafeMutableRawPointer
    let count: Int

    /// Copies all words; those in `replacing` become others, by their index.
    init(_ arguments: Arguments, replacing: [Int: [UInt8]] = [:]) {
        count = arguments.count
        var total = 0
        for index in 0..<count { total += replacing[index]?.count ?? arguments[index].count }
        unsafe words = .allocate(capacity: max(count, 1))
        unsafe bytes = .allocate(byteCount: max(total, 1), alignment: 1)
        var offset = 0
        for index in 0..<count {
            if let word = replacing[index] {
                offset += word.withBytes { unsafe KeptWords.put($0, bytes, offset, words + index) }
            } else {
                unsafe offset += KeptWords.put(arguments[index], bytes, offset, words + index)
            }
        }
    }

    deinit {
        unsafe words.deallocate()
        unsafe bytes.deallocate()
    }

    private static func put(
        _ word: Bytes, _ target: UnsafeMutableRawPointer, _ offset: Int, _ place: UnsafeMutablePointer<Word>
    ) -> Int {
        unsafe memcpy(target + offset, word.base, word.count)
        unsafe place.initialize(to: Word(offset: offset, count: word.count))
        return word.count
    }

    /// The words as those of a new call. They are good as long as this object is.
    var arguments: Arguments { unsafe Arguments(words, bytes, count: count) }
}
