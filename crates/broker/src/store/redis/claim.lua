-- KEYS: the claim. ARGV: now, expires_at, the caller's own value, which begins with expires_at.
local found = redis.call('GET', KEYS[1])
if found then
    -- The caller's own: it asks again, since the connection broke before it had the answer.
    if found == ARGV[3] then
        return 1
    end
    if tonumber(string.match(found, '^-?%d+')) > tonumber(ARGV[1]) then
        return 0
    end
end
redis.call('SET', KEYS[1], ARGV[3])
expire(KEYS[1], seconds_to_keep(ARGV[2], ARGV[1]))
return 1
