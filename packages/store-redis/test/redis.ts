/** What the tests of this package share: names of their own in the Redis of the run, and servers of their own. */

import { randomUUID } from 'node:crypto'
import type { Store } from '@postroad/queue'
import { contractCodec } from '@postroad/queue/testing'
import { afterEach } from 'vitest'
import {
  type ClusterOptions,
  type SentinelOptions,
  type StartedCluster,
  type StartedRedis,
  type StartedSentinels,
  type StartOptions,
  startRedis,
  startRedisCluster,
  startRedisSentinels,
} from '@postroad/tooling-redis'
import { openRedisStore, type RedisStoreEvent, type RedisStoreOptions } from '../src/index.ts'

/** A prefix that nobody else uses. */
export function randomPrefix(): string {
  return `test-${randomUUID()}`
}

/** Starts servers and opens stores; after each test they are closed and ended, whatever became of it. */
export interface Bench {
  start(options?: StartOptions): Promise<StartedRedis>
  startCluster(options?: ClusterOptions): Promise<StartedCluster>
  startSentinels(options?: SentinelOptions): Promise<StartedSentinels>
  open(url: string, options?: Partial<RedisStoreOptions<string>>): Promise<Store<string>>
}

/** Registers the clean-up. */
export function createBench(): Bench {
  const servers: { stop(): Promise<void> }[] = []
  const stores: Store<string>[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store[Symbol.asyncDispose]()
    for (const server of servers.splice(0)) await server.stop()
  })
  return {
    async start(options) {
      const server = await startRedis(options)
      servers.push(server)
      return server
    },
    async startCluster(options) {
      const cluster = await startRedisCluster(options)
      servers.push(cluster)
      return cluster
    },
    async startSentinels(options) {
      const sentinels = await startRedisSentinels(options)
      servers.push(sentinels)
      return sentinels
    },
    async open(url, options) {
      const store = await openRedisStore({ url, codec: contractCodec, ...options })
      stores.push(store)
      return store
    },
  }
}

/** An observer, and waiting for what it is told. Events are remembered, so none is missed. */
export function createWatch(): {
  readonly observer: (event: RedisStoreEvent) => void
  readonly events: readonly RedisStoreEvent[]
  until(type: RedisStoreEvent['type'], matches?: (event: RedisStoreEvent) => boolean): Promise<void>
} {
  const events: RedisStoreEvent[] = []
  const watchers = new Set<() => void>()
  return {
    events,
    observer: (event) => {
      events.push(event)
      for (const watcher of watchers) watcher()
    },
    until: (type, matches = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!events.some((event) => event.type === type && matches(event))) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
  }
}
