/** Entries, as scripts work with them: how one comes into its group, waits in its lane, is held, and goes for good. */

/** How many ended ids beyond their time one call forgets, at most. */
const FORGOTTEN = 200

/**
 * Entries, read once and written once. Needs LANES. What an entry does not have is the usual: queued, priority 0, never
 * leased, no content, due when it was enqueued. The last character of its `seq` says whether it came back from a worker
 * that died (`!`) or did not (`:`), so that its lane says it too.
 *
 * Its job lies apart, behind its labels as JSON (nothing where there are none) and a line feed: it is not written again
 * with what changes.
 */
export const ENTRIES: string = String.raw`
local entries, altered, ended = {}, {}, {}

-- Reads entries, those that are not known here yet, in one step; false where there is none.
local function recall(ids)
  local new, keys = {}, {}
  for _, id in ipairs(ids) do
    if entries[id] == nil then
      entries[id] = false
      new[#new + 1] = id
      keys[#keys + 1] = base .. 'entry:' .. id
    end
  end
  for n, packed in ipairs(read(keys)) do entries[new[n]] = packed and cmsgpack.unpack(packed) end
end

local function entryOf(id)
  if entries[id] == nil then recall({ id }) end
  return entries[id]
end

local function rejob(id, job)
  local key = base .. 'job:' .. id
  local old = redis.call('GET', key) or '\n'
  keep(key, string.sub(old, 1, string.find(old, '\n', 1, true)) .. job)
end

-- Puts an entry into its lane. seq: 16 digits and a mark, so that members of one time are in the order of arrival.
local function line(g, id, priority, notBefore, seq)
  redis.call('ZADD', laneOf(priority, g.name), notBefore, seq .. id)
  g.touched = true
  local at = g.is['at:' .. priority]
  -- It is the only one of the lane, or one more behind a limit; only a lane that waits for a time may have to wake sooner.
  if not at then place(g, priority, tonumber(notBefore)) elseif at == 'wake' then place(g, priority) end
end

local function unline(g, id, priority, seq)
  redis.call('ZREM', laneOf(priority, g.name), seq .. id)
  g.touched = true
  place(g, priority)
end

local function hold(g, id)
  redis.call('ZADD', base .. 'held', 0, id)
  redis.call('ZADD', base .. 'held:' .. g.name, 0, id)
  add(g, 'held', 1)
end

local function unhold(g, id)
  redis.call('ZREM', base .. 'held', id)
  redis.call('ZREM', base .. 'held:' .. g.name, id)
  add(g, 'held', -1)
end

-- Content by id: how many entries name it, and how many did. Larger content is a hash, and counts in itself.
local contents = {}

local function isChunked(content)
  return string.find(content, '^%d+%-h') ~= nil
end

local function contentOf(content)
  local c = contents[content]
  if c then return c end
  c = {}
  if isChunked(content) then
    c.was = tonumber(redis.call('HGET', base .. 'content:' .. content, 'refs')) or 0
  else
    -- What has a time to live is named by nobody yet.
    local ttl = redis.call('PTTL', base .. 'content:' .. content)
    c.staged = ttl >= 0
    c.was = ttl == -1 and (tonumber(redis.call('GET', base .. 'refs:' .. content)) or 1) or 0
  end
  c.refs = c.was
  contents[content] = c
  return c
end

-- Reads how many entries name contents that some do name.
local function weigh(some)
  local new, keys = {}, {}
  for _, content in ipairs(some) do
    if not contents[content] and not isChunked(content) then
      contents[content] = { was = 1, refs = 1 }
      new[#new + 1] = content
      keys[#keys + 1] = base .. 'refs:' .. content
    end
  end
  for n, refs in ipairs(read(keys)) do
    local c = contents[new[n]]
    c.was = tonumber(refs) or 1
    c.refs = c.was
  end
end

-- Removes an entry that stands in no lane, with its content where no other needs it, and remembers its id for a while.
local function finish(id, content, memoryMs)
  entries[id] = false
  altered[id] = nil
  gone[#gone + 1] = base .. 'entry:' .. id
  gone[#gone + 1] = base .. 'job:' .. id
  if content then
    local c = contentOf(content)
    c.refs = c.refs - 1
  end
  memoryMs = tonumber(memoryMs)
  if memoryMs > 0 then
    ended.ms = memoryMs
    ended[#ended + 1] = now + memoryMs
    ended[#ended + 1] = id
  end
end

-- Forgets what was set for this call, and is named by nothing that came of it.
local function unstage()
  for content, c in pairs(contents) do
    if c.staged and c.refs == 0 then gone[#gone + 1] = base .. 'content:' .. content end
  end
end
savers[#savers + 1] = unstage

savers[#savers + 1] = function()
  for id in pairs(altered) do keep(base .. 'entry:' .. id, cmsgpack.pack(entries[id])) end
  for content, c in pairs(contents) do
    local key, refs = base .. 'content:' .. content, base .. 'refs:' .. content
    if c.refs ~= c.was then
      local chunked = isChunked(content)
      if c.refs <= 0 then
        gone[#gone + 1] = key
        if not chunked and c.was > 1 then gone[#gone + 1] = refs end
      elseif chunked then
        redis.call('HSET', key, 'refs', c.refs)
      elseif c.refs > 1 then
        keep(refs, c.refs)
      elseif c.was > 1 then
        gone[#gone + 1] = refs
      end
    end
  end
  if ended[1] then
    local settled = base .. 'settled'
    local old = redis.call('ZRANGEBYSCORE', settled, '-inf', now, 'LIMIT', 0, math.min(#ended, ${FORGOTTEN}))
    many(old, 'ZREM', settled)
    many(ended, 'ZADD', settled)
    -- Where nothing ends any more, all of them go a minute late.
    redis.call('PEXPIRE', settled, string.format('%.0f', ended.ms + 60000))
  end
end
`

