/// What the commands of HyperLogLogs refuse with.
extension ReplyError {
    static let notHyperLogLog = ReplyError(line: "WRONGTYPE Key is not a valid HyperLogLog string value.")
    static let corruptedHyperLogLog = ReplyError(line: "INVALIDOBJ Corrupted HLL object detected")
    static let missingHyperLogLog = ReplyError(line: "ERR The specified key does not exist")
    static let notSparse = ReplyError(line: "ERR HLL encoding is not sparse")
}
