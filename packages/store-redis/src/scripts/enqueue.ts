import { ARRIVALS, CLOCK, defineScript, ENTRIES, LANES, type Script } from './script.ts'

/** Adds the entries of one message, with the content they name. */
export const enqueue: Script = defineScript(
  'enqueue',
  String.raw`
-- Adds entries that are not known yet, and makes the content they name their own. All or none.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  default limit of concurrent leases of a group
-- ARGV[3]  and on: contents and entries (see ARRIVALS)
-- Returns  added, how many (none where all are known) | missing, content id
`,
  CLOCK,
  LANES,
  ENTRIES,
  ARRIVALS,
  String.raw`
local fresh, contents = arrivals(3)
if not fresh then return { 'missing', contents } end
admit(fresh, contents)
tell()
return { 'added', #fresh }
`,
)
