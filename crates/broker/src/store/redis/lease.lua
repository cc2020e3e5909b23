-- KEYS: the lease. ARGV: owner, seconds. Also 1 where the owner asks again, since the connection broke before the answer.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) or redis.call('GET', KEYS[1]) == ARGV[1] then
    return 1
end
return 0
