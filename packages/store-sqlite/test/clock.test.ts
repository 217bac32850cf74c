/**
 * A wall clock that is set back, or that of a producer which runs ahead: what was never given a later time than its
 * enqueueing is due whatever the clock says, and what was waits for its time.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import type { Lease, NewEntry, Store } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { expect, it, onTestFinished } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const HOUR_MS = 3_600_000
const LEASE_MS = 60_000
const START = 1_700_000_000_000

const setUp = async () => {
  const time = { now: START }
  const path = await createFolder()
  const clock = { ...systemClock, now: () => time.now }
  const open = async (ahead = 0): Promise<Store<string>> => {
    const store = await openSqliteStore({
      path,
      codec: textCodec,
      clock: { ...clock, now: () => time.now + ahead },
      queue: { groupConcurrency: 1_000 },
    })
    onTestFinished(() => store[Symbol.asyncDispose]())
    return store
  }
  return { time, open, store: await open(), check: () => checkSqliteStore({ path, clock }) }
}

const entry = (name: string, more: Partial<NewEntry<string>> = {}): NewEntry<string> => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId('example.org'),
  priority: 0,
  notBefore: 0,
  labels: {},
  ...more,
})
const lease = ({ queue }: Store<string>, limit = 10): Promise<readonly Lease<string>[]> =>
  queue.lease({ limit, durationMs: LEASE_MS, waitMs: 0 })
const jobs = async (store: Store<string>): Promise<readonly string[]> => (await lease(store)).map(({ job }) => job)
const countsOf = async ({ control }: Store<string>) => (await control.counts({ limit: 10 })).items[0]

it('leases what was due when it was enqueued, in its order, after the clock was set back by an hour', async () => {
  const { time, store } = await setUp()
  for (const name of ['a', 'b']) await store.queue.enqueue([entry(name)])
  await store.queue.enqueue([entry('later', { notBefore: START + 1 })])
  time.now -= HOUR_MS
  expect(await countsOf(store)).toMatchObject({ ready: 2, waiting: 1 })
  const list = async (state: 'ready' | 'waiting') =>
    (await store.control.list({ state }, { limit: 10 })).items.map(({ job }) => job)
  expect(await list('ready')).toEqual(['a', 'b'])
  expect(await list('waiting')).toEqual(['later'])
  const leases = await lease(store)
  expect(leases.map(({ job }) => job)).toEqual(['a', 'b'])
  await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
  expect(await jobs(store)).toEqual([])
  time.now += HOUR_MS + 1
  expect(await jobs(store)).toEqual(['later'])
})

it('leases what a producer enqueued whose clock is ahead, also behind what waits in the same lane', async () => {
  const { store, open, check } = await setUp()
  await store.queue.enqueue([entry('waits', { notBefore: START + 1_000 })])
  const ahead = await open(HOUR_MS)
  await ahead.queue.enqueue([entry('a')])
  await ahead.queue.enqueue([entry('later', { notBefore: START + HOUR_MS + 1 })])
  await store.queue.enqueue([entry('b')])
  expect(await jobs(store)).toEqual(['b', 'a'])
  expect((await check()).findings).toEqual([])
})

it('wakes who waits for what a producer enqueued whose clock is ahead', async () => {
  const { store, open } = await setUp()
  const ahead = await open(HOUR_MS)
  const waiting = store.queue.lease({ limit: 1, durationMs: LEASE_MS, waitMs: 20_000 })
  await ahead.queue.enqueue([entry('a')])
  expect((await waiting).map(({ job }) => job)).toEqual(['a'])
})

it('gives an entry again whose lease ran out while the clock is back', async () => {
  const { time, store } = await setUp()
  for (const name of ['a', 'b']) await store.queue.enqueue([entry(name)])
  const [a, b] = await lease(store)
  time.now -= HOUR_MS
  expect(await store.queue.renew(a?.token ?? expect.fail(), { durationMs: LEASE_MS })).toBe('renewed')
  expect(await store.queue.settle([{ token: b?.token ?? expect.fail(), kind: 'done' }])).toMatchObject([
    { kind: 'settled' },
  ])
  expect(await jobs(store)).toEqual([])
  time.now += LEASE_MS + 1
  expect(await lease(store)).toMatchObject([{ job: 'a', recovered: true }])
})

it('still waits with a retry until its time, though that is before the entry was enqueued', async () => {
  const { time, store } = await setUp()
  await store.queue.enqueue([entry('a')])
  time.now -= HOUR_MS
  const [a] = await lease(store)
  const token = a?.token ?? expect.fail()
  await store.queue.settle([{ token, kind: 'retry', job: 'again', notBefore: time.now + 1_000 }])
  expect(await countsOf(store)).toMatchObject({ ready: 0, waiting: 1 })
  expect(await jobs(store)).toEqual([])
  time.now += 1_000
  expect(await jobs(store)).toEqual(['again'])
})

it('has due what was released or retried by hand, whatever the clock says', async () => {
  const { time, store, check } = await setUp()
  const { control, queue } = store
  await queue.enqueue([entry('held')])
  await queue.enqueue([entry('later', { notBefore: START + HOUR_MS })])
  await control.apply({ kind: 'hold', reason: 'wait' }, { state: 'ready' }, { limit: 10 })
  expect(await control.apply({ kind: 'retry' }, { state: 'waiting' }, { limit: 10 })).toMatchObject({ changed: 1 })
  expect(await control.apply({ kind: 'release' }, { state: 'held' }, { limit: 10 })).toMatchObject({ changed: 1 })
  time.now -= HOUR_MS
  expect(await countsOf(store)).toMatchObject({ ready: 2, waiting: 0, held: 0 })
  expect((await jobs(store)).toSorted()).toEqual(['held', 'later'])
  expect((await check()).findings).toEqual([])
})

it('gives what waited and what did not in the order of their times, then of arrival', async () => {
  const { time, store } = await setUp()
  await store.queue.enqueue([entry('second', { notBefore: START + 10 })])
  await store.queue.enqueue([entry('first')])
  time.now += 10
  await store.queue.enqueue([entry('third')])
  await store.queue.enqueue([entry('fifth', { notBefore: START + 20 })])
  time.now += 5
  await store.queue.enqueue([entry('fourth')])
  time.now += 5
  expect(await jobs(store)).toEqual(['first', 'second', 'third', 'fourth', 'fifth'])
})
