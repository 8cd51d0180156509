#!/usr/bin/env python3
"""Gives the libraries of scripts (cjson, cmsgpack, struct, bit) the same random input in two servers and compares.

    conformance/lua/libraries.py --port 6379 --oracle-port 7000 [--count 50000] [--seed 1] [--only decode,pack]

Entries of a table come in any order, so texts with several keys are compared as they read back and by their bytes'
numbers. Status 1 when something differs; each difference is printed with what makes it again.
"""

import argparse
import random
import socket
import struct
import sys

SHOW = r"""
local function show(v, depth)
  depth = depth or 0
  local kind = type(v)
  if depth > 40 then return '...' end
  if kind == 'table' then
    local parts, length = {}, #v
    for i = 1, length do parts[i] = show(v[i], depth + 1) end
    local others = {}
    for k, x in pairs(v) do
      if not (type(k) == 'number' and k >= 1 and k <= length and k % 1 == 0) then
        others[#others + 1] = '[' .. show(k, depth + 1) .. ']=' .. show(x, depth + 1)
      end
    end
    table.sort(others)
    return '{' .. table.concat(parts, ',') .. ';' .. table.concat(others, ',') .. '}'
  elseif kind == 'string' then return string.format('%q', v)
  elseif kind == 'number' then return v ~= v and 'nan' or string.format('%.17g', v)
  else return tostring(v) end
end
local function all(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = show((select(i, ...))) end
  return table.concat(parts, ' | ')
end
local function sorted(text)
  local bytes = {}
  for i = 1, #text do bytes[i] = text:sub(i, i) end
  table.sort(bytes)
  return table.concat(bytes)
end
"""

DECODE = SHOW + """
local json = cjson.new()
json.decode_invalid_numbers(ARGV[2] == '1')
json.decode_max_depth(tonumber(ARGV[3]))
return all(pcall(json.decode, ARGV[1]))
"""

ENCODE = SHOW + """
local json = cjson.new()
json.encode_number_precision(tonumber(ARGV[2]))
json.encode_invalid_numbers(ARGV[3])
json.encode_sparse_array(ARGV[4] == '1', tonumber(ARGV[5]), tonumber(ARGV[6]))
json.encode_max_depth(tonumber(ARGV[7]))
local ok, text = pcall(json.encode, loadstring('return ' .. ARGV[1])())
if not ok then return ARGV[8] == '1' and text or 'an error' end
if ARGV[8] == '1' then return text end
-- With few digits two keys may read the same.
return sorted(text) .. (ARGV[2] == '14' and all(pcall(cjson.decode, text)) or '')
"""

NUMBERS = """
local json = cjson.new()
json.encode_number_precision(tonumber(ARGV[2]))
json.encode_invalid_numbers(true)
local result = {}
for i = 1, #ARGV[1], 8 do result[#result + 1] = json.encode((struct.unpack('d', ARGV[1], i))) end
return result
"""

PACK = SHOW + """
local ok, text = pcall(cmsgpack.pack, loadstring('return ' .. ARGV[1])())
if not ok then return ARGV[2] == '1' and text or 'an error' end
if ARGV[2] == '1' then return text end
return sorted(text) .. ' ' .. all(pcall(cmsgpack.unpack, text))
"""

UNPACK = SHOW + """
if ARGV[2] == 'all' then return all(pcall(cmsgpack.unpack, ARGV[1])) end
if ARGV[2] == 'one' then return all(pcall(cmsgpack.unpack_one, ARGV[1], tonumber(ARGV[3]))) end
return all(pcall(cmsgpack.unpack_limit, ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[3])))
"""

STRUCT_PACK = SHOW + "return all(pcall(struct.pack, ARGV[1], loadstring('return ' .. ARGV[2])()))"
STRUCT_UNPACK = SHOW + "return all(pcall(struct.unpack, ARGV[1], ARGV[2], tonumber(ARGV[3])))"
STRUCT_SIZE = SHOW + "return all(pcall(struct.size, ARGV[1]))"
BIT = SHOW + "return all(pcall(bit[ARGV[1]], loadstring('return ' .. ARGV[2])()))"


