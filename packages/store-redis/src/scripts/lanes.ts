/**
 * Groups and their lanes, as scripts work with them.
 *
 * A group is read once in a call, changed here, and written once by `save`; all groups of a call are read and written
 * together, so that what a script does to many entries costs no command for each. A lane holds the queued entries of one priority of one group, by time.
 * It stands in the ring of its priority (it has, or had lately, an entry that is due), among the wake times (it will
 * have one), or is `full` (its group is at its limit). Which, is the field `at:PRIORITY` of the group; a lane without
 * entries has none, but for one that was emptied by hand while it stood in the ring.
 */

import { LOOK_AGAIN_MS } from '../waiting.ts'

/** How long it is remembered how the destination of an empty group behaved, in milliseconds: a day. */
const FADE_MS = 86_400_000

/** The most groups in the feed of changes. */
export const MOST_CHANGED = 100_000

/** How long the feed of changes is kept while nobody follows it, in milliseconds. */
export const WATCHED_MS = 60_000

/** How a lane is named. Needs CLOCK. */
export const LANE: string = String.raw`
local function laneOf(priority, group)
  return base .. 'lane:' .. priority .. '/' .. group
end
`

/** Groups, read once and written once. Needs MANY, and ARGV[2]: the default limit of concurrent leases. */
export const GROUPS: string = String.raw`
local groups = {}
-- What else 'save' has to write.
local savers = {}
-- Whether a lane came to be due in this call, and in how many ms the next of those placed in it will.
local woken, soon = false, math.huge

-- Whether it has an entry in any state.
local function busy(g)
  if (tonumber(g.is.leased) or 0) > 0 or (tonumber(g.is.held) or 0) > 0 then return true end
  for field in pairs(g.is) do
    if string.sub(field, 1, 3) == 'at:' then return true end
  end
  return false
end

-- Reads groups, those that are not known here yet, in one step.
local function meet(names)
  local new, keys = {}, {}
  for _, name in ipairs(names) do
    if not groups[name] then
      local g = { name = name, key = base .. 'group:' .. name }
      groups[name] = g
      new[#new + 1] = g
      keys[#keys + 1] = g.key
    end
  end
  for n, packed in ipairs(read(keys)) do
    local g = new[n]
    g.is = packed and cmsgpack.unpack(packed) or {}
    g.listed = busy(g)
    g.stored = packed
  end
end

local function groupOf(name)
  if not groups[name] then meet({ name }) end
  return groups[name]
end

-- Changes a field; nil removes it.
local function put(g, field, value)
  g.is[field] = value
  g.changed, g.touched = true, true
end

local function add(g, field, n)
  put(g, field, (tonumber(g.is[field]) or 0) + n)
end

-- How many are leased, how many may be now, until when the group is parked (0: it is not), and how many may be leased
-- when it is not.
local function room(g)
  local is = g.is
  local most = tonumber(is.limit) or tonumber(ARGV[2])
  if is.grown then most = math.min(most, tonumber(is.grown)) end
  local parked = tonumber(is.parked) or 0
  local probes = most
  if parked > now then probes = math.min(most, 1) else parked = 0 end
  return tonumber(is.leased) or 0, probes, parked, most
end

-- Tells those who follow the feed of changes, where there are any, and with what came to be due those who wait for work:
-- that there is some (0), or in how many ms, where they would look too late.
local function tell(names)
  local ears = redis.call('MGET', base .. 'waiting', base .. 'watched')
  local ms = woken and 0 or soon
  if ears[1] and ms < ${LOOK_AGAIN_MS} then redis.call('PUBLISH', base .. 'work', string.format('%.0f', ms)) end
  if not ears[2] then return end
  local changed = base .. 'changed'
  local number = redis.call('INCRBY', KEYS[1], #names) - #names
  for from = 1, #names, 1000 do
    local members = {}
    for n = from, math.min(from + 999, #names) do
      members[#members + 1] = number + n
      members[#members + 1] = names[n]
    end
    redis.call('ZADD', changed, unpack(members))
  end
  local over = redis.call('ZCARD', changed) - ${MOST_CHANGED}
  if over > 0 then
    -- The member without a name says up to where something is missing.
    local cut = redis.call('ZRANGE', changed, over - 1, over - 1, 'WITHSCORES')[2]
    redis.call('ZREMRANGEBYRANK', changed, 0, over - 1)
    redis.call('ZADD', changed, cut, '')
  end
  redis.call('PEXPIRE', changed, ${2 * WATCHED_MS})
end

-- Writes what became of the groups and of all else, forgets groups that have nothing left, and tells. The last thing a
-- script does.
local function save()
  for _, saver in ipairs(savers) do saver() end
  local names, listed, unlisted = {}, {}, {}
  for name, g in pairs(groups) do
    if g.touched then names[#names + 1] = name end
    if g.changed then
      local is, there = g.is, busy(g)
      if there and not g.listed then
        listed[#listed + 1] = 0
        listed[#listed + 1] = name
      elseif g.listed and not there then
        unlisted[#unlisted + 1] = name
      end
      local ttl = nil
      if not there and not is.limit then
        -- How the destination behaved is remembered for a day.
        ttl = (is.grown or is.parked) and ${FADE_MS} or 0
        ttl = math.max(ttl, (tonumber(is.paused) or 0) - now)
      end
      if ttl == 0 then
        if g.stored then gone[#gone + 1] = g.key end
      elseif ttl then
        redis.call('SET', g.key, cmsgpack.pack(is), 'PX', string.format('%.0f', ttl))
      else
        keep(g.key, cmsgpack.pack(is))
      end
    end
  end
  many(kept, 'MSET')
  many(gone, 'UNLINK')
  many(listed, 'ZADD', base .. 'groups')
  many(unlisted, 'ZREM', base .. 'groups')
  if names[1] then tell(names) end
end
`

