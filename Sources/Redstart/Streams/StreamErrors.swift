extension ReplyError {
    static let invalidStreamID = ReplyError(line: "ERR Invalid stream ID specified as stream command argument")
    static let invalidStreamStart = ReplyError(line: "ERR invalid start ID for the interval")
    static let invalidStreamEnd = ReplyError(line: "ERR invalid end ID for the interval")
    static let streamIDTooSmall = ReplyError(
        line: "ERR The ID specified in XADD is equal or smaller than the target stream top item")
    static let streamIDZero = ReplyError(line: "ERR The ID specified in XADD must be greater than 0-0")
    static let streamExhausted = ReplyError(
        line: "ERR The stream has exhausted the last possible ID, unable to add more items")
    static let streamEntryTooLarge = ReplyError(line: "ERR Elements are too large to be stored")

    static let twoTrimStrategies = ReplyError(
        line: "ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
    static let negativeMaxLen = ReplyError(line: "ERR The MAXLEN argument must be >= 0.")
    static let negativeTrimLimit = ReplyError(line: "ERR The LIMIT argument must be >= 0.")
    static let limitWithoutStrategy = ReplyError(
        line: "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
    static let limitWithoutTilde = ReplyError(
        line: "ERR syntax error, LIMIT cannot be used without the special ~ option")
    static let trimWithoutStrategy = ReplyError(
        line: "ERR syntax error, XTRIM must be called with a trimming strategy")

    static let setIDBelowEntries = ReplyError(
        line: "ERR The ID specified in XSETID is smaller than the target stream top item")
    static let setIDBelowDeleted = ReplyError(
        line: "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id")
    static let setIDBelowGivenDeleted = ReplyError(
        line: "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
    static let setIDFewerAdded = ReplyError(
        line: "ERR The entries_added specified in XSETID is smaller than the target stream length")
    static let negativeEntriesAdded = ReplyError(line: "ERR entries_added must be positive")
    static let negativeEntriesRead = ReplyError(line: "ERR value for ENTRIESREAD must be positive or -1")

    static let newIDOutsideGroup = ReplyError(
        line: "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
    static let missingGroup = ReplyError(line: "ERR Missing GROUP option for XREADGROUP")

    static let groupExists = ReplyError(line: "BUSYGROUP Consumer Group name already exists")
    static let groupNeedsKey = ReplyError(
        line: "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the "
            + "MKSTREAM option to create an empty stream automatically.")
    static let claimMemory = ReplyError(
        line: "ERR Insufficient memory, failed allocating transient memory, COUNT too high.")
    static let claimCount = ReplyError(line: "ERR COUNT must be > 0")

    /// An option of XREADGROUP in a call of XREAD.
    static func onlyForGroups(_ option: String) -> ReplyError {
        ReplyError(line: "ERR The \(option) option is only supported by XREADGROUP. You called XREAD instead.")
    }

    static func unbalancedStreams(_ isGroup: Bool) -> ReplyError {
        let (command, symbol) = isGroup ? ("xreadgroup", ">") : ("xread", "$")
        return ReplyError(
            line: "ERR Unbalanced '\(command)' list of streams: for each stream key an ID or '\(symbol)' must be "
                + "specified.")
    }

    /// `$` and `+` mean the last entry, which no group can be asked for.
    static func meaninglessID(_ symbol: String) -> ReplyError {
        ReplyError(
            line: "ERR The \(symbol) ID is meaningless in the context of XREADGROUP: you want to read the history of "
                + "this consumer by specifying a proper ID, or use the > ID to get new messages. The \(symbol) ID "
                + "would just return an empty result set.")
    }

    static func invalidClaimArgument(_ name: String, of command: String) -> ReplyError {
        ReplyError(line: "ERR Invalid \(name) argument for \(command)")
    }

    static func unknownClaimOption(_ word: Bytes) -> ReplyError {
        ReplyError("ERR Unrecognized XCLAIM option '", quoting: word)
    }

    static func unknownStreamOption(_ subcommand: Bytes, of container: String) -> ReplyError {
        ReplyError(
            "ERR unknown subcommand or wrong number of arguments for '", quoting: subcommand,
            "'. Try \(container) HELP.")
    }

    /// A group that is not there, or whose key is not.
    static func noGroup(_ group: Bytes, at key: Bytes, _ suffix: String = "") -> ReplyError {
        noGroup("NOGROUP No such key '", key, "' or consumer group '", group, "'" + suffix)
    }

    static func noGroup(_ group: Bytes, in key: Bytes) -> ReplyError {
        noGroup("NOGROUP No such consumer group '", group, "' for key name '", key, "'")
    }

    private static func noGroup(
        _ first: String, _ one: Bytes, _ second: String, _ other: Bytes, _ third: String
    ) -> ReplyError {
        var line = Array(first.utf8)
        line.append(one.upToZero)
        line += Array(second.utf8)
        line.append(other.upToZero)
        return ReplyError(bytes: line + Array(third.utf8))
    }
}
