import { QueueUnavailableError } from '@postroad/queue'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

it('refuses what is new while the memory of Redis is full, and works off what is there', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url)
  const admin = new Redis(server.url)
  try {
    for (const name of ['a', 'b', 'c', 'd']) {
      await store.queue.enqueue([entryOf(name, await sealedContent(store, new Uint8Array(1_000)))])
    }
    const [first] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
    await admin.config('SET', 'maxmemory', '1')

    await expect(store.queue.enqueue([entryOf('e')])).rejects.toThrow(QueueUnavailableError)
    expect(await store.queue.renew(first!.token, { durationMs: LONG_MS, job: 'a, so far' })).toBe('renewed')
    const rest = await store.queue.lease({ limit: 5, durationMs: LONG_MS, waitMs: 0 })
    expect(rest.map(({ job }) => job)).toEqual(['b', 'c', 'd'])
    expect((await contentOf(store, rest[0]!)).length).toBe(1_000)
    const [b, c, d] = rest.map(({ token }) => token)
    const results = await store.queue.settle([
      { token: first!.token, kind: 'done', feedback: 'slow', spawn: [entryOf('report')] },
      { token: b!, kind: 'retry', job: 'b again', notBefore: Date.now() + LONG_MS, feedback: 'down' },
      { token: c!, kind: 'hold', job: 'c', reason: 'asked' },
      { token: d!, kind: 'done', record: { at: 1, event: 'attempt.delivered', detail: {} } },
    ])
    expect(results.map(({ kind }) => kind)).toEqual(['settled', 'settled', 'settled', 'settled'])
    const [report] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
    await store.queue.settle([{ token: report!.token, kind: 'done' }])
    // A worker that waits hears of nothing to do, not of an outage.
    expect(await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 1_500 })).toEqual([])
    expect((await store.control.apply({ kind: 'drop' }, {}, { limit: 10 })).changed).toBe(2)
  } finally {
    admin.disconnect()
  }
})
