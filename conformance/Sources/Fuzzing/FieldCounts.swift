/// Commands that name fields after their number (HEXPIRE and its like): drawn by itself the number would hardly ever be
/// the right one, and nothing but the refusal would be compared.
struct FieldCounts {
    private static let token = Bytes("FIELDS".utf8)

    /// Makes the number behind FIELDS that of the words behind it, mostly.
    static func correct(_ words: inout [Bytes], _ command: DeclaredCommand, _ chance: inout Chance) {
        guard command.group == "hash", command.tokens.contains(token),
            let position = words.firstIndex(where: { String($0).uppercased() == "FIELDS" }),
            position + 1 < words.count, chance.percent(90)
        else { return }
        words[position + 1] = Bytes(String(words.count - position - 2).utf8)
    }
}
