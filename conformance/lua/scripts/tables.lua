-- Tables, their borders, and the table library.
local function show(t) local r = {} for i = 1, 12 do r[i] = tostring(t[i]) end print(#t, table.concat(r, " ")) end
show {1, 2, 3} show {1, nil, 3} show {nil, nil, 3} show {1, 2, nil} show {n = 1, 1, 2} show {[1] = 1, [2] = 2, [4] = 4} show {[3] = 3, 1, 2}
show {1, 2, 3, nil, 5, nil} show {nil} show {nil, 2} show {(function() return 1, 2, 3 end)()} show {(function() return 1, 2, 3 end)(), 4} show {((function() return 1, 2, 3 end)())}
local t = {} for i = 1, 10 do t[i] = i end show(t) t[10] = nil show(t) t[5] = nil show(t) t[9] = nil show(t) t[8] = nil show(t)
t = {} t[1] = 1 t[2] = 2 t[4] = 4 show(t) t[3] = 3 show(t) t[8] = 8 show(t) for i = 5, 7 do t[i] = i end show(t)
t = {} for i = 10, 1, -1 do t[i] = i end show(t) t = {10, 20, 30, nil, 50} show(t) t[4] = 40 show(t) t[6] = 60 show(t)
t = {} t[1.0] = "a" t["1"] = "b" t[-1] = "c" t[0] = "d" t[1.5] = "e" t[2^53] = "f" print(t[1], t["1"], t[-1], t[0], t[1.5], t[2^53], t[-0], #t)
t = {} t[true] = 1 t[false] = 2 t[print] = 3 t[t] = 4 print(t[true], t[false], t[print], t[t], t[nil], t[0/0])
print(table.getn {1, 2}, table.maxn {1, 2, [10] = 1, [5.5] = 2}, table.maxn {}, table.maxn {[-1] = 1})
t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, 1.5) show(t) table.insert(t, 10, "far") show(t) print(table.insert(t, "x"))
print(table.remove(t), table.remove(t, 1), table.remove(t, 2)) show(t) print(table.remove {}, table.remove({}, 1), table.remove({1}, 5), select("#", table.remove {}))
t = {1, 2, 3} print(table.remove(t, 0), table.remove(t, 4), table.remove(t, -1)) show(t)
print(table.concat {}, table.concat {1}, table.concat({1, 2, 3}, ", "), table.concat({1, 2, 3}, ", ", 2), table.concat({1, 2, 3}, ", ", 2, 2), table.concat({1, 2, 3}, ", ", 3, 2), table.concat({1, "a", 2.5}, 0))
local function sorted(...) local t = {...} table.sort(t) return table.concat(t, " ") end
print(sorted(3, 1, 2), sorted(), sorted(1), sorted("b", "a", "C"), sorted(5, 5, 5, 1, 1), sorted(1, 2, 3, 4, 5, 6, 7, 8, 9), sorted(9, 8, 7, 6, 5, 4, 3, 2, 1))
t = {} for i = 1, 200 do t[i] = (i * 7919) % 211 end table.sort(t) for i = 2, 200 do assert(t[i - 1] <= t[i]) end
table.sort(t, function(a, b) return a > b end) for i = 2, 200 do assert(t[i - 1] >= t[i]) end
local calls = {} t = {5, 2, 8, 1, 9, 3} table.sort(t, function(a, b) calls[#calls + 1] = a .. "<" .. b return a < b end) print(table.concat(calls, " "))
print(pcall(table.sort, {1, 2, nil, 4})) print(pcall(table.sort, {3, 1, "x"})) print(pcall(table.sort, {1, 2, 3}, function(a, b) error("cmp") end))
for n = 1, 20 do local t = {} for i = 1, n do t[i] = i end io.write(tostring((pcall(table.sort, t, function(a, b) return true end))), " ", tostring((select(2, pcall(table.sort, t, function(a, b) return false end)))), " ") end print()
table.foreach({a = 1}, print) table.foreachi({1, 2, 3}, print) print(table.foreach({1, 2, 3}, function(k, v) if k == 2 then return v * 10 end end)) print(table.foreachi({4, 5, 6}, function(i, v) if i == 2 then return v end end))
print(next {}, next {5}, next({5}, 1), next({a = 1}), type(next), rawget({5}, 1), rawset({}, 1, 2)[1], rawequal(t, t), rawequal("a", "a"), rawequal({}, {}))
local n, s = 0, 0 t = {} for i = 1, 1000 do t["k" .. i] = i end for k, v in pairs(t) do n = n + 1 s = s + v t[k] = nil end print(n, s, next(t))
t = {} for i = 1, 100 do t[i] = i t["x" .. i] = i end n = 0 for k in pairs(t) do n = n + 1 t[k] = nil end print(n, next(t))
t = {1, 2, 3, a = 1} n = 0 for k, v in pairs(t) do t[k] = v + 1 n = n + 1 end print(n, t[1], t[2], t[3], t.a)
print(pcall(next, {}, 1), pcall(next, {1}, 2), pcall(next, {1}, "x")) for i, v in ipairs {1, 2, nil, 4} do io.write(i, " ") end print()
print(unpack({1, 2, 3}, 2), unpack({1, 2, 3}, 2, 3), unpack({1, 2}, 1, 4), (unpack {1, 2}), select("#", unpack({}, 1, 3)), unpack({}, 5, 4), select("#", unpack({}, 0, 0)), unpack({[-1] = "m", [0] = "z"}, -1, 0))
t = setmetatable({}, {__index = function(_, k) return k * 2 end}) print(t[21], rawget(t, 21), #t, unpack(t, 1, 2)) print(table.concat(setmetatable({}, {__index = function() return "x" end}), ","))
for round = 1, 50 do local t, c = {}, 0 local x = round * 37 for i = 1, 60 do x = (x * 1103 + 12345) % 65536 local k = x % 40 if x % 3 == 0 then t[k] = nil else t[k] = i end end io.write(#t, ",") end print()
for round = 1, 50 do local t = {} local x = round * 91 for i = 1, 40 do x = (x * 1103 + 12345) % 65536 if x % 4 == 0 then table.remove(t) elseif x % 4 == 1 then t[#t + 1] = i else table.insert(t, 1, i) end end io.write(#t, ",") end print()
for k = 1, 40 do local t = {} for i = 1, k do t[i] = true end t[k] = nil io.write(#t, ",") t[k] = true t[k + 1] = true t[k + 3] = true io.write(#t, ";") end print()
