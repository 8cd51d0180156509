extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] =
        connection + client
        + strings + stringSetting + stringNumbers + stringComparison
        + lists + listMoves
        + sets + setAlgebra
        + hashes + hashScanning + fieldExpiry
        + bitmaps + hyperLogLogs + geo
        + keys + expiry + scanning + sorting + waiting + configuration + introspection + information
        + sortedSets + sortedSetRanges + sortedSetPops + sortedSetAlgebra
        + streams + streamReading + streamGroups + streamPending + streamInformation
        + transactions
        + scripting + functions
        + pubsub
        + flushing + administration + monitoring + debugging
}
