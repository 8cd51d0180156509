/// One setting, as CONFIG and configuration files know it: its name, how it is read and printed, whether it may change
/// while the server runs, and where its value is kept.
struct Setting: Sendable {
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8

        /// Given at the start, and never changed.
        static let immutable = Traits(rawValue: 1 << 0)
        /// Changed only where `enable-protected-configs` lets.
        static let protected = Traits(rawValue: 1 << 1)
        /// Shown by CONFIG GET only to who asks for it by its whole name.
        static let hidden = Traits(rawValue: 1 << 2)
        /// Takes several words.
        static let multiple = Traits(rawValue: 1 << 3)
        /// Its value is not for the log.
        static let sensitive = Traits(rawValue: 1 << 4)
    }

    /// What has to follow when a value changed while the server runs.
    enum Effect: Sendable { case none, listening, clientLimit, logLevel, password }

    /// Where a value is kept: in a field of `Settings`, or nowhere, since the server does not act on it.
    ///
    /// A field is named by a closure, since key paths take time to make and most are never needed.
    enum Place<Value: Sendable>: Sendable {
        case field(FieldName<Value>)
        case fixed(Value)

        func value(_ settings: Settings) -> Value {
            switch self {
            case .field(let path): settings[keyPath: path()]
            case .fixed(let value): value
            }
        }

        func set(_ value: Value, _ settings: Settings) {
            if case .field(let path) = self { settings[keyPath: path()] = value }
        }
    }

    enum Kind: Sendable {
        case boolean(Place<Bool>)
        case integer(Place<Int>, ClosedRange<Int>, Unit)
        case text(Place<String>)
        case password(Place<Password>)
        /// One of some words; the place holds its index.
        case choice([StaticString], get: @Sendable (Settings) -> Int, set: @Sendable (Settings, Int) -> Void)
        case custom(
            get: @Sendable (Settings) -> String, set: @Sendable ([[UInt8]], Settings) throws(SettingError) -> Void)
    }

    /// What a number counts. Redis keeps `unsignedBytes` in 64 bits without a sign, so none is too large to be read.
    enum Unit: Sendable { case none, bytes, unsignedBytes, bytesOrPercent, octal, port }

    let name: StaticString
    /// The name that it had before, or that some still use.
    let alias: StaticString?
    let kind: Kind
    let traits: Traits
    let effect: Effect
    /// Whether the server acts on it. If not, only its default is ever in force.
    let isImplemented: Bool

    private init(
        _ name: StaticString, _ alias: StaticString?, _ kind: Kind, _ traits: Traits, _ effect: Effect = .none,
        isImplemented: Bool = true
    ) {
        self.name = name
        self.alias = alias
        self.kind = kind
        self.traits = traits
        self.effect = effect
        self.isImplemented = isImplemented
    }

    // MARK: - Declaring settings that the server acts on

    typealias Field<Value> = ReferenceWritableKeyPath<Settings, Value> & Sendable
    typealias FieldName<Value> = @Sendable () -> any Field<Value>

    static func boolean(
        _ name: StaticString, _ field: @autoclosure @escaping FieldName<Bool>, alias: StaticString? = nil,
        _ traits: Traits = []
    ) -> Setting {
        Setting(name, alias, .boolean(.field(field)), traits)
    }

    static func integer(
        _ name: StaticString, _ field: @autoclosure @escaping FieldName<Int>, _ range: ClosedRange<Int>,
        _ unit: Unit = .none, alias: StaticString? = nil, _ traits: Traits = [], effect: Effect = .none
    ) -> Setting {
        Setting(name, alias, .integer(.field(field), range, unit), traits, effect)
    }

    static func password(_ name: StaticString, _ field: @autoclosure @escaping FieldName<Password>) -> Setting {
        Setting(name, nil, .password(.field(field)), .sensitive, .password)
    }

    static func text(
        _ name: StaticString, _ field: @autoclosure @escaping FieldName<String>, _ traits: Traits = [],
        effect: Effect = .none
    ) -> Setting {
        Setting(name, nil, .text(.field(field)), traits, effect)
    }

    static func choice(
        _ name: StaticString, _ words: [StaticString], _ traits: Traits = [], effect: Effect = .none,
        get: @escaping @Sendable (Settings) -> Int, set: @escaping @Sendable (Settings, Int) -> Void
    ) -> Setting {
        Setting(name, nil, .choice(words, get: get, set: set), traits, effect)
    }

    static func custom(
        _ name: StaticString, _ traits: Traits = [], effect: Effect = .none,
        get: @escaping @Sendable (Settings) -> String,
        set: @escaping @Sendable ([[UInt8]], Settings) throws(SettingError) -> Void
    ) -> Setting {
        Setting(name, nil, .custom(get: get, set: set), traits, effect)
    }

    // MARK: - Declaring settings that it only knows

    static func known(
        _ name: StaticString, _ value: Bool, alias: StaticString? = nil, _ traits: Traits = []
    ) -> Setting {
        Setting(name, alias, .boolean(.fixed(value)), traits, isImplemented: false)
    }

    static func known(
        _ name: StaticString, _ value: Int, _ range: ClosedRange<Int>, _ unit: Unit = .none,
        alias: StaticString? = nil, _ traits: Traits = []
    ) -> Setting {
        Setting(name, alias, .integer(.fixed(value), range, unit), traits, isImplemented: false)
    }

    static func known(
        _ name: StaticString, _ value: String, alias: StaticString? = nil, _ traits: Traits = []
    ) -> Setting {
        Setting(name, alias, .text(.fixed(value)), traits, isImplemented: false)
    }

    /// One of `words`: the one at `index`.
    static func known(
        _ name: StaticString, _ index: Int, of words: [StaticString], _ traits: Traits = []
    ) -> Setting {
        Setting(name, nil, .choice(words, get: { _ in index }, set: { _, _ in }), traits, isImplemented: false)
    }

    /// A value of its own form, which `check` prints in its canonical one.
    static func known(
        _ name: StaticString, _ value: String, _ traits: Traits = [], alias: StaticString? = nil,
        check: @escaping @Sendable ([[UInt8]]) throws(SettingError) -> String
    ) -> Setting {
        let kind = Kind.custom(
            get: { _ in value },
            set: { (words, _) throws(SettingError) in if try check(words) != value { throw .notImplemented } })
        return Setting(name, alias, kind, traits, isImplemented: false)
    }

    // MARK: - Reading and printing

    func isNamed(_ word: Bytes) -> Bool {
        if word.matches(name) { return true }
        if let alias { return word.matches(alias) }
        return false
    }

    /// The value in force, as CONFIG GET prints it.
    func text(_ settings: Settings) -> String {
        switch kind {
        case .boolean(let place): place.value(settings) ? "yes" : "no"
        case .integer(let place, _, let unit): SettingText.print(place.value(settings), unit)
        case .text(let place): place.value(settings)
        case .password(let place): String(decoding: place.value(settings).bytes, as: UTF8.self)
        case .choice(let words, let get, _): words[get(settings)].description
        case .custom(let get, _): get(settings)
        }
    }

    /// The same as bytes: of a password those that it has, be they UTF-8 or not.
    func bytes(_ settings: Settings) -> [UInt8] {
        if case .password(let place) = kind { return place.value(settings).bytes }
        return Array(text(settings).utf8)
    }

    /// Reads a value and puts it in force. A setting that is only known has one value; any other throws
    /// `notImplemented`.
    func set(_ words: [[UInt8]], _ settings: Settings) throws(SettingError) {
        if case .custom(_, let set) = kind { return try set(words, settings) }
        guard words.count == 1 else { throw .wrongArity }
        let word = words[0]
        switch kind {
        case .boolean(let place):
            let value = try SettingText.boolean(SettingText.cString(word))
            try require(value == place.value(settings))
            place.set(value, settings)
        case .integer(let place, let range, let unit):
            let value = try SettingText.integer(word, range, unit)
            try require(value == place.value(settings))
            place.set(value, settings)
        case .text(let place):
            let value = String(decoding: SettingText.cString(word), as: UTF8.self)
            try require(value == place.value(settings))
            place.set(value, settings)
        case .choice(let choices, let get, let set):
            let index = try SettingText.choice(SettingText.cString(word), choices)
            try require(index == get(settings))
            set(settings, index)
        case .password(let place): place.set(Password(word), settings)
        case .custom: return
        }
    }

    private func require(_ isInForce: Bool) throws(SettingError) {
        guard isImplemented || isInForce else { throw .notImplemented }
    }
}

