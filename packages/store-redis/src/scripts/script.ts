/**
 * What a script is, and the parts that all share: the clock, and how one goes on while the memory is full. Groups and
 * lanes are in `lanes.ts`, entries and what arrives in `entries.ts`.
 *
 * Scripts are TypeScript files that export Lua text: they load alike from source and from the bundle, and a shared part
 * stands once. The header of each says purpose, keys with their Redis type, arguments with units, and what it returns in
 * words. No script does unbounded work, and none fails half-way: it checks first and writes then.
 */

import { createHash } from 'node:crypto'

/** Lua text and the digest that Redis knows it by. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly sha1: string
}

/** Joins the parts of a script. */
export function defineScript(name: string, ...parts: readonly string[]): Script {
  const lua = parts.join('\n')
  return { name, lua, sha1: createHash('sha1').update(lua).digest('hex') }
}

/** Redis's clock, unless a test passes one: `now`, and `base`, the beginning of the shard's keys. */
export const CLOCK: string = String.raw`
local base = string.sub(KEYS[1], 1, -4)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/**
 * For scripts that work off what is there, which must go on while the memory of Redis is full: it then refuses a first
 * write that may need memory, but none that comes after another write of the same script. This one changes nothing, so
 * nothing of it comes to the disk. Needs CLOCK.
 */
export const DRAINS: string = String.raw`
redis.call('ZREM', base .. 'leases', '')
`

/**
 * Many at once, for a command costs more than what it does to one key more. What a script does to keys of their own is
 * gathered: values in `kept`, keys to remove in `gone`. Needs CLOCK.
 */
export const MANY: string = String.raw`
local kept, gone = {}, {}

-- Calls a command with so many arguments, an even number of them at a time.
local function many(items, command, key)
  for from = 1, #items, 1000 do
    local to = math.min(from + 999, #items)
    if key then redis.call(command, key, unpack(items, from, to)) else redis.call(command, unpack(items, from, to)) end
  end
end

-- Reads strings; false where there is none.
local function read(keys)
  if #keys <= 1000 then return keys[1] and redis.call('MGET', unpack(keys)) or {} end
  local values = {}
  for from = 1, #keys, 1000 do
    for _, value in ipairs(redis.call('MGET', unpack(keys, from, math.min(from + 999, #keys)))) do
      values[#values + 1] = value
    end
  end
  return values
end

local function keep(key, value)
  kept[#kept + 1] = key
  kept[#kept + 1] = value
end
`
