-- KEYS: the session. ARGV: id, subject, first_use, last_use, expires_at, revoked_since or nothing.
-- One that is known stays as it is: nothing takes a revocation back.
if redis.call('EXISTS', KEYS[1]) == 1 then
    return 0
end
redis.call('HSET', KEYS[1], 'subject', ARGV[2], 'first_use', ARGV[3], 'last_use', ARGV[4], 'expires_at', ARGV[5])
if ARGV[6] ~= '' then
    redis.call('HSET', KEYS[1], 'revoked_since', ARGV[6])
end
expire(KEYS[1], seconds_to_keep(ARGV[5], ARGV[3]))
enter(ARGV[1], ARGV[2], ARGV[5], ARGV[3])
return 1
