import { ENTRIES } from './entries.ts'
import { GROUPS, LANE, LANES } from './lanes.ts'
import { CLOCK, defineScript, DRAINS, MANY, type Script } from './script.ts'

/** The most entries that one call gives. */
export const MOST_LEASES = 1_000

/** Takes back the leases that ran out. */
const TAKE_BACK = String.raw`
local BOUND = 100
local more = false

local expired = redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', now, 'LIMIT', 0, BOUND)
if expired[1] then
  more = #expired == BOUND
  redis.call('ZREM', base .. 'leases', unpack(expired))
  recall(expired)
  local names = {}
  for _, id in ipairs(expired) do
    if entries[id] then names[#names + 1] = entries[id].group end
  end
  meet(names)
  for _, id in ipairs(expired) do
    local e = entries[id]
    if e then
      local g = groupOf(e.group)
      altered[id] = true
      add(g, 'leased', -1)
      local deaths = e.deaths or 0
      -- A lease that began as recovered was given alone.
      if string.sub(e.seq, 17) == '!' then deaths = deaths + 1 end
      e.deaths = deaths
      e.seq = string.sub(e.seq, 1, 16) .. '!'
      if deaths >= tonumber(ARGV[5]) then
        e.fence, e.state = nil, 'held'
        e.reason = 'poison: its worker died ' .. deaths .. ' times while it was leased alone'
        hold(g, id)
      else
        e.state = nil
        line(g, id, e.priority or '0', e.due or e.at, e.seq)
      end
    end
  end
  for _, g in pairs(groups) do replace(g, true) end
  stand()
end
`

/** Takes lanes from their head, a few entries at a time: more of one that is asked more often. What is left goes back. */
const HEADS = String.raw`
local heads = {}

local function headOf(priority, group)
  local key = laneOf(priority, group)
  local lane = heads[key]
  if not lane then
    lane = { key = key, items = {}, at = 1, step = 1 }
    heads[key] = lane
  end
  return lane
end

-- The first entry that was not taken, as seq:id, and its time.
local function first(lane)
  if lane.at > #lane.items and not lane.over then
    lane.step = math.min(2 * lane.step, 64)
    lane.items = redis.call('ZPOPMIN', lane.key, lane.step)
    lane.at = 1
    lane.over = #lane.items < 2 * lane.step
  end
  return lane.items[lane.at], tonumber(lane.items[lane.at + 1])
end

local function giveBack()
  for _, lane in pairs(heads) do
    local rest = {}
    for n = lane.at, #lane.items, 2 do
      rest[#rest + 1] = lane.items[n + 1]
      rest[#rest + 1] = lane.items[n]
    end
    many(rest, 'ZADD', lane.key)
  end
end
`

