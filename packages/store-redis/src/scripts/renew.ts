import { ENTRIES } from './entries.ts'
import { GROUPS, LANE, LANES } from './lanes.ts'
import { CLOCK, defineScript, DRAINS, MANY, type Script } from './script.ts'

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
  MANY,
  LANE,
  GROUPS,
  LANES,
  ENTRIES,
  String.raw`
local id = ARGV[3]
local e = entryOf(id)
if not e or e.fence ~= ARGV[4] then return { 'lost' } end
if e.state ~= 'leased' then
  local g, deaths = groupOf(e.group), e.deaths or 0
  unline(g, id, e.priority or '0', e.seq)
  if deaths > 0 then e.deaths = deaths - 1 else e.seq = string.sub(e.seq, 1, 16) .. ':' end
  e.state = 'leased'
  altered[id] = true
  add(g, 'leased', 1)
end
redis.call('ZADD', base .. 'leases', now + ARGV[5], id)
if ARGV[6] then rejob(id, ARGV[6]) end
save()
return { 'renewed' }
`,
)