class Server:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.file = self.socket.makefile("rb", 1 << 16)

    def send(self, words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode("latin-1")
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.socket.sendall(b"".join(parts))

    def read(self):
        line = self.file.readline()
        if not line:
            raise SystemExit("the server is gone")
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        return (kind + rest).decode("latin-1")

    def __call__(self, *words):
        self.send(words)
        return self.read()


class Values:
    """Random Lua values, as Lua source; `plain` says whether the order of entries can show."""

    def __init__(self, chance):
        self.chance = chance
        self.plain = True
        self.has_error = False

    def number(self):
        c = self.chance
        return c.choice([
            lambda: str(c.randint(-5, 20)), lambda: str(c.randint(-300, 70000)),
            lambda: str(c.choice([1, -1]) * 2 ** c.randint(0, 70) + c.randint(-2, 2)),
            lambda: repr(round(c.uniform(-1000, 1000), c.randint(0, 6))), lambda: repr(c.random()),
            lambda: repr(c.choice([1, -1]) * 10.0 ** c.randint(-30, 30)),
            lambda: repr(c.random() * 10.0 ** c.randint(-300, 300)),
        ])()

    def string(self):
        c = self.chance
        count = c.choice([0, 1, 2, 3, 5, 8, 31, 32, 40, 41, 255, 256, 300])
        kind = c.randint(0, 3)
        if kind == 0:
            text = bytes(c.randrange(256) for _ in range(min(count, 40)))
        elif kind == 1:
            text = bytes(c.choice(b'"\\/\x08\x0c\n\r\t\x00\x7f\x1fabc') for _ in range(min(count, 40)))
        else:
            text = bytes(c.choice(b"abcdefgh 12") for _ in range(count))
        return '"' + "".join("\\%03d" % byte for byte in text) + '"'

    def key(self, alone):
        c = self.chance
        kind = c.randint(0, 9)
        if kind < 5:
            return '["%s"]' % "".join(c.choice("abcxyz") for _ in range(c.randint(0, 4)))
        if kind < 8:
            # How keys beyond 32 bits count depends on the order of entries.
            huge = [2 ** 31 - 1, 2 ** 31, 2 ** 40] if alone else []
            return "[%d]" % c.choice([0, 1, 2, 3, 4, 5, 7, 10, 11, 12, 25, -1] + huge)
        if kind < 9:
            # The sign of a zero that is a key is lost here, and kept there.
            return "[%s]" % repr(round(c.uniform(-3, 30), 1) or 0.5)
        if self.has_error:
            return '["k"]'
        self.has_error = True
        return c.choice(["[true]", "[{}]", "[cjson.null]", "[print2]"]).replace("print2", "function() end")

    def table(self, depth):
        c = self.chance
        kind = c.randint(0, 3)
        if kind == 0:
            return "{" + ",".join(self.value(depth - 1) for _ in range(c.randint(0, 17))) + "}"
        count = c.randint(0, 4) if kind == 1 else c.randint(0, 1)
        if count > 1:
            self.plain = False
        parts = ["%s=%s" % (self.key(count < 2), self.value(depth - 1)) for _ in range(count)]
        if kind == 2 and c.random() < 0.3:
            self.plain = False
            parts += [self.value(depth - 1) for _ in range(c.randint(1, 3))]
        return "{" + ",".join(parts) + "}"

    def value(self, depth):
        c = self.chance
        kind = c.randint(0, 19)
        if kind < 5 and depth > 0:
            return self.table(depth)
        if kind < 10:
            return self.number()
        if kind < 15:
            return self.string()
        if kind < 18:
            return c.choice(["true", "false", "nil", "cjson.null"])
        if kind < 19 or self.has_error:
            return "7"
        self.has_error = True
        return c.choice(["function() end", "0/0", "1/0", "-1/0", "coroutine.create(function() end)"])


def json_text(c, depth):
    """A document, with all that JSON and lua-cjson allow."""
    kind = c.randint(0, 9)
    space = c.choice(["", "", "", " ", "\n\t "])
    if kind < 3 and depth > 0:
        parts = [json_text(c, depth - 1) for _ in range(c.randint(0, 5))]
        return space + "[" + ("," + space).join(parts) + space + "]"
    if kind < 6 and depth > 0:
        parts = ['%s"%s"%s:%s' % (space, c.choice("abcd") * c.randint(0, 3), space, json_text(c, depth - 1))
                 for _ in range(c.randint(0, 4))]
        return space + "{" + ",".join(parts) + space + "}"
    if kind < 8:
        return space + number_text(c)
    if kind < 9:
        return space + c.choice(["true", "false", "null"])
    pieces = ["a", "bc", "\\n", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\r", "\\t", "\\u0041", "\\u00e9", "\\uFFff",
              "\\ud83d\\ude00", "\\u0000", "\x7f", "\xc3\xa9", "\xff", "\t"]
    if c.random() < 0.1:
        pieces += ["\\ud800", "\\udc00", "\\x", "\\u12", "\\", "\0", "\\ud83d\\u0041"]
    return space + '"' + "".join(c.choice(pieces) for _ in range(c.randint(0, 8))) + '"'


def number_text(c):
    if c.random() < 0.1:
        return c.choice(["nan", "-nan", "inf", "-Infinity", "0x1F", "-0x1.8p3", "01", "+1", "-", "1e", "1e+", "5.", ".5",
                         "-.5", "nan(1)", "infin", "1e400", "1e-400", "0x", "00", "1.e3", "0e5", "-inf", "1e5x"])
    text = str(c.choice([c.randint(0, 9), c.randint(0, 10 ** 6), c.randint(0, 10 ** 25)]))
    if c.random() < 0.4:
        text += "." + "".join(c.choice("0123456789") for _ in range(c.choice([1, 2, 6, 15, 25])))
    if c.random() < 0.2:
        text += c.choice("eE") + c.choice(["", "+", "-"]) + str(c.choice([0, 1, 5, 22, 23, 100, 308, 330]))
    return c.choice(["", "", "-"]) + text


def mutated(c, text, alphabet):
    """The bytes with a few of them changed, taken away, repeated or added."""
    text = bytearray(text)
    for _ in range(c.choice([0, 0, 1, 1, 2, 4])):
        place = c.randint(0, len(text))
        kind = c.randint(0, 4)
        if kind == 0:
            text[place:place] = bytes([c.choice(alphabet)])
        elif kind == 1:
            del text[place:place + c.choice([1, 1, 2, 10])]
        elif kind == 2 and place < len(text):
            text[place] = c.choice(alphabet)
        elif kind == 3:
            del text[place:]
        else:
            text[place:place] = text[place:place + c.randint(1, 6)]
    return bytes(text)


def packed(c, depth):
    kind = c.randint(0, 11)
    if kind < 2 and depth > 0:
        count = c.choice([0, 1, 2, 3, 5, 17])
        head = bytes([0x90 | count]) if count < 16 else b"\xdc" + struct.pack(">H", count)
        if c.random() < 0.1:
            head = b"\xdd" + struct.pack(">I", count)
        return head + b"".join(packed(c, depth - 1) for _ in range(count))
    if kind < 4 and depth > 0:
        count = c.choice([0, 1, 2, 3])
        head = c.choice([bytes([0x80 | count]), b"\xde" + struct.pack(">H", count), b"\xdf" + struct.pack(">I", count)])
        return head + b"".join(packed(c, 0) + packed(c, depth - 1) for _ in range(count))
    if kind < 6:
        return bytes([c.choice([c.randint(0, 127), c.randint(0xE0, 0xFF)])])
    if kind < 8:
        kind = c.randint(0xCA, 0xD3)
        size = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}[kind]
        return bytes([kind]) + bytes(c.choice([0, 1, 127, 128, 255, c.randrange(256)]) for _ in range(size))
    if kind < 10:
        text = bytes(c.randrange(256) for _ in range(c.choice([0, 1, 3, 31, 40])))
        return c.choice([lambda: b"\xd9" + bytes([len(text)]), lambda: b"\xda" + struct.pack(">H", len(text)),
                         lambda: b"\xdb" + struct.pack(">I", len(text)),
                         lambda: bytes([0xA0 | min(len(text), 31)])])() + text
    return bytes([c.choice([0xC0, 0xC2, 0xC3])])


