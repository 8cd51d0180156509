/// Scripts that no client should send: mutated ones, libraries fed with mutated bytes, everything nested deeply. They
/// only read, so that whatever never ends can be killed.
struct ScriptInput {
    private var chance: Chance

    init(seed: Int) { chance = Chance(seed: seed) }

    /// What is sent to the server before: others hear soon that it is busy.
    static let settings: [[String]] = [["CONFIG", "SET", "busy-reply-threshold", "100"]]

    /// One or more whole commands.
    mutating func payload() -> Bytes {
        var bytes: Bytes = []
        for _ in 0..<(1 + chance.below(4)) { Wire.append(command(), to: &bytes) }
        return bytes
    }

    private mutating func command() -> [Bytes] {
        switch chance.below(12) {
        case 0, 1, 2, 3: return ["EVAL_RO".bytes, script(), "1".bytes, "key".bytes, noise()]
        case 4, 5, 6: return decoding()
        case 7: return structure()
        case 8: return nested()
        case 9: return ["EVAL_RO".bytes, chance.pick(Self.bombs).bytes, "0".bytes, String(depth()).bytes]
        case 10: return library()
        default:
            return chance.pick([
                ["SCRIPT", "FLUSH"], ["FUNCTION", "FLUSH"], ["SCRIPT", "KILL"], ["FUNCTION", "KILL"],
                ["FUNCTION", "STATS"], ["FCALL_RO", "f", "1", "key", "x"], ["FUNCTION", "DUMP"],
                ["EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0"], ["FUNCTION", "LIST", "WITHCODE"],
            ]).map(\.bytes)
        }
    }

    // MARK: Scripts

    private static let seeds: [String] = [
        "local t = {1, 2, 3, x = 'y', [1.5] = {}} t[#t + 1] = t return #t",
        "local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end return f(12)",
        "local s = '' for i = 1, 50 do s = s .. string.char(i % 256) end return #s",
        "return redis.call('get', KEYS[1])",
        "return redis.pcall('hgetall', KEYS[1], ARGV[1])",
        "redis.setresp(3) return {double = 1.5, redis.call('time')}",
        "local t = setmetatable({}, {__index = function(t, k) return k end, __call = function(s, a) return a end})"
            + " return t.a .. t('b')",
        "local co = coroutine.wrap(function(a) for i = 1, 5 do a = coroutine.yield(a + i) end end)"
            + " return co(1) + co(2) + co(3)",
        "return {pcall(error, {code = 1})}",
        "return {xpcall(function() return nil + 1 end, function(m) return m .. '!' end)}",
        "return {string.gsub('hello world from lua', '(%w+) (%w+)', '%2 %1')}",
        "return {string.find('abc [x] def', '%[(.-)%]()', 1)}",
        "return string.format('%5.2f %q %d %s %x %c', 3.14159, 'a\\n\"b', 42, {}, 255, 65)",
        "local t = {} for w in string.gmatch('one two three', '%a+') do t[#t + 1] = w end table.sort(t) return t",
        "local t = {5, 3, 1, 4} table.sort(t, function(a, b) return a > b end) return table.concat(t, ',')",
        "return select('#', unpack({1, 2, 3}, 1, 3))",
        "local function v(...) local a, b = ... return select(2, ...), {...} end return v(1, 2, 3)",
        "return tostring(bit.band(0xff, bit.lshift(1, 31), bit.tohex(7) and 1)) .. math.floor(2.7)",
        "return redis.sha1hex('x') .. cjson.encode({1, 2, {a = cjson.null}})",
        "for k, v in pairs({a = 1, b = 2}) do if k == 'a' then break end end return 1 repeat until true",
        "goto = 1 while true do local x <const> = 1 end",
        "local a, b, c = 1 do local a = function() b = (b or 0) + a return b end c = a end return c()",
        "return [==[ long ]] string ]==] .. --[[ comment ]] 'x' .. '\\065\\n\\z'",
        "return redis.error_reply('X y') or redis.status_reply('OK')",
        "return loadstring('return ...', 'name')(1)",
        "local t = {} t[1] = t t.x = t return collectgarbage('count') and t",
    ]