/** Where lanes stand. Needs LANE and GROUPS. */
export const LANES: string = String.raw`
local rings, levels, risen = {}, {}, {}

-- Writes what 'place' gathered.
local function stand()
  for priority, names in pairs(rings) do many(names, 'RPUSH', base .. 'ring:' .. priority) end
  many(levels, 'ZADD', base .. 'levels')
  rings, levels = {}, {}
end
savers[#savers + 1] = stand

-- Puts a lane where it belongs, by the time of its first entry: read, where it is not given. One that stands in a ring is
-- judged when its turn comes.
local function place(g, priority, due)
  local field = 'at:' .. priority
  local at = g.is[field]
  if at == 'ring' then return end
  due = due or tonumber(redis.call('ZRANGE', laneOf(priority, g.name), 0, 0, 'WITHSCORES')[2])
  local to
  if due then
    local leased, most, parked, unparked = room(g)
    due = math.max(due, tonumber(g.is.paused) or 0)
    if leased < most then
      if due <= now then to = 'ring' else to = 'wake' end
    elseif leased < unparked then
      -- The probe is out: the group opens when that ends, or its parking.
      to, due = 'wake', math.max(due, parked)
    else
      to = 'full'
    end
  end
  if at == 'wake' and to ~= 'wake' then redis.call('ZREM', base .. 'wake:' .. priority, g.name) end
  if to == 'wake' then
    redis.call('ZADD', base .. 'wake:' .. priority, due, g.name)
    soon = math.min(soon, due - now)
  elseif to == 'ring' then
    local ring = rings[priority] or {}
    rings[priority] = ring
    ring[#ring + 1] = g.name
    woken = true
  end
  if to ~= at then
    put(g, field, to)
    if (to == 'ring' or to == 'wake') and not risen[priority] then
      risen[priority] = true
      levels[#levels + 1] = priority
      levels[#levels + 1] = priority
    end
  end
end

-- Places anew the lanes that stand at the group's limit, after a lease of it ended; where 'all' is given, those that wait
-- for a time too, for that may have changed.
local function replace(g, all)
  local fields = {}
  for field, at in pairs(g.is) do
    if string.sub(field, 1, 3) == 'at:' and (at == 'full' or (all and at == 'wake')) then fields[#fields + 1] = field end
  end
  if not fields[1] then return end
  local leased, _, _, unparked = room(g)
  if leased >= unparked and not all then return end
  for _, field in ipairs(fields) do place(g, string.sub(field, 4)) end
end
`
