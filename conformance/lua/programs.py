#!/usr/bin/env python3
"""Random Lua programs, run by ours and by lua5.1, or by two servers, their output compared.

    programs.py LUA-SCRIPT [--programs N] [--seed S] [--keep FOLDER]
    programs.py --port 6379 --oracle-port 7000 [--programs N] [--seed S] [--keep FOLDER]

Many programs are joined into one file, each in a function of its own that is called protected: starting a process costs
more than running a program. Whatever a program does must be the same on both: values, errors with their places and
names, the order of calls and of `pairs`. It never prints addresses, nor the order of keys that are objects.
"""
import argparse
import os
import random
import re
import socket
import subprocess
import sys
import tempfile

BINARY = ["+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or"]
CONSTANTS = ["nil", "true", "false", "0", "1", "2", "3", "-1", "0.5", "1e15", "2^53", "1/0", "'a'", "'b'", "'10'", "''",
             "'hello'", "' 5 '", "'0x10'", "{}", "{1, 2, 3}", "{x = 1}", "{1, nil, 3}", "M", "S", "print", "#'abc'"]
UNARY = ["-", "not ", "#"]
CALLS = ["tostring({0})", "tonumber({0})", "type({0})", "select('#', {0}, {1})", "(select({0}, {1}, {2}))",
         "rawequal({0}, {1})", "rawget({0}, {1})", "math.floor({0})", "math.max({0}, {1})", "math.fmod({0}, {1})",
         "string.len({0})", "string.sub({0}, {1}, {2})", "string.rep({0}, 3)", "string.upper({0})", "string.byte({0}, {1})",
         "string.format('%s|%5s', {0}, {1})", "string.format('%d', {0})", "string.format('%g', {0})",
         "string.find({0}, {1})", "string.match({0}, '(%a*)(%d*)')", "string.gsub({0}, '%w', {1})",
         "table.concat({0}, {1})", "table.insert({0}, {1})", "table.remove({0})", "table.maxn({0})", "unpack({0})",
         "next({0})", "#{0}", "pcall({0}, {1}, {2})", "pcall(error, {0})", "setmetatable({0}, {1})", "getmetatable({0})",
         "assert({0}, {1})", "{0}.x", "{0}[{1}]", "{0}:m({1})", "{0}({1})", "{0}.x.y", "ipairs({0})", "rawset({0}, {1}, {2})",
         "tonumber({0}, {1})", "string.reverse({0})", "coroutine.wrap({0})({1})", "coroutine.status({0})",
         "math.modf({0})", "table.sort({0})", "string.char({0})", "xpcall({0}, {1})", "tostring({0}, {1})"]


