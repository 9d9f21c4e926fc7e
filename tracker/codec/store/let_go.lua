--[[
Lets go of what people did about alerts, where that is over.

An entry goes that is older than what is kept, and whose alert is closed and was touched last before that as well, or is not known any
more. So an alert that is worked keeps its whole history, and one that somebody reopens meanwhile does too: this runs as one.

KEYS actions. ARGV the beginning of the keys of alerts, the id behind which it looks ('-': from the first), the first id that stays, its milliseconds, how
many entries it looks at. {gone, looked at, id of the last one that was looked at}.
]]
local actions, alerts, from, keep, keep_ms, count = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

local over = {}

local function is_over(id)
    if over[id] == nil then
        local kept = redis.pcall('HMGET', alerts .. id, 'state', 'at')
        local unknown = kept.err or not kept[1]
        over[id] = unknown or kept[1] == 'closed' and (tonumber(kept[2]) or keep_ms) < keep_ms
    end
    return over[id]
end

local function alert_of(fields)
    for i = 1, #fields, 2 do
        if fields[i] == 'id' then
            return fields[i + 1]
        end
    end
    return ''
end

local entries = redis.call('XRANGE', actions, from == '-' and from or '(' .. from, '(' .. keep, 'COUNT', count)
local newest = redis.call('XREVRANGE', actions, '+', '-', 'COUNT', 1)[1]
local gone, last = {}, ''
for _, entry in ipairs(entries) do
    last = entry[1]
    if last ~= newest[1] and is_over(alert_of(entry[2])) then
        gone[#gone + 1] = last
    end
end
if #gone > 0 then
    redis.call('XDEL', actions, unpack(gone))
end
return {#gone, #entries, last}
