/**
 * What a script is, and the parts that several share.
 *
 * Scripts are TypeScript files that export Lua text: they load alike from source and from the bundle, and a shared part
 * stands once. The header of each says purpose, keys with their Redis type, arguments with units, and what it returns in
 * words. No script does unbounded work, and none fails half-way: it checks first and writes then.
 */

import { createHash } from 'node:crypto'
import { LOOK_AGAIN_MS } from '../waiting.ts'

/** Lua text and the digest that Redis knows it by. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly sha1: string
}

/** Joins the parts of a script. */
export function defineScript(name: string, ...parts: readonly string[]): Script {
  const lua = parts.join('\n')
  return { name, lua, sha1: createHash('sha1').update(lua).digest('hex') }
}

/** Redis's clock, unless a test passes one: `now`, and `base`, the beginning of the shard's keys. */
export const CLOCK: string = String.raw`
local base = string.sub(KEYS[1], 1, -4)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/**
 * For scripts that work off what is there, which must go on while the memory of Redis is full: it then refuses a first
 * write that may need memory, but none that comes after another write of the same script. This one changes nothing, so
 * nothing of it comes to the disk. Needs CLOCK.
 */
export const DRAINS: string = String.raw`
redis.call('ZREM', base .. 'leases', '')
`

/**
 * Lanes: the queued entries of one priority of one group, by time. A lane stands in the ring of its priority (it has, or
 * had lately, an entry that is due), among the wake times (it will), or is `full` (its group is at its limit). Which, is
 * the field `at:PRIORITY` of the group. Needs CLOCK, and ARGV[2]: the default limit of concurrent leases.
 */
export const LANES: string = String.raw`
local woken = false
-- In how many ms the earliest group placed in this call will have work.
local soon = math.huge

local function laneOf(priority, group)
  return base .. 'lane:' .. priority .. '/' .. group
end

-- How many are leased, how many may be now, until when the group is paused and until when it is parked (0: it is not),
-- and how many may be leased when it is not parked.
local function room(group)
  local state = redis.call('HMGET', base .. 'group:' .. group, 'leased', 'limit', 'grown', 'parked', 'paused')
  local most = tonumber(state[2]) or tonumber(ARGV[2])
  if state[3] then most = math.min(most, tonumber(state[3])) end
  local parked = tonumber(state[4]) or 0
  local probes = most
  if parked > now then probes = math.min(most, 1) else parked = 0 end
  return tonumber(state[1]) or 0, probes, tonumber(state[5]) or 0, parked, most
end

-- Puts a lane where it belongs. One that stands in a ring is judged when its turn comes.
local function place(priority, group)
  local key = base .. 'group:' .. group
  local field = 'at:' .. priority
  local at = redis.call('HGET', key, field)
  if at == 'ring' then return end
  local head = redis.call('ZRANGE', laneOf(priority, group), 0, 0, 'WITHSCORES')
  local to, due
  if head[1] then
    local leased, most, paused, parked, unparked = room(group)
    due = math.max(tonumber(head[2]), paused)
    if leased < most then
      if due <= now then to = 'ring' else to = 'wake' end
    elseif leased < unparked then
      -- The probe is out: the group opens when that ends, or its parking.
      to, due = 'wake', math.max(due, parked)
    else
      to = 'full'
    end
  end
  if at == 'wake' and to ~= 'wake' then redis.call('ZREM', base .. 'wake:' .. priority, group) end
  if to == 'wake' then
    redis.call('ZADD', base .. 'wake:' .. priority, due, group)
    soon = math.min(soon, due - now)
  end
  if to == 'ring' then
    redis.call('RPUSH', base .. 'ring:' .. priority, group)
    woken = true
  end
  if not to then
    if at then redis.call('HDEL', key, field) end
  elseif to ~= at then
    redis.call('HSET', key, field, to)
    if to ~= 'full' then redis.call('ZADD', base .. 'levels', priority, priority) end
  end
end

-- Places a group's lanes anew after its limits or leases changed, and forgets a group that has nothing left.
local function tidy(group)
  local key = base .. 'group:' .. group
  local fields = redis.call('HGETALL', key)
  local total, keep, fade = 0, false, false
  for n = 1, #fields, 2 do
    local name, value = fields[n], fields[n + 1]
    if name == 'total' then
      total = tonumber(value)
    elseif name == 'limit' or (name == 'paused' and tonumber(value) > now) then
      keep = true
    elseif name == 'grown' or name == 'parked' then
      fade = true
    elseif string.sub(name, 1, 3) == 'at:' then
      if value == 'ring' then keep = true else place(string.sub(name, 4), group) end
    end
  end
  if total > 0 then return end
  redis.call('ZREM', base .. 'groups', group)
  if keep then return end
  -- How the destination behaved is remembered for a day.
  if fade then redis.call('PEXPIRE', key, 86400000) else redis.call('DEL', key) end
end

