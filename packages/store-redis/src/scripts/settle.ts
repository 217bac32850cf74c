import { ARRIVALS, ENTRIES } from './entries.ts'
import { JOURNAL } from './journal.ts'
import { GROUPS, LANE, LANES } from './lanes.ts'
import { CLOCK, defineScript, DRAINS, MANY, type Script } from './script.ts'

/** The most settlements of one call. */
export const MOST_SETTLEMENTS = 100

/** Ends leases, with what they spawn. */
export const settle: Script = defineScript(
  'settle',
  String.raw`
-- Ends leases: each entry is done, goes back into its lane, or is held. Feedback moves the group's limits, the record goes
-- to the journal. Where there is just one settlement, entries that it spawns are added in the same step. Each is done
-- wholly or not at all, and none hinders another.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  how long down parks the group, in ms
-- ARGV[4]  how long the id of an ended entry is remembered, in ms
-- ARGV[5]  most records of a message
-- ARGV[6]  how long a journal is kept, in ms
-- ARGV[7]  most messages of the shard that have a journal
-- ARGV[8]  how many settlements, 1 to 100
-- ARGV[9]  and on, for each:
--          entry id
--          fence of the lease
--          done | retry | hold | keep (hold, the job stays as it is) | back (as if it had not been leased)
--          job (retry, hold)
--          notBefore in ms since the epoch (retry)
--          group to move to (retry) or empty
--          reason (hold, keep)
--          = and what the destination said last; empty leaves what is kept
--          ok | slow | down | empty
--          record as JSON or empty
--          message id, whose journal the record goes to
--          Where there is one settlement, contents and entries that it spawns may follow (see ARRIVALS)
-- Returns  ended, then for each: settled | lost, then which of the spawned entries were added, from 1
--          | missing, content id (nothing was done; only where there is one settlement)
`,
  CLOCK,
  MANY,
  DRAINS,
  LANE,
  GROUPS,
  LANES,
  ENTRIES,
  ARRIVALS,
  JOURNAL,
  String.raw`
local count = tonumber(ARGV[8])
local FIELDS = 11
local spawned, unleased = {}, {}

-- All that they need, read in few steps.
local ids, names, named = {}, {}, {}
for n = 1, count do ids[n] = ARGV[9 + FIELDS * (n - 1)] end
recall(ids)
for n, id in ipairs(ids) do
  local e = entries[id]
  if e then
    names[#names + 1] = e.group
    if ARGV[11 + FIELDS * (n - 1)] == 'done' and e.content then named[#named + 1] = e.content end
  end
end
meet(names)
weigh(named)

local function feed(g, feedback)
  local is = g.is
  if feedback == 'down' then
    put(g, 'parked', now + ARGV[3])
    return
  end
  if is.parked then put(g, 'parked', nil) end
  local most = tonumber(is.limit) or tonumber(ARGV[2])
  local grown = math.min(tonumber(is.grown) or most, most)
  if feedback == 'ok' then grown = grown + 1 else grown = math.max(1, math.floor(grown / 2)) end
  if grown < most then put(g, 'grown', grown) elseif is.grown then put(g, 'grown', nil) end
end

local function close(id, fence, kind, job, time, to, reason, reply, feedback, text, message)
  local e = entryOf(id)
  local added, fresh, missing
  if count == 1 and ARGV[9 + FIELDS] then added = arrivals(9 + FIELDS) end
  if not e or e.fence ~= fence then
    if added then weighPut(added) end
    return 'lost'
  end
  if added then
    remember({ added })
    fresh, missing = judge(added)
    if not fresh then return 'missing', missing end
  end

  local g, priority = groupOf(e.group), e.priority or '0'
  local parked = g.is.parked
  if e.state == 'leased' then
    unleased[#unleased + 1] = id
    add(g, 'leased', -1)
  else
    -- It ran out, and nobody has taken it yet.
    unline(g, id, priority, e.seq)
  end
  if fresh then
    admit(fresh, added)
    spawned = fresh.which
  end
  if feedback ~= '' then feed(g, feedback) end

  if kind == 'done' then
    finish(id, e.content, ARGV[4])
  elseif kind == 'back' then
    altered[id] = true
    e.state, e.fence = nil, nil
    e.attempt = e.attempt > 1 and e.attempt - 1 or nil
    line(g, id, priority, e.due or e.at, e.seq)
  else
    altered[id] = true
    e.fence, e.deaths = nil, nil
    if kind ~= 'keep' then rejob(id, job) end
    if reply ~= '' then e.reply = string.sub(reply, 2) end
    if kind == 'retry' then
      local target = g
      if to ~= '' and to ~= g.name then
        target = groupOf(to)
        e.group = to
      end
      local notBefore = math.max(tonumber(time), now)
      -- Among those of the same time it arrives anew.
      e.seq = string.format('%016.0f:', redis.call('INCR', KEYS[1]))
      e.state, e.due = nil, notBefore
      line(target, id, priority, notBefore, e.seq)
    else
      e.seq = string.sub(e.seq, 1, 16) .. ':'
      e.state, e.reason = 'held', reason
      hold(g, id)
    end
  end
  replace(g, parked or g.is.parked)
  if text ~= '' then record(message, { text }, ARGV[5], ARGV[6], ARGV[7]) end
  return 'settled'
end

local answer = { 'ended' }
for n = 1, count do
  local at = 9 + FIELDS * (n - 1)
  local word, content = close(unpack(ARGV, at, at + FIELDS - 1))
  if word == 'missing' then
    unstage()
    many(gone, 'UNLINK')
    return { word, content }
  end
  answer[n + 1] = word
end
many(unleased, 'ZREM', base .. 'leases')
save()
answer[count + 2] = spawned
return answer
`,
)
