-- Every function of the libraries, with every kind of argument: results and errors.
local values = {
    function() return nil end, function() return false end, function() return true end, function() return 0 end,
    function() return 1 end, function() return -1 end, function() return 2.5 end, function() return 300 end,
    function() return 1 / 0 end, function() return "" end, function() return "abc" end, function() return "10" end,
    function() return " 0x1F " end, function() return "%a(.)" end, function() return "#" end,
    function() return {} end, function() return {3, 1, 2, x = 1} end, function() return {"c", "a", "b"} end,
    function() return function(...) return ... end end, function() return string.upper end,
    function() return coroutine.create(function(a) return coroutine.yield(a) end) end,
    function() return newproxy() end,
}
local few = {1, 4, 5, 6, 10, 11, 14, 16, 17, 19}

local function one(value)
    local kind = type(value)
    if kind == "number" and value ~= value then return "nan" end
    if kind == "string" then return string.format("%q", value) end
    if value == _G then return "_G" end
    if kind ~= "table" then return kind == "userdata" and kind or (tostring(value):gsub("0x%x+", "")) end
    local parts = {}
    for key, value in pairs(value) do
        if #parts == 5 then break end
        parts[#parts + 1] = tostring(key):gsub("0x%x+", "") .. "=" .. (tostring(value):gsub("0x%x+", ""))
    end
    return "{" .. table.concat(parts, " ") .. "}"
end

local function shown(...)
    local parts = {}
    for index = 1, math.min(select("#", ...), 6) do parts[index] = one((select(index, ...))) end
    return select("#", ...) .. " " .. table.concat(parts, " ")
end

local skipped = {
    -- What is not ours, differs from run to run, or would change what this script stands on.
    "collectgarbage", "gcinfo", "print", "dofile", "loadfile", "require", "module", "math.random", "math.randomseed",
    "string.dump", "setfenv", "coroutine.running", "math.sin", "math.cos", "math.tan",
}
for index, name in ipairs(skipped) do skipped[name] = true end

local functions = {}
for name, value in pairs(_G) do
    if type(value) == "function" and not skipped[name] then functions[#functions + 1] = {name, value} end
end
for index, library in ipairs {"string", "table", "math", "coroutine"} do
    for name, value in pairs(_G[library]) do
        name = library .. "." .. name
        if type(value) == "function" and not skipped[name] then functions[#functions + 1] = {name, value} end
    end
end
table.sort(functions, function(a, b) return a[1] < b[1] end)

local function try(entry, count, ...)
    io.write(entry[1], " ", shown(...), " => ", shown(pcall(entry[2], ...)), "\n")
end

for _, entry in ipairs(functions) do
    try(entry, 0)
    for a = 1, #values do
        try(entry, 1, values[a]())
        for b = 1, #values do try(entry, 2, values[a](), values[b]()) end
    end
    for _, a in ipairs(few) do
        for _, b in ipairs(few) do
            for _, c in ipairs(few) do try(entry, 3, values[a](), values[b](), values[c]()) end
        end
    end
end