    private static let words: [String] = [
        "(", ")", "{", "}", "[", "]", "[[", "]]", "..", "...", "==", "~=", "<=", "=", ",", ";", ":", "#", "-", "'",
        "\"",
        "--", "--[[", "\\", "nil", "true", "0x", "1e308", "1e", "0/0", "-0", "9007199254740993", "end", "do", "then",
        "function", "return", "local", "for", "while", "repeat", "until", "break", "and", "or", "not", "in", "if",
        " setmetatable({}, {__index = _G}) ", " unpack(KEYS) ", " coroutine.yield() ", " error() ", " _G ", " ARGV ",
        " string.rep('x', 1000) ", " table.concat ", " next ", " rawset ", " getmetatable('').__index ", "\0", "\n",
    ]

    private mutating func script() -> Bytes {
        var text = chance.pick(Self.seeds).bytes
        if chance.percent(20) { text += " ".bytes + chance.pick(Self.seeds).bytes }
        if chance.percent(10) { text = "#!lua flags=no-writes\n".bytes + text }
        for _ in 0..<chance.below(4) { mutate(&text) }
        for _ in 0..<chance.below(3) {
            text.insert(contentsOf: chance.pick(Self.words).utf8, at: chance.below(text.count + 1))
        }
        return text
    }

    private mutating func mutate(_ bytes: inout Bytes) {
        guard !bytes.isEmpty else { return }
        let place = chance.below(bytes.count)
        let end = min(bytes.count, place + 1 + chance.below(12))
        switch chance.below(6) {
        case 0: bytes[place] = UInt8(chance.below(256))
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(UInt8(chance.below(256)), at: place)
        case 3: bytes[place] ^= UInt8(1 << chance.below(8))
        case 4: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: Bytes(bytes[place..<end]), at: chance.below(bytes.count))
        }
    }

    private mutating func library() -> [Bytes] {
        var code = "redis.register_function{function_name='f', callback=function(keys, args) ".bytes
        code += chance.pick(Self.seeds).bytes + " end, flags={'no-writes'}}".bytes
        if chance.percent(60) { mutate(&code) }
        var head = "#!lua name=library\n".bytes
        if chance.percent(10) { mutate(&head) }
        return ["FUNCTION".bytes, "LOAD".bytes, "REPLACE".bytes, head + code]
    }

    // MARK: Libraries' input

    private static let packed: [Bytes] = [
        [0x84, 0xA1, 0x61, 0x01, 0xA1, 0x62, 0x93, 0x01, 0xC3, 0xC0, 0xA1, 0x63, 0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0],
        [0x93, 0xCC, 0xFF, 0xCD, 0xFF, 0xFF, 0xCE, 0xFF, 0xFF, 0xFF, 0xFF],
        [0xDC, 0, 3, 0xD0, 0x80, 0xD1, 0x80, 0, 0xD2, 0x80, 0, 0, 0],
        [0xD9, 3, 0x61, 0x62, 0x63, 0xC4, 2, 0, 0xFF, 0xDA, 0, 1, 0x78],
        [0xDE, 0, 1, 0xA1, 0x6B, 0xDF, 0, 0, 0, 1, 0xA1, 0x6B, 0x90], [0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
        [0xDD, 0xFF, 0xFF, 0xFF, 0xFF], [0xDB, 0x7F, 0xFF, 0xFF, 0xFF, 0x61], [0xC6, 0xFF, 0xFF, 0xFF, 0xFF],
    ]

    private static let documents: [String] = [
        #"{"a":1,"b":[true,false,null,1.5e10,-0.0],"c":{"d":"\u00fc\ud83d\ude00\n\\"},"":[]}"#,
        #"[1,2,3,[4,[5,[6,{"x":{"y":{"z":[]}}}]]]]"#, #"  "just a \"text\" \/ \b\f\r\t"  "#, "1e400",
        "[0x1F,NaN,Infinity]",
        #"{"k":"v","k":"w","n":123456789012345678901234567890}"#, #"["\ud800","\udc00\ud800","\uFFFF\u0000"]"#,
    ]

    private mutating func decoding() -> [Bytes] {
        let isJSON = chance.percent(50)
        var input = isJSON ? chance.pick(Self.documents).bytes : chance.pick(Self.packed)
        for _ in 0..<chance.below(5) { mutate(&input) }
        if chance.percent(10) { input = noise() }
        let calls =
            isJSON
            ? [
                "return cjson.encode(cjson.decode(ARGV[1]))", "return cjson.decode(ARGV[1])",
                "return {pcall(cjson.decode, ARGV[1])}",
                "local c = cjson.new() c.encode_sparse_array(true, 1, 0) return c.encode(c.decode(ARGV[1]))",
            ]
            : [
                "return {cmsgpack.unpack(ARGV[1])}", "return cmsgpack.pack(cmsgpack.unpack(ARGV[1]))",
                "return {cmsgpack.unpack_one(ARGV[1], tonumber(ARGV[2]))}",
                "return {cmsgpack.unpack_limit(ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]))}",
                "return {pcall(cmsgpack.unpack, ARGV[1])}",
            ]
        return ["EVAL_RO".bytes, chance.pick(calls).bytes, "0".bytes, input, number(), number()]
    }

    private mutating func number() -> Bytes {
        chance.pick(["0", "1", "2", "-1", "7", "100", "1e9", "2147483648", "-2147483649", "1e300", "nan", "x"]).bytes
    }

    private mutating func structure() -> [Bytes] {
        var format: Bytes = []
        for _ in 0..<(1 + chance.below(8)) {
            format +=
                chance.pick([
                    "<", ">", "=", "!", "b", "B", "h", "H", "i", "I", "l", "L", "T", "f", "d", "s", "c", "x", " ",
                ])
                .utf8
            if chance.percent(40) {
                format += chance.pick(["0", "1", "2", "3", "4", "8", "16", "17", "33", "99999999999"]).utf8
            }
        }
        let calls = [
            "return {struct.unpack(ARGV[1], ARGV[2], tonumber(ARGV[3]))}", "return struct.size(ARGV[1])",
            "return struct.pack(ARGV[1], tonumber(ARGV[3]), ARGV[2], ARGV[2], 1, 2.5)",
            "return struct.pack(ARGV[1], ARGV[2], 1, 2, 3, 4, 5, 6, 7, 8)",
        ]
        return ["EVAL_RO".bytes, chance.pick(calls).bytes, "0".bytes, format, noise(), number()]
    }

    private mutating func noise() -> Bytes { (0..<chance.below(60)).map { _ in UInt8(chance.below(256)) } }

    // MARK: Depth

    private mutating func depth() -> Int {
        chance.pick([10, 150, 199, 200, 201, 255, 256, 1_000, 5_000, 20_000, 100_000])
    }

    private static let pairs: [(String, String, String)] = [
        ("return ", "(", ")"), ("return ", "{", "}"), ("return ", "-", "1"), ("return ", "not ", "1"),
        ("", "do ", " end"), ("", "if x then ", " end"), ("", "while x do ", " end"), ("return ", "f(", ")"),
        ("", "local function f() ", " end"), ("return ", "function() return ", " end"), ("return a", "[a", "]"),
        ("return ", "'x' .. ", "''"), ("return 1", "^1", ""), ("return ", "{{},", "}"), ("x", ".y", " = 1"),
        ("return ", "#", "{}"), ("local a = ", "1,", "1"), ("return ", "[[", "]]"), ("", "repeat ", " until x"),
    ]

    private mutating func nested() -> [Bytes] {
        let depth = depth()
        switch chance.below(4) {
        case 0:
            let (open, close) = chance.pick([("[", "]"), (#"{"a":"#, "}"), ("[[],", "]")])
            let input = Bytes(repeatElement(open.bytes, count: depth).joined()) + "1".bytes
            let isClosed = chance.percent(50)
            let text = input + (isClosed ? Bytes(repeatElement(close.bytes, count: depth).joined()) : [])
            return ["EVAL_RO".bytes, "return cjson.encode(cjson.decode(ARGV[1]))".bytes, "0".bytes, text]
        case 1:
            let head: Bytes = chance.pick([[0x91], [0x81, 0x01], [0xDC, 0, 1], [0xDE, 0, 1, 0xA0]])
            let input = Bytes(repeatElement(head, count: depth).joined()) + [0x01]
            return ["EVAL_RO".bytes, "return {cmsgpack.unpack(ARGV[1])}".bytes, "0".bytes, input]
        default:
            let (begin, open, close) = chance.pick(Self.pairs)
            let middle = chance.percent(50) ? "1" : ""
            var text = begin.bytes + Bytes(repeatElement(open.bytes, count: depth).joined()) + middle.bytes
            if chance.percent(70) { text += Bytes(repeatElement(close.bytes, count: depth).joined()) }
            return ["EVAL_RO".bytes, text, "0".bytes]
        }
    }

    /// Each with how deep it is to go, as ARGV[1].
    private static let bombs: [String] = [
        "local t = {} for i = 1, ARGV[1] do t = {t} end return t",
        "local t = {} for i = 1, ARGV[1] do t = {t} end return cjson.encode(t)",
        "local t = {} for i = 1, ARGV[1] do t = {a = t} end return cmsgpack.pack(t)",
        "local t = {} for i = 1, ARGV[1] do t = {map = t} end return t",
        "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(tonumber(ARGV[1]))",
        "local function f(n) if n == 0 then return 0 end return (pcall(f, n - 1)) end return f(tonumber(ARGV[1]))",
        "local function f(n) if n == 0 then return 0 end local c = coroutine.wrap(f) return c(n - 1) end"
            + " return f(tonumber(ARGV[1]))",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
        "local t = {} for i = 1, ARGV[1] do t = setmetatable({}, {__index = t}) end return t.x",
        "local s = setmetatable({}, {__tostring = function(s) return tostring(s) end}) return tostring(s)",
        "return string.rep('a', ARGV[1] % 3000):find(string.rep('a?', 15) .. string.rep('a', 15))",
        "return string.find(string.rep('a', ARGV[1]), string.rep('(', ARGV[1]))",
        "return string.find(string.rep('(', ARGV[1] % 3000), '%b()')",
        "return (string.gsub(string.rep('a', ARGV[1]), '', 'b'))",
        "return string.rep(string.rep('x', ARGV[1]), 100):len()",
        "local t = {} for i = 1, ARGV[1] do t[i] = i end return {unpack(t)}",
        "local t = {} for i = 1, ARGV[1] do t[i] = 'x' .. i end return table.concat(t):len()",
        "local t = {} for i = 1, ARGV[1] do t[i] = ARGV[1] - i end table.sort(t, function() return true end) return 1",
        "local t = {} t.t = t return cjson.encode(t)", "local t = {} t[1] = t return t",
        "local t = {} t.t = t return cmsgpack.pack(t)",
        "while true do end", "while true do pcall(function() while true do end end) end",
        "local t = {} while true do t[#t + 1] = {} end", "local s = 'x' while true do s = s .. s end",
        "return loadstring('return ' .. string.rep('(', ARGV[1]))",
        "return string.format(string.rep('%s', ARGV[1]), unpack({}))",
        "return struct.pack(string.rep('i', ARGV[1]), 1)",
        "local m = {} m.__eq = function(a, b) return a == b end return setmetatable({}, m) == setmetatable({}, m)",
        "local m = {} m.__lt = function(a, b) return a < b end return setmetatable({}, m) < setmetatable({}, m)",
        "local m = {} m.__concat = function(a, b) return a .. b end return setmetatable({}, m) .. 'x'",
        "return redis.call('eval', 'return 1', 0)", "return {redis.pcall(string.rep('x', ARGV[1]))}",
    ]
}
