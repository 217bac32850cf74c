/** What only the memory store does: waits on a manual clock, keeps jobs as they are, forgets what no longer matters. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { expect, it } from 'vitest'
import { createMemoryStore } from '../src/memory.ts'
import { collectGarbage } from './garbage.ts'

const setUp = () => {
  const clock = createManualClock()
  return { clock, store: createMemoryStore<object>({ clock, random: createSeededRandom(7) }) }
}
const entry = (job: object, notBefore = 0) => ({
  id: createEntryId(messageId(JSON.stringify(job)), 0),
  job,
  group: groupId('example.org'),
  priority: 0,
  notBefore,
  labels: {},
})
const look = { limit: 10, durationMs: 1_000, waitMs: 0 }

it('keeps a job as it is where no codec is given', async () => {
  const { store } = setUp()
  const job = { n: 1 }
  await store.queue.enqueue([entry(job)])
  expect((await store.queue.lease(look))[0]?.job).toBe(job)
})

it('lets go a job that is kept as it is with its entry', async () => {
  const { store } = setUp()
  const put = async (n: number): Promise<WeakRef<object>> => {
    const job = { n }
    await store.queue.enqueue([entry(job)])
    return new WeakRef(job)
  }
  const settle = async (): Promise<void> => {
    const [first] = await store.queue.lease({ ...look, limit: 1 })
    await store.queue.settle([{ token: first?.token ?? expect.fail(), kind: 'done' }])
  }
  const jobs = [await put(1), await put(2), await put(3)]
  await settle()
  await store.control.apply({ kind: 'drop' }, { ids: [entry({ n: 2 }).id] }, { limit: 10 })
  // A weak reference holds until the turn ends.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(jobs.map((job) => job.deref())).toEqual([undefined, undefined, { n: 3 }])
})

it('fences off who leased what has ended, whoever has its place in memory now', async () => {
  const { clock, store } = setUp()
  const { queue, control } = store
  const lease = async () => (await queue.lease(look))[0] ?? expect.fail('nothing to lease')
  await queue.enqueue([entry({ n: 1 })])
  const settled = await lease()
  await queue.settle([{ token: settled.token, kind: 'done' }])
  await queue.enqueue([entry({ n: 2 })])
  const expired = await lease()
  clock.step(1_000)
  const taken = await lease()
  clock.step(1_000)
  await control.pause(groupId('example.org'), clock.now() + 1)
  expect(await queue.lease(look)).toEqual([])
  await control.apply({ kind: 'drop' }, {}, { limit: 10 })
  clock.step(1_000)
  await queue.enqueue([entry({ n: 3 }, clock.now())])
  const own = await lease()
  for (const { token } of [settled, expired, taken]) {
    expect(await queue.settle([{ token, kind: 'done' }])).toEqual([{ kind: 'lost' }])
    expect(await queue.settle([{ token, kind: 'hold', job: {}, reason: 'r' }])).toEqual([{ kind: 'lost' }])
    expect(await queue.renew(token, { durationMs: 60_000, job: {} })).toBe('lost')
  }
  expect((await control.list({}, { limit: 10 })).items).toMatchObject([{ job: { n: 3 }, state: 'leased' }])
  const done = { token: own.token, kind: 'done' } as const
  expect(await queue.settle([done, done])).toEqual([{ kind: 'settled', released: [] }, { kind: 'lost' }])
})

it('ends a wait when the clock has moved on by waitMs, and leaves no sleeper behind', async () => {
  const { clock, store } = setUp()
  const waiting = store.queue.lease({ ...look, waitMs: 5_000 })
  await clock.advance(4_999)
  expect(clock.sleeping).toBeGreaterThan(0)
  await clock.advance(1)
  expect(await waiting).toEqual([])
  expect(clock.sleeping).toBe(0)
})

it('wakes a waiting lease at the instant an entry is due, and a lease runs out', async () => {
  const { clock, store } = setUp()
  await store.queue.enqueue([entry({ n: 1 }, clock.now() + 3_000)])
  const first = store.queue.lease({ ...look, waitMs: 60_000 })
  await clock.advance(3_000)
  expect(await first).toHaveLength(1)
  const second = store.queue.lease({ ...look, waitMs: 60_000 })
  await clock.advance(1_000)
  expect(await second).toMatchObject([{ recovered: true, attempt: 1 }])
  expect(clock.sleeping).toBe(0)
})

it('notices within a minute that the clock was set forward while it waited', async () => {
  const { clock, store } = setUp()
  await store.queue.enqueue([entry({ n: 1 }, clock.now() + 3_600_000)])
  const waiting = store.queue.lease({ ...look, waitMs: 600_000 })
  clock.step(3_600_000)
  await clock.advance(60_000)
  expect(await waiting).toHaveLength(1)
})

it('leaves no sleeper behind when it is disposed while somebody waits', async () => {
  const { clock, store } = setUp()
  const waiting = store.queue.lease({ ...look, waitMs: 60_000 })
  await store[Symbol.asyncDispose]()
  expect(await waiting).toEqual([])
  expect(clock.sleeping).toBe(0)
})

it('forgets marks that have expired', async () => {
  const { clock, store } = setUp()
  for (let n = 0; n < 5_000; n += 1) {
    expect(await store.limits.mark(`key ${n}`, 10)).toBe('new')
    await clock.advance(1)
  }
  expect(await store.limits.mark('key 4999', 10)).toBe('seen')
})

it('gives permits that mean nothing to the store that is opened after it', async () => {
  const clock = createManualClock()
  const random = createSeededRandom(7)
  const key = { kind: 'concurrency', name: 'host', places: 1 } as const
  const [before, after] = [createMemoryStore({ clock, random }), createMemoryStore({ clock, random })]
  const stale = await before.limits.take([key], 1, 60_000)
  await after.limits.take([key], 1, 60_000)
  await after.limits.give(stale.kind === 'permit' ? stale : expect.fail('refused'))
  expect((await after.limits.take([key], 1, 60_000)).kind).toBe('refused')
})

it('settles all of a settlement or nothing, also where its record is not plain data', async () => {
  const { store } = setUp()
  await store.queue.enqueue([entry({ n: 1 })])
  const [lease] = await store.queue.lease(look)
  const token = lease?.token ?? expect.fail('nothing to lease')
  const record = { at: 1, event: 'attempt', detail: { size: 1n } }
  await expect(store.queue.settle([{ token, kind: 'done', record }])).rejects.toThrow(TypeError)
  expect(await store.queue.settle([{ token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
})
