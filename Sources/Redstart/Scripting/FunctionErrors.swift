extension ReplyError {
    static let functionNotFound = ReplyError(line: "ERR Function not found")
    static let libraryNotFound = ReplyError(line: "ERR Library not found")
    static let badKeyCount = ReplyError(line: "ERR Bad number of keys provided")
    static func wrongFunctionSubcommand(_ subcommand: Bytes) -> ReplyError {
        ReplyError(
            "ERR unknown subcommand or wrong number of arguments for '", quoting: subcommand, most: 128,
            "'. Try FUNCTION HELP.")
    }
    static let noFunctions = ReplyError(line: "ERR No functions registered")

    // MARK: - The first line of a library

    static let libraryWithoutHeader = ReplyError(line: "ERR Missing library metadata")
    static let invalidLibraryHeader = ReplyError(line: "ERR Invalid library metadata")
    static let libraryWithoutName = ReplyError(line: "ERR Library name was not given")
    static let repeatedLibraryName = ReplyError(
        line: "ERR Invalid metadata value, name argument was given multiple times")
    static let invalidFunctionName = ReplyError(line: "ERR \(LibraryLoader.invalidName)")

    // MARK: - Names that are taken

    static func libraryExists(_ name: [UInt8]) -> ReplyError {
        ReplyError(bytes: Array("ERR Library '".utf8) + name + Array("' already exists".utf8))
    }

    /// The same of a library that is restored.
    static func restoredLibraryExists(_ name: [UInt8]) -> ReplyError {
        ReplyError(bytes: Array("ERR Library ".utf8) + name + Array(" already exists".utf8))
    }

    static func functionExists(_ name: [UInt8]) -> ReplyError {
        ReplyError(bytes: Array("ERR Function ".utf8) + name + Array(" already exists".utf8))
    }

    // MARK: - Payloads

    static let badPayload = ReplyError(line: "ERR DUMP payload version or checksum are wrong")
    static let notFunction = ReplyError(line: "ERR given type is not a function")
    static let truncatedLibrary = ReplyError(line: "ERR Failed loading library payload")
    static let badRestorePolicy = ReplyError(
        line: "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
}
