import { defineScript, type Script } from './script.ts'

const TIME = String.raw`
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/** Takes from several limits or from none. */
export const take: Script = defineScript(
  'take',
  String.raw`
-- Takes from every key or from none. A rate is a bucket that refills with time; a concurrency is a set of permits, each
-- with the time it runs out. Redis forgets what is full or empty again by itself, a minute late.
--
-- KEYS     hash (rate: level, at) or sorted set (places: permit by the time it runs out), one for each limit
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  permit id
-- ARGV[3]  cost in tokens
-- ARGV[4]  how long places are kept, in ms
-- ARGV[5]  and on, for each key: rate, tokens, in so many ms, burst | places, how many, empty, empty
-- Returns  taken | refused, when to ask again in ms since the epoch
`,
  TIME,
  String.raw`
local cost, ttl = tonumber(ARGV[3]), tonumber(ARGV[4])
local YEAR = 31536000000
local retryAt = 0
local levels = {}
for n, key in ipairs(KEYS) do
  local at = 1 + n * 4
  if ARGV[at] == 'rate' then
    local tokens, perMs, burst = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local was = redis.call('HMGET', key, 'level', 'at')
    local level, since = tonumber(was[1]) or burst, tonumber(was[2]) or now
    -- A clock that was set back refills nothing.
    level = math.min(burst, level + math.max(0, now - since) * tokens / perMs)
    levels[n] = { level, math.max(now, since), tokens, perMs, burst }
    local need = math.min(cost, burst)
    if level + 1e-9 < need then
      local wait = math.min(YEAR, (need - level) * perMs / tokens)
      retryAt = math.max(retryAt, now + math.max(1, math.ceil(wait - 1e-6)))
    end
  else
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    if redis.call('ZCARD', key) >= tonumber(ARGV[at + 1]) then
      local first = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]) or now + 1000
      retryAt = math.max(retryAt, math.min(math.ceil(first), now + 250))
    end
  end
end
if retryAt > 0 then return { 'refused', string.format('%.0f', retryAt) } end
for n, key in ipairs(KEYS) do
  if levels[n] then
    local level, at, tokens, perMs, burst = unpack(levels[n])
    redis.call('HSET', key, 'level', string.format('%.17g', level - cost), 'at', string.format('%.17g', at))
    local full = math.min(YEAR, (burst - level + cost) * perMs / tokens)
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(full) + 60000))
  else
    redis.call('ZADD', key, now + ttl, ARGV[2])
    local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
    redis.call('PEXPIRE', key, string.format('%.0f', last - now + 60000))
  end
end
return { 'taken' }
`,
)

/** Keeps the places of a permit. */
export const extend: Script = defineScript(
  'extend',
  String.raw`
-- Keeps the places of a permit for longer, where it has not run out.
--
-- KEYS     sorted set: permits by the time they run out, one for each concurrency
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  permit id
-- ARGV[3]  how long from now, in ms
-- Returns  extended
`,
  TIME,
  String.raw`
for _, key in ipairs(KEYS) do
  local runsOut = tonumber(redis.call('ZSCORE', key, ARGV[2]) or 0)
  if runsOut > now then
    redis.call('ZADD', key, now + ARGV[3], ARGV[2])
    local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
    redis.call('PEXPIRE', key, string.format('%.0f', last - now + 60000))
  end
end
return { 'extended' }
`,
)

/** Gives the places of a permit back. */
export const give: Script = defineScript(
  'give',
  String.raw`
-- Gives the places of a permit back.
--
-- KEYS     sorted set: permits by the time they run out, one for each concurrency
-- ARGV[1]  permit id
-- Returns  given
for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end
return { 'given' }
`,
)

/** Marks a key for a while. */
export const mark: Script = defineScript(
  'mark',
  String.raw`
-- Says whether a key is marked, and marks it where it is not.
--
-- KEYS[1]  string: when the mark runs out, in ms since the epoch
-- ARGV[1]  now in ms since the epoch; empty: Redis's clock
-- ARGV[2]  how long it is marked, in ms
-- Returns  new | seen
`,
  TIME,
  String.raw`
local untilAt = tonumber(redis.call('GET', KEYS[1]) or 0)
if untilAt > now then return { 'seen' } end
redis.call('SET', KEYS[1], string.format('%.0f', now + ARGV[2]), 'PX', string.format('%.0f', ARGV[2] + 60000))
return { 'new' }
`,
)
