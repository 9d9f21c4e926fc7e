#!lua name=muckwatch_v2
--[[
The store's side of Muckwatch: claim a partition, commit a batch, keep the claim alive.

Redis does not roll back, so a commit checks everything that can fail before it writes anything: whose turn it is,
the shape of the arguments, the types of the keys it will touch, the ranges of numbers. What then still fails is
Redis itself (memory, disk), which it tells before the first write of a function, not in the middle.

Keys of a partition P all begin with muck:{P}: and so live in one slot; KEYS[1] is the owner's key and names it.
Times are Redis' own clock: trackers on several machines need not agree on theirs.
]]

local PREFIX_TAIL = 'owner'
-- Lua's stack takes about 8000 values; a bulk write stays far below.
local CHUNK = 2000

local function now_ms()
    local t = redis.call('TIME')
    return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function prefix_of(owner)
    return string.sub(owner, 1, -1 - #PREFIX_TAIL)
end

--[[
claim: KEYS owner; ARGV instance, hold_ms, take_over ('1': whoever owns it), token.
{'claimed', epoch, batch, clock} or {'held', instance, age_ms}. The token is the claim's own: a store that was
restored to before a claim gives its epoch to the next one again.
]]
local function claim(keys, args)
    local owner, instance, hold_ms = keys[1], args[1], tonumber(args[2])
    local was = redis.call('HMGET', owner, 'instance', 'epoch', 'batch', 'seen', 'clock')
    local now = now_ms()
    if was[1] and was[1] ~= instance and args[3] ~= '1' and was[4] then
        -- A clock that was set back leaves a time in the future; that owner is not alive for ever.
        local age = now - tonumber(was[4])
        if age < hold_ms and age > -hold_ms then
            return {'held', was[1], age}
        end
    end
    local epoch = (tonumber(was[2] or '0') or 0) + 1
    local batch, clock = was[3] or '0', was[5] or '0'
    redis.call('HSET', owner, 'instance', instance, 'epoch', epoch, 'batch', batch, 'seen', now, 'clock', clock,
               'token', args[4])
    return {'claimed', epoch, tonumber(batch), tonumber(clock)}
end

-- Whose turn it is. nil: ours, and `batch` is the next one; otherwise what to answer.
local function turn(owner, epoch, batch, token)
    local is = redis.call('HMGET', owner, 'epoch', 'batch', 'token')
    local stored_epoch, stored = tonumber(is[1] or ''), tonumber(is[2] or '')
    if not stored_epoch or not stored or stored_epoch < epoch then
        return {'behind', stored or 0}
    end
    if stored_epoch > epoch or batch < stored or is[3] ~= token then
        return {'fenced', stored_epoch}
    end
    if batch == stored then
        return {'done', stored}
    end
    if batch > stored + 1 then
        return {'behind', stored}
    end
    return nil
end

-- beat: KEYS owner; ARGV epoch, batch, clock, token. Says that the owner is alive; {'alive'}, {'fenced'} or {'behind'}.
local function beat(keys, args)
    local epoch, batch = tonumber(args[1]), tonumber(args[2])
    local answer = turn(keys[1], epoch, batch, args[4])
    if answer and answer[1] == 'done' then
        redis.call('HSET', keys[1], 'seen', now_ms(), 'clock', args[3])
        return {'alive', batch}
    end
    return answer or {'behind', batch - 1}
end

local function refuse(what, key)
    return redis.error_reply('MUCK ' .. what .. ' ' .. tostring(key))
end

local TYPES = {HSET = 'hash', HDEL = 'hash', XADD = 'stream', ZADD = 'zset', ZREM = 'zset', GEO = 'zset', STATE = 'hash'}
-- How many arguments make one: fields and values, scores and members, longitude, latitude and member.
local SHAPES = {HSET = 2, HDEL = 1, XADD = 2, ZADD = 2, ZREM = 1, GEO = 3, STATE = 2}

local function number_between(text, low, high)
    local n = tonumber(text)
    return n ~= nil and n >= low and n <= high
end

local function check_numbers(op, args, from, to)
    if op == 'GEO' then
        for i = from, to, 3 do
            if not number_between(args[i], -180, 180) or not number_between(args[i + 1], -85.05112878, 85.05112878) then
                return false
            end
        end
    elseif op == 'ZADD' then
        for i = from, to, 2 do
            if not number_between(args[i], -9007199254740992, 9007199254740992) then
                return false
            end
        end
    end
    return true
end

--[[
Walks over the operations: op, key's tail, number of arguments, arguments. Returns what is wrong, or nil. An empty
hash or stream has no key, and a key that does not exist takes any type.
]]
local function check(prefix, args, first)
    local types, i, count = {}, first, #args
    while i <= count do
        local op, tail, n = args[i], args[i + 1], tonumber(args[i + 2])
        local shape = SHAPES[op]
        if not shape or not tail or not n or n < shape or n % shape ~= 0 or i + 2 + n > count then
            return 'shape', op
        end
        local key = prefix .. tail
        local type = types[key]
        if not type then
            type = redis.call('TYPE', key).ok
            if type == 'none' then
                type = TYPES[op]
            end
            types[key] = type
        end
        if type ~= TYPES[op] then
            return 'type', key
        end
        if not check_numbers(op, args, i + 3, i + 2 + n) then
            return 'range', key
        end
        i = i + 3 + n
    end
    return nil
end

-- Collects what goes to one key from all vehicles, to be written in few calls.
local function collect(into, args, from, to)
    for i = from, to do
        into[#into + 1] = args[i]
    end
end

local function write_bulk(command, key, values, shape)
    local step = CHUNK - CHUNK % shape
    for i = 1, #values, step do
        redis.call(command, key, unpack(values, i, math.min(i + step - 1, #values)))
    end
end

local function write(prefix, args, first)
    local states, places, i, count = {}, {}, first, #args
    while i <= count do
        local op, key, n = args[i], prefix .. args[i + 1], tonumber(args[i + 2])
        local from, to = i + 3, i + 2 + n
        if op == 'XADD' then
            redis.call('XADD', key, '*', unpack(args, from, to))
        elseif op == 'STATE' then
            collect(states, args, from, to)
        elseif op == 'GEO' then
            collect(places, args, from, to)
        else
            redis.call(op, key, unpack(args, from, to))
        end
        i = to + 1
    end
    write_bulk('HSET', prefix .. 'state', states, 2)
    write_bulk('GEOADD', prefix .. 'positions', places, 3)
end

--[[
commit: KEYS owner; ARGV epoch, batch, clock, token, operations.
{'applied', batch}; {'done', batch}: it was applied before; {'behind', batch}: the store went back; {'fenced', epoch}:
someone else owns the partition. An error that begins with MUCK: the batch is bad and nothing was written.
]]
local function commit(keys, args)
    local owner, epoch, batch = keys[1], tonumber(args[1]), tonumber(args[2])
    if not epoch or not batch or not tonumber(args[3]) or not args[4] then
        return refuse('shape', 'header')
    end
    local answer = turn(owner, epoch, batch, args[4])
    if answer then
        return answer
    end
    local prefix = prefix_of(owner)
    local wrong, where = check(prefix, args, 5)
    if wrong then
        return refuse(wrong, where)
    end
    write(prefix, args, 5)
    redis.call('HSET', owner, 'batch', batch, 'seen', now_ms(), 'clock', args[3])
    return {'applied', batch}
end

redis.register_function('muckwatch_v2_claim', claim)
redis.register_function('muckwatch_v2_beat', beat)
redis.register_function('muckwatch_v2_commit', commit)