class Program:
    def __init__(self, chance, longest=40):
        self.chance = chance
        self.longest = longest
        self.names = [[]]
        self.depth = 0
        self.budget = chance.randint(5, 40)
        self.functions = 0
        self.loops = [0]
        self.vararg = [True]

    def name(self):
        choices = [name for scope in self.names for name in scope]
        if choices and self.chance.random() < 0.85:
            return self.chance.choice(choices)
        return self.chance.choice(["g1", "g2", "g3", "unset"])

    def expression(self, depth=0):
        chance = self.chance
        kind = chance.random()
        if depth > 3 or kind < 0.25:
            return chance.choice(CONSTANTS)
        if kind < 0.5:
            return self.name()
        if kind < 0.7:
            operator = chance.choice(BINARY)
            text = f"{self.expression(depth + 1)} {operator} {self.expression(depth + 1)}"
            return text if chance.random() < 0.3 else f"({text})"
        if kind < 0.75:
            return f"{chance.choice(UNARY)}({self.expression(depth + 1)})"
        if kind < 0.92:
            return self.call(depth + 1)
        if kind < 0.95:
            return self.table(depth + 1)
        if kind < 0.98:
            return self.function(depth + 1)
        return "..." if self.vararg[-1] and chance.random() < 0.5 else f"({self.call(depth + 1)})"

    def pattern(self):
        """A pattern that may match, or not be one."""
        chance = self.chance
        item = lambda: chance.choice(["a", "b", "l", "o", "%a", "%d", "%w", "%s", ".", "[a-m]", "[^l]", "[%d%s]", "%W", "%", "[", "x"])
        text = chance.choice(["", "", "^"])
        for _ in range(chance.randint(1, 6)):
            kind = chance.random()
            if kind < 0.6:
                text += item() + chance.choice(["", "", "?", "*", "+", "-"])
            elif kind < 0.8:
                text += "(" + item() + chance.choice(["", "*", "-", "+", "?"]) + ")"
            else:
                text += chance.choice(["()", "(", ")", "%1", "%2", "%b()", "%bal", "%f[%w]", "%f[%W]", "%f[%z]", "(%1)", "(("])
        return "'" + text + chance.choice(["", "", "$"]) + "'"

    def matched(self):
        chance = self.chance
        source = chance.choice(["'hello world'", "'aaabbb'", "'k1=v1, k2=v2'", "'(a(b)c)(d)'", "'lololo'", "''", "('ab'):rep(20)",
                                self.name()])
        replacement = chance.choice(["'<%0>'", "'%1'", "'%2%1'", "'x'", "'%'", "{h = 'H', a = 1, l = false}", "string.upper",
                                     "function(...) return select('#', ...) end", "error", self.name()])
        return chance.choice([
            f"string.find({source}, {self.pattern()})", f"string.match({source}, {self.pattern()})",
            f"string.find({source}, {self.pattern()}, {chance.randint(-4, 12)})",
            f"string.gsub({source}, {self.pattern()}, {replacement})",
            f"string.gsub({source}, {self.pattern()}, {replacement}, {chance.randint(-1, 3)})",
            f"(function() local r = '' for a, b in string.gmatch({source}, {self.pattern()}) do "
            f"r = r .. tostring(a) .. '|' .. tostring(b) .. ';' end return r end)()"])

    def formatted(self):
        chance = self.chance
        directive = "%" + chance.choice(["", "", "-", "+", "0", " ", "#", "-0"]) + chance.choice(["", "5", "12", "123"])
        directive += chance.choice(["", "", ".2", ".0", ".", ".123"]) + chance.choice("cdiouxXeEfgGqsq%y")
        value = chance.choice(["2^31", "-2^31 - 1", "2^32 + 65", "2^53", "-0.5", "1e300", "1/0", "-1/0", "0/0", "65.9", "'7'", "'x'", "'a\\0b'",
                               "('z'):rep(120)", self.name()])
        return f"string.format('{directive}', {value})"

    def call(self, depth):
        if self.chance.random() < 0.2:
            return self.matched() if self.chance.random() < 0.7 else self.formatted()
        template = self.chance.choice(CALLS)
        arguments = [self.primary(depth) if template.startswith("{0}") else self.expression(depth)]
        arguments += [self.expression(depth), self.expression(depth)]
        return template.format(*arguments)

    def primary(self, depth):
        return self.name() if self.chance.random() < 0.7 else f"({self.expression(depth)})"

    def table(self, depth):
        items = []
        for _ in range(self.chance.randint(0, 4)):
            kind = self.chance.random()
            if kind < 0.5:
                items.append(self.expression(depth))
            elif kind < 0.8:
                items.append(f"{self.chance.choice(['x', 'y', 'm', '__index', '__call', '__add', '__lt', '__eq', '__concat', '__tostring', '__newindex', '__unm', '__le', '__mode', '__metatable'])} = {self.expression(depth)}")
            else:
                items.append(f"[{self.expression(depth)}] = {self.expression(depth)}")
        return "{" + self.chance.choice([", ", "; "]).join(items) + "}"

    def function(self, depth):
        parameters = self.chance.choice([[], ["p"], ["p", "q"], ["p", "..."], ["..."]])
        self.names.append([name for name in parameters if name != "..."])
        self.vararg.append("..." in parameters)
        self.loops.append(0)
        body = self.block(depth + 1, self.chance.randint(0, 3))
        self.loops.pop()
        self.vararg.pop()
        self.names.pop()
        result = "" if self.chance.random() < 0.2 else "return " + self.expressions(depth + 1)
        if self.vararg and "..." not in parameters:
            result = result.replace("...", "nil")
        return f"function({', '.join(parameters)}) {body} {result} end"

    def expressions(self, depth):
        return ", ".join(self.expression(depth) for _ in range(self.chance.choice([1, 1, 1, 2, 3])))

    def block(self, depth, count):
        self.names.append([])
        text = " ".join(self.statement(depth) for _ in range(count))
        self.names.pop()
        return text

    def target(self):
        kind = self.chance.random()
        if kind < 0.6:
            return self.name()
        return f"{self.name()}.{self.chance.choice(['x', 'y', 'z'])}" if kind < 0.8 else f"{self.name()}[{self.expression(2)}]"

    def statement(self, depth=0):
        chance = self.chance
        self.budget -= 1
        kind = chance.random()
        if depth > 4 or self.budget < 0 or kind < 0.25:
            return f"show({self.expressions(depth)})\n"
        if kind < 0.45:
            names = [chance.choice("abcdefgh") for _ in range(chance.choice([1, 1, 2, 3]))]
            text = f"local {', '.join(names)} = {self.expressions(depth)}\n"
            self.names[-1] += names
            return text
        if kind < 0.6:
            targets = [self.target() for _ in range(chance.choice([1, 1, 1, 2, 3]))]
            return f"{', '.join(targets)} = {self.expressions(depth)};\n"
        if kind < 0.7:
            other = f" else {self.block(depth + 1, 2)}" if chance.random() < 0.5 else ""
            more = f" elseif {self.expression(1)} then {self.block(depth + 1, 1)}" if chance.random() < 0.3 else ""
            return f"if {self.expression(1)} then {self.block(depth + 1, 2)}{more}{other} end\n"
        if kind < 0.76:
            return self.loop(depth)
        if kind < 0.84:
            name = f"f{self.functions}"
            self.functions += 1
            self.names[-1].append(name)
            return f"local {name} = {self.function(depth)}\n"
        if kind < 0.9:
            return f"show(pcall(function() {self.inner(depth)} end))\n"
        if kind < 0.93:
            return self.keys()
        if kind < 0.96:
            return (f"do local co = coroutine.wrap(function(...) {self.inner(depth)} show(coroutine.yield({self.expression(2)})) "
                    f"{self.inner(depth)} end) show(pcall(co, 1)) show(pcall(co, 2)) show(pcall(co)) end\n")
        return f"do {self.block(depth + 1, 2)} end\n"

    def keys(self):
        """What a table does with many keys: its order, its border, what is left when some are gone."""
        chance = self.chance
        key = lambda: chance.choice([
            "i", "i * 2", "-i", "i / 4", "'k' .. i", "i .. ''", f"('x'):rep(i % {self.longest})", "i % 2 == 0", "i * 1e9", "30 - i",
            "({'name', 'id', 'age', 'ok', 'err', 'value', 'score'})[i % 7 + 1]", "2 ^ i", "'user:' .. i .. ':name'"])
        items = [chance.choice(["1", "nil", "'v'", "x = 1", "['a b'] = 2", "[3] = 3", "[true] = 4", "name = 5", "n = nil", "0"])
                 for _ in range(chance.choice([0, 0, 3, 9, 20, 60]))]
        lines = [f"local t = {{{', '.join(items)}}}"]
        for _ in range(chance.randint(1, 4)):
            first, last = chance.randint(-3, 3), chance.randint(0, 40)
            lines.append(chance.choice([
                f"for i = {first}, {last} do t[{key()}] = i end", f"for i = {last}, {first}, -1 do t[{key()}] = i end",
                f"for i = {first}, {last} do t[{key()}] = nil end", f"for i = 1, {last} do table.insert(t, i) end",
                f"for i = 1, {last // 3} do table.remove(t, {chance.choice(['', '1', 'i'])}) end".replace(", )", ")"),
                "for k, v in pairs(t) do if v == 1 or v == 'v' then t[k] = nil end end",
                "for k in pairs(t) do t[k] = 1 end", "t = {unpack(t, 1, 9)}", "t[#t + 1] = 'last'"]))
            lines.append("show(t, #t, next(t), table.maxn(t))")
        return f"show(pcall(function() {' '.join(lines)} end))\n"

    def inner(self, depth):
        self.loops.append(0)
        self.vararg.append(False)
        text = self.block(depth + 1, 2).replace("...", "nil")
        self.vararg.pop()
        self.loops.pop()
        return text

    def loop(self, depth):
        chance = self.chance
        name = chance.choice("ijk")
        kind = chance.random()
        self.names.append([name])
        body = self.block(depth + 1, 2)
        leave = f" if {self.expression(2)} then break end" if chance.random() < 0.4 else ""
        self.names.pop()
        if kind < 0.4:
            return f"for {name} = {chance.randint(-2, 3)}, {chance.randint(-2, 6)}{chance.choice(['', ', 2', ', -1', ', 0.5'])} do {body}{leave} end\n"
        if kind < 0.5:
            return f"for {name}, v in pairs({self.expression(2)}) do {body}{leave} end\n"
        if kind < 0.6:
            return f"for {name}, v in ipairs({self.expression(2)}) do {body}{leave} end\n"
        if kind < 0.8:
            return f"do local {name} = 0 while {name} < 3 do {name} = {name} + 1; local n0 = {name}; {body}{leave} {name} = n0 end end\n"
        return f"do local {name} = 0 repeat {name} = {name} + 1; local n0 = {name}; {body}{leave} {name} = n0 until {name} > 2 end\n"

    def text(self):
        return "".join(self.statement() for _ in range(self.chance.randint(2, 8)))