-- Tells waiting workers, where there are any: that there is work (0), or in how many ms, where they would look too late.
local function tell()
  local ms = woken and 0 or soon
  if ms < ${LOOK_AGAIN_MS} and redis.call('EXISTS', base .. 'waiting') == 1 then
    redis.call('PUBLISH', base .. 'work', string.format('%.0f', ms))
  end
end
`

/** Entries: how one comes into a group, waits in its lane, and goes for good. Needs LANES. */
export const ENTRIES: string = String.raw`
local function join(id, group)
  redis.call('ZADD', base .. 'of:' .. group, 0, id)
  if redis.call('HINCRBY', base .. 'group:' .. group, 'total', 1) == 1 then
    redis.call('PERSIST', base .. 'group:' .. group)
    redis.call('ZADD', base .. 'groups', 0, group)
  end
end

-- The caller tidies the group afterwards.
local function part(id, group)
  redis.call('ZREM', base .. 'of:' .. group, id)
  redis.call('HINCRBY', base .. 'group:' .. group, 'total', -1)
end

-- seq: 16 digits, so that members of one time are in the order of arrival.
local function line(id, group, priority, notBefore, seq)
  redis.call('ZADD', laneOf(priority, group), notBefore, seq .. ':' .. id)
end

local function unline(id, group, priority, seq)
  redis.call('ZREM', laneOf(priority, group), seq .. ':' .. id)
end

-- Removes an entry that stands in no lane, with its content where no other needs it, and remembers its id for a while.
local function finish(id, group, content, memoryMs)
  redis.call('DEL', base .. 'entry:' .. id)
  redis.call('ZREM', base .. 'ids', id)
  part(id, group)
  redis.call('ZADD', base .. 'settled', now + memoryMs, id)
  local old = redis.call('ZRANGEBYSCORE', base .. 'settled', '-inf', now, 'LIMIT', 0, 8)
  if old[1] then redis.call('ZREM', base .. 'settled', unpack(old)) end
  if content then
    local key = base .. 'content:' .. content
    if redis.call('HINCRBY', key, 'refs', -1) <= 0 then redis.call('UNLINK', key) end
  end
end
`

/**
 * Arrivals: entries in the arguments, with the content they name. First `arrivals` reads and checks, then `admit` writes.
 *
 * From ARGV[at]: how many contents; for each: id, `put` or `ref`, size in bytes, how many chunks were staged, prefix,
 * the bytes after the staged chunks. Then how many entries; for each: id, group, content id or empty, priority,
 * notBefore in ms since the epoch, labels as JSON, job. Needs ENTRIES.
 */
export const ARRIVALS: string = String.raw`
-- Gives the places in ARGV of entries that are not known yet, and of contents by id; or nil and the content that is missing.
local function arrivals(at)
  local contents, fresh, seen = {}, {}, {}
  local count = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, count do
    contents[ARGV[at]] = at
    at = at + 6
  end
  count = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, count do
    local id = ARGV[at]
    local memory = tonumber(redis.call('ZSCORE', base .. 'settled', id) or 0)
    if not seen[id] and memory <= now and redis.call('EXISTS', base .. 'entry:' .. id) == 0 then
      seen[id] = true
      fresh[#fresh + 1] = at
      local content = ARGV[at + 2]
      if content ~= '' then
        local key = base .. 'content:' .. content
        if redis.call('HEXISTS', key, 'refs') == 0 then
          local from = contents[content]
          -- Chunks that were staged may be gone: too old, or lost with a Redis that was not durable.
          if ARGV[from + 1] ~= 'put' or redis.call('HLEN', key) ~= tonumber(ARGV[from + 3]) then return nil, content end
        end
      end
    end
    at = at + 7
  end
  return fresh, contents
end

local function admit(fresh, contents)
  for _, at in ipairs(fresh) do
    local id, group, content, priority = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    if content ~= '' then
      local key = base .. 'content:' .. content
      if redis.call('HEXISTS', key, 'refs') == 0 then
        local from = contents[content]
        local staged = ARGV[from + 3]
        redis.call('HSET', key, 'size', ARGV[from + 2], 'refs', 0, 'prefix', ARGV[from + 4], staged, ARGV[from + 5])
        if staged ~= '0' then
          redis.call('PERSIST', key)
          redis.call('ZREM', base .. 'staged', content)
        end
      end
      redis.call('HINCRBY', key, 'refs', 1)
    end
    local notBefore = math.max(tonumber(ARGV[at + 4]), now)
    local seq = string.format('%016.0f', redis.call('INCR', KEYS[1]))
    redis.call('HSET', base .. 'entry:' .. id, 'state', 'queued', 'group', group, 'content', content,
      'priority', priority, 'notBefore', notBefore, 'enqueuedAt', now, 'seq', seq, 'attempt', 0,
      'labels', ARGV[at + 5], 'job', ARGV[at + 6])
    redis.call('ZADD', base .. 'ids', 0, id)
    join(id, group)
    line(id, group, priority, notBefore, seq)
    place(priority, group)
  end
end
`
