import { CLOCK, defineScript, DRAINS, ENTRIES, LANES, type Script } from './script.ts'

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
-- ARGV[3]  the most entries to give
-- ARGV[4]  how long the leases hold, in ms
-- ARGV[5]  deaths alone after which an entry is held
-- ARGV[6]  how long, in ms, workers are to be told when work comes (a second less at most); empty where nobody will wait
-- Returns  leased, then for each: id, fence, [job, group, content or empty, priority, labels, attempt, recovered, enqueuedAt]
--          | none, ms until there may be something (empty: unknown)
--          | more
`,
  CLOCK,
  DRAINS,
  LANES,
  ENTRIES,
  String.raw`
local BOUND = 100
local limit = tonumber(ARGV[3])
local more = false

local expired = redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', now, 'LIMIT', 0, BOUND)
if #expired == BOUND then more = true end
for _, id in ipairs(expired) do
  local key = base .. 'entry:' .. id
  local e = redis.call('HMGET', key, 'group', 'priority', 'seq', 'notBefore', 'recovered', 'deaths')
  local group, priority = e[1], e[2]
  redis.call('ZREM', base .. 'leases', id)
  redis.call('HINCRBY', base .. 'group:' .. group, 'leased', -1)
  local deaths = tonumber(e[6]) or 0
  -- A lease that began as recovered was given alone.
  if e[5] == '1' then deaths = deaths + 1 end
  if deaths >= tonumber(ARGV[5]) then
    redis.call('HDEL', key, 'fence')
    redis.call('HSET', key, 'state', 'held', 'deaths', deaths,
      'reason', 'poison: its worker died ' .. deaths .. ' times while it was leased alone')
    redis.call('ZADD', base .. 'held', 0, id)
    redis.call('HINCRBY', base .. 'group:' .. group, 'held', 1)
  else
    redis.call('HSET', key, 'state', 'queued', 'recovered', 1, 'deaths', deaths)
    line(id, group, priority, e[4], e[3])
    place(priority, group)
  end
  tidy(group)
end

local given = {}
local looks = limit + BOUND
local alone = false
for _, priority in ipairs(redis.call('ZREVRANGE', base .. 'levels', 0, -1)) do
  local ring, wake = base .. 'ring:' .. priority, base .. 'wake:' .. priority
  local due = redis.call('ZRANGEBYSCORE', wake, '-inf', now, 'LIMIT', 0, BOUND)
  if #due == BOUND then more = true end
  for _, group in ipairs(due) do place(priority, group) end

  while #given < limit and looks > 0 and not alone do
    local group = redis.call('LPOP', ring)
    if not group then
      if redis.call('EXISTS', wake) == 0 then redis.call('ZREM', base .. 'levels', priority) end
      break
    end
    looks = looks - 1
    redis.call('HDEL', base .. 'group:' .. group, 'at:' .. priority)
    local head = redis.call('ZRANGE', laneOf(priority, group), 0, 0, 'WITHSCORES')
    local leased, most, paused = room(group)
    if not head[1] then
      tidy(group)
    elseif leased >= most or math.max(tonumber(head[2]), paused) > now then
      place(priority, group)
    else
      local id = string.sub(head[1], 18)
      local key = base .. 'entry:' .. id
      local e = redis.call('HMGET', key, 'job', 'group', 'content', 'priority', 'labels', 'attempt', 'recovered', 'enqueuedAt')
      alone = e[7] == '1'
      if alone and #given > 0 then
        redis.call('LPUSH', ring, group)
        redis.call('HSET', base .. 'group:' .. group, 'at:' .. priority, 'ring')
      else
        local fence = string.format('%.0f', redis.call('INCR', KEYS[1]))
        redis.call('ZREM', laneOf(priority, group), head[1])
        redis.call('HSET', key, 'state', 'leased', 'fence', fence, 'attempt', e[6] + 1)
        redis.call('ZADD', base .. 'leases', now + ARGV[4], id)
        redis.call('HINCRBY', base .. 'group:' .. group, 'leased', 1)
        given[#given + 1] = { id, fence, e }
        place(priority, group)
      end
    end
  end
  if #given == limit or alone then break end
  if looks == 0 then
    more = true
    break
  end
end

if #given > 0 then
  tell()
  return { 'leased', given }
end
if more then return { 'more' } end

-- Where the entries above were for nobody to have, when will there be some?
local soonest = redis.call('ZRANGE', base .. 'leases', 0, 0, 'WITHSCORES')[2]
local wakeAt = soonest and tonumber(soonest)
for _, priority in ipairs(redis.call('ZRANGE', base .. 'levels', 0, -1)) do
  local first = redis.call('ZRANGE', base .. 'wake:' .. priority, 0, 0, 'WITHSCORES')[2]
  if first then wakeAt = math.min(wakeAt or tonumber(first), tonumber(first)) end
end
if ARGV[6] ~= '' and redis.call('PTTL', base .. 'waiting') < ARGV[6] - 1000 then
  redis.call('SET', base .. 'waiting', 1, 'PX', ARGV[6])
end
return { 'none', wakeAt and string.format('%.0f', math.max(0, wakeAt - now)) or '' }
`,
)
