/// One declared argument of a command: what COMMAND DOCS shows and `redis-cli` hints at. It documents; a handler reads
/// its words itself.
struct Argument: Sendable {
    enum Kind: String, Sendable {
        case string, integer, double, key, pattern, block, oneof
        case unixTime = "unix-time"
        case pureToken = "pure-token"
    }

    let name: StaticString
    let kind: Kind
    var token: StaticString?
    var display: StaticString?
    var keySpec: Int?
    var since: StaticString?
    var isOptional = false
    var isMultiple = false
    var isMultipleToken = false
    var arguments: [Argument] = []

    private init(_ kind: Kind, _ name: StaticString, _ token: StaticString? = nil, _ arguments: [Argument] = []) {
        self.kind = kind
        self.name = name
        self.token = token
        self.arguments = arguments
    }

    static func string(_ name: StaticString, token: StaticString? = nil) -> Argument { Argument(.string, name, token) }

    static func integer(_ name: StaticString, token: StaticString? = nil) -> Argument {
        Argument(.integer, name, token)
    }

    static func double(_ name: StaticString, token: StaticString? = nil) -> Argument { Argument(.double, name, token) }

    static func pattern(_ name: StaticString, token: StaticString? = nil) -> Argument {
        Argument(.pattern, name, token)
    }

    static func unixTime(_ name: StaticString, token: StaticString? = nil) -> Argument {
        Argument(.unixTime, name, token)
    }

    /// A word that stands for itself.
    static func token(_ token: StaticString, name: StaticString) -> Argument { Argument(.pureToken, name, token) }

    /// A key, by the number of the key spec that finds it.
    static func key(_ name: StaticString = "key", spec: Int = 0, token: StaticString? = nil) -> Argument {
        var argument = Argument(.key, name, token)
        argument.keySpec = spec
        return argument
    }

    static var key: Argument { key() }

    /// Several arguments that come together.
    static func block(_ name: StaticString, token: StaticString? = nil, _ arguments: Argument...) -> Argument {
        Argument(.block, name, token, arguments)
    }

    /// Exactly one of several arguments.
    static func oneOf(_ name: StaticString, token: StaticString? = nil, _ arguments: Argument...) -> Argument {
        Argument(.oneof, name, token, arguments)
    }

    private func with(_ change: (inout Argument) -> Void) -> Argument {
        var copy = self
        change(&copy)
        return copy
    }

    var optional: Argument { with { $0.isOptional = true } }
    var multiple: Argument { with { $0.isMultiple = true } }
    /// The token is repeated with every value.
    var multipleToken: Argument { with { $0.isMultipleToken = true } }
    func since(_ version: StaticString) -> Argument { with { $0.since = version } }
    /// What hints show instead of the name.
    func display(_ text: StaticString) -> Argument { with { $0.display = text } }
    /// A pattern that names keys, by their key spec.
    func spec(_ number: Int) -> Argument { with { $0.keySpec = number } }
}
