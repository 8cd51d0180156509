/// What a server is started with: its settings, and where they came from.
struct Configuration {
    let settings = Settings()
    /// The file that they were read from, by its whole path; empty if there is none.
    private(set) var file = ""
    /// What the log is to warn of.
    private(set) var warnings: [String] = []
    private var includeDepth = 0

    /// Files that include files that include files: so deep at most.
    private static let deepestInclude = 32

    /// The settings of a plain start.
    init() {}

    /// Reads what `redis-server` is given: `[file|-] [--setting value ...] [-]`. Options come after the file's lines,
    /// so they win.
    init(arguments: [String]) throws(ConfigurationError) {
        var text: [UInt8] = []
        var options = arguments[...]
        var readsInput = false
        if let first = options.first, first == "-" || !first.hasPrefix("-") {
            options = options.dropFirst()
            if first == "-" {
                readsInput = true
            } else if !first.isEmpty {
                file = Directory.absolute(first)
                text = try Configuration.contents(file)
            }
        }
        if options.last == "-" {
            readsInput = true
            options = options.dropLast()
        }
        if readsInput {
            ServerLog.beforeSettings().warning("Reading config from stdin")
            text += (try? Files.read(0)) ?? []
        }
        if !options.isEmpty { text += [10] + Configuration.lines(options) }
        try read(text)
    }

    private static func contents(_ path: String) throws(ConfigurationError) -> [UInt8] {
        do throws(SystemError) { return try Files.read(path) } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
    }

    // MARK: - Options

    /// Options as lines of a file: each word that begins with `--` begins a line, unless it is the first after an
    /// option, whose value it then is.
    private static func lines(_ options: ArraySlice<String>) -> [UInt8] {
        var text: [UInt8] = []
        var lacksValue = false
        var isSave = false
        for option in options {
            let word = Array(option.utf8)
            let isOption = option.hasPrefix("--")
            if isOption, !lacksValue || isSave {
                // SAVE alone means to save never, so it may stand without a value.
                if isSave, lacksValue { text += Array("\"\"".utf8) }
                if !text.isEmpty { text.append(10) }
                text += word.dropFirst(2) + [32]
                let words = Array(word.dropFirst(2)).withBytes { QuotedWords.split($0) } ?? []
                lacksValue = words.count <= 1
                isSave = words.first.map { $0.withBytes { $0.matches("save") } } ?? false
            } else {
                text += QuotedWords.quoted(word) + [32]
                lacksValue = false
            }
        }
        if isSave, lacksValue { text += Array("\"\"".utf8) }
        return text
    }

    // MARK: - Lines

    private mutating func read(_ text: [UInt8]) throws(ConfigurationError) {
        let text = Configuration.withoutZeros(text)
        for (index, line) in text.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let line = Configuration.trimmed(line)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            guard let words = Array(line).withBytes({ QuotedWords.split($0) }) else {
                throw .line(index + 1, Array(line), "Unbalanced quotes in configuration line")
            }
            guard !words.isEmpty else { continue }
            do throws(SettingError) {
                if words[0].withBytes({ $0.matches("include") }), words.count == 2 {
                    guard includeDepth < Configuration.deepestInclude else {
                        throw SettingError("include is nested too deeply")
                    }
                } else {
                    try apply(words)
                    continue
                }
            } catch {
                throw .line(index + 1, Array(line), error.reason)
            }
            try include(String(decoding: words[1], as: UTF8.self))
        }
    }

    /// What Redis sees of a file: of each line what is before the first zero byte, and then not the end of the line.
    private static func withoutZeros(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(0) else { return text }
        var seen: [UInt8] = []
        var isHidden = false
        for byte in text {
            if byte == 0 { isHidden = true }
            if !isHidden { seen.append(byte) }
            if byte == 10 { isHidden = false }
        }
        return seen
    }

    static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 || $0 == 10 }
        var line = line.drop(while: isBlank)
        while let last = line.last, isBlank(last) { line = line.dropLast() }
        return line
    }

    private mutating func include(_ pattern: String) throws(ConfigurationError) {
        includeDepth += 1
        for path in Files.matching(pattern) { try read(try Configuration.contents(path)) }
        includeDepth -= 1
    }

    private mutating func apply(_ words: [[UInt8]]) throws(SettingError) {
        let name = words[0]
        var values = Array(words.dropFirst())
        guard let setting = SettingTable.find(name) else { return try applyDirective(name, values) }
        guard values.count == 1 || setting.traits.contains(.multiple) else { throw .wrongArity }
        // What is quoted as a whole is looked at once more.
        if setting.traits.contains(.multiple), values.count == 1, !values[0].isEmpty {
            values = values[0].withBytes { QuotedWords.split($0) } ?? []
        }
        do throws(SettingError) { try setting.set(values, settings) } catch {
            guard error == .notImplemented else { throw error }
            warn(String(decoding: name, as: UTF8.self), "its default, '\(setting.text(settings))', stays in force")
        }
    }

    private mutating func warn(_ directive: String, _ consequence: String) {
        let warning = "WARNING: '\(directive)' is not supported by \(Engine.productName) yet: \(consequence)."
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    /// Directives that are no settings: none is supported, and two are dead since long.
    private mutating func applyDirective(_ name: [UInt8], _ values: [[UInt8]]) throws(SettingError) {
        let name = String(decoding: name.map(\.lowercased), as: UTF8.self)
        switch (name, values.count) {
        case ("list-max-ziplist-entries", 1), ("list-max-ziplist-value", 1): return
        case ("rename-command", 2):
            guard values[0].withBytes({ name in Command.all.contains { name.matches($0.name) } }) else {
                throw SettingError("No such command in rename-command")
            }
            warn(name, "the command keeps its name")
        case ("user", 1...): warn(name, "there is only the user 'default'")
        case ("loadmodule", 1...): warn(name, "the module is not loaded")
        case ("sentinel", _): throw SettingError("sentinel directive while not in sentinel mode")
        default: throw SettingError("Bad directive or wrong number of arguments")
        }
    }
}

/// Why a server does not start with what it was given.
enum ConfigurationError: Error {
    case line(Int, [UInt8], String)
    case unreadable(path: String, reason: String)
}

extension QuotedWords {
    /// A word in double quotes, as a file has to hold it so that `split` gives it back.
    static func quoted(_ word: [UInt8]) -> [UInt8] {
        var text: [UInt8] = [34]
        for byte in word {
            switch byte {
            case 34, 92: text += [92, byte]
            case 10: text += Array("\\n".utf8)
            case 13: text += Array("\\r".utf8)
            case 9: text += Array("\\t".utf8)
            case 7: text += Array("\\a".utf8)
            case 8: text += Array("\\b".utf8)
            case 32...126: text.append(byte)
            default:
                let digits = Array("0123456789abcdef".utf8)
                text += [92, UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return text + [34]
    }
}
