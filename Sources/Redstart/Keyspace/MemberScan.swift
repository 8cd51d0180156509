/// What HSCAN, SSCAN and ZSCAN have in common: their options.
struct MemberScanOptions {
    private var pattern: Bytes?
    private(set) var count = 10
    private(set) var withValues = true

    /// Takes the rest of the words.
    init(_ arguments: inout Arguments, mayLeaveValuesOut: Bool = false) throws(ReplyError) {
        while !arguments.isEmpty {
            if arguments.take("NOVALUES") {
                guard mayLeaveValuesOut else { throw .noValuesElsewhere }
                withValues = false
            } else if arguments.left > 1, arguments.take("COUNT") {
                count = try arguments.integer()
                guard count > 0 else { throw .syntax }
            } else if arguments.left > 1, arguments.take("MATCH") {
                let word = try arguments.next()
                pattern = word == Bytes("*") ? nil : word
            } else {
                throw .syntax
            }
        }
    }

    func matches(_ member: Bytes) -> Bool {
        guard let pattern else { return true }
        return Glob.matches(pattern, member)
    }

    func matches(_ member: StringValue) -> Bool { pattern == nil || member.withBytes { matches($0) } }
}

extension ReplyWriter {
    /// What is answered for a key that is not there: the walk is over, and nothing was found.
    func emptyScan() {
        array(2)
        bulk(integer: 0)
        array(0)
    }
}
