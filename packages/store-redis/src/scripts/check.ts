/** Scripts that look for what must not be, a page at a time. Each looks at its things in one step, so what it sees is so. */

import { GROUPS, LANE } from './lanes.ts'
import { CLOCK, defineScript, MANY, type Script } from './script.ts'

/** Groups, entries of one place, and keys that one call looks at, about. */
export const CHECKED_GROUPS = 20
export const CHECKED_PLACES = 200
const SCANNED = 300

/** A ring longer than this is not searched. */
const SEARCHED = 1_000

/** The beginning of the shard's keys, for scripts that need no clock. */
const BASE = String.raw`
local base = string.sub(KEYS[1], 1, -4)
`

/** How many entries content says name it. Needs `base`. */
const REFS = String.raw`
local function refsOf(content)
  local key = base .. 'content:' .. content
  if string.find(content, '^%d+%-h') then return tonumber(redis.call('HGET', key, 'refs')) or 0 end
  -- What has a time to live is named by nobody yet.
  if redis.call('PTTL', key) ~= -1 then return 0 end
  return tonumber(redis.call('GET', base .. 'refs:' .. content)) or 1
end
`

/** How keys of one kind are scanned. Needs `base`. */
const SCAN = String.raw`
local function scan(kind, cursor)
  local pattern = string.gsub(base .. kind, '[%*%?%[%]%^%-\\]', '\\%0') .. '*'
  local page = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', ${SCANNED})
  for n, key in ipairs(page[2]) do page[2][n] = string.sub(key, #base + #kind + 1) end
  return page[1], page[2]
end
`

