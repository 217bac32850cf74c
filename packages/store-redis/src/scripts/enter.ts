import { CLOCK, defineScript, DRAINS, type Script } from './script.ts'

/** The first thing that is done in a shard by each connection. */
export const enter: Script = defineScript(
  'enter',
  String.raw`
-- Says what the shard's keys were written as, and leaps over the numbers of leases: a master that was promoted may lack
-- the last of those that were given, and none may be given twice.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  empty
-- ARGV[2]  what the key format must hold; set where there is none
-- Returns  entered, what the key format holds
`,
  CLOCK,
  DRAINS,
  String.raw`
local format = redis.call('GET', base .. 'format')
if not format then
  format = ARGV[2]
  redis.call('SET', base .. 'format', format)
end
if format == ARGV[2] then redis.call('INCRBY', KEYS[1], 1000000) end
return { 'entered', format }
`,
)
