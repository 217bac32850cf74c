/** Scripts that count entries by group, and the one that follows what changes. */

import { GROUPS, LANE, MOST_CHANGED, WATCHED_MS } from './lanes.ts'
import { CLOCK, defineScript, MANY, type Script } from './script.ts'

/** The most groups that one call counts. */
export const MOST_COUNTED = 50

/** Counts one group. Needs GROUPS. */
const COUNT = String.raw`
-- Group, ready, waiting, leased, held, paused or parked until (0: neither), concurrency; and whether it has any entry.
local function count(name)
  local g = groupOf(name)
  local ready, queued = 0, 0
  for field in pairs(g.is) do
    if string.sub(field, 1, 3) == 'at:' then
      local lane = laneOf(string.sub(field, 4), name)
      local all = redis.call('ZCARD', lane)
      queued = queued + all
      if all > 0 then ready = ready + redis.call('ZCOUNT', lane, '-inf', now) end
    end
  end
  local leased, most = room(g)
  local held = tonumber(g.is.held) or 0
  local untilAt = math.max(tonumber(g.is.paused) or 0, tonumber(g.is.parked) or 0)
  if untilAt <= now then untilAt = 0 end
  local row = { name, ready, queued - ready, leased, held, string.format('%.0f', untilAt), most }
  return row, queued + leased + held > 0
end
`

/** Counts a page of groups. */
export const counts: Script = defineScript(
  'counts',
  String.raw`
-- Counts the entries of groups in each state, groups by name; those without entries are left out.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  the group to go on after; empty: from the first
-- ARGV[4]  how many groups to look at, at most 50
-- Returns  counted, the last group looked at (empty: there are no more), then for each: group, ready, waiting, leased,
--          held, paused or parked until (0: neither), concurrency
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  COUNT,
  String.raw`
local from = ARGV[3] == '' and '-' or '(' .. ARGV[3]
local names = redis.call('ZRANGEBYLEX', base .. 'groups', from, '+', 'LIMIT', 0, ARGV[4])
local rows = {}
meet(names)
for _, name in ipairs(names) do
  local row, any = count(name)
  if any then rows[#rows + 1] = row end
end
return { 'counted', #names == tonumber(ARGV[4]) and names[#names] or '', rows }
`,
)

/** Counts the groups given. */
export const tally: Script = defineScript(
  'tally',
  String.raw`
-- Counts the entries of the groups given; zeros for one that has none.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  and on: groups, at most 50
-- Returns  counted, then as counts
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  COUNT,
  String.raw`
local rows = {}
for n = 3, #ARGV do rows[n - 2] = count(ARGV[n]) end
return { 'counted', rows }
`,
)

/** Follows which groups change. */
export const follow: Script = defineScript(
  'follow',
  String.raw`
-- Says which groups have changed since a place in the feed, and has scripts feed it for another minute. A feed has a name;
-- one that nobody followed for a minute has ended, and another begins.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  name of the feed, as given before; empty: none
-- ARGV[2]  the place in it, as given before
-- ARGV[3]  the most groups, 1 to 1,000
-- Returns  followed, name of the feed, the place from which to go on, groups
--          | restarted, name of the feed, the place from which to go on
`,
  String.raw`
local base = string.sub(KEYS[1], 1, -4)
local watched, changed = base .. 'watched', base .. 'changed'
local name = redis.call('GET', watched)
if not name then
  name = string.format('%.0f', redis.call('INCR', KEYS[1]))
  redis.call('UNLINK', changed)
  redis.call('SET', watched, name, 'PX', ${WATCHED_MS})
elseif redis.call('PTTL', watched) < ${WATCHED_MS - 10_000} then
  redis.call('PEXPIRE', watched, ${WATCHED_MS})
  redis.call('PEXPIRE', changed, ${2 * WATCHED_MS})
end
-- Beyond ${MOST_CHANGED} groups the oldest changes are forgotten, up to this.
local cut = tonumber(redis.call('ZSCORE', changed, '') or 0)
local from = tonumber(ARGV[2]) or -1
if name ~= ARGV[1] or from < cut then
  return { 'restarted', name, redis.call('GET', KEYS[1]) }
end
local rows = redis.call('ZRANGEBYSCORE', changed, '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local groups = {}
for n = 1, #rows, 2 do groups[#groups + 1] = rows[n] end
return { 'followed', name, rows[#rows] or ARGV[2], groups }
`,
)