/** Looks at groups, and where their lanes stand. */
export const checkGroups: Script = defineScript(
  'checkGroups',
  String.raw`
-- Looks whether groups are what their entries say: a lane with entries that stands nowhere would never be leased from.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  the group to go on after; empty: from the first
-- ARGV[4]  how many, at most 20
-- Returns  checked, the last group looked at (empty: there are no more),
--          for each fault: group, lost (a lane stands nowhere) | stuck (at its limit, and nothing is leased) | held, or
--          leftover (nothing of it is there), then the priority where there is one,
--          then the groups that count leases
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  String.raw`
local from = ARGV[3] == '' and '-' or '(' .. ARGV[3]
local names = redis.call('ZRANGEBYLEX', base .. 'groups', from, '+', 'LIMIT', 0, ARGV[4])
local faults, leasing = {}, {}
for _, name in ipairs(names) do
  local g = groupOf(name)
  local there = busy(g)
  local leased, _, _, most = room(g)
  if leased ~= 0 then leasing[#leasing + 1] = name end
  if redis.call('ZCARD', base .. 'held:' .. name) ~= (tonumber(g.is.held) or 0) then faults[#faults + 1] = { name, 'held' } end
  for priority = -9, 9 do
    local at = g.is['at:' .. priority]
    if redis.call('ZCARD', laneOf(priority, name)) > 0 then
      there = true
      local ring = base .. 'ring:' .. priority
      if not at
        or (at == 'wake' and not redis.call('ZSCORE', base .. 'wake:' .. priority, name))
        or (at == 'ring' and redis.call('LLEN', ring) <= ${SEARCHED} and not redis.call('LPOS', ring, name))
        or (at ~= 'full' and not redis.call('ZSCORE', base .. 'levels', priority)) then
        faults[#faults + 1] = { name, 'lost', priority }
      elseif at == 'full' and leased <= 0 and most > 0 then
        faults[#faults + 1] = { name, 'stuck', priority }
      end
    end
  end
  if not there then faults[#faults + 1] = { name, 'leftover' } end
end
return { 'checked', #names == tonumber(ARGV[4]) and names[#names] or '', faults, leasing }
`,
)

/** Counts leases of groups. */
export const checkLeases: Script = defineScript(
  'checkLeases',
  String.raw`
-- Compares how many leases groups count with those that are there.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  the most leases to look at, at most 5,000; where there are more, nothing is compared
-- ARGV[2]  and on: groups
-- Returns  checked, for each group that differs: group, how many it counts, how many are there
--          | many
`,
  String.raw`
local base = string.sub(KEYS[1], 1, -4)
if redis.call('ZCARD', base .. 'leases') > tonumber(ARGV[1]) then return { 'many' } end
local there = {}
for _, id in ipairs(redis.call('ZRANGE', base .. 'leases', 0, -1)) do
  local packed = redis.call('GET', base .. 'entry:' .. id)
  local group = packed and cmsgpack.unpack(packed).group
  if group then there[group] = (there[group] or 0) + 1 end
end
local faults = {}
for n = 2, #ARGV do
  local packed = redis.call('GET', base .. 'group:' .. ARGV[n])
  local counted = packed and tonumber(cmsgpack.unpack(packed).leased) or 0
  if counted ~= (there[ARGV[n]] or 0) then faults[#faults + 1] = { ARGV[n], counted, there[ARGV[n]] or 0 } end
end
return { 'checked', faults }
`,
)

/** Finds lanes by their keys. */
export const checkLanes: Script = defineScript(
  'checkLanes',
  String.raw`
-- Names lanes.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  cursor of SCAN
-- Returns  checked, cursor (0: that was all), lanes as PRIORITY/GROUP
`,
  BASE,
  SCAN,
  String.raw`
local cursor, lanes = scan('lane:', ARGV[1])
return { 'checked', cursor, lanes }
`,
)

/** Looks at the entries that stand in a place. */
export const checkPlace: Script = defineScript(
  'checkPlace',
  String.raw`
-- Looks whether what a sorted set names are entries that say the same.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  leases | held | lane:PRIORITY/GROUP
-- ARGV[2]  where to begin: a rank
-- ARGV[3]  how many, at most 200
-- Returns  checked, for each fault: id, ghost (there is no such entry) | other (the entry says it stands elsewhere),
--          how many were looked at
`,
  String.raw`
local base = string.sub(KEYS[1], 1, -4)
local lane, group = string.match(ARGV[1], '^lane:(%-?%d)/(.*)$')
local members = redis.call('ZRANGE', base .. ARGV[1], ARGV[2], ARGV[2] + ARGV[3] - 1)
local faults = {}
for _, member in ipairs(members) do
  local id = lane and string.sub(member, 18) or member
  local packed = redis.call('GET', base .. 'entry:' .. id)
  local e = packed and cmsgpack.unpack(packed) or {}
  local state = e.state or 'queued'
  if not packed then
    faults[#faults + 1] = { id, 'ghost' }
  elseif lane and (state ~= 'queued' or e.group ~= group or e.seq .. id ~= member or (e.priority or '0') ~= lane) then
    faults[#faults + 1] = { id, 'other' }
  elseif not lane and state ~= (ARGV[1] == 'held' and 'held' or 'leased') then
    faults[#faults + 1] = { id, 'other' }
  end
end
return { 'checked', faults, #members }
`,
)

/** Looks at entries by their keys. */
export const checkEntries: Script = defineScript(
  'checkEntries',
  String.raw`
-- Looks whether entries stand where they say, and whether what they need is there.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  cursor of SCAN
-- ARGV[2]  and on: content ids; where there are some, only entries that name one of them are told
-- Returns  checked, cursor (0: that was all), how many entries there were (one may come twice over the calls),
--          for each fault: id, lost (it stands nowhere) | unlisted (its group is not known) | contentless,
--          then id and content of each that names some
`,
  BASE,
  REFS,
  SCAN,
  String.raw`
local cursor, ids = scan('entry:', ARGV[1])
local asked = {}
for n = 2, #ARGV do asked[ARGV[n]] = true end
local faults, contents = {}, {}
for _, id in ipairs(ids) do
  local packed = redis.call('GET', base .. 'entry:' .. id)
  local e = packed and cmsgpack.unpack(packed) or {}
  local content = e.content
  if content and (not ARGV[2] or asked[content]) then contents[#contents + 1] = { id, content } end
  if not ARGV[2] then
    local state, set, member = e.state or 'queued', base .. 'leases', id
    if state == 'held' then set = base .. 'held' end
    if state == 'queued' then
      set, member = base .. 'lane:' .. (e.priority or '0') .. '/' .. (e.group or ''), (e.seq or '') .. id
    end
    local there = e.group and redis.call('ZSCORE', set, member)
    if there and state == 'held' then there = redis.call('ZSCORE', base .. 'held:' .. e.group, id) end
    if not there then
      faults[#faults + 1] = { id, 'lost' }
    elseif not redis.call('ZSCORE', base .. 'groups', e.group) then
      faults[#faults + 1] = { id, 'unlisted' }
    end
    if content and refsOf(content) == 0 then
      faults[#faults + 1] = { id, 'contentless' }
    end
  end
end
return { 'checked', cursor, #ids, faults, contents }
`,
)

/** Looks at content by its keys. */
export const checkContents: Script = defineScript(
  'checkContents',
  String.raw`
-- Looks at content: how many entries it says name it, and what of it was never named in time.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  cursor of SCAN
-- Returns  checked, cursor (0: that was all), how many there were, for each that is named: content id, how many entries,
--          then those that no entry named in time, or that nobody would ever remove
`,
  CLOCK,
  REFS,
  SCAN,
  String.raw`
local cursor, ids = scan('content:', ARGV[2])
local named, old = {}, {}
for _, id in ipairs(ids) do
  local key, refs = base .. 'content:' .. id, refsOf(id)
  if refs > 0 then
    named[#named + 1] = { id, refs }
  else
    local ends = tonumber(redis.call('ZSCORE', base .. 'staged', id))
    if (ends and ends <= now) or (not ends and redis.call('PTTL', key) == -1) then old[#old + 1] = id end
  end
end
return { 'checked', cursor, #ids, named, old }
`,
)

/** Says how many entries content says name it. */
export const refsOf: Script = defineScript(
  'refsOf',
  String.raw`
-- Reads how many entries name each content; 0 where it is not there.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  and on: content ids, at most 100
-- Returns  checked, how many for each
`,
  BASE,
  REFS,
  String.raw`
local refs = {}
for n, id in ipairs(ARGV) do refs[n] = refsOf(id) end
return { 'checked', refs }
`,
)
