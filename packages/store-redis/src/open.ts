/** Opens a store on Redis. */

import type { Codec, QueueOptions, Store } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { type ReplicaOptions, replicaTimeoutMs } from './confirmation.ts'
import { Connection } from './connection.ts'
import type { Context } from './context.ts'
import { RedisControl } from './control.ts'
import { parseEndpoint, type RedisTlsOptions } from './endpoint.ts'
import { RedisJournal } from './journal.ts'
import { limitsBase, shardKeys } from './keys.ts'
import { RedisLimits } from './limits.ts'
import type { RedisStoreObserver } from './observer.ts'
import { RedisQueue } from './queue.ts'
import { RedisSpool } from './spool.ts'
import { whole } from './whole.ts'

/** How a store on Redis is opened. */
export interface RedisStoreOptions<Job> {
  /**
   * `redis://[user:password@]host[:port][/db]`, one server; `redis+cluster://[user:password@]host:port,host:port`, nodes of
   * a Redis Cluster, of which any may be away; `redis+sentinel://[user:password@]host:port,host:port/master[/db]`, Sentinels
   * and the name by which they know the master. `rediss` in place of `redis` is TLS, to Sentinels too.
   */
  readonly url: string
  /** What all keys begin with, so that several stores may share a Redis. No braces. Default `postroad`. */
  readonly prefix?: string
  /**
   * Into how many parts the keys are split, so that the masters of a cluster can share them: 1 to 64, fixed once the store
   * is made. Each part has its share of a group's limit, rounded up. Default 1, with which limits are exact.
   */
  readonly shards?: number
  /** TLS, where the URL says so. Default: what Node trusts. */
  readonly tls?: RedisTlsOptions
  /** Who we are to the Sentinels; the user of the URL is for the servers. Default: nobody. */
  readonly sentinel?: { readonly username?: string; readonly password?: string }
  /** Writes jobs and reads what every released version wrote. */
  readonly codec: Codec<Job>
  /**
   * `strict` (default): opens only where each master has `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no`
   * and `maxmemory-policy noeviction`, so that what is acknowledged is on disk. `relaxed`: takes any Redis; the operator
   * accepts that acknowledged messages can be lost with it.
   */
  readonly durability?: 'strict' | 'relaxed'
  /**
   * Replicas that must have what is promised (all but a plain `done`) before it is acknowledged; where fewer say so in time
   * the call rejects, and may be repeated; what `lease` took is given back then. Default: none are asked.
   */
  readonly replicas?: ReplicaOptions
  /** Should be the same in all processes that share the store: Redis keeps none of it. Fractions are cut off. */
  readonly queue?: QueueOptions
  /** How long an answer may take before the connection is given up, in milliseconds: 1 to 3,600,000. Default 5,000. */
  readonly commandTimeoutMs?: number
  /** Absent: of an outage only the calls tell that reject. */
  readonly observer?: RedisStoreObserver
  /** For tests: the store's only clock, in milliseconds since the epoch. Default: Redis's own, so that hosts need not agree. */
  readonly now?: () => number
}

const MOST_SHARDS = 64

/** The most that an answer or a replica may take: an hour. Timers take 24 days, together with it. */
const LONGEST_MS = 3_600_000

/**
 * Opens the store, with a connection to each master that has a shard (two where replicas must confirm) and one that listens.
 *
 * Processes that share a store give the same `prefix`, `shards` and `queue` options.
 *
 * @throws {RedisStoreError} `REDIS_NOT_DURABLE` where Redis does not promise what `strict` needs (the sentence names the
 * settings and how to set them), `REDIS_FORMAT_UNKNOWN` where the keys were written by a release this one does not know,
 * `REDIS_SHARDS_DIFFER` where the store was made with another number of shards.
 * @throws {QueueUnavailableError} Where Redis, or one master of a cluster that has a shard, cannot be reached or refuses the user.
 * @throws {TypeError} Where an option is none; the sentence says which and never has a password.
 */
export async function openRedisStore<Job>(options: RedisStoreOptions<Job>): Promise<Store<Job>> {
  const { codec, observer } = options
  const { connection, contexts } = await openShards(options)
  const spool = new RedisSpool(contexts)
  const queue = new RedisQueue(contexts, spool, codec, observer)
  connection.onWork = (shard, ms) => queue.onWork(shard, ms)
  const control = new RedisControl(contexts, codec)
  return {
    queue,
    control,
    spool,
    limits: new RedisLimits({
      connection: connection.limits,
      limitsBase: limitsBase(prefixOf(options)),
      time: timeOf(options),
    }),
    journal: new RedisJournal(contexts),
    async [Symbol.asyncDispose]() {
      queue.close()
      control.close()
      await connection.close()
    },
  }
}

/** Opens the connection and the way to each shard. Rejects as `openRedisStore`. */
export async function openShards(
  options: Omit<RedisStoreOptions<unknown>, 'codec'>,
): Promise<{ readonly connection: Connection; readonly contexts: readonly Context[] }> {
  const { shards = 1, observer, now, queue: settings = {} } = options
  const prefix = prefixOf(options)
  if (prefix === '' || /[{}]/.test(prefix))
    throw new TypeError('the prefix of a store on Redis is empty or has a brace')
  if (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS)
    throw new TypeError(`shards of a store on Redis is no whole number from 1 to ${MOST_SHARDS}`)
  const { commandTimeoutMs = 5_000 } = options
  if (!isTimeout(commandTimeoutMs))
    throw new TypeError(`commandTimeoutMs of a store on Redis is no number from 1 to ${LONGEST_MS}`)
  checkReplicas(options.replicas)
  const shared = {
    time: timeOf(options),
    now: now ?? (() => systemClock.monotonic()),
    groupConcurrency: Math.ceil(whole(settings.groupConcurrency ?? 20, 'groupConcurrency') / shards),
    poisonDeaths: whole(settings.poisonDeaths ?? 3, 'poisonDeaths'),
    settledMemoryMs: whole(settings.settledMemoryMs ?? 3_600_000, 'settledMemoryMs'),
    journalRecords: whole(settings.journalRecords ?? 200, 'journalRecords'),
  }
  const connection = await Connection.open({
    reach: {
      endpoint: parseEndpoint(options.url),
      tls: options.tls,
      sentinel: options.sentinel,
      commandTimeoutMs,
    },
    durability: options.durability ?? 'strict',
    replicas: options.replicas,
    shards: Array.from({ length: shards }, (_, shard) => shardKeys(prefix, shard)),
    limitsBase: limitsBase(prefix),
    observer,
  })
  return {
    connection,
    contexts: connection.shards.map((route): Context => ({ connection: route, keys: route.keys, ...shared })),
  }
}

function prefixOf({ prefix = 'postroad' }: { readonly prefix?: string }): string {
  return prefix
}

function timeOf({ now }: { readonly now?: () => number }): () => string {
  return now === undefined ? () => '' : () => String(Math.trunc(now()))
}

function checkReplicas(replicas: ReplicaOptions | undefined): void {
  if (replicas === undefined) return
  const { acknowledge } = replicas
  const timeoutMs = replicaTimeoutMs(replicas)
  if (!Number.isInteger(acknowledge) || acknowledge < 1 || !Number.isInteger(timeoutMs) || !isTimeout(timeoutMs))
    throw new TypeError(
      `replicas of a store on Redis: acknowledge is a whole number from 1, timeoutMs one from 1 to ${LONGEST_MS}`,
    )
}

function isTimeout(ms: number): boolean {
  return ms >= 1 && ms <= LONGEST_MS
}
