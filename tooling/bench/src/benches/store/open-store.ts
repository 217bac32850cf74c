/** Opens the store that a contestant's setup asks for. */

import { join } from 'node:path'
import type { Store } from '@postroad/queue'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import type { Work } from '../../benchmark.ts'
import { type Job, jobCodec } from './message.ts'
import { ownRedis } from './own-redis.ts'

/**
 * Loads the modules of a store, and of no other, for their memory counts; gives what opens it.
 *
 * What the setup says: `store` is `memory`, `sqlite` or `redis`; `fsync` Redis's `appendfsync` (`always`, or `everysec`,
 * which needs relaxed durability); `folder` where data lies; `url` a Redis that runs already.
 */
export async function loadStore({ store, fsync, folder, url }: Work): Promise<() => Promise<Store<Job>>> {
  switch (store) {
    case 'memory': {
      const { createMemoryStore } = await import('@postroad/queue/memory')
      return async () => createMemoryStore<Job>({ codec: jobCodec, clock: systemClock, random: systemRandom })
    }
    case 'sqlite': {
      const { openSqliteStore } = await import('@postroad/store-sqlite')
      return () => openSqliteStore<Job>({ path: join(String(folder), 'store.sqlite'), codec: jobCodec })
    }
    case 'redis': {
      const { openRedisStore } = await import('@postroad/store-redis')
      return async () =>
        openRedisStore<Job>({
          url: url === undefined ? (await ownRedis(String(folder), String(fsync))).url : String(url),
          codec: jobCodec,
          durability: fsync === 'always' ? 'strict' : 'relaxed',
          // A disk that a backlog keeps busy is no outage.
          commandTimeoutMs: 60_000,
        })
    }
    default:
      throw new Error(`There is no store "${String(store)}".`)
  }
}
