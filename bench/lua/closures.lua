-- Closures: made, called, with variables of their own and of others.
local function counter(step)
    local count = 0
    return function()
        count = count + step
        return count
    end
end
local function map(list, change)
    local mapped = {}
    for index = 1, #list do mapped[index] = change(list[index]) end
    return mapped
end
local numbers = {}
for index = 1, 100 do numbers[index] = index end
for round = 1, rounds do
    local total = 0
    for index = 1, 20000 do
        local count = counter(index % 3)
        count()
        count()
        total = total + count()
    end
    for factor = 1, 200 do total = total + map(numbers, function(number) return number * factor end)[100] end
    print(total)
end
