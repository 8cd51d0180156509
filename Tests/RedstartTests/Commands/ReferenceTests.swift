import Foundation
import Testing

@testable import Redstart

/// What COMMAND INFO and COMMAND DOCS tell of every command, compared with what a Redis 7.4.1 told
/// (`conformance/reference/commands-7.4.json`).
@Suite struct CommandReference {
    static let names = CommandTable(Command.all).fullNames

    @Test(arguments: names) func `agrees with Redis 7.4`(_ name: String) throws {
        let ours = try #require(Description(name).fields)
        let theirs = try #require(CommandReference.reference[name], "Redis 7.4 has no command \(name)")
        for field in Set(ours.keys).union(theirs.keys).sorted() {
            #expect(
                ours[field] == theirs[field], "\(name): the declaration's \(field) is not Redis' (left: ours)")
        }
    }

    @Test(arguments: names) func `has a summary in words of its own`(_ name: String) throws {
        let summary = try #require(Description(name).docs["summary"]?.string)
        #expect(summary.count > 10 && summary.hasSuffix("."), "\(name): a summary is one sentence")
    }

    /// The reference lists no deprecations; these are Redis' own.
    static let deprecations: [String: (since: String, replacement: String)] = [
        "brpoplpush": ("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments"),
        "cluster|slaves": ("5.0.0", "`CLUSTER REPLICAS`"),
        "cluster|slots": ("7.0.0", "`CLUSTER SHARDS`"),
        "georadius": ("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"),
        "georadius_ro": ("6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument"),
        "georadiusbymember": (
            "6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"
        ),
        "georadiusbymember_ro": ("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"),
        "getset": ("6.2.0", "`SET` with the `!GET` argument"),
        "hmset": ("4.0.0", "`HSET` with multiple field-value pairs"),
        "psetex": ("2.6.12", "`SET` with the `PX` argument"),
        "quit": ("7.2.0", "just closing the connection"),
        "rpoplpush": ("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments"),
        "setex": ("2.6.12", "`SET` with the `EX` argument"),
        "setnx": ("2.6.12", "`SET` with the `NX` argument"),
        "slaveof": ("5.0.0", "`REPLICAOF`"),
        "substr": ("2.0.0", "`GETRANGE`"),
        "zrangebylex": ("6.2.0", "`ZRANGE` with the `BYLEX` argument"),
        "zrangebyscore": ("6.2.0", "`ZRANGE` with the `BYSCORE` argument"),
        "zrevrange": ("6.2.0", "`ZRANGE` with the `REV` argument"),
        "zrevrangebylex": ("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments"),
        "zrevrangebyscore": ("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments"),
    ]
    static let internals: Set = ["debug", "pfdebug", "pfselftest", "replconf", "restore-asking"]

    @Test(arguments: names) func `says what is deprecated or internal`(_ name: String) throws {
        let docs = Description(name).docs
        let expected = CommandReference.deprecations[name]
        #expect(docs["deprecated_since"]?.string == expected?.since)
        #expect(docs["replaced_by"]?.string == expected?.replacement)
        let isInternal = CommandReference.internals.contains(name)
        let flags = (expected == nil ? [] : ["deprecated"]) + (isInternal ? ["syscmd"] : [])
        #expect((docs["doc_flags"]?.elements ?? []).compactMap { $0.string } == flags)
    }

    @Test func `no subcommand of the reference's containers is a command of its own`() {
        let table = CommandTable(Command.all)
        for id in table.topLevel {
            #expect(CommandReference.topLevel.contains(table.fullNames[id]))
        }
    }

    // MARK: - The reference

    /// Names and fields; a subcommand's name has its container's in front.
    private static let reference: [String: [String: String]] = {
        var all: [String: [String: String]] = [:]
        for (name, entry) in entries {
            all[name] = fields(entry)
            for (name, subcommand) in entry["subcommands"] as? [String: [String: Any]] ?? [:] {
                all[name] = fields(subcommand)
            }
        }
        return all
    }()

    static let topLevel = Set(entries.keys)

    private static var entries: [String: [String: Any]] {
        let text = Repository.text("conformance/reference/commands-7.4.json")
        let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        return object as? [String: [String: Any]] ?? [:]
    }
}

/// A command as our replies tell it.
private struct Description {
    let info: ParsedReply
    let docs: ParsedReply

    init(_ name: String) {
        let session = Session()
        session.client.reply.isRESP3 = true
        info = ParsedReply(session.answer("COMMAND INFO \(name)"))?.elements.first ?? .null
        docs = ParsedReply(session.answer("COMMAND DOCS \(name)"))?[name] ?? .null
    }

    /// In the reference's form.
    var fields: [String: String]? {
        guard info.elements.count == 10 else { return nil }
        var json: [String: Any] = [:]
        let names = [
            "name", "arity", "flags", "first_key", "last_key", "step", "acl_categories", "tips", "key_specs",
        ]
        for (name, field) in zip(names, info.elements).dropFirst() { json[name] = object(field) }
        for name in ["since", "group", "complexity", "arguments"] { json[name] = docs[name].map { object($0) } }
        return RedstartTests.fields(json)
    }

    private func object(_ reply: ParsedReply) -> Any {
        switch reply {
        case .null: return NSNull()
        case .text(let text), .error(let text): return text
        case .integer(let number): return number
        case .boolean(let value): return value
        case .array(let elements), .set(let elements): return elements.map { object($0) }
        case .map(let pairs):
            var json: [String: Any] = [:]
            for pair in pairs { json[pair.key.string ?? "?"] = object(pair.value) }
            return json
        }
    }
}

/// What is compared of a command, as text.
private func fields(_ json: [String: Any]) -> [String: String] {
    var fields: [String: String] = [:]
    for (name, value) in json where name != "subcommands" { fields[name] = canonical(value, name) }
    return fields
}

/// JSON as text that is equal for what means the same: keys sorted, and the elements of what is a set.
private func canonical(_ value: Any?, _ field: String) -> String {
    switch value {
    case nil: return "absent"
    case let list as [Any]:
        let elements = list.map { canonical($0, "") }
        let isSet = field == "flags" || field == "acl_categories"
        return "[" + (isSet ? elements.sorted() : elements).joined(separator: ", ") + "]"
    case let object as [String: Any]:
        return "{" + object.keys.sorted().map { "\($0): \(canonical(object[$0], $0))" }.joined(separator: ", ") + "}"
    case .some(let other): return "\(other)"
    }
}