# Longer keys have an order of Redis' own.
LONGEST = 32

SHOW = """
local function one(v, depth)
  local t = real.type(v)
  if t == "table" then
    if depth > 2 then return "table" end
    -- Objects as keys are in the order of their addresses.
    local n, plain = 0, true
    for k in real.next, v do
      local t = real.type(k) n = n + 1
      if t ~= "string" and t ~= "number" and t ~= "boolean" then plain = false end
    end
    if not plain then return "{" .. n .. " entries}" end
    local r = "{" n = 0
    for k, w in real.next, v do
      n = n + 1 if n > 60 then break end
      r = r .. real.tostring(k) .. "=" .. one(w, depth + 1) .. " "
    end
    return r .. "}"
  elseif t == "number" or t == "string" or t == "boolean" or t == "nil" then return (real["string.*"].gsub(real.tostring(v), "0x%x+", "0x"))
  else return t end
end
-- A handler that fails is called anew until there is no room for it: how often is nobody's business.
local function shows(...)
  shown = shown + 1 if shown > 100 then real.error("enough", 0) end
  for i = 1, real.select("#", ...) do output(one((real.select(i, ...)), 0), " ") end output("\\n")
end
"""

OBJECTS = """
  setmetatable({}, {__add = function(a, b) return "add" end, __sub = function(a, b) return 7 end, __concat = function(a, b) return "cat" end, __index = function(t, k) return k end, __call = function(self, ...) return ... end,
    __eq = function() return true end, __lt = function() return true end, __le = function() return false end, __unm = function() return -5 end, __tostring = function() return "M!" end}),
  setmetatable({1, 2, x = 5}, {__newindex = function(t, k, v) real.rawset(t, k, v) end, __index = {m = function(self, v) return v end, y = "inherited"}})
"""