/** Gives entries that are due to a worker. */
export const lease: Script = defineScript(
  'lease',
  String.raw`
-- Takes back what ran out, brings lanes whose time has come into their rings, and leases entries: from the highest
-- priority down, lanes in turn, one entry a turn. At most 100 leases are taken back, 100 lanes of a priority brought in
-- and limit + 100 lanes looked at; where that gave nothing and more may be there, it says so.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  the most entries to give, at most 1,000
-- ARGV[4]  how long the leases hold, in ms
-- ARGV[5]  deaths alone after which an entry is held
-- ARGV[6]  how long, in ms, workers are to be told when work comes (a second less at most); empty where nobody will wait
-- Returns  leased, then of all, one after the other: FENCE PRIORITY ATTEMPT RECOVERED ENQUEUED-AT CONTENT (0 or 1; empty:
--          none), id, group, labels as JSON (empty: none) with a line feed and the job
--          | none, ms until there may be something (empty: unknown)
--          | more
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  LANES,
  ENTRIES,
  TAKE_BACK,
  HEADS,
  String.raw`
local limit = tonumber(ARGV[3])
local given = {}
local looks = limit + BOUND
local alone = false
local givenOf = {}

-- Leases the first entry of a lane. False where that must be given alone, and is not the first: its turn is the next.
local function give(g, priority, lane, member)
  if string.sub(member, 17, 17) == '!' then
    alone = true
    if given[1] then return false end
  end
  lane.at = lane.at + 2
  add(g, 'leased', 1)
  given[#given + 1] = string.sub(member, 18)
  givenOf[#given] = g
  return true
end

for _, priority in ipairs(redis.call('ZREVRANGE', base .. 'levels', 0, -1)) do
  local ring, wake, field = base .. 'ring:' .. priority, base .. 'wake:' .. priority, 'at:' .. priority
  local due = redis.call('ZRANGEBYSCORE', wake, '-inf', now, 'LIMIT', 0, BOUND)
  if due[1] then
    if #due == BOUND then more = true end
    redis.call('ZREM', wake, unpack(due))
    meet(due)
    for _, group in ipairs(due) do
      local g = groupOf(group)
      if g.is[field] == 'wake' then put(g, field, nil) end
      if not g.is[field] then place(g, priority) end
    end
    stand()
  end

  -- Groups taken out of the ring: 'turn' are to be looked at, from n + 1 on; 'back' had their turn and have more. Where
  -- 'whole' is set, none are left in Redis.
  local turn, back, n, whole = {}, {}, 0, false
  while #given < limit and looks > 0 and not alone do
    if n == #turn then
      if whole then
        turn, back = back, {}
      else
        if back[1] then redis.call('RPUSH', ring, unpack(back)) end
        local count = math.min(limit - #given, looks)
        turn, back = redis.call('LPOP', ring, count) or {}, {}
        whole = #turn < count
        meet(turn)
      end
      n = 0
      if not turn[1] then break end
    end
    looks = looks - 1
    local g = groupOf(turn[n + 1])
    local lane = headOf(priority, g.name)
    local member, time = first(lane)
    local leased, most = room(g)
    local open = leased < most and (tonumber(g.is.paused) or 0) <= now
    if member and open and time <= now then
      if not give(g, priority, lane, member) then break end
      member, time = first(lane)
      leased, most = room(g)
      open = leased < most
    end
    n = n + 1
    if member and open and time <= now then
      back[#back + 1] = g.name
    else
      put(g, field, nil)
      if member then place(g, priority, time) end
    end
  end
  local rest = {}
  for at = n + 1, #turn do rest[#rest + 1] = turn[at] end
  if whole then
    for _, group in ipairs(back) do rest[#rest + 1] = group end
    if rest[1] then
      redis.call('RPUSH', ring, unpack(rest))
    elseif redis.call('EXISTS', wake) == 0 then
      redis.call('ZREM', base .. 'levels', priority)
      risen[priority] = nil
    end
  else
    for at = #rest, 1, -1 do redis.call('LPUSH', ring, rest[at]) end
    if back[1] then redis.call('RPUSH', ring, unpack(back)) end
  end
  if #given == limit or alone then break end
  if looks == 0 then
    more = true
    break
  end
end

giveBack()
if given[1] then
  recall(given)
  local jobs = {}
  for n, id in ipairs(given) do jobs[n] = base .. 'job:' .. id end
  jobs = read(jobs)
  local fence = redis.call('INCRBY', KEYS[1], #given) - #given
  local rows, leases = {}, {}
  for n, id in ipairs(given) do
    local e, g = entries[id], givenOf[n]
    if e then
      local attempt = e.attempt or 0
      e.state, e.fence, e.attempt = 'leased', string.format('%.0f', fence + n), attempt + 1
      altered[id] = true
      leases[#leases + 1] = now + ARGV[4]
      leases[#leases + 1] = id
      local back = string.sub(e.seq, 17) == '!' and 1 or 0
      rows[#rows + 1] = string.format('%s %s %d %d %.0f %s', e.fence, e.priority or '0', attempt, back, e.at, e.content or '')
      rows[#rows + 1] = id
      rows[#rows + 1] = g.name
      rows[#rows + 1] = jobs[n] or '\n'
    else
      -- What has no entry is nothing to give.
      add(g, 'leased', -1)
      replace(g)
      more = true
    end
  end
  if rows[1] then
    many(leases, 'ZADD', base .. 'leases')
    save()
    return { 'leased', rows }
  end
end
-- Who asks is told when to ask again.
woken, soon = false, math.huge
save()
if more then return { 'more' } end

-- Where the entries above were for nobody to have, when will there be some?
local soonest = redis.call('ZRANGE', base .. 'leases', 0, 0, 'WITHSCORES')[2]
local wakeAt = soonest and tonumber(soonest)
for _, priority in ipairs(redis.call('ZRANGE', base .. 'levels', 0, -1)) do
  local time = redis.call('ZRANGE', base .. 'wake:' .. priority, 0, 0, 'WITHSCORES')[2]
  if time then wakeAt = math.min(wakeAt or tonumber(time), tonumber(time)) end
end
if ARGV[6] ~= '' and redis.call('PTTL', base .. 'waiting') < ARGV[6] - 1000 then
`,
  DRAINS,
  String.raw`
  redis.call('SET', base .. 'waiting', 1, 'PX', ARGV[6])
end
return { 'none', wakeAt and string.format('%.0f', math.max(0, wakeAt - now)) or '' }
`,
)
