import { describeStoreContract } from '@postroad/queue/testing'
import { afterAll } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import type { Store } from '@postroad/queue'
import { contractCodec, type OpenOptions } from '@postroad/queue/testing'
import { openRedisStore } from '../src/index.ts'
import { randomPrefix } from './redis.ts'

let prefix = ''
const opened: Store<string>[] = []

const open = async (options: OpenOptions): Promise<Store<string>> => {
  const store = await openRedisStore({ url: redisUrl(), prefix, codec: contractCodec, ...options })
  opened.push(store)
  return store
}

// What a crash abandons is closed at the end; closing again does nothing.
afterAll(() => Promise.all(opened.map((store) => store[Symbol.asyncDispose]())))

describeStoreContract('store-redis', {
  open: (options) => {
    prefix = randomPrefix()
    return open(options)
  },
  reopen: open,
})
