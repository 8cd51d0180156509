extension Command {
    /// Every command of this server, family by family.
    static let all: [Command] =
        connection + client
        + strings + stringSetting + stringNumbers + stringComparison
        + lists + listMoves
        + hashes + hashScanning + fieldExpiry
        + keys + expiry + scanning + waiting + configuration + introspection + information
        + sortedSets + sortedSetRanges + sortedSetPops + sortedSetAlgebra
        + transactions
        + flushing + administration + monitoring + debugging
}
