/** Scripts that show entries, a page at a time. */

import { LANE } from './lanes.ts'
import { CLOCK, defineScript, type Script } from './script.ts'

/** The most entries of one call, and the most groups, lanes and leases that it looks at for them. */
export const MOST_LISTED = 100
const MOST_GROUPS = 50
const MOST_LANES = 200
const MOST_LEASES = 500

/** Reads what is shown of entries. */
const SHOW = String.raw`
local shown = {}

-- Gives false where there is no such entry.
local function show(id)
  local found = redis.call('MGET', base .. 'entry:' .. id, base .. 'job:' .. id)
  if not found[1] then return false end
  local e, job = cmsgpack.unpack(found[1]), found[2] or '\n'
  local cut = string.find(job, '\n', 1, true)
  shown[#shown + 1] = { id, e.group, e.state or 'queued', string.sub(job, cut + 1), e.content or '', e.priority or 0,
    string.sub(job, 1, cut - 1), e.attempt or 0, string.format('%.0f', e.at), string.format('%.0f', e.due or e.at),
    e.reason or '', e.reply }
  return true
end
`

/** Finds where to go on in a sorted set. */
export const AFTER: string = String.raw`
-- By bytes: Lua's own comparison is that of the server's locale.
local function precedes(one, other)
  for n = 1, math.min(#one, #other) do
    local a, b = string.byte(one, n), string.byte(other, n)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- How many members stand before a place, and how many with it, whether or not it is still there.
local function around(key, score, member)
  local rank = redis.call('ZRANK', key, member)
  if rank and tonumber(redis.call('ZSCORE', key, member)) == tonumber(score) then return rank, rank + 1 end
  local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local high = redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if precedes(member, redis.call('ZRANGE', key, middle, middle)[1]) then high = middle else low = middle + 1 end
  end
  return low, low
end
`

/** Calls `meet` for queued entries, lane by lane, and answers with `met`. Arguments are those of `listQueued`. */
export const WALK: string = String.raw`
local only, which, left = ARGV[2], ARGV[3], tonumber(ARGV[4])
local place = { ARGV[5], tonumber(ARGV[6]) or 10, ARGV[7], ARGV[8] }
local lanes, names = 0, { only }
if only == '' then
  names = redis.call('ZRANGEBYLEX', base .. 'groups', place[1] == '' and '-' or '[' .. place[1], '+', 'LIMIT', 0, ${MOST_GROUPS})
end
local whole = only ~= '' or #names < ${MOST_GROUPS}

local function answer(more)
  local reply = { 'listed', string.format('%.0f', now), met }
  if more then
    reply[4] = { place[1], tostring(place[2]), place[3], place[4] }
  end
  return reply
end

for _, group in ipairs(names) do
  -- What stands before the place was looked at.
  if group ~= place[1] then place = { group, 10, '', '' } end
  local priorities = {}
  local packed = redis.call('GET', base .. 'group:' .. group)
  for field in pairs(packed and cmsgpack.unpack(packed) or {}) do
    local priority = string.sub(field, 1, 3) == 'at:' and tonumber(string.sub(field, 4))
    if priority and priority <= place[2] then priorities[#priorities + 1] = priority end
  end
  table.sort(priorities, function(one, other) return one > other end)
  for _, priority in ipairs(priorities) do
    if left == 0 or lanes == ${MOST_LANES} then return answer(true) end
    lanes = lanes + 1
    local lane, from = laneOf(priority, group), 0
    if priority == place[2] and place[4] ~= '' then
      local _, behind = around(lane, place[3], place[4])
      from = behind
    end
    if which == 'waiting' then from = math.max(from, redis.call('ZCOUNT', lane, '-inf', now)) end
    local rows = redis.call('ZRANGE', lane, from, from + left - 1, 'WITHSCORES')
    for n = 1, #rows, 2 do
      if which == 'ready' and tonumber(rows[n + 1]) > now then break end
      place = { group, priority, rows[n + 1], rows[n] }
      left = left - 1
      meet(rows[n], group, priority, rows[n + 1])
    end
    if left == 0 then return answer(true) end
    place = { group, priority - 1, '', '' }
  end
  place = { group, -10, '', '' }
end
return answer(not whole)
`

