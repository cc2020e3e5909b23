-- KEYS: the copy, its session's list of copies. ARGV: name, sealed answer, now, expires_at, most copies of a session, what comes
-- next, copies of a sign-in.
redis.call('LREM', KEYS[2], 0, ARGV[1])
redis.call('DEL', KEYS[1])
local outlived = ARGV[1]
for _ = 1, tonumber(ARGV[7]) do
    outlived = outlived and redis.call('GET', 'convoke:before:' .. outlived)
    if outlived == ARGV[1] then
        outlived = false
    end
end
if outlived then
    redis.call('LREM', KEYS[2], 0, outlived)
    redis.call('DEL', 'convoke:copy:' .. outlived)
end
redis.call('HSET', KEYS[1], 'sealed', ARGV[2], 'expires_at', ARGV[4])
redis.call('RPUSH', KEYS[2], ARGV[1])
while redis.call('LLEN', KEYS[2]) > tonumber(ARGV[5]) do
    redis.call('DEL', 'convoke:copy:' .. redis.call('LPOP', KEYS[2]))
end
local seconds = seconds_to_keep(ARGV[4], ARGV[3])
redis.call('SET', 'convoke:before:' .. ARGV[6], ARGV[1])
expire('convoke:before:' .. ARGV[6], seconds)
expire(KEYS[1], seconds)
lengthen(KEYS[2], seconds)
return 1
