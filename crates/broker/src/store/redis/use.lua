-- KEYS: the session. ARGV: id, now, expires_at. 1 where the session stands.
local found = redis.call('HMGET', KEYS[1], 'subject', 'last_use', 'expires_at', 'revoked_since')
if not found[1] or found[4] or tonumber(found[3]) <= tonumber(ARGV[2]) then
    return 0
end
local function later(a, b)
    if tonumber(a) > tonumber(b) then return a else return b end
end
local expires_at = later(found[3], ARGV[3])
redis.call('HSET', KEYS[1], 'last_use', later(found[2], ARGV[2]), 'expires_at', expires_at)
expire(KEYS[1], seconds_to_keep(expires_at, ARGV[2]))
enter(ARGV[1], found[1], expires_at, ARGV[2])
return 1
