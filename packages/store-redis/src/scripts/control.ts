import { CLOCK, defineScript, ENTRIES, LANES, type Script } from './script.ts'

/** Changes one entry by hand. */
export const change: Script = defineScript(
  'change',
  String.raw`
-- Does what an operator asked to one entry, where that changes anything.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  entry id
-- ARGV[4]  hold | release | retry | drop | reroute
-- ARGV[5]  the reason (hold) or the group (reroute)
-- ARGV[6]  how long the id of an ended entry is remembered, in ms
-- ARGV[7]  dry: changes nothing | empty
-- ARGV[8]  the state it must be in: ready | waiting | leased | held | empty: any
-- ARGV[9]  the group it must be of | empty: any
-- Returns  changed | same | leased | gone (also: it is not so any more)
`,
  CLOCK,
  LANES,
  ENTRIES,
  String.raw`
local id, action, word = ARGV[3], ARGV[4], ARGV[5]
local key = base .. 'entry:' .. id
local e = redis.call('HMGET', key, 'state', 'group', 'priority', 'seq', 'notBefore', 'content')
local state, group, priority, seq = e[1], e[2], e[3], e[4]
if not state then return { 'gone' } end
-- It was found a moment ago, and may have moved since.
local shown = state
if state == 'queued' then shown = tonumber(e[5]) <= now and 'ready' or 'waiting' end
if (ARGV[8] ~= '' and shown ~= ARGV[8]) or (ARGV[9] ~= '' and group ~= ARGV[9]) then return { 'gone' } end
if state == 'leased' then return { 'leased' } end
if (action == 'hold' and state ~= 'queued')
  or (action == 'release' and state ~= 'held')
  or (action == 'retry' and (state ~= 'queued' or tonumber(e[5]) <= now))
  or (action == 'reroute' and group == word) then
  return { 'same' }
end
if ARGV[7] == 'dry' then return { 'changed' } end

local function release()
  redis.call('ZREM', base .. 'held', id)
  redis.call('HINCRBY', base .. 'group:' .. group, 'held', -1)
end

-- A worker whose lease ran out has lost it now.
redis.call('HDEL', key, 'fence')
if action == 'hold' then
  unline(id, group, priority, seq)
  redis.call('HSET', key, 'state', 'held', 'reason', word)
  redis.call('ZADD', base .. 'held', 0, id)
  redis.call('HINCRBY', base .. 'group:' .. group, 'held', 1)
elseif action == 'release' then
  release()
  redis.call('HDEL', key, 'reason', 'recovered', 'deaths')
  redis.call('HSET', key, 'state', 'queued', 'notBefore', now)
  line(id, group, priority, now, seq)
  place(priority, group)
elseif action == 'retry' then
  redis.call('HSET', key, 'notBefore', now)
  line(id, group, priority, now, seq)
  place(priority, group)
elseif action == 'drop' then
  if state == 'held' then release() else unline(id, group, priority, seq) end
  finish(id, group, e[6] ~= '' and e[6], ARGV[6])
elseif action == 'reroute' then
  if state == 'held' then release() else unline(id, group, priority, seq) end
  part(id, group)
  join(id, word)
  redis.call('HSET', key, 'group', word)
  if state == 'held' then
    redis.call('ZADD', base .. 'held', 0, id)
    redis.call('HINCRBY', base .. 'group:' .. word, 'held', 1)
  else
    line(id, word, priority, e[5], seq)
    place(priority, word)
  end
end
tidy(group)
tell()
return { 'changed' }
`,
)

/** Steers one group by hand. */
export const steer: Script = defineScript(
  'steer',
  String.raw`
-- Pauses, resumes or limits a group.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  group
-- ARGV[4]  pause | resume | limit
-- ARGV[5]  until when, in ms since the epoch (pause); how many, or empty for the default (limit)
-- Returns  steered
`,
  CLOCK,
  LANES,
  String.raw`
local group, value = ARGV[3], ARGV[5]
local key = base .. 'group:' .. group
redis.call('PERSIST', key)
if ARGV[4] == 'pause' then
  redis.call('HSET', key, 'paused', value)
elseif ARGV[4] == 'resume' then
  redis.call('HDEL', key, 'paused', 'parked')
else
  redis.call('HDEL', key, 'grown')
  if value == '' then redis.call('HDEL', key, 'limit') else redis.call('HSET', key, 'limit', value) end
end
tidy(group)
tell()
return { 'steered' }
`,
)

/** Shows one page of entries. */
export const list: Script = defineScript(
  'list',
  String.raw`
-- Reads entries in the order of their ids.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  the index: ids | held | of:GROUP | empty: the ids are given
-- ARGV[3]  the id to go on after; empty: from the first
-- ARGV[4]  how many to examine, at most 100
-- ARGV[5]  and on: ids, where the index is empty
-- Returns  listed, now, how many were examined, the last id examined, then for each that is there:
--          id, [state, group, job, content or empty, priority, labels, attempt, enqueuedAt, notBefore, reason]
`,
  CLOCK,
  String.raw`
local ids = {}
if ARGV[2] ~= '' then
  local from = ARGV[3] == '' and '-' or '(' .. ARGV[3]
  ids = redis.call('ZRANGEBYLEX', base .. ARGV[2], from, '+', 'LIMIT', 0, ARGV[4])
else
  for n = 5, #ARGV do ids[#ids + 1] = ARGV[n] end
end
local found = {}
for _, id in ipairs(ids) do
  local e = redis.call('HMGET', base .. 'entry:' .. id, 'state', 'group', 'job', 'content', 'priority', 'labels', 'attempt',
    'enqueuedAt', 'notBefore', 'reason')
  if e[1] then found[#found + 1] = { id, e } end
end
return { 'listed', string.format('%.0f', now), #ids, ids[#ids] or '', found }
`,
)

/** Counts entries by group. */
export const counts: Script = defineScript(
  'counts',
  String.raw`
-- Counts the entries of groups in each state.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  the group to go on after; empty: from the first
-- ARGV[4]  how many groups, at most 50
-- Returns  counted, then for each: group, ready, waiting, leased, held, paused or parked until (0: neither), concurrency
`,
  CLOCK,
  LANES,
  String.raw`
local from = ARGV[3] == '' and '-' or '(' .. ARGV[3]
local found = {}
for _, group in ipairs(redis.call('ZRANGEBYLEX', base .. 'groups', from, '+', 'LIMIT', 0, ARGV[4])) do
  local state = redis.call('HMGET', base .. 'group:' .. group, 'total', 'held', 'parked')
  local leased, most, paused = room(group)
  local held = tonumber(state[2]) or 0
  local queued = (tonumber(state[1]) or 0) - leased - held
  local ready = 0
  if queued > 0 then
    for priority = -9, 9 do ready = ready + redis.call('ZCOUNT', laneOf(priority, group), '-inf', now) end
  end
  local untilAt = math.max(paused, tonumber(state[3]) or 0)
  if untilAt <= now then untilAt = 0 end
  found[#found + 1] = { group, ready, queued - ready, leased, held, string.format('%.0f', untilAt), most }
end
return { 'counted', found }
`,
)
