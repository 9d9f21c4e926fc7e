--[[
The store's side of the desk: one action on one alert, once.

Redis does not roll back. So all that can fail is looked at before the first write: the types of both keys, the end of the
stream, and whether this user may write both. Memory, a disk that fails and a replica that is missing are asked by Redis at the first
write of a script and not again. It is sent as a script and not loaded as a function: whoever may load functions may replace those of the
tracker, which run with the tracker's rights.

KEYS actions, alert. ARGV request, rev that was seen, state it leads to, action, who, milliseconds the hash is kept for (0: for ever),
number of words for the hash, these, then the words of the entry.

{'done', rev, id, state}; {'again', rev, id, state}: this request was done before, and this was its answer;
{'stale', name, value, ...}: somebody was faster, and this is what the hash says. An error that begins with DESK: nothing was written.
]]
local actions, alert = KEYS[1], KEYS[2]
local request, seen, state, action, who, keep = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local words = tonumber(ARGV[7])
-- An entry of the last millisecond there is: the stream takes few more, or none.
local LAST = '18446744073709551615-0'

local function refuse(what)
    return redis.error_reply('DESK ' .. what)
end

local function is(key, wanted)
    local type = redis.call('TYPE', key).ok
    return type == 'none' or type == wanted
end

if not is(actions, 'stream') or not is(alert, 'hash') then
    return refuse('a key is of another type')
end

local kept = redis.call('HMGET', alert, 'rev', 'did:' .. request)
if kept[2] then
    local rev, id, then_state = string.match(kept[2], '^(%d+) (%S+) (%S+)$')
    return {'again', tonumber(rev), id, then_state}
end

local rev = tonumber(kept[1] or '0')
if rev ~= seen then
    local answer, fields = {'stale'}, redis.call('HGETALL', alert)
    for i = 1, #fields, 2 do
        if string.sub(fields[i], 1, 4) ~= 'did:' then
            answer[#answer + 1] = fields[i]
            answer[#answer + 1] = fields[i + 1]
        end
    end
    return answer
end

if #redis.call('XREVRANGE', actions, '+', LAST, 'COUNT', 1) > 0 then
    return refuse('the stream is full')
end
if not (redis.acl_check_cmd('XADD', actions, '*', 'id', '0') and redis.acl_check_cmd('HSET', alert, 'rev', '0') and
        redis.acl_check_cmd('PEXPIRE', alert, '1') and redis.acl_check_cmd('PERSIST', alert)) then
    return refuse('this user may not write it')
end

local hash, entry = {}, {}
for i = 8, 7 + words do
    hash[#hash + 1] = ARGV[i]
end
for i = 8 + words, #ARGV do
    entry[#entry + 1] = ARGV[i]
end
local id = redis.call('XADD', actions, '*', unpack(entry))
local at = string.match(id, '^%d+')
redis.call('HSET', alert, 'rev', rev + 1, 'state', state, 'at', at, 'who', who, action .. '_at', at, action .. '_by', who,
           'did:' .. request, (rev + 1) .. ' ' .. id .. ' ' .. state, unpack(hash))
if keep > 0 then
    redis.call('PEXPIRE', alert, keep)
else
    redis.call('PERSIST', alert)
end
return {'done', rev + 1, id, state}
