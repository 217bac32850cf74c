import { defineScript, type Script } from './script.ts'

/**
 * Adds to the journal of a message: a list that Redis forgets some days after its last record. `journals` names the
 * messages in the order of their first records; beyond the most, those of the oldest go. Needs `base`.
 */
export const JOURNAL: string = String.raw`
local function record(message, texts, most, ttlMs, messages)
  if tonumber(most) < 1 then return end
  local journal = base .. 'journal:' .. message
  local length = redis.call('RPUSH', journal, unpack(texts))
  if length > tonumber(most) then redis.call('LTRIM', journal, -most, -1) end
  redis.call('PEXPIRE', journal, ttlMs)
  if length > #texts then return end
  local over = redis.call('RPUSH', base .. 'journals', message) - messages
  -- Two at most: where fewer are kept from now on, the others go little by little.
  for _ = 1, math.min(over, 2) do redis.call('UNLINK', base .. 'journal:' .. redis.call('LPOP', base .. 'journals')) end
end
`

/** Keeps records of one message. */
export const note: Script = defineScript(
  'note',
  String.raw`
-- Adds records to the journal of a message; the oldest beyond the cap go, and whole journals beyond the cap of messages.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  message id
-- ARGV[2]  most records of a message
-- ARGV[3]  how long the journal is kept from now, in ms
-- ARGV[4]  most messages of the shard that have a journal
-- ARGV[5]  and on: records as JSON, 1 to 200
-- Returns  noted
`,
  String.raw`
local base = string.sub(KEYS[1], 1, -4)
`,
  JOURNAL,
  String.raw`
local texts = {}
for n = 5, #ARGV do texts[n - 4] = ARGV[n] end
record(ARGV[1], texts, ARGV[2], ARGV[3], ARGV[4])
return { 'noted' }
`,
)
