-- KEYS: the lease. ARGV: owner, seconds. Also 1, for as long again, where the owner asks once more: to go on, or since the
-- connection broke before the answer.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then
    return 1
end
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    return 1
end
return 0
