/// What a script says of itself in its first line, or a function when it is registered.
struct ScriptFlags: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let noWrites = ScriptFlags(rawValue: 1 << 0)
    static let allowOOM = ScriptFlags(rawValue: 1 << 1)
    static let allowStale = ScriptFlags(rawValue: 1 << 2)
    static let noCluster = ScriptFlags(rawValue: 1 << 3)
    static let allowCrossSlotKeys = ScriptFlags(rawValue: 1 << 4)
    /// A script without such a first line: each of its commands is looked at by itself.
    static let compatible = ScriptFlags(rawValue: 1 << 7)

    /// Those that can be named.
    static let names: [(flag: ScriptFlags, name: StaticString)] = [
        (.noWrites, "no-writes"), (.allowOOM, "allow-oom"), (.allowStale, "allow-stale"), (.noCluster, "no-cluster"),
        (.allowCrossSlotKeys, "allow-cross-slot-keys"),
    ]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The flag of a name.
    init?(name: Bytes) {
        guard let known = ScriptFlags.names.first(where: { Bytes($0.name) == name }) else { return nil }
        self = known.flag
    }

    /// What the command needs that runs such a script, when it otherwise has `flags`.
    func commandFlags(_ flags: CommandFlags) -> CommandFlags {
        var flags = flags
        if contains(.compatible) { return flags }
        flags.subtract([.stale, .write, .denyOOM, .mayReplicate])
        if !contains(.noWrites) { flags.insert(.write) }
        if isDisjoint(with: [.noWrites, .allowOOM]) { flags.insert(.denyOOM) }
        if contains(.allowStale) { flags.insert(.stale) }
        return flags
    }
}

/// The first line of a script, `#!lua flags=no-writes,allow-oom`.
struct Shebang {
    /// The code behind the line, with the line break that ends it: so that lines have their numbers.
    let code: Bytes
    let flags: ScriptFlags
    /// The name of a library of functions.
    var name: [UInt8]?

    /// Parses the first line of a script for EVAL. One that does not begin with `#!` is code from its first byte on.
    init(script: Bytes) throws(ReplyError) {
        guard script.hasPrefix(Bytes("#!")) else {
            code = script
            flags = .compatible
            return
        }
        // The line ends at its first zero byte, too, and is none then.
        guard let end = script.upToZero.firstIndex(of: 10) else {
            throw ReplyError(line: "ERR Invalid script shebang")
        }
        guard let words = QuotedWords.split(script[0..<end]), let engine = words.first else {
            throw ReplyError(line: "ERR Invalid engine in script shebang")
        }
        guard engine == Array("#!lua".utf8) else {
            throw ReplyError(bytes: Array("ERR Unexpected engine in script shebang: ".utf8) + engine)
        }
        var flags: ScriptFlags = []
        for word in words.dropFirst() {
            guard word.starts(with: "flags=".utf8) else {
                throw ReplyError(bytes: Array("ERR Unknown lua shebang option: ".utf8) + word)
            }
            flags.formUnion(try Shebang.flags(Array(word.dropFirst(6))))
        }
        self.flags = flags
        code = script[end..<script.count]
    }

    private static func flags(_ list: [UInt8]) throws(ReplyError) -> ScriptFlags {
        guard !list.isEmpty else { return [] }
        var flags: ScriptFlags = []
        for name in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Array.init) {
            guard let flag = name.withBytes({ ScriptFlags(name: $0) }) else {
                throw ReplyError(bytes: Array("ERR Unexpected flag in script shebang: ".utf8) + name)
            }
            flags.insert(flag)
        }
        return flags
    }
}
