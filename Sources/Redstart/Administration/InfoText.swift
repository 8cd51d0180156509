/// The text that INFO answers: sections with a heading, a line a field.
struct InfoText {
    private(set) var bytes: [UInt8] = []

    /// Begins a section.
    mutating func section(_ name: StaticString) {
        if !bytes.isEmpty { newLine() }
        append("# ")
        append(name)
        newLine()
    }

    mutating func field(_ name: StaticString, _ value: Int) { line(name) { $0.append(value) } }

    mutating func field(_ name: StaticString, _ value: String) { line(name) { $0.append(value) } }

    mutating func field(_ name: StaticString, _ value: StaticString) { line(name) { $0.append(value) } }

    /// A number with so many decimals.
    mutating func field(_ name: StaticString, _ value: Double, decimals: Int) {
        line(name) { $0.append(InfoText.fixed(value, decimals)) }
    }

    /// A field with a name that was put together.
    mutating func field(named name: String, _ value: String) {
        append(name)
        append(":")
        append(value)
        newLine()
    }

    /// Fields that are zero here and always will be, but that tools look for.
    mutating func zeros(_ names: StaticString...) {
        for name in names { field(name, 0) }
    }

    /// A number of bytes as people read it: `1.11M`.
    static func human(_ bytes: Int) -> String {
        let units = ["B", "K", "M", "G", "T", "P", "E"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return unit == 0 ? "\(bytes)B" : fixed(value, 2) + units[unit]
    }

    static func fixed(_ value: Double, _ decimals: Int) -> String {
        NumberText.withFixedText(of: LongDouble(value), decimals: decimals, keepsZeros: true) { String($0) }
    }

    private mutating func line(_ name: StaticString, _ value: (inout InfoText) -> Void) {
        append(name)
        append(":")
        value(&self)
        newLine()
    }

    private mutating func append(_ text: StaticString) { bytes.append(Bytes(text)) }

    private mutating func append(_ text: String) { bytes += text.utf8 }

    private mutating func append(_ value: Int) { NumberText.withText(of: value) { bytes.append($0) } }

    private mutating func newLine() { append("\r\n") }
}
