extension Command {
    static let stringComparison: [Command] = [
        Command(
            "LCS", .atLeast(3), [.readonly], keys: .keys([.readOnly, .access], through: 1),
            arguments: .key("key1", spec: 0),
            .key("key2", spec: 0),
            .token("LEN", name: "len").optional,
            .token("IDX", name: "idx").optional,
            .integer("min-match-len", token: "MINMATCHLEN").optional,
            .token("WITHMATCHLEN", name: "withmatchlen").optional,
            group: .string, since: "7.0.0",
            complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
            summary: "Finds the longest common subsequence of two strings.",
            run: longestCommonSubsequence)
    ]
}

private struct ComparisonOptions {
    private(set) var answersLength = false
    private(set) var answersIndexes = false
    private(set) var shortestMatch = 0
    private(set) var answersMatchLengths = false

    init(_ arguments: inout Arguments) throws(ReplyError) {
        while !arguments.isEmpty {
            if arguments.take("LEN") {
                answersLength = true
            } else if arguments.take("IDX") {
                answersIndexes = true
            } else if arguments.take("WITHMATCHLEN") {
                answersMatchLengths = true
            } else if arguments.take("MINMATCHLEN") {
                shortestMatch = try arguments.integer()
            } else {
                throw .syntax
            }
        }
        guard !answersLength || !answersIndexes else { throw .lengthAndIndexes }
    }
}

private func longestCommonSubsequence(_ call: inout Call) throws(ReplyError) {
    let first = call.database.read(try call.key())
    let second = call.database.read(try call.key())
    guard first.map({ $0.type == .string }) ?? true, second.map({ $0.type == .string }) ?? true else {
        throw .notStrings
    }
    let options = try ComparisonOptions(&call.arguments)
    let left = first?.string ?? .bytes(.empty)
    let right = second?.string ?? .bytes(.empty)
    try checkMemory(left.count, right.count, call.engine.maxBulkBytes)
    let reply = call.reply
    left.withBytes { left in
        right.withBytes { right in
            if options.answersLength {
                reply.integer(LongestCommonSubsequence.length(left, right))
            } else if options.answersIndexes {
                writeMatches(left, right, options, reply)
            } else {
                writeSubsequence(left, right, reply)
            }
        }
    }
}

/// Redis' limits, so that what is refused there is refused here: its table takes four bytes a cell.
private func checkMemory(_ left: Int, _ right: Int, _ limit: Int) throws(ReplyError) {
    guard left < Int(UInt32.max) - 1, right < Int(UInt32.max) - 1 else { throw .subsequenceTooLong }
    let (cells, overflow) = (left + 1).multipliedReportingOverflow(by: right + 1)
    guard !overflow, cells <= limit / 4 else { throw .subsequenceMemory }
}

private func writeSubsequence(_ left: Bytes, _ right: Bytes, _ reply: ReplyWriter) {
    var bytes: [UInt8] = []
    LongestCommonSubsequence.visitBackwards(left, right) { position, _ in bytes.append(left[position]) }
    bytes.reverse()
    reply.bulk(bytes)
}

/// Positions that follow each other in both strings.
private struct Match {
    var left: Int
    var right: Int
    var count: Int
}

private func writeMatches(_ left: Bytes, _ right: Bytes, _ options: ComparisonOptions, _ reply: ReplyWriter) {
    reply.map(2)
    reply.bulk("matches")
    let mark = reply.beginArray()
    var (written, total) = (0, 0)
    var match: Match?
    LongestCommonSubsequence.visitBackwards(left, right) { left, right in
        total += 1
        if let open = match, open.left == left + 1, open.right == right + 1 {
            match = Match(left: left, right: right, count: open.count + 1)
            return
        }
        if let open = match { written += write(open, options, reply) }
        match = Match(left: left, right: right, count: 1)
    }
    if let open = match { written += write(open, options, reply) }
    reply.finish(mark, array: written)
    reply.bulk("len")
    reply.integer(total)
}

/// Writes a match that is long enough, and answers how many it wrote.
private func write(_ match: Match, _ options: ComparisonOptions, _ reply: ReplyWriter) -> Int {
    guard match.count >= options.shortestMatch else { return 0 }
    reply.array(options.answersMatchLengths ? 3 : 2)
    for start in [match.left, match.right] {
        reply.array(2)
        reply.integer(start)
        reply.integer(start + match.count - 1)
    }
    if options.answersMatchLengths { reply.integer(match.count) }
    return 1
}
