import { CLOCK, defineScript, DRAINS, type Script } from './script.ts'

/** A write after which WAIT covers everything that was written before. */
export const confirm: Script = defineScript(
  'confirm',
  String.raw`
-- Writes something, also while the memory of Redis is full. WAIT covers the writes of its own connection, and with them all
-- that stands before them in the stream to the replicas.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  empty
-- Returns  confirmed
`,
  CLOCK,
  DRAINS,
  String.raw`
redis.call('INCR', base .. 'confirmed')
return { 'confirmed' }
`,
)
