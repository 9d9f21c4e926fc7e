--[[
An alert is behind one of its times: an entry, once.

KEYS hooks, overdue. ARGV the field of the alert, the time it is behind, then the words of the entry. 1: it is written; 0: it was
before.
]]
local hooks, overdue, name, due = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local KEPT = 10000

local known = redis.call('HGET', hooks, name)
if known == due then
    return 0
end
redis.call('XADD', overdue, 'MAXLEN', '~', KEPT, '*', unpack(ARGV, 3))
redis.call('HSET', hooks, name, due)
return 1