def struct_format(c):
    parts = []
    for _ in range(c.randint(0, 7)):
        kind = c.randint(0, 19)
        if kind < 12:
            parts.append(c.choice(["b", "B", "h", "H", "l", "L", "T", "i", "I", "f", "d", "s", "x", "c", "c0"]))
        elif kind < 14:
            parts.append(c.choice("iI") + str(c.choice([0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 31, 32, 33, 2 ** 31])))
        elif kind < 16:
            parts.append("c" + str(c.choice([1, 2, 3, 5, 9, 2 ** 31 - 1, 2 ** 31])))
        elif kind < 19:
            parts.append(c.choice([">", "<", " ", "!", "!1", "!2", "!4", "!8", "!16", "!3", "!0"]))
        else:
            parts.append(c.choice(["z", "=", "5", "\n", "\0", "\xe9", "@", "%"]))
    return "".join(parts)


class Cases:
    def __init__(self, chance):
        self.chance = chance

    def decode(self):
        c = self.chance
        text = json_text(c, c.randint(0, 4)).encode("latin-1")
        if c.random() < 0.6:
            text = mutated(c, text, b'[]{},:"\\0123456789.eE+-nulltrfas \0\xff\x01xXiNf')
        return DECODE, [text, c.choice("01"), c.choice([1000, 1000, 1, 2, 3])]

    def encode(self):
        c = self.chance
        values = Values(c)
        # No array of two thousand million elements: redis-server would die of it.
        text = values.value(4).replace("[2147483647]", "[2147]")
        depth = c.choice([1000, 1000, 1, 2, 3])
        if depth < 4 and not values.plain:
            depth = 1000
        plain = "1" if values.plain else "0"
        return ENCODE, [text, c.choice([14, 14, c.randint(1, 14)]), c.choice(["on", "off", "null"]), c.choice("01"),
                        c.choice([0, 1, 2, 3, 2 ** 31 - 1]), c.choice([0, 2, 5, 10]), depth, plain]

    def numbers(self):
        c = self.chance
        numbers = []
        for _ in range(50):
            kind = c.randint(0, 4)
            if kind == 0:
                numbers.append(struct.pack("<Q", c.getrandbits(64)))
            elif kind == 1:
                numbers.append(struct.pack("<d", round(c.uniform(-1e6, 1e6), c.randint(0, 12))))
            elif kind == 2:
                numbers.append(struct.pack("<d", float("%.*g" % (c.randint(1, 17), c.random()))
                                           * 10.0 ** c.randint(-25, 25)))
            elif kind == 3:
                # Next to the middle between two numbers of the wanted digits.
                digits = c.randint(1, 14)
                middle = float("%d5e%d" % (c.randint(1, 10 ** digits), c.randint(-30, 30)))
                bits = struct.unpack("<Q", struct.pack("<d", middle))[0] + c.randint(-3, 3)
                numbers.append(struct.pack("<Q", max(bits, 0)))
            else:
                numbers.append(struct.pack("<d", float(c.randint(-10 ** 16, 10 ** 16))))
        return NUMBERS, [b"".join(numbers), c.choice([14, 14, 14, c.randint(1, 14)])]

    def pack(self):
        values = Values(self.chance)
        count = self.chance.choice([1, 1, 1, 2, 3])
        text = ",".join(values.value(self.chance.choice([1, 3, 4])) for _ in range(count))
        return PACK, [text, "1" if values.plain else "0"]

    def unpack(self):
        c = self.chance
        text = b"".join(packed(c, 3) for _ in range(c.randint(1, 3)))
        if c.random() < 0.6:
            text = mutated(c, text, range(256))
        return UNPACK, [text, c.choice(["all", "all", "one", "limit"]), c.choice([0, 0, 1, 2, 100, -1]),
                        c.choice([0, 1, 2, 5, -1])]

    def structpack(self):
        c = self.chance
        values = []
        for _ in range(c.randint(0, 8)):
            values.append(c.choice([Values(c).number, Values(c).string, lambda: str(c.randint(-200, 300)),
                                    lambda: "'abcdefghij'", lambda: "'12'", lambda: "nil", lambda: "1/0",
                                    lambda: "-1/0", lambda: "0/0"])())
        return STRUCT_PACK, [struct_format(c), ",".join(values)]

    def structunpack(self):
        c = self.chance
        data = bytes(c.choice([0, 0, 1, 2, 3, 49, 255, c.randrange(256)]) for _ in range(c.randint(0, 60)))
        return STRUCT_UNPACK, [struct_format(c), data, c.choice([1, 1, 1, 2, 3, 0, -1, 50])]

    def structsize(self):
        return STRUCT_SIZE, [struct_format(self.chance)]

    def bit(self):
        c = self.chance
        name = c.choice(["tobit", "bnot", "band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror", "bswap",
                         "tohex"])
        values = []
        for _ in range(c.choice([1, 2, 2, 2, 3, 0])):
            values.append(c.choice([Values(c).number, lambda: str(c.randint(0, 40)), lambda: str(c.getrandbits(32)),
                                    lambda: repr(c.uniform(-2 ** 33, 2 ** 33)), lambda: "'0x%x'" % c.getrandbits(30),
                                    lambda: "'x'" if c.random() < 0.1 else "3"])())
        return BIT, [name, ",".join(values)]


