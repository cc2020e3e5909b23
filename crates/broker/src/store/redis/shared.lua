-- Before each script. Instants are the broker's and decide; the server's own time only clears away what is long over.
local GRACE = 3600

local function seconds_to_keep(expires_at, now)
    return math.max(tonumber(expires_at) - tonumber(now), 0) + GRACE
end

-- Lets a key that others are waiting in, too, live at least that long.
local function lengthen(key, seconds)
    if redis.call('TTL', key) < seconds then
        redis.call('EXPIRE', key, string.format('%.0f', seconds))
    end
end

local function expire(key, seconds)
    redis.call('EXPIRE', key, string.format('%.0f', seconds))
end

local function drop_copies(id)
    local list = 'convoke:copies:' .. id
    for _, index in ipairs(redis.call('LRANGE', list, 0, -1)) do
        redis.call('DEL', 'convoke:copy:' .. index)
    end
    redis.call('DEL', list)
end

-- Enters a session in the lists of all and of its subject, and clears those of what is over. Five minutes later than the
-- clock says: another instance's may be behind, and what is not in a list cannot be revoked by it.
local function enter(id, subject, expires_at, now)
    for _, list in ipairs({'convoke:sessions', 'convoke:subject:' .. subject}) do
        redis.call('ZREMRANGEBYSCORE', list, '-inf', string.format('%.0f', tonumber(now) - 300))
        redis.call('ZADD', list, expires_at, id)
        lengthen(list, seconds_to_keep(expires_at, now))
    end
end
