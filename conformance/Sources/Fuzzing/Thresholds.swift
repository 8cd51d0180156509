/// Settings for a run: in half of the runs the thresholds of the layouts are so low that what is there is often laid
/// out anew.
enum Thresholds {
    private static let entries = ["0", "1", "2", "3", "4", "8"]
    private static let bytes = ["1", "2", "4", "8", "64"]

    private static let all: [(name: String, values: [String])] = [
        ("hash-max-listpack-entries", entries), ("hash-max-listpack-value", bytes),
        ("zset-max-listpack-entries", entries), ("zset-max-listpack-value", bytes),
        ("set-max-intset-entries", entries), ("set-max-listpack-entries", entries), ("set-max-listpack-value", bytes),
        ("list-max-listpack-size", ["1", "2", "3", "8", "-1", "-2"]), ("list-compress-depth", ["0", "1", "2"]),
        ("stream-node-max-entries", ["1", "2", "3", "10"]), ("hll-sparse-max-bytes", ["0", "20", "100", "3000"]),
    ]

    static func some(_ chance: inout Chance) -> [Duel.Setting] {
        guard chance.percent(50) else { return [] }
        return all.map { Duel.Setting(name: $0.name, value: chance.pick($0.values)) }
    }
}
