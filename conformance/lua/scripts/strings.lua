-- The string library.
local function p(...) print(...) end
for _, s in ipairs {"", "a", "hello world", "a\0b", ("x"):rep(50)} do
  p(#s, s:len(), s:upper(), s:lower(), s:reverse():byte(1, -1))
  for i = -6, 6 do io.write(s:sub(i), "|", s:sub(i, 3), "|", s:sub(2, i), "|", s:sub(-3, i), ";") end p()
  for i = -3, 3 do io.write(tostring((s:byte(i))), ",", select("#", s:byte(i, 3)), ";") end p()
end
p(("x"):sub(1.9), ("hello"):sub("2", "3"), ("hello"):sub(2, 1e9), ("hello"):sub(-1e9, 2))
p(("ab"):rep(0), ("ab"):rep(-1), ("ab"):rep(3), (""):rep(5), ("ab"):rep("2"), ("ab"):rep(2.7))
p(string.char(), string.char(72, 101, 108), string.char("65"))
p(#string.format("%c%c", 0, 65), string.format("%c", 65))
for _, f in ipairs {"%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%x", "%X", "%#x", "%o", "%u", "%e", "%E", "%f", "%.0f", "%.3f",
  "%10.2f|", "%-10.2f|", "%g", "%G", "%.3g", "%#g", "%i", "%c", "%s", "%5s", "%-5s|", "%.2s", "%q", "%%", "%5.1f%%", "%+.2e", "%.14g", "%.17g", "%.20f", "%099d", "%.99f"} do
  for _, v in ipairs {0, 1, -1, 3.7, -3.7, 65, 1e10, 255, "12", 1e15} do
    local ok, r = pcall(string.format, f, v) io.write(f, "=", tostring(r), " ")
  end p()
end
p(string.format("%s %s %s", 1, "x", 2.5), pcall(string.format, "%s", nil), pcall(string.format, "%s", {}))
p(string.format("%5s|%-5s|%.1s|%5.1s|", "ab", "ab", "ab", "ab"), string.format("%s", ("x"):rep(200)):len())
p(string.format("%q", 'a"b\\c\nd\re\0f\200'), string.format("%s|%s", "a\0b", ("y"):rep(120) .. "\0z"):len())
p(string.format("%d", 2^31), string.format("%d", -2^31), string.format("%d", 2^53), string.format("%x", 2^40), string.format("%u", 2^32))
p(string.format("%5.2s|%.0s|", "abc", "abc"), string.format("%.3d", 5), string.format("%+5d|%-+5d|", 5, 5))
p(string.format("%g %g %g", 1/0, -1/0, 1e300), string.format("%f", 1/0), string.format("%s", 0/0), string.format("%s", -(0/0)))
-- find and match
local cases = { {"hello world", "o w"}, {"hello", "l+"}, {"hello", "xyz"}, {"hello", ""}, {"", ""}, {"", "a"}, {"a.b", ".", 1, true}, {"a.b", "%."},
  {"hello", "l", 4}, {"hello", "l", 5}, {"hello", "", 6}, {"hello", "", 10}, {"hello", "", -10}, {"hello", "h", -10}, {"hello", "o", -1},
  {"key = value", "(%w+)%s*=%s*(%w+)"}, {"key = value", "^(%w+)"}, {"  trim  ", "^%s*(.-)%s*$"}, {"x^y", "^", 1, true}, {"abc", "b()"}, {"abc", "()b()"},
  {"[[x]]", "%[%[(.-)%]%]"}, {"f(a(b)c)d", "%b()"}, {"THE (quick) fox", "%((%a+)%)"}, {"abcabc", "(a)(b)(c)%1%2%3"}, {"aa", "(a)%1"}, {"ab", "(a)%1"},
  {"2024-01-02", "(%d+)-(%d+)-(%d+)"}, {"a]b", "[]]"}, {"a]b", "[^]]+"}, {"a-b", "[a%-]+"}, {"a-b", "[a-]+"}, {"a-z", "[a-z]+"}, {"x-1", "[%w-]+"}, {"a^b", "[b^]+"},
  {"THE END", "%f[%a]%a+%f[%A]"}, {"foo.bar", "%f[%w]%w+$"}, {"\0a\0", "%z"}, {"a\0b", "a%zb"}, {"tab\there", "%c"}, {"punct!", "%p"}, {"0xFF", "0[xX](%x+)"}, {"x\200y", "[\128-\255]"},
  {"aaa", "a-"}, {"aaa", "a-$"}, {"aaab", "a-b"}, {"aaa", "a?a?a?a?"}, {"aaa", "^a*$"}, {"aab", "a*b"}, {"abc", "[a-c]*"}, {"abc", "."}, {"abc", ".."}, {"abc", "...."},
  {"a$b", "a$b"}, {"a$", "a$"}, {"a$", "a%$"}, {"a^", "a^"}, {"abc", "^b"}, {"abc", "b$"}, {"abc", "c$"}, {"ab12", "%a+%d+"}, {"ab12", "%A"}, {"Ab12", "%u%l"}, {"x = 1 -- c", "%-%-"},
  {"abc", "((a)(b))"}, {"abc", "(a(b)c)"}, {"abc", "()()()"}, {"a,b,,c", "([^,]*),([^,]*)"}, {"hello", "(h)(e)(l)(l)(o)"}, {"[test]", "%[(.*)%]"}, {"a%b", "%%"}, {"ab", "%w%W"} }
for i, c in ipairs(cases) do
  p(i, pcall(string.find, unpack(c))) p(i, pcall(string.match, c[1], c[2], c[3]))
end
-- gsub
p(("hello"):gsub("", "-")) p(("hello"):gsub("l", "L", 1)) p(("hello"):gsub("l", "L", 0)) p(("hello"):gsub("l", "%%")) p(("hello"):gsub("(l)", "<%1>"))
p(("hello"):gsub("l", "<%0>")) p(("abc"):gsub("%w", "%0%0")) p(("abc"):gsub("(%w)(%w)", "%2%1")) p(("hello world"):gsub("%w+", string.upper))
p(("hello"):gsub("l", {l = "L"})) p(("hello"):gsub("(h)(e)", {h = "H", e = "E"})) p(("hello"):gsub(".", {h = 1, e = false, l = nil})) p(("abc"):gsub("b", function() end))
p(("abc"):gsub("b", function() return false end)) p(("abc"):gsub("b", function() return 5 end)) p(("abc"):gsub("^a", "x")) p(("aaa"):gsub("^a", "x")) p(("abc"):gsub("$", "x"))
p(("abc"):gsub("x*", "-")) p(("a b c"):gsub(" ", "")) p(("abc"):gsub("b", "%")) p(("abc"):gsub("()", "%1")) p(("x y"):gsub("(%w) (%w)", "%2 %1 %0"))
p(("abc"):gsub("b", 5)) p(("abc"):gsub("a", "b", -1)) p((""):gsub("", "x")) p((""):gsub("^", "x")) p(("abc"):gsub("%f[%w]", "|")) p(pcall(string.gsub, "abc", "b", "%9"))
p(pcall(string.gsub, "abc", "(b)", "%2")) p(("abc"):gsub(".", function(...) return select("#", ...) end)) p(("ab"):gsub("(a)(b)", function(a, b) return b .. a end))
for w in ("one two  three"):gmatch("%a+") do io.write(w, ",") end p() for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, ";") end p()
for w in ("abc"):gmatch("") do io.write("[", w, "]") end p() for a in ("abc"):gmatch("()") do io.write(a, ",") end p() for a in ("aXbX"):gmatch("^a") do io.write(a) end p()
for a in string.gfind("x1y2", "%d") do io.write(a) end p()
p(("x"):rep(100) < ("x"):rep(101), "a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "a" < "a\0", "Z" < "a", "\200" < "a", "10" < "9")
p(10 .. 20, 1.5 .. "", -0 .. "", 1e20 .. "", 2^63 .. "", (1/0) .. "", ("a"):rep(3) .. 1)
p("10" + 5, "0x10" + 0, " 10 " + 1, "1e2" * 1, pcall(function() return "10x" + 1 end), pcall(function() return "" + 1 end), "5" * "2", -"3", "7" % 4, "2" ^ 3)
p(tostring(12345678901234567890), tostring(0.1), tostring(1/3), tostring(100), tostring(1e14), tostring(123456.789e3), tostring(-1e-7), 5e-324, 2^1023 * 2)
p("\65\066\0067", "\a\b\f\n\r\t\v\\\"\'" == "\7\8\12\10\13\9\11\92\34\39", 'a\
b', [[
first newline skipped]], [==[a]]b]=]c]==], #[[

x]])
p(tonumber("10"), tonumber("  10  "), tonumber("10a"), tonumber("0x1F"), tonumber("1e1"), tonumber(""), tonumber(" "), tonumber("1 2"), tonumber("0x"), tonumber("1e"), tonumber("."), tonumber("5."), tonumber(".5"), tonumber("-5"), tonumber("- 5"), tonumber("+5"), tonumber("inf"), tonumber("nan"), tonumber("0x1p4"), tonumber("1_000"))
p(tonumber("ff", 16), tonumber("FF", 16), tonumber("0xff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("777", 8), tonumber("-ff", 16), tonumber("1010", 2), tonumber("12", 2), tonumber(" 11 ", 2), tonumber("", 16), tonumber("1.5", 16), tonumber("7fffffffffffffff", 16), tonumber("ffffffffffffffff", 16), tonumber("1ffffffffffffffff", 16), tonumber("9", 10), tonumber(5), tonumber(nil), tonumber({}), tonumber(true), tonumber("1e1", 10), tonumber(10, 16), tonumber("\0"), tonumber("1\0"))
