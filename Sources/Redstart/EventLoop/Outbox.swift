internal import Glibc

/// The small replies of a turn, sent together when all its commands have run.
///
/// A peer that waits is woken by what is sent to it. Sent one by one between commands, every reply may find its peer
/// asleep again; sent together, the first wakes it and the others find it awake, which is most of what a reply costs.
@safe final class Outbox {
    struct Letter: BitwiseCopyable {
        /// The connection's place, and its client's number: by then the place may be another's.
        var slot = 0
        var clientID = 0
        var start = 0
        var count = 0
    }

    private let bytes: UnsafeMutableRawPointer
    private var used = 0
    private(set) var count = 0
    private let letters: FixedArray<Letter>

    private static let capacity = 64 << 10
    private static let most = 1_024
    /// Longer replies are sent at once: to copy them would cost more than it saves.
    private static let longest = 4 << 10

    init() {
        unsafe bytes = .allocate(byteCount: Outbox.capacity, alignment: 64)
        letters = FixedArray(repeating: Letter(), count: Outbox.most)
    }

    deinit { unsafe bytes.deallocate() }

    @inline(__always)
    subscript(index: Int) -> Letter { letters[index] }

    func content(_ letter: Letter) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: bytes + letter.start, count: letter.count)
    }

    /// Takes over what `client` has to be told. False where it is too much, or no room is left.
    @inline(__always)
    func take(_ client: Client) -> Bool {
        let waiting = unsafe client.reply.unsent
        guard waiting.count <= Outbox.longest, used &+ waiting.count <= Outbox.capacity, count < Outbox.most,
            let start = waiting.baseAddress
        else { return false }
        unsafe memcpy(bytes + used, start, waiting.count)
        letters[count] = Letter(slot: client.slot, clientID: client.id, start: used, count: waiting.count)
        used &+= waiting.count
        count &+= 1
        client.reply.discard()
        return true
    }

    /// Removes all letters but those to one client.
    @inline(__always)
    func removeAll(but clientID: Int) {
        let wereThere = count
        used = 0
        count = 0
        if clientID >= 0 { keep(clientID, of: wereThere) }
    }

    @inline(never)
    private func keep(_ clientID: Int, of wereThere: Int) {
        for index in 0..<wereThere where letters[index].clientID == clientID {
            var letter = letters[index]
            unsafe memmove(bytes + used, bytes + letter.start, letter.count)
            letter.start = used
            letters[count] = letter
            used &+= letter.count
            count &+= 1
        }
    }
}
