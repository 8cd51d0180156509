-- Tables: insert and sort, with and without a function that compares.
local seed = 42
local function chance()
    seed = (seed * 16807) % 2147483647
    return seed
end
for round = 1, rounds do
    local numbers = {}
    for index = 1, 20000 do table.insert(numbers, chance()) end
    table.sort(numbers)
    local rests = {}
    for index = 1, 10000 do rests[#rests + 1] = numbers[index] % 1000 end
    table.sort(rests, function(a, b) return a > b end)
    print(numbers[1], rests[1], #rests)
end
