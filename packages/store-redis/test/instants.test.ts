import { groupId, messageId } from '@postroad/envelope'
import { InvalidEntryError } from '@postroad/queue'
import { expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { openRedisStore } from '../src/index.ts'
import { contractCodec } from '@postroad/queue/testing'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()

it('refuses a retry at no instant before anything is done', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await store.queue.enqueue([entryOf('a')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
  const { token } = lease!
  await expect(store.queue.settle([{ token, kind: 'retry', job: 'a', notBefore: Number.NaN }])).rejects.toBeInstanceOf(
    InvalidEntryError,
  )
  expect(await store.queue.settle([{ token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
})

it.each([Number.NaN, Infinity, -Infinity, 1e300])('loses no entry to a lease of %s ms', async (durationMs) => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await store.queue.enqueue([entryOf('a')])
  const leases = await store.queue.lease({ limit: 1, durationMs, waitMs: 0 }).catch(() => [])
  const held = leases[0] ?? (await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 }))[0]
  await store.queue.renew(held!.token, { durationMs }).catch(() => 'refused')
  expect(await store.queue.settle([{ token: held!.token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
})

it.each([1_000.5, Infinity, 1e300])('stages content and takes limits for %s ms', async (ttlMs) => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const writer = await store.spool.stage({ message: messageId('M'), ttlMs })
  await writer.write(new Uint8Array(300_000))
  await store.queue.enqueue([entryOf('a', await writer.seal({ prefix: new Uint8Array() }))])
  const permit = await store.limits.take([{ kind: 'concurrency', name: 'x', places: 1 }], 1, ttlMs)
  expect(permit.kind).toBe('permit')
  expect(await store.limits.mark('key', ttlMs)).toBe('new')
  expect(await store.limits.mark('key', ttlMs)).toBe('seen')
})

it('pauses and limits a group without end', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await store.queue.enqueue([entryOf('a')])
  await store.control.pause(groupId('example.org'), Infinity)
  await store.control.limit(groupId('example.org'), Infinity)
  const { items } = await store.control.counts({ limit: 1 })
  expect(items[0]?.pausedUntil).toBeGreaterThan(Date.now())
  expect(items[0]?.concurrency).toBeGreaterThan(1_000)
  expect(await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })).toEqual([])
})

it.each(['groupConcurrency', 'poisonDeaths', 'settledMemoryMs', 'journalRecords'] as const)(
  'is not opened where %s is no number',
  async (name) => {
    const opening = openRedisStore({ url: redisUrl(), codec: contractCodec, queue: { [name]: Number.NaN } })
    await expect(opening).rejects.toBeInstanceOf(TypeError)
  },
)
