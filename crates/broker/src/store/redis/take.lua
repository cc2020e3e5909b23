-- KEYS: the budget. ARGV: now, requests per second, requests at once. Whether one was taken, and what was there before.
local now, rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local found = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = burst, now
if found[1] then
    left, at = tonumber(found[1]), tonumber(found[2])
    -- A clock that goes back fills nothing and takes nothing.
    left = math.min(left + math.max(now - at, 0) * rate, burst)
    at = math.max(at, now)
end
local taken = left >= 1 and 1 or 0
redis.call('HSET', KEYS[1], 'left', string.format('%.17g', left - taken), 'at', string.format('%.0f', at))
-- A full one is as good as none.
expire(KEYS[1], math.min(math.ceil(burst / rate), 86400) + 60)
return {taken, string.format('%.17g', left)}