/// Why a value was refused.
struct SettingError: Error, Equatable {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    static let wrongArity = SettingError("wrong number of arguments")
    /// The value is right, but the server cannot act on it.
    static let notImplemented = SettingError("this server knows the setting but has only its default")
}

/// How single values are read and printed.
enum SettingText {
    /// What C makes of a word: it ends at the first zero byte.
    static func cString(_ word: [UInt8]) -> [UInt8] {
        word.firstIndex(of: 0).map { Array(word[..<$0]) } ?? word
    }

    /// One word with spaces is as good as several; each space counts.
    static func split(_ words: [[UInt8]]) -> [[UInt8]] {
        guard words.count == 1 else { return words }
        return words[0].isEmpty ? [] : words[0].split(separator: 32, omittingEmptySubsequences: false).map(Array.init)
    }

    static func boolean(_ word: [UInt8]) throws(SettingError) -> Bool {
        try word.withBytes { bytes throws(SettingError) in
            if bytes.matches("yes") { return true }
            if bytes.matches("no") { return false }
            throw SettingError("argument must be 'yes' or 'no'")
        }
    }

    static func choice(_ word: [UInt8], _ choices: [StaticString]) throws(SettingError) -> Int {
        let found = word.withBytes { bytes in choices.firstIndex { bytes.matches($0) } }
        if let found { return found }
        let names = choices.map(\.description).joined(separator: ", ")
        throw SettingError("argument(s) must be one of the following: \(names)")
    }

