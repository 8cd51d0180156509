extension ReplyWriter {
    /// A double: a type of its own in RESP3, its text as a bulk string in RESP2.
    @inline(__always)
    func double(_ value: Double) { isRESP3 ? typedDouble(value) : bulk(double: value) }

    /// A double as a bulk string in both protocols.
    @inline(__always)
    func bulk(double value: Double) {
        if value.magnitude <= 0x1p62, value != 0 || value.sign == .plus {
            let integer = Int(value)
            if Double(integer) == value { return bulk(integer: integer) }
        }
        NumberText.withText(of: value) { bulk($0) }
    }

    private func typedDouble(_ value: Double) {
        raw(",")
        NumberText.withText(of: value) { raw($0) }
        raw("\r\n")
    }
}