PRELUDE = """
local output, real, shown = io.write, {}, 0
for name, library in pairs(_G) do real[name] = library if type(library) == "table" and name ~= "_G" then
  local copy = {} for k, v in pairs(library) do copy[k] = v end real[name .. ".*"] = copy end end
""" + SHOW + """local globals = {"tostring", "tonumber", "type", "select", "rawequal", "rawget", "rawset", "math", "string", "table", "unpack", "next", "pcall", "error", "setmetatable", "getmetatable", "assert", "coroutine", "ipairs", "pairs", "xpcall", "loadstring"}
local steps = 0
local function fresh()
  local env = {} for _, n in real.ipairs(globals) do env[n] = real[n] end
  env.show = shows env.print = function() end
  env.M, env.S = """ + OBJECTS + """
  return env
end
local function run(number, source)
  shown = 0
  output("-- ", number, "\\n")
  local f, e = real.loadstring(source, "=p")
  if not f then output("does not compile: ", e, "\\n") return end
  setfenv(f, fresh())
  local ok, e = real.pcall(f, 1, "two", nil)
  output(real.tostring(ok), " ", one(e, 0), "\\n")
  local m = real.getmetatable("") m.__index = string
end
"""


# What scripts may not have, or not write, is replaced: it would end most programs at once.
SERVER_PRELUDE = """
local out, shown = {}, 0
local real = {type = type, next = next, tostring = tostring, select = select, error = error, rawset = rawset, ["string.*"] = {gsub = string.gsub}}
local function output(...) for i = 1, select("#", ...) do out[#out + 1] = (select(i, ...)) end end
""" + SHOW + """
local show, print, g1, g2, g3, unset = shows, function() end
local M, S = """ + OBJECTS + """
local function program(...)
"""

