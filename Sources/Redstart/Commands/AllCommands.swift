extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] =
        connection + client
        + strings + stringSetting + stringNumbers + stringComparison
        + sets + setAlgebra
        + hashes + hashScanning + fieldExpiry
        + bitmaps
        + keys + expiry + scanning + waiting + configuration + introspection + information
        + sortedSets + sortedSetRanges + sortedSetPops + sortedSetAlgebra
        + transactions
        + pubsub
        + flushing + administration + monitoring + debugging
}
