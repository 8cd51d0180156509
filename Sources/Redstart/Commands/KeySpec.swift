/// Where a command's keys are among its words, and what happens to them. Source:
/// https://redis.io/docs/latest/develop/reference/key-specs/
struct KeySpec: Sendable {
    enum BeginSearch: Sendable {
        case index(Int)
        case keyword(StaticString, startFrom: Int)
        case unknown
    }

    enum FindKeys: Sendable {
        /// `last` counts from the first key, or from the end where it is negative; with `limit` only the first
        /// 1/limit of the words are keys.
        case range(last: Int, step: Int, limit: Int)
        /// A word says how many keys there are.
        case keyNumber(index: Int, first: Int, step: Int)
        case unknown
    }

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt16

        static let readOnly = Flags(rawValue: 1 << 0)
        static let readWrite = Flags(rawValue: 1 << 1)
        static let overwrite = Flags(rawValue: 1 << 2)
        static let remove = Flags(rawValue: 1 << 3)
        static let access = Flags(rawValue: 1 << 4)
        static let update = Flags(rawValue: 1 << 5)
        static let insert = Flags(rawValue: 1 << 6)
        static let delete = Flags(rawValue: 1 << 7)
        static let notKey = Flags(rawValue: 1 << 8)
        static let incomplete = Flags(rawValue: 1 << 9)
        static let variable = Flags(rawValue: 1 << 10)

        static let names: [(Flags, StaticString)] = [
            (.readOnly, "RO"), (.readWrite, "RW"), (.overwrite, "OW"), (.remove, "RM"), (.access, "access"),
            (.update, "update"), (.insert, "insert"), (.delete, "delete"), (.notKey, "not_key"),
            (.incomplete, "incomplete"), (.variable, "variable_flags"),
        ]
    }

    let begin: BeginSearch
    let find: FindKeys
    let flags: Flags
    /// What Redis' reply adds in words, ours.
    var notes: StaticString?

    init(_ flags: Flags, begin: BeginSearch, find: FindKeys) {
        self.flags = flags
        self.begin = begin
        self.find = find
    }

    /// One key, by default the first word.
    static func key(_ flags: Flags, at index: Int = 1) -> KeySpec {
        KeySpec(flags, begin: .index(index), find: .range(last: 0, step: 1, limit: 0))
    }

    /// Keys from `first` on to the end, or so far from the end as `last` says, every `step` words.
    static func keys(_ flags: Flags, from first: Int = 1, through last: Int = -1, step: Int = 1) -> KeySpec {
        KeySpec(flags, begin: .index(first), find: .range(last: last, step: step, limit: 0))
    }

    /// A word at `index` says how many keys follow it.
    static func counted(_ flags: Flags, at index: Int) -> KeySpec {
        KeySpec(flags, begin: .index(index), find: .keyNumber(index: 0, first: 1, step: 1))
    }
}