SERVER_END = """
end
local ok, e = pcall(program, 1, "two", nil)
output(tostring(ok), " ", one(e, 0))
return table.concat(out)
"""


def bracketed(text):
    level = 1
    while "]" + "=" * level + "]" in text:
        level += 1
    return "[" + "=" * level + "[\n" + text + "]" + "=" * level + "]"


def output(command, path):
    try:
        done = subprocess.run([command, path], capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return b"-- timeout", None
    return done.stdout, done.returncode if done.returncode < 0 else done.stderr[:300]


def pieces(text):
    return re.split(rb"^-- (\d+)\n", text, flags=re.M)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", nargs="?", help="the executable of ours")
    parser.add_argument("--port", type=int, default=None, help="a server of ours, in place of it")
    parser.add_argument("--oracle-port", type=int, default=None)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", default=None, help="where programs that differ are kept")
    parser.add_argument("--details", type=int, default=10)
    options = parser.parse_args()
    if options.port:
        compare_servers(options)
    different = 0
    done = 0
    batch = 200
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "programs.lua")
        while done < options.programs:
            sources = []
            for number in range(done, min(done + batch, options.programs)):
                sources.append((number, Program(random.Random(options.seed * 1_000_003 + number), LONGEST).text()))
            with open(path, "w") as file:
                file.write(PRELUDE)
                for number, source in sources:
                    file.write(f"run({number}, {bracketed(source)})\n")
            (mine, status), (theirs, _) = output(options.ours, path), output("lua5.1", path)
            done += len(sources)
            if mine == theirs:
                continue
            ours_by, theirs_by = pieces(mine), pieces(theirs)
            answers = dict(zip(theirs_by[1::2], theirs_by[2::2]))
            own = dict(zip(ours_by[1::2], ours_by[2::2]))
            for number, source in sources:
                key = str(number).encode()
                if own.get(key) == answers.get(key):
                    continue
                different += 1
                if options.keep:
                    os.makedirs(options.keep, exist_ok=True)
                    with open(os.path.join(options.keep, f"{number}.lua"), "w") as file:
                        file.write(f"{PRELUDE}run({number}, {bracketed(source)})\n")
                if different <= options.details:
                    show(number, source, own.get(key), answers.get(key), status)
                if own.get(key) is None or answers.get(key) is None:
                    break
    print(f"{done} programs, seed {options.seed}: {different} different")
    sys.exit(1 if different else 0)


class Server:
    """Runs programs by EVAL."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(60)
        self.file = self.socket.makefile("rb")

    def answer(self, source):
        words = [b"EVAL", source.encode(), b"0"]
        self.socket.sendall(b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        line = self.file.readline()
        if not line:
            sys.exit("a server is gone")
        return self.file.read(int(line[1:]) + 2) if line[:1] == b"$" else line


def compare_servers(options):
    ours, oracle = Server(options.port), Server(options.oracle_port)
    different = 0
    for number in range(options.programs):
        source = Program(random.Random(options.seed * 1_000_003 + number)).text()
        script = SERVER_PRELUDE + source + SERVER_END
        mine, theirs = ours.answer(script), oracle.answer(script)
        if mine == theirs:
            continue
        different += 1
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            with open(os.path.join(options.keep, f"{number}.lua"), "w") as file:
                file.write(script)
        if different <= options.details:
            show(number, source, mine, theirs, "of no interest")
    print(f"{options.programs} programs by EVAL, seed {options.seed}: {different} different")
    sys.exit(1 if different else 0)


def show(number, source, mine, theirs, status):
    print(f"== program {number} (status {status})\n{source}")
    mine, theirs = (mine or b"(nothing)").split(b"\n"), (theirs or b"(nothing)").split(b"\n")
    for own, other in zip(mine + [b""], theirs + [b""]):
        if own != other:
            print("ours:   ", own[:300])
            print("theirs: ", other[:300])
            break


main()
