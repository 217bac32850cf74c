import { CLOCK, defineScript, DRAINS, ENTRIES, LANES, type Script } from './script.ts'

/** Extends a lease. */
export const renew: Script = defineScript(
  'renew',
  String.raw`
-- Extends a lease from now, and keeps the job where one is given. A lease that ran out and was given to nobody is taken
-- up again, its death forgotten.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  entry id
-- ARGV[4]  fence of the lease
-- ARGV[5]  how long it holds from now, in ms
-- ARGV[6]  job | absent: stays
-- Returns  renewed | lost
`,
  CLOCK,
  DRAINS,
  LANES,
  ENTRIES,
  String.raw`
local id = ARGV[3]
local key = base .. 'entry:' .. id
local e = redis.call('HMGET', key, 'fence', 'state', 'group', 'priority', 'seq', 'deaths')
if e[1] ~= ARGV[4] then return { 'lost' } end
if e[2] == 'queued' then
  local group, priority, deaths = e[3], e[4], tonumber(e[6]) or 0
  unline(id, group, priority, e[5])
  if deaths > 0 then redis.call('HSET', key, 'deaths', deaths - 1) else redis.call('HDEL', key, 'recovered') end
  redis.call('HSET', key, 'state', 'leased')
  redis.call('HINCRBY', base .. 'group:' .. group, 'leased', 1)
  tidy(group)
end
redis.call('ZADD', base .. 'leases', now + ARGV[5], id)
if ARGV[6] then redis.call('HSET', key, 'job', ARGV[6]) end
return { 'renewed' }
`,
)
