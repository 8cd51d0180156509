/// A command that was parsed ahead: where its words are, and what is known of it already.
struct ParsedCommand: BitwiseCopyable {
    var firstWord = 0
    var wordCount = 0
    /// Where the next command begins.
    var end = 0
    /// Nil if there is no command of that name.
    var id: CommandID?
    var hashedPosition = 0
    var hash: UInt64 = 0
    /// How far behind the key a member of its collection stands, 0 if the command names none.
    var memberPosition = 0
}

extension EventLoop {
    /// Asks memory for the records of the keys of a parsed batch, whose buckets are on their way, and for the members
    /// that commands on one large collection will look up, one command after the other.
    @inline(__always)
    func prefetch(_ count: Int, of parser: RequestParser, in input: UnsafeMutableRawPointer, _ table: KeyTable) {
        if table.count > EventLoop.largeTable {
            for index in 0..<count where batch[index].hashedPosition > 0 { table.prefetchRecord(batch[index].hash) }
        }
        var index = 0
        while index &+ 1 < count {
            let first = batch[index]
            index &+= 1
            guard first.memberPosition > 0, batch[index].hash == first.hash else { continue }
            let start = index &- 1
            while index < count, batch[index].hash == first.hash { index &+= 1 }
            unsafe prefetchMembers(start..<index, of: parser, in: input, table)
        }
    }

    @inline(never)
    private func prefetchMembers(
        _ range: Range<Int>, of parser: RequestParser, in input: UnsafeMutableRawPointer, _ table: KeyTable
    ) {
        guard let members = table.likelyRecord(batch[range.lowerBound].hash)?.memberTable,
            members.count > EventLoop.largeTable
        else { return }
        var hashes = InlineArray<16, UInt64>(repeating: 0)
        var count = 0
        for index in range where batch[index].memberPosition > 0 {
            let command = batch[index]
            let arguments = unsafe parser.arguments(from: command.firstWord, count: command.wordCount, in: input)
            let position = command.hashedPosition + command.memberPosition
            guard position < arguments.count else { continue }
            hashes[count] = members.hash(arguments[position])
            members.prefetchBucket(hashes[count])
            count += 1
        }
        for index in 0..<count { members.prefetchRecord(hashes[index]) }
    }

    /// Smaller ones are in the processor's caches.
    static let largeTable = 2_000
}

extension Engine {
    /// Finds the command and the hash of its key before it runs, and asks memory for the key's bucket.
    @inline(__always)
    func prepare(_ command: inout ParsedCommand, _ arguments: Arguments, _ table: KeyTable, prefetches: Bool) {
        command.id = commands.find(arguments[0])
        guard let id = command.id else { return }
        let position = Int(commands.gate(id).firstKey)
        guard position > 0, position < arguments.count else { return }
        command.hashedPosition = position
        command.memberPosition = Int(commands.gate(id).firstMember)
        command.hash = hash(arguments[position])
        if prefetches { table.prefetchBucket(command.hash) }
    }
}
