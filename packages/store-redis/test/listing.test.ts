import { type EntryId, groupId } from '@postroad/envelope'
import type { ControlAction, EntryFilter, EntryView, NewEntry, Store } from '@postroad/queue'
import { describe, expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

const walk = async (store: Store<string>, filter: EntryFilter, limit: number): Promise<EntryView<string>[]> => {
  const all: EntryView<string>[] = []
  let cursor: string | undefined
  do {
    const page = await store.control.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}

const add = (store: Store<string>, entries: readonly NewEntry<string>[]): Promise<unknown> =>
  Promise.all(entries.map((entry) => store.queue.enqueue([entry])))

it('pages through 700 entries of one time', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const notBefore = Date.now() + LONG_MS
  await add(
    store,
    Array.from({ length: 700 }, (_, n) => ({ ...entryOf(`M${n}`), notBefore })),
  )
  for (const limit of [7, 333, 1_000]) {
    const ids = (await walk(store, { state: 'waiting' }, limit)).map(({ id }) => id)
    expect(ids).toHaveLength(700)
    expect(new Set(ids).size).toBe(700)
  }
})

it('goes on where it was though the entry it stood at is gone', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const notBefore = Date.now() + LONG_MS
  for (let n = 0; n < 50; n += 1) await store.queue.enqueue([{ ...entryOf(`M${n}`), notBefore }])
  const first = await store.control.list({}, { limit: 20 })
  const drop: ControlAction = { kind: 'drop' }
  await store.control.apply(drop, { ids: first.items.map(({ id }) => id) }, { limit: 100 })
  const { items } = await store.control.list({}, { limit: 100, cursor: first.cursor ?? '' })
  expect(items).toHaveLength(30)
})

it('goes on among leases of one time though the one it stood at has ended', async () => {
  let now = 1_700_000_000_000
  const store = await bench.open(redisUrl(), {
    prefix: randomPrefix(),
    now: () => now,
    queue: { groupConcurrency: 1_000 },
  })
  await add(
    store,
    Array.from({ length: 120 }, (_, n) => entryOf(`M${n}`)),
  )
  const leases = await store.queue.lease({ limit: 120, durationMs: LONG_MS, waitMs: 0 })
  const first = await store.control.list({ state: 'leased' }, { limit: 50 })
  const seen = new Set<EntryId>(first.items.map(({ id }) => id))
  const last = first.items.at(-1)?.id
  now += 1
  await store.queue.settle(leases.filter(({ id }) => id === last).map(({ token }) => ({ token, kind: 'done' })))
  const { items } = await store.control.list({ state: 'leased' }, { limit: 1_000, cursor: first.cursor ?? '' })
  expect(items).toHaveLength(70)
  expect(items.filter(({ id }) => seen.has(id))).toEqual([])
})

it('looks only at the leases of the group asked for', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), queue: { groupConcurrency: 2_000 } })
  await store.queue.enqueue([entryOf('one', undefined, 'one.example')])
  await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  await add(
    store,
    Array.from({ length: 1_200 }, (_, n) => entryOf(`M${n}`)),
  )
  for (let n = 0; n < 3; n += 1) await store.queue.lease({ limit: 400, durationMs: LONG_MS + 1_000, waitMs: 0 })
  const page = await store.control.list({ group: groupId('one.example'), state: 'leased' }, { limit: 1 })
  expect(page.items.map(({ job }) => job)).toEqual(['one'])
})

it('finds the one ready entry behind 120 groups that wait', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const notBefore = Date.now() + LONG_MS
  await add(
    store,
    Array.from({ length: 120 }, (_, n) => ({ ...entryOf(`M${n}`, undefined, `g${n}`), notBefore })),
  )
  await store.queue.enqueue([entryOf('ready', undefined, 'z')])
  const page = await store.control.list({ state: 'ready' }, { limit: 1 })
  expect(page.items.map(({ job }) => job)).toEqual(['ready'])
})

it('walks through priorities from the highest, in each by time', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const later = Date.now() + LONG_MS
  await add(
    store,
    [-9, 0, 9].flatMap((priority) =>
      [2, 1].map((n) => ({ ...entryOf(`${priority}/${n}`), priority, notBefore: later + n })),
    ),
  )
  for (const limit of [1, 2, 100]) {
    expect((await walk(store, {}, limit)).map(({ job }) => job)).toEqual(['9/1', '9/2', '0/1', '0/2', '-9/1', '-9/2'])
  }
})

it.each(['', '[]', '[0]', '{"shard":0}', '["0",0]', '[0,0,7]'])('refuses the cursor %j', async (cursor) => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await expect(store.control.list({}, { limit: 10, cursor })).rejects.toBeInstanceOf(TypeError)
})

it('ends at once at a place that the walk does not have', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await store.queue.enqueue([entryOf('a')])
  for (const cursor of ['[7,0]', '[0,9]', '[-1,0]', '[0.5,0]']) {
    expect(await store.control.list({}, { limit: 10, cursor })).toEqual({ items: [], cursor: undefined })
  }
})

