-- Patterns: gsub with each kind of replacement, gmatch, find.
local text = string.rep("the quick brown fox jumps over the lazy dog 12345 ", 200)
for round = 1, rounds do
    local upper, words = string.gsub(text, "%w+", string.upper)
    local turned, parts = string.gsub(upper, "(%a)(%a*)", "%2%1")
    local marked, marks = string.gsub(text, "[aeiou]", {a = "1", e = "2"})
    local letters = 0
    for word in string.gmatch(text, "%a+") do letters = letters + #word end
    local place, foxes = 1, 0
    while true do
        local first, last = string.find(text, "fox%s", place)
        if not first then break end
        foxes, place = foxes + 1, last + 1
    end
    print(words, parts, marks, letters, foxes, #turned, #marked)
end
