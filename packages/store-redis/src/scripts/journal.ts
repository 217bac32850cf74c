import { defineScript, type Script } from './script.ts'

/** Keeps records of one message. */
export const note: Script = defineScript(
  'note',
  String.raw`
-- Adds records to the journal of a message; the oldest beyond the cap go.
--
-- KEYS[1]  list: records of the message, as JSON
-- ARGV[1]  most records
-- ARGV[2]  how long the journal is kept from now, in ms
-- ARGV[3]  and on: records as JSON, at most 200
-- Returns  noted
for n = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[n]) end
redis.call('LTRIM', KEYS[1], -ARGV[1], -1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'noted' }
`,
)
