-- ARGV: now, ids. How many of them were ended.
local ended = 0
for at = 2, #ARGV do
    local id = ARGV[at]
    local key = 'convoke:session:' .. id
    local found = redis.call('HMGET', key, 'expires_at', 'revoked_since')
    if found[1] and not found[2] then
        -- One that has just ended by itself, too: by another instance's clock it may not have.
        redis.call('HSET', key, 'revoked_since', ARGV[1])
        drop_copies(id)
        if tonumber(found[1]) > tonumber(ARGV[1]) then
            ended = ended + 1
        end
    end
end
return ended
