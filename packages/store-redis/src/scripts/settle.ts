import { ARRIVALS, CLOCK, defineScript, ENTRIES, LANES, type Script } from './script.ts'

/** Ends one lease, with what it spawns. */
export const settle: Script = defineScript(
  'settle',
  String.raw`
-- Ends one lease: the entry is done, goes back into its lane, or is held. Spawned entries are added, feedback moves the
-- group's limits, the record goes to the journal. All or nothing.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  entry id
-- ARGV[4]  fence of the lease
-- ARGV[5]  done | retry | hold | keep (hold, the job stays as it is)
-- ARGV[6]  job (retry, hold)
-- ARGV[7]  notBefore in ms since the epoch (retry)
-- ARGV[8]  group to move to (retry) or empty
-- ARGV[9]  reason (hold)
-- ARGV[10] ok | slow | down | empty
-- ARGV[11] how long down parks the group, in ms
-- ARGV[12] how long the id of an ended entry is remembered, in ms
-- ARGV[13] record as JSON or empty
-- ARGV[14] message id, whose journal the record goes to
-- ARGV[15] most records of a message
-- ARGV[16] how long a journal is kept, in ms
-- ARGV[17] and on: contents and entries that are spawned (see ARRIVALS)
-- Returns  settled | lost | missing, content id
`,
  CLOCK,
  LANES,
  ENTRIES,
  ARRIVALS,
  String.raw`
local id, kind = ARGV[3], ARGV[5]
local key = base .. 'entry:' .. id
local e = redis.call('HMGET', key, 'fence', 'state', 'group', 'priority', 'seq', 'content')
if e[1] ~= ARGV[4] then return { 'lost' } end
local fresh, contents = arrivals(17)
if not fresh then return { 'missing', contents } end

local group, priority, seq = e[3], e[4], e[5]
local groupKey = base .. 'group:' .. group
if e[2] == 'leased' then
  redis.call('ZREM', base .. 'leases', id)
  redis.call('HINCRBY', groupKey, 'leased', -1)
else
  -- It ran out, and nobody has taken it yet.
  unline(id, group, priority, seq)
end
admit(fresh, contents)

if ARGV[10] == 'ok' or ARGV[10] == 'slow' then
  redis.call('HDEL', groupKey, 'parked')
  local state = redis.call('HMGET', groupKey, 'limit', 'grown')
  local most = tonumber(state[1]) or tonumber(ARGV[2])
  local grown = math.min(tonumber(state[2]) or most, most)
  if ARGV[10] == 'ok' then grown = grown + 1 else grown = math.max(1, math.floor(grown / 2)) end
  if grown >= most then redis.call('HDEL', groupKey, 'grown') else redis.call('HSET', groupKey, 'grown', grown) end
elseif ARGV[10] == 'down' then
  redis.call('HSET', groupKey, 'parked', now + ARGV[11])
end

if kind == 'done' then
  finish(id, group, e[6] ~= '' and e[6], ARGV[12])
else
  redis.call('HDEL', key, 'fence', 'recovered', 'deaths')
  if kind ~= 'keep' then redis.call('HSET', key, 'job', ARGV[6]) end
  if kind == 'retry' then
    local notBefore = math.max(tonumber(ARGV[7]), now)
    local to = group
    if ARGV[8] ~= '' and ARGV[8] ~= group then
      to = ARGV[8]
      part(id, group)
      join(id, to)
    end
    -- Among those of the same time it arrives anew.
    seq = string.format('%016.0f', redis.call('INCR', KEYS[1]))
    redis.call('HSET', key, 'state', 'queued', 'group', to, 'notBefore', notBefore, 'seq', seq)
    line(id, to, priority, notBefore, seq)
    place(priority, to)
  else
    redis.call('HSET', key, 'state', 'held', 'reason', ARGV[9])
    redis.call('ZADD', base .. 'held', 0, id)
    redis.call('HINCRBY', groupKey, 'held', 1)
  end
end
tidy(group)

if ARGV[13] ~= '' then
  local journal = base .. 'journal:' .. ARGV[14]
  redis.call('RPUSH', journal, ARGV[13])
  redis.call('LTRIM', journal, -ARGV[15], -1)
  redis.call('PEXPIRE', journal, ARGV[16])
end
tell()
return { 'settled' }
`,
)
