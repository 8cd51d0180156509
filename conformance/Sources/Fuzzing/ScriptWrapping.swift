/// Puts generated commands into scripts, in several ways, so that what a script sees of a reply, and what becomes of it
/// on its way to the client, are compared, too.
struct ScriptWrapping {
    /// How many of a hundred commands.
    private static let share = 70

    /// Answers the reply as the script got it.
    private static let calls: [Bytes] = [
        "return redis.call(unpack(ARGV))".bytes,
        "return redis.pcall(unpack(ARGV))".bytes,
        "#!lua\nreturn redis.call(unpack(ARGV))".bytes,
        "#!lua flags=no-writes\nreturn redis.call(unpack(ARGV))".bytes,
        "redis.setresp(3) return redis.call(unpack(ARGV))".bytes,
        "redis.setresp(3) return redis.pcall(unpack(ARGV))".bytes,
        "local r = redis.pcall(unpack(ARGV)) if type(r) == 'table' and r.err then error(r) end return r"
            .bytes,
    ]

    /// The words are keys and arguments, wherever the border is.
    private static let keyed = """
        local words = {}
        for i = 1, #KEYS do words[#words + 1] = KEYS[i] end
        for i = 1, #ARGV do words[#words + 1] = ARGV[i] end
        return redis.call(unpack(words))
        """.bytes

    /// Several commands, each with the count of its words before it: answers their replies.
    private static let several = """
        local replies, i = {}, 1
        while i <= #ARGV do
            local count = tonumber(ARGV[i])
            replies[#replies + 1] = redis.pcall(unpack(ARGV, i + 1, i + count)) or false
            i = i + count + 1
        end
        return replies
        """.bytes

    /// Tells of what types the reply is made.
    private static let description = """
        local function describe(value)
            if type(value) ~= 'table' then return type(value) .. ' ' .. tostring(value) end
            local names = {}
            for name in pairs(value) do names[#names + 1] = tostring(name) end
            table.sort(names)
            local parts = {}
            for _, name in ipairs(names) do
                local part = value[name]
                if part == nil then part = value[tonumber(name)] end
                if part == nil then part = 'lost' end
                parts[#parts + 1] = name .. '=' .. describe(part)
            end
            return '{' .. table.concat(parts, ', ') .. '}'
        end
        if ARGV[1] == '3' then redis.setresp(3) end
        return describe(redis.pcall(unpack(ARGV, 2)))
        """.bytes

    /// A command as it is, or within a script.
    static func wrap(
        _ words: [Bytes], _ connection: Int, _ explained: ExplainedDifferences, _ chance: inout Chance
    ) -> Exchange {
        let plain = Exchange(connection: connection, words: words)
        guard !words.isEmpty, !isAboutConnection(words), !mayWait(words), chance.percent(share) else { return plain }
        var exchange = plain
        exchange.inner = [words]
        switch chance.below(10) {
        case 0 where explained.rules(forSent: words).isPlain:
            exchange.words = ["EVAL".bytes, description, "0".bytes, chance.percent(50) ? "3".bytes : "2".bytes] + words
            exchange.inner = []
        case 0, 1:
            let keys = chance.below(words.count + 1)
            exchange.words = ["EVAL".bytes, keyed, String(keys).bytes] + words
        case 2:
            exchange.words = ["EVAL_RO".bytes, calls[0], "0".bytes] + words
        case 3, 4:
            exchange.words = ["EVAL".bytes, several, "0".bytes, String(words.count).bytes] + words
            exchange.isList = true
        default:
            // In RESP2 a map without order could not be told from an array.
            let fitting = connection == 0 ? calls.filter { !$0.starts(with: "redis.setresp(3)".bytes) } : calls
            exchange.words = ["EVAL".bytes, chance.pick(fitting), "0".bytes] + words
        }
        return exchange
    }

    /// What is refused in scripts anyhow, and makes a run what it is.
    private static func isAboutConnection(_ words: [Bytes]) -> Bool {
        // So the generator deletes what chance has touched.
        if words.count == 2, words[0] == "DEL".bytes { return true }
        return ["MULTI", "EXEC", "DISCARD"].contains(String(words[0]).uppercased())
    }

    /// What may wait: 7.0 refuses it to scripts, 7.4 runs it without waiting, and then the data differ.
    private static func mayWait(_ words: [Bytes]) -> Bool {
        let name = String(words[0]).uppercased()
        return ["BL", "BZ", "BRPOP", "XREAD", "WAIT"].contains { name.hasPrefix($0) }
    }

    /// Maps and sets come back from Lua in the order of its tables, which is nobody's business.
    private static func sorted(_ reply: Reply) -> Reply {
        var reply = reply
        let items = reply.items.map { sorted($0) }
        func key(_ item: Reply) -> String { PatternText.lines(item).joined(separator: "\n") }
        switch reply.kind {
        case .map:
            let places = stride(from: 0, to: items.count - 1, by: 2).sorted { key(items[$0]) < key(items[$1]) }
            reply.items = places.flatMap { [items[$0], items[$0 + 1]] }
        case .set: reply.items = items.sorted { key($0) < key($1) }
        default: reply.items = items
        }
        return reply
    }

    /// An error as the command itself answers it: without what a script's end adds (` script: SHA, on
    /// @user_script:1.`), and in the words that are used outside of scripts.
    static func plain(_ reply: Reply, of words: [Bytes]) -> Reply {
        guard reply.isError else { return sorted(reply) }
        var text = reply.string
        if let place = text.range(of: " script: ") { text = String(text[..<place.lowerBound]) }
        if text == "ERR Wrong number of args calling Redis command from script", let first = words.first {
            var name = String(first).lowercased()
            if name == "command", words.count > 1 { name += "|" + String(words[1]).lowercased() }
            text = "ERR wrong number of arguments for '\(name)' command"
        }
        return Reply(kind: reply.kind, text: text.bytes)
    }
}
