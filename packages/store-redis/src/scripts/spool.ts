import { CLOCK, defineScript, type Script } from './script.ts'

/** Keeps one chunk of content that is being written. */
export const stage: Script = defineScript(
  'stage',
  String.raw`
-- Keeps a chunk of content that no entry names yet, and counts its time to live anew. Redis itself forgets the key a
-- minute after that, so that nothing is left where nobody sweeps.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  content id
-- ARGV[3]  time to live, in ms
-- ARGV[4]  how many chunks are there already
-- ARGV[5]  the chunk | absent: only the time to live is counted anew
-- Returns  staged | missing (what was there is gone)
`,
  CLOCK,
  String.raw`
local key = base .. 'content:' .. ARGV[2]
if redis.call('HLEN', key) ~= tonumber(ARGV[4]) then return { 'missing' } end
if ARGV[5] then redis.call('HSET', key, ARGV[4], ARGV[5]) end
redis.call('PEXPIRE', key, ARGV[3] + 60000)
redis.call('ZADD', base .. 'staged', now + ARGV[3], ARGV[2])
return { 'staged' }
`,
)

/** Forgets content that no entry names. */
export const drop: Script = defineScript(
  'drop',
  String.raw`
-- Forgets content that no entry names; what one names, and what is not there, is passed over.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  and on: content ids, at most 100
-- Returns  dropped, how many
`,
  String.raw`
local base = string.sub(KEYS[1], 1, -4)
local dropped = 0
for _, content in ipairs(ARGV) do
  local key = base .. 'content:' .. content
  if string.find(content, '^%d+%-h') and redis.call('HEXISTS', key, 'refs') == 0 then
    -- Redis may have forgotten the key itself, and the list not yet.
    local listed = redis.call('ZREM', base .. 'staged', content)
    dropped = dropped + math.max(listed, redis.call('UNLINK', key))
  end
end
return { 'dropped', dropped }
`,
)

/** Finds content that was never named in time. */
export const expired: Script = defineScript(
  'expired',
  String.raw`
-- Finds content whose time to live has passed without a name.
--
-- KEYS[1]  string: the shard's counter
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  how many of them to pass over
-- Returns  expired, at most 100 content ids
`,
  CLOCK,
  String.raw`
return { 'expired', redis.call('ZRANGEBYSCORE', base .. 'staged', '-inf', now, 'LIMIT', ARGV[2], 100) }
`,
)
