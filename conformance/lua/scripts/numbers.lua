-- The math library, and numbers.
for _, f in ipairs {"abs", "ceil", "floor", "sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "deg", "rad"} do
  io.write(f) for _, v in ipairs {0, 1, -1, 0.5, -0.5, 2.5, -2.5, 100, 1e10, "2"} do io.write(" ", tostring(math[f](v))) end print() end
for _, f in ipairs {"fmod", "mod", "pow", "atan2"} do io.write(f) for _, a in ipairs {0, 1, -1, 5.5, -5.5, 7} do for _, b in ipairs {1, -1, 2, -3, 0.5} do io.write(" ", tostring(math[f](a, b))) end end print() end
for _, v in ipairs {0, 1, -1, 0.5, 3.75, -3.75, 1e10, 1/0, -1/0, 1e-310} do print(v, math.modf(v)) print(math.frexp(v)) end print(math.ldexp(0.5, 3), math.ldexp(1, -1), math.ldexp(1, 2000), math.pi, math.huge, -math.huge, math.max(1, 2.5, -1), math.min(1, 2.5, -1), math.max(1), math.max("10", 2))
for i = 1, 100 do local r = math.random() assert(r >= 0 and r < 1) r = math.random(10) assert(r >= 1 and r <= 10 and r == math.floor(r)) r = math.random(-5, 5) assert(r >= -5 and r <= 5) end
print(0x10, 0xff, 1e2, .5, 5., 3.14e-2, 0xA, 1e+5, 08) 
print(1e15, 1e14, 123456789012, 1e100, 0.1, 1/3, -0, 0, 100000000000000, 99999999999999, 123456789.123, 1e-5, 1e-4, 12345678901234567, 2^24, 2^53, 2^63, 2^64, -2^63, 1e16, 3.0, -3.5)
print(0/0, -(0/0), math.huge - math.huge, math.sqrt(-1), 1/0, -1/0, -0 == 0, 1/-0 == 1/0)