describe('over three shards', () => {
  const open = async (): Promise<Store<string>> => {
    const store = await bench.open(redisUrl(), { prefix: randomPrefix(), shards: 3 })
    await add(
      store,
      Array.from({ length: 60 }, (_, n) => entryOf(`M${n}`, undefined, `g${n % 4}.example`)),
    )
    return store
  }

  it('lists every entry once, over pages of any size', async () => {
    const store = await open()
    for (const limit of [1, 13, 1_000]) {
      expect(new Set((await walk(store, {}, limit)).map(({ id }) => id)).size).toBe(60)
      expect(await walk(store, {}, limit)).toHaveLength(60)
      expect(await walk(store, { group: groupId('g1.example') }, limit)).toHaveLength(15)
      expect(await walk(store, { ids: ['M7.0', 'M8.0', 'M9.0'] as never }, limit)).toHaveLength(3)
    }
  })

  it('counts each group once, all shards together', async () => {
    const store = await open()
    await store.control.pause(groupId('g0.example'), Date.now() + LONG_MS)
    for (const limit of [1, 3, 100]) {
      const counted: [string, number][] = []
      let cursor: string | undefined
      do {
        const page = await store.control.counts({ limit, ...(cursor === undefined ? {} : { cursor }) })
        counted.push(...page.items.map(({ group, ready }): [string, number] => [group, ready]))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(counted).toEqual([0, 1, 2, 3].map((n) => [`g${n}.example`, 15]))
    }
    const [first] = (await store.control.counts({ limit: 1 })).items
    expect(first?.pausedUntil).toBeGreaterThan(Date.now())
    // Three times a third of 20, rounded up.
    expect(first?.concurrency).toBe(21)
  })

  it('holds and drops everywhere', async () => {
    const store = await open()
    const page = { limit: 1_000 }
    expect(await store.control.apply({ kind: 'hold', reason: 'r' }, {}, page)).toMatchObject({ changed: 60 })
    expect(await store.control.apply({ kind: 'drop' }, { state: 'held' }, page)).toMatchObject({ changed: 60 })
    expect((await store.control.counts(page)).items).toEqual([])
  })

  it('tells of changes in any of them, each group once, and its counts over all', async () => {
    const store = await open()
    const { cursor } = await store.control.changes({ limit: 10, waitMs: 0 })
    await add(
      store,
      Array.from({ length: 20 }, (_, n) => entryOf(`N${n}`, undefined, 'new.example')),
    )
    let at = cursor
    let ready = 0
    while (ready < 20) {
      const changes = await store.control.changes({ cursor: at, limit: 10, waitMs: LONG_MS })
      expect(changes.groups.map(({ group }) => group)).toEqual(['new.example'])
      ready = changes.groups[0]?.ready ?? 0
      at = changes.cursor
    }
    expect(ready).toBe(20)
    // With room for one group, none is left out.
    const groups = new Set<string>()
    await store.control.apply({ kind: 'hold', reason: 'r' }, {}, { limit: 1_000 })
    for (let n = 0; n < 40; n += 1) {
      const changes = await store.control.changes({ cursor: at, limit: 1, waitMs: 0 })
      for (const { group, held } of changes.groups) if (held >= 15) groups.add(group)
      at = changes.cursor
    }
    expect(groups.size).toBe(5)
  })
})

it.each<{ readonly action: ControlAction; readonly filter: EntryFilter }>([
  { action: { kind: 'hold', reason: 'r' }, filter: {} },
  { action: { kind: 'release' }, filter: {} },
  { action: { kind: 'retry' }, filter: {} },
  { action: { kind: 'reroute', group: groupId('a-first') }, filter: {} },
  { action: { kind: 'reroute', group: groupId('m-between') }, filter: {} },
  { action: { kind: 'reroute', group: groupId('z-last') }, filter: {} },
  { action: { kind: 'reroute', group: groupId('z-last') }, filter: { state: 'held' } },
  { action: { kind: 'drop' }, filter: {} },
])('meets no entry twice that $action.kind moves, whatever the page', async ({ action, filter }) => {
  for (const limit of [1, 4, 100]) {
    const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
    const later = Date.now() + LONG_MS
    const entries = ['b', 'm-between', 'x'].flatMap((group) =>
      [0, 1, 2, 3].map((n) => ({ ...entryOf(`${group}${n}`, undefined, group), notBefore: n % 2 === 0 ? 0 : later })),
    )
    await add(store, entries)
    await store.control.apply(
      { kind: 'hold', reason: 'r' },
      { ids: ['b0.0', 'x1.0', 'm-between2.0'] as never },
      { limit: 9 },
    )
    const matching = (await walk(store, filter, 100)).length
    let matched = 0
    let cursor: string | undefined
    do {
      const report = await store.control.apply(action, filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
      matched += report.matched
      cursor = report.cursor
    } while (cursor !== undefined)
    expect(matched).toBe(matching)
  }
})
