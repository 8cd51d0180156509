-- Constants in conditions, where other jumps end at the same place.
local function f(x) if x then x = 1 else local d = (nil or false) and 1 return d end end
print(f(nil), f(false), f(1))
local function g(x) if x then x = 1 else local d = (false or true) or 1 return d end end
print(g(nil), g(false), g(1))
local function h(x) while x do x = nil end local d = false and x return d end
print(h(nil), h(false), h(1))
local function i(x, y) if x and y then return 1 end local d = not (true or x) and y or false return d, true or y, false and y end
print(i(nil), i(1, nil), i(1, 2), i(false))
local function j(x) repeat local y = x until y or true local d = false and x return d, (nil and x) or false end
print(j(nil), j(1))