/** Shows entries by their ids. */
export const show: Script = defineScript(
  'show',
  String.raw`
-- Reads the entries given.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  and on: entry ids, at most 100
-- Returns  listed, now, then for each that is there: id, group, state (queued, leased or held), job, content or empty,
--          priority, labels, attempt, enqueuedAt, notBefore, reason or empty, reply or nil
`,
  CLOCK,
  SHOW,
  String.raw`
for n = 2, #ARGV do show(ARGV[n]) end
return { 'listed', string.format('%.0f', now), shown }
`,
)

/** Shows entries that are queued. */
export const listQueued: Script = defineScript(
  'listQueued',
  String.raw`
-- Reads queued entries, lane by lane: groups by name, priorities from the highest, entries by time. At most 50 groups and
-- 200 lanes are looked at.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  group | empty: all
-- ARGV[3]  ready | waiting | empty: both
-- ARGV[4]  how many, at most 100
-- ARGV[5]  the place to go on after: group (empty: from the first),
-- ARGV[6]  priority,
-- ARGV[7]  time,
-- ARGV[8]  seq:id
-- Returns  listed, now, entries as show gives them, then the last place looked at; nothing then where that was all
`,
  CLOCK,
  LANE,
  SHOW,
  AFTER,
  String.raw`
local met = shown
local function meet(member) show(string.sub(member, 18)) end
`,
  WALK,
)

/** Shows entries that are leased. */
export const listLeased: Script = defineScript(
  'listLeased',
  String.raw`
-- Reads leased entries, from the lease that ends last; at most 500 are looked at.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  group | empty: all
-- ARGV[3]  how many, at most 100
-- ARGV[4]  the place to go on after: when the lease ends (empty: from the first),
-- ARGV[5]  id
-- Returns  as listQueued
`,
  CLOCK,
  SHOW,
  AFTER,
  String.raw`
local leases, only, left = base .. 'leases', ARGV[2], tonumber(ARGV[3])
local function groupOf(id)
  local packed = redis.call('GET', base .. 'entry:' .. id)
  return packed and cmsgpack.unpack(packed).group
end
-- Downwards, so that a lease that is renewed meanwhile goes behind, not ahead: else this might not end.
local before = redis.call('ZCARD', leases)
if ARGV[4] ~= '' then before = around(leases, ARGV[4], ARGV[5]) end
local looks = only == '' and left or ${MOST_LEASES}
local rows = before > 0 and redis.call('ZRANGE', leases, math.max(0, before - looks), before - 1, 'WITHSCORES') or {}
local place
for n = #rows - 1, 1, -2 do
  if left == 0 then break end
  local id = rows[n]
  place = { rows[n + 1], id }
  if (only == '' or groupOf(id) == only) and show(id) then left = left - 1 end
end
local reply = { 'listed', string.format('%.0f', now), shown }
if place and (left == 0 or before > looks) then reply[4] = place end
return reply
`,
)

/** Shows entries that are held. */
export const listHeld: Script = defineScript(
  'listHeld',
  String.raw`
-- Reads held entries by name.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  group | empty: all
-- ARGV[3]  how many, at most 100
-- ARGV[4]  the id to go on after; empty: from the first
-- Returns  as listQueued
`,
  CLOCK,
  SHOW,
  String.raw`
local held = ARGV[2] == '' and base .. 'held' or base .. 'held:' .. ARGV[2]
local ids = redis.call('ZRANGEBYLEX', held, ARGV[4] == '' and '-' or '(' .. ARGV[4], '+', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do show(id) end
local reply = { 'listed', string.format('%.0f', now), shown }
if #ids == tonumber(ARGV[3]) then reply[4] = { ids[#ids] } end
return reply
`,
)
