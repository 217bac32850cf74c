import { ENTRIES } from './entries.ts'
import { GROUPS, LANE, LANES } from './lanes.ts'
import { CLOCK, defineScript, MANY, type Script } from './script.ts'

/** Changes one entry by hand. */
export const change: Script = defineScript(
  'change',
  String.raw`
-- Does what an operator asked to one entry, where that changes anything.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  entry id
-- ARGV[4]  hold | release | retry | drop | reroute
-- ARGV[5]  the reason (hold) or the group (reroute)
-- ARGV[6]  how long the id of an ended entry is remembered, in ms
-- ARGV[7]  dry: changes nothing | empty
-- ARGV[8]  the state it must be in: ready | waiting | leased | held | empty: any
-- ARGV[9]  the group it must be of | empty: any
-- Returns  changed | same | leased | gone (also: it is not so any more)
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  LANES,
  ENTRIES,
  String.raw`
local id, action, word = ARGV[3], ARGV[4], ARGV[5]
local e = entryOf(id)
if not e then return { 'gone' } end
local state, priority, notBefore = e.state or 'queued', e.priority or '0', e.due or e.at
-- It was found a moment ago, and may have moved since.
local shown = state
if state == 'queued' then shown = notBefore <= now and 'ready' or 'waiting' end
if (ARGV[8] ~= '' and shown ~= ARGV[8]) or (ARGV[9] ~= '' and e.group ~= ARGV[9]) then return { 'gone' } end
if state == 'leased' then return { 'leased' } end
if (action == 'hold' and state ~= 'queued')
  or (action == 'release' and state ~= 'held')
  or (action == 'retry' and shown ~= 'waiting')
  or (action == 'reroute' and e.group == word) then
  return { 'same' }
end
if ARGV[7] == 'dry' then return { 'changed' } end

local g = groupOf(e.group)
-- Where it stands now it stands no more; a retry only moves it within its lane.
local function leave()
  if state == 'held' then unhold(g, id) else unline(g, id, priority, e.seq) end
end

-- A worker whose lease ran out has lost it now.
if action ~= 'drop' then
  e.fence = nil
  altered[id] = true
end
if action == 'hold' then
  leave()
  e.state, e.reason = 'held', word
  hold(g, id)
elseif action == 'release' then
  leave()
  e.reason, e.deaths, e.state, e.due = nil, nil, nil, now
  e.seq = string.sub(e.seq, 1, 16) .. ':'
  line(g, id, priority, now, e.seq)
elseif action == 'retry' then
  e.due = now
  line(g, id, priority, now, e.seq)
elseif action == 'drop' then
  leave()
  finish(id, e.content, ARGV[6])
elseif action == 'reroute' then
  leave()
  e.group = word
  if state == 'held' then hold(groupOf(word), id) else line(groupOf(word), id, priority, notBefore, e.seq) end
end
save()
return { 'changed' }
`,
)

/** Steers one group by hand. */
export const steer: Script = defineScript(
  'steer',
  String.raw`
-- Pauses, resumes or limits a group.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  group
-- ARGV[4]  pause | resume | limit
-- ARGV[5]  until when, in ms since the epoch (pause); how many, or empty for the default (limit)
-- Returns  steered
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  LANES,
  String.raw`
local g, value = groupOf(ARGV[3]), ARGV[5]
if ARGV[4] == 'pause' then
  put(g, 'paused', value)
elseif ARGV[4] == 'resume' then
  put(g, 'paused', nil)
  put(g, 'parked', nil)
else
  put(g, 'grown', nil)
  if value == '' then put(g, 'limit', nil) else put(g, 'limit', value) end
end
replace(g, true)
save()
return { 'steered' }
`,
)
