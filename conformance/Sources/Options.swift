/// The command line: `--name value` pairs, flags, and what remains.
struct Options {
    private(set) var values: [String: String] = [:]
    private(set) var rest: [String] = []

    init(_ arguments: ArraySlice<String>, flags: Set<String> = []) throws(Failure) {
        var index = arguments.startIndex
        while index < arguments.endIndex {
            let word = arguments[index]
            index += 1
            guard word.hasPrefix("--") else {
                rest.append(word)
                continue
            }
            let name = String(word.dropFirst(2))
            if flags.contains(name) {
                values[name] = "yes"
            } else {
                guard index < arguments.endIndex else { throw Failure("--\(name) needs a value") }
                values[name] = arguments[index]
                index += 1
            }
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String, _ fallback: String) -> String { values[name] ?? fallback }

    func number(_ name: String, _ fallback: Int) throws(Failure) -> Int {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text) else { throw Failure("--\(name) needs a number") }
        return number
    }

    /// Refuses an option that the verb does not know.
    func allow(_ names: String...) throws(Failure) {
        for name in values.keys where !names.contains(name) { throw Failure("unknown option --\(name)") }
    }
}
