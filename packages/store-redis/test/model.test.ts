/** The Redis store behaves as the model, on a real server. `POSTROAD_MODEL_SEEDS=n` runs more. */

import type { Store } from '@postroad/queue'
import { contractCodec, describeStoreModel, type OpenOptions } from '@postroad/queue/testing'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import { openRedisStore } from '../src/index.ts'
import { randomPrefix } from './redis.ts'

const runs = Number(process.env['POSTROAD_MODEL_SEEDS'] ?? 150)
const stores: Store<string>[] = []
let prefix = ''
let looking: Redis | undefined

const open = async (options: OpenOptions): Promise<Store<string>> => {
  const store = await openRedisStore({ url: redisUrl(), prefix, codec: contractCodec, ...options })
  stores.push(store)
  return store
}

/** Keys of content and of the sets that name entries, where every entry was worked off and swept. */
const leftovers = async (): Promise<readonly string[]> => {
  looking ??= new Redis(redisUrl())
  const left: string[] = []
  const names = /\}:(?:of:|lane:|job:|content:|ids$|held$|leases$|staged$)/
  let cursor = '0'
  do {
    const [next, keys] = await looking.scan(cursor, 'MATCH', `{${prefix}:*`, 'COUNT', 1_000)
    left.push(...keys.filter((key) => names.test(key)))
    cursor = next
  } while (cursor !== '0')
  return left
}

describeStoreModel(
  'The Redis store',
  {
    open: (options) => {
      prefix = randomPrefix()
      return open(options)
    },
    async reopen(options) {
      const abandoned = stores.splice(0)
      const store = await open(options)
      // It is closed only now, that many runs do not leave as many connections.
      await Promise.all(abandoned.map((one) => one[Symbol.asyncDispose]()))
      return store
    },
  },
  { runs, shared: true, leftovers, timeoutMs: Math.max(120_000, runs * 1_000) },
)

afterAll(async () => {
  await looking?.quit()
  await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
})
