import { ARRIVALS, ENTRIES } from './entries.ts'
import { GROUPS, LANE, LANES } from './lanes.ts'
import { CLOCK, defineScript, MANY, type Script } from './script.ts'

/** The most messages of one call. */
export const MOST_MESSAGES = 64

/** Adds the entries of messages, with the content they name. */
export const enqueue: Script = defineScript(
  'enqueue',
  String.raw`
-- Adds entries that are not known yet, and makes the content they name their own: of each message all or none.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  how many messages, 1 to 64
-- ARGV[4]  and on, for each: contents and entries (see ARRIVALS)
-- Returns  added, then for each message: which entries were added, from 1 (none where all are known), or the id of the
--          content that is missing
`,
  CLOCK,
  MANY,
  LANE,
  GROUPS,
  LANES,
  ENTRIES,
  ARRIVALS,
  String.raw`
local at = 4
local messages = {}
for n = 1, tonumber(ARGV[3]) do messages[n], at = arrivals(at) end
remember(messages)
local answer = { 'added' }
for n, message in ipairs(messages) do
  local fresh, missing = judge(message)
  if fresh then admit(fresh, message) end
  answer[n + 1] = fresh and fresh.which or missing
end
save()
return answer
`,
)
