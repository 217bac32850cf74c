/** Control over a store of three shards. */

import { groupId, messageId } from '@postroad/envelope'
import type { ControlAction, EntryFilter, GroupCounts, Store } from '@postroad/queue'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { expect, it } from 'vitest'
import { shardOfMessage } from '../src/placement.ts'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000
const SHARDS = 3

const open = (groupConcurrency = 20): Promise<Store<string>> =>
  bench.open(redisUrl(), { prefix: randomPrefix(), shards: SHARDS, queue: { groupConcurrency } })

const nameIn = (shard: number, n = 0): string => {
  for (let at = 0; ; at += 1) {
    const name = `M${n}x${at}`
    if (shardOfMessage(messageId(name), SHARDS) === shard) return name
  }
}

/** One entry in each shard, `rounds` times. */
const fill = async (store: Store<string>, rounds: number, groupOf = (n: number) => `g${n}.example`): Promise<void> => {
  for (let n = 0; n < rounds * SHARDS; n += 1) {
    await store.queue.enqueue([entryOf(nameIn(n % SHARDS, n), undefined, groupOf(n))])
  }
}

const jobsOf = async (store: Store<string>, filter: EntryFilter, limit: number): Promise<string[]> => {
  const jobs: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.control.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    jobs.push(...page.items.map(({ job }) => String(job)))
    cursor = page.cursor
  } while (cursor !== undefined)
  return jobs
}

const countsOf = async (store: Store<string>, limit: number): Promise<GroupCounts[]> => {
  const all: GroupCounts[] = []
  let cursor: string | undefined
  do {
    const page = await store.control.counts({ limit, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}

const applyAll = async (store: Store<string>, action: ControlAction, filter: EntryFilter, limit: number) => {
  const sum = { matched: 0, changed: 0, leased: 0 }
  let cursor: string | undefined
  do {
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
    const report = await store.control.apply(action, filter, page)
    sum.matched += report.matched
    sum.changed += report.changed
    sum.leased += report.leased
    cursor = report.cursor
  } while (cursor !== undefined)
  return sum
}

it.each([1, 4, 7, 1_000])('lists each entry of every shard once over pages of %d', async (limit) => {
  const store = await open()
  await fill(store, 9)
  const jobs = await jobsOf(store, {}, limit)
  expect(jobs).toHaveLength(27)
  expect(new Set(jobs).size).toBe(27)
  const ids = [0, 1, 2].map((shard) => entryOf(nameIn(shard, shard)).id)
  expect((await jobsOf(store, { ids }, limit)).toSorted()).toEqual([0, 1, 2].map((n) => nameIn(n, n)).toSorted())
})

it.each([1, 2, 5, 1_000])('counts a group once over pages of %d, as the sum of what the shards have', async (limit) => {
  const store = await open()
  // Each group lies in all three shards, but for one.
  await fill(store, 6, (n) => `g${Math.floor(n / SHARDS)}.example`)
  await store.queue.enqueue([entryOf(nameIn(1, 99), undefined, 'only.example')])
  const counts = await countsOf(store, limit)
  expect(counts.map(({ group, ready }) => [group, ready])).toEqual([
    ...[0, 1, 2, 3, 4, 5].map((n) => [`g${n}.example`, 3]),
    ['only.example', 1],
  ])
})

it('counts the places of a group in all shards, each with its part of the limit rounded up', async () => {
  const store = await open()
  const group = groupId('example.org')
  await fill(store, 4, () => group)
  const [before] = await countsOf(store, 10)
  expect(before).toMatchObject({ ready: 12, concurrency: 21 })
  await store.control.limit(group, 3)
  expect(await countsOf(store, 10)).toMatchObject([{ concurrency: 3 }])
  const until = Date.now() + LONG_MS
  await store.control.pause(group, until)
  expect(await countsOf(store, 10)).toMatchObject([{ pausedUntil: until }])
  expect(await store.queue.lease({ limit: 10, durationMs: LONG_MS, waitMs: 0 })).toEqual([])
  await store.control.resume(group)
  let leased = 0
  for (let n = 0; n < 2 * SHARDS; n += 1) {
    leased += (await store.queue.lease({ limit: 10, durationMs: LONG_MS, waitMs: 0 })).length
  }
  expect(leased).toBe(3)
  expect(await countsOf(store, 10)).toMatchObject([{ leased: 3, ready: 9, pausedUntil: undefined }])
})

it.each([1, 4, 1_000])('does the same to every entry of every shard over pages of %d', async (limit) => {
  const store = await open()
  await fill(store, 4, () => 'one.example')
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  const group = groupId('one.example')
  const other = groupId('two.example')
  const twelve = { matched: 12, changed: 11, leased: 1 }
  expect(await applyAll(store, { kind: 'hold', reason: 'asked' }, { group }, limit)).toEqual(twelve)
  expect(await jobsOf(store, { state: 'held' }, limit)).toHaveLength(11)
  expect(await applyAll(store, { kind: 'release' }, { group, state: 'held' }, limit)).toMatchObject({ changed: 11 })
  expect(await applyAll(store, { kind: 'reroute', group: other }, {}, limit)).toEqual(twelve)
  expect(await store.queue.settle([{ token: lease!.token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
  expect(await applyAll(store, { kind: 'drop' }, { group: other }, limit)).toEqual({
    ...twelve,
    matched: 11,
    leased: 0,
  })
  expect(await jobsOf(store, {}, limit)).toEqual([])
})

it.each([0, 1, 2])(
  'tells of changes in every shard while much happens in shard %d, however small the page',
  async (busy) => {
    const store = await open()
    let { cursor } = await store.control.changes({ limit: 1, waitMs: 0 })
    const quiet = [0, 1, 2].filter((shard) => shard !== busy)
    for (const shard of quiet) await store.queue.enqueue([entryOf(nameIn(shard), undefined, `quiet${shard}.example`)])
    const told = new Set<string>()
    for (let n = 0; n < 4 * SHARDS; n += 1) {
      await store.queue.enqueue([entryOf(nameIn(busy, n), undefined, 'busy.example')])
      const changes = await store.control.changes({ cursor, limit: 1, waitMs: LONG_MS })
      expect(changes.restarted).toBe(false)
      expect(changes.groups.length).toBe(1)
      for (const { group } of changes.groups) told.add(group)
      cursor = changes.cursor
    }
    expect([...told].toSorted()).toEqual(['busy.example', ...quiet.map((shard) => `quiet${shard}.example`)])
  },
)

it.each(['0.1-1', '1-1.1-1', '3.1-1.1-1.1-1', '0.1-1.1-1.1-1.1-1'])(
  'begins anew with the cursor %j',
  async (cursor) => {
    const store = await open()
    await store.control.changes({ limit: 1, waitMs: 0 })
    const changes = await store.control.changes({ cursor, limit: 1, waitMs: LONG_MS })
    expect(changes).toMatchObject({ groups: [], restarted: true })
    await fill(store, 1)
    const next = await store.control.changes({ cursor: changes.cursor, limit: 10, waitMs: LONG_MS })
    expect(next).toMatchObject({ restarted: false })
    expect(next.groups).toHaveLength(SHARDS)
  },
)