    static func integer(
        _ word: [UInt8], _ range: ClosedRange<Int>, _ unit: Setting.Unit
    ) throws(SettingError) -> Int {
        switch unit {
        case .none, .port:
            // Redstart's own word: a free port.
            if unit == .port, word.withBytes({ $0.matches("any") }) { return Settings.anyPort }
            guard let value = word.withBytes({ Int(strict: $0) }) else {
                throw SettingError("argument couldn't be parsed into an integer")
            }
            return try within(value, range)
        case .octal:
            guard let value = octal(word) else {
                throw SettingError("argument couldn't be parsed as an octal number")
            }
            guard range.contains(value) else {
                let (low, high) = (String(range.lowerBound, radix: 8), String(range.upperBound, radix: 8))
                throw SettingError("argument must be between \(low) and \(high) inclusive")
            }
            return value
        case .bytes, .unsignedBytes:
            guard let value = bytes(word) else { throw SettingError("argument must be a memory value") }
            if unit == .unsignedBytes { return Int(truncatingIfNeeded: value) }
            guard value <= Int.max else { throw outside(range) }
            return try within(Int(value), range)
        case .bytesOrPercent:
            if word.last == UInt8(ascii: "%"), !word.contains(0) { return try percent(word.dropLast()) }
            guard let value = bytes(word) else { throw SettingError("argument must be a memory or percent value") }
            // As in Redis what is too large for a sign is a share.
            guard value > Int.max else { return try within(Int(value), range) }
            return try share(0 &- Int(truncatingIfNeeded: value))
        }
    }

    /// A share is kept as its negative.
    private static func percent(_ digits: ArraySlice<UInt8>) throws(SettingError) -> Int {
        guard let value = Array(digits).withBytes({ Int(strict: $0) }), value >= 0 else {
            throw SettingError("argument must be a memory or percent value")
        }
        return try share(value)
    }

    private static func share(_ percent: Int) throws(SettingError) -> Int {
        guard 0...100 ~= percent else { throw SettingError("percentage argument must be less or equal to 100") }
        return -percent
    }

    private static func within(_ value: Int, _ range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard range.contains(value) else {
            throw outside(range)
        }
        return value
    }

    private static func outside(_ range: ClosedRange<Int>) -> SettingError {
        SettingError("argument must be between \(range.lowerBound) and \(range.upperBound) inclusive")
    }

    static func print(_ value: Int, _ unit: Setting.Unit) -> String {
        switch unit {
        case .octal: String(value, radix: 8)
        case .unsignedBytes: String(UInt(bitPattern: value))
        case .bytesOrPercent where value < 0: "\(-value)%"
        case .port where value == Settings.anyPort: "any"
        default: String(value)
        }
    }

    /// A count of bytes with a unit: `100`, `1k` (1,000), `1kb` (1,024), `2mb`, `1g`, in any case. A number beyond 64
    /// bits is as much as they hold, and what units make of it goes around: so it is in Redis.
    static func bytes(_ word: [UInt8]) -> UInt64? {
        let word = cString(word)
        let digits = word.prefix { $0 >= 48 && $0 <= 57 }
        guard let scale = scale(Array(word[digits.count...])) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - 48))
            value = overflow || carry ? .max : sum
        }
        return value &* scale
    }

    private static func scale(_ unit: [UInt8]) -> UInt64? {
        let scales: [(StaticString, UInt64)] = [
            ("", 1), ("b", 1), ("k", 1_000), ("kb", 1 << 10), ("m", 1_000_000), ("mb", 1 << 20), ("g", 1_000_000_000),
            ("gb", 1 << 30),
        ]
        return unit.withBytes { unit in scales.first { unit.matches($0.0) }?.1 }
    }

    private static func octal(_ word: [UInt8]) -> Int? { lenient(word, base: 8) }

    /// As C reads a number: spaces and a sign may be before it, and nothing is zero.
    static func lenient(_ word: [UInt8], base: Int) -> Int? {
        var digits = word.drop { QuotedWords.isSpace($0) }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        var value = 0
        for digit in digits {
            guard digit >= 48, digit < 48 + base else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: base)
            let (sum, carry) = product.addingReportingOverflow(Int(digit - 48))
            value = overflow || carry ? .max : sum
        }
        return isNegative ? -value : value
    }
}