def shortened(part, limit=1000):
    text = repr(part)
    return text if len(text) <= limit else text[:limit] + "…"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--oracle-port", type=int, required=True)
    parser.add_argument("--count", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    servers = [Server(options.host, options.oracle_port), Server(options.host, options.port)]
    names = [name for name in vars(Cases) if not name.startswith("_")]
    if options.only:
        names = [name for name in names if name in options.only.split(",")]
    failures = 0
    digests = {}
    for name in names:
        cases = Cases(random.Random("%s %d" % (name, options.seed)))
        make = getattr(cases, name)
        found = 0
        done = 0
        while done < options.count and found < 10:
            batch = [make() for _ in range(min(100, options.count - done))]
            for script, words in batch:
                for server in servers:
                    if script not in digests.setdefault(server, {}):
                        digests[server][script] = server("SCRIPT", "LOAD", script)
                    server.send(["EVALSHA", digests[server][script], 0, *words])
            for script, words in batch:
                expected, answer = [server.read() for server in servers]
                if expected != answer and found < 10:
                    found += 1
                    print(name, *(shortened(part) for part in (words, expected, answer)), sep="\n  ")
            done += len(batch)
        failures += found
        print("%-14s %d cases, %s" % (name, done, "differences" if found else "no difference"), flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
