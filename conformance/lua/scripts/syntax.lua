-- What does not compile, and how it is said.
local function code(s, name) local f, e = loadstring(s, name) print(f and "ok" or e) end
for s in ([=[
x =
= 1
local
local 1
local x =
return return
return 1 2
for
for i
for i =
for i = 1
for i = 1 do
for i = 1, 2
for i, j = 1, 2 do end
for i in
for 1 in x do end
if
if x
if x then
if x then else
if x then elseif
if x then else else end
while
while x
while x do
repeat
repeat until
do
end
else
until x
function
function f
function f(
function f(a,
function f(a b) end
function f(..., a) end
function f(1) end
function f.g:h.i() end
function f:g:h() end
local function f.g() end
break
x
x.
x.1
x:
x:y
x:y =
x[
x[1
x[]
x()
x( = 1
x(1
x(1,
x{
x = {
x = {1
x = {1,
x = {[1
x = {[1]
x = {[1] 2}
x = {a=}
x = {a=1 b=2}
x = {,}
x = {1,,2}
x = {;}
f() = 1
f(), x = 1
x, f() = 1
(x) = 1
x, = 1
1 = x
"s" = x
x = ...
x = 'abc
x = "abc
x = "abc\
x = 'a\300b'
x = 'a\999b'
x = '\z'
x = [[abc
x = [==[abc]
x = [=abc
--[[ abc
--[==[ abc ]]
x = 0x
x = 0xg
x = 3x
x = 3.4.5
x = 3e
x = 3e+
x = .5.
x = 1..2
x = 08
x = 0x1p4
x = 1e5000
x = &
x = @
x = $1
x = a ! b
x = a ~ b
x = a ~= b
x = a != b
x = not
x = -
x = #
x = (
x = ()
x = (1
x = 1 +
x = 1 + + 2
x = 1 - - 2
x = 1 and
x = and 1
x = a..
x = function
x = function(
x = function()
x = function() end end
x = function() return end
x y
x.y z
goto a
::a::
return;
return;;
;
x = 1;
x = 1;;
nil = 1
true = 1
a.b.c
a.and = 1
a = {and = 1}
local and = 1
a = b c = d
a = b; c = d
a = b
f"x" f{} f()
f'x'.y:z{}.w[1]()
a = f
local t <close> = 1
x = "unfinished
x = a.b:c
x = ~1
x = a // b
x = a >> b
x = a & b
x = {...}
local function f() return ... end
local x = x local y = y
return function(...) return ... end
return (...)
return ...
x = 5 .. 6
x = 5..6
x = a.5
if x then return end return
if x then break end
while x do break end
while x do break x() end
while x do return x() end
return x, 
do return end x()
for a.b = 1, 2 do end
for a, b, c in pairs(t), x, y, z do end
local a, b, c = f()
local a. = 1
local a:b = 1
function a() end function b() end
]=]):gmatch("([^\n]*)\n") do code(s, "=l") end
code("x = \n\n\ny", "@file.lua") code("x = (\n\n\n1", "@file.lua") code("if x then\n\n\n", "=name")
code("for i = 1, 2 do\n\nif x then\n", "=name") code("f(\n1,\n2", "=n") code("x = {\n1,\n2", "=n")
code("function f()\n\n", "=n") code("repeat\n\nx()", "=n") code("while x do\n\ny()", "=n")
code("f\n(1)", "=n") code("x = f\n(g)()", "=n") code("x = 'a\nb'", "=n") code("x = 'a\\\nb'", "=n")
code("x = 1 1", "a chunk name") code("x = 1 1", "a chunk\nname") code("x = 1 1", "=" .. ("long"):rep(10))
code("x = 1 1", "@" .. ("long"):rep(10)) code("x = 1 1", ("long"):rep(10)) code("x = 1 1") code("\n\nx = 1 1")
code("x = 1 1", "") code("x = \0", "=n") code("x = 'a\0b' 1", "=n") code("\1 = 1", "=n") code("x = \127", "=n")
code("x = \200", "=n") code("#!shebang\nx = 1 1", "=n") code("# x", "=n") code("x = 1 # 2", "=n")
code("\r\nx = 1 1", "=n") code("\n\rx = 1 1", "=n") code("\r\rx = 1 1", "=n") code("--x\nx 1", "=n") code("--[[x\n]]x 1", "=n")
code("--[==[x\n]]\n]==]x 1", "=n") code("--[x\nx 1", "=n") code("--[=x\nx 1", "=n")
code(("("):rep(190) .. "1" .. (")"):rep(190) .. " = 1", "=n") code("x = " .. ("("):rep(250) .. "1" .. (")"):rep(250), "=n")
code("x = " .. ("{"):rep(250) .. ("}"):rep(250), "=n") code(("do "):rep(250) .. ("end "):rep(250), "=n")
code("x = " .. ("-"):rep(5) .. "1\n1", "=n") code("x = " .. ("not "):rep(300) .. "1", "=n")
code("x = " .. ("a.."):rep(190) .. "a", "=n") code("x = " .. ("a.."):rep(250) .. "a", "=n")
code("x = " .. ("a+"):rep(1000) .. "a", "=n") code("x = " .. ("function() return "):rep(250) .. ("end "):rep(250), "=n")
code("x = " .. ("f("):rep(250) .. (")"):rep(250), "=n")
local names = {} for i = 1, 201 do names[i] = "v" .. i end
code("local " .. table.concat(names, ","), "=n") code("local " .. table.concat(names, ",", 1, 200), "=n")
code("function f() local " .. table.concat(names, ",") .. " end", "=n")
code("function f(" .. table.concat(names, ",") .. ") end", "=n") code("function f(" .. table.concat(names, ",", 1, 200) .. ") end", "=n")
code("local " .. table.concat(names, ",", 1, 100) .. "\n" .. "function f()\n return " .. table.concat(names, ",", 1, 61) .. " end", "=n")
code("local " .. table.concat(names, ",", 1, 100) .. "\n" .. "function f()\n return " .. table.concat(names, ",", 1, 60) .. " end", "=n")
code(table.concat(names, ",", 1, 100) .. " = 1", "=n") code(table.concat(names, ",", 1, 200) .. " = 1", "=n") code(table.concat(names, ",", 1, 201) .. " = 1", "=n")
code("x = f(" .. table.concat(names, ",") .. ")", "=n") code("x = f(" .. table.concat(names, ",") .. table.concat(names, ",") .. ")", "=n")
code("local " .. table.concat(names, ",", 1, 199) .. "\nfor i = 1, 2 do end", "=n")
code("local " .. table.concat(names, ",", 1, 199) .. "\nfor i in x do end", "=n")
local many = {} for i = 1, 3000 do many[i] = "x" .. i .. " = " .. i .. ".5" end code(table.concat(many, "\n"), "=n")
print(load(function() return nil end)) local once = true print(load(function() if once then once = false return 1 end end, "=n"))
local parts = {"return ", "1 +", " 2"} local i = 0
print(load(function() i = i + 1 return parts[i] end)())
print(pcall(load, function() error("in reader") end)) print(pcall(load, function() return {} end)) print(pcall(load, 1)) print(pcall(loadstring))
