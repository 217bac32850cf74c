/**
 * What Redis must promise before "250" may mean durable: every write on disk before it is acknowledged (`appendonly yes`
 * and `appendfsync always`; with `no-appendfsync-on-rewrite yes` that would not hold while the file is rewritten), and
 * nothing thrown away for lack of memory (`maxmemory-policy noeviction`).
 */

import type { Redis } from 'ioredis'
import { RedisStoreError } from './errors.ts'
import { listOf, textOf } from './reply.ts'

const REQUIRED = {
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'maxmemory-policy': 'noeviction',
} as const

const RELAXED = 'or set durability to "relaxed", which accepts that acknowledged messages can be lost'

/**
 * Asks Redis for its settings.
 *
 * @throws {RedisStoreError} `REDIS_NOT_DURABLE` with a sentence that names each setting and how to set it.
 */
export async function checkDurability(redis: Redis): Promise<void> {
  const found = await readSettings(redis)
  const wrong = Object.entries(REQUIRED).filter(([name, value]) => found.get(name) !== value)
  if (wrong.length === 0) return
  const seen = wrong.map(([name]) => `${name} is ${describe(found.get(name))}`).join(', ')
  const remedy = wrong.map(([name, value]) => `CONFIG SET ${name} ${value}`).join(', ')
  const unread = wrong.some(([name]) => found.get(name) === undefined)
  const permission = unread ? ' Where CONFIG is refused to this user, let it run CONFIG GET (ACL: +config|get).' : ''
  throw new RedisStoreError(
    'REDIS_NOT_DURABLE',
    `Redis does not promise what this store must: ${seen}. Set it (${remedy}, and the same in redis.conf) ${RELAXED}.${permission}`,
  )
}

function describe(value: string | undefined): string {
  return value === undefined ? 'not told' : `"${value}"`
}

async function readSettings(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  try {
    for (const name of Object.keys(REQUIRED)) {
      const [, value] = listOf(await redis.config('GET', name))
      if (value !== undefined) found.set(name, textOf(value))
    }
    return found
  } catch (error) {
    // A refusal is an answer, a lost connection is none.
    if (!isRefusal(error)) throw error
  }
  // INFO tells neither appendfsync nor no-appendfsync-on-rewrite, and nothing else does.
  const info = await redis.info()
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim()
  const aof = field('aof_enabled')
  if (aof !== undefined) found.set('appendonly', aof === '1' ? 'yes' : 'no')
  const policy = field('maxmemory_policy')
  if (policy !== undefined) found.set('maxmemory-policy', policy)
  return found
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(NOPERM|ERR unknown command|ERR unknown subcommand)/.test(error.message)
}
