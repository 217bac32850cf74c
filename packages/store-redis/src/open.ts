/** Opens a store on Redis. */

import type { Codec, QueueOptions, Store } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { Connection } from './connection.ts'
import type { Context } from './context.ts'
import { RedisControl } from './control.ts'
import { RedisJournal } from './journal.ts'
import { limitsBase, shardKeys } from './keys.ts'
import { RedisLimits } from './limits.ts'
import type { RedisStoreObserver } from './observer.ts'
import { RedisQueue } from './queue.ts'
import { RedisSpool } from './spool.ts'
import { whole } from './whole.ts'

/** How a store on Redis is opened. */
export interface RedisStoreOptions<Job> {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string
  /** What all keys begin with, so that several stores may share a Redis. No braces. Default `postroad`. */
  readonly prefix?: string
  /** Writes jobs and reads what every released version wrote. */
  readonly codec: Codec<Job>
  /**
   * `strict` (default): opens only where Redis has `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no`
   * and `maxmemory-policy noeviction`, so that what is acknowledged is on disk. `relaxed`: takes any Redis; the operator accepts that
   * acknowledged messages can be lost with it.
   */
  readonly durability?: 'strict' | 'relaxed'
  readonly queue?: QueueOptions
  /** How long an answer may take before the connection is given up, in milliseconds. Default 5,000. */
  readonly commandTimeoutMs?: number
  readonly observer?: RedisStoreObserver
  /** For tests: the store's only clock, in milliseconds since the epoch. Default: Redis's own, so that hosts need not agree. */
  readonly now?: () => number
}

const SHARD = 0

/**
 * Opens the store, with two connections.
 *
 * Processes that share a store give the same `prefix` and `queue` options.
 *
 * @throws {RedisStoreError} `REDIS_NOT_DURABLE` where Redis does not promise what `strict` needs (the sentence names the
 * settings and how to set them), `REDIS_FORMAT_UNKNOWN` where the keys were written by a release this one does not know.
 * @throws {QueueUnavailableError} Where Redis cannot be reached or refuses the user.
 */
export async function openRedisStore<Job>(options: RedisStoreOptions<Job>): Promise<Store<Job>> {
  const { prefix = 'postroad', codec, observer, now, queue: settings = {} } = options
  if (prefix === '' || /[{}]/.test(prefix))
    throw new TypeError('the prefix of a store on Redis is empty or has a brace')
  const keys = shardKeys(prefix, SHARD)
  const numbers = {
    groupConcurrency: whole(settings.groupConcurrency ?? 20, 'groupConcurrency'),
    poisonDeaths: whole(settings.poisonDeaths ?? 3, 'poisonDeaths'),
    settledMemoryMs: whole(settings.settledMemoryMs ?? 3_600_000, 'settledMemoryMs'),
    journalRecords: whole(settings.journalRecords ?? 200, 'journalRecords'),
  }
  const connection = await Connection.open({
    url: options.url,
    durability: options.durability ?? 'strict',
    commandTimeoutMs: options.commandTimeoutMs ?? 5_000,
    formatKey: keys.format,
    channel: keys.work,
    observer,
  })
  const context: Context = {
    connection,
    keys,
    limitsBase: limitsBase(prefix),
    time: now === undefined ? () => '' : () => String(Math.trunc(now())),
    now: now ?? (() => systemClock.monotonic()),
    ...numbers,
  }
  const spool = new RedisSpool(context)
  const queue = new RedisQueue(context, spool, codec, observer)
  return {
    queue,
    control: new RedisControl(context, codec),
    spool,
    limits: new RedisLimits(context),
    journal: new RedisJournal(context),
    async [Symbol.asyncDispose]() {
      queue.close()
      await connection.close()
    },
  }
}
