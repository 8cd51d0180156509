/// What the commands of bitmaps refuse with.
extension ReplyError {
    static let bitOffset = ReplyError(line: "ERR bit offset is not an integer or out of range")
    static let bitValue = ReplyError(line: "ERR bit is not an integer or out of range")
    static let bitArgument = ReplyError(line: "ERR The bit argument must be 1 or 0.")
    static let singleSource = ReplyError(line: "ERR BITOP NOT must be called with a single source key.")
    static let overflowType = ReplyError(line: "ERR Invalid OVERFLOW type specified")
    static let onlyGet = ReplyError(line: "ERR BITFIELD_RO only supports the GET subcommand")
    static let bitFieldType = ReplyError(
        line: "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
}
