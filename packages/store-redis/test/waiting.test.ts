import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { Waiting } from '../src/waiting.ts'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

it('wakes a worker of another process', async () => {
  const prefix = randomPrefix()
  const [producer, consumer] = [await bench.open(redisUrl(), { prefix }), await bench.open(redisUrl(), { prefix })]
  for (let n = 0; n < 20; n += 1) {
    const waiting = consumer.queue.lease({ limit: 1, durationMs: 60_000, waitMs: LONG_MS })
    await producer.queue.enqueue([entryOf(`M${n}`)])
    expect(await waiting).toMatchObject([{ job: `M${n}` }])
  }
})

it('gives each of many workers in several processes its work, with none left waiting', async () => {
  const prefix = randomPrefix()
  const stores = await Promise.all(
    [1, 2, 3].map(() => bench.open(redisUrl(), { prefix, queue: { groupConcurrency: 1_000 } })),
  )
  const waiting = stores.flatMap(({ queue }) =>
    Array.from({ length: 10 }, () => queue.lease({ limit: 1, durationMs: 60_000, waitMs: LONG_MS })),
  )
  const [first] = stores
  await Promise.all(Array.from({ length: 30 }, (_, n) => first!.queue.enqueue([entryOf(`M${n}`)])))
  const jobs = (await Promise.all(waiting)).flat().map(({ job }) => job)
  expect(new Set(jobs).size).toBe(30)
})

it('wakes who waits when work will be due before they look again', async () => {
  const prefix = randomPrefix()
  const [producer, consumer] = [await bench.open(redisUrl(), { prefix }), await bench.open(redisUrl(), { prefix })]
  await producer.queue.enqueue([entryOf('M')])
  const [lease] = await producer.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
  // Shorter than the time between two looks: only a word can wake it.
  const waiting = consumer.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 3_000 })
  const admin = new Redis(redisUrl())
  await expect.poll(() => admin.exists(`{${prefix}:0}:waiting`), { timeout: 3_000 }).toBe(1)
  admin.disconnect()
  await producer.queue.settle([{ kind: 'retry', token: lease!.token, job: 'again', notBefore: Date.now() + 200 }])
  expect(await waiting).toMatchObject([{ job: 'again' }])
})

it('looks seldom while there is nothing', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url)
  const admin = new Redis(server.url)
  // Not due while this test runs, and a lease that does not run out: two reasons to look again, neither soon.
  await store.queue.enqueue([{ ...entryOf('later'), notBefore: Date.now() + LONG_MS }])
  await store.queue.enqueue([entryOf('leased')])
  await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  await admin.config('RESETSTAT')
  await Promise.all(Array.from({ length: 5 }, () => store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 300 })))
  const [, looks] = /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats')) ?? []
  admin.disconnect()
  // Five workers: once at the beginning (those of one turn share a script), once at the end; and once more where the word
  // that the connection stands comes while they look. Who polled would look some hundred times.
  expect(Number(looks)).toBeGreaterThanOrEqual(2)
  expect(Number(looks)).toBeLessThanOrEqual(15)
})

it('has who looked in vain look again where work came to be due meanwhile, as told in advance', async () => {
  const waiting = new Waiting()
  const before = waiting.wordsOf(0)
  // The word comes while a look is under way, whose answer is older than the word and says nothing of it.
  waiting.word(0, 20)
  await sleep(60)
  expect(waiting.wordsOf(0)).toBeGreaterThan(before)
  waiting.close()
})

it('costs Redis no write to look in vain a second time', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url)
  const admin = new Redis(server.url)
  await store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 1 })
  await admin.config('RESETSTAT')
  await Promise.all(Array.from({ length: 5 }, () => store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 1 })))
  const stats = await admin.info('commandstats')
  admin.disconnect()
  expect(stats).toContain('cmdstat_evalsha')
  expect(stats).not.toMatch(/cmdstat_(set|pexpire):/)
})
