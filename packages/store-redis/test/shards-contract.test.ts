import type { Lease, LeaseRequest, Store } from '@postroad/queue'
import {
  contractCodec,
  describeControlContract,
  describeJournalContract,
  type OpenOptions,
} from '@postroad/queue/testing'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { afterAll } from 'vitest'
import { openRedisStore } from '../src/index.ts'
import { randomPrefix } from './redis.ts'

let prefix = ''
const opened: Store<string>[] = []

/** A lease of a store in shards gives what one shard has; these tests want what all of them have. */
const leaseOfAll = async ({ queue }: Store<string>, request: LeaseRequest): Promise<readonly Lease<string>[]> => {
  const all: Lease<string>[] = []
  while (all.length < request.limit) {
    const some = await queue.lease({ ...request, limit: request.limit - all.length })
    if (some.length === 0) break
    all.push(...some)
  }
  return all
}

const open = async (options: OpenOptions): Promise<Store<string>> => {
  const store = await openRedisStore({ url: redisUrl(), prefix, shards: 3, codec: contractCodec, ...options })
  opened.push(store)
  const { queue, control, spool, limits, journal } = store
  return {
    queue: {
      enqueue: (entries) => queue.enqueue(entries),
      lease: (request) => leaseOfAll(store, request),
      renew: (token, request) => queue.renew(token, request),
      settle: (batch) => queue.settle(batch),
    },
    control,
    spool,
    limits,
    journal,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

// What a crash abandons is closed at the end; closing again does nothing.
afterAll(() => Promise.all(opened.map((store) => store[Symbol.asyncDispose]())))

const ROUNDED = 'a limit is held as its part of each shard, rounded up; shards-control.test.ts has these counts'
const gaps = [
  { test: 'tells a group whose entry was added, leased, retried, held, released or dropped', reason: ROUNDED },
  { test: 'counts entries by group and state', reason: ROUNDED },
  { test: 'shows pauses and limits', reason: ROUNDED },
  { test: 'follows leases, settlements, drops and moves', reason: 'which entry is leased first depends on its shard' },
  {
    test: 'gives more groups than the limit in pages, each once',
    reason:
      'a page holds fewer where the next shard has more than it has room for; shards-control.test.ts has its like',
  },
]
const harness = {
  gaps,
  open: (options: OpenOptions) => {
    prefix = randomPrefix()
    return open(options)
  },
  reopen: open,
}
describeControlContract('store-redis in 3 shards', harness)
describeJournalContract('store-redis in 3 shards', harness)
