/// What the commands of places refuse with.
extension ReplyError {
    static let geoUnit = ReplyError(line: "ERR unsupported unit provided. please use M, KM, FT, MI")
    static let geoRadius = ReplyError(line: "ERR need numeric radius")
    static let geoWidth = ReplyError(line: "ERR need numeric width")
    static let geoHeight = ReplyError(line: "ERR need numeric height")
    static let geoNegativeRadius = ReplyError(line: "ERR radius cannot be negative")
    static let geoNegativeBox = ReplyError(line: "ERR height or width cannot be negative")
    static let geoMember = ReplyError(line: "ERR could not decode requested zset member")
    static let geoCount = ReplyError(line: "ERR COUNT must be > 0")
    static let geoAny = ReplyError(line: "ERR the ANY argument requires COUNT argument")

    static func geoPoint(_ point: GeoPoint) -> ReplyError {
        func text(_ degrees: Double) -> String {
            NumberText.withFixedText(of: LongDouble(degrees), decimals: 6, keepsZeros: true) { String($0) }
        }
        return ReplyError(
            line: "ERR invalid longitude,latitude pair \(text(point.longitude)),\(text(point.latitude))")
    }

    static func geoStore(_ what: String) -> ReplyError {
        ReplyError(line: "ERR \(what) is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
    }

    /// `command` as the client wrote it.
    static func geoExactlyOne(_ what: String, _ command: Bytes) -> ReplyError {
        ReplyError("ERR exactly one of \(what) can be specified for ", quoting: command, "")
    }
}
