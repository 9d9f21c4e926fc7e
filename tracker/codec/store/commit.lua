#!lua name=muckwatch_v4
--[[
The store's side of Muckwatch: claim a partition, commit a batch, keep the claim alive.

Redis does not roll back, so a commit checks everything that can fail before it writes anything: whose turn it is,
the shape of the arguments, the types of the keys it will touch, the ends of its streams, the ranges of numbers.
What then still fails is Redis itself (rights that were taken away, mostly). So before its first write a commit
writes its number into `begun`, and when it breaks, all that it has not written into `rest`: whoever comes next,
the same call again or a claim, writes the rest before anything else. `begun` one above `batch` means broken.

Keys of a partition P all begin with muck:{P}: and so live in one slot; KEYS[1] is the owner's key and names it.
Times are Redis' own clock: trackers on several machines need not agree on theirs.
]]

local PREFIX_TAIL = 'owner'
-- What moved: entries that the stream keeps, and rows of one.
local LIVE_MAX, LIVE_ROWS = 2000, 1000
-- Lua's stack takes about 8000 values; a bulk write stays far below.
local CHUNK = 2000

local function now_ms()
    local t = redis.call('TIME')
    return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function prefix_of(owner)
    return string.sub(owner, 1, -1 - #PREFIX_TAIL)
end

local FIELDS = {'instance', 'token', 'epoch', 'batch', 'seen', 'clock', 'begun'}

local function damaged(owner, field, value)
    local shown = string.gsub(string.sub(value or 'missing', 1, 32), '[^%g]', '?')
    return redis.error_reply('DAMAGED ' .. owner .. ' ' .. field .. ': ' .. shown)
end

--[[
What the owner's record says: its fields by name; nil where there is none, which a store that lost everything has. A
record that somebody has damaged is an error: what it said cannot be guessed, and whoever goes on by a guess writes
twice, or over another owner. Numbers are whole, and exact in Lua; `begun` came later than the others.
]]
local function read(owner)
    local values, is, any = redis.call('HMGET', owner, unpack(FIELDS)), {}, false
    for i, field in ipairs(FIELDS) do
        is[field] = values[i]
        any = any or values[i]
    end
    if not any then
        return nil
    end
    for i = 3, #FIELDS do
        local field, value = FIELDS[i], values[i]
        if (value or field ~= 'begun') and not (value and #value <= 15 and string.find(value, '^-?%d+$')) then
            return nil, damaged(owner, field, value)
        end
        is[field] = tonumber(value or '')
    end
    return is
end

-- Whose turn it is. nil: ours, and `batch` is the next one; otherwise what to answer. And the owner's record.
local function turn(owner, epoch, batch, token)
    local is, broken = read(owner)
    if broken then
        return broken
    end
    local stored_epoch, stored = is and is.epoch, is and is.batch
    if not is or stored_epoch < epoch then
        return {'behind', stored or 0}
    end
    if stored_epoch > epoch or batch < stored or is.token ~= token then
        return {'fenced', stored_epoch}
    end
    if batch == stored then
        return {'done', stored}
    end
    if batch > stored + 1 then
        return {'behind', stored}
    end
    return nil, is
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

-- EXPIRE takes any.
local TYPES = {HSET = 'hash', HDEL = 'hash', XADD = 'stream', ZADD = 'zset', ZREM = 'zset', GEO = 'zset', STATE = 'hash', MOVE = 'stream',
               XTRIM = 'stream', XDEL = 'stream', ZTRIM = 'zset', DEL = 'hash'}
-- How many arguments make one: fields and values, scores and members, longitude, latitude and member.
local SHAPES = {HSET = 2, HDEL = 1, XADD = 2, ZADD = 2, ZREM = 1, GEO = 3, STATE = 2, MOVE = 1,
                XTRIM = 2, XDEL = 1, ZTRIM = 1, DEL = 1, EXPIRE = 1}

local function number_between(text, low, high)
    local n = tonumber(text)
    return n ~= nil and n >= low and n <= high
end

-- An entry of the last millisecond there is: the stream takes few more, or none.
local LAST = '18446744073709551615-0'

local function is_full(key)
    return #redis.call('XREVRANGE', key, '+', LAST, 'COUNT', 1) > 0
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
    elseif op == 'XDEL' then
        return string.match(args[from], '^%d+%-%d+$') ~= nil and #args[from] <= 40
    elseif op == 'XTRIM' or op == 'ZTRIM' or op == 'EXPIRE' then
        for i = from, to do
            if not string.match(args[i], '^%d+$') or not number_between(args[i], 0, 9007199254740992) then
                return false
            end
        end
    end
    return true
end

--[[
That a key takes no writes: of a foreign type, or a stream at its end. A vehicle's own key (its tail has a colon) is
the trouble of that vehicle, which the batch can do without. One of all vehicles is the store's own: they would be put
aside one after the other for nothing they have done, and acknowledged.
]]
local function unfit(what, prefix, tail, found)
    if string.find(tail, ':', 1, true) then
        return refuse(what, prefix .. tail)
    end
    return damaged(prefix .. tail, what, found)
end

--[[
Walks over the operations: op, key's tail, number of arguments, arguments. Returns the error to answer, or nil. An empty
hash or stream has no key, and a key that does not exist takes any type.
]]
local function check(prefix, args, first)
    local types, i, count = {}, first, #args
    while i <= count do
        local op, tail, n = args[i], args[i + 1], tonumber(args[i + 2])
        local shape = SHAPES[op]
        if not shape or not tail or not n or n < shape or n % shape ~= 0 or i + 2 + n > count or n > CHUNK then
            return refuse('shape', op)
        end
        local key = prefix .. tail
        local type = types[key]
        if not type then
            type = redis.call('TYPE', key).ok
            if type == 'none' then
                type = TYPES[op] or 'none'
            elseif type == 'stream' and is_full(key) then
                return unfit('full', prefix, tail, '18446744073709551615')
            end
            types[key] = type
        end
        if TYPES[op] and type ~= TYPES[op] then
            return unfit('type', prefix, tail, type)
        end
        if not check_numbers(op, args, i + 3, i + 2 + n) then
            return refuse('range', key)
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

-- From work[from] on; work[from] says afterwards how far it came.
local function write_bulk(work, command, key, values, shape)
    local step, at = CHUNK - CHUNK % shape, values .. '_at'
    while work[at] <= #work[values] do
        local to = math.min(work[at] + step - 1, #work[values])
        redis.call(command, key, unpack(work[values], work[at], to))
        work[at] = to + 1
    end
end

-- What the batch moved, a row a vehicle: one entry, unless it is very large.
local function write_moves(work, key, number)
    while work.moves_at <= #work.moves do
        local to = math.min(work.moves_at + LIVE_ROWS - 1, #work.moves)
        local rows = '[' .. table.concat(work.moves, ',', work.moves_at, to) .. ']'
        redis.call('XADD', key, 'MAXLEN', '~', LIVE_MAX, '*', 'batch', number, 'moves', rows)
        work.moves_at = to + 1
    end
end

--[[
Writes work: `args` from `at` on, and the states, places and moves that were collected from those before. Each command
is done or not, and what is done is taken off before the next one, so whatever is left when one breaks is the rest.
]]
local function write(work, prefix, number)
    local args = work.args
    while work.at <= #args do
        local i = work.at
        local op, key, n = args[i], prefix .. args[i + 1], tonumber(args[i + 2])
        local from, to = i + 3, i + 2 + n
        if op == 'XADD' then
            redis.call('XADD', key, '*', unpack(args, from, to))
        elseif op == 'STATE' then
            collect(work.states, args, from, to)
        elseif op == 'GEO' then
            collect(work.places, args, from, to)
        elseif op == 'MOVE' then
            collect(work.moves, args, from, to)
        elseif op == 'XTRIM' then
            redis.call('XTRIM', key, 'MINID', args[from])
            redis.call('XTRIM', key, 'MAXLEN', args[to])
        elseif op == 'ZTRIM' then
            redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. args[from])
        elseif op == 'DEL' then
            redis.call('DEL', key)
        else
            redis.call(op, key, unpack(args, from, to))
        end
        work.at = to + 1
    end
    write_bulk(work, 'HSET', prefix .. 'state', 'states', 2)
    write_bulk(work, 'GEOADD', prefix .. 'positions', 'places', 3)
    write_moves(work, prefix .. 'live', number)
end

local function from_on(values, from)
    local left = {}
    collect(left, values, from, #values)
    return left
end

--[[
Sets the mark and writes work to its end, which makes `number` the last one that was applied; nil. Where it breaks
the rest is kept beside the mark, and an error says so: HSET of the owner worked for the mark, and nothing else is
needed after the first write. Work
that has a number is kept already, and is not kept again before something of it was written.
]]
local function finish(owner, number, work)
    local now = now_ms()
    redis.call('HSET', owner, 'begun', number)
    local whole, why = pcall(write, work, prefix_of(owner), number)
    if whole then
        redis.call('HSET', owner, 'batch', number, 'seen', now, 'clock', work.clock)
        return nil
    end
    local rest = work
    if not work.number or work.at + work.states_at + work.places_at + work.moves_at > 4 then
        rest = {number = number, clock = work.clock, at = 1, states_at = 1, places_at = 1, moves_at = 1,
                args = from_on(work.args, work.at), states = from_on(work.states, work.states_at),
                places = from_on(work.places, work.places_at), moves = from_on(work.moves, work.moves_at)}
        redis.call('HSET', owner, 'rest', cmsgpack.pack(rest))
    end
    local said = type(why) == 'table' and why.err or tostring(why)
    local left = #rest.args + #rest.states + #rest.places + #rest.moves
    return redis.error_reply('BROKEN ' .. number .. ' with ' .. left .. ' words to write: ' .. said)
end

-- What a call that broke has left, of this record. nil: nothing is left any more.
local function mend(owner, is)
    local begun = is.begun
    if not begun or begun ~= is.batch + 1 then
        return nil
    end
    local kept = redis.call('HGET', owner, 'rest')
    local whole, rest = pcall(cmsgpack.unpack, kept or '')
    if kept and not (whole and type(rest) == 'table') then
        return damaged(owner, 'rest', kept)
    end
    if not kept or rest.number ~= begun then
        return redis.error_reply('BROKEN ' .. begun .. ' and no rest of it is kept')
    end
    if not rest.moves then -- the version before knew of none
        rest.moves, rest.moves_at = {}, 1
    end
    local broken = finish(owner, begun, rest)
    if not broken then
        redis.call('HDEL', owner, 'rest')
    end
    return broken
end

--[[
claim: KEYS owner; ARGV instance, hold_ms, take_over ('1': whoever owns it), token.
{'claimed', epoch, batch, clock} or {'held', instance, age_ms}. The token is the claim's own: a store that was
restored to before a claim gives its epoch to the next one again.
]]
local function claim(keys, args)
    local owner, instance, hold_ms = keys[1], args[1], tonumber(args[2])
    local was, broken = read(owner)
    if broken then
        return broken
    end
    local now = now_ms()
    if not was then
        was = {epoch = 0, batch = 0, clock = 0}
    elseif was.instance and was.instance ~= instance and args[3] ~= '1' then
        -- A clock that was set back leaves a time in the future; that owner is not alive for ever.
        local age = now - was.seen
        if age < hold_ms and age > -hold_ms then
            return {'held', was.instance, age}
        end
    end
    -- Before states are read: what is in them has to be in the streams, and the other way round.
    broken = mend(owner, was)
    if broken then
        return broken
    end
    local epoch = was.epoch + 1
    local come = redis.call('HMGET', owner, 'batch', 'clock')
    local batch, clock = come[1] or '0', come[2] or '0'
    redis.call('HSET', owner, 'instance', instance, 'epoch', epoch, 'batch', batch, 'seen', now, 'clock', clock,
               'token', args[4])
    return {'claimed', epoch, tonumber(batch), tonumber(clock)}
end

--[[
commit: KEYS owner; ARGV epoch, batch, clock, token, operations.
{'applied', batch}; {'done', batch}: it was applied before; {'behind', batch}: the store went back; {'fenced', epoch}:
someone else owns the partition. An error that begins with MUCK: the batch is bad and nothing was written. Any other,
BROKEN and DAMAGED too: the same call again, later.
]]
local function commit(keys, args)
    local owner, epoch, batch = keys[1], tonumber(args[1]), tonumber(args[2])
    if not epoch or not batch or not tonumber(args[3]) or not args[4] then
        return refuse('shape', 'header')
    end
    local answer, is = turn(owner, epoch, batch, args[4])
    if answer then
        return answer
    end
    -- A call that broke was this one: its bytes do not change while nobody knows.
    if is.begun == batch then
        return mend(owner, is) or {'applied', batch}
    end
    local wrong = check(prefix_of(owner), args, 5)
    if wrong then
        return wrong
    end
    local work = {args = args, at = 5, states = {}, states_at = 1, places = {}, places_at = 1, moves = {}, moves_at = 1,
                  clock = args[3]}
    return finish(owner, batch, work) or {'applied', batch}
end

redis.register_function('muckwatch_v4_claim', claim)
redis.register_function('muckwatch_v4_beat', beat)
redis.register_function('muckwatch_v4_commit', commit)
