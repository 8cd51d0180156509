-- Strings that are built: by concatenation, by table.concat, by format.
for round = 1, rounds do
    local keys = {}
    for index = 1, 20000 do keys[index] = "key:" .. index .. ":" .. (index % 7) end
    local all = table.concat(keys, ",")
    local letters = ""
    for index = 1, 2000 do letters = letters .. string.char(97 + index % 26) end
    local lines = {}
    for index = 1, 2000 do lines[index] = string.format("%d %s %5.2f", index, "x", index / 3) end
    print(#all, #letters, #table.concat(lines))
end
