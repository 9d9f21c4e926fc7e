--[[
The store's side of a watch's hand-over: one entry, if nothing was written since the one that was seen.

KEYS shifts. ARGV request, rev that was seen, then the words of the entry. {'done', id}; {'again', id}: this request was written
before; {'stale', name, value, ...}: something was, and this is the newest entry. An error that begins with DESK: nothing was written.
]]
local shifts, request, seen = KEYS[1], ARGV[1], ARGV[2]
-- Of how many entries a request is known again; a watch has three.
local KNOWN = 64

local function field(fields, name)
    for i = 1, #fields, 2 do
        if fields[i] == name then
            return fields[i + 1]
        end
    end
end

local type = redis.call('TYPE', shifts).ok
if type ~= 'none' and type ~= 'stream' then
    return redis.error_reply('DESK a key is of another type')
end
local newest = redis.call('XREVRANGE', shifts, '+', '-', 'COUNT', KNOWN)
for _, entry in ipairs(newest) do
    if field(entry[2], 'request') == request then
        return {'again', entry[1]}
    end
end
if seen ~= (newest[1] and field(newest[1][2], 'rev') or '0') then
    local answer = {'stale'}
    for _, word in ipairs(newest[1] and newest[1][2] or {}) do
        answer[#answer + 1] = word
    end
    return answer
end
local entry = {}
for i = 3, #ARGV do
    entry[#entry + 1] = ARGV[i]
end
return {'done', redis.call('XADD', shifts, '*', unpack(entry))}