/**
 * Arrivals: entries in the arguments, with the content they name. First `arrivals` finds them, then `judge` checks those
 * of a message, then `admit` writes.
 *
 * From ARGV[at]: how many contents; for each: id, then `ref`; or `put`: it was set just before, with a time to live; or
 * `end`, size in bytes, how many chunks were staged, prefix, the bytes after these chunks. Then how many entries; for each: id, group, content id or
 * empty, priority, notBefore in ms since the epoch, labels as JSON (empty: none), a line feed and the job. Needs ENTRIES.
 */
export const ARRIVALS: string = String.raw`
local FIELDS_OF = { ref = 2, put = 2, ['end'] = 6 }
local known = {}
-- The last number that an entry was given.
local last

-- Says where in ARGV contents and entries of a message are, and where it ends.
local function arrivals(at)
  local message = { contents = {} }
  local count = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, count do
    message.contents[ARGV[at]] = { at = at, uses = 0 }
    at = at + FIELDS_OF[ARGV[at + 1]]
  end
  count = tonumber(ARGV[at])
  at = at + 1
  for n = 1, count do message[n] = at + 6 * (n - 1) end
  return message, at + 6 * count
end

-- Finds out which entries of messages are there, or ended so lately that they are remembered; reads their groups, and
-- sets numbers aside for them.
local function remember(messages)
  local ids, keys, names = {}, {}, {}
  for _, message in ipairs(messages) do
    for _, at in ipairs(message) do
      ids[#ids + 1] = ARGV[at]
      keys[#keys + 1] = base .. 'entry:' .. ARGV[at]
      names[#names + 1] = ARGV[at + 1]
    end
  end
  for from = 1, #ids, 1000 do
    local to = math.min(from + 999, #ids)
    if redis.call('EXISTS', unpack(keys, from, to)) > 0 then
      for n = from, to do known[ids[n]] = redis.call('EXISTS', keys[n]) == 1 end
    end
    for n, untilAt in ipairs(redis.call('ZMSCORE', base .. 'settled', unpack(ids, from, to))) do
      if untilAt and tonumber(untilAt) > now then known[ids[from + n - 1]] = true end
    end
  end
  local count = 0
  for _, id in ipairs(ids) do
    if not known[id] then count = count + 1 end
  end
  -- The first write: where the memory is full, nothing has been done.
  if count > 0 then last = redis.call('INCRBY', KEYS[1], count) - count end
  meet(names)
end

-- Looks at the content that was set for a message, for 'unstage' to know it.
local function weighPut(message)
  for id, content in pairs(message.contents) do
    if ARGV[content.at + 1] == 'put' then contentOf(id) end
  end
end

-- Finds the entries of a message that are not known yet ('which' says which these are, from 1); or gives nil and the content
-- that is missing.
local function judge(message)
  local fresh, seen, missing = { which = {} }, {}, nil
  for n, at in ipairs(message) do
    local id, named = ARGV[at], ARGV[at + 2]
    if not seen[id] and not known[id] then
      seen[id] = true
      fresh[#fresh + 1] = at
      fresh.which[#fresh] = n
      local content = message.contents[named]
      if content then
        content.uses = content.uses + 1
        local from = content.at
        local how = ARGV[from + 1]
        local c = contentOf(named)
        if content.uses == 1 and c.refs == 0 then
          -- Chunks that were staged may be gone: too old, or lost with a Redis that was not durable.
          local there = how == 'put' and c.staged
            or how == 'end' and redis.call('HLEN', base .. 'content:' .. named) == tonumber(ARGV[from + 3])
          if not there then missing = named end
        end
      end
    end
  end
  weighPut(message)
  if missing then return nil, missing end
  return fresh
end

local function name(id, content)
  local c, key, from = contentOf(id), base .. 'content:' .. id, content.at
  local first = c.refs == 0
  c.refs = c.refs + content.uses
  if not first then return end
  if ARGV[from + 1] == 'put' then
    redis.call('PERSIST', key)
    return
  end
  local prefix, tail = ARGV[from + 4], ARGV[from + 5]
  local fields = { 'size', ARGV[from + 2] }
  if prefix ~= '' then
    fields[3], fields[4] = 'prefix', prefix
  end
  if tail ~= '' then
    fields[#fields + 1] = ARGV[from + 3]
    fields[#fields + 1] = tail
  end
  redis.call('HSET', key, unpack(fields))
  redis.call('PERSIST', key)
  redis.call('ZREM', base .. 'staged', id)
end

local function admit(fresh, message)
  if not fresh[1] then return end
  for id, content in pairs(message.contents) do
    if content.uses > 0 then name(id, content) end
  end
  for _, at in ipairs(fresh) do
    local id, group, content, priority = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local notBefore = math.max(tonumber(ARGV[at + 4]), now)
    last = last + 1
    local seq = string.format('%016.0f:', last)
    entries[id] = {
      group = group,
      seq = seq,
      at = now,
      content = content ~= '' and content or nil,
      priority = priority ~= '0' and priority or nil,
      due = notBefore > now and notBefore or nil,
    }
    altered[id] = true
    known[id] = true
    keep(base .. 'job:' .. id, ARGV[at + 5])
    line(groupOf(group), id, priority, notBefore, seq)
  end
end
`
